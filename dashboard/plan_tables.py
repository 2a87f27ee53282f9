"""Bundles and the inspection plan as a person reads them: Chinese headings, names instead of ids."""

from __future__ import annotations

import pandas as pd

from dashboard.words import clock, clock_span, kilometres
from data.codes import Consent
from planning.bundles.types import Bundle, BundlePlan
from planning.city import City
from planning.quarter.types import Plan, Problem, Route

_FORBIDDEN = {
    "radius": "超出距离",
    "barrier": "隔河、铁路或主干道",
    "unit": "不在同一街道（社区）",
    "fee": "物业费相差过大",
    "type": "小区类型不同",
    "grid": "会拆分网格",
    "consent": "业主不同意",
    None: "可以合并，但户数凑不够",
}


def bundles_table(plan: BundlePlan, city: City) -> pd.DataFrame:
    """One row for each bundle, in the plan's order."""
    return pd.DataFrame(
        [
            {
                "服务单元": f"服务单元{row + 1}",
                "牵头": city.unit_names.get(bundle.unit_id or "", "—"),
                "小区数": len(bundle.members),
                "户数": bundle.households,
                "建筑面积（平方米）": round(bundle.floor_area_m2),
                "中心小区": city.estates["name"][bundle.medoid],
                "最远距离（米）": round(bundle.diameter_m),
                "待征询": len(bundle.needs_consent),
            }
            for row, bundle in enumerate(plan.bundles)
        ],
        columns=["服务单元", "牵头", "小区数", "户数", "建筑面积（平方米）", "中心小区", "最远距离（米）", "待征询"],
    )


def members_table(bundle: Bundle, city: City) -> pd.DataFrame:
    """The members of one bundle, nearest to the medoid first."""
    estates = city.estates.loc[list(bundle.members)]
    table = pd.DataFrame(
        {
            "小区": estates["name"],
            "户数": estates["households"],
            "建筑面积（平方米）": estates["floor_area_m2"],
            "小区类型": estates["estate_type"],
            "物业费": estates["fee_yuan_m2"],
            "业主意愿": [Consent(value).label for value in estates["consent"]],
            "到中心（米）": [round(metres) for metres in bundle.distances_m],
        }
    )
    return table.sort_values("到中心（米）", kind="stable")


def fallback_table(plan: BundlePlan, city: City) -> pd.DataFrame:
    """Estates that can be served neither alone nor in a bundle: why, which neighbours were refused, and the way."""
    names = city.estates["name"]
    rows = []
    for item in plan.fallback:
        near = [
            f"{names[other.estate_id]} {round(other.distance_m)}米（{_FORBIDDEN[other.forbidden_by]}）"
            for other in item.neighbours
        ]
        estate = city.estates.loc[item.estate_id]
        rows.append(
            {
                "小区": estate["name"],
                "街道": city.unit_names.get(estate["street_id"], ""),
                "户数": estate["households"],
                "原因": item.reason,
                "最近的小区": "；".join(near),
                "建议方式": item.way,
            }
        )
    return pd.DataFrame(rows, columns=["小区", "街道", "户数", "原因", "最近的小区", "建议方式"]).astype(
        {"户数": "Int64"}
    )


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
