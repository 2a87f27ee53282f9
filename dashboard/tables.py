"""Register and ledgers as a person reads them: Chinese headings, names instead of ids, words instead of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pandas as pd

from data.boundaries import SOURCE_LABELS
from data.codes import COMMITTEES, PARTIES, Consent
from data.profile import Profile
from data.schemas import TABLES
from geo.errors import Fault
from planning.city import City
from planning.coverage_types import Coverage, CoverageState


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
