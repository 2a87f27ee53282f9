"""The owners' consultation (征询意见表): a sheet to print for each estate, and a workbook to type the results in.

No personal data are printed: the columns for door, name and signature are empty, to be filled in by the owners.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dashboard.exports.desk import Desk, told
from dashboard.exports.docx_paper import Paper
from dashboard.exports.docx_table import Grid
from dashboard.exports.lots import Lot, size_words
from dashboard.exports.map_font import NO_FONT, map_font
from dashboard.exports.workbook import WHOLE, Sheet
from dashboard.words import number
from data.codes import SERVICE_FORMS
from planning.bundles.settings import Way

RESULTS_TAB: Final = "征询结果"
RESULT_COLUMNS: Final = (
    "小区编号", "小区名称", "街道", "服务单元", "应征询户数", "同意户数", "不同意户数", "结论", "备注",
)  # fmt: skip
"""Read back by ``wuyetu load``: the key is 小区编号; a row without counts and conclusion changes nothing."""
_LEAST_ROWS, _MOST_ROWS = 20, 600
_ROW_MM: Final = 8.5
_MAP_MM: Final = 112.0
_ANSWERS: Final[dict[Way, tuple[str, str]]] = {
    "service": ("同意", "不同意"), "anchor": ("同意", "不同意"), "regions": ("同意", "不同意"),
    "audit": ("无异议", "有异议"),
}  # fmt: skip


def asked_in(lot: Lot) -> tuple[str, ...]:
    """Members whose owners are asked: all that are to be served anew, and whoever else the plan lists as 待征询."""
    waiting = lot.bundle.needs_consent if lot.bundle else ()
    return tuple(estate for estate in lot.estates if estate in lot.served or estate in waiting)


def consultation(desk: Desk, lot: Lot, estate: str) -> Paper:
    """The sheet of one estate: what is proposed, with whom, where, what changes, what it costs; then the owners' table."""
    name = desk.name(estate)
    paper = Paper(f"{name}{lot.words.asked}", compact=True)
    paper.title(f"{name}\n{lot.words.asked}")
    paper.text(f"各位业主：{_proposal(desk, lot, estate)}")
    others = [desk.name(other) for other in lot.estates if other != estate]
    facts = [
        ("拟议内容", _content(desk, lot)),
        ("一同纳入的小区", "、".join(others)),
        ("变化", _change(desk, lot, estate)),
        ("费用", _fee(desk, lot, estate)),
        ("牵头单位", lot.unit or "（待定）"),
    ]
    paper.table(Grid(facts, (1, 4.4), align="ll", head_columns=(0,), size_pt=10.5))
    _map(paper, desk, lot, estate)
    paper.text("请在附表逐户填写意见并签名。本表只用于征询意愿，不代替业主大会（业主共同决定事项）的表决。")
    paper.text("征询期限：　　　年　　月　　日至　　　年　　月　　日")
    paper.text("收表地点：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿")
    paper.new_page()
    _signatures(paper, desk, lot, estate)
    return paper


def _proposal(desk: Desk, lot: Lot, estate: str) -> str:
    lead = f"{lot.unit}牵头，" if lot.unit else ""
    others = len(lot.estates) - 1
    what = {
        "service": f"拟把本小区与附近{others}个小区合成一个物业服务单元，一并招标选聘物业服务企业",
        "anchor": f"拟由附近已有物业服务的{_anchor(desk, lot)}的物业服务企业，一并为本小区等{len(lot.served)}个小区服务",
        "audit": f"拟把本小区与附近{others}个小区的公共收益合在一起统一审计",
        "regions": f"拟把本小区与附近{others}个小区合并划为一个物业管理区域",
    }[lot.way]
    return f"为改善小区的物业服务，{lead}{what}。现征询您的意见。"


def _anchor(desk: Desk, lot: Lot) -> str:
    anchor = lot.bundle.anchor if lot.bundle else None
    return desk.name(anchor) if anchor else "小区"


def _content(desk: Desk, lot: Lot) -> str:
    company = told(desk.city.estates.at[lot.bundle.anchor, "company"]) if lot.bundle and lot.bundle.anchor else ""
    serving = f"；物业服务企业：{company}" if company else ""
    return f"{lot.unit}{lot.name}：{size_words(lot, desk.city)}{serving}"


def _change(desk: Desk, lot: Lot, estate: str) -> str:
    form = desk.city.estates.at[estate, "service_form"]
    now = SERVICE_FORMS[int(form)] if not pd.isna(form) else "台账未填物业服务形态"
    return {
        "service": f"现状：{now}。成标后由中标企业统一提供保洁、秩序维护、设施维护等服务，几个小区共用服务点和人员。",
        "anchor": f"现状：{now}。承接后由带动小区的物业服务企业一并提供服务，不另设服务点。",
        "audit": "公共收益由统一选定的机构审计，结果向业主公示；经营和使用公共收益的主体不变。",
        "regions": f"现状：{now}。划定后几个小区为一个物业管理区域，依法成立一个业主大会（物业管理委员会）。",
    }[lot.way]


def _fee(desk: Desk, lot: Lot, estate: str) -> str:
    rows = desk.city.estates.loc[list(lot.estates)]
    if lot.way == "audit":
        income = rows["public_income_yuan"][estate]
        known = "台账没有登记" if pd.isna(income) else f"{number(income)}元/年"
        return f"本小区公共收益：{known}。审计费用：＿＿＿＿＿＿（由牵头单位填写）。"
    own, others = rows["fee_yuan_m2"][estate], rows["fee_yuan_m2"].drop(estate).dropna()
    mine = "台账没有登记" if pd.isna(own) else f"{own:.2f}元/平方米·月"
    theirs = f"同单元其他小区{others.min():.2f}–{others.max():.2f}元/平方米·月。" if len(others) else ""
    return f"本小区现行物业费：{mine}。{theirs}拟定标准：＿＿＿＿元/平方米·月（由牵头单位填写）。"


def _map(paper: Paper, desk: Desk, lot: Lot, estate: str) -> None:
    png = desk.picture(lot)
    if png is None:
        return
    numbers = "、".join(f"{row}{desk.name(member)}" for row, member in enumerate(lot.estates, start=1))
    paper.picture(png, f"{lot.name}位置图：{numbers}", width_mm=_MAP_MM)
    paper.note(f"图中编号：{numbers}。本小区为{lot.estates.index(estate) + 1}号。")
    if not map_font().chinese:
        paper.note(f"{NO_FONT}{desk.footer}")


def _signatures(paper: Paper, desk: Desk, lot: Lot, estate: str) -> None:
    households = desk.city.estates.at[estate, "households"]
    n_rows = _LEAST_ROWS * 2 if pd.isna(households) else min(max(int(households), _LEAST_ROWS), _MOST_ROWS)
    yes, no = _ANSWERS[lot.way]
    paper.caption(f"附表　{desk.name(estate)}业主意见（共{'＿＿' if pd.isna(households) else number(households)}户）")
    paper.note(f"合计：{yes}＿＿户，{no}＿＿户，未表态＿＿户。　计票人：＿＿＿＿　监票人：＿＿＿＿", keep=True)
    head = ("序号", "楼栋、房号", yes, no, "业主签名", "日期", "备注")
    rows = [(str(row), "", "□", "□", "", "", "") for row in range(1, n_rows + 1)]
    paper.table(Grid(rows, (1, 3, 1.3, 1.3, 3, 2, 2.4), head, "clccllc", row_mm=_ROW_MM))
    if not pd.isna(households) and int(households) > n_rows:
        paper.note(f"本小区{number(households)}户，超出的另附页。")


def results_sheet(desk: Desk, chosen: list[Lot]) -> Sheet:
    """Where the results are typed in, one row for each estate that is asked; ``wuyetu load`` reads it back.

    What the register already knows is not typed in beforehand: it would come back as if owners had been asked anew.
    """
    rows = []
    for lot in chosen:
        for estate in asked_in(lot):
            households = desk.city.estates.at[estate, "households"]
            filled = (estate, desk.name(estate), desk.street(estate), lot.name,
                      None if pd.isna(households) else int(households))  # fmt: skip
            rows.append((*filled, None, None, None, None))
    table = pd.DataFrame(rows, columns=list(RESULT_COLUMNS), dtype=object)
    notes = (
        *desk.notes[:1],
        "填写同意户数、不同意户数和结论（同意、不同意或待征询），其余列请勿改动；没有征询的小区留空，留空不改变台账。",
        "填好后用 wuyetu load 导入，或在网页“台账”页上传；同意率＝同意户数÷应征询户数。",
    )
    whole = dict.fromkeys(("应征询户数", "同意户数", "不同意户数"), WHOLE)
    return Sheet(RESULTS_TAB, f"{desk.profile.city}物业服务打捆征询结果", table, notes, whole, numbered=True)


def objections_sheet(desk: Desk, chosen: list[Lot]) -> Sheet:
    """审计打包: the state of income and objections; results go into the register's own columns."""
    rows = []
    for lot in chosen:
        for estate in asked_in(lot):
            row = desk.city.estates.loc[estate]
            income, objection = row["public_income_yuan"], row["income_objection"]
            rows.append(
                {
                    "小区编号": estate,
                    "小区名称": desk.name(estate),
                    "街道": desk.street(estate),
                    "审计包": lot.name,
                    "公共收益（元/年）": None if pd.isna(income) else income,
                    "台账：有异议": None if pd.isna(objection) else bool(objection),
                    "有异议户数": None,
                    "无异议户数": None,
                    "备注": None,
                }
            )
    columns = [
        "小区编号",
        "小区名称",
        "街道",
        "审计包",
        "公共收益（元/年）",
        "台账：有异议",
        "有异议户数",
        "无异议户数",
        "备注",
    ]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    notes = (*desk.notes[:1], "登记异议的结果请写入台账的“业主对公共收益有异议”列后导入。")
    return Sheet("意见汇总", f"{desk.profile.city}公共收益公示结果意见汇总", table, notes,
                 {"公共收益（元/年）": WHOLE}, numbered=True)  # fmt: skip
