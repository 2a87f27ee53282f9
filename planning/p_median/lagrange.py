"""Lower bounds: the assignment of points is priced, each possible median packs a knapsack of its own.

With a price for each point, every candidate j serves the points that pay it most beyond their cost, up to its capacity;
the p best candidates and the sum of the prices bound the cost from below, whatever the prices are. Prices follow a
deflected subgradient. Knapsacks are bounded by their fractional value (all candidates at once, by sorting); where weights
are whole numbers the last rounds pack the candidates that count exactly, which is the bound of column generation.

Held, Wolfe & Crowder (1974) for the subgradient step; Lorena & Senne (2004), Ceselli & Righini (2005) for this bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from planning.p_median.instance import Floats, Instance, Ints, Mask

_START_STEP: Final = 1.0
_PATIENCE: Final = 20
"""Rounds without a better bound before the step is halved."""
_LEAST_STEP: Final = 0.002
_SMOOTH: Final = 0.7
"""Share of the last direction kept in the next."""
_WORK: Final = 60_000_000
"""Cells of the tables of exact knapsacks in one round; beyond this they stay fractional."""


@dataclass(frozen=True)
class Round:
    """What one set of prices gives.

    ``values`` (n,): bound on each candidate's knapsack (≤ 0 for useful ones, infinite for impossible ones), exact for
    the chosen ones if so asked; ``fractional`` (n,): the same with fractional knapsacks; ``threshold`` (n,): what a unit
    of capacity is worth in these; ``counts`` (n,): how often the chosen candidates serve each point.
    """

    bound: float
    prices: Floats
    values: Floats
    fractional: Floats
    chosen: Ints
    counts: Floats
    threshold: Floats


class Pricing:
    """Evaluates prices for one instance; keeps the points sorted by cost around each candidate."""

    def __init__(self, instance: Instance) -> None:
        self._inst = instance
        costs = instance.costs.T.copy()
        self._own = np.diagonal(instance.costs).copy()
        if instance.self_served:
            np.fill_diagonal(costs, np.inf)
        self._near = np.argsort(costs, axis=1, kind="stable")
        self._cost = np.take_along_axis(costs, self._near, axis=1)
        self._weight = instance.weights[self._near]
        room = instance.limit - instance.weights if instance.self_served else instance.limit.copy()
        self._room = np.where(instance.eligible, np.maximum(room, 0.0), 0.0)

    def round(self, prices: Floats, exact: bool = False) -> Round:
        """The bound at these prices, with fractional or exact knapsacks."""
        inst = self._inst
        profit = prices[self._near] - self._cost
        used = np.flatnonzero(np.any(profit > 0, axis=0))
        width = int(used[-1]) + 1 if len(used) else 1
        gain, weight = np.maximum(profit[:, :width], 0.0), self._weight[:, :width]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(gain > 0, gain / weight, 0.0)
        order = np.argsort(-ratio, axis=1, kind="stable")
        gain = np.take_along_axis(gain, order, axis=1)
        weight = np.where(gain > 0, np.take_along_axis(weight, order, axis=1), 0.0)
        load = np.cumsum(weight, axis=1)
        share = np.clip((self._room[:, None] - (load - weight)) / np.where(weight > 0, weight, 1.0), 0.0, 1.0)
        share = np.where(gain > 0, np.where(weight > 0, share, 1.0), 0.0)
        fixed = self._own - prices if inst.self_served else np.zeros(inst.n)
        values = np.where(inst.eligible, fixed - (gain * share).sum(axis=1), np.inf)
        partial = share < 1.0
        first = np.where(partial.any(axis=1), partial.argmax(axis=1), -1)
        ratio = np.take_along_axis(ratio, order, axis=1)
        threshold = np.where(first >= 0, ratio[np.arange(inst.n), np.maximum(first, 0)], 0.0)
        points = np.take_along_axis(self._near[:, :width], order, axis=1)
        packed: dict[int, Mask] = {}
        fractional = values
        if exact and inst.units is not None:
            values = self._exact(values, fixed, gain, points, packed)
        chosen = np.sort(np.argsort(values, kind="stable")[: inst.p])
        counts = np.zeros(inst.n)
        for j in chosen:
            np.add.at(counts, points[j], packed[j] if j in packed else share[j])
        if inst.self_served:
            counts[chosen] += 1.0
        bound = float(prices.sum() + values[chosen].sum())
        return Round(bound, prices, values, fractional, chosen, counts, threshold)

    def _exact(self, values: Floats, fixed: Floats, gain: Floats, points: Ints, packed: dict[int, Mask]) -> Floats:
        """Values with every candidate packed exactly that may be among the p best."""
        inst = self._inst
        assert inst.units is not None
        weights, room = inst.units
        if inst.self_served:
            room = np.maximum(room - weights, 0)
        used = int((gain > 0).sum(axis=1).max(initial=0))
        if 1.5 * inst.p * used * float(room.max() + 1) > _WORK:
            return values
        values = values.copy()
        done = np.zeros(inst.n, dtype=bool)
        while True:
            best = np.argsort(values, kind="stable")[: inst.p]
            rows = best[~done[best] & np.isfinite(values[best])]
            if len(rows) == 0:
                return values
            totals, masks = _knapsacks(gain[rows, :used], weights[points[rows, :used]], room[rows])
            for k, j in enumerate(rows):
                # Rounding can put the exact value a hair below the fractional one; the larger of the two still bounds.
                values[j] = max(values[j], fixed[j] - totals[k])
                mask = np.zeros(points.shape[1], dtype=bool)
                mask[:used] = masks[k]
                packed[int(j)] = mask
            done[rows] = True


def _knapsacks(gain: Floats, weight: Ints, room: Ints) -> tuple[Floats, Mask]:
    """Best total of each row's items within its room, and which items: one table for all rows."""
    rows, items = gain.shape
    top = int(room.max())
    table = np.zeros((rows, top + 1))
    taken = np.zeros((items, rows, top + 1), dtype=bool)
    at = np.arange(top + 1)
    lines = np.arange(rows)
    for k in range(items):
        if not gain[:, k].any():
            break
        source = at[None, :] - weight[:, k, None]
        with_it = table[lines[:, None], np.maximum(source, 0)] + gain[:, k, None]
        better = (source >= 0) & (with_it > table)
        taken[k] = better
        np.copyto(table, with_it, where=better)
    left = room.copy()
    masks = np.zeros((rows, items), dtype=bool)
    for k in range(items - 1, -1, -1):
        masks[:, k] = taken[k, lines, left]
        left = left - np.where(masks[:, k], weight[:, k], 0)
    return table[lines, room], masks


@dataclass
class Prices:
    """The best bound so far and how the climb goes on from it."""

    best: Round
    now: Floats
    direction: Floats
    step: float = _START_STEP
    waiting: int = 0


def start(pricing: Pricing, instance: Instance) -> Prices:
    """Prices to begin with: what each point would pay a near median."""
    near = max(1, min(instance.n - 1, round(instance.n / instance.p / 2)))
    prices = np.partition(instance.costs, near, axis=1)[:, near] if instance.n > 1 else instance.costs[:, 0]
    first = pricing.round(prices.astype(float))
    return Prices(first, first.prices, np.zeros(instance.n))


def climb(
    pricing: Pricing,
    prices: Prices,
    target: float,
    rounds: int,
    *,
    exact: bool = False,
    each: Callable[[Round], float] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Raise the bound for up to ``rounds`` rounds, in place; ``each`` may lower ``target`` from what a round shows."""
    if exact:
        first = pricing.round(prices.best.prices, exact=True)
        if first.bound >= prices.best.bound:
            prices.best = first
        prices.now = prices.best.prices
        prices.direction = np.zeros_like(prices.direction)
    for _ in range(rounds):
        if stop() or prices.step < _LEAST_STEP:
            return
        shown = pricing.round(prices.now, exact)
        if each is not None:
            target = min(target, each(shown))
        if shown.bound > prices.best.bound + 1e-12 * abs(prices.best.bound):
            prices.best, prices.waiting = shown, 0
        else:
            prices.waiting += 1
            if prices.waiting >= _PATIENCE:
                prices.step, prices.waiting = prices.step / 2, 0
                prices.now, prices.direction = prices.best.prices, np.zeros_like(prices.direction)
                shown = prices.best
        slope = 1.0 - shown.counts
        direction = slope + _SMOOTH * prices.direction
        norm = float(direction @ direction)
        if norm < 1e-12 or target <= prices.best.bound:
            return
        length = prices.step * max(target * 1.002 - shown.bound, 1e-6 * abs(target)) / norm
        prices.direction = direction
        prices.now = prices.now + length * direction
