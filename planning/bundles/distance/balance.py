"""Bundles of more equal size for a little more way, with the coverage kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from planning.bundles.distance.shorten import Price, Shortener
from planning.bundles.distance.slack import Floor
from planning.bundles.engine.partition import Partition

MORE_METRES: Final = 0.02
"""How much longer the ways may get, as a share."""
_LEAST, _FIRST, _STEP = 0.004, 0.03, 4.0
"""λ below which nothing changes, the first tried, and the factor to the next; relative to that at which spread and ways
weigh the same."""
_TRIED: Final = 7
_WORK_PER_ROW: Final = 30_000


def _never() -> bool:
    return False


def spread(partition: Partition) -> float:
    """Sum of squares of what each bundle's households differ from their mean (households²)."""
    sizes = np.array(sorted(group.households for group in partition.groups.values()), dtype=float)
    return float(((sizes - sizes.mean()) ** 2).sum()) if len(sizes) else 0.0


def balance(start: Partition, *, stopped: Callable[[], bool] = _never) -> Partition:
    """Households of the bundles closer to each other, for at most `MORE_METRES` more way; the coverage stays.

    Exchanges of two and of three neighbouring bundles as in the distance stage, at the price metres + λ × (households −
    mean)², with larger and larger λ until the ways get too long; then between the last two.

    Parameters
    ----------
    start
        Left as it is. With fewer than two bundles there is nothing to do.
    stopped
        Asked between exchanges; the best so far is given back.
    """
    n_groups = len(start.groups)
    if n_groups < 2:
        return start
    mean = start.score.households / n_groups
    most = -start.score.metres * (1.0 + MORE_METRES) + 1e-6
    scale = -start.score.metres / max(spread(start), 1.0)
    best, low, high = start, _LEAST, math.inf
    for _ in range(_TRIED):
        if stopped():
            break
        weight = _FIRST if low == _LEAST and high == math.inf else min(_STEP * low, math.sqrt(low * high))
        trial = Shortener(
            best.copy(),
            Floor.of(best),
            price=_price(weight * scale, mean),
            stopped=stopped,
            work=_WORK_PER_ROW * len(start.part.ids),
        )
        trial.descend(2)
        trial.descend(3)
        found = trial.partition
        if -found.score.metres > most or len(found.groups) != n_groups:
            high = weight
            continue
        low = weight
        if spread(found) < spread(best):
            best = found
    return best


def _price(weight: float, mean: float) -> Price:
    def price(metres: NDArray[np.float64], households: NDArray[np.int64]) -> NDArray[np.float64]:
        return metres + weight * (households - mean) ** 2

    return price
