"""Walks and barriers measured anew for the checker, by other means than ``geo.barriers``: no code is shared.

What is measured is the same: from gate to gate along the roads (both ways, motorways not), plus the way from each gate
to the road; straight line × 1.3 where that is shorter than the ways to the road, or where there are no roads. A river,
railway or water area on the straight line between two gates is crossed if some walk within the radius exists; a road
of a barred class only if there is one that neither uses nor meets such a road on the level.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from geo.crs import STORAGE_CRS

STRAIGHT_FACTOR: Final = 1.3
_NOT_FOR_WALKERS: Final = frozenset(
    {"motorway", "motorway_link", "raceway", "bus_guideway", "construction", "proposed"}
)
_POND_M2: Final = 10_000.0
_GATE_M: Final = 2.0
"""A gate so near to a barrier lies on it; a metre more than the solver's, so that rounding accuses nobody."""


@dataclass(frozen=True)
class _Net:
    """Straight pieces of road in the plane with the graph of their end points."""

    xy: NDArray[np.float64]
    ends: NDArray[np.int64]
    metres: NDArray[np.float64]
    tree: shapely.STRtree


class Ground:
    """The plane round the stops: ask for walks between them and for barriers on the straight line."""

    def __init__(self, ways: gpd.GeoDataFrame, barriers: Sequence[str], stops: pd.DataFrame) -> None:
        """
        Parameters
        ----------
        ways
            Canonical ways.
        barriers
            Kinds that may not be crossed (``BundleSettings.barriers``).
        stops
            Index estate id; ``lon``, ``lat`` in EPSG:4490, rows without a position left out.
        """
        centre = (float(stops["lon"].mean()), float(stops["lat"].mean())) if len(stops) else (0.0, 0.0)
        plane = f"+proj=aeqd +lon_0={centre[0]} +lat_0={centre[1]} +ellps=GRS80 +units=m"
        self._to_plane = Transformer.from_crs(STORAGE_CRS, plane, always_xy=True)
        x, y = self._to_plane.transform(stops["lon"].to_numpy(dtype=float), stops["lat"].to_numpy(dtype=float))
        self._place: Mapping[str, NDArray[np.float64]] = dict(zip(stops.index, np.column_stack([x, y]), strict=True))
        ways = ways[ways.geometry.notna() & ~ways.geometry.is_empty]
        shapes = shapely.transform(
            ways.geometry.to_numpy(), lambda c: np.column_stack(self._to_plane.transform(c[:, 0], c[:, 1]))
        )
        level = ~ways["bridge"].to_numpy(dtype=bool) & ~ways["tunnel"].to_numpy(dtype=bool)
        kind, road_class = ways["kind"].to_numpy(dtype=object), ways["road_class"].to_numpy(dtype=object)
        barred_road = (kind == "road") & level & np.isin(road_class.astype(str), list(barriers))
        soft = np.zeros(len(ways), dtype=bool)
        if "river" in barriers:
            soft |= (kind == "river") & ~ways["tunnel"].to_numpy(dtype=bool)
            soft |= (kind == "water") & (shapely.area(shapes) >= _POND_M2)
        if "railway" in barriers:
            soft |= (kind == "railway") & level
        outline = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        self._soft, self._hard = _Fence(outline[soft]), _Fence(outline[barred_road])
        walkable = (kind == "road") & ~np.isin(road_class.astype(str), list(_NOT_FOR_WALKERS))
        self.straight_line = not bool(walkable.any())
        self._net = None if self.straight_line else _net(shapes, walkable, barred_road, apart=False)
        self._apart = (
            None if self.straight_line or not barred_road.any() else _net(shapes, walkable, barred_road, apart=True)
        )

    def knows(self, estate: str) -> bool:
        """Whether the estate has a stop."""
        return estate in self._place

    def place(self, estate: str) -> tuple[float, float]:
        """Where the stop is in the plane, metres."""
        x, y = self._place[estate]
        return float(x), float(y)

    def across(self, a: str, b: str) -> bool:
        """Whether the straight line between the two meets a barrier at all."""
        return self._soft.meets(self._place[a], self._place[b]) or self.across_road(a, b)

    def across_road(self, a: str, b: str) -> bool:
        """Whether the straight line between the two meets a barred road: the way round it is the longer one."""
        return self._hard.meets(self._place[a], self._place[b])

    def walks(self, members: Sequence[str], limit_m: float) -> NDArray[np.float64]:
        """Walks between all members, shape ``(n, n)``, metres; infinite beyond the limit."""
        places = np.array([self._place[member] for member in members])
        straight = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) * STRAIGHT_FACTOR
        if self._net is None:
            return straight
        along, to_road, _ = _along(self._net, places, limit_m)
        both = to_road[:, None] + to_road[None, :]
        walk = np.where(straight <= both, np.minimum(straight, both + along), both + along)
        np.fill_diagonal(walk, 0.0)
        return walk

    def barrier_between(self, a: str, b: str, radius_m: float, walk_m: float) -> bool:
        """Whether a barrier keeps the two apart; ``walk_m`` is the walk between them."""
        here, there = self._place[a], self._place[b]
        if self._soft.between(here, there) and (self._net is None or walk_m > radius_m):
            return True
        return self._hard.between(here, there) and self.walk_apart(a, b, radius_m) > radius_m

    def walk_apart(self, a: str, b: str, limit_m: float) -> float:
        """Walk that neither uses nor meets a barred road on the level; infinite if there is none within the limit.

        A gate whose nearest road lies beyond a barred road has none. One that is nearest to a junction with a barred
        road may begin on any of the roads that end there.
        """
        if self._apart is None or not len(self._apart.ends):
            return math.inf
        net, places = self._apart, np.array([self._place[a], self._place[b]])
        best = math.inf
        for pieces in product(*(_nearest_pieces(net, place) for place in places)):
            along, to_road, feet = _along(net, places, limit_m, np.array(pieces))
            if not any(self._hard.between(place, foot) for place, foot in zip(places, feet, strict=True)):
                best = min(best, float(along[0, 1] + to_road.sum()))
        return best if best <= limit_m else math.inf


class _Fence:
    """Barriers as straight pieces."""

    def __init__(self, outlines: NDArray[np.object_]) -> None:
        lines = shapely.get_parts(outlines)
        xy, line = shapely.get_coordinates(lines, return_index=True)
        start = np.flatnonzero(line[:-1] == line[1:])
        self._ends = np.stack([xy[start], xy[start + 1]], axis=1)
        self._tree = shapely.STRtree(np.asarray(shapely.linestrings(self._ends), dtype=object))

    def meets(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
        """Whether the straight line from a to b touches a piece."""
        return len(self._tree.query(shapely.LineString([a, b]), predicate="intersects")) > 0

    def between(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
        """Whether the straight line from a to b crosses a piece, both ends a little off the piece's line."""
        hits = self._tree.query(shapely.LineString([a, b]), predicate="intersects")
        for begin, end in self._ends[hits]:
            along = (end - begin) / max(float(np.hypot(*(end - begin))), 1e-9)
            off = [abs(float(along[0] * (p - begin)[1] - along[1] * (p - begin)[0])) for p in (a, b)]
            if min(off) >= _GATE_M:
                return True
        return False


def _net(shapes: NDArray[np.object_], walkable: NDArray[np.bool_], barred: NDArray[np.bool_], *, apart: bool) -> _Net:
    """The connected network with the most metres; with ``apart`` then torn at everything that a barred road touches."""
    lines, way = shapely.get_parts(shapes[walkable | (barred & apart)], return_index=True)
    is_barred = barred[walkable | (barred & apart)][way]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    _, first, point = np.unique(np.round(xy, 2), axis=0, return_index=True, return_inverse=True)
    point = point.reshape(-1)
    start = np.flatnonzero((line[:-1] == line[1:]) & (point[:-1] != point[1:]))
    ends = np.column_stack([point[start], point[start + 1]])
    from_barred = is_barred[line[start]]
    places = xy[first]
    metres = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T)
    n = len(places)
    _, label = connected_components(coo_matrix((metres + 1.0, (ends[:, 0], ends[:, 1])), shape=(n, n)), directed=False)
    longest = np.bincount(label[ends[:, 0]], weights=metres, minlength=1).argmax()
    kept = label[ends[:, 0]] == longest
    if apart:
        touched = np.zeros(n, dtype=bool)
        touched[ends[from_barred].ravel()] = True
        kept &= ~from_barred
        ends = ends.copy()
        loose = kept[:, None] & touched[ends]
        places = np.concatenate([places, places[ends[loose]]])
        ends[loose] = n + np.arange(int(loose.sum()))
    ends, metres = ends[kept], metres[kept]
    return _Net(places, ends, metres, shapely.STRtree(np.asarray(shapely.linestrings(places[ends]), dtype=object)))


def _nearest_pieces(net: _Net, place: NDArray[np.float64]) -> NDArray[np.int64]:
    """The pieces nearest to a place: several where they end in the same point."""
    point = shapely.Point(place)
    _, distance = net.tree.query_nearest(point, return_distance=True, all_matches=False)
    found = net.tree.query(point, predicate="dwithin", distance=float(distance[0]) + 0.01)
    return np.asarray(np.sort(found), dtype=np.int64)


def _along(
    net: _Net, places: NDArray[np.float64], limit_m: float, piece: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Metres between the places' feet on the network, metres from place to foot, and the feet, shape ``(n, 2)``.

    ``piece``: the piece of road that each place belongs to; by default the nearest.
    """
    if piece is None:
        piece = np.atleast_1d(np.asarray(net.tree.nearest(shapely.points(places)), dtype=np.int64))
    a, b = net.xy[net.ends[piece, 0]], net.xy[net.ends[piece, 1]]
    along = b - a
    share = np.clip(((places - a) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    feet = a + share[:, None] * along
    low, high = feet.min(axis=0) - limit_m - 10.0, feet.max(axis=0) + limit_m + 10.0
    near = ((net.xy >= low) & (net.xy <= high)).all(axis=1)
    used = np.flatnonzero(near[net.ends].all(axis=1))
    used = np.union1d(used, piece)
    nodes, ends = np.unique(net.ends[used], return_inverse=True)
    ends = ends.reshape(-1, 2)
    n, k = len(nodes), len(places)
    here = np.searchsorted(used, piece)
    length, foot = net.metres[piece], n + np.arange(k)
    i, j = (rows.ravel() for rows in np.indices((k, k)))
    same = (piece[i] == piece[j]) & (i < j)
    i, j = i[same], j[same]
    u = np.concatenate([ends[:, 0], foot, foot, foot[i]])
    v = np.concatenate([ends[:, 1], ends[here, 0], ends[here, 1], foot[j]])
    metres = [net.metres[used], length * share, length * (1 - share), length[i] * np.abs(share[i] - share[j])]
    graph = _graph(u, v, np.concatenate(metres), n + k)
    apart = np.asarray(dijkstra(graph, directed=False, indices=foot, limit=limit_m)[:, foot])
    return apart, np.hypot(*(places - feet).T), feet


def _graph(u: NDArray[np.int64], v: NDArray[np.int64], metres: NDArray[np.float64], n: int) -> csr_matrix:
    """Undirected graph; of parallel edges the shortest counts, and no edge has length 0 (which would mean none)."""
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], np.maximum(metres[order], 1e-9)
    first = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])]
    return csr_matrix((metres[first], (low[first], high[first])), shape=(n, n))
