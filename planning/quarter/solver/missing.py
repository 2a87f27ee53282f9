"""How many team-days (队日) are missing when not all visits fit: proven from above by routes, from below by work."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from planning.quarter.settings import Settings
from planning.quarter.solver.draft import Draft, feasible_order
from planning.quarter.solver.greedy import fill_day
from planning.quarter.solver.instance import FAR, Instance, Slot
from planning.quarter.solver.routing import solve_routing
from planning.quarter.solver.tasks import Part, routing_task

_FIRST = date(2000, 1, 3)
_MOST_VEHICLES = 80
_SECONDS = 2.0


def missing_team_days(draft: Draft, settings: Settings) -> tuple[int, str]:
    """Days that hold all unplaced visits beside the plan, and one Chinese sentence that says how this was found.

    The number is an upper estimate with a proof: routes for so many further days were built. The sentence also gives
    the lower bound from the work alone, below which no plan can do.
    """
    unplaced = sorted(draft.unplaced)
    if not unplaced:
        return 0, ""
    extra = _open_days(draft.instance, unplaced)
    built = _pack(extra)
    better = _repack(extra, built, settings)
    n_days = min(built, better)
    least = lower_bound(draft.instance)
    bound = f"，仅按工作量计算至少缺{least}个" if least else ""
    return n_days, f"缺{n_days}个队日（按另加队日试排，{n_days}个可以排下全部未排检查{bound}）"


def lower_bound(instance: Instance) -> int:
    """Team-days that any plan of all visits lacks: work of all visits beyond the working time of all days.

    Each visit needs its service and at least the shortest leg that leads to it.
    """
    if not instance.visits:
        return 0
    places = np.concatenate((instance.node, instance.depot))
    into = instance.travel[np.ix_(places, instance.node)].copy()
    into[np.arange(len(instance.node)), np.arange(len(instance.node))] = FAR
    work = int((instance.service + into.min(axis=0)).sum())
    longest = max(team.work_s for team in instance.teams)
    capacity = sum(instance.teams[slot.team].work_s for slot in instance.slots)
    return max(0, math.ceil((work - capacity) / longest))


def _open_days(instance: Instance, unplaced: list[int]) -> Instance:
    """The unplaced visits alone, with as many free days of every team as could ever be needed."""
    days = tuple(_FIRST + timedelta(days=k) for k in range(len(unplaced)))
    teams = tuple(replace(team, days=days) for team in instance.teams)
    slots = tuple(Slot(t, day) for t in range(len(teams)) for day in days)
    n = len(days)
    return Instance(
        visits=tuple(replace(instance.visits[v], first_day=days[0], last_day=days[-1]) for v in unplaced),
        teams=teams,
        slots=slots,
        node=instance.node[unplaced],
        depot=instance.depot,
        service=instance.service[unplaced],
        weight=instance.weight[unplaced],
        allowed=instance.allowed[unplaced],
        travel=instance.travel,
        slots_of_team=tuple(tuple(range(t * n, (t + 1) * n)) for t in range(len(teams))),
    )


def _pack(extra: Instance) -> int:
    """Days used when each further day goes to the team that gets most visiting done on it."""
    draft = Draft.empty(extra)
    is_open = np.ones(len(extra.visits), dtype=bool)
    n_days = 0
    while is_open.any():
        best: tuple[int, int, list[int]] | None = None
        for t, slots in enumerate(extra.slots_of_team):
            slot = slots[n_days]
            fill_day(draft, slot, is_open & extra.allowed[:, t])
            route = draft.routes[slot]
            done = int(extra.service[route].sum())
            draft.put(slot, [])
            if route and (best is None or done > best[0]):
                best = (done, slot, route)
        if best is None:
            raise RuntimeError("a visit that passed the screening fits no free day")
        draft.put(best[1], best[2])
        is_open[best[2]] = False
        n_days += 1
    return n_days


def _repack(extra: Instance, n_days: int, settings: Settings) -> int:
    """Days that OR-Tools needs when a day costs more than any travel; ``n_days`` where it finds nothing better."""
    per_team = n_days - 1
    if per_team < 1 or per_team * len(extra.teams) > _MOST_VEHICLES:
        return n_days
    slots = tuple(slot for slots in extra.slots_of_team for slot in slots[:per_team])
    part = Part(slots, tuple(range(len(extra.visits))))
    task = routing_task(
        extra,
        part,
        seconds=_SECONDS if settings.max_solutions is None else 100 * _SECONDS,
        max_solutions=settings.max_solutions,
    )
    answer = solve_routing(replace(task, day_cost=20 * max(team.work_s for team in extra.teams)))
    if answer is None or sum(map(len, answer)) < len(extra.visits):
        return n_days
    fits = all(feasible_order(extra, slot, r) is not None for slot, r in zip(slots, answer, strict=True) if r)
    return min(n_days, sum(bool(route) for route in answer)) if fits else n_days
