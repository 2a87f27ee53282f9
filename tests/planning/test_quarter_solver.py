"""The quarter's solver: valid on anything, best on what can be enumerated, honest about what does not fit."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quarter_cases import HOUR, days, plane, problem, random_problem, team, visit

from planning.quarter import Settings, greedy_plan, solve, violations
from planning.quarter.solver.instance import build_instance
from planning.quarter.solver.missing import lower_bound
from planning.quarter.solver.pool import Pool, SolverError
from planning.quarter.solver.routing import RoutingTask
from planning.quarter.solver.spread import chosen_days
from planning.quarter.solver.timetable import timing
from planning.quarter.types import Plan, Problem

QUICK = Settings(processes=0, max_solutions=60, max_rounds=2)


def _partitions(items: list[int]) -> list[list[list[int]]]:
    if not items:
        return [[]]
    head, rest = items[0], items[1:]
    found = []
    for smaller in _partitions(rest):
        found.append([[head], *smaller])
        found += [[*smaller[:k], [head, *smaller[k]], *smaller[k + 1 :]] for k in range(len(smaller))]
    return found


def _least_travel(asked: Problem) -> int:
    """Least travel of all plans of one team, by trying every partition into days and every order."""
    (one,) = asked.teams.values()
    wanted = list(asked.visits.values())
    best_day: dict[tuple[int, ...], float] = {}

    def day_cost(group: list[int]) -> float:
        key = tuple(sorted(group))
        if key not in best_day:
            best_day[key] = float("inf")
            for order in permutations(key):
                path = [one.place, *(wanted[k].place for k in order), one.place]
                legs = [int(asked.travel_s[a, b]) for a, b in pairwise(path)]
                if timing(one, legs, [wanted[k].service_s for k in order]) is not None:
                    best_day[key] = min(best_day[key], sum(legs))
        return best_day[key]

    options = [p for p in _partitions(list(range(len(wanted)))) if len(p) <= len(one.days)]
    return int(min(sum(day_cost(group) for group in option) for option in options))


@pytest.mark.parametrize("seed", range(6))
def test_small_quarters_are_solved_as_well_as_by_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    travel = plane(rng.uniform(0, 60, (7, 2)), 60.0, rng.uniform(0.8, 1.3, (7, 7)))
    asked = problem([visit(i, service_s=int(rng.integers(2, 9)) * 900) for i in range(6)], [team(0, 6, 4)], travel)
    plan = solve(asked, budget_s=20, settings=QUICK)
    assert violations(plan, asked) == []
    assert not plan.unplaced
    assert plan.travel_s == _least_travel(asked)


@given(st.integers(0, 10**6), st.integers(1, 14), st.integers(1, 3), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_any_plan_keeps_all_hard_rules(seed: int, n_visits: int, n_teams: int, n_days: int) -> None:
    asked = random_problem(seed, n_visits, n_teams, n_days)
    solved, simple = solve(asked, budget_s=5, seed=seed, settings=QUICK), greedy_plan(asked)
    assert violations(solved, asked) == []
    assert violations(simple, asked) == []


def _signature(plan: Plan) -> list[tuple[str, object, tuple[str, ...]]]:
    return [(r.team_id, r.day, tuple(s.visit_id for s in r.stops)) for r in plan.routes]


def test_the_same_seed_gives_the_same_plan_and_table_order_changes_nothing() -> None:
    asked = random_problem(3, n_visits=40, n_teams=2, n_days=8)
    first, second = solve(asked, seed=4, settings=QUICK), solve(asked, seed=4, settings=QUICK)
    turned = replace(asked, visits=dict(reversed(asked.visits.items())), teams=dict(reversed(asked.teams.items())))
    assert _signature(first) == _signature(second) == _signature(solve(turned, seed=4, settings=QUICK))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_processes_give_the_same_plan_as_none() -> None:
    asked = random_problem(8, n_visits=30, n_teams=2, n_days=8)
    here = solve(asked, settings=QUICK)
    there = solve(asked, settings=replace(QUICK, processes=2))
    assert _signature(here) == _signature(there)


def _story_12(n_days: int) -> Problem:
    """Ten estates of 3 h an hour's drive apart, two a day, one team; four of them mandatory."""
    travel = np.full((11, 11), 1800)
    np.fill_diagonal(travel, 0)
    wanted = [visit(i, service_s=3 * HOUR - 900, mandatory=i % 3 == 0, priority=i) for i in range(10)]
    return problem(wanted, [team(0, 10, n_days)], travel)


def test_too_few_days_name_the_missing_team_days_and_leave_no_mandatory_visit_out() -> None:
    asked = _story_12(3)
    plan = solve(asked, budget_s=5, settings=QUICK)
    assert violations(plan, asked) == []
    assert len(plan.unplaced) == 4
    assert plan.missing_team_days == 2
    assert "缺2个队日" in plan.note
    placed = {stop.visit_id for stop in plan.stops()}
    assert {v.visit_id for v in asked.visits.values() if v.mandatory} <= placed
    # Of the optional ones those of the lowest priority wait.
    assert {item.visit_id for item in plan.unplaced} == {f"joint:E00{i}" for i in (1, 2, 4, 5)}


def test_enough_days_leave_nothing_out() -> None:
    plan = solve(_story_12(5), budget_s=5, settings=QUICK)
    assert plan.missing_team_days == 0
    assert not plan.unplaced


def test_even_too_few_days_for_the_mandatory_visits_hold_only_mandatory_ones() -> None:
    asked = _story_12(1)
    plan = solve(asked, budget_s=5, settings=QUICK)
    assert violations(plan, asked) == []
    assert all(asked.visits[stop.visit_id].mandatory for stop in plan.stops())
    assert plan.missing_team_days == 4


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_so_many_more_days_do_hold_everything(seed: int) -> None:
    """The missing team-days are enough, and fewer than the lower bound never are."""
    rng = np.random.default_rng(seed)
    travel = plane(rng.uniform(0, 40, (10, 2)))
    wanted = [visit(i, service_s=int(rng.integers(2, 12)) * 900) for i in range(9)]
    asked = problem(wanted, [team(0, 9, 1)], travel)
    plan = solve(asked, budget_s=5, settings=QUICK)
    n_days = 1 + plan.missing_team_days
    more = problem(wanted, [team(0, 9, n_days)], travel)
    assert not solve(more, budget_s=5, settings=QUICK).unplaced
    least = lower_bound(build_instance(asked, wanted, list(asked.teams.values())))
    assert least <= plan.missing_team_days


class _StopAfter:
    """Progress that asks to stop after so many reports, or seconds."""

    def __init__(self, n_updates: int = 10**9, seconds: float = 1e9) -> None:
        self.left, self.until = n_updates, time.monotonic() + seconds

    @property
    def stopped(self) -> bool:
        return self.left <= 0 or time.monotonic() > self.until

    def update(self, share: float, text: str) -> None:
        assert -1e-9 <= share <= 1 + 1e-9
        assert text
        self.left -= 1


@pytest.mark.parametrize("n_updates", [0, 1, 5, 12])
def test_stopping_at_any_moment_gives_a_valid_plan(n_updates: int) -> None:
    asked = random_problem(1, n_visits=40, n_teams=2, n_days=8)
    plan = solve(asked, budget_s=60, progress=_StopAfter(n_updates), settings=Settings(processes=0))
    assert violations(plan, asked) == []
    assert "提前停止" in plan.note


def test_stopping_does_not_wait_for_the_solver_processes() -> None:
    asked = random_problem(2, n_visits=60, n_teams=2, n_days=10)
    began = time.monotonic()
    plan = solve(asked, budget_s=300, progress=_StopAfter(seconds=2.0), settings=Settings(processes=2))
    assert time.monotonic() - began < 60
    assert violations(plan, asked) == []


def test_solving_within_a_thread_of_an_app_works() -> None:
    """Streamlit runs pages in threads, with a ``__main__`` that must not be run again."""
    asked = random_problem(4, n_visits=20, n_teams=2, n_days=6)
    plans: list[Plan] = []
    thread = threading.Thread(
        target=lambda: plans.append(solve(asked, budget_s=2, settings=Settings(processes=2, group_s=0.3)))
    )
    thread.start()
    thread.join()
    assert violations(plans[0], asked) == []


def test_a_faulty_task_raises_here_and_leaves_no_process_behind() -> None:
    task = RoutingTask(np.zeros((1, 1), dtype=np.int64), (60,), (1,), (7,), (100,), (None,), (), 1.0)
    with Pool(1) as pool:
        processes = list(pool._processes)
        with pytest.raises(SolverError):
            pool.solve([replace(task, service=("x",))], _StopAfter())  # type: ignore[arg-type]
    assert all(process.poll() is not None for process in processes)


def test_teams_share_the_load_unless_told_otherwise() -> None:
    """All estates lie at one depot: least travel gives that team everything, balance gives the other a share."""
    rng = np.random.default_rng(0)
    points = np.vstack([rng.uniform(0, 3, (40, 2)), [[1.5, 1.5]], [[14.0, 1.5]]])
    asked = problem([visit(i) for i in range(40)], [team(0, 40, 12), team(1, 41, 12)], plane(points))
    fair = solve(asked, settings=QUICK)
    cheap = solve(asked, settings=replace(QUICK, max_load=None, min_load=None))
    assert violations(fair, asked) == violations(cheap, asked) == []

    def n_days(plan: Plan, team_id: str) -> int:
        return sum(route.team_id == team_id for route in plan.routes)

    assert cheap.travel_s <= fair.travel_s
    assert n_days(cheap, "T1") == 0
    assert n_days(fair, "T1") >= 2


def test_urgent_routes_come_first_and_the_last_days_stay_free() -> None:
    travel = plane(np.vstack([np.random.default_rng(1).uniform(0, 10, (30, 2)), [[5.0, 5.0]]]))
    wanted = [visit(i, mandatory=i < 5, service_s=2 * HOUR) for i in range(30)]
    asked = problem(wanted, [team(0, 30, 20)], travel)
    plan = solve(asked, settings=QUICK)
    assert violations(plan, asked) == []
    worked = [route.day for route in plan.routes]
    assert worked == sorted(worked)
    n_mandatory = [sum(asked.visits[s.visit_id].mandatory for s in route.stops) for route in plan.routes]
    assert n_mandatory == sorted(n_mandatory, reverse=True)
    assert max(worked) < days(20)[-2]


@pytest.mark.parametrize(
    ("n_days", "n_routes", "expected"),
    [
        (10, 3, {0, 3, 6}),
        (10, 9, {0, 1, 2, 3, 4, 5, 6, 7, 8}),
        (10, 10, set(range(10))),
        (1, 1, {0}),
        (60, 30, {k * 54 // 30 for k in range(30)}),
    ],
)
def test_days_are_spread_with_a_reserve_at_the_end(n_days: int, n_routes: int, expected: set[int]) -> None:
    assert chosen_days(n_days, n_routes, 0.1) == expected


def test_no_visits_and_no_days_are_plans_too() -> None:
    empty = problem([], [team(0, 0, 3)], np.zeros((1, 1)))
    assert solve(empty, settings=QUICK).routes == ()
    idle = problem([visit(0)], [team(0, 1, 0)], np.array([[0, 60], [60, 0]]))
    plan = solve(idle, settings=QUICK)
    assert [item.kind for item in plan.unplaced] == ["no_time"]
    assert violations(plan, idle) == []


def test_the_budget_is_kept() -> None:
    asked = random_problem(6, n_visits=60, n_teams=3, n_days=10)
    plan = solve(asked, budget_s=4, settings=Settings(processes=1))
    assert plan.seconds < 20
    assert violations(plan, asked) == []
