"""From pools of candidates to bundles: search every part, then let CP-SAT improve and prove what it can in the time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic
from typing import Final

from geo.progress import Progress
from planning.bundles.components import parts
from planning.bundles.exact import Search, Solved
from planning.bundles.graph import Part, Pool
from planning.bundles.partition import Partition
from planning.bundles.search import search, shorten
from planning.bundles.types import BundleSettings

_THREADS: Final = 2
_LEAST_SECONDS: Final = 3.0
"""What a part gets of the remaining time at least, if so much is left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The bundles of one part and the households that no other choice can exceed."""

    part: Part
    partition: Partition
    bound: int

    @property
    def households(self) -> int:
        return self.partition.score.households


@dataclass(frozen=True, slots=True)
class Proposal:
    """Bundles of all pools, part by part. Candidates in no part fit no bundle at all."""

    answers: tuple[Answer, ...]

    @property
    def households(self) -> int:
        return sum(answer.households for answer in self.answers)

    @property
    def bound(self) -> int:
        """Sum of the parts' bounds: parts cannot influence each other."""
        return sum(answer.bound for answer in self.answers)

    @property
    def proven(self) -> bool:
        return self.bound == self.households


def propose(
    pools: Sequence[Pool], settings: BundleSettings, *, seed: int, seconds: float, progress: Progress
) -> Proposal:
    """Bundles that cover as many households as possible, then estates, then with few metres.

    Parameters
    ----------
    pools
        Candidates; no two pools share one.
    seed
        Same seed and same candidates give the same bundles, unless the clock cuts the work short.
    seconds
        Wall-clock guard of the whole. When it or the user stops the work, the best so far is given, honestly bounded.
    """
    deadline = monotonic() + seconds
    todo = sorted((part for pool in pools for part in parts(pool)), key=lambda part: (len(part.ids), part.ids))

    def over() -> bool:
        return progress.stopped or monotonic() > deadline

    found = []
    for number, part in enumerate(todo):
        progress.update(0.4 * number / len(todo), f"组合小区 {number + 1}/{len(todo)}")
        found.append(search(part, seed=seed, stopped=over))
    solved = _prove(found, seed, deadline, progress)
    answers = []
    for start, result in zip(found, solved, strict=True):
        partition = start
        if result.masks != start.masks():
            partition = Partition.of(start.part, result.masks)
            shorten(partition, over)
        answers.append(Answer(start.part, partition, result.bound))
    return Proposal(tuple(answers))


def _prove(found: Sequence[Partition], seed: int, deadline: float, progress: Progress) -> list[Solved]:
    """CP-SAT on every part, two at a time, smallest first; half of the remaining time at most for one."""
    searches = [Search() for _ in found]

    def run(number: int) -> Solved:
        left = deadline - monotonic()
        limit = min(left, max(_LEAST_SECONDS, left / 2))
        return searches[number].run(found[number].part, found[number], seed=seed, seconds=limit)

    with ThreadPoolExecutor(_THREADS) as threads:
        futures = [threads.submit(run, number) for number in range(len(found))]
        pending = set(futures)
        try:
            while pending:
                _, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                progress.update(1.0 - 0.6 * len(pending) / len(found), "求最优覆盖并证明上限")
                if progress.stopped:
                    _stop(searches)
        except BaseException:
            _stop(searches)
            raise
    return [future.result() for future in futures]


def _stop(searches: Sequence[Search]) -> None:
    for one in searches:
        one.stop()
