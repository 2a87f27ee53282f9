"""Candidates and what a solver may know of them: as matrices (pool) and, split and as bit masks, as parts.

Symmetric relations between candidates:

- **linked**: one may be the medoid (中心小区) of the other – within the radius, no barrier between, and not apart;
- **touch**: neighbours of a chain (连片) – near enough, no barrier between, and not apart;
- **apart**: the two may never be in the same bundle – other lead unit, farther than the diameter, fees, types or ages
  that do not go together, or the planner's wish.

A bundle is a set of ``min_members`` to ``max_estates`` candidates, no two apart, that keeps the limits of every
measure, and besides:

- with ``star``, has a member linked to all others (the medoid);
- with ``touch``, is connected by it within itself;
- with ``anchored``, has exactly one anchor, which is the medoid (with ``star`` then linked to all others), and covers at
  most what the anchor has room for;
- of a set that is to stay together, holds all or none.

A set of bundles divides no grid, and holds every forced candidate. Barriers are asked between medoid and member, or
between neighbours, only: the walk from member to member leads over these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum over the members that has limits.

    ``values``: one for each candidate; households, floor area in hundredths of a square metre, or the yearly margin in
    yuan (which may be negative). ``None``: no such limit.
    """

    name: Literal["households", "floor_area", "margin"]
    values: tuple[int, ...]
    low: int | None
    high: int | None

    def holds(self, total: int) -> bool:
        """Whether a bundle may have this sum."""
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)

    def of(self, rows: Ints) -> Measure:
        """The measure of some candidates only."""
        return Measure(self.name, tuple(self.values[row] for row in rows), self.low, self.high)


@dataclass(frozen=True)
class Pool:
    """Candidates of one or more lead units.

    Parameters
    ----------
    ids
        Estate ids, sorted.
    weight
        Households to be covered, the objective: whole numbers ≥ 0, 0 for anchors; shape ``(n,)``.
    measures
        Sums with limits; limits that do not hold here (an anchor's bundle has no lower ones) are left out.
    grids
        Number of the grid (网格) that must not be divided, -1 for none; shape ``(n,)``.
    distance_m
        Symmetric, shape ``(n, n)``, metres between stops; ``inf`` where there is no way.
    linked, apart, touch
        Symmetric, shape ``(n, n)``; the diagonal is linked, touches and is not apart. ``touch`` is ``None`` where
        connection is not asked; without ``star``, ``linked`` is all that is not apart.
    anchored, anchors, room
        Whether bundles need an anchor (以大带小), which candidates are anchors, and how many households these can take.
    together
        Number of the set that must share a bundle or stay out, -1 for none.
    forced
        Must be in some bundle.
    """

    ids: tuple[str, ...]
    weight: Ints
    measures: tuple[Measure, ...]
    grids: Ints
    distance_m: NDArray[np.float64]
    linked: Bools
    apart: Bools
    touch: Bools | None
    star: bool
    anchored: bool
    anchors: Bools
    room: Ints
    together: Ints
    forced: Bools
    max_estates: int
    min_members: int = 2

    def __post_init__(self) -> None:
        n = len(self.ids)
        if list(self.ids) != sorted(set(self.ids)):
            raise ValueError("candidate ids are not sorted and unique")
        for name in ("weight", "grids", "anchors", "room", "together", "forced"):
            if getattr(self, name).shape != (n,):
                raise ValueError(f"{name} needs one value for each of {n} candidates")
        if n and (self.weight.min() < 0 or self.room.min() < 0):
            raise ValueError("households are negative")
        if self.weight[self.anchors].any() or (self.anchors.any() and not self.anchored):
            raise ValueError("an anchor is no candidate to be covered")
        if any(len(measure.values) != n for measure in self.measures):
            raise ValueError(f"a measure has not one value for each of {n} candidates")
        for name in ("distance_m", "linked", "apart", "touch"):
            matrix = getattr(self, name)
            if matrix is not None and (matrix.shape != (n, n) or not np.array_equal(matrix, matrix.T)):
                raise ValueError(f"{name} is not a symmetric matrix of {n} candidates")
        if (self.linked & self.apart).any() or (self.touch is not None and (self.touch & self.apart).any()):
            raise ValueError("a pair is both linked and apart")
        if not 1 <= self.min_members <= self.max_estates:
            raise ValueError(f"bundles of {self.min_members} to {self.max_estates} members")
        if not self.star and self.touch is None:
            raise ValueError("bundles are neither near a medoid nor connected")


@dataclass(frozen=True, slots=True)
class Part:
    """Candidates that can influence each other and that some bundle could take in; rows are bits of the masks."""

    ids: tuple[str, ...]
    weight: tuple[int, ...]
    measures: tuple[Measure, ...]
    links: tuple[int, ...]
    """Mask of the rows linked with each row, itself included."""
    fits: tuple[int, ...]
    """Mask of the rows that may share a bundle with each row, itself included."""
    touch: tuple[int, ...] | None
    """Mask of the neighbours of each row, itself included; ``None``: bundles need not be connected."""
    grids: tuple[int, ...]
    """Mask of the other rows of the same grid, for each row; 0 where grids may be divided."""
    blocks: tuple[int, ...]
    """Mask of the rows that share a bundle with each row or stay out with it, itself included."""
    distance_m: tuple[tuple[float, ...], ...]
    star: bool
    anchored: bool
    anchors: int
    """Mask of the anchors."""
    room: tuple[int, ...]
    forced: int
    """Mask of the rows that must be in a bundle."""
    max_estates: int
    min_members: int

    @property
    def total(self) -> int:
        """Households of all rows: what no plan can exceed."""
        return sum(self.weight)

    @property
    def everything(self) -> int:
        """Mask of all rows."""
        return (1 << len(self.ids)) - 1

    @property
    def near(self) -> tuple[int, ...]:
        """Mask of the rows that can bring each row into a bundle: linked ones, in a chain its neighbours."""
        return self.links if self.star or self.touch is None else self.touch

    def connected(self, mask: int) -> bool:
        """Whether the rows hang together by neighbours among themselves; true where that is not asked."""
        return self.touch is None or reached(self.touch, mask & -mask, mask) == mask


def bits(mask: int) -> Iterator[int]:
    """Numbers of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def reached(neighbours: tuple[int, ...], start: int, inside: int) -> int:
    """Mask of the rows of ``inside`` that can be reached from ``start`` (part of it) without leaving it."""
    seen = fresh = start
    while fresh:
        around = 0
        for row in bits(fresh):
            around |= neighbours[row]
        fresh = around & inside & ~seen
        seen |= fresh
    return seen
