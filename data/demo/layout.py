"""Where things lie: a lattice of main roads bent into a city, with its river, railway, ring road and kinds of land.

A lattice lives in plan coordinates ``(u, v)`` in metres, axis-aligned and easy to reason about; :meth:`Lattice.place`
bends it into the ground's metric coordinates. Bending is one-to-one, so roads that do not cross in the plan do not cross
on the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Land(IntEnum):
    """What a lattice cell is used for."""

    NONE = -1
    FRINGE = 0
    BUILT = 1
    OLD_TOWN = 2
    PARK = 3
    TECH = 4


@dataclass(frozen=True)
class Lattice:
    """The main roads of one town before they are bent.

    Parameters
    ----------
    name
        Prefix of the town's node keys.
    origin
        Ground coordinates of the middle, metres.
    u, v
        Positions of the column and row lines, ascending, metres from the middle.
    land
        Use of each cell, shape ``(len(u) - 1, len(v) - 1)``.
    river, railway
        Column line that is the river, row line that is the railway; ``None`` for none.
    ring
        The ring road runs ``ring`` lines in from the edge; ``None`` for none.
    bridges, underpasses
        Row lines that cross the river; column lines that cross the railway.
    """

    name: str
    origin: tuple[float, float]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    land: NDArray[np.int64]
    river: int | None
    railway: int | None
    ring: int | None
    bridges: frozenset[int]
    underpasses: frozenset[int]
    angle: float
    roundness: float
    waves: NDArray[np.float64]
    shear: tuple[float, float, float]
    river_half_width_m: float

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of cells."""
        return len(self.u) - 1, len(self.v) - 1

    def place(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ground coordinates of plan coordinates, both of shape ``(n, 2)``, metres.

        Rounds the square into a disc (the elliptical grid mapping, blended), turns the rows by another angle on each bank
        of the river, adds long waves and rotates the whole.
        """
        a, b = float(np.abs(self.u).max()), float(np.abs(self.v).max())
        p, q = np.clip(uv[:, 0] / a, -1.0, 1.0), np.clip(uv[:, 1] / b, -1.0, 1.0)
        share = self.roundness
        x = uv[:, 0] * (1 - share + share * np.sqrt(1 - q * q / 2))
        y = uv[:, 1] * (1 - share + share * np.sqrt(1 - p * p / 2))
        bend_u = self.u[self.river] if self.river is not None else 0.0
        bend_v = self.v[self.railway] if self.railway is not None else 0.0
        west, east, north = self.shear
        du, dv = uv[:, 0] - bend_u, uv[:, 1] - bend_v
        y = y + np.where(du < 0, west * du, east * du)
        x = x + np.where(dv > 0, north * dv, 0.0)
        wave_x, wave_y = np.zeros_like(x), np.zeros_like(y)
        for kx, ky, phase, amp_x, amp_y in self.waves:
            swing = np.sin(kx * x + ky * y + phase)
            wave_x += amp_x * swing
            wave_y += amp_y * swing
        x, y = x + wave_x, y + wave_y
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.column_stack([self.origin[0] + cos * x - sin * y, self.origin[1] + sin * x + cos * y])


def _spaced(n: int, mean_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    steps = rng.uniform(0.78, 1.25, n) * mean_m
    steps[0] *= 1.3
    steps[-1] *= 1.3
    lines = np.concatenate([[0.0], np.cumsum(steps)])
    return lines - lines[-1] / 2


def _waves(half_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Long waves whose slopes add up to well below one, so that the bending stays one-to-one."""
    lengths = [half_m * 1.6, half_m * 0.9, min(half_m, 4200.0), min(half_m * 0.7, 2300.0)]
    rows = []
    for length, slope in zip(lengths, (0.09, 0.07, 0.09, 0.07), strict=True):
        direction = rng.uniform(0, 2 * math.pi)
        k = 2 * math.pi / length
        turn = rng.uniform(0, 2 * math.pi)
        amp = slope / k
        rows.append((k * math.cos(direction), k * math.sin(direction), rng.uniform(0, 6.28), amp * math.cos(turn),
                     amp * math.sin(turn)))  # fmt: skip
    return np.array(rows)


def main_city(area_m2: float, rng: np.random.Generator, origin: tuple[float, float]) -> Lattice:
    """The main city with about ``area_m2`` of land to build on inside a ring of farmland."""
    cell = float(np.clip(math.sqrt(area_m2 / 49), 480.0, 860.0))
    built = max(5, round(math.sqrt(area_m2) / cell))
    n = built + 2
    u, v = _spaced(n, cell, rng), _spaced(n, cell, rng)
    river = max(2, round(n * 0.36))
    railway = min(n - 2, round(n * 0.68))
    land = np.full((n, n), Land.BUILT, dtype=np.int64)
    land[0, :] = land[-1, :] = land[:, 0] = land[:, -1] = Land.FRINGE
    edge = [(i, j) for i in range(n) for j in range(n) if i in (0, n - 1) or j in (0, n - 1)]
    for i, j in edge:
        if rng.random() < 0.3 and i not in (river - 1, river):
            land[i, j] = Land.NONE
    mid_u, mid_v = (u[:-1] + u[1:]) / 2, (v[:-1] + v[1:]) / 2
    radius = np.hypot(mid_u[:, None] / abs(u).max(), mid_v[None, :] / abs(v).max())
    land[(radius < 0.36) & (land == Land.BUILT)] = Land.OLD_TOWN
    tech = (np.arange(n)[:, None] >= n - 1 - max(2, n // 4)) & (np.arange(n)[None, :] <= max(2, n // 3))
    land[tech & (land == Land.BUILT)] = Land.TECH
    land[min(n - 3, river + 2), max(1, n // 2 - 2)] = Land.PARK
    rows = [j for j in range(1, n) if j != railway]
    bridges = _every(rows, max(3, round(len(rows) / 3)))
    columns = [i for i in range(1, n) if i != river]
    underpasses = _every(columns, max(3, round(len(columns) / 2.6)))
    half = float(max(abs(u).max(), abs(v).max()))
    return Lattice(
        name="main", origin=origin, u=u, v=v, land=land, river=river, railway=railway, ring=2 if n >= 9 else 1,
        bridges=frozenset(bridges), underpasses=frozenset(underpasses), angle=float(rng.uniform(-0.2, 0.2)),
        roundness=0.75, waves=_waves(half, rng), shear=(0.16, -0.13, 0.10), river_half_width_m=70.0,
    )  # fmt: skip


def county_town(area_m2: float, rng: np.random.Generator, origin: tuple[float, float], name: str) -> Lattice:
    """A county's town: small, without ring road or railway."""
    cell = float(np.clip(math.sqrt(area_m2 / 12), 420.0, 800.0))
    n = max(4, round(math.sqrt(area_m2) / cell) + 1)
    u, v = _spaced(n, cell, rng), _spaced(n, cell * 0.9, rng)
    land = np.full((n, n), Land.BUILT, dtype=np.int64)
    for i, j in ((0, 0), (0, n - 1), (n - 1, 0), (n - 1, n - 1)):
        land[i, j] = Land.NONE
    land[n // 2, n // 2] = Land.OLD_TOWN
    half = float(max(abs(u).max(), abs(v).max()))
    return Lattice(
        name=name, origin=origin, u=u, v=v, land=land, river=None, railway=None, ring=None, bridges=frozenset(),
        underpasses=frozenset(), angle=float(rng.uniform(-0.6, 0.6)), roundness=0.5, waves=_waves(half, rng),
        shear=(0.12, -0.08, 0.05), river_half_width_m=0.0,
    )  # fmt: skip


def _every(items: list[int], count: int) -> list[int]:
    """``count`` of the items, evenly spread, the first and last not among them when there are enough."""
    places = np.linspace(0, len(items) - 1, count + 2)[1:-1] if len(items) > count + 1 else np.arange(len(items))
    return [items[round(float(place))] for place in places]
