"""Regions (several boundaries under one contract): ground enclosed but not held, and pieces that lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE_CRS
from geo.quality_ground import Ground, Limits, polygon_parts
from geo.quality_pairs import BOX


def unions(ground: Ground, group: Mapping[Any, str]) -> Ground:
    """The ground of each group of boundaries (region) as one shape.

    Parameters
    ----------
    group
        Id of the boundary → id of its group; boundaries without one are left out.

    Returns
    -------
    Ground
        By id of the group; ``raw`` holds the metric shapes too, as a union was never stored.
    """
    keys = np.array([group.get(key) for key in ground.ids], dtype=object)
    known = np.array([key is not None for key in keys], dtype=bool) & ~shapely.is_missing(ground.shapes)
    rows = np.flatnonzero(known)
    order = rows[np.argsort(keys[rows].astype(str), kind="stable")]
    names, first, counts = np.unique(keys[order].astype(str), return_index=True, return_counts=True)
    shapes = ground.shapes[order[first]].copy()
    for at in np.flatnonzero(counts > 1):
        members = order[first[at] : first[at] + counts[at]]
        shapes[at] = shapely.union_all(ground.shapes[members])
    return Ground(names.astype(object), shapes, shapes, ground.crs)


def holes(regions: Ground, estates: Ground, limits: Limits) -> pd.DataFrame:
    """Ground that a region encloses and does not hold.

    Returns
    -------
    DataFrame
        One row a region, index id: ``n_holes``, ``area_m2`` (together), ``largest_m2``, ``held_m2`` (of all holes, held by
        estates of other regions), ``west`` … ``north`` of the largest hole (degrees).
    """
    parts, row = polygon_parts(regions.shapes)
    counts = shapely.get_num_interior_rings(parts)
    owner = np.repeat(row, counts)
    rings = [shapely.get_interior_ring(part, k) for part, n in zip(parts, counts, strict=True) for k in range(n)]
    found = np.asarray(shapely.polygons(np.asarray(rings, dtype=object)), dtype=object).reshape(-1)
    kept = shapely.area(found) > limits.hole_m2
    found, owner = found[kept], owner[kept]
    hole, estate = estates.tree.query(found, predicate="intersects")
    held = np.zeros(len(found))
    common = shapely.area(shapely.intersection(found[hole], estates.shapes[estate]))
    np.add.at(held, hole, common)
    table = pd.DataFrame(
        {"row": owner, "area_m2": shapely.area(found), "held_m2": np.minimum(held, shapely.area(found))}
    )
    table = pd.concat([table, pd.DataFrame(regions.bounds(found), columns=BOX)], axis=1)
    table = table.sort_values(["row", "area_m2"], ascending=[True, False], kind="stable")
    grouped = table.groupby("row", sort=True)
    result = grouped.agg(
        n_holes=("area_m2", "size"), area_m2=("area_m2", "sum"), largest_m2=("area_m2", "first"),
        held_m2=("held_m2", "sum"), west=("west", "first"), south=("south", "first"), east=("east", "first"),
        north=("north", "first"),
    )  # fmt: skip
    result.index = pd.Index(regions.ids[result.index.to_numpy(dtype=np.int64)], name="id", dtype=object)
    return result


def pieces_apart(regions: Ground, members: Mapping[str, list[int]], ground: Ground, limits: Limits) -> pd.DataFrame:
    """Regions whose boundaries lie in pieces farther apart than ``piece_distance_m``.

    Each estate that keeps farther than that from every other one of its region (or group of them) makes a piece; the
    parts of one boundary are not looked at here (see `geo.quality_rings.parts`).

    Parameters
    ----------
    members
        Id of the region → rows of its boundaries in ``ground``.

    Returns
    -------
    DataFrame
        One row a region, index id: ``n_pieces``, ``apart_m`` (longest of the shortest ways that join the pieces),
        ``west`` … ``north`` of the whole region (degrees).
    """
    found = []
    for region, rows in members.items():
        if len(rows) < 2:
            continue
        shapes = ground.shapes[rows]
        joins = _joining_ways(shapes)
        far = joins > limits.piece_distance_m
        if far.any():
            found.append((region, int(far.sum()) + 1, float(joins.max())))
    table = pd.DataFrame(found, columns=["id", "n_pieces", "apart_m"])
    at = [regions.row[region] for region in table["id"]]
    box = pd.DataFrame(regions.bounds(regions.shapes[at]), columns=BOX)
    return pd.concat([table, box], axis=1).set_index("id")


def _joining_ways(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Lengths of the ways of a shortest tree that joins all shapes (Prim)."""
    best = shapely.distance(shapes, shapes[0])
    outside = np.ones(len(shapes), dtype=bool)
    outside[0] = False
    ways = []
    while outside.any():
        rows = np.flatnonzero(outside)
        nearest = int(rows[np.argmin(best[rows])])
        ways.append(float(best[nearest]))
        outside[nearest] = False
        best = np.minimum(best, shapely.distance(shapes, shapes[nearest]))
    return np.array(ways)


def as_series(regions: Ground) -> gpd.GeoSeries:
    """The regions' shapes (metres) by id, for tests and maps."""
    return gpd.GeoSeries(list(regions.shapes), index=list(regions.ids), crs=regions.crs).to_crs(STORAGE_CRS)
