"""Lengths of runs as bytes, so small that it does not pay to pack them further."""

import numpy as np

FULL = 255
"""A byte of this value is followed by more of the same length."""


def coded(lengths: np.ndarray) -> np.ndarray:
    """(N,) whole numbers from 0 on -> (M,) uint8: of each, as many full bytes as fit in, then the rest."""
    rest, long = lengths.astype(np.uint8), np.flatnonzero(lengths >= FULL)
    if len(long) == 0:
        return rest
    full = lengths[long] // FULL
    rest[long] = lengths[long] - full * FULL
    ending = np.ones(len(lengths) + int(full.sum()), bool)
    ending[pixels_of(long + np.cumsum(full) - full, full)] = False
    out = np.full(len(ending), FULL, np.uint8)
    out[ending] = rest
    return out


def ends(code: np.ndarray) -> np.ndarray:
    """(M,) uint8 that :func:`coded` made -> (N,) int64: the lengths added up, each with all before it."""
    return np.cumsum(code, dtype=np.int64)[code != FULL]


def places(mask: np.ndarray) -> np.ndarray:
    """(N,) int64 flat pixels where a contiguous mask of single bytes is not 0: ``np.flatnonzero``, but eight at a time."""
    flat = mask.ravel()
    whole = len(flat) // 8 * 8
    eights = flat[:whole].view(np.uint64)
    some = np.flatnonzero(eights != 0)
    within = eights.take(some).view(flat.dtype)
    inner = np.flatnonzero(within if flat.dtype == np.bool_ else within != 0)
    found = inner & 7
    some *= 8
    inner >>= 3
    found += some.take(inner)
    return found if whole == len(flat) else np.concatenate([found, np.flatnonzero(flat[whole:]) + whole])


def changes(picture: np.ndarray) -> np.ndarray:
    """(N,) int64: pixels, in reading order, that differ from the one before them; the first does not count."""
    flat = picture.ravel()
    return places(flat[1:] != flat[:-1]) + 1


def borders(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool, or uint8 0/1 -> (M,) uint8: in reading order, how far it is to where it becomes True, then False, True, ..."""
    return coded(np.diff(_turns(mask), prepend=0))


def _turns(mask: np.ndarray) -> np.ndarray:
    found = changes(mask)
    return np.concatenate([[0], found]) if mask.flat[0] else found


def borders_of(where: np.ndarray, total: int) -> np.ndarray:
    """What :func:`borders` says of a mask of ``total`` pixels that is True at the pixels ``where`` (N,) int64, which rise."""
    if len(where) == 0:
        return np.zeros(0, np.uint8)
    new = np.flatnonzero(where[1:] - where[:-1] != 1)
    edges = np.empty((len(new) + 1, 2), np.int64)
    edges[0, 0], edges[1:, 0] = where[0], where[1:][new]
    edges[:-1, 1], edges[-1, 1] = where[:-1][new], where[-1]
    edges[:, 1] += 1
    found = edges.ravel()
    return coded(np.diff(found if found[-1] < total else found[:-1], prepend=0))


def inside(code: np.ndarray, total: int) -> np.ndarray:
    """(N,) int64: the pixels where a mask of ``total`` pixels, given by its :func:`borders`, is True."""
    edges = ends(code)
    edges = (np.append(edges, total) if len(edges) % 2 else edges).reshape(-1, 2)
    return pixels_of(edges[:, 0], edges[:, 1] - edges[:, 0])


def pixels_of(start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """(P,) int64: all pixels of runs that begin at ``start`` (N,) and are so long (N,), run by run."""
    if not length.all():
        start, length = start[length > 0], length[length > 0]
    past = np.cumsum(length)
    if len(past) == 0:
        return past
    # From pixel to pixel it is one step, but from run to run.
    out = np.ones(past[-1], np.int64)
    out[0] = start[0]
    out[past[:-1]] = start[1:] - start[:-1] - length[:-1] + 1
    return np.cumsum(out, out=out)


def turned(mask: np.ndarray, code: np.ndarray) -> np.ndarray:
    """(H, W) uint8 0/1 with those pixels turned into the other that :func:`borders` in ``code`` enclose; in place."""
    mask.ravel()[inside(code, mask.size)] ^= 1
    return mask


def pack_picture(picture: np.ndarray) -> dict[str, np.ndarray]:
    """(H, W) of few areas, of any plain type, as plain arrays: its size, and runs of one value each."""
    start = np.concatenate([[0], changes(picture)])
    size = np.array(picture.shape, np.int32)
    return {"size": size, "runs": coded(np.diff(start, prepend=0)), "values": picture.ravel()[start]}


def unpack_picture(size: np.ndarray, runs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The picture that :func:`pack_picture` packed."""
    height, width = (int(v) for v in size)
    return np.repeat(values, np.diff(ends(runs), append=height * width)).reshape(height, width)
