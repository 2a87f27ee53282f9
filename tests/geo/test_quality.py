"""Figures about boundaries: each case just within and just beyond its limit, and against brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo import quality
from geo.crs import from_metric, metric_crs
from geo.errors import InputError
from geo.quality import Ground, Limits
from geo.shapes import AREA_CHANGE_NOTED, broken_ring, read_repair, repair, repaired_area

CRS = metric_crs(112.3)
X0, Y0 = 432_000.0, 3_340_000.0
LIMITS = Limits()


def degrees(shape: object) -> object:
    """A shape drawn in metres from a corner of the test area, as EPSG:4490 degrees."""
    return shapely.transform(shape, lambda xy: np.column_stack(from_metric(xy[:, 0] + X0, xy[:, 1] + Y0, CRS)))


def ground(shapes: dict[str, object]) -> Ground:
    return Ground.of(gpd.GeoSeries([degrees(s) for s in shapes.values()], index=list(shapes), crs=4490), CRS)


def ways(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    plain = {"kind": "road", "name": None, "road_class": "primary", "tunnel": False, "bridge": False}
    frame = pd.DataFrame([plain | {k: v for k, v in row.items() if k != "line"} for row in rows])
    return gpd.GeoDataFrame(frame, geometry=[degrees(row["line"]) for row in rows], crs=4490)


def turned(width: float, height: float, x: float = 0.0, y: float = 0.0) -> Polygon:
    """A rectangle that is no box of parallels and meridians."""
    return affinity.rotate(box(x, y, x + width, y + height), 17, origin=(x, y))


# --------------------------------------------------------------------------------------------------------- ground


def test_rows_are_sorted_and_rows_without_a_polygon_in_china_are_left_out() -> None:
    series = gpd.GeoSeries(
        {"b": degrees(box(0, 0, 10, 10)), "a": degrees(box(20, 0, 30, 10)), "n": None, "p": Point(112, 30),
         "e": Polygon(), "far": box(0, 0, 1, 1), "nan": Polygon([(112, 30), (np.nan, 30), (112, 31)])},
        crs=4490,
    )  # fmt: skip
    made = Ground.of(series)
    assert list(made.ids) == ["a", "b"]
    assert made.area_m2 == pytest.approx([100, 100], rel=1e-6)


def test_nothing_at_all_gives_empty_tables() -> None:
    empty = ground({})
    assert len(quality.overlaps(empty, LIMITS)) == len(quality.strips(empty, 1, 10)) == 0
    assert len(quality.tails(empty, LIMITS)) == len(quality.parts(empty, LIMITS)) == len(quality.broken(empty)) == 0
    assert len(quality.typed_shapes(empty, LIMITS)) == len(quality.unit_gaps(empty, LIMITS)) == 0
    assert len(quality.cuts(empty, ways([{"line": LineString([(0, 0), (9, 9)])}]), LIMITS)) == 0
    assert len(quality.unions(empty, {})) == 0
    assert quality.same_points(np.array([]), np.array([]), 1.0) == []


# ---------------------------------------------------------------------------------------------------------- rings


def test_a_bow_tie_is_told_with_its_area_before_and_after() -> None:
    tie = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    (row,) = quality.broken(ground({"t": tie, "ok": turned(50, 40, 300)})).itertuples()
    assert row.Index == "t" and row.reason == "自相交" and row.refused == ""
    assert row.before_m2 == pytest.approx(5000, rel=1e-4) and row.after_m2 == pytest.approx(5000, rel=1e-4)
    lon, lat = from_metric(X0 + 50, Y0 + 50, CRS)
    assert (row.lon, row.lat) == pytest.approx((float(lon), float(lat)), abs=1e-6)


def test_a_repair_that_changes_too_much_is_refused_and_said() -> None:
    whole = Polygon(box(0, 0, 100, 100).exterior, [box(-10, 20, 110, 90).exterior])
    (row,) = quality.broken(ground({"t": whole})).itertuples()
    assert np.isnan(row.after_m2) and "平方米变为" in row.refused


def test_the_note_of_a_repair_can_be_read_back() -> None:
    tie = degrees(Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    note = repair(tie)[1]
    reason, before, after = read_repair(note)
    assert reason.startswith("自相交，位于") and (before, after) == pytest.approx(repaired_area(tie), abs=0.06)
    assert read_repair("边界太小") is None and read_repair("") is None
    assert broken_ring(tie)[0] == "自相交"


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=4, max_size=9))
@settings(max_examples=60, deadline=None)
def test_every_note_of_a_repair_tells_the_areas(corners: list[tuple[int, int]]) -> None:
    ring = degrees(Polygon([(20 * x, 20 * y) for x, y in corners]))
    try:
        mended, note = repair(ring)
    except InputError:
        return
    if note is not None:
        assert read_repair(note)[2] == pytest.approx(
            float(quality.Ground.of(gpd.GeoSeries([mended])).area_m2[0]), abs=1, rel=1.01 * AREA_CHANGE_NOTED
        )


def test_touching_rings_and_parts_are_seen_and_plain_ones_are_not() -> None:
    hole_at_the_edge = Polygon(box(0, 0, 100, 100).exterior, [[(50, 0), (60, 20), (40, 20)]])
    hole_inside = Polygon(box(200, 0, 300, 100).exterior, [[(250, 1), (260, 20), (240, 20)]])
    at_a_corner = MultiPolygon([box(400, 0, 450, 50), box(450, 50, 500, 100)])
    apart = MultiPolygon([box(600, 0, 650, 50), box(651, 51, 700, 100)])
    made = ground({"a": hole_at_the_edge, "b": hole_inside, "c": at_a_corner, "d": apart})
    assert list(quality.self_touching(made)) == [True, False, True, False]


def test_corners_are_counted_once_and_over_all_parts() -> None:
    triangle = Polygon([(0, 0), (50, 0), (50, 0), (20, 60)])
    made = ground({"t": triangle, "q": turned(30, 40, 200), "m": MultiPolygon([triangle, box(400, 0, 420, 20)])})
    assert dict(zip(made.ids, quality.n_corners(made), strict=True)) == {"t": 3, "q": 4, "m": 7}


@pytest.mark.parametrize(
    ("gap", "area", "n_far", "n_tiny"), [(49.9, 25.0, 0, 0), (50.1, 25.0, 1, 0), (49.9, 16.0, 0, 1)]
)
def test_parts_far_away_or_tiny(gap: float, area: float, n_far: int, n_tiny: int) -> None:
    side = area**0.5
    found = quality.parts(
        ground({"a": MultiPolygon([box(0, 0, 100, 100), box(100 + gap, 0, 100 + gap + side, side)])}), LIMITS
    )
    assert len(found) == (n_far + n_tiny > 0)
    for row in found.itertuples():
        assert (row.n_far, row.n_tiny, row.n_parts) == (n_far, n_tiny, 2)
        assert row.far_m == (pytest.approx(gap, abs=0.05) if n_far else 0.0)
        assert row.west > degrees(Point(100, 0)).x - 1e-6


@pytest.mark.parametrize(
    ("width", "length", "seen"), [(1.8, 30, True), (2.3, 30, False), (1.8, 16.5, True), (1.8, 13.5, False)]
)
def test_a_long_narrow_part_is_seen(width: float, length: float, seen: bool) -> None:
    shape = affinity.rotate(box(0, 0, 80, 60).union(box(80, 20, 80 + length, 20 + width)), 33, origin=(0, 0))
    found = quality.tails(ground({"a": shape, "b": turned(90, 60, 500)}), LIMITS)
    assert list(found.index) == (["a"] if seen else [])
    if seen:
        assert found.at["a", "length_m"] == pytest.approx(length, abs=2.5)
        assert found.at["a", "width_m"] == pytest.approx(width, abs=0.3)


def test_typed_shapes_are_told_from_surveyed_ones() -> None:
    wobbly = Point(0, 0).buffer(80)
    xy = shapely.get_coordinates(wobbly)[:-1] * (1 + 0.01 * np.sin(np.arange(64) * 2.0))[:, None]
    series = gpd.GeoSeries(
        {
            "circle": degrees(Point(0, 0).buffer(80)),
            "wobbly": degrees(Polygon(xy)),
            "square": degrees(affinity.rotate(box(300, 0, 360, 60), 20)),
            "oblong": degrees(affinity.rotate(box(500, 0, 560, 61), 20)),
            "box": box(112.3001234, 30.2001234, 112.3011777, 30.2007777),
            "rounded": Polygon([(112.301, 30.2), (112.303, 30.201), (112.302, 30.204), (112.3, 30.203)]),
            "four": Polygon([(112.3011, 30.2), (112.303, 30.201), (112.302, 30.204), (112.3, 30.203)]),
        },
        crs=4490,
    )
    kinds = quality.typed_shapes(Ground.of(series, CRS), LIMITS).to_dict()
    assert kinds == {
        "circle": "circle", "wobbly": "", "square": "square", "oblong": "", "box": "box", "rounded": "rounded", "four": "",
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- pairs


@pytest.mark.parametrize(("common", "seen"), [(9.9, False), (10.1, True)])
def test_overlaps_count_from_their_limit(common: float, seen: bool) -> None:
    side = common**0.5
    found = quality.overlaps(ground({"a": box(0, 0, 50, 50), "b": box(50 - side, 50 - side, 100, 100)}), LIMITS)
    assert len(found) == seen
    if seen:
        (row,) = found.itertuples()
        assert (row.a, row.b, row.how) == ("a", "b", "overlap")
        assert row.area_m2 == pytest.approx(common, rel=1e-3)
        assert row.share_a == pytest.approx(common / 2500, rel=1e-3)


@pytest.mark.parametrize(
    ("b", "how"),
    [
        (box(98.2, 0, 200, 100), "sliver"),
        (box(97.8, 0, 200, 100), "overlap"),
        (box(0, 0, 100, 99), "same"),
        (box(0, 0, 100, 97.9), "b_in_a"),
        (box(10, 10, 90, 90), "b_in_a"),
        (box(10, 10, 90, 100.2), "overlap"),
        (box(-50, -50, 150, 150), "a_in_b"),
        (box(100, 0, 200, 100), None),
    ],
)
def test_what_kind_of_common_ground_it_is(b: Polygon, how: str | None) -> None:
    found = quality.overlaps(ground({"a": box(0, 0, 100, 100), "b": b}), LIMITS)
    assert list(found["how"]) == ([how] if how else [])


def test_touching_corners_and_shared_borders_are_no_overlap() -> None:
    tiles = {f"{i}{j}": box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i in range(4) for j in range(4)}
    made = ground(tiles)
    assert len(quality.overlaps(made, LIMITS)) == 0
    assert len(quality.strips(made, 1.0, 10.0)) == 0
    assert len(quality.strips(made, 5.0, 10.0)) == 0


@pytest.mark.parametrize(
    ("gap", "length", "seen"), [(0.9, 40, True), (1.1, 40, False), (0.0, 40, False), (0.5, 12, True), (0.5, 8, False)]
)
def test_strips_between_neighbours(gap: float, length: float, seen: bool) -> None:
    shapes = {"a": turned(60, length), "b": affinity.rotate(box(60 + gap, 0, 120, length), 17, origin=(0, 0))}
    found = quality.strips(ground(shapes), 1.0, 10.0)
    assert len(found) == seen
    if seen:
        (row,) = found.itertuples()
        assert row.area_m2 == pytest.approx(gap * length, rel=0.1)
        assert row.length_m == pytest.approx(length, rel=0.1) and row.width_m == pytest.approx(gap, rel=0.1)


def test_a_wedge_that_begins_where_two_touch_is_a_strip() -> None:
    shapes = {"a": box(0, 0, 100, 100), "b": Polygon([(100, 0), (200, 0), (200, 100), (100.8, 100)])}
    (row,) = quality.strips(ground(shapes), 1.0, 10.0).itertuples()
    assert row.area_m2 == pytest.approx(40, rel=0.15)


def _scattered(seed: int, n: int) -> dict[str, object]:
    """Boundaries of eight corners, so close that many of them share ground."""
    rng = np.random.default_rng(seed)
    found: dict[str, object] = {}
    for k in range(n):
        at, reach = rng.uniform(0, 400, 2), rng.uniform(10, 60, 8)
        angle = np.sort(rng.uniform(0, 2 * np.pi, 8))
        xy = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]) + at
        shape = Polygon(xy)
        found[f"e{k:03d}"] = shape if shape.is_valid else shape.convex_hull
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_overlaps_are_those_of_all_pairs(seed: int) -> None:
    made = ground(_scattered(seed, 60))
    expected = {}
    for i in range(60):
        for j in range(i + 1, 60):
            area = made.shapes[i].intersection(made.shapes[j]).area
            if area > LIMITS.overlap_m2:
                expected[made.ids[i], made.ids[j]] = area
    found = quality.overlaps(made, LIMITS)
    assert len(expected) > 20
    assert {(row.a, row.b): row.area_m2 for row in found.itertuples()} == pytest.approx(expected)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_rows_changes_nothing(seed: int, random: object) -> None:
    shapes = _scattered(seed, 25)
    keys = list(shapes)
    random.shuffle(keys)  # type: ignore[attr-defined]
    one, other = ground(shapes), ground({key: shapes[key] for key in keys})
    for measure in (quality.overlaps, quality.parts, quality.tails):
        pd.testing.assert_frame_equal(measure(one, LIMITS), measure(other, LIMITS))
    pd.testing.assert_frame_equal(quality.strips(one, 5.0, 5.0), quality.strips(other, 5.0, 5.0))


@given(st.integers(0, 10_000), st.integers(-20_000, 20_000), st.integers(-20_000, 20_000))
@settings(max_examples=15, deadline=None)
def test_the_place_on_the_map_changes_nothing(seed: int, east: int, north: int) -> None:
    shapes = _scattered(seed, 25)
    one = quality.overlaps(ground(shapes), LIMITS)
    other = quality.overlaps(ground({k: affinity.translate(s, east, north) for k, s in shapes.items()}), LIMITS)
    assert list(zip(one["a"], one["b"], strict=True)) == list(zip(other["a"], other["b"], strict=True))
    np.testing.assert_allclose(one["area_m2"], other["area_m2"], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("step", [0.9, 1.1])
def test_points_chain_into_groups(step: float) -> None:
    x = np.array([0, step, 2 * step, 500, np.nan, 900, 900], dtype=float)
    groups = quality.same_points(x, np.zeros(7), 1.0)
    assert [list(rows) for rows in groups] == ([[0, 1, 2], [5, 6]] if step < 1 else [[5, 6]])


# -------------------------------------------------------------------------------------------------------- regions


@pytest.mark.parametrize(("side", "seen"), [(3.1, False), (3.3, True)])
def test_a_hole_in_a_region_and_who_holds_it(side: float, seen: bool) -> None:
    ring = box(0, 0, 100, 100).difference(box(50, 50, 50 + side, 50 + side))
    left, right = ring.intersection(box(0, 0, 50, 100)), ring.intersection(box(50, 0, 100, 100))
    made = ground({"a": left, "b": right, "c": box(50, 50, 50 + side, 50 + side / 2)})
    regions = quality.unions(made, {"a": "R", "b": "R", "c": "S"})
    found = quality.holes(regions, made, LIMITS)
    # The strip between the halves is open to the west of the hole only if they do not touch; here they do.
    assert list(found.index) == (["R"] if seen else [])
    if seen:
        assert found.at["R", "area_m2"] == pytest.approx(side**2, rel=1e-3)
        assert found.at["R", "held_m2"] == pytest.approx(side**2 / 2, rel=1e-2)


@pytest.mark.parametrize(("gap", "seen"), [(99.5, False), (100.5, True)])
def test_pieces_of_a_region_that_lie_apart(gap: float, seen: bool) -> None:
    shapes = {"a": box(0, 0, 50, 50), "b": box(60, 0, 110, 50), "c": box(110 + gap, 0, 200 + gap, 50)}
    made = ground(shapes)
    regions = quality.unions(made, dict.fromkeys(shapes, "R"))
    found = quality.pieces_apart(regions, {"R": [0, 1, 2]}, made, LIMITS)
    assert len(found) == seen
    if seen:
        assert found.at["R", "n_pieces"] == 2 and found.at["R", "apart_m"] == pytest.approx(gap, abs=0.1)


def test_a_region_is_the_union_of_its_estates() -> None:
    made = ground(
        {"a": box(0, 0, 50, 50), "b": box(25, 0, 75, 50), "c": box(500, 0, 510, 10), "d": box(0, 900, 9, 909)}
    )
    regions = quality.unions(made, {"a": "R", "b": "R", "c": "Q"})
    assert list(regions.ids) == ["Q", "R"]
    assert regions.area_m2 == pytest.approx([100, 75 * 50], rel=1e-5)


# ---------------------------------------------------------------------------------------------------------- units


def _units() -> Ground:
    return ground({"S1": box(0, 0, 1000, 1000), "S2": box(1000, 0, 2000, 1000)})


@pytest.mark.parametrize(("beyond", "seen"), [(4.9, False), (5.1, True), (60, True), (100, True), (400, True)])
def test_boundaries_outside_their_unit(beyond: float, seen: bool) -> None:
    made = ground({"e": box(900 + beyond, 100, 1000 + beyond, 200)})
    found = quality.outside(made, pd.Series({"e": "S1"}, dtype=object), _units(), LIMITS)
    assert len(found) == seen
    if seen:
        (row,) = found.itertuples()
        assert row.share == pytest.approx(min(beyond, 100) / 100, rel=1e-3)
        assert row.outside_m2 == pytest.approx(100 * min(beyond, 100), rel=1e-3)
        assert row.found == ("S2" if beyond > 50 else "S1") and row.unit == "S1"
        assert row.distance_m == pytest.approx(max(0, beyond - 100), abs=0.1)


def test_a_boundary_outside_all_units_is_in_none_and_an_unknown_unit_is_not_judged() -> None:
    made = ground({"far": box(5000, 0, 5100, 100), "no": box(5000, 500, 5100, 600), "odd": box(5000, 900, 5100, 999)})
    named = pd.Series({"far": "S1", "no": None, "odd": "S9"}, dtype=object)
    found = quality.outside(made, named, _units(), LIMITS)
    assert list(found.index) == ["far"] and found.at["far", "found"] == "" and found.at["far", "share"] == 1.0


@pytest.mark.parametrize(("beyond", "seen"), [(19.9, False), (20.1, True), (-5, False)])
def test_points_outside_their_unit(beyond: float, seen: bool) -> None:
    points = pd.DataFrame({"x": [X0 + 1000 + beyond], "y": [Y0 + 500]}, index=["e"])
    found = quality.points_outside(points, pd.Series({"e": "S1"}, dtype=object), _units(), LIMITS)
    assert len(found) == seen
    if seen:
        assert found.at["e", "found"] == "S2" and found.at["e", "distance_m"] == pytest.approx(beyond, abs=0.1)


@pytest.mark.parametrize(("deep", "seen"), [(1.95, False), (2.05, True)])
def test_units_that_overlap_or_leave_a_gap(deep: float, seen: bool) -> None:
    over = ground({"S1": box(0, 0, 1000, 1000), "S2": box(1000 - deep, 0, 2000, 1000)})
    found = quality.unit_overlaps(over, LIMITS)
    assert len(found) == seen
    apart = ground({"S1": box(0, 0, 1000, 1000), "S2": box(1000 + deep, 0, 2000, 1000)})
    county = ground({"C": box(0, 0, 2000, 1000)})
    gaps = quality.unit_gaps(apart, LIMITS, gpd.GeoSeries(list(county.shapes)))
    assert len(gaps) == seen
    if seen:
        assert found.at[0, "area_m2"] == pytest.approx(deep * 1000, rel=1e-2)
        assert gaps.at[0, "area_m2"] == pytest.approx(deep * 1000, rel=1e-2)
        assert set(gaps.at[0, "near"]) == {"S1", "S2"}


def test_ground_that_the_units_enclose_is_a_gap_without_any_unit_above() -> None:
    ring = {
        "S1": box(0, 0, 300, 100), "S2": box(0, 200, 300, 300), "S3": box(0, 100, 100, 200), "S4": box(200, 100, 300, 200)
    }  # fmt: skip
    (row,) = quality.unit_gaps(ground(ring), LIMITS).itertuples()
    assert row.area_m2 == pytest.approx(10_000, rel=1e-3) and len(row.near) == 3


# ----------------------------------------------------------------------------------------------------------- ways


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"line": LineString([(-50, 11), (150, 11)])}, True),
        ({"line": LineString([(-50, 9), (150, 9)])}, False),
        ({"line": LineString([(-50, 50), (70, 50)])}, False),
        ({"line": LineString([(0, -50), (0, 150)])}, False),
        ({"line": LineString([(-50, 50), (150, 50)]), "road_class": "residential"}, False),
        ({"line": LineString([(-50, 50), (150, 50)]), "tunnel": True}, False),
        ({"line": LineString([(-50, 50), (150, 50)]), "kind": "railway", "road_class": None}, True),
        ({"line": LineString([(-50, 50), (150, 50)]), "kind": "river", "road_class": None}, True),
        ({"line": box(-10, 40, 110, 60), "kind": "water", "road_class": None}, True),
        ({"line": box(40, 40, 60, 60), "kind": "water", "road_class": None}, False),
    ],
)
def test_ways_that_cut_a_boundary_into_blocks(row: dict[str, object], seen: bool) -> None:
    found = quality.cuts(ground({"e": box(0, 0, 100, 100)}), ways([row]), LIMITS)
    assert len(found) == seen
    if seen:
        assert found.at[0, "n_blocks"] == 2 and found.at[0, "share"] >= 0.1
        assert found.at[0, "length_m"] == pytest.approx(100, rel=0.3)


def test_both_carriageways_of_one_road_are_one_cut_in_pieces() -> None:
    lines = [
        {"line": LineString([(-50, 50), (30, 50)]), "name": "甲路"},
        {"line": LineString([(30, 50), (150, 50)]), "name": "甲路"},
        {"line": LineString([(-50, 60), (150, 60)]), "name": "甲路"},
    ]
    (row,) = quality.cuts(ground({"e": box(0, 0, 100, 100)}), ways(lines), LIMITS).itertuples()
    assert row.name == "甲路" and row.length_m == pytest.approx(200, rel=1e-3) and row.n_blocks == 3
    assert row.second_m2 == pytest.approx(4000, rel=0.01)


def test_distances_of_gates() -> None:
    made = ground({"e": box(0, 0, 100, 100)})
    x, y = X0 + np.array([50.0, 140.0, np.nan, 5.0]), Y0 + np.array([50.0, 50.0, 0.0, 5.0])
    off = quality.to_boundary(np.array(["e", "e", "e", "x"], dtype=object), x, y, made)
    assert off["line_m"].tolist() == pytest.approx([50, 40, np.nan, np.nan], abs=0.05, nan_ok=True)
    assert off["outside_m"].tolist() == pytest.approx([0, 40, np.nan, np.nan], abs=0.05, nan_ok=True)
    road = ways([{"line": LineString([(0, -20), (100, -20)])}, {"line": LineString([(0, 0), (9, 9)]), "kind": "river"}])
    assert quality.road_distances(x, y, road, made).tolist() == pytest.approx(
        [70, 80.6, np.nan, 25], abs=0.1, nan_ok=True
    )
    assert np.isnan(quality.road_distances(x, y, road[road["kind"] == "river"], made)).all()


def test_thousands_of_estates_at_one_position_are_one_group() -> None:
    x = np.r_[np.zeros(20_000), 4.0, 8.0, 100.0, np.nan, 500.0, 503.0]
    near, far = quality.same_points(x, np.zeros(len(x)), 5.0)
    assert near.tolist() == list(range(20_002)) and far.tolist() == [20_004, 20_005]
