"""The function: checks the numbers, runs bound, walk, pieces and proof, and judges the answer before giving it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from geo.progress import SILENT, Progress
from planning.p_median import fit, lagrange, program
from planning.p_median.check import faults
from planning.p_median.guard import Guard
from planning.p_median.instance import Instance, checked
from planning.p_median.lagrange import Pricing, Round
from planning.p_median.local import Groups
from planning.p_median.polish import Polish, Reduced, put
from planning.p_median.program import Piece
from planning.p_median.types import PMedian
from planning.p_median.wander import better, hold, start, wander

_PROOF: Final = 1e-6
"""Share of the cost by which bound and cost may differ and still count as equal."""
_CORE_PAIRS: Final = 60_000
_EARLY_PAIRS: Final = 4_000
"""Pairs left by the bound: up to here the proof is tried before the pieces."""
_CELL_S: Final = 4e-8
"""About what one round of prices takes per pair of points, and below what a step of the walk takes: only for budgets."""
_STEP_S: Final = 3e-7
_SMALL: Final = 40
"""Problems of up to this many points go to the proof almost at once."""


def capacitated_p_median(
    distances: ArrayLike,
    weights: ArrayLike,
    p: int,
    capacity: ArrayLike,
    *,
    weighted: bool = False,
    self_served: bool = True,
    seed: int = 1,
    seconds: float = 60.0,
    progress: Progress = SILENT,
    hint: PMedian | Sequence[int] | None = None,
) -> PMedian:
    """Choose ``p`` of the points as medians and give each point to one of them, within capacities, at least cost.

    Parameters
    ----------
    distances
        (n, n), finite and not negative: ``distances[i, j]`` is what it costs to serve i from j. Need be neither
        symmetric nor metric, nor 0 on the diagonal.
    weights
        (n,), not negative: what each point takes of the capacity of its median.
    p
        Number of medians, exactly.
    capacity
        One number for all, or (n,) one for each point should it become a median.
    weighted
        Cost is weight × distance instead of distance.
    self_served
        A median is served by itself. False: it may be served by another median, as in the usual integer program; the
        least cost is then never higher, and on the published instances the same.
    seed, seconds
        Random seed; limit on the time, after which the best answer so far comes back. What is done is measured in rounds
        and in the solver's deterministic time, scaled by ``seconds``; the clock ends it early only on a slow machine, so
        the same call gives the same answer otherwise.
    progress
        Told what goes on; its ``stopped`` ends the run with the best answer so far.
    hint
        An earlier answer, or medians to begin with (at most p different points).

    Returns
    -------
    PMedian
        A valid answer, judged by separate code, with a proven lower bound.

    Raises
    ------
    ValueError
        The numbers do not make a problem (the sentence says which), no valid answer exists, or none was found and none
        excluded in the time given.
    """
    if not (isinstance(seconds, (int, float)) and math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"seconds must be a finite number, not negative; it is {seconds!r}")
    instance = checked(distances, weights, p, capacity, weighted=weighted, self_served=self_served)
    run = _Run(instance, seed, float(seconds), progress)
    groups, bound = run.solve(_hinted(hint, instance))
    answer = _answer(groups, bound)
    wrong = list(faults(answer, distances, weights, instance.p, capacity, weighted=weighted, self_served=self_served))
    if wrong:
        raise RuntimeError(f"the answer failed its check: {'; '.join(wrong)}")
    progress.update(1.0, "完成")
    return answer


def _hinted(hint: PMedian | Sequence[int] | None, inst: Instance) -> Groups | None:
    """The hint as a solution, mended where it names too few medians or does not fit."""
    if hint is None:
        return None
    given = np.asarray(hint.medians if isinstance(hint, PMedian) else hint, dtype=np.int64)
    medians = np.unique(given)
    if given.ndim != 1 or len(medians) > inst.p or np.any((medians < 0) | (medians >= inst.n)):
        raise ValueError(f"hint must name at most {inst.p} different points, from 0 to {inst.n - 1}")
    if isinstance(hint, PMedian) and len(medians) == inst.p and hint.assignment.shape == (inst.n,):
        group = np.searchsorted(medians, hint.assignment).clip(max=inst.p - 1)
        groups = Groups(inst, medians, group)
        if np.array_equal(groups.assignment, hint.assignment) and groups.sound:
            hold(groups)
            return groups
    spare = np.setdiff1d(np.flatnonzero(inst.eligible), medians)
    medians = medians[inst.eligible[medians]]
    return start(inst, np.concatenate([medians, spare[: inst.p - len(medians)]]))


def _answer(groups: Groups, bound: float) -> PMedian:
    inst = groups.instance
    cost = math.fsum(groups.each)
    if inst.whole_costs and math.isfinite(bound):
        bound = float(math.ceil(bound - 1e-6))
    bound = min(max(bound, _least(inst)), cost)
    order = np.argsort(groups.medians)
    proven = cost - bound <= _PROOF * cost
    return PMedian(
        medians=groups.medians[order],
        assignment=groups.assignment,
        cost=cost,
        bound=bound,
        proven=proven,
        loads=groups.loads[order],
    )


def _least(inst: Instance) -> float:
    """What the points cost at least, each at its cheapest candidate."""
    return float(inst.costs[:, inst.eligible].min(axis=1).sum()) * (1 - 1e-12)


class _Run:
    def __init__(self, instance: Instance, seed: int, seconds: float, progress: Progress) -> None:
        self._inst, self._seed, self._seconds = instance, seed, seconds
        self._guard = Guard(seconds, progress)
        self._rng = np.random.default_rng(seed)
        self._best: Groups | None = None

    def solve(self, hinted: Groups | None) -> tuple[Groups, float]:
        inst, guard = self._inst, self._guard
        guard.tell(0.0, "求下界")
        pricing = Pricing(inst)
        prices = lagrange.start(pricing, inst)
        self._offer(hinted if hinted is not None else start(inst, prices.best.chosen))
        self._bound(pricing, prices)
        groups = self._best
        if groups is None or not groups.fits:
            groups = fit.fitting(inst, groups, seed=self._seed, guard=guard)
            hold(groups)
            self._best = groups
        if self._closed(groups.cost, prices.best.bound) or guard.over():
            return groups, prices.best.bound
        if inst.n <= _SMALL:
            return self._prove(groups, prices.best, 0.7 * self._seconds, _CORE_PAIRS)
        guard.tell(0.25, "局部搜索")
        times = self._times(0.15, _STEP_S * inst.n * inst.n, 300)
        groups = wander(groups, prices.best, self._rng, times, guard.part(0.5))
        groups, bound = self._prove(groups, prices.best, 0.15 * self._seconds, _EARLY_PAIRS)
        if self._closed(groups.cost, bound) or guard.over():
            return groups, bound
        polish = Polish(groups, prices.best, self._rng, self._seed, 0.5 * self._seconds, guard)
        polish.run()
        groups, last = self._prove(polish.groups, prices.best, polish.work + 0.15 * self._seconds, _CORE_PAIRS)
        return groups, max(bound, last)

    def _bound(self, pricing: Pricing, prices: lagrange.Prices) -> None:
        """Raise the bound, with a start from the medians it chooses now and then."""
        inst = self._inst
        times = self._times(0.15, _CELL_S * inst.n * inst.n, 800 if inst.n > _SMALL else 40)
        seen = 0

        def each(shown: Round) -> float:
            nonlocal seen
            seen += 1
            if seen % max(10, times // 20) == 0 and np.all(np.isfinite(shown.values[shown.chosen])):
                self._offer(start(inst, shown.chosen))
            return self._target()

        lagrange.climb(pricing, prices, self._target(), times, each=each, stop=self._guard.part(0.15).over)
        if inst.units is not None:
            prices.step = 0.5
            lagrange.climb(
                pricing, prices, self._target(), times // 2, exact=True, each=each, stop=self._guard.part(0.25).over
            )

    def _times(self, share: float, seconds: float, most: int) -> int:
        """How often work of about ``seconds`` may be done in a share of the time."""
        return int(np.clip(share * self._seconds / (seconds + 2e-4), 20, most))

    def _target(self) -> float:
        best = self._best
        if best is not None and best.fits:
            return best.cost
        return float(self._inst.costs.max(axis=1).sum()) if best is None else best.cost * 1.05

    def _offer(self, groups: Groups) -> None:
        if better(groups, self._best):
            self._best = groups

    def _closed(self, cost: float, bound: float) -> bool:
        if self._inst.whole_costs:
            return math.ceil(bound - 1e-6) >= cost
        return cost - bound <= _PROOF * cost

    def _prove(self, groups: Groups, shown: Round, work: float, most: int) -> tuple[Groups, float]:
        """One piece with everything that a better answer can hold, if it is small enough."""
        inst, guard = self._inst, self._guard
        if self._closed(groups.cost, shown.bound):
            return groups, shown.bound
        points = np.arange(inst.n)
        pairs = Reduced(inst, shown).possible(groups.cost)
        pairs[points, groups.assignment] = True
        if guard.over() or pairs.sum() > most:
            return groups, shown.bound
        guard.tell(0.9, "证明")
        answer = program.solve(
            inst,
            Piece(points, pairs, inst.p),
            groups.medians,
            groups.assignment,
            seed=self._seed,
            seconds=guard.left,
            work=work,
            generous=True,
            stopped=guard.stopped,
        )
        bound = max(shown.bound, min(answer.bound, groups.cost))
        if answer.medians is not None and answer.serves is not None:
            trial = put(groups, np.arange(inst.p), points, answer.medians, answer.serves)
            if trial.fits and trial.cost < groups.cost:
                groups = trial
        return groups, min(bound, groups.cost)
