"""Local roads: each lattice cell is parted by its own spacing, so that different grids meet at the main roads."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Final

from data.demo.layout import Land
from data.demo.loom import Loom, Orient, Use

_LEAST_SPACING_M: Final = 165.0
"""Leaves room for the bridge heads beside river, railway and ring."""
_SPACING_M: Final = {Land.OLD_TOWN: 185.0, Land.BUILT: 265.0, Land.TECH: 330.0}


def fill(loom: Loom, i: int, j: int) -> None:
    """Local roads of one cell."""
    lattice, rng = loom.lattice, loom.rng
    land = Land(int(lattice.land[i, j]))
    width, height = lattice.u[i + 1] - lattice.u[i], lattice.v[j + 1] - lattice.v[j]
    if land in _SPACING_M:
        spacing = _SPACING_M[land] * rng.uniform(0.82, 1.2)
        m, p = _parts(width, spacing), _parts(height, spacing * rng.uniform(0.8, 1.1))
    elif land is Land.FRINGE and rng.random() < 0.4:
        m, p = 2, 1
    else:
        m, p = 1, 1
    across = [Fraction(k, m) for k in range(1, m)]
    up = [Fraction(k, p) for k in range(1, p)]
    ends = {("B", f): _end(loom, "R", j, i, f, (i, j)) for f in across}
    ends |= {("T", f): _end(loom, "R", j + 1, i, f, (i, j)) for f in across}
    ends |= {("W", f): _end(loom, "C", i, j, f, (i, j)) for f in up}
    ends |= {("E", f): _end(loom, "C", i + 1, j, f, (i, j)) for f in up}
    inner: dict[tuple, int] = {}
    for f in across:
        for g in up:
            low, high = loom.share_at("R", j, i, f), loom.share_at("R", j + 1, i, f)
            left, right = loom.share_at("C", i, j, g), loom.share_at("C", i + 1, j, g)
            t = left + (right - left) * low
            s = low + (high - low) * t + rng.uniform(-0.14, 0.14) / m
            t = left + (right - left) * s + rng.uniform(-0.14, 0.14) / p
            at = (float(lattice.u[i] + s * width), float(lattice.v[j] + t * height))
            inner[f, g] = loom.node(("I", i, j, f, g), at)
    for f in across:
        road = _chain(loom, "C", (i, j), f)
        _string(loom, [ends["B", f], *((inner[f, g], Use.ROAD) for g in up), ends["T", f]], road, (i, j))
    for g in up:
        road = _chain(loom, "R", (i, j), g)
        _string(loom, [ends["W", g], *((inner[f, g], Use.ROAD) for f in across), ends["E", g]], road, (i, j))


def _parts(length_m: float, spacing_m: float) -> int:
    return max(2, min(round(length_m / spacing_m), int(length_m / _LEAST_SPACING_M)))


def _end(
    loom: Loom, orient: Orient, line: int, step: int, fraction: Fraction, cell: tuple[int, int]
) -> tuple[int, Use]:
    """Node where a local road of ``cell`` meets a side of it, and whether a road may run there."""
    share = loom.share_at(orient, line, step, fraction)
    lattice = loom.lattice
    run, fixed = (lattice.v, lattice.u) if orient == "C" else (lattice.u, lattice.v)
    pos = float(run[step] + share * (run[step + 1] - run[step]))
    at = (float(fixed[line]), pos) if orient == "C" else (pos, float(fixed[line]))
    if loom.is_barrier(orient, line):
        return loom.barrier_node(Use.RIVER if orient == "C" else Use.RAILWAY, (step, fraction), at), Use.WALL
    side = ""
    if loom.ring_segment(orient, line, step):
        inner = loom.low <= cell[0] < loom.high[0] and loom.low <= cell[1] < loom.high[1]
        side = "in" if inner else "out"
        at = loom.shifted(*at, side)
    node = loom.node((orient, line, step, fraction, side), at)
    loom.stations[(orient, line, step, side)][node] = pos
    use = Use.WALL if side and loom.rng.random() < 0.6 else Use.ROAD
    return node, use


def _chain(loom: Loom, orient: Orient, cell: tuple[int, int], fraction: Fraction) -> tuple:
    """The local line's name key: that of the cell before when the line runs on."""
    i, j = cell
    before = (i, j - 1) if orient == "C" else (i - 1, j)
    line = j if orient == "C" else i
    cross: Orient = "R" if orient == "C" else "C"
    key = ("L", orient, i, j, fraction)
    last = ("L", orient, *before, fraction)
    runs_on = last in loom.root and not loom.is_barrier(cross, line)
    runs_on = runs_on and not loom.ring_segment(cross, line, i if orient == "C" else j)
    loom.root[key] = loom.root[last] if runs_on and loom.rng.random() < 0.85 else key
    loom.length[loom.root[key]] += 1
    return loom.root[key]


def _string(loom: Loom, stops: list[tuple[int, Use]], road: tuple, cell: tuple[int, int]) -> None:
    for (a, use_a), (b, use_b) in pairwise(stops):
        use = Use.WALL if Use.WALL in (use_a, use_b) else Use.ROAD
        loom.join(a, b, road, use, cell=cell, bow=float(loom.rng.normal(0, 0.025)) if use is Use.ROAD else 0.0)
