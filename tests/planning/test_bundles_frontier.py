"""The frontier: every point is what a plan with that limit covers, and says what it does not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles import BundleSettings, bundle
from planning.bundles.frontier import USUAL, Axis, Frontier, frontier, now, with_value
from planning.bundles.types import Wish
from planning.coverage import estate_states
from tests.strategies import make_estates, make_profile, make_settings, make_ways

WAYS = make_ways()
LIMITS = make_settings(min_households=150, max_households=400, radius_m=400.0, max_diameter_m=800.0, max_estates=6)


def town(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return make_estates(
        [
            {
                "xy": tuple(float(one) for one in rng.uniform(0, 1500, 2)),
                "households": int(rng.integers(0, 90)),
                "floor_area_m2": 4000.0,
                "fee_yuan_m2": float(np.round(rng.uniform(0.2, 1.5), 2)),
            }
            for _ in range(n)
        ]
    )


def explore(
    estates: pd.DataFrame,
    axis: Axis,
    values: tuple[float, ...] = (),
    limits: BundleSettings = LIMITS,
    **more: object,
) -> Frontier:
    profile = make_profile(settings=limits)
    states = estate_states(estates, profile).to_dict()
    given = {"seed": 1, "seconds": 60.0, "progress": SILENT} | more
    return frontier(estates, states, estates[["lon", "lat"]], WAYS, profile, limits, None, axis, values, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("axis", "values"),
    [("radius", (150.0, 400.0, 900.0)), ("min_households", (90.0, 150.0, 300.0)), ("fee_window", (0.0, 0.3, 2.0))],
)
def test_each_point_is_the_plan_under_that_limit(axis: Axis, values: tuple[float, ...]) -> None:
    estates = town(40, 3)
    found = explore(estates, axis, values)
    assert found.complete
    assert [point.value for point in found.points] == list(values)
    profile = make_profile(settings=LIMITS)
    states = estate_states(estates, profile).to_dict()
    for point in found.points:
        limits = with_value(LIMITS, axis, point.value)
        plan = bundle(
            estates, states, estates[["lon", "lat"]], WAYS, profile, limits, seed=1, seconds=60, progress=SILENT
        )
        assert plan.proven
        assert point.proven
        assert (point.households, point.n_alone) == (plan.households_covered, len(plan.alone))


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 25), st.integers(0, 1000))
def test_a_wider_radius_or_fee_window_never_covers_fewer_households(n: int, seed: int) -> None:
    estates = town(n, seed)
    axes: dict[Axis, tuple[float, ...]] = {"radius": (200.0, 350.0, 500.0, 900.0), "fee_window": (0.0, 0.2, 0.6)}
    for axis, values in axes.items():
        points = explore(estates, axis, values).points
        assert all(point.proven for point in points)
        covered = [point.households for point in points]
        assert covered == sorted(covered)


def test_the_value_in_force_is_among_the_usual_ones() -> None:
    found = explore(town(5, 1), "radius", limits=replace(LIMITS, radius_m=432.0))
    assert [point.value for point in found.points] == sorted({*USUAL["radius"], 432.0})
    assert now(LIMITS, "min_households") == 150.0


def test_chains_move_the_reach_of_neighbours() -> None:
    chained = replace(LIMITS, compact="chain", neighbour_m=200.0)
    assert with_value(chained, "radius", 600.0).link_m == 600.0
    assert now(chained, "radius") == 200.0
    assert with_value(LIMITS, "radius", 1500.0).max_diameter_m == 1500.0
    assert with_value(LIMITS, "min_households", 900.0).max_households == 900


def test_no_time_gives_one_honest_point_and_says_that_others_are_missing() -> None:
    found = explore(town(30, 2), "radius", (300.0, 600.0), seconds=0.0)
    assert not found.complete
    assert [point.value for point in found.points] == [300.0]
    assert found.points[0].bound >= found.points[0].households


def test_a_wish_that_no_radius_can_fulfil_is_told_point_by_point() -> None:
    estates = make_estates([{"xy": (x, 0.0), "households": 80, "floor_area_m2": 4000.0} for x in (0, 100, 1200)])
    lonely = str(estates.index[2])
    wish = Wish("w1", "force", (lonely,), "", "张", datetime(2026, 11, 23, tzinfo=UTC))
    near, far = explore(estates, "radius", (300.0, 1500.0), wishes=(wish,)).points
    assert near.problem
    assert not near.proven
    assert (near.households, near.bound) == (0, 0)
    assert not far.problem
    assert far.households >= 160


@pytest.mark.parametrize("value", [-1.0, 0.0, float("nan"), float("inf")])
def test_a_senseless_value_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="取值"):
        explore(town(3, 1), "radius", (300.0, value))


def test_too_many_values_are_refused() -> None:
    with pytest.raises(InputError, match="最多比较60个"):
        explore(town(3, 1), "radius", tuple(float(n) for n in range(1, 62)))


def test_a_town_without_uncovered_estates_covers_nothing_everywhere() -> None:
    estates = town(4, 1).assign(service_form=pd.array([1] * 4, dtype="Int64"))
    assert {point.households for point in explore(estates, "radius").points} == {0}
