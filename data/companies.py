"""Property companies (物业服务企业) and the credit grade that the city's own system gave them (L53, D20, Z05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from data.registers.text import company_id

__all__ = ["Grade", "company_id", "grade_of", "grades"]

_STARS: Final = "一二三四五"
_LISTS: Final = {"red": "红榜", "black": "黑榜"}


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of one company; what the list does not say is ``None``."""

    name: str
    stars: int | None
    credit_list: str | None
    """``red`` (红榜) or ``black`` (黑榜)."""
    grade_text: str | None
    """As the list has it."""
    period: str | None

    @property
    def black(self) -> bool:
        return self.credit_list == "black"

    @property
    def label(self) -> str:
        """Short words for tables and maps, e.g. 五星 · 红榜（2025年）; 未评级 if nothing is known."""
        stars = f"{_STARS[self.stars - 1]}星" if self.stars else self.grade_text
        words = " · ".join(filter(None, (stars, _LISTS.get(self.credit_list or ""))))
        return f"{words}（{self.period}）" if words and self.period else words or "未评级"


def grades(companies: pd.DataFrame | None) -> Mapping[str, Grade]:
    """Grade of each company by `company_id`.

    Parameters
    ----------
    companies
        ``COMPANIES`` frame; ``None``: no list was read.
    """
    if companies is None:
        return {}
    columns = ["name", "stars", "credit_list", "grade_text", "period"]
    table = companies[columns].astype(object).where(companies[columns].notna(), None)
    return {
        str(key): Grade(row.name, None if row.stars is None else int(row.stars), *row[2:])
        for key, row in zip(table.index, table.itertuples(index=False), strict=True)
    }


def grade_of(known: Mapping[str, Grade], company: object) -> Grade | None:
    """The grade of an estate's company (``ESTATES.company``); ``None`` where there is no company or it has no grade.

    Parameters
    ----------
    known
        From `grades`.
    """
    return known.get(company_id(company)) if isinstance(company, str) and company else None
