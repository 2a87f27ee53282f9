"""Which places may be joined, worked out on paper on a town of a few roads.

All hand-made towns lie at 111 E, 30 N; positions are given in metres east and north of there.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from data.schemas import WAYS
from geo.barrier_lines import Terrain
from geo.barriers import ALLOWED, BY_BARRIER, BY_RADIUS, Pairs, allowed_pairs, nearest_pairs
from geo.crs import from_metric, metric_crs, to_metric

CRS = metric_crs(111.0)
X0, Y0 = (float(v) for v in to_metric(111.0, 30.0, CRS))
VERDICTS = {ALLOWED: "allowed", BY_RADIUS: "radius", BY_BARRIER: "barrier"}

Place = tuple[float, float]


def ground(*places: Place) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    return from_metric(X0 + x, Y0 + y, CRS)


def way(*places: Place, kind: str = "road", area: bool = False, **more: object) -> dict[str, object]:
    lonlat = np.column_stack(ground(*places))
    shape = Polygon(lonlat) if area else LineString(lonlat)
    base = {"kind": kind, "oneway": 0, "bridge": False, "tunnel": False, "geometry": shape}
    return base | ({"road_class": "residential"} if kind == "road" else {}) | more


def town(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return WAYS.frame([{"way_id": n, **row} for n, row in enumerate(rows)])


def verdict(pairs: Pairs, row: int = 0) -> str:
    return VERDICTS[int(pairs.verdict[row])]


RIVER = way((0, -3000), (0, 3000), kind="river", name="清水河")
WEST = way((-300, 0), (-100, 0), (-100, 1000))
EAST = way((300, 0), (100, 0), (100, 1000))


def _bridge(y: float, **more: object) -> dict[str, object]:
    return way((-100, y), (100, y), bridge=True, **more)


def test_pair_over_a_river_is_barred_without_a_bridge() -> None:
    # Joined far in the north, so that both banks belong to one network.
    terrain = Terrain.from_ways(town(RIVER, WEST, EAST, _bridge(1000)), ("river",))
    pairs = allowed_pairs(*ground((-100, 0), (100, 0)), 500, terrain)
    assert (pairs.i.tolist(), pairs.j.tolist()) == ([0], [1])
    assert verdict(pairs) == "barrier"
    assert (pairs.crossed.tolist(), pairs.barrier.tolist()) == ([0], ["清水河"])
    assert pairs.straight_m[0] == pytest.approx(200, abs=0.1)
    assert np.isinf(pairs.distance_m[0]), "no walk within the reach"


def test_pair_over_a_river_is_allowed_when_the_walk_over_the_bridge_is_within_the_radius() -> None:
    west, east = way((-100, 0), (-100, 140)), way((100, 0), (100, 140))
    terrain = Terrain.from_ways(town(RIVER, west, east, _bridge(140)), ("river",))
    for radius, expected in ((485, "allowed"), (475, "barrier")):  # 140 + 200 + 140 = 480 m
        pairs = allowed_pairs(*ground((-100, 0), (100, 0)), radius, terrain, reach_m=1000)
        assert verdict(pairs) == expected
        assert pairs.distance_m[0] == pytest.approx(480, abs=0.5)
        assert pairs.crossed[0] == 0


def test_a_water_area_bars_like_a_river_and_a_pond_does_not() -> None:
    lake = way((-50, -500), (50, -500), (50, 500), (-50, 500), kind="water", area=True, name="东湖")
    pond = way((-50, -40), (50, -40), (50, 40), (-50, 40), kind="water", area=True)
    places = ground((-100, 0), (100, 0))
    barred = allowed_pairs(*places, 500, Terrain.from_ways(town(lake), ("river",)))
    assert (verdict(barred), barred.barrier[0], barred.straight_line) == ("barrier", "东湖", True)
    free = allowed_pairs(*places, 500, Terrain.from_ways(town(pond), ("river",)))
    assert (verdict(free), int(free.crossed[0])) == ("allowed", -1)


def test_without_roads_the_straight_line_times_1_3_counts() -> None:
    terrain = Terrain.from_ways(WAYS.empty(), ("river", "primary"))
    lon, lat = ground((0, 0), (380, 0), (390, 1))
    pairs = allowed_pairs(lon, lat, 500, terrain)
    assert pairs.straight_line
    assert list(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert pairs.distance_m[0] == pytest.approx(494, abs=0.2)
    assert [verdict(pairs, row) for row in range(3)] == ["allowed", "radius", "allowed"]


def test_railway_is_no_barrier_where_it_is_in_a_tunnel_or_on_a_viaduct() -> None:
    places = ground((-100, 0), (100, 0))
    for more, expected in (({}, "barrier"), ({"tunnel": True}, "allowed"), ({"bridge": True}, "allowed")):
        rail = way((0, -500), (0, 500), kind="railway", **more)
        assert verdict(allowed_pairs(*places, 500, Terrain.from_ways(town(rail), ("railway",)))) == expected


def _main_road_town(**crossing: object) -> gpd.GeoDataFrame:
    """A main road north–south, crossed by a street at its node (0, 0) or, bridged, without a common node."""
    street = (-200.0, 0.0), (200.0, 0.0)
    middle = () if crossing else ((0.0, 0.0),)
    return town(
        way((0, -500), (0, 0), (0, 500), road_class="primary", name="解放大道"),
        way(street[0], *middle, street[1], **crossing),
        way((-200, 0), (-200, 500), (0, 500)),
        way((200, 0), (200, 500), (0, 500)),
    )


def test_main_road_is_not_crossed_at_a_junction_but_by_an_underpass() -> None:
    places = ground((-100, 0), (100, 0), (-150, 0))
    for more, expected in (({}, "barrier"), ({"tunnel": True}, "allowed"), ({"bridge": True}, "allowed")):
        pairs = allowed_pairs(*places, 500, Terrain.from_ways(_main_road_town(**more), ("river", "primary")))
        assert verdict(pairs, 0) == expected
        assert (int(pairs.crossed[0]), pairs.barrier[0]) == (1, "解放大道")
        assert pairs.distance_m[0] == pytest.approx(200, abs=0.2), "the walk is told either way"
        assert (verdict(pairs, 1), int(pairs.crossed[1])) == ("allowed", -1), "the same side"
    no_rule = allowed_pairs(*places, 500, Terrain.from_ways(_main_road_town(), ("river",)))
    assert verdict(no_rule, 0) == "allowed"


def test_gates_on_the_same_side_of_a_main_road_are_joined_along_it() -> None:
    terrain = Terrain.from_ways(_main_road_town(), ("primary",))
    pairs = allowed_pairs(*ground((-10, 100), (-10, 300)), 500, terrain)
    assert (verdict(pairs), int(pairs.crossed[0])) == ("allowed", -1)
    assert pairs.distance_m[0] == pytest.approx(220, abs=0.5)


def test_gates_on_the_middle_of_the_main_road_itself_do_not_cross_it() -> None:
    terrain = Terrain.from_ways(_main_road_town(), ("primary",))
    pairs = allowed_pairs(*ground((0, 100), (0, 300)), 500, terrain)
    assert (verdict(pairs), int(pairs.crossed[0])) == ("allowed", -1)
    ending_on_it = allowed_pairs(*ground((-100, 0), (0, 0)), 500, terrain)
    assert int(ending_on_it.crossed[0]) == -1


def test_a_line_through_the_very_joint_of_two_barrier_ways_crosses() -> None:
    halves = way((0, -500), (0, 0), kind="river"), way((0, 0), (0, 500), kind="river")
    pairs = allowed_pairs(*ground((-100, 0), (100, 0)), 500, Terrain.from_ways(town(*halves), ("river",)))
    assert verdict(pairs) == "barrier"


def test_one_way_streets_are_walked_both_ways_and_motorways_not_at_all() -> None:
    oneway = way((-200, 0), (200, 0), oneway=1)
    motorway = way((-200, 0), (0, 5), (200, 0), road_class="motorway")
    terrain = Terrain.from_ways(town(oneway, motorway), ())
    pairs = allowed_pairs(*ground((100, 0), (-100, 0)), 500, terrain)
    assert pairs.distance_m[0] == pytest.approx(200, abs=0.2)
    only_motorway = Terrain.from_ways(town(motorway), ("motorway",))
    assert only_motorway.walk is None
    assert only_motorway.walk_apart is None


def test_distance_counts_the_way_from_gate_to_road_and_neighbours_far_from_roads_meet_directly() -> None:
    terrain = Terrain.from_ways(town(way((-500, 0), (500, 0))), ())
    pairs = allowed_pairs(*ground((0, 50), (200, 30), (0, 1050), (100, 1050)), 400, terrain)
    walks = {(i, j): d for i, j, d in zip(pairs.i.tolist(), pairs.j.tolist(), pairs.distance_m, strict=True)}
    assert walks[0, 1] == pytest.approx(50 + 200 + 30, abs=0.2)
    assert walks[2, 3] == pytest.approx(130, abs=0.2)
    assert set(walks) == {(0, 1), (2, 3)}


def test_nearest_pairs_reach_beyond_the_radius_and_say_which_rule_each_breaks() -> None:
    ways = town(RIVER, way((-100, 0), (-100, 1000)), way((100, 0), (100, 1000)), _bridge(1000))
    terrain = Terrain.from_ways(ways, ("river",))
    lon, lat = ground((-100, 0), (100, 0), (-100, 300), (-100, 900), (100, 950))
    pairs = nearest_pairs(lon, lat, [0], 4, 500, terrain)
    assert pairs.i.tolist() == [0] * 4
    assert pairs.j.tolist() == [2, 3, 4, 1], "by walk"
    assert pairs.distance_m == pytest.approx([300, 900, 1250, 2200], abs=1)
    assert [verdict(pairs, row) for row in range(4)] == ["allowed", "radius", "radius", "barrier"]
    assert pairs.crossed.tolist() == [-1, -1, 0, 0]


def test_nearest_pairs_of_places_at_one_spot_and_of_too_few_places() -> None:
    terrain = Terrain.from_ways(WAYS.empty(), ())
    lon, lat = ground(*[(0, 0)] * 4)
    pairs = nearest_pairs(lon, lat, [0, 1, 2, 3], 2, 500, terrain)
    assert pairs.i.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert (pairs.i != pairs.j).all()
    assert pairs.allowed.all()
    assert len(nearest_pairs(lon[:1], lat[:1], [0], 5, 500, terrain)) == 0
    assert len(allowed_pairs([], [], 500, terrain)) == 0


def test_a_place_without_coordinates_is_refused() -> None:
    with pytest.raises(ValueError, match="without coordinates"):
        allowed_pairs([112.0, np.nan], [30.0, 30.0], 500, Terrain.from_ways(WAYS.empty(), ()))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), radius=st.floats(50, 900))
def test_walks_do_not_depend_on_the_limit_or_the_order_of_places(seed: int, radius: float) -> None:
    """A bounded, tiled search finds what an unbounded one finds; rows in another order give the same pairs."""
    rng = np.random.default_rng(seed)
    at = np.arange(6) * 400.0
    streets = [way(*((x, y) for y in at)) for x in at] + [way(*((x, y) for x in at)) for y in at]
    chosen = [s for s in streets if rng.random() < 0.8] or streets[:1]
    terrain = Terrain.from_ways(town(way((1000, -100), (1000, 2100), kind="railway"), *chosen), ("railway",))
    places = rng.uniform(0, 2000, (12, 2))
    lon, lat = ground(*map(tuple, places))
    pairs = allowed_pairs(lon, lat, radius, terrain)
    far = allowed_pairs(lon, lat, radius, terrain, reach_m=9000)
    known = {(i, j): row for row, (i, j) in enumerate(zip(far.i.tolist(), far.j.tolist(), strict=True))}
    same = np.array([known[i, j] for i, j in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)], dtype=int)
    assert (far.verdict[same] == pairs.verdict).all()
    within = far.distance_m[same] <= radius
    assert pairs.distance_m[within] == pytest.approx(far.distance_m[same][within], abs=0.05)
    assert (far.distance_m >= far.straight_m * 0.999).all(), "no walk is shorter than the straight line"
    mixed = rng.permutation(12)
    again = allowed_pairs(lon[mixed], lat[mixed], radius, terrain)
    expected = {(min(i, j), max(i, j)) for i, j in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)}
    found = {tuple(sorted((int(mixed[i]), int(mixed[j])))) for i, j in zip(again.i, again.j, strict=True)}
    assert found == expected
