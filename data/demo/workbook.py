"""What the three workbooks share: formats, and cells written as offices write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import xlsxwriter

_WRITTEN: Final = datetime(2026, 12, 10, 9, 0)
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩"
FULL_WIDTH: Final = str.maketrans("0123456789.", "０１２３４５６７８９．")


@contextmanager
def workbook(path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A workbook and its formats (``title``, ``unit``, ``head``, ``body``, ``note``, ``date``); same bytes each time."""
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": path.stem, "author": "虚构示例", "created": _WRITTEN})
    cell = {
        "font_name": "宋体",
        "font_size": 10,
        "border": 1,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
    }
    formats = {
        "title": book.add_format({"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"}),
        "unit": book.add_format({"font_name": "宋体", "font_size": 10, "align": "left"}),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#E7EDF5"}),
        "body": book.add_format(cell),
        "note": book.add_format({"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "top"}),
        "date": book.add_format({**cell, "num_format": "yyyy/m/d"}),
    }
    try:
        yield book, formats
    finally:
        book.close()


def code_cell(code: int, names: Mapping[int, str], style: int) -> str | int:
    """A code as one of eight habits writes it; all of them mean the same (L15)."""
    return (
        code,
        f"({code})",
        f"（{code}）",
        _CIRCLED[code - 1],
        f"{code}{names[code]}",
        str(code).translate(FULL_WIDTH),
        names[code],
        f"{code}.",
    )[style]


N_STYLES: Final = 8


def style(favourite: int, rng: np.random.Generator) -> int:
    """Mostly the sheet's own habit, now and then another hand's."""
    return favourite if rng.random() < 0.8 else int(rng.integers(N_STYLES))
