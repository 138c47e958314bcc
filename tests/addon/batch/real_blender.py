"""The batch command in a real Blender program: six demo scenes, one broken, run twice. A script, not a test of pytest.

    python3 tests/addon/batch/real_blender.py --blender blender --zip anidoc.zip --python ENV/bin/python --out OUT

``--python`` has the colouring environment's packages. Blender gets a user folder of its own in OUT. Ends with 0 only if
all of it happened: exit code 1 with five shots done and one failed with its reason, the report page, and a second run that
colours nothing but the mended shot.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

MAKE = """
import bpy, importlib
build = importlib.import_module("bl_ext.user_default.anidoc.anidoc_blender.demo.build").build_demo_scene
for n in range(6):
    scene = bpy.context.scene if n == 0 else bpy.data.scenes.new("new")
    scene.name = f"Shot {n + 1}"
    character = build(scene, count=3, seed=n, width=640, height=360)
    key = scene.anidoc.references.add()
    key.kind, key.frame, key.is_key = "DRAWING", character.data.layers["Key"].frames[0].frame_number, True
    scene.anidoc_batch.use = True
bpy.data.scenes["Shot 3"].camera = None
bpy.ops.wm.save_as_mainfile(filepath=FILE)
"""
MEND = """
import bpy
scene = bpy.data.scenes["Shot 3"]
scene.camera = next(ob for ob in scene.objects if ob.type == "CAMERA")
bpy.ops.wm.save_mainfile()
"""


def main() -> int:
    """All of it; says each step."""
    parser = argparse.ArgumentParser(description="Try the batch command in a real Blender.")
    for name in ("--blender", "--zip", "--python", "--out"):
        parser.add_argument(name, required=True)
    chosen = parser.parse_args()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    file, report = out / "six.blend", out / "report"
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(out / "user"),
        "ANIDOC_PYTHON": str(Path(chosen.python).absolute()),
    }

    def blender(*arguments: object) -> int:
        ended = subprocess.run([chosen.blender, *map(str, arguments)], env=environment, timeout=900, check=False)
        print(f"== {' '.join(map(str, arguments))[:90]}: exit code {ended.returncode}", flush=True)
        return ended.returncode

    def script(text: str, *before: object) -> int:
        path = out / "script.py"
        path.write_text(f"FILE = {str(file)!r}\n{text}", encoding="utf-8")
        return blender("--background", *before, "--python-exit-code", 3, "--python", path)

    def shots() -> list[dict]:
        return json.loads((report / "batch.json").read_text(encoding="utf-8"))["shots"]

    must(
        blender("--command", "extension", "install-file", "-r", "user_default", "--enable", chosen.zip) == 0, "install"
    )
    must(script(MAKE) == 0, "make the file")
    first = blender("--command", "anidoc", "batch", file, "--render", "--save", "--report", report)
    must(first == 1, "the first run's exit code is 1")
    must([s["outcome"] for s in shots()] == ["done", "done", "failed", "done", "done", "done"], "5 done, 1 failed")
    must("has no camera" in shots()[2]["sentence"], "its reason")
    must("5 shots done, 1 failed" in (report / "index.html").read_text(encoding="utf-8"), "the page")
    must(all(len(list(Path(s["render"]).glob("*.png"))) == 6 for s in shots() if s["render"]), "renders")
    must(sum(bool(s["render"]) for s in shots()) == 5, "five renders")
    must(script(MEND, file) == 0, "mend the third scene")
    must(
        blender("--command", "anidoc", "batch", file, "--save", "--report", report) == 0,
        "the second run's exit code is 0",
    )
    must([s["new"] for s in shots()] == [0, 0, 3, 0, 0, 0], "only the mended one is coloured")
    must(blender("--command", "anidoc", "batch", out / "nowhere.blend", "--report", out / "r2") == 1, "a missing file")
    must(blender("--command", "anidoc", "batch") == 2, "no file")
    print("All of it happened.")
    return 0


def must(true: bool, what: str) -> None:
    """Say it, or end."""
    print(f"{'ok    ' if true else 'FAILED'} {what}", flush=True)
    if not true:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
