"""The dossier of one lot (标段材料) as a Word paper: what a tender, an audit or a new region is prepared from."""

from __future__ import annotations

from typing import Final

import pandas as pd

from dashboard.exports.bundle_rules import costs_table, papers_table, quoted, rules_table, tender_basis
from dashboard.exports.desk import Desk, told
from dashboard.exports.docx_paper import Paper
from dashboard.exports.docx_table import Grid
from dashboard.exports.docx_words import grid_of
from dashboard.exports.lot_tables import (
    NEAR_M,
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
from dashboard.exports.lots import Lot, size_words
from dashboard.exports.map_font import NO_FONT, map_font
from dashboard.exports.workbook import TWO
from dashboard.words import number
from planning.bundles.candidates.money import money_columns, money_of

_SERVICES: Final = (
    ("保洁", "楼道、道路、绿地清扫，垃圾收集清运"),
    ("秩序维护", "门岗、巡查、车辆停放"),
    ("设施设备", "电梯、消防、水泵、照明的日常检查和报修"),
    ("绿化", "修剪、补种、病虫防治"),
    ("客户服务", "服务点值守、受理诉求、公示收支"),
)
_POSTS: Final = ("项目负责人", "客服人员", "秩序维护人员", "保洁人员", "维修人员")
MEMBER_WIDTHS: Final[dict[str, float]] = {
    "编号": 8, "小区": 26, "地址": 30, "户数": 13, "建筑面积（平方米）": 18, "电梯（台）": 11, "建成年份": 12, "类型": 17,
    "物业费（元/平方米·月）": 19, "收缴率": 13, "四至": 44, "业主意愿": 18, "到中心（米）": 14, "说明": 15,
    "公共收益（元/年）": 22, "有异议": 12,
}  # fmt: skip
_ACCOUNT_WIDTHS: Final = (26, 17, 16, 13, 12, 10, 11, 17, 17, 17)


def dossier(desk: Desk, lot: Lot) -> Paper:
    """The whole dossier; every figure is the plan's."""
    paper = Paper(f"{lot.unit}{lot.name}{lot.words.title}")
    paper.title(f"{lot.unit if lot.bundle else ''}{lot.name}\n{lot.words.title}")
    for note in desk.notes:
        paper.note(note)
    _outline(paper, desk, lot)
    _map(paper, desk, lot)
    if lot.way in ("service", "anchor") or lot.bundle is None:
        _service(paper, desk, lot)
        _staff(paper, desk)
    _money(paper, desk, lot)
    _consent(paper, desk, lot)
    _by_hand(paper, desk, lot)
    _companies(paper, desk, lot)
    _basis(paper, desk, lot)
    _annexes(paper, desk, lot)
    return paper


def _outline(paper: Paper, desk: Desk, lot: Lot) -> None:
    city, bundle = desk.profile.city, lot.bundle
    paper.heading(1, {"audit": "审计包概况", "regions": "区域概况"}.get(lot.way if bundle else "", "标段概况"))
    lead = f"由{lot.unit}牵头，" if lot.unit else ""
    if bundle is None:
        paper.text(f"{lot.name}位于{city}{lot.unit}，{lead}拟单独招标选聘物业服务企业：{told(lot.reason)}。")
    else:
        what = {
            "service": "整合为一个物业服务单元，整体招标",
            "anchor": "交由相邻的带动小区的物业服务企业一并服务",
            "audit": "的公共收益整合打包，统一审计",
            "regions": "划为一个物业管理区域",
        }[lot.way]
        paper.text(f"{city}{lot.unit}{lot.name}：{lead}将{size_words(lot, desk.city)}{what}。成员见附件1。")
        if bundle.binding:
            paper.text(f"最紧的规则：{told(bundle.binding)}。" if not bundle.binding.endswith("。") else bundle.binding)
    paper.table(grid_of(totals_table(desk, lot), (4, 3, 5), formats={"建筑面积": TWO}))


def _map(paper: Paper, desk: Desk, lot: Lot) -> None:
    paper.heading(1, "位置和范围")
    png = desk.picture(lot)
    if png is None:
        paper.text("台账没有位置，无法成图；请补坐标或门口位置后重新导出。")
        return
    numbers = "、".join(f"{row}{desk.name(estate)}" for row, estate in enumerate(lot.estates, start=1))
    paper.picture(png, f"{lot.unit}{lot.name}位置图：{numbers}")
    outline = "范围线按成员外扩绘制，只作示意，不是物业管理区域的界线。"
    paper.note(f"图中编号：{numbers}。{outline}" if lot.bundle else f"图中为{lot.name}。")
    if not map_font().chinese:
        paper.note(
            f"{NO_FONT}图例：实心圆为中心小区，空心圆为成员，实心方块为带动小区，三角为出入口，点划线为阻隔。{desk.footer}"
        )


def _service(paper: Paper, desk: Desk, lot: Lot) -> None:
    paper.heading(1, "服务内容和等级")
    paper.text("服务内容和等级由牵头单位会同业主代表填写，写入招标文件。")
    rows = [(name, scope, "", "") for name, scope in _SERVICES]
    paper.table(Grid(rows, (3, 8, 4, 5), ("服务内容", "范围（可增减）", "等级", "频次和标准"), "clll", row_mm=9))
    fees = desk.city.estates.loc[list(lot.served), "fee_yuan_m2"].dropna()
    known = (
        f"台账登记的物业费标准为{fees.min():.2f}–{fees.max():.2f}元/平方米·月（{len(fees)}个小区有登记）。"
        if len(fees)
        else "台账没有登记物业费标准。"
    )
    paper.field("收费标准", 3, f"{known}\n拟定：")
    level = quoted(tender_basis(desk.profile, "level"))
    if level:
        paper.note(level)


def _staff(paper: Paper, desk: Desk) -> None:
    paper.heading(1, "人员要求")
    paper.text("主要管理服务人员的最低学历、任职资历由牵头单位按规定填写。")
    rows = [(post, "", "", "", "") for post in _POSTS]
    paper.table(
        Grid(rows, (4, 2, 4, 5, 5), ("岗位", "人数", "最低学历", "任职资历", "其他要求"), "clll" + "l", row_mm=9)
    )
    basis = quoted(tender_basis(desk.profile, "staff"))
    if basis:
        paper.note(basis)


def _money(paper: Paper, desk: Desk, lot: Lot) -> None:
    if lot.way == "audit" and lot.bundle is not None:
        return
    paper.heading(1, "收支测算")
    costs = desk.plan.settings.costs
    if costs is None:
        paper.text("本次没有成本表，未测算收支。")
        return
    rows = desk.city.estates.loc[list(lot.served)]
    money = lot.bundle.money if lot.bundle else money_of(rows, costs)
    if money is not None:
        state = "结余" if money.margin >= 0 else "缺口"
        point = f"（其中服务点固定支出{number(money.fixed)}元）" if money.fixed else ""
        paper.text(
            f"一年收入{number(money.income)}元，支出{number(money.running + money.fixed)}元{point}，"
            f"{state}{number(abs(money.margin))}元。明细见附件2。"
        )
    else:
        blank = money_columns(rows, costs)["margin_yuan"].isna()
        named = "、".join(desk.name(estate) for estate in rows.index[blank])
        paper.text(
            f"按台账和成本表测算，明细见附件2；缺物业费、建筑面积或户数的小区没有计入（{named}），因此不算结余。"
        )
    paper.text(account_words(costs))
    table = costs_table(desk.plan.settings, desk.profile)
    assumed = table[table["假定"].astype(bool)]
    if len(assumed):
        paper.text("下列数字文件没有给出，为假定值，招标前请换成本地测算的数字：")
        shown = pd.DataFrame(
            {"项目": assumed["规则"]} | {name: assumed[name] for name in ("本次采用", "单位", "文件", "假定")}
        )
        paper.table(grid_of(shown, (5, 3, 2, 4, 7), left=("文件", "假定")))


def _consent(paper: Paper, desk: Desk, lot: Lot) -> None:
    bundle = lot.bundle
    if lot.way == "audit" and bundle is not None:
        paper.heading(1, "业主异议")
        rows = desk.city.estates.loc[list(lot.estates), "income_objection"].fillna(False).astype(bool)
        named = "、".join(desk.name(estate) for estate in rows.index[rows])
        paper.text(f"台账登记业主对公共收益有异议的小区：{named or '无'}。")
        return
    paper.heading(1, "业主意愿")
    if bundle is None:
        paper.text(f"台账登记：{members_table(desk, lot)['业主意愿'].iloc[0]}。")
        return
    waiting = [desk.name(estate) for estate in bundle.needs_consent]
    agreed = [desk.name(e) for e in lot.served if desk.city.estates.at[e, "consent"] == "yes"]
    refused = [desk.name(e) for e in lot.served if desk.city.estates.at[e, "consent"] == "no"]
    paper.text(f"台账登记同意的小区{len(agreed)}个{_named(agreed)}；待征询的{len(waiting)}个{_named(waiting)}。")
    if refused:
        paper.text(f"台账登记不同意的{len(refused)}个{_named(refused)}，须先处理。")
    if waiting:
        paper.text("待征询的小区须先用征询意见表征得业主同意，再启动后续程序。")


def _named(names: list[str]) -> str:
    return f"（{'、'.join(names)}）" if names else ""


def _by_hand(paper: Paper, desk: Desk, lot: Lot) -> None:
    wishes = wishes_table(desk, lot)
    by_hand = lot.bundle is not None and lot.bundle.by_hand
    if not by_hand and wishes.empty:
        return
    paper.heading(1, "人工调整")
    if by_hand:
        paper.text(by_hand_words(lot))
    if len(wishes):
        paper.table(grid_of(wishes, (3, 7, 7, 4)))


def _companies(paper: Paper, desk: Desk, lot: Lot) -> None:
    if lot.way not in ("service", "anchor"):
        return
    if lot.bundle is not None and lot.bundle.anchor is not None:
        paper.heading(1, "带动小区和物业服务企业")
        facts = anchor_table(desk, lot)
        paper.table(Grid(facts.to_numpy(str).tolist(), (1, 3), align="ll", head_columns=(0,)))
    paper.heading(1, "附近的五星级物业服务企业")
    near = five_star_table(desk, lot)
    reach = f"{NEAR_M / 1000:g}公里"
    if near.empty:
        known = "" if len(desk.grades) else "（库中没有企业信用等级，请先导入）"
        paper.text(f"本标段{reach}以内没有登记在管项目的五星级企业{known}。")
    else:
        paper.table(grid_of(near, (8, 5, 3, 6, 3)))
    paper.note(f"按成员{reach}以内（直线，假定）有在管项目计，供邀请和推荐参考，不改变招标程序。")
    for key in ("five_star", "credit_list"):
        if basis := quoted(tender_basis(desk.profile, key)):
            paper.note(basis)


def _basis(paper: Paper, desk: Desk, lot: Lot) -> None:
    paper.heading(1, "编制依据")
    paper.text("各项规则的本次采用值和依据见附件。本材料由程序按台账和规则起草，由牵头单位核定后使用。")
    table = papers_table(desk.profile, desk.plan.settings, of="single" if lot.bundle is None else "bundle")
    paper.table(grid_of(table, (2, 9, 5, 4), empty="（本市规则没有写明原文）", left=("原文", "文件", "假定")))


def _annexes(paper: Paper, desk: Desk, lot: Lot) -> None:
    """Wide tables, on pages turned sideways."""
    paper.turn(landscape=True)
    table = members_table(desk, lot)
    shares = [MEMBER_WIDTHS[name] for name in table.columns]
    n = 1
    paper.caption(f"附件{n}　{lot.name}成员小区情况表" if lot.bundle else f"附件{n}　{lot.name}情况表")
    paper.table(grid_of(table, shares, formats={"物业费（元/平方米·月）": TWO}, size_pt=9, left=("地址", "四至")))
    paper.note(UNKNOWN_NOTE)
    costs = desk.plan.settings.costs
    if costs is not None and lot.way != "audit":
        n += 1
        paper.caption(f"附件{n}　{lot.name}收支测算表（元/年）")
        account = account_table(desk, lot, costs)
        paper.table(grid_of(account, _ACCOUNT_WIDTHS, formats={"物业费（元/平方米·月）": TWO}, size_pt=9, total=True))
        paper.note(account_words(costs))
    n += 1
    paper.caption(f"附件{n}　采用的规则和依据")
    rules = rules_table(desk.plan.settings, desk.profile, single=lot.bundle is None)
    paper.table(grid_of(rules, (26, 20, 20, 17, 10, 60, 32, 42), size_pt=9, left=("规则", "原文", "文件", "假定")))
