"""One estate as a row of 附件1, in the handwriting of its office; and the few rows that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS
from data.demo.workbook import FULL_WIDTH, N_STYLES, code_cell, style

HEAD: Final = (
    "序号", "物业管理\n区域名称", "小区名称", "所在市县(区)、\n街道、社区", "四至范围", "物业服务\n形态", "业主委员会\n组建情况",
    "党的工作\n覆盖情况", "物业服务企业及\n项目负责人", "物业费\n收缴率",
)  # fmt: skip
"""附件1 in its order."""
MORE: Final = (
    ("小区基本情况", ("户数", "建筑面积\n（平方米）", "建成年份", "小区类型", "物业费\n（元/平方米·月）")),
    ("管理情况", ("业主意愿", "是否失管", "是否封闭\n管理", "是否成熟\n小区")),
    ("位置和用地", ("经度", "纬度", "占地面积\n（平方米）")),
    ("电梯、公共收益和征询", ("电梯（台）", "公共收益\n（元/年）", "业主有无\n异议", "业主\n同意率")),
)
WIDTHS: Final = (6, 20, 20, 24, 34, 11, 11, 11, 26, 9, 8, 11, 9, 11, 12, 9, 8, 9, 9, 11, 11, 11, 8, 10, 9, 9)
PLACE, _SIDES, _RATE, HOUSEHOLDS, FLOOR, _YEAR, _COMMITTEE, _FORM = 3, 4, 9, 10, 11, 12, 6, 5
TITLES: Final = tuple(h.replace("\n", "") for h in (*HEAD, *(h for _, group in MORE for h in group)))
_LAND_KNOWN: Final = 6
"""Of ten estates, those whose land area the register gives."""
_CONSENT: Final = {"yes": "同意", "no": "不同意", "unknown": "待征询"}
_NOTHING: Final = ("无", "/", "暂无", "—")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that no reader may accept: column, value (``None``: made for the row), and why it is wrong."""

    column: int
    value: Any
    why: str


WRONGS: Final = (
    Wrong(_FORM, 7, "物业服务形态没有代码 7"),
    Wrong(_RATE, "130%", "收缴率超过 100%"),
    Wrong(HOUSEHOLDS, "约三百", "户数不是数字"),
    Wrong(PLACE, None, "社区不在行政单元表中"),
    Wrong(_COMMITTEE, "（5）", "业主委员会组建情况没有代码 5"),
    Wrong(_YEAR, "九十年代", "建成年份不是四位年份"),
)
_UNKNOWN_COMMUNITY: Final = "新建社区"
"""Communities of the demo have two signs before 社区, so none is called this."""


@dataclass(slots=True)
class Habits:
    """Habits of one office. ``styles``: how it writes service form, committee and party codes."""

    name: str
    county: str
    styles: tuple[int, int, int]
    joined: Callable[[str, str, str], str]
    percent_text: bool
    person_style: int
    full_width: bool
    remarks: bool


def habits_of(street: str, county: str, rng: np.random.Generator) -> Habits:
    """How this street's office fills in the form."""
    joins: tuple[Callable[[str, str, str], str], ...] = (
        lambda a, b, c: f"{a}、{b}、{c}",
        lambda a, b, c: f"{a}{b}{c}",
        lambda a, b, c: f"{a}\n{b}\n{c}",
        lambda a, b, c: f"{a} {b} {c}",
    )
    first, second, third = (int(k) for k in rng.integers(0, N_STYLES, 3))
    styles = (first, second, third)
    return Habits(
        name=street[:31], county=county, styles=styles,
        joined=joins[int(rng.integers(len(joins)))], percent_text=bool(rng.random() < 0.5), person_style=int(rng.integers(3)),
        full_width=bool(rng.random() < 0.3), remarks=bool(rng.random() < 0.3),
    )  # fmt: skip


def wrong_row(like: Any, wrong: Wrong, name: str, habits: Habits, rng: np.random.Generator) -> list[Any]:
    """Cells of one more estate, like another of the street (a row of ``itertuples``), right but for one cell."""
    row = like._replace(name=name, region=name, four_sides=None)
    if wrong.column == PLACE:
        row = row._replace(community=f"{name[:2]}{_UNKNOWN_COMMUNITY}")
    cells = cells_of(row, habits, rng)
    if wrong.column != PLACE:
        cells[wrong.column] = wrong.value
    return cells


def cells_of(row: Any, habits: Habits, rng: np.random.Generator) -> list[Any]:
    """One estate's cells in the columns' order; "" for an empty one."""
    nothing = str(rng.choice(_NOTHING))
    households: Any = int(row.households)
    if habits.full_width and rng.random() < 0.2:
        households = str(households).translate(FULL_WIDTH)
    elif rng.random() < 0.02:
        households = f"{households}户"
    form = (
        "" if row.service_form == 0 else code_cell(int(row.service_form), SERVICE_FORMS, style(habits.styles[0], rng))
    )
    rate = "" if np.isnan(row.fee_rate) else round(float(row.fee_rate) * 100)
    sides = row.four_sides if isinstance(row.four_sides, str) else ("" if rng.random() < 0.6 else nothing)
    fee: Any = "" if np.isnan(row.fee_yuan_m2) else float(row.fee_yuan_m2)
    if fee == "" and rng.random() < 0.5:
        fee = nothing
    covered = row.service_form not in (0, 5)
    consent = _CONSENT[row.consent] if not covered or row.consent != "unknown" or rng.random() < 0.3 else ""
    region = row.region if rng.random() < 0.8 or row.region != row.name else f"{row.region}物业管理区域"
    return [
        0, region, row.name, habits.joined(row.county, row.street, row.community), sides, form,
        code_cell(int(row.committee), COMMITTEES, style(habits.styles[1], rng)),
        code_cell(int(row.party), PARTIES, style(habits.styles[2], rng)),
        _company_cell(row.company, row.manager, habits.person_style) or nothing,
        (f"{rate}%" if habits.percent_text else rate) if rate != "" else (nothing if rng.random() < 0.4 else ""),
        households, int(row.floor_area_m2), f"{row.year_built}年" if rng.random() < 0.04 else int(row.year_built),
        row.estate_type, fee, consent, "是" if row.lost else "否", "是" if row.enclosed else "否",
        "是" if row.mature else "否", float(row.gcj_lon), float(row.gcj_lat), _land_cell(row),
        *_income_cells(row, habits),
    ]  # fmt: skip


def _land_cell(row: Any) -> int | str:
    """Offices know the land area of most estates, rounded; by the name, so that it draws no random number."""
    known = crc32(str(row.name).encode()) % 10 < _LAND_KNOWN
    return int(round(float(row.land_area_m2), -2)) if known and row.land_area_m2 == row.land_area_m2 else ""


def _income_cells(row: Any, habits: Habits) -> list[Any]:
    """Lifts, public income, objection, share of owners who agree; without a random number."""
    income = "" if np.isnan(row.public_income_yuan) else int(row.public_income_yuan)
    objection = "" if np.isnan(row.income_objection) else "有异议" if row.income_objection else "无"
    rate: Any = "" if np.isnan(row.consent_rate) else f"{row.consent_rate:.0%}"
    return [int(row.n_lifts) if row.n_lifts or not habits.full_width else "", income, objection, rate]


def _company_cell(company: object, manager: object, kind: int) -> str:
    if not isinstance(company, str):
        return ""
    if not isinstance(manager, str):
        return company
    return (f"{company}\n{manager}", f"{company}（{manager}）", f"{company} {manager}")[kind]
