"""Boundary points in tables: which sheets hold them, beside the registers of the same file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.geofiles import Layer
from data.geofiles.coordinate_header import outline_column
from data.geofiles.coordinate_lists import list_layer
from data.geofiles.coordinate_text import outline
from data.geofiles.layer import RawLayer
from data.geofiles.reading import Reading
from data.geofiles.vector import read_raw
from data.registers.workbook import read_workbook
from geo.errors import Fault

Record = dict[str, Any]


def listed_layers(path: Path, file: str, reading: Reading, sheets: Sequence[str] | None = None) -> list[Layer]:
    """Outlines of the sheets of a table that list boundary points, as layers; empty if none does.

    Parameters
    ----------
    sheets
        Only these; by default all.

    Raises
    ------
    InputError
        If the file cannot be read, or nothing says the datum or zone of the coordinates.
    """
    book = read_workbook(path)
    raw = [list_layer(sheet, file) for sheet in book.sheets if sheets is None or sheet.name in sheets]
    return read_raw([layer for layer in raw if layer is not None], file, reading)


def outlines_of_estates(
    records: Sequence[Record], units: Sequence[str | None], file: str, reading: Reading
) -> list[Layer]:
    """Outlines that a register's own rows hold in a further column (边界坐标, WKT …), one layer a sheet.

    Parameters
    ----------
    records
        Estates as the register gave them; ``extra`` holds the cells of the columns that it does not know.
    units
        The street's name of each, where it is known.
    """
    by_sheet: dict[str, list[tuple[Record, str | None, str]]] = {}
    for record, street in zip(records, units, strict=True):
        extra = record.get("extra") or {}
        title = outline_column([str(key) for key in extra])
        if title is not None and isinstance(extra[title], str):
            by_sheet.setdefault(str(record.get("source_sheet") or ""), []).append((record, street, title))
    raw = [layer for sheet, rows in by_sheet.items() if (layer := _raw(sheet, rows, file)) is not None]
    return read_raw(raw, file, reading)


def _raw(sheet: str, rows: Sequence[tuple[Record, str | None, str]], file: str) -> RawLayer | None:
    kept: list[Record] = []
    shapes: list[Any] = []
    faults: list[Fault] = []
    for record, street, title in rows:
        number = int(record.get("source_row") or 0)
        try:
            shape = outline(str(record["extra"][title]))
        except ValueError as error:
            remedy = "请改正坐标文字，例如 112.1,30.2;112.2,30.2;112.2,30.3"
            faults.append(Fault(str(error), remedy, file, sheet, number, title, str(record["extra"][title])))
            continue
        if shape is not None:
            kept.append({"小区名称": record["name"], "所属街道": street, "row": number})
            shapes.append(shape)
    if not shapes and not faults:
        return None  # the column is called so, and holds words
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    table = pd.DataFrame(kept, columns=["小区名称", "所属街道"], index=pd.RangeIndex(len(kept)))
    return RawLayer(
        sheet, table, filled, rows=np.array([row["row"] for row in kept], dtype=np.int64), faults=tuple(faults)
    )
