"""Cells between frames and database rows: one canonical value for each cell, so that equal things compare equal."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from data.schemas import Column, Table
from geo.crs import STORAGE_CRS

EMPTY: Final[dict[str, str]] = {"list": "[]", "dict": "{}"}
"""Cell of a list or dict that says nothing."""
_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: object) -> str:
    """JSON text with sorted keys and no spaces; NaN inside becomes null.

    Raises
    ------
    TypeError
        If a value has no JSON form.
    ValueError
        If a number is infinite.
    """
    return _CANONICAL.encode(_plain(value))


def _plain(value: object) -> object:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return [_plain(inner) for inner in value.tolist()]
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} ({type(value).__name__}) has no JSON form")


def blank(column: Column) -> str | None:
    """The database cell that says nothing: null, or an empty list or dict."""
    return EMPTY.get(column.kind)


def same(column: Column, one: Any, other: Any) -> bool:
    """Whether two database cells mean the same.

    Areas are compared after normalisation (start point and turning of a ring say nothing); lines are not, because the
    direction of a one-way road does.
    """
    if one == other:
        return True
    if column.kind != "geometry" or one is None or other is None:
        return False
    shapes = shapely.from_wkb([one, other])
    if not all(shape.geom_type in ("Polygon", "MultiPolygon") for shape in shapes):
        return False
    left, right = shapely.to_wkb(shapely.normalize(shapes), byte_order=1)
    return bool(left == right)


def encode(table: Table, frame: pd.DataFrame) -> tuple[list[object], dict[str, list[object]]]:
    """Index and cells of a frame as database values; only the columns that the frame has.

    Parameters
    ----------
    frame
        Any columns of the table; geometry in EPSG:4490 (a third dimension is dropped).

    Raises
    ------
    ValueError
        If a column is unknown, a number infinite, an index value null or doubled, the CRS another one.
    """
    extra = set(frame.columns) - set(table.names)
    if extra:
        raise ValueError(f"{table.name}: unknown columns {sorted(map(str, extra))}")
    if frame.index.hasnans or not frame.index.is_unique:
        raise ValueError(f"{table.name}: the index {table.index} has nulls or doubles")
    cells = {c.name: _encode_column(table, c, frame[c.name]) for c in table.columns if c.name in frame.columns}
    return _encode_index(table, frame.index), cells


def _encode_index(table: Table, index: pd.Index) -> list[object]:
    if table.index_kind == "text":
        return list(index.astype("str"))
    if table.index_kind == "int":
        return list(index.astype("int64").tolist())
    return [_day(value) for value in index]


def _encode_column(table: Table, column: Column, values: pd.Series) -> list[object]:
    if column.kind == "geometry":
        crs = getattr(values, "crs", None)
        if crs is not None and crs != STORAGE_CRS:
            raise ValueError(f"{table.name}: geometry is in {crs.to_string()}, not in {STORAGE_CRS}")
        shapes = shapely.force_2d(np.asarray(values, dtype=object))
        return list(shapely.to_wkb(shapes, byte_order=1))
    if column.kind in EMPTY:
        return [canonical_json(v) if isinstance(v, list | dict) and v else EMPTY[column.kind] for v in values]
    nulls = values.isna().to_numpy()
    if column.kind == "date":
        return [None if null else _day(v) for v, null in zip(values, nulls, strict=True)]
    if column.kind == "float":
        numbers = values.astype("float64").to_numpy()
        if np.isinf(numbers).any():
            raise ValueError(f"{table.name}.{column.name}: infinite value")
        return [None if math.isnan(v) else v for v in numbers.tolist()]
    if column.kind == "text":
        return [None if null else str(v) for v, null in zip(values.astype(object), nulls, strict=True)]
    typed = values.astype("Int64" if column.kind == "int" else "boolean").astype(object)
    plain: type = int if column.kind == "int" else bool
    return [None if null else plain(v) for v, null in zip(typed, nulls, strict=True)]


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError(f"{value!r} is not a date")


def decode(table: Table, ids: Sequence[object], cells: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """The checked frame of database values: all columns of the table, one list each.

    Raises
    ------
    ValueError
        If the values break the table's schema.
    """
    index = pd.Index(list(ids), dtype=object)
    columns = {c.name: _decode_column(c, cells[c.name]) for c in table.columns}
    return table.check(pd.DataFrame(columns, index=index))


def _decode_column(column: Column, values: Sequence[object]) -> object:
    if column.kind == "geometry":
        return shapely.from_wkb(np.array(values, dtype=object))
    if column.kind in EMPTY:
        out = np.empty(len(values), dtype=object)
        for i, text in enumerate(values):
            out[i] = json.loads(str(text)) if text is not None else json.loads(EMPTY[column.kind])
        return out
    if column.kind == "float":
        return np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    if column.kind == "date":
        return np.array(values, dtype=object)
    return pd.array(list(values), dtype={"text": "str", "int": "Int64", "bool": "boolean"}[column.kind])


def plain(column: Column, value: Any) -> Any:
    """A database cell as a plain value: shape, list, dictionary, day, text, number, yes or no, ``None``."""
    if column.kind == "geometry":
        return None if value is None else shapely.from_wkb(value)
    if column.kind in EMPTY:
        return json.loads(EMPTY[column.kind] if value is None else str(value))
    return value


def readable(column: Column, value: object) -> object:
    """A database cell as the audit log shows it: lists and dicts as such, geometry as hex WKB, days as ISO text."""
    if value is None:
        return None
    if column.kind in EMPTY:
        return json.loads(str(value))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    return value
