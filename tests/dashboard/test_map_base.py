"""Where a map begins to look."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

from dashboard.maps.base import bounds_of, city_bounds
from data.schemas import UNITS


def test_one_wrong_coordinate_does_not_make_the_city_a_speck() -> None:
    units = UNITS.frame([{"unit_id": "C", "name": "县", "kind": "county", "geometry": box(112.0, 30.0, 112.4, 30.4)}])
    lon, lat = np.array([112.1, 112.2, 99.0, np.nan]), np.array([30.1, 30.2, 25.0, np.nan])
    west, south, east, north = city_bounds(units, lon, lat) or (0, 0, 0, 0)
    assert (west, south, east, north) == pytest.approx((112.095, 30.095, 112.205, 30.205))


def test_without_units_or_without_any_estate_inside_all_positions_count() -> None:
    lon, lat = np.array([112.1, 99.0]), np.array([30.1, 25.0])
    assert city_bounds(UNITS.empty(), lon, lat) == bounds_of(lon, lat)
    elsewhere = UNITS.frame([{"unit_id": "C", "name": "县", "kind": "county", "geometry": box(1, 1, 2, 2)}])
    assert city_bounds(elsewhere, lon, lat) == bounds_of(lon, lat)
