"""The ``anidoc`` command: verbs, exit codes, one sentence for each error, nothing slow at the start."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from backend.cli.main import VERBS, main
from backend.cli.show import Show, in_words
from backend.contracts.messages import Finished, Problem, Progress
from backend.version import VERSION
from tests.support.jobs import anidoc, environment, frames_of, make_job


def test_the_version_is_the_manifests():
    done = anidoc("--version")
    assert done.returncode == 0 and done.stdout == f"anidoc {VERSION}\n"


@pytest.mark.parametrize("code", ["import backend.cli.main", "import backend.cli.serve, backend.runner.serve"])
def test_nothing_heavy_is_loaded_before_it_is_needed(code):
    code += (
        "; import sys; print([x for x in ('numpy', 'cv2', 'scipy', 'PIL', 'importlib.metadata') if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), timeout=30)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_lists_the_verbs_for_people_and_hides_the_others():
    shown = " ".join(anidoc("--help").stdout.split())
    for verb, (_, line) in VERBS.items():
        assert (line in shown) if line else (verb not in shown)
    for verb in ("run", "colorize", "doctor", "clean", "serve", "breakdowns"):
        done = anidoc(verb, "--help")
        assert done.returncode == 0 and f"usage: anidoc {verb}" in done.stdout


@pytest.mark.parametrize("verb", ["colorize", "inbetween"])
def test_help_keeps_what_only_the_anidoc_engine_takes_for_the_end(verb):
    shown = anidoc(verb, "--help").stdout
    basic, model = shown.split("the AniDoc engine:")
    assert "--out DIR" in basic and "for example:" in model
    assert not any(option in basic for option in ("--engine", "--weights", "--seed", "--like-release"))


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["colorize"], ["run", "--sideways", "x"]])
def test_what_makes_no_sense_is_exit_code_2(arguments):
    done = anidoc(*arguments)
    assert done.returncode == 2 and "usage: anidoc" in done.stderr


def test_without_a_verb_the_verbs_are_listed():
    assert "colour a folder of sketches from keys and references" in anidoc().stderr


def test_run_says_what_it_did(tmp_path):
    make_job(tmp_path)
    done = anidoc("run", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("Done: 4 drawings coloured, ")


def test_run_takes_several_jobs_and_the_worst_code_counts(tmp_path):
    make_job(tmp_path / "good")
    make_job(tmp_path / "bad", script=["broken 1"])
    done = anidoc("run", tmp_path / "good", tmp_path / "bad", tmp_path / "none")
    assert done.returncode == 2
    assert len(frames_of(tmp_path / "good")) == 4 and len(frames_of(tmp_path / "bad")) == 3
    assert anidoc("run", tmp_path / "good", tmp_path / "bad").returncode == 1
    assert anidoc("run", tmp_path / "good").returncode == 0


@pytest.mark.parametrize(
    ("script", "words"), [("broken 1", "Drawing 1 is broken. Draw it again."), ("raise 1", "mistake in AniDoc")]
)
def test_a_failure_is_one_line_without_a_traceback(tmp_path, script, words):
    make_job(tmp_path, script=[script])
    done = anidoc("run", tmp_path)
    assert done.returncode == (1 if "broken" in script else 2)
    assert len(done.stderr.strip().splitlines()) == 1 and words in done.stderr


def test_verbose_tells_everything(tmp_path):
    make_job(tmp_path, script=["raise 1"])
    assert "Traceback" in anidoc("run", "--verbose", tmp_path).stderr


def test_a_mistake_in_a_verb_is_a_sentence(monkeypatch, capsys):
    def broken(chosen):
        raise KeyError("oops")

    monkeypatch.setattr("backend.cli.clean.run", broken)
    assert main(["clean", "x"]) == 2
    assert "mistake in AniDoc (KeyError" in capsys.readouterr().err


def test_a_half_installed_environment_is_a_sentence(tmp_path):
    make_job(tmp_path / "job")
    (tmp_path / "cv2.py").write_text("raise ImportError('DLL load failed')")
    path = str(tmp_path) + os.pathsep + environment()["PYTHONPATH"]
    done = subprocess.run(
        [sys.executable, "-m", "backend", "run", str(tmp_path / "job")],
        env={**environment(), "PYTHONPATH": path}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "environment is incomplete" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_is_finished(tmp_path, number):
    # A shell that runs the tests in the background has them ignore Ctrl-C, and children inherit that.
    before = signal.signal(number, signal.default_int_handler)
    make_job(tmp_path, range(20, 60), script=["sleep 0.1"])
    process = subprocess.Popen(
        [sys.executable, "-m", "backend", "run", str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    signal.signal(number, before)
    while not frames_of(tmp_path):
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130 and "Cancelled" in out and not err
    assert json.loads((tmp_path / "report.json").read_text())["outcome"] == "cancelled"


def test_a_reader_that_leaves_early_causes_no_traceback(tmp_path):
    make_job(tmp_path, range(20, 60))
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "backend", "run", str(tmp_path)],
        env=environment(), stdout=write, stderr=subprocess.PIPE, text=True, timeout=30, check=False,
    )  # fmt: skip
    os.close(write)
    assert done.stderr == "" and len(frames_of(tmp_path)) == 40


def test_a_terminal_sees_a_bar_and_a_log_sees_lines():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    told = [Progress("", 1, 4, None, "colouring"), Progress("", 2, 4, 10.0, "colouring")]
    terminal, log, now = Terminal(), io.StringIO(), [0.0]
    for out in (terminal, log):
        show = Show(out, out, clock=lambda: now[0])
        for message in told:
            now[0] += 10
            show(message)
        show(Problem("", "One is broken.", "Draw it again.", "abc"))
        show(Finished("", "done", 3, 1, 12.3))
    assert "[###############...............] 2 of 4, about 10 s left colouring" in terminal.getvalue()
    assert "\r" in terminal.getvalue() and "\r" not in log.getvalue()
    assert log.getvalue().splitlines() == [
        "1 of 4 colouring",
        "2 of 4, about 10 s left colouring",
        "anidoc: One is broken. Draw it again.",
        "Done: 3 drawings coloured, 1 could not be, 12.3 s.",
    ]


def test_estimates_are_no_more_exact_than_they_are():
    assert [in_words(s) for s in (0.2, 40, 99, 100, 3600)] == [
        "about 1 s", "about 40 s", "about 99 s", "about 2 min", "about 60 min"
    ]  # fmt: skip


def test_the_doctor_speaks_to_people_and_to_programs():
    done = anidoc("doctor")
    assert done.returncode == 0 and "Ready to colour." in done.stdout
    data = json.loads(anidoc("doctor", "--json").stdout)
    assert data["good"] is True
    named = {f["name"]: f for f in data["findings"]}
    assert named["AniDoc"]["value"] == VERSION
    assert {"Python", "numpy", "opencv-python-headless", "Memory", "GPU", "Environment", "Blender"} <= named.keys()


def test_the_doctor_finds_a_missing_library(monkeypatch, capsys):
    from backend.setup import doctor

    monkeypatch.setitem(doctor.NEEDED, "no-such-library", "no_such_library")
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "BAD" in shown and "Repair" in shown and "Not ready" in shown


def test_clean_says_what_it_freed(tmp_path):
    make_job(tmp_path, script=["evidence"])
    anidoc("run", tmp_path)
    done = anidoc("clean", tmp_path)
    assert done.returncode == 0 and "files removed" in done.stdout
    assert not list((tmp_path / "work").rglob("*.npz")) and len(frames_of(tmp_path)) == 4
    assert anidoc("clean", tmp_path / "none").returncode == 2


def test_a_misspelt_option_is_told_with_its_verbs_own_usage(tmp_path):
    told = anidoc("colorize", "--sketches", tmp_path, "--out", tmp_path / "out", "--refernce", "ref.png")
    assert told.returncode == 2
    assert "usage: anidoc colorize" in told.stderr and "did you mean --reference?" in told.stderr


def test_a_misspelt_verb_lists_only_what_is_for_people():
    told = anidoc("colourize")
    assert told.returncode == 2 and "colorize" in told.stderr
    assert not any(hidden in told.stderr for hidden in ("worker", "assistant"))
