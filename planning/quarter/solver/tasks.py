"""Parts of the plan as routing tasks, and their answers back into the draft."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planning.quarter.solver.draft import Draft, feasible_order
from planning.quarter.solver.instance import Instance, Routes
from planning.quarter.solver.routing import RoutingTask


@dataclass(frozen=True)
class Part:
    """Slots taken apart together, and the visits to share out among them."""

    slots: tuple[int, ...]
    visits: tuple[int, ...]


def routing_task(
    instance: Instance,
    part: Part,
    *,
    seconds: float,
    max_solutions: int | None,
    initial: Routes | None = None,
    plain: bool = False,
) -> RoutingTask:
    """The part as one routing problem: visits first, then the depots of the teams concerned."""
    teams = sorted({instance.slots[slot].team for slot in part.slots})
    depot_node = {team: len(part.visits) + k for k, team in enumerate(teams)}
    places = np.concatenate((instance.node[list(part.visits)], instance.depot[teams])).astype(np.int64)
    number = {visit: k for k, visit in enumerate(part.visits)}
    slot_teams = [instance.slots[slot].team for slot in part.slots]
    starts: tuple[tuple[int, ...], ...] = ()
    if initial is not None:
        starts = tuple(tuple(number[visit] for visit in route) for route in initial)
    return RoutingTask(
        travel=instance.travel[np.ix_(places, places)],
        service=tuple(instance.service[list(part.visits)].tolist()),
        penalty=tuple(instance.weight[list(part.visits)].tolist()),
        depots=tuple(depot_node[team] for team in slot_teams),
        work_s=tuple(instance.teams[team].work_s for team in slot_teams),
        vehicles=tuple(_vehicles(instance, part, visit, teams) for visit in part.visits),
        initial=starts,
        seconds=seconds,
        max_solutions=max_solutions,
        plain=plain,
    )


def _vehicles(instance: Instance, part: Part, visit: int, teams: list[int]) -> tuple[int, ...] | None:
    if all(instance.allowed[visit, team] and instance.flexible(visit, team) for team in teams):
        return None
    return tuple(k for k, slot in enumerate(part.slots) if instance.fits_slot(visit, slot))


def accept(draft: Draft, part: Part, answer: list[list[int]] | None, fair: Fairness) -> int:
    """Take the answer over if it is better and every day of it is valid; gives the gain in seconds, 0 if refused."""
    if answer is None:
        return 0
    instance = draft.instance
    routes: Routes = []
    for slot, numbers in zip(part.slots, answer, strict=True):
        order = [part.visits[k] for k in numbers]
        found = feasible_order(instance, slot, order) if order else order
        if found is None:
            return 0
        routes.append(found)
    before = [draft.routes[slot] for slot in part.slots]
    gain = _cost(instance, part, before) - _cost(instance, part, routes)
    if gain <= 0 or not fair.allows(draft, part, routes):
        return 0
    for slot in part.slots:
        draft.put(slot, [])
    for slot, route in zip(part.slots, routes, strict=True):
        draft.put(slot, route)
    return gain


def _cost(instance: Instance, part: Part, routes: Routes) -> int:
    placed = {visit for route in routes for visit in route}
    left_out = [visit for visit in part.visits if visit not in placed]
    travel = sum(sum(instance.legs(instance.slots[slot].team, r)) for slot, r in zip(part.slots, routes, strict=True))
    return travel + (int(instance.weight[left_out].sum()) if left_out else 0)


@dataclass(frozen=True)
class Fairness:
    """Limits of the days that each team works: soft, never tightened against a plan that already breaks them."""

    fewest: tuple[int, ...]
    most: tuple[int, ...]

    def allows(self, draft: Draft, part: Part, routes: Routes) -> bool:
        """Whether the new routes leave every team within its limits, or nearer to them than before."""
        change: dict[int, int] = {}
        for slot, route in zip(part.slots, routes, strict=True):
            team = draft.instance.slots[slot].team
            change[team] = change.get(team, 0) + bool(route) - bool(draft.routes[slot])
        for team, delta in change.items():
            if delta == 0:
                continue
            days = self.days(draft, team) + delta
            if (delta > 0 and days > self.most[team]) or (delta < 0 and days < self.fewest[team]):
                return False
        return True

    @staticmethod
    def days(draft: Draft, team: int) -> int:
        """Days that the team works in the draft."""
        return sum(bool(draft.routes[slot]) for slot in draft.instance.slots_of_team[team])
