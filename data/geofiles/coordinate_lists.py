"""Tables of boundary points: a row for each point, or an outline in one cell of each estate's row.

Recognised by their header, only in sheets that no register claims. Surveyors' X is the northing and Y the easting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from data.geofiles.cells import number
from data.geofiles.coordinate_header import Header, find_header
from data.geofiles.coordinate_text import outline, rings_together
from data.geofiles.layer import RawLayer
from data.geofiles.zones import plane_order
from data.registers.header import stated_datum
from data.registers.text import Cell, clean, folded, is_null, squeezed
from data.registers.workbook import Sheet
from geo.crs import Datum
from geo.errors import Fault

_SEARCHED_ROWS: Final = 15
_LEAST_POINTS: Final = 3


@dataclass(slots=True)
class _Estate:
    """One estate while its points are gathered."""

    name: str
    street: str | None
    row: int
    rings: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    points: dict[str, list[str]] = field(default_factory=dict)
    fault: Fault | None = None


def list_layer(sheet: Sheet, file: str) -> RawLayer | None:
    """The outlines of a sheet, one a row of the result; ``None`` if it is no list of boundary points.

    Columns of the table: ``小区名称``, ``所属街道``. Faults name the row, column and value.
    """
    for row in range(min(_SEARCHED_ROWS, len(sheet.rows))):
        header = find_header(sheet.rows[row], row)
        if header is None:
            continue
        above = "，".join(clean(cell) for line in sheet.rows[:row] for cell in line if clean(cell))
        stated = stated_datum(squeezed(f"{above}，{'，'.join(header.titles)}"))
        if header.pair is not None and _repeats(sheet, header):
            return _long(sheet, header, file, stated)
        if header.wide is not None and _holds_outlines(sheet, header):
            return _wide(sheet, header, file, stated)
    return None


def _cell(row: Sequence[Cell], at: int | None) -> str:
    return clean(row[at]) if at is not None and at < len(row) else ""


def _repeats(sheet: Sheet, header: Header) -> bool:
    """Whether most estates have several rows: a list of points, not a list of estates with one point each."""
    counts: dict[str, int] = {}
    last = ""
    for row in sheet.rows[header.row + 1 :]:
        if not _cell(row, header.pair[0] if header.pair else None):
            continue
        last = _cell(row, header.name) or last
        counts[last] = counts.get(last, 0) + 1
    return bool(counts) and sum(n >= _LEAST_POINTS for n in counts.values()) >= 0.5 * len(counts)


def _holds_outlines(sheet: Sheet, header: Header) -> bool:
    for row in sheet.rows[header.row + 1 : header.row + 60]:
        text = _cell(row, header.wide)
        try:
            if text and outline(text) is not None:
                return True
        except ValueError:
            return True
    return False


def _long(sheet: Sheet, header: Header, file: str, stated: Datum | None) -> RawLayer:
    estates: list[_Estate] = []
    by_key: dict[tuple[str, str], _Estate] = {}
    current: _Estate | None = None
    ring, part = "", 0
    assert header.pair is not None
    n_read = 0
    for at in range(header.row + 1, len(sheet.rows)):
        cells, number_ = sheet.rows[at], sheet.row_number(at)
        texts = [_cell(cells, i) for i in header.pair]
        name = _text(_cell(cells, header.name))
        if not any(texts):
            continue
        if name is None and current is None:
            continue
        if name is not None:
            street = _text(_cell(cells, header.street))
            key = (
                squeezed(name),
                squeezed(street or (current.street or "" if current and current.name == name else "")),
            )
            found = by_key.get(key)
            if found is None:
                found = by_key[key] = _Estate(name, street, number_)
                estates.append(found)
                n_read += 1
            if found is not current:
                current, ring, part = found, "", 0
        assert current is not None
        stated_ring = _cell(cells, header.ring)
        ring = f"{stated_ring or ring.partition('/')[0]}/{part}" if header.ring is not None else f"/{part}"
        values = [number(text, degrees=True) for text in texts]
        if values[0] is None or values[1] is None:
            bad = 0 if values[0] is None else 1
            if current.fault is None:
                title = header.titles[header.pair[bad]]
                remedy = "请改正这一点的坐标（小数，或度分秒），该小区的边界没有导入"
                current.fault = Fault("不是坐标数字", remedy, file, sheet.name, number_, title, texts[bad])
            continue
        points = current.rings.setdefault(ring, [])
        points.append((values[0], values[1]))
        current.points.setdefault(ring, []).append(_cell(cells, header.point))
        if len(points) > _LEAST_POINTS and points[0] == points[-1]:
            part += 1  # the ring came back to its first point: what follows is another one
    told: list[str] = []
    shapes: list[BaseGeometry] = []
    faults: list[Fault] = []
    kept: list[_Estate] = []
    swap = header.axes == "xy" and _survey_order(estates)
    if header.axes == "xy" and not swap:
        told.append(f"{file}，工作表“{sheet.name}”：X 列是东坐标、Y 列是北坐标（与测绘习惯相反），已按此读取")
    for estate in estates:
        fault = estate.fault
        if fault is None:
            try:
                shape = rings_together([_ordered(points, estate.points[key], told, estate.name)
                                        for key, points in estate.rings.items()])  # fmt: skip
            except ValueError as error:
                fault = Fault(str(error), "请补全该小区的边界点", file, sheet.name, estate.row, "小区名称", estate.name)
        if fault is not None:
            faults.append(fault)
            continue
        kept.append(estate)
        shapes.append(_turned(shape) if swap else shape)
    return _layer(sheet, kept, shapes, faults, told, stated, n_read)


def _survey_order(estates: Sequence[_Estate]) -> bool:
    """Whether X is the northing: by the numbers where they tell, else by the surveyors' custom; degrees are X = longitude."""
    pairs = np.array([p for estate in estates for points in estate.rings.values() for p in points], dtype=float)
    if not len(pairs):
        return True
    x, y = (float(v) for v in np.median(pairs, axis=0))
    if max(abs(x), abs(y)) <= 360:
        return False
    return plane_order(x, y) != "en"


def _ordered(points: list[tuple[float, float]], numbers: list[str], told: list[str], name: str) -> np.ndarray:
    """Points of a ring, by their numbers where these are all different and not in order."""
    xy = np.array(points, dtype=float)
    found = [re.search(r"(\d+)\D*$", folded(text)) for text in numbers]
    if len(xy) < _LEAST_POINTS or any(match is None for match in found):
        return xy
    order = [int(match[1]) for match in found if match is not None]
    body = order[:-1] if order[0] == order[-1] else order
    if len(set(body)) < len(body) or len(body) < len(order) or body in (sorted(body), sorted(body, reverse=True)):
        return xy
    turned = [body[(i + 1) % len(body)] - body[i] for i in range(len(body))]
    if sum(step != 1 for step in turned) == 1 or sum(step != -1 for step in turned) == 1:
        return xy  # 3 4 5 1 2: a ring may begin anywhere
    told.append(f"“{name}”的边界点没有按点号排列，已按点号排序")
    return xy[np.argsort(order, kind="stable")]


def _wide(sheet: Sheet, header: Header, file: str, stated: Datum | None) -> RawLayer:
    kept: list[_Estate] = []
    shapes: list[BaseGeometry] = []
    faults: list[Fault] = []
    n_read = 0
    for at in range(header.row + 1, len(sheet.rows)):
        row = sheet.rows[at]
        name, text = _text(_cell(row, header.name)), _cell(row, header.wide)
        if name is None or is_null(text):
            continue
        n_read += 1
        place = (file, sheet.name, sheet.row_number(at), header.titles[header.wide or 0], text)
        kind = sheet.broken.get((at, header.wide or 0))
        try:
            if kind == "long":
                raise ValueError("坐标文字超过 Excel 单元格 32767 个字符的上限，已被截断")
            shape = outline(text)
        except ValueError as error:
            faults.append(Fault(str(error), "请改正坐标文字，例如 112.1,30.2;112.2,30.2;112.2,30.3", *place))
            continue
        if shape is None:
            faults.append(Fault("不是边界坐标", "请填写至少三个点，例如 112.1,30.2;112.2,30.2;112.2,30.3", *place))
            continue
        kept.append(_Estate(name, _text(_cell(row, header.street)), sheet.row_number(at)))
        shapes.append(shape)
    return _layer(sheet, kept, shapes, faults, [], stated, n_read)


def _layer(
    sheet: Sheet,
    estates: Sequence[_Estate],
    shapes: Sequence[BaseGeometry],
    faults: Sequence[Fault],
    told: Sequence[str],
    stated: Datum | None,
    n_read: int,
) -> RawLayer:
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    table = pd.DataFrame(
        {"小区名称": [e.name for e in estates], "所属街道": [e.street for e in estates]},
        index=pd.RangeIndex(len(estates)),
    )
    rows = np.array([estate.row for estate in estates], dtype=np.int64)
    notes = tuple(dict.fromkeys(told))
    return RawLayer(sheet.name, table, filled, None, rows, tuple(faults), notes, (), stated, n_read=n_read)


def _turned(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def _text(text: str) -> str | None:
    return None if is_null(text) else re.sub(r"\s+", " ", text)
