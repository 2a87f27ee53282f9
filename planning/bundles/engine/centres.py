"""What may be gathered round each centre: the columns of the exact model, thinned by counting alone.

Rows that stay together are one **block**. A group has exactly one **centre**: with a star its medoid, with anchors the
anchor, in a chain the block of most households (ties: lower row), so that no group is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from planning.bundles.engine.graph import Part, bits, reached


@dataclass(frozen=True, slots=True)
class Centre:
    """A possible centre: the row, its block, the other blocks that may be in its group, and all their rows."""

    root: int
    base: int
    blocks: tuple[int, ...]
    rows: int


class Blocks:
    """The blocks of a part by number: rows as mask, households, values of each measure, what fits them all."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.masks = sorted(set(part.blocks), key=lambda mask: mask & -mask)
        self.number = {row: number for number, mask in enumerate(self.masks) for row in bits(mask)}
        self.size = [mask.bit_count() for mask in self.masks]
        self.weight = [sum(part.weight[row] for row in bits(mask)) for mask in self.masks]
        self.values = [
            [sum(measure.values[row] for row in bits(mask)) for mask in self.masks] for measure in part.measures
        ]
        self.fits = [self._fits(mask) for mask in self.masks]
        self.sound = [
            mask & ~fits == 0 and size <= part.max_estates and (mask & part.anchors).bit_count() <= 1
            for mask, fits, size in zip(self.masks, self.fits, self.size, strict=True)
        ]
        """Whether the block can be in a group at all."""

    def _fits(self, mask: int) -> int:
        fits = self.part.everything
        for row in bits(mask):
            fits &= self.part.fits[row]
        return fits

    def within(self, rows: int) -> list[int]:
        """Sound blocks all of whose rows are among these, by number."""
        numbers = {self.number[row] for row in bits(rows)}
        return sorted(b for b in numbers if self.sound[b] and not self.masks[b] & ~rows)

    @cached_property
    def centres(self) -> tuple[Centre, ...]:
        """All centres with what they may hold; those that can hold no valid group are left out."""
        part = self.part
        anchors = part.anchors
        found = []
        if part.star or part.anchored:
            for row in bits(anchors if part.anchored else part.everything):
                base = self.number[row]
                around = part.links[row] if part.star else self.fits[base]
                if self.sound[base] and not self.masks[base] & ~around:
                    found.append((row, base, around & self.fits[base] & ~anchors & ~self.masks[base]))
        else:
            left = part.everything
            for base in sorted(range(len(self.masks)), key=lambda b: (-self.weight[b], b)):
                left &= ~self.masks[base]
                if self.sound[base]:
                    root = (self.masks[base] & -self.masks[base]).bit_length() - 1
                    found.append((root, base, left & self.fits[base]))
        centres = (self._thinned(*one) for one in found)
        return tuple(centre for centre in centres if centre is not None)

    def _thinned(self, root: int, base: int, rows: int) -> Centre | None:
        """The centre without blocks that no valid group round it can hold; ``None`` if there is no group at all."""
        part = self.part
        blocks = self.within(rows)
        while True:
            rows = self.masks[base]
            for b in blocks:
                rows |= self.masks[b]
            left = blocks
            if part.touch is not None:
                hanging = reached(part.touch, 1 << root, rows)
                if self.masks[base] & ~hanging:
                    return None
                left = [b for b in left if not self.masks[b] & ~hanging]
            kept = self._countable(root, base, left)
            if kept is None:
                return None
            if len(kept) == len(blocks):
                return Centre(root, base, tuple(blocks), rows)
            blocks = kept

    def _countable(self, root: int, base: int, blocks: list[int]) -> list[int] | None:
        """Blocks with which the sums can come within their limits; ``None`` if they cannot with any."""
        part = self.part
        slots = part.max_estates - self.size[base]
        if self.size[base] + sum(self.size[b] for b in blocks) < part.min_members:
            return None
        kept = [b for b in blocks if self.size[b] <= slots]
        if part.anchored:
            kept = [b for b in kept if self.weight[base] + self.weight[b] <= part.room[root]]
            if self.weight[base] > part.room[root]:
                return None
        for measure, values in zip(part.measures, self.values, strict=True):
            if measure.low is not None:
                most = _Most(values[base], [values[b] for b in kept], slots)
                if most.any < measure.low:
                    return None
                kept = [b for b in kept if most.with_(values[b]) >= measure.low]
            if measure.high is not None:
                least = _Most(-values[base], [-values[b] for b in kept], slots)
                if least.any < -measure.high:
                    return None
                kept = [b for b in kept if least.with_(-values[b]) >= -measure.high]
        return kept


class _Most:
    """The largest sum of an own value and at most so many others."""

    def __init__(self, own: int, others: list[int], slots: int) -> None:
        best = sorted((value for value in others if value > 0), reverse=True)[:slots]
        self.own, self.any = own, own + sum(best)
        self.full = len(best) == slots
        self.last = best[-1] if best else 0

    def with_(self, value: int) -> int:
        """The same when one of the others must be among them."""
        if value <= 0 or (self.full and value < self.last):
            return self.any + value - (self.last if self.full else 0)
        return self.any
