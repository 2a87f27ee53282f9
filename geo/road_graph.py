"""Ways to a road graph: shared points become junctions, and everything between two junctions becomes one edge.

Bridges and tunnels need no care: where one road passes over another they have no point in common, so there is no
junction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GEOD = Geod(ellps="GRS80")
"""The ellipsoid of CGCS2000; all lengths along roads are measured on it."""

_STEPS_PER_DEGREE = 1e7
"""Points are the same point when they agree to 1e-7 degrees (1 cm), the grid of OpenStreetMap."""


@dataclass(frozen=True)
class Segments:
    """Straight pieces of ways between two neighbouring points.

    ``lon``, ``lat``: the points, degrees. ``a``, ``b``: point numbers of each piece in the way's own direction;
    ``way``: its way; ``seconds``, ``metres``: what it takes; ``forward``, ``backward``: whether a → b, b → a may be.
    """

    lon: Floats
    lat: Floats
    a: Ints
    b: Ints
    way: Ints
    metres: Floats
    seconds: Floats
    forward: Bools
    backward: Bools

    def take(self, rows: NDArray) -> Segments:
        """These pieces only; the points keep their numbers."""
        names = ("a", "b", "way", "metres", "seconds", "forward", "backward")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True)
class Graph:
    """Edges between junctions. Edge e owns the points ``first[e]`` to ``first[e + 1] - 1`` of the point arrays.

    ``tail``, ``head``: nodes of each edge, 0 … ``n_nodes`` - 1; ``two_way``: whether head to tail is allowed as well.
    ``lon``, ``lat``: points, degrees; ``along_m``, ``along_s``: from the edge's tail to each point;
    ``way``: the way of the piece that begins at a point (for an edge's last point the way that ends there).
    """

    n_nodes: int
    tail: Ints
    head: Ints
    two_way: Bools
    first: Ints
    lon: Floats
    lat: Floats
    along_m: Floats
    along_s: Floats
    way: Ints

    @property
    def n_edges(self) -> int:
        return len(self.tail)

    @cached_property
    def last(self) -> Ints:
        """Row of each edge's last point."""
        return self.first[1:] - 1

    @cached_property
    def length_m(self) -> Floats:
        return self.along_m[self.last]


def road_speeds(ways: gpd.GeoDataFrame, speeds_kmh: Mapping[str, float]) -> tuple[Floats, dict[str, int]]:
    """Speed of each way in km/h, NaN where it is no road or of a class without a speed; and the classes left out.

    The speed is that of the class, or the posted limit where that is lower. A road without a class is taken as
    ``unclassified`` (else as the slowest class).
    """
    blank = speeds_kmh.get("unclassified", min(speeds_kmh.values()))
    is_road = (ways["kind"] == "road").to_numpy()
    classes = ways["road_class"].to_numpy(dtype=object)
    speed = np.array([blank if _null(c) else speeds_kmh.get(c, np.nan) for c in classes], dtype=np.float64)
    limit = ways["maxspeed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    speed = np.fmin(speed, np.where(np.isnan(speed), np.nan, limit))
    left_out = Counter(str(c) for c, s, road in zip(classes, speed, is_road, strict=True) if road and np.isnan(s))
    return np.where(is_road, speed, np.nan), dict(sorted(left_out.items()))


def _null(value: object) -> bool:
    return value is None or value != value


def segments(ways: gpd.GeoDataFrame, speed_kmh: Floats, *, oneway: bool = True) -> Segments:
    """Pieces of the ways that have a speed.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame, EPSG:4490; lines or multi-lines.
    speed_kmh
        Of each row; NaN: not used.
    oneway
        False: every piece may be used both ways (walking).
    """
    rows = np.flatnonzero(np.isfinite(speed_kmh))
    parts, part_row = shapely.get_parts(ways.geometry.to_numpy()[rows], return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, part_row = parts[lines], part_row[lines]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    grid = np.rint(xy * _STEPS_PER_DEGREE).astype(np.int64)
    # One number for both coordinates: |lon| <= 180 and |lat| <= 90 degrees fit 63 bits on this grid.
    key = (grid[:, 0] + 1_800_000_000) * 1_800_000_001 + grid[:, 1] + 900_000_000
    _, index, point = np.unique(key, return_index=True, return_inverse=True)
    lon, lat = xy[index].T
    begins = np.flatnonzero((part[:-1] == part[1:]) & (point[:-1] != point[1:]))
    a, b = point[begins], point[begins + 1]
    way = rows[part_row[part[begins]]]
    _, _, metres = GEOD.inv(lon[a], lat[a], lon[b], lat[b])
    direction = ways["oneway"].to_numpy(dtype=np.int64)[way] if oneway else np.zeros(len(way), dtype=np.int64)
    return Segments(
        np.ascontiguousarray(lon),
        np.ascontiguousarray(lat),
        a.astype(np.int64),
        b.astype(np.int64),
        way.astype(np.int64),
        np.asarray(metres, dtype=np.float64),
        metres / (speed_kmh[way] / 3.6),
        direction >= 0,
        direction <= 0,
    )


def largest_part(pieces: Segments) -> tuple[Segments, Segments]:
    """The pieces of the longest part in which everything reaches everything (强连通), and the other pieces.

    Of parts of equal length the one with the first point is taken.
    """
    n = len(pieces.lon)
    start = np.concatenate([pieces.a[pieces.forward], pieces.b[pieces.backward]])
    end = np.concatenate([pieces.b[pieces.forward], pieces.a[pieces.backward]])
    arcs = coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(n, n)).tocsr()
    _, label = connected_components(arcs, connection="strong")
    inside = label[pieces.a] == label[pieces.b]
    length = np.bincount(label[pieces.a[inside]], weights=pieces.metres[inside], minlength=n)
    best = np.flatnonzero(length >= length.max() * (1 - 1e-12))
    first_point = np.flatnonzero(np.isin(label, best))[0]
    kept = inside & (label[pieces.a] == label[first_point])
    return pieces.take(kept), pieces.take(~kept)


def cut_apart(pieces: Segments, barred: Sequence[int] | Ints) -> Segments:
    """Without the pieces of the barred ways, and with no passage at any point that lies on one of them.

    Each remaining piece that ended at such a point ends there alone. What crosses a barred way on a bridge or in a
    tunnel shares no point with it and stays whole.
    """
    is_barred = np.isin(pieces.way, np.asarray(barred, dtype=np.int64))
    touched = np.zeros(len(pieces.lon), dtype=bool)
    touched[pieces.a[is_barred]] = touched[pieces.b[is_barred]] = True
    rest = pieces.take(~is_barred)
    lon, lat = [rest.lon], [rest.lat]
    n = len(rest.lon)
    ends = {}
    for name in ("a", "b"):
        points = getattr(rest, name).copy()
        rows = np.flatnonzero(touched[points])
        lon.append(rest.lon[points[rows]])
        lat.append(rest.lat[points[rows]])
        points[rows] = n + np.arange(len(rows))
        n += len(rows)
        ends[name] = points
    return replace(rest, lon=np.concatenate(lon), lat=np.concatenate(lat), **ends)


def contract(pieces: Segments) -> Graph:
    """One edge for every run of pieces between two junctions, dead ends or changes of direction.

    A point is passed through when exactly two pieces meet there and what may enter by one may leave by the other, in
    both directions or in the same one. A ring without any junction keeps its lowest point as node.
    """
    n_points, n = len(pieces.lon), len(pieces.a)
    # Half 2s is piece s from a to b, half 2s + 1 from b to a; ``h ^ 1`` turns round.
    begin = np.column_stack([pieces.a, pieces.b]).reshape(-1)
    may = np.column_stack([pieces.forward, pieces.backward]).reshape(-1)
    through = _passed_through(begin, may, n_points)
    before = _half_before(begin, through)
    lowest = _lowest_of_rings(begin, before)
    if len(lowest):
        through[lowest] = False
        before = _half_before(begin, through)
    root, rank = _ranks(before)
    order = np.lexsort((rank, root))
    run_first = np.flatnonzero(np.r_[True, root[order][1:] != root[order][:-1]])
    run_last = np.r_[run_first[1:], 2 * n] - 1
    run_root = order[run_first]
    mirror_root = order[run_last] ^ 1
    # Of a run and its mirror keep the one that may be used; if both may, the one with the lower number.
    usable, mirror_usable = may[run_root], may[mirror_root]
    kept = usable & (~mirror_usable | (run_root < mirror_root))
    return _assemble(pieces, order, run_first[kept], run_last[kept], mirror_usable[kept])


def _passed_through(begin: Ints, may: Bools, n_points: int) -> Bools:
    """Points where a run of pieces goes on."""
    degree = np.bincount(begin, minlength=n_points)
    halves = np.argsort(begin, kind="stable")
    halves = halves[degree[begin[halves]] == 2].reshape(-1, 2)
    one, other = halves.T
    fits = (may[one] == may[other ^ 1]) & (may[other] == may[one ^ 1]) & (one != (other ^ 1))
    through = np.zeros(n_points, dtype=bool)
    through[begin[one[fits]]] = True
    return through


def _half_before(begin: Ints, through: Bools) -> Ints:
    """The half that leads into each half, or the half itself where a run begins."""
    before = np.arange(len(begin))
    halves = np.argsort(begin, kind="stable")
    halves = halves[through[begin[halves]]].reshape(-1, 2)
    one, other = halves.T
    before[one] = other ^ 1
    before[other] = one ^ 1
    return before


def _lowest_of_rings(begin: Ints, before: Ints) -> Ints:
    """Lowest point of every ring that no run begins in."""
    n = len(begin)
    links = coo_matrix((np.ones(n, dtype=np.int8), (np.arange(n), before)), shape=(n, n))
    _, label = connected_components(links, directed=False)
    has_start = np.zeros(label.max() + 1, dtype=bool) if n else np.zeros(0, dtype=bool)
    has_start[label[before == np.arange(n)]] = True
    ring = ~has_start[label]
    low = np.full(len(has_start), np.iinfo(np.int64).max)
    np.minimum.at(low, label[ring], begin[ring])
    return np.unique(low[~has_start])


def _ranks(before: Ints) -> tuple[Ints, Ints]:
    """First half of each half's run and the number of halves before it, by pointer doubling."""
    root = before.copy()
    rank = (before != np.arange(len(before))).astype(np.int64)
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root, rank
        rank = rank + rank[root]
        root = further


def _assemble(pieces: Segments, order: Ints, run_first: Ints, run_last: Ints, two_way: Bools) -> Graph:
    counts = run_last - run_first + 1
    n_edges, n_halves = len(counts), int(counts.sum())
    edge = np.repeat(np.arange(n_edges), counts)
    offset = np.cumsum(counts) - counts
    halves = order[np.repeat(run_first - offset, counts) + np.arange(n_halves)]
    piece, turned = halves >> 1, (halves & 1).astype(bool)
    start = np.where(turned, pieces.b[piece], pieces.a[piece])
    end = np.where(turned, pieces.a[piece], pieces.b[piece])
    first = np.r_[0, np.cumsum(counts + 1)]
    at = np.arange(n_halves) + edge  # row of each half's first point: one more point than halves in every edge before
    last = first[1:] - 1
    n = int(first[-1])
    point, way = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    point[at], point[last] = start, end[offset + counts - 1]
    way[at], way[last] = pieces.way[piece], pieces.way[piece[offset + counts - 1]]
    along_m, along_s = (_along(values[piece], at, first, last) for values in (pieces.metres, pieces.seconds))
    used, node = np.unique(np.concatenate([point[first[:-1]], point[last]]), return_inverse=True)
    tail, head = node.reshape(2, n_edges).astype(np.int64)
    return Graph(len(used), tail, head, two_way, first, pieces.lon[point], pieces.lat[point], along_m, along_s, way)


def _along(values: Floats, at: Ints, first: Ints, last: Ints) -> Floats:
    """Running sums that begin anew with every edge."""
    step = np.zeros(int(first[-1]))
    step[at + 1] = values
    total = np.cumsum(step)
    return total - np.repeat(total[first[:-1]], last - first[:-1] + 1)
