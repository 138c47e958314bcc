"""Job folders from a stranger: nothing outside is read or touched, and the answer is a sentence."""

import dataclasses
import json
import os
import sys

import pytest

from backend.contracts.job import DrawingFile, ReferenceFile
from backend.contracts.jobfolder import CERTAINTY, FRAMES, SKETCHES, WORK, save_job
from backend.contracts.messages import Problem
from backend.runner.clean import clean
from backend.runner.run import run_and_tell
from backend.runner.standin import StandIn
from tests.support.jobs import make_job, put_drawing, square

ENGINES = {"standin": StandIn}
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such files")


def problems_of(folder):
    said = []
    run_and_tell(folder, said.append, engines=ENGINES)
    return [m for m in said if isinstance(m, Problem)]


@pytest.fixture
def outside(tmp_path):
    """A neighbour with something precious, and how to see that it was left alone."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "precious.png").write_text("precious")
    yield place
    assert [p.name for p in place.iterdir()] == ["precious.png"]
    assert (place / "precious.png").read_text() == "precious"


@pytest.fixture
def job(tmp_path):
    return make_job(tmp_path / "job", script=["evidence", "early", "sketch"])


@posix
@pytest.mark.parametrize("kind", ["drawings", "keys", "references"])
def test_a_link_to_a_file_outside_is_refused(tmp_path, outside, job, kind):
    folder = tmp_path / "job"
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / "link.png").symlink_to(outside / "precious.png")
    if kind == "drawings":
        job = dataclasses.replace(job, drawings=(*job.drawings, DrawingFile("a" * 20, "drawings/link.png")))
    elif kind == "keys":
        job = dataclasses.replace(job, keys=(dataclasses.replace(job.keys[0], file="keys/link.png"),))
    else:
        job = dataclasses.replace(job, references=(ReferenceFile("references/link.png"),))
    save_job(folder, job)
    assert "outside the job folder" in problems_of(folder)[0].sentence


@posix
@pytest.mark.parametrize(
    "name", [FRAMES, SKETCHES, WORK, f"{WORK}/evidence", f"{WORK}/preview", f"{WORK}/movie", CERTAINTY]
)
def test_a_folder_that_leads_outside_is_refused(tmp_path, outside, job, name):
    place = tmp_path / "job" / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside, target_is_directory=True)
    assert "outside the job folder" in problems_of(tmp_path / "job")[0].sentence


@posix
@pytest.mark.parametrize("name", ["run.lock", "report.json", f"{WORK}/frames.jsonl"])
def test_a_file_of_the_run_that_is_a_link_outside_is_not_followed(tmp_path, outside, job, name):
    place = tmp_path / "job" / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside / "precious.png")
    problems_of(tmp_path / "job")


@posix
def test_frames_that_are_links_are_replaced_not_followed(tmp_path, outside, job):
    frames = tmp_path / "job" / FRAMES
    frames.mkdir()
    for drawing in job.drawings:
        (frames / f"{drawing.id}.png").symlink_to(outside / "precious.png")
    assert not problems_of(tmp_path / "job")
    assert not any(p.is_symlink() for p in frames.iterdir())


@posix
def test_cleaning_does_not_follow_links(tmp_path, outside, job):
    folder = tmp_path / "job"
    run_and_tell(folder, lambda m: None, engines=ENGINES)
    (folder / WORK / "away").symlink_to(outside, target_is_directory=True)
    (folder / FRAMES / "away.png").symlink_to(outside / "precious.png")
    clean(folder, everything=True)


@posix
@pytest.mark.parametrize("what", ["fifo", "folder"])
def test_a_drawing_that_is_a_pipe_or_a_folder_is_that_drawings_trouble(tmp_path, job, what):
    file = tmp_path / "job" / job.drawings[1].file
    file.unlink()
    os.mkfifo(file) if what == "fifo" else file.mkdir()
    assert [p.drawing for p in problems_of(tmp_path / "job")] == [job.drawings[1].id]


def test_a_drawing_too_large_to_be_one_is_that_drawings_trouble(tmp_path, job):
    with (tmp_path / "job" / job.drawings[1].file).open("r+b") as f:
        f.truncate(2**31)
    assert [p.drawing for p in problems_of(tmp_path / "job")] == [job.drawings[1].id]


def test_pictures_that_are_bombs_are_sentences(tmp_path, job):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    folder = tmp_path / "job"
    (folder / "drawings" / "bomb.png").write_bytes(bomb)
    (folder / "references").mkdir()
    (folder / "references" / "bomb.png").write_bytes(bomb)
    save_job(folder, dataclasses.replace(job, drawings=(*job.drawings, DrawingFile("b" * 20, "drawings/bomb.png"))))
    assert "60000 x 60000" in problems_of(folder)[0].sentence
    save_job(folder, dataclasses.replace(job, references=(ReferenceFile("references/bomb.png"),)))
    assert "60000 x 60000" in problems_of(folder)[0].sentence


def test_evidence_that_was_tampered_with_is_not_believed(tmp_path, job):
    folder = tmp_path / "job"
    run_and_tell(folder, lambda m: None, engines=ENGINES)
    frames = {p.name: p.read_bytes() for p in (folder / FRAMES).iterdir()}
    files = sorted((folder / WORK / "evidence").iterdir())
    first, last = files[0].read_bytes(), files[-1].read_bytes()
    files[0].write_bytes(last)
    files[-1].write_bytes(first)
    files[1].write_bytes(first[:-7])
    files[2].write_bytes(b"")
    for path in (folder / FRAMES).iterdir():
        path.unlink()
    assert not problems_of(folder)
    assert {p.name: p.read_bytes() for p in (folder / FRAMES).iterdir()} == frames


def test_a_folder_inside_a_folder_of_odd_names_works(tmp_path):
    folder = tmp_path / "Szene 1 – Größe [v2] 日本 #%20"
    make_job(folder)
    assert not problems_of(folder)


def test_a_drawing_without_end_in_job_json_is_a_sentence(tmp_path, job):
    folder = tmp_path / "job"
    (folder / "job.json").write_text("[" * 10**6)
    assert "not readable JSON" in problems_of(folder)[0].sentence
    tree = json.dumps({"format": "anidoc-job", "version": 1, "name": "x" * 10**6})
    (folder / "job.json").write_text(tree)
    assert "longer than" in problems_of(folder)[0].sentence


def test_a_drawing_replaced_while_the_run_is_at_work_is_that_drawings_trouble(tmp_path, job):
    folder = tmp_path / "job"

    class Slow(StandIn):
        def frames(self, shot, options, store):
            other = put_drawing(folder, square(70), "")
            (folder / other.file).replace(folder / job.drawings[2].file)
            yield from super().frames(shot, options, store)

    said = []
    run_and_tell(folder, said.append, engines={"standin": Slow})
    assert [(m.drawing, "changed while" in m.sentence) for m in said if isinstance(m, Problem)] == [
        (job.drawings[2].id, True)
    ]
