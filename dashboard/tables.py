"""Tables as a person reads them: Chinese headings, names instead of ids, words instead of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pandas as pd

from dashboard.words import clock, clock_span, kilometres
from data.boundaries import SOURCE_LABELS
from data.codes import COMMITTEES, PARTIES, Consent
from data.profile import Profile
from data.schemas import TABLES
from geo.errors import Fault
from planning.bundles.types import Bundle, BundlePlan
from planning.city import City
from planning.coverage_types import Coverage, CoverageState
from planning.quarter.types import Plan, Problem, Route


def estates_table(city: City, profile: Profile, states: Mapping[str, CoverageState]) -> pd.DataFrame:
    """The register for the screen and for export; index ``estate_id`` as in the city.

    Shares are per cent (0–100), areas square metres, the boundary's confidence from 0 to 1; blanks stay blank.
    """
    estates = city.estates
    forms = {form.canonical: form.name for form in reversed(profile.service_forms)}
    open_cases = city.cases[~city.cases["closed"].astype(bool)].groupby("estate_id").size()
    held = city.boundaries.reindex(estates.index)
    boundary = pd.Series("仅有位置", index=estates.index, dtype=object)
    boundary[estates["lon"].isna()] = "无位置"
    boundary[estates["four_sides"].notna()] = "仅有四至文字"
    has_ground = estates.index.isin(city.boundaries.index)
    boundary[has_ground] = held.loc[has_ground, "source"].map(lambda source: f"{SOURCE_LABELS[source]}边界")
    return pd.DataFrame(
        {
            "小区": estates["name"],
            "县区": estates["county_id"].map(city.unit_names),
            "街道": estates["street_id"].map(city.unit_names),
            "社区": estates["community_id"].map(city.unit_names),
            "状态": [states[estate].label for estate in estates.index],
            "服务形态": estates["service_form"].map(forms),
            "户数": estates["households"],
            "建筑面积（平方米）": estates["floor_area_m2"],
            "建成年份": estates["year_built"],
            "小区类型": estates["estate_type"],
            "物业费": estates["fee_yuan_m2"],
            "收缴率（%）": (estates["fee_rate"] * 100).round(1),
            "业委会": estates["committee"].map(COMMITTEES),
            "党组织": estates["party"].map(PARTIES),
            "物业服务企业": estates["company"],
            "业主意愿": estates["consent"].map(lambda value: Consent(value).label),
            "边界": boundary,
            "边界可信度": held["confidence"].astype("float64").round(2),
            "四至范围": estates["four_sides"],
            "未结问题": open_cases.reindex(estates.index).fillna(0).astype(int),
        },
        index=estates.index,
    )


def lagging(result: Coverage, city: City, parent_id: str, level: str) -> pd.DataFrame:
    """Units of a level below a unit (empty: all), lowest rate first; equals by number of uncovered estates, then name."""
    children = set(city.units.index[city.units["parent_id"] == parent_id]) if parent_id else None
    rows = [
        {
            "unit_id": rate.unit_id,
            "name": rate.name,
            "n_estates": rate.n_estates,
            "n_uncovered": rate.n_estates - rate.n_covered,
            "by_estates": rate.by_estates,
        }
        for rate in result.rates
        if rate.level == level and rate.unit_id and rate.n_estates and (children is None or rate.unit_id in children)
    ]
    frame = pd.DataFrame(rows, columns=["unit_id", "name", "n_estates", "n_uncovered", "by_estates"])
    return frame.sort_values(["by_estates", "n_uncovered", "name"], ascending=[True, False, True], ignore_index=True)


def cases_table(city: City, profile: Profile, today: date) -> pd.DataFrame:
    """The rectification ledger for the screen and for export; open and overdue ones first."""
    cases = city.cases
    names = {code.code: code.name for code in profile.problem_codes}
    estate_names = city.estates["name"]
    due = cases["due_date"]
    closed = cases["closed"].astype(bool)
    state = pd.Series("未销号", index=cases.index, dtype=object)
    state[[value is not None and value < today for value in due]] = "超期"
    state[closed] = "已销号"
    table = pd.DataFrame(
        {
            "状态": state,
            "项目名称": cases["project_name"],
            "对应小区": cases["estate_id"].map(estate_names).fillna("未对上"),
            "街道": cases["street_id"].map(city.unit_names),
            "社区": cases["community_id"].map(city.unit_names),
            "物业服务企业": cases["company"],
            "问题类别": ["、".join(names.get(code, str(code)) for code in codes) for codes in cases["categories"]],
            "问题内容": cases["content"],
            "整改措施及进展情况": cases["measures"],
            "责任单位/人": cases["responsible"],
            "整改完成时限": [
                value if value is not None else text for value, text in zip(due, cases["due_text"], strict=True)
            ],
        },
        index=cases.index,
    )
    rank = table["状态"].map({"超期": 0, "未销号": 1, "已销号": 2})
    return (
        table.loc[rank.sort_values(kind="stable").index]
        .astype({"整改完成时限": str})
        .replace({"整改完成时限": {"nan": ""}})
    )


def faults_table(faults: Sequence[Fault]) -> pd.DataFrame:
    """Refused places for the screen and for export."""
    return pd.DataFrame(
        [
            {
                "文件": fault.file,
                "工作表": fault.sheet or "",
                "行": fault.row,
                "列": fault.column or "",
                "值": fault.value or "",
                "问题": fault.problem,
                "怎么改": fault.remedy,
            }
            for fault in faults
        ],
        columns=["文件", "工作表", "行", "列", "值", "问题", "怎么改"],
    ).astype({"行": "Int64"})


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


_ACTIONS = {
    "add": "新增",
    "change": "修改",
    "remove": "删除",
    "load": "导入",
    "document": "保存结果",
    "setting": "设置",
    "export": "导出",
}


_OBJECTS = {"document": "计算结果", "load": "导入的文件", "setting": "设置", "files": "导出的文件"}
_DOCUMENTS = {"bundles": "打捆方案", "plan": "检查计划", "quality_checked": "质量核对"}
_FIELDS = {"kind": "种类", "period": "期数", "files": "文件", "counts": "数量"}


def audit_table(entries: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The audit log in words; what changed is written out as text, ids of units (``names``) by their names."""
    titles = {name: table.title for name, table in TABLES.items()} | _OBJECTS
    columns = {column.name: column.title for table in TABLES.values() for column in table.columns} | _FIELDS

    def text(name: str, value: object) -> str:
        if name == "geometry":
            return "（图形）"
        if name == "source":
            return SOURCE_LABELS.get(str(value), str(value))
        if name == "kind":
            return _DOCUMENTS.get(str(value), str(value))
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list | dict):
            return (
                f"{len(value)} 项"
                if any(isinstance(item, dict | list) for item in value)
                else "、".join(map(str, value))
            )
        return names.get(str(value), str(value))[:60]

    def words(values: object) -> str:
        if not isinstance(values, dict):
            return "" if values is None or values != values else str(values)
        told = (
            f"{columns[name]}：{text(name, value)}"
            for name, value in values.items()
            if value not in (None, "", [], {}) and name in columns
        )
        return "；".join(told)

    return pd.DataFrame(
        {
            "时间": pd.to_datetime(entries["at"])
            .dt.tz_convert(datetime.now().astimezone().tzinfo)
            .dt.strftime("%Y-%m-%d %H:%M"),
            "人员": entries["person"],
            "操作": entries["action"].map(_ACTIONS).fillna(entries["action"]),
            "对象": entries["object_type"].map(titles).fillna(entries["object_type"]),
            "编号": entries["object_id"].astype(str).map(lambda key: names.get(key, key)),
            "改前": entries["before"].map(words),
            "改后": entries["after"].map(words),
        }
    ).rename_axis("序号")
