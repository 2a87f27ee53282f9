"""The loom on which a town is woven: nodes by their place in the lattice, edges, and what lies on ring and barrier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from data.demo.layout import Land, Lattice

Orient = Literal["C", "R"]
"""Column line (runs north) or row line (runs east)."""

_CARRIAGEWAY_M: Final = 13.0


class Use(IntEnum):
    """What an edge is. Faces are cut by all but ``CROSSING``; cars drive on ``ROAD`` and ``CROSSING``."""

    ROAD = 0
    CROSSING = 1
    """A road on a bridge or in a tunnel: meets nothing between its two ends."""
    WALL = 2
    """Nothing on the ground: closes the blocks where a road stops short of a barrier."""
    RIVER = 3
    RAILWAY = 4


@dataclass(slots=True)
class Edge:
    """A piece between two nodes. ``road`` says which line it belongs to; ``oneway`` is 1 from a to b, -1 against."""

    a: int
    b: int
    road: tuple
    use: Use
    cell: tuple[int, int] | None = None
    bow: float = 0.0
    oneway: int = 0
    bridge: bool = False
    tunnel: bool = False
    points: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    """Ground coordinates from a to b, both ends included."""


class Loom:
    """The growing graph of one town: its nodes and edges by their place in the lattice."""

    def __init__(self, lattice: Lattice, rng: np.random.Generator) -> None:
        self.lattice, self.rng = lattice, rng
        self.nx, self.ny = lattice.shape
        self.ids: dict[tuple, int] = {}
        self.uv: list[tuple[float, float]] = []
        self.edges: list[Edge] = []
        self.where: dict[tuple, float] = {}
        self.stations: dict[tuple, dict[int, float]] = defaultdict(dict)
        self.barrier: dict[Use, dict[int, float]] = {Use.RIVER: {}, Use.RAILWAY: {}}
        self.root: dict[tuple, tuple] = {}
        self.length: dict[tuple, int] = defaultdict(int)
        ring = lattice.ring
        self.low = ring if ring is not None else -9
        self.high = (self.nx - ring, self.ny - ring) if ring is not None else (-9, -9)

    def node(self, key: tuple, uv: tuple[float, float]) -> int:
        if key not in self.ids:
            self.ids[key] = len(self.uv)
            self.uv.append(uv)
        return self.ids[key]

    def active(self, i: int, j: int) -> bool:
        return 0 <= i < self.nx and 0 <= j < self.ny and self.lattice.land[i, j] != Land.NONE

    def has_segment(self, orient: Orient, line: int, step: int) -> bool:
        if orient == "C":
            return self.active(line - 1, step) or self.active(line, step)
        return self.active(step, line - 1) or self.active(step, line)

    def is_barrier(self, orient: Orient, line: int) -> bool:
        return line == (self.lattice.river if orient == "C" else self.lattice.railway)

    def along_ring(self, orient: Orient, line: int) -> bool:
        return line in (self.low, self.high[0] if orient == "C" else self.high[1])

    def ring_segment(self, orient: Orient, line: int, step: int) -> bool:
        return self.along_ring(orient, line) and self.low <= step < self.high[1 if orient == "C" else 0]

    def on_ring(self, i: int, j: int) -> bool:
        inside_u, inside_v = self.low <= i <= self.high[0], self.low <= j <= self.high[1]
        return (self.along_ring("C", i) and inside_v) or (self.along_ring("R", j) and inside_u)

    def shifted(self, u: float, v: float, side: str) -> tuple[float, float]:
        """A point of the ring's middle line moved to the inner or outer carriageway."""
        lattice, sign = self.lattice, 1.0 if side == "in" else -1.0
        if u in (lattice.u[self.low], lattice.u[self.high[0]]):
            u += sign * _CARRIAGEWAY_M * (1 if u == lattice.u[self.low] else -1)
        if v in (lattice.v[self.low], lattice.v[self.high[1]]):
            v += sign * _CARRIAGEWAY_M * (1 if v == lattice.v[self.low] else -1)
        return float(u), float(v)

    def crossing_node(self, i: int, j: int, side: str = "") -> int:
        u, v = float(self.lattice.u[i]), float(self.lattice.v[j])
        return self.node(("N", i, j, side), self.shifted(u, v, side) if side else (u, v))

    def barrier_node(self, use: Use, key: tuple, uv: tuple[float, float]) -> int:
        node = self.node(("B", use, *key), uv)
        self.barrier[use][node] = uv[1] if use is Use.RIVER else uv[0]
        return node

    def join(self, a: int, b: int, road: tuple, use: Use, **more: object) -> Edge:
        edge = Edge(a, b, road, use, **more)  # type: ignore[arg-type]
        self.edges.append(edge)
        return edge

    def share_at(self, orient: Orient, line: int, step: int, fraction: Fraction) -> float:
        key = (orient, line, step, fraction)
        if key not in self.where:
            room = min(float(fraction), 1 - float(fraction), 1 / fraction.denominator)
            self.where[key] = float(fraction) + float(self.rng.uniform(-0.13, 0.13)) * room
        return self.where[key]
