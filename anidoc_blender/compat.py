"""Which Blender is this? The only file that asks, so that a new version is met in one place.

Everything is told by what a thing can do where possible, by the version number where that says nothing.
"""

from collections.abc import Iterator
from typing import Any

import bpy

FILL_BY_STROKE = bpy.app.version >= (5, 2)
"""From 5.2 a stroke says itself whether it is filled (fill_id) and drawn (hide_stroke); before, its material does."""


def grease_pencils() -> Any:
    """The Grease Pencil datablocks; 4.5 still keeps annotations under the plain name."""
    data: Any = bpy.data
    return data.grease_pencils_v3 if hasattr(data, "grease_pencils_v3") else data.grease_pencils


def all_strips(scene: bpy.types.Scene) -> Iterator[Any]:
    """Every strip of the scene's sequencer, those inside meta strips too."""
    editor: Any = scene.sequence_editor
    if editor is not None:
        yield from editor.strips_all


def strip_bounds(strip: Any) -> tuple[int, int]:
    """First frame a strip shows and the first it does not show any more, trims included."""
    if hasattr(strip, "left_handle"):
        return int(strip.left_handle), int(strip.right_handle)
    return int(strip.frame_final_start), int(strip.frame_final_end)


def strip_content(strip: Any) -> tuple[int, int, int]:
    """Frame at which a strip's material begins (its handles left out), how many frames of it there are, and how many
    pictures of the file come before it."""
    if hasattr(strip, "content_start"):
        return round(strip.content_start), int(strip.content_duration), int(strip.content_trim_start)
    return round(strip.frame_start), int(strip.frame_duration), int(strip.animation_offset_start)


def move_strip(strip: Any, start: int, channel: int) -> None:
    """Put a strip's first picture at frame ``start``, untrimmed, on ``channel``.

    Blender moves a strip that would overlap another one to a free channel by itself, so the channel is set last.
    """
    if hasattr(strip, "content_start"):
        strip.left_handle_offset = strip.right_handle_offset = 0
        strip.content_start = start
    else:
        strip.frame_offset_start = strip.frame_offset_end = 0
        strip.frame_start = start
    strip.channel = channel


def show_in_sequencer(scene: bpy.types.Scene) -> None:
    """Let sequencers that show no scene yet show this one (from 5.0 on; before, they show the window's scene)."""
    for workspace in bpy.data.workspaces:
        space: Any = workspace
        if hasattr(space, "sequencer_scene") and space.sequencer_scene is None:
            space.sequencer_scene = scene


def write_pictures(image_settings: Any) -> None:
    """Have a scene's renders written as PNG with alpha. From 5.0 pictures and films are told apart first."""
    if hasattr(image_settings, "media_type"):
        image_settings.media_type = "IMAGE"
    image_settings.file_format, image_settings.color_mode, image_settings.color_depth = "PNG", "RGBA", "8"


def write_film(render: Any) -> None:
    """Have a scene's renders written as an H.264 film in MP4, without sound where there is none."""
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.ffmpeg.format, render.ffmpeg.codec, render.ffmpeg.constant_rate_factor = "MPEG4", "H264", "HIGH"
    render.ffmpeg.audio_codec = "AAC"
