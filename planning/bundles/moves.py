"""Single changes of a set of bundles: each is done only if every rule is kept and the whole gets better.

Rows that stay together move together; where this says row, it means the row with those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from planning.bundles.graph import Part, bits
from planning.bundles.partition import Partition


def near_groups(partition: Partition, row: int) -> list[int]:
    """Groups that hold a row near this one, nearest first."""
    part = partition.part
    nearest: dict[int, float] = {}
    for own in bits(part.blocks[row]):
        way = part.distance_m[own]
        for other in bits(part.near[own]):
            key = partition.home.get(other)
            if key is not None:
                nearest[key] = min(nearest.get(key, float("inf")), way[other])
    return sorted(nearest, key=lambda key: (nearest[key], key))


# ------------------------------------------------------------------------------------------------------------- growing


def collect(partition: Partition, centre: int, free: int) -> int:
    """The nearest free rows round a centre until they keep the lower limits; 0 if they never do."""
    part = partition.part
    start = part.blocks[centre]
    divided = any(part.grids)

    def take(block: int) -> bool:
        return not block & ~free and not (divided and partition.divides_grid(block, 0))

    if not take(start):
        return 0
    return _grown(partition, centre, start, _nearest(part, centre, free & ~start), take)


def _nearest(part: Part, centre: int, rows: int) -> list[int]:
    """Rows that a bundle round the centre could hold, nearest first."""
    way = part.distance_m[centre]
    around = part.links[centre] if part.star or part.anchored else part.fits[centre]
    return sorted(bits(around & rows), key=lambda row: (way[row], row))


def _grown(
    partition: Partition, centre: int, mask: int, rows: Iterable[int], take: Callable[[int], bool], last: int = 0
) -> int:
    """The mask with rows added in their order until it is a bundle (and holds ``last``); 0 if it never is."""
    part = partition.part
    totals = [sum(measure.values[row] for row in bits(mask)) for measure in part.measures]
    covered = sum(part.weight[row] for row in bits(mask))
    most = part.room[centre] if part.anchored else None
    waiting = list(rows)
    first = 0
    while True:
        if mask & last == last and not _short(part, totals) and mask.bit_count() >= part.min_members:
            if partition.group_of(mask):
                return mask
            if part.touch is None or part.connected(mask):
                return 0
        around = _around(part, mask)
        for position in range(first, len(waiting)):
            block = part.blocks[waiting[position]]
            if block & mask or (around is not None and not block & around):
                continue
            if mask.bit_count() + block.bit_count() > part.max_estates or not _fits(part, mask, block):
                continue
            if part.star and block & ~part.links[centre]:
                continue
            more = [sum(measure.values[one] for one in bits(block)) for measure in part.measures]
            weight = sum(part.weight[one] for one in bits(block))
            if (most is not None and covered + weight > most) or not _helps(part, totals, more) or not take(block):
                continue
            mask |= block
            covered += weight
            totals = [a + b for a, b in zip(totals, more, strict=True)]
            # What did not touch the mask before may now; what broke a limit still does.
            first = position + 1 if around is None else 0
            break
        else:
            return 0


def _short(part: Part, totals: list[int]) -> bool:
    return any(m.low is not None and total < m.low for m, total in zip(part.measures, totals, strict=True))


def _helps(part: Part, totals: list[int], more: list[int]) -> bool:
    """Whether the addition keeps the upper limits, and no lower limit gets out of sight or falls short again."""
    for measure, total, plus in zip(part.measures, totals, more, strict=True):
        if measure.high is not None and total + plus > measure.high:
            return False
        if measure.low is not None and plus < 0 and total + plus < measure.low:
            return False
    return True


def _fits(part: Part, mask: int, block: int) -> bool:
    return not any(mask & ~part.fits[row] for row in bits(block))


def _around(part: Part, mask: int) -> int | None:
    if part.touch is None:
        return None
    around = 0
    for row in bits(mask):
        around |= part.touch[row]
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
    for key in near_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            if partition.try_replace((key,), (mask & ~blocks[member] | blocks[row],)):
                return True
    return False


def _make_room(partition: Partition, row: int) -> bool:
    """Enter a group while one of its members moves to a neighbouring group."""
    blocks = partition.part.blocks
    for key in near_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            entered = mask & ~blocks[member] | blocks[row]
            if not partition.group_of(entered):
                continue
            for other in near_groups(partition, member):
                if other == key:
                    continue
                grown = partition.groups[other].mask | blocks[member]
                if partition.try_replace((key, other), (entered, grown)):
                    return True
    return False


def _build_round(partition: Partition, row: int) -> bool:
    """A new bundle that holds the free row, of free rows first and then of members that their groups can spare."""
    part = partition.part
    free = part.everything & ~partition.taken
    for centre in _centres(part, row):
        start = part.blocks[row] | part.blocks[centre]
        shrunk = _spare(partition, part.blocks[centre], {})
        if shrunk is None or not all(_fits(part, start, 1 << one) for one in bits(start)):
            continue
        state = [shrunk]

        def take(block: int, state: list[dict[int, int]] = state) -> bool:
            less = _spare(partition, block, state[0])
            if less is None:
                return False
            state[0] = less
            return True

        rows = _nearest(part, centre, part.everything & ~start)
        mask = _grown(partition, centre, start, sorted(rows, key=lambda r: not free >> r & 1), take, part.blocks[row])
        if mask and partition.try_replace(tuple(state[0]), (mask, *state[0].values())):
            return True
    return False


def _centres(part: Part, row: int) -> list[int]:
    """Possible medoids of a bundle that holds the row, nearest first; in a chain the row alone."""
    if not part.star and not part.anchored:
        return [row]
    around = part.links[row] & part.anchors if part.anchored else part.links[row]
    return sorted(bits(around), key=lambda r: (part.distance_m[row][r], r))


def _spare(partition: Partition, block: int, shrunk: dict[int, int]) -> dict[int, int] | None:
    """The groups' masks without the rows, if their group stays a bundle; ``None`` if it does not."""
    key = partition.home.get(block.bit_length() - 1)
    if key is None:
        return shrunk
    mask = shrunk.get(key, partition.groups[key].mask) & ~block
    return {**shrunk, key: mask} if partition.group_of(mask) else None


def force_in(partition: Partition, row: int, build: Callable[[Partition, int], None]) -> bool:
    """Cover a forced row whatever it costs the others; their groups are dissolved and their rows built anew."""
    part = partition.part
    best = partition
    for centre in _centres(part, row):
        start = part.blocks[row] | part.blocks[centre]
        if not all(_fits(part, start, 1 << one) for one in bits(start)):
            continue
        rows = _nearest(part, centre, part.everything & ~start & ~part.forced | part.forced & ~partition.taken & ~start)
        mask = _grown(partition, centre, start, rows, lambda block: True, part.blocks[row])
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
    for other in near_groups(partition, row):
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
