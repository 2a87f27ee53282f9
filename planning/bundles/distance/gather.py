"""What belongs to a corner: the free rows beside its bundles, and which rows need not be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Group, Partition

_FREE_BLOCKS: Final = 3
_FREE_ANCHORS: Final = 2


def free_near(partition: Partition, held: int, groups: Sequence[Group]) -> int:
    """Free rows, in whole blocks, that could join: the nearest few, and few of the free anchors."""
    part, taken = partition.part, partition.taken
    reach = 0
    for row in bits(held):
        reach |= part.near[row]
    reach &= ~taken
    if not reach:
        return 0
    found = 0
    for kind, most in ((reach & ~part.anchors, _FREE_BLOCKS), (reach & part.anchors, _FREE_ANCHORS)):
        near = sorted(bits(kind), key=lambda row: (min(part.distance_m[g.medoid][row] for g in groups), row))
        blocks: list[int] = []
        for row in near:
            block = part.blocks[row]
            outside = taken & ~held
            if block in blocks or block & taken or any(part.grids[one] & outside for one in bits(block)):
                continue
            blocks.append(block)
        for block in blocks[:most]:
            found |= block
    return found


def joins(part: Part, groups: Sequence[Group], atoms: list[int]) -> Iterator[list[int]]:
    """The atoms, then fewer and fewer: rows that are much nearer to their medoid than to the others stay with it."""
    yield atoms
    doubt: list[tuple[float, int, int]] = []
    for group in groups:
        for row in bits(group.mask & ~(1 << group.medoid)):
            others = min((part.distance_m[g.medoid][row] for g in groups if g is not group), default=np.inf)
            doubt.append((part.distance_m[group.medoid][row] - others, row, group.medoid))
    doubt.sort()
    for share in (0.15, 0.3, 0.45, 0.6, 0.75):
        joined = list(atoms)
        for _, row, medoid in doubt[: round(share * len(doubt))]:
            two = {atom for atom in joined if atom >> row & 1 or atom >> medoid & 1}
            joined = [atom for atom in joined if atom not in two] + [sum(two)]
        yield sorted(joined, key=lambda atom: atom & -atom)


def mates(part: Part, atoms: tuple[int, ...]) -> tuple[int, ...]:
    """For each atom the atoms that hold a row of a grid of which it holds one."""
    found = []
    for atom in atoms:
        grid = 0
        for row in bits(atom):
            grid |= part.grids[row]
        found.append(sum(1 << k for k, other in enumerate(atoms) if other & grid))
    return tuple(found)
