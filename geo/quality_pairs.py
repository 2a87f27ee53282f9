"""What two boundaries have in common: ground, slivers, strips left between them, the same outline twice."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import Floats
from geo.quality_ground import Ground, Limits, equivalent_length, equivalent_width, mended, polygon_parts

Ints = NDArray[np.int64]
BOX: Final = ["west", "south", "east", "north"]
_STEP_M: Final = 4.0
"""Distance of the places along an outline at which the way to the neighbour is measured."""
_TOUCHING_M: Final = 0.02
"""Outlines nearer to each other than this touch."""


def overlaps(ground: Ground, limits: Limits) -> pd.DataFrame:
    """Pairs of boundaries that claim the same ground, more than ``overlap_m2`` of it.

    Returns
    -------
    DataFrame
        Sorted by ``a``, ``b`` (ids, ``a < b``): ``area_m2`` and ``width_m`` (of the widest part) of the common ground,
        ``share_a``, ``share_b`` of each, ``how``: ``same`` (one boundary twice), ``a_in_b``, ``b_in_a``, ``sliver``
        (narrower than ``sliver_width_m``), else ``overlap``; ``west`` … ``north`` of the common ground (degrees).
    """
    i, j = near_pairs(ground, 0.0)
    common = shapely.intersection(ground.shapes[i], ground.shapes[j])
    area = shapely.area(common)
    kept = area > limits.overlap_m2
    i, j, common, area = i[kept], j[kept], common[kept], area[kept]
    share_i, share_j = area / ground.area_m2[i], area / ground.area_m2[j]
    together = ground.area_m2[i] + ground.area_m2[j] - area
    width = _widest(common)
    how = np.select(
        [area >= limits.same_share * together, share_i >= limits.contained_share, share_j >= limits.contained_share,
         width < limits.sliver_width_m],
        ["same", "a_in_b", "b_in_a", "sliver"],
        default="overlap",
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "a": ground.ids[i],
            "b": ground.ids[j],
            "area_m2": area,
            "width_m": width,
            "share_a": share_i,
            "share_b": share_j,
            "how": how.astype(object),
        }
    )
    return pd.concat([table, pd.DataFrame(ground.bounds(common), columns=BOX)], axis=1)


def near_pairs(ground: Ground, distance_m: float) -> tuple[Ints, Ints]:
    """Rows ``i < j``, sorted, of boundaries at most so far from each other."""
    if not len(ground):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    # Part by part: the box of a boundary in two far parts would meet every box between them.
    parts, row = polygon_parts(ground.shapes)
    tree = shapely.STRtree(parts)
    if distance_m > 0:
        a, b = tree.query(parts, predicate="dwithin", distance=distance_m)
    else:
        a, b = tree.query(parts, predicate="intersects")
    once = row[a] < row[b]
    pairs = np.unique(np.column_stack([row[a[once]], row[b[once]]]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def strips(ground: Ground, width_m: float, length_m: float, *, pairs: tuple[Ints, Ints] | None = None) -> pd.DataFrame:
    """Strips between two boundaries that run alongside, narrower than a width and longer than a length.

    The two are grown by half the width and shrunk again together: what is filled then and held by neither is the strip.

    Parameters
    ----------
    width_m, length_m
        Widest and shortest strip that counts.
    pairs
        Rows to look at; by default all pairs within the width.

    Returns
    -------
    DataFrame
        Sorted by ``a``, ``b`` (ids, ``a < b``): ``area_m2`` and ``length_m`` of all strips of the pair, ``width_m`` (mean
        of the longest), ``west`` … ``north`` (degrees).
    """
    i, j = near_pairs(ground, width_m) if pairs is None else pairs
    asked = _alongside(ground, i, j, width_m, length_m)
    i, j = i[asked], j[asked]
    # Every point of a strip is near both, so only the ground round both boxes matters.
    reach = shapely.intersection(_boxes(ground.shapes[i], 2 * width_m), _boxes(ground.shapes[j], 2 * width_m))
    both = shapely.union(shapely.intersection(ground.shapes[i], reach), shapely.intersection(ground.shapes[j], reach))
    filled = mended(shapely.buffer(shapely.buffer(both, width_m / 2, quad_segs=4), -width_m / 2, quad_segs=4))
    # A hair is taken off, so that what the rounding of the corners leaves falls apart.
    pieces, row = polygon_parts(shapely.difference(filled, mended(shapely.buffer(both, _TOUCHING_M / 2))))
    length, width = equivalent_length(pieces), equivalent_width(pieces)
    chosen = (length > length_m) & (width < width_m)
    found = pd.DataFrame(
        {
            "row": row[chosen],
            "area_m2": shapely.area(pieces[chosen]),
            "length_m": length[chosen],
            "width_m": width[chosen],
        }
    )
    box = pd.DataFrame(ground.bounds(pieces[chosen]), columns=BOX, index=found.index)
    found = pd.concat([found, box], axis=1).sort_values(["row", "length_m"], ascending=[True, False], kind="stable")
    grouped = found.groupby("row", sort=True)
    table = grouped.agg(
        area_m2=("area_m2", "sum"), length_m=("length_m", "sum"), width_m=("width_m", "first"),
        west=("west", "min"), south=("south", "min"), east=("east", "max"), north=("north", "max"),
    )  # fmt: skip
    at = table.index.to_numpy(dtype=np.int64)
    table.insert(0, "b", ground.ids[j[at]])
    table.insert(0, "a", ground.ids[i[at]])
    return table.reset_index(drop=True)


def _alongside(ground: Ground, i: Ints, j: Ints, width_m: float, length_m: float) -> NDArray[np.bool_]:
    """Pairs where the shorter outline keeps near the other one without touching it for long enough: worth the buffers."""
    if not len(i):
        return np.zeros(0, dtype=bool)
    # Only the part of one outline that lies in the other's box can be near it.
    lines = shapely.intersection(shapely.boundary(ground.shapes[i]), _boxes(ground.shapes[j], width_m))
    lines = shapely.segmentize(lines, _STEP_M)
    xy, pair = shapely.get_coordinates(lines, return_index=True)
    away = shapely.distance(shapely.points(xy), ground.shapes[j][pair])
    near = np.bincount(pair[(away > _TOUCHING_M) & (away <= width_m)], minlength=len(i))
    # Corners are places too, so a count of places says at least so much of the length when steps are short.
    return np.asarray(near >= max(2, int(length_m / _STEP_M / 2)), dtype=bool)


def _boxes(shapes: NDArray[np.object_], wider_m: float) -> NDArray[np.object_]:
    """The box of each shape, wider on every side."""
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    return np.asarray(
        shapely.box(west - wider_m, south - wider_m, east + wider_m, north + wider_m), dtype=object
    ).reshape(-1)


def same_points(x: Floats, y: Floats, distance_m: float) -> list[Ints]:
    """Groups of rows whose positions (metres) are chained by steps of at most a distance; NaN rows are in none."""
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(usable):
        return []
    # Each place once: thousands of estates at one default position would make millions of pairs.
    places, spot = np.unique(np.column_stack([x[usable], y[usable]]), axis=0, return_inverse=True)
    points = np.asarray(shapely.points(places), dtype=object)
    i, j = shapely.STRtree(points).query(points, predicate="dwithin", distance=distance_m)
    n = len(places)
    _, chain = connected_components(coo_array((np.ones(len(i), dtype=bool), (i, j)), shape=(n, n)), directed=False)
    group = chain[spot.reshape(-1)]
    order = np.argsort(group, kind="stable")
    parts = np.split(usable[order], np.flatnonzero(np.diff(group[order])) + 1)
    return sorted((part for part in parts if len(part) > 1), key=lambda part: int(part[0]))


def _widest(shapes: NDArray[np.object_]) -> Floats:
    """Diameter of the largest circle within each shape: its width where it is widest."""
    pieces, row = polygon_parts(shapes)
    result = np.zeros(len(shapes))
    if len(pieces):
        # To a twentieth of a metre; for large ones a part of their size is near enough and much faster.
        tolerance = np.maximum(0.05, np.sqrt(shapely.area(pieces)) / 400)
        radius = shapely.length(shapely.maximum_inscribed_circle(pieces, tolerance))
        np.maximum.at(result, row, 2 * radius)
    return result
