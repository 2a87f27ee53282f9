"""Best possible coverage of one part with CP-SAT, starting from a known solution, with an honest bound.

Model: medoid assignment. ``y[j]`` – row j is a medoid; ``x[i, j]`` – row i is in the bundle of j, only for linked
pairs, ``x[j, j] = y[j]``. Each row in at most one bundle, households and number of members within limits where
``y[j]``, no two rows apart under one medoid, rows of a grid under one medoid only. Households first, then estates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ortools.sat.python import cp_model

from planning.bundles.graph import Part, bits
from planning.bundles.partition import Partition

MAX_CLAUSES: Final = 400_000
"""Pairs apart under one medoid; beyond this the model is not built and the part stays unproven."""
_WORK_LIMIT: Final = 60.0
"""CP-SAT's deterministic time, about seconds: the guard that gives the same answer on any machine."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Groups of a part as masks; no plan covers more than ``bound`` households."""

    masks: tuple[int, ...]
    households: int
    bound: int
    feasible: bool = True
    """False: proven that no plan takes in all forced rows."""
    forced_in: bool = True
    """False: the groups do not hold all forced rows (because it cannot be, or for want of time)."""

    @property
    def proven(self) -> bool:
        return self.feasible and self.forced_in and self.bound == self.households


class Search:
    """One CP-SAT run that another thread may stop."""

    def __init__(self) -> None:
        self._solver = cp_model.CpSolver()
        self._stopped = False

    def stop(self) -> None:
        """End the run; what was found so far is given back."""
        self._stopped = True
        self._solver.stop_search()

    def run(self, part: Part, hint: Partition, *, seed: int, seconds: float, forced: int | None = None) -> Solved:
        """Groups at least as good as the hint (which is what comes back when CP-SAT finds no better in time).

        Parameters
        ----------
        part, hint
            The part and a valid solution of it.
        seed, seconds
            Random seed; wall-clock guard.
        forced
            A row that must be in a bundle; then the hint need not hold it, and the answer may be worse than the hint,
            or ``feasible`` false.
        """
        known = Solved(hint.masks(), hint.score.households, part.total, forced_in=not part.forced & ~hint.taken)
        if (forced is None and known.proven) or self._stopped or seconds <= 0 or part.touch is not None:
            return known
        model = _Model(part)
        if model.too_large:
            return known
        for row in bits(part.forced | (0 if forced is None else 1 << forced)):
            model.cp.add_exactly_one([model.x[row, j] for j in model.medoids_of(row)])
        model.hint(hint)
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = seed
        self._solver.parameters.max_time_in_seconds = seconds
        self._solver.parameters.max_deterministic_time = _WORK_LIMIT
        status = self._solver.solve(model.cp)
        if status == cp_model.MODEL_INVALID:
            raise ValueError(f"bundle model of {part.ids[0]}… is invalid: {model.cp.validate()}")
        if status == cp_model.INFEASIBLE:
            if forced is None and known.forced_in:
                raise ValueError(f"bundle model of {part.ids[0]}… calls its own hint infeasible")
            return Solved((), 0, 0, feasible=False, forced_in=False)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return known
        masks = model.masks(self._solver)
        found = Partition.of(part, masks)  # raises if the solver's groups break a rule
        bound = min(part.total, int(self._solver.best_objective_bound + 1e-6) // model.scale)
        if forced is None and hint.score.beats(found.score):
            found = hint
        return Solved(found.masks(), found.score.households, max(bound, found.score.households))


class _Model:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.cp = cp_model.CpModel()
        self.scale = len(part.ids) + 1
        self.x: dict[tuple[int, int], cp_model.IntVar] = {}
        self.near = [part.links[j] if self._possible(j) else 0 for j in range(len(part.ids))]
        clashes = sum((mask & ~part.fits[i]).bit_count() for mask in self.near for i in bits(mask))
        self.too_large = clashes > 2 * MAX_CLAUSES
        if self.too_large:
            return
        for j, mask in enumerate(self.near):
            for i in bits(mask):
                self.x[i, j] = self.cp.new_bool_var(f"x{i},{j}")
        for i in range(len(part.ids)):
            self.cp.add_at_most_one(self.x[i, j] for j in self.medoids_of(i))
        for j, mask in enumerate(self.near):
            if mask:
                self._limits(j, list(bits(mask)))
                for i in bits(mask):
                    for k in bits(mask & ~part.fits[i] & -(2 << i)):
                        self.cp.add_at_most_one(self.x[i, j], self.x[k, j])
        self._grids_undivided()
        for i, block in enumerate(part.blocks):
            for j in range(len(part.ids)):
                for k in bits(block & -(2 << i)):
                    self.cp.add(self.x.get((i, j), 0) == self.x.get((k, j), 0))
        worth = [w * self.scale + (0 if part.anchors >> i & 1 else 1) for i, w in enumerate(part.weight)]
        self.cp.maximize(sum(worth[i] * x for (i, _), x in self.x.items()))

    def _possible(self, j: int) -> bool:
        part = self.part
        return part.links[j].bit_count() >= part.min_members and (not part.anchored or bool(part.anchors >> j & 1))

    def medoids_of(self, i: int) -> list[int]:
        """Rows in whose bundle the row may be."""
        return [j for j in bits(self.part.links[i]) if self.near[j]]

    def _limits(self, j: int, rows: list[int]) -> None:
        part, medoid = self.part, self.x[j, j]
        members = sum(self.x[i, j] for i in rows)
        for measure in part.measures:
            total = sum(measure.values[i] * self.x[i, j] for i in rows)
            if measure.low is not None:
                self.cp.add(total >= measure.low * medoid)
            if measure.high is not None:
                self.cp.add(total <= measure.high * medoid)
        if part.anchored:
            self.cp.add(sum(part.weight[i] * self.x[i, j] for i in rows) <= part.room[j] * medoid)
        self.cp.add(members >= part.min_members * medoid)
        self.cp.add(members <= part.max_estates * medoid)
        for i in rows:
            if i != j:
                self.cp.add_implication(self.x[i, j], medoid)

    def _grids_undivided(self) -> None:
        seen = 0
        for row, others in enumerate(self.part.grids):
            if not others or seen >> row & 1:
                continue
            grid = others | 1 << row
            seen |= grid
            chosen = []
            for j, near in enumerate(self.near):
                inside = list(bits(near & grid))
                if inside:
                    used = self.cp.new_bool_var(f"grid{row},{j}")
                    chosen.append(used)
                    for i in inside:
                        self.cp.add_implication(self.x[i, j], used)
            self.cp.add_at_most_one(chosen)

    def hint(self, partition: Partition) -> None:
        ones = {(i, group.medoid) for group in partition.groups.values() for i in bits(group.mask)}
        for pair, x in self.x.items():
            self.cp.add_hint(x, pair in ones)

    def masks(self, solver: cp_model.CpSolver) -> tuple[int, ...]:
        found: dict[int, int] = {}
        for (i, j), x in self.x.items():
            if solver.boolean_value(x):
                found[j] = found.get(j, 0) | 1 << i
        return tuple(found[j] for j in sorted(found))
