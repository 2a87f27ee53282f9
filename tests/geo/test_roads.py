"""The road network on hand-made networks whose answers can be worked out on paper, and against networkx.

Positions are metres east and north of 111 E, 30 N, on the zone's meridian: there plane and ellipsoid agree.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

from data.schemas import WAYS
from geo.crs import from_metric, metric_crs, to_metric
from geo.errors import InputError
from geo.progress import Silent, Stopped
from geo.road_matrix import build_arcs, many_to_many
from geo.road_pieces import GEOD
from geo.roads import RoadNetwork

CRS = metric_crs(111.0)
X0, Y0 = (float(v) for v in to_metric(111.0, 30.0, CRS))
SPEEDS = {"primary": 60.0, "residential": 30.0, "unclassified": 20.0}
Place = tuple[float, float]


def ground(*places: Place) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    return from_metric(X0 + x, Y0 + y, CRS)


def line(*places: Place) -> LineString:
    return LineString(np.round(np.column_stack(ground(*places)), 7))


def road(*places: Place, **more: object) -> dict[str, object]:
    base = {"kind": "road", "road_class": "residential", "oneway": 0, "bridge": False, "tunnel": False}
    return base | {"geometry": line(*places) if places else None} | more


def frame(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return WAYS.frame([{"way_id": n, **row} for n, row in enumerate(rows)])


def net(*rows: dict[str, object]) -> RoadNetwork:
    return RoadNetwork.from_ways(frame(*rows), SPEEDS)


def metres(network: RoadNetwork, *places: Place) -> np.ndarray:
    return network.matrix(*ground(*places)).distance_m


def test_partial_edges_and_same_edge_pairs_on_a_straight_road() -> None:
    network = net(road((0, 0), (1000, 0)))
    assert (network.graph.n_nodes, network.graph.n_edges) == (2, 1)
    result = network.matrix(*ground((200, 10), (700, -5), (0, 0), (1000, 0)))
    expected = [[0, 500, 200, 800], [500, 0, 700, 300], [200, 700, 0, 1000], [800, 300, 1000, 0]]
    assert result.distance_m == pytest.approx(np.array(expected), abs=0.1)
    # 30 km/h is 8.333 m/s: 60, 24, 96 and 120 s, rounded up.
    assert abs(result.travel_s[0] - [0, 60, 24, 96]).max() <= 1
    assert result.travel_s.dtype == np.int64


def test_a_oneway_ring_without_any_junction_is_driven_round() -> None:
    ring = ((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    for direction in (1, -1):
        network = net(road(*ring, oneway=direction))
        assert network.graph.n_edges == 1
        there, back = metres(network, (50, 0), (100, 50))[[0, 1], [1, 0]]
        assert (there, back) == pytest.approx((100, 300) if direction == 1 else (300, 100), abs=0.2)


def test_positions_on_one_oneway_edge_in_both_orders() -> None:
    """A one-way street of 300 m with a two-way detour of 500 m from its end back to its start."""
    network = net(road((0, 0), (300, 0), oneway=1), road((300, 0), (300, 100), (0, 100), (0, 0)))
    d = metres(network, (100, 0), (250, 0), (0, 0), (300, 0))
    assert d[0, 1] == pytest.approx(150, abs=0.2)
    assert d[1, 0] == pytest.approx(50 + 500 + 100, abs=0.3), "round the block, against the arrow never"
    assert d[2, 3] == pytest.approx(300, abs=0.2)
    assert d[3, 2] == pytest.approx(500, abs=0.2), "from the very end one leaves by the other street"
    assert d[0, 2] == pytest.approx(200 + 500, abs=0.3)
    assert d[3, 0] == pytest.approx(500 + 100, abs=0.3)


def test_a_bridge_over_a_road_is_no_junction() -> None:
    """A cross without a common point; the only link is far away in the north-east."""
    network = net(
        road((-500, 0), (500, 0)),
        road((0, -500), (0, 500), bridge=True),
        road((500, 0), (500, 500), (0, 500)),
    )
    assert metres(network, (0, 0.001), (100, 0), (0, -100))[1, 2] == pytest.approx(400 + 500 + 500 + 600, abs=0.5)
    met = net(road((-500, 0), (0, 0), (500, 0)), road((0, -500), (0, 0), (0, 500)))
    assert metres(met, (100, 0), (0, -100))[0, 1] == pytest.approx(200, abs=0.2)


def test_the_fastest_way_is_taken_and_its_own_length_told() -> None:
    """A short slow street of 400 m (48 s) against a fast road of 600 m (36 s)."""
    network = net(road((0, 0), (400, 0)), road((0, 0), (0, 100), (400, 100), (400, 0), road_class="primary"))
    result = network.matrix(*ground((0, 0), (400, 0)))
    assert (result.travel_s[0, 1], result.distance_m[0, 1]) == (36, pytest.approx(600, abs=0.3))


def test_of_equally_fast_ways_the_shorter_is_told() -> None:
    ways = frame(
        road((0, 0), (400, 0), (800, 0), maxspeed_kmh=20.0),
        road((0, 0), (0, 200), (800, 200), (800, 0), road_class="primary", maxspeed_kmh=30.0),
    )
    assert RoadNetwork.from_ways(ways, SPEEDS).matrix(*ground((0, 0), (800, 0))).distance_m[0, 1] == pytest.approx(
        800, abs=0.2
    )


def test_a_posted_limit_slows_and_never_speeds_up() -> None:
    for limit, seconds in ((15.0, 240), (80.0, 120), (None, 120)):
        travel = net(road((0, 0), (1000, 0), maxspeed_kmh=limit)).matrix(*ground((0, 0), (1000, 0))).travel_s
        assert abs(travel[0, 1] - seconds) <= 1


def test_road_classes_without_speed_are_counted_and_a_missing_class_is_unclassified() -> None:
    network = net(
        road((0, 0), (1000, 0), road_class=None),
        road((0, 0), (0, 500), road_class="steps"),
        road((0, 0), (0, 700), kind="river", road_class=None),
    )
    assert network.ignored == {"steps": 1}
    assert network.matrix(*ground((0, 0), (1000, 0))).travel_s[0, 1] in (180, 181)
    with pytest.raises(InputError, match="没有可往返通行的道路"):
        net(road((0, 0), (0, 500), road_class="steps"))


def test_what_is_cut_off_is_reported_and_never_snapped_to() -> None:
    network = net(
        road((0, 0), (1000, 0)),
        road((0, 200), (300, 200)),  # an island
        road((500, 0), (500, 100), (400, 100), oneway=1),  # one may enter, never come back
        road((200, 100), (200, 0), oneway=1),  # one may leave, never return
    )
    assert (network.n_left_out, network.left_out_m) == (3, pytest.approx(300 + 200 + 100, abs=0.2))
    snaps = network.snap(*ground((100, 190), (500, 90)))
    assert snaps.distance_m == pytest.approx([190, 90], abs=0.1)
    assert (network.matrix(*ground((100, 190), (500, 90), (210, 90))).travel_s >= 0).all()


def test_points_between_junctions_are_contracted_but_keep_their_shape_and_names() -> None:
    network = net(
        road((0, 0), (100, 0), (200, 50), name="甲路"),
        road((300, 50), (200, 50), name="甲路"),
        road((300, 50), (300, 300), name="乙路"),
        road((300, 50), (600, 50), name=None),
    )
    assert (network.graph.n_nodes, network.graph.n_edges) == (4, 3)
    lon, lat = ground((0, 0), (300, 300))
    path = network.path(lon[0], lat[0], lon[1], lat[1])
    assert path is not None
    assert [name for name, _ in path.roads] == ["甲路", "乙路"]
    assert [length for _, length in path.roads] == pytest.approx([100 + np.hypot(100, 50) + 100, 250], abs=0.2)
    x, y = to_metric(*np.array(path.geometry.coords).T, CRS)
    corners = [(0, 0), (100, 0), (200, 50), (300, 50), (300, 300)]
    assert np.column_stack([x - X0, y - Y0]) == pytest.approx(np.array(corners), abs=0.02)


def test_a_path_begins_and_ends_at_the_snapped_points_and_never_doubles_back_on_one_edge() -> None:
    network = net(road((0, 0), (100, 0), (200, 0), name="甲路"), road((200, 0), (300, 0)))
    lon, lat = ground((250, 20), (50, -10))
    path = network.path(lon[0], lat[0], lon[1], lat[1])
    assert path is not None
    x, _ = to_metric(*np.array(path.geometry.coords).T, CRS)
    assert x - X0 == pytest.approx([250, 200, 100, 50], abs=0.05)
    assert path.roads[0] == ("", pytest.approx(50, abs=0.1))
    assert path.distance_m == pytest.approx(200, abs=0.1)
    same = network.path(lon[0], lat[0], lon[0], lat[0])
    assert same is not None
    assert (same.distance_m, same.travel_s, same.roads) == (0.0, 0, ())


def test_multi_lines_and_repeated_points_are_read() -> None:
    shape = MultiLineString([line((0, 0), (100, 0), (100, 0)), line((100, 0), (100, 100))])
    network = net(road(geometry=shape))
    assert metres(network, (0, 0), (100, 100))[0, 1] == pytest.approx(200, abs=0.1)


def test_ties_between_edges_go_to_the_same_place_in_any_order_of_ways() -> None:
    rows = [road((0, 0), (100, 0)), road((0, 0), (0, 100)), road((0, 0), (-100, 0)), road((0, 0), (0, -100))]
    places = (-20, -20), (20, 20), (0, 0), (90, 3)
    expected = metres(net(*rows), *places)
    assert metres(net(*rows[::-1]), *places) == pytest.approx(expected, abs=0.05)


def test_equal_places_and_no_places() -> None:
    network = net(road((0, 0), (1000, 0)))
    d = metres(network, (300, 5), (300, 5), (300, -5), (0, 0), (-50, 0))
    assert d[:3, :3].max() == 0
    assert d[3, 4] == 0, "both at the dead end"
    assert network.matrix([], []).travel_s.shape == (0, 0)
    assert network.route([111.0], [30.0]) == []
    with pytest.raises(ValueError, match="without coordinates"):
        network.snap([np.nan], [30.0])


@st.composite
def _streets(draw: st.DrawFn) -> tuple[list[dict[str, object]], list[Place]]:
    """Random ways between points of a crooked grid, some one-way, and places near them."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n = draw(st.integers(2, 5))
    at = {
        (i, j): (i * 150.0 + rng.uniform(-40, 40), j * 150.0 + rng.uniform(-40, 40)) for i in range(n) for j in range(n)
    }
    rows = []
    for _ in range(draw(st.integers(2, 3 * n))):
        stop = tuple(rng.integers(0, n, 2))
        places = [at[stop]]
        for _ in range(rng.integers(1, 5)):
            step = ((0, 1), (1, 0), (0, -1), (-1, 0))[rng.integers(4)]
            stop = (int(np.clip(stop[0] + step[0], 0, n - 1)), int(np.clip(stop[1] + step[1], 0, n - 1)))
            places.append(at[stop])
        if len(set(places)) > 1:
            speed = str(rng.choice(["primary", "residential"]))
            rows.append(road(*places, oneway=int(rng.choice([-1, 0, 0, 1])), road_class=speed))
    if not rows:
        rows.append(road(at[0, 0], at[1, 1]))
    places = [(float(x), float(y)) for x, y in rng.uniform(-50, n * 150.0, (draw(st.integers(2, 7)), 2))]
    return rows, places


def _yardstick(network: RoadNetwork, rows: list[dict[str, object]], lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Seconds between all positions by networkx on every single point of the ways, the snapped points cut in."""
    snaps = network.snap(lon, lat)
    speed: dict[tuple[Place, Place], float] = {}
    usable: set[tuple[Place, Place]] = set()
    for row in rows:
        for a, b in pairwise(row["geometry"].coords):
            usable |= {(a, b)} if row["oneway"] == 1 else {(b, a)} if row["oneway"] == -1 else {(a, b), (b, a)}
            # Drawn twice: the quickest counts, for both directions.
            best = max(SPEEDS[str(row["road_class"])] / 3.6, speed.get((a, b), 0.0))
            speed[a, b] = speed[b, a] = best
    graph = nx.DiGraph()
    for a, b in usable:
        length = GEOD.inv(*a, *b)[2]
        first, second = (GEOD.inv(*(np.full(len(snaps), v) for v in end), snaps.lon, snaps.lat)[2] for end in (a, b))
        on = [(first[k], ("place", int(k))) for k in np.flatnonzero(first + second - length < 2e-3)]
        for (s, u), (t, v) in pairwise([(0.0, a), *sorted(on), (length, b)]):
            seconds = max(t - s, 0.0) / speed[a, b]
            if not graph.has_edge(u, v) or graph[u][v]["s"] > seconds:
                graph.add_edge(u, v, s=seconds)
    n = len(snaps)
    seconds = np.full((n, n), np.inf)
    for k in range(n):
        found = nx.single_source_dijkstra_path_length(graph, ("place", k), weight="s")
        for m in range(n):
            seconds[k, m] = found.get(("place", m), np.inf)
    return seconds


@settings(max_examples=60, deadline=None)
@given(_streets())
def test_matrix_agrees_with_networkx_on_the_uncontracted_graph(
    drawn: tuple[list[dict[str, object]], list[Place]],
) -> None:
    rows, places = drawn
    rows.append(road((0, 0), (-100, -100)))  # so that something can be driven there and back
    network = net(*rows)
    lon, lat = ground(*places)
    milliseconds, length = many_to_many(build_arcs(network.graph, network.snap(lon, lat)), Silent(), 1)
    expected = _yardstick(network, rows, lon, lat)
    # Each arc is rounded to a millisecond; a place nearer than 1 cm to a junction is at it.
    assert milliseconds / 1000 == pytest.approx(expected, abs=0.03)
    assert (length <= milliseconds / 1000 * 60 / 3.6 + 0.5).all()


@settings(max_examples=40, deadline=None)
@given(_streets())
def test_no_detour_is_shorter_and_every_leg_is_the_matrix_entry(
    drawn: tuple[list[dict[str, object]], list[Place]],
) -> None:
    rows, places = drawn
    network = net(*rows, road((0, 0), (-100, -100)))
    lon, lat = ground(*places)
    result = network.matrix(lon, lat)
    assert (result.travel_s >= 0).all(), "all positions are on the part in which everything reaches everything"
    assert np.isfinite(result.distance_m).all()
    detour = (result.travel_s[:, :, None] + result.travel_s[None, :, :]).min(axis=1)
    assert (result.travel_s <= detour).all()
    snaps = network.snap(lon, lat)
    for k, leg in enumerate(network.route(lon, lat)):
        assert leg is not None
        assert leg.travel_s == result.travel_s[k, k + 1]
        assert leg.distance_m == result.distance_m[k, k + 1]
        assert GEOD.geometry_length(leg.geometry) == pytest.approx(leg.distance_m, abs=0.3)
        assert sum(part for _, part in leg.roads) == pytest.approx(leg.distance_m, abs=0.3)
        ends = np.array(leg.geometry.coords)[[0, -1]]
        assert ends == pytest.approx(np.column_stack([snaps.lon, snaps.lat])[[k, k + 1]], abs=1e-9)


def _grid(k: int) -> RoadNetwork:
    at = np.arange(k) * 100.0
    return net(
        *(road(*((x, y) for y in at)) for x in at),
        *(road(*((x, y) for x in at), oneway=1) for y in at[1:-1]),
        road(*((x, 0.0) for x in at)),
        road(*((x, at[-1]) for x in at)),
    )


def test_helper_processes_give_the_same_as_one() -> None:
    network = _grid(16)
    rng = np.random.default_rng(3)
    lon, lat = ground(*map(tuple, rng.uniform(0, 1500, (150, 2))))
    arcs = build_arcs(network.graph, network.snap(lon, lat))
    told: list[float] = []

    class Listen(Silent):
        def update(self, share: float, text: str) -> None:
            told.append(share)

    alone, together = (many_to_many(arcs, Listen(), n) for n in (1, 2))
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])
    assert max(told) == 1.0


def test_work_that_is_told_to_stop_stops() -> None:
    class Stop(Silent):
        stopped = True

    network = _grid(4)
    arcs = build_arcs(network.graph, network.snap(*ground((0, 0), (150, 150))))
    for n in (1, 2):
        with pytest.raises(Stopped):
            many_to_many(arcs, Stop(), n)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_helper_that_dies_is_a_clear_error_and_leaves_no_process() -> None:
    code = (
        "import numpy as np\nfrom scipy.sparse import csr_array\nfrom geo.road_worker import Worker\n"
        "w = Worker(csr_array(np.ones((2, 2))), np.arange(2))\nw._process.kill()\nw._process.wait()\n"
        "try:\n    w.search(np.arange(2))\nexcept RuntimeError as error:\n    print(error)\nw.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert f"ended with code {-signal.SIGKILL}" in done.stdout
