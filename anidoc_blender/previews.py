"""Small pictures for the panel: the newest finished frame, and references on disk. Blender reads them in the background."""

import time
from pathlib import Path

import bpy
import bpy.utils.previews

_collection: bpy.utils.previews.ImagePreviewCollection | None = None
_frame_key = ""
_shown = 0
_shown_at = 0.0

SHOWN_FOR = 1.5
"""Seconds a frame is shown at least: Blender reads it in the background, and one that goes before is never seen."""


def show_frame(path: Path) -> None:
    """A newly finished frame is this file; it may be one that was shown before and has changed since.

    Blender makes the picture as it makes thumbnails, which know a file by its name and the second it was written in: a
    frame that was shown and is written again within the same second shows as it was.
    """
    global _frame_key, _shown, _shown_at
    if _collection is None or not _seen() or (_frame_key and time.monotonic() - _shown_at < SHOWN_FOR):
        return
    forget_frame()
    _shown_at = time.monotonic()
    _shown += 1
    _frame_key = f"frame {_shown}"
    _collection.load(_frame_key, str(path), "IMAGE", force_reload=True)


def _seen() -> bool:
    """Whether there is a window to show something in."""
    return not bpy.app.background


def forget_frame() -> None:
    """No frame is shown."""
    global _frame_key
    if _collection is not None and _frame_key in _collection:
        del _collection[_frame_key]
    _frame_key = ""


def frame_icon() -> int:
    """Icon of the newest finished frame; 0 where there is none."""
    return _collection[_frame_key].icon_id if _collection is not None and _frame_key in _collection else 0


def file_icon(path: str) -> int:
    """Icon of a picture on disk; 0 where there is none."""
    if _collection is None or not path:
        return 0
    if path not in _collection:
        _collection.load(path, bpy.path.abspath(path), "IMAGE")
    return _collection[path].icon_id


def register() -> None:
    """Make the collection the pictures are kept in."""
    global _collection
    _collection = bpy.utils.previews.new()


def unregister() -> None:
    """Give its memory back."""
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
