"""Rendering a scene's sequencer when its shot is coloured: pictures or a film, into the shot's own folder."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from .. import compat
from ..folders import safe_name
from ..task import Status

FOLDER = "render"
"""Inside the job folder, which knows nothing of it."""

_KEPT = ("filepath", "use_sequencer", "use_file_extension", "use_overwrite", "use_placeholder")
_KEPT_IMAGE = ("media_type", "file_format", "color_mode", "color_depth")
_KEPT_FILM = ("format", "codec", "constant_rate_factor", "audio_codec")


def render_scene(name: str, kind: str, folder: Path) -> Generator[Status, bool | None, Path]:
    """Render the sequencer of the scene ``name`` as ``PNG`` or ``VIDEO`` below ``folder``; gives the folder or film.

    In a window Blender renders as its own job and the artist sees it; in background it is done on the spot. The scene's
    own output settings are as before afterwards. Raises ``AniDocError``.
    """
    scene = bpy.data.scenes.get(name)
    if scene is None:
        raise AniDocError(f"The scene {name} is gone; it could not be rendered.")
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    film = target / f"{safe_name(name)}.mp4"
    yield Status("Rendering")
    with _output(scene, kind, film if kind == "VIDEO" else target / "####"):
        yield from _render(scene)
    if kind == "VIDEO":
        wanted = [film]
    else:
        wanted = [
            target / f"{frame:04d}.png" for frame in range(scene.frame_start, scene.frame_end + 1, scene.frame_step)
        ]
    missing = [path for path in wanted if not path.is_file()]
    if missing:
        raise AniDocError(
            f"Blender did not render {missing[0].name} of {name}.", "Render the scene by hand to see what it says."
        )
    return film if kind == "VIDEO" else target


def _render(scene: bpy.types.Scene) -> Iterator[Status]:
    try:
        if bpy.app.background:
            bpy.ops.render.render(animation=True, scene=scene.name)
            return
        ended: list[str] = []
        done, cancelled = (lambda *_: ended.append("done")), (lambda *_: ended.append("cancelled"))
        bpy.app.handlers.render_complete.append(done)
        bpy.app.handlers.render_cancel.append(cancelled)
        try:
            windows = list(bpy.context.window_manager.windows)
            with bpy.context.temp_override(window=windows[0]):
                bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=scene.name)
            while not ended:  # the task's timer turns us only while Blender does not render
                yield Status("Rendering")
        finally:
            bpy.app.handlers.render_complete.remove(done)
            bpy.app.handlers.render_cancel.remove(cancelled)
    except RuntimeError as problem:
        sentence = str(problem).strip().removeprefix("Error: ")
        raise AniDocError(f"{scene.name} could not be rendered: {sentence}", "Render it by hand.") from problem
    if ended[0] == "cancelled":
        raise AniDocError(f"Rendering {scene.name} was cancelled.", "Its frames are coloured; render it by hand.")


@contextmanager
def _output(scene: bpy.types.Scene, kind: str, path: Path) -> Iterator[None]:
    """The scene's output set to ours, and back."""
    render: Any = scene.render
    parts = ((render, _KEPT), (render.image_settings, _KEPT_IMAGE), (render.ffmpeg, _KEPT_FILM))
    before = [(part, name, getattr(part, name)) for part, names in parts for name in names if hasattr(part, name)]
    try:
        render.use_sequencer = render.use_overwrite = True
        render.use_placeholder = False
        if kind == "VIDEO":
            compat.write_film(render)
            render.use_file_extension = False
        else:
            compat.write_pictures(render.image_settings)
            render.use_file_extension = True
        render.filepath = str(path)
        yield
    finally:
        for part, name, value in before:
            try:
                setattr(part, name, value)
            except TypeError:  # a depth the restored format does not know
                continue
