"""Single changes of a set of bundles: each is done only if every rule is kept and the whole gets better.

Rows that stay together move together; where this says row, it means the row with those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Partition

_FAR: Final = math.inf
_NEAREST: Final = 12
"""Groups tried by a move, nearest first: what keeps a street of thousands quick."""
_CENTRES: Final = 60
"""Centres tried for a new bundle, nearest first."""


def near_groups(partition: Partition, row: int) -> list[int]:
    """Groups that hold a row near this one, nearest first."""
    part, home = partition.part, partition.home
    nearest: dict[int, float] = {}
    for own in bits(part.blocks[row]):
        way = part.distance_m[own]
        for other in bits(part.near[own] & partition.taken):
            key = home[other]
            if way[other] < nearest.get(key, _FAR):
                nearest[key] = way[other]
    return sorted(nearest, key=lambda key: (nearest[key], key))


def _nearest_groups(partition: Partition, row: int) -> list[int]:
    return near_groups(partition, row)[:_NEAREST]


# ------------------------------------------------------------------------------------------------------------- growing


def collect(partition: Partition, centre: int, free: int) -> int:
    """The nearest free rows round a centre until they keep the lower limits; 0 if they never do."""
    part, tables = partition.part, partition.tables
    start = part.blocks[centre]
    grids = tables.has_grids

    def take(block: int) -> bool:
        return not (grids and partition.divides_grid(block, 0))

    if start & ~free or not take(start):
        return 0
    return _grown(partition, centre, start, free, tables.order(centre), take)


def _grown(
    partition: Partition,
    centre: int,
    start: int,
    among: int,
    order: Iterable[int],
    take: Callable[[int], bool],
    last: int = 0,
) -> int:
    """The rows ``start`` with others from ``among`` in their order until it is a bundle that holds ``last``, else 0."""
    part, tables = partition.part, partition.tables
    tables.work += 1
    allowed = among & ~start & (part.links[centre] if part.star else part.everything)
    mask, totals, covered = start, [0] * len(part.measures), 0
    for row in bits(start):
        allowed &= part.fits[row]
        covered += part.weight[row]
        totals = [total + measure.values[row] for total, measure in zip(totals, part.measures, strict=True)]
    most = part.room[centre] if part.anchored else None
    waiting = [row for row in order if allowed >> row & 1]
    first = 0
    while True:
        if mask & last == last and mask.bit_count() >= part.min_members and not tables.short(totals):
            if partition.group_of(mask):
                return mask
            if part.touch is None or part.connected(mask):
                return 0
        around = None if part.touch is None else _around(part.touch, mask)
        for position in range(first, len(waiting)):
            row = waiting[position]
            block = part.blocks[row]
            if block & ~allowed or (around is not None and not block & around):
                continue
            if mask.bit_count() + tables.size[row] > part.max_estates:
                continue
            if (most is not None and covered + tables.weight[row] > most) or not tables.helps(totals, row):
                continue
            if not take(block):
                continue
            mask |= block
            allowed &= tables.fits[row] & ~block
            covered += tables.weight[row]
            totals = [total + plus for total, plus in zip(totals, tables.values[row], strict=True)]
            # What did not touch the mask before may now; what broke a limit still does.
            first = position + 1 if around is None else 0
            break
        else:
            return 0


def _around(touch: tuple[int, ...], mask: int) -> int:
    around = 0
    for row in bits(mask):
        around |= touch[row]
    return around


# ------------------------------------------------------------------------------------------------------- more coverage


def _insert(partition: Partition, row: int) -> bool:
    block = partition.part.blocks[row]
    return any(
        partition.try_replace((key,), (partition.groups[key].mask | block,)) for key in near_groups(partition, row)
    )


def _swap_in(partition: Partition, row: int) -> bool:
    """Take the place of a smaller member."""
    blocks = partition.part.blocks
    for key in _nearest_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            if partition.try_replace((key,), (mask & ~blocks[member] | blocks[row],)):
                return True
    return False


def _make_room(partition: Partition, row: int) -> bool:
    """Enter a group while one of its members moves to a neighbouring group."""
    blocks = partition.part.blocks
    for key in _nearest_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            entered = mask & ~blocks[member] | blocks[row]
            if not partition.group_of(entered):
                continue
            for other in _nearest_groups(partition, member):
                if other == key:
                    continue
                grown = partition.groups[other].mask | blocks[member]
                if partition.try_replace((key, other), (entered, grown)):
                    return True
    return False


def _build_round(partition: Partition, row: int) -> bool:
    """A new bundle that holds the free row, of free rows first and then of members that their groups can spare."""
    part, tables = partition.part, partition.tables
    free = part.everything & ~partition.taken
    among = free | partition.spared
    for centre in _centres(part, row):
        start = part.blocks[row] | part.blocks[centre]
        if start & ~among or start & ~tables.fits[row] or start & ~tables.fits[centre]:
            continue
        shrunk = _spare(partition, part.blocks[centre], {})
        if shrunk is None or not tables.enough(start, among & tables.fits[row] & tables.fits[centre], centre):
            continue
        state = [shrunk]

        def take(block: int, state: list[dict[int, int]] = state) -> bool:
            less = _spare(partition, block, state[0])
            if less is None:
                return False
            state[0] = less
            return True

        order = tables.order(centre)
        order = (*(r for r in order if free >> r & 1), *(r for r in order if among & ~free & 1 << r))
        mask = _grown(partition, centre, start, among, order, take, part.blocks[row])
        if mask and partition.try_replace(tuple(state[0]), (mask, *state[0].values())):
            return True
    return False


def _centres(part: Part, row: int) -> list[int]:
    """Possible medoids of a bundle that holds the row, nearest first; in a chain the row alone."""
    if not part.star and not part.anchored:
        return [row]
    around = part.links[row] & part.anchors if part.anchored else part.links[row]
    return sorted(bits(around), key=lambda r: (part.distance_m[row][r], r))[:_CENTRES]


def _spare(partition: Partition, block: int, shrunk: dict[int, int]) -> dict[int, int] | None:
    """The groups' masks without the rows, if their group stays a bundle; ``None`` if it does not."""
    key = partition.home.get(block.bit_length() - 1)
    if key is None:
        return shrunk
    mask = shrunk.get(key, partition.groups[key].mask) & ~block
    return {**shrunk, key: mask} if partition.group_of(mask) else None


def force_in(partition: Partition, row: int, build: Callable[[Partition, int], None]) -> bool:
    """Cover a forced row whatever it costs the others; their groups are dissolved and their rows built anew."""
    part, tables = partition.part, partition.tables
    best = partition
    among = part.everything & ~(part.forced & partition.taken)
    for centre in _centres(part, row):
        start = part.blocks[row] | part.blocks[centre]
        if start & ~tables.fits[row] or start & ~tables.fits[centre]:
            continue
        mask = _grown(partition, centre, start, among, tables.order(centre), lambda block: True, part.blocks[row])
        group = partition.group_of(mask) if mask else None
        if group is None:
            continue
        trial = partition.copy()
        held = mask
        for one in bits(mask):
            held |= part.grids[one]
        trial.replace(tuple({trial.home[one] for one in bits(held) if one in trial.home}), ())
        trial.replace((), (group,))
        build(trial, part.everything & ~trial.taken)
        if trial.score.beats(best.score):
            best = trial
    if best is partition:
        return False
    partition.become(best)
    return True


COVERING: Final[tuple[Callable[[Partition, int], bool], ...]] = (_insert, _swap_in, _make_room, _build_round)
"""Moves that cover a free row, cheapest first."""


# ---------------------------------------------------------------------------------------------------------- less metres


def shorten_row(partition: Partition, row: int) -> bool:
    """Move a member to another group, or exchange it for another, if that saves way."""
    part = partition.part
    block = part.blocks[row]
    key = partition.home[row]
    mask = partition.groups[key].mask
    reach = 0
    for one in bits(mask):
        reach |= part.near[one]
    for other in _nearest_groups(partition, row):
        if other == key:
            continue
        theirs = partition.groups[other].mask
        if partition.try_replace((key, other), (mask & ~block, theirs | block)):
            return True
        for member in bits(theirs & reach):
            away = part.blocks[member]
            if partition.try_replace((key, other), (mask & ~block | away, theirs & ~away | block)):
                return True
    return False
