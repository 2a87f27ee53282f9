"""Small quarters to plan, made by hand or drawn at random, for the tests of the planner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from planning.quarter.types import Problem, Team, Visit

MONDAY = date(2027, 1, 4)
HOUR = 3600


def days(n: int) -> tuple[date, ...]:
    """The first ``n`` working days."""
    found = (MONDAY + timedelta(days=k) for k in range(2 * n + 7))
    return tuple(day for day in found if day.weekday() < 5)[:n]


def visit(number: int, **changes: object) -> Visit:
    """A visit of one hour at place ``number``, the whole quarter long, optional."""
    fields: dict[str, object] = {
        "visit_id": f"joint:E{number:03d}",
        "estate_id": f"E{number:03d}",
        "rule_id": "joint",
        "place": number,
        "lon": 112.0,
        "lat": 30.0,
        "service_s": HOUR,
        "departments": frozenset(),
        "mandatory": False,
        "priority": 0,
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=89),
        "reason": "联合检查（依据 D11）",
    }
    return Visit(**(fields | changes))  # type: ignore[arg-type]


def team(number: int, place: int, n_days: int, **changes: object) -> Team:
    """A team of 8:30–17:30 with lunch of 1.5 h begun 11:30–13:00: 7.5 h of work a day."""
    fields: dict[str, object] = {
        "team_id": f"T{number}",
        "name": f"第{number}组",
        "place": place,
        "lon": 112.0,
        "lat": 30.0,
        "departments": frozenset(),
        "unit_ids": frozenset(),
        "days": days(n_days),
        "starts_s": 8 * HOUR + 1800,
        "ends_s": 17 * HOUR + 1800,
        "lunch_s": 5400,
        "lunch_from_s": 11 * HOUR + 1800,
        "lunch_to_s": 13 * HOUR,
    }
    return Team(**(fields | changes))  # type: ignore[arg-type]


def problem(
    visits: Sequence[Visit],
    teams: Sequence[Team],
    travel_s: np.ndarray,
    units: dict[str, frozenset[str]] | None = None,
) -> Problem:
    """A problem over the matrix; distances are 10 m a second of travel."""
    return Problem(
        quarter="2027Q1",
        first_day=date(2027, 1, 1),
        last_day=date(2027, 3, 31),
        visits={v.visit_id: v for v in visits},
        teams={t.team_id: t for t in teams},
        unit_of_estate=units or {},
        travel_s=np.asarray(travel_s, dtype=np.int64),
        distance_m=np.where(np.asarray(travel_s) < 0, np.inf, np.asarray(travel_s) * 10.0),
        straight_line=False,
        calendar_warning="",
    )


def plane(points: np.ndarray, pace_s: float = 60.0, skew: np.ndarray | None = None) -> np.ndarray:
    """Travel seconds between points of a plane, ``pace_s`` a unit; ``skew`` makes them asymmetric."""
    away = np.linalg.norm(points[:, None] - points[None, :], axis=2) * pace_s
    away = away if skew is None else away * skew
    seconds = np.rint(away).astype(np.int64)
    np.fill_diagonal(seconds, 0)
    return seconds


def random_problem(seed: int, n_visits: int = 12, n_teams: int = 2, n_days: int = 4) -> Problem:
    """A quarter with everything in it: areas, departments, windows, mandatory visits, missing roads, half-day teams."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 40, (n_visits + n_teams, 2))
    travel = plane(points, 60.0, rng.uniform(0.8, 1.3, (n_visits + n_teams,) * 2))
    for lost in np.flatnonzero(rng.random(n_visits) < 0.05):
        travel[lost, :] = travel[:, lost] = -1
        travel[lost, lost] = 0
    working = days(n_days)
    visits, units = [], {}
    for i in range(n_visits):
        first = int(rng.integers(0, n_days)) if rng.random() < 0.2 else 0
        last = int(rng.integers(first, n_days)) if rng.random() < 0.3 else n_days - 1
        visits.append(
            visit(
                i,
                service_s=int(
                    rng.choice([1800, 2700, 3600, 5400, 7200, 6 * HOUR], p=[0.25, 0.2, 0.3, 0.15, 0.08, 0.02])
                ),
                departments=frozenset({"消防"}) if rng.random() < 0.2 else frozenset(),
                mandatory=bool(rng.random() < 0.25),
                priority=int(rng.integers(0, 5)),
                first_day=working[first],
                last_day=working[last],
            )
        )
        units[f"E{i:03d}"] = frozenset({f"U{rng.integers(0, 2)}"})
    teams = []
    for t in range(n_teams):
        off = set(rng.choice(n_days, size=int(rng.integers(0, 2)), replace=False).tolist())
        half_day = rng.random() < 0.15
        teams.append(
            team(
                t,
                n_visits + t,
                n_days,
                departments=frozenset({"消防"}) if rng.random() < 0.6 else frozenset(),
                unit_ids=frozenset({f"U{rng.integers(0, 2)}"}) if rng.random() < 0.3 else frozenset(),
                days=tuple(day for k, day in enumerate(working) if k not in off),
                ends_s=11 * HOUR + 1800 if half_day else 17 * HOUR + 1800,
                lunch_s=0 if half_day else 5400,
                lunch_to_s=11 * HOUR + 1800 if rng.random() < 0.3 else 13 * HOUR,
            )
        )
    return problem(visits, teams, travel, units)
