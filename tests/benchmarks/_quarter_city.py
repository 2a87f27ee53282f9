"""A synthetic city for the quarter's benchmark, as described in the planner's notes.

Six counties: three urban ones and three county towns 42–49 km out; clustered estates; asymmetric travel times at
20–55 km/h; visits of 30–90 minutes; seven working hours a day net of lunch; no team inspects its own county.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from planning.quarter.types import Problem, Team, Visit

_CENTRES_KM = np.array([[-4.0, 1.0], [4.0, 3.0], [1.0, -5.0], [42.0, 8.0], [-30.0, 33.0], [-12.0, -47.5]])
_SHARES = np.array([0.22, 0.2, 0.18, 0.14, 0.13, 0.13])
_LON, _LAT, _KM_PER_DEGREE_LON, _KM_PER_DEGREE_LAT = 112.0, 30.0, 96.4, 110.9
_FIRST_DAY = date(2027, 1, 4)


def working_days(n_days: int) -> tuple[date, ...]:
    """The first ``n_days`` Mondays to Fridays."""
    days = (_FIRST_DAY + timedelta(days=k) for k in range(2 * n_days + 7))
    return tuple(day for day in days if day.weekday() < 5)[:n_days]


def city(n_visits: int, n_teams: int, n_days: int, seed: int, *, cross: bool = True) -> Problem:
    """A quarter to plan; ``cross``: teams may not inspect the county they sit in."""
    rng = np.random.default_rng(seed)
    county = rng.choice(6, size=n_visits, p=_SHARES)
    hubs = _CENTRES_KM[np.arange(6).repeat(12)] + rng.normal(0, 1, (72, 2)) * np.repeat(
        [3.5, 3.5, 3.5, 2.5, 2.5, 2.5], 12
    ).reshape(-1, 1)
    xy = hubs[county * 12 + rng.integers(0, 12, n_visits)] + rng.normal(0, 0.6, (n_visits, 2))
    team_county = np.arange(n_teams) % 6
    depots = _CENTRES_KM[team_county] + rng.normal(0, 0.3, (n_teams, 2))
    places = np.vstack([xy, depots])
    km = 1.3 * np.linalg.norm(places[:, None] - places[None, :], axis=2)
    speed = np.clip(20 + 0.9 * km, 20, 55)
    noise = rng.uniform(0.92, 1.12, km.shape)
    travel = np.rint(3600 * km / speed * noise + 60).astype(np.int64)
    np.fill_diagonal(travel, 0)
    service = rng.integers(6, 19, n_visits) * 300
    days = working_days(n_days)
    urgent = rng.random(n_visits)
    month_1 = days[min(len(days), max(1, len(days) // 3)) - 1]
    visits = {}
    for i in range(n_visits):
        lon, lat = _lon_lat(xy[i])
        name = f"E{i:05d}"
        visits[name] = Visit(
            visit_id=name,
            estate_id=name,
            rule_id="joint",
            place=i,
            lon=lon,
            lat=lat,
            service_s=int(service[i]),
            departments=frozenset(),
            mandatory=bool(urgent[i] < 0.1),
            priority=int(urgent[i] < 0.1),
            first_day=days[0],
            last_day=month_1 if urgent[i] < 0.1 else days[-1],
            reason="合成数据",
        )
    teams = {}
    for t in range(n_teams):
        lon, lat = _lon_lat(depots[t])
        others = frozenset(f"C{c}" for c in range(6) if not cross or c != team_county[t])
        teams[f"T{t}"] = Team(
            team_id=f"T{t}",
            name=f"检查{t + 1}组",
            place=n_visits + t,
            lon=lon,
            lat=lat,
            departments=frozenset(),
            unit_ids=others,
            days=days,
            starts_s=8 * 3600 + 1800,
            ends_s=17 * 3600,
            lunch_s=5400,
            lunch_from_s=11 * 3600 + 1800,
            lunch_to_s=13 * 3600,
        )
    return Problem(
        quarter="2027Q1",
        first_day=days[0],
        last_day=days[-1],
        visits=visits,
        teams=teams,
        unit_of_estate={f"E{i:05d}": frozenset({f"C{county[i]}"}) for i in range(n_visits)},
        travel_s=travel,
        distance_m=km * 1000,
        straight_line=False,
        calendar_warning="",
    )


def _lon_lat(point: np.ndarray) -> tuple[float, float]:
    return float(_LON + point[0] / _KM_PER_DEGREE_LON), float(_LAT + point[1] / _KM_PER_DEGREE_LAT)
