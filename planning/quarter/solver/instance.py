"""The problem as the solver sees it: numbered visits, teams and slots (team-days), arrays instead of mappings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planning.quarter.types import Problem, Team, Visit

FAR: int = 10_000_000
"""Seconds that stand for "cannot be reached": longer than any day, so no route can hold such a leg."""

_OPTIONAL_WEIGHT = 200_000
_MANDATORY_WEIGHT = 40_000_000

Routes = list[list[int]]
"""Visits of each slot in driving order; an empty list is a free day."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One team-day (队日)."""

    team: int
    day: date


@dataclass(frozen=True)
class Instance:
    """Visits that some team could make on some day, and the slots to make them in.

    ``travel[i, j]`` int64 seconds between places (visit i is at ``node[i]``, team t starts at ``depot[t]``);
    ``allowed[i, t]`` bool; ``weight[i]`` what leaving visit i out costs, in seconds of travel.
    """

    visits: tuple[Visit, ...]
    teams: tuple[Team, ...]
    slots: tuple[Slot, ...]
    node: NDArray[np.int64]
    depot: NDArray[np.int64]
    service: NDArray[np.int64]
    weight: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    travel: NDArray[np.int64]
    slots_of_team: tuple[tuple[int, ...], ...] = field(repr=False)

    def fits_slot(self, visit: int, slot: int) -> bool:
        """Whether the slot's team may make the visit and its day lies in the visit's window."""
        team, day = self.slots[slot].team, self.slots[slot].day
        wanted = self.visits[visit]
        return bool(self.allowed[visit, team]) and wanted.first_day <= day <= wanted.last_day

    @cached_property
    def work_s(self) -> NDArray[np.int64]:
        """Seconds of travel and service that each slot has."""
        return np.array([self.teams[slot.team].work_s for slot in self.slots], dtype=np.int64)

    @cached_property
    def _slot_teams(self) -> NDArray[np.int64]:
        return np.array([slot.team for slot in self.slots], dtype=np.int64)

    @cached_property
    def _slot_days(self) -> NDArray[np.int64]:
        return np.array([slot.day.toordinal() for slot in self.slots], dtype=np.int64)

    def slots_for(self, visit: int) -> NDArray[np.bool_]:
        """``fits_slot`` for all slots."""
        wanted = self.visits[visit]
        days = self._slot_days
        in_window = (wanted.first_day.toordinal() <= days) & (days <= wanted.last_day.toordinal())
        return in_window & self.allowed[visit, self._slot_teams]

    def flexible(self, visit: int, team: int) -> bool:
        """Whether every day of the team lies in the visit's window."""
        days = self.teams[team].days
        return not days or (self.visits[visit].first_day <= days[0] and days[-1] <= self.visits[visit].last_day)

    def legs(self, team: int, order: list[int]) -> list[int]:
        """Travel seconds of a day: from the depot, between the visits, back to the depot."""
        if not order:
            return [0]
        depot = self.depot[team]
        path = np.concatenate(([depot], self.node[order], [depot]))
        return self.travel[path[:-1], path[1:]].tolist()

    def services(self, order: list[int]) -> list[int]:
        """Service seconds of the visits in order."""
        return self.service[order].tolist() if order else []

    def travel_of(self, routes: Routes) -> int:
        """Travel seconds of all routes."""
        return sum(sum(self.legs(self.slots[k].team, order)) for k, order in enumerate(routes) if order)


def reachable_travel(problem: Problem) -> NDArray[np.int64]:
    """The travel matrix with ``FAR`` where there is no road."""
    travel = np.asarray(problem.travel_s, dtype=np.int64)
    return np.where(travel < 0, FAR, travel)


def build_instance(problem: Problem, visits: list[Visit], teams: list[Team]) -> Instance:
    """Number the visits and teams (both in the order given)."""
    ranks = {p: rank for rank, p in enumerate(sorted({visit.priority for visit in visits}))}
    span = max(len(ranks), 1)
    weight = [
        (_MANDATORY_WEIGHT if visit.mandatory else _OPTIONAL_WEIGHT) * (1 + ranks[visit.priority] / span)
        for visit in visits
    ]
    slots = [Slot(t, day) for t, team in enumerate(teams) for day in sorted(team.days)]
    return Instance(
        visits=tuple(visits),
        teams=tuple(teams),
        slots=tuple(slots),
        node=np.array([visit.place for visit in visits], dtype=np.int64),
        depot=np.array([team.place for team in teams], dtype=np.int64),
        service=np.array([visit.service_s for visit in visits], dtype=np.int64),
        weight=np.array(weight, dtype=np.int64),
        allowed=np.array([[problem.allows(team, visit) for team in teams] for visit in visits], dtype=bool).reshape(
            len(visits), len(teams)
        ),
        travel=reachable_travel(problem),
        slots_of_team=tuple(tuple(k for k, slot in enumerate(slots) if slot.team == t) for t in range(len(teams))),
    )
