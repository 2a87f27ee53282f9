"""The bundle engine against all possible answers: each rule on and off, alone and mixed; and what must never change."""

from __future__ import annotations

import numpy as np
import pytest

from tests.planning.bundle_truth import RULES, Truth, random_case, solved

PER_RULE = 18
MIXED = 140
"""Together more than 500 random problems of up to twelve estates."""


def agrees(seed: tuple[int, ...], rules: tuple[str, ...]) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, rules)
    truth, answer = Truth(case), solved(case)
    truth.check(answer.bundles)
    assert answer.best == truth.best(), (seed, rules)
    assert answer.best is None or answer.bound == answer.best[0]


@pytest.mark.parametrize("rule", ["none", *RULES])
def test_coverage_is_the_best_there_is_with_one_rule(rule: str) -> None:
    for seed in range(PER_RULE):
        agrees((seed, (("none", *RULES)).index(rule)), (rule,))


@pytest.mark.parametrize("part", range(4))
def test_coverage_is_the_best_there_is_with_many_rules(part: int) -> None:
    for seed in range(part, MIXED, 4):
        chosen = np.random.default_rng((seed, 99)).random(len(RULES)) < 0.15
        agrees((seed, 100), tuple(rule for rule, on in zip(RULES, chosen, strict=True) if on))
