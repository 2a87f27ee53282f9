"""Repair of shapes, and points in units."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo.crs import Datum, from_storage
from geo.errors import InputError
from geo.shapes import area_m2, join_units, move_to_storage, repair


def _units(**shapes: object) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=pd.Index(list(shapes), dtype=object), crs="EPSG:4490")


def _mesh(n: int, size: float = 0.01, lon: float = 112.0, lat: float = 30.0) -> gpd.GeoSeries:
    cells = {f"S{i:02d}{j:02d}": box(lon + i * size, lat + j * size, lon + (i + 1) * size, lat + (j + 1) * size)
             for i in range(n) for j in range(n)}  # fmt: skip
    return _units(**cells)


def test_valid_shape_is_left_alone() -> None:
    square = box(112, 30, 112.01, 30.01)
    assert repair(square) == (square, None)


def test_bow_tie_keeps_both_lobes_and_is_listed() -> None:
    tie = Polygon([(112, 30), (112.01, 30.01), (112.01, 30), (112, 30.01)])
    mended, note = repair(tie)
    assert mended.is_valid and mended.geom_type == "MultiPolygon"
    assert mended.area == pytest.approx(2 * 0.5 * 0.01 * 0.005)
    assert note is not None and "自相交" in note and "面积不变" in note


def test_self_touching_ring_with_a_spike_says_how_the_area_changed() -> None:
    ring = Polygon([(112, 30), (112.01, 30), (112.01, 30.01), (112.005, 30.01), (112.005, 30.02), (112.005, 30.01),
                    (112, 30.01)])  # fmt: skip
    mended, note = repair(ring)
    assert mended.area == pytest.approx(1e-4)
    assert note is not None


def test_repair_that_would_invent_a_shape_is_refused() -> None:
    hole_across = box(112.001, 30.001, 112.009, 30.02).exterior.coords
    with pytest.raises(InputError, match="面积变化"):
        repair(Polygon(box(112, 30, 112.01, 30.01).exterior, [hole_across]))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "图形为空"),
        (Polygon(), "图形为空"),
        (Polygon([(112, 30), (112.01, 30), (np.nan, 30.01)]), "非数字"),
        (Point(np.inf, 30), "非数字"),
        (Polygon([(112, 30), (112.01, 30), (112.02, 30)]), "面积为零"),
    ],
)
def test_hopeless_shapes_are_refused_with_a_remedy(shape: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        repair(shape)
    assert error.value.faults[0].remedy


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=4, max_size=9))
def test_any_ring_is_repaired_or_refused(corners: list[tuple[int, int]]) -> None:
    ring = Polygon([(112 + x / 1000, 30 + y / 1000) for x, y in corners])
    try:
        mended, note = repair(ring)
    except InputError:
        return
    assert mended.is_valid and mended.geom_type in ("Polygon", "MultiPolygon")
    assert (note is None) == ring.is_valid


def test_area_is_the_geodesic_one() -> None:
    shapes = [box(112, 30, 112.01, 30.01), box(112.1, 30.2, 112.11, 30.22), None]
    true = [abs(Geod(ellps="GRS80").geometry_area_perimeter(s)[0]) for s in shapes[:2]]
    np.testing.assert_allclose(area_m2(np.array(shapes, dtype=object))[:2], true, rtol=1e-3)
    assert area_m2(np.array(shapes, dtype=object))[2] == 0


def test_every_vertex_moves_and_heights_go() -> None:
    line = LineString([(112, 30, 5), (112.1, 30.1, 7)])
    moved = move_to_storage(np.array([line, None], dtype=object), Datum.GCJ02)
    assert moved[1] is None and not moved[0].has_z
    back = from_storage(*np.array(moved[0].coords).T, Datum.GCJ02)
    np.testing.assert_allclose(np.array(back).T, np.array(line.coords)[:, :2], atol=1e-9)


def test_estate_on_a_border_gets_the_lower_street_id() -> None:
    units = _units(b=box(112, 30, 112.01, 30.01), a=box(112.01, 30, 112.02, 30.01))
    found = join_units([112.01, 112.005, 112.015, 113, np.nan], [30.005] * 5, units)
    assert found.tolist() == ["a", "b", "a", None, None]


def test_points_in_overlapping_units_get_the_lower_id_whatever_the_row_order() -> None:
    units = _units(z=box(112, 30, 112.01, 30.01), y=box(112, 30, 112.02, 30.01), x=None)
    for order in (["z", "y", "x"], ["y", "x", "z"]):
        assert join_units([112.005], [30.005], units.loc[order]).tolist() == ["y"]


@given(st.lists(st.tuples(st.floats(111.99, 112.05), st.floats(29.99, 30.05)), min_size=1, max_size=30))
def test_join_is_what_a_loop_over_all_polygons_gives(places: list[tuple[float, float]]) -> None:
    units = _mesh(4)
    found = join_units(*np.array(places).T, units)
    for place, unit in zip(places, found, strict=True):
        holders = sorted(i for i, shape in units.items() if shape.intersects(Point(place)))
        assert unit == (holders[0] if holders else None)


def test_repair_takes_shapes_of_several_parts() -> None:
    tie = Polygon([(112, 30), (112.01, 30.01), (112.01, 30), (112, 30.01)])
    mended, note = repair(MultiPolygon([tie, box(112.1, 30, 112.11, 30.01)]))
    assert mended.is_valid and len(shapely.get_parts(mended)) == 3 and note is not None
