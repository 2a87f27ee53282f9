"""Lower bounds and what they rule out, against every solution of small problems."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from planning.p_median.instance import Instance, checked
from planning.p_median.lagrange import Pricing, climb, start
from planning.p_median.polish import Reduced


def small(seed: int) -> Instance:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 8))
    p = int(rng.integers(1, 4))
    d = rng.integers(0, 30, (n, n)).astype(float)
    if seed % 2:
        np.fill_diagonal(d, 0.0)
    w = rng.integers(0 if seed % 3 else 2, 8, n).astype(float)
    room = np.maximum(np.ceil(w.sum() / p * rng.uniform(1, 1.5, n)), w.max())
    return checked(d, w, p, room, weighted=False, self_served=bool(seed % 4))


def every_solution(inst: Instance) -> list[tuple[float, NDArray[np.int64], tuple[int, ...]]]:
    """Cost, assignment and medians of all that fit."""
    found = []
    for medians in itertools.combinations(range(inst.n), inst.p):
        for serves in itertools.product(medians, repeat=inst.n):
            if inst.self_served and any(serves[j] != j for j in medians):
                continue
            load = np.bincount(serves, weights=inst.weights, minlength=inst.n)
            if np.all(load <= inst.limit):
                cost = float(inst.costs[np.arange(inst.n), list(serves)].sum())
                found.append((cost, np.array(serves), medians))
    return found


@pytest.mark.parametrize("seed", range(24))
def test_no_prices_bound_above_the_optimum_or_rule_out_a_solution(seed: int) -> None:
    inst = small(seed)
    solutions = every_solution(inst)
    if not solutions:
        pytest.fail("the generator must draw problems that can be solved")
    least = min(cost for cost, *_ in solutions)
    pricing = Pricing(inst)
    prices = start(pricing, inst)
    climb(pricing, prices, least, 60)
    rng = np.random.default_rng(seed)
    trials = [prices.best.prices, rng.uniform(0, 30, inst.n), rng.uniform(-5, 60, inst.n)]
    for trial, exact in itertools.product(trials, (False, True)):
        shown = pricing.round(trial, exact)
        assert shown.bound <= least + 1e-9
        reduced = Reduced(inst, shown)
        for cost, serves, medians in solutions:
            possible = reduced.possible(cost)
            assert possible[np.arange(inst.n), serves].all(), (cost, serves)
            assert (reduced.opening[list(medians)] <= cost - shown.bound + 1e-6).all()


def test_exact_knapsacks_bound_no_lower_and_reach_the_optimum_of_a_plain_case() -> None:
    """Three points of weight 2 and room for 5: fractional packing is half a point too hopeful."""
    d = np.array([[0.0, 1, 4], [1, 0, 4], [4, 4, 0]])
    inst = checked(d, np.full(3, 2.0), 2, 5, weighted=False, self_served=True)
    pricing = Pricing(inst)
    prices = start(pricing, inst)
    climb(pricing, prices, 1.0, 200)
    fractional = prices.best.bound
    climb(pricing, prices, 1.0, 200, exact=True)
    assert fractional <= prices.best.bound <= 1.0
    assert prices.best.bound == pytest.approx(1.0, abs=0.01)
