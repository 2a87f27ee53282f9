"""Shapes as they come from files: moved between datums, repaired, measured, and joined to the units that hold them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import Datum, Floats, metric_crs, to_metric, to_storage
from geo.errors import InputError
from geo.tangles import too_tangled

Shapes: TypeAlias = Sequence[BaseGeometry | None] | NDArray[np.object_]
"""Anything that holds one shape (or ``None``) a row."""

AREA_CHANGE_NOTED: Final = 0.001
"""Share of the area that a repair may change without being mentioned."""
AREA_CHANGE_REFUSED: Final = 0.2
"""Share of the area beyond which a repair would be a guess: the shape is refused."""


def move_to_storage(geometries: Shapes, datum: Datum) -> NDArray[np.object_]:
    """Shapes of a datum in EPSG:4490 degrees, every vertex moved, heights dropped; ``None`` stays ``None``."""
    shapes = shapely.force_2d(np.asarray(geometries, dtype=object))
    if not datum.shifted:
        return shapes
    return shapely.transform(shapes, lambda xy: np.column_stack(to_storage(xy[:, 0], xy[:, 1], datum)))


def middle(geometries: Shapes) -> tuple[float, float]:
    """Middle of the bounding box of all shapes, ``(lon, lat)``; NaN without any."""
    west, south, east, north = shapely.total_bounds(np.asarray(geometries, dtype=object))
    return float(west + east) / 2, float(south + north) / 2


def metric_shapes(geometries: Shapes, crs: CRS | None = None) -> NDArray[np.object_]:
    """Shapes in EPSG:4490 as metres of ``crs``, by default the `metric_crs` of their middle."""
    shapes = np.asarray(geometries, dtype=object)
    plane = metric_crs(middle(shapes)[0]) if crs is None else crs
    return shapely.transform(shapes, lambda xy: np.column_stack(to_metric(xy[:, 0], xy[:, 1], plane)))


def area_m2(geometries: Shapes) -> Floats:
    """Area of each shape of EPSG:4490 in square metres (Gauss-Krüger plane of their middle); 0 for lines and points."""
    shapes = np.asarray(geometries, dtype=object)
    if not len(shapes) or not np.isfinite(shapely.total_bounds(shapes)).all():
        return np.zeros(len(shapes))
    return np.nan_to_num(shapely.area(metric_shapes(shapes)))


def repair(geometry: BaseGeometry | None) -> tuple[BaseGeometry, str | None]:
    """A valid shape of the same kind, and what was changed about it.

    Invalid polygons go through ``make_valid`` (structure method, so that a self-crossing ring keeps all its lobes);
    lines and points that appear on the way are dropped.

    Parameters
    ----------
    geometry
        Any shape in EPSG:4490 degrees.

    Returns
    -------
    tuple
        The shape, and a Chinese note naming the reason and the change of area, ``None`` if nothing was wrong.

    Raises
    ------
    InputError
        If the shape is missing or empty, a coordinate is NaN or infinite, nothing is left after the repair, the outline
        crosses itself more often than can be mended, or the repair changes the area by more than a fifth.
    """
    if geometry is None or geometry.is_empty:
        raise InputError("图形为空", "请补画该要素的图形，或删除这条空记录")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise InputError("图形坐标含有非数字（NaN 或无穷大）", "请检查该要素的坐标并重新导出")
    if geometry.is_valid:
        return geometry, None
    reason = _reason(shapely.is_valid_reason(geometry))
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        mended = shapely.make_valid(geometry)
        if mended.is_empty:
            raise InputError(f"图形无效（{reason}），修复后为空", "请重新绘制该要素")
        return mended, f"图形无效（{reason}），已自动修复"
    tangled = too_tangled(geometry)
    if tangled is not None:
        raise InputError(*tangled)
    mended = _polygons_only(shapely.make_valid(geometry, method="structure", keep_collapsed=False))
    if mended.is_empty:
        raise InputError(f"边界无效（{reason}），修复后面积为零", "请重新绘制该边界")
    before, after = _areas(geometry, mended)
    change = abs(after - before) / before if before > 0 else 0.0
    if change > AREA_CHANGE_REFUSED:
        told = f"由 {before:,.1f} 平方米变为 {after:,.1f} 平方米，相差 {change:.0%}"
        raise InputError(f"边界无效（{reason}），自动修复会使面积变化过大（{told}）", "请人工检查并重新绘制该边界")
    return mended, f"边界无效（{reason}），已自动修复，{_area_note(before, after)}"


def broken_ring(geometry: BaseGeometry) -> tuple[str, float, float]:
    """Why a shape is invalid (Chinese, without the place), and where: ``lon``, ``lat``, NaN if that is not known."""
    name, _, place = shapely.is_valid_reason(geometry).partition("[")
    numbers = place.rstrip("]").split()
    lon, lat = (float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else (float("nan"), float("nan"))
    return _REASONS.get(name.strip(), name.strip()), lon, lat


def repaired_area(geometry: BaseGeometry) -> tuple[float, float]:
    """Square metres that the lines of an invalid polygon enclose, and those after `repair`.

    Raises
    ------
    InputError
        As `repair`.
    """
    mended, _ = repair(geometry)
    return _areas(geometry, mended)


def read_repair(note: str) -> tuple[str, float, float] | None:
    """Reason, area before and area after (square metres) of a note of `repair`; ``None`` for any other text."""
    found = _NOTE.fullmatch(note)
    if found is None:
        return None
    before = float(found["before"].replace(",", ""))
    return found["reason"], before, float((found["after"] or found["before"]).replace(",", ""))


def _areas(geometry: BaseGeometry, mended: BaseGeometry) -> tuple[float, float]:
    # The shell's own area is meaningless for a bow tie (lobes cancel out): measure against what the lines enclose.
    return float(area_m2([_enclosed(geometry)])[0]), float(area_m2([mended])[0])


def _area_note(before: float, after: float) -> str:
    change = abs(after - before) / before if before > 0 else 0.0
    if change <= AREA_CHANGE_NOTED:
        return f"面积不变（{before:,.1f} 平方米）"
    return f"面积由 {before:,.1f} 平方米变为 {after:,.1f} 平方米（面积变化 {change:.1%}）"


_NOTE: Final = re.compile(
    r"边界无效（(?P<reason>.*)），已自动修复，面积(?:不变（|由 )(?P<before>[\d,.]+) 平方米"
    r"(?:）|变为 (?P<after>[\d,.]+) 平方米（面积变化 [\d.]+%）)"
)


def join_units(lon: ArrayLike, lat: ArrayLike, polygons: gpd.GeoSeries) -> pd.Series:
    """Id of the polygon that holds each point, ``None`` where none does.

    Borders belong to both sides; a point on one, or in two overlapping polygons, gets the lower id.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``; NaN gives ``None``.
    polygons
        Indexed by unit id, EPSG:4490; rows without a shape are ignored.

    Returns
    -------
    Series
        Of objects, index 0…n-1.
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    result = np.full(len(x), None, dtype=object)
    known = polygons[polygons.notna() & ~polygons.is_empty].sort_index()
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) and len(usable):
        # The tree holds the points, because the side that asks is the one GEOS prepares: the polygons, with many vertices.
        tree = shapely.STRtree(np.asarray(shapely.points(x[usable], y[usable]), dtype=object))
        units, points = tree.query(known.to_numpy(), predicate="intersects")
        order = np.argsort(-units, kind="stable")
        result[usable[points[order]]] = known.index.to_numpy()[units[order]]
    return pd.Series(result, dtype=object)


def _polygons_only(geometry: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _enclosed(geometry: BaseGeometry) -> BaseGeometry:
    """What the polygon's lines enclose, counted by the even-odd rule."""
    return _polygons_only(shapely.make_valid(geometry, method="linework"))


_REASONS = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Nested holes": "洞相互嵌套",
    "Holes are nested": "洞相互嵌套",
    "Nested shells": "外环相互嵌套",
    "Duplicate Rings": "重复的环",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "顶点过少",
}


def _reason(text: str) -> str:
    name, _, place = text.partition("[")
    where = f"，位于 {place.rstrip(']').replace(' ', ', ')}" if place else ""
    return _REASONS.get(name.strip(), name.strip()) + where
