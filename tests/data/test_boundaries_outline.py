"""What a person draws is checked: an area, valid, in China, of a sensible size, near its estate."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from data.boundaries import checked_outline
from geo.errors import InputError
from geo.shapes import area_m2

SQUARE = box(112.0, 30.0, 112.002, 30.002)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "没有画出边界"),
        (Polygon(), "没有画出边界"),
        (Point(112, 30), "不是面"),
        (LineString([(112, 30), (112.01, 30)]), "不是面"),
        (box(112, 30, 112.00001, 30.00001), "只有 1 平方米"),
        (box(112, 30, 112.2, 30.2), "平方公里"),
        (box(30.0, 112.0, 30.002, 112.002), "写反"),
        (box(5e5, 3e6, 5.01e5, 3.001e6), "平面坐标"),
        (box(2.0, 48.0, 2.002, 48.002), "不在中国"),
        (Polygon([(112, 30), (112.002, float("inf")), (112.002, 30.002)]), "非数字"),
        (Polygon([(112, 30), (112.002, 30.002), (112.001, 30.001), (112, 30)]), "面积为零|平方米"),
    ],
)
def test_what_cannot_be_a_boundary_is_refused(shape: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked_outline(shape)  # type: ignore[arg-type]


def test_a_good_outline_is_left_as_it_is() -> None:
    shape, notes = checked_outline(SQUARE, (112.001, 30.001))
    assert shape.equals_exact(SQUARE, 0) and notes == ()
    flat, _ = checked_outline(shapely.force_3d(SQUARE, 12.0))
    assert not flat.has_z


def test_a_crossing_is_mended_and_told() -> None:
    bow = Polygon([(112.0, 30.0), (112.002, 30.002), (112.002, 30.0), (112.0, 30.002)])
    shape, notes = checked_outline(bow)
    assert shape.is_valid and any("自相交" in note for note in notes)
    assert area_m2([shape])[0] == pytest.approx(area_m2([SQUARE])[0] / 2, rel=1e-6)


def test_an_outline_far_from_its_estate_is_taken_with_a_note() -> None:
    _, notes = checked_outline(SQUARE, (112.03, 30.001))
    assert any("2.7 公里" in note for note in notes)


def test_very_many_vertices_are_thinned_within_a_hand() -> None:
    turn = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    wobble = 0.001 + 1e-8 * np.sin(900 * turn)
    ring = Polygon(np.column_stack([112 + wobble * np.cos(turn), 30 + wobble * np.sin(turn)]))
    started = time.perf_counter()
    shape, notes = checked_outline(ring)
    assert time.perf_counter() - started < 10
    assert shapely.get_num_coordinates(shape) < 5_000 and any("100001 个顶点" in note for note in notes)
    assert shapely.hausdorff_distance(shape, ring) < 2e-6
    with pytest.raises(InputError, match="太多"):
        checked_outline(shapely.segmentize(SQUARE, 1e-8))


@given(st.lists(st.tuples(st.floats(0, 0.01), st.floats(0, 0.01)), min_size=3, max_size=12))
def test_whatever_is_drawn_ends_valid_or_refused_in_words(points: list[tuple[float, float]]) -> None:
    drawn = Polygon([(112 + x, 30 + y) for x, y in points])
    try:
        shape, _ = checked_outline(drawn)
    except InputError as error:
        assert error.faults[0].problem and error.faults[0].remedy
    else:
        assert shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon")
        assert 50 <= area_m2([shape])[0] <= 20e6
