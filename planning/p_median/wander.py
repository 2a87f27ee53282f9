"""Starts and walks: from medians to a solution that fits, and on by closing one median and opening another."""

from __future__ import annotations

from typing import Final

import numpy as np

from planning.p_median.build import assign, fill
from planning.p_median.guard import Guard
from planning.p_median.instance import Floats, Instance, Ints
from planning.p_median.lagrange import Round
from planning.p_median.local import Groups, descend

_TRIES: Final = 14
"""Times the price of overload is raised before a start is given up."""
_RAISE: Final = 3.0
_FIRM: Final = 10.0
"""How much dearer overload is from the first where a good solution is only mended."""
_WORSE: Final = 0.004
"""A walk goes on from a solution that is worse than the best by less than this share."""
_RETURN: Final = 25
"""Steps without a new best after which a walk goes back to it."""


def settle(groups: Groups, times: float = 1.0) -> None:
    """A local optimum that fits if one is found: overload costs little at first (more with ``times``), then more."""
    inst = groups.instance
    typical = float(groups.each.mean()) or float(inst.costs.mean()) or 1.0
    price = times * typical / max(float(inst.weights.mean()), 1e-12)
    for _ in range(_TRIES):
        descend(groups, price)
        if groups.fits:
            break
        price *= _RAISE
    if groups.fits:
        hold(groups)


def hold(groups: Groups) -> None:
    """A local optimum of a solution that fits and goes on fitting, in place."""
    descend(groups, _never(groups.instance))


def _never(inst: Instance) -> float:
    """A price at which no overload ever pays."""
    positive = inst.weights[inst.weights > 0]
    least = float(positive.min()) if len(positive) else 1.0
    return 1e3 * (float(inst.costs.max()) + 1.0) * inst.n / least


def start(inst: Instance, medians: Ints) -> Groups:
    """A local optimum near these medians."""
    groups = assign(inst, medians)
    settle(groups)
    return groups


def better(one: Groups, other: Groups | None) -> bool:
    """``one`` fits better, or as well and costs less."""
    if other is None:
        return True
    mine, theirs = (round(one.overload, 9), one.cost), (round(other.overload, 9), other.cost)
    return mine < theirs


def wander(best: Groups, shown: Round, rng: np.random.Generator, rounds: int, guard: Guard) -> Groups:
    """The best of ``rounds`` steps from ``best``: close a median, open one the prices favour, mend the surroundings."""
    inst = best.instance
    if inst.p >= inst.n or inst.p < 2:
        return best
    now, since = best, 0
    favour = favoured(inst, shown)
    for _ in range(rounds):
        if guard.over():
            break
        trial = _kick(now, favour, rng)
        if trial is None:
            break
        settle(trial)
        if better(trial, best):
            best, since = trial, 0
        else:
            since += 1
        if trial.fits and trial.cost < best.cost * (1 + _WORSE):
            now = trial
        if since >= _RETURN:
            now, since = best, 0
    return best


def favoured(inst: Instance, shown: Round) -> Floats:
    """How likely each point should be tried as a median: the better its knapsack at the best prices, the likelier."""
    rank = np.empty(inst.n)
    rank[np.argsort(shown.values, kind="stable")] = np.arange(inst.n)
    return np.where(inst.eligible, np.exp(-rank / (1.5 * inst.p)), 0.0)


def scattered(groups: Groups, chosen: Ints, favour: Floats, rng: np.random.Generator) -> Groups:
    """``groups`` with some of the chosen ones' medians replaced by other points of these groups, and mended."""
    inst = groups.instance
    inside = np.isin(groups.group, chosen)
    chance = np.where(inside, favour, 0.0)
    chance[groups.medians] = 0.0
    count = min(int(rng.integers(1, 3)), len(chosen), int(np.count_nonzero(chance)))
    medians, group = groups.medians.copy(), groups.group.copy()
    if count:
        opened = rng.choice(inst.n, size=count, replace=False, p=chance / chance.sum())
        medians[rng.choice(chosen, size=count, replace=False)] = opened
    group[inside] = -1
    if inst.self_served:
        group[medians] = np.arange(inst.p)
    fill(inst, medians, group)
    trial = Groups(inst, medians, group)
    if trial.fits:
        hold(trial)
    else:
        settle(trial, _FIRM)
    return trial


def _kick(groups: Groups, favour: Floats, rng: np.random.Generator) -> Groups | None:
    inst = groups.instance
    chance = favour.copy()
    chance[groups.medians] = 0.0
    if chance.sum() <= 0:
        return None
    opened = int(rng.choice(inst.n, p=chance / chance.sum()))
    where = inst.costs[opened, groups.medians]
    if rng.random() < 0.5:
        closed = int(rng.integers(inst.p))
    else:
        closed = int(np.argsort(where, kind="stable")[rng.integers(min(4, inst.p))])
    medians = groups.medians.copy()
    old = medians[closed]
    medians[closed] = opened
    around = np.argsort(np.minimum(inst.costs[old, groups.medians], where), kind="stable")[: 4 + inst.p // 20]
    group = groups.group.copy()
    group[np.isin(group, np.append(around, closed))] = -1
    if inst.self_served:
        group[medians] = np.arange(inst.p)
    fill(inst, medians, group)
    return Groups(inst, medians, group)
