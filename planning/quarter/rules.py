"""The rules of a quarter's plan, each stated once under its name. Knows no solver and shares no code with one.

``HARD_RULES`` lists them; ``violations`` applies all. Messages are Chinese, for the screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from planning.quarter.rules_left_out import (
    left_out_for_the_reason_given,
    mandatory_goes_before_optional,
)
from planning.quarter.types import Plan, Problem, Route, Stop, Team
from planning.violations import Violation

Rule = Callable[[Plan, Problem], Iterable[Violation]]

_METRES = 1.0
"""Distances may differ by rounding."""


def every_visit_is_accounted_for(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """Each wanted visit is placed once or listed as left out once, never both, and nothing else is. Hard (D11)."""
    rule = "every_visit_is_accounted_for"
    placed = Counter(stop.visit_id for stop in plan.stops())
    listed = Counter(item.visit_id for item in plan.unplaced)
    wanted = {*problem.visits, *(item.visit_id for item in problem.left_out)}
    for visit_id in sorted(wanted | set(placed) | set(listed)):
        times = placed[visit_id] + listed[visit_id]
        if visit_id not in wanted:
            yield Violation(rule, visit_id, f"检查“{visit_id}”不在本季度的检查任务中")
        elif times == 0:
            yield Violation(rule, visit_id, f"检查“{visit_id}”既没有排入也没有列为未排")
        elif times > 1:
            yield Violation(
                rule, visit_id, f"检查“{visit_id}”排入{placed[visit_id]}次、列为未排{listed[visit_id]}次，应当合计1次"
            )


def team_may_make_the_visit(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """The team holds the departments that open cases call for (D09, L34) and may inspect the area. Hard."""
    for route, team, stop in _stops(plan, problem):
        visit = problem.visits[stop.visit_id]
        missing = visit.departments - team.departments
        if missing:
            text = f"{team.name}缺少“{stop.visit_id}”所需的部门：{'、'.join(sorted(missing))}"
            yield Violation("team_may_make_the_visit", stop.visit_id, text)
        if team.unit_ids and not team.unit_ids & problem.unit_of_estate.get(visit.estate_id, frozenset()):
            text = f"“{stop.visit_id}”不在{team.name}的负责范围内（{route.day}）"
            yield Violation("team_may_make_the_visit", stop.visit_id, text)


def team_works_that_day(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """A route lies on a working day of a known team. Hard."""
    for route in plan.routes:
        team = problem.teams.get(route.team_id)
        if team is None:
            yield Violation("team_works_that_day", _key(route), f"没有编号为“{route.team_id}”的检查组")
        elif route.day not in team.days:
            yield Violation("team_works_that_day", _key(route), f"{route.day}不是{team.name}的工作日")


def one_route_a_day(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """A team has at most one route a day, and no route is empty. Hard."""
    for (team_id, day), times in Counter((route.team_id, route.day) for route in plan.routes).items():
        if times > 1:
            yield Violation("one_route_a_day", f"{team_id} {day}", f"检查组“{team_id}”在{day}有{times}条路线")
    for route in plan.routes:
        if not route.stops:
            yield Violation("one_route_a_day", _key(route), f"检查组“{route.team_id}”在{route.day}的路线没有停靠点")


def day_is_within_the_visits_window(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """A visit is made between its first and its last day. Hard."""
    for route, _, stop in _stops(plan, problem):
        visit = problem.visits[stop.visit_id]
        if not visit.first_day <= route.day <= visit.last_day:
            text = f"“{stop.visit_id}”排在{route.day}，应在{visit.first_day}至{visit.last_day}之间"
            yield Violation("day_is_within_the_visits_window", stop.visit_id, text)


def travel_follows_the_matrix(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """Every leg, the way from and to the depot included, takes the time and length of the travel matrix. Hard."""
    rule = "travel_follows_the_matrix"
    for route, team in _routes(plan, problem):
        known = [stop for stop in route.stops if stop.visit_id in problem.visits]
        if len(known) < len(route.stops):
            continue
        places = [team.place, *(problem.visits[stop.visit_id].place for stop in known), team.place]
        legs = [(stop.travel_s, stop.distance_m) for stop in known]
        legs.append((route.return_travel_s, route.return_distance_m))
        for a, b, (seconds, metres) in zip(places, places[1:], legs, strict=False):
            true_s, true_m = int(problem.travel_s[a, b]), float(problem.distance_m[a, b])
            if true_s < 0:
                yield Violation(rule, _key(route), f"{team.name}在{route.day}的路线有一段没有连通的道路")
            elif seconds != true_s:
                text = f"{team.name}在{route.day}的一段路途写{seconds}秒，应为{true_s}秒（差{seconds - true_s}秒）"
                yield Violation(rule, _key(route), text)
            elif abs(metres - true_m) > _METRES:
                text = f"{team.name}在{route.day}的一段路途写{metres:.0f}米，应为{true_m:.0f}米"
                yield Violation(rule, _key(route), text)


def service_has_its_full_length(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """A visit lasts exactly its service time. Hard."""
    for _, _, stop in _stops(plan, problem):
        length, wanted = stop.end_s - stop.start_s, problem.visits[stop.visit_id].service_s
        if length != wanted:
            text = f"“{stop.visit_id}”检查{length}秒，应为{wanted}秒（差{length - wanted}秒）"
            yield Violation("service_has_its_full_length", stop.visit_id, text)


def activities_follow_each_other(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """Travel and visits of a day come one after the other: nothing begins before what precedes it has ended. Hard."""
    for route, team in _routes(plan, problem):
        now = route.depart_s
        for begins, ends, what in _activities(route):
            if begins < now:
                text = f"{team.name}在{route.day}：{what}比前一项结束早{now - begins}秒开始"
                yield Violation("activities_follow_each_other", _key(route), text)
            now = max(now, ends)


def day_stays_within_office_hours(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """Leaving, lunch and return lie within the team's hours: no overtime. Hard."""
    for route, team in _routes(plan, problem):
        early = team.starts_s - route.depart_s
        late = max(route.return_s, route.lunch_end_s) - team.ends_s
        if early > 0:
            text = f"{team.name}在{route.day}比上班早{early}秒出发"
            yield Violation("day_stays_within_office_hours", _key(route), text)
        if late > 0:
            text = f"{team.name}在{route.day}比下班晚{late}秒结束"
            yield Violation("day_stays_within_office_hours", _key(route), text)


def lunch_is_kept(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """Lunch begins inside its window, has its full length and overlaps neither a visit nor a drive. Hard."""
    for route, team in _routes(plan, problem):
        length = route.lunch_end_s - route.lunch_start_s
        if length != team.lunch_s:
            text = f"{team.name}在{route.day}的午休为{length}秒，应为{team.lunch_s}秒（差{length - team.lunch_s}秒）"
            yield Violation("lunch_is_kept", _key(route), text)
        if team.lunch_s == 0:
            continue
        outside = max(team.lunch_from_s - route.lunch_start_s, route.lunch_start_s - team.lunch_to_s)
        if outside > 0:
            text = f"{team.name}在{route.day}的午休开始时间超出规定时段{outside}秒"
            yield Violation("lunch_is_kept", _key(route), text)
        for begins, ends, what in _activities(route):
            overlap = min(ends, route.lunch_end_s) - max(begins, route.lunch_start_s)
            if overlap > 0:
                text = f"{team.name}在{route.day}的午休与{what}重叠{overlap}秒"
                yield Violation("lunch_is_kept", _key(route), text)


HARD_RULES: tuple[Rule, ...] = (
    every_visit_is_accounted_for,
    team_may_make_the_visit,
    team_works_that_day,
    one_route_a_day,
    day_is_within_the_visits_window,
    travel_follows_the_matrix,
    service_has_its_full_length,
    activities_follow_each_other,
    day_stays_within_office_hours,
    lunch_is_kept,
    mandatory_goes_before_optional,
    left_out_for_the_reason_given,
)


def violations(plan: Plan, problem: Problem) -> list[Violation]:
    """All broken rules, in the order of ``HARD_RULES``; empty for a valid plan."""
    return [violation for rule in HARD_RULES for violation in rule(plan, problem)]


def _routes(plan: Plan, problem: Problem) -> Iterator[tuple[Route, Team]]:
    """Routes of known teams; unknown ones are a matter of ``team_works_that_day``."""
    for route in plan.routes:
        if route.team_id in problem.teams:
            yield route, problem.teams[route.team_id]


def _stops(plan: Plan, problem: Problem) -> Iterator[tuple[Route, Team, Stop]]:
    """Stops of known visits and teams; unknown visits are a matter of ``every_visit_is_accounted_for``."""
    for route, team in _routes(plan, problem):
        for stop in route.stops:
            if stop.visit_id in problem.visits:
                yield route, team, stop


def _activities(route: Route) -> Iterator[tuple[int, int, str]]:
    """Drives and visits of the day in order: begin, end, name."""
    for stop in route.stops:
        yield stop.arrive_s - stop.travel_s, stop.arrive_s, f"前往“{stop.visit_id}”的路途"
        yield stop.start_s, stop.end_s, f"检查“{stop.visit_id}”"
    yield route.return_s - route.return_travel_s, route.return_s, "返程"


def _key(route: Route) -> str:
    return f"{route.team_id} {route.day}"
