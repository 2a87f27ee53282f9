"""A better bound, and often better bundles, for parts that CP-SAT alone does not prove: whole bundles as columns.

Where all bundles of a part can be listed (`corner`), its coverage is a set packing problem: choose disjoint bundles of
most households. Its linear relaxation is far tighter than that of the assignment model, above all when money decides
(46 estates: 4,537 households against 5,180, best known 4,281), and is solved over millions of bundles by column
generation (Gilmore & Gomory 1961). Bundles whose reduced profit is too small for a better answer are then left out; what
remains goes to HiGHS. Counts of nodes limit the work, so that the answer is the same on any machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from planning.bundles.engine.corner import Corner, corner, summed
from planning.bundles.engine.graph import Part
from planning.bundles.engine.partition import Partition

MOST_SUBSETS: Final = 5_000_000
"""Subsets listed at most, about two seconds."""
_MOST_BUNDLES: Final = 700_000
_MOST_PRICED: Final = 30_000_000
"""Bundles priced in all rounds together, about five seconds."""
_FIRST: Final = 200
_MORE: Final = 300
_MOST_COLUMNS: Final = 12_000
_LEAST_NODES, _MOST_NODES = 150, 5_000
_NODE_COLUMNS: Final = 500_000
"""Nodes times columns of one integer program, about."""
_GAIN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Packed:
    """Groups as masks of rows, and households that no plan exceeds."""

    masks: tuple[int, ...]
    bound: int
    listed: bool
    """Whether all bundles could be listed."""


def pack(part: Part, start: Partition, bound: int, *, left_s: Callable[[], float]) -> Packed:
    """The best that can be made of all bundles of the part in limited work; never worse than the start and its bound.

    Parameters
    ----------
    start, bound
        Known groups and households that cannot be exceeded.
    left_s
        Seconds left: the guard. Without any, or where the bundles are too many, the start is the answer.
    """
    known = Packed(start.masks(), bound, False)
    if part.forced or left_s() <= 0:  # forced rows may leave no answer at all: CP-SAT's business
        return known
    listed = corner(part, sorted(set(part.blocks), key=lambda atom: atom & -atom), MOST_SUBSETS)
    if listed is None or len(listed.masks) > _MOST_BUNDLES:
        return known
    if not len(listed.masks):
        return Packed((), 0, True)
    problem = _Packing(part, listed)
    chosen = problem.places(start)
    relaxed = problem.relax(chosen, left_s)
    if relaxed is None:
        return known
    pool, reduced, best = relaxed
    bound = max(start.score.households, min(bound, int(best + _GAIN) // problem.scale))
    now = problem.worth(chosen)
    if int(best + _GAIN) > now:
        better = problem.choose(pool, chosen, left_s)
        chosen = chosen if better is None else better
        now = problem.worth(chosen)
        open_ = np.flatnonzero(reduced >= now + 1 - best - _GAIN)  # no answer better than now holds any other bundle
        if len(open_) <= _MOST_COLUMNS:
            exact = problem.choose(np.union1d(open_, chosen), chosen, left_s, proof=True)
            if exact is not None:
                chosen = exact
                bound = problem.households(chosen)
    return Packed(problem.rows(chosen), max(bound, problem.households(chosen)), True)


class _Packing:
    def __init__(self, part: Part, listed: Corner) -> None:
        self._part, self._listed = part, listed
        self._n = len(listed.atoms)
        self.scale = len(part.ids) + 1
        anchors = sum(1 << k for k, atom in enumerate(listed.atoms) if atom & part.anchors)
        sizes = np.array([float(atom.bit_count()) for atom in listed.atoms])
        estates = summed(listed.masks & ~anchors, sizes)
        self._profit = listed.weight * float(self.scale) + estates
        """Households first, then estates, as in the model of CP-SAT."""
        grids = {part.grids[row] | 1 << row for row in range(len(part.ids)) if part.grids[row]}
        self._grids = [sum(1 << k for k, atom in enumerate(listed.atoms) if atom & grid) for grid in sorted(grids)]

    def places(self, partition: Partition) -> NDArray[np.int64]:
        """Numbers of the columns that are a partition's groups."""
        atoms = self._listed.atoms
        masks = [
            sum(1 << k for k, atom in enumerate(atoms) if atom & group.mask) for group in partition.groups.values()
        ]
        return np.searchsorted(self._listed.masks, np.array(sorted(masks), dtype=np.int64))

    def worth(self, columns: NDArray[np.int64]) -> int:
        return round(float(self._profit[columns].sum()))

    def households(self, columns: NDArray[np.int64]) -> int:
        return int(self._listed.weight[columns].sum())

    def rows(self, columns: NDArray[np.int64]) -> tuple[int, ...]:
        return tuple(self._listed.rows(int(mask)) for mask in self._listed.masks[columns])

    def _matrix(self, columns: NDArray[np.int64]) -> csc_array:
        masks = self._listed.masks[columns]
        lines = [(masks >> k) & 1 for k in range(self._n)]
        lines += [(masks & grid != 0).astype(np.int64) for grid in self._grids]
        return csc_array(np.array(lines, dtype=float))

    def relax(
        self, chosen: NDArray[np.int64], left_s: Callable[[], float]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], float] | None:
        """Columns of the linear optimum's restricted problem, every column's reduced profit, and the optimum."""
        pool = np.union1d(chosen, np.argsort(-self._profit, kind="stable")[:_FIRST])
        for _ in range(_MOST_PRICED // len(self._profit)):
            if left_s() <= 0:
                return None
            matrix = self._matrix(pool)
            solved = linprog(-self._profit[pool], A_ub=matrix, b_ub=np.ones(matrix.shape[0]), method="highs-ds")
            if solved.status != 0:
                return None
            prices = -solved.ineqlin.marginals
            reduced = self._profit - summed(self._listed.masks, prices[: self._n])
            for price, grid in zip(prices[self._n :], self._grids, strict=True):
                reduced -= price * (self._listed.masks & grid != 0)
            better = np.flatnonzero(reduced > _GAIN * self.scale)
            better = better[np.argsort(-reduced[better], kind="stable")[:_MORE]]
            if not len(better):
                # prices may be short of feasible by rounding: what all bundles of an answer could gain is added
                slack = max(0.0, float(reduced.max())) * self._n
                return pool, reduced, float(prices.sum()) + slack
            pool = np.union1d(pool, better)
        return None

    def choose(
        self,
        columns: NDArray[np.int64],
        chosen: NDArray[np.int64],
        left_s: Callable[[], float],
        *,
        proof: bool = False,
    ) -> NDArray[np.int64] | None:
        """The best disjoint columns found; ``None`` if no better than those chosen, or (``proof``) without a proof."""
        solved = milp(
            -self._profit[columns],
            constraints=LinearConstraint(self._matrix(columns), -np.inf, 1.0),
            integrality=np.ones(len(columns)),
            bounds=Bounds(0, 1),
            options={
                "node_limit": min(_MOST_NODES, max(_LEAST_NODES, _NODE_COLUMNS // len(columns))),
                "time_limit": max(0.1, left_s()),
                "mip_rel_gap": 0.0,
            },
        )
        if solved.x is None or (proof and solved.status != 0):
            return None
        found = columns[np.flatnonzero(solved.x > 0.5)]
        taken = 0
        for mask in self._listed.masks[found]:
            if taken & int(mask):
                raise ValueError(f"HiGHS chose bundles of {self._part.ids[0]}… that share an estate")
            taken |= int(mask)
        return found if proof or self.worth(found) > self.worth(chosen) else None
