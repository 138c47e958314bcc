"""Fetching, checking and removing models, against a real server on the loopback with real interruptions."""

import hashlib
import json
from dataclasses import replace

import pytest

from backend.contracts.errors import AniDocError
from backend.setup.models import default_root, get, offer, pinned, place, remove, state, take_over, verify
from backend.setup.models_http import Stopped, Wire, own_token
from backend.setup.models_table import MODELS, File, Licence, Model
from tests.support.hub import COMMIT, Hub, serving, tensors

WEIGHTS = tensors({"conv_in.weight": 50_000, "conv_out.weight": 10})
CONFIG = b'{"sample_size": 8}\n'
MODEL = Model(
    "small",
    "The small model",
    "tests",
    "someone/small",
    (File("unet/config.json"), File("unet/w.safetensors", marks=("conv_in.weight",))),
    Licence("Test Licence", "test-licence", "LICENSE", "Free for tests."),
    "engine",
)


def a_hub(**more) -> Hub:
    return Hub({"unet/config.json": CONFIG, "unet/w.safetensors": WEIGHTS}, "test-licence", **more)


def wire(hub, **more) -> Wire:
    return Wire(hub.base, **{"stall": 1.0, "pause": 0.02, **more})


def test_a_model_is_fetched_checked_and_pinned(tmp_path):
    seen = []
    with serving(a_hub()) as hub:
        found = get(tmp_path, MODEL, wire(hub), lambda file, done, total: seen.append((file, done, total)))
    assert found.commit == COMMIT and found == pinned(tmp_path, MODEL)
    assert found.files["unet/w.safetensors"] == (len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
    assert found.files["unet/config.json"] == (len(CONFIG), hashlib.sha256(CONFIG).hexdigest())
    assert (tmp_path / "small" / "unet" / "w.safetensors").read_bytes() == WEIGHTS
    assert seen[-1] == ("unet/w.safetensors", len(WEIGHTS), len(WEIGHTS))
    assert state(tmp_path, MODEL) == "ready" and verify(tmp_path, MODEL) == []
    assert all(f"/resolve/{COMMIT}/" in path for path, _ in hub.asked if "/resolve/" in path), (
        "the pinned commit is asked"
    )


def test_a_download_that_breaks_off_goes_on_where_it_stopped(tmp_path):
    with serving(a_hub(cut=70_000, cuts=2)) as hub:
        get(tmp_path, MODEL, wire(hub))
        ranges = [h.get("Range") for path, h in hub.asked if path.endswith("w.safetensors")]
    assert ranges == [None, "bytes=70000-", "bytes=140000-"]
    assert verify(tmp_path, MODEL) == []


def test_a_stalled_connection_is_given_up_and_taken_up_again(tmp_path):
    with serving(a_hub(cut=70_000, cuts=1, stall=1.2)) as hub:
        get(tmp_path, MODEL, wire(hub, stall=0.4))
    assert verify(tmp_path, MODEL) == []


def test_a_server_that_never_sends_is_a_sentence_and_keeps_what_came(tmp_path):
    with serving(a_hub(cut=0, cuts=99, stall=0.5)) as hub:
        with pytest.raises(AniDocError, match=r"connection stalled while fetching unet/config.json") as caught:
            get(tmp_path, MODEL, wire(hub, stall=0.1))
        assert "goes on where it stopped" in caught.value.remedy
        hub.cuts = 0
        get(tmp_path, MODEL, wire(hub))
    assert state(tmp_path, MODEL) == "ready"


def test_the_next_call_goes_on_with_the_part_file(tmp_path):
    part = tmp_path / "small" / "unet" / "w.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS[:1000])
    with serving(a_hub()) as hub:
        assert state(tmp_path, MODEL) == "part"
        get(tmp_path, MODEL, wire(hub))
        assert [h.get("Range") for p, h in hub.asked if p.endswith("w.safetensors")] == ["bytes=1000-"]
    assert verify(tmp_path, MODEL) == [] and not part.exists()


def test_a_part_of_another_version_is_not_joined_on(tmp_path):
    part = tmp_path / "small" / "unet" / "w.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    part.with_name(part.name + ".tag").write_text('"another"')
    with serving(a_hub()) as hub:
        get(tmp_path, MODEL, wire(hub))
    assert verify(tmp_path, MODEL) == []


def test_a_server_without_ranges_begins_again(tmp_path):
    with serving(a_hub(cut=70_000, cuts=1, ranges=False)) as hub:
        get(tmp_path, MODEL, wire(hub))
    assert verify(tmp_path, MODEL) == []


def test_stopping_keeps_what_has_arrived(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.setup.models_http.BLOCK", 4096)
    asked = iter([False] * 8 + [True] * 9)
    with serving(a_hub()) as hub:
        with pytest.raises(Stopped):
            get(tmp_path, MODEL, wire(hub, asked_to_stop=lambda: next(asked)))
        assert 0 < (tmp_path / "small" / "unet" / "w.safetensors.part").stat().st_size < len(WEIGHTS)
        get(tmp_path, MODEL, wire(hub))
    assert verify(tmp_path, MODEL) == []


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ({"unet/w.safetensors": WEIGHTS[:-4] + b"abcd"}, "is not the file that was published: its checksum is another"),
        ({"unet/w.safetensors": WEIGHTS[:-100]}, "arrived with .* bytes instead of"),
        ({"unet/w.safetensors": WEIGHTS + b"more"}, "arrived with .* bytes instead of"),
        ({"unet/config.json": CONFIG.replace(b"8", b"9")}, "config.json of The small model is not the file"),
    ],
)
def test_what_is_not_as_published_is_not_kept(tmp_path, lie, sentence):
    with serving(a_hub(lie=lie)) as hub, pytest.raises(AniDocError, match=sentence):
        get(tmp_path, MODEL, wire(hub))
    assert pinned(tmp_path, MODEL) is None
    assert not (tmp_path / "small" / next(iter(lie))).exists()


def test_another_network_under_the_right_name_is_refused(tmp_path):
    hub = a_hub()
    hub.files["unet/w.safetensors"] = tensors({"something.else": 10})
    with serving(hub), pytest.raises(AniDocError, match="holds another network"):
        get(tmp_path, MODEL, wire(hub))


def test_gated_models_need_the_users_own_token_which_goes_to_no_other_host(tmp_path):
    with serving(a_hub()) as files, serving(a_hub(token="secret", elsewhere=files.base)) as hub:  # noqa: S106
        with pytest.raises(AniDocError, match="its licence must be accepted with an account"):
            get(tmp_path, MODEL, wire(hub))
        get(tmp_path, MODEL, wire(hub, token="secret"))  # noqa: S106
        assert all("Authorization" not in headers for _, headers in files.asked) and files.asked
    assert state(tmp_path, MODEL) == "ready"
    assert not any(b"secret" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_a_changed_licence_stops_before_anything_is_fetched(tmp_path):
    hub = a_hub()
    hub.licence = "other-licence"
    with serving(hub), pytest.raises(AniDocError, match=r"now under another licence \(other-licence\)"):
        get(tmp_path, MODEL, wire(hub))
    assert not (tmp_path / "small").exists()


def test_a_fetched_model_stays_at_its_commit(tmp_path):
    hub = a_hub()
    with serving(hub):
        get(tmp_path, MODEL, wire(hub))
        hub.commit = "f" * 40
        hub.files["unet/config.json"] = b'{"sample_size": 9}\n'
        assert get(tmp_path, MODEL, wire(hub)).commit == COMMIT
    assert (tmp_path / "small" / "unet" / "config.json").read_bytes() == CONFIG


def test_only_what_is_missing_is_fetched_again(tmp_path):
    with serving(a_hub()) as hub:
        get(tmp_path, MODEL, wire(hub))
        (tmp_path / "small" / "unet" / "config.json").unlink()
        assert state(tmp_path, MODEL) == "broken"
        hub.asked.clear()
        get(tmp_path, MODEL, wire(hub))
        assert [p.rpartition("/")[2] for p, _ in hub.asked if "/resolve/" in p] == ["config.json"]
        assert hub.asked[0][0].endswith(f"/revision/{COMMIT}"), "the pinned commit is mended, not a newer one"


def test_damage_on_the_disk_is_found_and_named(tmp_path):
    with serving(a_hub()) as hub:
        get(tmp_path, MODEL, wire(hub))
    path = tmp_path / "small" / "unet" / "w.safetensors"
    path.write_bytes(WEIGHTS[:-9])
    assert [e.sentence for e in verify(tmp_path, MODEL)] == [
        f"unet/w.safetensors of The small model is cut off: {len(WEIGHTS) - 9:,} bytes instead of {len(WEIGHTS):,}."
    ]
    path.write_bytes(WEIGHTS[:-1] + b"?")
    assert "its checksum is another" in verify(tmp_path, MODEL)[0].sentence
    path.unlink()
    assert "is missing" in verify(tmp_path, MODEL)[0].sentence


def own_folder(folder, weights=WEIGHTS):
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "config.json").write_bytes(CONFIG)
    (folder / "unet" / "w.safetensors").write_bytes(weights)
    return folder


def test_a_folder_the_user_has_is_used_where_it_lies_and_never_deleted(tmp_path):
    mine = own_folder(tmp_path / "mine")
    take_over(tmp_path / "root", MODEL, mine)
    assert place(tmp_path / "root", MODEL) == mine.resolve() and state(tmp_path / "root", MODEL) == "own"
    assert verify(tmp_path / "root", MODEL) == []
    remove(tmp_path / "root", MODEL)
    assert (mine / "unet" / "w.safetensors").is_file() and state(tmp_path / "root", MODEL) == "absent"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (WEIGHTS[:-7], "is cut off"),
        (b"<html>log in</html>", "damaged or no safetensors file"),
        (tensors({"other": 3}), "holds another network"),
    ],
)
def test_a_wrong_folder_of_ones_own_is_a_sentence(tmp_path, weights, sentence):
    with pytest.raises(AniDocError, match=sentence):
        take_over(tmp_path / "root", MODEL, own_folder(tmp_path / "mine", weights))
    assert state(tmp_path / "root", MODEL) == "absent"


def test_removing_takes_our_files_only(tmp_path):
    with serving(a_hub()) as hub:
        get(tmp_path, MODEL, wire(hub))
    (tmp_path / "small" / "notes.txt").write_text("mine")
    assert remove(tmp_path, MODEL) > len(WEIGHTS)
    assert [p.name for p in (tmp_path / "small").rglob("*")] == ["notes.txt"]


def test_without_a_network_there_is_a_sentence(tmp_path):
    with pytest.raises(AniDocError, match="there is no connection"):
        offer(MODEL, Wire("http://127.0.0.1:9", pause=0.01, stall=1))


def test_models_that_we_do_not_fetch_say_so():
    cotracker = next(m for m in MODELS if m.name == "cotracker2")
    with pytest.raises(AniDocError, match="AniDoc does not fetch CoTracker 2"):
        offer(cotracker, Wire("http://127.0.0.1:9"))


def test_too_little_space_is_said_before_anything_is_fetched(tmp_path):
    with serving(a_hub()) as hub:
        offered = offer(MODEL, wire(hub))
        huge = replace(offered, files={**offered.files, "unet/w.safetensors": (10**18, "0" * 64, "")})
        with pytest.raises(AniDocError, match="not enough space"):
            get(tmp_path, MODEL, wire(hub), known=huge)


def test_the_token_is_the_users_own_and_only_read(tmp_path):
    (tmp_path / "token").write_text("from-login\n")
    assert own_token({"HF_HOME": str(tmp_path)}) == "from-login"
    assert own_token({"HF_HOME": str(tmp_path), "HF_TOKEN": "from-environment"}) == "from-environment"
    assert own_token({"HF_HOME": str(tmp_path / "nothing")}) == ""


def test_the_table_names_every_model_once_with_a_licence_and_invents_no_hash():
    names = [m.name for m in MODELS]
    assert len(names) == len(set(names)) and {"svd", "anidoc", "sd-2-1", "aliked", "disk", "u2net"} <= set(names)
    for model in MODELS:
        assert model.licence.name and model.licence.means and model.files
        for file in model.files:
            assert not file.sha256, "a hash in the table must have been seen; none was"
            assert ".." not in file.path and not file.path.startswith("/")


def test_models_are_kept_where_the_system_keeps_such_things(tmp_path):
    assert default_root({"ANIDOC_MODELS": str(tmp_path)}) == tmp_path
    assert default_root({"XDG_DATA_HOME": str(tmp_path)}, "linux") == tmp_path / "anidoc" / "models"
    assert default_root({"LOCALAPPDATA": str(tmp_path)}, "win32") == tmp_path / "anidoc" / "models"


def test_a_torn_note_counts_as_none(tmp_path):
    with serving(a_hub()) as hub:
        get(tmp_path, MODEL, wire(hub))
        note = tmp_path / "small" / "anidoc-model.json"
        for text in ("", "{", "[]", json.dumps({"format": "anidoc-model", "version": 1}), '{"format": 3}'):
            note.write_text(text)
            assert pinned(tmp_path, MODEL) is None and state(tmp_path, MODEL) == "part"
        hub.asked.clear()
        get(tmp_path, MODEL, wire(hub))
        assert not [p for p, _ in hub.asked if "/resolve/" in p], "what is there and right is not fetched again"
