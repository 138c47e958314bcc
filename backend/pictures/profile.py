"""Colour modes and embedded profiles to 8-bit sRGB with straight alpha."""

import io

import numpy as np
from PIL import Image, ImageCms

NEAR = 2
"""8-bit levels. A profile that moves no colour further than this is sRGB under another maker's name; it is not applied,
because rounding would change the artist's exact colours."""


def to_srgb(image: Image.Image) -> Image.Image:
    """``image`` in mode RGBA. An embedded profile is applied to the colours, never to the alpha."""
    profile = _profile(image)
    if image.mode == "LAB":
        profile = profile or ImageCms.createProfile("LAB")
        return _convert(image, profile, "LAB").convert("RGBA")
    if profile is None:
        return image.convert("RGBA")
    if image.mode == "CMYK":
        return _convert(image, profile, "CMYK").convert("RGBA")
    rgba = image.convert("RGBA")
    if _colour_space(profile) == "GRAY":
        colours = _convert(rgba.convert("L"), profile, "L")
    elif _colour_space(profile) == "RGB" and not _is_srgb(profile):
        colours = _convert(rgba.convert("RGB"), profile, "RGB")
    else:
        return rgba
    colours.putalpha(rgba.getchannel("A"))
    return colours


def _profile(image: Image.Image):
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        return ImageCms.getOpenProfile(io.BytesIO(data))
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None  # an unreadable profile: the numbers are shown as they are, as every viewer does


def _colour_space(profile) -> str:
    return profile.profile.xcolor_space.strip()


def _convert(image: Image.Image, profile, mode: str) -> Image.Image:
    """The colours in sRGB; where the profile does not fit the picture, Pillow's plain conversion."""
    try:
        transform = ImageCms.buildTransform(
            profile, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        return ImageCms.applyTransform(image, transform)  # pyright: ignore[reportReturnType]
    except ImageCms.PyCMSError:
        return image.convert("RGB")


def _is_srgb(profile) -> bool:
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(27, 27, 3)
    seen = np.asarray(_convert(Image.fromarray(grid), profile, "RGB"), np.int16)
    return int(np.abs(seen - grid).max()) <= NEAR
