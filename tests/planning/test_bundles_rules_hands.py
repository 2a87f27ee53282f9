"""What planners asked for, bundles made by hand, sums and proofs: found out when not as stated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from shapely import LineString

from planning.bundles.rules import HARD_RULES, LIMITS, TRUTHS
from planning.bundles.types import BundlePlan
from planning.bundles.words import RULE_WORDS
from tests.planning.bundle_cases import broken, excused, fixed, hand_plan, wish, with_bundle
from tests.strategies import at, make_estates, make_settings, make_ways

SMALL = {"households": 60, "floor_area_m2": 5000.0, "fee_yuan_m2": 0.5}
LIMIT = make_settings()
S1 = "牵头单位S1"


def estates() -> pd.DataFrame:
    return make_estates([{**SMALL, "xy": (x, 0)} for x in (0, 200, 3000, 3200, 6000)])


def plan() -> BundlePlan:
    """E000 + E001, E002 + E003, and E004 left."""
    groups = [(("E000", "E001"), "E000"), (("E002", "E003"), "E002")]
    return hand_plan(estates(), groups, LIMIT, fallback={"E004": "no_neighbour"})


@pytest.mark.parametrize(
    ("kind", "kept", "asked", "problem"),
    [
        ("together", ("E000", "E001"), ("E001", "E002"), "小区E001在B001、小区E002在B002"),
        ("together", ("E002", "E003"), ("E000", "E004"), "小区E000在B001、小区E004在捆外"),
        ("apart", ("E000", "E002", "E004"), ("E000", "E001", "E002"), "B001中有其中两个以上"),
        ("force", ("E000", "E003"), ("E000", "E004"), "小区E004不在任何打捆中"),
        ("force", ("E000",), ("E999",), "E999不在任何打捆中"),
        ("leave_out", ("E004",), ("E003", "E004"), "小区E003在B002"),
        ("forbid_pair", ("E000", "E002"), ("E000", "E001"), "小区E000是B001的中心小区，另一个是成员"),
    ],
)
def test_wish_is_kept_or_told_as_broken(kind: str, kept: tuple[str, ...], asked: tuple[str, ...], problem: str) -> None:
    assert broken(replace(plan(), wishes=(wish(kind, *kept),)), estates()) == {}  # type: ignore[arg-type]
    found = broken(replace(plan(), wishes=(wish(kind, *asked),)), estates())["wishes_kept"]  # type: ignore[arg-type]
    assert len(found) == 1
    assert found[0].startswith(f"W-{kind}: 人工要求“")
    assert found[0].endswith(f"”未满足：{problem}")


def test_two_members_that_are_no_neighbours_may_share_a_third_as_medoid() -> None:
    places = make_estates([{**SMALL, "xy": (x, 0)} for x in (0, 200, 400)])
    one = hand_plan(places, [(("E000", "E001", "E002"), "E001")], LIMIT, wishes=[wish("forbid_pair", "E000", "E002")])
    assert broken(one, places) == {}


def far() -> tuple[pd.DataFrame, BundlePlan]:
    """A bundle of two 600 m apart (780 m of walk), made by hand."""
    places = make_estates([{**SMALL, "xy": (x, 0), "consent": "yes"} for x in (0, 600)])
    return places, hand_plan(places, [(("E000", "E001"), "E000")], LIMIT)


def test_bundle_made_by_hand_may_break_a_limit_with_a_reason_only() -> None:
    places, made = far()
    message = "小区E001距中心小区780米，超过500米"
    assert broken(made, places) == {"within_radius": [f"B001: {message}"]}
    assert excused(made, places) == ()
    silent = fixed(made)
    assert broken(silent, places) == {"within_radius": [f"B001: {message}；人工调整，但没有写明理由"]}
    assert excused(silent, places) == ()
    blank = fixed(made, reason="  ")
    assert list(broken(blank, places)) == ["within_radius"]
    told = fixed(made, reason="同属一个单位宿舍")
    assert broken(told, places) == {}
    (one,) = excused(told, places)
    assert (one.bundle_id, one.rule, one.title) == ("B001", "within_radius", "到中心小区的步行距离")
    assert (one.message, one.reason) == (message, "同属一个单位宿舍")


def test_figures_of_a_far_bundle_made_by_hand_are_measured_to_the_end() -> None:
    places = make_estates([{**SMALL, "xy": (x, 0), "consent": "yes"} for x in (0, 9000)])
    road = LineString([at(-50, 10), at(9050, 10)])
    ways = make_ways([{"road_class": "residential", "geometry": road}])
    made = fixed(hand_plan(places, [(("E000", "E001"), "E000")], LIMIT), reason="同属一个单位宿舍")
    told = replace(with_bundle(made, 0, distances_m=(0.0, 9020.0), diameter_m=9020.0), straight_line=False)
    assert broken(told, places, ways=ways).keys() == {"totals_add_up"}  # the street's sum is that of the straight line
    assert {one.rule for one in excused(told, places, ways)} == {"within_radius", "within_diameter"}
    short = with_bundle(told, 0, distances_m=(0.0, 8820.0), diameter_m=8820.0)
    assert len(broken(short, places, ways=ways)["walks_as_stated"]) == 2


def test_reason_excuses_no_other_bundle_and_no_untruth() -> None:
    places = make_estates([{**SMALL, "xy": (x, 0)} for x in (0, 600, 3000, 3600)])
    both = hand_plan(places, [(("E000", "E001"), "E000"), (("E002", "E003"), "E002")], LIMIT)
    one = fixed(both, 0, "同属一个单位宿舍")
    assert broken(one, places) == {"within_radius": ["B002: 小区E003距中心小区780米，超过500米"]}
    wrong = with_bundle(one, 0, households=119)
    assert "figures_are_the_registers" in broken(wrong, places)
    short = with_bundle(one, 0, distances_m=(0.0, 500.0))
    assert broken(short, places)["walks_as_stated"] == ["B001: 小区E001距中心小区780米，方案写的是500米"]
    narrow = with_bundle(one, 0, diameter_m=500.0)
    assert broken(narrow, places)["walks_as_stated"] == ["B001: 成员间最远780米，方案写的是500米"]


def test_bundle_made_by_hand_is_one_that_somebody_fixed() -> None:
    places, made = far()
    told = fixed(made, reason="同属一个单位宿舍")
    unasked = replace(told, wishes=())
    assert broken(unasked, places)["made_by_hand_was_wished"] == ["B001: 标为人工调整，但没有对应的人工要求"]
    other = with_bundle(told, reason="别的理由")
    assert broken(other, places)["made_by_hand_was_wished"] == ["B001: 人工调整的理由与人工要求中写的不一致"]
    hidden = with_bundle(told, by_hand=False)
    assert broken(hidden, places)["made_by_hand_was_wished"] == ["B001: 写有人工调整的理由，但未标为人工调整"]
    undone = replace(told, bundles=())
    found = broken(undone, places)["wishes_kept"]
    assert (
        found == ["W-fix: 人工要求“小区E000、小区E001：固定为一个服务单元”未满足：没有恰好由这些小区组成的打捆"]
        or "没有恰好" in found[0]
    )


def test_grid_divided_by_hand_is_an_exception_of_that_bundle() -> None:
    places = make_estates(
        [{**SMALL, "xy": (x, 0), "grid_id": g} for x, g in ((0, "G1"), (200, "G2"), (400, "G1"), (600, "G3"))]
    )
    limits = make_settings(keep_grids=True)
    both = hand_plan(places, [(("E000", "E001"), "E000"), (("E002", "E003"), "E002")], limits)
    assert broken(both, places) == {"grids_undivided": ["B001: 网格G1被拆分到B001、B002"]}
    by_hand = fixed(both, 1, "业主要求")
    assert broken(by_hand, places) == {}
    assert [(one.bundle_id, one.rule) for one in excused(by_hand, places)] == [("B002", "grids_undivided")]


# ------------------------------------------------------------------------------------------------------------- sums


def unit(change: Callable[[object], object]) -> Callable[[BundlePlan], BundlePlan]:
    return lambda p: replace(p, units=tuple(change(one) for one in p.units))


def near(given_up: int, whole: int | None = None) -> Callable[[BundlePlan], BundlePlan]:
    """A plan in mode near that says it gave up so many of its 240 households more."""
    n = given_up if whole is None else whole

    def change(p: BundlePlan) -> BundlePlan:
        units = tuple(replace(one, given_up=given_up, bound=240 + given_up) for one in p.units)
        return replace(p, units=units, given_up=n, bound=240 + given_up)

    return change


@pytest.mark.parametrize(
    ("change", "rule", "message"),
    [
        (lambda p: replace(p, households_covered=250), "totals_add_up", "plan: 各捆合计240户，方案写的是250户"),
        (lambda p: replace(p, bound=239), "bounds_hold", "plan: 上限239户与覆盖240户不符"),
        (lambda p: replace(p, bound=300), "bounds_hold", "plan: 上限300户与覆盖240户不符"),
        (lambda p: replace(p, bound=300), "totals_add_up", "plan: 各牵头单位上限合计240户，方案写的是300户"),
        (
            unit(lambda u: replace(u, households=239)),
            "totals_add_up",
            f"{S1}: {S1}的打捆合计2个240户，方案写的是2个239户",
        ),
        (unit(lambda u: replace(u, n_bundles=3)), "totals_add_up", f"{S1}: {S1}的打捆合计2个240户，方案写的是3个240户"),
        (unit(lambda u: replace(u, metres=500.0)), "totals_add_up", f"{S1}: 步行合计520米，方案写的是500米"),
        (
            unit(lambda u: replace(u, unit_id="S9", n_bundles=0, households=0, metres=0.0)),
            "totals_add_up",
            f"plan: {S1}有打捆，但没有列出",
        ),
        (lambda p: replace(p, units=()), "totals_add_up", "plan: 没有逐个列出牵头单位的覆盖和上限"),
        (lambda p: replace(p, units=p.units * 2), "totals_add_up", "plan: 同一牵头单位列了两次"),
        (unit(lambda u: replace(u, bound=239)), "bounds_hold", f"{S1}: 上限239户与覆盖240户不符"),
        (unit(lambda u: replace(u, bound=241)), "bounds_hold", "plan: 写明已证明最优，但有牵头单位尚未证明"),
        (near(1, whole=2), "totals_add_up", "plan: 各牵头单位为缩短距离让出的户数合计1户，方案写的是2户"),
        (near(1), "little_given_up", f"{S1}: 为缩短距离让出1户，超过241户的0.0%"),
        (near(-1), "little_given_up", "plan: 让出的户数为负"),
    ],
)
def test_sum_or_proof_that_does_not_hold_is_found(
    change: Callable[[BundlePlan], BundlePlan], rule: str, message: str
) -> None:
    assert broken(plan(), estates()) == {}
    assert message in broken(change(plan()), estates())[rule]


def test_near_mode_may_give_up_its_share_of_a_streets_households_and_no_more() -> None:
    limits = replace(LIMIT, mode="near", near_share=0.01)
    assert broken(near(2)(plan()), estates(), limits) == {}
    found = broken(near(3)(plan()), estates(), limits)
    assert found == {"little_given_up": [f"{S1}: 为缩短距离让出3户，超过243户的1.0%"]}
    by_hand = replace(near(3)(plan()), wishes=(wish("apart", "E000", "E002"),))
    assert broken(by_hand, estates(), limits) == {}  # 3 of 300 households in the street


def test_unproven_plan_may_leave_room_below_its_bound() -> None:
    p = replace(plan(), proven=False, bound=300, units=tuple(replace(u, bound=300) for u in plan().units))
    assert broken(p, estates()) == {}


def test_every_rule_has_its_words_and_one_place() -> None:
    names = [rule.__name__ for rule in HARD_RULES]
    assert sorted(names) == sorted(RULE_WORDS)
    assert len(set(names)) == len(names)
    assert not set(LIMITS) & set(TRUTHS)
    assert all(rule.__doc__ for rule in HARD_RULES)
