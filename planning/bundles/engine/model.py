"""The exact model of one part for CP-SAT: which block goes to which centre.

``z[b, c]`` – block b is in the group of centre c; ``z[base of c, c]`` – the centre is used. Each block in at most one
group, forced ones in exactly one; sums and numbers of members within limits where the centre is used; no two blocks
apart round one centre; blocks of a grid round one centre only. Households first, then estates – or, to change little,
what stays where it was.

Connection is asked step by step. From the beginning a member needs a neighbour in its group; what else is needed,
`Model.connect` adds when a solution has a group in pieces. The model is a relaxation all the while; its bound holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ortools.sat.python import cp_model

from planning.bundles.engine.centres import Blocks, Centre
from planning.bundles.engine.connection import missing_links
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Partition

MAX_PAIRS: Final = 80_000
"""Blocks × centres; beyond this the model is not built and the part stays unproven."""
MAX_CLAUSES: Final = 400_000
"""Rules that blocks are apart round a centre; the same."""
_FLOOR: Final = -(2**62)
_CEILING: Final = 2**62


class Model:
    """A model that can be solved again after more has been added to it.

    Parameters
    ----------
    part
        Candidates that can influence each other.
    keep
        Groups that are to change as little as possible; ``None``: more estates count instead.
    """

    def __init__(self, part: Part, keep: Partition | None = None) -> None:
        self.part = part
        self.blocks = Blocks(part)
        self.centres = self.blocks.centres
        self.cp = cp_model.CpModel()
        self._centres_of: list[list[int]] = [[] for _ in self.blocks.masks]
        for c, centre in enumerate(self.centres):
            for b in (centre.base, *centre.blocks):
                self._centres_of[b].append(c)
        self.too_large = sum(map(len, self._centres_of)) > MAX_PAIRS
        if self.too_large:
            return
        self._z: list[dict[int, int]] = []
        variables = self.cp.proto.variables
        for centre in self.centres:
            column = {}
            for b in (centre.base, *centre.blocks):
                column[b] = len(variables)
                variables.add().domain.extend((0, 1))
            self._z.append(column)
        self._once()
        for centre, column in zip(self.centres, self._z, strict=True):
            self._limits(centre, column)
            if part.touch is not None:
                self._neighbours(centre, column)
        self.too_large = not self._apart()
        self._grids_undivided()
        self._offset = 0
        self._objective(keep)

    # --------------------------------------------------------------------------------------------------------- bounds

    @property
    def possible(self) -> int:
        """Households of the blocks that some centre may hold: what no plan can exceed."""
        return sum(weight for weight, where in zip(self.blocks.weight, self._centres_of, strict=True) if where)

    @property
    def possible_estates(self) -> int:
        """Estates of the blocks that some centre may hold."""
        anchors = self.part.anchors
        pairs = zip(self.blocks.masks, self._centres_of, strict=True)
        return sum((mask & ~anchors).bit_count() for mask, where in pairs if where)

    def households(self, bound: float) -> int:
        """Most households that an objective of at most ``bound`` allows."""
        return (int(bound + 1e-6) + self._offset) // self._scale

    # ---------------------------------------------------------------------------------------------------------- rules

    def _linear(self, variables: Sequence[int], factors: Sequence[int], low: int | None, high: int | None) -> None:
        row = self.cp.proto.constraints.add().linear
        row.vars.extend(variables)
        row.coeffs.extend(factors)
        row.domain.extend((_FLOOR if low is None else low, _CEILING if high is None else high))

    def _at_most_one(self, variables: Iterable[int]) -> None:
        self.cp.proto.constraints.add().at_most_one.literals.extend(variables)

    def _implies_any(self, variable: int, others: Iterable[int]) -> None:
        self.cp.proto.constraints.add().bool_or.literals.extend((-variable - 1, *others))

    def _once(self) -> None:
        for b, mask in enumerate(self.blocks.masks):
            where = [self._z[c][b] for c in self._centres_of[b]]
            if mask & self.part.forced:
                self.cp.proto.constraints.add().exactly_one.literals.extend(where)
            elif len(where) > 1:
                self._at_most_one(where)

    def force(self, row: int) -> None:
        """The row must be in a group."""
        b = self.blocks.number[row]
        self.cp.proto.constraints.add().exactly_one.literals.extend(self._z[c][b] for c in self._centres_of[b])

    def limit(self, households: int) -> None:
        """No plan covers more households: known from elsewhere, told to the solver."""
        self._linear(*self._worth(lambda b, c: self.blocks.weight[b]), None, households)

    def _limits(self, centre: Centre, column: dict[int, int]) -> None:
        part, used = self.part, column[centre.base]
        for b in centre.blocks:
            self._implies_any(column[b], (used,))
        variables = list(column.values())

        def sums(values: Sequence[int], low: int | None, high: int | None) -> None:
            """``low`` ≤ sum ≤ ``high`` where the centre is used, unless no choice could break that."""
            own, others = values[centre.base], [values[b] for b in centre.blocks]
            if low is not None and own + sum(v for v in others if v < 0) < low:
                self._linear(variables, (own - low, *others), 0, None)
            if high is not None and own + sum(v for v in others if v > 0) > high:
                self._linear(variables, (own - high, *others), None, 0)

        for measure, values in zip(part.measures, self.blocks.values, strict=True):
            sums(values, measure.low, measure.high)
        sums(self.blocks.size, part.min_members, part.max_estates)
        if part.anchored:
            sums(self.blocks.weight, None, part.room[centre.root])

    def _neighbours(self, centre: Centre, column: dict[int, int]) -> None:
        """Each member needs a neighbour in its group that did not come in with it."""
        assert self.part.touch is not None
        number, masks = self.blocks.number, self.blocks.masks
        for b, variable in column.items():
            for row in bits(masks[b]):
                around = self.part.touch[row] & centre.rows & ~(1 << row)
                if not around & masks[b] and around:
                    self._implies_any(variable, {column[number[one]] for one in bits(around)})

    def _apart(self) -> bool:
        """No two blocks apart round one centre, told by sets of blocks that are all apart; false if there are too many."""
        blocks = self.blocks
        clash = [self._clash(b) for b in range(len(blocks.masks))]
        made = 0
        for centre, column in zip(self.centres, self._z, strict=True):
            inside, unused = sum(1 << b for b in centre.blocks), -column[centre.base] - 1
            open_ = {b: clash[b] & inside for b in centre.blocks}
            for b in centre.blocks:
                while open_[b]:
                    among = [b]
                    common = clash[b] & inside
                    fresh = open_[b]
                    while fresh:
                        new = (fresh & -fresh).bit_length() - 1
                        among.append(new)
                        common &= clash[new]
                        fresh = common & open_[b] or common
                    mask = sum(1 << one for one in among)
                    for one in among:
                        open_[one] &= ~mask
                    self._at_most_one((unused, *(column[one] for one in among)))
                    made += 1
                    if made > MAX_CLAUSES:
                        return False
        return True

    def _clash(self, b: int) -> int:
        """Mask of the numbers of the blocks apart from this one."""
        found = 0
        for row in bits(self.part.everything & ~self.blocks.fits[b]):
            found |= 1 << self.blocks.number[row]
        return found

    def _grids_undivided(self) -> None:
        seen = 0
        for row, others in enumerate(self.part.grids):
            if not others or seen >> row & 1:
                continue
            grid = others | 1 << row
            seen |= grid
            inside = {self.blocks.number[one] for one in bits(grid)}
            if len(inside) < 2:
                continue
            chosen = []
            for c in sorted({c for b in inside for c in self._centres_of[b]}):
                members = [self._z[c][b] for b in sorted(inside) if b in self._z[c]]
                if len(members) == 1:
                    chosen += members
                    continue
                used = len(self.cp.proto.variables)
                self.cp.proto.variables.add().domain.extend((0, 1))
                chosen.append(used)
                for member in members:
                    self._implies_any(member, (used,))
            self._at_most_one(chosen)

    def _objective(self, keep: Partition | None) -> None:
        blocks, anchors, n = self.blocks, self.part.anchors, len(self.part.ids)
        if keep is None:
            self._scale = n + 1
            variables, factors = self._worth(
                lambda b, c: blocks.weight[b] * self._scale + (blocks.masks[b] & ~anchors).bit_count()
            )
        else:
            self._scale, self._offset = 2 * n + 1, n
            stays = {
                row: self._centre_of(group.mask, group.medoid)
                for group in keep.groups.values()
                for row in bits(group.mask)
            }

            def worth(b: int, c: int) -> int:
                same = sum((stays[row] == c) if row in stays else -1 for row in bits(blocks.masks[b]))
                return blocks.weight[b] * self._scale + same

            variables, factors = self._worth(worth)
        self._factors = dict(zip(variables, factors, strict=True))
        goal = self.cp.proto.objective
        goal.vars.extend(variables)
        goal.coeffs.extend([-factor for factor in factors])
        goal.scaling_factor = -1.0

    def _worth(self, worth: Callable[[int, int], int]) -> tuple[list[int], list[int]]:
        """All variables with what each is worth, by block and centre."""
        pairs = [(z, worth(b, c)) for c, column in enumerate(self._z) for b, z in column.items()]
        return [z for z, _ in pairs], [value for _, value in pairs]

    def _centre_of(self, mask: int, medoid: int) -> int | None:
        """Number of the centre that a group of these rows has."""
        for c, centre in enumerate(self.centres):
            if centre.root == medoid if self.part.star else not self.blocks.masks[centre.base] & ~mask:
                return c
        return None

    # ------------------------------------------------------------------------------------------------------ solutions

    def _ones(self, partition: Partition) -> set[int]:
        """Variables that are 1 in a valid solution."""
        ones: set[int] = set()
        for group in partition.groups.values():
            c = self._centre_of(group.mask, group.medoid)
            if c is not None:
                numbers = {self.blocks.number[row] for row in bits(group.mask)}
                ones |= {self._z[c][b] for b in numbers if b in self._z[c]}
        return ones

    def worth_of(self, partition: Partition) -> int:
        """The objective of a valid solution."""
        return sum(self._factors[z] for z in self._ones(partition))

    def covered(self, masks: Iterable[int]) -> int:
        """Households of the rows."""
        return sum(self.part.weight[row] for mask in masks for row in bits(mask))

    def hint(self, partition: Partition) -> None:
        """Where to begin: a valid solution, which may lack forced rows."""
        ones = self._ones(partition)
        hint = self.cp.proto.solution_hint
        hint.vars.clear()
        hint.values.clear()
        count = sum(map(len, self._z))
        hint.vars.extend(range(count))
        hint.values.extend([int(z in ones) for z in range(count)])

    def groups(self, solution: Sequence[int]) -> dict[int, int]:
        """Centre → rows of its group, of a solution as the solver gives it: the value of each variable."""
        found: dict[int, int] = {}
        values = iter(solution)
        for c, column in enumerate(self._z):
            for b in column:
                if next(values):
                    found[c] = found.get(c, 0) | self.blocks.masks[b]
        return found

    def connect(self, c: int, mask: int) -> bool:
        """Forbid that a group of the centre hangs together as badly as this one; false if it is connected."""
        touch, column, number = self.part.touch, self._z[c], self.blocks.number
        assert touch is not None
        lacking = missing_links(touch, self.centres[c], mask)
        for piece, border in lacking:
            for z in sorted({column[number[row]] for row in bits(piece)}):
                self._implies_any(z, sorted({column[number[row]] for row in bits(border)}))
        return bool(lacking)
