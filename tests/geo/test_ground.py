"""Coverage of the ground: hand-made squares whose areas can be worked out on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from data.schemas import LAND
from geo.crs import STORAGE_CRS
from geo.ground import CLASSES, Division, Tolerance, residential, without_record
from tests.geo.ground_shapes import CRS, ground, local, make_ways, series


def make_land(
    areas: Sequence[BaseGeometry] = (), houses: Sequence[BaseGeometry] = (), **columns: object
) -> gpd.GeoDataFrame:
    rows: list[dict[str, object]] = [
        {"kind": "residential", "use": "residential", "geometry": ground(a)} for a in areas
    ]
    rows += [{"kind": "building", "use": "apartments", "geometry": ground(h)} | columns for h in houses]
    return LAND.frame([{"land_id": number} | row for number, row in enumerate(rows, start=1)])


def divide(
    areas: gpd.GeoDataFrame,
    grounds: Mapping[str, BaseGeometry] | None = None,
    served: Sequence[str] = (),
    points: Mapping[str, BaseGeometry] | None = None,
    zones: Mapping[str, BaseGeometry] | None = None,
) -> Division:
    return without_record(
        areas, series(grounds or {}), dict.fromkeys(served, True), series(points or {}),
        None if zones is None else series(zones),
    )  # fmt: skip


def sums(division: Division, zone: str = "") -> dict[str, float]:
    return {name: float(value) for name, value in division.totals.loc[zone].items() if value > 0.5}


# --- residential land


def test_land_use_is_less_the_road_that_crosses_it_and_the_pond() -> None:
    land = make_land([box(0, 0, 200, 100)])
    ways = make_ways(
        {"geometry": LineString([(100, -50), (100, 150)]), "road_class": "tertiary"},
        {"geometry": box(150, 40, 170, 60), "kind": "water", "road_class": None},
        {"geometry": LineString([(20, -50), (20, 150)]), "road_class": "service"},
        {"geometry": LineString([(40, -50), (40, 150)]), "road_class": "primary", "tunnel": True},
    )
    areas = residential(land, ways)
    assert sorted(areas.geometry.area.round(1)) == [9100.0, 8700.0][::-1]
    assert set(areas["source"]) == {"landuse"}


def test_of_two_areas_that_overlap_the_smaller_keeps_the_ground() -> None:
    land = make_land([box(0, 0, 200, 100), box(50, -1, 100, 101), box(50, -1, 100, 101)])
    areas = residential(land, make_ways())
    assert sorted(areas.geometry.area.round(1)) == [5000.0, 5100.0, 10000.0]


def test_houses_without_land_use_make_land_with_a_margin() -> None:
    rows = [box(0, 0, 40, 12), box(0, 30, 40, 42)]
    areas = residential(make_land((), rows), make_ways())
    (shape,) = areas.geometry
    assert local(shape).bounds == pytest.approx((-8, -8, 48, 50), abs=1e-3)
    assert shape.area == pytest.approx(56 * 58, abs=0.5)
    assert list(areas["source"]) == ["buildings"]


def test_houses_on_two_sides_of_a_road_are_two_groups_that_end_at_it() -> None:
    houses = [box(0, 0, 40, 20), box(0, 32, 40, 52)]
    road = {"geometry": LineString([(-500, 26), (500, 26)])}
    areas = residential(make_land((), houses), make_ways(road))
    north = sorted((local(shape).bounds for shape in areas.geometry), key=lambda b: b[1])
    assert north[0] == pytest.approx((-8, -8, 48, 21), abs=1e-3)
    assert north[1] == pytest.approx((-8, 31, 48, 60), abs=1e-3)


def test_houses_farther_apart_than_the_link_are_two_groups() -> None:
    near, far = ([box(0, 0, 40, 12), box(0, 12 + gap, 40, 24 + gap)] for gap in (49, 67))
    assert len(residential(make_land((), near), make_ways())) == 1
    assert len(residential(make_land((), far), make_ways())) == 2


def test_houses_inside_land_use_and_houses_of_unknown_use_make_no_land() -> None:
    land = make_land([box(0, 0, 100, 100)], [box(20, 20, 60, 32)])
    unknown = make_land((), [box(300, 300, 340, 312)], use="yes")
    assert residential(land, make_ways()).geometry.area.tolist() == pytest.approx([10_000], abs=0.1)
    assert residential(unknown, make_ways()).empty


def test_a_lone_cottage_is_no_estate_and_is_counted() -> None:
    areas = residential(make_land((), [box(0, 0, 10, 10)]), make_ways())
    assert areas.empty and areas.attrs["n_lone"] == 1


def test_without_any_land_there_is_no_area() -> None:
    areas = residential(LAND.empty(), make_ways(), CRS)
    assert areas.empty
    division = divide(areas, {"E1": box(0, 0, 10, 10)})
    assert sums(division) == pytest.approx({"ground": 100.0}, abs=0.01)


# --- what is on record


def squares() -> gpd.GeoDataFrame:
    """Two squares of a hectare, 20 m apart."""
    return residential(make_land([box(0, 0, 100, 100), box(120, 0, 220, 100)]), make_ways())


def test_land_in_boundaries_is_divided_by_service_and_the_rest_is_without_record() -> None:
    division = divide(
        squares(),
        {"E1": box(0, 0, 60, 100), "E2": box(60, 0, 80, 100)},
        served=["E1"],
        zones={"S1": box(-9, -9, 300, 300)},
    )
    assert sums(division, "S1") == pytest.approx(
        {"served": 6000, "unserved": 2000, "without_record": 12_000, "ground": 8000}, abs=0.5
    )
    assert sorted(division.pieces["area_m2"].round()) == [2000, 10_000]
    assert list(division.pieces["zone"]) == ["S1", "S1"]


def test_where_boundaries_overlap_nothing_counts_twice() -> None:
    division = divide(squares(), {"E1": box(0, 0, 60, 100), "E2": box(40, 0, 100, 100)}, served=["E2"])
    assert sums(division) == pytest.approx(
        {"served": 6000, "unserved": 4000, "without_record": 10_000, "ground": 10_000}, abs=0.5
    )


def test_a_strip_that_a_boundary_leaves_is_a_sliver_and_a_wider_one_is_land() -> None:
    thin = divide(squares(), {"E1": box(0, 0, 100, 88.5), "E2": box(119, -1, 221, 101)})
    wide = divide(squares(), {"E1": box(0, 0, 100, 87.5), "E2": box(119, -1, 221, 101)})
    assert sums(thin)["sliver"] == pytest.approx(1150, abs=0.5) and thin.pieces.empty
    assert wide.pieces["area_m2"].tolist() == pytest.approx([1250], abs=0.5)
    assert "sliver" not in sums(wide)


def test_land_smaller_than_the_least_is_a_sliver() -> None:
    areas = residential(make_land([box(0, 0, 22, 22), box(100, 0, 123, 22)]), make_ways())
    assert divide(areas).pieces["area_m2"].tolist() == pytest.approx([506], abs=0.1)


def test_parcels_that_touch_count_as_one_piece() -> None:
    parcels = [box(20 * n, 0, 20 * n + 20, 20) for n in range(3)]
    assert divide(residential(make_land(parcels), make_ways())).pieces["area_m2"].tolist() == pytest.approx(
        [1200], abs=0.1
    )


def test_an_estate_with_only_a_point_has_its_land_on_record() -> None:
    division = divide(squares(), points={"E1": Point(50, 50)})
    assert sums(division) == pytest.approx({"no_boundary": 10_000, "without_record": 10_000}, abs=0.5)
    assert list(division.recorded["estates"]) == [("E1",)]


@pytest.mark.parametrize(("x", "recorded"), [(-29, True), (-31, False), (50, True)])
def test_a_pin_beside_the_land_stands_for_it_within_thirty_metres(x: float, recorded: bool) -> None:
    division = divide(squares(), points={"E1": Point(x, 50)})
    assert len(division.recorded) == recorded


def test_a_point_inside_another_boundary_does_not_excuse_the_land_around() -> None:
    division = divide(squares(), {"E1": box(0, 0, 60, 100)}, points={"E2": Point(50, 50)})
    assert division.recorded.empty and len(division.pieces) == 2


def test_two_estates_on_one_piece_of_land_are_both_named() -> None:
    division = divide(squares(), points={"E2": Point(50, 50), "E1": Point(20, 20)})
    assert list(division.recorded["estates"]) == [("E1", "E2")]


def test_land_across_a_street_border_is_cut_and_a_scrap_stays_with_the_larger_part() -> None:
    zones = {"S1": box(-50, -50, 40, 150), "S2": box(40, -50, 217, 150)}
    division = divide(squares(), zones=zones)
    assert sums(division, "S1") == pytest.approx({"without_record": 4000}, abs=0.5)
    # 3 m × 100 m lie outside all streets, under 500 m²: they stay with the second street's land.
    assert sums(division, "S2") == pytest.approx({"without_record": 16_000}, abs=0.5)
    assert sorted(division.pieces["area_m2"].round()) == [4000, 6000, 10_000]


def test_land_outside_all_streets_is_kept_apart() -> None:
    division = divide(squares(), zones={"S1": box(-50, -50, 110, 150)})
    assert sums(division, "") == pytest.approx({"without_record": 10_000}, abs=0.5)


# --- properties


@st.composite
def towns(draw: st.DrawFn) -> tuple:
    """Rectangles of land, houses, roads, boundaries and points thrown together at random."""

    def rectangles(least: int, most: int, small: int, large: int) -> list[Polygon]:
        found = []
        for _ in range(draw(st.integers(least, most))):
            x, y = draw(st.integers(0, 600)), draw(st.integers(0, 600))
            found.append(box(x, y, x + draw(st.integers(small, large)), y + draw(st.integers(small, large))))
        return found

    areas, houses = rectangles(0, 6, 5, 200), rectangles(0, 6, 8, 40)
    grounds = {f"E{n}": shape for n, shape in enumerate(rectangles(0, 6, 10, 160))}
    points = {
        f"P{n}": Point(*draw(st.tuples(st.integers(0, 700), st.integers(0, 700))))
        for n in range(draw(st.integers(0, 3)))
    }
    roads = [
        {"geometry": LineString([(draw(st.integers(0, 700)), -50), (draw(st.integers(0, 700)), 900)])}
        for _ in range(draw(st.integers(0, 3)))
    ]
    return areas, houses, grounds, points, roads


@settings(max_examples=25, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_every_square_metre_is_one_thing_and_order_changes_nothing(town: tuple, chance: object) -> None:
    areas, houses, grounds, points, roads = town
    land, ways = make_land(areas, houses), make_ways(*roads)
    zones = {"S1": box(-100, -100, 300, 1000), "S2": box(300, -100, 650, 1000)}
    found = residential(land, ways)
    division = divide(found, grounds, [name for name in grounds if name < "E3"], points, zones)
    overlap = shapely.union_all(found.geometry.to_numpy())
    assert overlap.area == pytest.approx(found.geometry.area.sum(), abs=1.0), "areas have no common ground"
    assert division.totals[list(CLASSES)].to_numpy().sum() == pytest.approx(found.geometry.area.sum(), abs=1.0)
    inside = shapely.union_all([ground(shape) for shape in grounds.values()])
    for piece in division.pieces.to_crs(STORAGE_CRS).geometry:
        assert piece.intersection(inside).area < 1e-10, "no piece lies in a boundary"
    assert (division.pieces["area_m2"] >= 499.9).all()

    def shuffled(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.iloc[chance.sample(range(len(frame)), len(frame))]  # type: ignore[attr-defined]

    again = without_record(
        residential(shuffled(land), shuffled(ways)), series(dict(reversed(grounds.items()))),
        {name: True for name in grounds if name < "E3"}, series(dict(reversed(points.items()))), series(zones),
    )  # fmt: skip
    pd.testing.assert_frame_equal(division.totals, again.totals, check_exact=True)
    assert shapely.equals(division.pieces.geometry.to_numpy(), again.pieces.geometry.to_numpy()).all()


def test_a_smaller_tolerance_reports_more() -> None:
    areas = squares()
    grounds = series({"E1": box(0, 0, 100, 95), "E2": box(119, -1, 221, 101)})
    strict = without_record(areas, grounds, {}, series({}), None, Tolerance(100.0, 2.0, 30.0))
    assert strict.pieces["area_m2"].tolist() == pytest.approx([500], abs=0.5)
