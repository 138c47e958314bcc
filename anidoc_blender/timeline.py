"""Put finished frames on the timeline as an image-sequence strip."""

from pathlib import Path

import bpy

from ..backend.contracts.report import Report


def place_strip(scene: bpy.types.Scene, folder: Path, report: Report) -> bpy.types.Strip:
    """One image strip at the shot's own frames; held drawings repeat their file."""
    files = {c.drawing: folder / c.file for c in report.coloured}
    names = [files[e.drawing] for e in report.exposures for _ in range(e.duration)]
    editor = scene.sequence_editor or scene.sequence_editor_create()
    strip = editor.strips.new_image(
        name="AniDoc", filepath=str(names[0]), channel=1, frame_start=report.exposures[0].frame
    )
    for name in names[1:]:
        strip.elements.append(name.name)
    strip.colorspace_settings.name = "sRGB"
    return strip
