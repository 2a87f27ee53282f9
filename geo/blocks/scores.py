"""How good candidates and their confidences are: overlap with the truth, order, and precision at a threshold."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.blocks.features import Floats
from geo.blocks.model import PRECISION

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_Z: Final = 1.2816
"""One-sided 90 %: the lower bound of the precision (Wilson) must reach `PRECISION`."""
_ENOUGH: Final = 15
"""A kind of damage with so many accepted cases must reach `PRECISION` by itself."""


def accept_threshold(confidence: Floats, right: Bools, plan: Ints, step: Ints) -> float | None:
    """The least confidence at which what is accepted is right often enough; ``None`` if there is none.

    The lower bound (Wilson, one-sided 90 %) of the precision over all must reach `PRECISION`, and the precision of every
    kind of damage and of every step with at least 15 accepted cases.
    """
    order = np.argsort(-confidence, kind="stable")
    confidence, right, plan, step = confidence[order], right[order], plan[order], step[order]
    groups = [
        np.ones(len(right), dtype=bool),
        *(plan == p for p in np.unique(plan)),
        *(step == s for s in np.unique(step)),
    ]
    good = np.ones(len(right), dtype=bool)
    for number, group in enumerate(groups):
        n = np.cumsum(group)
        share = np.divide(np.cumsum(group & right), n, out=np.ones(len(n)), where=n > 0)
        good &= wilson_low(share, n) >= PRECISION if number == 0 else (share >= PRECISION) | (n < _ENOUGH)
    last = np.append(confidence[:-1] > confidence[1:], True) if len(confidence) else np.zeros(0, dtype=bool)
    fits = np.flatnonzero(good & last)
    # Rounded down as far as `judge` rounds, so that the last of them stays accepted.
    return None if not len(fits) else float(np.floor(confidence[fits[-1]] * 1e4) / 1e4)


def wilson_low(share: Floats, n: Ints) -> Floats:
    """Lower bound of a share seen on ``n`` cases (Wilson 1927, one-sided 90 %)."""
    n = np.maximum(n, 1)
    middle = share + _Z**2 / (2 * n)
    spread = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.asarray((middle - spread) / (1 + _Z**2 / n), dtype=np.float64)


def auc(confidence: Floats, right: Bools) -> float | None:
    """Chance that a right case has more confidence than a wrong one (ties half); ``None`` if one kind is missing."""
    good, bad = confidence[right], confidence[~right]
    if not len(good) or not len(bad):
        return None
    ordered = np.sort(bad)
    below, upto = np.searchsorted(ordered, good, "left"), np.searchsorted(ordered, good, "right")
    return float((below + upto).sum() / 2 / (len(good) * len(bad)))


def overlap(a: BaseGeometry, b: BaseGeometry) -> float:
    """Intersection over union; 0 if both are empty."""
    if not (a.is_valid and b.is_valid):
        a, b = shapely.make_valid(a), shapely.make_valid(b)
    common = shapely.intersection(a, b).area
    union = a.area + b.area - common
    return float(common / union) if union > 0 else 0.0
