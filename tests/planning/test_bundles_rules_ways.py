"""Rules of money, chains, ages, anchors, audits and regions: kept at the limit, broken by a known amount."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from shapely import LineString

from data.companies import company_id
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Money
from tests.planning.bundle_cases import COSTS, broken, changed, hand_plan, make_companies, wish, with_bundle
from tests.strategies import at, make_estates, make_settings, make_ways

SMALL = {"households": 60, "floor_area_m2": 5000.0, "fee_yuan_m2": 0.5}


def row_of(*xs: float, **values: object) -> pd.DataFrame:
    return make_estates([{**SMALL, **values, "xy": (x, 0)} for x in xs])


# ------------------------------------------------------------------------------------------------------------ money


def paying(fee: float = 2.0) -> pd.DataFrame:
    """Two estates that pay 2 × 10,000 m² × fee × 12 × 0.8 and cost 2 × (60 × 100 + 30,000) besides the point."""
    return row_of(0, 200, floor_area_m2=10_000.0, fee_yuan_m2=fee)


RICH = make_settings(viability="money", costs=COSTS)


def test_income_must_carry_members_and_service_point() -> None:
    # 2 × 10,000 × 0.9 × 12 × 0.8 = 172,800; 2 × 36,000 + 100,000 = 172,000
    enough, little = paying(0.9), paying(0.89)
    plan = hand_plan(enough, [(("E000", "E001"), "E000")], RICH)
    assert plan.bundles[0].money == Money(172_800, 72_000, 100_000)
    assert broken(plan, enough) == {}
    short = hand_plan(little, [(("E000", "E001"), "E000")], RICH)
    found = broken(short, little)
    assert found == {"income_covers_costs": ["B001: 每年收入170,880元，支出172,000元，缺1,120元"]}
    assert broken(short, little, replace(RICH, viability="households")) == {}


def test_stated_money_is_the_registers_to_the_yuan() -> None:
    estates = paying()
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], RICH)
    told = with_bundle(plan, money=replace(plan.bundles[0].money, income=384_001))
    assert broken(told, estates) == {
        "figures_are_the_registers": ["B001: 按台账每年收入384,000元，方案写的是384,001元"]
    }
    known_rate = broken(plan, changed(estates, "E000", fee_rate=0.9))["figures_are_the_registers"]
    assert known_rate == ["B001: 按台账每年收入408,000元，方案写的是384,000元"]
    lifts = broken(plan, changed(estates, "E001", n_lifts=3))["figures_are_the_registers"]
    assert lifts == ["B001: 按台账每年服务成本87,000元，方案写的是72,000元"]
    silent = broken(with_bundle(plan, money=None), estates)["figures_are_the_registers"]
    assert silent == ["B001: 没有写明收支"]
    no_fee = broken(plan, changed(estates, "E000", fee_yuan_m2=None))
    assert no_fee["members_are_known"] == ["B001: 小区E000没有物业费标准，无法核算收支"]
    assert no_fee["figures_are_the_registers"] == ["B001: 写明了收支，但台账或成本表不足以核算"]


def test_with_money_alone_few_households_are_enough() -> None:
    estates = changed(paying(), "E000", households=30)
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], RICH)
    assert broken(plan, estates) == {}
    found = broken(plan, estates, replace(RICH, viability="both"))
    assert found == {"households_within_limits": ["B001: 共90户，比下限100户少10户"]}


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({"min_floor_area_m2": 10_000.0, "max_floor_area_m2": 10_000.0}, {}),
        (
            {"min_floor_area_m2": 10_001.0},
            {"floor_area_within_limits": ["B001: 建筑面积10,000平方米，比下限10,001平方米少1平方米"]},
        ),
        (
            {"max_floor_area_m2": 9_990.0},
            {"floor_area_within_limits": ["B001: 建筑面积10,000平方米，比上限9,990平方米多10平方米"]},
        ),
    ],
)
def test_floor_area_has_two_limits(limits: dict[str, float], found: dict[str, list[str]]) -> None:
    estates = row_of(0, 200)
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], make_settings())
    assert broken(plan, estates, make_settings(**limits)) == found


def test_households_have_an_upper_limit_and_estates_a_number() -> None:
    estates = row_of(0, 100, 200, 300, 400, 500)
    names = tuple(estates.index)
    plan = hand_plan(estates, [(names, "E002")], make_settings(max_households=360, max_estates=6))
    assert broken(plan, estates) == {}
    found = broken(plan, estates, make_settings(max_households=350, max_estates=5))
    assert found == {
        "households_within_limits": ["B001: 共360户，比上限350户多10户"],
        "number_of_estates": ["B001: 有6个小区，应为2–5个"],
    }


# ------------------------------------------------------------------------------------------------------------- ages


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((1980, 1999), ""),
        ((2000, 2010), ""),
        ((1985, None), ""),
        ((1999, 2000), "B001: 建成年份1999年与2000年不属于同一年代（以2000年划分）"),
    ],
)
def test_age_class_begins_in_the_year_of_the_break(years: tuple[int, int | None], message: str) -> None:
    estates = make_estates([{**SMALL, "xy": (x * 100, 0), "year_built": year} for x, year in enumerate(years)])
    limits = make_settings(age_breaks=(1980, 2000))
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], limits)
    assert broken(plan, estates) == ({"one_age_class": [message]} if message else {})
    assert broken(plan, estates, make_settings()) == {}


# ----------------------------------------------------------------------------------------------------------- chains


def chain(**changes: object) -> BundleSettings:
    return make_settings(compact="chain", radius_m=200.0, neighbour_m=261.0, **changes)


def test_chain_is_judged_by_its_links_not_by_a_radius() -> None:
    estates = row_of(0, 200, 400, 600)
    names = tuple(estates.index)
    plan = hand_plan(estates, [(names, "E001")], chain())
    assert broken(plan, estates) == {}
    found = broken(plan, estates, replace(chain(), neighbour_m=250.0))["linked_through_neighbours"]
    assert found == ["B001: 小区E000、小区E002、小区E003与其余成员不连片（相邻小区步行不超过250米且中间无阻隔）"]
    both = broken(plan, estates, replace(chain(), compact="both"))
    assert list(both) == ["within_radius"]
    assert "linked_through_neighbours" not in broken(plan, estates, make_settings(neighbour_m=1.0))


def test_chain_does_not_pass_over_a_barrier_or_a_pair_that_was_forbidden() -> None:
    estates = row_of(0, 200, 400)
    plan = hand_plan(estates, [(tuple(estates.index), "E001")], chain())
    river = make_ways([{"kind": "river", "geometry": LineString([at(300, -900), at(300, 900)])}])
    assert broken(plan, estates, ways=river) == {
        "linked_through_neighbours": ["B001: 小区E002与其余成员不连片（相邻小区步行不超过261米且中间无阻隔）"]
    }
    forbidden = replace(plan, wishes=(wish("forbid_pair", "E001", "E002"),))
    assert list(broken(forbidden, estates)) == ["linked_through_neighbours"]
    elsewhere = replace(plan, wishes=(wish("forbid_pair", "E000", "E002"),))
    assert broken(elsewhere, estates) == {}


# ---------------------------------------------------------------------------------------------------------- anchors

ANCHOR = make_settings(way="anchor", anchor_min_households=400, anchor_share=0.3)


def anchored(**large: object) -> pd.DataFrame:
    """A managed estate of 400 between two small ones of 60; and one more managed."""
    managed = {"service_form": 1, "company": "安心物业有限公司", "floor_area_m2": 40_000.0, "consent": "unknown"}
    return make_estates(
        [
            {**SMALL, "xy": (-200, 0)},
            {"xy": (0, 0), "households": 400, **managed, **large},
            {**SMALL, "xy": (200, 0)},
            {**managed, "xy": (0, 100), "households": 500},
        ]
    )


def taken_on(estates: pd.DataFrame) -> object:
    return hand_plan(estates, [(("E000", "E001", "E002"), "E001")], ANCHOR, anchored=True)


def test_anchor_may_take_its_share_and_not_one_more() -> None:
    estates = anchored()
    plan = taken_on(estates)
    assert plan.households_covered == 120
    assert plan.bundles[0].needs_consent == ()
    assert broken(plan, estates) == {}
    found = broken(plan, estates, replace(ANCHOR, anchor_share=0.297))
    assert found == {"anchor_has_room": ["B001: 带动小区小区E001可再接118户（自有400户的30%），实际接120户，多2户"]}
    assert "anchor_is_large" not in broken(plan, estates)
    assert broken(plan, estates, replace(ANCHOR, anchor_min_households=401)) == {
        "anchor_is_large": ["B001: 带动小区小区E001有400户，少于401户"]
    }


def test_small_bundle_beside_an_anchor_has_no_lower_limit() -> None:
    estates = anchored()
    plan = hand_plan(estates, [(("E000", "E001"), "E001")], ANCHOR, anchored=True, fallback={"E002": "left_over"})
    assert plan.households_covered == 60
    assert broken(plan, estates) == {}


def test_anchor_is_managed_the_medoid_and_the_only_one() -> None:
    estates = anchored()
    plan = taken_on(estates)
    lost = broken(plan, changed(estates, "E001", lost=True))
    assert lost["anchor_is_managed"] == ["B001: 带动小区小区E001不是在管小区（专业化物业服务）"]
    other = broken(plan, changed(estates, "E001", service_form=2))
    assert list(other) == ["anchor_is_managed"]
    none = broken(with_bundle(plan, anchor=None), estates)
    assert "B001: 没有带动小区" in none["one_anchor"]
    beside = broken(with_bundle(plan, anchor="E000"), estates)
    assert "B001: 带动小区小区E000不是中心小区" in beside["one_anchor"]
    two = hand_plan(
        estates, [(("E000", "E001", "E003"), "E001")], ANCHOR, anchored=True, fallback={"E002": "left_over"}
    )
    found = broken(two, estates)
    assert found["one_anchor"] == ["B001: 小区E003已覆盖，一个打捆只能有一个在管小区作带动小区"]
    other_way = broken(plan, estates, make_settings())
    assert "B001: 只有以大带小方案才有带动小区" in other_way["one_anchor"]


@pytest.mark.parametrize(
    ("grade", "stars", "message"),
    [
        ({"stars": 3}, 3, ""),
        ({"stars": 2}, 3, "B001: 带动小区小区E001的企业安心物业有限公司为2星，低于3星"),
        ({"stars": None}, 3, ""),
        ({"credit_list": "red"}, 3, ""),
        ({"credit_list": "black", "stars": 5}, 0, "B001: 带动小区小区E001的企业安心物业有限公司在黑榜上"),
    ],
)
def test_anchors_company_is_of_good_credit(grade: dict[str, object], stars: int, message: str) -> None:
    name = "安心物业有限公司"
    companies = make_companies([{"company_id": company_id(name), "name": name, **grade}])
    estates = anchored()
    found = broken(taken_on(estates), estates, replace(ANCHOR, anchor_min_stars=stars), companies=companies)
    assert found == ({"anchor_is_trusted": [message]} if message else {})


def test_anchor_without_a_company_or_against_its_owners_will_is_none() -> None:
    estates = anchored()
    found = broken(taken_on(estates), changed(changed(estates, "E001", company=None), "E001", consent="no"))
    assert found == {
        "nobody_refused": ["B001: 小区E001的业主不同意打捆"],
        "anchor_is_trusted": ["B001: 带动小区小区E001没有登记物业服务企业"],
    }


# --------------------------------------------------------------------------------------------------- audit, regions

AUDIT = make_settings(way="audit", max_income_yuan=50_000.0, ask_consent=False)


def test_audit_bundles_hold_small_income_and_area_whoever_serves() -> None:
    row = {**SMALL, "public_income_yuan": 50_000.0, "consent": "no"}
    estates = make_estates(
        [
            {**row, "xy": (0, 0), "service_form": 1},
            {**row, "xy": (100, 0), "floor_area_m2": 10_000.0},
            {**row, "xy": (200, 0), "public_income_yuan": 50_001.0},
            {**row, "xy": (300, 0), "public_income_yuan": 0.0, "income_objection": False},
            {**row, "xy": (400, 0), "public_income_yuan": None},
        ]
    )
    rest = {"alone": ["E002"], "fallback": {"E003": "exempt", "E004": "no_income"}}
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], AUDIT, **rest)
    assert broken(plan, estates) == {}
    assert broken(plan, changed(estates, "E003", income_objection=True))["fallback_says_why"] == [
        "E003: 小区E003的原因与台账不符"
    ]
    changes = {
        "public_income_yuan": (50_001.0, "B001: 小区E001公共收益每年50,001元，超过50,000元"),
        "floor_area_m2": (10_001.0, "B001: 小区E001建筑面积10,001平方米，超过10,000平方米"),
    }
    for column, (value, message) in changes.items():
        assert message in broken(plan, changed(estates, "E001", **{column: value}))["little_to_audit"]
    exempt = changed(changed(estates, "E001", public_income_yuan=0.0), "E001", income_objection=False)
    assert broken(plan, exempt) == {"little_to_audit": ["B001: 小区E001公共收益为零且业主无异议，可不审计"]}
    assert broken(plan, changed(exempt, "E001", income_objection=None)) == {}
    little = broken(plan, changed(estates, "E002", public_income_yuan=1.0))["alone_is_large"]
    assert little == ["E002: 小区E002公共收益和面积都较小，不必单独审计"]


def test_regions_are_of_old_estates() -> None:
    limits = make_settings(way="regions", old_before=2000, old_types=("老旧小区",))
    estates = make_estates(
        [
            {**SMALL, "xy": (0, 0), "year_built": 1999, "service_form": 1},
            {**SMALL, "xy": (100, 0), "estate_type": "老旧小区"},
            {**SMALL, "xy": (200, 0), "year_built": 2000},
        ]
    )
    plan = hand_plan(estates, [(("E000", "E001"), "E000")], limits)
    assert broken(plan, estates) == {}
    younger = broken(plan, changed(estates, "E000", year_built=2000))
    assert younger == {"members_take_part": ["B001: 小区E000不是老旧小区，不应出现在方案中"]}
    older = broken(plan, changed(estates, "E002", year_built=1999))
    assert older == {"every_estate_once": ["E002: 属于本方式的范围，但方案中没有安排"]}
    listed = replace(plan, fallback=hand_plan(estates, [], limits, fallback={"E002": "left_over"}).fallback)
    assert broken(listed, estates) == {"every_estate_once": ["E002: 不是老旧小区，不应出现在方案中"]}


def test_enough_money_stands_alone() -> None:
    estates = make_estates(
        [
            {**SMALL, "xy": (0, 0), "households": 150, "floor_area_m2": 50_000.0, "fee_yuan_m2": 1.0},
            {**SMALL, "xy": (100, 0)},
        ]
    )
    # 50,000 × 12 × 0.8 = 480,000 a year against 45,000 and the point's 100,000
    plan = hand_plan(estates, [], RICH, alone=["E000"], fallback={"E001": "too_little_income"})
    assert broken(plan, estates) == {}
    poor = broken(plan, changed(estates, "E000", fee_yuan_m2=0.3))
    assert poor == {"alone_is_large": ["E000: 小区E000规模不足以单独招标"]}
    bundled = hand_plan(estates, [(("E000", "E001"), "E000")], RICH)
    assert broken(bundled, estates) == {"large_stands_alone": ["B001: 小区E000规模较大，应单独招标"]}
