"""Positions on the road: the nearest point of the nearest edge, for many positions at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.crs import from_metric, metric_crs, to_metric
from geo.road_graph import Graph
from geo.road_pieces import GEOD, Floats, Ints

_END_M = 0.01
"""Nearer than this to an end of an edge is at the end."""


@dataclass(frozen=True)
class Snaps:
    """Where positions meet the road network, one row for each position.

    ``edge``: edge of the graph; ``along_m``: metres from the edge's tail, exactly 0 or the edge's length at its ends;
    ``along_s``: seconds from the tail; ``row``: point row of the graph at which the piece begins;
    ``lon``, ``lat``: the point on the road, EPSG:4490; ``distance_m``: from the position to it, on the ellipsoid.
    """

    edge: Ints
    along_m: Floats
    along_s: Floats
    row: Ints
    lon: Floats
    lat: Floats
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.edge)


class Snapper:
    """Spatial index over the edges of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def crs(self) -> CRS:
        """Plane in which "nearest" is decided: the zone of the network's mean longitude."""
        return metric_crs(float(self._graph.lon.mean()))

    @cached_property
    def _xy(self) -> NDArray[np.float64]:
        return np.column_stack(to_metric(self._graph.lon, self._graph.lat, self.crs))

    @cached_property
    def _plane_along(self) -> Floats:
        """Plane length from the first point of the first edge to each point; jumps between edges count nothing."""
        step = np.r_[0.0, np.hypot(*np.diff(self._xy, axis=0).T)]
        step[self._graph.first[:-1]] = 0.0
        return np.cumsum(step)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """Edges as lines in `crs`."""
        edge = np.repeat(np.arange(self._graph.n_edges), np.diff(self._graph.first))
        return np.asarray(shapely.linestrings(self._xy, indices=edge), dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    def nearest_edges(self, shapes: NDArray[np.object_]) -> Ints:
        """Edge nearest to each shape (in `crs`); of equally near ones the lowest."""
        shape, edge = self.tree.query_nearest(shapes, all_matches=True)
        found = np.full(len(shapes), np.iinfo(np.int64).max)
        np.minimum.at(found, shape, edge)
        return found

    def snap(self, lon: ArrayLike, lat: ArrayLike) -> Snaps:
        """Nearest point on the network for each position.

        Parameters
        ----------
        lon, lat
            EPSG:4490 degrees, shape ``(n,)``.

        Raises
        ------
        ValueError
            If a coordinate is not finite.
        """
        lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise ValueError("a position without coordinates cannot be put on a road")
        graph = self._graph
        points = np.asarray(shapely.points(*to_metric(lon, lat, self.crs)), dtype=object)
        edge = self.nearest_edges(points)
        plane = shapely.line_locate_point(self.lines[edge], points)
        target = self._plane_along[graph.first[edge]] + plane
        row = np.searchsorted(self._plane_along, target, side="right") - 1
        row = np.clip(row, graph.first[edge], graph.last[edge] - 1)
        step = self._plane_along[row + 1] - self._plane_along[row]
        share = np.clip((target - self._plane_along[row]) / np.where(step > 0, step, 1.0), 0.0, 1.0)
        along_m = graph.along_m[row] + share * (graph.along_m[row + 1] - graph.along_m[row])
        length = graph.length_m[edge]
        # Whole millimetres, so that no piece of road is too short to be told from nothing.
        along_m = np.round(along_m, 3)
        along_m = np.where(along_m < _END_M, 0.0, np.where(along_m > length - _END_M, length, along_m))
        along_s, row, at_lon, at_lat = place(graph, edge, along_m)
        _, _, distance = GEOD.inv(lon, lat, at_lon, at_lat)
        return Snaps(edge, along_m, along_s, row, at_lon, at_lat, np.asarray(distance, dtype=np.float64))

    def approach(self, shapes: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Point of each shape that is nearest to a road, as EPSG:4490 ``(lon, lat)``.

        Parameters
        ----------
        shapes
            Lines or polygons in EPSG:4490, shape ``(n,)``; of polygons the outline counts, not the inside.
        """
        xy = shapely.transform(shapes, lambda at: np.column_stack(to_metric(at[:, 0], at[:, 1], self.crs)))
        outline = np.where(shapely.get_dimensions(xy) == 2, shapely.boundary(xy), xy)
        links = shapely.shortest_line(outline, self.lines[self.nearest_edges(outline)])
        start = shapely.get_point(links, 0)
        return from_metric(shapely.get_x(start), shapely.get_y(start), self.crs)


def place(graph: Graph, edge: Ints, along_m: Floats) -> tuple[Floats, Ints, Floats, Floats]:
    """Seconds from the tail, point row, longitude and latitude at ``along_m`` metres of each edge."""
    span = np.diff(graph.first)[edge]
    # Rows before the position: a binary search inside each edge, all edges in step.
    low, high = graph.first[edge], graph.first[edge] + span - 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        before = graph.along_m[middle] <= along_m
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    share = (along_m - graph.along_m[low]) / (graph.along_m[low + 1] - graph.along_m[low])

    def at(values: Floats) -> Floats:
        return np.where(share >= 1.0, values[low + 1], values[low] + share * (values[low + 1] - values[low]))

    return at(graph.along_s), low, at(graph.lon), at(graph.lat)
