"""A whole plan of bundles as tables for the papers: units, members, reasons, slacks, proofs, what was done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dashboard.bundle_words import ALONE, LEFT, UNITS, labels_of
from dashboard.exports.cells import Share
from dashboard.exports.desk import Desk, told
from dashboard.exports.lots import known, lot_of
from dashboard.exports.workbook import TWO, WHOLE
from dashboard.words import number
from data.codes import Consent
from planning.bundles.rules import Adjustment
from planning.bundles.types import BundlePlan, Fallback
from planning.bundles.words import FORBIDDEN_WORDS, KIND_WORDS
from planning.city import City

FORMATS: Final = {
    "建筑面积（平方米）": WHOLE,
    "户数": WHOLE,
    "物业费（元/平方米·月）": TWO,
    "最远距离（米）": WHOLE,
    "到中心（米）": WHOLE,
    "年收入（元）": WHOLE,
    "年支出（元）": WHOLE,
    "年结余（元）": WHOLE,
    "结余（元）": WHOLE,
    "覆盖户数": WHOLE,
    "上限户数": WHOLE,
    "让出户数": WHOLE,
    "路程合计（米）": WHOLE,
    "公共收益（元/年）": WHOLE,
}


def proof_words(plan: BundlePlan) -> str:
    """What is known of the optimum, in one sentence; what was asked by hand is part of the question."""
    under = "在现有人工要求下，" if plan.wishes else ""
    given = f"，其中为缩短距离让出{number(plan.given_up)}户" if plan.given_up else ""
    if plan.proven:
        return f"{under}户数已证明最多{given}"
    more = plan.bound - plan.households_covered - plan.given_up
    return f"{under}最多还可能增加{number(more)}户{given}"


def summary_table(plan: BundlePlan, city: City) -> pd.DataFrame:
    """What becomes of the estates: bundle, alone, fallback, and all of them."""
    bundled = [estate for bundle in plan.bundles for estate in bundle.members if estate != bundle.anchor]
    anchors = [bundle.anchor for bundle in plan.bundles if bundle.anchor is not None]
    alone = [row.estate_id for row in plan.alone]
    fallback = [row.estate_id for row in plan.fallback]
    way, unit = plan.settings.way, UNITS[plan.settings.way]
    kinds = [(f"{_VERBS[way]}（{len(plan.bundles)}个{unit}）", bundled, proof_words(plan))]
    if anchors:
        kinds.append(("其中带动小区（已有物业，不计入合计）", anchors, "户数为带动小区自身户数"))
    kinds += [
        (ALONE[way], alone, _ENOUGH[way]),
        (LEFT[way], fallback, _REST[way]),
        (_ALL[way], [*bundled, *alone, *fallback], ""),
    ]
    return pd.DataFrame(
        [
            {
                "去向": kind,
                "小区数": len(estates),
                "户数": known(city, estates, "households")[0],
                "建筑面积（平方米）": known(city, estates, "floor_area_m2")[0],
                "说明": "；".join(part for part in (words, _unknown(city, estates)) if part),
            }
            for kind, estates, words in kinds
        ],
        dtype=object,
    )


_VERBS: Final = {"service": "打捆", "anchor": "以大带小", "audit": "审计打包", "regions": "划区"}
_ENOUGH: Final = {
    "service": "户数或面积达到单独招标的规模",
    "anchor": "户数或面积达到单独招标的规模",
    "audit": "公共收益或规模较大，单独审计",
    "regions": "户数或面积达到单独成区的规模",
}
_REST: Final = {
    "service": "不能单独管理，又不能联合打包，逐个列出原因和建议方式",
    "anchor": "附近没有可带动的小区，逐个列出原因和建议方式",
    "audit": "逐个列出原因",
    "regions": "逐个列出原因",
}
_ALL: Final = {
    "service": "合计（全部未覆盖小区）", "anchor": "合计（全部未覆盖小区）", "audit": "合计（参加的小区）",
    "regions": "合计（参加的老旧小区）",
}  # fmt: skip


def _unknown(city: City, estates: Sequence[str]) -> str:
    """How many estates the sums lack: unknown is not zero."""
    lacking = ((label, known(city, estates, column)[1]) for column, label in _SUMMED.items())
    return "，".join(f"{n}个小区没有登记{label}" for label, n in lacking if n)


_SUMMED: Final = {"households": "户数", "floor_area_m2": "建筑面积"}


def units_table(desk: Desk) -> pd.DataFrame:
    """One row for each bundle with its figures, its tightest rule, the nearest alternative and what was done by hand."""
    plan = desk.plan
    names, kind = labels_of(plan), UNITS[plan.settings.way]
    anchored = plan.settings.way == "anchor"
    with_money = any(bundle.money for bundle in plan.bundles)
    rows = []
    for bundle in plan.bundles:
        served = [estate for estate in bundle.members if estate != bundle.anchor]
        row: dict[str, object] = {
            kind: names[bundle.bundle_id],
            "牵头": desk.city.unit_names.get(bundle.unit_id or "", "—"),
            "小区数": len(bundle.members),
            "户数": bundle.households,
            "建筑面积（平方米）": None
            if known(desk.city, served, "floor_area_m2")[0] is None
            else round(bundle.floor_area_m2),
            "带动小区" if anchored else "中心小区": desk.name(bundle.anchor or bundle.medoid),
            "最远距离（米）": round(bundle.diameter_m),
        } | ({"待征询": len(bundle.needs_consent)} if plan.settings.ask_consent else {})
        if anchored and bundle.anchor is not None:
            grade = desk.grade(bundle.anchor)
            row |= {
                "物业服务企业": told(desk.city.estates.at[bundle.anchor, "company"]) or "台账未填",
                "信用等级": grade.label if grade else "未评级",
            }
        if with_money:
            money = bundle.money
            row |= {
                "年收入（元）": money.income if money else None,
                "年支出（元）": money.running + money.fixed if money else None,
                "年结余（元）": money.margin if money else None,
            }
        row |= {
            "成员": "、".join(desk.name(estate) for estate in lot_of(plan, desk.city, bundle).estates),
            "最紧的规则": told(bundle.binding),
            "最近的替代": told(bundle.nearest_other),
            "人工调整": "是" if bundle.by_hand else "",
            "理由": told(bundle.reason),
        }
        rows.append(row)
    table = pd.DataFrame(rows, dtype=object)
    if table.empty:
        return pd.DataFrame(columns=[kind, "牵头", "小区数", "户数", "成员"], dtype=object)
    summed = [name for name in ("小区数", "户数", "建筑面积（平方米）", "待征询", "年收入（元）", "年支出（元）", "年结余（元）")
              if name in table]  # fmt: skip
    total = {kind: "合计"} | {name: pd.to_numeric(table[name]).sum(min_count=1).item() for name in summed}
    return pd.concat([table, pd.DataFrame([total], dtype=object)], ignore_index=True)


def members_table(desk: Desk) -> pd.DataFrame:
    """All members with their unit, nearest to the medoid first, and what each brings."""
    plan, city = desk.plan, desk.city
    kind, names, rows = UNITS[plan.settings.way], labels_of(plan), []
    for bundle in plan.bundles:
        lot = lot_of(plan, city, bundle)
        brought = {addition.estate_id: addition for addition in bundle.additions}
        for estate, metres in zip(lot.estates, lot.metres, strict=True):
            row, addition = city.estates.loc[estate], brought.get(estate)
            rows.append(
                {
                    kind: names[bundle.bundle_id],
                    "小区": desk.name(estate),
                    "街道": desk.street(estate),
                    "社区": city.unit_names.get(row["community_id"], ""),
                    "中心小区": "是" if estate == bundle.medoid else "",
                    "户数": row["households"],
                    "建筑面积（平方米）": row["floor_area_m2"],
                    "小区类型": told(row["estate_type"]),
                    "物业费（元/平方米·月）": row["fee_yuan_m2"],
                }
                | ({"业主意愿": Consent(row["consent"]).label} if plan.settings.ask_consent else {})
                | {
                    "到中心（米）": round(metres),
                    "结余（元）": addition.margin if addition else None,
                    "去掉它": told(addition.without) if addition else "",
                }
            )
    columns = [kind, "小区", "街道", "社区"]
    return pd.DataFrame(rows, columns=None if rows else columns, dtype=object)


def slacks_table(desk: Desk) -> pd.DataFrame:
    """Each limit of each bundle: how much of it is left, the tightest first."""
    names = labels_of(desk.plan)
    rows = [
        {
            UNITS[desk.plan.settings.way]: names[bundle.bundle_id],
            "说明": told(slack.text),
            "余量": Share(slack.room) if slack.room == slack.room and abs(slack.room) < 1e6 else None,
        }
        for bundle in desk.plan.bundles
        for slack in sorted(bundle.slacks, key=lambda one: one.room)
    ]
    return pd.DataFrame(rows, columns=[UNITS[desk.plan.settings.way], "说明", "余量"], dtype=object)


def alone_table(desk: Desk) -> pd.DataFrame:
    """Estates that are enough by themselves."""
    estates = desk.city.estates.loc[[row.estate_id for row in desk.plan.alone]]
    return pd.DataFrame(
        {
            "小区": [desk.name(estate) for estate in estates.index],
            "街道": estates["street_id"].map(desk.city.unit_names).to_numpy(object),
            "社区": estates["community_id"].map(desk.city.unit_names).to_numpy(object),
            "户数": estates["households"].to_numpy(object),
            "建筑面积（平方米）": estates["floor_area_m2"].to_numpy(object),
            "理由": [told(row.reason) for row in desk.plan.alone],
        },
        dtype=object,
    )


def fallback_table(desk: Desk) -> pd.DataFrame:
    """What ended in no bundle: why, the nearest estates and what keeps them apart, the way with its quote."""
    rows = []
    for item in desk.plan.fallback:
        estate = desk.city.estates.loc[item.estate_id]
        rows.append(
            {
                "小区": desk.name(item.estate_id),
                "街道": desk.street(item.estate_id),
                "户数": estate["households"],
                "类别": KIND_WORDS[item.kind],
                "原因": told(item.reason),
                "最近的小区": _neighbours(desk, item),
                "会挤出": "、".join(desk.name(other) for other in item.displaces),
                "建议方式": told(item.way),
                "依据原文": told(item.quote),
            }
        )
    columns = ["小区", "街道", "户数", "类别", "原因", "最近的小区", "会挤出", "建议方式", "依据原文"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _neighbours(desk: Desk, item: Fallback) -> str:
    return "；".join(
        f"{desk.name(other.estate_id)} {round(other.distance_m)}米"
        f"（{FORBIDDEN_WORDS[other.forbidden_by] if other.forbidden_by else '可同包'}）"
        for other in item.neighbours
        if other.distance_m < 1e9
    )


def proofs_table(plan: BundlePlan, city: City) -> pd.DataFrame:
    """How good the plan is, unit by unit, all of them in the last row."""
    rows = [
        (
            city.unit_names.get(unit.unit_id or "", "（未归属）"),
            unit.n_candidates,
            unit.n_bundles,
            unit.households,
            unit.bound,
            unit.given_up,
            round(unit.metres),
            "已证明最优" if unit.proven else f"最多还可能增加{number(unit.bound - unit.households - unit.given_up)}户",
        )
        for unit in plan.units
    ]
    if rows:
        sums = [sum(row[column] for row in rows) for column in range(1, 7)]
        n_proven = sum(unit.proven for unit in plan.units)
        rows.append(("合计", *sums, f"{n_proven}/{len(plan.units)}个已证明"))
    lead = {"street": "街道", "community": "社区"}[plan.settings.lead]
    columns = [lead, "参加的小区", "单元数", "覆盖户数", "上限户数", "让出户数", "路程合计（米）", "结论"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def exceptions_table(desk: Desk, exceptions: Sequence[Adjustment]) -> pd.DataFrame:
    """人工突破: limits that bundles made by hand break, and the recorded reason."""
    names = labels_of(desk.plan)
    rows = [(names.get(one.bundle_id, ""), one.title, told(one.message), told(one.reason)) for one in exceptions]
    return pd.DataFrame(rows, columns=[UNITS[desk.plan.settings.way], "突破的规则", "说明", "理由"], dtype=object)
