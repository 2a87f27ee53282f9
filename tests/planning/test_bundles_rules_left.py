"""What a plan says of estates left over: each wrong reason and each untrue word of a neighbour is caught."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles.plan import bundle, solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.settings import BundleSettings
from planning.bundles.types import BundlePlan, Fallback, Neighbour, Wish
from planning.coverage import estate_states
from tests.planning.bundle_cases import NO_WAYS, broken, with_bundle
from tests.strategies import make_estates, make_profile, make_settings

SMALL = {"households": 60, "floor_area_m2": 5000.0, "fee_yuan_m2": 0.5}


def town() -> pd.DataFrame:
    """Two that make a bundle, one of another fee beside them, one far off, one that refused, one large."""
    rows: list[dict[str, object]] = [
        {"xy": (0, 0)},
        {"xy": (200, 0)},
        {"xy": (100, 50), "fee_yuan_m2": 5.0},
        {"xy": (5000, 0)},
        {"xy": (100, 100), "consent": "no"},
        {"xy": (100, 150), "households": 260, "floor_area_m2": 30_000.0},
    ]
    return make_estates([{**SMALL, **row} for row in rows])


def plan_of(estates: pd.DataFrame, settings: BundleSettings) -> BundlePlan:
    profile = make_profile()
    states = estate_states(estates, profile).to_dict()
    return bundle(
        estates,
        states,
        estates[["lon", "lat"]],
        NO_WAYS,
        profile,
        settings,
        seed=1,
        seconds=20.0,
        progress=SILENT,
    )


def with_left(plan: BundlePlan, estate: str, **values: object) -> BundlePlan:
    left = [replace(one, **values) if one.estate_id == estate else one for one in plan.fallback]  # type: ignore[arg-type]
    return replace(plan, fallback=tuple(left))


def test_solved_plan_tells_the_truth() -> None:
    plan = plan_of(town(), make_settings())
    assert [one.members for one in plan.bundles] == [("E000", "E001")]
    assert {one.estate_id: one.kind for one in plan.fallback} == {
        "E002": "no_neighbour",
        "E003": "no_neighbour",
        "E004": "refused",
    }
    assert broken(plan, town()) == {}


@pytest.mark.parametrize(
    ("estate", "kind"),
    [
        ("E002", "refused"),
        ("E002", "no_room"),
        ("E002", "too_little_income"),
        ("E004", "left_over"),
        ("E003", "no_fee"),
    ],
)
def test_reason_is_the_one_that_the_facts_ask_for(estate: str, kind: str) -> None:
    found = broken(with_left(plan_of(town(), make_settings()), estate, kind=kind), town())
    assert found == {"fallback_says_why": [f"{estate}: 小区{estate}的原因与台账不符"]}


def test_large_estate_is_not_left_over() -> None:
    plan = plan_of(town(), make_settings())
    left = Fallback("E005", "left_over", "说明", (), "", "")
    told = replace(plan, alone=(), fallback=(*plan.fallback, left))
    assert broken(told, town()) == {"fallback_says_why": ["E005: 小区E005规模够大，应单独安排"]}


@pytest.mark.parametrize(
    "near",
    [
        Neighbour("E000", 145.0, None),
        Neighbour("E000", 145.0, "type"),
        Neighbour("E000", 145.0, "barrier"),
        Neighbour("E000", 145.0, "radius"),
        Neighbour("E000", 145.0, "grid"),
        Neighbour("E000", 145.0, "wish"),
        Neighbour("E000", 300.0, "fee"),
        Neighbour("E000", 45.0, "fee"),
        Neighbour("E000", float("nan"), "fee"),
        Neighbour("E999", 145.0, "fee"),
    ],
)
def test_each_untrue_word_of_a_neighbour_is_caught(near: Neighbour) -> None:
    plan = plan_of(town(), make_settings())
    true = with_left(plan, "E002", neighbours=(Neighbour("E000", 145.3, "fee"),))
    assert broken(true, town()) == {}
    assert broken(with_left(plan, "E002", neighbours=(near,)), town()).keys() == {"fallback_says_why"}


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"distances_m": (0.0, 330.0)}, "walks_as_stated"),
        ({"distances_m": (0.0, float("nan"))}, "walks_as_stated"),
        ({"diameter_m": 900.0}, "walks_as_stated"),
        ({"diameter_m": float("nan")}, "walks_as_stated"),
        ({"unit_id": "S9"}, "one_lead_unit"),
        ({"needs_consent": ("E999",)}, "unknown_consent_is_listed"),
    ],
)
def test_figures_of_a_bundle_are_neither_too_small_nor_too_large(values: dict[str, object], rule: str) -> None:
    plan = plan_of(town(), make_settings())
    assert rule in broken(with_bundle(plan, 0, **values), town())


def test_how_walks_were_measured_is_told() -> None:
    plan = replace(plan_of(town(), make_settings()), straight_line=False)
    assert broken(plan, town())["walks_as_stated"] == ["plan: 方案写明的距离算法（道路步行或直线估算）与路网数据不符"]


def test_estate_beyond_the_chain_but_within_the_radius_is_no_neighbour() -> None:
    limits = make_settings(compact="both", neighbour_m=160.0)
    estates = make_estates([{**SMALL, "xy": (x, 0)} for x in (0, 200)])
    plan = plan_of(estates, limits)
    assert [(one.kind, one.neighbours[0].forbidden_by) for one in plan.fallback] == [("no_neighbour", "radius")] * 2
    assert broken(plan, estates) == {}


# ------------------------------------------------------------------------------------------- what cannot be fixed by hand


def ready(estates: pd.DataFrame, settings: BundleSettings) -> Prepared:
    profile = make_profile()
    states = estate_states(estates, profile).to_dict()
    return prepare(estates, states, estates[["lon", "lat"]], NO_WAYS, profile, settings)


def fix(*estates: str) -> Wish:
    return Wish("W001", "fix", estates, "业主要求", "王某", datetime(2026, 11, 1, 9, 0))


@pytest.mark.parametrize("facts", [{"households": 260, "floor_area_m2": 30_000.0}, {"consent": "no"}])
def test_estate_without_a_position_cannot_be_fixed(facts: dict[str, object]) -> None:
    estates = make_estates([{**SMALL, "xy": (0, 0)}, {**SMALL, **facts}])
    with pytest.raises(InputError, match="小区E001没有坐标或户数"):
        solve(ready(estates, make_settings()), [fix("E000", "E001")], seed=1, seconds=5.0, progress=SILENT)


def test_two_anchors_make_no_bundle() -> None:
    managed = {"xy": (100, 0), "households": 900, "service_form": 1, "company": "安心物业"}
    estates = make_estates([{**SMALL, "xy": (0, 0)}, {**SMALL, **managed}, {**SMALL, **managed}])
    limits = make_settings(way="anchor", anchor_min_households=300, anchor_share=0.4)
    with pytest.raises(InputError, match="一个服务单元只能有一个"):
        solve(ready(estates, limits), [fix("E000", "E001", "E002")], seed=1, seconds=5.0, progress=SILENT)
