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
from planning.p_median.wander import favoured, scattered, wander

_POINTS: Final = 60
"""Points of a piece to begin with, about."""
_NEAR: Final = 7
"""Candidates per point to begin with."""
_ALL_PAIRS: Final = 900
"""Pieces with no more pairs than this keep them all."""
_PIECE_WORK: Final = 0.4
"""Deterministic time for one piece, about seconds; most need a tenth of it, what needs more seldom gains."""
_STEPS: Final = 60
_STEP_WORK: Final = 2.5e-7
"""What a step of the walk takes per pair of points, in the same unit."""
_OVERHEAD: Final = 0.03
"""What a piece takes besides the solver, in the same unit."""


class Reduced:
    """What a pair costs beyond the bound, for the best prices known."""

    def __init__(self, instance: Instance, shown: Round) -> None:
        self._inst = instance
        finite = np.where(np.isfinite(shown.values), shown.values, np.inf)
        last = np.sort(finite)[instance.p - 1]
        self.opening: Floats = np.maximum(finite - last, 0.0)
        pair = shown.threshold[None, :] * instance.weights[:, None] - (shown.prices[:, None] - instance.costs)
        # A forced pair lifts the fractional value by its reduced cost; an exact value is that much above already.
        above = np.where(np.isfinite(shown.values), shown.values, 0.0) - np.where(
            np.isfinite(shown.fractional), shown.fractional, 0.0
        )
        self.serving: Floats = np.maximum(np.maximum(pair, 0.0) - above[None, :], 0.0)
        self.bound = shown.bound

    def possible(self, cost: float) -> Mask:
        """(n, n): pairs that an answer cheaper than ``cost`` can hold."""
        room = cost - self.bound + 1e-9 * max(abs(cost), 1e-12)
        mask = self.opening[None, :] + self.serving <= room
        if self._inst.self_served:
            np.fill_diagonal(mask, self.opening <= room)
        return np.asarray(mask)


class Polish:
    """One run over pieces: each grown while it can be solved, then shaken and mended again and again."""

    def __init__(
        self, groups: Groups, shown: Round, rng: np.random.Generator, seed: int, work: float, guard: Guard
    ) -> None:
        self.groups, self.work = groups, work
        self._inst = groups.instance
        self._reduced = Reduced(self._inst, shown)
        self._favour = favoured(self._inst, shown)
        self._rng, self._seed, self._guard = rng, seed, guard
        self._whole, self._shown = work, shown
        self._stamp = np.arange(self._inst.p)
        self._next = self._inst.p
        self._tried: set[tuple[int, ...]] = set()
        self._first = min(int(np.clip(round(_POINTS * self._inst.p / self._inst.n), 2, 8)), self._inst.p)
        self._sizes = np.full(self._inst.p, self._first)

    def run(self) -> None:
        """Solve pieces until no size that can be solved gains anything, then shake while work is left."""
        inst = self._inst
        if inst.p < 2:
            return
        self._sizes[:] = self._first
        self._until_stuck(np.arange(inst.p))
        while 2 * self._first < inst.p and not self._over():
            self._walk()
            self._shake()

    def _over(self) -> bool:
        return self.work <= 0 or self._guard.over()

    def _until_stuck(self, seeds: Ints) -> None:
        """Pieces around these groups, and around those that change, each as large as can be solved."""
        waiting = [int(c) for c in self._rng.permutation(seeds)]
        while waiting and not self._over():
            seed = waiting.pop()
            gained, done, chosen = self._piece(seed)
            if gained:
                share = max(self.work / self._whole, 0.0)
                self._guard.tell(0.3 + 0.6 * (1 - share), f"分块精解：总距离 {self.groups.cost:.6g}")
                self._sizes[chosen] = self._first
                again = np.union1d(np.array(waiting, dtype=np.int64), chosen)
                waiting = [int(c) for c in self._rng.permutation(again)]
            elif done and self._sizes[seed] < self._inst.p:
                self._sizes[seed] = min(self._sizes[seed] + max(1, self._sizes[seed] // 3), self._inst.p)
                waiting.insert(0, seed)

    def _walk(self) -> None:
        """Go on walking from here: it exchanges medians far apart, which no piece holds together."""
        before = self.groups
        trial = wander(before, self._shown, self._rng, _STEPS, self._guard)
        self.work -= _STEPS * _STEP_WORK * self._inst.n**2
        if trial.fits and trial.cost < before.cost:
            self._take(trial)
            differs = self._differing(before)
            self._sizes[differs] = self._first
            self._until_stuck(differs)

    def _shake(self) -> None:
        """Disturb a region, mend it, and keep the best mixture of before and after."""
        before, stamps, sizes = self.groups, self._stamp.copy(), self._sizes.copy()
        chosen = self._around(int(self._rng.integers(self._inst.p)), self._first)
        trial = scattered(before, chosen, self._favour, self._rng)
        if not trial.fits:
            self.work -= _OVERHEAD
            return
        self._take(trial)
        differs = self._differing(before)
        self._sizes[differs] = self._first
        self._until_stuck(differs)
        if self.groups.cost >= before.cost * (1 - 1e-9):
            after = self.groups
            self.groups, self._stamp, self._sizes = before, stamps, sizes
            self._merge(after)

    def _take(self, trial: Groups) -> None:
        """Go on with ``trial``; groups that differ are new to the record of pieces tried."""
        before, self.groups = self.groups, trial
        differs = self._differing(before)
        self._stamp[differs] = self._next + np.arange(len(differs))
        self._next += len(differs)

    def _differing(self, other: Groups) -> Ints:
        """Groups that are not the same as in ``other``."""
        here = self.groups
        moved = here.assignment != other.assignment
        where = np.union1d(here.group[moved], other.group[moved])
        return np.union1d(where, np.flatnonzero(here.medians != other.medians))

    def _merge(self, other: Groups) -> None:
        """The best solution made of pairs of the present one, of ``other`` and of near medians of both."""
        inst, here = self._inst, self.groups
        chosen = self._differing(other)
        if len(chosen) == 0:
            return
        points = np.flatnonzero(np.isin(here.group, chosen) | np.isin(other.group, chosen))
        chosen = np.union1d(chosen, here.group[points])
        points = np.flatnonzero(np.isin(here.group, chosen))
        seats = np.setdiff1d(np.union1d(here.medians, other.medians[chosen]), np.delete(here.medians, chosen))
        pairs = np.zeros((len(points), inst.n), dtype=bool)
        pairs[:, seats] = self._close(points, seats, 5)
        for groups in (here, other):
            pairs[np.arange(len(points)), groups.assignment[points]] = True
        pairs[:, np.setdiff1d(np.arange(inst.n), seats)] = False
        self._solve(chosen, points, pairs)

    def _around(self, seed_group: int, size: int) -> Ints:
        """The group and its nearest, somewhat at random."""
        medians = self.groups.medians
        between = self._inst.costs[np.ix_(medians, medians)]
        away = np.minimum(between[seed_group], between[:, seed_group]) * self._rng.uniform(0.75, 1.25, len(medians))
        away[seed_group] = -1.0
        return np.sort(np.argsort(away, kind="stable")[:size])

    def _piece(self, seed_group: int) -> tuple[bool, bool, Ints]:
        """Solve the piece around a group: whether it got cheaper, whether it was solved to its end, and its groups."""
        chosen = self._around(seed_group, int(self._sizes[seed_group]))
        key = tuple(self._stamp[chosen].tolist())
        if key in self._tried:
            return False, True, chosen
        self._tried.add(key)
        points = np.flatnonzero(np.isin(self.groups.group, chosen))
        near = _NEAR + max(0, len(chosen) - self._first) // 2
        return *self._solve(chosen, points, self._pairs(points, chosen, near)), chosen

    def _solve(self, chosen: Ints, points: Ints, pairs: Mask) -> tuple[bool, bool]:
        """Put the chosen groups together anew from these pairs: whether that is cheaper, and the best there is."""
        groups = self.groups
        answer = program.solve(
            self._inst,
            Piece(points, pairs, len(chosen)),
            groups.medians[chosen],
            groups.assignment[points],
            seed=self._seed,
            seconds=self._guard.left,
            work=min(_PIECE_WORK, self.work),
            stopped=self._guard.stopped,
        )
        self.work -= answer.work + _OVERHEAD
        if answer.medians is None or answer.serves is None:
            return False, answer.done
        trial = put(groups, chosen, points, answer.medians, answer.serves)
        if not trial.fits or trial.cost >= groups.cost:
            return False, answer.done
        self._take(trial)
        return True, answer.done

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
        pairs[:, groups.medians[chosen]] |= self._close(points, groups.medians[chosen], 3)
        return pairs

    def _close(self, points: Ints, medians: Ints, count: int) -> Mask:
        """The nearest few of these medians, whatever the prices say."""
        cost = self._inst.costs[np.ix_(points, medians)]
        k = min(count, len(medians)) - 1
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
