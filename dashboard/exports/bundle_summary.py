"""打捆方案汇总 for the meeting: a Word paper in the layout of GB/T 9704 and the same tables as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dashboard.bundle_words import ALONE, LEFT, UNITS
from dashboard.exports.bundle_compare import Version, comparison_lines, versions_table
from dashboard.exports.bundle_rules import costs_table, papers_table, rules_table
from dashboard.exports.bundle_tables import (
    FORMATS,
    alone_table,
    exceptions_table,
    fallback_table,
    proof_words,
    proofs_table,
    summary_table,
    units_table,
)
from dashboard.exports.cells import Share
from dashboard.exports.desk import Desk, told
from dashboard.exports.docx_paper import Paper
from dashboard.exports.docx_words import grid_of
from dashboard.exports.lot_tables import wishes_table
from dashboard.exports.lots import WAY_WORDS
from dashboard.exports.map_font import NO_FONT, map_font
from dashboard.exports.workbook import WHOLE, Sheet
from dashboard.words import date_text, number
from planning.bundles.rules import Adjustment

_UNIT_COLUMNS: Final[dict[str, float]] = {
    "服务单元": 16, "审计包": 16, "物业管理区域": 19, "牵头": 18, "小区数": 9, "户数": 12, "建筑面积（平方米）": 16,
    "中心小区": 26, "带动小区": 26, "物业服务企业": 28, "信用等级": 20, "最远距离（米）": 12, "待征询": 9,
    "年结余（元）": 18, "人工调整": 10,
}  # fmt: skip
_MOST_ROWS: Final = 80
"""Longer lists are summed up by street in the Word paper; the workbook has all of them."""
_NEAREST: Final = "；最近的"
"""Where a reason begins to list the neighbours: the workbook has them in a column of their own."""


def summary(desk: Desk, versions: Sequence[Version] = (), exceptions: Sequence[Adjustment] = ()) -> Paper:
    """The paper; every figure is the plan's.

    Parameters
    ----------
    versions
        Saved versions of the same way, compared with the present plan when there are any.
    exceptions
        Limits that bundles made by hand break.
    """
    way = desk.plan.settings.way
    paper = Paper(f"{desk.profile.city}{_title(desk)}")
    paper.title(f"{desk.profile.city}{_title(desk)}")
    paper.subtitle(f"（{date_text(desk.day)}）")
    for note in desk.notes:
        paper.note(note)
    _figures(paper, desk)
    _picture(paper, desk)
    # Wide tables stand on pages turned sideways.
    paper.turn(landscape=True)
    _units(paper, desk)
    if desk.plan.alone:
        paper.heading(1, f"{ALONE[way]}的小区")
        alone = alone_table(desk)
        if len(alone) > _MOST_ROWS:
            _by_street(paper, desk, alone, ALONE[way])
        else:
            paper.table(grid_of(alone, (6, 4, 4, 2, 3, 8), formats=FORMATS, left=("理由",), size_pt=9))
    _left(paper, desk)
    paper.turn(landscape=False)
    paper.heading(1, "分单位的证明")
    paper.text(f"{proof_words(desk.plan)}。“上限户数”是在本次规则和人工要求下任何方案都不能超过的户数。")
    proofs = proofs_table(desk.plan, desk.city)
    paper.table(grid_of(proofs, (5, 3, 3, 4, 4, 3, 4, 6), total=bool(desk.plan.units)))
    _by_hand(paper, desk, exceptions)
    if versions:
        paper.heading(1, "方案比较")
        for line in comparison_lines(desk, versions):
            paper.text(line)
        table = versions_table(desk, versions)
        paper.table(grid_of(table, (6, 2, 3, 3, 3, 5, 4, 4, 2, 2, 2), size_pt=9, formats=FORMATS))
    _rules(paper, desk)
    return paper


def _title(desk: Desk) -> str:
    way = desk.plan.settings.way
    return f"{'公共收益' if way == 'audit' else '物业服务'}{WAY_WORDS[way].plan}汇总"


def _figures(paper: Paper, desk: Desk) -> None:
    plan, unit = desk.plan, UNITS[desk.plan.settings.way]
    table = summary_table(plan, desk.city)
    last = table.iloc[-1]
    paper.heading(1, "总体情况")
    if not last["小区数"]:
        paper.text("没有需要安排的小区。")
    n_members = sum(len(bundle.members) - (bundle.anchor is not None) for bundle in plan.bundles)
    share = f"，占参加小区户数的{plan.households_covered / last['户数']:.1%}" if last["户数"] else ""
    paper.text(
        f"共提出{unit}{len(plan.bundles)}个，纳入小区{n_members}个、{number(plan.households_covered)}户{share}；"
        f"单独{len(plan.alone)}个，{LEFT[plan.settings.way]}{len(plan.fallback)}个。{proof_words(plan)}。"
    )
    money = [bundle.money for bundle in plan.bundles if bundle.money is not None]
    if money:
        total = sum(one.margin for one in money)
        short = sum(one.margin < 0 for one in money)
        paper.text(
            f"{len(plan.bundles)}个{unit}中{len(money)}个资料齐全，按成本表测算，"
            f"一年收入{number(sum(one.income for one in money))}元，"
            f"支出{number(sum(one.running + one.fixed for one in money))}元，"
            f"{'结余' if total >= 0 else '缺口'}{number(abs(total))}元；收不抵支的{short}个。"
            "成本多为假定值，见“规则和假定”。"
        )
    waiting = sum(len(bundle.needs_consent) for bundle in plan.bundles)
    if plan.settings.ask_consent:
        paper.text(f"待征询业主意愿的小区{waiting}个。")
    paper.table(grid_of(table, (7, 3, 3, 4, 7), total=True, formats=FORMATS))
    for note in plan.notes:
        paper.note(told(note))


def _picture(paper: Paper, desk: Desk) -> None:
    png = desk.maps.whole(desk.plan)
    if png is None:
        return
    paper.heading(1, "方案图")
    paper.picture(png, f"{_title(desk)}：{UNITS[desk.plan.settings.way]}编号见下表")
    paper.note(
        "图中数字为单元编号；远离城区的小区可能在图外，见各表。"
        + ("" if map_font().chinese else f"{NO_FONT}{desk.footer}")
    )


def _units(paper: Paper, desk: Desk) -> None:
    unit = UNITS[desk.plan.settings.way]
    paper.heading(1, f"{unit}")
    if not desk.plan.bundles:
        paper.text(f"在本次规则下没有可以成立的{unit}，原因见下。")
        return
    table = units_table(desk)
    names = [name for name in table.columns if name in _UNIT_COLUMNS]
    if not any(bundle.by_hand for bundle in desk.plan.bundles):
        names.remove("人工调整")
    shown = table[names]
    paper.table(grid_of(shown, [_UNIT_COLUMNS[name] for name in names], formats=FORMATS, size_pt=9, total=True))
    for row in table.iloc[:-1].to_dict("records"):
        told_so = f"成员：{row['成员']}。" + (f"最紧的规则：{row['最紧的规则']}" if row["最紧的规则"] else "")
        paper.note(f"{row[unit]}　{told_so}")


def _left(paper: Paper, desk: Desk) -> None:
    left = LEFT[desk.plan.settings.way]
    paper.heading(1, f"{left}的小区、原因和建议方式")
    if not desk.plan.fallback:
        paper.text("没有。")
        return
    table = fallback_table(desk)
    counts = table["类别"].value_counts(sort=False)
    paper.text("按原因分：" + "；".join(f"{name}{n}个" for name, n in counts.items()) + "。")
    if len(table) > _MOST_ROWS:
        _by_street(paper, desk, table, left)
        _quotes(paper, table)
        return
    shown = table[["小区", "街道", "户数", "原因", "会挤出", "建议方式"]].copy()
    shown["原因"] = [text.partition(_NEAREST)[0] for text in shown["原因"]]
    if not shown["会挤出"].astype(bool).any():
        shown = shown.drop(columns="会挤出")
    widths = {"小区": 6, "街道": 4, "户数": 2, "原因": 13, "会挤出": 6, "建议方式": 13}
    left_set = ("原因", "会挤出", "建议方式")
    paper.table(grid_of(shown, [widths[c] for c in shown], size_pt=9, formats=FORMATS, left=left_set))
    paper.note(f"最近的五个小区和不能同包的规则，见“{WAY_WORDS[desk.plan.settings.way].plan}”工作簿。")
    _quotes(paper, table)


def _quotes(paper: Paper, table: pd.DataFrame) -> None:
    quotes = table.loc[table["依据原文"].astype(bool), ["建议方式", "依据原文"]].drop_duplicates()
    for way, quote in quotes.itertuples(index=False):
        paper.note(f"{way}：“{quote}”")


def _by_street(paper: Paper, desk: Desk, table: pd.DataFrame, tab: str) -> None:
    """A long list as one row for each street: nobody reads hundreds of estates out in a meeting."""
    book = WAY_WORDS[desk.plan.settings.way].plan
    paper.text(f"共{len(table)}个，按街道合计如下；逐个的名单和理由见“{book}”工作簿的“{tab}”表。")
    sums = table.assign(街道=table["街道"].replace("", pd.NA).fillna("（未归属）"), n=1)
    sums = sums.groupby("街道", sort=False).agg(小区数=("n", "sum"), 户数=("户数", "sum")).reset_index()
    whole = pd.DataFrame([{"街道": "合计", "小区数": sums["小区数"].sum(), "户数": sums["户数"].sum()}])
    paper.table(
        grid_of(pd.concat([sums, whole], ignore_index=True).astype(object), (6, 3, 3), formats=FORMATS, total=True)
    )


def _by_hand(paper: Paper, desk: Desk, exceptions: Sequence[Adjustment]) -> None:
    wishes = wishes_table(desk)
    if wishes.empty and not exceptions:
        return
    paper.heading(1, "人工调整")
    if len(wishes):
        paper.table(grid_of(wishes, (3, 8, 7, 4), size_pt=9, left=("小区", "理由")))
    if exceptions:
        paper.text("人工调整突破的规则：")
        paper.table(grid_of(exceptions_table(desk, exceptions), (4, 5, 9, 6), size_pt=9, left=("说明", "理由")))


def _rules(paper: Paper, desk: Desk) -> None:
    paper.heading(1, "规则和假定")
    papers = papers_table(desk.profile, desk.plan.settings)
    paper.table(grid_of(papers, (2, 9, 5, 4), empty="（本市规则没有写明原文）", left=("原文", "文件", "假定")))
    for table in (rules_table(desk.plan.settings, desk.profile), costs_table(desk.plan.settings, desk.profile)):
        if len(table):
            shown = table[["规则", "本次采用", "单位", "依据", "文件", "假定"]]
            paper.table(grid_of(shown, (8, 6, 4, 2, 6, 10), size_pt=9, left=("规则", "文件", "假定")))
    paper.text("“假定”是文件没有给出数字、由本市规则文件设定的值，可以调整后重新求解。")


# ---------------------------------------------------------------------------------------------------- workbook


def summary_sheets(desk: Desk, versions: Sequence[Version] = (), exceptions: Sequence[Adjustment] = ()) -> list[Sheet]:
    """The same as a workbook, first the map."""
    plan, line = desk.plan, desk.notes[:1]
    money = [bundle.money for bundle in plan.bundles if bundle.money is not None]
    n_proven = sum(unit.proven for unit in plan.units)
    facts: list[tuple[str, object, str]] = [
        (f"{UNITS[plan.settings.way]}", len(plan.bundles), "个"),
        ("纳入的小区", sum(len(b.members) - (b.anchor is not None) for b in plan.bundles), "个"),
        ("覆盖户数", plan.households_covered, f"户，{proof_words(plan)}"),
        ("上限户数", plan.bound, "户"),
        ("已证明的单位", Share(n_proven / len(plan.units)) if plan.units else None, f"{n_proven}/{len(plan.units)}个"),
        ("单独", len(plan.alone), "个"),
        (LEFT[plan.settings.way], len(plan.fallback), "个"),
        *(
            [("待征询", sum(len(bundle.needs_consent) for bundle in plan.bundles), "个小区")]
            if plan.settings.ask_consent
            else []
        ),
        ("年结余合计", sum(one.margin for one in money) if money else None, "元" if money else "没有测算"),
    ]
    table = pd.DataFrame(facts, columns=["项目", "数值", "说明"], dtype=object)
    title = f"{desk.profile.city}{_title(desk)}"
    notes = (*desk.notes, *plan.notes)
    sheets = [Sheet("汇总", title, table, notes, {"数值": WHOLE}, picture=desk.maps.whole(plan))]
    sheets.append(Sheet("去向", "小区去向", summary_table(plan, desk.city), line, FORMATS, total=True))
    unit = UNITS[plan.settings.way]
    sheets.append(Sheet(unit, f"{unit}一览", units_table(desk), line, FORMATS, total=bool(plan.bundles)))
    left = LEFT[plan.settings.way]
    sheets.append(Sheet(left, f"{left}的小区、原因与建议方式", fallback_table(desk), line, FORMATS, numbered=True))
    sheets.append(Sheet("证明", "分单位的证明", proofs_table(plan, desk.city), line, FORMATS, total=bool(plan.units)))
    if exceptions:
        sheets.append(Sheet("人工突破", "突破的规则及理由", exceptions_table(desk, exceptions), line, numbered=True))
    if versions:
        compared = (*line, *comparison_lines(desk, versions))
        sheets.append(Sheet("方案比较", "方案比较", versions_table(desk, versions), compared, FORMATS))
    return [*sheets, Sheet("规则", "采用的规则与依据", rules_table(plan.settings, desk.profile), line)]
