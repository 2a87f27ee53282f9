"""Local search: points change their median singly or in pairs, medians move within their group.

A load above capacity is allowed at a price (``penalty`` per unit), so that the search can pass through solutions that do
not fit and mend starts that do not fit yet. Moves are judged all at once in arrays and carried out in batches that share
no group, best first; ties go to the lower index, so a run depends on its start only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from planning.p_median.instance import Floats, Instance, Ints, Mask

_GAIN: Final = 1e-9
"""Relative gain below which a move is noise of rounding."""
_MAX_PASSES: Final = 10_000


class Groups:
    """Medians, which of them serves each point (as a position in ``medians``), and the loads."""

    def __init__(self, instance: Instance, medians: Ints, group: Ints) -> None:
        self.instance = instance
        self.medians = medians.copy()
        self.group = group.copy()
        self.loads = self._summed()

    def copy(self) -> Groups:
        return Groups(self.instance, self.medians, self.group)

    @property
    def assignment(self) -> Ints:
        return self.medians[self.group]

    @property
    def each(self) -> Floats:
        """Cost of each point."""
        return self.instance.costs[np.arange(self.instance.n), self.assignment]

    @property
    def cost(self) -> float:
        return float(self.each.sum())

    @property
    def overload(self) -> float:
        """Weight above the capacities, over all medians."""
        return float(np.maximum(self.loads - self.instance.limit[self.medians], 0.0).sum())

    @property
    def fits(self) -> bool:
        return self.overload == 0.0

    @property
    def sound(self) -> bool:
        """Fits, its medians may be medians, and serve themselves where they must."""
        at_home = not self.instance.self_served or np.array_equal(self.assignment[self.medians], self.medians)
        return self.fits and at_home and bool(self.instance.eligible[self.medians].all())

    def bound_to_stay(self) -> Mask:
        """Points that no move may take out of their group: medians that serve themselves."""
        stay = np.zeros(self.instance.n, dtype=bool)
        if self.instance.self_served:
            stay[self.medians] = True
        return stay

    def shift(self, i: int, to: int) -> None:
        weight = self.instance.weights[i]
        self.loads[self.group[i]] -= weight
        self.loads[to] += weight
        self.group[i] = to

    def tidy(self) -> None:
        """Add the loads up anew: many small changes gather rounding."""
        self.loads = self._summed()

    def _summed(self) -> Floats:
        sums = np.bincount(self.group, weights=self.instance.weights, minlength=len(self.medians))
        return sums.astype(np.float64)


def descend(groups: Groups, penalty: float) -> None:
    """Bring ``groups`` to a local optimum of cost + penalty × overload, in place."""
    least = _GAIN * max(groups.cost, 1e-12)
    dirty = np.ones(len(groups.medians), dtype=bool)
    for _ in range(_MAX_PASSES):
        if _shifts(groups, penalty, least, dirty) or _swaps(groups, penalty, least, dirty):
            groups.tidy()
        elif not _centres(groups, penalty, least, dirty):
            break


def _excess(loads: Floats, limit: Floats) -> Floats:
    return np.maximum(loads - limit, 0.0)


def _shifts(groups: Groups, penalty: float, least: float, dirty: Mask) -> bool:
    inst, own = groups.instance, groups.group
    limit = inst.limit[groups.medians]
    over = _excess(groups.loads, limit)
    w = inst.weights
    gain = inst.costs[:, groups.medians] - groups.each[:, None]
    gain += penalty * (_excess(groups.loads[None, :] + w[:, None], limit[None, :]) - over[None, :])
    leave = penalty * (_excess(groups.loads[own] - w, limit[own]) - over[own])
    gain += leave[:, None]
    gain[np.arange(inst.n), own] = np.inf
    gain[groups.bound_to_stay()] = np.inf
    rows, cols = np.nonzero(gain < -least)
    order = np.argsort(gain[rows, cols], kind="stable")
    used = np.zeros(len(groups.medians), dtype=bool)
    for at in order:
        i, to = int(rows[at]), int(cols[at])
        here = int(groups.group[i])
        if used[here] or used[to]:
            continue
        groups.shift(i, to)
        used[here] = used[to] = True
    dirty |= used
    return bool(used.any())


def _swaps(groups: Groups, penalty: float, least: float, dirty: Mask) -> bool:
    inst, own = groups.instance, groups.group
    limit = inst.limit[groups.medians]
    free = np.flatnonzero(~groups.bound_to_stay())
    if len(free) < 2:
        return False
    at = own[free]
    w = inst.weights[free]
    cost = inst.costs[free][:, groups.medians]
    there = cost[:, at] - cost[np.arange(len(free)), at][:, None]
    load = (groups.loads[at] - w)[:, None] + w[None, :]
    there += penalty * (_excess(load, limit[at][:, None]) - _excess(groups.loads, limit)[at][:, None])
    both = there + there.T
    both[at[:, None] == at[None, :]] = np.inf
    rows, cols = np.nonzero(both < -least)
    keep = rows < cols
    rows, cols = rows[keep], cols[keep]
    order = np.argsort(both[rows, cols], kind="stable")
    used = np.zeros(len(groups.medians), dtype=bool)
    for k in order:
        i, j = int(free[rows[k]]), int(free[cols[k]])
        a, b = int(groups.group[i]), int(groups.group[j])
        if used[a] or used[b]:
            continue
        groups.shift(i, b)
        groups.shift(j, a)
        used[a] = used[b] = True
    dirty |= used
    return bool(used.any())


def _centres(groups: Groups, penalty: float, least: float, dirty: Mask) -> bool:
    """Give each group that changed its best member as median."""
    inst = groups.instance
    moved = False
    for c in np.flatnonzero(dirty):
        members = np.flatnonzero(groups.group == c)
        if len(members) == 0:
            continue
        now = int(groups.medians[c])
        seats = members if inst.self_served else np.setdiff1d(members, groups.medians)
        seats = seats[inst.eligible[seats]]
        if len(seats) == 0:
            continue
        load = groups.loads[c]
        total = inst.costs[np.ix_(members, seats)].sum(axis=0)
        total += penalty * np.maximum(load - inst.limit[seats], 0.0)
        before = inst.costs[members, now].sum() + penalty * max(load - inst.limit[now], 0.0)
        best = int(total.argmin())
        if total[best] < before - least:
            groups.medians[c] = seats[best]
            moved = True
    dirty[:] = False
    return moved
