"""From a lattice to a planar graph of roads, railway and river.

Every main road is a lattice line; inside each cell local roads divide the ground by the cell's own spacing. River and
railway are lattice lines without a road: few roads cross them, on bridges and through underpasses that share no node.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.demo.layout import Land, Lattice
from data.demo.local_roads import fill
from data.demo.loom import Edge, Loom, Use
from data.demo.main_roads import barriers, ring_road, run

_MISSING: Final = {Land.OLD_TOWN: 0.16, Land.BUILT: 0.22, Land.TECH: 0.12}


@dataclass(slots=True)
class Weave:
    """The graph of one town: node positions on the ground ``(n, 2)`` and edges."""

    lattice: Lattice
    xy: NDArray[np.float64]
    edges: list[Edge]
    chains: dict[tuple, int]
    """Local line → number of cells that its road runs through."""


def weave(lattice: Lattice, rng: np.random.Generator) -> Weave:
    """The town's graph: roads, barriers and the walls that close its blocks. Ground coordinates in metres."""
    loom = Loom(lattice, rng)
    for i in range(loom.nx):
        for j in range(loom.ny):
            if loom.active(i, j):
                fill(loom, i, j)
    for line in range(loom.nx + 1):
        if not loom.is_barrier("C", line):
            run(loom, "C", line)
    for line in range(loom.ny + 1):
        if not loom.is_barrier("R", line):
            run(loom, "R", line)
    if lattice.ring is not None:
        ring_road(loom)
    barriers(loom)
    _thin_out(loom)
    return Weave(lattice, _shape(loom), loom.edges, dict(loom.length))


def _thin_out(loom: Loom) -> None:
    """Take local links away where both ends keep at least two others: blocks merge, no dead ends appear."""
    degree: dict[int, int] = defaultdict(int)
    for edge in loom.edges:
        if edge.use in (Use.ROAD, Use.CROSSING):
            degree[edge.a] += 1
            degree[edge.b] += 1
    gone: set[int] = set()
    for k in loom.rng.permutation(len(loom.edges)):
        edge = loom.edges[int(k)]
        if edge.cell is None or edge.use is not Use.ROAD:
            continue
        share = _MISSING.get(Land(int(loom.lattice.land[edge.cell])), 0.0)
        if loom.rng.random() < share and degree[edge.a] >= 3 and degree[edge.b] >= 3:
            gone.add(int(k))
            degree[edge.a] -= 1
            degree[edge.b] -= 1
    loom.edges = [edge for k, edge in enumerate(loom.edges) if k not in gone]


def _shape(loom: Loom) -> NDArray[np.float64]:
    """Give every edge its ground line; all points are bent in one go. Returns the nodes' ground positions."""
    uv = np.array(loom.uv)
    pieces = []
    for edge in loom.edges:
        a, b = uv[edge.a], uv[edge.b]
        length = float(np.hypot(*(b - a)))
        inner = min(12, int(length // 75))
        t = np.linspace(0, 1, inner + 2)[1:-1, None]
        normal = np.array([a[1] - b[1], b[0] - a[0]])
        pieces.append(a + t * (b - a) + normal * edge.bow * np.sin(np.pi * t))
    sizes = [len(piece) for piece in pieces]
    ground = loom.lattice.place(np.vstack([uv, *pieces]))
    xy, rest = ground[: len(uv)], np.split(ground[len(uv) :], np.cumsum(sizes)[:-1])
    for edge, mid in zip(loom.edges, rest, strict=True):
        edge.points = np.vstack([xy[edge.a], mid, xy[edge.b]])
    return xy
