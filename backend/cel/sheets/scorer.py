"""The small learned judge of pairs: one hidden layer, numpy only, weights beside this file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).with_name("weights.npz")


@dataclass(frozen=True)
class Judge:
    """score = max(x hidden + bias, 0) out + x direct, with x = (numbers - mean) / spread.

    mean, spread, direct (K,); hidden (K, H); bias, out (H,); all float32
    """

    mean: np.ndarray
    spread: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray
    out: np.ndarray
    direct: np.ndarray

    def scores(self, numbers: np.ndarray) -> np.ndarray:
        """(K, ...) float32 numbers -> (...) float32 scores."""
        # Mean and spread go into the weights: one pass over the numbers less.
        flat = numbers.reshape(len(numbers), -1)
        hidden, direct = (self.hidden / self.spread[:, None]).T, self.direct / self.spread
        bent = hidden @ flat
        bent += (self.bias - hidden @ self.mean)[:, None]
        np.maximum(bent, 0, out=bent)
        return (self.out @ bent + (direct @ flat - direct @ self.mean)).reshape(numbers.shape[1:])


def judge_of(arrays: Mapping[str, np.ndarray], name: str) -> Judge:
    """The judge saved as NAME.mean and so on."""
    return Judge(*(np.asarray(arrays[f"{name}.{field}"], np.float32) for field in Judge.__dataclass_fields__))


@cache
def judges() -> tuple[Judge, Judge]:
    """The judge of pairs alone, and the one that also hears the neighbours."""
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        return judge_of(arrays, "pair"), judge_of(arrays, "context")


@cache
def tone_judges() -> tuple[Judge, Judge]:
    """The judge of a limb's tone by itself, and the one that also hears the neighbours: see ``limbs.py``."""
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        return judge_of(arrays, "tone"), judge_of(arrays, "tone_context")


def belief(scores: np.ndarray) -> np.ndarray:
    """(R, S) float32: softmax of each row."""
    top = np.exp(scores - scores.max(1, keepdims=True))
    return top / top.sum(1, keepdims=True)
