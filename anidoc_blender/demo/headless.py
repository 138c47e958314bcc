"""The demo inside a headless Blender: build the shot, press the button, render the strip through the sequencer.

Run as a script, not imported:  blender -b --python headless.py -- OUT DRAWINGS SEED RESULT
(or by a Python that has the bpy module, with the same arguments). The add-on must lie in the user folder.
"""

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import bpy

SAY = "AniDoc: "
"""Lines that begin so are for the person who waits; all others are Blender's own."""

ADDON = "bl_ext.user_default.anidoc"

# Only importable once bpy is, which import sorting would not respect.
addon_utils: Any = importlib.import_module("addon_utils")


def main() -> int:
    """Do everything and leave RESULT: a JSON object with the paths, or with the problem as a sentence."""
    out, drawings, seed, result = sys.argv[sys.argv.index("--") + 1 :]
    report: dict[str, Any]
    try:
        report = make(Path(out), int(drawings), int(seed))
    except Exception as error:
        traceback.print_exc()
        sentence = getattr(error, "sentence", None) or str(error).strip() or type(error).__name__
        report = {
            "problem": sentence.removeprefix("Error: ").strip(),
            "remedy": getattr(error, "remedy", ""),
            "detail": traceback.format_exc(),
        }
    finally:
        # Blender 4.5 does not end while a timer of an add-on is registered.
        addon_utils.disable(ADDON)
    part = Path(result).with_suffix(".part")
    part.write_text(json.dumps(report, indent=1), encoding="utf-8")
    part.replace(result)
    sys.stdout.flush()
    return 1 if "problem" in report else 0


def say(text: str) -> None:
    """One line on how far it is."""
    print(f"{SAY}{text}", flush=True)


def make(out: Path, drawings: int, seed: int) -> dict[str, Any]:
    """The whole demo; gives the paths of the .blend and of the rendered frames, and how long the button took."""
    addon_utils.modules_refresh()
    if addon_utils.enable(ADDON, default_set=True) is None:
        raise RuntimeError("The add-on could not be switched on in this Blender.")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0  # no demo.blend1 beside it
    say(f"drawing {drawings} drawings in Grease Pencil strokes")
    build = importlib.import_module(f"{ADDON}.anidoc_blender.demo.build")
    scene = bpy.context.scene
    scene.name = "Demo"
    build.build_demo_scene(scene, count=drawings, seed=seed)
    blend = out / "demo.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    bpy.ops.anidoc.use_drawing_as_key()  # pyright: ignore[reportAttributeAccessIssue]
    say("pressing Colorize Shot")
    started = time.monotonic()
    ended = bpy.ops.anidoc.colorize_shot()  # pyright: ignore[reportAttributeAccessIssue]
    if ended != {"FINISHED"}:
        raise RuntimeError("Colorize Shot did not finish.")
    seconds = time.monotonic() - started
    bpy.ops.wm.save_mainfile()
    say(f"rendering the strip, {scene.frame_end - scene.frame_start + 1} frames")
    return {"blend": str(blend), "seconds": seconds, "frames": [str(path) for path in render(scene, out / "frames")]}


def render(scene: bpy.types.Scene, folder: Path) -> list[Path]:
    """Render the sequencer to PNG files with alpha; gives them in order."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    settings: Any = scene.render
    settings.use_sequencer = True
    settings.film_transparent = True
    settings.image_settings.file_format = "PNG"
    settings.image_settings.color_mode = "RGBA"
    settings.image_settings.color_depth = "8"
    settings.filepath = str(folder / "####.png")
    bpy.ops.render.render(animation=True, scene=scene.name)
    wanted = [folder / f"{frame:04d}.png" for frame in range(scene.frame_start, scene.frame_end + 1)]
    missing = [path.name for path in wanted if not path.is_file()]
    if missing:
        raise RuntimeError(f"Blender did not render {missing[0]}.")
    return wanted


if __name__ == "__main__":
    code = main()
    if code:
        sys.exit(code)
