"""The datum that fits best: a wrong one is named, the right one is silent."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from geo.crs import Datum, from_storage
from geo.datum_fit import datum_fit, datum_fit_lines, datum_fit_pairs
from geo.shapes import join_units, move_to_storage


def _units(**shapes: object) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=pd.Index(list(shapes), dtype=object), crs="EPSG:4490")


def _mesh(n: int, size: float = 0.01, lon: float = 112.0, lat: float = 30.0) -> gpd.GeoSeries:
    cells = {f"S{i:02d}{j:02d}": box(lon + i * size, lat + j * size, lon + (i + 1) * size, lat + (j + 1) * size)
             for i in range(n) for j in range(n)}  # fmt: skip
    return _units(**cells)


@pytest.mark.parametrize("true", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("said", [Datum.WGS84, Datum.GCJ02, Datum.BD09, Datum.CGCS2000])
def test_wrong_datum_is_named_and_right_one_is_silent(true: Datum, said: Datum) -> None:
    """Points spread over a mesh of streets of about 1 km, each naming its street."""
    rng = np.random.default_rng(3)
    units = _mesh(8)
    lon, lat = 112 + rng.uniform(0, 0.08, 200), 30 + rng.uniform(0, 0.08, 200)
    named = [frozenset({unit}) for unit in join_units(lon, lat, units)]
    x, y = from_storage(lon, lat, true)
    fit = datum_fit(x, y, said, units, named)
    right = {true, Datum.CGCS2000} if not true.shifted else {true}
    assert fit.n_points == 200
    assert fit.likely == (None if said in right else true)
    assert max(fit.hits.values()) == 200


def test_points_without_words_count_inside_any_unit() -> None:
    rng = np.random.default_rng(4)
    lon, lat = 112 + rng.uniform(0, 0.02, 300), 30 + rng.uniform(0, 0.02, 300)
    fit = datum_fit(*from_storage(lon, lat, Datum.BD09), Datum.WGS84, _mesh(2))
    assert fit.likely is Datum.BD09 and fit.hits[Datum.BD09] == 300 and fit.hits[Datum.WGS84] < 250


def test_a_few_misplaced_points_raise_no_alarm() -> None:
    units = _units(a=box(112, 30, 112.1, 30.1))
    lon = np.r_[np.full(200, 112.05), 112.1005, 112.1005]
    fit = datum_fit(lon, np.full(202, 30.05), Datum.WGS84, units)
    assert fit.likely is None


def test_points_beside_their_named_road_name_the_datum() -> None:
    rng = np.random.default_rng(5)
    roads = _units(甲路=LineString([(112, 30), (112.1, 30)]), 乙路=LineString([(112, 30), (112, 30.1)]))
    along = 112 + rng.uniform(0.02, 0.08, 60)
    x, y = from_storage(along, np.full(60, 30.0003), Datum.BD09)
    names = ["甲路"] * 40 + [None] * 10 + ["丙路"] * 10
    fit = datum_fit_lines(x, y, Datum.WGS84, roads, names)
    assert (fit.n_points, fit.likely, fit.hits[Datum.BD09], fit.hits[Datum.WGS84]) == (40, Datum.BD09, 40, 0)
    assert datum_fit_lines(x, y, Datum.BD09, roads, names).likely is None
    assert datum_fit_lines(x, y, Datum.WGS84, roads, [None] * 60).n_points == 0


@pytest.mark.parametrize("true", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("said", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_outlines_that_should_hold_their_estates_name_the_datum(true: Datum, said: Datum) -> None:
    rng = np.random.default_rng(6)
    lon, lat = 112 + rng.uniform(0, 0.2, 50), 30 + rng.uniform(0, 0.2, 50)
    x, y = from_storage(lon, lat, true)
    outlines = move_to_storage([Point(a, b).buffer(0.001) for a, b in zip(x, y, strict=True)], said)
    fit = datum_fit_pairs(np.r_[lon, np.nan], np.r_[lat, 30], [*outlines, outlines[0]], said)
    assert (fit.n_points, fit.hits[true]) == (50, 50)
    assert fit.likely == (None if said is true else true)
