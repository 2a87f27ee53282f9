"""Figures in words."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import words


@pytest.mark.parametrize(
    ("share", "text"), [(0.87, "87.0%"), (1.0, "100.0%"), (0.0, "0.0%"), (None, "—"), (348 / 400, "87.0%")]
)
def test_percent(share: float | None, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0分"), (2400, "40分"), (3600, "1小时"), (4800, "1小时20分"), (359_970, "100小时"), (3_600_000, "1,000小时")],
)
def test_clock_span(seconds: int, text: str) -> None:
    assert words.clock_span(seconds) == text


def test_dates_and_clock() -> None:
    assert words.date_text(date(2027, 1, 4)) == "2027年1月4日"
    assert words.weekday_text(date(2027, 1, 4)) == "周一"
    assert words.clock(9 * 3600 + 5 * 60 + 59) == "09:05"


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "0米"), (349.6, "350米"), (1240, "1.2公里"), (1_234_567, "1,234.6公里")]
)
def test_kilometres(metres: float, text: str) -> None:
    assert words.kilometres(metres) == text


@pytest.mark.parametrize(("m2", "text"), [(8046, "8,046平方米"), (12_000, "1.2万平方米"), (None, "—")])
def test_area(m2: float | None, text: str) -> None:
    assert words.area(m2) == text
