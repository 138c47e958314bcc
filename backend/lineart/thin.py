"""Thinning a line mask to a skeleton and finding where lines end, with work proportional to the line pixels."""

import numpy as np

_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which of the 256 neighbourhoods may be removed in either half-step (Zhang and Suen, CACM 27(3), 1984)."""
    first, second = np.zeros(256, bool), np.zeros(256, bool)
    crossings = np.zeros(256, np.uint8)
    for code in range(256):
        p = [(code >> k) & 1 for k in range(8)]
        turns = sum(p[k] == 0 and p[(k + 1) % 8] == 1 for k in range(8))
        crossings[code] = turns
        n, e, s, w = p[0], p[2], p[4], p[6]
        if 2 <= sum(p) <= 6 and turns == 1:
            first[code] = n * e * s == 0 and e * s * w == 0
            second[code] = n * e * w == 0 and n * s * w == 0
    return first, second, crossings


_FIRST, _SECOND, _CROSSINGS = _tables()


_SQUARE = {0: 0b00011100, 2: 0b01110000, 3: 0b11000001, 4: 0b00000111}
"""Neighbourhoods in a lone square of 2 x 2: of its top left pixel, and of those one step along the ring from there."""


def _codes(flat: np.ndarray, at: np.ndarray, steps: np.ndarray) -> np.ndarray:
    code = np.zeros(len(at), np.uint8)
    for k, step in enumerate(steps):
        code |= flat[at + step] << k
    return code


def _lone_squares(flat: np.ndarray, at: np.ndarray, codes: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(N,) bool: top left pixels of lone squares of 2 x 2, of which a half-step would leave nothing."""
    out = codes == _SQUARE[0]
    some = np.flatnonzero(out)
    for k in (2, 3, 4):
        some = some[_codes(flat, at[some] + steps[k], steps) == _SQUARE[k]]
    out[:] = False
    out[some] = True
    return out


def thin(mask: np.ndarray, most: int = 40) -> np.ndarray:
    """(H, W) uint8 0/1 -> its one-pixel skeleton, same kind. ``most`` rounds thin lines up to twice as many px wide."""
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), np.uint8)
    padded[1:-1, 1:-1] = mask
    flat = padded.reshape(-1)
    steps = np.array([dy * (width + 2) + dx for dy, dx in _RING])
    at = np.flatnonzero(flat)
    for _ in range(most):
        before = len(at)
        for table in (_FIRST, _SECOND):
            codes = _codes(flat, at, steps)
            gone = table[codes] & ~_lone_squares(flat, at, codes, steps)
            flat[at[gone]] = 0
            at = at[~gone]
        if len(at) == before:
            break
    return np.ascontiguousarray(padded[1:-1, 1:-1])


def line_ends(skeleton: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of a skeleton: (N, 2) int32 points x, y and (N, 2) float32 unit directions in which the line would go on.

    The direction is taken over ``reach`` pixels of the line. Lines shorter than ``reach`` from their end to a
    fork are spurs that thinning leaves at corners; they give no end.
    """
    height, width = skeleton.shape
    padded = np.zeros((height + 2, width + 2), np.uint8)
    padded[1:-1, 1:-1] = skeleton
    flat = padded.reshape(-1)
    steps = np.array([dy * (width + 2) + dx for dy, dx in _RING])
    at = np.flatnonzero(flat)
    code = _codes(flat, at, steps)
    ends = at[(_CROSSINGS[code] == 1) & (_bits(code) <= 2)]
    points, directions = [], []
    for end in ends:
        front, seen, length = [int(end)], {int(end)}, 0
        while length < reach:
            ahead = list(
                dict.fromkeys(n for here in front for n in (here + steps).tolist() if flat[n] and n not in seen)
            )
            if not ahead or not _together(ahead, width + 2):
                break
            front = ahead
            seen.update(ahead)
            length += 1
        here = front[-1]
        if length < reach:
            continue
        y0, x0 = divmod(int(end), width + 2)
        y1, x1 = divmod(here, width + 2)
        away = np.array([x0 - x1, y0 - y1], np.float32)
        norm = float(np.hypot(*away))
        if norm > 0:
            points.append((x0 - 1, y0 - 1))
            directions.append(away / norm)
    if not points:
        return np.zeros((0, 2), np.int32), np.zeros((0, 2), np.float32)
    return np.array(points, np.int32), np.array(directions, np.float32)


def _together(places: list[int], width: int) -> bool:
    """Whether the few pixels that a line's end is walked to next are one piece, so that the line does not fork."""
    found, left = [places[0]], set(places[1:])
    for here in found:
        near = {n for n in left if abs(n % width - here % width) <= 1 and abs(n // width - here // width) <= 1}
        found += sorted(near)
        left -= near
    return not left


def _bits(code: np.ndarray) -> np.ndarray:
    return np.unpackbits(code[:, None], axis=1).sum(1)
