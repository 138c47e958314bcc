"""The reference's background, removed before anything is matched: the model should see the figure, not the wall behind it.

In training the paper removes it from half of all references (section 3.3), so that the model works with and without.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from ..cel.paper import bare_paper
from ..contracts.engine import Store
from ..contracts.options import ReferenceBackground
from ..contracts.shot import Reference

LEAST = 0.005
"""Part of a picture that must be figure; where less is left, nothing was removed that was background."""


class FindsFigures(Protocol):
    """A matte."""

    def of(self, picture: np.ndarray) -> np.ndarray:
        """(H, W, 4) uint8 sRGB -> (H, W) float32, 0 background, 1 figure."""
        ...


def figures(
    references: Sequence[Reference], how: ReferenceBackground, store: Store, matte: Callable[[], FindsFigures]
) -> tuple[list[Reference], list[str]]:
    """References without their background, and the names of those that kept it because none was found.

    What a matte found is kept in ``store``, so that the network is loaded once for each picture.
    """
    done, kept = [], []
    network: list[FindsFigures] = []
    for reference in references:
        picture = reference.picture
        if how == "keep" or picture[..., 3].min() < 128:  # somebody has cut it out
            done.append(reference)
            continue
        if how == "cut":
            there = np.where(bare_paper(picture)[0], 0, 255).astype(np.uint8)
        else:
            key = f"matte-{hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest()[:40]}"
            known: Mapping[str, np.ndarray] | None = store.load(key)
            if known is None or known["matte"].shape != picture.shape[:2]:
                network = network or [matte()]
                known = {"matte": (network[0].of(picture) * 255).round().astype(np.uint8)}
                store.save(key, known)
            there = known["matte"]
        figure = float((there >= 128).mean())
        if not LEAST <= figure < 1:
            kept.append(reference.name)
            done.append(reference)
            continue
        alpha = np.minimum(picture[..., 3], there)
        done.append(replace(reference, picture=np.dstack([picture[..., :3], alpha])))
    return done, kept
