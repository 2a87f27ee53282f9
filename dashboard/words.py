"""How figures are written on screen and paper: dates, durations, distances, shares (UI: rules)."""

from __future__ import annotations

from datetime import date, datetime


def date_text(day: date) -> str:
    """2027年1月4日."""
    return f"{day.year}年{day.month}月{day.day}日"


def local_time(utc: str) -> str:
    """2027-01-04 17:05 on this machine's clock, from a moment as the tables write it (UTC, ISO 8601)."""
    return datetime.fromisoformat(utc).astimezone().strftime("%Y-%m-%d %H:%M")


def weekday_text(day: date) -> str:
    """周一 … 周日."""
    return f"周{'一二三四五六日'[day.weekday()]}"


def number(value: float) -> str:
    """12,345: whole, thousands separated."""
    return f"{round(value):,}"


def percent(share: float | None) -> str:
    """87.0%; a dash where there is nothing to divide by."""
    return "—" if share is None else f"{share:.1%}"


def clock(seconds: int) -> str:
    """09:05, from seconds after midnight."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def clock_span(seconds: float) -> str:
    """1小时20分; under an hour 20分; long spans in hours."""
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return f"{rest}分"
    if hours >= 100:
        return f"{round(minutes / 60):,}小时"
    return f"{hours}小时{rest}分" if rest else f"{hours}小时"


def kilometres(metres: float) -> str:
    """1.2公里; under a kilometre 350米."""
    if metres < 1000:
        return f"{round(metres)}米"
    return f"{metres / 1000:,.1f}公里"


def area(square_metres: float | None) -> str:
    """8,046平方米, from 10,000 on 1.2万平方米."""
    if square_metres is None or square_metres != square_metres:
        return "—"
    if square_metres < 10_000:
        return f"{number(square_metres)}平方米"
    return f"{square_metres / 10_000:,.1f}万平方米"
