"""Faults of single entries of a profile: numbers with unit and range, ids, texts, shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from data.profile_basis import Value
from data.profile_schema import fault
from geo.errors import Fault

ID: Final = re.compile(r"[a-z][a-z0-9_]*")
"""Form of the ids that a profile gives its entries."""

_UNITS: Final[Mapping[str, tuple[str, float, float, bool]]] = {
    # name: unit, lowest, highest, whole number
    "radius_m": ("米", 1, 20_000, False),
    "max_diameter_m": ("米", 1, 50_000, False),
    "neighbour_m": ("米", 1, 20_000, False),
    "min_households": ("户", 1, 100_000, True),
    "max_households": ("户", 1, 1_000_000, True),
    "max_estates": ("个", 2, 1_000, True),
    "small_households": ("户", 0, 100_000, True),
    "small_floor_area_m2": ("平方米", 0, 10_000_000, False),
    "min_floor_area_m2": ("平方米", 0, 100_000_000, False),
    "max_floor_area_m2": ("平方米", 1, 100_000_000, False),
    "fee_window_yuan_m2": ("元/平方米·月", 0, 100, False),
    "near_share": ("比例", 0, 0.5, False),
    "anchor_min_households": ("户", 1, 100_000, True),
    "anchor_share": ("比例", 0, 10, False),
    "anchor_min_stars": ("星", 1, 5, True),
    "max_income_yuan": ("元/年", 0, 100_000_000, False),
    "old_before": ("年", 1900, 2100, True),
    "per_household": ("元/户·年", 0, 100_000, False),
    "per_lift": ("元/台·年", 0, 1_000_000, False),
    "per_post": ("元/岗·年", 0, 10_000_000, False),
    "posts_per_estate": ("岗/小区", 0, 100, False),
    "posts_per_point": ("岗/服务点", 0, 100, False),
    "per_point": ("元/服务点·年", 0, 100_000_000, False),
    "collection_rate": ("比例", 0, 1, False),
    "base_s": ("秒", 60, 86_400, False),
    "per_1000_households_s": ("秒", 0, 86_400, False),
    "per_open_case_s": ("秒", 0, 86_400, False),
    "cap_s": ("秒", 60, 86_400, False),
    "default_days": ("天", 1, 366, True),
    "max_months": ("个月", 1, 24, True),
    "feedback_working_days": ("个工作日", 0, 60, True),
    "progress_day": ("日", 1, 31, True),
}


def value_faults(holder: Any, key: str) -> Iterator[Fault]:
    """Faults of every ``Value`` that a frozen object of a profile holds."""
    for part in fields(holder):
        number = getattr(holder, part.name)
        if not isinstance(number, Value):
            continue
        unit, low, high, whole = _UNITS[part.name]
        if number.unit != unit:
            yield fault(f"{key}.{part.name}.unit", "单位不对", f'换算后写 unit = "{unit}"', number.unit)
        if unit == "比例" and high <= 1:
            yield from share_faults(number.value, f"{key}.{part.name}.value", high)
        else:
            yield from range_faults(number.value, low, high, f"{key}.{part.name}.value")
        if whole and number.value != int(number.value):
            yield fault(f"{key}.{part.name}.value", "应为整数", "去掉小数", number.value)


def identifier_faults(text: str, key: str) -> Iterator[Fault]:
    """Ids are lower case latin."""
    if not ID.fullmatch(text):
        yield fault(key, "标识格式不对", "用小写英文字母开头，只含字母、数字和下划线", text)


def text_faults(text: str, key: str) -> Iterator[Fault]:
    """Texts are not blank."""
    if not text.strip():
        yield fault(key, "内容为空", "写上文字", text)


def share_faults(value: float, key: str, high: float = 1.0) -> Iterator[Fault]:
    """Shares lie from 0 to ``high``; a percentage gets its own remedy."""
    if not 0 <= value <= high:
        percent = high < value <= 100 * high and value > 1
        remedy = f"百分比写成小数，如 {value:g}% 写 {value / 100:g}" if percent else f"写 0 到 {high:g} 之间的数"
        yield fault(key, f"比例不在 0 到 {high:g} 之间", remedy, value)


def range_faults(value: float, low: float, high: float, key: str) -> Iterator[Fault]:
    """Numbers lie in their range, both ends included."""
    if not low <= value <= high:
        yield fault(key, "超出合理范围", f"写 {low:,} 到 {high:,} 之间的数", value)
