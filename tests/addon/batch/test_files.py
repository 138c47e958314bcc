"""``blender --command anidoc batch``: the function that Blender calls, in a real Blender with the real backend."""

from pathlib import Path

import bpy
from bl_ext.user_default.anidoc.anidoc_blender import commands, timeline
from bl_ext.user_default.anidoc.backend.contracts.batch import PAGE_FILE, load_batch

from tests.addon.batch.conftest import saved, several, written


def test_six_scenes_one_broken_and_the_second_run_does_only_that_one(demo_file, tmp_path, monkeypatch, backend_python):
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    report = tmp_path / "report"
    assert commands.run(["batch", str(demo_file), "--save", "--report", str(report)]) == 1
    batch = load_batch(report)
    assert [s.outcome for s in batch.shots] == ["done", "done", "failed", "done", "done", "done"]
    assert "The scene Shot 3 has no camera" in batch.shots[2].sentence and batch.shots[2].remedy
    assert all(s.new == s.coloured == 2 for s in batch.shots if s.outcome == "done")
    page = (report / PAGE_FILE).read_text(encoding="utf-8")
    assert "5 shots done, 1 failed" in page and "has no camera" in page
    assert len(list((report / "pictures").glob("*.jpg"))) == 5

    bpy.ops.wm.open_mainfile(filepath=str(demo_file))
    placed = [s.name for s in bpy.data.scenes if timeline.own_strips(s, s.name)]
    assert sorted(placed) == ["Shot 1", "Shot 2", "Shot 4", "Shot 5", "Shot 6"]
    broken = bpy.data.scenes["Shot 3"]
    broken.camera = next(ob for ob in broken.objects if ob.type == "CAMERA")
    bpy.ops.wm.save_mainfile()
    before = written(tmp_path)

    assert commands.run(["batch", str(demo_file), "--save", "--report", str(report)]) == 0
    assert [s.new for s in load_batch(report).shots] == [0, 0, 2, 0, 0, 0]
    after = written(tmp_path)
    assert {path: after[path] for path in before} == before and len(after) == len(before) + 2


def test_several_files_some_of_which_do_not_open(tmp_path, use):
    use("colour")
    several(2)
    good = saved(tmp_path / "good.blend")
    bpy.data.scenes["Scene B"].anidoc_batch.use = False
    half = saved(tmp_path / "half.blend")
    damaged = tmp_path / "damaged.blend"
    damaged.write_bytes(b"BLENDER of another kind" * 100)
    files = [str(p) for p in (good, damaged, tmp_path / "gone.blend", half)]
    assert commands.run(["batch", *files, "--report", str(tmp_path / "r")]) == 1
    shots = load_batch(tmp_path / "r").shots
    assert [(Path(s.file).name, s.scene, s.outcome) for s in shots] == [
        ("good.blend", "Scene A", "done"),
        ("good.blend", "Scene B", "done"),
        ("damaged.blend", "", "failed"),
        ("gone.blend", "", "failed"),
        ("half.blend", "Scene A", "done"),
    ]
    assert "does not open" in shots[2].sentence and "There is no file" in shots[3].sentence


def test_only_the_named_scenes_and_their_renders(tmp_path, use):
    use("colour")
    several(3)
    bpy.data.scenes["Scene C"].anidoc_batch.render = "VIDEO"
    for scene in bpy.data.scenes:
        scene.render.filepath = "//mine/"
        scene.render.resolution_x, scene.render.resolution_y = 64, 48
    file = saved(tmp_path / "a.blend")
    code = commands.run(
        [
            "batch",
            str(file),
            "--scenes",
            "Scene A,Scene C,Nobody",
            "--render",
            "--save",
            "--report",
            str(tmp_path / "r"),
        ]
    )
    assert code == 1
    a, c, nobody = load_batch(tmp_path / "r").shots
    assert [s.outcome for s in (a, c, nobody)] == ["done", "done", "failed"], (a, c)
    assert "has no scene Nobody" in nobody.sentence
    assert sorted(p.name for p in Path(a.render).iterdir()) == ["0001.png", "0002.png", "0003.png", "0004.png"]
    assert Path(c.render).suffix == ".mp4" and Path(c.render).stat().st_size > 500
    bpy.ops.wm.open_mainfile(filepath=str(file))
    for scene in bpy.data.scenes:
        assert scene.render.filepath == "//mine/" and scene.render.image_settings.file_format == "PNG"


def test_without_ticks_every_scene_with_a_reference_takes_part(tmp_path, use):
    use("colour")
    several(2)
    for scene in bpy.data.scenes:
        scene.anidoc_batch.use = False
    bpy.data.scenes["Scene B"].anidoc.references.clear()
    file = saved(tmp_path / "a.blend")
    assert commands.run(["batch", str(file), "--report", str(tmp_path / "r")]) == 0
    assert [s.scene for s in load_batch(tmp_path / "r").shots] == ["Scene A"]


def test_a_dying_backend_fails_a_shot_and_no_more(tmp_path, use):
    use("dies")
    several(2)
    file = saved(tmp_path / "a.blend")
    assert commands.run(["batch", str(file), "--report", str(tmp_path / "r")]) == 1
    assert ["ended unexpectedly" in s.sentence for s in load_batch(tmp_path / "r").shots] == [True, True]


def test_wrong_arguments_and_no_environment_are_sentences(tmp_path, monkeypatch, capsys):
    assert commands.run(["batch"]) == 2
    assert commands.run([]) == 2
    assert commands.run(["batch", "--help"]) == 0
    monkeypatch.setenv("ANIDOC_PYTHON", str(tmp_path / "nobody"))
    assert commands.run(["batch", "a.blend", "--report", str(tmp_path / "r")]) == 2
    assert "There is no Python at" in capsys.readouterr().err
