"""Coverage by whole bundles as columns: agrees with CP-SAT where that proves, and never claims too much."""

from __future__ import annotations

import numpy as np
import pytest

from planning.bundles.engine import columns
from planning.bundles.engine.columns import pack
from planning.bundles.engine.exact import Search
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import greedy, search
from tests.planning.bundle_town import town_parts
from tests.planning.bundle_truth import RULES, random_case


def minute() -> float:
    return 60.0


@pytest.mark.parametrize("rule", ["none", *RULES])
def test_all_bundles_as_columns_give_the_proven_coverage(rule: str) -> None:
    tried = 0
    for seed in range(5):
        rng = np.random.default_rng((seed, ("none", *RULES).index(rule), 11))
        for part in random_case(rng, (rule,), n=11).parts():
            solved = Search().run(part, search(part, seed=1), seed=1, seconds=30)
            if part.forced or not solved.proven:
                continue
            tried += 1
            found = pack(part, greedy(part), part.total, left_s=minute)
            score = Partition.of(part, found.masks).score
            assert found.bound == score.households == solved.households
            assert score.estates == Partition.of(part, solved.masks).score.estates
    assert tried > 1 or rule == "force"


def test_a_larger_part_is_bounded_honestly() -> None:
    for part in town_parts(26, seed=2):
        solved = Search().run(part, search(part, seed=1), seed=1, seconds=30)
        found = pack(part, greedy(part), part.total, left_s=minute)
        assert solved.proven
        assert Partition.of(part, found.masks).score.households <= solved.households <= found.bound
        assert found == pack(part, greedy(part), part.total, left_s=minute)


def test_without_time_or_with_too_many_bundles_the_start_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    (part, *_) = town_parts(26, seed=2)
    start = greedy(part)
    assert pack(part, start, part.total, left_s=lambda: 0.0) == columns.Packed(start.masks(), part.total, False)
    monkeypatch.setattr(columns, "MOST_SUBSETS", 10)
    assert pack(part, start, part.total, left_s=minute) == columns.Packed(start.masks(), part.total, False)
