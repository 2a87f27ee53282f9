"""register.xlsx: 附件1 住宅物业管理区域信息台账 as street offices hand it in, with a few rows that must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from data.demo.city import City
from data.demo.naming import person
from data.demo.register_rows import (
    FLOOR,
    HEAD,
    HOUSEHOLDS,
    MORE,
    PLACE,
    TITLES,
    WIDTHS,
    WRONGS,
    Habits,
    Wrong,
    cells_of,
    habits_of,
    wrong_row,
)
from data.demo.workbook import workbook
from geo.crs import Datum, from_metric, from_storage

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


_Row = tuple[list[Any], Wrong | None]
_FIRST_ROW: Final = 4
"""Row of the first estate, counted from 0: title, unit, two header rows come before it."""


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
    wrong_in: dict[str, list[Wrong]] = {}
    for k in range(n_wrong):
        wrong_in.setdefault(str(rng.choice(streets)), []).append(WRONGS[k % len(WRONGS)])
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


def _write_street(
    book: Any, formats: dict[str, Any], file: str, group: pd.DataFrame, wrongs: list[Wrong], rng: np.random.Generator
) -> list[Injected]:
    street, county = str(group["street"].iloc[0]), str(group["county"].iloc[0])
    habits = habits_of(street, county, rng)
    sheet = book.add_worksheet(habits.name)
    width = len(TITLES) + habits.remarks
    _write_head(sheet, formats, street, width, habits, rng)
    estates = list(group.itertuples(index=False))
    rows: list[_Row] = [(cells_of(row, habits, rng), None) for row in estates]
    places = sorted((int(k) for k in rng.integers(0, len(estates), len(wrongs))), reverse=True)
    for k, (error, at) in enumerate(zip(wrongs, places, strict=True), start=1):
        cells = wrong_row(estates[at], error, f"{street[:-2]}待核实小区{k}", habits, rng)
        rows.insert(at + 1, (cells, error))
    injected = []
    number = _FIRST_ROW
    for k, (cells, wrong) in enumerate(rows):
        cells[0] = k + 1
        if habits.remarks:
            cells.append("" if rng.random() < 0.85 else "已上报")
        for column, value in enumerate(cells):
            if column != PLACE:
                _put(sheet, number, column, value, formats["body"])
        if wrong is not None:
            shown = cells[PLACE] if wrong.column == PLACE else wrong.value
            injected.append(Injected(file, habits.name, number + 1, TITLES[wrong.column], str(shown), wrong.why))
        number += 1
    _merge_places(sheet, formats["body"], rows)
    _write_foot(sheet, formats, number, width, group, rng)
    sheet.freeze_panes(4, 3)
    return injected


def _write_head(
    sheet: Any, formats: dict[str, Any], street: str, width: int, habits: Habits, rng: np.random.Generator
) -> None:
    for column, size in enumerate(WIDTHS):
        sheet.set_column(column, column, size)
    sheet.set_row(0, 28)
    sheet.set_row(3, 42)
    sheet.merge_range(0, 0, 0, width - 1, f"附件1  {habits.county}{street}住宅物业管理区域信息台账", formats["title"])
    office = f"{street}人民政府" if street.endswith("镇") else f"{street}办事处"
    day = f"2026年12月{int(rng.integers(1, 10))}日"
    gap = "　　　　"
    line = f"填报单位：{office}{gap}坐标系：GCJ-02{gap}填报日期：{day}"
    sheet.merge_range(1, 0, 1, width - 1, line, formats["unit"])
    for column, title in enumerate(HEAD):
        sheet.merge_range(2, column, 3, column, title, formats["head"])
    column = len(HEAD)
    for title, group in MORE:
        sheet.merge_range(2, column, 2, column + len(group) - 1, title, formats["head"])
        for k, below in enumerate(group):
            sheet.write_string(3, column + k, below, formats["head"])
        column += len(group)
    if habits.remarks:
        sheet.merge_range(2, column, 3, column, "备注", formats["head"])


def _merge_places(sheet: Any, cell_format: Any, rows: list[_Row]) -> None:
    """Cells of the same place in rows one below the other are one merged cell."""
    start = 0
    for k in range(1, len(rows) + 1):
        if k < len(rows) and rows[k][0][PLACE] == rows[start][0][PLACE]:
            continue
        text = rows[start][0][PLACE]
        if k - start > 1:
            sheet.merge_range(_FIRST_ROW + start, PLACE, _FIRST_ROW + k - 1, PLACE, text, cell_format)
        else:
            sheet.write_string(_FIRST_ROW + start, PLACE, text, cell_format)
        start = k


def _write_foot(
    sheet: Any, formats: dict[str, Any], number: int, width: int, group: pd.DataFrame, rng: np.random.Generator
) -> None:
    word = "合计" if rng.random() < 0.6 else "小计"
    for column in range(width):
        sheet.write_blank(number, column, None, formats["body"])
    sheet.write_string(number, 0, word, formats["body"])
    sheet.write_number(number, HOUSEHOLDS, int(group["households"].sum()), formats["body"])
    sheet.write_number(number, FLOOR, int(group["floor_area_m2"].sum()), formats["body"])
    number += 1 + int(rng.random() < 0.4)
    sheet.merge_range(number, 0, number, width - 1, _NOTES, formats["note"])
    sheet.set_row(number, 40)
    sheet.write_string(number + 1, 0, f"填报人：{person(rng)}　　审核人：{person(rng)}", formats["unit"])


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
    for column, title in enumerate(TITLES):
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
