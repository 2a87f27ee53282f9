"""The simple plan an office would make by hand: day by day, always on to the nearest estate. Start and yardstick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.progress import SILENT, Progress
from planning.quarter.solver.draft import Draft, day_timing, place_leftovers
from planning.quarter.solver.instance import FAR, Instance


def greedy(instance: Instance, progress: Progress = SILENT) -> Draft:
    """Fill the slots in calendar order, from each place on to the nearest open visit that fits, mandatory ones first.

    ``progress`` is only told; the plan is always finished.
    """
    draft = Draft.empty(instance)
    is_open = np.ones(len(instance.visits), dtype=bool)
    mandatory = np.array([visit.mandatory for visit in instance.visits], dtype=bool)
    first = np.array([visit.first_day.toordinal() for visit in instance.visits])
    last = np.array([visit.last_day.toordinal() for visit in instance.visits])
    slots = sorted(range(len(instance.slots)), key=lambda k: (instance.slots[k].day, instance.slots[k].team))
    for done, slot in enumerate(slots):
        team, day = instance.slots[slot].team, instance.slots[slot].day.toordinal()
        fits = is_open & instance.allowed[:, team] & (first <= day) & (day <= last)
        for group in (mandatory, ~mandatory):
            fill_day(draft, slot, fits & group)
        is_open[draft.routes[slot]] = False
        progress.update(done / len(slots), "按最近原则排出初始计划")
    place_leftovers(draft)
    return draft


def fill_day(draft: Draft, slot: int, candidates: NDArray[np.bool_]) -> None:
    """Extend the slot's route, from its end always on to the nearest candidate that still fits the day."""
    candidates = candidates.copy()
    instance = draft.instance
    team = instance.slots[slot].team
    depot, work_s = instance.depot[team], instance.teams[team].work_s
    while True:
        route = draft.routes[slot]
        here = instance.node[route[-1]] if route else depot
        spent = sum(instance.legs(team, route)[:-1]) + sum(instance.services(route))
        near = np.flatnonzero(candidates)
        if len(near) == 0:
            return
        out = instance.travel[here, instance.node[near]]
        total = spent + out + instance.service[near] + instance.travel[instance.node[near], depot]
        ways = np.where(total <= work_s, out, FAR)
        chosen = None
        for k in np.argsort(ways, kind="stable")[:20]:
            if ways[k] >= FAR:
                break
            if day_timing(instance, slot, [*route, int(near[k])]) is not None:
                chosen = int(near[k])
                break
        if chosen is None:
            return
        draft.put(slot, [*route, chosen])
        candidates[chosen] = False
