"""Bundles end to end: who stands alone, who is bundled, who falls back and why (story 8)."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from data.profile import FallbackWay
from geo.progress import SILENT
from planning.bundles import BundlePlan, BundleSettings, bundle, settings_from
from planning.bundles.rules import violations
from planning.coverage import estate_states
from planning.documents import dump, parse
from tests.strategies import (
    BASIS,
    at,
    make_estates,
    make_profile,
    make_settings,
    make_ways,
    uncovered_estates,
)

NO_WAYS = make_ways()
SMALL = {"households": 60, "floor_area_m2": 5000.0}


def propose(
    estates: pd.DataFrame,
    limits: BundleSettings | None = None,
    ways: gpd.GeoDataFrame = NO_WAYS,
    *,
    seconds: float = 30.0,
    progress: object = SILENT,
    fallback_ways: tuple[FallbackWay, ...] = (),
) -> BundlePlan:
    """A plan that the independent rules accept."""
    limits = limits or make_settings()
    profile = make_profile(settings=limits, fallback_ways=fallback_ways)
    states = estate_states(estates, profile).to_dict()
    stops = estates[["lon", "lat"]]
    plan = bundle(
        estates,
        states,
        stops,
        ways,
        profile,
        limits,
        seed=1,
        seconds=seconds,
        progress=progress,  # type: ignore[arg-type]
    )
    assert violations(plan, estates, states, stops, ways, limits) == []
    return plan


def kinds(plan: BundlePlan) -> dict[str, str]:
    """Where each estate ended."""
    ends = {member: "bundle" for one in plan.bundles for member in one.members}
    ends |= {one.estate_id: "alone" for one in plan.alone}
    return ends | {one.estate_id: one.kind for one in plan.fallback}


# ------------------------------------------------------------------------------------------------------- hand cases


def test_settings_are_the_profiles_numbers() -> None:
    limits = make_settings(radius_m=432.0, max_estates=7)
    assert settings_from(make_profile(settings=limits)) == limits


def test_each_estate_ends_where_its_facts_put_it() -> None:
    estates = make_estates(
        [
            {**SMALL, "xy": (0, 0)},
            {**SMALL, "xy": (200, 0), "consent": "unknown"},
            {"xy": (100, 0), "households": 100, "floor_area_m2": 20_000.0},  # 100 households are small by number
            {"xy": (0, 100), "households": 101, "floor_area_m2": 20_000.0},
            {"xy": (0, 100), "households": 101, "floor_area_m2": None, "consent": "no"},
            {"xy": (0, 100), "households": 301, "floor_area_m2": 9_000.0},  # small by area, but over the most
            {**SMALL, "xy": (50, 0), "consent": "no"},
            {**SMALL},
            {"xy": (50, 0), "households": None, "floor_area_m2": 5000.0},
            {**SMALL, "xy": (50, 0), "service_form": None},
            {**SMALL, "xy": (50, 0), "service_form": 1},
            {**SMALL, "xy": (3000, 0), "service_form": 1, "lost": True},
        ]
    )
    plan = propose(estates)
    assert kinds(plan) == {
        "E000": "bundle",
        "E001": "bundle",
        "E002": "bundle",
        "E003": "alone",
        "E004": "alone",
        "E005": "alone",
        "E006": "refused",
        "E007": "no_position",
        "E008": "no_households",
        "E009": "unknown_state",
        "E011": "no_neighbour",
    }
    (one,) = plan.bundles
    assert (one.bundle_id, one.unit_id, one.medoid, one.households) == ("B001", "S1", "E002", 220)
    assert one.needs_consent == ("E001",)
    assert one.floor_area_m2 == 30_000.0
    np.testing.assert_allclose(one.distances_m, [130, 130, 0], rtol=0.01)
    assert (plan.households_covered, plan.bound, plan.proven, plan.straight_line) == (220, 220, True, True)
    assert plan.notes == ("1个参与组合的小区业主意愿待征询",)


def test_binding_rule_is_the_one_with_least_room() -> None:
    estates = make_estates([{**SMALL, "households": h, "xy": (x, 0)} for x, h in ((0, 60), (100, 45))])
    (one,) = propose(estates).bundles
    assert one.binding == "户数下限：105户，比下限100户多5户"
    (one,) = propose(estates, make_settings(radius_m=131.0, min_households=50)).bundles
    assert one.binding == "半径：最远成员距中心小区130米，上限131米"


def test_too_few_households_says_how_many_are_missing() -> None:
    estates = make_estates([{**SMALL, "households": 30, "xy": (x, 0)} for x in (0, 100, 200)])
    plan = propose(estates)
    assert {one.kind for one in plan.fallback} == {"too_few_households"}
    assert plan.fallback[0].reason == "与可同捆的2个小区合计最多90户，离100户还差10户"
    assert [one.forbidden_by for one in plan.fallback[0].neighbours] == [None, None]


@pytest.mark.parametrize(
    ("other", "limits", "rule"),
    [
        ({"xy": (100, 0), "street_id": "S2"}, {}, "unit"),
        ({"xy": (100, 0), "consent": "no"}, {}, "consent"),
        ({"xy": (100, 0), "estate_type": "安置房"}, {"same_type": True}, "type"),
        ({"xy": (100, 0), "fee_yuan_m2": 1.51}, {}, "fee"),
        ({"xy": (400, 0)}, {}, "radius"),
        ({"xy": (300, 0)}, {"max_diameter_m": 380.0}, "radius"),
        ({"xy": (-100, 0)}, {}, "barrier"),
    ],
)
def test_leftover_names_the_rule_that_forbids_its_neighbour(
    other: dict[str, object], limits: dict[str, object], rule: str
) -> None:
    river = make_ways([{"kind": "river", "geometry": LineString([at(-50, -900), at(-50, 900)])}])
    estates = make_estates([{**SMALL, "xy": (0, 0), "estate_type": "老旧小区", "fee_yuan_m2": 1.0}, {**SMALL, **other}])
    plan = propose(estates, make_settings(**limits), river)
    assert plan.bundles == ()
    first = plan.fallback[0]
    assert (first.estate_id, first.kind) == ("E000", "no_neighbour")
    assert [(one.estate_id, one.forbidden_by) for one in first.neighbours] == [("E001", rule)]
    assert "小区E001" in first.reason


def test_estate_whose_grid_is_in_another_bundle_says_so() -> None:
    places = [(0, 0, "G1"), (100, 0, None), (450, 0, None), (550, 0, "G1")]
    estates = make_estates([{**SMALL, "xy": (x, y), "grid_id": grid} for x, y, grid in places])
    limits = make_settings(radius_m=200.0, max_estates=2)
    assert propose(estates, limits).households_covered == 240
    plan = propose(estates, replace(limits, keep_grids=True))
    assert (plan.households_covered, plan.proven) == (120, True)
    ends = kinds(plan)
    assert sorted(ends.values()) == ["bundle", "bundle", "left_over", "left_over"]


def test_left_over_estate_tells_what_taking_it_in_would_cost() -> None:
    # 80 + 95 in the middle; the 20 at the end would have to take the 95 and leave the 80 behind.
    places = [(0, 80), (200, 95), (400, 20)]
    estates = make_estates([{**SMALL, "households": h, "xy": (x, 0)} for x, h in places])
    plan = propose(estates, make_settings(max_estates=2))
    (one,) = plan.fallback
    assert (one.estate_id, one.kind) == ("E002", "left_over")
    assert one.reason == "可与小区E001组合，但小区E000要退出，总覆盖减少60户"
    assert one.displaces == ("E000",)


def test_incompatible_neighbours_do_not_add_up() -> None:
    # Two neighbours of 40 whose fees do not go with each other: 30 + 40 + 40 would reach 100, 30 + 40 does not.
    fees = [(0, 30, None), (100, 40, 0.2), (-100, 40, 0.9)]
    estates = make_estates([{**SMALL, "households": h, "xy": (x, 0), "fee_yuan_m2": fee} for x, h, fee in fees])
    plan = propose(estates)
    assert plan.bundles == ()
    assert plan.fallback[0].reason == "与可同捆的2个小区合计最多70户，离100户还差30户"


def test_estates_without_a_street_are_bundled_within_their_county_and_said_so() -> None:
    estates = make_estates(
        [{**SMALL, "xy": (x, 0), "street_id": street} for x, street in ((0, None), (100, None), (50, "S1"))]
    )
    plan = propose(estates)
    (one,) = plan.bundles
    assert (one.members, one.unit_id) == (("E000", "E001"), "C1")
    assert plan.notes == ("2个小区没有登记街道，在所在县区范围内组合",)


def test_community_may_lead_instead_of_the_street() -> None:
    estates = make_estates(
        [{**SMALL, "xy": (x, 0), "community_id": c} for x, c in ((0, "K1"), (100, "K2"), (200, "K1"))]
    )
    (one,) = propose(estates, make_settings(lead="community")).bundles
    assert (one.members, one.unit_id) == (("E000", "E002"), "K1")


def test_first_matching_way_of_fallback_is_proposed_with_its_condition() -> None:
    ways = (
        FallbackWay("state", "国有企业兜底", {"estate_type": ("老旧小区",)}, "市场化无法确定企业", BASIS),
        FallbackWay("lost", "应急托管", {"state": ("lost",)}, "", BASIS),
    )
    estates = make_estates(
        [
            {**SMALL, "xy": (0, 0), "estate_type": "老旧小区", "lost": True},
            {**SMALL, "xy": (5000, 0), "lost": True},
            {**SMALL, "xy": (9000, 0)},
            {"xy": (0, 0), "estate_type": "老旧小区"},
        ]
    )
    plan = propose(estates, fallback_ways=ways)
    assert [(one.way_id, one.way) for one in plan.fallback] == [
        ("state", "国有企业兜底（市场化无法确定企业）；另可选用：应急托管"),
        ("lost", "应急托管"),
        ("", ""),
        ("verify", "先核实并补齐台账，再定服务方式"),
    ]


def test_city_without_uncovered_estates_has_an_empty_proven_plan() -> None:
    plan = propose(make_estates([{"service_form": 1, "xy": (0, 0)}]))
    assert (plan.bundles, plan.alone, plan.fallback, plan.bound, plan.proven) == ((), (), (), 0, True)


# ------------------------------------------------------------------------------------------------------------ roads


def town(*, bridge_at: float) -> gpd.GeoDataFrame:
    """A road on either bank of a river (x = 0) and one bridge over it."""
    banks = [LineString([at(x, y) for y in (-2000, bridge_at, 2000)]) for x in (-100, 100)]
    bridge = LineString([at(-100, bridge_at), at(100, bridge_at)])
    return make_ways(
        [
            *({"road_class": "residential", "geometry": bank} for bank in banks),
            {"road_class": "residential", "bridge": True, "geometry": bridge},
            {"kind": "river", "geometry": LineString([at(0, -2500), at(0, 2500)])},
        ]
    )


@pytest.mark.parametrize(("bridge_at", "n_bundles"), [(50, 1), (900, 0)], ids=["bridge near", "bridge far"])
def test_river_divides_unless_a_bridge_lies_within_the_radius(bridge_at: float, n_bundles: int) -> None:
    estates = make_estates([{**SMALL, "xy": (-110, 0)}, {**SMALL, "xy": (110, 0)}])
    plan = propose(estates, ways=town(bridge_at=bridge_at))
    assert (len(plan.bundles), plan.straight_line) == (n_bundles, False)
    if n_bundles:
        # 10 m to the road, 50 m north, 200 m over, 50 m south, 10 m to the gate
        assert max(plan.bundles[0].distances_m) == pytest.approx(320, rel=0.01)
    else:
        assert plan.fallback[0].neighbours[0].forbidden_by == "barrier"


def test_main_road_divides_though_one_could_cross_it() -> None:
    ways = make_ways(
        [
            {"road_class": "residential", "geometry": LineString([at(-500, 0), at(0, 0), at(500, 0)])},
            {"road_class": "primary", "geometry": LineString([at(0, -900), at(0, 0), at(0, 900)])},
        ]
    )
    estates = make_estates([{**SMALL, "xy": (x, 10)} for x in (-100, -200, 100)])
    assert [one.members for one in propose(estates, ways=ways).bundles] == [("E000", "E001", "E002")]
    divided = propose(estates, make_settings(barriers=("primary",)), ways)
    assert [one.members for one in divided.bundles] == [("E000", "E001")]


def test_city_with_nothing_but_main_roads_divides_at_each() -> None:
    lines = [LineString([at(-500, 0), at(0, 0), at(500, 0)]), LineString([at(0, -900), at(0, 0), at(0, 900)])]
    ways = make_ways([{"road_class": "primary", "geometry": line} for line in lines])
    estates = make_estates([{**SMALL, "xy": (x, 10)} for x in (-100, -200, 100)])
    plan = propose(estates, make_settings(barriers=("primary",)), ways)
    assert [one.members for one in plan.bundles] == [("E000", "E001")]


def test_city_with_nothing_but_motorways_is_measured_straight() -> None:
    ways = make_ways([{"road_class": "motorway", "geometry": LineString([at(-500, 500), at(500, 500)])}])
    plan = propose(make_estates([{**SMALL, "xy": (x, 0)} for x in (0, 200)]), ways=ways)
    assert plan.straight_line
    assert plan.bundles[0].diameter_m == pytest.approx(260, rel=0.01)


# ------------------------------------------------------------------------------------------------------- properties


def story_8() -> pd.DataFrame:
    """60 uncovered estates in two streets, 20 m off a road that is divided by a main road."""
    rng = np.random.default_rng(8)
    rows = []
    for number in range(60):
        rows.append(
            {
                "xy": (float(rng.integers(-14, 15)) * 60 + 7, float(rng.choice([-20, 20, 30]))),
                "households": int(rng.choice([25, 40, 60, 90, 150, 320])),
                "floor_area_m2": float(rng.choice([3000, 8000, 20_000])),
                "street_id": "S1" if number % 3 else "S2",
                "consent": str(rng.choice(["yes", "unknown", "no"], p=[0.6, 0.25, 0.15])),
                "fee_yuan_m2": float(rng.choice([0.3, 0.5, 0.9])),
                "service_form": [5, 4, None][int(rng.choice(3, p=[0.7, 0.25, 0.05]))],
            }
        )
    return make_estates(rows)


def test_story_8_sixty_estates_end_in_exactly_one_list_each() -> None:
    main = [LineString([at(0, -900), at(0, 0), at(0, 900)])]
    street = [LineString([at(-900, 0), at(0, 0), at(900, 0)])]
    ways = make_ways(
        [
            *({"road_class": "primary", "geometry": line} for line in main),
            *({"road_class": "residential", "geometry": line} for line in street),
        ]
    )
    estates = story_8()
    plan = propose(estates, make_settings(barriers=("primary",)), ways)
    ends = kinds(plan)
    assert len(ends) == 60
    assert sum(len(one.members) for one in plan.bundles) + len(plan.alone) + len(plan.fallback) == 60
    assert set(ends.values()) >= {"bundle", "alone", "refused", "unknown_state"}
    assert plan.proven
    for one in plan.bundles:
        east = {bool(estates.at[member, "lon"] > at(0, 0)[0]) for member in one.members}
        assert len(east) == 1, "a bundle crosses the main road"
        assert len(set(estates.loc[list(one.members), "street_id"])) == 1
        assert 100 <= one.households <= 300
        assert max(one.distances_m) <= 500
        assert one.binding
    assert all(one.reason and one.way for one in plan.fallback)
    assert all(one.reason for one in plan.alone)


@given(estates=uncovered_estates(), keep_grids=st.booleans(), random=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_every_uncovered_estate_once_whatever_the_row_order(
    estates: pd.DataFrame, keep_grids: bool, random: object
) -> None:
    limits = make_settings(keep_grids=keep_grids, same_type=True)
    plan = propose(estates, limits)
    order = list(range(len(estates)))
    random.shuffle(order)  # type: ignore[attr-defined]
    again = propose(estates.iloc[order], limits)
    assert replace(again, seconds=plan.seconds) == plan
    n_uncovered = int((estates["lost"].fillna(False) | ~(estates["service_form"] == 1).fillna(False)).sum())
    listed = [m for one in plan.bundles for m in one.members]
    listed += [one.estate_id for one in plan.alone] + [one.estate_id for one in plan.fallback]
    assert len(listed) == len(set(listed)) == n_uncovered


class _Stopped:
    """Progress of someone who pressed Ctrl-C at once."""

    stopped = True

    def update(self, share: float, text: str) -> None:
        assert 0.0 <= share <= 1.0
        assert text


@pytest.mark.parametrize("how", ["stopped", "no time"])
def test_cut_short_it_gives_what_it_has_and_an_honest_bound(how: str) -> None:
    estates = story_8()
    full = propose(estates)
    cut = propose(estates, progress=_Stopped()) if how == "stopped" else propose(estates, seconds=0.0)
    assert cut.households_covered <= full.households_covered <= cut.bound
    assert set(kinds(cut)) == set(kinds(full))


def test_plan_survives_being_stored() -> None:
    plan = propose(story_8())
    assert parse(BundlePlan, dump(plan)) == plan
