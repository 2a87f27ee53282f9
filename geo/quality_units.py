"""Boundaries and points against the units that should hold them, and units against each other."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import Floats
from geo.quality_ground import Ground, Limits, degrees, equivalent_width, opened, polygon_parts
from geo.quality_pairs import BOX, near_pairs


def outside(ground: Ground, named: pd.Series, units: Ground, limits: Limits) -> pd.DataFrame:
    """Boundaries that lie partly or wholly outside the unit that the register names.

    Parameters
    ----------
    named
        Id of the boundary → id of its unit; missing ones, and units without a shape, are not looked at.
    units
        Units of one level.

    Returns
    -------
    DataFrame
        One row a boundary beyond ``outside_share`` and ``outside_m2``, index id: ``unit``, ``outside_m2``, ``share``,
        ``distance_m`` (of the whole boundary from the unit; 0 if it touches it), ``found`` (unit of the level that holds
        most of it, ``""`` if none does), ``found_share``, ``west`` … ``north`` of the part outside (degrees).
    """
    rows, at = _named_rows(ground, named, units)
    inside = np.zeros(len(rows), dtype=bool)
    shapely.prepare(units.shapes)
    inside = shapely.covers(units.shapes[at], ground.shapes[rows])
    rows, at = rows[~inside], at[~inside]
    beyond = shapely.difference(ground.shapes[rows], units.shapes[at])
    area = shapely.area(beyond)
    share = area / np.where(ground.area_m2[rows] > 0, ground.area_m2[rows], 1.0)
    kept = (share > limits.outside_share) & (area > limits.outside_m2)
    rows, at, beyond, area, share = rows[kept], at[kept], beyond[kept], area[kept], share[kept]
    found, found_share = _holders(ground.shapes[rows], units)
    table = pd.DataFrame(
        {
            "unit": units.ids[at],
            "outside_m2": area,
            "share": share,
            "distance_m": shapely.distance(ground.shapes[rows], units.shapes[at]),
            "found": found,
            "found_share": found_share,
        },
        index=pd.Index(ground.ids[rows], name="id", dtype=object),
    )
    return table.join(pd.DataFrame(ground.bounds(beyond), columns=BOX, index=table.index))


def points_outside(points: pd.DataFrame, named: pd.Series, units: Ground, limits: Limits) -> pd.DataFrame:
    """Points farther than ``outside_point_m`` outside the unit that the register names.

    Parameters
    ----------
    points
        ``x``, ``y`` in metres of the units' plane, by id.

    Returns
    -------
    DataFrame
        Index id: ``unit``, ``distance_m``, ``found`` (the unit that holds the point, ``""`` if none does).
    """
    ids = points.index.to_numpy(dtype=object)
    shapes = shapely.points(points["x"], points["y"])
    wanted = named.reindex(points.index).to_numpy(dtype=object)
    at = np.array([units.row.get(key, -1) for key in wanted], dtype=np.int64)
    rows = np.flatnonzero(at >= 0)
    shapely.prepare(units.shapes)
    distance = shapely.distance(units.shapes[at[rows]], shapes[rows])
    far = distance > limits.outside_point_m
    rows, distance = rows[far], distance[far]
    held, point = units.tree.query(shapes[rows], predicate="intersects")[::-1]
    found = np.full(len(rows), "", dtype=object)
    order = np.lexsort((-held, point))[::-1]
    found[point[order]] = units.ids[held[order]]
    table = {"unit": units.ids[at[rows]], "distance_m": distance, "found": found}
    return pd.DataFrame(table, index=pd.Index(ids[rows], name="id", dtype=object))


def unit_overlaps(units: Ground, limits: Limits) -> pd.DataFrame:
    """Pairs of units of one level with common ground: ``a``, ``b``, ``area_m2``, ``width_m``, ``west`` … ``north``."""
    i, j = near_pairs(units, 0.0)
    common = shapely.intersection(units.shapes[i], units.shapes[j])
    pieces, pair = polygon_parts(opened(common, limits.unit_width_m))
    kept = shapely.area(pieces) > limits.unit_overlap_m2
    pieces, pair = pieces[kept], pair[kept]
    table = pd.DataFrame({"pair": pair, "area_m2": shapely.area(pieces), "width_m": equivalent_width(pieces)})
    table = pd.concat([table, pd.DataFrame(units.bounds(pieces), columns=BOX)], axis=1)
    result = table.groupby("pair", sort=True).agg(
        area_m2=("area_m2", "sum"), width_m=("width_m", "max"), west=("west", "min"), south=("south", "min"),
        east=("east", "max"), north=("north", "max"),
    )  # fmt: skip
    at = result.index.to_numpy(dtype=np.int64)
    result.insert(0, "b", units.ids[j[at]])
    result.insert(0, "a", units.ids[i[at]])
    return result.reset_index(drop=True)


def unit_gaps(units: Ground, limits: Limits, within: gpd.GeoSeries | None = None) -> pd.DataFrame:
    """Ground that the units of one level leave out: enclosed by them, or inside the units above and held by none.

    Parameters
    ----------
    within
        The units above that are looked at, in metres of the units' plane; by default only what the units themselves
        enclose counts.

    Returns
    -------
    DataFrame
        Largest first: ``area_m2``, ``width_m``, ``near`` (tuple of the ids of the units beside it, the one with the
        longest common border first, at most three), ``west`` … ``north`` (degrees).
    """
    if not len(units):
        return pd.DataFrame(columns=["area_m2", "width_m", "near", *BOX])
    whole = shapely.union_all(units.shapes[~shapely.is_missing(units.shapes)])
    parts = shapely.get_parts(whole)
    filled = shapely.polygons(shapely.get_exterior_ring(parts))
    frame = shapely.union_all(filled)
    if within is not None and len(within):
        frame = shapely.union_all([frame, *within.to_numpy()])
    left_out = np.array([shapely.difference(frame, whole)], dtype=object)
    pieces, _ = polygon_parts(opened(left_out, limits.unit_width_m))
    pieces = pieces[shapely.area(pieces) > limits.unit_gap_m2]
    order = np.lexsort((shapely.get_x(shapely.centroid(pieces)), -shapely.area(pieces)))
    pieces = pieces[order]
    table = pd.DataFrame(
        {
            "area_m2": shapely.area(pieces),
            "width_m": equivalent_width(pieces),
            "near": [_beside(piece, units) for piece in pieces],
        }
    )
    return pd.concat([table, pd.DataFrame(degrees(pieces, units.crs), columns=BOX)], axis=1)


def _beside(piece: Any, units: Ground) -> tuple[str, ...]:
    near = units.tree.query(piece, predicate="dwithin", distance=0.5)
    border = shapely.length(shapely.intersection(shapely.buffer(piece, 0.5), shapely.boundary(units.shapes[near])))
    order = np.lexsort((near, -border))
    return tuple(str(units.ids[near[at]]) for at in order[:3])


def _named_rows(ground: Ground, named: pd.Series, units: Ground) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of boundaries with a named unit that has a shape, and the rows of those units."""
    wanted = named.reindex(ground.ids).to_numpy(dtype=object)
    at = np.array([units.row.get(key, -1) for key in wanted], dtype=np.int64)
    usable = (at >= 0) & ~shapely.is_missing(ground.shapes)
    usable[usable] &= ~shapely.is_missing(units.shapes[at[usable]])
    return np.flatnonzero(usable), at[usable]


def _holders(shapes: NDArray[np.object_], units: Ground) -> tuple[NDArray[np.object_], Floats]:
    """The unit that holds most of each shape (``""`` if none does), and the share that it holds."""
    held = np.zeros(len(shapes))
    found = np.full(len(shapes), "", dtype=object)
    row, unit = units.tree.query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[row], units.shapes[unit])) / shapely.area(shapes[row])
    order = np.lexsort((-unit, share, row))
    row, unit, share = row[order], unit[order], share[order]
    last = np.r_[row[1:] != row[:-1], True] if len(row) else np.zeros(0, dtype=bool)
    last &= share > 0
    found[row[last]] = units.ids[unit[last]]
    held[row[last]] = share[last]
    return found, held
