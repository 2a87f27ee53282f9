"""The road network: snap positions to it, travel between them, and the way taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import LineString

from geo.errors import InputError
from geo.progress import SILENT, Progress
from geo.road_graph import Graph, contract
from geo.road_matrix import Arcs, build_arcs, many_to_many, paths
from geo.road_pieces import Floats, Ints, cut_apart, largest_part, road_speeds, segments
from geo.road_snap import Snapper, Snaps, place

DETOUR: Final = 1.3
"""Assumed length of a way along roads, as a multiple of the straight line, where no road is known."""

WALK_KMH: Final = 5.0
_NO_WALKING = frozenset({"motorway", "motorway_link", "raceway", "bus_guideway", "construction", "proposed"})


@dataclass(frozen=True)
class TravelMatrix:
    """Travel of the fastest paths; ``[i, j]`` is from i to j. Both have shape ``(n, n)`` and a zero diagonal.

    ``travel_s``: whole seconds, rounded up, so that no detour through a third place is shorter; ``distance_m``: metres
    along the very same path, to the decimetre. -1 and infinite where there is no path: never in a driving network,
    because positions are put on the one part in which everything reaches everything.
    """

    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.float64]


@dataclass(frozen=True)
class Path:
    """A way along the roads: line in EPSG:4490, metres, seconds, and ``(road name, metres)`` in driving order."""

    geometry: LineString
    distance_m: float
    travel_s: int
    roads: tuple[tuple[str, float], ...]
    """Neighbouring stretches of the same name are one; ``""`` for roads without a name."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Roads as a graph; make it with `from_ways` or `for_walking`."""

    graph: Graph
    names: NDArray[np.object_]
    """Road name of each way, by row of the ways it was made from."""
    n_left_out: int
    """Edges cut off from the main part: not all of it can be reached from them, or they not from all of it."""
    left_out_m: float
    ignored: Mapping[str, int]
    """Road classes without a speed, with the number of their ways."""
    snapper: Snapper = field(repr=False)

    @classmethod
    def from_ways(cls, ways: gpd.GeoDataFrame, speeds_kmh: Mapping[str, float]) -> RoadNetwork:
        """Network for driving.

        Parameters
        ----------
        ways
            ``WAYS`` frame; rows of other kinds than road are ignored.
        speeds_kmh
            Speed by road class. Classes that are not in it are not driven on (`ignored` counts them); a posted limit
            below the class's speed is kept.

        Raises
        ------
        InputError
            If there is no road, or none that one can drive on there and back.
        """
        made = cls._made(ways, *road_speeds(ways, speeds_kmh), oneway=True)
        if made is None:
            raise InputError(
                "路网中没有可往返通行的道路", "请检查道路文件的道路等级（highway）、单行方向和线形后重新导入"
            )
        return made

    @classmethod
    def for_walking(cls, ways: gpd.GeoDataFrame, cut: Sequence[int] | Ints = ()) -> RoadNetwork | None:
        """Network for walking, where one-way rules do not count; ``None`` if there is nothing to walk on.

        Parameters
        ----------
        ways
            ``WAYS`` frame. All road classes but motorways and roads not yet built are walked on at 5 km/h.
        cut
            Rows (positions in the frame, not ``way_id``) that nobody may walk along, nor cross where they share a point
            with another way. The network may then fall apart, and some distances are infinite.
        """
        classes = set(ways["road_class"].dropna()) - _NO_WALKING
        speeds = {str(c): WALK_KMH for c in classes} | {"unclassified": WALK_KMH}
        speed_kmh, ignored = road_speeds(ways.assign(maxspeed_kmh=np.nan), speeds)
        # cut_apart finds the points to part at in the pieces of these ways, so they are pieces too at first.
        speed_kmh[np.asarray(cut, dtype=np.int64)] = WALK_KMH
        return cls._made(ways, speed_kmh, ignored, oneway=False, cut=cut)

    @classmethod
    def _made(
        cls,
        ways: gpd.GeoDataFrame,
        speed_kmh: Floats,
        ignored: Mapping[str, int],
        *,
        oneway: bool,
        cut: Sequence[int] | Ints = (),
    ) -> RoadNetwork | None:
        pieces = segments(ways, speed_kmh, oneway=oneway)
        kept, rest = largest_part(pieces) if len(pieces.a) else (pieces, pieces)
        if len(cut):
            kept = cut_apart(kept, cut)
        if not len(kept.a):
            return None
        graph = contract(kept)
        names = ways["name"].fillna("").to_numpy(dtype=object)
        n_left_out = contract(rest).n_edges if len(rest.a) else 0
        return cls(graph, names, n_left_out, float(rest.metres.sum()), ignored, Snapper(graph))

    def snap(self, lon: ArrayLike, lat: ArrayLike) -> Snaps:
        """Nearest point on the network for each position (EPSG:4490 degrees, finite, shape ``(n,)``)."""
        return self.snapper.snap(lon, lat)

    def approach(self, shapes: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Point of each line or polygon outline (EPSG:4490) that is nearest to a road, as ``(lon, lat)``."""
        return self.snapper.approach(shapes)

    def matrix(self, lon: ArrayLike, lat: ArrayLike, progress: Progress = SILENT) -> TravelMatrix:
        """Travel between all positions, from their snapped points; the way to the road is not counted.

        Runs on all cores in helper processes when it takes long enough to be worth it.

        Raises
        ------
        Stopped
            When the progress says so.
        """
        milliseconds, metres = many_to_many(build_arcs(self.graph, self.snap(lon, lat)), progress)
        milliseconds[~np.isfinite(milliseconds)] = -1000.0
        seconds = np.ceil(np.divide(milliseconds, 1000.0, out=milliseconds), out=milliseconds)
        return TravelMatrix(seconds.astype(np.int64), np.round(metres, 1, out=metres))

    def path(self, lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> Path | None:
        """The fastest way from a to b, between their snapped points; ``None`` only where a cut network has none."""
        return self.route([lon_a, lon_b], [lat_a, lat_b])[0]

    def route(self, lon: ArrayLike, lat: ArrayLike) -> list[Path | None]:
        """The fastest ways from each position to the next: n - 1 legs, the same as in `matrix`."""
        snaps = self.snap(lon, lat)
        arcs = build_arcs(self.graph, snaps)
        legs = zip(pairwise(range(len(snaps))), paths(arcs, arcs.node[:-1], arcs.node[1:]), strict=True)
        return [self._leg(arcs, snaps, a, b, packed, steps) for (a, b), (packed, steps) in legs]

    def _leg(self, arcs: Arcs, snaps: Snaps, a: int, b: int, packed: float, steps: Ints) -> Path | None:
        if not np.isfinite(packed):
            return None
        if not len(steps):
            here = (float(snaps.lon[a]), float(snaps.lat[a]))
            return Path(LineString([here, here]), 0.0, 0, ())
        coordinates: list[NDArray[np.float64]] = []
        roads: list[tuple[str, float]] = []
        for edge, start, end in zip(arcs.edge[steps], arcs.from_m[steps], arcs.to_m[steps], strict=True):
            points, ways, metres = self._stretch(int(edge), float(start), float(end))
            coordinates.append(points if not coordinates else points[1:])
            for way, length in zip(ways, metres, strict=True):
                name = str(self.names[way])
                if roads and roads[-1][0] == name:
                    roads[-1] = (name, roads[-1][1] + float(length))
                else:
                    roads.append((name, float(length)))
        milliseconds, distance = arcs.unpack(np.array([packed]))
        line = LineString(np.concatenate(coordinates))
        return Path(line, float(np.round(distance[0], 1)), int(np.ceil(milliseconds[0] / 1000.0)), tuple(roads))

    def _stretch(self, edge: int, from_m: float, to_m: float) -> tuple[NDArray[np.float64], Ints, Floats]:
        """Points from one position of an edge to another, the way of each piece between them and its metres."""
        graph = self.graph
        low, high = min(from_m, to_m), max(from_m, to_m)
        whole = slice(graph.first[edge], graph.last[edge] + 1)
        if low == 0.0 and high == graph.along_m[graph.last[edge]]:
            points, along = np.column_stack([graph.lon[whole], graph.lat[whole]]), graph.along_m[whole]
            ways = graph.way[whole][:-1]
        else:
            _, row, lon, lat = place(graph, np.array([edge, edge]), np.array([low, high]))
            between = np.arange(row[0] + 1, row[1] + 1)
            between = between[(graph.along_m[between] > low) & (graph.along_m[between] < high)]
            x, y = np.r_[lon[0], graph.lon[between], lon[1]], np.r_[lat[0], graph.lat[between], lat[1]]
            points, along = np.column_stack([x, y]), np.r_[low, graph.along_m[between], high]
            ways = graph.way[np.r_[row[0], between]]
        metres = np.diff(along)
        return (points, ways, metres) if from_m <= to_m else (points[::-1], ways[::-1], metres[::-1])
