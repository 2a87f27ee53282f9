"""Outlines round groups of points, for maps and GIS files."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo.crs import from_metric, metric_crs, to_metric


def hull(lon: ArrayLike, lat: ArrayLike, margin_m: float) -> shapely.Geometry:
    """Convex hull of the points, widened by a margin with round corners.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``; points without a position (NaN) are passed over.
    margin_m
        Metres round the hull.

    Returns
    -------
    Geometry
        Polygon in EPSG:4490; an empty polygon when no point has a position.
    """
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return shapely.Polygon()
    crs = metric_crs(float(x[known].mean()))
    points = shapely.multipoints(np.column_stack(to_metric(x[known], y[known], crs)))
    outline = shapely.buffer(shapely.convex_hull(points), margin_m, quad_segs=6)
    ring = shapely.get_coordinates(outline)
    return shapely.Polygon(np.column_stack(from_metric(ring[:, 0], ring[:, 1], crs)))
