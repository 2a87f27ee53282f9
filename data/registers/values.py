"""Value readers: from a cell to the fields it fills, or to what is wrong with it.

A reading is a function of one cell. It is made for one column of one sheet, so that evidence from the whole column (the
scale of rates) is decided once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from data.codes import Consent
from data.profile import Profile
from data.registers import code_cells
from data.registers.dates import date_shown, read_date
from data.registers.mapping import ColumnSpec
from data.registers.numbers import RangeRule, read_clock, read_count, read_duration, read_number, read_range, read_year
from data.registers.people import split_company_person
from data.registers.problem import Problem
from data.registers.rates import ScaleName, column_scale, has_plain_numbers, read_rate
from data.registers.result import Record
from data.registers.spans import read_date_list, read_lunch
from data.registers.text import Cell, clean, folded, is_null, is_overflow, is_scientific, shown, squeezed

Reading = Callable[[Cell], Record | Problem]

_YES = ("是", "有", "√", "✓", "✔", "☑", "y", "yes", "1", "true", "对", "已")
_NO = ("否", "不是", "没有", "未", "×", "✗", "✘", "x", "n", "no", "0", "false", "非")
_CONSENT = {
    Consent.YES: ("同意", "愿意", "已同意", "支持", "赞成", "是", "√"),
    Consent.NO: ("不同意", "不愿意", "反对", "拒绝", "不支持", "否", "×"),
    Consent.UNKNOWN: ("待征询", "未征询", "征询中", "待定", "未知", "不清楚", "待征求", "未征求"),
}
_LIST_SEPARATOR = re.compile(r"[、,;/\n|]+")


@dataclass(slots=True)
class Context:
    """What readings of a sheet may use besides the cell; ``notes`` collects what a person should know."""

    profile: Profile
    year: int | None = None
    title_factor: float = 1.0
    notes: list[str] = field(default_factory=list)
    split_doubts: list[str] = field(default_factory=list)
    phones_dropped: int = 0


def make_reading(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """The reading of one column, with the mapping's own null words applied first."""
    reading = _MAKERS[spec.reader](spec, title, column, context)
    nulls = frozenset(squeezed(word) for word in cast(list[str], spec.options.get("null_values", [])))
    if not nulls:
        return reading

    def with_nulls(value: Cell) -> Record | Problem:
        return {} if squeezed(clean(value)) in nulls else reading(value)

    return with_nulls


def _as_record(name: str, value: object) -> Record | Problem:
    if isinstance(value, Problem):
        return value
    return {} if value is None else {name: value}


def _simple(read: Callable[[Cell], object]) -> Callable[[ColumnSpec, str, Sequence[Cell], Context], Reading]:
    def make(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
        return lambda value: _as_record(spec.field, read(value))

    return make


def _text(value: Cell) -> str | Problem | None:
    text = clean(value)
    if is_null(text):
        return None
    if is_overflow(text):
        return Problem("是列宽不够时显示的“#”，原内容已丢失", "请填写原来的内容")
    if is_scientific(text) or (isinstance(value, float) and abs(value) >= 10**15):
        return Problem("是科学计数法，末尾数字可能已丢失", "请把单元格设为文本格式，重新填写完整内容")
    return text


def _name(value: Cell) -> str | Problem | None:
    text = _text(value)
    return re.sub(r"\s*\n\s*", "", text) if isinstance(text, str) else text


def _factors(spec: ColumnSpec) -> Mapping[str, float]:
    return {squeezed(unit): factor for unit, factor in cast(dict[str, float], spec.options.get("units", {})).items()}


def _count(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units = _factors(spec)
    return lambda value: _as_record(spec.field, read_count(value, units))


def _number(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units, factor = _factors(spec), context.title_factor

    def read(value: Cell) -> Record | Problem:
        number = read_number(value, units)
        if isinstance(number, float) and not _has_unit(value):
            number *= factor
        return _as_record(spec.field, number)

    return read


def _has_unit(value: Cell) -> bool:
    return isinstance(value, str) and re.search(r"[^\d\s.,+\-]", folded(value)) is not None


def _range(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    units, rule = _factors(spec), cast(RangeRule, spec.options.get("range", "fault"))

    def read(value: Cell) -> Record | Problem:
        reading = read_range(value, units, rule)
        if reading is None or isinstance(reading, Problem):
            return _as_record(spec.field, reading)
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
    return lambda value: _as_record(spec.field, read_rate(value, scale))


def _date(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    year = cast(int | None, spec.options.get("year")) or context.year

    def read(value: Cell) -> Record | Problem:
        reading = read_date(value, year)
        if reading is None or isinstance(reading, Problem):
            return _as_record(spec.field, reading)
        return {spec.field: reading.day, "due_text": date_shown(value)}

    return read


def _date_list(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    year = cast(int | None, spec.options.get("year")) or context.year
    return lambda value: _as_record(spec.field, read_date_list(value, year))


def _code(
    build: Callable[[Profile, Mapping[str, int]], code_cells.CodeList],
) -> Callable[[ColumnSpec, str, Sequence[Cell], Context], Reading]:
    def make(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
        own = {squeezed(word): code for word, code in cast(dict[str, int], spec.options.get("aliases", {})).items()}
        codes = build(context.profile, own)

        def read(value: Cell) -> Record | Problem:
            code = code_cells.read_code(value, codes, own)
            if code is None or isinstance(code, Problem):
                return _as_record(spec.field, code)
            return {spec.field: code, f"{spec.field}_text": shown(value)}

        return read

    return make


def _map(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    rules = cast(list[dict], spec.options["rules"])
    exact = {squeezed(v): rule["to"] for rule in rules if rule.get("match", "exact") == "exact" for v in rule["values"]}
    parts = [(squeezed(v), rule["to"]) for rule in rules if rule.get("match") == "contains" for v in rule["values"]]
    has_rest, rest = "otherwise" in spec.options, spec.options.get("otherwise")
    with_text = spec.field in ("service_form", "committee", "party")

    def read(value: Cell) -> Record | Problem:
        text = clean(value)
        key = squeezed(text)
        if key in exact:
            found: object = exact[key]
        elif is_null(text):
            return {}
        else:
            found = next((to for part, to in parts if part in key), rest)
            if found is None and not has_rest:
                return Problem("不在列映射的取值表中", f"可填：{'、'.join(exact)}；或在列映射中补上它")
        return {spec.field: found, f"{spec.field}_text": text} if with_text else {spec.field: found}

    return read


def _yes_no(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    options = cast(dict[str, list[str]], spec.options)
    words = dict.fromkeys((*_YES, *options.get("yes", [])), True)
    words |= dict.fromkeys((*_NO, *options.get("no", [])), False)
    words = {squeezed(word).lower(): answer for word, answer in words.items()}
    empty = spec.options.get("empty")
    if empty is not None:
        n_empty = sum(is_null(clean(value)) for value in column)
        if n_empty:
            context.notes.append(f"“{title}”列有 {n_empty} 行为空，按“{'是' if empty else '否'}”读取")

    def read(value: Cell) -> Record | Problem:
        text = clean(value)
        if is_null(text):
            return _as_record(spec.field, empty)
        answer = words.get(squeezed(text).lower())
        if answer is None:
            return Problem("看不出是“是”还是“否”", "请填“是”或“否”")
        return {spec.field: answer}

    return read


def _consent(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    options = cast(dict[str, list[str]], spec.options)
    words = {squeezed(w): c for c, known in _CONSENT.items() for w in (*known, *options.get(c.value, []))}

    def read(value: Cell) -> Record | Problem:
        text = clean(value)
        if is_null(text):
            return {}
        consent = words.get(squeezed(text))
        if consent is None:
            return Problem("看不出业主是否同意", "请填“同意”“不同意”或“待征询”")
        return {spec.field: consent.value}

    return read


def _company_person(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    def read(value: Cell) -> Record | Problem:
        text = _text(value)
        if isinstance(text, Problem):
            return text
        parts = split_company_person(value)
        if parts.doubt and parts.company not in context.split_doubts:
            context.split_doubts.append(cast(str, parts.company))
        context.phones_dropped += parts.phone_dropped
        record: Record = {"company": parts.company, "manager": parts.person}
        return {key: part for key, part in record.items() if part is not None}

    return read


def _categories(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    codes = code_cells.problem_codes(context.profile)

    def read(value: Cell) -> Record | Problem:
        found = code_cells.read_categories(value, codes)
        return _as_record(spec.field, found if found is None or isinstance(found, Problem) else list(found))

    return read


def _list(value: Cell) -> list[str] | Problem | None:
    text = _text(value)
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
    "text": _simple(_text),
    "name": _simple(_name),
    "pattern": _pattern,
    "count": _count,
    "number": _number,
    "range": _range,
    "rate": _rate,
    "year": _simple(read_year),
    "date": _date,
    "date_list": _date_list,
    "service_form": _code(code_cells.service_forms),
    "committee": _code(code_cells.committees),
    "party": _code(code_cells.parties),
    "map": _map,
    "consent": _consent,
    "yes_no": _yes_no,
    "company_person": _company_person,
    "categories": _categories,
    "list": _simple(_list),
    "clock": _simple(read_clock),
    "duration": _simple(read_duration),
    "lunch": _lunch,
    "coordinate": _coordinate,
}
