"""Assignments for given medians: those with most to lose choose first."""

from __future__ import annotations

import numpy as np

from planning.p_median.instance import Instance, Ints
from planning.p_median.local import Groups


def assign(instance: Instance, medians: Ints) -> Groups:
    """Points to medians, nearest with room first in order of regret; what finds no room overloads the roomiest."""
    medians = np.asarray(medians, dtype=np.int64)
    group = np.full(instance.n, -1, dtype=np.int64)
    if instance.self_served:
        group[medians] = np.arange(len(medians))
    fill(instance, medians, group)
    return Groups(instance, medians, group)


def fill(instance: Instance, medians: Ints, group: Ints) -> None:
    """Give every point without a group (-1) one, in place."""
    limit = instance.limit[medians]
    placed = group >= 0
    left = limit - np.bincount(group[placed], weights=instance.weights[placed], minlength=len(medians))
    todo = np.flatnonzero(~placed)
    cost = instance.costs[todo][:, medians]
    order = np.argsort(cost, axis=1, kind="stable")
    if len(medians) > 1:
        two = np.partition(cost, 1, axis=1)
        regret = two[:, 1] - two[:, 0]
    else:
        regret = np.zeros(len(todo))
    scale = max(float(regret.mean()), 1e-12) if len(todo) else 1.0
    heavy = instance.weights[todo] / max(float(instance.weights.mean()), 1e-12)
    for k in np.argsort(-(regret / scale + heavy), kind="stable"):
        i = todo[k]
        room = left[order[k]] >= instance.weights[i]
        to = order[k][room.argmax()] if room.any() else left.argmax()
        group[i] = to
        left[to] -= instance.weights[i]
