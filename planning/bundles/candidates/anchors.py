"""Managed estates that may take small neighbours on (以大带小, D25): large, and their company of good credit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data.companies import Grade, grade_of, grades
from planning.bundles.settings import BundleSettings
from planning.coverage_types import CoverageState

_SLACK = 1e-9


def find_anchors(
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    place: pd.DataFrame,
    settings: BundleSettings,
    companies: pd.DataFrame | None,
) -> tuple[pd.Series, tuple[str, ...]]:
    """Households that each anchor can take on, by estate id, and notes on who is none.

    An anchor has professional service (专业化物业服务; the ways of D25 are for property companies), at least
    ``anchor_min_households`` households, a company that is not on the black list and has at least ``anchor_min_stars``
    stars where it has any, owners who did not refuse (where they are asked), and a position. Its room is the floor of
    ``anchor_share`` × its own households; without room it is none.

    Parameters
    ----------
    place
        Columns ``lon``, ``lat``, index of ``estates``.
    companies
        ``COMPANIES`` frame; ``None``: no list was read.

    Returns
    -------
    Series
        ``int64``, by estate id.
    """
    known = grades(companies)
    found: dict[str, int] = {}
    why: Counter[str] = Counter()
    ungraded = 0
    professional = [states[str(estate)] is CoverageState.PROFESSIONAL for estate in estates.index]
    large = (estates["households"] >= settings.anchor_min_households).fillna(False).to_numpy(dtype=bool)
    managed = estates.loc[large & np.array(professional, dtype=bool), ["households", "company", "consent"]]
    for row in managed.assign(**place.loc[managed.index]).itertuples():
        estate = str(row.Index)
        grade = grade_of(known, row.company)
        problem = _problem(row, grade, settings)
        room = math.floor(settings.anchor_share * int(row.households) + _SLACK)
        if problem:
            why[problem] += 1
        elif room > 0:
            found[estate] = room
            ungraded += grade is None or grade.stars is None
    notes = [f"在管小区中{len(found)}个可以带动周边小区（不少于{settings.anchor_min_households}户）"]
    notes += [f"{n}个在管小区{problem}，不作带动小区" for problem, n in sorted(why.items())]
    if ungraded and settings.anchor_min_stars:
        notes.append(f"{ungraded}个带动小区的物业服务企业没有信用星级，选定前请核实")
    return pd.Series(found, dtype="int64"), tuple(notes)


def _problem(row: Any, grade: Grade | None, settings: BundleSettings) -> str:
    if pd.isna(row.company) or not row.company:
        return "没有登记物业服务企业"
    if grade is not None and grade.black:
        return "的物业服务企业列入黑榜"
    if grade is not None and grade.stars is not None and grade.stars < settings.anchor_min_stars:
        return f"的物业服务企业信用不足{settings.anchor_min_stars}星"
    if settings.ask_consent and row.consent == "no":
        return "的业主不同意"
    if pd.isna(row.lon) or pd.isna(row.lat):
        return "没有坐标"
    return ""
