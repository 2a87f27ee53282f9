"""A tiny city with awkward texts, its bundles and its plan, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, box

from data.profile import Profile
from data.profile_file import load_profile
from data.schemas import BOUNDARIES, CALENDAR, CASES, ESTATES, GATES, REGIONS, TEAMS, UNITS, WAYS, Table
from planning.bundles import settings_from
from planning.bundles.types import Alone, Bundle, BundlePlan, Fallback, Neighbour
from planning.city import City, Scope
from planning.quarter.types import Plan, Problem, Route, Stop, Team, Unplaced, Visit
from planning.runs import Stored

T = TypeVar("T")

WEST, SOUTH = 112.0, 30.0
STEP = 0.004
"""Degrees between neighbouring estates and roads: about 400 m."""
SCRIPT = "<script>alert(1)</script>"
NAMES = ("=1+1", SCRIPT, "A&B", '+cmd|" /C calc"!A0', "@SUM(A1)", "-2+3", "\t=9", "普通小区")
DAY = date(2027, 1, 5)
MADE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def frame(table: Table, rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    """A checked table from rows."""
    return table.frame(rows)  # type: ignore[return-value]


def profile() -> Profile:
    return load_profile("demo")


def position(number: int) -> tuple[float, float]:
    """Of estate 0 … 7: two rows of four."""
    return WEST + (number % 4 + 0.5) * STEP, SOUTH + (number // 4 + 0.25) * STEP


def city() -> City:
    """Eight estates in one street on a grid of roads, two boundaries, a gate, three cases, one team."""
    ground = box(WEST, SOUTH, WEST + 5 * STEP, SOUTH + 5 * STEP)
    units = [
        {"unit_id": "c", "name": "甲县", "kind": "county", "geometry": ground},
        {"unit_id": "s", "name": "=乙街道", "kind": "street", "parent_id": "c", "geometry": ground},
        {"unit_id": "q", "name": "丙社区", "kind": "community", "parent_id": "s"},
    ]
    estates, regions, ways = [], [], []
    for number, name in enumerate(NAMES):
        lon, lat = position(number)
        regions.append({"region_id": f"r{number}", "name": name, "county_id": "c", "street_id": "s"})
        estates.append(
            {
                "estate_id": f"e{number}", "name": name, "region_id": f"r{number}", "county_id": "c", "street_id": "s",
                "community_id": "q", "address": SCRIPT, "service_form": 1 if number > 5 else 5, "consent": "yes",
                "households": None if number == 7 else 100 + number, "floor_area_m2": 9000.5, "lon": lon, "lat": lat,
                "four_sides": "=东至" if number == 2 else None,
            }
        )  # fmt: skip
    for line in range(5):
        at, end = line * STEP, 4 * STEP
        east = LineString([(WEST, SOUTH + at), (WEST + end, SOUTH + at)])
        north = LineString([(WEST + at, SOUTH), (WEST + at, SOUTH + end)])
        for key, shape in ((2 * line, east), (2 * line + 1, north)):
            ways.append(
                {
                    "way_id": key,
                    "kind": "road",
                    "road_class": "primary",
                    "name": "<路>&",
                    "oneway": 0,
                    "bridge": False,
                    "tunnel": False,
                    "geometry": shape,
                }
            )
    lon, lat = position(0)
    cases = [
        {"case_id": "1", "estate_id": "e0", "project_name": "x", "categories": [11], "closed": False,
         "content": f"请联系 13900001234 {SCRIPT}", "due_date": date(2027, 1, 1)},
        {"case_id": "2", "estate_id": "e0", "project_name": "x", "categories": [], "closed": True, "content": "已办结的事"},
        {"case_id": "3", "estate_id": "e1", "project_name": "x", "categories": [1], "closed": False, "content": None},
    ]  # fmt: skip
    return City(
        units=frame(UNITS, units),
        regions=frame(REGIONS, regions),
        estates=frame(ESTATES, estates),
        gates=frame(GATES, [{"gate_id": "g", "estate_id": "e0", "name": "南门", "lon": lon, "lat": lat, "main": True}]),
        boundaries=frame(BOUNDARIES, [
            {"estate_id": f"e{n}", "source": "survey",
             "geometry": box(*position(n), position(n)[0] + STEP / 3, position(n)[1] + STEP / 3)} for n in (0, 1)
        ]),
        ways=frame(WAYS, ways),
        cases=frame(CASES, cases),
        teams=frame(TEAMS, [
            {"team_id": "t", "name": "第<一>组", "departments": ["住建"], "n_people": 2, "depot_name": "=大厅",
             "depot_lon": WEST, "depot_lat": SOUTH, "starts_s": 30600, "ends_s": 63000, "lunch_s": 3600,
             "lunch_from_s": 41400, "lunch_to_s": 46800, "unit_ids": [], "days_off": []}
        ]),
        calendar=frame(CALENDAR, []),
        stamp="stamp",
    )  # fmt: skip


def stop_table(of: City) -> pd.DataFrame:
    """Where visits stop, as `planning.stops.stop_points` gives it."""
    return pd.DataFrame(
        {
            "lon": of.estates["lon"].to_numpy(float),
            "lat": of.estates["lat"].to_numpy(float),
            "kind": ["gate", *["point"] * (len(of.estates) - 1)],
        },
        index=of.estates.index,
    )


def problem(n_visits: int = 5) -> Problem:
    """The first estates, one team."""
    visits = {
        f"v{n}": Visit(
            visit_id=f"v{n}", estate_id=f"e{n}", rule_id="joint", place=n, lon=position(n)[0], lat=position(n)[1],
            service_s=2400, departments=frozenset({"住建"}), mandatory=False, priority=0, first_day=DAY, last_day=DAY,
            reason=f"联合执法检查（依据 D11）{SCRIPT}",
        )
        for n in range(n_visits)
    }  # fmt: skip
    team = Team(
        team_id="t", name="第<一>组", place=n_visits, lon=WEST, lat=SOUTH, departments=frozenset({"住建"}),
        unit_ids=frozenset(), days=(DAY,), starts_s=30600, ends_s=63000, lunch_s=3600, lunch_from_s=41400,
        lunch_to_s=46800,
    )  # fmt: skip
    size = n_visits + 1
    return Problem(
        "2027Q1", date(2027, 1, 1), date(2027, 3, 31), visits, {"t": team}, {}, np.zeros((size, size), np.int64),
        np.zeros((size, size)), False, "",
    )  # fmt: skip


def route(n_stops: int = 4, before_lunch: int = 2) -> Route:
    """Stops v0, v1, …; each travel takes 600 s and 1,500 m; lunch after some of them."""
    now, stops = 30600, []
    lunch = (0, 0)
    for number in range(n_stops):
        if number == before_lunch:
            lunch = (now, now + 3600)
            now += 3600
        start = now + 600
        stops.append(Stop(f"v{number}", start, start, start + 2400, 600, 1500.0))
        now = start + 2400
    if before_lunch >= n_stops:
        lunch, now = (now, now + 3600), now + 3600
    return Route("t", DAY, 30600, tuple(stops), *lunch, 600, 1500.0, now + 600)


def plan() -> Plan:
    return Plan("2027Q1", (route(),), (Unplaced("v4", "no_time", "=时间不够", "e4"),), 1, 1.0)


def bundle_plan(of: City) -> BundlePlan:
    """Estates 0–2 in a bundle, 3 alone, 4 and 5 left over."""
    settings = settings_from(profile())
    bundle = Bundle("b1", "s", ("e0", "e1", "e2"), "e1", 303, 27001.5, (386.0, 0.0, 386.0), 772.0, "=半径", ("e0",))
    fallback = tuple(
        Fallback(estate, "left_over", "@余下", (Neighbour("e0", 500.0, "radius"),), "w", "街道兜底")
        for estate in ("e4", "e5")
    )
    return BundlePlan(settings, (bundle,), (Alone("e3", "-单独"),), fallback, 303, 303, True, False, 1.0)


def stored(value: T, *, outdated: bool = False) -> Stored[T]:
    return Stored(value, Scope(), MADE, "clerk", outdated)


def emptied(of: City) -> City:
    """The same city without boundaries, gates, cases and ways."""
    return replace(
        of, boundaries=frame(BOUNDARIES, []), gates=frame(GATES, []), cases=frame(CASES, []), ways=frame(WAYS, [])
    )
