"""Numbers with units, ranges, years and clock times in cells."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from data.registers.problem import Problem
from data.registers.text import Cell, clean, folded, is_null, is_overflow, is_scientific

RangeRule = Literal["fault", "low", "high", "mid"]

_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(.*)", re.S)
_RANGE = re.compile(r"([\d.,]+)(?:至|到|~|-|—|–|～)([\d.,]+)(.*)", re.S)
_YEAR = re.compile(r"(\d{4})(?:年)?(?:建成|竣工|建造|交付|建)?(?:年)?")
_YEAR_MONTH = re.compile(r"(\d{4})(?:年|[./-])\d{1,2}(?:月|[./-]\d{1,2}日?)?")
_CLOCK = re.compile(r"(上午|下午|早上|晚上)?(\d{1,2})(?:[:：时点](\d{1,2})?(半)?分?)?(?::\d{2})?")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)(?:小时|个小时|h|时))?(?:(\d+)(?:分钟|分|min))?")
_REMEDY: Final = "请只填一个数字"


def split_number(value: Cell) -> tuple[float, str] | Problem | None:
    """The number and the unit text behind it ("11927户" → 11927, "户"); null for null words."""
    if isinstance(value, bool | date | time | timedelta):
        return Problem("不是数字", _REMEDY)
    if isinstance(value, int | float):
        return (float(value), "") if math.isfinite(value) else Problem("不是数字", _REMEDY)
    text = clean(value)
    if is_null(text):
        return None
    if is_overflow(text):
        return Problem("是列宽不够时显示的“#”，原数已丢失", "请填写原来的数字")
    text = re.sub(r"\s+", "", folded(text))
    if is_scientific(text):
        return Problem("是科学计数法，末尾数字可能已丢失", "请把单元格设为文本格式，重新填写完整数字")
    match = _NUMBER.fullmatch(text)
    if match is None:
        return Problem("不是数字", _REMEDY)
    return float(match[1].replace(",", "")), match[2]


def read_number(value: Cell, units: Mapping[str, float]) -> float | Problem | None:
    """A number whose unit, if written, is one of ``units`` (text → factor to the column's own unit)."""
    reading = split_number(value)
    if reading is None or isinstance(reading, Problem):
        return reading
    number, unit = reading
    if not unit:
        return number
    factor = units.get(unit)
    if factor is None:
        known = "、".join(units) or "无单位"
        return Problem(f"数字后面的“{unit[:20]}”读不懂", f"{_REMEDY}，单位可写：{known}")
    return number * factor


def read_count(value: Cell, units: Mapping[str, float]) -> int | Problem | None:
    """A whole number, as :func:`read_number`."""
    number = read_number(value, units)
    if number is None or isinstance(number, Problem):
        return number
    if not float(number).is_integer():
        return Problem("应为整数", _REMEDY)
    return int(number)


def read_range(
    value: Cell, units: Mapping[str, float], rule: RangeRule
) -> tuple[float, tuple[float, float] | None] | Problem | None:
    """A number, or one end or the middle of a range ("1.5至2.51元/平米/月") as ``rule`` says; and the range itself."""
    if isinstance(value, str):
        text = re.sub(r"\s+", "", folded(clean(value)))
        match = _RANGE.fullmatch(text)
        if match:
            return _of_range(match, units, rule)
    number = read_number(value, units)
    return number if number is None or isinstance(number, Problem) else (number, None)


def _of_range(
    match: re.Match[str], units: Mapping[str, float], rule: RangeRule
) -> tuple[float, tuple[float, float] | None] | Problem:
    low = read_number(match[1] + match[3], units)
    high = read_number(match[2] + match[3], units)
    if isinstance(low, Problem) or low is None:
        return low or Problem("不是数字", _REMEDY)
    if isinstance(high, Problem) or high is None:
        return high or Problem("不是数字", _REMEDY)
    if low > high:
        return Problem("区间的下限大于上限", "请改为从小到大，或只填一个数字")
    if rule == "fault":
        return Problem("是一个区间", "请填一个数字，或在列映射中写明区间取法（range = low、high 或 mid）")
    return {"low": low, "high": high, "mid": (low + high) / 2}[rule], (low, high)


def read_year(value: Cell) -> int | Problem | None:
    """The year of completion: "2000年建成 ", "2013年", 1998, "1998-05", a date cell."""
    remedy = "请填四位年份，如 1998"
    if isinstance(value, date | datetime):
        return value.year
    if isinstance(value, float | int) and not isinstance(value, bool):
        text = clean(value)
    else:
        text = re.sub(r"\s+", "", folded(clean(value)))
        if is_null(clean(value)):
            return None
    match = _YEAR.fullmatch(text) or _YEAR_MONTH.fullmatch(text)
    if match is None:
        return Problem("不是四位年份", remedy)
    return int(match[1])


def read_clock(value: Cell) -> int | Problem | None:
    """A time of day in seconds after midnight: a time cell, a day fraction, "8:30", "8时30分", "下午2点半"."""
    if isinstance(value, datetime | time):
        return value.hour * 3600 + value.minute * 60 + value.second
    remedy = "请写成 8:30"
    if isinstance(value, float) and 0 <= value < 1:
        return round(value * 86400)
    text = re.sub(r"\s+", "", folded(clean(value)))
    if is_null(text):
        return None
    match = _CLOCK.fullmatch(text)
    if match is None or not isinstance(value, str):
        return Problem("不是时刻", remedy)
    hour = int(match[2]) + (12 if match[1] in ("下午", "晚上") and int(match[2]) < 12 else 0)
    minute = 30 if match[4] else int(match[3] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return Problem("不是时刻", remedy)
    return hour * 3600 + minute * 60


def read_duration(value: Cell) -> int | Problem | None:
    """A length of time in seconds: "60分钟", "1.5小时"; a bare number is minutes; a time cell counts from 0:00."""
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 24 * 60:
        return round(value * 60)
    text = re.sub(r"\s+", "", folded(clean(value)))
    if is_null(text):
        return None
    if text.isdecimal():
        return int(text) * 60
    match = _DURATION.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return Problem("不是时长", "请写成 60分钟 或 1.5小时")
    return round(float(match[1] or 0) * 3600) + int(match[2] or 0) * 60
