"""The quarter's plan as whole values: the problem (what is wanted) and the plan (what was placed, and what was not)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Visit:
    """One wanted visit (检查). ``place`` is the row of its stop in the travel matrix."""

    visit_id: str
    estate_id: str
    rule_id: str
    """Programme of the profile, e.g. ``joint``."""
    place: int
    lon: float
    lat: float
    service_s: int
    departments: frozenset[str]
    """Departments that the estate's open cases call for; the team must hold them all."""
    mandatory: bool
    priority: int
    """Larger is placed first when not all fit."""
    first_day: date
    last_day: date
    reason: str
    """Why this visit, one Chinese sentence with the rule id."""

    def __post_init__(self) -> None:
        if self.service_s <= 0:
            raise ValueError(f"visit {self.visit_id} takes {self.service_s} s")
        if self.first_day > self.last_day:
            raise ValueError(f"visit {self.visit_id} opens {self.first_day} after it closes {self.last_day}")


@dataclass(frozen=True, slots=True)
class Team:
    """A team (检查组) with its working days in the horizon. Times are seconds after midnight."""

    team_id: str
    name: str
    place: int
    lon: float
    lat: float
    departments: frozenset[str]
    unit_ids: frozenset[str]
    """County or street ids that the team may inspect; empty: all."""
    days: tuple[date, ...]
    starts_s: int
    ends_s: int
    lunch_s: int
    lunch_from_s: int
    lunch_to_s: int

    def __post_init__(self) -> None:
        if not 0 <= self.starts_s < self.ends_s <= 86400:
            raise ValueError(f"team {self.team_id} works from {self.starts_s} s to {self.ends_s} s")
        if not self.lunch_from_s <= self.lunch_to_s:
            raise ValueError(f"team {self.team_id}: lunch window {self.lunch_from_s}–{self.lunch_to_s} s")

    @property
    def work_s(self) -> int:
        """Seconds of a day for travel and visits, lunch taken off."""
        return self.ends_s - self.starts_s - self.lunch_s


@dataclass(frozen=True)
class Problem:
    """Everything that a planner may know. ``travel_s[i, j]``, ``distance_m[i, j]``: from place i to place j."""

    quarter: str
    first_day: date
    last_day: date
    visits: Mapping[str, Visit]
    teams: Mapping[str, Team]
    unit_of_estate: Mapping[str, frozenset[str]]
    """County and street ids of each estate, for the teams' areas."""
    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    straight_line: bool
    calendar_warning: str
    left_out: tuple[Unplaced, ...] = ()
    """Estates in scope that cannot be planned at all (``no_position``); every plan repeats them."""

    def allows(self, team: Team, visit: Visit) -> bool:
        """Whether the team may make the visit: departments held, area permitted."""
        area = not team.unit_ids or bool(team.unit_ids & self.unit_of_estate.get(visit.estate_id, frozenset()))
        return area and visit.departments <= team.departments


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit placed on a route (停靠点). ``travel_s``, ``distance_m``: from the place before it."""

    visit_id: str
    arrive_s: int
    start_s: int
    end_s: int
    travel_s: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class Route:
    """One team's day (路线). Lunch lies between two activities, never inside a visit."""

    team_id: str
    day: date
    depart_s: int
    stops: tuple[Stop, ...]
    lunch_start_s: int
    lunch_end_s: int
    return_travel_s: int
    return_distance_m: float
    return_s: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A visit that did not fit, and why (Chinese); ``kind`` for machines."""

    visit_id: str
    kind: str
    """``no_position`` | ``no_team`` | ``no_road`` | ``too_long`` | ``no_time``."""
    reason: str
    estate_id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The quarter's routes and what was left out."""

    quarter: str
    routes: tuple[Route, ...]
    unplaced: tuple[Unplaced, ...]
    missing_team_days: int
    """Team-days that would be needed for the unplaced visits; 0 when all are placed."""
    seconds: float
    note: str = ""

    def stops(self) -> Iterator[Stop]:
        for route in self.routes:
            yield from route.stops

    @property
    def travel_s(self) -> int:
        return sum(sum(s.travel_s for s in r.stops) + r.return_travel_s for r in self.routes)

    @property
    def service_s(self) -> int:
        return sum(stop.end_s - stop.start_s for stop in self.stops())

    @property
    def distance_m(self) -> float:
        return sum(sum(s.distance_m for s in r.stops) + r.return_distance_m for r in self.routes)
