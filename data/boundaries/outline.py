"""Outlines that a person draws: checked and mended before they may become a boundary."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import metric_crs, position_kinds
from geo.errors import InputError
from geo.shapes import area_m2, metric_shapes, repair

SMALLEST_M2: Final = 50.0
LARGEST_M2: Final = 20e6
"""20 km²: more than the largest estates of the country, less than most streets."""
FAR_M: Final = 1_000.0
"""Distance from the estate's own point beyond which a note asks to look again."""
MANY_VERTICES: Final = 5_000
MOST_VERTICES: Final = 200_000
_SIMPLIFIED_DEG: Final = 1e-6
"""About 0.1 m: what a boundary of very many vertices may lose at each of them."""


def checked_outline(
    geometry: BaseGeometry | None, near: tuple[float, float] | None = None
) -> tuple[BaseGeometry, tuple[str, ...]]:
    """A valid outline inside China of a sensible size, and Chinese notes on what was mended or looks odd.

    Parameters
    ----------
    geometry
        Polygon or MultiPolygon, EPSG:4490 degrees.
    near
        The estate's own point (lon, lat), if it has one.

    Raises
    ------
    InputError
        If it is no area, empty, not in China, smaller than 50 m² or larger than 20 km², has over 200,000 vertices, or a
        repair would be a guess.
    """
    if geometry is None or geometry.is_empty:
        raise InputError("没有画出边界", "请在地图上画一个面，至少三个顶点")
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError("画的不是面", "请用“多边形”工具画出小区范围")
    shape = shapely.force_2d(geometry)
    notes: list[str] = []
    _refuse_places(shape)
    n_vertices = int(shapely.get_num_coordinates(shape))
    if n_vertices > MANY_VERTICES:
        if n_vertices > MOST_VERTICES:
            raise InputError(f"边界有 {n_vertices} 个顶点，太多", f"请先抽稀到 {MOST_VERTICES} 个以内")
        shape = shapely.simplify(shape, _SIMPLIFIED_DEG, preserve_topology=False)
        notes.append(
            f"边界有 {n_vertices} 个顶点，已抽稀为 {int(shapely.get_num_coordinates(shape))} 个（误差约 0.1 米）"
        )
    shape, mended = repair(shape)
    if mended is not None:
        notes.append(mended)
    area = float(area_m2([shape])[0])
    if area < SMALLEST_M2:
        raise InputError(f"边界只有 {area:.0f} 平方米，不像一个小区", "请放大地图重新绘制")
    if area > LARGEST_M2:
        raise InputError(f"边界有 {area / 1e6:.1f} 平方公里，不像一个小区", "请核对比例尺后重新绘制")
    if near is not None:
        distance = _distance_m(shape, near)
        if distance > FAR_M:
            notes.append(f"边界离小区坐标 {distance / 1000:.1f} 公里，请核对画的是不是这个小区")
    return shape, tuple(notes)


def _refuse_places(shape: BaseGeometry) -> None:
    lon, lat = shapely.get_coordinates(shape).T
    kinds = set(position_kinds(lon, lat))
    if "missing" in kinds:
        raise InputError("边界的坐标含有非数字", "请重新绘制")
    if "swapped" in kinds:
        raise InputError("边界的经度和纬度写反了", "请按（经度，纬度）的次序给出坐标")
    if "projected" in kinds:
        raise InputError("边界的坐标是以米计的平面坐标", "请换算为经纬度（CGCS2000）后再用，或作为文件导入")
    if "outside" in kinds:
        raise InputError("边界有顶点不在中国境内", "请重新绘制")


def _distance_m(shape: BaseGeometry, near: tuple[float, float]) -> float:
    both = np.array([shape, shapely.Point(near)], dtype=object)
    outline, point = metric_shapes(both, metric_crs(near[0]))
    return float(outline.distance(point))
