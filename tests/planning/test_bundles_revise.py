"""Plans revised by hand: only what a wish touches changes, as little as possible, and never against the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles.engine.components import parts
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared
from planning.bundles.revision.difference import Difference, difference
from planning.bundles.revision.explain_again import explain_again
from planning.bundles.revision.keep import solve_again
from planning.bundles.revision.revise import revise
from planning.bundles.types import BundlePlan, Wish
from planning.bundles.wishes import hands
from planning.documents import dump, parse
from tests.planning.bundle_hands_cases import (
    BY,
    WHY,
    broken,
    groups,
    home,
    ready,
    revised,
    row_of_estates,
    solved,
)
from tests.strategies import make_estates, make_settings


def two_clusters() -> pd.DataFrame:
    """Eight estates here, eight 5 km away, in one street."""
    rows = [
        {"xy": (5000 * side + 90 * k, 60 * (k % 3)), "households": 40 + 5 * k, "floor_area_m2": 5000.0}
        for side in (0, 1)
        for k in range(8)
    ]
    return make_estates(rows)


def test_a_plan_solved_anew_keeps_the_numbers_of_equal_bundles_and_fills_the_gaps() -> None:
    prepared = ready(row_of_estates(8, gap_m=60.0))
    first = solved(prepared)
    assert len(first.bundles) == 4
    numbers = (7, 2, 9, 5)
    old = [replace(one, bundle_id=f"B{n:03d}") for n, one in zip(numbers, first.bundles, strict=True)]
    again = solved(prepared, before=replace(first, bundles=tuple(old[1:]), last_number=9))
    assert sorted(one.bundle_id for one in again.bundles) == ["B001", "B002", "B005", "B009"]
    assert again.last_number == 9


def test_only_the_touched_region_is_solved_again_and_ids_stay() -> None:
    prepared = ready(two_clusters())
    plan = solved(prepared)
    found = revised(prepared, plan, hands.leave_out(plan, ["E001"], BY))
    assert found.n_solved == 7
    far = [one for one in plan.bundles if one.members[0] >= "E008"]
    assert far and [one for one in found.plan.bundles if one.members[0] >= "E008"] == far
    assert [one for one in found.plan.fallback if one.estate_id >= "E008"] == [
        one for one in plan.fallback if one.estate_id >= "E008"
    ]
    same = groups(plan) & groups(found.plan)
    ids = {frozenset(one.members): one.bundle_id for one in (*plan.bundles, *found.plan.bundles)}
    assert all(next(o.bundle_id for o in plan.bundles if frozenset(o.members) == one) == ids[one] for one in same)


def test_number_of_an_ended_bundle_never_comes_back() -> None:
    prepared = ready(row_of_estates(12))
    plan = solved(prepared)
    last = plan.bundles[-1].bundle_id
    out = revised(prepared, plan, hands.leave_out(plan, plan.bundles[-1].members, BY)).plan
    assert last not in {one.bundle_id for one in out.bundles}
    back = revised(prepared, out, hands.release(out, [one.wish_id for one in out.wishes])).plan
    fresh = {one.bundle_id for one in back.bundles} - {one.bundle_id for one in out.bundles}
    assert last not in fresh and back.last_number >= plan.last_number


def test_an_unchanged_fix_changes_nothing_else() -> None:
    prepared = ready(row_of_estates(12))
    plan = solved(prepared)
    found = revised(prepared, plan, hands.fix(plan, plan.bundles[1].bundle_id, BY))
    assert found.broken == () and groups(found.plan) == groups(plan)
    assert found.difference.changed == () and found.plan.proven
    assert [one.bundle_id for one in found.plan.bundles] == [one.bundle_id for one in plan.bundles]


def test_few_estates_change_where_many_plans_are_as_good() -> None:
    """Twelve equal estates in pairs or more: parting one pair need not move the others."""
    prepared = ready(row_of_estates(12))
    plan = solved(prepared)
    a, b = plan.bundles[0].members[:2]
    found = revised(prepared, plan, hands.keep_apart(plan, [a, b], BY))
    assert found.plan.households_covered == 720 and found.plan.proven
    assert len(found.difference.changed) <= 2


def test_difference_is_after_minus_before() -> None:
    prepared = ready(row_of_estates(6))
    plan = solved(prepared)
    found = revised(prepared, plan, hands.leave_out(plan, ["E000"], BY)).difference
    assert found.households == -60
    (out,) = [one for one in found.changed if one.estate_id == "E000"]
    assert (out.before, out.after) == (home(plan, "E000"), "fallback")
    nothing = difference(plan, plan)
    assert nothing == Difference(0, 0.0, None if plan.bundles else 0, 0, (), (), (), (), ())
    assert nothing.nothing


def test_a_plan_of_other_rules_is_not_revised() -> None:
    prepared = ready(row_of_estates(6))
    plan = solved(ready(row_of_estates(6), make_settings(radius_m=400.0)))
    with pytest.raises(InputError, match="重新求解"):
        revise(prepared, plan, (), seed=1)


def test_impossible_wish_leaves_the_plan_as_it_is() -> None:
    prepared = ready(row_of_estates(3, gap_m=2000.0))
    plan = solved(prepared)
    before = dump(plan)
    with pytest.raises(InputError, match="W001"):
        revise(prepared, plan, hands.force(plan, ["E001"], BY), seed=1)
    assert dump(plan) == before


def test_no_time_gives_a_valid_plan_that_claims_nothing() -> None:
    prepared = ready(two_clusters(), make_settings(min_households=170, max_households=190))
    plan = solve(prepared, seed=1, seconds=0.0, progress=SILENT)
    assert broken(prepared, plan) == []
    found = revise(prepared, plan, hands.leave_out(plan, ["E003"], BY), seed=1, seconds=0.0)
    assert broken(prepared, found.plan) == []
    full = solved(prepared, found.plan.wishes)
    assert found.plan.households_covered <= full.households_covered <= found.plan.bound


def test_reasons_are_told_anew_when_asked_for() -> None:
    prepared = ready(row_of_estates(9))
    plan = solved(prepared)
    found = revised(prepared, plan, hands.leave_out(plan, ["E004"], BY)).plan
    told = explain_again(prepared, found, [one.estate_id for one in found.fallback], seed=1, seconds=5.0)
    assert all(one.slacks and one.additions for one in told.bundles)
    assert groups(told) == groups(found) and broken(prepared, told) == []
    assert [one.binding for one in told.bundles] == [one.binding for one in found.bundles]


def test_near_mode_gives_up_no_more_than_its_share_after_hands() -> None:
    prepared = ready(two_clusters(), make_settings(mode="near", near_share=0.2, min_households=120))
    plan = solved(prepared)
    for estate in ("E002", "E010", "E012"):
        plan = revised(prepared, plan, hands.leave_out(plan, [estate], BY)).plan
        assert broken(prepared, plan) == []


# ------------------------------------------------------------------------------------------------------ properties


@st.composite
def _cities(draw: st.DrawFn) -> pd.DataFrame:
    rows = [
        {
            "xy": (draw(st.integers(0, 12)) * 100, draw(st.integers(0, 3)) * 100),
            "households": draw(st.sampled_from([20, 35, 40, 55, 60, 80, 95])),
            "floor_area_m2": 5000.0,
            "street_id": draw(st.sampled_from(["S1", "S1", "S2"])),
            "grid_id": draw(st.sampled_from([None, None, "G1", "G2"])),
            "consent": draw(st.sampled_from(["yes", "yes", "unknown", "no"])),
        }
        for _ in range(draw(st.integers(3, 14)))
    ]
    return make_estates(rows)


LIMITS = {
    "plain": make_settings(),
    "grids": make_settings(keep_grids=True),
    "chain": make_settings(compact="chain", neighbour_m=260.0),
    "narrow": make_settings(min_households=110, max_households=140, max_diameter_m=700.0),
}


def _some_hand(plan: BundlePlan, ids: Sequence[str], random: Random) -> tuple[Wish, ...]:
    """Something that a planner might do; it need not make sense."""
    pair = random.sample(list(ids), 2)
    bundles = [one.bundle_id for one in plan.bundles]
    some = random.choice(bundles) if bundles else hands.OUT
    choices = [
        lambda: hands.pin(plan, pair, BY),
        lambda: hands.keep_apart(plan, pair, BY),
        lambda: hands.forbid_pair(plan, pair, BY),
        lambda: hands.force(plan, pair[:1], BY),
        lambda: hands.leave_out(plan, pair[:1], BY),
        lambda: hands.move(plan, pair[:1], some, WHY),
        lambda: hands.move(plan, pair, hands.NEW, WHY),
        lambda: hands.fix(plan, some, BY),
        lambda: hands.merge(plan, random.sample(bundles, min(2, len(bundles))), WHY),
        lambda: hands.split(plan, some, hands.bundle_of(plan, some).members[:2], WHY),
        lambda: hands.release(plan, [random.choice(plan.wishes).wish_id] if plan.wishes else ["W000"]),
    ]
    return random.choice(choices)()


@pytest.mark.parametrize("rules", LIMITS)
@given(estates=_cities(), seed=st.integers(0, 10_000))
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_sequence_of_hands_keeps_the_rules_and_covers_as_much_as_a_full_solve(
    rules: str, estates: pd.DataFrame, seed: int
) -> None:
    random = Random(seed)
    prepared = ready(estates, LIMITS[rules])
    plan = solved(prepared)
    ids = sorted(estates.index)
    for _ in range(5):
        try:
            wishes = _some_hand(plan, ids, random)
            found = revised(prepared, plan, wishes)
        except InputError:
            continue
        assert found.plan.wishes == tuple(wishes) and found.plan.proven
        assert parse(BundlePlan, dump(found.plan)) == found.plan
        _same_outside(prepared, plan, found.plan)
        plan = found.plan
    try:
        full = solve(prepared, plan.wishes, seed=1, seconds=20, progress=SILENT)
    except InputError as error:
        assert "没有写理由" in str(error)  # a revision only asks for the reason, a solve insists on it
        return
    assert full.proven
    assert (plan.households_covered, plan.bound) == (full.households_covered, full.bound)


def _same_outside(prepared: Prepared, before: BundlePlan, after: BundlePlan) -> None:
    """Bundles in regions that no changed wish names are the very same."""
    differing = {(one.kind, one.estates) for one in before.wishes} ^ {(one.kind, one.estates) for one in after.wishes}
    named = {estate for _, estates in differing for estate in estates}
    together = [set(one.estates) for plan in (before, after) for one in plan.wishes if one.kind == "together"]
    while grown := {estate for one in together if one & named for estate in one} - named:
        named |= grown
    touched = {(block, region) for block, regions in prepared.regions_of(named).items() for region in regions}

    def outside(plan: BundlePlan) -> set[tuple[str, frozenset[str]]]:
        found = set()
        for one in plan.bundles:
            places = {prepared.place.get(member) for member in one.members}
            regions = {(p[0], int(prepared.blocks[p[0]].region[p[1]])) for p in places if p}
            if not one.by_hand and not regions & touched:
                found.add((one.bundle_id, frozenset(one.members)))
        return found

    if not together:
        assert outside(before) == outside(after)


def test_repair_of_a_part_reaches_what_is_known_to_be_the_most() -> None:
    """Sixty estates on a line, one pinned pair: the answer equals the bound, and few change."""
    rng = np.random.default_rng(3)
    rows = [
        {"xy": (70 * k, int(rng.integers(0, 80))), "households": int(rng.integers(30, 99)), "floor_area_m2": 5000.0}
        for k in range(60)
    ]
    prepared = ready(make_estates(rows))
    plan = solved(prepared)
    by = hands.By("李四", datetime(2027, 1, 1, tzinfo=UTC))
    for pair in (("E003", "E006"), ("E020", "E024"), ("E040", "E043")):
        found = revised(prepared, plan, hands.pin(plan, pair, by))
        assert found.plan.proven and home(found.plan, pair[0]) == home(found.plan, pair[1])
        assert len(found.difference.changed) <= 12
        plan = found.plan


def test_solving_a_part_again_without_any_old_group_is_a_plain_solve() -> None:
    prepared = ready(row_of_estates(7))
    (part,) = parts(prepared.blocks[0].pool)
    answer = solve_again(part, [], seed=1, seconds=5.0)
    assert answer.households == answer.bound == 420
