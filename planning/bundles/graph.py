"""Which candidates may be bundled with which, as bit masks, split into parts that cannot influence each other.

Two relations, both symmetric:

- **link**: one may be the medoid (中心小区) of the other – within the radius, no barrier between, and not apart;
- **apart**: the two may never be in the same bundle – other lead unit, farther than the diameter, fees or types that
  do not go together.

A bundle is a set that has a member linked to all others and no two members apart. Barriers are asked between the
medoid and each member only: the walk from member to member leads over the medoid and so crosses none either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planning.bundles.types import BundleSettings


@dataclass(frozen=True)
class Pool:
    """Candidates of one or more lead units, with all that a solver may know of them.

    Parameters
    ----------
    ids
        Estate ids, sorted.
    households
        Whole numbers ≥ 0, shape ``(n,)``.
    grids
        Number of the grid (网格) that must not be divided, -1 for none; shape ``(n,)``.
    distance_m
        Symmetric, shape ``(n, n)``, metres between stops; ``inf`` where there is no way.
    linked, apart
        Symmetric, shape ``(n, n)``; the diagonal is linked and not apart.
    """

    ids: tuple[str, ...]
    households: NDArray[np.int64]
    grids: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    linked: NDArray[np.bool_]
    apart: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n = len(self.ids)
        if list(self.ids) != sorted(set(self.ids)):
            raise ValueError("candidate ids are not sorted and unique")
        if self.households.shape != (n,) or self.grids.shape != (n,) or (n and self.households.min() < 0):
            raise ValueError("households and grids need one value for each candidate, households not negative")
        for name in ("distance_m", "linked", "apart"):
            matrix = getattr(self, name)
            if matrix.shape != (n, n) or not np.array_equal(matrix, matrix.T):
                raise ValueError(f"{name} is not a symmetric matrix of {n} candidates")
        if (self.linked & self.apart).any():
            raise ValueError("a pair is both linked and apart")


@dataclass(frozen=True, slots=True)
class Part:
    """Candidates that can influence each other and that some bundle could take in; rows are bits of the masks."""

    ids: tuple[str, ...]
    households: tuple[int, ...]
    links: tuple[int, ...]
    """Mask of the rows linked with each row, itself included."""
    fits: tuple[int, ...]
    """Mask of the rows that may share a bundle with each row, itself included."""
    grids: tuple[int, ...]
    """Mask of the other rows of the same grid, for each row; 0 where grids may be divided."""
    distance_m: tuple[tuple[float, ...], ...]
    min_households: int
    max_households: int
    max_estates: int

    @property
    def total(self) -> int:
        """Households of all rows: what no plan can exceed."""
        return sum(self.households)


def bits(mask: int) -> Iterator[int]:
    """Numbers of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def parts(pool: Pool, settings: BundleSettings) -> list[Part]:
    """The pool without candidates that no bundle can take in, split into independent parts (largest last, then by id).

    A candidate is kept when it is linked to a possible medoid, itself included: one round which the largest
    ``max_estates`` candidates within reach hold at least ``min_households``. Dropping one may rule out the next
    medoid, so this repeats until nothing changes.
    """
    keep = np.ones(len(pool.ids), dtype=bool)
    while True:
        reach = reachable_households(pool, keep, settings.max_estates)
        medoid = keep & (reach >= settings.min_households) & ((pool.linked & keep).sum(axis=1) > 1)
        left = keep & (pool.linked & medoid).any(axis=1)
        if (left == keep).all():
            break
        keep = left
    rows = np.flatnonzero(keep)
    if not len(rows):
        return []
    tied = pool.linked[np.ix_(rows, rows)].copy()
    grids = pool.grids[rows]
    same_grid = (grids[:, None] == grids[None, :]) & (grids[:, None] >= 0)
    _, label = connected_components(coo_matrix(tied | same_grid), directed=False)
    found = [_part(pool, rows[label == number], settings) for number in range(label.max() + 1)]
    return sorted(found, key=lambda part: (len(part.ids), part.ids))


def reachable_households(pool: Pool, keep: NDArray[np.bool_], max_estates: int) -> NDArray[np.int64]:
    """Households of the largest ``max_estates`` kept candidates linked with each row, the row itself always counted."""
    result = np.zeros(len(pool.ids), dtype=np.int64)
    for row in np.flatnonzero(keep):
        near = pool.linked[row] & keep
        near[row] = False
        others = np.sort(pool.households[near])[::-1][: max_estates - 1]
        result[row] = pool.households[row] + others.sum()
    return result


def _part(pool: Pool, rows: NDArray[np.int64], settings: BundleSettings) -> Part:
    block = np.ix_(rows, rows)
    grids = pool.grids[rows]
    same_grid = (grids[:, None] == grids[None, :]) & (grids[:, None] >= 0)
    np.fill_diagonal(same_grid, False)
    return Part(
        ids=tuple(pool.ids[row] for row in rows),
        households=tuple(int(n) for n in pool.households[rows]),
        links=_masks(pool.linked[block]),
        fits=_masks(~pool.apart[block]),
        grids=_masks(same_grid),
        distance_m=tuple(tuple(float(d) for d in line) for line in pool.distance_m[block]),
        min_households=settings.min_households,
        max_households=settings.max_households,
        max_estates=settings.max_estates,
    )


def _masks(matrix: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(sum(1 << int(column) for column in np.flatnonzero(line)) for line in matrix)
