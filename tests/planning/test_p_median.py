"""The capacitated p-median: what it refuses, tight and odd problems, repeatability, and its judge."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from planning.p_median import PMedian, capacitated_p_median, faults

Floats = NDArray[np.float64]


class Stop:
    """Progress that is cancelled from the start."""

    stopped = True

    def update(self, share: float, text: str) -> None:
        assert 0 <= share <= 1
        assert text


def plane(n: int, seed: int, side: float = 100.0) -> tuple[Floats, Floats]:
    """Distances and whole weights 1–20 of points drawn evenly in a square."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, side, (n, 2))
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)), rng.integers(1, 21, n).astype(float)


def same(one: PMedian, other: PMedian) -> bool:
    return (
        np.array_equal(one.medians, other.medians)
        and np.array_equal(one.assignment, other.assignment)
        and (one.cost, one.bound, one.proven) == (other.cost, other.bound, other.proven)
    )


D = np.array([[0.0, 1, 5], [1, 0, 4], [5, 4, 0]])
W = np.ones(3)


@pytest.mark.parametrize(
    ("distances", "weights", "p", "capacity", "says"),
    [
        (D[:2], W, 1, 3, "square"),
        (np.zeros((0, 0)), [], 1, 3, "square"),
        ([[0.0, 1], [2]], W, 1, 3, "numbers only"),
        (np.where(D == 5, np.nan, D), W, 1, 3, r"distances\[0, 2\] is nan"),
        (np.where(D == 5, np.inf, D), W, 1, 3, "finite"),
        (-D, W, 1, 3, "not be negative"),
        (D, [1, 1], 1, 3, "each of the 3 points"),
        (D, [1, -1, 1], 1, 3, r"weights\[1\] is -1"),
        (D, [1, math.nan, 1], 1, 3, r"weights\[1\] is nan"),
        (D, W, 0, 3, "between 1 and"),
        (D, W, 4, 3, "between 1 and"),
        (D, W, 1.5, 3, "whole number"),
        (D, W, True, 3, "whole number"),
        (D, W, 1, [3, 3], "one for each of the 3 points"),
        (D, W, 1, -1, "not be negative"),
        (D, W, 1, math.nan, "capacity is nan"),
        (D, W, 1, 2.9, "sum to 3, but 1 medians can take at most 2.9"),
        (D, [1, 4, 1], 2, 3, "point 1 has weight 4"),
        (D, W, 2, [3, 0, 0], "only 1 points can serve themselves"),
        (D, [2, 2, 2], 2, 3, "no valid answer exists"),
        (np.full((3, 3), 1e308), W, 1, 3, "too large"),
    ],
)
def test_refuses_what_is_no_problem(distances: object, weights: object, p: int, capacity: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        capacitated_p_median(distances, weights, p, capacity, seconds=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf, "long"])
def test_refuses_odd_times(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        capacitated_p_median(D, W, 1, 3, seconds=seconds)


@pytest.mark.parametrize("hint", [[0, 1], [3], [-1], [[0], [1]]])
def test_refuses_odd_hints(hint: list[int]) -> None:
    with pytest.raises(ValueError, match="hint"):
        capacitated_p_median(D, W, 1, 3, hint=hint)


def test_the_whole_of_a_small_answer() -> None:
    answer = capacitated_p_median(D, [1, 2, 3], 2, [9, 9, 4], seconds=5)
    assert answer.medians.tolist() in ([0, 2], [1, 2])
    assert answer.cost == answer.bound == 1
    assert answer.proven and answer.gap == 0
    assert answer.loads.tolist() == [3, 3]


def test_weighted_cost_counts_the_weight() -> None:
    heavy = capacitated_p_median(D, [5, 1, 1], 1, 9, weighted=True, seconds=5)
    assert heavy.medians.tolist() == [0]
    assert heavy.cost == 6
    assert capacitated_p_median(D, [5, 1, 1], 1, 9, seconds=5).medians.tolist() == [1]


def test_direction_of_an_asymmetric_matrix() -> None:
    d = np.array([[0.0, 9, 9], [1, 0, 9], [1, 9, 0]])
    answer = capacitated_p_median(d, W, 1, 3, seconds=5)
    assert answer.medians.tolist() == [0]
    assert answer.cost == 2


def test_capacities_of_the_candidates_decide_who_opens() -> None:
    d, w = plane(12, 3)
    room = np.where(np.arange(12) == 7, w.sum(), w)
    answer = capacitated_p_median(d, w, 1, room, seconds=5)
    assert answer.medians.tolist() == [7]


def test_identical_points() -> None:
    answer = capacitated_p_median(np.zeros((60, 60)), np.ones(60), 6, 10, seconds=5)
    assert answer.cost == 0
    assert answer.proven
    assert answer.loads.tolist() == [10.0] * 6


def test_zero_weights_take_no_room() -> None:
    d, _ = plane(50, 2)
    answer = capacitated_p_median(d, np.zeros(50), 5, 0, seconds=8)
    assert answer.loads.tolist() == [0.0] * 5
    assert np.allclose(d[:, answer.medians].min(axis=1).sum(), answer.cost)


def test_no_room_to_spare() -> None:
    """Weights that must fill every median to the last unit: greedy starts fail, the answer still fits."""
    rng = np.random.default_rng(5)
    parts = [np.diff(np.concatenate([[0], np.sort(rng.choice(99, 4, replace=False)) + 1, [100]])) for _ in range(8)]
    w = np.concatenate(parts).astype(float)
    d, _ = plane(len(w), 9)
    answer = capacitated_p_median(d, w, 8, 100, seconds=4)
    assert answer.loads.tolist() == [100.0] * 8


def test_every_point_a_median() -> None:
    d, w = plane(45, 1)
    answer = capacitated_p_median(d, w, 45, 20, seconds=5)
    assert answer.cost == 0
    assert answer.assignment.tolist() == list(range(45))


def test_same_seed_same_answer_and_unit_does_not_matter() -> None:
    d, w = plane(48, 4)
    one, two = (capacitated_p_median(d, w, 5, w.sum() / 4, seed=3, seconds=30) for _ in range(2))
    assert same(one, two)
    assert one.proven
    scaled = capacitated_p_median(d * 1000, w / 8, 5, w.sum() / 32, seed=8, seconds=30)
    assert scaled.cost == pytest.approx(one.cost * 1000, rel=2e-6)


def test_more_room_never_costs_more() -> None:
    d, w = plane(36, 7)
    costs = []
    for slack in (1.08, 1.2, 1.6, 9.0):
        answer = capacitated_p_median(d, w, 5, math.ceil(w.sum() / 5 * slack), seconds=15)
        assert answer.proven
        costs.append(answer.cost)
    assert costs == sorted(costs, reverse=True)
    free = capacitated_p_median(d, w, 6, w.sum(), seconds=15)
    assert free.cost <= costs[-1]


def test_no_time_and_cancelled_still_give_a_valid_answer() -> None:
    d, w = plane(300, 6)
    for given in ({"seconds": 0.0}, {"seconds": 60.0, "progress": Stop()}):
        begun = time.monotonic()
        answer = capacitated_p_median(d, w, 20, w.sum() / 18, **given)  # type: ignore[arg-type]
        assert time.monotonic() - begun < 20
        assert not list(faults(answer, d, w, 20, w.sum() / 18))
        assert 0 < answer.bound <= answer.cost


def test_an_earlier_answer_is_not_made_worse() -> None:
    d, w = plane(80, 8)
    first = capacitated_p_median(d, w, 8, w.sum() / 7, seconds=4)
    again = capacitated_p_median(d, w, 8, w.sum() / 7, seconds=0, hint=first)
    assert again.cost <= first.cost


def test_the_judge_sees_each_fault() -> None:
    d, w = plane(20, 5)
    room = math.ceil(w.sum() / 3)
    good = capacitated_p_median(d, w, 4, room, seconds=5)
    assert not list(faults(good, d, w, 4, room))
    median = int(good.medians[0])
    other = int(next(i for i in range(20) if i not in good.medians))
    moved, strange = good.assignment.copy(), good.assignment.copy()
    moved[median], strange[other] = good.medians[1], other
    broken = {
        "instead of 5": (good, 5, room),
        "which is not a median": (dataclasses.replace(good, assignment=strange), 4, room),
        "instead of itself": (dataclasses.replace(good, assignment=moved), 4, 1e9),
        "more than its capacity": (good, 4, good.loads.max() - 1),
        "the cost is": (dataclasses.replace(good, cost=good.cost - 1), 4, room),
        "lies above the cost": (dataclasses.replace(good, bound=good.cost + 1), 4, room),
        "is reported": (dataclasses.replace(good, loads=good.loads + 1), 4, room),
    }
    for says, (answer, p, limit) in broken.items():
        assert any(says in fault for fault in faults(answer, d, w, p, limit)), says
