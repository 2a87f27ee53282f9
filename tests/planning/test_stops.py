"""Where a visit stops."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from data.schemas import BOUNDARIES, ESTATES, GATES, WAYS
from geo.roads import RoadNetwork
from planning.stops import stop_points

M = 1 / 111_000  # about one metre in degrees of latitude


def _estates(*rows: tuple[str, float | None, float | None]) -> pd.DataFrame:
    return ESTATES.frame(
        [
            {"estate_id": i, "name": i, "region_id": "r", "consent": "unknown", "lon": lon, "lat": lat}
            for i, lon, lat in rows
        ]
    )


def _gates(*rows: tuple[str, str, float, float, bool]) -> pd.DataFrame:
    return GATES.frame(
        [{"gate_id": g, "estate_id": e, "lon": lon, "lat": lat, "main": main} for g, e, lon, lat, main in rows]
    )


def _boundaries(**shapes: object) -> gpd.GeoDataFrame:
    return BOUNDARIES.frame([{"estate_id": i, "source": "drawn", "geometry": s} for i, s in shapes.items()])


@pytest.fixture
def network() -> RoadNetwork:
    """One road along the parallel 30.0 N."""
    road = {
        "way_id": 1,
        "kind": "road",
        "road_class": "residential",
        "oneway": 0,
        "bridge": False,
        "tunnel": False,
        "geometry": LineString([(112.0, 30.0), (112.05, 30.0)]),
    }
    return RoadNetwork.from_ways(WAYS.frame([road]), {"residential": 20.0})


def test_main_gate_comes_before_boundary_and_point(network: RoadNetwork) -> None:
    estates = _estates(("a", 112.01, 30.002), ("b", 112.02, 30.002), ("c", 112.03, 30.003), ("d", None, None))
    gates = _gates(("g1", "a", 112.0101, 30.0003, False), ("g2", "a", 112.0102, 30.004, True))
    boundaries = _boundaries(
        a=box(112.009, 30.001, 112.011, 30.003), b=box(112.019, 30.001, 112.021, 30.003), x=box(1, 1, 2, 2)
    )
    stops = stop_points(estates, gates, boundaries, network)
    assert list(stops.index) == ["a", "b", "c", "d"]
    assert stops.index.name == "estate_id"
    assert stops["kind"].fillna("").tolist() == ["gate", "boundary", "point", ""]
    assert (stops.loc["a", "lon"], stops.loc["a", "lat"]) == (112.0102, 30.004)
    assert stops.loc["b", "lat"] == pytest.approx(30.001, abs=0.1 * M), "the side towards the road"
    assert 112.019 - M < stops.loc["b", "lon"] < 112.021 + M
    assert stops.loc["c", "lat"] == 30.003
    assert stops.loc["a", "distance_to_road_m"] == pytest.approx(443.4, abs=0.5)
    assert stops.loc["b", "distance_to_road_m"] == pytest.approx(110.9, abs=0.3)
    assert stops.loc["d", ["lon", "lat", "distance_to_road_m"]].isna().all(), "listed, not dropped"


def test_side_gate_nearest_to_a_road_stands_in_for_a_main_gate(network: RoadNetwork) -> None:
    gates = _gates(("g1", "a", 112.01, 30.005, False), ("g2", "a", 112.01, 30.001, False))
    estates = _estates(("a", 112.01, 30.003))
    assert stop_points(estates, gates, BOUNDARIES.empty(), network).loc["a", "lat"] == 30.001
    assert stop_points(estates, gates, BOUNDARIES.empty(), None).loc["a", "lat"] == 30.005


def test_of_two_main_gates_the_lower_id_counts_in_any_row_order(network: RoadNetwork) -> None:
    gates = _gates(("g2", "a", 112.01, 30.001, True), ("g1", "a", 112.01, 30.002, True))
    estates = _estates(("a", 112.01, 30.003))
    for rows in (gates, gates.iloc[::-1]):
        assert stop_points(estates, rows, BOUNDARIES.empty(), network).loc["a", "lat"] == 30.002


def test_without_roads_the_point_is_taken_and_a_boundary_only_for_want_of_it() -> None:
    estates = _estates(("a", 112.0, 30.0), ("b", None, None))
    shapes = _boundaries(a=box(112.1, 30.1, 112.2, 30.2), b=box(112.1, 30.1, 112.2, 30.2))
    stops = stop_points(estates, GATES.empty(), shapes, None)
    assert stops["kind"].tolist() == ["point", "point"]
    assert stops.loc["a", "lon"] == 112.0
    assert shapes.loc["b", "geometry"].contains(Point(stops.loc["b", "lon"], stops.loc["b", "lat"]))
    assert stops["distance_to_road_m"].isna().all()


def test_a_boundary_that_a_road_enters_stops_where_the_road_comes_in(network: RoadNetwork) -> None:
    shapes = _boundaries(a=box(112.02, 29.999, 112.03, 30.001))
    stops = stop_points(_estates(("a", 112.025, 30.0005)), GATES.empty(), shapes, network)
    assert stops.loc["a", "lat"] == pytest.approx(30.0, abs=M)
    assert min(abs(stops.loc["a", "lon"] - np.array([112.02, 112.03]))) < M


def test_no_estates_give_no_stops(network: RoadNetwork) -> None:
    stops = stop_points(ESTATES.empty(), GATES.empty(), BOUNDARIES.empty(), network)
    assert stops.empty
    assert list(stops.columns) == ["lon", "lat", "kind", "distance_to_road_m"]
