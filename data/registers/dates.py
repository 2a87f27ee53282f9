"""Dates as offices write them, with their precision; never today, never a guessed year."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from data.registers.problem import Problem
from data.registers.text import Cell, clean, is_null, shown, squeezed

Precision = Literal["day", "month", "open"]

OPEN_ENDED: Final = re.compile(
    r"长期(推进|坚持|实施|整改|落实|有效)?|持续推进|持续整改|常态化(推进|坚持|落实|管理)?|长效"
)
"""Texts that mean "no due date" (S18)."""

_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_YEARS = range(1900, 2101)
_TAIL = r"(?:以?前|之前|止|截止|完成|前完成|底完成)*"
_DAY = re.compile(rf"(\d{{4}})[年./-](\d{{1,2}})[月./-](\d{{1,2}})(?:日|号)?(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?{_TAIL}")
_MONTH = re.compile(rf"(\d{{4}})[年./-](\d{{1,2}})(?:月份?)?(底|末|上旬|中旬|下旬)?{_TAIL}")
_YEAR_END = re.compile(rf"(\d{{4}})年(?:底|末|年底|年末){_TAIL}")
_DAY_ONLY = re.compile(rf"(\d{{1,2}})[月./](\d{{1,2}})(?:日|号){_TAIL}|(\d{{1,2}})月(\d{{1,2}}){_TAIL}")
_MONTH_ONLY = re.compile(rf"(\d{{1,2}})月份?(底|末|上旬|中旬|下旬)?{_TAIL}")
_YEAR_END_ONLY = re.compile(rf"(?:年底|年末){_TAIL}")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_RUNNING = re.compile(r"(?:持续|长期)?(?:推进|坚持|整改)?至(.+)")
_CHINESE = re.compile(r"[〇零一二三四五六七八九十]+(?=[年月日号])")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_REMEDY = "请写成 2024-04-19、2024年4月、2024年6月底，或“长期”"


class DateReading(NamedTuple):
    """A date with its precision: ``month`` means the month's last day stands for it, ``open`` that there is none."""

    day: date | None
    precision: Precision


def read_date(value: Cell, year: int | None = None) -> DateReading | Problem | None:
    """The date in a cell; null for null words.

    Parameters
    ----------
    value
        A date cell, an Excel serial (45401), a compact number (20240419) or a text.
    year
        Year for texts without one ("6月底"), as the sheet's heading or the mapping states it; without it such a text is
        a fault.
    """
    if isinstance(value, datetime):
        return DateReading(value.date(), "day")
    if isinstance(value, date):
        return DateReading(value, "day")
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        return Problem("不是日期", _REMEDY)
    if isinstance(value, int | float):
        return _from_number(float(value)) if abs(value) < 1e9 else Problem("不是日期", _REMEDY)
    text = clean(value)
    return None if is_null(text) else _from_text(squeezed(text), year)


def _from_number(number: float) -> DateReading | Problem:
    if number.is_integer():
        if int(number) in _SERIALS:
            return DateReading(_EXCEL_EPOCH + timedelta(days=int(number)), "day")
        return _from_text(str(int(number)), None)
    if int(number) in _SERIALS:
        return DateReading(_EXCEL_EPOCH + timedelta(days=int(number)), "day")
    if int(number) in _YEARS:
        text = repr(number)
        if text.endswith(".1"):
            return Problem("分不清是 1 月还是 10 月（数字丢掉了末尾的 0）", "请写成 2024年1月 或 2024年10月")
        return _from_text(text, None)
    return Problem("不是日期", _REMEDY)


def _from_text(text: str, year: int | None) -> DateReading | Problem:
    text = _CHINESE.sub(_chinese_number, text)
    if OPEN_ENDED.fullmatch(text):
        return DateReading(None, "open")
    running = _RUNNING.fullmatch(text)
    if running:
        text = running[1]
    if text.isdecimal() and len(text) <= 5 and int(text) in _SERIALS:
        return DateReading(_EXCEL_EPOCH + timedelta(days=int(text)), "day")
    match = _COMPACT_DAY.fullmatch(text) or _DAY.fullmatch(text)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    match = _YEAR_END.fullmatch(text)
    if match:
        return _part(int(match[1]), 12, "底")
    match = _MONTH.fullmatch(text)
    if match:
        return _part(int(match[1]), int(match[2]), match[3])
    return _without_year(text, year)


def _without_year(text: str, year: int | None) -> DateReading | Problem:
    day = _DAY_ONLY.fullmatch(text)
    month = _MONTH_ONLY.fullmatch(text)
    year_end = _YEAR_END_ONLY.fullmatch(text)
    if not (day or month or year_end):
        return Problem("看不出是哪一天", _REMEDY)
    if year is None:
        return Problem("没有写年份", "请补上年份，如 2024年6月底")
    if day:
        return _day(year, int(day[1] or day[3]), int(day[2] or day[4]))
    return _part(year, int(month[1]), month[2]) if month else _part(year, 12, "底")


def _chinese_number(match: re.Match[str]) -> str:
    digits = match[0]
    if "十" not in digits:
        return digits.translate(_DIGITS)
    tens, _, ones = digits.partition("十")
    return (tens or "一").translate(_DIGITS) + (ones or "零").translate(_DIGITS)


def _day(year: int, month: int, day: int) -> DateReading | Problem:
    try:
        if year not in _YEARS:
            raise ValueError(year)
        return DateReading(date(year, month, day), "day")
    except ValueError:
        return Problem("日历上没有这一天", _REMEDY)


def _part(year: int, month: int, part: str | None) -> DateReading | Problem:
    if year not in _YEARS or not 1 <= month <= 12:
        return Problem("日历上没有这个月", _REMEDY)
    last = calendar.monthrange(year, month)[1]
    day = {"上旬": 10, "中旬": 20}.get(part or "", last)
    return DateReading(date(year, month, day), "day" if part in ("上旬", "中旬") else "month")


def date_shown(value: Cell) -> str | None:
    """The cell's own wording of the date, kept beside the date; null when empty."""
    text = shown(value)
    return None if is_null(text) else text
