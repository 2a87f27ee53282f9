"""Walking distances between places near each other: searches that stop at a limit, in small pieces of the network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from geo.crs import to_metric
from geo.road_graph import Graph
from geo.road_matrix import Arcs, build_arcs
from geo.road_pieces import Floats, Ints
from geo.road_snap import Snaps
from geo.roads import WALK_KMH, RoadNetwork

_TILE_M = 2000.0
_ROWS = 64
_SLACK_MS = 2000.0
"""Times on arcs are rounded to milliseconds: the search goes so much further than the limit."""


def walking_distances(network: RoadNetwork, snaps: Snaps, i: Ints, j: Ints, limit_m: float = np.inf) -> Floats:
    """Metres along the network from place ``i[p]`` to place ``j[p]`` for every pair p.

    A path no longer than the limit never leaves the circle of that radius round its start, so each tile of the map is
    searched with only the nodes within the limit around it.

    Parameters
    ----------
    network
        Made by `RoadNetwork.for_walking`.
    snaps
        Snapped places; the way from the place to the road is not counted.
    i, j
        Rows of ``snaps``, shape ``(p,)``.

    Returns
    -------
    ndarray
        Shape ``(p,)``; infinite where the way is longer than the limit or there is none.
    """
    arcs = build_arcs(network.graph, snaps)
    x, y = _node_positions(network, snaps, arcs)
    metres = np.full(len(i), np.inf)
    milliseconds = limit_m / (WALK_KMH / 3.6) * 1000.0 + _SLACK_MS
    tile_m = max(_TILE_M, limit_m)
    start = arcs.node[i]
    column, row = (np.floor(at[start] / tile_m) if np.isfinite(tile_m) else np.zeros(len(i)) for at in (x, y))
    order = np.lexsort((start, row, column))
    if not len(order):
        return metres
    changes = np.flatnonzero((np.diff(column[order]) != 0) | (np.diff(row[order]) != 0)) + 1
    for pairs in np.split(order, changes):
        nodes = _around(x, y, start[pairs], limit_m)
        weights = arcs.weights[nodes][:, nodes]
        local = np.full(len(x), -1, dtype=np.int64)
        local[nodes] = np.arange(len(nodes))
        end = local[arcs.node[j[pairs]]]
        reachable = end >= 0
        sources, source = np.unique(local[start[pairs]], return_inverse=True)
        for low in range(0, len(sources), _ROWS):
            packed = dijkstra(weights, indices=sources[low : low + _ROWS], limit=milliseconds * arcs.base)
            here = np.flatnonzero(reachable & (source >= low) & (source < low + _ROWS))
            metres[pairs[here]] = arcs.unpack(packed[source[here] - low, end[here]])[1]
    return np.where(metres <= limit_m, metres, np.inf)


def _node_positions(network: RoadNetwork, snaps: Snaps, arcs: Arcs) -> tuple[Floats, Floats]:
    """Plane position of every node of the arcs."""
    graph: Graph = network.graph
    lon, lat = np.empty(arcs.weights.shape[0]), np.empty(arcs.weights.shape[0])
    for node, row in ((graph.tail, graph.first[:-1]), (graph.head, graph.last)):
        lon[node], lat[node] = graph.lon[row], graph.lat[row]
    lon[arcs.node], lat[arcs.node] = snaps.lon, snaps.lat
    return to_metric(lon, lat, network.snapper.crs)


def _around(x: Floats, y: Floats, centres: Ints, limit_m: float) -> NDArray[np.int64]:
    """Nodes in the box of the centres, widened by the limit (and a little for the plane's scale)."""
    wide = limit_m * 1.001 + 1.0
    inside = np.ones(len(x), dtype=bool)
    for at in (x, y):
        inside &= (at >= at[centres].min() - wide) & (at <= at[centres].max() + wide)
    return np.flatnonzero(inside)
