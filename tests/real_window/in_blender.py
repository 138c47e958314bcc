"""Runs inside the driven Blender (blender --python this -- MAILBOX): answers the driver's questions from a timer.

A question is MAILBOX/question.json, {"number": 3, "ask": "regions", "with": {...}}; the answer is MAILBOX/answer.json,
{"number": 3, "answer": ...} or {"number": 3, "error": "..."}. Nothing here presses a button: that is the mouse's work.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

import bpy

ADDON = "bl_ext.user_default.anidoc"
SIDEBAR = "UI"
MAILBOX = Path(sys.argv[sys.argv.index("--") + 1])

_seen: dict[str, Any] | None = None
_answered = 0


def _window() -> Any:
    return bpy.context.window_manager.windows[0]


def _areas(kind: str) -> list[Any]:
    return [area for area in _window().screen.areas if area.type == kind]


def _area(kind: str) -> Any:
    """The largest area of that kind."""
    found = sorted(_areas(kind), key=lambda area: area.width * area.height)
    if not found:
        raise LookupError(f"no area of type {kind} in the window")
    return found[-1]


def _region(area: Any, kind: str) -> Any:
    return next(region for region in area.regions if region.type == kind)


def _box(thing: Any) -> dict[str, int]:
    """Pixels of the window, counted from its top left as the mouse counts them."""
    top = _window().height - thing.y - thing.height
    return {"x": thing.x, "y": top, "width": thing.width, "height": thing.height}


def about() -> dict[str, Any]:
    """Which Blender this is."""
    return {
        "blender": bpy.app.version_string,
        "python": ".".join(map(str, sys.version_info[:3])),
        "online": bpy.app.online_access,
        "window": [_window().width, _window().height],
        "scale": bpy.context.preferences.system.ui_scale,
    }


def prepare() -> None:
    """No splash, no question before quitting: both would take the clicks that are meant for the panel."""
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.view.use_save_prompt = False
    bpy.context.preferences.view.show_developer_ui = False


def install(zip_file: str) -> list[str]:
    """Install as Preferences > Get Extensions > Install from Disk does; the add-ons that are on afterwards."""
    with bpy.context.temp_override(window=_window()):
        bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)
    return [addon.module for addon in bpy.context.preferences.addons if addon.module.startswith("bl_ext.")]


def scene() -> str:
    """The scene that the window shows."""
    return _window().scene.name


def looks_through_camera() -> bool:
    """Whether the largest 3D view shows what the camera sees; for the pictures its frame is then fitted to the window."""
    area = _area("VIEW_3D")
    if area.spaces.active.region_3d.view_perspective != "CAMERA":
        return False
    with bpy.context.temp_override(window=_window(), area=area, region=_region(area, "WINDOW")):
        bpy.ops.view3d.view_center_camera()
    return True


def go_to(frame: int) -> None:
    """Set the current frame."""
    _window().scene.frame_set(frame)


def open_sidebar(kind: str) -> bool:
    """Show the sidebar; whether it is there yet (it opens over some ticks)."""
    area = _area(kind)
    if not area.spaces.active.show_region_ui:
        area.spaces.active.show_region_ui = True
    return _region(area, SIDEBAR).width > 20


def sidebar(kind: str) -> dict[str, Any]:
    """Where the sidebar of the largest such area is, and which tab is open."""
    region = _region(_area(kind), SIDEBAR)
    try:
        tab = region.active_panel_category
    except AttributeError:
        tab = ""
    return {"box": _box(region), "tab": tab, "scale": bpy.context.preferences.system.ui_scale}


def take_clipboard() -> str:
    """What the clipboard holds; it is emptied."""
    text = bpy.context.window_manager.clipboard
    bpy.context.window_manager.clipboard = " "
    return text


def show_sequencer() -> dict[str, Any]:
    """Turn the largest 3D view into a sequencer with preview, and show the whole shot in it."""
    area = _area("VIEW_3D")
    area.ui_type = "SEQUENCE_EDITOR"
    area.spaces.active.view_type = "SEQUENCER_PREVIEW"
    return {"scene": getattr(_window().workspace, "sequencer_scene", _window().scene).name}


def show_whole_shot() -> None:
    """Zoom the sequencer and its preview to what they hold."""
    area = _area("SEQUENCE_EDITOR")
    for region, operator in (("WINDOW", "view_all"), ("PREVIEW", "view_all_preview")):
        with bpy.context.temp_override(window=_window(), area=area, region=_region(area, region)):
            getattr(bpy.ops.sequencer, operator)()


def strips() -> list[dict[str, Any]]:
    """The image strips of all scenes: name, scene, first and last frame, files, and which of them are missing."""
    found: list[dict[str, Any]] = []
    for scene in bpy.data.scenes:
        editor: Any = scene.sequence_editor
        if editor is None:
            continue
        for strip in editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all:
            files = []
            if strip.type == "IMAGE":
                folder = Path(bpy.path.abspath(strip.directory))
                files = [str(folder / element.filename) for element in strip.elements]
            old = not hasattr(strip, "left_handle")
            found.append(
                {
                    "name": strip.name,
                    "type": strip.type,
                    "scene": scene.name,
                    "first": strip.frame_final_start if old else strip.left_handle,
                    "last": (strip.frame_final_end if old else strip.right_handle) - 1,
                    "channel": strip.channel,
                    "frames": len(files),
                    "files": sorted(set(files)),
                    "missing": [file for file in sorted(set(files)) if not Path(file).is_file()],
                }
            )
    return found


def colours(file: str) -> dict[str, Any]:
    """How many colours the opaque pixels of a picture have, and how much of the picture is opaque (0..1)."""
    import numpy as np

    image: Any = bpy.data.images.load(file)
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    rgba = np.round(pixels.reshape(-1, 4) * 255).astype(np.uint8)
    opaque = rgba[rgba[:, 3] == 255]
    return {"colours": len(np.unique(opaque, axis=0)), "opaque": round(len(opaque) / max(1, len(rgba)), 4)}


def said() -> list[str]:
    """The messages that stand in the add-on's panel, each with its level: ``INFO The colouring environment is ready.``"""
    module = sys.modules.get(f"{ADDON}.anidoc_blender.messages")
    notices = module.board if module is not None else ()
    return [f"{notice.level} {notice}" for notice in notices]


def working() -> bool:
    """Whether the add-on is at something."""
    module = sys.modules.get(f"{ADDON}.anidoc_blender.task")
    return module is not None and module.current() is not None


def save(file: str) -> None:
    """Save the .blend there."""
    with bpy.context.temp_override(window=_window()):
        bpy.ops.wm.save_as_mainfile(filepath=file)


def load(file: str) -> None:
    """Open a .blend."""
    with bpy.context.temp_override(window=_window()):
        bpy.ops.wm.open_mainfile(filepath=file)


QUESTIONS = {
    function.__name__: function
    for function in (
        about, prepare, install, scene, looks_through_camera, go_to, open_sidebar, sidebar,
        take_clipboard, show_sequencer, show_whole_shot, strips, colours, said, working, save, load,
    )
}  # fmt: skip


def _write(answer: dict[str, Any]) -> None:
    part = MAILBOX / "answer.part"
    part.write_text(json.dumps(answer), encoding="utf-8")
    part.replace(MAILBOX / "answer.json")


def _tick() -> float:
    """A question is answered one tick after it was seen: what mouse and keys did before it has been handled then."""
    global _seen, _answered
    if _seen is None:
        try:
            question = json.loads((MAILBOX / "question.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0.05
        if question["number"] > _answered:
            _seen = question
        return 0.02
    question, _seen = _seen, None
    _answered = question["number"]
    try:
        answer = {"number": _answered, "answer": QUESTIONS[question["ask"]](**question["with"])}
    except Exception as problem:  # the driver shows it and fails
        traceback.print_exc()
        answer = {"number": _answered, "error": f"{type(problem).__name__}: {problem}"}
    _write(answer)
    return 0.05


bpy.app.timers.register(_tick, first_interval=0.5, persistent=True)
