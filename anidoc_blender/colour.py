"""8-bit sRGB to Blender's linear values and back: the one place where colours change their meaning.

Formula: IEC 61966-2-1 (sRGB). Each of the 256 levels survives the way there and back to the bit, in single precision too.
"""

from collections.abc import Sequence

import numpy as np

from ..backend.contracts.shot import Colour

_LINEAR_TOE = 0.0031308
_SRGB_TOE = 0.04045


def srgb_to_linear(values: np.ndarray) -> np.ndarray:
    """(...) uint8 sRGB levels 0..255 -> (...) float32 linear 0..1."""
    v = np.asarray(values, np.float64) / 255
    return np.where(v <= _SRGB_TOE, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def linear_to_srgb(values: np.ndarray) -> np.ndarray:
    """(...) linear 0..1 (clipped to it) -> (...) uint8 sRGB levels 0..255."""
    v = np.clip(np.nan_to_num(np.asarray(values, np.float64)), 0, 1)
    encoded = np.where(v <= _LINEAR_TOE, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)
    return np.floor(encoded * 255 + 0.5).astype(np.uint8)


def colour_from_blender(rgba: Sequence[float]) -> Colour:
    """A linear RGBA of Blender (a material's colour) as 8-bit sRGB; alpha is not encoded."""
    r, g, b = (int(v) for v in linear_to_srgb(np.array(rgba[:3])))
    return r, g, b, int(np.clip(np.floor(float(rgba[3]) * 255 + 0.5), 0, 255))


def colour_to_blender(colour: Colour) -> tuple[float, float, float, float]:
    """8-bit sRGB as the linear RGBA that Blender wants for a material."""
    r, g, b = (float(v) for v in srgb_to_linear(np.array(colour[:3], np.uint8)))
    return r, g, b, colour[3] / 255
