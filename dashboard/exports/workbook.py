"""Workbooks for meetings: Chinese, title and notes on top, frozen header, A4 landscape; no text can become a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

from dashboard.exports.cells import Share, blank, clean, in_words, numeric
from dashboard.exports.files import write_whole

WHOLE: Final = "#,##0"
ONE: Final = "#,##0.0"
TWO: Final = "0.00"
SHARE: Final = "0.0%"
_DAY: Final = 'yyyy"年"m"月"d"日"'
_DAY_WIDTH: Final = 16
_TOTAL_WIDTH: Final = 175
"""Columns of text that A4 landscape holds at a size one can read."""
_LEAST_TOTAL: Final = 100
"""A narrow table is widened to this, so that its title and notes fit above it."""
_LEAST_WIDTH: Final = 12
"""A column of text is made no narrower than this to fit the paper."""
_MAX_WIDTH: Final = 60
_SHORT: Final = 16
"""Columns of texts up to this width are centred."""
_BOXED: Final[Mapping[str, Any]] = {"border": 1, "border_color": "#7B8794"}
_CENTRED: Final[Mapping[str, Any]] = {"align": "center"}
_LEFT: Final[Mapping[str, Any]] = {"align": "left", "indent": 1}
_LINE_PT: Final = 14.5
_MAX_HEIGHT_PT: Final = 409
_PICTURE_ROWS: Final = 40
"""Rows of usual height that a picture covers; they are printed with the table."""
_LIKE_A_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_A_TAB: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its tab, heading, notes below it, and one table.

    ``formats`` gives Excel number formats by column; ``numbered`` puts 序号 in front; with ``total`` the last row is
    the sum and stands out; ``empty`` is said where the table has no row; ``picture`` (PNG) stands below the table.
    """

    name: str
    title: str
    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    formats: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False
    total: bool = False
    empty: str = "（无）"
    picture: bytes | None = None


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write a workbook.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """

    def write(part: Path) -> None:
        # In memory: no copy of a register may stay in the machine's folder for temporary files.
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        content = BytesIO()
        book = xlsxwriter.Workbook(content, {**options, "in_memory": True})
        pages = _Pages(book)
        for sheet in sheets:
            pages.add(sheet)
        book.close()
        # Written at once: an archive that a full disk cuts short prints a traceback when it is thrown away.
        part.write_bytes(content.getvalue())

    return write_whole(path, write)


class _Pages:
    """Writes sheets into one workbook and shares their cell formats."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._formats: dict[frozenset[tuple[str, Any]], Any] = {}
        self._tabs: set[str] = set()

    def _style(self, **properties: Any) -> Any:
        key = frozenset(properties.items())
        if key not in self._formats:
            plain = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True}
            self._formats[key] = self._book.add_format(plain | properties)
        return self._formats[key]

    def _tab(self, name: str) -> str:
        """A tab name that Excel accepts and no other sheet has."""
        wanted = _NOT_IN_A_TAB.sub(" ", clean(name)).replace("\n", " ").strip(" '")[:28] or "表"
        tab, number = wanted, 2
        while tab.lower() in self._tabs:
            tab, number = f"{wanted}{number}", number + 1
        self._tabs.add(tab.lower())
        return tab

    def add(self, sheet: Sheet) -> None:
        page = self._book.add_worksheet(self._tab(sheet.name))
        table = sheet.table
        if sheet.numbered:
            n_counted = len(table) - 1 if sheet.total and len(table) else len(table)
            table = table.astype(object)
            table.insert(0, "序号", [*range(1, n_counted + 1), *[None] * (len(table) - n_counted)])
        columns = [_Column(str(name), table.iloc[:, i].tolist(), sheet.formats.get(str(name), ""))
                   for i, name in enumerate(table.columns)]  # fmt: skip
        widths = _fitted(columns)
        n_columns = max(1, len(columns))
        top = self._heading(page, sheet, n_columns, sum(widths))
        head = {**_BOXED, "bold": True, "align": "center", "bg_color": "#EEF3F7"}
        for i, column in enumerate(columns):
            self._text(page, top, i, column.name, head)
            page.set_column(i, i, widths[i])
        page.set_row(
            top, _height(max((_lines(c.name, w - 3) for c, w in zip(columns, widths, strict=True)), default=1))
        )
        for row in range(len(table)):
            bold = {"bold": True, "bg_color": "#F5F7FA"} if sheet.total and row == len(table) - 1 else {}
            for i, column in enumerate(columns):
                self._cell(page, top + 1 + row, i, column, column.values[row], bold)
            rooms = (column.room(width) for column, width in zip(columns, widths, strict=True))
            lines = max((_lines(c.shown[row], room) for c, room in zip(columns, rooms, strict=True)), default=1)
            page.set_row(top + 1 + row, _height(lines))
        last = top + max(len(table), 1)
        if len(table) == 0:
            self._across(page, last, n_columns, sheet.empty, _BOXED)
        elif len(table) > 1:
            page.autofilter(top, 0, last - (1 if sheet.total else 0), n_columns - 1)
        if sheet.picture is not None:
            page.insert_image(last + 2, 0, "map.png", {"image_data": BytesIO(sheet.picture), "object_position": 1})
            last += 2 + _PICTURE_ROWS
        self._paper(page, top, last, n_columns, pictured=sheet.picture is not None)

    def _heading(self, page: Any, sheet: Sheet, n_columns: int, width: float) -> int:
        """Title and notes; gives the row of the header."""
        self._across(page, 0, n_columns, sheet.title, {"font_name": "黑体", "font_size": 16, "align": "center"})
        page.set_row(0, 30)
        for row, note in enumerate(sheet.notes, start=1):
            self._across(page, row, n_columns, note, {"font_color": "#52606D"})
            page.set_row(row, _height(_lines(clean(note), width - 1)))
        return len(sheet.notes) + 1

    def _across(self, page: Any, row: int, n_columns: int, text: str, look: Mapping[str, Any]) -> None:
        if n_columns > 1:
            page.merge_range(row, 0, row, n_columns - 1, "", self._style(**look))
        self._text(page, row, 0, text, look)

    def _text(self, page: Any, row: int, column: int, text: str, look: Mapping[str, Any]) -> None:
        text = clean(text)
        # So marked it stays text also after someone edits the cell and presses Enter.
        marked = {"quote_prefix": True} if text.startswith(_LIKE_A_FORMULA) else {}
        page.write_string(row, column, text, self._style(**look, **marked))

    def _cell(self, page: Any, row: int, place: int, column: _Column, value: Any, bold: Mapping[str, Any]) -> None:
        look = {**_BOXED, **bold}
        if blank(value):
            page.write_blank(row, place, None, self._style(**look))
        elif isinstance(value, datetime | date) and value.year >= 1900:
            page.write_datetime(row, place, _day(value), self._style(**look, num_format=_DAY, align="center"))
        elif numeric(value):
            shown = SHARE if isinstance(value, Share) else column.number
            page.write_number(row, place, value, self._style(**look, num_format=shown or "General", align="right"))
        else:
            self._text(page, row, place, in_words(value), {**look, **(_CENTRED if column.short else _LEFT)})

    def _paper(self, page: Any, top: int, last: int, n_columns: int, *, pictured: bool) -> None:
        page.freeze_panes(top + 1, 0)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        page.center_horizontally()
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)
        page.print_area(0, 0, last, n_columns - 1)
        if pictured:
            page.fit_to_pages(1, 1)
        page.set_footer("&C第 &P 页，共 &N 页")


class _Column:
    """The cells of one column, as values and as the texts that they will show."""

    def __init__(self, name: str, values: list[Any], number: str) -> None:
        self.name, self.values, self.number = name, values, number
        self.shown = [_shown(value, number) for value in values]
        self.longest = max((_columns(text) for text in self.shown), default=0)
        self.texts = any(isinstance(value, str) for value in values)
        self.short = self.longest <= _SHORT

    @property
    def width(self) -> float:
        heading = _columns(self.name)
        least = heading if heading <= 8 else math.ceil(heading / 2) + 1
        return min(_MAX_WIDTH, max(self.longest + 2, least + 3, 6))

    def room(self, width: float) -> float:
        """Half-width signs of the cells' smaller font that a line holds at a width."""
        return width * 1.05 - (0 if self.short else 2)


def _fitted(columns: Sequence[_Column]) -> list[float]:
    """Widths that together fit the paper: the widest columns of text give way first, and their lines wrap."""
    wanted = [column.width for column in columns]
    cap = float(_MAX_WIDTH)

    def cut() -> list[float]:
        return [min(w, cap) if c.texts else w for c, w in zip(columns, wanted, strict=True)]

    while sum(cut()) > _TOTAL_WIDTH and cap > _LEAST_WIDTH:
        cap -= 1
    widths = cut()
    return [width * max(1.0, _LEAST_TOTAL / sum(widths)) for width in widths] if widths else []


def _day(value: date) -> date:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _shown(value: Any, number: str) -> str:
    """About what Excel will show, to measure it."""
    if blank(value):
        return ""
    if isinstance(value, datetime | date):
        return "0" * (_DAY_WIDTH - 2)
    if isinstance(value, Share) or (numeric(value) and number == SHARE):
        return f"{value:.1%}"
    if numeric(value):
        return f"{value:,.2f}" if number == TWO else f"{value:,.1f}" if number == ONE else f"{round(value, 2):,}"
    return clean(in_words(value))


def _columns(text: str) -> int:
    """Width in half-width signs: Chinese ones count two."""
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(len(line.encode("gb18030", errors="replace")) for line in text.split("\n"))


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a cell."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(_columns(line) / max(width, 2.0))) for line in text.split("\n"))


def _height(lines: int) -> float:
    return min(_MAX_HEIGHT_PT, _LINE_PT * lines + 4)
