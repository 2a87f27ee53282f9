"""Judge of an answer, from the numbers the caller gave; shares nothing with the search."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from planning.p_median.types import PMedian


def faults(
    answer: PMedian,
    distances: ArrayLike,
    weights: ArrayLike,
    p: int,
    capacity: ArrayLike,
    *,
    weighted: bool = False,
    self_served: bool = True,
) -> Iterator[str]:
    """Everything that is wrong with ``answer`` for this problem, one sentence each; nothing when it is right.

    Parameters
    ----------
    answer
        What to judge.
    distances, weights, p, capacity, weighted, self_served
        The problem as given to ``capacitated_p_median``.
    """
    d, w = np.asarray(distances, dtype=float), np.asarray(weights, dtype=float)
    n = len(w)
    room = np.broadcast_to(np.asarray(capacity, dtype=float), (n,))
    medians = [int(j) for j in answer.medians]
    if len(medians) != p or len(set(medians)) != p:
        yield f"{len(set(medians))} different medians instead of {p}"
    if not all(0 <= j < n for j in medians):
        yield "a median is not a point"
        return
    if answer.assignment.shape != (n,):
        yield f"{answer.assignment.shape} assignments for {n} points"
        return
    load = dict.fromkeys(medians, 0.0)
    parts: list[float] = []
    for i, j in enumerate(int(v) for v in answer.assignment):
        if j not in load:
            yield f"point {i} is served by {j}, which is not a median"
            return
        load[j] += float(w[i])
        parts.append(float(d[i, j]) * (float(w[i]) if weighted else 1.0))
    for k, j in enumerate(medians):
        if load[j] > room[j] + 1e-9 * max(1.0, room[j]) + 1e-12 * n:
            yield f"median {j} serves {load[j]:g}, more than its capacity {room[j]:g}"
        if not math.isclose(load[j], float(answer.loads[k]), rel_tol=1e-9, abs_tol=1e-9):
            yield f"median {j} serves {load[j]:g}, but {answer.loads[k]:g} is reported"
        if self_served and answer.assignment[j] != j:
            yield f"median {j} is served by {answer.assignment[j]} instead of itself"
    cost = math.fsum(parts)
    if not math.isclose(cost, answer.cost, rel_tol=1e-9, abs_tol=1e-9):
        yield f"the cost is {cost:g}, but {answer.cost:g} is reported"
    if answer.bound > cost + 1e-6 * max(1.0, cost):
        yield f"the bound {answer.bound:g} lies above the cost {cost:g}"
