"""Workbooks and delimited text as sheets of cells: merges filled, broken cells marked, nothing interpreted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from data.registers.delimited import read_delimited
from data.registers.guards import (
    MAX_CELL_CHARS,
    MAX_GRID_CELLS,
    MAX_ROWS,
    check_grid,
    damaged_error,
    password_error,
    read_bytes,
    unpacked,
)
from data.registers.raw_sheets import RawSheet, UnreadableError, read_old, read_ooxml
from data.registers.result import SkippedSheet
from data.registers.text import Cell
from geo.errors import InputError

Place = tuple[int, int]
"""Row and column of a cell within ``Sheet.rows``, from 0."""

_BROKEN = {
    "formula": ("公式没有保存计算结果", "请在 Excel 或 WPS 中打开、重新计算并保存，或改为填写数值"),
    "error": ("公式结果是错误值", "请改正公式，或直接填写数值"),
    "long": (f"文字超过 {MAX_CELL_CHARS} 个字符", "请缩短内容；Excel 单元格最多 32767 个字符"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as a grid from A1: ``rows[i]`` is the spreadsheet's row ``i + first_row``; "" where a cell is empty.

    Cells of a merged range all hold its value; ``spans`` says for the cells of ranges taller than one row which rows
    the range covers. ``broken`` marks cells whose value is not to be trusted, with a key of the fault texts.
    """

    name: str
    rows: list[list[Cell]]
    first_row: int = 1
    spans: Mapping[Place, tuple[int, int]] = field(default_factory=dict)
    broken: Mapping[Place, str] = field(default_factory=dict)

    def row_number(self, index: int) -> int:
        """The row as the spreadsheet numbers it."""
        return index + self.first_row


@dataclass(frozen=True, slots=True)
class Workbook:
    """The readable sheets of a file and those left out."""

    sheets: tuple[Sheet, ...]
    skipped: tuple[SkippedSheet, ...] = ()
    notes: tuple[str, ...] = ()


def broken_text(kind: str) -> tuple[str, str]:
    """Problem and remedy of a broken cell (Chinese)."""
    return _BROKEN[kind]


def read_workbook(path: Path) -> Workbook:
    """Read .xlsx, .xlsm, .xls, .csv, .tsv or .txt.

    Hidden sheets are left out and listed. Text files become one sheet named after the file.

    Raises
    ------
    InputError
        If the file cannot be read at all, or no visible sheet has a cell with content.
    """
    content, data = read_bytes(path)
    if content == "text":
        rows, notes = read_delimited(path, data)
        book = Workbook((_long_marked(Sheet(path.stem, rows)),), notes=notes)
    else:
        book = _read_binary(path, data, content == "zip")
    if not any(sheet.rows for sheet in book.sheets):
        raise InputError("工作簿里没有内容", "请检查是否选错文件，或数据在隐藏的工作表里", file=path.name)
    return book


def _read_binary(path: Path, data: bytes, ooxml: bool) -> Workbook:
    broken = _scan_parts(path, data) if ooxml else {}
    try:
        raw = read_ooxml(data) if ooxml else read_old(path)
    except UnreadableError as error:
        raise (password_error(path) if error.password else damaged_error(path)) from None
    sheets: list[Sheet] = []
    skipped: list[SkippedSheet] = []
    for source in raw:
        marks = broken.get(source.name, {})
        if source.skipped or not (source.rows or marks):
            skipped.append(SkippedSheet(path.name, source.name, source.skipped or "空工作表"))
        else:
            sheets.append(_long_marked(_sheet(path, source, marks)))
    return Workbook(tuple(sheets), tuple(skipped))


def _sheet(path: Path, source: RawSheet, broken: dict[Place, str]) -> Sheet:
    rows: list[list[Cell]] = source.rows
    width = max((len(row) for row in rows), default=0)
    if len(rows) > MAX_ROWS or len(rows) * width > MAX_GRID_CELLS:
        raise InputError(
            f"工作表有 {len(rows)} 行 × {width} 列，太大",
            f"每个工作表最多 {MAX_ROWS} 行；请拆成几个文件",
            file=path.name,
            sheet=source.name,
        )
    for row, column in broken:
        while len(rows) <= row:
            rows.append([""] * width)
        if len(rows[row]) <= column:
            rows[row].extend([""] * (column + 1 - len(rows[row])))
    return Sheet(source.name, rows, 1, _fill_merged(rows, source.merged), broken)


def _fill_merged(rows: list[list[Cell]], ranges: list[tuple[Place, Place]]) -> dict[Place, tuple[int, int]]:
    """Write each range's value into its other cells that exist; the rows of ranges taller than one row."""
    spans: dict[Place, tuple[int, int]] = {}
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        last = min(bottom, len(rows) - 1)
        for row in range(top, last + 1):
            cells = rows[row]
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value
                if bottom > top:
                    spans[row, column] = (top, last)
    return spans


def _long_marked(sheet: Sheet) -> Sheet:
    long = {
        (i, j): "long"
        for i, row in enumerate(sheet.rows)
        for j, cell in enumerate(row)
        if isinstance(cell, str) and len(cell) > MAX_CELL_CHARS
    }
    if not long:
        return sheet
    for i, j in long:
        sheet.rows[i][j] = str(sheet.rows[i][j])[:200]
    return Sheet(sheet.name, sheet.rows, sheet.first_row, sheet.spans, {**sheet.broken, **long})


_CELL = rb"<(?:\w+:)?c\b(?P<attributes>[^>]*)>"
_UNCACHED = re.compile(
    _CELL + rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?P<value><(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(rb"<(?:\w+:)?c\b(?P<attributes>[^>]*\bt=[\"']e[\"'][^>]*)>")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")


def _scan_parts(path: Path, data: bytes) -> dict[str, dict[Place, str]]:
    """Unpack all parts under guard; per sheet name the cells that calamine would show as empty though they are not."""
    found: dict[str, dict[Place, str]] = {}
    parts: dict[str, bytes] = {}
    for name, part in unpacked(path, data):
        if name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            parts[name] = part
        elif name.startswith("xl/worksheets/") and name.endswith(".xml"):
            check_grid(path, "", part)
            found[name] = _broken_cells(part)
    try:
        names = _sheet_parts(parts)
    except ElementTree.ParseError:
        raise damaged_error(path) from None
    return {names[part]: cells for part, cells in found.items() if part in names}


def _broken_cells(xml: bytes) -> dict[Place, str]:
    cells: dict[Place, str] = {}
    if b"<f" in xml or b":f" in xml:
        for match in _UNCACHED.finditer(xml):
            is_empty_text = match["value"] is not None and _TEXT_RESULT.search(match["attributes"]) is not None
            if not is_empty_text:
                _mark(cells, match["attributes"], "formula")
    for match in _ERROR.finditer(xml):
        _mark(cells, match["attributes"], "error")
    return cells


def _mark(cells: dict[Place, str], attributes: bytes, kind: str) -> None:
    reference = _REFERENCE.search(attributes)
    if reference is not None:
        column = 0
        for letter in reference[1]:
            column = column * 26 + letter - 64
        cells[int(reference[2]) - 1, column - 1] = kind


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Part name → sheet name, by the workbook's relations."""
    targets: dict[str, str] = {}
    for relation in ElementTree.fromstring(parts.get("xl/_rels/workbook.xml.rels", b"<none/>")):
        target = relation.get("Target", "")
        targets[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    names: dict[str, str] = {}
    for element in ElementTree.fromstring(parts["xl/workbook.xml"]).iter():
        if element.tag.rsplit("}", 1)[-1] == "sheet":
            relation_id = next((value for key, value in element.items() if key.rsplit("}", 1)[-1] == "id"), "")
            names[targets.get(relation_id, "")] = element.get("name", "")
    return names
