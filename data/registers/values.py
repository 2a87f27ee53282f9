"""Value readers: from a cell to the fields it fills, or to what is wrong with it.

A reading is a function of one cell. It is made for one column of one sheet, so that evidence from the whole column (the
scale of rates) is decided once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from data.registers import code_cells, grades, word_values
from data.registers.dates import DateReading, date_shown, read_date
from data.registers.mapping import ColumnSpec
from data.registers.numbers import RangeRule, read_clock, read_count, read_duration, read_number, read_range, read_year
from data.registers.problem import Problem
from data.registers.rates import ScaleName, column_scale, has_plain_numbers, read_rate
from data.registers.readings import Context, Reading, as_record, read_text
from data.registers.result import Record
from data.registers.spans import read_date_list, read_lunch
from data.registers.text import Cell, clean, folded, is_null, squeezed

_LIST_SEPARATOR = re.compile(r"[、,;/\n|]+")


def make_reading(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """The reading of one column, with the mapping's own null words applied first."""
    reading = _MAKERS[spec.reader](spec, title, column, context)
    nulls = frozenset(squeezed(word) for word in cast(list[str], spec.options.get("null_values", [])))
    if not nulls:
        return reading

    def with_nulls(value: Cell) -> Record | Problem:
        return {} if squeezed(clean(value)) in nulls else reading(value)

    return with_nulls


def _simple(read: Callable[[Cell], object]) -> Callable[[ColumnSpec, str, Sequence[Cell], Context], Reading]:
    def make(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
        return lambda value: as_record(spec.field, read(value))

    return make


def _name(value: Cell) -> str | Problem | None:
    text = read_text(value)
    return re.sub(r"\s*\n\s*", "", text) if isinstance(text, str) else text


def _factors(spec: ColumnSpec) -> Mapping[str, float]:
    return {squeezed(unit): factor for unit, factor in cast(dict[str, float], spec.options.get("units", {})).items()}


def _count(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units = _factors(spec)
    return lambda value: as_record(spec.field, read_count(value, units))


def _number(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units, factor = _factors(spec), context.title_factor

    def read(value: Cell) -> Record | Problem:
        number = read_number(value, units)
        if isinstance(number, float) and not _has_unit(value):
            number *= factor
        return as_record(spec.field, number)

    return read


def _has_unit(value: Cell) -> bool:
    return isinstance(value, str) and re.search(r"[^\d\s.,+\-]", folded(value)) is not None


def _range(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units, rule = _factors(spec), cast(RangeRule, spec.options.get("range", "fault"))

    def read(value: Cell) -> Record | Problem:
        reading = read_range(value, units, rule)
        if reading is None or isinstance(reading, Problem):
            return as_record(spec.field, reading)
        number, ends = reading
        record: Record = {spec.field: number}
        if ends is not None:
            record["extra"] = {f"{title}（下限）": ends[0], f"{title}（上限）": ends[1]}
        return record

    return read


def _rate(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    wanted = spec.options.get("scale", "auto")
    scale = cast(ScaleName | None, wanted)
    if wanted == "auto":
        evidence = column_scale(column)
        scale = evidence.name
        if has_plain_numbers(column):
            context.notes.append(f"“{title}”列：{evidence.note()}")
    return lambda value: as_record(spec.field, read_rate(value, scale))


def _date(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    year = cast(int | None, spec.options.get("year")) or context.year
    n_completed = sum(_lacks_year(value, year) for value in column) if year else 0
    if n_completed:
        context.notes.append(f"“{title}”列有 {n_completed} 个日期没有写年份，按表头写明的 {year} 年读取")

    def read(value: Cell) -> Record | Problem:
        reading = read_date(value, year)
        if reading is None or isinstance(reading, Problem):
            return as_record(spec.field, reading)
        return {spec.field: reading.day, "due_text": date_shown(value)}

    return read


def _lacks_year(value: Cell, year: int | None) -> bool:
    if not isinstance(value, str) or not isinstance(read_date(value, None), Problem):
        return False
    return isinstance(read_date(value, year), DateReading)


def _date_list(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    year = cast(int | None, spec.options.get("year")) or context.year
    return lambda value: as_record(spec.field, read_date_list(value, year))


def _list(value: Cell) -> list[str] | Problem | None:
    text = read_text(value)
    if text is None or isinstance(text, Problem):
        return text
    parts = [part.strip() for part in _LIST_SEPARATOR.split(folded(text))]
    return list(dict.fromkeys(part for part in parts if part and not is_null(part))) or None


def _coordinate(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    low, high = (73.0, 136.0) if "lon" in spec.field else (3.0, 54.0)

    def read(value: Cell) -> Record | Problem:
        number = read_number(value, {"°": 1.0, "度": 1.0})
        if number is None:
            return {}
        if isinstance(number, Problem):
            return Problem(number.text, "请写成十进制度，如 112.345678")
        if not low <= number <= high:
            swapped = (3 <= number <= 54) if low == 73.0 else (73 <= number <= 136)
            hint = "经度和纬度可能写反了，请核对" if swapped else "请填十进制度，如 112.345678（不是米，也不是度分秒）"
            return Problem(f"超出范围 {low:.0f}–{high:.0f}", hint)
        return {spec.field: number}

    return read


def _lunch(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    window, length = cast(str | None, spec.options.get("window")), cast(str | None, spec.options.get("length"))

    def read(value: Cell) -> Record | Problem:
        lunch = read_lunch(value, window, length)
        if lunch is None or isinstance(lunch, Problem):
            return lunch or {}
        return {"lunch_s": lunch.length_s, "lunch_from_s": lunch.from_s, "lunch_to_s": lunch.to_s}

    return read


def _pattern(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    pattern = re.compile(cast(str, spec.options["pattern"]))

    def read(value: Cell) -> Record | Problem:
        match = pattern.search(clean(value))
        return {} if match is None or is_null(match[1].strip()) else {spec.field: match[1].strip()}

    return read


_MAKERS: Mapping[str, Callable[[ColumnSpec, str, Sequence[Cell], Context], Reading]] = {
    "text": _simple(read_text),
    "name": _simple(_name),
    "pattern": _pattern,
    "count": _count,
    "number": _number,
    "range": _range,
    "rate": _rate,
    "year": _simple(read_year),
    "date": _date,
    "date_list": _date_list,
    "service_form": word_values.make_code(code_cells.service_forms),
    "committee": word_values.make_code(code_cells.committees),
    "party": word_values.make_code(code_cells.parties),
    "map": word_values.make_map,
    "consent": word_values.make_consent,
    "yes_no": word_values.make_yes_no,
    "company_person": word_values.make_company_person,
    "categories": word_values.make_categories,
    "list": _simple(_list),
    "clock": _simple(read_clock),
    "duration": _simple(read_duration),
    "lunch": _lunch,
    "coordinate": _coordinate,
    "stars": grades.make_stars,
    "grade": grades.make_grade,
    "credit_list": grades.make_list,
}
