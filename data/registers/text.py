"""Cell texts: cleaning, null words, full width, and names as keys."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

Cell = str | int | float | bool | date | datetime | time | timedelta | None

NULL_WORDS: Final = frozenset(
    (
        "",
        "无",
        "暂无",
        "暂无数据",
        "暂无信息",
        "无数据",
        "无信息",
        "空",
        "N/A",
        "n/a",
        "NA",
        "null",
        "NULL",
        "None",
        "nan",
    )
)
"""Words that stand for "no value" in any column (D4)."""

_ONLY_SIGNS = re.compile(r"[-—–―−_/\\.·…*\s]+")
_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]|_x000[dD]_")
_CIRCLED = {ord(sign): f"({number})" for number, sign in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", start=1)}
_CIRCLED |= {0x3251 + i: f"({21 + i})" for i in range(15)}
_CIRCLED |= {ord(sign): f"({number})" for number, sign in enumerate("❶❷❸❹❺❻❼❽❾❿", start=1)}
_HAS_CIRCLED = re.compile("[" + "".join(map(chr, _CIRCLED)) + "]")
_SPACE = re.compile(r"\s+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_OVERFLOW = re.compile(r"#{2,}")
_EXACT_LIMIT = 10**15


def clean(value: Cell) -> str:
    """The cell's text without invisible signs and outer white space; numbers as they would be typed; "" for empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.strip()
        if text.isprintable() and "_x" not in text:
            return text
        return _INVISIBLE.sub("", value).replace("\xa0", " ").replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT_LIMIT else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time(0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def is_null(text: str) -> bool:
    """Whether a cleaned text says "no value" (无, /, —, 暂无 …)."""
    return text in NULL_WORDS or _ONLY_SIGNS.fullmatch(text) is not None


def folded(text: str) -> str:
    """NFKC (full width → ASCII) with circled numbers as ``(1)``, so that ``①③`` does not become 13."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_CIRCLED) if _HAS_CIRCLED.search(text) else text)


@lru_cache(maxsize=8192)
def squeezed(text: str) -> str:
    """Folded and without any white space: the form in which headers, codes and unit names are compared."""
    return _SPACE.sub("", folded(text))


def is_scientific(text: str) -> bool:
    """Whether the text is a number in scientific notation, whose last digits Excel has thrown away."""
    return _SCIENTIFIC.fullmatch(text) is not None


def is_overflow(text: str) -> bool:
    """Whether the text is the ``####`` of a column that was too narrow when it was copied."""
    return _OVERFLOW.fullmatch(text) is not None


def shown(value: Cell) -> str:
    """The cell as a fault shows it."""
    return clean(value)


def plain(value: Cell) -> str | float | bool | None:
    """The cell as a JSON value for the other columns (其他列); null words become null."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else float(value)
    text = clean(value)
    return None if is_null(text) else text


_ONE_FORM = str.maketrans("[]【】〔〕「」•・‧—–", "()()()()···--")
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")
_PHASE = re.compile(r"([一二三四五六七八九十]{1,3}|\d{1,2})(?=[期区])")
_TENS = re.compile(r"^([一二三四五六七八九])?十([一二三四五六七八九])?$")


def _arabic(match: re.Match[str]) -> str:
    digits = match.group(1)
    tens = _TENS.match(digits)
    if tens:
        return (tens.group(1) or "一").translate(_NUMERALS) + (tens.group(2) or "0").translate(_NUMERALS)
    return str(int(digits)) if digits.isdecimal() else digits.translate(_NUMERALS)


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The form in which two names are the same: folded, no spaces, one form of brackets, phases as digits.

    阳光花园（一期） and 阳光花园(1期) are one name; 一期 and 二期 stay two.
    """
    text = squeezed(name).lower()
    text = text.translate(_ONE_FORM)
    text = _PHASE.sub(_arabic, text)
    return re.sub(r"\((\d{1,2}[期区])\)", r"\1", text)


def key_id(prefix: str, *parts: str) -> str:
    """A stable id: the prefix and the first 12 hex digits of SHA-1 over the parts joined by ``|``."""
    digest = hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()
    return prefix + digest[:12]


def estate_id(county: str, street: str, name: str) -> str:
    """Id of an estate from the names of its county and street and its own name (see :func:`name_key`)."""
    return key_id("E", squeezed(county), squeezed(street), name_key(name))


def company_id(name: str) -> str:
    """Id of a company from its name in one spelling (full width, brackets and blanks do not matter)."""
    return key_id("P", name_key(name))


def region_id(county: str, street: str, name: str) -> str:
    """Id of a management region, built like :func:`estate_id`."""
    return key_id("R", squeezed(county), squeezed(street), name_key(name))
