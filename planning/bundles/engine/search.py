"""A good set of bundles fast: greedy start, local search, ruin and recreate. Same seed, same answer."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random
from typing import Final

from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.moves import COVERING, collect, force_in, near_groups, shorten_row
from planning.bundles.engine.partition import Partition

_RUINS_PER_ROW: Final = 3
_MAX_RUINS: Final = 300
_WORK_PER_ROW: Final = 1_000
_MAX_WORK: Final = 300_000
"""Tries after which no more is ruined: a guard that needs no clock. A hundred thousand take about a second."""


def _never() -> bool:
    return False


def greedy(part: Part) -> Partition:
    """Bundles built one after another, cheapest metre per household first; then free rows join what has room."""
    partition = Partition(part)
    _build(partition, part.everything)
    return partition


def search(part: Part, *, seed: int, stopped: Callable[[], bool] = _never) -> Partition:
    """Greedy, then moves until none helps, then ruin and recreate a number of times that depends on the size only.

    Parameters
    ----------
    part
        Candidates that can influence each other.
    seed
        Chooses what is ruined.
    stopped
        Asked between rounds; the best so far is given back.
    """
    best = greedy(part)
    improve(best, stopped)
    return _recreate(best, min(_MAX_RUINS, _RUINS_PER_ROW * len(part.ids)), seed, stopped)


def resume(
    part: Part, masks: tuple[int, ...], *, seed: int, ruins: int = 0, stopped: Callable[[], bool] = _never
) -> Partition:
    """The given groups as far as they keep the rules (of two that cannot stand together, the first), then improved.

    Parameters
    ----------
    masks
        Groups of an earlier solution; rows may have come under other rules since.
    ruins
        How many times to ruin and recreate.
    """
    partition = Partition(part)
    for mask in masks:
        group = partition.group_of(mask)
        if group is not None and not partition.taken & mask and not partition.divides_grid(mask, 0):
            partition.replace((), (group,))
    _build(partition, part.everything & ~partition.taken)
    improve(partition, stopped)
    return _recreate(partition, ruins, seed, stopped)


def _recreate(best: Partition, ruins: int, seed: int, stopped: Callable[[], bool]) -> Partition:
    random = Random(seed)
    part, tables = best.part, best.tables
    enough = tables.work + min(_MAX_WORK, _WORK_PER_ROW * len(part.ids))
    for _ in range(ruins):
        free = part.everything & ~best.taken & ~part.anchors
        if not free or tables.work > enough or stopped():
            break
        trial = best.copy()
        _ruin(trial, random.choice(list(bits(free & part.forced or free))), random)
        _build(trial, part.everything & ~trial.taken, random)
        improve(trial, stopped)
        if not best.score.beats(trial.score):
            best = trial
    shorten(best, stopped)
    return best


def improve(partition: Partition, stopped: Callable[[], bool] = _never) -> None:
    """Insert, swap, shift to make room, build by taking from others, for each free row until no move helps."""
    part = partition.part
    moved = True
    while moved and not stopped():
        moved = False
        for row in by_worth(partition, part.everything & ~partition.taken):
            if stopped():
                return
            if row not in partition.home:
                moved |= any(move(partition, row) for move in COVERING)
        for row in by_worth(partition, part.forced & ~partition.taken):
            moved |= row not in partition.home and force_in(partition, row, _build)


def shorten(partition: Partition, stopped: Callable[[], bool] = _never) -> None:
    """Shift members to nearer groups, or exchange two, until no move helps: same households, fewer metres."""
    enough = partition.tables.work + _MAX_WORK
    moved = True
    while moved:
        moved = False
        for row in sorted(partition.home):
            if partition.tables.work > enough or stopped():
                return
            while shorten_row(partition, row):
                moved = True


def by_worth(partition: Partition, rows: int) -> list[int]:
    """Rows to be covered, one for each set that stays together: forced ones first, then by households."""
    part = partition.part
    firsts = [row for row in bits(rows & ~part.anchors) if part.blocks[row] & -part.blocks[row] == 1 << row]
    return sorted(firsts, key=lambda row: (not part.forced >> row & 1, -part.weight[row], row))


def _build(partition: Partition, free: int, random: Random | None = None) -> None:
    """Groups of free rows, cheapest metre per household first; then single free rows join what has room."""
    part = partition.part
    queue: list[tuple[float, int, int]] = []

    def offer(row: int) -> None:
        mask = collect(partition, row, free)
        if mask:
            group = partition.group_of(mask)
            assert group is not None
            noise = random.uniform(0.7, 1.4) if random else 1.0
            heapq.heappush(queue, (noise * group.metres / max(1, group.households), row, mask))

    for row in bits(free & part.anchors if part.anchored else free):
        offer(row)
    while queue:
        _, row, mask = heapq.heappop(queue)
        if not free >> row & 1:
            continue
        if mask & ~free or (any(part.grids) and partition.divides_grid(mask, 0)):
            offer(row)
            continue
        group = partition.group_of(mask)
        assert group is not None
        partition.replace((), (group,))
        free &= ~mask
    for row in by_worth(partition, free):
        COVERING[0](partition, row)


def _ruin(partition: Partition, row: int, random: Random) -> None:
    """Dissolve the groups next to a row, and one of their neighbours."""
    keys = near_groups(partition, row)[: random.randint(1, 3)]
    if keys:
        members = list(bits(partition.groups[keys[0]].mask))
        more = [key for key in near_groups(partition, random.choice(members)) if key not in keys]
        keys += more[:1]
    partition.replace(tuple(keys), ())
