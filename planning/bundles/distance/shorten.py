"""Shorter ways with the coverage kept: a few neighbouring bundles at a time are cut up anew in the best possible way.

Two, three, then four neighbouring bundles with the free estates next to them are a `corner`: every bundle that can be
made of them is listed, and `cover` takes the cheapest that hold as many households. When no such exchange helps, a
corner is cut up at random, the exchanges start again round it, and what is not shorter in the end is undone.
Measured on the generated city of the benchmark, 1,000 estates, ways of 234 km after the coverage stage: 230 km with
pairs, 226 with threes, 221.5 with fours, 221.2 in the end, in 7 s on one core; mixed integer programs of whole streets
needed minutes for the same.

Effort is counted in subsets looked at, not in seconds: the same seed gives the same answer on any machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from planning.bundles.distance.gather import free_near, joins, mates
from planning.bundles.distance.slack import Floor, skips
from planning.bundles.engine.corner import Corner, corner
from planning.bundles.engine.cover import Choices, cheapest
from planning.bundles.engine.graph import bits
from planning.bundles.engine.partition import Group, Partition

Price = Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]]
"""Cost of bundles from their metres and households."""

_NEAR_GROUPS: Final = {2: 40, 3: 5, 4: 5}
"""Among how many nearest bundles the others of a corner of so many are chosen."""
_MOST: Final = {2: 100_000, 3: 100_000, 4: 100_000}
"""Subsets looked at for one corner; above, rows that clearly belong together are kept together."""
_MOST_SCRAMBLED: Final = 20_000
_STEPS: Final = 2_000
_STEP_WORK: Final = 100
"""A step of `cover` costs about as much as so many subsets."""
_ATTEMPT_WORK: Final = 2_000
_WORK_PER_ROW: Final = 40_000
"""Effort for each candidate of a part, all stages together, about 20 ms; ordinary parts end of themselves before."""
_WHOLE: Final = 14
"""Parts up to this size are cut up as one corner: the best there is."""
_ROWS_PER_SCRAMBLE: Final = 6
_NOISE: Final = (0.1, 0.3, 0.6)
_MOST_MEDOIDS: Final = 48
"""Rows that may be medoids in one corner: of more, those nearest to the present medoids."""


def metres_only(metres: NDArray[np.float64], households: NDArray[np.int64]) -> NDArray[np.float64]:
    """The price of the distance stage."""
    return metres


def _never() -> bool:
    return False


@dataclass
class Shortener:
    """Exchanges on one partition until none helps.

    Parameters
    ----------
    partition
        Changed in place; every rule is kept at any time.
    floor
        What must stay covered.
    price
        What is made small.
    stopped
        Asked between corners.
    work
        Effort left.
    """

    partition: Partition
    floor: Floor
    price: Price = metres_only
    stopped: Callable[[], bool] = _never
    work: float = float("inf")
    _tried: set[tuple[frozenset[int], int, int]] = field(default_factory=set)

    # ------------------------------------------------------------------------------------------------- exchanges

    def over(self) -> bool:
        """No time or effort left."""
        return self.work <= 0 or self.stopped()

    def descend(self, size: int, near_groups: int | None = None, fresh: set[int] | None = None) -> None:
        """Exchange among ``size`` neighbouring bundles until none helps.

        Parameters
        ----------
        near_groups
            Among how many nearest bundles the others are chosen.
        fresh
            Keys of the bundles that changed; corners without any of them are known not to help. ``None``: all.
        """
        partition = self.partition
        limit = _NEAR_GROUPS[size] if near_groups is None else near_groups
        queue = set(partition.groups) if fresh is None else set(fresh)
        while queue and not self.over():
            key = min(queue)
            queue.discard(key)
            if key not in partition.groups:
                continue
            if len(partition.groups) == 1:
                queue |= self._exchange((key,), 2)
                continue
            for others in combinations(self.near(key)[:limit], size - 1):
                new = self._exchange((key, *others), size)
                if new:
                    queue |= new
                    break
                if self.over():
                    return

    def cut_whole(self) -> None:
        """The best of all ways to cut up the part, for few rows."""
        partition = self.partition
        groups = list(partition.groups.values())
        listed = corner(partition.part, self._atoms(partition.part.everything), 1 << _WHOLE)
        if listed is None or self.over():
            return
        now = float(self._prices(groups).sum())
        free = partition.part.everything & ~partition.taken
        costs = self.price(listed.metres, listed.weight)
        new = self._best(listed, costs, partition.taken, free, now, 1 << _WHOLE)
        if new is not None:
            self._put(tuple(partition.groups), new)

    def near(self, key: int) -> list[int]:
        """Keys of the bundles that a row of this one has neighbours in, nearest medoid first."""
        partition = self.partition
        part, group = partition.part, partition.groups[key]
        reach = 0
        for row in bits(group.mask):
            reach |= part.near[row]
        found = {partition.home[row] for row in bits(reach & ~group.mask) if row in partition.home}
        way = part.distance_m[group.medoid]
        return sorted(found, key=lambda other: (way[partition.groups[other].medoid], other))

    def _exchange(self, keys: tuple[int, ...], size: int) -> set[int]:
        """The keys of the new bundles, none if no better ones were found."""
        partition = self.partition
        groups = [partition.groups[key] for key in keys]
        held = 0
        for group in groups:
            held |= group.mask
        free = free_near(partition, held, groups)
        mark = (frozenset(group.mask for group in groups), free, self.floor.spare(partition))
        if mark in self._tried:
            return set()
        self._tried.add(mark)
        listed = self._list(groups, held, free, size)
        if listed is None:
            return set()
        now = float(self._prices(groups).sum())
        costs = self.price(listed.metres, listed.weight)
        new = self._best(listed, costs, held, free, now, _STEPS)
        if new is None:
            return set()
        return self._put(keys, new)

    def scramble(self, keys: tuple[int, ...], noise: float, random: np.random.Generator) -> set[int]:
        """Cut these bundles up anew by wrong costs, so that exchanges may begin from elsewhere; keys of the new."""
        partition = self.partition
        groups = [partition.groups[key] for key in keys]
        held = 0
        for group in groups:
            held |= group.mask
        free = free_near(partition, held, groups)
        listed = corner(partition.part, self._atoms(held | free), _MOST_SCRAMBLED)
        self.work -= _ATTEMPT_WORK + (_MOST_SCRAMBLED if listed is None else listed.work)
        if listed is None:
            return set()
        costs = self.price(listed.metres, listed.weight) * (1.0 + noise * random.random(len(listed.masks)))
        present = {group.mask for group in groups}
        known = [sum(1 << k for k, atom in enumerate(listed.atoms) if atom & mask) for mask in present]
        costs[np.isin(listed.masks, known)] *= 1.5
        new = self._best(listed, costs, held, free, 1.6 * float(self._prices(groups).sum()), _STEPS // 4)
        if new is None or {group.mask for group in new} == present:
            return set()
        return self._put(keys, new)

    # ---------------------------------------------------------------------------------------------------- pieces

    def _prices(self, groups: list[Group]) -> NDArray[np.float64]:
        metres = np.array([group.metres for group in groups])
        return self.price(metres, np.array([group.households for group in groups], dtype=np.int64))

    def _atoms(self, rows: int) -> list[int]:
        blocks = self.partition.part.blocks
        return sorted({blocks[row] for row in bits(rows)}, key=lambda atom: atom & -atom)

    def _list(self, groups: list[Group], held: int, free: int, size: int) -> Corner | None:
        """All bundles of the corner; where these are too many, with rows kept together that clearly belong together."""
        self.work -= _ATTEMPT_WORK
        part = self.partition.part
        medoids = -1
        if (held | free).bit_count() > _MOST_MEDOIDS and not part.anchored:
            near = [(min(part.distance_m[g.medoid][row] for g in groups), row) for row in bits(held | free)]
            medoids = sum(1 << row for _, row in sorted(near)[:_MOST_MEDOIDS])
        for joined in joins(part, groups, self._atoms(held | free)):
            listed = corner(part, joined, _MOST[size], medoids)
            self.work -= _MOST[size] if listed is None else listed.work
            if listed is not None:
                return listed
            if self.over():
                break
        return None

    def _best(
        self, listed: Corner, costs: NDArray[np.float64], held: int, free: int, upper: float, steps: int
    ) -> list[Group] | None:
        partition = self.partition
        part = partition.part
        worth = costs < upper
        choices = Choices(
            listed.masks[worth],
            costs[worth],
            len(listed.atoms),
            sum(1 << k for k, atom in enumerate(listed.atoms) if atom & part.anchors),
            mates(part, listed.atoms) if any(part.grids) else (),
        )
        found = cheapest(choices, skips(partition, listed.atoms, held, free, self.floor), upper, steps)
        self.work -= _STEP_WORK * found.steps
        if found.masks is None:
            return None
        groups = [partition.group_of(listed.rows(mask)) for mask in found.masks]
        if any(group is None for group in groups):
            raise ValueError(f"a corner of {part.ids[0]}… holds a bundle that breaks a rule")
        return [group for group in groups if group is not None]

    def _put(self, keys: tuple[int, ...], new: list[Group]) -> set[int]:
        before = set(self.partition.groups)
        self.partition.replace(keys, tuple(sorted(new)))
        self.floor = self.floor.after(self.partition)
        return set(self.partition.groups) - before


def shorten_ways(
    start: Partition,
    *,
    seed: int,
    floor: Floor | None = None,
    effort: float = 1.0,
    stopped: Callable[[], bool] = _never,
) -> Partition:
    """Fewer metres to the medoids with what ``floor`` asks still covered (default: all that is covered now).

    Parameters
    ----------
    start
        Left as it is.
    seed
        Chooses where exchanges begin anew.
    effort
        1 for a proposal that is printed; 0 leaves all as it is.
    stopped
        Asked between corners; the best so far is given back.
    """
    part = start.part
    floor = floor or Floor.of(start)
    shortener = Shortener(start.copy(), floor, stopped=stopped, work=effort * _WORK_PER_ROW * len(part.ids))
    if len(part.ids) <= _WHOLE and effort > 0:
        shortener.cut_whole()
        return shortener.partition
    for size in (2, 3, 4):
        shortener.descend(size)
    random = Random(seed)
    noise = np.random.default_rng(seed)
    for _ in range(round(effort * len(part.ids) / _ROWS_PER_SCRAMBLE)):
        if shortener.over() or not shortener.partition.groups:
            break
        _elsewhere(shortener, random, noise)
    return shortener.partition


def _elsewhere(shortener: Shortener, random: Random, noise: np.random.Generator) -> None:
    """Scramble a corner, exchange round it, and go back if that did not help."""
    before, floor = shortener.partition, shortener.floor
    shortener.partition = before.copy()
    key = random.choice(sorted(before.groups))
    near = shortener.near(key)[:5]
    others = random.sample(near, min(len(near), random.choice((1, 2, 2, 3))))
    fresh = shortener.scramble((key, *others), random.choice(_NOISE), noise)
    if fresh:
        known = set(shortener.partition.groups) - fresh
        shortener.descend(2, fresh=fresh)
        shortener.descend(3, 4, fresh=set(shortener.partition.groups) - known)
    if not fresh or not shortener.partition.score.metres > before.score.metres + 1e-3:
        shortener.partition, shortener.floor = before, floor
