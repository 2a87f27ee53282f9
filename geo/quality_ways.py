"""Boundaries and gates against roads, railways and waters: what cuts a boundary into blocks, and how far a road is."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import Floats
from geo.quality_ground import Ground, Limits
from geo.quality_pairs import BOX
from geo.shapes import metric_shapes

MAIN_ROADS: Final = ("motorway", "trunk", "primary", "secondary")
_LEAST_INSIDE_M: Final = 20.0
"""A way that keeps less than this inside a boundary does not cut it."""
_HAIR_M: Final = 0.05


def cuts(ground: Ground, ways: gpd.GeoDataFrame, limits: Limits) -> pd.DataFrame:
    """Boundaries that a main road, a railway or a river cuts into blocks of some size.

    Ways of one kind and name count together, so that both carriageways of a road are one cut. Ways in tunnels do not
    cut; those on bridges do, because no estate lies under an expressway.

    Parameters
    ----------
    ways
        Checked ``WAYS`` columns ``kind``, ``name``, ``road_class``, ``tunnel`` and geometry, EPSG:4490.

    Returns
    -------
    DataFrame
        Sorted by ``id``, ``kind``, ``name`` (``""`` without one): ``length_m`` of the way inside, ``n_blocks`` of some
        size, ``second_m2`` and ``share`` (of the whole) of the second largest, ``west`` … ``north`` of the way inside.
    """
    chosen = _may_cut(ways)
    ways = ways[chosen]
    lines = metric_shapes(ways.geometry.to_numpy(), ground.crs)
    way, row = ground.tree.query(lines, predicate="intersects")
    kind, name = ways["kind"].to_numpy(dtype=object)[way], ways["name"].fillna("").to_numpy(dtype=object)[way]
    inside = shapely.intersection(lines[way], ground.shapes[row])
    area = shapely.get_dimensions(inside) == 2
    table = pd.DataFrame({"row": row, "kind": kind, "name": name, "inside": inside, "area": area})
    table["length_m"] = shapely.length(inside) / np.where(area, 2.0, 1.0)
    found, inner = [], []
    for (at, of, called), group in table.groupby(["row", "kind", "name"], sort=True):
        length = float(group["length_m"].sum())
        if length <= _LEAST_INSIDE_M:
            continue
        cut = shapely.union_all(group["inside"].to_numpy())
        blocks = _blocks(ground.shapes[at], cut)
        whole = float(ground.area_m2[at])
        if len(blocks) < 2:
            continue
        second = blocks[1]
        if second >= limits.split_m2 and second >= limits.split_share * whole:
            n_blocks = sum(1 for block in blocks if block >= limits.split_m2)
            found.append((ground.ids[at], of, called, length, n_blocks, second, second / whole))
            inner.append(cut)
    columns = ["id", "kind", "name", "length_m", "n_blocks", "second_m2", "share"]
    box = pd.DataFrame(ground.bounds(np.array(inner, dtype=object)), columns=BOX)
    return pd.concat([pd.DataFrame(found, columns=columns), box], axis=1)


def _may_cut(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    kind = ways["kind"].to_numpy(dtype=object)
    main = ways["road_class"].isin(MAIN_ROADS).to_numpy(dtype=bool)
    chosen = (kind == "railway") | (kind == "river") | (kind == "water") | ((kind == "road") & main)
    tunnel = ways["tunnel"].fillna(False).to_numpy(dtype=bool)
    return np.asarray(chosen & ~tunnel & ways.geometry.notna().to_numpy() & ~ways.geometry.is_empty.to_numpy())


def _blocks(shape: Any, cut: Any) -> list[float]:
    """Areas of what is left of a shape when a hair's breadth of the lines (or the water itself) is taken out."""
    rest = shapely.difference(shape, shapely.buffer(cut, _HAIR_M, cap_style="square"))
    return sorted((float(area) for area in shapely.area(shapely.get_parts(rest))), reverse=True)


def road_distances(x: Floats, y: Floats, ways: gpd.GeoDataFrame, ground: Ground) -> Floats:
    """Metres from each position (metres of the ground's plane) to the nearest road; NaN without roads or position."""
    roads = ways[(ways["kind"] == "road") & ways.geometry.notna() & ~ways.geometry.is_empty]
    result = np.full(len(x), np.nan)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(roads) and len(usable):
        tree = shapely.STRtree(metric_shapes(roads.geometry.to_numpy(), ground.crs))
        points = shapely.points(x[usable], y[usable])
        (at, _), distance = tree.query_nearest(points, return_distance=True, all_matches=False)
        result[usable[at]] = distance
    return result


def to_boundary(ids: NDArray[np.object_], x: Floats, y: Floats, ground: Ground) -> pd.DataFrame:
    """How far positions are from the boundary of the estate that they belong to.

    Returns
    -------
    DataFrame
        Index 0 … n-1: ``line_m`` (distance from the line), ``outside_m`` (from the ground; 0 inside); NaN without position
        or boundary.
    """
    at = np.array([ground.row.get(key, -1) for key in ids], dtype=np.int64)
    usable = np.flatnonzero((at >= 0) & np.isfinite(x) & np.isfinite(y))
    points, shapes = shapely.points(x[usable], y[usable]), ground.shapes[at[usable]]
    result = pd.DataFrame({"line_m": np.full(len(ids), np.nan), "outside_m": np.full(len(ids), np.nan)})
    result.loc[usable, "line_m"] = shapely.distance(shapely.boundary(shapes), points)
    result.loc[usable, "outside_m"] = shapely.distance(shapes, points)
    return result
