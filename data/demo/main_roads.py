"""Main roads: lattice lines with their crossings of ring, river and railway; the ring road; the barriers themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from data.demo.loom import Loom, Orient, Use

_OVERPASS_M: Final = 70.0
_RAIL_CROSSING_M: Final = 55.0


def run(loom: Loom, orient: Orient, line: int) -> None:
    """One lattice line from its first to its last segment, with its crossings of ring and barrier."""
    n = loom.ny if orient == "C" else loom.nx
    leave: tuple[int, Use] | None = None
    for step in range(n + 1):
        arrive, depart = _station(loom, orient, line, step)
        before = step > 0 and loom.has_segment(orient, line, step - 1)
        if before and not loom.ring_segment(orient, line, step - 1) and leave and arrive:
            found = loom.stations.get((orient, line, step - 1, ""), {})
            between = [(node, Use.ROAD) for node in sorted(found, key=lambda k: found[k])]
            stops = [leave, *between, arrive]
            for (a, use_a), (b, use_b) in pairwise(stops):
                use = Use.WALL if Use.WALL in (use_a, use_b) else Use.ROAD
                loom.join(a, b, (orient, line, step - 1), use)
        leave = depart


def ring_road(loom: Loom) -> None:
    """Two one-way carriageways: the outer runs anticlockwise, the inner clockwise (traffic keeps right)."""
    low, (high_u, high_v) = loom.low, loom.high
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
                for node in _ring_station(loom, orient, line, start, side, forward, jumps):
                    stops.append((node, ("ring", name)))
                found = loom.stations.get((orient, line, step, side), {})
                order = sorted(found, key=lambda k: found[k], reverse=not forward)
                stops += [(node, ("ring", name)) for node in order]
        for (a, road), (b, _) in zip(stops, [*stops[1:], stops[0]], strict=True):
            over = (a, b) in jumps
            loom.join(a, b, road, Use.CROSSING if over else Use.ROAD, oneway=way, bridge=over)


def barriers(loom: Loom) -> None:
    lattice = loom.lattice
    for use, line in ((Use.RIVER, lattice.river), (Use.RAILWAY, lattice.railway)):
        if line is None:
            continue
        for edge_step in (0, (loom.ny if use is Use.RIVER else loom.nx)):
            at = (
                (lattice.u[line], lattice.v[edge_step]) if use is Use.RIVER else (lattice.u[edge_step], lattice.v[line])
            )
            loom.barrier_node(use, ("N", edge_step), (float(at[0]), float(at[1])))
        if lattice.river is not None and lattice.railway is not None:
            at = (float(lattice.u[lattice.river]), float(lattice.v[lattice.railway]))
            meet = loom.node(("B", "meet"), at)
            loom.barrier[use][meet] = at[1] if use is Use.RIVER else at[0]
        order = sorted(loom.barrier[use], key=lambda k: loom.barrier[use][k])
        for a, b in pairwise(order):
            loom.join(a, b, (use.name,), use)


def _station(loom: Loom, orient: Orient, line: int, step: int) -> tuple[tuple[int, Use] | None, tuple[int, Use] | None]:
    i, j = (line, step) if orient == "C" else (step, line)
    exists = [loom.has_segment(orient, line, s) for s in (step - 1, step)]
    if not any(exists):
        return None, None
    cross: Orient = "R" if orient == "C" else "C"
    if loom.on_ring(i, j) and loom.along_ring(orient, line):
        corner = step in (loom.low, loom.high[1 if orient == "C" else 0])
        if not corner:
            return None, None
        outer = (loom.crossing_node(i, j, "out"), Use.ROAD)
        return (outer, None) if step == loom.low else (None, outer)
    if loom.is_barrier(cross, step):
        return _barrier_crossing(loom, orient, line, step, all(exists))
    if loom.on_ring(i, j):
        return _ring_crossing(loom, orient, line, step, all(exists))
    node = (loom.crossing_node(i, j), Use.ROAD)
    return node, node


def _beside(loom: Loom, orient: Orient, line: int, step: int, offset: float, fixed: float | None = None) -> int:
    lattice = loom.lattice
    run, across = (lattice.v, lattice.u) if orient == "C" else (lattice.u, lattice.v)
    place, other = float(run[step]) + offset, float(across[line]) if fixed is None else fixed
    uv = (other, place) if orient == "C" else (place, other)
    return loom.node(("H", orient, line, step, round(offset, 1), fixed), uv)


def _barrier_crossing(
    loom: Loom, orient: Orient, line: int, step: int, whole: bool
) -> tuple[tuple[int, Use], tuple[int, Use]]:
    lattice = loom.lattice
    use, open_lines = (Use.RAILWAY, lattice.underpasses) if orient == "C" else (Use.RIVER, lattice.bridges)
    i, j = (line, step) if orient == "C" else (step, line)
    middle = loom.barrier_node(use, ("N", line), (float(lattice.u[i]), float(lattice.v[j])))
    if not whole or line not in open_lines:
        return (middle, Use.WALL), (middle, Use.WALL)
    reach = _RAIL_CROSSING_M if use is Use.RAILWAY else lattice.river_half_width_m + 40
    a, b = _beside(loom, orient, line, step, -reach), _beside(loom, orient, line, step, reach)
    under = use is Use.RAILWAY and line % 2 == 0
    loom.join(a, b, (orient, line, step), Use.CROSSING, bridge=not under, tunnel=under)
    loom.join(a, middle, ("wall",), Use.WALL)
    loom.join(middle, b, ("wall",), Use.WALL)
    return (a, Use.ROAD), (b, Use.ROAD)


def _ring_crossing(
    loom: Loom, orient: Orient, line: int, step: int, whole: bool
) -> tuple[tuple[int, Use], tuple[int, Use]]:
    i, j = (line, step) if orient == "C" else (step, line)
    order = ("out", "in") if step == loom.low else ("in", "out")
    first, second = (loom.crossing_node(i, j, side) for side in order)
    if not whole or line % 3 != 1:
        loom.join(first, second, (orient, line, step), Use.ROAD)
        return (first, Use.ROAD), (second, Use.ROAD)
    a, b = _beside(loom, orient, line, step, -_OVERPASS_M), _beside(loom, orient, line, step, _OVERPASS_M)
    loom.join(a, b, (orient, line, step), Use.CROSSING, bridge=True)
    for one, other in ((a, first), (first, second), (second, b)):
        loom.join(one, other, ("wall",), Use.WALL)
    return (a, Use.ROAD), (b, Use.ROAD)


def _ring_station(
    loom: Loom, orient: Orient, line: int, step: int, side: str, forward: bool, jumps: set[tuple[int, int]]
) -> list[int]:
    i, j = (line, step) if orient == "C" else (step, line)
    if not loom.is_barrier("R" if orient == "C" else "C", step):
        return [loom.crossing_node(i, j, side)]
    use = Use.RAILWAY if orient == "C" else Use.RIVER
    u, v = loom.shifted(float(loom.lattice.u[i]), float(loom.lattice.v[j]), side)
    middle = loom.barrier_node(use, ("ring", line, side), (u, v))
    reach = _RAIL_CROSSING_M if use is Use.RAILWAY else loom.lattice.river_half_width_m + 40
    fixed = u if orient == "C" else v
    pair = [_beside(loom, orient, line, step, sign * reach, fixed) for sign in (-1, 1)]
    if not forward:
        pair.reverse()
    jumps.add((pair[0], pair[1]))
    for node in pair:
        loom.join(node, middle, ("wall",), Use.WALL)
    return pair
