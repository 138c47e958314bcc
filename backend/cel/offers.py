"""What a region was offered: a colour from each drawing that was asked for it, how sure, and what it lay on there.

All offers are kept beside a solution until the last one is in, a few bytes a region: the surest is carried on along the
shot, and :mod:`.choose` has the last word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..lineart.lengths import places
from .look import Look

SLIGHT = 0.02
"""Weight below which it does not matter what a region lay on."""


@dataclass(frozen=True)
class Links:
    """What lay on what, of regions of a drawing (row (N,) int32) and of another (column (N,) int32), as far as it matters.

    out, back (N,) float16: how far the colour there speaks for this region's, and this one's for that one's: the part of
    either that lay on the other, times the trust in the match.
    """

    row: np.ndarray
    column: np.ndarray
    out: np.ndarray
    back: np.ndarray


@dataclass(frozen=True)
class Offer:
    """What one drawing offers to the regions of another.

    source the drawing; colour (R,) uint8; sure (R,) float32, 0 where it was not asked
    toned  (R,) bool: regions with a tone edge in them; tones (N,) uint8 colours of their pixels, row by row
    """

    source: str
    colour: np.ndarray
    sure: np.ndarray
    links: Links
    toned: np.ndarray
    tones: np.ndarray

    def paint(self, colour: np.ndarray, taken: np.ndarray, look: Look) -> None:
        """Paint the regions ``taken`` (R,) bool into ``colour`` (h, w) uint8, in place; look: of the same drawing."""
        look.fill(colour, taken, self.colour)
        if (taken & self.toned).any():
            mine = places(look.each(self.toned))
            own = np.take(taken, np.take(look.labels, mine))
            colour.ravel()[mine[own]] = self.tones[own]


def linked(
    row: np.ndarray, column: np.ndarray, pixels: np.ndarray, areas: tuple[np.ndarray, np.ndarray], trust: np.ndarray
) -> Links:
    """From the ``pixels`` (N,) of region ``row`` that lie on ``column``; areas (R,) and (S,) px; trust (R,) in the match."""
    out = trust[row] * pixels / np.maximum(areas[0][row], 1)
    back = trust[row] * pixels / np.maximum(areas[1][column], 1)
    kept = np.maximum(out, back) > SLIGHT
    weights = (weight[kept].clip(0, 1).astype(np.float16) for weight in (out, back))
    return Links(row[kept].astype(np.int32), column[kept].astype(np.int32), *weights)


def surest(offers: Sequence[Offer]) -> tuple[np.ndarray, np.ndarray]:
    """(R,) uint8 the colour of the surest offer to each region, and (R,) float32 how sure; of two alike the first."""
    sure = np.stack([offer.sure for offer in offers])
    best, rows = sure.argmax(0), np.arange(sure.shape[1])
    return np.stack([offer.colour for offer in offers])[best, rows], sure[best, rows]


def pack(offers: Sequence[Offer]) -> dict[str, np.ndarray]:
    """Offers of one drawing as plain arrays for a store."""
    out: dict[str, np.ndarray] = {}
    for n, offer in enumerate(offers):
        name = f"offer{n}-"
        out[f"{name}source"] = np.frombuffer(offer.source.encode(), np.uint8)
        out |= {f"{name}{part}": getattr(offer, part) for part in ("colour", "sure", "toned", "tones")}
        out |= {f"{name}{part}": getattr(offer.links, part) for part in ("row", "column", "out", "back")}
    return out


def unpack(kept: Mapping[str, np.ndarray]) -> tuple[Offer, ...]:
    """The offers that :func:`pack` packed, of all that was kept."""
    out: list[Offer] = []
    while f"offer{len(out)}-source" in kept:
        name = f"offer{len(out)}-"
        links = Links(*(kept[f"{name}{part}"] for part in ("row", "column", "out", "back")))
        source = kept[f"{name}source"].tobytes().decode()
        toned = kept[f"{name}toned"].astype(bool)
        out.append(Offer(source, kept[f"{name}colour"], kept[f"{name}sure"], links, toned, kept[f"{name}tones"]))
    return tuple(out)
