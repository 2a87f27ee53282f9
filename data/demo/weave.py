"""From a lattice to a planar graph of roads, railway and river.

Every main road is a lattice line; inside each cell local roads divide the ground by the cell's own spacing, so that
different grids meet at the main roads, in crossings where their divisions agree and in T-junctions where not. River and
railway are lattice lines without a road: few roads cross them, on bridges and through underpasses that share no node.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from data.demo.layout import Land, Lattice

Orient = Literal["C", "R"]
"""Column line (runs north) or row line (runs east)."""

_CARRIAGEWAY_M: Final = 13.0
_OVERPASS_M: Final = 70.0
_RAIL_CROSSING_M: Final = 55.0
_SPACING_M: Final = {Land.OLD_TOWN: 185.0, Land.BUILT: 265.0, Land.TECH: 330.0}
_MISSING: Final = {Land.OLD_TOWN: 0.16, Land.BUILT: 0.22, Land.TECH: 0.12}


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
    points: NDArray[np.float64] | None = None
    """Ground coordinates from a to b, both ends included."""


@dataclass(slots=True)
class Weave:
    """The graph of one town: node positions on the ground ``(n, 2)`` and edges."""

    lattice: Lattice
    xy: NDArray[np.float64]
    edges: list[Edge]
    chains: dict[tuple, int]
    """Local line → number of cells that its road runs through."""


class _Weaver:
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

    # --- places

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

    # --- local roads

    def share_at(self, orient: Orient, line: int, step: int, fraction: Fraction) -> float:
        key = (orient, line, step, fraction)
        if key not in self.where:
            room = min(float(fraction), 1 - float(fraction), 1 / fraction.denominator)
            self.where[key] = float(fraction) + float(self.rng.uniform(-0.13, 0.13)) * room
        return self.where[key]

    def end(self, orient: Orient, line: int, step: int, fraction: Fraction, cell: tuple[int, int]) -> tuple[int, Use]:
        """Node where a local road of ``cell`` meets a side of it, and whether a road may run there."""
        share = self.share_at(orient, line, step, fraction)
        lattice = self.lattice
        run, fixed = (lattice.v, lattice.u) if orient == "C" else (lattice.u, lattice.v)
        pos = float(run[step] + share * (run[step + 1] - run[step]))
        at = (float(fixed[line]), pos) if orient == "C" else (pos, float(fixed[line]))
        if self.is_barrier(orient, line):
            return self.barrier_node(Use.RIVER if orient == "C" else Use.RAILWAY, (step, fraction), at), Use.WALL
        side = ""
        if self.ring_segment(orient, line, step):
            inner = self.low <= cell[0] < self.high[0] and self.low <= cell[1] < self.high[1]
            side = "in" if inner else "out"
            at = self.shifted(*at, side)
        node = self.node((orient, line, step, fraction, side), at)
        self.stations[(orient, line, step, side)][node] = pos
        use = Use.WALL if side and self.rng.random() < 0.6 else Use.ROAD
        return node, use

    def chain(self, orient: Orient, cell: tuple[int, int], fraction: Fraction) -> tuple:
        """The local line's name key: that of the cell before when the line runs on."""
        i, j = cell
        before = (i, j - 1) if orient == "C" else (i - 1, j)
        line = j if orient == "C" else i
        cross: Orient = "R" if orient == "C" else "C"
        key = ("L", orient, i, j, fraction)
        last = ("L", orient, *before, fraction)
        runs_on = last in self.root and not self.is_barrier(cross, line)
        runs_on = runs_on and not self.ring_segment(cross, line, i if orient == "C" else j)
        self.root[key] = self.root[last] if runs_on and self.rng.random() < 0.85 else key
        self.length[self.root[key]] += 1
        return self.root[key]

    def fill(self, i: int, j: int) -> None:
        """Local roads of one cell."""
        lattice, rng = self.lattice, self.rng
        land = Land(int(lattice.land[i, j]))
        width, height = lattice.u[i + 1] - lattice.u[i], lattice.v[j + 1] - lattice.v[j]
        if land in _SPACING_M:
            spacing = _SPACING_M[land] * rng.uniform(0.82, 1.2)
            m, p = max(2, round(width / spacing)), max(2, round(height / (spacing * rng.uniform(0.8, 1.1))))
        elif land is Land.FRINGE and rng.random() < 0.4:
            m, p = 2, 1
        else:
            m, p = 1, 1
        across = [Fraction(k, m) for k in range(1, m)]
        up = [Fraction(k, p) for k in range(1, p)]
        ends = {("B", f): self.end("R", j, i, f, (i, j)) for f in across}
        ends |= {("T", f): self.end("R", j + 1, i, f, (i, j)) for f in across}
        ends |= {("W", f): self.end("C", i, j, f, (i, j)) for f in up}
        ends |= {("E", f): self.end("C", i + 1, j, f, (i, j)) for f in up}
        inner: dict[tuple, int] = {}
        for f in across:
            for g in up:
                low, high = self.share_at("R", j, i, f), self.share_at("R", j + 1, i, f)
                left, right = self.share_at("C", i, j, g), self.share_at("C", i + 1, j, g)
                t = left + (right - left) * low
                s = low + (high - low) * t + rng.uniform(-0.14, 0.14) / m
                t = left + (right - left) * s + rng.uniform(-0.14, 0.14) / p
                at = (float(lattice.u[i] + s * width), float(lattice.v[j] + t * height))
                inner[f, g] = self.node(("I", i, j, f, g), at)
        for f in across:
            road = self.chain("C", (i, j), f)
            self._string([ends["B", f], *((inner[f, g], Use.ROAD) for g in up), ends["T", f]], road, (i, j))
        for g in up:
            road = self.chain("R", (i, j), g)
            self._string([ends["W", g], *((inner[f, g], Use.ROAD) for f in across), ends["E", g]], road, (i, j))

    def _string(self, stops: list[tuple[int, Use]], road: tuple, cell: tuple[int, int]) -> None:
        for (a, use_a), (b, use_b) in zip(stops[:-1], stops[1:], strict=True):
            use = Use.WALL if Use.WALL in (use_a, use_b) else Use.ROAD
            self.join(a, b, road, use, cell=cell, bow=float(self.rng.normal(0, 0.025)) if use is Use.ROAD else 0.0)

    # --- main roads

    def run(self, orient: Orient, line: int) -> None:
        """One lattice line from its first to its last segment, with its crossings of ring and barrier."""
        n = self.ny if orient == "C" else self.nx
        leave: tuple[int, Use] | None = None
        for step in range(n + 1):
            arrive, depart = self._station(orient, line, step)
            before = step > 0 and self.has_segment(orient, line, step - 1)
            if before and not self.ring_segment(orient, line, step - 1) and leave and arrive:
                found = self.stations.get((orient, line, step - 1, ""), {})
                between = [(node, Use.ROAD) for node in sorted(found, key=lambda k: found[k])]
                stops = [leave, *between, arrive]
                for (a, use_a), (b, use_b) in zip(stops[:-1], stops[1:], strict=True):
                    use = Use.WALL if Use.WALL in (use_a, use_b) else Use.ROAD
                    self.join(a, b, (orient, line, step - 1), use)
            leave = depart

    def _station(self, orient: Orient, line: int, step: int) -> tuple[tuple[int, Use] | None, tuple[int, Use] | None]:
        i, j = (line, step) if orient == "C" else (step, line)
        exists = [self.has_segment(orient, line, s) for s in (step - 1, step)]
        if not any(exists):
            return None, None
        cross: Orient = "R" if orient == "C" else "C"
        if self.on_ring(i, j) and self.along_ring(orient, line):
            corner = step in (self.low, self.high[1 if orient == "C" else 0])
            if not corner:
                return None, None
            outer = (self.crossing_node(i, j, "out"), Use.ROAD)
            return (outer, None) if step == self.low else (None, outer)
        if self.is_barrier(cross, step):
            return self._barrier_crossing(orient, line, step, all(exists))
        if self.on_ring(i, j):
            return self._ring_crossing(orient, line, step, all(exists))
        node = (self.crossing_node(i, j), Use.ROAD)
        return node, node

    def _beside(self, orient: Orient, line: int, step: int, offset: float, fixed: float | None = None) -> int:
        lattice = self.lattice
        run, across = (lattice.v, lattice.u) if orient == "C" else (lattice.u, lattice.v)
        place, other = float(run[step]) + offset, float(across[line]) if fixed is None else fixed
        uv = (other, place) if orient == "C" else (place, other)
        return self.node(("H", orient, line, step, round(offset, 1), fixed), uv)

    def _barrier_crossing(
        self, orient: Orient, line: int, step: int, whole: bool
    ) -> tuple[tuple[int, Use], tuple[int, Use]]:
        lattice = self.lattice
        use, open_lines = (Use.RAILWAY, lattice.underpasses) if orient == "C" else (Use.RIVER, lattice.bridges)
        i, j = (line, step) if orient == "C" else (step, line)
        middle = self.barrier_node(use, ("N", line), (float(lattice.u[i]), float(lattice.v[j])))
        if not whole or line not in open_lines:
            return (middle, Use.WALL), (middle, Use.WALL)
        reach = _RAIL_CROSSING_M if use is Use.RAILWAY else lattice.river_half_width_m + 40
        a, b = self._beside(orient, line, step, -reach), self._beside(orient, line, step, reach)
        under = use is Use.RAILWAY and line % 2 == 0
        self.join(a, b, (orient, line, step), Use.CROSSING, bridge=not under, tunnel=under)
        self.join(a, middle, ("wall",), Use.WALL)
        self.join(middle, b, ("wall",), Use.WALL)
        return (a, Use.ROAD), (b, Use.ROAD)

    def _ring_crossing(
        self, orient: Orient, line: int, step: int, whole: bool
    ) -> tuple[tuple[int, Use], tuple[int, Use]]:
        i, j = (line, step) if orient == "C" else (step, line)
        order = ("out", "in") if step == self.low else ("in", "out")
        first, second = (self.crossing_node(i, j, side) for side in order)
        if not whole or line % 3 != 1:
            self.join(first, second, (orient, line, step), Use.ROAD)
            return (first, Use.ROAD), (second, Use.ROAD)
        a, b = self._beside(orient, line, step, -_OVERPASS_M), self._beside(orient, line, step, _OVERPASS_M)
        self.join(a, b, (orient, line, step), Use.CROSSING, bridge=True)
        for one, other in ((a, first), (first, second), (second, b)):
            self.join(one, other, ("wall",), Use.WALL)
        return (a, Use.ROAD), (b, Use.ROAD)

    def ring_road(self) -> None:
        """Two one-way carriageways: the outer runs anticlockwise, the inner clockwise (traffic keeps right)."""
        low, (high_u, high_v) = self.low, self.high
        sides: tuple[tuple[Orient, int, range, str], ...] = (
            ("R", low, range(low, high_u), "南"), ("C", high_u, range(low, high_v), "东"),
            ("R", high_v, range(high_u - 1, low - 1, -1), "北"), ("C", low, range(high_v - 1, low - 1, -1), "西"),
        )  # fmt: skip
        for side, way in (("out", 1), ("in", -1)):
            stops: list[tuple[int, tuple]] = []
            jumps: set[tuple[int, int]] = set()
            for orient, line, steps, name in sides:
                forward = steps.step > 0
                for step in steps:
                    start = step if forward else step + 1
                    for node in self._ring_station(orient, line, start, side, forward, jumps):
                        stops.append((node, ("ring", name)))
                    found = self.stations.get((orient, line, step, side), {})
                    order = sorted(found, key=lambda k: found[k], reverse=not forward)  # noqa: B023
                    stops += [(node, ("ring", name)) for node in order]
            for (a, road), (b, _) in zip(stops, [*stops[1:], stops[0]], strict=True):
                over = (a, b) in jumps
                self.join(a, b, road, Use.CROSSING if over else Use.ROAD, oneway=way, bridge=over)

    def _ring_station(
        self, orient: Orient, line: int, step: int, side: str, forward: bool, jumps: set[tuple[int, int]]
    ) -> list[int]:
        i, j = (line, step) if orient == "C" else (step, line)
        if not self.is_barrier("R" if orient == "C" else "C", step):
            return [self.crossing_node(i, j, side)]
        use = Use.RAILWAY if orient == "C" else Use.RIVER
        u, v = self.shifted(float(self.lattice.u[i]), float(self.lattice.v[j]), side)
        middle = self.barrier_node(use, ("ring", line, side), (u, v))
        reach = _RAIL_CROSSING_M if use is Use.RAILWAY else self.lattice.river_half_width_m + 40
        fixed = u if orient == "C" else v
        pair = [self._beside(orient, line, step, sign * reach, fixed) for sign in (-1, 1)]
        if not forward:
            pair.reverse()
        jumps.add((pair[0], pair[1]))
        for node in pair:
            self.join(node, middle, ("wall",), Use.WALL)
        return pair

    # --- the whole

    def barriers(self) -> None:
        lattice = self.lattice
        for use, line in ((Use.RIVER, lattice.river), (Use.RAILWAY, lattice.railway)):
            if line is None:
                continue
            for edge_step in (0, (self.ny if use is Use.RIVER else self.nx)):
                at = (
                    (lattice.u[line], lattice.v[edge_step])
                    if use is Use.RIVER
                    else (lattice.u[edge_step], lattice.v[line])
                )
                self.barrier_node(use, ("N", edge_step), (float(at[0]), float(at[1])))
            if lattice.river is not None and lattice.railway is not None:
                at = (float(lattice.u[lattice.river]), float(lattice.v[lattice.railway]))
                meet = self.node(("B", "meet"), at)
                self.barrier[use][meet] = at[1] if use is Use.RIVER else at[0]
            order = sorted(self.barrier[use], key=lambda k: self.barrier[use][k])  # noqa: B023
            for a, b in zip(order[:-1], order[1:], strict=True):
                self.join(a, b, (use.name,), use)

    def thin_out(self) -> None:
        """Take local links away where both ends keep at least two others: blocks merge, no dead ends appear."""
        degree: dict[int, int] = defaultdict(int)
        for edge in self.edges:
            if edge.use in (Use.ROAD, Use.CROSSING):
                degree[edge.a] += 1
                degree[edge.b] += 1
        gone: set[int] = set()
        for k in self.rng.permutation(len(self.edges)):
            edge = self.edges[int(k)]
            if edge.cell is None or edge.use is not Use.ROAD:
                continue
            share = _MISSING.get(Land(int(self.lattice.land[edge.cell])), 0.0)
            if self.rng.random() < share and degree[edge.a] >= 3 and degree[edge.b] >= 3:
                gone.add(int(k))
                degree[edge.a] -= 1
                degree[edge.b] -= 1
        self.edges = [edge for k, edge in enumerate(self.edges) if k not in gone]

    def shape(self) -> NDArray[np.float64]:
        """Give every edge its ground line; all points are bent in one go. Returns the nodes' ground positions."""
        uv = np.array(self.uv)
        pieces = []
        for edge in self.edges:
            a, b = uv[edge.a], uv[edge.b]
            length = float(np.hypot(*(b - a)))
            inner = min(12, int(length // 75))
            t = np.linspace(0, 1, inner + 2)[1:-1, None]
            normal = np.array([a[1] - b[1], b[0] - a[0]])
            pieces.append(a + t * (b - a) + normal * edge.bow * np.sin(np.pi * t))
        sizes = [len(piece) for piece in pieces]
        ground = self.lattice.place(np.vstack([uv, *pieces]))
        xy, rest = ground[: len(uv)], np.split(ground[len(uv) :], np.cumsum(sizes)[:-1])
        for edge, mid in zip(self.edges, rest, strict=True):
            edge.points = np.vstack([xy[edge.a], mid, xy[edge.b]])
        return xy


def weave(lattice: Lattice, rng: np.random.Generator) -> Weave:
    """The town's graph: roads, barriers and the walls that close its blocks. Ground coordinates in metres."""
    weaver = _Weaver(lattice, rng)
    for i in range(weaver.nx):
        for j in range(weaver.ny):
            if weaver.active(i, j):
                weaver.fill(i, j)
    for line in range(weaver.nx + 1):
        if not weaver.is_barrier("C", line):
            weaver.run("C", line)
    for line in range(weaver.ny + 1):
        if not weaver.is_barrier("R", line):
            weaver.run("R", line)
    if lattice.ring is not None:
        weaver.ring_road()
    weaver.barriers()
    weaver.thin_out()
    return Weave(lattice, weaver.shape(), weaver.edges, dict(weaver.length))
