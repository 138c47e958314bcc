"""Where places of a drawing go, by the vote of the pieces around them."""

import numpy as np

from .field import Field
from .match import Motion
from .near import nearest

NEAR = 24
"""Pieces around a place that are asked where it goes."""

EVERY = 3
"""... of three times as many, so that some of them see past the piece of line."""

AGREE = 4.0
"""px of the working size. Pieces that send a place this near to each other agree."""

AT_ONCE = 200
"""Places whose pieces are compared in one go, so that what is in work stays in the processor's cache."""

SURE = 0.05
"""Cost of a piece at which it is believed a third as much."""


def motion_at(field: Field, at: np.ndarray, shrink: float) -> Motion:
    """The motion of places ``at`` (px of the field) as most of the pieces around them say, in px of the drawing."""
    if len(field) == 0:
        return Motion(at / shrink, np.ones(len(at), np.complex128))
    near = nearest(at, field.centre, NEAR * EVERY)[:, ::EVERY]
    away = at[:, None] - field.centre[near]
    sent = field.centre[near] + field.shift[near] + field.turn[near] * away
    # A piece of straight line looks alike further along: what most pieces around a place say is believed.
    trust = np.exp(-field.cost[near] / SURE - np.abs(away) / (AGREE * NEAR))
    votes = np.empty(sent.shape, np.float32)
    for a in range(0, len(sent), AT_ONCE):
        part = sent[a : a + AT_ONCE]
        agree = np.abs(part[:, :, None] - part[:, None, :]) < AGREE
        votes[a : a + AT_ONCE] = np.einsum("pij,pj->pi", agree, trust[a : a + AT_ONCE])
    best = (votes * trust**0.25).argmax(1)
    pick, to = near[np.arange(len(at)), best], sent[np.arange(len(at)), best]
    return Motion(to.astype(np.complex128) / shrink, field.turn[pick].astype(np.complex128))
