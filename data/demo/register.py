"""register.xlsx: 附件1 住宅物业管理区域信息台账 as street offices hand it in, with a few rows that must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS
from data.demo.city import City
from data.demo.naming import person
from data.demo.workbook import FULL_WIDTH, N_STYLES, code_cell, style, workbook
from geo.crs import Datum, from_metric, from_storage

_HEAD: Final = (
    "序号", "物业管理\n区域名称", "小区名称", "所在市县(区)、\n街道、社区", "四至范围", "物业服务\n形态", "业主委员会\n组建情况",
    "党的工作\n覆盖情况", "物业服务企业及\n项目负责人", "物业费\n收缴率",
)  # fmt: skip
"""附件1 in its order."""
_MORE: Final = (
    ("小区基本情况", ("户数", "建筑面积\n（平方米）", "建成年份", "小区类型", "物业费\n（元/平方米·月）")),
    ("管理情况", ("业主意愿", "是否失管", "是否封闭\n管理", "是否成熟\n小区")),
    ("位置", ("经度", "纬度")),
)
_WIDTHS: Final = (6, 20, 20, 24, 34, 11, 11, 11, 26, 9, 8, 11, 9, 11, 12, 9, 8, 9, 9, 11, 11)
_PLACE, _SIDES, _RATE, _HOUSEHOLDS, _FLOOR, _YEAR, _COMMITTEE, _FORM = 3, 4, 9, 10, 11, 12, 6, 5
_TITLES: Final = tuple(h.replace("\n", "") for h in (*_HEAD, *(h for _, group in _MORE for h in group)))
_CONSENT: Final = {"yes": "同意", "no": "不同意", "unknown": "待征询"}
_NOTHING: Final = ("无", "/", "暂无", "—")
_NOTES: Final = (
    "填表说明：1.物业服务形态：(1)专业化物业服务,(2)社区统管,(3)单位代管,(4)居民自管,(5)无物管,(6)其它形态。"
    "2.业主委员会组建情况：(1)业主委员会,(2)物业管理委员会,(3)未成立。"
    "3.党的工作覆盖情况：(1)党委,(2)党总支,(3)党支部,(4)党的工作小组,(5)未成立。以上可直接填写数字。"
)


@dataclass(frozen=True, slots=True)
class Injected:
    """A wrong cell that was put in on purpose, as truth/faults.json lists it. ``row`` as the spreadsheet counts."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class _Wrong:
    column: int
    value: Any
    why: str


_WRONGS: Final = (
    _Wrong(_FORM, 7, "物业服务形态没有代码 7"),
    _Wrong(_RATE, "130%", "收缴率超过 100%"),
    _Wrong(_HOUSEHOLDS, "约三百", "户数不是数字"),
    _Wrong(_PLACE, None, "社区不在行政单元表中"),
    _Wrong(_COMMITTEE, "（5）", "业主委员会组建情况没有代码 5"),
    _Wrong(_YEAR, "九十年代", "建成年份不是四位年份"),
)
_UNKNOWN_COMMUNITY: Final = "不存在的社区"


@dataclass(slots=True)
class _Sheet:
    """Habits of one office."""

    name: str
    county: str
    styles: tuple[int, int, int]
    joined: Callable[[str, str, str], str]
    percent_text: bool
    person_style: int
    full_width: bool
    remarks: bool


def write_register(path: Path, city: City, rng: np.random.Generator) -> list[Injected]:
    """One visible sheet a street, rows grouped by community, and a hidden sheet of last year.

    Good rows are the city's estates, each once; about one row in a hundred more is a made-up estate with one wrong cell.
    Returns the wrong cells.
    """
    estates = _with_positions(city)
    n_wrong = max(4, round(len(estates) * 0.01))
    streets = list(dict.fromkeys(unit.name for unit in city.units if unit.kind == "street"))
    filled = set(estates["street"])
    streets = [street for street in streets if street in filled]
    wrong_in: dict[str, list[_Wrong]] = {}
    for k in range(n_wrong):
        wrong_in.setdefault(str(rng.choice(streets)), []).append(_WRONGS[k % len(_WRONGS)])
    injected: list[Injected] = []
    groups = dict(tuple(estates.groupby("street", sort=False)))
    with workbook(path) as (book, formats):
        for street in streets:
            group = groups[street].sort_values(["community", "name"], kind="stable")
            injected += _write_street(book, formats, path.name, group, wrong_in.get(street, []), rng)
        _hidden_sheet(book, formats)
    return injected


def _with_positions(city: City) -> pd.DataFrame:
    """The estates with the picked point in GCJ-02, as an office reads it off a public map."""
    estates = city.estates
    lon, lat = from_metric(estates["picked_x"].to_numpy(), estates["picked_y"].to_numpy(), city.crs)
    east, north = from_storage(lon, lat, Datum.GCJ02)
    return estates.assign(gcj_lon=np.round(east, 6), gcj_lat=np.round(north, 6))


def _habits(street: str, county: str, rng: np.random.Generator) -> _Sheet:
    joins: tuple[Callable[[str, str, str], str], ...] = (
        lambda a, b, c: f"{a}、{b}、{c}",
        lambda a, b, c: f"{a}{b}{c}",
        lambda a, b, c: f"{a}\n{b}\n{c}",
        lambda a, b, c: f"{a} {b} {c}",
    )
    return _Sheet(
        name=street[:31], county=county, styles=tuple(int(k) for k in rng.integers(0, N_STYLES, 3)),  # type: ignore[arg-type]
        joined=joins[int(rng.integers(len(joins)))], percent_text=bool(rng.random() < 0.5), person_style=int(rng.integers(3)),
        full_width=bool(rng.random() < 0.3), remarks=bool(rng.random() < 0.3),
    )  # fmt: skip


def _write_street(
    book: Any, formats: dict[str, Any], file: str, group: pd.DataFrame, wrongs: list[_Wrong], rng: np.random.Generator
) -> list[Injected]:
    street, county = str(group["street"].iloc[0]), str(group["county"].iloc[0])
    habits = _habits(street, county, rng)
    sheet = book.add_worksheet(habits.name)
    width = len(_TITLES) + habits.remarks
    _write_head(sheet, formats, street, width, habits, rng)
    rows: list[tuple[str, list[Any], _Wrong | None]] = []
    for row in group.itertuples():
        rows.append((str(row.community), _cells(row, habits, rng), None))
    for k, wrong in enumerate(wrongs):
        at = int(rng.integers(0, len(rows) + 1))
        like = group.iloc[int(rng.integers(len(group)))]
        rows.insert(at, _wrong_row(like, wrong, f"{street[:-2]}待核实小区{k + 1}", habits, rng))
    injected = []
    number = 4
    column_width = [0]
    for k, (community, cells, wrong) in enumerate(rows):
        cells[0] = k + 1
        if habits.remarks:
            cells.append("" if rng.random() < 0.85 else "已上报")
        for column, value in enumerate(cells):
            if column != _PLACE:
                _put(sheet, number, column, value, formats["body"])
        if wrong is not None:
            shown = cells[_PLACE] if wrong.column == _PLACE else wrong.value
            injected.append(Injected(file, habits.name, number + 1, _TITLES[wrong.column], str(shown), wrong.why))
        number += 1
        column_width.append(len(community))
    _merge_places(sheet, formats["body"], rows)
    number = _write_foot(sheet, formats, number, width, group, rng)
    sheet.freeze_panes(4, 3)
    return injected


def _write_head(
    sheet: Any, formats: dict[str, Any], street: str, width: int, habits: _Sheet, rng: np.random.Generator
) -> None:
    for column, size in enumerate(_WIDTHS):
        sheet.set_column(column, column, size)
    sheet.set_row(0, 28)
    sheet.set_row(3, 42)
    sheet.merge_range(0, 0, 0, width - 1, f"附件1  {habits.county}{street}住宅物业管理区域信息台账", formats["title"])
    office = f"{street}人民政府" if street.endswith("镇") else f"{street}办事处"
    day = f"2026年12月{int(rng.integers(1, 10))}日"
    gap = "　　　　"
    line = f"填报单位：{office}{gap}坐标系：GCJ-02{gap}填报日期：{day}"
    sheet.merge_range(1, 0, 1, width - 1, line, formats["unit"])
    for column, title in enumerate(_HEAD):
        sheet.merge_range(2, column, 3, column, title, formats["head"])
    column = len(_HEAD)
    for title, group in _MORE:
        sheet.merge_range(2, column, 2, column + len(group) - 1, title, formats["head"])
        for k, below in enumerate(group):
            sheet.write_string(3, column + k, below, formats["head"])
        column += len(group)
    if habits.remarks:
        sheet.merge_range(2, column, 3, column, "备注", formats["head"])


def _cells(row: Any, habits: _Sheet, rng: np.random.Generator) -> list[Any]:
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
        "是" if row.mature else "否", float(row.gcj_lon), float(row.gcj_lat),
    ]  # fmt: skip


def _company_cell(company: object, manager: object, kind: int) -> str:
    if not isinstance(company, str):
        return ""
    if not isinstance(manager, str):
        return company
    return (f"{company}\n{manager}", f"{company}（{manager}）", f"{company} {manager}")[kind]


def _wrong_row(
    like: pd.Series, wrong: _Wrong, name: str, habits: _Sheet, rng: np.random.Generator
) -> tuple[str, list[Any], _Wrong]:
    """A made-up estate beside a real one of the demo, right but for one cell."""
    row = like.copy()
    row["name"] = row["region"] = name
    row["four_sides"] = None
    if wrong.column == _PLACE:
        row["community"] = f"{name[:2]}{_UNKNOWN_COMMUNITY}"
    cells = _cells(row, habits, rng)
    if wrong.column != _PLACE:
        cells[wrong.column] = wrong.value
    return str(row["community"]), cells, wrong


def _merge_places(sheet: Any, cell_format: Any, rows: list[tuple[str, list[Any], _Wrong | None]]) -> None:
    """Cells of the same place in rows one below the other are one merged cell."""
    start = 0
    for k in range(1, len(rows) + 1):
        if k < len(rows) and rows[k][1][_PLACE] == rows[start][1][_PLACE]:
            continue
        text = rows[start][1][_PLACE]
        if k - start > 1:
            sheet.merge_range(4 + start, _PLACE, 3 + k, _PLACE, text, cell_format)
        else:
            sheet.write_string(4 + start, _PLACE, text, cell_format)
        start = k


def _write_foot(
    sheet: Any, formats: dict[str, Any], number: int, width: int, group: pd.DataFrame, rng: np.random.Generator
) -> int:
    word = "合计" if rng.random() < 0.6 else "小计"
    for column in range(width):
        sheet.write_blank(number, column, None, formats["body"])
    sheet.write_string(number, 0, word, formats["body"])
    sheet.write_number(number, _HOUSEHOLDS, int(group["households"].sum()), formats["body"])
    sheet.write_number(number, _FLOOR, int(group["floor_area_m2"].sum()), formats["body"])
    number += 1 + int(rng.random() < 0.4)
    sheet.merge_range(number, 0, number, width - 1, _NOTES, formats["note"])
    sheet.set_row(number, 40)
    sheet.write_string(number + 1, 0, f"填报人：{person(rng)}　　审核人：{person(rng)}", formats["unit"])
    return number + 2


def _put(sheet: Any, row: int, column: int, value: Any, cell_format: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value, cell_format)
        else:
            sheet.write_blank(row, column, None, cell_format)
    else:
        sheet.write_number(row, column, value, cell_format)


def _hidden_sheet(book: Any, formats: dict[str, Any]) -> None:
    """Last year's rows that somebody hid instead of deleting: never to be read."""
    sheet = book.add_worksheet("2025年旧表")
    for column, title in enumerate(_TITLES):
        sheet.write_string(0, column, title, formats["head"])
    for number, cells in enumerate(_old_rows(), start=1):
        for column, value in enumerate(cells):
            _put(sheet, number, column, value, formats["body"])
    sheet.hide()


def _old_rows() -> Iterator[list[Any]]:
    for k in range(1, 4):
        yield [
            k,
            f"旧表小区{k}",
            f"旧表小区{k}",
            "",
            "",
            1,
            3,
            5,
            "",
            88,
            100 * k,
            9000 * k,
            1999,
            "老旧小区",
            0.5,
            "",
            "否",
            "否",
            "是",
            "",
            "",
        ]
