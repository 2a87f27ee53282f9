"""Options that several commands take, and what their words mean."""

from __future__ import annotations

from datetime import date

import click

from dashboard.usage import Number
from geo.crs import Datum

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
Window = tuple[float, float, float, float]


def _date(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date:
    if value is None:
        return date.today()
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"“{value}”不是日期，请写成 2027-01-04") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise click.BadParameter(f"“{value}”不在 {_FIRST_YEAR}–{_LAST_YEAR} 年之间")
    return day


def _window(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Window | None:
    if value is None:
        return None
    try:
        west, south, east, north = (float(part) for part in value.replace("，", ",").split(","))
    except ValueError:
        raise click.BadParameter(f"“{value}”不是 西,南,东,北 四个数") from None
    return west, south, east, north


def stated_datums(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Datum | None, dict[str, Datum]]:
    plain: Datum | None = None
    by_pattern: dict[str, Datum] = {}
    for value in values:
        pattern, _, name = value.rpartition("=")
        try:
            datum = Datum(name.lower().replace("-", ""))
        except ValueError:
            raise click.BadParameter(f"“{name}”不是坐标系；可选 {'、'.join(Datum)}") from None
        if pattern:
            by_pattern[pattern] = datum
        else:
            plain = datum
    return plain, by_pattern


on_option = click.option("--on", callback=_date, metavar="日期", help="按哪一天计算，默认今天")
unit_option = click.option("--unit", "unit_id", metavar="编号", help="只算某个行政单元")
within_option = click.option("--within", callback=_window, metavar="西,南,东,北", help="只算此范围内的小区（度）")
seed_option = click.option("--seed", type=Number(int, 0, 2**32 - 1), default=1, show_default=True, help="随机种子")
