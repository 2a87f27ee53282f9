"""Each rule of the quarter's plan: just kept, and broken by a known amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from quarter_cases import HOUR, days, problem, random_problem, team, visit

from planning.quarter import Settings, greedy_plan, solve, violations
from planning.quarter.rules import HARD_RULES
from planning.quarter.types import Plan, Problem, Route, Stop, Unplaced

QUICK = Settings(processes=0, max_solutions=50, max_rounds=1)


@pytest.fixture
def one_day() -> tuple[Problem, Plan]:
    """Two visits by one team on one of its three days: 8:30 out, 9:00–10:00, 10:30–12:00, lunch to 13:30, back 14:00."""
    travel = np.full((3, 3), 1800)
    np.fill_diagonal(travel, 0)
    wanted = [visit(0, departments=frozenset({"消防"})), visit(1, service_s=5400)]
    asked = problem(
        wanted,
        [team(0, 2, 3, departments=frozenset({"消防", "住建"}), unit_ids=frozenset({"U1"}))],
        travel,
        {"E000": frozenset({"U1", "C1"}), "E001": frozenset({"U1"})},
    )
    stops = (
        Stop(wanted[0].visit_id, 9 * HOUR, 9 * HOUR, 10 * HOUR, 1800, 18000.0),
        Stop(wanted[1].visit_id, 10 * HOUR + 1800, 10 * HOUR + 1800, 12 * HOUR, 1800, 18000.0),
    )
    route = Route("T0", days(3)[0], 8 * HOUR + 1800, stops, 12 * HOUR, 13 * HOUR + 1800, 1800, 18000.0, 14 * HOUR)
    return asked, Plan("2027Q1", (route,), (), 0, 0.0)


def _names(plan: Plan, asked: Problem) -> set[str]:
    return {violation.rule for violation in violations(plan, asked)}


def _with(plan: Plan, **changes: object) -> Plan:
    return replace(plan, routes=(replace(plan.routes[0], **changes), *plan.routes[1:]))  # type: ignore[arg-type]


def _stop(plan: Plan, number: int, **changes: object) -> Plan:
    stops = list(plan.routes[0].stops)
    stops[number] = replace(stops[number], **changes)  # type: ignore[arg-type]
    return _with(plan, stops=tuple(stops))


def test_the_plan_made_by_hand_keeps_all_rules(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    assert violations(plan, asked) == []


def test_a_visit_missing_from_the_plan_or_in_it_twice_is_found(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    listed = replace(plan, unplaced=(Unplaced("joint:E000", "no_time", "x", "E000"),))
    assert "every_visit_is_accounted_for" in _names(listed, asked)
    twice = replace(plan, routes=(plan.routes[0], replace(plan.routes[0], day=days(3)[1])))
    assert _names(twice, asked) == {"every_visit_is_accounted_for"}
    assert "every_visit_is_accounted_for" in _names(replace(plan, routes=()), asked)
    assert "every_visit_is_accounted_for" in _names(_stop(plan, 0, visit_id="joint:E999"), asked)


def test_an_estate_without_position_must_be_listed(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    lost = Unplaced("joint:E007", "no_position", "小区没有位置", "E007")
    asked = replace(asked, left_out=(lost,))
    assert _names(plan, asked) == {"every_visit_is_accounted_for"}
    assert violations(replace(plan, unplaced=(lost,)), asked) == []
    wrong = replace(plan, unplaced=(replace(lost, kind="no_time"),))
    assert _names(wrong, asked) == {"left_out_for_the_reason_given"}


def test_departments_and_area_of_the_team(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    without = replace(asked, teams={"T0": replace(asked.teams["T0"], departments=frozenset({"住建"}))})
    found = violations(plan, without)
    assert [v.rule for v in found] == ["team_may_make_the_visit"]
    assert "消防" in found[0].message
    elsewhere = replace(asked, unit_of_estate={"E000": frozenset({"U2"}), "E001": frozenset({"U1"})})
    assert [v.subject for v in violations(plan, elsewhere)] == ["joint:E000"]


def test_days_of_the_team_and_of_the_visit(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    assert _names(_with(plan, day=days(3)[2]), asked) == set()
    assert _names(_with(plan, day=days(4)[3]), asked) == {"team_works_that_day"}
    assert "team_works_that_day" in _names(_with(plan, team_id="T9"), asked)
    narrow = dict(asked.visits)
    narrow["joint:E001"] = replace(narrow["joint:E001"], last_day=days(3)[1])
    late = replace(asked, visits=narrow)
    assert _names(_with(plan, day=days(3)[1]), late) == set()
    assert _names(_with(plan, day=days(3)[2]), late) == {"day_is_within_the_visits_window"}


def test_two_routes_on_one_day_and_empty_routes(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    first, second = plan.routes[0].stops
    split = replace(plan, routes=(replace(plan.routes[0], stops=(first,)), replace(plan.routes[0], stops=(second,))))
    assert "one_route_a_day" in _names(split, asked)
    idle = replace(plan.routes[0], day=days(3)[1], stops=(), return_travel_s=0, return_distance_m=0.0)
    assert "one_route_a_day" in _names(replace(plan, routes=(*plan.routes, idle)), asked)


@pytest.mark.parametrize(
    ("change", "rule", "amount"),
    [
        (lambda p: _stop(p, 1, travel_s=1799), "travel_follows_the_matrix", "-1秒"),
        (lambda p: _with(p, return_travel_s=1801), "travel_follows_the_matrix", "1秒"),
        (lambda p: _stop(p, 1, distance_m=18002.0), "travel_follows_the_matrix", "18002米"),
        (lambda p: _stop(p, 0, end_s=10 * HOUR - 60), "service_has_its_full_length", "-60秒"),
        (lambda p: _stop(p, 1, arrive_s=10 * HOUR + 1790), "activities_follow_each_other", "早10秒"),
        (lambda p: _with(p, depart_s=8 * HOUR + 1805), "activities_follow_each_other", "早5秒"),
        (lambda p: _with(p, depart_s=8 * HOUR + 1793), "day_stays_within_office_hours", "早7秒"),
        (lambda p: _with(p, return_s=17 * HOUR + 1809), "day_stays_within_office_hours", "晚9秒"),
        (lambda p: _with(p, lunch_end_s=13 * HOUR + 1799), "lunch_is_kept", "差-1秒"),
        (lambda p: _with(p, lunch_start_s=11 * HOUR + 3590, lunch_end_s=13 * HOUR + 1790), "lunch_is_kept", "重叠10秒"),
        (
            lambda p: _with(p, lunch_start_s=13 * HOUR + 8, lunch_end_s=14 * HOUR + 1808, return_s=16 * HOUR),
            "lunch_is_kept",
            "超出规定时段8秒",
        ),
    ],
)
def test_times_broken_by_a_known_amount(
    one_day: tuple[Problem, Plan], change: Callable[[Plan], Plan], rule: str, amount: str
) -> None:
    asked, plan = one_day
    found = [v for v in violations(change(plan), asked) if v.rule == rule]
    assert found, f"{rule} did not notice"
    assert amount in found[0].message


@pytest.mark.parametrize(
    "change",
    [
        lambda p: _with(p, return_s=17 * HOUR + 1800),
        lambda p: _with(p, lunch_start_s=13 * HOUR, lunch_end_s=14 * HOUR + 1800, return_s=15 * HOUR),
        lambda p: _with(p, lunch_start_s=12 * HOUR + 60, lunch_end_s=13 * HOUR + 1860, return_s=14 * HOUR + 60),
        lambda p: _stop(p, 1, distance_m=18000.9),
    ],
)
def test_times_just_kept(one_day: tuple[Problem, Plan], change: Callable[[Plan], Plan]) -> None:
    asked, plan = one_day
    assert violations(change(plan), asked) == []


def test_a_leg_without_road_is_found(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    cut = asked.travel_s.copy()
    cut[0, 1] = -1
    assert "travel_follows_the_matrix" in _names(plan, replace(asked, travel_s=cut))


def _left_out(kind: str) -> Plan:
    return Plan("2027Q1", (), (Unplaced("joint:E000", kind, "x", "E000"),), 0, 0.0)


@pytest.mark.parametrize("kind", ["no_team", "no_road", "too_long", "no_time"])
def test_the_reason_for_leaving_out_must_be_true(kind: str) -> None:
    travel = np.array([[0, 600], [600, 0]])
    far = np.array([[0, -1], [600, 0]])
    cases = {
        "no_team": problem([visit(0, departments=frozenset({"电力"}))], [team(0, 1, 3)], travel),
        "no_road": problem([visit(0)], [team(0, 1, 3)], far),
        "too_long": problem([visit(0, service_s=6 * HOUR)], [team(0, 1, 3)], travel),
        "no_time": problem([visit(0)], [team(0, 1, 0)], travel),
    }
    for true_kind, asked in cases.items():
        broken = "left_out_for_the_reason_given" in _names(_left_out(kind), asked)
        assert broken is (kind != true_kind), (kind, true_kind)


def test_a_visit_that_still_fits_may_not_be_left_out(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    shorter = _with(plan, stops=plan.routes[0].stops[:1], lunch_start_s=41400, lunch_end_s=46800, return_s=37800)
    listed = replace(shorter, unplaced=(Unplaced("joint:E001", "no_time", "x", "E001"),))
    assert _names(listed, asked) == {"left_out_for_the_reason_given"}


def test_mandatory_goes_before_optional(one_day: tuple[Problem, Plan]) -> None:
    asked, plan = one_day
    # One day only, and a third visit that fits no more beside the two: it must win if they are optional.
    travel = np.full((4, 4), 1800)
    np.fill_diagonal(travel, 0)
    third = visit(3, mandatory=True, service_s=4 * HOUR)
    asked = replace(
        asked,
        visits={**asked.visits, third.visit_id: third},
        teams={"T0": replace(asked.teams["T0"], days=days(1))},
        unit_of_estate={**asked.unit_of_estate, "E003": frozenset({"U1"})},
        travel_s=travel,
        distance_m=travel * 10.0,
    )
    plan = replace(plan, unplaced=(Unplaced(third.visit_id, "no_time", "x", "E003"),))
    assert _names(plan, asked) == {"mandatory_goes_before_optional"}
    both = {key: replace(one, mandatory=True) for key, one in asked.visits.items()}
    assert _names(plan, replace(asked, visits=both)) == set()


def test_every_rule_is_in_the_list_once() -> None:
    assert len({rule.__name__ for rule in HARD_RULES}) == len(HARD_RULES) == 12
    assert all(rule.__doc__ and "Hard" in rule.__doc__ for rule in HARD_RULES)


def test_mutated_plans_are_caught() -> None:
    """Whatever is done to a valid plan of the solver or the greedy baseline, some rule notices."""
    rng = np.random.default_rng(5)
    caught = 0
    for seed in range(6):
        asked = random_problem(seed, n_visits=10)
        for plan in (greedy_plan(asked), solve(asked, budget_s=5, settings=QUICK)):
            assert violations(plan, asked) == []
            for mutate in (_drop_a_stop, _swap_stops, _shift_a_day, _stretch, _late_lunch):
                changed = mutate(plan, asked, rng)
                if changed is not None:
                    assert violations(changed, asked), mutate.__name__
                    caught += 1
    assert caught > 30


def _some_route(plan: Plan, rng: np.random.Generator, n_stops: int = 1) -> int | None:
    fit = [k for k, route in enumerate(plan.routes) if len(route.stops) >= n_stops]
    return int(rng.choice(fit)) if fit else None


def _replace_route(plan: Plan, number: int, **changes: object) -> Plan:
    routes = list(plan.routes)
    routes[number] = replace(routes[number], **changes)  # type: ignore[arg-type]
    return replace(plan, routes=tuple(routes))


def _drop_a_stop(plan: Plan, asked: Problem, rng: np.random.Generator) -> Plan | None:
    number = _some_route(plan, rng)
    return None if number is None else _replace_route(plan, number, stops=plan.routes[number].stops[1:])


def _swap_stops(plan: Plan, asked: Problem, rng: np.random.Generator) -> Plan | None:
    number = _some_route(plan, rng, 2)
    return None if number is None else _replace_route(plan, number, stops=plan.routes[number].stops[::-1])


def _shift_a_day(plan: Plan, asked: Problem, rng: np.random.Generator) -> Plan | None:
    number = _some_route(plan, rng)
    return None if number is None else _replace_route(plan, number, day=days(1)[0] - timedelta(days=1))


def _stretch(plan: Plan, asked: Problem, rng: np.random.Generator) -> Plan | None:
    number = _some_route(plan, rng)
    if number is None:
        return None
    first, *others = plan.routes[number].stops
    return _replace_route(plan, number, stops=(replace(first, end_s=first.end_s + 60), *others))


def _late_lunch(plan: Plan, asked: Problem, rng: np.random.Generator) -> Plan | None:
    number = _some_route(plan, rng)
    if number is None or asked.teams[plan.routes[number].team_id].lunch_s == 0:
        return None
    route = plan.routes[number]
    late = asked.teams[route.team_id].lunch_to_s + 1
    return _replace_route(plan, number, lunch_start_s=late, lunch_end_s=late + 5400)
