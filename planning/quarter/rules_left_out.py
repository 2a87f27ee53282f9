"""Rules about what a plan leaves out: the reason is true, and no mandatory visit stands back behind an optional one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from planning.quarter.types import Plan, Problem, Team, Visit
from planning.violations import Violation


def left_out_for_the_reason_given(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """The kind of reason of every visit left out is true; ``no_time``: it fits into no day as the plan stands. Hard."""
    rule = "left_out_for_the_reason_given"
    beyond = {item.visit_id: item.kind for item in problem.left_out}
    days = _days(plan, problem)
    for item in plan.unplaced:
        if item.visit_id in beyond:
            if item.kind != beyond[item.visit_id]:
                text = f"“{item.visit_id}”的未排原因写为{item.kind}，应为{beyond[item.visit_id]}"
                yield Violation(rule, item.visit_id, text)
            continue
        visit = problem.visits.get(item.visit_id)
        if visit is None:
            continue
        true_kind = _kind(visit, problem)
        if item.kind != true_kind:
            text = f"“{item.visit_id}”的未排原因写为{item.kind}，应为{true_kind}"
            yield Violation(rule, item.visit_id, text)
        elif true_kind == "no_time":
            where = _room(visit, days, problem, drop_optional=False)
            if where is not None:
                text = f"“{item.visit_id}”列为未排，但{where[0].name}在{where[1]}还排得下"
                yield Violation(rule, item.visit_id, text)


def mandatory_goes_before_optional(plan: Plan, problem: Problem) -> Iterator[Violation]:
    """No mandatory visit is left out while optional visits fill a day that could take it (story 12). Hard."""
    days = _days(plan, problem)
    for item in plan.unplaced:
        visit = problem.visits.get(item.visit_id)
        if visit is None or not visit.mandatory or _kind(visit, problem) != "no_time":
            continue
        where = _room(visit, days, problem, drop_optional=True)
        if where is not None:
            text = f"必查的“{item.visit_id}”未排，而{where[0].name}在{where[1]}排了可以缓查的检查"
            yield Violation("mandatory_goes_before_optional", item.visit_id, text)


def _days(plan: Plan, problem: Problem) -> dict[tuple[str, date], list[Visit]]:
    """Visits of each working day of each team, free days included."""
    days: dict[tuple[str, date], list[Visit]] = {
        (key, day): [] for key, team in problem.teams.items() for day in team.days
    }
    for route in plan.routes:
        if (route.team_id, route.day) in days:
            found = [problem.visits[stop.visit_id] for stop in route.stops if stop.visit_id in problem.visits]
            days[route.team_id, route.day] = found
    return days


def _room(
    visit: Visit, days: dict[tuple[str, date], list[Visit]], problem: Problem, *, drop_optional: bool
) -> tuple[Team, date] | None:
    """A day that takes the visit between the others in their order, without the optional ones if they may go."""
    free_tried: set[str] = set()
    for (team_id, day), others in days.items():
        team = problem.teams[team_id]
        if not (visit.first_day <= day <= visit.last_day and problem.allows(team, visit)):
            continue
        kept = [other for other in others if other.mandatory] if drop_optional else others
        if not kept:
            if team_id in free_tried:
                continue
            free_tried.add(team_id)
        if visit.service_s + sum(other.service_s for other in kept) > team.ends_s - team.starts_s - team.lunch_s:
            continue
        path = [team.place, *(other.place for other in kept), team.place]
        legs = [int(problem.travel_s[a, b]) for a, b in pairwise(path)]
        left = team.ends_s - team.starts_s - team.lunch_s - visit.service_s - sum(legs)
        left -= sum(other.service_s for other in kept)
        for position, (a, b) in enumerate(pairwise(path)):
            added = int(problem.travel_s[a, visit.place]) + int(problem.travel_s[visit.place, b]) - legs[position]
            if added <= left and fits_day(team, [*kept[:position], visit, *kept[position:]], problem):
                return team, day
    return None


def _kind(visit: Visit, problem: Problem) -> str:
    """Why the visit could not be made even on a free day; ``no_time`` if it could."""
    able = [team for team in problem.teams.values() if problem.allows(team, visit)]
    if not able:
        return "no_team"
    present = [team for team in able if any(visit.first_day <= day <= visit.last_day for day in team.days)]
    if not present:
        return "no_time"
    reached = [team for team in present if _drives(team, [visit], problem) is not None]
    if not reached:
        return "no_road"
    return "no_time" if any(fits_day(team, [visit], problem) for team in reached) else "too_long"


def _drives(team: Team, visits: Sequence[Visit], problem: Problem) -> list[int] | None:
    places = [team.place, *(visit.place for visit in visits), team.place]
    drives = [int(problem.travel_s[a, b]) for a, b in pairwise(places)]
    return None if min(drives) < 0 else drives


def fits_day(team: Team, visits: Sequence[Visit], problem: Problem) -> bool:
    """Whether the visits in this order, with lunch, fit into the team's hours: every break is tried for lunch."""
    drives = _drives(team, visits, problem)
    if drives is None:
        return False
    steps = []
    for drive, visit in zip(drives, visits, strict=False):
        steps += [drive, visit.service_s]
    steps.append(drives[-1])
    if team.lunch_s == 0:
        return team.starts_s + sum(steps) <= team.ends_s
    for lunch_before in range(len(steps) + 1):
        now = team.starts_s + sum(steps[:lunch_before])
        begins = max(now, team.lunch_from_s)
        if begins > team.lunch_to_s:
            return False
        if begins + team.lunch_s + sum(steps[lunch_before:]) <= team.ends_s:
            return True
    return False
