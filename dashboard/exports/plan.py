"""The quarter's workbook: teams, routes, stops, what was left out."""

from __future__ import annotations

import pandas as pd

from dashboard.exports.workbook import Sheet
from dashboard.tables import stops_table, unplaced_table
from dashboard.words import clock, date_text, weekday_text
from data.profile import Profile
from data.quarter import Quarter
from planning.city import City
from planning.quarter.types import Plan, Problem
from planning.runs import Stored


def plan_sheets(city: City, profile: Profile, saved: Stored[Plan], problem: Problem) -> list[Sheet]:
    """The sheets in order."""
    plan = saved.value
    title = Quarter.parse(plan.quarter).title
    note = (
        f"{profile.city}{'（虚构示例）' if profile.fictional else ''}　{title}　"
        f"{date_text(saved.created_at.astimezone().date())}排定　内部资料"
    )
    if problem.calendar_warning:
        note += f"　注意：{problem.calendar_warning}"
    hours = (("检查（小时）", "0.0"), ("路途（小时）", "0.0"), ("里程（公里）", "0.0"))
    return [
        Sheet("检查组", f"{title}检查组工作量", _teams(plan, problem), note, hours),
        Sheet("线路", f"{title}检查线路", _routes(plan, problem), note, hours),
        Sheet("停靠点", f"{title}检查安排", _stops(plan, problem, city), note),
        Sheet("未排", f"{title}未排入的检查", unplaced_table(plan, problem, city), note),
    ]


def _teams(plan: Plan, problem: Problem) -> pd.DataFrame:
    rows = []
    for team in sorted(problem.teams.values(), key=lambda team: team.team_id):
        routes = [route for route in plan.routes if route.team_id == team.team_id]
        rows.append(
            {
                "检查组": team.name,
                "组成部门": "、".join(sorted(team.departments)),
                "可用天数": len(team.days),
                "出动天数": len(routes),
                "小区数": sum(len(route.stops) for route in routes),
                "检查（小时）": sum(stop.end_s - stop.start_s for route in routes for stop in route.stops) / 3600,
                "路途（小时）": sum(sum(s.travel_s for s in r.stops) + r.return_travel_s for r in routes) / 3600,
                "里程（公里）": sum(sum(s.distance_m for s in r.stops) + r.return_distance_m for r in routes) / 1000,
            }
        )
    return pd.DataFrame(rows)


def _routes(plan: Plan, problem: Problem) -> pd.DataFrame:
    rows = []
    for route in sorted(plan.routes, key=lambda route: (route.day, route.team_id)):
        rows.append(
            {
                "日期": route.day,
                "星期": weekday_text(route.day),
                "检查组": problem.teams[route.team_id].name,
                "站数": len(route.stops),
                "出发": clock(route.depart_s),
                "午休": f"{clock(route.lunch_start_s)}–{clock(route.lunch_end_s)}",
                "返回": clock(route.return_s),
                "路途（小时）": (sum(s.travel_s for s in route.stops) + route.return_travel_s) / 3600,
                "里程（公里）": (sum(s.distance_m for s in route.stops) + route.return_distance_m) / 1000,
            }
        )
    return pd.DataFrame(rows)


def _stops(plan: Plan, problem: Problem, city: City) -> pd.DataFrame:
    parts = []
    for route in sorted(plan.routes, key=lambda route: (route.day, route.team_id)):
        part = stops_table(route, problem, city)
        part.insert(0, "日期", route.day)
        part.insert(1, "检查组", problem.teams[route.team_id].name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["日期", "检查组", "站"])
