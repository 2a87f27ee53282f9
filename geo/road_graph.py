"""The road graph: everything between two junctions becomes one edge that keeps its shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.road_pieces import Bools, Floats, Ints, Segments


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
