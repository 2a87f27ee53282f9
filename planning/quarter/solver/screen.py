"""Visits that no team could make even on a free day, with the true reason; the rest go to the solver."""

from __future__ import annotations

from planning.quarter.solver.instance import FAR, Instance, build_instance
from planning.quarter.solver.timetable import timing
from planning.quarter.types import Problem, Team, Unplaced, Visit


def screen(problem: Problem) -> tuple[Instance, list[Unplaced]]:
    """The instance of all visits that fit a free day of some team, and the others with their reasons.

    Visits and teams are numbered in the order of their ids, so the order of the tables changes nothing.
    """
    teams = [problem.teams[key] for key in sorted(problem.teams)]
    visits = [problem.visits[key] for key in sorted(problem.visits)]
    whole = build_instance(problem, visits, teams)
    left_out: dict[int, Unplaced] = {}
    for number, visit in enumerate(visits):
        found = _why_not(whole, number, visit, teams)
        if found is not None:
            left_out[number] = Unplaced(visit.visit_id, *found, visit.estate_id)
    fit = [visit for number, visit in enumerate(visits) if number not in left_out]
    return build_instance(problem, fit, teams), list(left_out.values())


def _why_not(instance: Instance, number: int, visit: Visit, teams: list[Team]) -> tuple[str, str] | None:
    able = [t for t in range(len(teams)) if instance.allowed[number, t]]
    if not able:
        return "no_team", _no_team(visit, teams)
    present = [t for t in able if any(visit.first_day <= day <= visit.last_day for day in teams[t].days)]
    if not present:
        window = f"{visit.first_day:%m月%d日}至{visit.last_day:%m月%d日}"
        return "no_time", f"可以承担的检查组在{window}没有工作日"
    legs = {t: instance.legs(t, [number]) for t in present}
    reached = [t for t in present if max(legs[t]) < FAR]
    if not reached:
        return "no_road", "从可以承担的检查组出发点到该小区没有连通的道路"
    if any(timing(teams[t], legs[t], [visit.service_s]) is not None for t in reached):
        return None
    needed = min(sum(legs[t]) for t in reached) + visit.service_s
    longest = max(teams[t].work_s for t in reached)
    return "too_long", (
        f"往返路途和检查共需约{needed / 3600:.1f}小时，加上午休一个工作日排不下（除午休外每天{longest / 3600:.1f}小时）"
    )


def _no_team(visit: Visit, teams: list[Team]) -> str:
    wanted = "、".join(sorted(visit.departments))
    if visit.departments and not any(visit.departments <= team.departments for team in teams):
        return f"没有检查组同时具备所需部门：{wanted}"
    if visit.departments:
        return f"负责该小区所在区域的检查组不具备所需部门：{wanted}"
    return "没有检查组负责该小区所在的区域"
