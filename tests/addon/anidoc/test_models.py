"""The models' buttons: the real ``anidoc models`` process against a hub on the loopback."""

import os
import shutil
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, messages, task
from bl_ext.user_default.anidoc.anidoc_blender.models import state, work

from tests.addon.anidoc.test_engine import MAIN, anidoc_shot, drawn
from tests.support.hub import Hub, serving, tensors
from tests.support.shots import pump, wait_until

TOKEN = "hf_" + "s3cret" * 5
MODELS = {row.model.name: row.model for row in state.look().rows}


def a_hub(name: str, **options) -> Hub:
    files = {}
    for file in MODELS[name].files:
        files[file.path] = b"{}" if file.path.endswith(".json") else tensors(dict.fromkeys(file.marks, 5))
    return Hub(files, licence=MODELS[name].licence.tag, **options)


def row(name: str):
    return next(row for row in state.look().rows if row.model.name == name)


def everything_below(*places: Path) -> bytes:
    return b"".join(p.read_bytes() for place in places for p in place.rglob("*") if p.is_file())


def test_offline_is_respected_and_names_the_other_way():
    with pytest.raises(RuntimeError, match=r"stay offline.*press Use Folder"):
        bpy.ops.anidoc.get_model(name="anidoc", accept_licence=True)
    assert messages.board[0].button == "anidoc.allow_online"


def test_a_script_that_has_not_accepted_learns_size_and_licence_and_nothing_is_fetched(online, monkeypatch):
    with serving(a_hub("anidoc")) as hub:
        monkeypatch.setenv("ANIDOC_HUB", hub.base)
        with pytest.raises(RuntimeError, match=r"KB and is under this licence: not stated.*accept_licence=True"):
            bpy.ops.anidoc.get_model(name="anidoc")
        assert not [path for path, _ in hub.asked if "/resolve/" in path]
    assert row("anidoc").state == "absent"


def test_in_a_window_the_licence_is_shown_and_one_press_fetches(online, monkeypatch):
    """Get, look at the offer, accept; then verify, damage, verify again, remove."""
    anidoc_shot()
    with serving(a_hub("anidoc")) as hub:
        monkeypatch.setenv("ANIDOC_HUB", hub.base)
        assert not bpy.ops.anidoc.answer_licence.poll()
        task.start("Get Model", work.get("anidoc"))
        assert wait_until(lambda: bool(task._tick()) and work.asking is not None, 60)
        said = drawn(MAIN)
        assert f"from{hub.base}/Yhmeng1106/anidoc" in "".join(said.split())  # in lines as short as the sidebar's
        assert "its licence binds" in said
        assert "Accept and Get" in said and "Cancel" in said
        assert not [path for path, _ in hub.asked if "/resolve/" in path]
        assert bpy.ops.anidoc.answer_licence() == {"FINISHED"}
        assert pump(60)[0].sentence == "AniDoc's network is here and checked."
    assert row("anidoc").state == "ready" and work.asking is None
    assert bpy.ops.anidoc.verify_model(name="anidoc") == {"FINISHED"}
    (row("anidoc").folder / "unet" / "config.json").write_text("[]")  # of the same length
    with pytest.raises(RuntimeError, match=r"its checksum is another\. Get it again: press Get Model"):
        bpy.ops.anidoc.verify_model(name="anidoc")
    assert bpy.ops.anidoc.remove_model(name="anidoc") == {"FINISHED"}
    assert row("anidoc").state == "absent"


def test_cancel_at_the_licence_fetches_nothing(online, monkeypatch):
    with serving(a_hub("anidoc")) as hub:
        monkeypatch.setenv("ANIDOC_HUB", hub.base)
        task.start("Get Model", work.get("anidoc"))
        assert wait_until(lambda: bool(task._tick()) and work.asking is not None, 60)
        task.cancel()
        assert pump()[0].sentence == "AniDoc's network was not fetched."
        assert not [path for path, _ in hub.asked if "/resolve/" in path]
    assert row("anidoc").state == "absent" and work.asking is None


def test_a_gated_model_needs_the_token_which_is_kept_nowhere(online, monkeypatch, tmp_path):
    anidoc_shot()
    with serving(a_hub("svd", token=TOKEN)) as hub:
        monkeypatch.setenv("ANIDOC_HUB", hub.base)
        with pytest.raises(RuntimeError, match=r"licence must be accepted.*press Get Model and enter it"):
            bpy.ops.anidoc.get_model(name="svd", accept_licence=True)
        assert messages.board[0].button == "anidoc.open_model_page"
        assert bpy.ops.anidoc.get_model(name="svd", accept_licence=True, token=TOKEN) == {"FINISHED"}
        assert all(headers["Authorization"] == f"Bearer {TOKEN}" for _, headers in hub.asked[1:])
    assert row("svd").state == "ready"
    last = bpy.context.window_manager.operator_properties_last("anidoc.get_model")
    assert last is None or not last.token
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"), compress=False)
    bpy.ops.wm.save_userpref()
    assert TOKEN.encode() not in everything_below(tmp_path, Path(bpy.utils.resource_path("USER")) / "config")
    assert TOKEN.encode() not in everything_below(folders.user_folder("logs"))
    assert TOKEN not in os.environ.values()


def test_a_folder_that_is_there_already_is_used_and_never_deleted(tmp_path):
    mine = tmp_path / "mine"
    for name, data in a_hub("svd").files.items():
        path = name.replace("vae/diffusion_pytorch_model.fp16.", "vae/diffusion_pytorch_model.")  # at full precision
        (mine / path).parent.mkdir(parents=True, exist_ok=True)
        (mine / path).write_bytes(data)
    assert bpy.ops.anidoc.use_model_folder(name="svd", directory=str(mine)) == {"FINISHED"}
    assert row("svd").state == "own" and row("svd").folder == mine.resolve()
    assert bpy.ops.anidoc.verify_model(name="svd") == {"FINISHED"}
    assert bpy.ops.anidoc.remove_model(name="svd") == {"FINISHED"}
    assert row("svd").state == "absent" and (mine / "vae" / "config.json").is_file()
    shutil.rmtree(mine / "vae")
    with pytest.raises(RuntimeError, match="does not hold Stable Video Diffusion"):
        bpy.ops.anidoc.use_model_folder(directory=str(mine))  # without a name: the first that the engine lacks


def test_a_name_that_is_none_is_a_sentence(online):
    with pytest.raises(RuntimeError, match=r"There is no model called svdd\. There are: svd, anidoc"):
        bpy.ops.anidoc.verify_model(name="svdd")
