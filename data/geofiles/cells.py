"""Cells of coordinate tables as numbers: decimal degrees, degrees-minutes-seconds, metres."""

from __future__ import annotations

import re
from typing import Final

from data.registers.text import folded

_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d{1,2})?|[+-]?\.\d+")
_DMS: Final = re.compile(
    r"""(?P<head>[EWNSewns]|东经|西经|北纬|南纬)?[:：]?\s*
    (?P<d>\d{1,3}(?:\.\d+)?)\s*[°度˚º]\s*
    (?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['′’‘分]\s*)?
    (?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:["″”“秒]|''|′′|’’)?\s*)?
    (?P<tail>[EWNSewns]|东经|西经|北纬|南纬)?""",
    re.X,
)
_PACKED: Final = re.compile(r"(\d{2,3})[-: ](\d{1,2})[-: ](\d{1,2}(?:\.\d+)?)")
_LABEL: Final = re.compile(
    r"^(经度|纬度|东经|北纬|lon|lat|x|y|[ENen])\s*[:：=]?\s*(?=[\d.+-])|(米|m|度|°|[ENen])$", re.I
)


def number(text: str, *, degrees: bool) -> float | None:
    """The number of a cell; ``None`` if it is none.

    Parameters
    ----------
    text
        As typed: ``112.1234``, ``112°7'24.5"``, ``东经112度7分24.5秒``, ``112-07-24.5``, ``3,456,789.12``, with or
        without a unit behind or ``经度：`` in front.
    degrees
        Whether minutes and seconds may occur.
    """
    plain = folded(text).strip().replace("\u2032", "'").replace("\u2033", '"')
    if degrees:
        value = _sexagesimal(plain)
        if value is not None:
            return value
    plain = _LABEL.sub("", _LABEL.sub("", plain).strip()).strip()
    if not _NUMBER.fullmatch(plain):
        return None
    return float(plain.replace(",", ""))


def _sexagesimal(text: str) -> float | None:
    match = _DMS.fullmatch(text)
    if match is not None:
        parts = [float(match[key] or 0) for key in ("d", "m", "s")]
        sign = -1 if {match["head"], match["tail"]} & {"W", "S", "w", "s", "西经", "南纬"} else 1
    else:
        packed = _PACKED.fullmatch(text)
        if packed is None:
            return None
        parts, sign = [float(part) for part in packed.groups()], 1
    if parts[1] >= 60 or parts[2] >= 60:
        return None
    return sign * (parts[0] + parts[1] / 60 + parts[2] / 3600)
