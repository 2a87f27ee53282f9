"""Tables of values as tables of words for Word papers: numbers as the office writes them, empty where unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.exports.cells import Share, blank, in_words, numeric
from dashboard.exports.docx_table import Grid
from dashboard.exports.workbook import ONE, SHARE, TWO


def cell_text(value: Any, form: str = "") -> str:
    """One value for a cell: 1,234 · 0.80 · 92.0% · 是 · 2026年12月1日."""
    if blank(value):
        return ""
    if isinstance(value, Share) or (numeric(value) and form == SHARE):
        return f"{value:.1%}"
    if numeric(value):
        if form in (TWO, ONE):
            return f"{value:,.2f}" if form == TWO else f"{value:,.1f}"
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")
    return in_words(value)


def grid_of(
    table: pd.DataFrame,
    widths: Sequence[float],
    *,
    formats: Mapping[str, str] | None = None,
    size_pt: float = 10.5,
    total: bool = False,
    empty: str = "（无）",
    row_mm: float = 0.0,
    left: Sequence[str] = (),
) -> Grid:
    """A table for paper: numbers right, short texts centred, long ones and the columns ``left`` left.

    A table without rows says so in one row.
    """
    forms = dict(formats or {})
    columns = [[cell_text(value, forms.get(str(name), "")) for value in table[name]] for name in table.columns]
    align = "".join(
        "l" if str(name) in left else _side(table[name].tolist(), shown)
        for name, shown in zip(table.columns, columns, strict=True)
    )
    rows = [list(row) for row in zip(*columns, strict=True)] if len(table) else []
    if not rows:
        rows = [[empty, *[""] * (len(widths) - 1)]]
    head = [str(name) for name in table.columns]
    return Grid(rows, widths, head, align, total=total and len(table) > 1, size_pt=size_pt, row_mm=row_mm)


def _side(values: Sequence[Any], shown: Sequence[str]) -> str:
    known = [value for value in values if not blank(value)]
    if known and all(numeric(value) for value in known):
        return "r"
    return "c" if max((len(text) for text in shown), default=0) <= 8 else "l"
