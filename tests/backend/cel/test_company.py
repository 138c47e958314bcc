"""Which colours keep company: what touches what in the keys says which colour suits a region."""

import numpy as np

from backend.cel.agree import contacts
from backend.cel.carry import Solved, carry
from backend.cel.company import company_of, observed, suits
from backend.cel.look import Look
from backend.cel.match import Match
from backend.cel.palette import palette_of
from backend.lineart.runs import runs_of

HAIR, SKIN, CUFF = 1, 2, 3
PALETTE = palette_of([(90, 40, 20, 255), (250, 220, 180, 255), (30, 60, 200, 255)])


def figure() -> np.ndarray:
    """(40, 60) int32: paper 0 around hair 1 over a face 2, and apart from both a hand 3 in a cuff 4."""
    labels = np.zeros((40, 60), np.int32)
    labels[5:15, 5:25], labels[15:30, 5:25] = 1, 2
    labels[10:20, 40:50], labels[20:35, 40:50] = 3, 4
    return labels


def look() -> Look:
    labels = figure()
    paper = np.ones(labels.shape, bool)
    return Look(np.zeros(labels.shape, np.uint8), paper, runs_of(labels), np.bincount(labels.ravel()))


def known() -> np.ndarray:
    """(P, P) contacts of a key of this figure."""
    return observed(np.array([0, HAIR, SKIN, SKIN, CUFF]), contacts(figure()), len(PALETTE))


def test_contacts_are_counted_in_px_both_ways():
    table = known()
    assert table[HAIR, SKIN] == table[SKIN, HAIR] == 20
    assert table[SKIN, CUFF] == 10
    assert table[HAIR, CUFF] == 0


def test_skin_suits_what_lies_under_hair_and_a_cuff_does_not():
    suit = suits(company_of([known()]), contacts(figure()), np.array([0, HAIR, CUFF, SKIN, CUFF]), np.ones(5))
    assert suit[2, SKIN] > suit[2, CUFF]


def test_a_region_that_touches_nothing_has_no_company():
    labels = np.zeros((20, 20), np.int32)
    suit = suits(company_of([known()]), contacts(labels), np.array([HAIR]), np.ones(1))
    assert (suit == 0).all()


def test_a_bad_match_carries_no_tone_edge():
    drawing = look()
    colour = np.array([0, HAIR, SKIN, SKIN, CUFF], np.uint8)[figure()]
    colour[15:30, 5:11] = CUFF
    at = np.arange(2400, dtype=np.int32).reshape(40, 60)
    given = Solved(colour, np.ones(5, np.float32))
    good, bad = (
        carry(drawing, drawing, Match(at.ravel().take, np.full(5, cost, np.float32)), given, PALETTE).colour[
            15:30, 5:25
        ]
        for cost in (0.1, 0.45)
    )
    assert set(np.unique(good)) == {SKIN, CUFF}
    assert set(np.unique(bad)) == {SKIN}
