"""Cells of team tables that hold several times or days: the lunch break, days off."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from data.registers.dates import read_date
from data.registers.numbers import read_clock, read_duration
from data.registers.problem import Problem
from data.registers.text import Cell, clean, folded, is_null

_SPAN = re.compile(r"(\d{1,2}[:：时点]\d{0,2}分?)(?:至|到|~|-|—|–|～)(\d{1,2}[:：时点]\d{0,2}分?)")
_DATE_SEPARATOR = re.compile(r"[、,;\n\s]+")
_TO = re.compile(r"至|到|~|—|–|～")
_MAX_DAYS = 366


class Lunch(NamedTuple):
    """Length of the break and when it may begin, seconds (after midnight)."""

    length_s: int
    from_s: int
    to_s: int


def read_lunch(value: Cell, window: str | None, length: str | None) -> Lunch | Problem | None:
    """The lunch break of a team.

    "60分钟（11:30-13:30）" lasts an hour somewhere inside the window; "12:00-13:00" alone is the break itself, unless
    ``length`` says how long breaks are; "60分钟" alone needs ``window``.
    """
    remedy = "请写成“60分钟（11:30-13:30）”或“12:00-13:00”"
    text = re.sub(r"\s+", "", folded(clean(value)))
    if is_null(text):
        return None
    span = _SPAN.search(text)
    rest = _SPAN.sub("", text).strip("()之间内,，、") if span else text
    stated: Cell = (rest if isinstance(value, str) else value) if rest else length
    length_s = read_duration(stated)
    if isinstance(length_s, Problem):
        return Problem("不是午休时间", remedy)
    if span is None and window is not None:
        span = _SPAN.search(window)
    if span is None:
        return Problem("没有写午休在几点到几点之间", remedy)
    opens, closes = read_clock(span[1]), read_clock(span[2])
    if not isinstance(opens, int) or not isinstance(closes, int):
        return Problem("不是午休时间", remedy)
    if length_s is None:
        length_s = closes - opens
    if opens > closes - length_s or length_s < 0:
        return Problem("午休时段放不下午休时长", remedy)
    return Lunch(length_s, opens, closes - length_s)


def read_date_list(value: Cell, year: int | None) -> list[str] | Problem | None:
    """ISO days of a cell: one day, several ("2027-01-04、2027-01-05"), spans ("2027-02-08至2027-02-12")."""
    if not isinstance(value, str):
        single = read_date(value, year)
        if single is None or isinstance(single, Problem):
            return single
        return _days(single.day, single.day) if single.precision == "day" else _not_days()
    text = folded(clean(value))
    if is_null(text):
        return None
    days: list[str] = []
    for part in _DATE_SEPARATOR.split(text):
        if not part:
            continue
        ends = [read_date(end, year) for end in _TO.split(part)]
        problem = next((end for end in ends if isinstance(end, Problem)), None)
        if problem is not None:
            return problem
        exact = [end.day for end in ends if end is not None and not isinstance(end, Problem) and end.precision == "day"]
        if len(exact) != len(ends) or len(exact) > 2:
            return _not_days()
        span = _days(exact[0], exact[-1])
        if isinstance(span, Problem):
            return span
        days += span
    return sorted(set(days))


def _days(first: date | None, last: date | None) -> list[str] | Problem:
    if first is None or last is None or not 0 <= (last - first).days < _MAX_DAYS:
        return Problem("起止日期颠倒，或超过一年", "请从早到晚写，如 2027-02-08至2027-02-12")
    return [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]


def _not_days() -> Problem:
    return Problem("不是具体的日子", "请写成 2027-01-04，多天用顿号分开，连续几天写 2027-02-08至2027-02-12")
