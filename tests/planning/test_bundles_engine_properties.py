"""What must hold of the bundle engine whatever the estates are, and what it says when it may not finish."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from planning.bundles.engine import exact, model
from planning.bundles.engine.exact import Search, Solved
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.moves import COVERING
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import greedy, improve, resume, search, shorten
from tests.planning.bundle_truth import RULES, Case, Truth, random_case, solved, wish

QUIET = tuple(rule for rule in RULES if rule not in ("radius", "narrow_households", "few_members"))


def cases(number: int, *rules: str, n: int | None = None) -> list[Case]:
    found = [random_case(np.random.default_rng((number, seed)), rules, n) for seed in range(number)]
    assert sum(len(case.parts()) for case in found) >= number // 2, "hardly anything to try"
    return found


def of_part(part: Part, result: Solved) -> set[frozenset[str]]:
    return {frozenset(part.ids[row] for row in bits(mask)) for mask in result.masks}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("radius_m", (100.0, 200.0, 300.0, 500.0)),
        ("max_diameter_m", (150.0, 250.0, 400.0, 900.0)),
        ("max_households", (110, 130, 200, 400)),
        ("max_estates", (2, 3, 4, 12)),
        ("fee_window_yuan_m2", (0.0, 0.3, 0.6, 2.0)),
    ],
)
@pytest.mark.parametrize("compact", ["medoid", "chain", "both"])
def test_a_wider_limit_never_covers_less(name: str, values: tuple[float, ...], compact: str) -> None:
    for case in cases(6, "fee", "money_and_households" if compact == "both" else "grids", n=11):
        limits = [replace(case.settings, compact=compact, neighbour_m=190.0, **{name: value}) for value in values]  # type: ignore[arg-type]
        best = [solved(replace(case, settings=one)).best for one in limits]
        assert all(a[0] <= b[0] for a, b in pairwise(one for one in best if one is not None)), best


def test_what_is_covered_does_not_hang_on_the_ids() -> None:
    for case in cases(12, "grids", "fee", "few_members", n=12):
        ids = [f"Z{k:02d}" for k in np.random.default_rng(4).permutation(12)]
        renamed = replace(case, frame=case.frame.set_axis(pd.Index(ids, name="estate_id")).sort_index())
        assert solved(case).best == solved(renamed).best


def test_same_seed_same_bundles() -> None:
    for case in cases(10, "money", n=12):
        for part in case.parts():
            runs = [Search().run(part, search(part, seed=3), seed=3, seconds=30.0) for _ in range(2)]
            assert runs[0] == runs[1]


@pytest.mark.parametrize("rule", ["none", "chain", "anchor", "money", "grids", "together", "force"])
def test_without_time_the_answer_of_local_search_is_valid_and_its_bound_honest(rule: str) -> None:
    for case in cases(8, rule, n=11):
        truth = Truth(case)
        best = truth.best()
        bundles: set[frozenset[str]] = set()
        bound = 0
        for part in case.parts():
            start = search(part, seed=1)
            result = Search().run(part, start, seed=1, seconds=0.0)
            assert result.masks == start.masks()
            assert result.feasible, "not proven, so not said"
            bundles |= of_part(part, result)
            bound += result.bound
        truth.check(bundles)
        assert best is None or best[0] <= bound


@pytest.mark.parametrize("rule", RULES)
def test_what_is_solved_piece_by_piece_keeps_every_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MAX_PAIRS", 10)
    monkeypatch.setattr(exact, "_LEAST_PIECE", 3)
    for case in cases(5, rule, "few_members", n=12):
        truth = Truth(case)
        best = truth.best()
        bundles: set[frozenset[str]] = set()
        bound, missing = 0, False
        for part in case.parts():
            start = greedy(part)
            result = Search().run(part, start, seed=1, seconds=30.0)
            assert not start.score.beats(Partition.of(part, result.masks).score)
            bundles |= of_part(part, result)
            bound += result.bound
            missing |= not result.forced_in
        truth.check(bundles)
        assert best is None or best[0] <= bound
        assert best is not None or missing


def test_stopped_search_gives_back_its_hint() -> None:
    for case in cases(3, "few_members", n=12):
        for part in case.parts():
            one = Search()
            one.stop()
            start = greedy(part)
            assert one.run(part, start, seed=1, seconds=30.0).masks == start.masks()


def test_no_estates_one_estate_and_estates_that_nobody_lives_in() -> None:
    for n, best in ((0, (0, 0)), (1, (0, 0))):
        assert solved(cases(1, n=n)[0]).best == best
    case = cases(1, n=6)[0]
    empty = replace(case, frame=case.frame.assign(households=0, x=0.0, y=0.0))
    assert solved(empty).best == (0, 0)
    paid = replace(
        empty.settings, viability="money", costs=random_case(np.random.default_rng(1), ["money"]).settings.costs
    )
    # Nobody lives there, but the shops pay: all six together are worth a bundle.
    assert solved(
        replace(empty, frame=empty.frame.assign(margin_yuan=50), settings=replace(paid, max_estates=12))
    ).best == (
        0,
        6,
    )


def test_identical_points_are_told_apart_by_id() -> None:
    case = cases(1, "one_spot", n=12)[0]
    same = replace(case, frame=case.frame.assign(x=0.0, y=0.0, households=30))
    answer = solved(same)
    assert answer.best == (360, 12)
    assert solved(same) == answer


def test_a_forced_estate_without_neighbours_is_said_to_be_impossible() -> None:
    case = cases(1, n=5)[0]
    far = case.frame.copy()
    far.loc["E99"] = far.iloc[0]
    far.loc["E99", "x"] = 9000.0
    forced = replace(case, frame=far, wishes=(wish("force", "E99"),))
    (alone,) = [part for part in forced.parts() if "E99" in part.ids]
    assert alone.ids == ("E99",)
    result = Search().run(alone, greedy(alone), seed=1, seconds=30.0)
    assert (result.feasible, result.forced_in, result.proven) == (False, False, False)


def test_one_row_more_may_be_forced_into_a_part() -> None:
    tried = 0
    for case in cases(12, "few_members", n=12):
        for part in case.parts():
            start = search(part, seed=1)
            best = Search().run(part, start, seed=1, seconds=30.0)
            covered = sum(best.masks)
            for row in bits(part.everything & ~covered):
                forced = Search().run(part, start, seed=1, seconds=30.0, forced=row)
                asked = replace(case, wishes=(wish("force", part.ids[row]),))
                truth = Truth(asked).best()
                assert forced.feasible == (truth is not None)
                if truth is not None:
                    assert any(mask >> row & 1 for mask in forced.masks)
                    assert forced.proven
                    assert forced.households <= best.households
                    tried += 1
    assert tried > 5


def test_a_known_bound_that_is_reached_ends_the_work() -> None:
    for case in cases(10, "few_members", "grids", n=12):
        for part in case.parts():
            best = Search().run(part, search(part, seed=1), seed=1, seconds=30.0)
            again = Search().run(part, greedy(part), seed=1, seconds=30.0, upper=best.households)
            assert (again.households, again.bound) == (best.households, best.households)
            held = Partition.of(part, best.masks)
            assert Search().run(part, held, seed=1, seconds=30.0, upper=best.households).masks == best.masks


def test_groups_that_are_to_stay_stay_when_that_costs_nothing() -> None:
    for case in cases(10, "few_members", n=12):
        for part in case.parts():
            old = Partition.of(part, Search().run(part, search(part, seed=1), seed=1, seconds=30.0).masks)
            again = Search().run(part, greedy(part), seed=5, seconds=30.0, keep=old)
            assert again.households == old.score.households
            assert set(again.masks) == set(old.masks())


@pytest.mark.parametrize("rule", ["none", *QUIET])
def test_no_move_of_local_search_breaks_a_rule_or_makes_it_worse(rule: str) -> None:
    for case in cases(4, rule, "few_members"):
        truth = Truth(case)
        for part in case.parts():
            partition = greedy(part)
            for act in (*COVERING, improve, shorten):
                before = partition.score
                for row in range(len(part.ids)) if act in COVERING else (None,):
                    if row is None:
                        act(partition)  # type: ignore[call-arg]
                    elif row not in partition.home and not part.anchors >> row & 1:
                        act(partition, row)  # type: ignore[arg-type, call-arg]
                assert not before.beats(partition.score)
                truth.check({frozenset(part.ids[row] for row in bits(mask)) for mask in partition.masks()})
            again = resume(part, partition.masks(), seed=1)
            assert not partition.score.beats(again.score)
            assert Partition.of(part, again.masks()).score == again.score


def test_groups_that_no_longer_keep_the_rules_are_not_taken_up_again() -> None:
    for case in cases(8, "few_members", n=12):
        tight = replace(case, wishes=(wish("apart", *case.frame.index[:4]),))
        old = {part.ids: search(part, seed=1).masks() for part in case.parts()}
        for part in tight.parts():
            masks = tuple(mask for masks in old.values() for mask in masks if mask <= part.everything)
            Truth(tight).check(
                {frozenset(part.ids[row] for row in bits(mask)) for mask in resume(part, masks, seed=1).masks()}
            )


def test_a_group_that_breaks_a_rule_is_refused() -> None:
    case = next(one for one in cases(20, n=12) if any(search(part, seed=1).groups for part in one.parts()))
    part = next(part for part in case.parts() if search(part, seed=1).groups)
    mask = search(part, seed=1).masks()[0]
    with pytest.raises(ValueError, match="no bundle"):
        Partition.of(part, (mask & -mask,))
    with pytest.raises(ValueError, match="no bundle"):
        Partition.of(part, (mask, mask))
