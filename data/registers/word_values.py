"""Readers of words: codes, categories, yes and no, consent, value maps, company and person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from data.codes import Consent
from data.profile import Profile
from data.registers import code_cells
from data.registers.mapping import ColumnSpec
from data.registers.people import split_company_person
from data.registers.problem import Problem
from data.registers.readings import Context, Reading, as_record, read_text
from data.registers.result import Record
from data.registers.text import Cell, clean, is_null, shown, squeezed

_YES = ("是", "有", "√", "✓", "✔", "☑", "y", "yes", "1", "true", "对", "已")
_NO = ("否", "不是", "没有", "未", "×", "✗", "✘", "x", "n", "no", "0", "false", "非")
_CONSENT = {
    Consent.YES: ("同意", "愿意", "已同意", "支持", "赞成", "是", "√"),
    Consent.NO: ("不同意", "不愿意", "反对", "拒绝", "不支持", "否", "×"),
    Consent.UNKNOWN: ("待征询", "未征询", "征询中", "待定", "未知", "不清楚", "待征求", "未征求"),
}


def make_code(
    build: Callable[[Profile, Mapping[str, int]], code_cells.CodeList],
) -> Callable[[ColumnSpec, str, Sequence[Cell], Context], Reading]:
    """Codes of one list (L12–L14), with the cell's own wording beside the canonical code."""

    def make(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
        own = {squeezed(word): code for word, code in cast(dict[str, int], spec.options.get("aliases", {})).items()}
        codes = build(context.profile, own)

        def read(value: Cell) -> Record | Problem:
            code = code_cells.read_code(value, codes, own)
            if code is None or isinstance(code, Problem):
                return as_record(spec.field, code)
            return {spec.field: code, f"{spec.field}_text": shown(value)}

        return read

    return make


def make_map(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """The mapping's own value table: exact words, then parts of words, then ``otherwise``."""
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


def make_yes_no(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """Yes or no; ``empty`` of the mapping says what a blank cell means, and is told.

    Words that the mapping lists come before null words: "无" of a column 有无异议 is an answer.
    """
    options = cast(dict[str, list[str]], spec.options)
    words = dict.fromkeys((*_YES, *options.get("yes", [])), True)
    words |= dict.fromkeys((*_NO, *options.get("no", [])), False)
    words = {squeezed(word).lower(): answer for word, answer in words.items()}
    own = {squeezed(word).lower() for key in ("yes", "no") for word in options.get(key, [])}
    empty = spec.options.get("empty")
    if empty is not None:
        n_empty = sum(is_null(text) and squeezed(text).lower() not in own for text in map(clean, column))
        if n_empty:
            context.notes.append(f"“{title}”列有 {n_empty} 行为空，按“{'是' if empty else '否'}”读取")

    def read(value: Cell) -> Record | Problem:
        text = clean(value)
        if is_null(text) and squeezed(text).lower() not in own:
            return as_record(spec.field, empty)
        answer = words.get(squeezed(text).lower())
        if answer is None:
            return Problem("看不出是“是”还是“否”", "请填“是”或“否”")
        return {spec.field: answer}

    return read


def make_consent(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """The owners' will (业主意愿); blank stays unset, which means 待征询."""
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


def make_company_person(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """Company and person in one cell, split only where there is no doubt."""

    def read(value: Cell) -> Record | Problem:
        text = read_text(value)
        if isinstance(text, Problem):
            return text
        parts = split_company_person(value)
        if parts.doubt and parts.company not in context.split_doubts:
            context.split_doubts.append(cast(str, parts.company))
        context.phones_dropped += parts.phone_dropped
        record: Record = {"company": parts.company, "manager": parts.person}
        return {key: part for key, part in record.items() if part is not None}

    return read


def make_categories(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """Problem categories (L16), several in one cell."""
    codes = code_cells.problem_codes(context.profile)

    def read(value: Cell) -> Record | Problem:
        found = code_cells.read_categories(value, codes)
        return as_record(spec.field, found if found is None or isinstance(found, Problem) else list(found))

    return read
