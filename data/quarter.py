"""Calendar quarters (季度): parsing what a user types, first and last day, title."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from geo.errors import InputError

_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_PATTERNS = (
    re.compile(r"(?P<year>\d{4})[-/.年]?[QqＱ](?P<number>[1-4])"),
    re.compile(r"(?P<year>\d{4})年?第?(?P<number>[1-4一二三四])季度?"),
)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One calendar quarter; the calendar quarter is an assumption of DOMAIN A6 (P03 implies it)."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (_FIRST_YEAR <= self.year <= _LAST_YEAR and 1 <= self.number <= 4):
            raise ValueError(f"no quarter {self.number} of {self.year}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quarter that a text names: ``2027Q1``, ``2027-q1``, ``2027年第一季度``, full-width digits too.

        Raises
        ------
        InputError
            If the text names no quarter of the years 2000–2099.
        """
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
        for pattern in _PATTERNS:
            match = pattern.fullmatch(plain)
            if match and _FIRST_YEAR <= int(match["year"]) <= _LAST_YEAR:
                return cls(int(match["year"]), _CHINESE[match["number"]])
        raise InputError(
            f"“{text[:40]}”不是季度", f"请写成 2027Q1 或 2027年第一季度，年份在 {_FIRST_YEAR}–{_LAST_YEAR} 之间"
        )

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter that holds the day."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def id(self) -> str:
        """``2027Q1``."""
        return f"{self.year}Q{self.number}"

    @property
    def title(self) -> str:
        """``2027年第一季度``."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        if self.number == 4:
            return date(self.year, 12, 31)
        return date(self.year, 3 * self.number + 1, 1) - timedelta(days=1)

    def previous(self) -> Quarter:
        """The quarter before."""
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        return self.id
