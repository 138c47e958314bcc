"""Which colours keep company: what touches what in the keys helps to choose between colours that a region was offered.

A match says how well lines agree; between two offers of like cost it is luck. But skin lies beside hair and cuffs, and
never between two stripes of the shirt: the colours around a region, as far as they are known, speak for one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .agree import Contacts

VERSION = "company-1"
"""Part of every solution's key: raised whenever the same input gives another result."""

UNSEEN = 0.5
"""px of contact that any two colours are taken to have: what the keys do not show is unlikely, never forbidden."""

KNOWN = 0.3
"""What a neighbour's confidence is raised to for its say: doubt on the way errs on the low side (:mod:`.certainty`)."""


@dataclass(frozen=True)
class Company:
    """likely (P, P) float32: log chance that what touches a region of one colour (row) bears another (column)."""

    likely: np.ndarray


def observed(colour: np.ndarray, contacts: Contacts, colours: int) -> np.ndarray:
    """(P, P) float32 px of contact between colours, from a drawing whose regions' colours (R,) are known."""
    a, b = colour[contacts.pairs].T.astype(np.intp)
    return np.bincount(a * colours + b, contacts.length, colours * colours).reshape(colours, colours)


def company_of(tables: Iterable[np.ndarray]) -> Company:
    """From the tables of :func:`observed` of all keys."""
    table = np.sum(list(tables), axis=0) + UNSEEN
    return Company(np.log(table / table.sum(1, keepdims=True)).astype(np.float32))


def suits(company: Company, contacts: Contacts, colour: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """(R, P) float32: how well each colour suits each region, as the mean log chance of the ``colour`` (R,) around it.

    ``sure`` (R,) is the confidence in those colours. 0 for regions that touch nothing.
    """
    count, colours = len(colour), len(company.likely)
    first, second = contacts.pairs.T
    say = contacts.length * sure[second] ** KNOWN
    around = np.bincount(first * np.intp(colours) + colour[second], say, count * colours).reshape(count, colours)
    around = around / np.maximum(around.sum(1, keepdims=True), 1e-6)
    return (around @ company.likely.T).astype(np.float32)
