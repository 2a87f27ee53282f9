"""Bundles against all possible ones: for few estates every partition is tried, with each rule switched on and off."""

from __future__ import annotations

from itertools import combinations, pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString

from geo.progress import SILENT
from planning.bundles import BundlePlan, BundleSettings, bundle
from planning.bundles.rules import violations
from planning.coverage import estate_states
from tests.strategies import at, make_estates, make_profile, make_settings, make_ways

GEOD = Geod(ellps="GRS80")
RIVER_X = 55.0
"""No estate of these tests lies within 5 m of it."""
RIVER = make_ways([{"kind": "river", "geometry": LineString([at(RIVER_X, -3000), at(RIVER_X, 3000)])}])
"""A river without a bridge, north to south, and no roads."""
NO_WAYS = make_ways()


def plan_for(
    estates: pd.DataFrame, limits: BundleSettings, ways: gpd.GeoDataFrame | None = None, *, seed: int = 1
) -> BundlePlan:
    profile = make_profile(settings=limits)
    states = estate_states(estates, profile).to_dict()
    stops = estates[["lon", "lat"]]
    ways = NO_WAYS if ways is None else ways
    plan = bundle(estates, states, stops, ways, profile, limits, seed=seed, seconds=30, progress=SILENT)
    assert violations(plan, estates, states, stops, ways, limits) == []
    return plan


def best_by_trying_all(estates: pd.DataFrame, limits: BundleSettings, *, with_river: bool) -> tuple[int, int]:
    """Most households in bundles, and most estates with so many, of all sets of bundles that keep the rules."""
    rows = list(estates[estates["consent"] != "no"].reset_index().to_dict("records"))

    def walk(a: dict, b: dict) -> float:
        return 1.3 * GEOD.inv(a["lon"], a["lat"], b["lon"], b["lat"])[2]

    def near(a: dict, b: dict) -> bool:
        shore = at(RIVER_X, 0)[0]
        split = with_river and (a["lon"] < shore) != (b["lon"] < shore)
        return walk(a, b) <= limits.radius_m and not split

    def together(a: dict, b: dict) -> bool:
        fee = (
            pd.isna(a["fee_yuan_m2"])
            or pd.isna(b["fee_yuan_m2"])
            or (abs(a["fee_yuan_m2"] - b["fee_yuan_m2"]) <= limits.fee_window_yuan_m2 + 1e-9)
        )
        types = {t for t in (a["estate_type"], b["estate_type"]) if not pd.isna(t)}
        alike = not limits.same_type or len(types) < 2
        return fee and alike and walk(a, b) <= limits.max_diameter_m and a["street_id"] == b["street_id"]

    def valid(group: tuple[dict, ...]) -> bool:
        total = sum(row["households"] for row in group)
        return (
            2 <= len(group) <= limits.max_estates
            and limits.min_households <= total <= limits.max_households
            and all(together(a, b) for a, b in combinations(group, 2))
            and any(all(near(medoid, row) for row in group) for medoid in group)
        )

    groups = [g for size in range(2, limits.max_estates + 1) for g in combinations(range(len(rows)), size)]
    groups = [g for g in groups if valid(tuple(rows[k] for k in g))]

    def divides(group: tuple[int, ...], chosen: tuple[tuple[int, ...], ...]) -> bool:
        grids = {rows[k]["grid_id"] for k in group if not pd.isna(rows[k]["grid_id"])}
        return any(rows[k]["grid_id"] in grids for other in chosen for k in other)

    def extend(first: int, chosen: tuple[tuple[int, ...], ...]) -> tuple[int, int]:
        best = (sum(int(rows[k]["households"]) for g in chosen for k in g), sum(len(g) for g in chosen))
        for number in range(first, len(groups)):
            group = groups[number]
            if any(set(group) & set(other) for other in chosen):
                continue
            if limits.keep_grids and divides(group, chosen):
                continue
            best = max(best, extend(number + 1, (*chosen, group)))
        return best

    return extend(0, ())


@st.composite
def small_estates(draw: st.DrawFn) -> pd.DataFrame:
    """Up to eight estates, none large, on a grid of 100 m."""
    rows = [
        {
            "xy": (draw(st.integers(-4, 4)) * 100, draw(st.integers(-3, 3)) * 100),
            "households": draw(st.sampled_from([0, 20, 30, 40, 50, 60, 80, 95])),
            "floor_area_m2": 5000.0,
            "fee_yuan_m2": draw(st.sampled_from([None, 0.2, 0.5, 0.9])),
            "estate_type": draw(st.sampled_from([None, "老旧小区", "安置房"])),
            "grid_id": draw(st.sampled_from([None, "G1", "G2"])),
            "street_id": draw(st.sampled_from(["S1", "S1", "S1", "S2"])),
            "consent": draw(st.sampled_from(["yes", "unknown", "yes", "no"])),
        }
        for _ in range(draw(st.integers(2, 8)))
    ]
    return make_estates(rows)


RULE_SETS: dict[str, dict[str, object]] = {
    "radius_only": {"fee_window_yuan_m2": 100.0},
    "short_radius": {"fee_window_yuan_m2": 100.0, "radius_m": 345.0},
    "diameter": {"fee_window_yuan_m2": 100.0, "max_diameter_m": 555.0},
    "fee": {"fee_window_yuan_m2": 0.3},
    "type": {"fee_window_yuan_m2": 100.0, "same_type": True},
    "grids": {"fee_window_yuan_m2": 100.0, "keep_grids": True},
    "few_members": {"fee_window_yuan_m2": 100.0, "max_estates": 2},
    "narrow_households": {"fee_window_yuan_m2": 100.0, "min_households": 110, "max_households": 130},
    "everything": {"same_type": True, "keep_grids": True, "max_diameter_m": 777.0, "max_estates": 4},
}


@pytest.mark.parametrize("with_river", [False, True], ids=["open", "river"])
@pytest.mark.parametrize("rules", RULE_SETS)
@given(estates=small_estates())
@settings(max_examples=5, deadline=None)
def test_coverage_is_the_best_of_all_partitions(rules: str, with_river: bool, estates: pd.DataFrame) -> None:
    limits = make_settings(**RULE_SETS[rules])
    plan = plan_for(estates, limits, RIVER if with_river else None)
    assert plan.proven
    found = (plan.households_covered, sum(len(one.members) for one in plan.bundles))
    assert found == best_by_trying_all(estates, limits, with_river=with_river)


@given(estates=small_estates())
@settings(max_examples=5, deadline=None)
def test_a_wider_radius_never_covers_less(estates: pd.DataFrame) -> None:
    plans = [plan_for(estates, make_settings(radius_m=radius)) for radius in (150.0, 301.0, 444.0, 808.0)]
    assert all(plan.proven for plan in plans)
    assert all(a.households_covered <= b.households_covered for a, b in pairwise(plans))


def test_medoid_is_the_member_with_least_way_to_all_others() -> None:
    estates = make_estates([{"xy": (x, 0), "households": 40, "floor_area_m2": 3000.0} for x in (0, 100, 300)])
    (one,) = plan_for(estates, make_settings()).bundles
    assert one.medoid == "E001"
    np.testing.assert_allclose(one.distances_m, [130, 0, 260], rtol=0.01)
    assert one.diameter_m == pytest.approx(390, rel=0.01)
