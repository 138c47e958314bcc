"""Scanned line art as a movie: drawings and exposures come out of it, held pictures once."""

import dataclasses

import cv2
import numpy as np
import pytest

from backend.contracts.errors import JobError
from backend.contracts.job import Job, KeyFile, Movie
from backend.contracts.jobfolder import save_job
from backend.contracts.messages import Problem, Progress
from backend.contracts.report import load_report
from backend.pictures.read import read_picture
from backend.runner.run import run_and_tell, run_job
from backend.runner.standin import StandIn

ENGINES = {"standin": StandIn}
WIDTH, HEIGHT = 320, 240


def drawing(x):
    """A wobbly circle with an eye, black on white."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.circle(picture, (x, 120), 60, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(picture, (x + 20, 100), 4, (0, 0, 0), -1, cv2.LINE_AA)
    return picture


def film(path, places, code):
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), 24, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for x in places:
        writer.write(drawing(x))
    writer.release()


def movie_job(folder, places, code="FFV1", suffix="avi", first=0, count=None, frame=101, **more):
    name = f"drawings/shot.{suffix}"
    film(folder / name, places, code)
    movie = Movie(name, first, len(places) - first if count is None else count, frame)
    job = Job("scan", WIDTH, HEIGHT, engine="standin", movie=movie, **more)
    save_job(folder, job)
    return job


PLACES = [100, 100, 103, 103, 106, 106, 106, 100, 100]


@pytest.mark.parametrize(("code", "suffix"), [("FFV1", "avi"), ("FFV1", "mkv"), ("MJPG", "avi"), ("mp4v", "mp4")])
def test_drawings_on_twos_come_out_once_each(tmp_path, code, suffix):
    movie_job(tmp_path, PLACES, code, suffix)
    report = run_job(tmp_path, engines=ENGINES)
    assert [(e.frame, e.duration) for e in report.exposures] == [(101, 2), (103, 2), (105, 3), (108, 2)]
    if code == "FFV1":
        assert report.exposures[0].drawing == report.exposures[3].drawing, "the same picture again is the same drawing"
        assert len(report.coloured) == 3
    assert {c.drawing for c in report.coloured} == {e.drawing for e in report.exposures}
    assert load_report(tmp_path) == report


def test_a_part_of_the_movie_stands_where_it_was_cut(tmp_path):
    movie_job(tmp_path, PLACES, first=1, count=4, frame=-5)
    report = run_job(tmp_path, engines=ENGINES)
    assert [(e.frame, e.duration) for e in report.exposures] == [(-5, 1), (-4, 2), (-2, 1)]
    first = report.exposures[0].drawing
    seen = read_picture((tmp_path / "work" / "movie" / f"{first}.png").read_bytes(), "seen")
    assert (seen[..., :3] == drawing(100)).all()


def test_a_second_run_does_not_read_the_movie_again(tmp_path):
    movie_job(tmp_path, PLACES)
    run_job(tmp_path, engines=ENGINES)
    said = []
    run_and_tell(tmp_path, said.append, engines=ENGINES)
    assert not [m for m in said if isinstance(m, Progress) and "movie" in m.doing]
    movie_job(tmp_path, [100, 110, 120])
    assert len(run_job(tmp_path, engines=ENGINES).coloured) == 3


def test_a_key_names_the_movies_picture(tmp_path):
    job = movie_job(tmp_path, PLACES)
    (tmp_path / "keys").mkdir()
    cv2.imwrite(str(tmp_path / "keys" / "k.png"), cv2.floodFill(drawing(103), None, (103, 120), (60, 30, 200))[1])
    seen = []

    class Nosy(StandIn):
        def frames(self, shot, options, store):
            seen.extend(k.drawing for k in shot.keys)
            seen.append(shot.ids[1])
            yield from super().frames(shot, options, store)

    save_job(tmp_path, dataclasses.replace(job, keys=(KeyFile("00000003", "keys/k.png", "key"),)))
    run_job(tmp_path, engines={"standin": Nosy})
    assert seen[0] == seen[1]
    save_job(tmp_path, dataclasses.replace(job, keys=(KeyFile("00000099", "keys/k.png", "key"),)))
    with pytest.raises(JobError, match="does not use"):
        run_job(tmp_path, engines=ENGINES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": 99}, "ends after 9 pictures"),
        ({"size": (100, 100)}, "320 x 240 pixels; the job is 100 x 100"),
        ({"bytes": b"no movie at all"}, "cannot be read"),
        ({"bytes": None}, "missing"),
    ],
)
def test_a_movie_that_cannot_be_used_is_a_sentence(tmp_path, change, words):
    job = movie_job(tmp_path, PLACES, count=change.get("count"))
    if "size" in change:
        save_job(tmp_path, dataclasses.replace(job, width=100, height=100))
    file = tmp_path / "drawings" / "shot.avi"
    if "bytes" in change:
        file.unlink() if change["bytes"] is None else file.write_bytes(change["bytes"])
    said = []
    assert run_and_tell(tmp_path, said.append, engines=ENGINES).outcome == "failed"
    assert any(isinstance(m, Problem) and words in m.sentence for m in said)


@pytest.mark.parametrize("suffix", ["m3u8", "avi"])
def test_a_playlist_does_not_lead_to_other_files(tmp_path, suffix):
    film(tmp_path / "outside.ts", [100] * 5, "mp4v")
    job = movie_job(tmp_path / "job", PLACES)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{tmp_path / 'outside.ts'}\n#EXT-X-ENDLIST\n"
    (tmp_path / "job" / "drawings" / f"list.{suffix}").write_text(playlist)
    save_job(tmp_path / "job", dataclasses.replace(job, movie=Movie(f"drawings/list.{suffix}", 0, 5, 1)))
    with pytest.raises(JobError, match="cannot be read"):
        run_job(tmp_path / "job", engines=ENGINES)


def test_a_movie_can_be_cancelled_while_it_is_read(tmp_path):
    movie_job(tmp_path, PLACES)
    asked = []
    end = run_and_tell(tmp_path, lambda m: None, engines=ENGINES, stop=lambda: asked.append(1) or len(asked) > 3)
    assert end.outcome == "cancelled"
    assert run_job(tmp_path, engines=ENGINES).outcome == "done"
