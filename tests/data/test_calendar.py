"""Quarters and working days."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.calendar import WorkingDays
from data.quarter import Quarter
from data.schemas import CALENDAR
from geo.errors import InputError


def _calendar(**entries: bool) -> pd.DataFrame:
    return CALENDAR.frame(
        [{"day": date.fromisoformat(day.replace("_", "-")[1:]), "working": working} for day, working in entries.items()]
    )


@pytest.mark.parametrize(
    "text",
    [
        "2027Q1",
        "2027q1",
        " 2027 Q1 ",
        "2027-Q1",
        "２０２７Q１",
        "2027年Q1",
        "2027年第一季度",
        "2027年一季度",
        "2027年第1季度",
    ],
)
def test_every_usual_spelling_is_read(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2027, 1)


@pytest.mark.parametrize(
    "text", ["", "2027", "2027Q5", "2027Q0", "Q1", "27Q1", "2027年第五季度", "1999Q4", "9999Q1", "x" * 9999]
)
def test_nonsense_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Quarter.parse(text)
    fault = caught.value.faults[0]
    assert "2027Q1" in fault.remedy
    assert len(fault.problem) < 60


def test_first_and_last_day_and_title() -> None:
    quarters = [Quarter(2024, n) for n in (1, 2, 3, 4)]
    assert [(q.first_day, q.last_day) for q in quarters] == [
        (date(2024, 1, 1), date(2024, 3, 31)),
        (date(2024, 4, 1), date(2024, 6, 30)),
        (date(2024, 7, 1), date(2024, 9, 30)),
        (date(2024, 10, 1), date(2024, 12, 31)),
    ]
    assert quarters[2].title == "2024年第三季度"


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_quarters_cut_the_years_without_gap(day: date) -> None:
    quarter = Quarter.of(day)
    assert day in quarter
    assert quarter.next().first_day == quarter.last_day + timedelta(days=1)
    assert quarter.next().previous() == quarter
    assert Quarter.parse(quarter.id) == Quarter.parse(quarter.title) == quarter


def test_make_up_days_and_holidays_of_2026_are_known() -> None:
    days = WorkingDays(CALENDAR.empty())
    assert days.is_working(date(2026, 2, 14))  # a Saturday worked for Spring Festival
    assert not days.is_working(date(2026, 10, 1))
    assert days.warning(date(2026, 1, 1), date(2026, 12, 31)) == ""


def test_year_without_arrangement_counts_weekdays_without_statutory_holidays_and_warns() -> None:
    days = WorkingDays(CALENDAR.empty())
    off_by_law = [date(2095, 5, 2), date(2095, 10, 3), date(2094, 1, 1)]
    assert not any(days.is_working(day) for day in off_by_law if day.weekday() < 5)
    quarter = Quarter(2095, 2)
    found = days.between(quarter.first_day, quarter.last_day)
    assert [day.weekday() for day in found if day.weekday() > 4] == []
    weekdays = sum((quarter.first_day + timedelta(days=k)).weekday() < 5 for k in range(91))
    assert weekdays - 6 <= len(found) < weekdays
    assert "2095年" in days.warning(quarter.first_day, quarter.last_day)


def test_new_year_and_spring_festival_are_off_before_the_arrangement_is_announced() -> None:
    days = WorkingDays(CALENDAR.empty())
    assert not days.is_working(date(2028, 1, 26)), "Spring Festival 2028"
    assert not days.is_working(date(2027, 1, 1)), "New Year 2027, a Friday"


def test_own_entry_beats_the_arrangement_and_the_fallback() -> None:
    days = WorkingDays(_calendar(d2026_10_01=True, d2095_01_03=False, d2095_01_01=True))
    assert days.is_working(date(2026, 10, 1))
    assert not days.is_working(date(2095, 1, 3))
    assert date(2095, 1, 1) in days.between(date(2095, 1, 1), date(2095, 1, 5))
    assert "改正2天" in days.warning(date(2095, 1, 1), date(2095, 3, 31))


def test_warning_names_only_years_without_data() -> None:
    text = WorkingDays(CALENDAR.empty()).warning(date(2026, 12, 1), date(2095, 1, 31))
    assert "2026年" not in text
    assert "2095年" in text


def test_no_days_when_the_end_is_before_the_start() -> None:
    assert WorkingDays(CALENDAR.empty()).between(date(2026, 3, 2), date(2026, 3, 1)) == []
