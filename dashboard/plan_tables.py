"""The inspection plan as a person reads it: Chinese headings, names instead of ids."""

from __future__ import annotations

import pandas as pd

from dashboard.words import clock, clock_span, kilometres
from planning.city import City
from planning.quarter.types import Plan, Problem, Route


def calendar_table(plan: Plan, problem: Problem) -> pd.DataFrame:
    """One row for each team and working day; hours of work (travel and visits), 0 on a free day."""
    routes = {(route.team_id, route.day): route for route in plan.routes}
    rows = []
    for team in sorted(problem.teams.values(), key=lambda team: team.team_id):
        for day in team.days:
            route = routes.get((team.team_id, day))
            seconds = (
                0 if route is None else route.return_s - route.depart_s - (route.lunch_end_s - route.lunch_start_s)
            )
            rows.append(
                {
                    "team_id": team.team_id,
                    "检查组": team.name,
                    "日期": day.isoformat(),
                    "站数": 0 if route is None else len(route.stops),
                    "工时": round(seconds / 3600, 1),
                }
            )
    return pd.DataFrame(rows, columns=["team_id", "检查组", "日期", "站数", "工时"])


def stops_table(route: Route, problem: Problem, city: City) -> pd.DataFrame:
    """The stops of one route in order, lunch and return left out."""
    open_cases = city.cases[~city.cases["closed"].astype(bool)].groupby("estate_id").size()
    rows = []
    for number, stop in enumerate(route.stops, start=1):
        visit = problem.visits[stop.visit_id]
        rows.append(
            {
                "站": number,
                "到达": clock(stop.arrive_s),
                "小区": city.estates["name"][visit.estate_id],
                "检查时长": clock_span(stop.end_s - stop.start_s),
                "事由": visit.reason,
                "部门": "、".join(sorted(visit.departments)) or "不限",
                "未结问题": int(open_cases.get(visit.estate_id, 0)),
                "路途": f"{clock_span(stop.travel_s)} {kilometres(stop.distance_m)}",
            }
        )
    return pd.DataFrame(rows)


def unplaced_table(plan: Plan, problem: Problem, city: City) -> pd.DataFrame:
    """Visits left out and why."""
    names = city.estates["name"]
    rows = []
    for item in plan.unplaced:
        visit = problem.visits.get(item.visit_id)
        estate_id = visit.estate_id if visit else item.estate_id
        rows.append({"小区": names.get(estate_id, estate_id), "原因": item.reason})
    return pd.DataFrame(rows, columns=["小区", "原因"])
