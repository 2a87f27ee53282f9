"""Routes to calendar days: urgent ones early, the rest evenly, some days free at the quarter's end."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
from scipy.optimize import linear_sum_assignment

from planning.quarter.solver.draft import Draft

_OUTSIDE = 1e15
_NOT_CHOSEN = 1e9


def spread_days(draft: Draft, reserve: float) -> None:
    """Permute each team's routes over its days. Order within the day and travel stay as they are.

    Every route lies within the windows of its visits before and after; ties go to the route with the lowest visit id.
    """
    instance = draft.instance
    for slots in instance.slots_of_team:
        used = [k for k in slots if draft.routes[k]]
        if not used:
            continue
        routes = sorted((draft.routes[k] for k in used), key=lambda route: _urgency(draft, route))
        days = [instance.slots[k].day for k in slots]
        wanted = chosen_days(len(days), len(routes), reserve)
        cost = np.full((len(routes), len(days)), _OUTSIDE)
        for r, route in enumerate(routes):
            opens, closes = _window(draft, route)
            for d, day in enumerate(days):
                if opens <= day <= closes:
                    cost[r, d] = (len(routes) - r) * d + (0 if d in wanted else _NOT_CHOSEN)
        rows, cols = linear_sum_assignment(cost)
        if cost[rows, cols].max() >= _OUTSIDE:
            raise RuntimeError("routes that lay within their windows found no days; the draft was invalid")
        for k in slots:
            draft.put(k, [])
        for r, d in zip(rows, cols, strict=True):
            draft.put(slots[d], routes[r])


def chosen_days(n_days: int, n_routes: int, reserve: float) -> set[int]:
    """Numbers of the days to work: spread evenly over all but the last ``reserve`` share, which fills up last."""
    n_free = min(n_days - n_routes, math.ceil(reserve * n_days))
    open_days = n_days - n_free
    return {k * open_days // n_routes for k in range(n_routes)}


def _urgency(draft: Draft, route: list[int]) -> tuple[int, int, int, str]:
    visits = [draft.instance.visits[v] for v in route]
    return (
        -sum(visit.mandatory for visit in visits),
        -max(visit.priority for visit in visits),
        -sum(visit.priority for visit in visits),
        min(visit.visit_id for visit in visits),
    )


def _window(draft: Draft, route: list[int]) -> tuple[date, date]:
    visits = [draft.instance.visits[v] for v in route]
    return max(visit.first_day for visit in visits), min(visit.last_day for visit in visits)
