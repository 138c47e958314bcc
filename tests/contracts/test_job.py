"""job.json: what is written is read back; whatever else is there ends as a JobError, never as another exception."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.contracts.errors import JobError
from backend.contracts.job import (
    DrawingFile,
    Job,
    KeyFile,
    Movie,
    ReferenceFile,
    from_json,
    to_json,
)
from backend.contracts.jobfolder import load_job, save_job
from backend.contracts.options import Diffusion, Options
from backend.contracts.shot import Exposure, Material

ids = st.text("0123456789abcdef", min_size=8, max_size=64)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
bases = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"), min_size=1, max_size=30)
channels = st.integers(0, 255)
colours = st.tuples(channels, channels, channels, channels)
frames = st.integers(-1_048_574, 1_048_574)


def files(folder):
    return bases.filter(lambda b: b.strip(". ")).map(lambda base: f"{folder}/{base}")


charts = st.sets(st.integers(-1000, 1000), max_size=4).map(
    lambda frames: tuple((frame, (n + 1) / 8) for n, frame in enumerate(sorted(frames)))
)


@st.composite
def jobs(draw):
    """Any job that a correct writer can write."""
    drawings = draw(
        st.lists(st.builds(DrawingFile, ids, files("drawings"), names), unique_by=lambda d: d.id, max_size=4)
    )
    known = st.sampled_from([d.id for d in drawings]) if drawings else st.nothing()
    return Job(
        name=draw(names),
        width=draw(st.integers(1, 16_384)),
        height=draw(st.integers(1, 16_384)),
        drawings=tuple(drawings),
        exposures=tuple(draw(st.lists(st.builds(Exposure, frames, st.integers(1, 1_048_574), known), max_size=4))),
        layers=tuple(draw(st.lists(names, max_size=3))),
        materials=tuple(draw(st.lists(st.builds(Material, names, colours, colours, st.booleans()), max_size=3))),
        references=tuple(draw(st.lists(st.builds(ReferenceFile, files("references"), names), max_size=3))),
        keys=tuple(draw(st.lists(st.builds(KeyFile, known, files("keys"), names), max_size=3))),
        movie=draw(st.none() | st.builds(Movie, files("drawings"), st.integers(0, 99), st.integers(1, 99), frames)),
        engine=draw(st.text("abc", max_size=40)),
        options=Options(
            draw(st.sampled_from(["keep", "omit"])),
            draw(st.none() | st.floats(0, 10_000)),
            draw(st.booleans()),
            draw(
                st.none()
                | st.builds(
                    Diffusion,
                    st.integers(0, 2**63 - 1),
                    st.integers(1, 1000),
                    st.floats(1, 30),
                    reference_background=st.sampled_from(["keep", "cut", "matte"]),
                    heat=st.booleans(),
                    spacing=charts,
                )
            ),
        ),
        fps=draw(st.floats(0.01, 1000)),
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(jobs())
def test_a_job_survives_writing_and_reading(job):
    assert from_json(to_json(job)) == job


@given(st.text())
@example("[" * 100_000)
@example('{"format": "anidoc-job", "version": 1e999}')
@example('{"format": "anidoc-job", "version": ' + "9" * 5000 + "}")
def test_any_text_is_a_job_or_a_joberror(content):
    try:
        from_json(content)
    except JobError as error:
        assert error.sentence.endswith(".")


@given(anything)
def test_any_json_is_a_job_or_a_joberror(data):
    with contextlib.suppress(JobError):
        from_json(json.dumps(data))


@given(jobs(), st.data())
def test_any_one_value_may_be_anything(job, data):
    tree = json.loads(to_json(job))
    place = tree
    while True:
        spots = list(place) if isinstance(place, dict) else list(range(len(place)))
        spot = data.draw(st.sampled_from(spots))
        if isinstance(place[spot], (dict, list)) and len(place[spot]) and data.draw(st.booleans()):
            place = place[spot]
            continue
        place[spot] = data.draw(anything)
        break
    with contextlib.suppress(JobError):
        from_json(json.dumps(tree))


@given(st.binary())
def test_any_bytes_on_disk_are_a_job_or_a_joberror(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("job")
    (folder / "job.json").write_bytes(content)
    with pytest.raises(JobError):
        load_job(folder)


@pytest.mark.parametrize(
    "file",
    [
        "../secret.npz",
        "drawings/../../secret.npz",
        "drawings/..",
        "drawings/.",
        "drawings/ .",
        "/etc/passwd",
        "C:\\secret",
        "drawings/C:secret",
        "drawings\\..\\secret",
        "keys/a.npz",
        "drawings/a/b.npz",
        "drawings/",
        "drawings",
        "drawings/a\0.npz",
        "drawings/a\n.npz",
        "drawings/" + "x" * 300,
        "",
    ],
)
def test_a_drawing_outside_its_folder_is_refused(file):
    job = Job("a", 10, 10, drawings=(DrawingFile("0" * 8, "drawings/a.npz"),))
    tree = json.loads(to_json(job))
    tree["drawings"][0]["file"] = file
    with pytest.raises(JobError, match=r"drawings folder|longer"):
        from_json(json.dumps(tree))


@pytest.mark.parametrize("name", ["..", "../../x", "ABCDEF01", "0" * 7, "0" * 65, "zzzzzzzz", "0000000\n", ""])
def test_an_id_is_hexadecimal_and_nothing_else(name):
    tree = json.loads(to_json(Job("a", 10, 10, drawings=(DrawingFile("0" * 8, "drawings/a.npz"),))))
    tree["drawings"][0]["id"] = name
    with pytest.raises(JobError):
        from_json(json.dumps(tree))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "form 2"),
        ({"version": "1"}, "form '1'"),
        ({"format": "other"}, "not an AniDoc job"),
        ({"width": 0}, "width is 0"),
        ({"width": 20_000}, "width is 20000"),
        ({"width": 1.5}, "whole number"),
        ({"fps": "24"}, "fps should be a number"),
        ({"drawings": {}}, "drawings should be a list"),
        ({"name": None}, "name should be text"),
    ],
)
def test_the_sentence_says_what_is_wrong(change, words):
    tree = json.loads(to_json(Job("a", 10, 10))) | change
    with pytest.raises(JobError, match=words):
        from_json(json.dumps(tree))


def test_an_exposure_or_key_of_an_unknown_drawing_is_refused():
    job = Job("a", 10, 10, exposures=(Exposure(1, 1, "0" * 8),))
    with pytest.raises(JobError, match="does not hold"):
        from_json(to_json(job))
    with pytest.raises(JobError, match="does not hold"):
        from_json(to_json(replace(job, exposures=(), keys=(KeyFile("0" * 8, "keys/a.png"),))))


def test_the_same_job_is_the_same_bytes(tmp_path):
    job = Job("ä ü 日本", 10, 10)
    save_job(tmp_path / "a b", job)
    first = (tmp_path / "a b" / "job.json").read_bytes()
    save_job(tmp_path / "a b", load_job(tmp_path / "a b"))
    assert (tmp_path / "a b" / "job.json").read_bytes() == first
    assert [p.name for p in (tmp_path / "a b").iterdir()] == ["job.json"]


def test_a_folder_without_a_job_is_a_sentence(tmp_path):
    with pytest.raises(JobError, match=r"job\.json is missing"):
        load_job(tmp_path)
    (tmp_path / "job.json").mkdir()
    with pytest.raises(JobError, match=r"job\.json is missing"):
        load_job(tmp_path)


def test_a_job_json_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    save_job(tmp_path / "elsewhere", Job("a", 10, 10))
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "job.json").symlink_to(tmp_path / "elsewhere" / "job.json")
    with pytest.raises(JobError, match="outside"):
        load_job(tmp_path / "job")
