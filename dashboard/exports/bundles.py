"""The bundles workbook: service units, members, what is left over, the limits with their bases."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd

from dashboard.exports.workbook import Sheet
from dashboard.tables import bundles_table, fallback_table, members_table
from dashboard.words import date_text, number
from data.profile import Profile, Value
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.runs import Stored

_WHOLE = "#,##0"
_AREA = (("建筑面积（平方米）", _WHOLE), ("户数", _WHOLE))
_LIMITS = {
    "radius_m": "到中心小区的距离",
    "max_diameter_m": "任意两小区的距离",
    "min_households": "最少户数",
    "max_households": "最多户数",
    "max_estates": "最多小区数",
    "small_households": "规模较小：户数不超过",
    "small_floor_area_m2": "规模较小：建筑面积不超过",
    "fee_window_yuan_m2": "物业费相差不超过",
}


def bundle_sheets(city: City, profile: Profile, saved: Stored[BundlePlan]) -> list[Sheet]:
    """The sheets in order."""
    plan = saved.value
    proof = "户数已证明最多" if plan.proven else f"最多还可能增加{number(plan.bound - plan.households_covered)}户"
    note = (
        f"{profile.city}{'（虚构示例）' if profile.fictional else ''}　{date_text(saved.created_at.astimezone().date())}求解"
        f"　{proof}　内部资料"
    )
    names = city.estates["name"]
    alone = pd.DataFrame(
        [
            {"小区": names[row.estate_id], "户数": city.estates["households"][row.estate_id], "理由": row.reason}
            for row in plan.alone
        ],
        columns=["小区", "户数", "理由"],
    )
    binding = [bundle.binding for bundle in plan.bundles]
    return [
        Sheet("服务单元", "打捆服务单元", bundles_table(plan, city).assign(紧约束=binding), note, _AREA),
        Sheet("成员", "服务单元成员", _members(plan, city), note, _AREA),
        Sheet("单独", "单独招标的小区", alone, note, _AREA),
        Sheet("兜底", "兜底小区及原因", fallback_table(plan, city), note, _AREA),
        Sheet("规则", "采用的规则与依据", _limits(plan, profile), note),
    ]


def _members(plan: BundlePlan, city: City) -> pd.DataFrame:
    parts = []
    for row, bundle in enumerate(plan.bundles):
        part = members_table(bundle, city)
        part.insert(0, "服务单元", f"服务单元{row + 1}")
        part.insert(2, "中心小区", ["是" if estate == bundle.medoid else "" for estate in part.index])
        parts.append(part)
    return pd.concat(parts) if parts else pd.DataFrame(columns=["服务单元", "小区"])


def _limits(plan: BundlePlan, profile: Profile) -> pd.DataFrame:
    rows = []
    for field in fields(profile.bundle):
        rule = getattr(profile.bundle, field.name)
        if not isinstance(rule, Value):
            continue
        rows.append(
            {
                "规则": _LIMITS.get(field.name, field.name),
                "本次采用": getattr(plan.settings, field.name),
                "本市规定": rule.value,
                "单位": rule.unit,
                "依据": rule.basis.rule,
                "原文": rule.basis.quote,
                "文件": rule.basis.document,
                "假定": "是（文件没有给出数字）" if rule.basis.assumed else "",
            }
        )
    return pd.DataFrame(rows).astype(object)
