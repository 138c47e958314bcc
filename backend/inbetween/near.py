"""Which places lie nearest to which, by OpenCV's search tree: exact, quick, and read in a fraction of SciPy's time."""

import cv2
import numpy as np

KD_TREE_SINGLE = 4
"""FLANN's exact search tree for few dimensions (OpenCV, flann_algorithm_t)."""


def flat(at: np.ndarray) -> np.ndarray:
    """(N, 2) float32 of complex places."""
    return np.column_stack([np.real(at), np.imag(at)]).astype(np.float32)


def search(at: np.ndarray, among: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (P, count) float32 and numbers (P, count) of the rows of ``among`` (N, D) nearest to those of ``at`` (P, D),
    nearest first; N of them where there are fewer than ``count``."""
    count = min(count, len(among))
    among = np.ascontiguousarray(among, np.float32)
    at = np.ascontiguousarray(at, np.float32)
    if len(at) == 0 or count == 0:
        return np.zeros((len(at), count), np.float32), np.zeros((len(at), count), np.intp)
    # OpenCV's type stubs leave this class out.
    tree = cv2.flann_Index(among, {"algorithm": KD_TREE_SINGLE, "leaf_max_size": 8})  # pyright: ignore[reportAttributeAccessIssue]
    which, squared = tree.knnSearch(at, count, params={"checks": -1, "eps": 0.0, "sorted": True})
    return np.sqrt(squared), which.astype(np.intp)


def nearest(at: np.ndarray, among: np.ndarray, count: int) -> np.ndarray:
    """(P, count) numbers of the places of ``among`` nearest to each of ``at``, both complex."""
    return search(flat(at), flat(among), count)[1]


def pairs_within(at: np.ndarray, reach: float) -> np.ndarray:
    """(E, 2) pairs a < b of complex places no further than ``reach`` apart."""
    order = np.argsort(np.real(at), kind="stable")
    x = np.real(at)[order]
    until = np.searchsorted(x, x + reach, side="right")
    many = until - np.arange(len(x)) - 1
    low = np.repeat(np.arange(len(x)), many)
    high = low + 1 + np.arange(len(low)) - np.repeat(np.cumsum(many) - many, many)
    a, b = order[low], order[high]
    near = np.abs(at[a] - at[b]) <= reach
    return np.sort(np.column_stack([a[near], b[near]]), 1)


def pixels(at: np.ndarray, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels nearest to complex places, inside the picture."""
    row = np.clip(np.rint(np.imag(at)), 0, size[0] - 1).astype(np.intp)
    return row, np.clip(np.rint(np.real(at)), 0, size[1] - 1).astype(np.intp)
