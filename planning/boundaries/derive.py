"""Outlines for estates that have only a point: residential land or the block round it. A person must look at each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.blocks.cases import AREA_HA, polygonized
from geo.crs import from_metric, metric_crs, to_metric
from geo.shapes import metric_shapes

NEAR_M: Final = 40.0
"""Residential land so near to a point that lies in none is offered too."""
_LEAST_M2: Final = 500.0
_MOST: Final = 3
_NAMES_SHOWN: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """One outline round a point, EPSG:4490; ``step`` is ``land`` (residential land) or ``block`` (between roads)."""

    shape: BaseGeometry
    step: str
    area_m2: float
    why: tuple[str, ...]


def derive(
    wanted: pd.DataFrame,
    estates: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    taken: Mapping[str, BaseGeometry],
) -> dict[str, tuple[Derived, ...]]:
    """Outlines for estates by their points, best first; an estate without a position or anything round it has none.

    Residential land comes before blocks; of several of a kind the one whose area is nearest to the ledger's, then the
    smaller. What better sources give to other estates is cut out.

    Parameters
    ----------
    wanted
        Rows of ``ESTATES``: those to make outlines for.
    estates
        All estates: their points tell whether an outline holds several.
    ways, land
        Checked ``WAYS`` and ``LAND`` frames.
    taken
        Ground that other estates hold, EPSG:4490, by estate.
    """
    placed = wanted[wanted["lon"].notna() & wanted["lat"].notna()]
    if placed.empty:
        return {}
    crs = metric_crs(float(placed["lon"].mean()))
    lots = land[(land["kind"] == "residential") & land.geometry.notna() & ~land.geometry.is_empty]
    roads = ways[(ways["kind"] != "water") & ways.geometry.notna() & ~ways.geometry.is_empty]
    shapes = [
        *((shape, "land") for shape in metric_shapes(lots.geometry.to_numpy(), crs) if len(lots)),
        *((shape, "block") for shape in (_faces(metric_shapes(roads.geometry.to_numpy(), crs)) if len(roads) else [])),
    ]
    if not shapes:
        return {}
    known = np.array([shape for shape, _ in shapes], dtype=object)
    tree = shapely.STRtree(known)
    held_ids = sorted(taken)
    held = metric_shapes(np.array([*(taken[i] for i in held_ids), None], dtype=object)[:-1], crs)
    ground = _Ground(known, [step for _, step in shapes], held_ids, held, shapely.STRtree(held))
    spots, names, ids = _points(estates, crs)
    spot_tree = shapely.STRtree(spots)
    points, _, rows = _points(placed, crs)
    options: dict[str, list[int]] = {}
    for at, shape in zip(*tree.query(points, predicate="dwithin", distance=NEAR_M), strict=True):
        if ground.steps[shape] == "land" or shapely.contains(known[shape], points[at]):
            options.setdefault(rows[at], []).append(int(shape))
    result = {}
    for estate_id, numbers in options.items():
        area = placed.at[estate_id, "land_area_m2"]
        ledger = None if pd.isna(area) or float(area) <= 0 else float(area)
        made = [one for k in numbers if (one := ground.cut(k, estate_id)) is not None]
        made.sort(key=partial(_order, ledger))
        outlines = []
        for shape, step in made[:_MOST]:
            inside = sorted(int(k) for k in spot_tree.query(shape, predicate="contains"))
            others = [names[k] for k in inside if ids[k] != estate_id]
            outlines.append(_finished(shape, step, ledger, others, crs))
        if outlines:
            result[estate_id] = tuple(outlines)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    shapes: NDArray[np.object_]
    steps: Sequence[str]
    held_ids: Sequence[str]
    held: NDArray[np.object_]
    held_tree: shapely.STRtree

    def cut(self, number: int, estate_id: str) -> tuple[BaseGeometry, str] | None:
        """The shape less what others hold; ``None`` if too little is left."""
        shape = self.shapes[number]
        others = [
            g for i, g in zip(self.held_ids, self.held, strict=True) if i != estate_id and shapely.intersects(g, shape)
        ]
        if others:
            rest = shapely.difference(shape, shapely.union_all(others))
            parts = [part for part in shapely.get_parts(rest) if part.geom_type == "Polygon"]
            shape = max(parts, key=lambda part: part.area, default=shapely.Polygon())
        return (shape, self.steps[number]) if shape.area >= _LEAST_M2 else None


def _faces(lines: NDArray[np.object_]) -> list[BaseGeometry]:
    return [face for face in polygonized(lines) if AREA_HA[0] * 1e4 <= face.area <= AREA_HA[1] * 1e4]


def _points(frame: pd.DataFrame, crs: CRS) -> tuple[NDArray[np.object_], list[str], list[str]]:
    frame = frame[frame["lon"].notna() & frame["lat"].notna()]
    x, y = to_metric(frame["lon"], frame["lat"], crs)
    return (
        np.asarray(shapely.points(x, y), dtype=object),
        [str(n) for n in frame["name"]],
        [str(i) for i in frame.index],
    )


def _order(ledger: float | None, one: tuple[BaseGeometry, str]) -> tuple[Any, ...]:
    return one[1] != "land", _off(one[0].area, ledger), one[0].area, one[0].bounds


def _off(area: float, ledger: float | None) -> float:
    return 0.0 if ledger is None else round(abs(log(area / ledger)), 6)


def _finished(shape: BaseGeometry, step: str, ledger: float | None, others: Sequence[str], crs: CRS) -> Derived:
    why = ["没有四至文字，按坐标所在的住宅用地推算" if step == "land" else "没有四至文字，按坐标所在的街区推算"]
    if others:
        more = f"等 {len(others)} 个小区" if len(others) > _NAMES_SHOWN else ""
        why.append("范围内还有" + "、".join(f"“{name}”" for name in others[:_NAMES_SHOWN]) + f"{more}的坐标")
    if ledger is not None and _off(shape.area, ledger) >= log(1.5):
        times = shape.area / ledger
        why.append(f"面积是台账的 {times:.1f} 倍" if times > 1 else f"面积只有台账的 {times:.0%}")
    plain = shapely.transform(shape, lambda xy: np.column_stack(from_metric(xy[:, 0], xy[:, 1], crs)))
    return Derived(plain, step, float(shape.area), tuple(why))
