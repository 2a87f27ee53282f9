"""The cheapest choice of disjoint bundles that together hold given rows, each once: exact, for some twenty rows.

Depth first, the row in the fewest bundles next, bounded by prices of the rows: prices such that no bundle costs less
than its rows (a feasible dual of the set partitioning problem; Balas & Padberg 1976), so that a bundle is worth looking
at only if its cost exceeds its rows' prices by less than what is left to gain. The last two bundles of a branch are
found together, by looking up what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.bundles.engine.graph import bits

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_CENT = 1e-3
"""A gain below a millimetre is rounding."""


@dataclass(frozen=True, eq=False)
class Choices:
    """What can be chosen: masks and costs; ``optional`` bits need no bundle, but are in one at most.

    A mask has one optional bit or none (the anchor).
    """

    masks: Ints
    costs: Floats
    n: int
    optional: int = 0
    mates: tuple[int, ...] = ()
    """Bits that must be in the same bundle as each bit, if in any (rows of one grid); empty: none."""


@dataclass(frozen=True, slots=True)
class Found:
    """Chosen masks (``None``: none cheaper than asked) and how many steps it took; ``whole``: the search was complete."""

    masks: tuple[int, ...] | None
    steps: int
    whole: bool


def cheapest(choices: Choices, skips: Sequence[int], upper: float, most: int) -> Found:
    """The cheapest cover below ``upper``.

    Parameters
    ----------
    skips
        Masks of bits of which one is to be left out entirely; 0 for none.
    upper
        The cost to be beaten.
    most
        Steps at most; then the best so far is given.
    """
    search = _Cover(choices, upper, most)
    required = ((1 << choices.n) - 1) & ~choices.optional
    for bound, skip in sorted((search.bound(required & ~skip), skip) for skip in skips):
        if bound >= search.best or search.steps > most:
            break
        search.cover(required & ~skip, bound)
    return Found(search.chosen, search.steps, search.steps <= most)


class _Cover:
    def __init__(self, choices: Choices, upper: float, most: int) -> None:
        order = np.lexsort((choices.costs, choices.masks & ~choices.optional))
        self.masks, self.costs = choices.masks[order], choices.costs[order]
        self.optional = choices.optional
        self.mates = choices.mates
        self.most = most
        self.steps = 0
        self.best = upper - _CENT
        self.chosen: tuple[int, ...] | None = None
        self.prices, self.reduced = _prices(self.masks, self.costs, choices.n, self.optional)

    def bound(self, rows: int) -> float:
        """No cover of these rows costs less."""
        return float(sum(self.prices[row] for row in bits(rows)))

    def cover(self, rows: int, bound: float) -> None:
        use = (self.masks & ~(rows | self.optional) == 0) & (self.reduced < self.best - bound)
        if self.mates:
            held = np.zeros_like(self.masks)
            for bit in bits(rows):
                held |= np.where(self.masks >> bit & 1, self.mates[bit] & rows, 0)
            use &= held & ~self.masks == 0
        self._step(rows, self.masks[use], self.costs[use], self.reduced[use], 0.0, ())

    def _step(
        self, rows: int, masks: Ints, costs: Floats, reduced: Floats, spent: float, chosen: tuple[int, ...]
    ) -> None:
        self.steps += 1
        if not rows:
            if spent < self.best:
                self.best, self.chosen = spent, chosen
            return
        required = masks & ~self.optional
        first = int(np.searchsorted(required, rows))
        if first < len(masks) and required[first] == rows and spent + costs[first] < self.best:
            self.best, self.chosen = spent + float(costs[first]), (*chosen, int(masks[first]))
        places = np.array(list(bits(rows)))
        holds = (masks[:, None] >> places) & 1 == 1
        counts = holds.sum(axis=0)
        rarest = int(np.argmin(counts))
        if not counts[rarest]:
            return
        mine = np.flatnonzero(holds[:, rarest])
        mine = mine[np.argsort(reduced[mine], kind="stable")]
        self._pairs(rows, masks, required, costs, mine, spent, chosen)
        others = np.flatnonzero(~holds[:, rarest])
        price = float(self.prices[places].sum())
        for one in mine:
            left = self.best - spent - price
            if reduced[one] >= left or self.steps > self.most:
                return
            rest = others[(masks[others] & masks[one] == 0) & (reduced[others] < left - reduced[one])]
            if len(rest) > 1:
                self._step(
                    rows & ~int(masks[one]),
                    masks[rest],
                    costs[rest],
                    reduced[rest],
                    spent + float(costs[one]),
                    (*chosen, int(masks[one])),
                )

    def _pairs(
        self,
        rows: int,
        masks: Ints,
        required: Ints,
        costs: Floats,
        mine: Ints,
        spent: float,
        chosen: tuple[int, ...],
    ) -> None:
        """The best two that hold all rows: for each of ``mine``, the cheapest that is just the rest."""
        wanted = rows & ~required[mine]
        place = np.searchsorted(required, wanted)
        for _ in range(2 if self.optional else 1):  # the cheapest may hold the same anchor; the next does not
            inside = np.minimum(place, len(masks) - 1)
            fits = (required[inside] == wanted) & (masks[inside] & masks[mine] == 0)
            total = np.where(fits, costs[mine] + costs[inside], np.inf)
            at = int(np.argmin(total))
            if spent + total[at] < self.best:
                self.best = spent + float(total[at])
                self.chosen = (*chosen, int(masks[mine[at]]), int(masks[inside[at]]))
            place = place + 1


def _prices(masks: Ints, costs: Floats, n: int, optional: int) -> tuple[Floats, Floats]:
    """Prices of the bits (``inf`` where no mask holds one), and the masks' costs less their bits' prices (never below 0).

    Each bit first gets the least share of any bundle's cost, then what its bundles still leave.
    """
    required = [bit for bit in range(n) if not optional >> bit & 1]
    holds = {bit: np.flatnonzero(masks >> bit & 1) for bit in required}
    sizes = np.zeros(len(masks))
    for inside in holds.values():
        sizes[inside] += 1
    share = costs / np.maximum(sizes, 1)
    prices = np.full(n, np.inf)
    reduced = costs.copy()
    for bit, inside in holds.items():
        if len(inside):
            prices[bit] = share[inside].min()
            reduced[inside] -= prices[bit]
    for bit, inside in sorted(holds.items(), key=lambda item: len(item[1])):
        if len(inside):
            more = max(0.0, float(reduced[inside].min()))
            prices[bit] += more
            reduced[inside] -= more
    for bit in bits(optional):
        prices[bit] = 0.0
    return prices, reduced
