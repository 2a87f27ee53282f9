"""Public income (公共收益), objections and owners' answers of the fictional estates, and the grades of their companies.

All by the names, so that none of it draws a random number and the city itself stays what it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
import pandas as pd

from data.demo.words import CITY
from data.demo.workbook import workbook

_FORM_PROFESSIONAL: Final = 1
_UNSERVED: Final = (0, 5)
_TITLES: Final = ("序号", "企业名称", "信用星级", "信用得分", "红黑榜", "评定周期")
_STAR_WORDS: Final = ("一星", "二星", "三星", "四星", "五星")
_PERIOD: Final = "2025年度"
_BEFORE: Final = "2024年度"


def with_income(estates: pd.DataFrame) -> pd.DataFrame:
    """The estates with ``public_income_yuan`` (a year), ``income_objection`` and ``consent_rate``; NaN where not known.

    A served estate takes in some tens of yuan a household, one in seven nothing; an unserved one mostly nothing. One in
    twelve tells no income. The share of owners who agree is known where most were asked.
    """
    rows = [_income(row) for row in estates.itertuples(index=False)]
    columns = ("public_income_yuan", "income_objection", "consent_rate")
    return estates.assign(**{name: [row[k] for row in rows] for k, name in enumerate(columns)})


def _income(row: Any) -> tuple[float, float, float]:
    served = row.service_form not in _UNSERVED
    none = 0.15 if served else 0.7
    each = 15 + 75 * _chance(row.name, "each") if served else 4 + 20 * _chance(row.name, "each")
    income = 0.0 if _chance(row.name, "none") < none else round(row.households * each, -1)
    known = _chance(row.name, "known") >= 1 / 12
    objection = float(_chance(row.name, "objection") < 0.06)
    said = known and _chance(row.name, "said") < 0.85
    rate = np.nan
    if not served and row.consent != "unknown" and _chance(row.name, "asked") < 0.75:
        share = _chance(row.name, "share")
        rate = round(0.67 + 0.3 * share if row.consent == "yes" else 0.2 + 0.45 * share, 2)
    return income if known else np.nan, objection if said else np.nan, rate


def write_grades(path: Path, estates: pd.DataFrame) -> int:
    """企业信用等级.xlsx: stars and lists of the companies that serve the city, two with the year before; how many."""
    served = estates.loc[estates["service_form"] == _FORM_PROFESSIONAL, "company"].dropna()
    names = sorted(set(served), key=lambda name: (crc32(name.encode()), name))
    rows = [_grade(name, k, _PERIOD) for k, name in enumerate(names)]
    rows += [_grade(name, k + 1, _BEFORE) for k, name in enumerate(names[:2])]
    with workbook(path) as (book, formats):
        sheet = book.add_worksheet("信用等级")
        sheet.merge_range(0, 0, 0, len(_TITLES) - 1, f"{CITY}物业服务企业信用等级和红黑榜", formats["title"])
        sheet.merge_range(1, 0, 1, len(_TITLES) - 1, "公布单位：市物业主管部门（虚构示例）", formats["unit"])
        for column, (title, width) in enumerate(zip(_TITLES, (6, 36, 10, 10, 10, 12), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, title, formats["head"])
        for number, row in enumerate(rows, start=3):
            for column, value in enumerate((number - 2, *row)):
                sheet.write(number, column, value, formats["body"])
    return len(names)


def _grade(name: str, place: int, period: str) -> tuple[str, str, float, str, str]:
    """One row. Of twelve companies one is on the black list and two are on the red one; one was not graded."""
    stars = (4, 3, 5, 3, 4, 2, 5, 4, 1, 3, 4, 0)[place % 12]
    score = round(52 + 9 * stars + 8 * _chance(name, period), 1)
    words = ("未评级", *_STAR_WORDS)[stars] if place % 5 else ("未评级", "★", "★★", "★★★", "★★★★", "★★★★★")[stars]
    listed = {5: "红榜", 1: "黑榜"}.get(stars, "")
    return name, words, score, listed, period


def _chance(name: str, what: str) -> float:
    """A number from 0 to 1 that depends on the name and on what it is for."""
    return crc32(f"{what}|{name}".encode()) / 2**32
