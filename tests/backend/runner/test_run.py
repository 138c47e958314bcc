"""Running a job folder: what is written, what is skipped, what is said."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from backend.contracts.engine import Frame, Step, Trouble
from backend.contracts.errors import AniDocError, JobError
from backend.contracts.files import write_bytes
from backend.contracts.jobfolder import load_job, save_job
from backend.contracts.messages import Finished, FrameReady, Problem, Progress
from backend.contracts.report import load_report
from backend.pictures.read import read_picture
from backend.runner.run import Cancelled, run_and_tell, run_job
from backend.runner.standin import StandIn
from tests.support.jobs import HEIGHT, WIDTH, frames_of, make_job, put_drawing, result_of, square

ENGINES = {"standin": StandIn}


def run(folder, **more):
    """Run with the stand-in engine; returns every message."""
    said = []
    run_and_tell(folder, said.append, engines=more.pop("engines", ENGINES), **more)
    return said


def end_of(said) -> Finished:
    """The last word of a run."""
    assert isinstance(said[-1], Finished)
    return said[-1]


def painted(folder, **more):
    """Run, and count the pictures that were painted."""
    count = []

    class Counting(StandIn):
        def frames(self, shot, options, store):
            for event in super().frames(shot, options, store):
                if isinstance(event, Frame):
                    event = dataclasses.replace(event, paint=lambda paint=event.paint: (count.append(1), paint())[1])
                yield event

    run(folder, engines={"standin": Counting}, **more)
    return len(count)


def test_every_drawing_gets_a_frame_and_the_report_says_where_each_stands(tmp_path):
    job = make_job(tmp_path)
    end = end_of(run(tmp_path))
    assert (end.outcome, end.coloured, end.failed) == ("done", 4, 0)
    report = load_report(tmp_path)
    assert (report.outcome, report.width, report.height) == ("done", WIDTH, HEIGHT)
    assert [c.drawing for c in report.coloured] == [d.id for d in job.drawings]
    assert report.exposures == job.exposures
    for frame in report.coloured:
        picture = read_picture((tmp_path / frame.file).read_bytes(), frame.file)
        assert picture.shape == (HEIGHT, WIDTH, 4)


def test_a_second_run_only_checks(tmp_path):
    make_job(tmp_path)
    assert painted(tmp_path) == 4
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.is_file()}
    assert painted(tmp_path) == 0
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.is_file()} == before


def test_when_one_drawing_of_48_is_redrawn_only_it_and_what_depends_on_it_is_computed(tmp_path):
    make_job(tmp_path, range(20, 68))
    assert painted(tmp_path) == 48
    make_job(tmp_path, [*range(20, 40), 40.5, *range(41, 68)])
    assert painted(tmp_path) == 2, "the drawing, and the one after it that the stand-in makes depend on it"


@pytest.mark.parametrize("damage", [b"", b"torn", None])
def test_a_frame_that_is_damaged_or_gone_is_made_again(tmp_path, damage):
    make_job(tmp_path)
    run(tmp_path)
    whole = frames_of(tmp_path)
    victim = tmp_path / "frames" / min(whole)
    victim.unlink() if damage is None else victim.write_bytes(damage)
    assert painted(tmp_path) == 1
    assert frames_of(tmp_path) == whole


def test_work_may_be_deleted_at_any_time(tmp_path):
    make_job(tmp_path, script=["evidence"])
    run(tmp_path)
    whole = result_of(tmp_path)
    shutil.rmtree(tmp_path / "work")
    assert painted(tmp_path) == 0
    assert result_of(tmp_path) == whole


def test_a_drawing_file_that_changes_under_the_same_id_is_noticed(tmp_path):
    job = make_job(tmp_path, script=["evidence"])
    run(tmp_path)
    before = frames_of(tmp_path)
    other = put_drawing(tmp_path, square(50), "")
    (tmp_path / other.file).replace(tmp_path / job.drawings[1].file)
    assert painted(tmp_path) == 2
    assert frames_of(tmp_path)[f"{job.drawings[1].id}.png"] != before[f"{job.drawings[1].id}.png"]


def test_drawings_whose_files_are_equal_are_coloured_once(tmp_path):
    job = make_job(tmp_path)
    twin = dataclasses.replace(job.drawings[0], id="abcdef0123456789", name="the same again")
    save_job(tmp_path, dataclasses.replace(job, drawings=(*job.drawings, twin)))
    assert painted(tmp_path) == 4
    frames = frames_of(tmp_path)
    assert frames["abcdef0123456789.png"] == frames[f"{job.drawings[0].id}.png"]


def test_a_broken_drawing_is_reported_and_the_others_are_coloured(tmp_path):
    job = make_job(tmp_path)
    (tmp_path / job.drawings[2].file).write_bytes(b"no npz")
    said = run(tmp_path)
    problems = [m for m in said if isinstance(m, Problem)]
    assert [p.drawing for p in problems] == [job.drawings[2].id]
    assert "frame 5" in problems[0].sentence and problems[0].remedy
    assert (end_of(said).outcome, end_of(said).coloured, end_of(said).failed) == ("done", 3, 1)
    report = load_report(tmp_path)
    assert [f.drawing for f in report.failed] == [job.drawings[2].id]
    assert len(frames_of(tmp_path)) == 3


@pytest.mark.parametrize("trouble", ["missing", "nan", "far", "wide", "material"])
def test_strokes_that_cannot_be_are_that_drawings_trouble(tmp_path, trouble):
    job = make_job(tmp_path)
    file = tmp_path / job.drawings[1].file
    if trouble == "missing":
        file.unlink()
    else:
        strokes = square(30)
        strokes.points[0, 0] = {"nan": np.nan, "far": 1e12}.get(trouble, strokes.points[0, 0])
        strokes.radius[0] = 1e9 if trouble == "wide" else 1
        strokes.material[0] = 77 if trouble == "material" else 0
        put = put_drawing(tmp_path, strokes, "")
        (tmp_path / put.file).replace(file)
    said = run(tmp_path)
    problem = next(m for m in said if isinstance(m, Problem))
    assert problem.drawing == job.drawings[1].id and problem.sentence and problem.remedy
    assert (end_of(said).outcome, end_of(said).coloured, end_of(said).failed) == ("done", 3, 1)


def test_a_mistake_while_painting_costs_one_drawing(tmp_path):
    make_job(tmp_path, script=["paint 1"])
    end = end_of(run(tmp_path))
    assert (end.outcome, end.coloured, end.failed) == ("done", 3, 1)


def test_opencv_running_out_of_memory_is_said_as_such(tmp_path):
    import cv2

    class Hungry(StandIn):
        def frames(self, shot, options, store):
            yield from ()
            cv2.resize(np.zeros((4, 4), np.uint8), (2**31 - 1, 2**20))

    make_job(tmp_path)
    (problem,) = [m for m in run(tmp_path, engines={"standin": Hungry}) if isinstance(m, Problem)]
    assert "not enough memory" in problem.sentence


def test_a_drawing_the_engine_forgets_is_reported(tmp_path):
    class Forgetful(StandIn):
        def frames(self, shot, options, store):
            events = list(super().frames(shot, options, store))
            yield from (e for e in events if isinstance(e, Step) or e.drawing != shot.ids[3])

    job = make_job(tmp_path)
    said = run(tmp_path, engines={"standin": Forgetful})
    assert [m.drawing for m in said if isinstance(m, Problem)] == [job.drawings[3].id]
    save_job(tmp_path, dataclasses.replace(job, exposures=job.exposures[:3]))  # there for its key only, say
    said = run(tmp_path, engines={"standin": Forgetful})
    assert not [m for m in said if isinstance(m, Problem)] and end_of(said).outcome == "done"


def test_a_picture_of_the_wrong_form_is_never_written(tmp_path):
    class Odd(StandIn):
        def frames(self, shot, options, store):
            for name, picture in zip(
                shot.ids, [np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.zeros((HEIGHT, WIDTH, 4)), None, 5], strict=True
            ):
                yield Frame(name, "recipe", lambda picture=picture: picture)  # pyright: ignore[reportArgumentType]

    make_job(tmp_path)
    end = end_of(run(tmp_path, engines={"standin": Odd}))
    assert (end.outcome, end.coloured, end.failed) == ("failed", 0, 4)
    assert not frames_of(tmp_path)


def test_when_no_drawing_could_be_coloured_the_run_has_failed(tmp_path):
    class Helpless(StandIn):
        def frames(self, shot, options, store):
            for name in shot.ids:
                yield Trouble(name, "Nothing to be done.")

    make_job(tmp_path)
    assert end_of(run(tmp_path, engines={"standin": Helpless})).outcome == "failed"
    assert load_report(tmp_path).outcome == "failed"


def test_sketches_are_left_for_people(tmp_path):
    job = make_job(tmp_path, script=["sketch"])
    run(tmp_path)
    assert {p.stem for p in (tmp_path / "sketches").iterdir()} == {d.id for d in job.drawings}


def test_how_sure_the_engine_is_is_kept_beside_frames_that_stay(tmp_path):
    class Doubting(StandIn):
        sure = 200

        def frames(self, shot, options, store):
            for event in super().frames(shot, options, store):
                yield (
                    dataclasses.replace(event, certainty=lambda: np.full((9, 16), self.sure, np.uint8))
                    if isinstance(event, Frame)
                    else event
                )

    job = make_job(tmp_path)
    run(tmp_path, engines={"standin": Doubting})
    first, frames = stored(tmp_path / "work" / "certainty"), frames_of(tmp_path)
    assert set(first) == {f"{d.id}.png" for d in job.drawings}
    run(tmp_path, engines={"standin": Doubting})
    assert stored(tmp_path / "work" / "certainty") == first, "what is right is not written again"
    Doubting.sure = 100
    run(tmp_path, engines={"standin": Doubting})
    assert stored(tmp_path / "work" / "certainty") != first
    assert frames_of(tmp_path) == frames


def stored(folder):
    """Name -> (bytes, time of writing in ns)."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_preview_that_turns_out_final_is_not_painted_twice(tmp_path):
    make_job(tmp_path, script=["early"])
    assert painted(tmp_path) == 6, "two of the four are shown early by another recipe"
    first = result_of(tmp_path)
    shutil.rmtree(tmp_path / "frames")
    (tmp_path / "report.json").unlink()
    make_job(tmp_path)
    run(tmp_path)
    assert frames_of(tmp_path) == {k: v for k, v in first.items() if k.endswith(".png")}


def test_stop_ends_the_run_and_the_next_goes_on_from_there(tmp_path):
    make_job(tmp_path, range(20, 30))
    said = []
    with pytest.raises(Cancelled):
        run_job(tmp_path, said.append, engines=ENGINES, stop=lambda: sum(isinstance(m, FrameReady) for m in said) >= 4)
    assert load_report(tmp_path).outcome == "cancelled"
    assert painted(tmp_path) == 6
    assert load_report(tmp_path).outcome == "done"


def test_a_cancelled_run_forgets_nothing_of_the_run_before(tmp_path):
    make_job(tmp_path, range(20, 30))
    run(tmp_path)
    run(tmp_path, stop=lambda: True)
    run(tmp_path, engines={})
    assert painted(tmp_path) == 0


def test_progress_comes_with_seconds_left_once_they_can_be_told(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.runner.progress.FIRST_WORD", 0.1)
    make_job(tmp_path, range(20, 30), script=["sleep 0.05"])
    told = [m for m in run(tmp_path) if isinstance(m, Progress)]
    assert told[0].seconds_left is None
    assert any(m.seconds_left for m in told)
    assert told[-1].done == told[-1].total == 10 and told[-1].seconds_left == 0


def test_what_is_done_now_is_told_however_short_it_lasts(tmp_path):
    class Quick(StandIn):
        def frames(self, shot, options, store):
            for n in range(100):
                yield Step(0, 1, "reading" if n < 50 else "loading")
            yield from super().frames(shot, options, store)

    make_job(tmp_path)
    told = [m.doing for m in run(tmp_path, engines={"standin": Quick}) if isinstance(m, Progress)]
    assert {"reading", "loading"} <= set(told)
    assert len(told) < 20, "but not again and again"


def test_evidence_of_drawings_that_are_gone_is_pruned_after_a_whole_run(tmp_path):
    make_job(tmp_path, script=["evidence"])
    run(tmp_path)
    evidence = tmp_path / "work" / "evidence"
    assert len(list(evidence.iterdir())) == 4
    make_job(tmp_path, (30, 34, 50), script=["evidence"])
    run(tmp_path, stop=lambda: True)
    assert len(list(evidence.iterdir())) == 4, "a cancelled run prunes nothing"
    run(tmp_path)
    assert len(list(evidence.iterdir())) == 3


def test_frames_that_no_longer_belong_stay_until_clean(tmp_path):
    from backend.runner.clean import clean

    make_job(tmp_path)
    run(tmp_path)
    make_job(tmp_path, (30, 50))
    run(tmp_path)
    assert len(frames_of(tmp_path)) == 5
    clean(tmp_path)
    assert len(frames_of(tmp_path)) == 2
    assert painted(tmp_path) == 0
    clean(tmp_path, everything=True)
    assert not frames_of(tmp_path) and not (tmp_path / "report.json").exists()
    assert load_job(tmp_path).drawings


def test_an_engine_nobody_knows_is_a_sentence(tmp_path):
    make_job(tmp_path, engine="magic")
    with pytest.raises(JobError, match="no engine called 'magic'"):
        run_job(tmp_path, engines=ENGINES)


def test_the_stand_in_is_not_for_users(monkeypatch):
    from backend.runner.engines import known_engines

    monkeypatch.delenv("ANIDOC_STAND_IN", raising=False)
    assert "standin" not in known_engines()


def test_an_engine_whose_libraries_are_missing_is_a_sentence(tmp_path):
    def incomplete():
        raise ModuleNotFoundError("No module named 'cv2'", name="cv2")

    make_job(tmp_path)
    said = run(tmp_path, engines={"standin": incomplete})
    assert isinstance(said[0], Problem) and "cv2 is missing" in said[0].sentence and "Repair" in said[0].remedy


def test_an_empty_shot_is_a_sentence(tmp_path):
    make_job(tmp_path, ())
    with pytest.raises(JobError, match="no drawings"):
        run_job(tmp_path, engines=ENGINES)


def test_two_runs_at_once_are_refused(tmp_path):
    make_job(tmp_path)

    class Nosy(StandIn):
        def frames(self, shot, options, store):
            with pytest.raises(JobError, match="Another run"):
                run_job(tmp_path, engines=ENGINES)
            yield from super().frames(shot, options, store)

    assert end_of(run(tmp_path, engines={"standin": Nosy})).outcome == "done"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"coloured": [{"x": 1}]}', b"\xff"])
def test_a_damaged_report_or_journal_costs_time_and_nothing_else(tmp_path, content):
    make_job(tmp_path)
    run(tmp_path)
    whole = result_of(tmp_path)
    (tmp_path / "report.json").write_bytes(content)
    write_bytes(tmp_path / "work" / "frames.jsonl", content)
    run(tmp_path)
    assert result_of(tmp_path) == whole


def test_a_report_that_lies_is_not_believed(tmp_path):
    make_job(tmp_path)
    run(tmp_path)
    whole = result_of(tmp_path)
    lie = json.loads(whole["report.json"])
    for entry in lie["coloured"]:
        entry["file"] = "../secret.png"
    lie["coloured"][0]["sha256"] = 5
    (tmp_path / "report.json").write_text(json.dumps(lie))
    run(tmp_path)
    assert result_of(tmp_path) == whole


def test_a_key_of_another_size_is_a_sentence(tmp_path):
    import cv2

    job = make_job(tmp_path)
    write_bytes(tmp_path / "keys" / "k.png", cv2.imencode(".png", np.zeros((5, 7, 3), np.uint8))[1].tobytes())
    key = dataclasses.replace(job.keys[0], file="keys/k.png", name="my key.png")
    save_job(tmp_path, dataclasses.replace(job, keys=(key,)))
    with pytest.raises(AniDocError, match=r"my key\.png is 7 x 5 pixels; its drawing is 96 x 64"):
        run_job(tmp_path, engines=ENGINES)
