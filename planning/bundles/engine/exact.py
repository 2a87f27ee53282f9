"""Best possible coverage of one part with CP-SAT, starting from a known solution, with an honest bound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from ortools.sat.python import cp_model

from planning.bundles.engine.connection import pieces_of
from planning.bundles.engine.graph import Part
from planning.bundles.engine.model import Model
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.pieces import Piece, around, piece, put
from planning.bundles.engine.search import by_worth, resume

_WORK_LIMIT: Final = 60.0
"""CP-SAT's deterministic time, about seconds: the guard that gives the same answer on any machine."""
_FIRST_WORK: Final = 0.6
"""Of this for the whole part at first; then as much for pieces of it as `_PIECES_WORK`; then the rest for the whole."""
_PIECES_WORK: Final = 4.0
_PIECE_WORK: Final = 0.1
_QUICK_WORK: Final = 0.5
"""For pieces before anything else, where a bound is known that they may reach."""
_LEAST_PIECE: Final = 20
"""Rows of a piece, about."""
_LARGEST_PIECE: Final = 70


@dataclass(frozen=True, slots=True)
class Solved:
    """Groups of a part as masks; no plan that holds all forced rows covers more than ``bound`` households."""

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
    """One CP-SAT run that another thread may stop; ``work`` is its guard in CP-SAT's deterministic time."""

    def __init__(self, work: float = _WORK_LIMIT) -> None:
        self._work = work
        self._spent = 0.0
        self._solver = cp_model.CpSolver()
        self._stopped = False

    def stop(self) -> None:
        """End the run; what was found so far is given back."""
        self._stopped = True
        self._solver.stop_search()

    def run(
        self,
        part: Part,
        hint: Partition,
        *,
        seed: int,
        seconds: float,
        forced: int | None = None,
        upper: int | None = None,
        keep: Partition | None = None,
    ) -> Solved:
        """Groups at least as good as the hint (which is what comes back when CP-SAT finds no better in time).

        Parameters
        ----------
        part, hint
            The part and a valid solution of it (which may lack forced rows).
        seed, seconds
            Random seed; wall-clock guard.
        forced
            One more row that must be in a group, besides the part's; then the answer may be worse than the hint.
        upper
            Households that no plan exceeds, known from elsewhere: when they are reached, the work is done.
        keep
            Groups that are to change as little as possible, once households are as many as can be; by default as
            many estates as possible.
        """
        forced_rows = part.forced | (0 if forced is None else 1 << forced)
        self._spent = 0.0
        known = _known(hint, forced_rows, part.total if upper is None else min(upper, part.total))
        stop_at = upper if keep is None else None
        if self._stopped or seconds <= 0:
            return known
        everyone = hint.score.estates == (part.everything & ~part.anchors).bit_count()
        if known.proven and keep is None and (everyone or upper is not None):
            return known
        deadline = monotonic() + seconds
        if upper is not None and forced is None:
            hint = self._piecewise(hint, known.bound, seed, deadline, min(self._work, _QUICK_WORK))
            known = _known(hint, forced_rows, known.bound)
            if known.proven:
                return known
        model = Model(part, keep)
        known = replace(known, bound=max(known.households, min(known.bound, model.possible)))
        if model.too_large:
            if forced is None:
                hint = self._piecewise(hint, known.bound, seed, deadline, self._work - self._spent)
            return _known(hint, forced_rows, known.bound)
        if known.proven and keep is None and hint.score.estates == model.possible_estates:
            return known
        if forced is not None:
            model.force(forced)
        if upper is not None:
            model.limit(upper)
        if forced is not None or keep is not None:
            return self._rounds(model, hint, known, forced_rows, seed, deadline, self._work, stop_at)
        found = self._rounds(model, hint, known, forced_rows, seed, deadline, min(self._work, _FIRST_WORK), stop_at)
        if found.proven or not found.feasible or self._work <= _FIRST_WORK:
            return found
        best = Partition.of(part, found.masks) if found.forced_in else hint
        best = self._piecewise(best, found.bound, seed, deadline, min(self._work - self._spent, _PIECES_WORK))
        known = _known(best, forced_rows, found.bound)
        if known.proven:
            return known
        return self._rounds(model, best, known, forced_rows, seed, deadline, self._work - self._spent, stop_at)

    def _piecewise(self, best: Partition, bound: int, seed: int, deadline: float, work: float) -> Partition:
        """Solve pieces round free rows, and larger ones when that no longer helps."""
        size, begun, forced = _LEAST_PIECE, self._spent, best.part.forced
        tried: set[tuple[int, tuple[int, ...]]] = set()
        while size <= _LARGEST_PIECE:
            before = best.score
            for row in by_worth(best, best.part.everything & ~best.taken):
                left = work - (self._spent - begun)
                if self._stopped or left <= 0 or monotonic() >= deadline:
                    return best
                if row in best.home:
                    continue
                mask, keys = around(best, row, size)
                state = (mask, tuple(sorted(best.groups[key].mask for key in keys)))
                if state not in tried:
                    tried.add(state)
                    best = self._piece(piece(best, mask, keys), best, seed, deadline, min(_PIECE_WORK, left))
                    if _known(best, forced, bound).proven:
                        return best
            if not best.score.beats(before):
                size += size // 2
        return best

    def _piece(self, one: Piece, best: Partition, seed: int, deadline: float, work: float) -> Partition:
        """The whole with the piece solved, if that covers more."""
        model = Model(one.part)
        known = _known(one.groups, one.part.forced, model.possible)
        if known.proven or model.too_large:
            return best
        solved = self._rounds(model, one.groups, known, one.part.forced, seed, deadline, work, None)
        if not solved.feasible:
            return best
        found = put(best, one, Partition.of(one.part, solved.masks))
        return found if found.score[:2] > best.score[:2] else best

    def _rounds(
        self,
        model: Model,
        hint: Partition,
        known: Solved,
        forced_rows: int,
        seed: int,
        deadline: float,
        work: float,
        upper: int | None,
    ) -> Solved:
        """Solve; where groups are in pieces forbid that and solve again, until none is or the time is over."""
        best, bound, begun = hint, known.bound, self._spent
        while True:
            model.hint(best)
            watch = _Watch(model, upper)
            status = self._solve(model, watch, seed, deadline - monotonic(), work - (self._spent - begun))
            if status == cp_model.INFEASIBLE:
                if known.forced_in:
                    raise ValueError(f"bundle model of {model.part.ids[0]}… calls its own hint infeasible")
                return Solved((), 0, 0, feasible=False, forced_in=False)
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                bound = min(bound, model.households(self._solver.best_objective_bound))
                best = self._better(model, best, forced_rows, seed)
            done = status == cp_model.OPTIMAL or watch.reached
            if not done or not watch.connect() or _known(best, forced_rows, bound).proven:
                return _known(best, forced_rows, bound)

    def _better(self, model: Model, best: Partition, forced_rows: int, seed: int) -> Partition:
        """What the solver found, repaired if it is in pieces, if that is better than the best so far."""
        part, solution = model.part, self._solver.response_proto.solution
        masks = tuple(model.groups(solution).values())
        if all(part.connected(mask) for mask in masks):
            found = Partition.of(part, masks)  # raises if the solver's groups break a rule
        else:
            assert part.touch is not None
            pieces = [one for mask in masks for one in pieces_of(part.touch, mask)]
            found = resume(part, tuple(sorted(pieces, key=lambda mask: -mask.bit_count())), seed=seed)

        def worth(one: Partition) -> tuple[int, int]:
            return (one.taken & forced_rows).bit_count(), model.worth_of(one)

        if worth(found) != worth(best):
            return found if worth(found) > worth(best) else best
        return found if found.score.beats(best.score) else best

    def _solve(self, model: Model, watch: _Watch, seed: int, seconds: float, work: float) -> int:
        if self._stopped or seconds <= 0 or work <= 0:
            return int(cp_model.UNKNOWN)
        parameters = self._solver.parameters
        parameters.num_workers = 1
        parameters.random_seed = seed
        parameters.max_time_in_seconds = seconds
        parameters.max_deterministic_time = work
        status = self._solver.solve(model.cp, watch)
        self._spent += self._solver.deterministic_time
        if status == cp_model.MODEL_INVALID:
            raise ValueError(f"bundle model of {model.part.ids[0]}… is invalid: {model.cp.validate()}")
        return int(status)


class _Watch(cp_model.CpSolverSolutionCallback):
    """Notes every solution whose groups may be in pieces; ends the search when the known bound is reached."""

    def __init__(self, model: Model, upper: int | None) -> None:
        super().__init__()
        self._model = model
        self._upper = upper
        self._seen: list[dict[int, int]] = []
        self.reached = False

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        model = self._model
        groups = model.groups(self.response_proto.solution)
        self._seen.append(groups)
        if self._upper is not None and model.covered(groups.values()) >= self._upper:
            self.reached = True
            self.stop_search()

    def connect(self) -> bool:
        """Forbid what was seen in pieces; whether the last solution was."""
        found = [
            [self._model.connect(c, mask) for c, mask in groups.items()]
            for groups in self._seen
            if self._model.part.touch is not None
        ]
        return bool(found) and any(found[-1])


def _known(partition: Partition, forced_rows: int, bound: int) -> Solved:
    households = partition.score.households
    forced_in = not forced_rows & ~partition.taken
    return Solved(partition.masks(), households, max(bound, households), forced_in=forced_in)
