"""Pieces of a part: a few neighbouring groups with the free rows near them, small enough to be solved exactly."""

from __future__ import annotations

from dataclasses import dataclass

from planning.bundles.engine.graph import Measure, Part, bits
from planning.bundles.engine.moves import near_groups
from planning.bundles.engine.partition import Partition


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a part as a part of its own, with their groups, while all other groups stay as they are."""

    rows: tuple[int, ...]
    """Row of the whole part for each row of the piece."""
    keys: tuple[int, ...]
    """Groups of the whole that lie in the piece."""
    part: Part
    groups: Partition
    """The same groups in the piece."""

    def outside(self, mask: int) -> int:
        """Rows of the piece as rows of the whole."""
        return sum(1 << self.rows[row] for row in bits(mask))


def around(partition: Partition, row: int, size: int) -> tuple[int, tuple[int, ...]]:
    """Rows and keys of a piece of about ``size`` rows: the row, the groups nearest to it, then the nearest free rows.

    Groups that hold estates of the row's own grid always belong to it. Free rows of a grid that another group holds are
    left out, because they cannot be covered from here.
    """
    part, tables = partition.part, partition.tables
    mask, keys = part.blocks[row], []
    mates = {other for one in bits(mask) for other in bits(part.grids[one])} if tables.has_grids else set()
    holders = sorted({partition.home[other] for other in mates if other in partition.home})
    for key in [*holders, *(key for key in near_groups(partition, row) if key not in holders)]:
        if mask.bit_count() >= size and key not in holders:
            break
        mask |= partition.groups[key].mask
        keys.append(key)
    free = part.everything & ~partition.taken & ~mask
    outside = partition.taken & ~mask
    near = 0
    for one in bits(mask):
        near |= part.near[one]
    way = part.distance_m[row]
    for one in sorted(bits(free & near), key=lambda k: (way[k], k)):
        if mask.bit_count() >= size + size // 3:
            break
        if not (tables.has_grids and any(part.grids[k] & outside for k in bits(part.blocks[one]))):
            mask |= part.blocks[one]
    return mask, tuple(keys)


def piece(partition: Partition, mask: int, keys: tuple[int, ...]) -> Piece:
    """The rows, which hold these groups and of no other group any row, as a part of its own."""
    part, rows = partition.part, tuple(bits(mask))
    place = {row: number for number, row in enumerate(rows)}

    def inside(one: int) -> int:
        return sum(1 << place[row] for row in bits(one & mask))

    def relation(masks: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(inside(masks[row]) for row in rows)

    small = Part(
        ids=tuple(part.ids[row] for row in rows),
        weight=tuple(part.weight[row] for row in rows),
        measures=tuple(Measure(m.name, tuple(m.values[row] for row in rows), m.low, m.high) for m in part.measures),
        links=relation(part.links),
        fits=relation(part.fits),
        touch=None if part.touch is None else relation(part.touch),
        grids=relation(part.grids),
        blocks=relation(part.blocks),
        distance_m=tuple(tuple(part.distance_m[row][other] for other in rows) for row in rows),
        star=part.star,
        anchored=part.anchored,
        anchors=inside(part.anchors),
        room=tuple(part.room[row] for row in rows),
        forced=inside(part.forced),
        max_estates=part.max_estates,
        min_members=part.min_members,
    )
    groups = Partition.of(small, tuple(inside(partition.groups[key].mask) for key in keys))
    return Piece(rows, keys, small, groups)


def put(partition: Partition, one: Piece, groups: Partition) -> Partition:
    """The whole with other groups in the piece."""
    changed = partition.copy()
    new = []
    for mask in groups.masks():
        group = changed.group_of(one.outside(mask))
        assert group is not None, "a bundle of the piece is none of the whole"
        new.append(group)
    changed.replace(one.keys, tuple(new))
    return changed
