"""What a plan must keep covering while its ways get shorter, and which rows may be left out instead of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from planning.bundles.engine.graph import bits
from planning.bundles.engine.partition import Partition

_MOST_SKIPS: Final = 300
"""Sets of rows left out that one corner tries."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least households and estates that must stay covered; forced rows and estates without households stay anyway."""

    households: int
    estates: int
    rises: bool = True
    """What is covered besides must stay so from then on."""

    @classmethod
    def of(cls, partition: Partition, give_up: int = 0) -> Floor:
        """All that is covered now, or that many households fewer, in however many estates."""
        _, households, estates, _ = partition.score
        return cls(households - give_up, 0 if give_up else estates, rises=not give_up)

    def after(self, partition: Partition) -> Floor:
        """The floor for the next exchange."""
        return Floor.of(partition) if self.rises else self

    def spare(self, partition: Partition) -> int:
        """Households that may still be given up."""
        return max(0, partition.score.households - self.households)


def skips(partition: Partition, atoms: Sequence[int], held: int, free: int, floor: Floor) -> tuple[int, ...]:
    """Masks of atoms that may be left out of a corner together, so that what is covered stays above the floor.

    Parameters
    ----------
    atoms
        Masks of rows; anchors need no cover and so are in no answer.
    held, free
        Rows of the corner that are in a bundle now, and that are not.
    """
    part = partition.part
    _, households, estates, _ = partition.score
    items = []
    room = [households - floor.households, estates - floor.estates, 0]
    for number, atom in enumerate(atoms):
        rows = list(bits(atom & ~part.anchors))
        if not rows:
            continue
        size = (sum(part.weight[row] for row in rows), len(rows), sum(part.weight[row] == 0 for row in rows))
        if atom & free:
            room = [left + more for left, more in zip(room, size, strict=True)]
        if atom & part.anchors == 0 and not atom & held & part.forced:
            items.append((number, size))
    found = [(0, tuple(room))]
    for number, size in sorted(items, key=lambda item: (item[1], item[0])):
        more = [
            (mask | 1 << number, tuple(left - use for left, use in zip(rest, size, strict=True)))
            for mask, rest in found
            if all(left >= use for left, use in zip(rest, size, strict=True))
        ]
        found += more[: _MOST_SKIPS - len(found)]
        if len(found) >= _MOST_SKIPS:
            break
    return tuple(mask for mask, _ in found)
