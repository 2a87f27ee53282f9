"""The independent rules of bundles: each has a plan that just keeps it and one that breaks it by a known amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from geo.progress import SILENT
from planning.bundles import Alone, Bundle, BundlePlan, BundleSettings, Fallback, bundle
from planning.bundles.rules import HARD_RULES
from planning.coverage import estate_states
from tests.planning.bundle_cases import NO_WAYS, broken, changed, walk, with_bundle
from tests.strategies import at, make_estates, make_profile, make_settings, make_ways

LIMITS = make_settings(same_type=True, keep_grids=True)


def town() -> pd.DataFrame:
    """Two bundles of two (E000 + E001, E002 + E003), one alone, one of each kind of fallback."""
    small = {"floor_area_m2": 5000.0, "estate_type": "老旧小区", "fee_yuan_m2": 0.5}
    return make_estates(
        [
            {**small, "xy": (0, 0), "households": 60, "grid_id": "G1"},
            {**small, "xy": (300, 0), "households": 60, "grid_id": "G1", "consent": "unknown"},
            {**small, "xy": (2000, 0), "households": 60, "grid_id": "G2"},
            {**small, "xy": (2300, 0), "households": 60},
            {"xy": (0, 50), "households": 150, "floor_area_m2": 30_000.0},
            {**small, "xy": (100, 50), "households": 60, "consent": "no"},
            {**small, "xy": (100, 50), "households": None},
            {**small, "households": 60},
            {**small, "xy": (100, 50), "households": 60, "service_form": None},
            {**small, "xy": (100, 50), "households": 60, "service_form": 1},
        ]
    )


def plan_of(estates: pd.DataFrame, limits: BundleSettings = LIMITS, ways: gpd.GeoDataFrame = NO_WAYS) -> BundlePlan:
    profile = make_profile(settings=limits)
    states = estate_states(estates, profile).to_dict()
    return bundle(estates, states, estates[["lon", "lat"]], ways, profile, limits, seed=1, seconds=30, progress=SILENT)


def moved(estates: pd.DataFrame, estate: str, x_m: float) -> pd.DataFrame:
    lon, lat = at(x_m, 0)
    return changed(estates, estate, lon=lon, lat=lat)


def test_the_solvers_plan_keeps_every_rule() -> None:
    plan = plan_of(town())
    assert [one.members for one in plan.bundles] == [("E000", "E001"), ("E002", "E003")]
    assert [one.estate_id for one in plan.alone] == ["E004"]
    assert [one.kind for one in plan.fallback] == ["refused", "no_households", "no_position", "unknown_state"]
    assert broken(plan, town()) == {}


CORRECTIONS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    # rule: a register that just keeps it, one that breaks it, the message
    "within_radius": (
        lambda e: moved(e, "E001", 383.0),
        lambda e: moved(e, "E001", 394.0),
        "B001: 小区E001距中心小区512米，超过500米",
    ),
    "fees_close": (
        lambda e: changed(e, "E001", fee_yuan_m2=1.0),
        lambda e: changed(e, "E001", fee_yuan_m2=1.1),
        "B001: 物业费标准相差0.60元，超过0.50元",
    ),
    "one_type": (
        lambda e: changed(e, "E001", estate_type=None),
        lambda e: changed(e, "E001", estate_type="安置房"),
        "B001: 小区类型不同：安置房、老旧小区",
    ),
    "one_lead_unit": (
        lambda e: changed(e, "E001", community_id="K9"),
        lambda e: changed(e, "E001", street_id="S2"),
        "B001: 小区E000、小区E001分属2个不同的牵头单位",
    ),
    "grids_undivided": (
        lambda e: changed(e, "E003", grid_id="G3"),
        lambda e: changed(e, "E003", grid_id="G1"),
        "B001: 网格G1被拆分到B001、B002",
    ),
    "nobody_refused": (
        lambda e: changed(e, "E000", consent="yes"),
        lambda e: changed(e, "E000", consent="no"),
        "B001: 小区E000的业主不同意打捆",
    ),
    "unknown_consent_is_listed": (
        lambda e: changed(e, "E001", consent="unknown"),
        lambda e: changed(e, "E001", consent="yes"),
        "B001: 小区E001的待征询标记与台账不符",
    ),
    "households_within_limits": (
        lambda e: changed(e, "E001", name="改名"),
        lambda e: changed(e, "E001", households=39),
        "B001: 共99户，比下限100户少1户",
    ),
    "alone_is_large": (
        lambda e: changed(e, "E004", households=101),
        lambda e: changed(e, "E004", households=99),
        "E004: 小区E004规模不足以单独招标",
    ),
    "members_are_known": (
        lambda e: changed(e, "E000", address="新址"),
        lambda e: changed(e, "E000", service_form=None),
        "B001: 小区E000情况不明，应先核实",
    ),
    "every_estate_once": (
        lambda e: changed(e, "E009", lost=False),
        lambda e: changed(e, "E009", lost=True),
        "E009: 未覆盖，但方案中没有安排",
    ),
    "fallback_says_why": (
        lambda e: changed(e, "E005", consent="no"),
        lambda e: changed(e, "E005", consent="yes"),
        "E005: 小区E005的原因与台账不符",
    ),
}


def stated_anew(plan: BundlePlan, estates: pd.DataFrame) -> BundlePlan:
    """The plan with the walks of a corrected register and no neighbours told, so that only the limits are tested."""
    for number, one in enumerate(plan.bundles):
        ways = tuple(walk(estates, member, one.medoid) for member in one.members)
        widest = max(walk(estates, a, b) for a in one.members for b in one.members)
        plan = with_bundle(plan, number, distances_m=ways, diameter_m=widest)
    metres = {
        unit.unit_id: sum(sum(one.distances_m) for one in plan.bundles if one.unit_id == unit.unit_id)
        for unit in plan.units
    }
    return replace(
        plan,
        units=tuple(replace(one, metres=metres[one.unit_id]) for one in plan.units),
        fallback=tuple(replace(one, neighbours=()) for one in plan.fallback),
    )


@pytest.mark.parametrize("rule", CORRECTIONS)
def test_rule_is_kept_at_its_limit_and_broken_beyond(rule: str) -> None:
    keeps, breaks, message = CORRECTIONS[rule]
    plan = plan_of(town())
    assert broken(stated_anew(plan, keeps(town())), keeps(town())) == {}
    assert message in broken(stated_anew(plan, breaks(town())), breaks(town()))[rule]


def test_diameter_counts_between_any_two_members() -> None:
    small = {"households": 60, "floor_area_m2": 5000.0}
    estates = make_estates([{**small, "xy": (x, 0)} for x in (-300, 0, 300)])
    plan = plan_of(estates, make_settings())
    assert broken(plan, estates, make_settings(max_diameter_m=781.0)) == {}
    found = broken(plan, estates, make_settings(max_diameter_m=760.0))
    assert found == {"within_diameter": ["B001: 成员间最远780米，超过760米"]}


def test_barrier_that_was_drawn_later_is_found() -> None:
    plan = plan_of(town())

    def river(x: float, **kind: object) -> gpd.GeoDataFrame:
        line = LineString([at(x, -900), at(x, 900)])
        return make_ways([{"kind": "river", "geometry": line, **kind}])

    assert broken(plan, town(), ways=river(-50)) == {}
    assert broken(plan, town(), ways=river(150, tunnel=True)) == {}
    assert broken(plan, town(), ways=river(150, kind="railway", bridge=True)) == {}
    assert broken(plan, town(), replace(LIMITS, barriers=()), river(150)) == {}
    for kind in ("river", "railway"):
        found = broken(plan, town(), ways=river(150, kind=kind))
        assert list(found) == ["no_barrier_between"]
        assert found["no_barrier_between"][0].endswith("之间有阻隔")


def test_walk_round_a_road_that_was_closed_is_found() -> None:
    small = {"households": 60, "floor_area_m2": 5000.0}
    estates = make_estates([{**small, "xy": (0, 0)}, {**small, "xy": (300, 0)}])

    def roads(*points: tuple[float, float]) -> gpd.GeoDataFrame:
        return make_ways([{"road_class": "residential", "geometry": LineString([at(*p) for p in points])}])

    straight, round_about = roads((-50, 0), (350, 0)), roads((0, 0), (0, 300), (300, 300), (300, 0))
    plan = plan_of(estates, make_settings(), straight)
    assert max(plan.bundles[0].distances_m) == pytest.approx(300, rel=0.01)
    assert broken(plan, estates, make_settings(), straight) == {}
    found = broken(plan, estates, make_settings(), round_about)
    assert "米，超过500米" in found["within_radius"][0]
    stated = broken(plan, estates, make_settings(radius_m=1000.0), round_about)
    assert list(stated) == ["walks_as_stated"]
    assert "，方案写的是" in stated["walks_as_stated"][0]


@pytest.mark.parametrize(
    ("change", "rule", "message"),
    [
        (lambda p: with_bundle(p, members=("E001", "E000")), "well_formed", "B001: 成员没有按编号排列，或有重复"),
        (lambda p: with_bundle(p, medoid="E003"), "well_formed", "B001: 中心小区或距离与成员不符"),
        (lambda p: with_bundle(p, 1, bundle_id="B001"), "well_formed", "B001: 打捆编号重复"),
        (lambda p: with_bundle(p, households=130), "figures_are_the_registers", "B001: 台账合计120户，方案写的是130户"),
        (
            lambda p: with_bundle(p, floor_area_m2=9_999.0),
            "figures_are_the_registers",
            "B001: 台账合计建筑面积10,000平方米，方案写的是9,999平方米",
        ),
        (lambda p: replace(p, alone=()), "every_estate_once", "E004: 未覆盖，但方案中没有安排"),
        (
            lambda p: replace(p, alone=(*p.alone, Alone("E000", "")), households_covered=240),
            "every_estate_once",
            "E000: 在方案中出现了2次",
        ),
        (
            lambda p: replace(p, alone=(*p.alone, Alone("E009", ""))),
            "every_estate_once",
            "E009: 已覆盖，不应出现在方案中",
        ),
        (
            lambda p: replace(p, alone=(*p.alone, Alone("E999", ""))),
            "every_estate_once",
            "E999: 已不在台账中",
        ),
        (
            lambda p: replace(p, fallback=(*p.fallback[1:], Fallback("E005", "refused", "", (), "", ""))),
            "fallback_says_why",
            "E005: 没有写明原因",
        ),
    ],
)
def test_plan_changed_by_hand_is_found_out(change: Callable[[BundlePlan], BundlePlan], rule: str, message: str) -> None:
    assert message in broken(change(plan_of(town())), town())[rule]


def test_bundle_of_one_or_of_too_many_is_found() -> None:
    plan = plan_of(town())
    single = Bundle("B003", "S1", ("E004",), "E004", 150, 30_000.0, (0.0,), 0.0, "", ())
    found = broken(replace(plan, alone=(), bundles=(*plan.bundles, single), households_covered=390, bound=390), town())
    assert "B003: 有1个小区，应为2–5个" in found["number_of_estates"]
    assert "B003: 小区E004规模较大，应单独招标" in found["large_stands_alone"]


def test_covered_estate_in_a_bundle_is_found() -> None:
    estates = changed(town(), "E000", service_form=1)
    found = broken(plan_of(town()), estates)
    assert found["members_take_part"] == ["B001: 小区E000已覆盖，不应出现在方案中"]


def test_every_rule_is_tested() -> None:
    here = Path(__file__).parent
    told = "".join(path.read_text(encoding="utf-8") for path in sorted(here.glob("test_bundles_rules*.py")))
    assert [rule.__name__ for rule in HARD_RULES if f'"{rule.__name__}"' not in told] == []
