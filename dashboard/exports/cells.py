"""Values and texts as a cell of a workbook or a paper can hold them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import pandas as pd

from dashboard.words import date_text

_CELL_LIMIT: Final = 32_767
"""Excel's limit of a cell, in UTF-16 code units."""
_CUT: Final = "……（内容过长，以下略）"
_EXACT: Final = 10**15
"""Whole numbers from here on lose digits in Excel; they are written as text."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Share(float):
    """A number from 0 to 1 that is shown per cent, in a column of mixed kinds."""


def clean(text: str) -> str:
    """Text that a cell can hold: no control signs, plain line ends, at most Excel's length (cut visibly)."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > _CELL_LIMIT and len(text.encode("utf-16-le")) // 2 > _CELL_LIMIT:
        room = (_CELL_LIMIT - len(_CUT)) * 2
        return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + _CUT
    return text


def blank(value: Any) -> bool:
    """Whether a cell stays empty."""
    missing = value is None or value is pd.NA or value is pd.NaT or value == ""
    return missing or (isinstance(value, float) and math.isnan(value))


def numeric(value: Any) -> bool:
    """Whether a value is written as a number: finite, and not so long that digits would be lost."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and (isinstance(value, float) or abs(value) < _EXACT)


def in_words(value: Any) -> str:
    """A value that is no number, as text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return "∞" if value > 0 else "-∞"
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(in_words(item) for item in _ordered(value))
    return str(value)


def _ordered(values: Iterable[Any]) -> Iterable[Any]:
    return sorted(values, key=str) if isinstance(values, set | frozenset) else values
