"""The quarter's workbook: totals, teams, routes, stops, what was left out, the bases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dashboard.exports.notes import circumstances
from dashboard.exports.workbook import ONE, WHOLE, Share, Sheet
from dashboard.plan_tables import stops_table, unplaced_table
from dashboard.words import clock, weekday_text
from data.profile import Profile
from data.quarter import Quarter
from planning.city import City
from planning.quarter.types import Plan, Problem, Route
from planning.runs import Stored

_FORMATS: Final = {"检查（小时）": ONE, "路途（小时）": ONE, "里程（公里）": ONE, "小区数": WHOLE}


def plan_sheets(city: City, profile: Profile, saved: Stored[Plan], problem: Problem) -> list[Sheet]:
    """The sheets in order."""
    plan = saved.value
    title = Quarter.parse(plan.quarter).title
    notes = circumstances(city, profile, saved, "排定")
    warnings = [*notes[1:], *([f"注意：{problem.calendar_warning}"] if problem.calendar_warning else [])]
    if problem.straight_line:
        warnings.append("库中没有道路：路途按直线估算。")
    line = notes[:1]
    return [
        Sheet("汇总", f"{profile.city}{title}联合执法检查计划", summary_table(plan, problem), (*line, *warnings)),
        Sheet("检查组", f"{title}检查组工作量", teams_table(plan, problem), line, _FORMATS, total=True),
        Sheet("线路", f"{title}检查线路", routes_table(plan, problem), line, _FORMATS),
        Sheet("检查安排", f"{title}检查安排", _stops(plan, problem, city), line),
        Sheet("未排入", f"{title}未排入的检查", unplaced_table(plan, problem, city), line, numbered=True,
              empty="全部排入，没有遗漏"),
        Sheet("依据", "检查项目的依据", basis_table(profile, problem), line),
    ]  # fmt: skip


def summary_table(plan: Plan, problem: Problem) -> pd.DataFrame:
    """The quarter in figures."""
    n_placed = sum(1 for _ in plan.stops())
    wanted = n_placed + len(plan.unplaced)
    n_days = sum(len(team.days) for team in problem.teams.values())
    rows: list[tuple[str, object, str]] = [
        ("需要检查", wanted, "次"),
        ("已排入", n_placed, "次"),
        ("排入比例", Share(n_placed / wanted) if wanted else None, ""),
        ("未排入", len(plan.unplaced), "次，原因见“未排入”表" if plan.unplaced else "次"),
        ("缺少的队日", plan.missing_team_days, "个，补上后可排入其余检查" if plan.missing_team_days else "个"),
        ("检查组", len(problem.teams), "个"),
        ("出动队日", len(plan.routes), f"个，可用{n_days}个"),
        ("检查时长合计", round(plan.service_s / 3600, 1), "小时"),
        ("路途时长合计", round(plan.travel_s / 3600, 1), "小时"),
        ("行驶里程合计", round(plan.distance_m / 1000, 1), "公里"),
    ]
    return pd.DataFrame(rows, columns=["项目", "数值", "说明"], dtype=object)


def _load(routes: Sequence[Route]) -> dict[str, object]:
    return {
        "出动天数": len(routes),
        "小区数": sum(len(route.stops) for route in routes),
        "检查（小时）": sum(stop.end_s - stop.start_s for route in routes for stop in route.stops) / 3600,
        "路途（小时）": sum(_travel_s(route) for route in routes) / 3600,
        "里程（公里）": sum(_metres(route) for route in routes) / 1000,
    }


def _travel_s(route: Route) -> int:
    return sum(stop.travel_s for stop in route.stops) + route.return_travel_s


def _metres(route: Route) -> float:
    return sum(stop.distance_m for stop in route.stops) + route.return_distance_m


def teams_table(plan: Plan, problem: Problem) -> pd.DataFrame:
    """Each team's load, the sum in the last row."""
    rows = []
    for team in sorted(problem.teams.values(), key=lambda team: team.team_id):
        routes = [route for route in plan.routes if route.team_id == team.team_id]
        departments = "、".join(sorted(team.departments))
        rows.append({"检查组": team.name, "组成部门": departments, "可用天数": len(team.days)} | _load(routes))
    days = sum(len(team.days) for team in problem.teams.values())
    rows.append({"检查组": "合计", "组成部门": "", "可用天数": days} | _load(plan.routes))
    return pd.DataFrame(rows, dtype=object)


def routes_table(plan: Plan, problem: Problem) -> pd.DataFrame:
    """One row for each team and day."""
    rows = []
    for route in in_order(plan):
        lunch = route.lunch_end_s > route.lunch_start_s
        rows.append(
            {
                "日期": route.day,
                "星期": weekday_text(route.day),
                "检查组": problem.teams[route.team_id].name,
                "小区数": len(route.stops),
                "出发": clock(route.depart_s),
                "午休": f"{clock(route.lunch_start_s)}–{clock(route.lunch_end_s)}" if lunch else "",
                "返回": clock(route.return_s),
                "检查（小时）": sum(stop.end_s - stop.start_s for stop in route.stops) / 3600,
                "路途（小时）": _travel_s(route) / 3600,
                "里程（公里）": _metres(route) / 1000,
            }
        )
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["日期", "检查组", "小区数"], dtype=object)


def in_order(plan: Plan) -> list[Route]:
    """Routes by day, then team."""
    return sorted(plan.routes, key=lambda route: (route.day, route.team_id))


def _stops(plan: Plan, problem: Problem, city: City) -> pd.DataFrame:
    parts = []
    streets = city.estates["street_id"].map(city.unit_names)
    for route in in_order(plan):
        part = stops_table(route, problem, city).drop(columns="部门")  # 事由 names them
        part.insert(0, "日期", route.day)
        part.insert(1, "检查组", problem.teams[route.team_id].name)
        estates = [problem.visits[stop.visit_id].estate_id for stop in route.stops]
        part.insert(5, "街道", [streets[estate] for estate in estates])
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["日期", "检查组", "站", "小区"])


def basis_table(profile: Profile, problem: Problem) -> pd.DataFrame:
    """The programmes that the visits belong to, with the sentence that asks for them."""
    used = {visit.rule_id for visit in problem.visits.values()}
    rows = [
        {
            "检查项目": rule.name,
            "每季度次数": rule.times_per_quarter,
            "依据": rule.basis.rule,
            "原文": rule.basis.quote,
            "文件": rule.basis.document,
            "假定": (rule.basis.note or "是") if rule.basis.assumed else "",
        }
        for rule in profile.visit_rules
        if rule.id in used
    ]
    return pd.DataFrame(rows, columns=["检查项目", "每季度次数", "依据", "原文", "文件", "假定"], dtype=object)
