"""All bundles that the rules permit within a few rows of a part, found together with arrays.

Some twenty rows have a million subsets, yet only thousands of these are bundles: rows that clash, or have no common
medoid, or more households than a bundle may hold, end a line of subsets early. `cover` then chooses among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from planning.bundles.engine.graph import Measure, Part, bits

Ints = NDArray[np.int64]
MAX_BITS: Final = 62
"""Bits of a mask that a whole number of numpy holds."""
_NONE: Final = 1 << 61
"""A limit that nothing reaches."""
_TABLE_BITS: Final = 9
_FAR: Final = 1e12
"""Metres in place of infinity, which a product with 0 would turn into no number."""


@dataclass(frozen=True, eq=False)
class Corner:
    """Rows of a part in atoms – rows that go together – and every bundle that can be made of whole atoms.

    Parameters
    ----------
    atoms
        Masks of rows (of the part), disjoint.
    masks
        The bundles as masks of atoms, shape ``(k,)``, ascending.
    metres, weight
        Of each bundle: ways to its medoid, households covered.
    work
        Subsets looked at: the measure of effort, the same on any machine.
    """

    atoms: tuple[int, ...]
    masks: Ints
    metres: NDArray[np.float64]
    weight: Ints
    work: int

    def rows(self, mask: int) -> int:
        """Mask of the part's rows for a mask of atoms."""
        rows = 0
        for atom in bits(mask):
            rows |= self.atoms[atom]
        return rows


def corner(part: Part, atoms: Sequence[int], most: int, medoids: int = -1) -> Corner | None:
    """Every bundle of whole atoms; ``None`` if more than ``most`` subsets would have to be looked at, or masks get too long.

    Keeps every rule that `Partition.group_of` knows; that grids are not divided is between bundles and so not asked.

    Parameters
    ----------
    medoids
        Rows that may be medoids; by default all. With fewer, metres are those to the best of these.
    """
    table = _Table(part, atoms, medoids)
    if max(len(table.centre_rows), len(atoms), 0 if part.touch is None else len(table.rows)) > MAX_BITS:
        return None
    sums = [np.zeros(1, dtype=np.int64) for _ in table.values]
    masks, members, centres = (np.full(1, start, dtype=np.int64) for start in (0, 0, table.every_centre))
    open_ = np.full(1, table.usable, dtype=np.int64)
    for number, atom in enumerate(table.atoms):
        bit, later = 1 << number, -(2 << number)
        chosen = np.flatnonzero((open_ & bit != 0) & (members + atom.bit_count() <= part.max_estates))
        for values, total, (_, high) in zip(table.values, sums, table.limits, strict=True):
            least = values[number] + sum(min(0, one) for one in values[number + 1 :])
            chosen = chosen[total[chosen] + least <= high]
        now, common = masks[chosen] | bit, centres[chosen] & table.linked[number]
        left = open_[chosen] & table.fits[number]
        hope = common & table.centres_in(now | (left & later)) != 0
        chosen, now, common, left = chosen[hope], now[hope], common[hope], left[hope]
        sums = [np.concatenate([t, t[chosen] + v[number]]) for v, t in zip(table.values, sums, strict=True)]
        members = np.concatenate([members, members[chosen] + atom.bit_count()])
        masks, centres = np.concatenate([masks, now]), np.concatenate([centres, common])
        open_ = np.concatenate([open_, left])
        if len(masks) > most:
            return None
    good = members >= part.min_members
    for total, (low, _) in zip(sums, table.limits, strict=True):
        good &= total >= low
    return _finished(table, masks[good], centres[good], sums[0][good], len(masks))


class _Table:
    """What the rules say of each atom, as numbers and masks of atoms and of the rows that can be medoids (centres)."""

    def __init__(self, part: Part, atoms: Sequence[int], medoids: int) -> None:
        self.part, self.atoms = part, tuple(atoms)
        self.rows = [row for atom in atoms for row in bits(atom)]
        inside = sum(1 << row for row in self.rows)
        possible = inside & medoids & (part.anchors if part.anchored else -1)
        self.centre_rows = [row for row in self.rows if possible >> row & 1]
        place = {row: number for number, row in enumerate(self.centre_rows)}
        self.every_centre = (1 << len(self.centre_rows)) - 1
        self.centres_of = [_moved(atom, place) for atom in atoms]
        self._single = self.centres_of == [1 << number for number in range(len(atoms))]
        self.fits: list[int] = []
        self.linked: list[int] = []
        self.usable = 0
        for number, atom in enumerate(atoms):
            fits, links = inside, inside
            for row in bits(atom):
                fits &= part.fits[row]
                links &= part.links[row]
            if part.anchored and atom & part.anchors:
                fits &= ~part.anchors | atom
            if atom & ~fits == 0 and not any(part.blocks[row] & ~atom for row in bits(atom)):
                self.usable |= 1 << number
            self.fits.append(sum(1 << k for k, other in enumerate(atoms) if other & ~fits == 0))
            self.linked.append(_moved(links, place) if part.star else self.every_centre)
        room = max((part.room[row] for row in self.centre_rows), default=0) if part.anchored else part.total
        measures = [Measure("households", part.weight, None, room), *part.measures]
        self.values = [[sum(one.values[row] for row in bits(atom)) for atom in atoms] for one in measures]
        self.limits = [(-_NONE if m.low is None else m.low, _NONE if m.high is None else m.high) for m in measures]

    def centres_in(self, masks: Ints) -> Ints:
        """The possible medoids among the rows of each mask of atoms."""
        return masks if self._single else expand(masks, self.centres_of)


def expand(masks: Ints, rows_of: Sequence[int]) -> Ints:
    """Masks of rows for masks of atoms."""
    found = np.zeros_like(masks)
    for number, rows in enumerate(rows_of):
        if rows:
            found |= np.where(masks >> number & 1, rows, 0)
    return found


def _finished(table: _Table, masks: Ints, centres: Ints, weight: Ints, work: int) -> Corner:
    part = table.part
    way = np.array(
        [[sum(part.distance_m[c][row] for row in bits(atom)) for c in table.centre_rows] for atom in table.atoms]
    ).reshape(len(table.atoms), len(table.centre_rows))
    way = np.where(np.isfinite(way), way, _FAR)
    allowed = centres & table.centres_in(masks)
    metres = np.full(len(masks), np.inf)
    for number, row in enumerate(table.centre_rows):
        holds = allowed >> number & 1 == 1
        if part.anchored:
            holds &= weight <= part.room[row]
        some = np.flatnonzero(holds)
        metres[some] = np.minimum(metres[some], summed(masks[some], way[:, number]))
    good = metres < _FAR
    if part.touch is not None:
        good &= _connected(part.touch, table, masks)
    order = np.flatnonzero(good)[np.argsort(masks[good], kind="stable")]
    return Corner(table.atoms, masks[order], metres[order], weight[order], work)


def summed(masks: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each mask the sum of its bits' values, read from tables of all sums of nine bits: four times as fast as a
    product of matrices, and the same to the last digit on any machine.
    """
    total = np.zeros(len(masks))
    for low in range(0, len(values), _TABLE_BITS):
        sums = np.zeros(1)
        for value in values[low : low + _TABLE_BITS]:
            sums = np.concatenate([sums, sums + value])
        total += sums[(masks >> low) & (len(sums) - 1)]
    return total


def _connected(touch: tuple[int, ...], table: _Table, masks: Ints) -> NDArray[np.bool_]:
    """Whether the rows of each mask hang together by neighbours among themselves."""
    place = {row: number for number, row in enumerate(table.rows)}
    around = [_moved(touch[row], place) for row in table.rows]
    members = expand(masks, [_moved(atom, place) for atom in table.atoms])
    seen = members & -members
    while True:
        grown = seen.copy()
        for number, near in enumerate(around):
            grown |= np.where(grown >> number & 1, near & members, 0)
        if (grown == seen).all():
            return np.asarray(seen == members)
        seen = grown


def _moved(mask: int, place: dict[int, int]) -> int:
    """A mask of the part's rows as one of the corner's."""
    return sum(1 << place[row] for row in bits(mask) if row in place)
