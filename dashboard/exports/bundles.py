"""The bundles workbook: what becomes of each uncovered estate, service units, members, the rest, the bases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Final

import pandas as pd

from dashboard.exports.notes import circumstances
from dashboard.exports.workbook import TWO, WHOLE, Sheet
from dashboard.plan_tables import bundles_table, fallback_table, members_table
from dashboard.words import number
from data.profile import Basis, Profile, Value
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.runs import Stored

_FORMATS: Final = {
    "建筑面积（平方米）": WHOLE,
    "户数": WHOLE,
    "物业费": TWO,
    "最远距离（米）": WHOLE,
    "到中心（米）": WHOLE,
}
_LIMITS: Final = {
    "radius_m": "到中心小区的距离不超过",
    "max_diameter_m": "任意两小区的距离不超过",
    "min_households": "最少户数",
    "max_households": "最多户数",
    "max_estates": "最多小区数",
    "small_households": "规模较小：户数不超过",
    "small_floor_area_m2": "规模较小：建筑面积不超过",
    "fee_window_yuan_m2": "物业费相差不超过",
}
_BARRIERS: Final = {
    "river": "河流", "railway": "铁路", "motorway": "高速公路", "trunk": "快速路", "primary": "主干道",
    "secondary": "次干道",
}  # fmt: skip


def bundle_sheets(city: City, profile: Profile, saved: Stored[BundlePlan]) -> list[Sheet]:
    """The sheets in order."""
    plan = saved.value
    notes = circumstances(city, profile, saved, "求解")
    if plan.straight_line:
        notes += ("库中没有道路：距离按直线×1.3估算。",)
    title = f"{profile.city}物业服务打捆方案"
    return [
        Sheet("汇总", title, summary_table(plan, city), (*notes, *plan.notes), _FORMATS, total=True),
        Sheet("服务单元", "打捆服务单元", _bundles(plan, city), notes[:1], _FORMATS, total=bool(plan.bundles)),
        Sheet("成员", "服务单元成员", _members(plan, city), notes[:1], _FORMATS, numbered=True),
        Sheet("单独", "单独招标的小区", _alone(plan, city), notes[:1], _FORMATS, numbered=True),
        Sheet("兜底", "兜底小区、原因与建议方式", fallback_table(plan, city), notes[:1], _FORMATS, numbered=True),
        Sheet("规则", "采用的规则与依据", limits_table(plan, profile), notes[:1]),
    ]


def summary_table(plan: BundlePlan, city: City) -> pd.DataFrame:
    """What becomes of the uncovered estates: bundle, alone, fallback, and all of them."""
    proof = "户数已证明最多" if plan.proven else f"最多还可能增加{number(plan.bound - plan.households_covered)}户"
    bundled = [estate for bundle in plan.bundles for estate in bundle.members]
    alone = [row.estate_id for row in plan.alone]
    fallback = [row.estate_id for row in plan.fallback]
    kinds = [
        (f"打捆（{len(plan.bundles)}个服务单元）", bundled, proof),
        ("单独招标", alone, "户数或面积达到单独招标的规模"),
        ("兜底", fallback, "不能单独管理，又不能联合打包，逐个列出原因和建议方式"),
        ("合计（全部未覆盖小区）", [*bundled, *alone, *fallback], ""),
    ]
    return pd.DataFrame(
        [
            {
                "去向": kind,
                "小区数": len(estates),
                "户数": _sum(city, estates, "households"),
                "建筑面积（平方米）": _sum(city, estates, "floor_area_m2"),
                "说明": words,
            }
            for kind, estates, words in kinds
        ],
        dtype=object,
    )


def _sum(city: City, estates: Iterable[str], column: str) -> float:
    return float(city.estates.loc[list(estates), column].sum())


def _bundles(plan: BundlePlan, city: City) -> pd.DataFrame:
    table = bundles_table(plan, city).astype(object)
    names = city.estates["name"]
    table["成员"] = ["、".join(names[estate] for estate in bundle.members) for bundle in plan.bundles]
    table["最紧的规则"] = [bundle.binding for bundle in plan.bundles]
    if table.empty:
        return table
    total = {name: table[name].sum() for name in ("小区数", "户数", "建筑面积（平方米）", "待征询")}
    return pd.concat([table, pd.DataFrame([{"服务单元": "合计"} | total], dtype=object)], ignore_index=True)


def _members(plan: BundlePlan, city: City) -> pd.DataFrame:
    parts = []
    for row, bundle in enumerate(plan.bundles):
        part = members_table(bundle, city)
        part.insert(0, "服务单元", f"服务单元{row + 1}")
        part.insert(2, "街道", city.estates["street_id"][part.index].map(city.unit_names))
        part.insert(3, "社区", city.estates["community_id"][part.index].map(city.unit_names))
        part.insert(4, "中心小区", ["是" if estate == bundle.medoid else "" for estate in part.index])
        parts.append(part)
    return pd.concat(parts) if parts else pd.DataFrame(columns=["服务单元", "小区", "街道", "社区"])


def _alone(plan: BundlePlan, city: City) -> pd.DataFrame:
    estates = city.estates.loc[[row.estate_id for row in plan.alone]]
    return pd.DataFrame(
        {
            "小区": estates["name"],
            "街道": estates["street_id"].map(city.unit_names),
            "社区": estates["community_id"].map(city.unit_names),
            "户数": estates["households"],
            "建筑面积（平方米）": estates["floor_area_m2"],
            "理由": [row.reason for row in plan.alone],
        }
    )


def limits_table(plan: BundlePlan, profile: Profile) -> pd.DataFrame:
    """Each limit as used and as the city has it, with the sentence it rests on."""
    rules, used = profile.bundle, plan.settings
    rows: list[tuple[str, object, object, str, Basis]] = []
    for field in fields(rules):
        rule = getattr(rules, field.name)
        if isinstance(rule, Value):
            rows.append((_LIMITS[field.name], getattr(used, field.name), rule.value, rule.unit, rule.basis))
    leads = {"street": "街道（乡镇）", "community": "社区"}
    rows.append(("牵头单位，成员须在其辖区内", leads[used.lead], leads[rules.lead], "", rules.basis))
    rows.append(("不拆分网格", used.keep_grids, rules.keep_grids, "", rules.basis))
    rows.append(("小区类型须相同", used.same_type, rules.same_type, "", rules.basis))
    rows.append(("不得跨越", _barriers(used.barriers), _barriers(rules.barriers), "", rules.barriers_basis))
    return pd.DataFrame(
        [
            {
                "规则": name,
                "本次采用": adopted,
                "本市规定": ruled,
                "单位": unit,
                "依据": basis.rule,
                "原文": basis.quote,
                "文件": basis.document,
                "假定": (basis.note or "文件没有给出数字") if basis.assumed else "",
            }
            for name, adopted, ruled, unit, basis in rows
        ],
        dtype=object,
    )


def _barriers(kinds: Iterable[str]) -> str:
    return "、".join(_BARRIERS.get(kind, kind) for kind in kinds)
