"""Wishes of planners: what they may say, which clash, and what the hands on the page make of them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from planning.bundles.types import Wish
from planning.bundles.wishes import hands
from planning.bundles.wishes.conflicts import contradict, smallest
from planning.bundles.wishes.read import still_meant
from tests.planning.bundle_hands_cases import (
    BY,
    RIVER,
    SMALL,
    WHY,
    broken,
    groups,
    home,
    ready,
    revised,
    row_of_estates,
    solved,
    wish,
)
from tests.strategies import make_estates, make_settings

# ------------------------------------------------------------------------------------------------------- kept wishes


def test_together_and_apart_are_kept() -> None:
    prepared = ready(row_of_estates(8))
    plan = solved(prepared, [wish("together", "E000", "E003"), wish("apart", "E004", "E005", number=2)])
    assert home(plan, "E000") == home(plan, "E003") is not None
    assert home(plan, "E004") != home(plan, "E005")
    assert plan.proven and plan.households_covered == 480


def test_left_out_is_fallback_with_the_planners_reason() -> None:
    prepared = ready(row_of_estates(6))
    plan = solved(prepared, [wish("leave_out", "E002", reason="业主正在自治")])
    (left,) = [one for one in plan.fallback if one.estate_id == "E002"]
    assert left.kind == "left_out" and "业主正在自治" in left.reason
    assert plan.households_covered == plan.bound == 300


def test_forbidden_pair_may_meet_only_round_a_third() -> None:
    prepared = ready(row_of_estates(2), make_settings(max_households=130))
    assert groups(solved(prepared)) == {frozenset({"E000", "E001"})}
    assert groups(solved(prepared, [wish("forbid_pair", "E000", "E001")])) == set()
    three = ready(row_of_estates(3))
    plan = solved(three, [wish("forbid_pair", "E000", "E001")])
    assert plan.households_covered == 180 and plan.bundles[0].medoid == "E002"


def test_forced_estate_displaces_more_households() -> None:
    estates = make_estates(
        [
            {**SMALL, "xy": (0, 0), "households": 60},
            {**SMALL, "xy": (400, 0), "households": 50},
            {**SMALL, "xy": (800, 0), "households": 90},
        ]
    )
    prepared = ready(estates, make_settings(radius_m=600.0, max_diameter_m=700.0))
    assert groups(solved(prepared)) == {frozenset({"E001", "E002"})}
    plan = solved(prepared, [wish("force", "E000")])
    assert groups(plan) == {frozenset({"E000", "E001"})}
    assert plan.proven and plan.households_covered == 110


def test_fixed_bundle_stays_whatever_the_rules_and_needs_a_reason() -> None:
    prepared = ready(row_of_estates(8), ways=RIVER)  # between E006 and E007
    across = wish("fix", "E006", "E007")
    with pytest.raises(InputError, match=r"没有写理由.*阻隔") as told:
        solved(prepared, [across])
    assert all(prepared.names[one] in str(told.value) for one in across.estates), "a bundle is named by its members"
    assert not re.search(r"B\d{3}", str(told.value)), "no code names reach a planner"
    plan = solved(prepared, [wish("fix", "E006", "E007", reason="有人行桥")])
    (one,) = [one for one in plan.bundles if one.by_hand]
    assert one.members == ("E006", "E007") and one.reason == "有人行桥"
    assert one.households == 120 and one.distances_m.count(0.0) == 1
    assert plan.households_covered == 480


def test_large_and_refused_estates_can_be_fixed_only_with_a_reason() -> None:
    rows = [{**SMALL, "xy": (k * 100, 0)} for k in range(3)]
    rows[1] |= {"consent": "no"}
    rows[2] |= {"households": 250, "floor_area_m2": 30_000.0}
    prepared = ready(make_estates(rows), make_settings(max_households=400))
    for members, word in ((("E000", "E001"), "业主不同意"), (("E000", "E002"), "单独招标")):
        with pytest.raises(InputError, match=word):
            solved(prepared, [wish("fix", *members)])
        plan = solved(prepared, [wish("fix", *members, reason="已补签")])
        assert groups(plan) == {frozenset(members)}
        assert "E002" not in {one.estate_id for one in plan.alone} or "E002" not in members


def test_a_fixed_bundle_keeps_its_grids_unless_a_reason_says_otherwise() -> None:
    rows = [{**SMALL, "xy": (k * 100, 0), "grid_id": "G1" if k < 4 else None} for k in range(6)]
    prepared = ready(make_estates(rows), make_settings(keep_grids=True))
    plan = solved(prepared, [wish("fix", "E000", "E001")])
    assert home(plan, "E002") is home(plan, "E003") is None
    assert "网格" in next(one.reason for one in plan.fallback if one.estate_id == "E002")
    plan = solved(prepared, [wish("fix", "E000", "E001", reason="按楼栋分")])
    assert plan.households_covered == 360


# ----------------------------------------------------------------------------------------------------- meaningless


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (wish("together", "E000", "X9"), "没有编号为“X9”"),
        (wish("force", "E006"), "业主不同意"),
        (wish("fix", "E000", "E007"), "户数"),
        (wish("together", "E000", "E008"), "已有物业服务"),
        (wish("apart", "E000", "E009"), "单独招标"),
        (wish("leave_out", "E008"), "已有物业服务"),
    ],
)
def test_wish_about_estates_that_cannot_be_meant_is_refused(one: Wish, word: str) -> None:
    rows: list[dict[str, object]] = [{**SMALL, "xy": (k * 100, 0)} for k in range(10)]
    rows[6] |= {"consent": "no"}
    rows[7] |= {"households": None}
    rows[8] |= {"service_form": 1}
    rows[9] |= {"households": 250, "floor_area_m2": 30_000.0}
    prepared = ready(make_estates(rows))
    with pytest.raises(InputError, match=word):
        solved(prepared, [one])
    assert still_meant(prepared, [one, wish("leave_out", "E001", number=2)])[0] == (
        wish("leave_out", "E001", number=2),
    )


def test_all_meaningless_wishes_are_told_at_once() -> None:
    prepared = ready(row_of_estates(4))
    with pytest.raises(InputError) as told:
        solved(prepared, [wish("force", "X1"), wish("leave_out", "X2", number=2)])
    assert len(told.value.faults) == 2


def test_a_new_solve_puts_aside_only_the_wishes_that_the_data_no_longer_bear() -> None:
    estates = row_of_estates(6)
    wishes = (wish("leave_out", "E001"), wish("together", "E003", "E004", number=2))
    plan = solved(ready(estates), wishes)
    estates.loc["E001", "service_form"] = 1
    again = solved(ready(estates), plan.wishes, before=plan)
    assert again.wishes == wishes[1:]
    assert any("不再适用" in note and "小区E001" in note for note in again.notes)


# --------------------------------------------------------------------------------------------------------- clashes


@pytest.mark.parametrize(
    "clashing",
    [
        [("together", "E000", "E001"), ("apart", "E000", "E001")],
        [("together", "E000", "E001"), ("together", "E001", "E002"), ("apart", "E000", "E002")],
        [("force", "E000"), ("leave_out", "E000")],
        [("fix", "E000", "E001"), ("fix", "E001", "E002")],
        [("fix", "E000", "E001"), ("together", "E001", "E002")],
        [("fix", "E000", "E001"), ("leave_out", "E001")],
        [("fix", "E000", "E001"), ("forbid_pair", "E000", "E001")],
        [("together", "E000", "E001"), ("force", "E000"), ("leave_out", "E001")],
    ],
)
def test_contradictions_are_named_and_no_others(clashing: list[tuple[str, ...]]) -> None:
    prepared = ready(row_of_estates(10))
    bad = [wish(*one, number=k) for k, one in enumerate(clashing, start=1)]
    fine = [wish("together", "E007", "E008", number=8), wish("leave_out", "E009", number=9)]
    with pytest.raises(InputError) as told:
        solved(prepared, [fine[0], *bad, fine[1]])
    text = str(told.value)
    assert all(f"[{one.wish_id}]" in text for one in bad)
    assert not any(f"[{one.wish_id}]" in text for one in fine)


def test_pins_that_the_rules_leave_no_room_for_are_named_and_no_others() -> None:
    estates = row_of_estates(6, gap_m=600.0)  # each reaches only its neighbours
    prepared = ready(estates, make_settings(radius_m=800.0, max_diameter_m=800.0))
    wishes = [
        wish("leave_out", "E001"),
        wish("force", "E000", number=2),
        wish("together", "E003", "E004", number=3),
    ]
    with pytest.raises(InputError, match="不能同时满足") as told:
        solved(prepared, wishes)
    assert "[W001]" in str(told.value) and "[W002]" in str(told.value) and "[W003]" not in str(told.value)
    for gone in (0, 1):
        solved(prepared, [one for k, one in enumerate(wishes) if k != gone])
    with pytest.raises(InputError, match="做不到"):
        solved(ready(row_of_estates(1)), [wish("force", "E000")])


@st.composite
def _some_wishes(draw: st.DrawFn) -> list[Wish]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["together", "apart", "force", "leave_out", "fix", "forbid_pair"]))
        least, most = {"force": (1, 2), "leave_out": (1, 2), "forbid_pair": (2, 2)}.get(kind, (2, 3))
        names = draw(st.lists(st.sampled_from("abcde"), min_size=least, max_size=most, unique=True))
        found.append(wish(kind, *names, number=number))
    return found


def _possible(wishes: list[Wish]) -> bool:
    """Whether any assignment of five estates to bundles (0: none) keeps the wishes; by trying all.

    Estates to be together are, or are all out; yet that two be together and apart is never meant.
    """

    def assignments(k: int, used: int) -> list[tuple[int, ...]]:
        if k == 0:
            return [()]
        return [(*rest, label) for rest in assignments(k - 1, used) for label in range(max((*rest, 0)) + 2)]

    pairs = [set(one.estates) for one in wishes if one.kind in ("together", "fix")]
    company: list[set[str]] = []
    for one in pairs:
        joined = set(one)
        for other in [other for other in company if other & joined]:
            company.remove(other)
            joined |= other
        company.append(joined)
    for one in wishes:
        if one.kind == "apart" and any(len(set(one.estates) & group) > 1 for group in company):
            return False
    for labels in assignments(5, 0):
        where = dict(zip("abcde", labels, strict=True))

        def keeps(one: Wish, where: dict[str, int] = where) -> bool:
            homes = [where[estate] for estate in one.estates]
            if one.kind == "together":
                return len(set(homes)) == 1
            if one.kind == "apart":
                return all(a != b or a == 0 for a, b in combinations(homes, 2))
            if one.kind == "force":
                return 0 not in homes
            if one.kind == "leave_out":
                return set(homes) == {0}
            mates = {estate for estate, label in where.items() if label == homes[0]}
            if one.kind == "fix":
                return homes[0] != 0 and mates == set(one.estates)
            return homes[0] != homes[1] or homes[0] == 0 or len(mates) > 2

        if all(keeps(one) for one in wishes):
            return True
    return False


@given(wishes=_some_wishes())
@settings(max_examples=150, deadline=None)
def test_smallest_contradiction_is_one_and_nothing_smaller_is(wishes: list[Wish]) -> None:
    found = list(smallest(wishes, contradict))
    if _possible(wishes):
        assert not found
    if found:
        assert not _possible(found)
        for size in range(1, len(found)):
            assert not any(contradict(some) for some in combinations(wishes, size))
    else:
        assert _possible(wishes) or any(one.kind == "forbid_pair" for one in wishes)


# ----------------------------------------------------------------------------------------------------------- hands


def test_move_across_a_barrier_asks_for_a_reason_and_is_marked() -> None:
    """Story 9."""
    prepared = ready(row_of_estates(10), ways=RIVER)
    plan = solved(prepared)
    target = home(plan, "E008")
    assert target is not None and home(plan, "E005") != target
    found = revised(prepared, plan, hands.move(plan, ["E005"], target, BY))
    assert any(one.rule == "no_barrier_between" or one.rule == "within_radius" for one in found.broken)
    assert home(found.plan, "E005") == target
    assert next(one for one in found.plan.bundles if one.bundle_id == target).by_hand
    done = revised(prepared, plan, hands.move(plan, ["E005"], target, WHY))
    assert done.broken == () and broken(prepared, done.plan) == []
    assert any(one.estate_id == "E005" and one.after == target for one in done.difference.changed)


def test_moves_replace_the_fixed_bundles_that_they_touch() -> None:
    prepared = ready(row_of_estates(12))
    plan = solved(prepared)
    first, second, *_ = [one.bundle_id for one in plan.bundles]
    mover = next(one for one in plan.bundles if one.bundle_id == first).members[-1]
    plan = revised(prepared, plan, hands.fix(plan, first, BY)).plan
    plan = revised(prepared, plan, hands.fix(plan, second, BY)).plan
    assert len(plan.wishes) == 2
    moved = revised(prepared, plan, hands.move(plan, [mover], second, WHY)).plan
    assert sorted(one.kind for one in moved.wishes) == ["fix"] * len(moved.wishes)
    assert home(moved, mover) == second and len(moved.wishes) <= 2
    everything = [one.bundle_id for one in moved.bundles]
    whole = revised(prepared, moved, hands.merge(moved, everything, WHY)).plan
    assert len(whole.wishes) == 1 and len(whole.bundles) == 1
    pair = whole.bundles[0].members[:2]
    apart = hands.split(whole, whole.bundles[0].bundle_id, pair, WHY)
    assert groups(revised(prepared, whole, apart).plan) >= {frozenset(pair)}
    assert len(apart) == 2


def test_merging_two_anchors_bundles_keeps_the_first_anchor_and_counts_no_served_households() -> None:
    managed = {"households": 1000, "floor_area_m2": 90_000.0, "service_form": 1, "company": "甲物业"}
    small = {"households": 60, "floor_area_m2": 5000.0}
    places = make_estates([{**managed, "xy": (0, 0)}, {**managed, "xy": (900, 0)}, {**small, "xy": (100, 0)},
                           {**small, "xy": (800, 0)}])  # fmt: skip
    limits = make_settings(
        way="anchor", radius_m=300.0, max_diameter_m=300.0, anchor_min_households=500, anchor_share=0.2, max_estates=6
    )
    prepared = ready(places, limits)
    plan = solved(prepared)
    assert groups(plan) == {frozenset({"E000", "E002"}), frozenset({"E001", "E003"})}
    last, first = plan.bundles[1].bundle_id, plan.bundles[0].bundle_id
    by = replace(BY, reason="两家企业同意由一家接管")
    after = revised(prepared, plan, hands.merge(plan, [last, first], by)).plan
    (one,) = after.bundles
    assert (one.anchor, one.members) == (plan.bundles[1].anchor, ("E001", "E002", "E003"))
    assert one.households == after.households_covered == 120
    with pytest.raises(InputError, match="只能有一个"):
        revised(prepared, after, hands.move(after, ["E000"], one.bundle_id, by))


def test_out_and_force_take_each_others_place() -> None:
    prepared = ready(row_of_estates(6))
    plan = solved(prepared)
    out = revised(prepared, plan, hands.move(plan, ["E002"], hands.OUT, BY)).plan
    assert home(out, "E002") is None and [one.kind for one in out.wishes] == ["leave_out"]
    back = revised(prepared, out, hands.force(out, ["E002"], BY)).plan
    assert home(back, "E002") is not None and [one.kind for one in back.wishes] == ["force"]
    free = revised(prepared, back, hands.release(back, [back.wishes[0].wish_id])).plan
    assert free.wishes == () and free.households_covered == plan.households_covered


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda plan: hands.move(plan, ["E000"], "B999", BY), "B999"),
        (lambda plan: hands.move(plan, ["E000"], hands.NEW, BY), "至少要有两个"),
        (lambda plan: hands.move(plan, [], hands.OUT, BY), "没有选择"),
        (lambda plan: hands.move(plan, [plan.bundles[0].members[0]], plan.bundles[0].bundle_id, BY), "已经在"),
        (lambda plan: hands.merge(plan, [plan.bundles[0].bundle_id], BY), "至少要选两个"),
        (lambda plan: hands.split(plan, plan.bundles[0].bundle_id, plan.bundles[0].members, BY), "一部分"),
        (lambda plan: hands.forbid_pair(plan, ["E000"], BY), "两个小区"),
        (lambda plan: hands.pin(plan, ["E000"], BY), "至少要选两个"),
        (lambda plan: hands.release(plan, ["W009"]), "W009"),
    ],
)
def test_hands_that_make_no_sense_are_told(act: object, word: str) -> None:
    plan = solved(ready(row_of_estates(6)))
    with pytest.raises(InputError, match=word):
        act(plan)  # type: ignore[operator]
