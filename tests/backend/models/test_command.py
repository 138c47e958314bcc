"""``anidoc models`` in a process of its own, against a hub on the loopback."""

import json

from backend.setup.models_table import MODELS
from tests.support.hub import Hub, serving, tensors
from tests.support.jobs import anidoc

ANIDOC = next(model for model in MODELS if model.name == "anidoc")


def a_hub() -> Hub:
    files = {}
    for file in ANIDOC.files:
        files[file.path] = b"{}" if file.path.endswith(".json") else tensors(dict.fromkeys(file.marks, 5))
    return Hub(files)


def test_the_list_says_licence_and_state_of_every_model(tmp_path):
    done = anidoc("models", "list", "--folder", tmp_path, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    of = {line["name"]: line for line in lines if line["type"] == "model"}
    assert done.returncode == 0 and of["svd"]["state"] == "absent" and of["svd"]["gated"]
    assert "Stability" in of["svd"]["licence"] and of["cotracker2"]["licence"] == "non-commercial"
    done = anidoc("models", "list", "--folder", tmp_path)
    assert "not here" in done.stdout and "Stability AI Community License" in done.stdout


def test_get_shows_the_licence_and_waits_for_a_yes(tmp_path):
    with serving(a_hub()) as hub:
        arguments = ["models", "get", "anidoc", "--folder", tmp_path, "--mirror", hub.base]
        done = anidoc(*arguments)
        assert done.returncode == 2 and "only when its licence is accepted" in done.stderr
        assert "Licence: not stated for the weights" in done.stdout
        assert not [p for p, _ in hub.asked if "/resolve/" in p]
        done = anidoc(*arguments, "--accept-licence", "--json")
        assert done.returncode == 0, done.stdout
        kinds = [json.loads(line)["type"] for line in done.stdout.splitlines()]
        assert kinds[0] == "licence" and kinds[-2:] == ["fetched", "summary"] and "progress" in kinds
    assert anidoc("models", "verify", "--folder", tmp_path).returncode == 0
    assert anidoc("models", "get", "anidoc", "--folder", tmp_path, "--offline").returncode == 0
    (tmp_path / "anidoc" / "unet" / "config.json").write_text("{ }")
    done = anidoc("models", "verify", "anidoc", "--folder", tmp_path)
    assert done.returncode == 1 and "has grown" in done.stdout
    assert anidoc("models", "remove", "anidoc", "--folder", tmp_path).returncode == 0
    assert not (tmp_path / "anidoc").exists()


def test_the_end_of_stdin_stops_what_a_program_started(tmp_path):
    with serving(a_hub()) as hub:
        arguments = ["models", "get", "anidoc", "--folder", tmp_path, "--mirror", hub.base, "--json", "--stdin"]
        done = anidoc(*arguments, input="")
        assert done.returncode == 130 and not done.stderr
        assert not [p for p, _ in hub.asked if "/resolve/" in p]


def test_mistakes_are_one_sentence(tmp_path):
    for arguments, sentence in (
        (["get", "anidocc"], "There is no model called anidocc."),
        (["get", "svd", "--offline"], "was told to stay offline"),
        (["get", "svd", "--from", tmp_path / "no"], "There is no folder"),
        (["get", "cotracker2", "--mirror", "http://127.0.0.1:9"], "AniDoc does not fetch CoTracker 2"),
        (["remove"], "Which model"),
        (["remove", "svd"], "is not here"),
    ):
        done = anidoc("models", *arguments, "--folder", tmp_path)
        assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr, done.stderr
