"""How well a palette colour explains a pixel of the video, with noise and with a line's ink mixed in."""

import numpy as np

from .expected import Expected

LOOSE = 1.0
"""How far the ink in a pixel may be off what is expected of its place, as a part of that: lines differ, some are not inked."""

TIGHT = 0.02
"""... and where no line is near."""

STEP = 8.0
"""8-bit levels. What a pixel pays for being off by as much."""

WORST = 40.0
"""8-bit levels. A pixel further off than this and three times the noise is an accident, and counts no more than this."""


def costs(pixels: np.ndarray, inked: np.ndarray, expected: Expected, which: np.ndarray) -> np.ndarray:
    """(N, K) float32 nats: minus the log likelihood of N pixels under the palette colours ``which`` (K,).

    pixels (N, 3) float32 sRGB; inked (N,) 0..1, the part of ink expected in each. A pixel is taken for a mixture
    (1 - b) colour + b ink plus noise; b is chosen for the best, held at what is expected by a Gaussian.
    """
    ink = expected.ink
    v = pixels.astype(np.float64) - ink
    d = expected.colours[which] - ink
    dd = (d**2).sum(1)[None] + 1e-3
    vd = v @ d.T
    hold = ((STEP / (TIGHT + LOOSE * inked)) ** 2)[:, None]
    likely = 1 - inked[:, None]
    part = np.clip((vd + hold * likely) / (dd + hold), 0, 1)
    off = (v**2).sum(1)[:, None] - 2 * part * vd + part * part * dd + hold * (part - likely) ** 2
    worst = WORST**2 + (3 * expected.noise) ** 2
    return (np.minimum(off, worst) / (2 * expected.noise**2 * expected.grain)).astype(np.float32)


def ink_at(lined: np.ndarray, expected: Expected) -> np.ndarray:
    """The part of ink expected at each pixel, from the amount of line around it."""
    return np.interp(lined * (len(expected.inked) - 1), np.arange(len(expected.inked)), expected.inked).astype(
        np.float32
    )
