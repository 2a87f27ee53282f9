"""Workbooks for meetings: Chinese, title and note on top, frozen header, fit for printing; no text can become a formula."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

_FONT: Final = "宋体"
_MAX_WIDTH: Final = 48
_CELL_LIMIT: Final = 32_767
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class Sheet:
    """One sheet: its tab, heading, table; ``note`` stands below the heading.

    ``formats`` gives Excel number formats by column, e.g. ``{"覆盖率": "0.0%"}``.
    """

    name: str
    title: str
    table: pd.DataFrame
    note: str = ""
    formats: tuple[tuple[str, str], ...] = ()


def file_name(unit: str, report: str, period: str, suffix: str) -> str:
    """单位_报表_期数.xlsx, without signs that a file system refuses."""
    return "_".join(_FORBIDDEN.sub("", part).strip() or "未命名" for part in (unit, report, period)) + suffix


def write_whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file beside its place and move it there when it is whole, so that a broken-off export leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write a workbook.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """

    def write(part: Path) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(part, {**options, "constant_memory": False})
        try:
            for sheet in sheets:
                _sheet(book, sheet)
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error

    return write_whole(path, write)


def _sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:31])
    table = sheet.table
    n_columns = max(1, len(table.columns))
    heading = book.add_format({"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"})
    quiet = book.add_format({"font_name": _FONT, "font_size": 10, "font_color": "#52606D"})
    head = book.add_format(
        {"font_name": _FONT, "bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True,
         "bg_color": "#EEF3F7"}
    )  # fmt: skip
    if n_columns > 1:
        page.merge_range(0, 0, 0, n_columns - 1, "", heading)
    page.write_string(0, 0, _text(sheet.title), heading)
    page.write_string(1, 0, _text(sheet.note), quiet)
    page.set_row(0, 28)
    formats = dict(sheet.formats)
    for column, name in enumerate(table.columns):
        page.write_string(2, column, _text(str(name)), head)
        body = book.add_format(
            {"font_name": _FONT, "border": 1, "valign": "vcenter", "text_wrap": True,
             **({"num_format": formats[name]} if name in formats else {})}
        )  # fmt: skip
        day = book.add_format(
            {"font_name": _FONT, "border": 1, "valign": "vcenter", "num_format": 'yyyy"年"m"月"d"日"'}
        )
        values = table[name].tolist()
        for row, value in enumerate(values, start=3):
            _cell(page, row, column, value, body, day)
        page.set_column(column, column, _width(str(name), values, formats.get(name)))
    page.freeze_panes(3, 0)
    if len(table):
        page.autofilter(2, 0, 2 + len(table), n_columns - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.set_footer("&C第 &P 页，共 &N 页")


def _cell(page: Any, row: int, column: int, value: Any, body: Any, day: Any) -> None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        page.write_blank(row, column, None, body)
    elif isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否", body)
    elif isinstance(value, datetime | date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, body)
    else:
        page.write_string(row, column, _text(str(value)), body)


def _text(text: str) -> str:
    """Text that a cell can hold: no control signs, at most Excel's length."""
    return _CONTROL.sub("", text)[:_CELL_LIMIT]


def _width(name: str, values: Sequence[Any], number: str | None) -> float:
    """Column width for the header and the longest of the first 200 cells; Chinese signs count two."""
    shown = [f"{value:,.1f}" if number and isinstance(value, float) else str(value) for value in values[:200]]
    longest = max((_columns(text) for text in shown if text not in ("None", "nan", "<NA>")), default=0)
    return min(_MAX_WIDTH, max(longest, min(_columns(name), 12)) + 2)


def _columns(text: str) -> int:
    return max(
        (sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")), default=0
    )
