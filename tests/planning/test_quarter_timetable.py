"""Order, lunch and times of one day, against brute force."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quarter_cases import HOUR, problem, team, visit

from planning.quarter.rules_left_out import fits_day
from planning.quarter.solver.timetable import earliest_order, shortest_order, timing


def _legs(dist: list[list[int]], order: tuple[int, ...] | list[int]) -> list[int]:
    path = [len(dist) - 1, *order, len(dist) - 1]
    return [dist[a][b] for a, b in pairwise(path)]


_MATRIX = st.integers(0, 2**31).flatmap(
    lambda seed: st.integers(1, 6).map(
        lambda n: np.random.default_rng(seed).integers(60, 4000, (n + 1, n + 1)).tolist()
    )
)


@given(_MATRIX)
@settings(max_examples=60, deadline=None)
def test_shortest_order_is_the_best_of_all_orders(dist: list[list[int]]) -> None:
    n = len(dist) - 1
    best = min(sum(_legs(dist, order)) for order in permutations(range(n)))
    found = shortest_order(dist)
    assert sorted(found) == list(range(n))
    assert sum(_legs(dist, found)) == best


@given(_MATRIX, st.integers(0, 2**31), st.integers(0, 5400))
@settings(max_examples=80, deadline=None)
def test_earliest_order_with_lunch_is_the_best_of_all_orders(dist: list[list[int]], seed: int, window: int) -> None:
    n = len(dist) - 1
    services = np.random.default_rng(seed).integers(600, 9000, n).tolist()
    one = team(0, n, 1, lunch_to_s=11 * HOUR + 1800 + window)
    times = [timing(one, _legs(dist, order), [services[k] for k in order]) for order in permutations(range(n))]
    backs = [t.back for t in times if t is not None]
    found = earliest_order(one, dist, services)
    assert (found is None) == (not backs)
    if found is not None:
        mine = timing(one, _legs(dist, found), [services[k] for k in found])
        assert mine is not None and mine.back == min(backs)


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(60, 9000)), min_size=1, max_size=7),
    st.integers(0, 5000),
    st.integers(0, 5400),
    st.sampled_from([0, 3600, 5400]),
)
@settings(max_examples=200, deadline=None)
def test_times_keep_lunch_hours_and_order(parts: list[tuple[int, int]], home: int, window: int, lunch_s: int) -> None:
    legs, services = [leg for leg, _ in parts] + [home], [service for _, service in parts]
    one = team(0, 0, 1, lunch_s=lunch_s, lunch_to_s=11 * HOUR + 1800 + window)
    times = timing(one, legs, services)
    # The rules' own code must agree on what fits.
    n = len(services)
    travel = np.zeros((n + 1, n + 1), dtype=np.int64)
    path = [n, *range(n), n]
    visits = [visit(k, service_s=services[k]) for k in range(n)]
    for (a, b), leg in zip(pairwise(path), legs, strict=True):
        travel[a, b] = leg
    if n > 1:  # with one visit, the way out and back use different cells anyway
        assert fits_day(team(0, n, 1, lunch_s=lunch_s, lunch_to_s=one.lunch_to_s), visits, problem([], [], travel)) == (
            times is not None
        )
    if times is None:
        return
    now = times.depart
    assert now >= one.starts_s
    busy = []
    for k, (leg, service) in enumerate(zip(legs, services, strict=False)):
        assert times.arrive[k] - leg >= now
        assert times.start[k] >= times.arrive[k]
        busy += [(times.arrive[k] - leg, times.arrive[k]), (times.start[k], times.start[k] + service)]
        now = times.start[k] + service
    assert times.back - legs[-1] >= now
    busy.append((times.back - legs[-1], times.back))
    assert max(times.back, times.lunch_end if lunch_s else 0) <= one.ends_s
    assert times.lunch_end - times.lunch_start == lunch_s
    if lunch_s:
        assert one.lunch_from_s <= times.lunch_start <= one.lunch_to_s
        assert not any(begin < times.lunch_end and times.lunch_start < end for begin, end in busy)


def test_lunch_falls_between_two_visits_and_the_day_is_as_short_as_it_can_be() -> None:
    times = timing(team(0, 0, 1), [1800, 600, 600, 1800], [2 * HOUR, HOUR, HOUR])
    assert times is not None
    # 8:30 out, 9:00–11:00, 11:10–12:10, lunch 12:10–13:40, 13:50–14:50, back 15:20.
    assert times.arrive == (9 * HOUR, 11 * HOUR + 600, 13 * HOUR + 3000)
    assert (times.lunch_start, times.lunch_end) == (12 * HOUR + 600, 13 * HOUR + 2400)
    assert times.back == 15 * HOUR + 1200


def test_a_day_that_would_break_off_before_lunch_starts_later() -> None:
    # Back-to-back visits end at 11:20 with the next gate 20 minutes off; leaving ten minutes later makes lunch possible.
    one = team(0, 0, 1, lunch_to_s=11 * HOUR + 1800)
    times = timing(one, [600, 1200, 600], [9600, 3 * HOUR])
    assert times is not None
    assert times.depart == one.starts_s + 600
    assert times.lunch_start == 11 * HOUR + 1800


@pytest.mark.parametrize(("service_s", "fits"), [(7 * HOUR, False), (6 * HOUR, False), (4 * HOUR, True)])
def test_a_visit_too_long_for_any_lunch_does_not_fit(service_s: int, fits: bool) -> None:
    # 7.5 h of work, but a visit cannot be cut for lunch: it ends by 13:00 or begins after 13:00.
    assert (timing(team(0, 0, 1), [0, 0], [service_s]) is not None) is fits


def test_short_days_eat_after_the_return() -> None:
    times = timing(team(0, 0, 1), [600, 600], [HOUR])
    assert times is not None
    assert times.back == 8 * HOUR + 1800 + 600 + HOUR + 600
    assert times.lunch_start == 11 * HOUR + 1800
