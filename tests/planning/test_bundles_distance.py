"""The distance stage against all possible answers on small parts, and what it may never do on larger ones."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.bundles.distance import shorten as distance
from planning.bundles.distance.balance import MORE_METRES, balance, spread
from planning.bundles.distance.shorten import Shortener, shorten_ways
from planning.bundles.distance.slack import Floor, skips
from planning.bundles.engine.corner import corner
from planning.bundles.engine.cover import Choices, cheapest
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Group, Partition
from planning.bundles.engine.search import greedy, search
from tests.planning.bundle_town import town_parts
from tests.planning.bundle_truth import RULES, random_case


def proven(part: Part) -> Partition | None:
    """The best coverage, whatever its ways; ``None`` where what is forced cannot be."""
    result = Search().run(part, search(part, seed=1), seed=1, seconds=30)
    return Partition.of(part, result.masks) if result.proven else None


def every_group(part: Part) -> list[Group]:
    asked = Partition(part)
    found = (asked.group_of(mask) for mask in range(1, 1 << len(part.ids)))
    return [group for group in found if group is not None]


def least_metres(part: Part, households: int, estates: int) -> float:
    """Fewest metres of all choices of bundles with at least so many households and estates, tried one by one."""
    groups: dict[int, list[tuple[Group, int]]] = {}
    for group in every_group(part):
        grids = group.mask
        for row in bits(group.mask):
            grids |= part.grids[row]
        groups.setdefault(group.mask & -group.mask, []).append((group, grids))

    @cache
    def least(left: int, in_bundles: int, missing: int, missing_estates: int) -> float:
        if not left:
            return 0.0 if missing <= 0 and missing_estates <= 0 and not part.forced & ~in_bundles else math.inf
        low = left & -left
        best = least(left & ~low, in_bundles, missing, missing_estates)
        for group, grids in groups.get(low, ()):
            if not group.mask & ~left:
                rest = least(
                    left & ~grids,
                    (in_bundles | group.mask) & part.forced,
                    max(0, missing - group.households),
                    max(0, missing_estates - group.estates),
                )
                best = min(best, group.metres + rest)
        return best

    return least(part.everything, 0, households, estates)


def small_parts(rule: str, n_seeds: int, n: int = 10) -> list[Part]:
    number = ("none", *RULES).index(rule)
    rngs = [np.random.default_rng((seed, number, 7)) for seed in range(n_seeds)]
    found = [part for rng in rngs for part in random_case(rng, (rule,), n=n).parts()]
    assert len(found) >= n_seeds // 2, "hardly anything to try"
    return found


# --------------------------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize("rule", ["none", *RULES])
def test_a_corner_lists_exactly_the_bundles_that_the_rules_permit(rule: str) -> None:
    for part in small_parts(rule, 8):
        listed = corner(part, sorted(set(part.blocks)), 1 << 14)
        assert listed is not None
        found = {listed.rows(int(mask)): k for k, mask in enumerate(listed.masks)}
        groups = every_group(part)
        assert sorted(found) == [group.mask for group in groups]
        for group in groups:
            assert listed.metres[found[group.mask]] == pytest.approx(group.metres)
            assert listed.weight[found[group.mask]] == group.households


@pytest.mark.parametrize("rule", ["none", "anchor", "chain", "money", "fee", "grids"])
def test_a_corner_of_joined_rows_lists_the_bundles_that_hold_both_or_none(rule: str) -> None:
    for part in small_parts(rule, 8):
        if len(part.ids) < 4:
            continue
        pair = part.blocks[1] | part.blocks[2]
        atoms = sorted({*(block for block in part.blocks if not block & pair), pair})
        listed = corner(part, atoms, 1 << 14)
        assert listed is not None
        whole = [group.mask for group in every_group(part) if group.mask & pair in (0, pair)]
        assert sorted(listed.rows(int(mask)) for mask in listed.masks) == whole


def test_a_corner_that_is_too_large_is_refused() -> None:
    (part, *_) = town_parts(60, seed=1)
    assert corner(part, part.blocks, 1000) is None


@pytest.mark.parametrize("rule", ["none", *RULES])
def test_small_parts_get_the_shortest_ways_there_are(rule: str) -> None:
    for part in small_parts(rule, 7):
        start = proven(part)
        if start is None:
            continue
        before = start.score
        found = shorten_ways(start, seed=1)
        assert start.score == before, "the start must stay as it is"
        assert found.score[:3] == before[:3]
        assert -found.score.metres == pytest.approx(least_metres(part, before.households, before.estates), abs=0.01)
        Partition.of(part, found.masks())


@pytest.mark.parametrize("rule", ["none", "anchor", "grids", "together", "chain", "force"])
def test_near_gets_the_shortest_ways_for_what_it_may_give_up(rule: str) -> None:
    tried = 0
    for part in small_parts(rule, 10, n=8):
        start = proven(part)
        if start is None or any(w == 0 and not part.anchors >> row & 1 for row, w in enumerate(part.weight)):
            continue
        may = start.score.households // 3
        found = shorten_ways(shorten_ways(start, seed=1), seed=1, floor=Floor.of(start, may))
        assert found.score.households >= start.score.households - may
        assert found.score.forced == start.score.forced
        assert -found.score.metres == pytest.approx(least_metres(part, start.score.households - may, 0), abs=0.01)
        tried += 1
    assert tried >= 5


def test_estates_without_households_are_not_given_up_for_shorter_ways() -> None:
    """They would cost no household."""
    for part in small_parts("zero_households", 20):
        start = proven(part)
        assert start is not None
        empty = sum(1 << row for row, weight in enumerate(part.weight) if not weight)
        found = shorten_ways(start, seed=1, floor=Floor.of(start, 20))
        assert (found.taken & empty).bit_count() >= (start.taken & empty).bit_count()


def test_corner_by_corner_is_nearly_always_the_best_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distance, "_WHOLE", 0)
    best = tried = 0
    for rule in ("none", *RULES):
        for part in small_parts(rule, 4):
            start = proven(part)
            if start is None:
                continue
            found = shorten_ways(start, seed=1)
            least = least_metres(part, start.score.households, start.score.estates)
            assert found.score[:3] == start.score[:3]
            assert -found.score.metres >= least - 0.01
            best += -found.score.metres <= least + 0.01
            tried += 1
    assert tried > 60
    assert best >= 0.97 * tried, f"{best} of {tried}"


# --------------------------------------------------------------------------------------------------------------- cover


@st.composite
def choices(draw: st.DrawFn) -> tuple[Choices, list[int]]:
    n = draw(st.integers(1, 7))
    optional = draw(st.sampled_from([0, 1, 1 << (n - 1), 3 & ((1 << n) - 1)])) if n > 1 else 0
    masks = draw(st.lists(st.integers(1, (1 << n) - 1), unique=True, max_size=25))
    masks = [mask for mask in masks if (mask & optional).bit_count() <= 1 and mask & ~optional]
    costs = [float(draw(st.integers(1, 60))) for _ in masks]
    mates = tuple((1 << bit) | ((1 << n - 1 - bit) if draw(st.booleans()) else 0) for bit in range(n))
    mates = tuple(m | sum(1 << k for k in range(n) if mates[k] >> bit & 1) for bit, m in enumerate(mates))
    required = ((1 << n) - 1) & ~optional
    skipped = sorted({0, *(mask & required for mask in draw(st.lists(st.integers(0, (1 << n) - 1), max_size=4)))})
    order = np.argsort(masks) if masks else np.empty(0, dtype=int)
    table = Choices(
        np.array(masks, dtype=np.int64)[order],
        np.array(costs)[order],
        n,
        optional,
        mates if draw(st.booleans()) else (),
    )
    return table, skipped


def best_cover(table: Choices, skipped: list[int]) -> float:
    required = ((1 << table.n) - 1) & ~table.optional
    pairs = [(int(mask), float(cost)) for mask, cost in zip(table.masks, table.costs, strict=True)]

    def best(rows: int, used: int, wanted: int) -> float:
        if not rows:
            return 0.0
        found = math.inf
        for mask, cost in pairs:
            inside = mask & ~table.optional
            if mask & used or inside & ~rows or not mask & (rows & -rows):
                continue
            if table.mates and any(table.mates[bit] & wanted & ~mask for bit in bits(inside)):
                continue
            found = min(found, cost + best(rows & ~inside, used | mask, wanted))
        return found

    return min(best(required & ~skip, 0, required & ~skip) for skip in skipped)


@given(choices())
@settings(max_examples=300, deadline=None)
def test_the_cheapest_cover_is_found(case: tuple[Choices, list[int]]) -> None:
    table, skipped = case
    least = best_cover(table, skipped)
    found = cheapest(table, skipped, 1000.0, 100_000)
    assert found.whole
    if least == math.inf:
        assert found.masks is None
        return
    assert found.masks is not None
    cost = dict(zip(table.masks.tolist(), table.costs.tolist(), strict=True))
    assert sum(cost[mask] for mask in found.masks) == least
    assert cheapest(table, skipped, least, 100_000).masks is None, "nothing is cheaper than the cheapest"


def test_what_may_be_left_out_never_takes_the_coverage_below_the_floor() -> None:
    (part, *_) = town_parts(40, seed=3)
    start = search(part, seed=1)
    held = sum(group.mask for group in list(start.groups.values())[:2])
    free = next((1 << row for row in bits(part.everything & ~start.taken)), 0)
    atoms = [1 << row for row in bits(held | free)]
    for give_up in (0, 60, 200):
        for skip in skips(start, atoms, held, free, Floor.of(start, give_up)):
            left_out = sum(atoms[k] for k in bits(skip))
            change = sum(part.weight[row] for row in bits(free & ~left_out))
            change -= sum(part.weight[row] for row in bits(held & left_out))
            assert change >= -give_up


# -------------------------------------------------------------------------------------------------------------- a town


@pytest.mark.parametrize(("n", "seed"), [(36, 1), (42, 2)])
def test_ways_get_shorter_and_the_coverage_stays(n: int, seed: int) -> None:
    for part in town_parts(n, seed=seed):
        start = proven(part)
        assert start is not None
        found = shorten_ways(start, seed=1)
        assert found.score[:3] == start.score[:3]
        assert found.score.metres >= start.score.metres
        again = Partition.of(part, found.masks())
        assert again.score == found.score
        assert shorten_ways(start, seed=1).masks() == found.masks(), "the same seed gives the same answer"
        assert shorten_ways(found, seed=2).score.metres >= found.score.metres


def test_no_exchange_of_two_bundles_is_left_that_helps() -> None:
    (part, *_) = town_parts(45, seed=5)
    found = shorten_ways(search(part, seed=1), seed=1)
    shortener = Shortener(found.copy(), Floor.of(found))
    shortener.descend(2)
    assert shortener.partition.masks() == found.masks()


def test_stopped_work_gives_what_it_has() -> None:
    (part, *_) = town_parts(45, seed=5)
    start = search(part, seed=1)
    full = shorten_ways(start, seed=1).score.metres
    metres = []
    for limit in (0, 1, 10, 60):
        asked = iter(range(10**9))
        found = shorten_ways(start, seed=1, stopped=lambda asked=asked, limit=limit: next(asked) >= limit)
        assert found.score[:3] == start.score[:3]
        Partition.of(part, found.masks())
        metres.append(found.score.metres)
    assert metres[0] == start.score.metres
    assert metres == sorted(metres)
    assert metres[-1] <= full


def test_no_effort_changes_nothing() -> None:
    (part, *_) = town_parts(40, seed=2)
    start = search(part, seed=1)
    assert shorten_ways(start, seed=1, effort=0.0).masks() == start.masks()


def test_bundles_of_many_members_are_shortened_too() -> None:
    """Two bundles of twenty members have far too many subsets: rows that clearly belong together stay together."""
    many = {"max_estates": 40, "min_households": 1300, "max_households": 4000, "max_diameter_m": 9e9}
    for part in town_parts(70, seed=4, fee_window_yuan_m2=9.0, **many):
        start = greedy(part)
        found = shorten_ways(start, seed=1, effort=0.3)
        assert found.score[:3] >= start.score[:3]
        assert -found.score.metres < 0.9 * -start.score.metres
        Partition.of(part, found.masks())


# ------------------------------------------------------------------------------------------------------------- balance


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_balanced_bundles_are_more_alike_for_little_more_way(seed: int) -> None:
    gained = 0.0
    for part in town_parts(40, seed=seed):
        start = proven(part)
        assert start is not None
        start = shorten_ways(start, seed=1, effort=0.2)
        found = balance(start)
        assert found.score[:3] == start.score[:3]
        assert len(found.groups) == len(start.groups)
        assert -found.score.metres <= -start.score.metres * (1 + MORE_METRES) + 0.01
        assert spread(found) <= spread(start)
        Partition.of(part, found.masks())
        gained += spread(start) - spread(found)
    assert gained > 0


def test_one_bundle_is_balanced() -> None:
    for part in small_parts("none", 5):
        start = proven(part)
        assert start is not None
        if len(start.groups) < 2:
            assert balance(start).masks() == start.masks()
