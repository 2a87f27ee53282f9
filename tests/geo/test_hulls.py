"""Outlines round groups of points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.crs import metric_crs, to_metric
from geo.hulls import hull


def _area_m2(shape: shapely.Geometry) -> float:
    ring = shapely.get_coordinates(shape)
    return shapely.Polygon(np.column_stack(to_metric(ring[:, 0], ring[:, 1], metric_crs(112.0)))).area


def test_one_point_becomes_a_disc_of_the_margin() -> None:
    assert _area_m2(hull([112.0], [30.0], 50)) == pytest.approx(np.pi * 50**2, rel=0.02)


def test_all_points_lie_inside_and_missing_positions_are_passed_over() -> None:
    lon, lat = np.array([112.0, 112.01, np.nan, 112.005]), np.array([30.0, 30.0, 30.0, 30.01])
    outline = hull(lon, lat, 10)
    known = np.isfinite(lon)
    assert shapely.contains_xy(outline, lon[known], lat[known]).all()


def test_no_position_gives_an_empty_outline() -> None:
    assert hull([np.nan], [np.nan], 10).is_empty
