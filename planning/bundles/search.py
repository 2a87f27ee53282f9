"""A good set of bundles fast: greedy start, local search, ruin and recreate. Same seed, same answer."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

from planning.bundles.graph import Part, bits
from planning.bundles.partition import Partition

_RUINS_PER_ROW = 3
_MAX_RUINS = 300


def greedy(part: Part) -> Partition:
    """Bundles built one after another, cheapest metre per household first; then free rows join what has room."""
    partition = Partition(part)
    _build(partition, (1 << len(part.ids)) - 1)
    return partition


def search(part: Part, *, seed: int, stopped: Callable[[], bool] = lambda: False) -> Partition:
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
    random = Random(seed)
    everything = (1 << len(part.ids)) - 1
    for _ in range(min(_MAX_RUINS, _RUINS_PER_ROW * len(part.ids))):
        free = everything & ~best.taken
        if not free or stopped():
            break
        trial = best.copy()
        _ruin(trial, random.choice(list(bits(free))), random)
        _build(trial, everything & ~trial.taken, random)
        improve(trial, stopped)
        if not best.score.beats(trial.score):
            best = trial
    shorten(best, stopped)
    return best


def improve(partition: Partition, stopped: Callable[[], bool] = lambda: False) -> None:
    """Insert, swap, shift to make room, build by taking from others, for each free row until no move helps."""
    moves = (_insert, _swap_in, _make_room, _build_round)
    moved = True
    while moved and not stopped():
        moved = False
        everything = (1 << len(partition.part.ids)) - 1
        free = sorted(bits(everything & ~partition.taken), key=lambda row: (-partition.part.households[row], row))
        for row in free:
            if row not in partition.home:
                moved |= any(move(partition, row) for move in moves)


def shorten(partition: Partition, stopped: Callable[[], bool] = lambda: False) -> None:
    """Shift members to nearer groups, or exchange two, until no move helps: same households, fewer metres."""
    moved = True
    while moved and not stopped():
        moved = False
        for row in sorted(partition.home):
            while _shorten(partition, row):
                moved = True


# ------------------------------------------------------------------------------------------------------- construction


def _build(partition: Partition, free: int, random: Random | None = None) -> None:
    part = partition.part
    queue: list[tuple[float, int, int]] = []

    def offer(row: int) -> None:
        mask = _collect(partition, row, free)
        if mask:
            group = partition.group_of(mask)
            assert group is not None
            noise = random.uniform(0.7, 1.4) if random else 1.0
            heapq.heappush(queue, (noise * group.metres / max(1, group.households), row, mask))

    for row in bits(free):
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
    for row in sorted(bits(free), key=lambda r: (-part.households[r], r)):
        _insert(partition, row)


def _collect(partition: Partition, centre: int, free: int) -> int:
    """The nearest free rows round a centre until the households suffice; 0 if they never do."""
    part = partition.part
    mask = 1 << centre
    if any(part.grids) and partition.divides_grid(mask, 0):
        return 0
    households = part.households[centre]
    near = sorted(bits(part.links[centre] & free & ~mask), key=lambda row: (part.distance_m[centre][row], row))
    for row in near:
        if households >= part.min_households and mask.bit_count() >= 2:
            break
        if mask.bit_count() >= part.max_estates:
            break
        if households + part.households[row] > part.max_households or mask & ~part.fits[row]:
            continue
        if any(part.grids) and partition.divides_grid(1 << row, 0):
            continue
        mask |= 1 << row
        households += part.households[row]
    return mask if partition.group_of(mask) else 0


# --------------------------------------------------------------------------------------------------------------- moves


def _near_groups(partition: Partition, row: int) -> list[int]:
    """Groups that hold a row linked with this one, nearest first."""
    part = partition.part
    nearest: dict[int, float] = {}
    for other in bits(part.links[row]):
        key = partition.home.get(other)
        if key is not None:
            nearest[key] = min(nearest.get(key, float("inf")), part.distance_m[row][other])
    return sorted(nearest, key=lambda key: (nearest[key], key))


def _insert(partition: Partition, row: int) -> bool:
    return any(
        partition.try_replace((key,), (partition.groups[key].mask | 1 << row,)) for key in _near_groups(partition, row)
    )


def _swap_in(partition: Partition, row: int) -> bool:
    """Take the place of a smaller member."""
    for key in _near_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            if partition.try_replace((key,), (mask & ~(1 << member) | 1 << row,)):
                return True
    return False


def _make_room(partition: Partition, row: int) -> bool:
    """Enter a group while one of its members moves to a neighbouring group."""
    for key in _near_groups(partition, row):
        mask = partition.groups[key].mask
        for member in bits(mask):
            for other in _near_groups(partition, member):
                if other == key:
                    continue
                grown = partition.groups[other].mask | 1 << member
                if partition.try_replace((key, other), (mask & ~(1 << member) | 1 << row, grown)):
                    return True
    return False


def _build_round(partition: Partition, row: int) -> bool:
    """A new bundle that holds the free row, of free rows first and then of members that their groups can spare."""
    part = partition.part
    everything = (1 << len(part.ids)) - 1
    for centre in sorted(bits(part.links[row]), key=lambda r: (part.distance_m[row][r], r)):
        mask = 1 << row | 1 << centre
        shrunk = _spare(partition, centre, {})
        if mask & ~part.fits[row] or shrunk is None:
            continue
        households = sum(part.households[r] for r in bits(mask))
        free = everything & ~partition.taken
        near = bits(part.links[centre] & ~mask)
        for other in sorted(near, key=lambda r: (not free >> r & 1, part.distance_m[centre][r], r)):
            if households >= part.min_households or mask.bit_count() >= part.max_estates:
                break
            if mask & ~part.fits[other] or households + part.households[other] > part.max_households:
                continue
            less = _spare(partition, other, shrunk)
            if less is None:
                continue
            shrunk = less
            mask |= 1 << other
            households += part.households[other]
        if partition.group_of(mask) and partition.try_replace(tuple(shrunk), (mask, *shrunk.values())):
            return True
    return False


def _spare(partition: Partition, row: int, shrunk: dict[int, int]) -> dict[int, int] | None:
    """The groups' masks without the row, if its group stays a bundle; ``None`` if it does not."""
    key = partition.home.get(row)
    if key is None:
        return shrunk
    mask = shrunk.get(key, partition.groups[key].mask) & ~(1 << row)
    return {**shrunk, key: mask} if partition.group_of(mask) else None


def _shorten(partition: Partition, row: int) -> bool:
    key = partition.home[row]
    mask = partition.groups[key].mask
    reach = _linked_to_any(partition, mask)
    for other in _near_groups(partition, row):
        if other == key:
            continue
        theirs = partition.groups[other].mask
        if partition.try_replace((key, other), (mask & ~(1 << row), theirs | 1 << row)):
            return True
        for member in bits(theirs & reach):
            swapped = (mask & ~(1 << row) | 1 << member, theirs & ~(1 << member) | 1 << row)
            if partition.try_replace((key, other), swapped):
                return True
    return False


def _linked_to_any(partition: Partition, mask: int) -> int:
    reach = 0
    for row in bits(mask):
        reach |= partition.part.links[row]
    return reach


def _ruin(partition: Partition, row: int, random: Random) -> None:
    """Dissolve the groups next to a row, and one of their neighbours."""
    keys = _near_groups(partition, row)[: random.randint(1, 3)]
    if keys:
        members = list(bits(partition.groups[keys[0]].mask))
        more = [key for key in _near_groups(partition, random.choice(members)) if key not in keys]
        keys += more[:1]
    partition.replace(tuple(keys), ())
