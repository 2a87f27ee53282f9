"""The dossier of one lot (标段材料) as a workbook: the same figures to calculate with."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from dashboard.exports.bundle_rules import costs_table, papers_table, rules_table
from dashboard.exports.desk import Desk
from dashboard.exports.lot_tables import (
    UNKNOWN_NOTE,
    account_table,
    account_words,
    anchor_table,
    by_hand_words,
    five_star_table,
    members_table,
    totals_table,
    wishes_table,
)
from dashboard.exports.lots import Lot
from dashboard.exports.workbook import TWO, WHOLE, Sheet

FORMATS: Final = {
    "户数": WHOLE,
    "建筑面积（平方米）": WHOLE,
    "电梯（台）": WHOLE,
    "物业费（元/平方米·月）": TWO,
    "公共收益（元/年）": WHOLE,
    "到中心（米）": WHOLE,
    "年收入（元）": WHOLE,
    "年支出（元）": WHOLE,
    "结余（元）": WHOLE,
    "距本标段（米）": WHOLE,
}
_TO_FILL: Final = (
    ("服务内容", "保洁"), ("服务内容", "秩序维护"), ("服务内容", "设施设备"), ("服务内容", "绿化"), ("服务内容", "客户服务"),
    ("收费标准", "拟定（元/平方米·月）"), ("人员要求", "项目负责人"), ("人员要求", "客服人员"), ("人员要求", "秩序维护人员"),
    ("人员要求", "保洁人员"), ("人员要求", "维修人员"),
)  # fmt: skip


def dossier_sheets(desk: Desk, lot: Lot) -> list[Sheet]:
    """The sheets in order; sheets that a way has no use for are left out."""
    title, line = f"{lot.unit if lot.bundle else ''}{lot.name}{lot.words.title}", desk.notes[:1]
    settings = desk.plan.settings
    audit = lot.way == "audit" and lot.bundle is not None
    sheets = [
        Sheet("概况", title, totals_table(desk, lot), desk.notes, {"数值": WHOLE}, picture=desk.picture(lot)),
        Sheet("成员", f"{lot.name}成员小区", members_table(desk, lot), (*line, UNKNOWN_NOTE), FORMATS),
    ]
    if not audit:
        if lot.way != "regions" or lot.bundle is None:
            sheets.append(Sheet("服务和人员", "服务等级和人员要求（由牵头单位填写）", _to_fill(), line))
        if settings.costs is not None:
            notes = (*line, account_words(settings.costs))
            account = account_table(desk, lot, settings.costs)
            sheets.append(Sheet("收支", f"{lot.name}收支测算（元/年）", account, notes, FORMATS, total=True))
            sheets.append(Sheet("成本", "成本表", costs_table(settings, desk.profile), line))
    if lot.bundle is not None and lot.bundle.anchor is not None:
        sheets.append(Sheet("带动小区", "带动小区和物业服务企业", anchor_table(desk, lot), line))
    if lot.way in ("service", "anchor"):
        near = five_star_table(desk, lot)
        sheets.append(Sheet("五星企业", "附近的五星级物业服务企业", near, line, FORMATS, numbered=True))
    of: Literal["bundle", "single"] = "single" if lot.bundle is None else "bundle"
    wishes = wishes_table(desk, lot)
    if len(wishes) or (lot.bundle is not None and lot.bundle.by_hand):
        told_so = (by_hand_words(lot),) if lot.bundle is not None and lot.bundle.by_hand else ()
        sheets.append(Sheet("人工调整", "人工调整及理由", wishes, (*line, *told_so), numbered=True))
    return [
        *sheets,
        Sheet("依据", "编制依据", papers_table(desk.profile, settings, of=of), line, numbered=True),
        Sheet("规则", "采用的规则和依据", rules_table(settings, desk.profile, single=lot.bundle is None), line),
    ]


def _to_fill() -> pd.DataFrame:
    rows = [
        {"类别": kind, "项目": name, "数量": None, "等级或资历": None, "标准和要求": None} for kind, name in _TO_FILL
    ]
    return pd.DataFrame(rows, dtype=object)
