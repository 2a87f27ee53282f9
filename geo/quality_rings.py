"""What can be said of one boundary by itself: broken rings, parts, tails, outlines that nobody surveyed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import Floats
from geo.errors import InputError
from geo.quality_ground import Ground, Limits, equivalent_length, equivalent_width, mended, polygon_parts
from geo.shapes import broken_ring, repaired_area

Bools = NDArray[np.bool_]


def broken(ground: Ground) -> pd.DataFrame:
    """Boundaries that are invalid as stored.

    Returns
    -------
    DataFrame
        Index id; ``reason`` (Chinese), ``lon``, ``lat`` of the place in EPSG:4490 degrees, ``before_m2`` (what the lines
        enclose), ``after_m2`` (after repair; NaN if no repair is possible), ``refused`` (why not, else "").
    """
    rows = []
    for at in np.flatnonzero(~ground.valid):
        reason, lon, lat = broken_ring(ground.raw[at])
        try:
            before, after, refused = *repaired_area(ground.raw[at]), ""
        except InputError as error:
            before, after, refused = np.nan, np.nan, error.faults[0].problem
        rows.append((ground.ids[at], reason, lon, lat, before, after, refused))
    columns = ["id", "reason", "lon", "lat", "before_m2", "after_m2", "refused"]
    return pd.DataFrame(rows, columns=columns).set_index("id")


def self_touching(ground: Ground) -> Bools:
    """Whether the rings of a valid boundary touch each other at points (a hole at the outline, two parts at a corner)."""
    result = np.zeros(len(ground), dtype=bool)
    several = shapely.get_num_interior_rings(ground.shapes) > 0
    several |= shapely.get_num_geometries(ground.shapes) > 1
    several &= ground.valid
    result[several] = ~shapely.is_simple(shapely.boundary(ground.shapes[several]))
    return result


def n_corners(ground: Ground) -> NDArray[np.int64]:
    """Different corners of each boundary's outlines (holes left out), as stored."""
    parts, row = shapely.get_parts(ground.raw, return_index=True)
    rings = shapely.get_exterior_ring(parts)
    counts = np.maximum(shapely.get_num_points(shapely.remove_repeated_points(rings)) - 1, 0)
    return np.bincount(row, weights=counts, minlength=len(ground)).astype(np.int64)


def parts(ground: Ground, limits: Limits) -> pd.DataFrame:
    """Parts of boundaries that are tiny or far from the largest part.

    Returns
    -------
    DataFrame
        One row a boundary with such parts, index id: ``n_parts``, ``n_tiny``, ``tiny_m2`` (together), ``n_far``,
        ``far_m`` (of the farthest), ``west`` … ``north`` of these parts (degrees).
    """
    rows = np.flatnonzero(shapely.get_num_geometries(ground.shapes) > 1)
    found, odd = [], []
    for at in rows:
        pieces = shapely.get_parts(ground.shapes[at])
        area = shapely.area(pieces)
        main = int(np.argmax(area))
        distance = shapely.distance(pieces, pieces[main])
        tiny = (area < limits.tiny_part_m2) & (np.arange(len(pieces)) != main)
        far = distance > limits.part_distance_m
        if (tiny | far).any():
            furthest = float(distance[far].max()) if far.any() else 0.0
            told = (len(pieces), tiny.sum(), area[tiny].sum(), far.sum(), furthest)
            found.append((ground.ids[at], *told))
            odd.append(shapely.multipolygons(list(pieces[tiny | far])))
    table = pd.DataFrame(found, columns=["id", "n_parts", "n_tiny", "tiny_m2", "n_far", "far_m"])
    box = pd.DataFrame(ground.bounds(np.array(odd, dtype=object)), columns=["west", "south", "east", "north"])
    return pd.concat([table, box], axis=1).set_index("id")


def tails(ground: Ground, limits: Limits) -> pd.DataFrame:
    """Long narrow parts that stick out of a boundary: what is lost when it is drawn in and out again by half the width.

    Returns
    -------
    DataFrame
        One row a boundary, index id: ``length_m`` and ``width_m`` of its longest tail, ``n_tails``, ``west`` … ``north``.
    """
    half = limits.tail_width_m / 2
    drawn_in = shapely.buffer(ground.shapes, -half, join_style="mitre")
    kept = mended(shapely.buffer(drawn_in, half * 1.01, join_style="mitre"))
    pieces, row = polygon_parts(shapely.difference(ground.shapes, kept))
    length, width = equivalent_length(pieces), equivalent_width(pieces)
    # Losing a rounded corner leaves short pieces; a tail is long and itself narrow.
    chosen = (length > limits.tail_length_m) & (width < limits.tail_width_m)
    table = pd.DataFrame(
        {"at": row[chosen], "length_m": length[chosen], "width_m": width[chosen], "piece": pieces[chosen]}
    )
    table = table.sort_values(["at", "length_m"], ascending=[True, False], kind="stable")
    n_tails = table.groupby("at").size()
    table = table.drop_duplicates("at")
    box = pd.DataFrame(ground.bounds(table.pop("piece")), columns=["west", "south", "east", "north"], index=table.index)
    table = pd.concat([table.assign(n_tails=table["at"].map(n_tails)), box], axis=1)
    return table.assign(id=ground.ids[table.pop("at")]).set_index("id")


def typed_shapes(ground: Ground, limits: Limits) -> pd.Series:
    """Outlines that were typed or generated rather than surveyed, by id.

    Returns
    -------
    Series
        ``circle`` (all corners at one distance of the middle), ``square`` (four equal sides, right angles), ``box``
        (sides along the parallels and meridians), ``rounded`` (coordinates with few decimals) or ``""``.
    """
    result = np.full(len(ground), "", dtype=object)
    single = (shapely.get_num_geometries(ground.shapes) == 1) & (
        shapely.get_num_interior_rings(shapely.get_geometry(ground.shapes, 0)) == 0
    )
    rows = np.flatnonzero(single & ground.valid)
    rings = shapely.remove_repeated_points(shapely.get_exterior_ring(shapely.get_geometry(ground.shapes[rows], 0)))
    corners = shapely.get_num_points(rings) - 1
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    degrees_, degree_owner = shapely.get_coordinates(ground.raw[rows], return_index=True)
    scaled = degrees_ * 10.0**limits.decimals
    rough = np.abs(scaled - np.round(scaled)).max(axis=1) > 1e-6 if len(scaled) else np.zeros(0, dtype=bool)
    rounded = np.bincount(degree_owner[rough], minlength=len(rows)) == 0
    circle = (corners >= 12) & (_radius_spread(rings, xy, owner) < limits.round_share)
    four = corners == 4
    box = np.zeros(len(rows), dtype=bool)
    square = np.zeros(len(rows), dtype=bool)
    hull = shapely.area(shapely.envelope(ground.raw[rows[four]]))
    box[four] = shapely.area(ground.raw[rows[four]]) >= (1 - limits.round_share) * hull
    square[four] = _is_square(shapely.get_coordinates(rings[four]).reshape(-1, 5, 2), limits.round_share)
    for name, chosen in (("rounded", rounded), ("box", box), ("square", square), ("circle", circle)):
        result[rows[chosen]] = name
    return pd.Series(result, index=pd.Index(ground.ids, dtype=object), dtype=object)


def _radius_spread(rings: NDArray[np.object_], xy: Floats, owner: NDArray[np.int64]) -> Floats:
    """How much the corners' distance from the middle varies, as a share of it."""
    if not len(rings):
        return np.zeros(0)
    middle = shapely.get_coordinates(shapely.centroid(shapely.polygons(rings)))
    radius = np.hypot(*(xy - middle[owner]).T)
    low, high = np.full(len(rings), np.inf), np.zeros(len(rings))
    np.minimum.at(low, owner, radius)
    np.maximum.at(high, owner, radius)
    return np.asarray((high - low) / np.where(high > 0, high, 1.0), dtype=np.float64)


def _is_square(corners: Floats, tolerance: float) -> Bools:
    """Of closed rings of four corners, shape ``(n, 5, 2)``."""
    sides = np.diff(corners, axis=1)
    length = np.hypot(sides[..., 0], sides[..., 1])
    mean = length.mean(axis=1, keepdims=True)
    equal = (np.abs(length - mean) <= tolerance * mean).all(axis=1)
    dot = (sides * np.roll(sides, -1, axis=1)).sum(axis=2) / np.maximum(mean**2, 1e-12)
    return np.asarray(equal & (np.abs(dot) <= tolerance).all(axis=1), dtype=bool)
