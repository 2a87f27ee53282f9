"""Shapes in metres as overlays want them: valid, without common ground, as plain polygons."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.ground_taken import Shapes, grouped
from geo.shapes import metric_shapes

_OVERLAP_M2: Final = 1.0
"""Two shapes that share less only touch."""


def plane(shapes: Shapes, crs: CRS) -> Shapes:
    """Shapes in metres; those whose rings come to touch themselves on the way are mended, for overlays refuse them."""
    moved = metric_shapes(shapes, crs)
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken], method="structure", keep_collapsed=False)
    return moved


def apart(shapes: Shapes) -> Shapes:
    """Shapes (metres) without common ground: of two that overlap the smaller keeps it, of equals the first.

    Some may be empty afterwards.
    """
    result = shapes.copy()
    if not len(shapes):
        return result
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[np.lexsort((np.arange(len(shapes)), np.round(shapely.area(shapes), 3)))] = np.arange(len(shapes))
    large, small = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    lower = rank[small] < rank[large]
    large, small = large[lower], small[lower]
    common = shapely.area(shapely.intersection(shapes[large], shapes[small])) > _OVERLAP_M2
    for row, others in grouped(large[common], small[common]):
        result[row] = shapely.difference(shapes[row], shapely.union_all(shapes[others]))
    return result


def polygons(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """The polygons that shapes (collections too) consist of, and the row each came from."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) >= 4).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    real = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return parts[real], owner[real].astype(np.int64)
