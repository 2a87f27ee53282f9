"""Regrouping: neighbouring routes across teams and days are taken apart and routed anew, kept only if better and valid.

The step that gains most (planner's notes, C2): who goes where together matters more than the order within a day.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.progress import Progress
from planning.quarter.settings import Settings
from planning.quarter.solver.draft import Draft
from planning.quarter.solver.pool import Pool
from planning.quarter.solver.tasks import Fairness, Part, accept, routing_task

_SPARE_DAYS = 2
"""Free days of each team offered to a group."""
_EXTRA_VISITS = 8
"""Unplaced visits offered to a group."""
_FIXED_BATCH = 2
"""Groups at once when the plan must not depend on the machine."""
_WIDER = 1.5
"""Growth of the groups when every route's group has been tried in vain."""


@dataclass
class Regrouping:
    """The state of the search: what was tried in vain since it last changed."""

    draft: Draft
    settings: Settings
    fair: Fairness
    rng: np.random.Generator
    tried: set[frozenset[int]] = field(default_factory=set)
    size: float = 0.0
    n_steps: int = 0
    n_better: int = 0

    def run(self, pool: Pool, progress: Progress, deadline: float) -> None:
        """Regroup until the deadline (``time.monotonic``), the rounds are done, nothing is left to try, or stopped."""
        began = time.monotonic()
        by_clock = self.settings.max_solutions is None
        self.size = float(self.settings.group_routes)
        rounds = 0
        while not progress.stopped:
            left = deadline - time.monotonic()
            if (by_clock and left < 0.3 * self.settings.group_s) or (
                not by_clock and rounds >= self.settings.max_rounds
            ):
                return
            parts = self._choose(max(1, pool.n_processes) if by_clock else _FIXED_BATCH)
            if not parts:
                return
            seconds = self.settings.group_s * self.size / self.settings.group_routes
            tasks = [
                routing_task(
                    self.draft.instance,
                    part,
                    seconds=min(seconds, left) if by_clock else seconds * 100,
                    max_solutions=self.settings.max_solutions,
                )
                for part in parts
            ]
            answers = pool.solve(tasks, progress)
            if answers is None:
                return
            rounds += 1
            self._learn(parts, answers)
            share = (time.monotonic() - began) / max(deadline - began, 1e-9) if by_clock else rounds / (rounds + 1)
            progress.update(min(1.0, share), f"重组相邻路线，{self.n_steps} 次中 {self.n_better} 次有改进")

    def _learn(self, parts: list[Part], answers: list[list[list[int]] | None]) -> None:
        for part, answer in zip(parts, answers, strict=True):
            key = frozenset(part.slots)
            self.n_steps += 1
            if accept(self.draft, part, answer, self.fair) > 0:
                self.n_better += 1
                self.tried = {group for group in self.tried if not group & key}
            else:
                self.tried.add(key)

    def _choose(self, n_parts: int) -> list[Part]:
        """Groups without a common slot or visit, each round another route."""
        while True:
            used = np.array([slot for slot, route in enumerate(self.draft.routes) if route], dtype=np.int64)
            if len(used) == 0:
                return []
            parts: list[Part] = []
            taken: set[int] = set()
            extra = sorted(self.draft.unplaced)
            for seed in self.rng.permutation(used):
                if int(seed) in taken:
                    continue
                part = self._group(int(seed), used, taken, extra)
                if frozenset(part.slots) in self.tried:
                    continue
                parts.append(part)
                taken |= set(part.slots)
                extra = [visit for visit in extra if visit not in part.visits]
                if len(parts) == n_parts:
                    return parts
            if parts:
                return parts
            if self.size >= len(used):
                return []
            self.size *= _WIDER

    def _group(self, seed: int, used: NDArray[np.int64], taken: set[int], extra: list[int]) -> Part:
        """The seed's route, its nearest routes, spare days of their teams, unplaced visits nearby."""
        instance, routes = self.draft.instance, self.draft.routes
        free = np.array([slot for slot in used if int(slot) not in taken], dtype=np.int64)
        near = self._nearest(seed, free)[: round(self.size)]
        slots = sorted(int(slot) for slot in near)
        for team in sorted({instance.slots[slot].team for slot in slots}):
            room = min(_SPARE_DAYS, self.fair.most[team] - self.fair.days(self.draft, team))
            spare = [k for k in instance.slots_of_team[team] if not routes[k] and k not in taken]
            slots += _evenly(spare, max(room, 0))
        visits = [visit for slot in slots for visit in routes[slot]]
        if extra:
            here = instance.node[routes[seed][0]]
            extra = sorted(extra, key=lambda v: (int(instance.travel[here, instance.node[v]]), v))
            visits += extra[:_EXTRA_VISITS]
        return Part(tuple(slots), tuple(visits))

    def _nearest(self, seed: int, free: NDArray[np.int64]) -> NDArray[np.int64]:
        """Routes by mean travel from the seed's stops to their nearest stop; the seed comes first."""
        instance, routes = self.draft.instance, self.draft.routes
        sizes = [len(routes[slot]) for slot in free]
        stops = instance.node[[visit for slot in free for visit in routes[slot]]]
        there = instance.travel[np.ix_(instance.node[routes[seed]], stops)]
        nearest = np.minimum.reduceat(there, np.concatenate(([0], np.cumsum(sizes)[:-1])), axis=1).mean(axis=0)
        nearest[free == seed] = -1
        return free[np.argsort(nearest, kind="stable")]


def _evenly(items: list[int], n: int) -> list[int]:
    """``n`` of the items, spread over the list: spare days of different dates suit visits of different windows."""
    if n >= len(items):
        return items
    return [items[k * len(items) // n] for k in range(n)]
