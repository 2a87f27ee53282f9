"""The problem, or a piece of it, for CP-SAT: which candidates open, who serves whom, starting from a known answer.

Whole numbers only, so nothing depends on a solver's tolerances: costs are scaled, and where weights have no common unit
they are rounded so that the search can only be too careful and the proof only too generous.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from planning.p_median.instance import Instance, Ints, Mask

_STEPS: Final = 10**9
"""Whole steps into which the cost of the known answer, or all weight, is cut where it is not whole already."""
_LOOK_S: Final = 0.1


@dataclass(frozen=True)
class Piece:
    """Points to be served by ``p`` of the candidates that ``pairs`` (len(points), n) allows them."""

    points: Ints
    pairs: Mask
    p: int


@dataclass(frozen=True)
class Answer:
    """Medians and who serves each point of the piece, or None if nothing better than the known answer was found.

    ``bound``: no answer of the piece costs less. ``done``: the search went to its end. ``work``: deterministic time.
    """

    medians: Ints | None
    serves: Ints | None
    bound: float
    done: bool
    work: float


def solve(
    instance: Instance,
    piece: Piece,
    medians: Ints,
    known: Ints,
    *,
    seed: int,
    seconds: float,
    work: float,
    generous: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """An answer cheaper than ``known``, or the proof that there is none.

    Parameters
    ----------
    medians, known
        The medians of the piece now, and who serves each of its points.
    generous
        Round weights down and capacities up: the bound is then one of the true problem, but the answer may not fit and
        must be checked. Otherwise the other way round. No difference where weights have a common unit.
    seconds, work
        Wall-clock guard, and the deterministic limit.
    stopped
        Asked now and then; true ends the search.
    """
    now = float(instance.costs[piece.points, known].sum())
    step = _cost_step(instance, now)
    model = _Model(instance, piece, step, generous)
    if model.impossible:
        return Answer(None, None, now, True, 0.0)
    model.hint(medians, known)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    solver.parameters.max_deterministic_time = max(work, 0.01)
    with _watch(solver, stopped):
        status = solver.solve(model.cp)
    if status == cp_model.MODEL_INVALID:
        raise ValueError(f"the model of the p-median is invalid: {model.cp.validate()}")
    used = float(solver.response_proto.deterministic_time)
    if status == cp_model.INFEASIBLE:
        return Answer(None, None, now, True, used)
    bound = float(solver.best_objective_bound) * step
    if status == cp_model.UNKNOWN:
        return Answer(None, None, bound, False, used)
    opened, serves = model.read(solver)
    done = status == cp_model.OPTIMAL
    if float(instance.costs[piece.points, serves].sum()) < now - 1e-9 * max(now, 1e-12):
        return Answer(opened, serves, bound, done, used)
    return Answer(None, None, bound, done, used)


@contextmanager
def _watch(solver: cp_model.CpSolver, stopped: Callable[[], bool]) -> Iterator[None]:
    """Ends the solver soon after ``stopped`` turns true."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_S):
            if stopped():
                solver.stop_search()

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _cost_step(instance: Instance, now: float) -> float:
    if instance.whole_costs:
        return 1.0
    return max(now, 1e-12) / _STEPS


def whole_weights(instance: Instance, generous: bool) -> tuple[Ints, Ints]:
    """Weights and capacities as whole numbers; see ``solve`` for ``generous``."""
    if instance.units is not None:
        return instance.units
    total = max(float(instance.weights.sum()), 1e-300)
    scale = _STEPS / total
    weights, room = instance.weights * scale, np.minimum(instance.limit, total) * scale
    if generous:
        return np.floor(weights).astype(np.int64), np.ceil(room).astype(np.int64)
    return np.ceil(weights).astype(np.int64), np.floor(room).astype(np.int64)


class _Model:
    def __init__(self, inst: Instance, piece: Piece, step: float, generous: bool) -> None:
        self.cp = cp_model.CpModel()
        self._inst, self._piece = inst, piece
        points = piece.points
        candidates = np.flatnonzero(piece.pairs.any(axis=0) & inst.eligible)
        if inst.self_served:
            candidates = candidates[np.isin(candidates, points)]
        self._candidates = candidates
        self.impossible = len(candidates) < piece.p
        weights, room = whole_weights(inst, generous)
        opens = {int(j): self.cp.new_bool_var("") for j in candidates}
        self._opens = opens
        allowed = piece.pairs[:, candidates].copy()
        if inst.self_served:
            row = np.full(inst.n, -1)
            row[points] = np.arange(len(points))
            allowed[row[candidates], np.arange(len(candidates))] = False
        rows, cols = np.nonzero(allowed)
        self._i, self._j = points[rows], candidates[cols]
        self._x = [self.cp.new_bool_var("") for _ in rows]
        serving: dict[int, list[cp_model.IntVar]] = {int(i): [] for i in points}
        served: dict[int, list[int]] = {int(j): [] for j in candidates}
        for k, (i, j) in enumerate(zip(self._i.tolist(), self._j.tolist(), strict=True)):
            serving[i].append(self._x[k])
            served[j].append(k)
            self.cp.add_implication(self._x[k], opens[j])
        # A pair dearer than the whole known answer is in no better one: what lies above that need not be told apart.
        costs = inst.costs if inst.whole_costs else np.floor(np.minimum(inst.costs / step, 2.0 * _STEPS))
        for i, variables in serving.items():
            if inst.self_served and i in opens:
                variables = [*variables, opens[i]]
            if not variables:
                self.impossible = True
                return
            self.cp.add_exactly_one(variables)
        for j, ks in served.items():
            left = int(room[j]) - (int(weights[j]) if inst.self_served else 0)
            load = [int(weights[self._i[k]]) for k in ks]
            if sum(load) > left:
                self.cp.add(cp_model.LinearExpr.weighted_sum([self._x[k] for k in ks], load) <= left * opens[j])
        self.cp.add(sum(opens.values()) == piece.p)
        terms = list(self._x) + list(opens.values())
        prices = [int(v) for v in costs[self._i, self._j]]
        own = [int(v) for v in np.diagonal(costs)[candidates]] if inst.self_served else [0] * len(candidates)
        self.cp.minimize(cp_model.LinearExpr.weighted_sum(terms, prices + own))

    def hint(self, medians: Ints, known: Ints) -> None:
        serves = dict(zip(self._piece.points.tolist(), known.tolist(), strict=True))
        now = set(medians.tolist())
        for k, (i, j) in enumerate(zip(self._i.tolist(), self._j.tolist(), strict=True)):
            self.cp.add_hint(self._x[k], serves[i] == j)
        for j, variable in self._opens.items():
            self.cp.add_hint(variable, j in now)

    def read(self, solver: cp_model.CpSolver) -> tuple[Ints, Ints]:
        serves = {int(i): -1 for i in self._piece.points}
        for k, variable in enumerate(self._x):
            if solver.boolean_value(variable):
                serves[int(self._i[k])] = int(self._j[k])
        medians = [j for j, variable in self._opens.items() if solver.boolean_value(variable)]
        if self._inst.self_served:
            serves |= {j: j for j in medians}
        return np.array(medians, dtype=np.int64), np.array(list(serves.values()), dtype=np.int64)
