"""Who takes part in each way of bundling: hand cases on both sides of every limit, and every estate exactly once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.companies import company_id
from data.schemas import COMPANIES
from planning.bundles.candidates.money import money_of
from planning.bundles.candidates.sort import Candidates, sort_candidates
from planning.bundles.settings import BundleSettings, Costs
from planning.coverage import estate_states
from tests.strategies import make_estates, make_profile, make_settings

COSTS = Costs(100.0, 0.0, 0.0, 0.0, 0.0, 20_000.0, 1.0)
"""A service point costs 20,000 yuan, a household 100; fees come in whole."""
SMALL = {"xy": (0, 0), "households": 60, "floor_area_m2": 5000.0}
BIG = {"xy": (50, 0), "households": 1000, "floor_area_m2": 90_000.0, "service_form": 1, "company": "甲物业公司"}
ANCHOR = make_settings(way="anchor", anchor_min_households=500, anchor_share=0.3, anchor_min_stars=3)
AUDIT = make_settings(way="audit", max_income_yuan=20_000.0, small_floor_area_m2=20_000.0, ask_consent=False)
REGIONS = make_settings(way="regions", old_before=2000, old_types=("老旧小区",), compact="chain")


def sort(rows: list[dict[str, Any]], settings: BundleSettings, companies: pd.DataFrame | None = None) -> Candidates:
    estates = make_estates(rows)
    states = estate_states(estates, make_profile()).to_dict()
    return sort_candidates(estates, states, estates[["lon", "lat"]], settings, companies)


def ends(found: Candidates) -> dict[str, str]:
    """Where each estate went; anchors too."""
    where = {str(one): "anchor" if anchor else "part" for one, anchor in found.frame["anchor"].items()}
    where |= {one.estate_id: "alone" for one in found.alone}
    return where | {one.estate_id: one.kind for one in found.left_out}


def company(name: str, **grade: object) -> dict[str, object]:
    return {"company_id": company_id(name), "name": name, **grade}


# -------------------------------------------------------------------------------------------------------- 打捆, money


def test_where_money_decides_a_blank_fee_or_area_leaves_an_estate_out() -> None:
    rows: list[dict[str, Any]] = [
        {**SMALL, "fee_yuan_m2": 0.5},
        {**SMALL, "fee_yuan_m2": None},
        {**SMALL, "fee_yuan_m2": 0.5, "floor_area_m2": None},
    ]
    found = sort(rows, make_settings(viability="money", costs=COSTS))
    assert ends(found) == {"E000": "part", "E001": "no_fee", "E002": "no_fee"}
    assert [one.reason for one in found.left_out] == [
        "台账没有物业费，无法测算收支，先补齐",
        "台账没有建筑面积，无法测算收支，先补齐",
    ]
    shown = sort(rows, make_settings(costs=COSTS))
    assert set(ends(shown).values()) == {"part"}, "where households decide, money is only shown"
    assert shown.frame["margin_yuan"].isna().tolist() == [False, True, True]
    assert "2个参与组合的小区没有物业费或建筑面积，收支未知" in shown.notes


@pytest.mark.parametrize(
    ("viability", "households", "fee", "end"),
    [
        # margin = 30,000 m² × fee × 12 − 100 × households; a point costs 20,000
        ("households", 120, 0.01, "alone"),
        ("money", 120, 0.08889, "alone"),  # 32,000.4 − 12,000 = 20,000
        ("money", 120, 0.08888, "part"),  # 31,996 − 12,000 = 19,996
        ("money", 99, 0.1, "part"),  # enough money, but few households are small
        ("both", 120, 0.08889, "alone"),
        ("both", 120, 0.08888, "part"),
        ("money", 301, 0.01, "too_little_income"),  # over the most that a bundle may hold
        ("both", 301, 0.01, "too_little_income"),
        ("households", 301, 0.01, "alone"),
    ],
)
def test_what_is_enough_for_a_service_point_stands_alone(viability: str, households: int, fee: float, end: str) -> None:
    row = {"xy": (0, 0), "households": households, "floor_area_m2": 30_000.0, "fee_yuan_m2": fee}
    found = sort([row], make_settings(viability=viability, costs=COSTS))
    assert ends(found) == {"E000": end}


def test_more_floor_area_than_a_bundle_may_hold() -> None:
    rows: list[dict[str, Any]] = [{**SMALL, "floor_area_m2": area} for area in (8000.0, 8000.1)]
    found = sort(
        [*rows, {**SMALL, "households": 100, "floor_area_m2": 8000.1}], make_settings(max_floor_area_m2=8000.0)
    )
    assert ends(found) == {"E000": "part", "E001": "too_few_households", "E002": "alone"}


def test_notes_tell_what_was_assumed() -> None:
    rows: list[dict[str, Any]] = [
        {**SMALL, "fee_yuan_m2": 0.5},
        {**SMALL, "fee_yuan_m2": 0.5, "fee_rate": 0.8, "n_lifts": 0},
    ]
    notes = sort(rows, make_settings(costs=replace(COSTS, collection_rate=0.65))).notes
    assert notes == ("1个参与组合的小区没有登记收缴率，按65%测算", "1个参与组合的小区没有登记电梯台数，按没有电梯测算")


# ----------------------------------------------------------------------------------------------------------- 以大带小


def test_anchors_are_large_managed_estates_of_trusted_companies() -> None:
    rows: list[dict[str, Any]] = [
        SMALL,
        BIG,
        {**BIG, "households": 499},
        {**BIG, "company": "黑（集团）公司"},
        {**BIG, "company": "二星公司"},
        {**BIG, "company": None},
        {**BIG, "service_form": 2},
        {**BIG, "consent": "no"},
        {k: v for k, v in BIG.items() if k != "xy"},
        {**BIG, "households": 1001, "company": "三星公司", "grid_id": "G1"},
        {**BIG, "service_form": None},
    ]
    companies = COMPANIES.frame(
        [
            company("黑(集团)公司", credit_list="black", stars=5),
            company("二星公司", stars=2),
            company("三星公司", stars=3, credit_list="red"),
        ]
    )
    found = sort(rows, ANCHOR, companies)
    assert ends(found) == {"E000": "part", "E001": "anchor", "E009": "anchor", "E010": "unknown_state"}
    assert found.frame["room"].to_dict() == {"E000": 0, "E001": 300, "E009": 300}
    assert found.frame.loc["E009", "company"] == "三星公司"
    assert found.frame["grid_id"].isna().all(), "an anchor has a contract of its own: it holds no grid together"
    assert found.notes[:7] == (
        "在管小区中2个可以带动周边小区（不少于500户）",
        "1个在管小区没有坐标，不作带动小区",
        "1个在管小区没有登记物业服务企业，不作带动小区",
        "1个在管小区的业主不同意，不作带动小区",
        "1个在管小区的物业服务企业信用不足3星，不作带动小区",
        "1个在管小区的物业服务企业列入黑榜，不作带动小区",
        "1个带动小区的物业服务企业没有信用星级，选定前请核实",
    )


def test_an_anchors_own_money_does_not_count() -> None:
    found = sort([{**SMALL, "fee_yuan_m2": 0.5}, {**BIG, "fee_yuan_m2": 2.0}], replace(ANCHOR, costs=COSTS))
    assert found.frame.loc["E001", ["income_yuan", "running_yuan", "margin_yuan"]].tolist() == [0, 0, 0]
    assert found.frame.loc["E000", "margin_yuan"] == 30_000 - 6_000


@pytest.mark.parametrize(("share", "room"), [(0.3, 300), (0.2999, 299), (0.0005, None), (1.1, 1100), (0.29, 290)])
def test_room_is_the_floor_of_the_share(share: float, room: int | None) -> None:
    found = sort([SMALL, BIG], replace(ANCHOR, anchor_share=share))
    assert found.frame["room"].get("E001") == room


# ----------------------------------------------------------------------------------------------------------- 审计打包


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({"public_income_yuan": 20_000.0}, "part"),
        ({"public_income_yuan": 20_000.5}, "alone"),
        ({"public_income_yuan": None}, "no_income"),
        ({"public_income_yuan": 0.0, "income_objection": False}, "exempt"),
        ({"public_income_yuan": 0.0, "income_objection": True}, "part"),
        ({"public_income_yuan": 0.0, "income_objection": None}, "part"),
        ({"public_income_yuan": 0.0, "income_objection": False, "floor_area_m2": None}, "exempt"),
        ({"public_income_yuan": 1.0, "floor_area_m2": None}, "no_income"),
        ({"public_income_yuan": 1.0, "floor_area_m2": 20_000.0}, "part"),
        ({"public_income_yuan": 1.0, "floor_area_m2": 20_000.5}, "alone"),
        ({"public_income_yuan": 1.0, "households": None}, "no_households"),
        ({"public_income_yuan": 1.0, "consent": "no"}, "part"),
        ({"public_income_yuan": 1.0, "service_form": 1}, "part"),
        ({"public_income_yuan": 1.0, "service_form": None}, "part"),
        ({"public_income_yuan": 1.0, "households": 5000}, "part"),
    ],
)
def test_audits_bundle_little_income_and_little_area(facts: dict[str, object], end: str) -> None:
    settings = replace(AUDIT, max_households=10_000)
    assert ends(sort([{**SMALL, **facts}], settings)) == {"E000": end}


def test_nobody_asks_owners_before_an_audit() -> None:
    rows: list[dict[str, Any]] = [{**SMALL, "public_income_yuan": 0.0, "consent": "no"}]
    found = sort(rows, AUDIT)
    assert found.frame["consent"].tolist() == ["yes"] and found.notes == (
        "1个公共收益为零的小区没有登记业主有无异议，仍纳入审计打包",
    )
    assert ends(sort(rows, replace(AUDIT, ask_consent=True))) == {"E000": "refused"}


# --------------------------------------------------------------------------------------------------------------- 划区


def test_regions_are_for_old_estates_covered_or_not() -> None:
    rows: list[dict[str, Any]] = [
        {**SMALL, "year_built": 1999},
        {**SMALL, "year_built": 2000},
        {**SMALL, "estate_type": "老旧小区", "year_built": 2005},
        {**SMALL, "estate_type": "老旧小区", "service_form": 1},
        {**SMALL, "estate_type": "商品房"},
        {**SMALL, "year_built": 1990, "service_form": None},
        {**BIG, "year_built": 1990},
        {**SMALL, "year_built": 1990, "consent": "no"},
    ]
    found = sort(rows, REGIONS)
    assert ends(found) == {
        "E000": "part", "E002": "part", "E003": "part", "E005": "part", "E006": "alone", "E007": "refused",
    }  # fmt: skip
    assert found.alone[0].reason == "有1000户，可自成一个物业管理区域"
    assert found.notes == ("1个小区没有登记建成年份，无法判断是否老旧小区，没有参与划区",)


# --------------------------------------------------------------------------------------------------------- properties


@st.composite
def any_estates(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        row = {
            "street_id": draw(st.sampled_from(["S1", "S2", None])),
            "households": draw(st.sampled_from([None, 0, 20, 90, 120, 301, 700])),
            "floor_area_m2": draw(st.sampled_from([None, 3000.0, 15_000.0, 30_000.0])),
            "fee_yuan_m2": draw(st.sampled_from([None, 0.3, 1.0])),
            "fee_rate": draw(st.sampled_from([None, 0.5, 1.0])),
            "n_lifts": draw(st.sampled_from([None, 0, 3])),
            "estate_type": draw(st.sampled_from([None, "老旧小区", "商品房"])),
            "year_built": draw(st.sampled_from([None, 1985, 2010])),
            "consent": draw(st.sampled_from(["yes", "unknown", "no"])),
            "service_form": draw(st.sampled_from([1, 1, 2, 5, 5, None])),
            "lost": draw(st.sampled_from([None, False, True])),
            "company": draw(st.sampled_from([None, "甲公司", "乙公司"])),
            "public_income_yuan": draw(st.sampled_from([None, 0.0, 500.0, 90_000.0])),
            "income_objection": draw(st.sampled_from([None, True, False])),
            "grid_id": draw(st.sampled_from([None, "G1"])),
        }
        if draw(st.integers(0, 5)):
            row["xy"] = (draw(st.integers(-600, 600)), draw(st.integers(-600, 600)))
        rows.append(row)
    return rows


@given(
    any_estates(),
    st.sampled_from(["service", "anchor", "audit", "regions"]),
    st.sampled_from(["households", "money", "both"]),
    st.booleans(),
    st.sampled_from([None, "red", "black"]),
    st.randoms(use_true_random=False),
)
@hypothesis_settings(max_examples=30, deadline=None)
def test_every_estate_that_the_way_is_about_is_found_exactly_once(
    rows: list[dict[str, Any]], way: str, viability: str, ask: bool, listed: str | None, random: Any
) -> None:
    settings = make_settings(
        way=way, viability=viability, costs=COSTS, ask_consent=ask, anchor_min_households=300, anchor_share=0.1,
        anchor_min_stars=3, max_income_yuan=20_000.0, old_before=2000, old_types=("老旧小区",),
    )  # fmt: skip
    estates = make_estates(rows)
    states = estate_states(estates, make_profile()).to_dict()
    companies = COMPANIES.frame([company("甲公司", credit_list=listed)])
    place = estates[["lon", "lat"]]
    found = sort_candidates(estates, states, place, settings, companies)
    frame = found.frame
    anchors = set(frame.index[frame["anchor"]])
    part = set(frame.index) - anchors
    alone, left = {one.estate_id for one in found.alone}, {one.estate_id for one in found.left_out}
    meant = {
        estate
        for estate, row in estates.iterrows()
        if way == "audit"
        or (way in ("service", "anchor") and not states[str(estate)].covered)
        or (
            way == "regions"
            and (row["estate_type"] == "老旧小区" or (pd.notna(row["year_built"]) and row["year_built"] < 2000))
        )
    }
    assert part | alone | left == meant and len(part) + len(alone) + len(left) == len(meant)
    assert len(found.left_out) == len(left) and not anchors & meant
    assert bool(anchors) <= (way == "anchor")
    assert all(
        (states[one].value == "professional" and listed != "black") or estates["company"][one] == "乙公司"
        for one in anchors
    )
    assert frame.index.is_monotonic_increasing and frame["room"].ge(0).all()
    assert (frame["room"] > 0).tolist() == frame["anchor"].tolist()
    assert all(
        room == math.floor(0.1 * n + 1e-9) for room, n in frame.loc[sorted(anchors), ["room", "households"]].to_numpy()
    )
    assert frame[["lon", "lat", "households"]].notna().all(axis=None)
    assert not ask or not (frame["consent"] == "no").any()
    for others in (found.refused, found.rest):
        assert set(others.index) <= meant - part and list(others.columns) == list(frame.columns)
    assert not set(found.refused.index) & set(found.rest.index)
    assert all(one.reason for one in (*found.alone, *found.left_out))
    if viability != "households" and way in ("service", "anchor", "regions"):
        money = money_of(estates.loc[sorted(part)], COSTS)
        assert money is not None, "nobody takes part whose account is unknown"
        assert frame.loc[sorted(part), "margin_yuan"].sum() == money.income - money.running
    shuffled = list(estates.index)
    random.shuffle(shuffled)
    again = sort_candidates(estates.loc[shuffled], states, place.loc[shuffled], settings, companies)
    pd.testing.assert_frame_equal(again.frame, frame)
    assert (again.alone, again.left_out, again.notes) == (found.alone, found.left_out, found.notes)


def test_nothing_at_all_gives_empty_tables() -> None:
    for settings in (make_settings(costs=COSTS), ANCHOR, AUDIT, REGIONS):
        found = sort([], settings)
        assert found.frame.empty and found.rest.empty and found.left_out == ()
        assert set(found.frame.columns) == set(sort([SMALL], make_settings()).frame.columns)
