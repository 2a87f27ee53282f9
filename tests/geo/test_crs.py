"""Datum shifts, the metric plane, and positions that cannot be."""

from __future__ import annotations

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.crs import (
    CHINA_BOX,
    Datum,
    from_metric,
    from_storage,
    metric_crs,
    position_fault,
    position_kinds,
    to_metric,
    to_storage,
)

GEOD = Geod(ellps="GRS80")
LON = st.floats(74, 135)
LAT = st.floats(18, 53)


def _metres(a: tuple, b: tuple) -> np.ndarray:
    return np.asarray(GEOD.inv(a[0], a[1], b[0], b[1])[2])


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    return rng.uniform(74, 135, 20_000), rng.uniform(18, 53, 20_000)


@pytest.mark.parametrize("datum", list(Datum))
def test_round_trip_is_below_a_tenth_of_a_millimetre(datum: Datum, points: tuple) -> None:
    back = from_storage(*to_storage(*points, datum), datum)
    assert _metres(points, back).max() < 1e-4
    there = to_storage(*from_storage(*points, datum), datum)
    assert _metres(points, there).max() < 1e-4


def test_forward_formulas_are_those_of_prcoords(points: tuple) -> None:
    lon, lat = points[0][:500], points[1][:500]
    for datum, reference in ((Datum.GCJ02, prcoords.wgs_gcj), (Datum.BD09, prcoords.wgs_bd)):
        expected = np.array([reference((y, x)) for x, y in zip(lon, lat, strict=True)])
        mine = from_storage(lon, lat, datum)
        np.testing.assert_allclose(mine[0], expected[:, 1], rtol=0, atol=1e-11)
        np.testing.assert_allclose(mine[1], expected[:, 0], rtol=0, atol=1e-11)


def test_inverse_agrees_with_prcoords_careful_inverse(points: tuple) -> None:
    lon, lat = points[0][:500], points[1][:500]
    for datum, reference, within_m in (
        (Datum.GCJ02, prcoords.gcj_wgs_bored, 0.01),
        (Datum.BD09, prcoords.bd_wgs_bored, 0.05),
    ):
        expected = np.array([reference((y, x)) for x, y in zip(lon, lat, strict=True)])
        mine = to_storage(lon, lat, datum)
        assert _metres(mine, (expected[:, 1], expected[:, 0])).max() < within_m


def test_shift_is_as_large_as_the_city_offsets_say(points: tuple) -> None:
    """D1: 499–603 m for GCJ-02 and 1,187–1,289 m for BD-09 in the five cities; here around 116.5 E, 31.7 N."""
    lon, lat = np.array([116.5]), np.array([31.7])
    assert 499 <= _metres((lon, lat), from_storage(lon, lat, Datum.GCJ02))[0] <= 603
    assert 1187 <= _metres((lon, lat), from_storage(lon, lat, Datum.BD09))[0] <= 1289


@given(LON, LAT, st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_any_position_comes_back(lon: float, lat: float, datum: Datum) -> None:
    x, y = from_storage([lon], [lat], datum)
    back = to_storage(x, y, datum)
    assert _metres((np.array([lon]), np.array([lat])), back)[0] < 1e-3


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=8))
def test_positions_do_not_depend_on_their_neighbours(places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places).T
    together = to_storage(lon, lat, Datum.BD09)
    for at in range(len(lon)):
        alone = to_storage(lon[at : at + 1], lat[at : at + 1], Datum.BD09)
        assert abs(alone[0][0] - together[0][at]) < 1e-9
        assert abs(alone[1][0] - together[1][at]) < 1e-9


def test_nan_stays_nan_and_harms_nobody() -> None:
    lon, lat = np.array([np.nan, 116.4, 116.4]), np.array([39.9, np.nan, 39.9])
    for datum in Datum:
        x, y = to_storage(lon, lat, datum)
        assert np.isnan(x[0]) and np.isnan(y[1])
        assert np.isfinite([x[2], y[2]]).all()
    x, y = to_metric(lon, lat, metric_crs(116.4))
    assert np.isnan(x[:2]).all() and np.isnan(y[:2]).all() and np.isfinite(x[2])


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_positions_outside_the_formulas_china_are_untouched(datum: Datum) -> None:
    lon, lat = np.array([2.35, -73.9, 151.2]), np.array([48.85, 40.7, -33.9])
    for convert in (to_storage, from_storage):
        x, y = convert(lon, lat, datum)
        np.testing.assert_array_equal(x, lon)
        np.testing.assert_array_equal(y, lat)


def test_inputs_are_not_edited() -> None:
    lon, lat = np.array([116.4]), np.array([39.9])
    to_storage(lon, lat, Datum.WGS84)[0][0] = 0
    to_storage(lon, lat, Datum.GCJ02)
    assert (lon[0], lat[0]) == (116.4, 39.9)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shape"):
        to_storage([1.0, 2.0], [1.0], Datum.GCJ02)


@pytest.mark.parametrize(("lon", "epsg"), [(75.0, 4534), (111.2, 4546), (116.4, 4548), (121.5, 4549), (135.0, 4554)])
def test_metric_crs_is_the_zone_of_the_nearest_meridian(lon: float, epsg: int) -> None:
    assert metric_crs(lon).to_epsg() == epsg


@pytest.mark.parametrize("lon", [10.0, 180.0, float("nan")])
def test_metric_crs_refuses_longitudes_without_a_zone(lon: float) -> None:
    with pytest.raises(ValueError, match="no CGCS2000"):
        metric_crs(lon)


@given(st.floats(111, 113), LAT, st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_distances_in_the_plane_are_geodesic_ones(lon: float, lat: float, east: float, north: float) -> None:
    """Scale error of a 3° zone stays below 4e-4 within 1.5° of its meridian."""
    ends = np.array([lon, lon + east]), np.array([lat, lat + north])
    x, y = to_metric(*ends, metric_crs(lon))
    true = GEOD.inv(lon, lat, lon + east, lat + north)[2]
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(true, rel=5e-4, abs=1e-3)


def test_plane_has_x_east_and_y_north_and_comes_back() -> None:
    crs = metric_crs(117)
    x, y = to_metric([117.0, 117.1, 117.0], [32.0, 32.0, 32.1], crs)
    assert x[1] > x[0] and abs(y[1] - y[0]) < 100
    assert y[2] > y[0] and abs(x[2] - x[0]) < 1e-6
    lon, lat = from_metric(x, y, crs)
    np.testing.assert_allclose(lon, [117.0, 117.1, 117.0], atol=1e-10)
    np.testing.assert_allclose(lat, [32.0, 32.0, 32.1], atol=1e-10)


def test_position_faults_are_told_apart() -> None:
    lon = [116.4, 39.9, np.nan, 39_500_000.0, 2.35, 116.4]
    lat = [39.9, 116.4, 39.9, 3_500_000.0, 48.85, np.inf]
    assert list(position_kinds(lon, lat)) == ["", "swapped", "missing", "projected", "outside", "missing"]
    assert position_fault(116.4, 39.9) is None
    problem, remedy = position_fault(39.9, 116.4)
    assert "填反" in problem and "对调" in remedy


@given(st.floats(CHINA_BOX[0], CHINA_BOX[1]), st.floats(CHINA_BOX[2], CHINA_BOX[3]))
def test_every_swapped_position_is_recognised(lon: float, lat: float) -> None:
    assert position_kinds([lon], [lat])[0] == ""
    assert position_kinds([lat], [lon])[0] == "swapped"
