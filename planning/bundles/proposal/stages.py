"""The stages that one part goes through, as tasks that any process can do: coverage with its proof, then distance."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from planning.bundles.distance.balance import balance
from planning.bundles.distance.shorten import shorten_ways
from planning.bundles.distance.slack import Floor
from planning.bundles.engine.columns import pack
from planning.bundles.engine.exact import Search, Solved
from planning.bundles.engine.graph import Part, bits, reached
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import search, shorten

Masks = tuple[int, ...]
_LEAST_SECONDS: Final = 3.0
"""What the proof of a part gets of the remaining time at least, if so much is left; else half of it."""


_FIRST_WORK: Final = 8.0
"""CP-SAT's deterministic time for a part, about seconds; what it does not prove so goes to `pack`."""
_SECOND_WORK: Final = 20.0
"""For parts that `pack` cannot list."""


class Stop:
    """Ends work when told to, or when its time is over. Told by another thread."""

    def __init__(self, seconds: float) -> None:
        self._deadline = monotonic() + seconds
        self._told = threading.Event()
        self._lock = threading.Lock()
        self._searches: list[Search] = []

    def tell(self) -> None:
        """End the work; what was found so far is given back."""
        self._told.set()
        with self._lock:
            for one in self._searches:
                one.stop()

    def now(self) -> bool:
        """Whether to stop."""
        return self._told.is_set() or monotonic() >= self._deadline

    def left_s(self) -> float:
        """Seconds left, 0 when told to stop."""
        return 0.0 if self._told.is_set() else max(0.0, self._deadline - monotonic())

    @contextmanager
    def watched(self, one: Search) -> Iterator[Search]:
        """The search is stopped too."""
        with self._lock:
            self._searches.append(one)
        if self._told.is_set():
            one.stop()
        try:
            yield one
        finally:
            with self._lock:
                self._searches.remove(one)


@dataclass(frozen=True, slots=True)
class Cover:
    """As many households as possible in one part, with the bound that no other choice exceeds."""

    part: Part
    seed: int

    @property
    def size(self) -> int:
        return len(self.part.ids)

    def done(self, stop: Stop) -> tuple[Masks, int]:
        """Groups and bound."""
        start = search(self.part, seed=self.seed, stopped=stop.now)
        solved = self._solved(start, stop, _FIRST_WORK)
        if not solved.feasible:  # what is forced cannot be; the groups without it are all there is to say
            return start.masks(), self.part.total
        if solved.proven or not solved.forced_in:
            return solved.masks, solved.bound
        packed = pack(self.part, Partition.of(self.part, solved.masks), solved.bound, left_s=stop.left_s)
        if packed.listed:
            return packed.masks, packed.bound
        again = self._solved(Partition.of(self.part, solved.masks), stop, _SECOND_WORK)
        return again.masks, min(again.bound, solved.bound)

    def _solved(self, start: Partition, stop: Stop, work: float) -> Solved:
        with stop.watched(Search(work)) as one:
            left = stop.left_s()
            return one.run(self.part, start, seed=self.seed, seconds=min(left, max(_LEAST_SECONDS, left / 2)))


@dataclass(frozen=True, slots=True)
class Shorten:
    """Fewer metres in the parts of one lead unit: coverage kept, or (``near_share``) a little of it given up.

    ``by_part``: what may be given up is counted for each part by itself, because the parts may be of several lead
    units.
    """

    parts: tuple[Part, ...]
    groups: tuple[Masks, ...]
    near_share: float
    balance: bool
    by_part: bool
    seed: int

    @property
    def size(self) -> int:
        return sum(len(part.ids) for part in self.parts)

    def done(self, stop: Stop) -> tuple[Masks, ...]:
        """Groups of each part."""
        starts = [Partition.of(part, masks) for part, masks in zip(self.parts, self.groups, strict=True)]
        covered = sum(start.score.households for start in starts)
        left = int(self.near_share * covered + 1e-9)
        found: list[Masks] = [()] * len(starts)
        for number in sorted(range(len(starts)), key=lambda k: (-starts[k].score.households, k)):
            start = starts[number]
            shorten(start, stop.now)
            best = shorten_ways(start, seed=self.seed, stopped=stop.now)
            may = self._may_give_up(start) if self.by_part else left
            if may > 0:
                best = shorten_ways(
                    best, seed=self.seed, floor=Floor.of(best, may), effort=_NEAR_EFFORT, stopped=stop.now
                )
                left -= max(0, start.score.households - best.score.households)
            if self.balance:
                best = balance(best, stopped=stop.now)
            found[number] = best.masks()
        return tuple(found)

    def _may_give_up(self, start: Partition) -> int:
        """The share of the fewest households covered in any piece of the part within which estates can meet.

        Pieces that only a grid ties together may be of different lead units.
        """
        part, open_ = start.part, start.part.everything
        least: list[int] = []
        while open_:
            piece = reached(part.fits, open_ & -open_, part.everything)
            open_ &= ~piece
            least.append(sum(part.weight[row] for row in bits(piece & start.taken)))
        return int(self.near_share * min(least, default=0) + 1e-9)


_NEAR_EFFORT: Final = 0.5

Task = Cover | Shorten


def bigger_first(tasks: Sequence[Task]) -> list[int]:
    """Numbers of the tasks in the order in which several processes are done soonest."""
    return sorted(range(len(tasks)), key=lambda k: (-tasks[k].size, k))
