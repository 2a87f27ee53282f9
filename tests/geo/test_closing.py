"""Lines closed to areas: against areas known beforehand, whatever the order and direction of the lines."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from geo.closing import MAX_VERTICES, close_lines
from geo.errors import InputError


def _edges(shape: shapely.Polygon) -> list[LineString]:
    xy = np.asarray(shape.exterior.coords)
    return [LineString([a, b]) for a, b in itertools.pairwise(xy)]


def test_a_closed_line_is_one_area_even_where_others_cross_it() -> None:
    ring = LineString(box(0, 0, 10, 10).exterior.coords)
    closed = close_lines([ring, LineString([(-5, 5), (15, 5)])], 0.1)
    assert [p.area for p in closed.polygons] == [100]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.randoms(use_true_random=False))
def test_a_mesh_of_loose_lines_gives_its_cells(columns: int, rows: int, random: object) -> None:
    """Each side drawn once, direction and order at random, ends off by less than half the tolerance."""
    cells = [box(i * 50, j * 50, i * 50 + 50, j * 50 + 50) for i in range(columns) for j in range(rows)]
    sides = {tuple(sorted(map(tuple, np.asarray(e.coords)))) for cell in cells for e in _edges(cell)}
    lines = []
    for a, b in sorted(sides):
        ends = [(x + random.uniform(-0.15, 0.15), y + random.uniform(-0.15, 0.15)) for x, y in (a, b)]  # type: ignore[attr-defined]
        lines.append(LineString(ends if random.random() < 0.5 else ends[::-1]))  # type: ignore[attr-defined]
    random.shuffle(lines)  # type: ignore[attr-defined]
    closed = close_lines(lines, 0.5)
    assert len(closed.polygons) == len(cells)
    for cell in cells:
        best = max(shapely.intersection(cell, p).area / shapely.union(cell, p).area for p in closed.polygons)
        assert best > 0.97
    assert closed.gaps == ()


def test_an_undershoot_is_carried_to_the_side_and_an_overshoot_is_no_gap() -> None:
    outer = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 100)]),
             LineString([(100, 100), (0, 100)]), LineString([(0, 100), (0, 0)])]  # fmt: skip
    closed = close_lines([*outer, LineString([(50, 0.4), (50, 100.4)])], 0.5)
    assert sorted(round(p.area) for p in closed.polygons) == [5000, 5000]
    assert closed.gaps == () and closed.joined >= 1


def test_gaps_wider_than_the_tolerance_are_told_with_place_and_width() -> None:
    lines = [LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 2)])]
    closed = close_lines(lines, 0.5)
    assert closed.polygons == ()
    wide = close_lines([*lines, LineString([(0, 0), (0, -5)])], 0.5)
    assert [(g.x, g.y, g.width) for g in wide.gaps if g.y == 2] == [(0, 2, pytest.approx(2))]


def test_an_inner_ring_of_open_lines_is_a_hole_and_a_face() -> None:
    lines = _edges(box(0, 0, 100, 100)) + _edges(box(40, 40, 60, 60))
    areas = sorted(round(p.area) for p in close_lines(lines, 0.5).polygons)
    assert areas == [400, 9600]


def test_a_ring_with_a_small_gap_is_closed() -> None:
    closed = close_lines([LineString([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0.3)])], 0.5)
    assert len(closed.polygons) == 1 and closed.joined == 1
    assert closed.polygons[0].area == pytest.approx(100, rel=0.02)


def test_nothing_gives_nothing_and_too_much_is_refused() -> None:
    assert close_lines([], 0.5).polygons == ()
    assert close_lines([LineString([(1, 1), (1, 1)])], 0.5).polygons == ()
    long = LineString(np.column_stack([np.arange(MAX_VERTICES + 1.0), np.zeros(MAX_VERTICES + 1)]))
    with pytest.raises(InputError, match=str(MAX_VERTICES)):
        close_lines([long], 0.5)
