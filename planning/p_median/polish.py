"""Pieces solved exactly: some neighbouring groups are taken apart and put together again as well as possible.

Which candidates and pairs a piece needs is read from the prices of the lower bound: a pair that would lift the bound
above the known cost is in no better answer and drops out with proof; of the others the most promising stay. Pieces grow
when none of the present size can be improved. (The idea: Taillard & Voss 2002; for this problem Stefanello et al. 2015.)
"""

from __future__ import annotations

from typing import Final

import numpy as np

from planning.p_median import program
from planning.p_median.guard import Guard
from planning.p_median.instance import Floats, Instance, Ints, Mask
from planning.p_median.lagrange import Round
from planning.p_median.local import Groups
from planning.p_median.program import Piece

_POINTS: Final = 60
"""Points of a piece to begin with, about."""
_NEAR: Final = 7
"""Candidates per point to begin with."""
_ALL_PAIRS: Final = 900
"""Pieces with no more pairs than this keep them all."""
_PIECE_WORK: Final = 1.5
"""Deterministic time for one piece, about seconds."""


class Reduced:
    """What a pair costs beyond the bound, for the best prices known."""

    def __init__(self, instance: Instance, shown: Round) -> None:
        self._inst = instance
        finite = np.where(np.isfinite(shown.values), shown.values, np.inf)
        last = np.sort(finite)[instance.p - 1]
        self.opening: Floats = np.maximum(finite - last, 0.0)
        pair = shown.threshold[None, :] * instance.weights[:, None] - (shown.prices[:, None] - instance.costs)
        self.serving: Floats = np.maximum(pair, 0.0)
        self.bound = shown.bound

    def possible(self, cost: float) -> Mask:
        """(n, n): pairs that an answer cheaper than ``cost`` can hold."""
        room = cost - self.bound + 1e-9 * max(abs(cost), 1e-12)
        mask = self.opening[None, :] + self.serving <= room
        if self._inst.self_served:
            np.fill_diagonal(mask, self.opening <= room)
        return np.asarray(mask)


class Polish:
    """One run over pieces of growing size."""

    def __init__(
        self, groups: Groups, reduced: Reduced, rng: np.random.Generator, seed: int, work: float, guard: Guard
    ) -> None:
        self.groups, self._reduced = groups, reduced
        self._rng, self._seed, self._guard = rng, seed, guard
        self.work = work
        self._inst = groups.instance
        self._stamp = np.zeros(self._inst.p, dtype=np.int64)
        self._tried: set[tuple[tuple[int, int], ...]] = set()

    def run(self) -> None:
        """Solve pieces until all sizes are exhausted, the work is used up or the guard ends it."""
        inst = self._inst
        if inst.p < 2:
            return
        size = int(np.clip(round(_POINTS * inst.p / inst.n), 2, 8))
        near, whole = _NEAR, self.work
        while True:
            size = min(size, inst.p)
            self._tried.clear()
            waiting = list(self._rng.permutation(inst.p))
            while waiting:
                if self._guard.over() or self.work <= 0:
                    return
                if not self._piece(int(waiting.pop()), size, near):
                    continue
                self._guard.tell(0.3 + 0.6 * (1 - self.work / whole), f"分块精解：总距离 {self.groups.cost:.6g}")
                waiting = list(self._rng.permutation(inst.p))
            if size >= inst.p:
                return
            size, near = size + max(1, size // 3), near + 1

    def _piece(self, seed_group: int, size: int, near: int) -> bool:
        """Solve the piece around a group; true if it got cheaper."""
        inst, groups = self._inst, self.groups
        between = inst.costs[np.ix_(groups.medians, groups.medians)]
        away = np.minimum(between[seed_group], between[:, seed_group]) * self._rng.uniform(0.75, 1.25, inst.p)
        away[seed_group] = -1.0
        chosen = np.sort(np.argsort(away, kind="stable")[:size])
        key = tuple((int(c), int(self._stamp[c])) for c in chosen)
        if key in self._tried:
            return False
        self._tried.add(key)
        points = np.flatnonzero(np.isin(groups.group, chosen))
        known = groups.assignment[points]
        piece = Piece(points, self._pairs(points, chosen, near), size)
        answer = program.solve(
            inst,
            piece,
            groups.medians[chosen],
            known,
            seed=self._seed,
            seconds=self._guard.left,
            work=min(_PIECE_WORK, self.work),
            stopped=self._guard.stopped,
        )
        self.work -= answer.work + 0.02
        if answer.medians is None or answer.serves is None:
            return False
        trial = put(groups, chosen, points, answer.medians, answer.serves)
        if not trial.fits or trial.cost >= groups.cost:
            return False
        self.groups = trial
        self._stamp[chosen] += 1
        return True

    def _pairs(self, points: Ints, chosen: Ints, near: int) -> Mask:
        inst, groups, reduced = self._inst, self.groups, self._reduced
        seats = np.union1d(points, groups.medians[chosen])
        others = np.delete(groups.medians, chosen)
        seats = np.setdiff1d(seats, others)
        pairs = np.zeros((len(points), inst.n), dtype=bool)
        possible = reduced.possible(groups.cost)[np.ix_(points, seats)]
        if possible.sum() > _ALL_PAIRS:
            value = reduced.opening[seats]
            some = np.argsort(value, kind="stable")[: 4 * len(chosen) + 6 + 2 * (near - _NEAR)]
            possible[:, np.setdiff1d(np.arange(len(seats)), some)] = False
            merit = (reduced.serving + reduced.opening[None, :])[np.ix_(points, seats)]
            merit = np.where(possible, merit, np.inf)
            keep = min(near, len(seats)) - 1
            cut = np.partition(merit, keep, axis=1)[:, keep]
            possible &= merit <= cut[:, None]
        pairs[:, seats] = possible
        pairs[np.arange(len(points)), groups.assignment[points]] = True
        pairs[:, groups.medians[chosen]] |= self._close(points, groups.medians[chosen])
        return pairs

    def _close(self, points: Ints, medians: Ints) -> Mask:
        """The three nearest of the present medians, whatever the prices say."""
        cost = self._inst.costs[np.ix_(points, medians)]
        k = min(3, len(medians)) - 1
        return np.asarray(cost <= np.partition(cost, k, axis=1)[:, k][:, None])


def put(groups: Groups, chosen: Ints, points: Ints, medians: Ints, serves: Ints) -> Groups:
    """``groups`` with the chosen ones replaced by an answer for their points."""
    inst = groups.instance
    all_medians, group = groups.medians.copy(), groups.group.copy()
    all_medians[chosen] = medians
    position = np.full(inst.n, -1)
    position[all_medians] = np.arange(inst.p)
    group[points] = position[serves]
    return Groups(inst, all_medians, group)
