"""Who covers whom: at a T-junction of lines the part with the smooth edge lies before the two whose border ends on it."""

import numpy as np

DISC = 6
"""px of a layout: how far around a junction its angles are read."""

STRAIGHT, BEND = 0.5, 0.09
"""Part of the disc that a part with a smooth edge fills, and by how much it may miss that."""

LOOSE = 0.02
"""How strongly depths hold on to nought, so that parts without junctions have one."""


def covering(rows_of: np.ndarray, n: int) -> np.ndarray:
    """(n, n) float32, -1 to 1: how much row a lies before row b, antisymmetric; 0 where they share no junction.

    rows_of (h, w) int32 row under each pixel, n where there is no figure. Where the outlines of two overlapping shapes
    meet, the nearer one's goes on and the farther one's ends (T-junctions: Guzman, Decomposition of a visual scene into
    three-dimensional bodies, AFIPS 1968).
    """
    out = np.zeros((n, n), np.float32)
    a, b, c, d = rows_of[:-1, :-1], rows_of[:-1, 1:], rows_of[1:, :-1], rows_of[1:, 1:]
    y, x = np.nonzero(((a != b) | (c != d)) & ((a != c) | (b != d)))
    met = np.sort(np.stack([v[y, x] for v in (a, b, c, d)], 1), axis=1)
    three = (np.diff(met, axis=1) != 0).sum(1) == 2
    y, x, met = y[three], x[three], met[three]
    if len(y) == 0:
        return out
    met = np.stack([met[:, 0], np.where(met[:, 1] != met[:, 0], met[:, 1], met[:, 2]), met[:, 3]], 1)
    span = np.arange(1 - DISC, DISC + 1)
    dy, dx = (v.ravel() for v in np.meshgrid(span, span, indexing="ij"))
    disc = np.hypot(dy - 0.5, dx - 0.5) <= DISC
    dy, dx = dy[disc], dx[disc]
    padded = np.pad(rows_of, DISC, constant_values=n)
    around = padded[y[:, None] + dy + DISC, x[:, None] + dx + DISC]
    fills = np.stack([(around == met[:, k : k + 1]).mean(1) for k in range(3)], 1)
    smooth = np.exp(-(((fills - STRAIGHT) / BEND) ** 2))
    # Where much of a fourth part is near, angles say little.
    smooth *= np.clip(2 * fills.sum(1, keepdims=True) - 1, 0, 1)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        p, q = met[:, one], met[:, other]
        real = (p < n) & (q < n)
        more = (smooth[:, one] - smooth[:, other])[real]
        np.add.at(out, (p[real], q[real]), more)
        np.add.at(out, (q[real], p[real]), -more)
    return np.clip(out, -1, 1)


def depths(before: np.ndarray) -> np.ndarray:
    """(n,) float32: how near each row lies, larger is nearer, as its junctions agree best (least squares)."""
    sure = np.abs(before).astype(np.float64)
    system = np.diag(sure.sum(1) + LOOSE) - sure
    return np.linalg.solve(system, before.sum(1, dtype=np.float64)).astype(np.float32)
