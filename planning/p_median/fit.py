"""A first answer that fits, where greedy starts find none: loads are packed by CP-SAT, or proven not to fit."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from planning.p_median.guard import Guard
from planning.p_median.instance import Instance, Ints
from planning.p_median.local import Groups
from planning.p_median.program import whole_weights


def fitting(inst: Instance, near: Groups | None, *, seed: int, guard: Guard) -> Groups:
    """An assignment within all capacities; cost does not matter yet.

    Raises
    ------
    ValueError
        There is none, or none was found and none excluded in the time left.
    """
    equal = bool(np.all(inst.limit[inst.eligible] == inst.limit[inst.eligible][0])) and bool(inst.eligible.all())
    whole = inst.units is not None
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = max(guard.left, 1.0)
    solver.parameters.max_deterministic_time = 60.0
    if equal or not inst.self_served:
        groups, status = _packed(inst, near, solver)
    else:
        groups, status = _served(inst, solver)
    if groups is not None and groups.fits:
        return groups
    if status == cp_model.INFEASIBLE and whole:
        raise ValueError(
            f"no valid answer exists: the {inst.n} weights cannot be split among {inst.p} medians within their capacities"
        )
    raise ValueError(
        f"no valid answer was found in the time given, and none could be excluded: {inst.n} points, {inst.p} medians, "
        f"weights sum to {inst.weights.sum():g}"
    )


def _packed(inst: Instance, near: Groups | None, solver: cp_model.CpSolver) -> tuple[Groups | None, int]:
    """Pack into the p largest capacities: if these do not do, none do."""
    weights, room = whole_weights(inst, generous=False)
    order = np.lexsort((np.arange(inst.n), -room))
    medians = near.medians if near is not None and bool(np.all(room == room[0])) else order[: inst.p]
    model = cp_model.CpModel()
    x = [[model.new_bool_var("") for _ in range(inst.p)] for _ in range(inst.n)]
    for i in range(inst.n):
        model.add_exactly_one(x[i])
    for b in range(inst.p):
        load = cp_model.LinearExpr.weighted_sum([x[i][b] for i in range(inst.n)], weights.tolist())
        model.add(load <= int(room[medians[b]]))
    if near is not None:
        for i in range(inst.n):
            for b in range(inst.p):
                model.add_hint(x[i][b], int(near.group[i]) == b)
    status = int(solver.solve(model))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, status
    group = np.array([next(b for b in range(inst.p) if solver.boolean_value(x[i][b])) for i in range(inst.n)])
    if not inst.self_served:
        return Groups(inst, medians, group), status
    return _seated(inst, group), status


def _seated(inst: Instance, group: Ints) -> Groups:
    """Groups of equal capacity with a member of each as median; empty groups get a point of the largest."""
    for b in range(inst.p):
        if not np.any(group == b):
            counts = np.bincount(group, minlength=inst.p)
            group[np.flatnonzero(group == counts.argmax())[-1]] = b
    medians = np.empty(inst.p, dtype=np.int64)
    for b in range(inst.p):
        members = np.flatnonzero(group == b)
        medians[b] = members[inst.costs[np.ix_(members, members)].sum(axis=0).argmin()]
    return Groups(inst, medians, group)


def _served(inst: Instance, solver: cp_model.CpSolver) -> tuple[Groups | None, int]:
    """Capacities differ and medians serve themselves: which points open matters, so all may."""
    weights, room = whole_weights(inst, generous=False)
    model = cp_model.CpModel()
    seats = np.flatnonzero(inst.eligible)
    x = {(i, int(j)): model.new_bool_var("") for i in range(inst.n) for j in seats}
    for i in range(inst.n):
        model.add_exactly_one(x[i, int(j)] for j in seats)
    for j in (int(v) for v in seats):
        load = cp_model.LinearExpr.weighted_sum([x[i, j] for i in range(inst.n)], weights.tolist())
        model.add(load <= int(room[j]) * x[j, j])
        for i in range(inst.n):
            if i != j:
                model.add_implication(x[i, j], x[j, j])
    model.add(sum(x[int(j), int(j)] for j in seats) == inst.p)
    status = int(solver.solve(model))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, status
    medians = np.array([j for j in seats if solver.boolean_value(x[int(j), int(j)])], dtype=np.int64)
    position = {int(j): k for k, j in enumerate(medians)}
    group = np.array(
        [next(position[int(j)] for j in medians if solver.boolean_value(x[i, int(j)])) for i in range(inst.n)]
    )
    return Groups(inst, medians, group), status
