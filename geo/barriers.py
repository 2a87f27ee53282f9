"""Which places may be joined: near enough on foot, and nothing between them that nobody crosses (阻隔).

Distances are walks from gate to gate: along the roads both ways whatever the one-way rules say, plus the way from each
gate to the road; without roads the straight line × 1.3. A pair whose straight line crosses a barrier is judged so:

- river (``river``: lines, and water areas from one hectare on) or railway: allowed if there is a walk within the radius,
  because a walk between the two banks proves a bridge, an underpass or a way round; without roads barred;
- a road class (``trunk``, ``primary`` …): allowed only if there is a walk within the radius that neither follows nor
  touches such a road, that is one over a bridge or through an underpass: walking across at a junction does not count;
- rivers, railways and roads in tunnels, and railways and roads on bridges, are no barriers there: one passes under them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from scipy.spatial import cKDTree

from geo.barrier_lines import Terrain
from geo.crs import metric_crs, to_metric
from geo.road_near import walking_distances
from geo.road_pieces import Floats, Ints
from geo.road_snap import Snaps
from geo.roads import DETOUR, RoadNetwork

ALLOWED, BY_RADIUS, BY_BARRIER = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of places, one row each.

    ``i``, ``j``: rows of the places; ``straight_m``: straight line; ``distance_m``: walk (infinite if no walk of at most
    the reach exists); ``verdict``: ``ALLOWED``, ``BY_RADIUS`` or ``BY_BARRIER``; ``crossed``: number of the barrier kind
    between them, -1 none (allowed pairs may have one: it can be crossed in reach); ``barrier``: its name, ``""`` if it
    has none. ``straight_line``: true if there are no roads and distances are straight lines × 1.3.
    """

    i: Ints
    j: Ints
    straight_m: Floats
    distance_m: Floats
    verdict: NDArray[np.int8]
    crossed: Ints
    barrier: NDArray[np.object_]
    straight_line: bool

    @property
    def allowed(self) -> NDArray[np.bool_]:
        return self.verdict == ALLOWED

    def __len__(self) -> int:
        return len(self.i)


def allowed_pairs(
    lon: ArrayLike, lat: ArrayLike, radius_m: float, terrain: Terrain, reach_m: float | None = None
) -> Pairs:
    """All pairs within the reach, with their walk and whether they may be joined.

    Parameters
    ----------
    lon, lat
        Gates, EPSG:4490 degrees, finite, shape ``(n,)``.
    radius_m
        Longest walk of a pair that may be joined.
    terrain
        Barriers and ways.
    reach_m
        Pairs up to this straight distance are given, and walks up to this length; default the radius.

    Returns
    -------
    Pairs
        With ``i < j``, sorted.
    """
    lon, lat, xy, crs = _plane(lon, lat, terrain)
    reach = max(radius_m, reach_m or 0.0)
    pairs = cKDTree(xy).query_pairs(reach, output_type="ndarray") if len(xy) else np.empty((0, 2), dtype=np.int64)
    i, j = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].T.astype(np.int64)
    return _judge(lon, lat, xy, i, j, radius_m, reach, terrain, crs)


def nearest_pairs(
    lon: ArrayLike,
    lat: ArrayLike,
    rows: ArrayLike,
    k: int,
    radius_m: float,
    terrain: Terrain,
    among: ArrayLike | None = None,
) -> Pairs:
    """The ``k`` nearest other places (by straight line) of each of the ``rows``, judged like `allowed_pairs`.

    Walks have no limit here, so that each can be told. Sorted by row (as given), then walk.

    Parameters
    ----------
    among
        Rows that count as others, none of them one of ``rows``; by default all places.
    """
    lon, lat, xy, crs = _plane(lon, lat, terrain)
    rows = np.atleast_1d(np.asarray(rows, dtype=np.int64))
    n = min(k + 1, len(xy)) - 1
    i = j = np.empty(0, dtype=np.int64)
    if among is not None:
        others = np.atleast_1d(np.asarray(among, dtype=np.int64))
        n = min(k, len(others))
        if len(rows) and n:
            _, found = cKDTree(xy[others]).query(xy[rows], n)
            i, j = np.repeat(rows, n), others[np.asarray(found, dtype=np.int64).ravel()]
    elif len(rows) and n > 0:
        _, found = cKDTree(xy).query(xy[rows], n + 1)
        found = np.asarray(found, dtype=np.int64).reshape(len(rows), n + 1)
        # The place itself is among the nearest, unless others lie at the very same spot.
        other = found != rows[:, None]
        other[other.all(axis=1), -1] = False
        i, j = np.repeat(rows, n), found[other]
    pairs = _judge(lon, lat, xy, i, j, radius_m, np.inf, terrain, crs)
    position = np.repeat(np.arange(len(rows)), n if len(i) else 0)
    order = np.lexsort((pairs.j, pairs.distance_m, position))
    columns = ("i", "j", "straight_m", "distance_m", "verdict", "crossed", "barrier")
    return Pairs(**{c: getattr(pairs, c)[order] for c in columns}, straight_line=pairs.straight_line)


def _plane(lon: ArrayLike, lat: ArrayLike, terrain: Terrain) -> tuple[Floats, Floats, NDArray[np.float64], CRS | None]:
    lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise ValueError("a place without coordinates has no neighbours")
    if not len(lon):
        return lon, lat, np.empty((0, 2)), terrain.crs
    crs = terrain.crs or metric_crs(float(lon.mean()))
    return lon, lat, np.column_stack(to_metric(lon, lat, crs)), crs


def _judge(
    lon: Floats,
    lat: Floats,
    xy: NDArray[np.float64],
    i: Ints,
    j: Ints,
    radius_m: float,
    reach_m: float,
    terrain: Terrain,
    crs: CRS | None,
) -> Pairs:
    straight = np.hypot(*(xy[i] - xy[j]).T)
    pair, piece = terrain.crossings(xy[i], xy[j])
    is_road = terrain.is_road()
    first, name = _first_crossed(len(i), pair, piece, terrain, np.ones(len(is_road), dtype=bool))
    first_road, road_name = _first_crossed(len(i), pair, piece, terrain, is_road)
    if terrain.walk is None:
        walk = straight * DETOUR
        verdict = np.where(walk <= radius_m, ALLOWED, BY_RADIUS)
        verdict = np.where((straight <= radius_m) & (first >= 0), BY_BARRIER, verdict)
        return Pairs(i, j, straight, walk, verdict.astype(np.int8), first, name, True)
    walk = _walks(terrain.walk, lon, lat, i, j, straight, reach_m)
    verdict = np.where(walk <= radius_m, ALLOWED, BY_RADIUS)
    # Too far to walk, though near: something lies between.
    verdict = np.where((walk > radius_m) & (straight <= radius_m) & (first >= 0), BY_BARRIER, verdict)
    asked = np.flatnonzero((verdict == ALLOWED) & (first_road >= 0))
    apart = np.full(len(asked), np.inf)
    if terrain.walk_apart is not None and len(asked):
        apart = _walks_apart(terrain, lon, lat, xy, i[asked], j[asked], radius_m)
    walk[asked] = np.where(np.isfinite(apart), apart, walk[asked])
    verdict[asked] = np.where(np.isfinite(apart), ALLOWED, BY_BARRIER)
    first[asked], name[asked] = first_road[asked], road_name[asked]
    return Pairs(i, j, straight, walk, verdict.astype(np.int8), first, name, False)


def _first_crossed(
    n: int, pair: Ints, piece: Ints, terrain: Terrain, wanted: NDArray[np.bool_]
) -> tuple[Ints, NDArray[np.object_]]:
    """Lowest wanted kind that each pair crosses (-1 none) and its name; named pieces come before nameless ones."""
    chosen = wanted[terrain.kind[piece]] if len(piece) else np.zeros(0, dtype=bool)
    pair, piece = pair[chosen], piece[chosen]
    order = np.lexsort((piece, terrain.name[piece] == "", terrain.kind[piece], pair))
    rows, at = np.unique(pair[order], return_index=True)
    kind, name = np.full(n, -1, dtype=np.int64), np.full(n, "", dtype=object)
    kind[rows] = terrain.kind[piece[order[at]]]
    name[rows] = terrain.name[piece[order[at]]]
    return kind, name


def _walks(
    network: RoadNetwork, lon: Floats, lat: Floats, i: Ints, j: Ints, straight: Floats, reach_m: float
) -> Floats:
    """Walks from gate to gate; places nearer to each other than to their roads are joined directly."""
    if not len(i):
        return np.empty(0)
    snaps = network.snap(lon, lat)
    to_road = snaps.distance_m[i] + snaps.distance_m[j]
    along = np.full(len(i), np.inf)
    if np.isfinite(reach_m):
        along = walking_distances(network, snaps, i, j, reach_m)
    else:
        # Most walks are not much longer than the straight line: a bounded search first, the whole network for the rest.
        along = walking_distances(network, snaps, i, j, 2 * float(straight.max()) + 1000.0)
        rest = np.flatnonzero(np.isinf(along))
        along[rest] = walking_distances(network, snaps, i[rest], j[rest])
    walk = to_road + along
    direct = straight * DETOUR
    walk = np.where(direct <= to_road, np.minimum(walk, direct), walk)
    return np.where(walk <= reach_m, walk, np.inf)


def _walks_apart(
    terrain: Terrain, lon: Floats, lat: Floats, xy: NDArray[np.float64], i: Ints, j: Ints, radius_m: float
) -> Floats:
    """Walks within the radius on the network without the barrier roads, infinite where there is none.

    A gate whose nearest remaining road lies beyond a barrier road has no such walk.
    """
    network = terrain.walk_apart
    assert network is not None and terrain.crs is not None
    used, row = np.unique(np.concatenate([i, j]), return_inverse=True)
    a, b = row[: len(i)], row[len(i) :]
    snaps: Snaps = network.snap(lon[used], lat[used])
    on_road = np.column_stack(to_metric(snaps.lon, snaps.lat, terrain.crs))
    line, piece = terrain.crossings(xy[used], on_road)
    beyond = np.zeros(len(used), dtype=bool)
    beyond[line[terrain.is_road()[terrain.kind[piece]]]] = True
    walk = walking_distances(network, snaps, a, b, radius_m) + snaps.distance_m[a] + snaps.distance_m[b]
    return np.where((walk <= radius_m) & ~beyond[a] & ~beyond[b], walk, np.inf)
