"""``anidoc colorize``: the fixed form that other programs call. The stand-in engine colours; the rest is real."""

import json
import shutil

import cv2
import numpy as np
import pytest

from backend.cli.colorize import split_key
from backend.cli.sketches import natural
from backend.contracts.errors import AniDocError
from backend.contracts.jobfolder import load_job
from backend.pictures.png import png_head
from tests.support.jobs import anidoc

SIZE = (48, 64)


def sketch(n, size=SIZE):
    """A white page with a dark ring."""
    page = np.full((*size, 3), 255, np.uint8)
    cv2.circle(page, (20 + n, 24), 10, (0, 0, 0), 2)
    return page


def painted(picture):
    """The page with the ring's inside filled."""
    return cv2.floodFill(picture.copy(), None, (25, 24), (60, 30, 200))[1]


def save(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, picture)[1].tobytes())


@pytest.fixture
def folder(tmp_path):
    for n in (1, 2, 9, 10, 11):
        save(tmp_path / "sketches" / f"{n}.png", sketch(n))
    save(tmp_path / "key.png", painted(sketch(1)))
    save(tmp_path / "sheet.png", painted(sketch(5, (90, 70))))
    return tmp_path


def colorize(folder, *more, sketches=None, out=None):
    return anidoc(
        "colorize", "--engine", "standin", "--sketches", sketches or folder / "sketches", "--out", out or folder / "out",
        *more,
    )  # fmt: skip


def names(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def test_each_sketch_becomes_an_rgba_picture_of_the_same_name_and_size(folder):
    done = colorize(folder, "--key", f"1.png={folder / 'key.png'}", "--reference", folder / "sheet.png")
    assert done.returncode == 0, done.stderr
    assert names(folder / "out") == names(folder / "sketches")
    for path in (folder / "out").glob("*.png"):
        head = png_head(path.read_bytes())
        assert head and (head.height, head.width, head.bits, head.colour_type) == (*SIZE, 8, 6)
    assert "Done: 5 drawings coloured, " in done.stdout
    assert done.stdout.strip().endswith(f"s. They are in {folder / 'out'}.")


def test_nine_comes_before_ten(folder):
    colorize(folder, "--reference", folder / "sheet.png")
    job = load_job(folder / "out" / ".anidoc")
    assert [d.name for d in job.drawings] == ["1.png", "2.png", "9.png", "10.png", "11.png"]
    assert [e.frame for e in job.exposures] == [1, 2, 3, 4, 5]


def test_people_count_digits_as_numbers():
    order = ["a2.png", "A9.png", "a10.png", "a10b1.png", "b.png", "b1.png", "b٣.png"]
    assert sorted(reversed(order), key=natural) == order
    assert sorted(["1²", "9", "10"], key=natural)


def test_names_with_spaces_and_other_scripts(folder):
    place = folder / "Szene 1 – Größe"
    for name in ("a b.png", "日本語 (2).png", "it's=ok.png", "ünï.PNG"):
        save(place / name, sketch(len(name)))
    done = colorize(
        folder, "--key", f"日本語 (2).png={folder / 'key.png'}", sketches=place, out=folder / "Ergebnis – 結果"
    )
    assert done.returncode == 0, done.stderr
    assert names(folder / "Ergebnis – 結果") == names(place)


def test_a_key_is_split_at_the_first_equals_sign():
    assert [str(x) for x in split_key("1.png=a=b.png")] == ["1.png", "a=b.png"]
    assert [str(x) for x in split_key("a = 1.png=b=c.png", {"a = 1.png"})] == ["a = 1.png", "b=c.png"]
    for bad in ("1.png", "=a.png", "1.png="):
        with pytest.raises(AniDocError, match="NAME=IMG"):
            split_key(bad)


def test_equal_sketches_are_coloured_once_and_written_under_each_name(folder):
    shutil.copy(folder / "sketches" / "1.png", folder / "sketches" / "3.png")
    assert colorize(folder, "--reference", folder / "sheet.png").returncode == 0
    assert (folder / "out" / "1.png").read_bytes() == (folder / "out" / "3.png").read_bytes()
    assert len(load_job(folder / "out" / ".anidoc").drawings) == 5


def test_a_second_call_says_that_nothing_had_changed(folder):
    colorize(folder, "--reference", folder / "sheet.png")
    again = colorize(folder, "--reference", folder / "sheet.png")
    assert "Done: nothing had changed, 5 drawings as before, " in again.stdout
    summary = json.loads(colorize(folder, "--reference", folder / "sheet.png", "--json").stdout.splitlines()[-1])
    assert (summary["coloured"], summary["kept"]) == (5, 5)


def test_a_second_call_writes_nothing_anew_and_a_changed_sketch_is_noticed(folder):
    colorize(folder, "--reference", folder / "sheet.png")
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (folder / "out").glob("*.png")}
    colorize(folder, "--reference", folder / "sheet.png")
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (folder / "out").glob("*.png")} == before
    save(folder / "sketches" / "9.png", sketch(99))
    again = colorize(folder, "--reference", folder / "sheet.png")
    assert "Done: 2 drawings coloured anew, 3 as before, " in again.stdout
    changed = {p.name for p, (_, data) in before.items() if p.read_bytes() != data}
    assert changed == {"9.png", "10.png"}, "it, and the one that depends on it"
    assert len(list((folder / "out" / ".anidoc" / "drawings").iterdir())) == 5


def test_json_is_one_object_a_line_and_a_summary(folder):
    done = colorize(folder, "--reference", folder / "sheet.png", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["type"] for line in lines} >= {"progress", "frame", "finished", "summary"}
    summary = lines[-1]
    assert (summary["type"], summary["outcome"], summary["coloured"], summary["failed"]) == ("summary", "done", 5, 0)
    assert [f["name"] for f in summary["frames"]] == ["1.png", "2.png", "9.png", "10.png", "11.png"]
    assert summary["frames"][0]["file"] == str(folder / "out" / "1.png")


def test_a_broken_sketch_is_said_at_the_end_and_the_others_are_coloured(folder):
    (folder / "sketches" / "2.png").write_bytes((folder / "sketches" / "1.png").read_bytes()[:100])
    save(folder / "sketches" / "10.png", sketch(3, (10, 10)))
    done = colorize(folder, "--reference", folder / "sheet.png", "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["outcome"], summary["coloured"], summary["failed"]) == ("done", 3, 2)
    assert [p["name"] for p in summary["problems"]] == ["2.png", "10.png"]
    assert "10 x 10 pixels; the others are 64 x 48" in summary["problems"][1]["sentence"]
    assert names(folder / "out") == ["1.png", "11.png", "9.png"]


def test_sketches_that_are_all_broken_are_one_failure(folder):
    for path in (folder / "sketches").iterdir():
        path.write_bytes(b"no picture")
    done = colorize(folder, "--reference", folder / "sheet.png")
    assert done.returncode == 2 and "not a picture" in done.stderr


def test_sketches_of_other_kinds_come_out_as_png(folder):
    for path in (folder / "sketches").iterdir():
        path.unlink()
    save(folder / "sketches" / "a.jpg", sketch(1))
    save(folder / "sketches" / "b.tif", sketch(2))
    (folder / "sketches" / ".hidden.png").write_bytes(b"x")
    (folder / "sketches" / "notes.txt").write_text("x")
    assert colorize(folder, "--reference", folder / "sheet.png").returncode == 0
    assert names(folder / "out") == ["a.png", "b.png"]


def complaint(done):
    assert done.returncode == 2 and not done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("anidoc: ") and "Traceback" not in done.stderr
    return lines[0]


def test_what_was_asked_wrongly_is_one_sentence_and_nothing_is_written(folder):
    key, sheet = folder / "key.png", folder / "sheet.png"
    (folder / "empty").mkdir()
    for more, words, where in [
        ((), "nothing to take colours from", {}),
        (("--reference", folder / "no.png"), "no.png is missing", {}),
        (("--key", f"1.png={folder / 'no.png'}"), "no.png is missing", {}),
        (("--key", f"1={key}"), "Did you mean 1.png?", {}),
        (("--key", f"zebra.png={key}"), "no sketch called zebra.png", {}),
        (("--key", "1.png"), "NAME=IMG", {}),
        (("--key", f"1.png={key}", "--key", f"1.png={sheet}"), "Two keys", {}),
        (("--reference", sheet), "no sketches in", {"sketches": folder / "empty"}),
        (("--reference", sheet), "no folder", {"sketches": folder / "nowhere"}),
        (("--reference", sheet), "would overwrite", {"out": folder / "sketches"}),
    ]:
        assert words in complaint(colorize(folder, *more, **where))
    assert not (folder / "out").exists()


def test_a_key_of_another_size_or_unreadable_is_one_sentence(folder):
    done = colorize(folder, "--key", f"1.png={folder / 'sheet.png'}")
    assert done.returncode == 2 and "70 x 90 pixels; its drawing is 64 x 48" in done.stderr
    (folder / "bad.png").write_bytes(b"bad")
    done = colorize(folder, "--reference", folder / "bad.png")
    assert done.returncode == 2 and "bad.png is not a picture" in done.stderr


@pytest.mark.parametrize("thicker", [0, 1, 3])
def test_a_key_or_reference_that_is_only_line_art_is_one_sentence(folder, thicker):
    """The drawing itself, given by mistake; perhaps traced or scanned once more, a little off its lines."""
    lines = cv2.circle(np.roll(sketch(1), thicker, 1), (21 + thicker, 24), 10, (0, 0, 0), 2 + thicker)
    save(folder / "lines.png", lines)
    save(folder / "lines on nothing.png", np.dstack([lines, 255 - lines[..., 0]]))
    for name in ("lines.png", "lines on nothing.png"):
        done = colorize(folder, "--key", f"1.png={folder / name}")
        assert done.returncode == 2
        assert f"The key {folder / name} holds no colour, only lines on paper. Give the coloured" in done.stderr
    save(folder / "lines.png", sketch(1, (90, 70)))
    done = colorize(folder, "--reference", folder / "lines.png")
    assert done.returncode == 2 and f"The reference {folder / 'lines.png'} holds no colour" in done.stderr
    save(folder / "broad.png", cv2.circle(np.full((540, 960, 3), 255, np.uint8), (480, 270), 200, (0, 0, 0), 11))
    done = colorize(folder, "--reference", folder / "broad.png")
    assert done.returncode == 2 and f"The reference {folder / 'broad.png'} holds no colour" in done.stderr
    assert names(folder / "out") == []


def test_painted_pictures_given_as_sketches_are_one_sentence(folder):
    """The shot's coloured frames, given where its line art belongs: the lines seem to cover all colour there is."""
    save(folder / "sketches" / "1.png", painted(sketch(1)))
    done = colorize(folder, "--key", f"1.png={folder / 'sketches' / '1.png'}")
    assert done.returncode == 2 and "is no line art: it is painted where the key is." in done.stderr


def test_grey_paintings_given_as_sketches_are_used_and_doubted(folder):
    grey = painted(sketch(1))
    grey[(grey != 255).any(2) & (grey != 0).any(2)] = 190
    save(folder / "sketches" / "1.png", grey)
    done = colorize(folder, "--key", f"1.png={folder / 'key.png'}", "--json")
    (told,) = [m for m in map(json.loads, done.stdout.splitlines()) if m["type"] == "doubt"]
    assert done.returncode == 0 and told["sentence"] in done.stderr
    assert told["sentence"] == "The drawing 1.png is painted where its coloured version is: it is no line art."
    assert told["remedy"] == "If that is not meant, give it as dark lines on light paper."


def test_light_lines_on_dark_and_drawings_too_small_are_told_as_that(folder):
    save(folder / "sketches" / "1.png", 255 - sketch(1))
    done = colorize(folder, "--key", f"1.png={folder / 'key.png'}")
    assert done.returncode == 2 and "dark nearly all over: lines are expected dark on light. Invert" in done.stderr
    page = np.full((*SIZE, 3), 255, np.uint8)
    cv2.circle(page, (20, 24), 5, (0, 0, 0), 1)
    save(folder / "sketches" / "1.png", page)
    save(folder / "small.png", cv2.floodFill(page, None, (20, 24), (60, 30, 200))[1])
    done = colorize(folder, "--key", f"1.png={folder / 'small.png'}")
    assert done.returncode == 2 and "too small (64 x 48 pixels): all its areas are narrower than 11" in done.stderr


def test_drawings_without_lines_are_told(folder):
    blank = np.full((*SIZE, 3), 255, np.uint8)
    save(folder / "sketches" / "1.png", blank)
    done = colorize(folder, "--key", f"1.png={folder / 'key.png'}")
    assert done.returncode == 2 and "The drawing 1.png has no lines; the key" in done.stderr
    done = colorize(folder, "--reference", folder / "sheet.png")
    assert done.returncode == 0, done.stderr  # the figure is not there yet
    for n in (2, 9, 10, 11):
        save(folder / "sketches" / f"{n}.png", np.full((*SIZE, 3), 244 + n, np.uint8))
    done = colorize(folder, "--reference", folder / "sheet.png")
    assert done.returncode == 2 and "1.png has no lines, and neither has any other drawing." in done.stderr


def test_a_gap_of_no_width_is_a_sentence(folder):
    done = colorize(folder, "--key", f"1.png={folder / 'key.png'}", "--gap", "-5")
    assert done.returncode == 2 and "--gap -5 is no width. Give 0 to 10000 pixels" in done.stderr


@pytest.mark.parametrize("kind", ["black", "pale", "white on nothing", "aged paper", "whole page"])
def test_a_key_with_any_paint_at_all_is_taken(folder, kind):
    page = sketch(1)
    if kind == "white on nothing":
        page = np.dstack([page, 255 * cv2.circle(np.zeros(SIZE, np.uint8), (21, 24), 11, 1, -1)])
    elif kind == "aged paper":
        page = np.minimum(page, 226)
        cv2.floodFill(page, None, (25, 24), (180, 200, 226))
    elif kind == "whole page":
        page = np.full((*SIZE, 3), (90, 120, 40), np.uint8)
    else:
        cv2.floodFill(page, None, (25, 24), {"black": (0, 0, 0), "pale": (225, 245, 255)}[kind])
    save(folder / "paint.png", page)
    done = colorize(folder, "--key", f"1.png={folder / 'paint.png'}")
    assert done.returncode == 0, done.stderr


def test_a_key_that_lies_on_another_sketch_is_used_and_doubted(folder):
    save(folder / "key11.png", painted(sketch(11)))
    done = colorize(folder, "--key", f"1.png={folder / 'key11.png'}")
    assert done.returncode == 0
    assert "key11.png lies better on the lines of 11.png than on those of 1.png" in done.stderr
    assert f"--key 11.png={folder / 'key11.png'}" in done.stderr
    right = colorize(folder, "--key", f"11.png={folder / 'key11.png'}", "--key", f"1.png={folder / 'key.png'}")
    assert (right.returncode, right.stderr) == (0, "")


def test_a_doubted_key_is_told_to_programs_too(folder):
    save(folder / "key11.png", painted(sketch(11)))
    done = colorize(folder, "--key", f"1.png={folder / 'key11.png'}", "--json")
    (told,) = [m for m in map(json.loads, done.stdout.splitlines()) if m["type"] == "doubt"]
    assert told["remedy"] == f"If that is not meant, give it as --key 11.png={folder / 'key11.png'}."
    assert "lies better on the lines of 11.png" in done.stderr
    told = anidoc("run", folder / "out" / ".anidoc")
    assert told.returncode == 0 and "key11.png lies better on the lines of 11.png" in told.stderr
    told = anidoc("batch", folder / "out", "--report", folder / "report")
    assert told.stdout.startswith("1 of 1  out: done, 5 drawings"), "the shot's name is the folder's that people know"
    assert told.returncode == 0 and "key11.png lies better on the lines of 11.png" in told.stdout
    told = anidoc("batch", folder / "out", "--check")
    assert (told.returncode, told.stdout) == (0, "1 job can be run.\n")
    assert "key11.png lies better on the lines of 11.png" in told.stderr


def test_a_key_that_lies_on_no_sketch_is_used_and_doubted(folder):
    page = np.full((*SIZE, 3), 255, np.uint8)
    cv2.rectangle(page, (44, 4), (60, 44), (60, 30, 200), -1)
    save(folder / "other.png", page)
    done = colorize(folder, "--key", f"1.png={folder / 'other.png'}")
    assert done.returncode == 0 and "does not lie on the lines of 1.png" in done.stderr


def test_a_key_a_little_beside_its_lines_is_not_doubted(folder):
    save(folder / "beside.png", np.roll(painted(sketch(9)), (2, 3), (0, 1)))
    done = colorize(folder, "--key", f"9.png={folder / 'beside.png'}")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_result_would_overwrite_the_key_it_comes_from(folder):
    save(folder / "out" / "1.png", sketch(1))
    assert "would overwrite" in complaint(colorize(folder, "--key", f"1.png={folder / 'out' / '1.png'}"))


def test_two_sketches_for_one_output_are_refused(folder):
    save(folder / "sketches" / "1.jpg", sketch(1))
    assert "both be written to 1.png" in complaint(colorize(folder, "--reference", folder / "sheet.png"))


def test_an_output_that_cannot_be_written_is_a_sentence(folder):
    (folder / "out").write_text("a file")
    said = complaint(colorize(folder, "--reference", folder / "sheet.png"))
    assert f"The folder {folder / 'out'} cannot be written (it is a file). Choose another one with --out" in said
    said = complaint(colorize(folder, "--reference", folder / "sheet.png", out="/proc/out"))
    assert "The folder /proc/out cannot be written" in said
    said = complaint(colorize(folder, "--reference", folder / "sheet.png", "--work", "/proc/job", out=folder / "o"))
    assert "The folder /proc/job cannot be written" in said and "with --work" in said


@pytest.mark.parametrize("verb", ["run", "clean"])
def test_who_gives_the_folder_of_pictures_is_told_where_its_job_is(folder, verb):
    colorize(folder, "--reference", folder / "sheet.png")
    said = complaint(anidoc(verb, folder / "out"))
    assert f"anidoc {verb} {folder / 'out' / '.anidoc'}" in said
    assert anidoc(verb, folder / "out" / ".anidoc").returncode == 0
    assert "There is no job in" in anidoc(verb, folder / "sketches").stderr


def test_an_error_with_json_is_json_too(folder):
    done = colorize(folder, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["problem", "finished", "summary"]
    assert lines[-1]["outcome"] == "failed" and lines[-1]["frames"] == []
    assert done.returncode == 2 and "nothing to take colours from" in lines[0]["sentence"]


@pytest.mark.parametrize("mode", ["16", "exif", "alpha", "cmyk", "grey"])
def test_keys_of_every_kind_are_taken(folder, mode):
    from PIL import Image

    picture = Image.new("RGB", (SIZE[1], SIZE[0]), (200, 30, 60))
    path = folder / ("key.tif" if mode == "cmyk" else "key.png")
    if mode == "16":
        path.write_bytes(cv2.imencode(".png", np.full((*SIZE, 3), 257 * 60, np.uint16))[1].tobytes())
    elif mode == "exif":
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.rotate(90, expand=True).save(path, exif=exif)
    else:
        picture.convert({"alpha": "RGBA", "cmyk": "CMYK", "grey": "L"}[mode]).save(path)
    done = colorize(folder, "--key", f"1.png={path}")
    assert done.returncode == 0, done.stderr


def test_the_job_is_left_where_asked(folder):
    assert colorize(folder, "--reference", folder / "sheet.png", "--work", folder / "job").returncode == 0
    assert not (folder / "out" / ".anidoc").exists()
    assert anidoc("run", folder / "job").returncode == 0
