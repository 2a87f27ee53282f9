"""From pools of candidates to bundles: every part covered as well as can be, proven, then with the shortest ways."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Final

from geo.progress import Progress
from planning.bundles.engine.components import parts
from planning.bundles.engine.graph import Part, Pool
from planning.bundles.engine.partition import Partition
from planning.bundles.proposal.stages import Cover, Masks, Shorten, bigger_first
from planning.bundles.proposal.workers import Crew
from planning.bundles.settings import BundleSettings

_COVER_SHARE: Final = 0.4
"""Share of the progress that stands for coverage."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The bundles of one part and the households that no other choice can exceed."""

    part: Part
    partition: Partition
    bound: int
    given_up: int = 0
    """Households given up for shorter ways."""

    @property
    def households(self) -> int:
        return self.partition.score.households

    @property
    def metres(self) -> float:
        """Ways of all members to their medoids."""
        return -self.partition.score.metres

    @property
    def proven(self) -> bool:
        """Whether what is covered and what was given up knowingly is all that can be."""
        return self.bound == self.households + self.given_up


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
    def given_up(self) -> int:
        return sum(answer.given_up for answer in self.answers)

    @property
    def metres(self) -> float:
        return sum(answer.metres for answer in self.answers)

    @property
    def proven(self) -> bool:
        return all(answer.proven for answer in self.answers)


def propose(
    pools: Sequence[Pool],
    settings: BundleSettings,
    *,
    seed: int,
    seconds: float,
    progress: Progress,
    shorten: bool = True,
) -> Proposal:
    """Bundles that cover as many households as possible, then estates, then with few metres.

    Parts are solved on all cores, the largest first; first all are covered, then their ways made shorter.

    Parameters
    ----------
    pools
        Candidates; no two pools share one.
    settings
        ``mode`` ``near``: each lead unit may give up ``near_share`` of what it could cover for shorter ways.
        ``balance``: then bundles of more equal size.
    seed
        Same seed and same candidates give the same bundles, on however many cores, unless the clock cuts the work
        short.
    seconds
        Wall-clock guard of the whole. When it or the user stops the work, the best so far is given, honestly bounded.
    shorten
        False: the coverage only.
    """
    cut = [parts(pool) for pool in pools]
    covers = [Cover(part, seed) for own in cut for part in own]
    pool_of = [number for number, own in enumerate(cut) for _ in own]
    work = _Work(covers, pool_of, pools, settings, seed, shorten)
    with Crew(sum(cover.size for cover in covers), seconds) as crew:
        pending = {crew.submit(covers[k]): _Asked(True, (k,)) for k in bigger_first(covers)}
        while pending:
            done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda one: pending[one].parts):
                asked = pending.pop(future)
                for task, numbers in work.take(asked, future):
                    pending[crew.submit(task)] = _Asked(False, numbers)
            progress.update(work.share, work.words)
            if progress.stopped:
                crew.tell_to_stop()
    return Proposal(tuple(work.answers()))


@dataclass(frozen=True, slots=True)
class _Asked:
    cover: bool
    parts: tuple[int, ...]


class _Work:
    """What is known of every part so far."""

    def __init__(
        self,
        covers: Sequence[Cover],
        pool_of: Sequence[int],
        pools: Sequence[Pool],
        settings: BundleSettings,
        seed: int,
        shorten: bool,
    ) -> None:
        self._covers, self._pool_of, self._pools = covers, pool_of, pools
        self._settings, self._seed, self._shorten = settings, seed, shorten
        self._covered: dict[int, tuple[Masks, int]] = {}
        self._short: dict[int, Masks] = {}

    def take(self, asked: _Asked, future: Future[Any]) -> list[tuple[Shorten, tuple[int, ...]]]:
        """Note a result; the tasks that can be done now, with the numbers of their parts."""
        if not asked.cover:
            self._short |= dict(zip(asked.parts, future.result(), strict=True))
            return []
        (number,) = asked.parts
        self._covered[number] = future.result()
        if not self._shorten:
            return []
        if self._settings.mode == "exact":
            return [(self._task((number,)), (number,))]
        unit = tuple(k for k, pool in enumerate(self._pool_of) if pool == self._pool_of[number])
        return [(self._task(unit), unit)] if all(k in self._covered for k in unit) else []

    def _task(self, numbers: tuple[int, ...]) -> Shorten:
        grids = self._pools[self._pool_of[numbers[0]]].grids
        return Shorten(
            parts=tuple(self._covers[k].part for k in numbers),
            groups=tuple(self._covered[k][0] for k in numbers),
            near_share=self._settings.near_share if self._settings.mode == "near" else 0.0,
            balance=self._settings.balance,
            by_part=bool((grids >= 0).any()),  # units that share a grid come in one pool
            seed=self._seed,
        )

    @property
    def share(self) -> float:
        """How much is done, 0–1."""
        total = max(1, sum(cover.size for cover in self._covers))
        covered = sum(self._covers[k].size for k in self._covered) / total
        short = sum(self._covers[k].size for k in self._short) / total
        return _COVER_SHARE * covered + (1.0 - _COVER_SHARE) * short if self._shorten else covered

    @property
    def words(self) -> str:
        """What is being done."""
        n = len(self._covers)
        if len(self._covered) < n:
            return f"求最优覆盖并证明上限 {len(self._covered)}/{n}"
        return f"缩短到中心小区的步行距离 {len(self._short)}/{n}"

    def answers(self) -> list[Answer]:
        """The answers by size of the part, every group checked against the rules again."""
        found = []
        for number, cover in enumerate(self._covers):
            masks, bound = self._covered[number]
            partition = Partition.of(cover.part, masks)
            before = partition.score.households
            if number in self._short:
                partition = Partition.of(cover.part, self._short[number])
            given_up = max(0, before - partition.score.households)
            found.append(Answer(cover.part, partition, max(bound, partition.score.households), given_up))
        return sorted(found, key=lambda one: (len(one.part.ids), one.part.ids))
