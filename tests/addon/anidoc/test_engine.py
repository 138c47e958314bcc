"""The AniDoc engine chosen in the panel: settings saved and written into the job, the reason where it cannot run, and a shot
that it colours with a real backend process and small random weights."""

import json
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import messages
from bl_ext.user_default.anidoc.anidoc_blender.diffusion import USUAL
from bl_ext.user_default.anidoc.anidoc_blender.models import state
from bl_ext.user_default.anidoc.anidoc_blender.panels import anidoc as panel
from bl_ext.user_default.anidoc.anidoc_blender.panels import shot
from bl_ext.user_default.anidoc.anidoc_blender.request import request_of
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment

from tests.addon.panels.test_draw import Layout
from tests.support.shots import make_shot, picture

MAIN = shot.CLASSES[0]


def drawn(part: type) -> str:
    layout = Layout()
    part.draw(SimpleNamespace(layout=layout), bpy.context)
    return " ".join(layout.said)


def anidoc_shot(**choices):
    """A small shot with AniDoc chosen."""
    scene = make_shot((1, 3), end=4)
    scene.anidoc.engine = "anidoc"
    for name, value in choices.items():
        setattr(scene.anidoc.diffusion, name, value)
    return scene


def test_cel_is_the_engine_until_another_is_chosen():
    scene = make_shot()
    assert scene.anidoc.engine == "cel" and request_of(scene).options.anidoc is None
    assert not panel.CLASSES[0].poll(bpy.context)


def test_untouched_settings_are_the_contracts_own():
    assert request_of(anidoc_shot()).options.anidoc == USUAL


def test_settings_are_saved_with_the_scene_and_reach_the_request(tmp_path):
    anidoc_shot(
        seed=7,
        steps=12,
        guidance=3.2,
        length=10,
        size="768x448",
        reference="cut",
        sparse=True,
        finish=True,
        background="cut",
    )
    file = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(file))
    request = request_of(bpy.context.scene)
    assert request.engine == "anidoc"
    asked = request.options.anidoc
    assert (asked.seed, asked.steps, asked.guidance, asked.length) == (7, 12, 3.2, 10)
    assert (asked.width, asked.height, asked.finish, asked.background) == (768, 448, True, "cut")
    assert (asked.reference_background, asked.drawn) == ("cut", "ends")


def test_without_an_environment_it_says_so_and_offers_to_make_one():
    anidoc_shot()
    said = drawn(MAIN)
    assert "AniDoc is not set up here yet." in said and "Set up AniDoc" in said
    assert "GB on disk" in said and "are free" in said and "stay offline" in said
    with pytest.raises(RuntimeError, match=r"AniDoc is not set up here yet.*Needs Stable Video Diffusion"):
        bpy.ops.anidoc.colorize_shot()
    assert [n.button for n in messages.board] == ["anidoc.set_up_anidoc", "anidoc.get_model", "anidoc.get_model"]


def test_without_models_it_says_which_with_size_and_licence(monkeypatch):
    monkeypatch.setenv("ANIDOC_TORCH_PYTHON", str(Path(environment.blender_python())))
    anidoc_shot()
    said = drawn(MAIN)
    assert "Needs Stable Video Diffusion." in said and "An account at the hub" in said
    assert "1.5 GB to fetch" in said and "Stability AI Community License" in said
    assert "Get Model" in said and "Use Folder" in said


def test_the_settings_can_be_drawn_and_say_that_a_processor_is_slow(monkeypatch):
    anidoc_shot()
    said = drawn(panel.CLASSES[0])
    for words in ("Quality", "Seed", "Guidance", "Frames per Pass", "Cel Finish", "Background"):
        assert words in said
    assert ("hours for a shot" in said) != environment.has_card()


def test_the_list_of_models_says_state_size_and_licence():
    anidoc_shot()
    said = drawn(panel.CLASSES[4])
    assert "Stable Video Diffusion not here 1.5 GB, account needed Stability AI Community License" in said
    assert "AniDoc's network not here size told by the hub not stated for the weights" in said


def test_drawing_looks_at_no_disk(monkeypatch):
    anidoc_shot()
    monkeypatch.setattr(environment, "look", lambda *_: pytest.fail("a draw function looked at the disk"))
    monkeypatch.setattr(state, "look", lambda: pytest.fail("a draw function looked at the disk"))
    for part in (MAIN, *panel.CLASSES[::2]):
        assert drawn(part)


def test_a_cel_shot_does_not_ask_for_what_anidoc_needs(monkeypatch, backend_python, tmp_path):
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    make_shot()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}


def test_a_shot_and_a_batch_are_coloured_with_anidoc(monkeypatch, torch_python, tiny_weights, tmp_path):
    """A real backend in the environment with torch; the second scene of the batch stays with Cel."""
    monkeypatch.setenv("ANIDOC_TORCH_PYTHON", torch_python)
    monkeypatch.setenv("ANIDOC_PYTHON", torch_python)
    monkeypatch.setenv("ANIDOC_WEIGHTS", str(tiny_weights))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # tiny networks are no quicker with more
    scene = anidoc_shot(steps=1, seed=5)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert bpy.ops.anidoc.colorize_shot() == {"FINISHED"}
    folder = tmp_path / "anidoc" / "shot" / scene.name
    job = json.loads((folder / "job.json").read_text())
    assert job["engine"] == "anidoc" and job["options"]["anidoc"]["seed"] == 5
    strip = next(iter(scene.sequence_editor.strips_all))
    frame = picture(folder / "frames" / strip.elements[0].filename)
    assert frame.shape == (120, 160, 4) and (frame[..., 3] == 255).all() and np.ptp(frame[..., :3]) > 0
    # Pressed again nothing is sampled anew; in the batch both engines have their turn.
    cel = scene.copy()
    cel.name, cel.anidoc.engine = "Flats", "cel"
    for each in (scene, cel):
        each.anidoc_batch.use = True
    assert bpy.ops.anidoc.colorize_all() == {"FINISHED"}
    assert messages.board[0].sentence == "Colorize All: 2 shots done."
    engines = {p.parent.name: json.loads(p.read_text())["engine"] for p in folder.parent.glob("*/job.json")}
    assert engines == {scene.name: "anidoc", "Flats": "cel"}
