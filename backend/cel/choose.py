"""The last word on a drawing's colours: of all that its regions were offered, what agrees with what is around and beside.

On the way through a shot the surest offer is taken, and two of like confidence are luck. Once a drawing and those on
either side of it have all their offers, three things are weighed: how sure an offer is, how well its colour keeps
company with what touches the region (:mod:`.company`), and what the regions bear that it lies on in the drawings beside, or
that came to lie on it. That is asked once, of all regions at a time: asked again and again, wrong neighbours convince
each other (iterated conditional modes, Besag, JRSS B 48(3), 1986, stopped after its first step).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .carry import Solved, region_colours
from .certainty import as_confidence
from .company import VERSION as COMPANY
from .company import Company, company_of, observed, suits
from .evidence import Evidence, Few, digest
from .look import Look
from .offers import Links, Offer, surest
from .palette import Palette

VERSION = "choose-2"
"""Part of every choice's key: raised whenever the same input gives another result."""

SURE, HEED, STEADY = 0.5, 2.0, 1.0
"""What the logarithm of an offer's confidence counts, the mean log chance of its company, and each region that it lies on.
Chosen on generated clips, on a broad plateau (docs/cel-engine.md)."""

KNOWN = 0.3
"""What the confidence of what a region lies on is raised to, as for what touches it (:mod:`.company`)."""

TOLD, UNSUITED, AGREED, DENIED, RIGHT = 0.45, 1.5, 0.5, -1.05, 2.3
"""How sure a region is in the end, as the log odds that it is right: for the logarithm of the offer's confidence, what its
colour suits worse than the best of all colours, what it lies on that agrees, what does not, and for nothing at all. Fitted
on generated clips, where it tells right from wrong better than confidence alone; the last lowered from 2.7 by what was counted
on others (docs/cel-engine.md)."""

NEVER = -1e9
"""What a colour scores that nobody offered."""


@dataclass(frozen=True)
class Place:
    """Where a solution can be found: the drawing it is of, its key, and the key of the one that holds its offers."""

    drawing: str
    key: str
    offers: str = ""


def spoken_for(count: int, colours: int, told: Sequence[tuple[Links, bool, np.ndarray, np.ndarray]]) -> np.ndarray:
    """(R, P) float32: how much what regions lie on, or what lies on them, speaks for each colour.

    ``told``: links, whether they lead from this drawing's regions (or to them), and colour and confidence (S,) there.
    """
    out = np.zeros(count * colours)
    for links, away, colour, sure in told:
        here, there = (links.row, links.column) if away else (links.column, links.row)
        weight = (links.out if away else links.back) * sure[there] ** KNOWN
        out += np.bincount(here * np.int64(colours) + colour[there], weight, len(out))
    return out.reshape(count, colours).astype(np.float32)


def chosen(offers: Sequence[Offer], suit: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """(R,) int64: the number of the offer that each region takes, of what suits (R, P) and is ``spoken`` for (R, P).

    Of two offers of the chosen colour the surer; 0 where there was none.
    """
    rows = np.arange(len(suit))
    for_colour = HEED * suit + STEADY * spoken
    score = np.stack(
        [
            np.where(o.sure > 0, SURE * np.log(np.maximum(o.sure, 1e-30)) + for_colour[rows, o.colour], NEVER)
            for o in offers
        ]
    )
    return score.argmax(0)


def assured(colour: np.ndarray, sure: np.ndarray, suit: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """(R,) float32 confidence, as while solving, of regions that bear ``colour`` (R,) and were so ``sure`` (R,) of it."""
    rows = np.arange(len(colour))
    agreed = spoken[rows, colour]
    odds = RIGHT + TOLD * np.log(np.maximum(sure, 1e-6)) + UNSUITED * (suit[rows, colour] - suit.max(1))
    odds += AGREED * agreed + DENIED * (spoken.sum(1) - agreed)
    return as_confidence(1 / (1 + np.exp(-odds))).astype(np.float32)


class ShotChoice:
    """The last word on the drawings of one shot. Holds nothing but a table of colours and a few drawings' colours."""

    def __init__(self, evidence: Evidence, palette: Palette, keys: Mapping[str, str]) -> None:
        """``keys``: drawings whose colours are known, and under which key."""
        self._evidence, self._palette, self._keys = evidence, palette, keys
        self._borne = Few(4 + len(keys))

    @cached_property
    def _company(self) -> Company:
        """Which colours touch in the keys."""
        tables = [np.zeros((len(self._palette),) * 2)]
        for drawing, key in self._keys.items():
            colour, _ = self._bears(Place(drawing, key))
            tables.append(observed(colour, self._evidence.look(drawing).contacts, len(self._palette)))
        return company_of(tables)

    def _bears(self, place: Place) -> tuple[np.ndarray, np.ndarray]:
        """(R,) the colour that most of each region bears in a solution, and (R,) how sure."""
        if place.key not in self._borne:
            solved = self._evidence.solved(place.key)
            assert solved is not None, place.key
            look = self._evidence.look(place.drawing)
            self._borne.keep(place.key, (region_colours(solved, look, len(self._palette)), solved.sure))
        return self._borne[place.key]

    def chosen(self, place: Place, beside: Sequence[Place]) -> Place:
        """The solution of a drawing with the last word on it; ``beside``: before and after it."""
        evidence = self._evidence
        names = (*self._keys.values(), place.key, place.offers, *(p.key + p.offers for p in beside))
        new = f"chosen-{digest(VERSION, COMPANY, self._palette.colours.tobytes(), *names)}"
        if evidence.solved(new) is None:
            solved = self._choose(place, beside)
            if solved is None:
                return place
            evidence.keep(new, solved)
        return Place(place.drawing, new, place.offers)

    def _choose(self, place: Place, beside: Sequence[Place]) -> Solved | None:
        """The solution with every region as it is chosen; None where nobody offered anything."""
        evidence = self._evidence
        raw, solved = evidence.solved(place.offers), evidence.solved(place.key)
        if raw is None or solved is None or not raw.offers:
            return None
        colour, sure = self._bears(place)
        suit = suits(self._company, evidence.look(place.drawing).contacts, colour, sure)
        spoken = spoken_for(len(suit), suit.shape[1], self._told(place.drawing, raw.offers, beside))
        pick, (first, _) = chosen(raw.offers, suit, spoken), surest(raw.offers)
        new = np.stack([o.colour for o in raw.offers])[pick, np.arange(len(pick))]
        # What sheets had their say on since is theirs.
        pick = np.where((new != first) & (colour == first), pick, -1)
        mended = repainted(solved, evidence.look(place.drawing), raw.offers, pick)
        return replace(mended, sure=assured(np.where(pick < 0, colour, new), mended.sure, suit, spoken))

    def _told(
        self, drawing: str, offers: Sequence[Offer], beside: Sequence[Place]
    ) -> list[tuple[Links, bool, np.ndarray, np.ndarray]]:
        """What a drawing's regions lie on, and what lies on them."""
        places = {d: Place(d, key) for d, key in self._keys.items()} | {p.drawing: p for p in beside}
        told = [(o.links, True, *self._bears(places[o.source])) for o in offers if o.source in places]
        for place in beside:
            other = self._evidence.solved(place.offers) if place.offers else None
            there = () if other is None else other.offers
            told += [(o.links, False, *self._bears(place)) for o in there if o.source == drawing]
        return told


def repainted(solved: Solved, look: Look, offers: Sequence[Offer], pick: np.ndarray) -> Solved:
    """A solution with regions as in the offer of number ``pick`` (R,), tone edges and all; as they are where it is -1."""
    colour, sure = solved.colour.copy(), solved.sure.copy()
    for number in np.flatnonzero(np.bincount(pick[pick >= 0])).tolist():
        offer, taken = offers[number], pick == number
        sure[taken] = offer.sure[taken]
        offer.paint(colour, taken, look)
    return Solved(colour, sure)
