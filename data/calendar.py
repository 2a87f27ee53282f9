"""Working days (工作日): the State Council's yearly arrangement, mended by the office's own table.

``chinesecalendar`` holds the arrangement with make-up days (调休) only for years already announced. A year that it does
not know counts Monday to Friday without the statutory holidays, which the law fixes years ahead (``holidays``); only its
make-up days are unknown, and ``warning`` says so aloud (DOMAIN D8).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import holidays
import pandas as pd

_SATURDAY = 5


@lru_cache(maxsize=128)
def has_arrangement(year: int) -> bool:
    """Whether the installed ``chinesecalendar`` knows the year."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=128)
def _statutory(year: int) -> frozenset[date]:
    """Days off by law (全国年节及纪念日放假办法) with the days in lieu of those that fall on a weekend."""
    return frozenset(holidays.country_holidays("CN", years=year))


class WorkingDays:
    """Which days are worked.

    Parameters
    ----------
    overrides
        Frame of the ``CALENDAR`` schema: index ``datetime.date``, column ``working``. An entry beats the built-in
        calendar.
    """

    def __init__(self, overrides: pd.DataFrame) -> None:
        self._overrides: Mapping[date, bool] = {
            day: bool(working) for day, working in zip(overrides.index, overrides["working"], strict=True)
        }

    def is_working(self, day: date) -> bool:
        """Whether the office works on the day: its own entry, else the arrangement, else a weekday that is no holiday."""
        own = self._overrides.get(day)
        if own is not None:
            return own
        if has_arrangement(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < _SATURDAY and day not in _statutory(day.year)

    def between(self, first: date, last: date) -> list[date]:
        """Working days from ``first`` to ``last``, both included, in order; empty when ``last`` is before ``first``."""
        span = (last - first).days
        days = (first + timedelta(days=offset) for offset in range(span + 1))
        return [day for day in days if self.is_working(day)]

    def warning(self, first: date, last: date) -> str:
        """One Chinese sentence for the years without an arrangement, ``""`` when all years have one."""
        years = [year for year in range(first.year, last.year + 1) if not has_arrangement(year)]
        if not years:
            return ""
        named = "、".join(f"{year}年" for year in years)
        n_own = sum(first <= day <= last for day in self._overrides)
        entered = f"（已按工作日历改正{n_own}天）" if n_own else ""
        return (
            f"系统没有{named}的国务院放假调休安排，暂按周一至周五并扣除法定节假日推算工作日，调休未计入{entered}，"
            "请在工作日历中补录节假日和调休上班日后重新排期"
        )
