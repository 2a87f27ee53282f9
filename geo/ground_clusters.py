"""Residential land where no map says so: buildings that people live in, grouped by distance within blocks of roads."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.ground_taken import Shapes, Taken, grouped

LINK_M: Final = 50.0
"""Houses no farther apart than this, with no road, railway or water between them, are neighbours: rows of tall slabs
stand about 1.1 times their height apart, 50 m for 16 storeys (GB 50180)."""
MARGIN_M: Final = 8.0
"""Yard round the outer walls that counts to the land."""
LEAST_FOOTPRINT_M2: Final = 250.0
"""Groups with less built-up ground than this are lone houses, not estates."""
SOLID: Final = 0.7
"""Share of its convex hull that a group must fill to get the hull as its land; measured on a city of known plots."""


def clusters(buildings: Shapes, taken: Taken, elsewhere: Shapes) -> tuple[Shapes, int]:
    """Land of groups of buildings: their outline with a margin, cut at roads, railways and water.

    The outline closes gaps of up to 66 m (half the link and the margin on both sides); where it nearly fills its convex
    hull the hull is taken.

    Parameters
    ----------
    buildings
        Footprints in metres, in a fixed order.
    taken
        Ground of roads, railways and water.
    elsewhere
        Land that is known already, metres: it is left out of the outlines.

    Returns
    -------
    tuple
        One polygon for each part of a group, and the number of lone buildings left out.
    """
    if not len(buildings):
        return np.empty(0, dtype=object), 0
    label = _groups(buildings, taken)
    size = np.bincount(label, weights=shapely.area(buildings))
    kept = size[label] >= LEAST_FOOTPRINT_M2
    rows = np.flatnonzero(kept)
    outlines, members = [], []
    wide = shapely.buffer(buildings[rows], LINK_M / 2 + MARGIN_M, join_style="mitre", mitre_limit=2.0)
    for _, group in grouped(label[rows], np.arange(len(rows))):
        outlines.append(shapely.union_all(wide[group]))
        members.append(rows[group])
    hulls = shapely.buffer(np.array(outlines, dtype=object), -LINK_M / 2, join_style="mitre", mitre_limit=2.0)
    # Groups that nearly fill their convex hull get it: compounds have straight walls. Others (an L) keep their own outline.
    convex = shapely.convex_hull(hulls)
    hulls = np.where(shapely.area(hulls) >= SOLID * shapely.area(convex), convex, hulls)
    hulls = _without(taken.cut_from(hulls), elsewhere)
    parts, owner = shapely.get_parts(hulls, return_index=True)
    polygons = shapely.get_type_id(parts) == 3
    parts, owner = parts[polygons], owner[polygons]
    # A part on the far side of a road that holds none of the group's houses is only margin.
    inner = shapely.point_on_surface(buildings)
    lived = [bool(shapely.intersects(part, inner[members[of]]).any()) for part, of in zip(parts, owner, strict=True)]
    return parts[np.array(lived, dtype=bool)], int((~kept).sum())


def _groups(buildings: Shapes, taken: Taken) -> NDArray[np.int64]:
    tree = shapely.STRtree(buildings)
    one, other = tree.query(buildings, predicate="dwithin", distance=LINK_M)
    first = one < other
    one, other = one[first], other[first]
    linked = ~taken.between(buildings[one], buildings[other])
    n = len(buildings)
    graph = coo_matrix((np.ones(int(linked.sum())), (one[linked], other[linked])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _without(shapes: Shapes, others: Shapes) -> Shapes:
    result = shapes.copy()
    if len(others):
        shape, other = shapely.STRtree(others).query(shapes, predicate="intersects")
        for row, near in grouped(shape, other):
            result[row] = shapely.difference(shapes[row], shapely.union_all(others[near]))
    return result
