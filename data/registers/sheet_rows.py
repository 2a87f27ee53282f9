"""One sheet under its header: every data row as the fields it fills and the faults it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from data.profile import Profile
from data.registers.header import Header, HeaderColumn, units_in_title
from data.registers.mapping import ColumnSpec, header_key
from data.registers.problem import Problem
from data.registers.readings import Context
from data.registers.result import Kind, Record, SkippedRow
from data.registers.rows import data_rows
from data.registers.text import Cell, clean, is_null, plain, shown
from data.registers.values import make_reading
from data.registers.workbook import Sheet, broken_text
from data.schemas import CASES, COMPANIES, ESTATES, PLACE_NAMES, TEAMS, Column, Table
from geo.errors import Fault

_TABLES: Final[dict[Kind, Table]] = {
    "register": ESTATES,
    "cases": CASES,
    "teams": TEAMS,
    "places": PLACE_NAMES,
    "companies": COMPANIES,
    "consents": ESTATES,
}
_PERSONAL_TITLE: Final = re.compile(r"电话|手机|身份证|联系方式|联系人|姓名|微信|邮箱|银行")


@dataclass(slots=True)
class RowReading:
    """One data row: its number in the spreadsheet, what was read, what is wrong."""

    row: int
    fields: Record = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class SheetReading:
    """All data rows of a sheet, skipped rows, notes (Chinese, without the sheet's name)."""

    rows: list[RowReading]
    skipped: list[SkippedRow]
    notes: list[str]


@dataclass(slots=True)
class _Column:
    index: int
    title: str
    spec: ColumnSpec
    read: Callable[[Cell], Record | Problem]
    counts_once: bool
    seen: dict[tuple[type, Cell], Record | Problem] = field(default_factory=dict)


def read_sheet(sheet: Sheet, header: Header, file: str, profile: Profile) -> SheetReading:
    """Read all data rows; the column's own evidence is taken from these rows alone."""
    indexes, skipped = data_rows(sheet, header, file)
    context = Context(profile, header.year or header.mapping.year)
    table = _TABLES[header.mapping.kind]
    bounds = {column.name: column for column in table.columns if column.low is not None or column.high is not None}
    columns: list[_Column] = []
    others: list[HeaderColumn] = []
    for place in header.columns:
        if not place.specs:
            others.append(place)
            if header_key(place.title) in header.mapping.by_header:
                context.notes.append(f"“{place.title}”列出现了两次，只用其中一列，另一列写入其他列")
        for spec in place.specs:
            if spec.field == "skip":
                continue
            column = _prepared(sheet, indexes, place, spec, context)
            if column is None:
                others.append(place)
            else:
                columns.append(column)
    others = _without_personal(others, context) if header.mapping.kind == "register" else []
    among = frozenset(indexes)
    readings = [_read_row(sheet, index, columns, others, bounds, among, file) for index in indexes]
    return SheetReading(readings, skipped, _notes(context, others))


def _prepared(
    sheet: Sheet, indexes: list[int], place: HeaderColumn, spec: ColumnSpec, context: Context
) -> _Column | None:
    """The column with its reading; null (and a note) when the unit in its title is unknown."""
    factors = spec.options.get("units")
    if isinstance(factors, dict):
        known = {clean_unit(unit): float(factor) for unit, factor in factors.items()}
        factor = units_in_title(place, known)
        if factor is None:
            context.notes.append(f"“{place.title}”列的单位“{place.unit}”不认识，没有读入对应字段，原值写入其他列")
            return None
        context.title_factor = factor
    else:
        context.title_factor = 1.0
    cells = [sheet.rows[i][place.index] if place.index < len(sheet.rows[i]) else "" for i in indexes]
    once = spec.options.get("merged") == "fault" and bool(sheet.spans)
    return _Column(place.index, place.title, spec, make_reading(spec, place.title, cells, context), once)


def clean_unit(unit: str) -> str:
    """A unit as header titles hold it after folding (㎡ → m2)."""
    return unit.replace("㎡", "m2").replace("²", "2").replace("．", ".")


def _read_row(
    sheet: Sheet,
    index: int,
    columns: list[_Column],
    others: list[HeaderColumn],
    bounds: dict[str, Column],
    data_indexes: frozenset[int],
    file: str,
) -> RowReading:
    cells = sheet.rows[index]
    result = RowReading(sheet.row_number(index))
    fields = result.fields
    extra: Record = {}

    def refuse(problem: Problem, title: str, value: Cell) -> None:
        text = shown(value) or None
        result.faults.append(Fault(problem.text, problem.remedy, file, sheet.name, result.row, title, text))

    told: set[int] = set()
    broken, width = sheet.broken, len(cells)
    for column in columns:
        position = column.index
        value = cells[position] if position < width else ""
        if broken and (index, position) in broken:
            if position not in told:
                told.add(position)
                refuse(Problem(*broken_text(broken[index, position])), column.title, value)
            continue
        key = (value.__class__, value)
        reading = column.seen.get(key)
        if reading is None:
            reading = column.seen[key] = _bounded(column.read(value), bounds)
        if isinstance(reading, Problem):
            if position not in told:
                told.add(position)
                refuse(reading, column.title, value)
            continue
        record = reading
        if column.counts_once and record and _is_shared(sheet, index, position, data_indexes):
            refuse(Problem("是几行合并的单元格，分不清各行的数", "请取消合并，逐行填写"), column.title, value)
            continue
        if column.spec.required and column.spec.field not in record and not _fills_group(column.spec, record):
            refuse(Problem("没有填写", f"请补填“{column.title}”"), column.title, value)
            continue
        for name, part in record.items():
            if name == "extra":
                extra.update(cast(Record, part))
            elif name not in fields:
                fields[name] = part
    for other in others:
        value = cells[other.index] if other.index < width else ""
        if broken and (index, other.index) in broken:
            refuse(Problem(*broken_text(broken[index, other.index])), other.title, value)
            continue
        kept = plain(value)
        if kept is not None:
            extra[other.title] = kept
    if extra:
        fields["extra"] = extra
    return result


def _is_shared(sheet: Sheet, index: int, position: int, data_indexes: frozenset[int]) -> bool:
    """Whether the cell is merged with cells of other data rows."""
    span = sheet.spans.get((index, position))
    return span is not None and len(data_indexes.intersection(range(span[0], span[1] + 1))) > 1


def _fills_group(spec: ColumnSpec, reading: Record) -> bool:
    return (spec.field == "company_person" and bool(reading)) or (spec.field == "due_date" and "due_text" in reading)


def _bounded(reading: Record | Problem, bounds: dict[str, Column]) -> Record | Problem:
    if isinstance(reading, Problem):
        return reading
    for name, value in reading.items():
        column = bounds.get(name)
        if column is None or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        too_low = column.low is not None and value < column.low
        too_high = column.high is not None and value > column.high
        if too_low or too_high:
            low = "" if column.low is None else f"不小于 {column.low:g}"
            high = "" if column.high is None else f"不大于 {column.high:g}"
            return Problem(f"超出{column.title}的范围", f"应{'、'.join(part for part in (low, high) if part)}，请核对")
    return reading


def _without_personal(others: list[HeaderColumn], context: Context) -> list[HeaderColumn]:
    personal = [column for column in others if _PERSONAL_TITLE.search(column.title)]
    if personal:
        titles = "、".join(column.title for column in personal)
        context.notes.append(f"含个人信息的列没有读入：{titles}")
    return [column for column in others if column not in personal]


def _notes(context: Context, others: list[HeaderColumn]) -> list[str]:
    notes = list(context.notes)
    titles = [column.title for column in others if not is_null(clean(column.title))]
    if titles:
        notes.append(f"没有对应字段的列，原样写入其他列：{'、'.join(titles[:20])}")
    if context.split_doubts:
        shown_cells = "；".join(context.split_doubts[:5])
        notes.append(
            f"{len(context.split_doubts)} 种写法的企业和负责人无法可靠拆分，整格保留在物业服务企业中，请核对：{shown_cells}"
        )
    if context.phones_dropped:
        notes.append("企业和负责人一栏里的电话号码没有读入")
    return notes
