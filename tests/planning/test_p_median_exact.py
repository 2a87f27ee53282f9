"""The capacitated p-median against all median sets and all assignments of small problems."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from planning.p_median import capacitated_p_median, faults

Problem = tuple[NDArray[np.float64], NDArray[np.float64], int, NDArray[np.float64]]


def least_cost(problem: Problem, *, weighted: bool, self_served: bool) -> float:
    """Least cost over every set of medians and every assignment; infinite if none fits."""
    d, w, p, room = problem
    n = len(w)
    costs = d * w[:, None] if weighted else d
    best = np.inf
    for medians in itertools.combinations(range(n), p):
        free = [i for i in range(n) if not (self_served and i in medians)]
        choices = np.indices((p,) * len(free)).reshape(len(free), p ** len(free)).T
        loads = np.zeros((len(choices), p))
        total = np.zeros(len(choices))
        for k, i in enumerate(free):
            loads[np.arange(len(choices)), choices[:, k]] += w[i]
            total += costs[i, np.array(medians)][choices[:, k]]
        if self_served:
            loads += w[list(medians)]
            total += costs[list(medians), list(medians)].sum()
        fits = np.all(loads <= room[list(medians)] + 1e-9, axis=1)
        if fits.any():
            best = min(best, float(total[fits].min()))
    return best


def drawn(seed: int) -> tuple[Problem, bool, bool]:
    """A small problem of one of many kinds: even or clustered, whole or not, tight or loose, one or many capacities."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    p = int(rng.integers(1, min(n, 4) + 1))
    kind = seed % 5
    if kind == 0:
        xy = rng.integers(0, 6, (n, 2))
        d = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    elif kind == 1:
        d = np.floor(rng.uniform(0, 30, (n, n)))
    elif kind == 2:
        d = rng.uniform(0, 5, (n, n))
    elif kind == 3:
        d = rng.integers(0, 2, (n, n)).astype(float)
    else:
        xy = rng.normal(0, 1000, (n, 2))
        d = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    if kind != 2:
        np.fill_diagonal(d, 0.0)
    w = rng.integers(0, 10, n).astype(float) if seed % 3 else rng.uniform(0, 3, n)
    tight = float(w.sum() / p * rng.uniform(1.0, 1.6)) + 1e-6
    room = np.full(n, max(tight, float(w.max())))
    if seed % 4 == 0:
        room = room * rng.uniform(0.7, 1.5, n)
    if seed % 3:
        room = np.floor(room)
    return (d, w, p, room), bool(rng.integers(2)), bool(rng.integers(2))


@pytest.mark.parametrize("block", range(12))
def test_equals_brute_force(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        problem, weighted, self_served = drawn(seed)
        best = least_cost(problem, weighted=weighted, self_served=self_served)
        if not np.isfinite(best):
            with pytest.raises(ValueError):
                capacitated_p_median(*problem, weighted=weighted, self_served=self_served, seconds=5)
            continue
        answer = capacitated_p_median(*problem, weighted=weighted, self_served=self_served, seconds=5)
        assert list(faults(answer, *problem, weighted=weighted, self_served=self_served)) == [], seed
        assert answer.bound <= best * (1 + 1e-9) + 1e-9, seed
        assert answer.proven, seed
        assert answer.cost == pytest.approx(best, rel=1e-6, abs=1e-9), seed


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.integers(0, 12), min_size=n, max_size=n), min_size=n, max_size=n),
            st.lists(st.integers(0, 5), min_size=n, max_size=n),
            st.integers(1, n),
            st.integers(1, 15),
        )
    ),
    st.booleans(),
)
def test_answers_are_valid_and_bounds_honest(
    numbers: tuple[list[list[int]], list[int], int, int], self_served: bool
) -> None:
    d, w, p, room = numbers
    problem = np.array(d, float), np.array(w, float), p, np.full(len(w), float(room))
    best = least_cost(problem, weighted=False, self_served=self_served)
    if not np.isfinite(best):
        with pytest.raises(ValueError):
            capacitated_p_median(*problem, self_served=self_served, seconds=3)
        return
    for seconds in (0.0, 3.0):
        answer = capacitated_p_median(*problem, self_served=self_served, seconds=seconds)
        assert list(faults(answer, *problem, self_served=self_served)) == []
        assert answer.bound <= best <= answer.cost
    assert answer.cost == best
