"""Rows that carry no record: totals, notes, signatures, blanks. All are listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from data.registers.header import Header, is_number_row, repeats_header
from data.registers.result import SkippedRow
from data.registers.text import Cell, clean, squeezed
from data.registers.workbook import Sheet

_TOTAL: Final = re.compile(r".{0,14}?(合计|小计|总计|共计|累计)(\(.*\))?[:：]?.{0,12}")
_FOOT: Final = re.compile(
    r"(填表说明|填报说明|填写说明|说明|注|备注|填报人|填表人|制表人?|制表单位|审核人?|复核人?|负责人|单位负责人|主要负责人|联系人|联系电话|"
    r"填报单位|填表单位|填报日期|填表日期|填报时间|报送单位|报送日期|签字|盖章|公章|单位\(盖章\))(\(.*?\))?[:：1一\(].*"
    r"|(填表说明|填报说明|填写说明|说明|备注)"
)
_SIGNED: Final = re.compile(r"(填报人|填表人|制表|审核|复核|负责人|单位负责人|主要负责人|联系人|联系电话|签字)")
"""Lines of persons: listed by their first word, without names and numbers."""
_SERIAL: Final = re.compile(r"[\d.\-()（）]+")
_SHOWN = 40


def data_rows(sheet: Sheet, header: Header, file: str) -> tuple[list[int], list[SkippedRow]]:
    """Indexes of rows with records, and the rows between and below them that were skipped, blank ones as ranges."""
    rows: list[int] = []
    skipped: list[SkippedRow] = []
    identity = [c.index for c in header.columns if any(spec.field in _IDENTITY for spec in c.specs)]
    serial = [c.index for c in header.columns if any(spec.field == "skip" for spec in c.specs)]
    names = [c.index for c in header.columns if any(spec.field in _NAMES for spec in c.specs)]
    titles = {squeezed(column.title) for column in header.columns}
    after_foot = False

    def skip(index: int, reason: str, text: str = "") -> None:
        number = sheet.row_number(index)
        last = skipped[-1] if skipped else None
        if last and last.reason == reason and last.last_row == number - 1 and not text and not last.text:
            skipped[-1] = SkippedRow(file, sheet.name, last.row, number, reason)
        else:
            skipped.append(SkippedRow(file, sheet.name, number, number, reason, text[:_SHOWN]))

    for index in range(header.last_row + 1, len(sheet.rows)):
        cells = sheet.rows[index]
        if not after_foot and index > header.last_row + 2 and _is_plain(cells, serial, names):
            rows.append(index)
            continue
        texts = [clean(cell) for cell in cells]
        filled = [text for p, text in enumerate(texts) if text and not (p in serial and _SERIAL.fullmatch(text))]
        first = squeezed(next((text for text in texts if text), ""))
        is_marked = any((index, position) in sheet.broken for position in range(len(cells)))
        if not filled and not is_marked:
            skip(index, "只有序号的空行" if first else "空行", "")
        elif index <= header.last_row + 2 and is_number_row(cells, header.columns):
            skip(index, "列号行", first)
        elif first in titles and repeats_header(cells, header.columns):
            skip(index, "重复的表头", first)
        elif _is_total(texts, identity, serial):
            skip(index, "合计行", next(text for text in texts if text))
        elif _FOOT.fullmatch(first) or (len(set(filled)) == 1 and len(filled) > 3):
            after_foot = after_foot or _FOOT.fullmatch(first) is not None
            skip(index, "填表说明或署名", first.split(":")[0] if _SIGNED.match(first) else first)
        elif len(set(filled)) <= 2 and (after_foot or _is_loose(texts, identity, filled)):
            skip(index, "填表说明或署名", first)
        else:
            rows.append(index)
    while skipped and skipped[-1].reason == "空行" and skipped[-1].last_row == sheet.row_number(len(sheet.rows) - 1):
        skipped.pop()
    return rows, skipped


_IDENTITY: Final = frozenset(
    {"name", "region_name", "project_name", "location", "county", "street", "community", "grid"}
)


_NAMES: Final = frozenset({"name", "project_name"})


def _is_plain(cells: Sequence[Cell], serial: Sequence[int], names: Sequence[int]) -> bool:
    """Whether a row is beyond doubt one of data: a numbered row with a name and several different cells."""
    if not serial or not names or max(serial[0], names[0]) >= len(cells):
        return False
    number, name = cells[serial[0]], cells[names[0]]
    if number.__class__ not in (int, float) or not isinstance(name, str) or "计" in name or not name.strip():
        return False
    return len({cell for cell in cells[:10] if cell != ""}) > 4


def _is_total(texts: Sequence[str], identity: Sequence[int], serial: Sequence[int]) -> bool:
    where = [*serial, *identity]
    found = any(position < len(texts) and _TOTAL.fullmatch(squeezed(texts[position])) for position in where)
    if found:
        return True
    first = squeezed(next((text for text in texts if text), ""))
    return _TOTAL.fullmatch(first) is not None and not any(texts[p] for p in identity if p < len(texts))


def _is_loose(texts: Sequence[str], identity: Sequence[int], filled: Sequence[str]) -> bool:
    """A line of text in the first cell alone, longer than a name: an explanation that runs on."""
    return len(filled) == 1 and len(filled[0]) > 30 and not any(texts[p] for p in identity[1:] if p < len(texts))
