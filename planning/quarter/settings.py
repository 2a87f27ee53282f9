"""Weights and limits of the quarter's solver that are not city rules."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How the solver works.

    Parameters
    ----------
    max_load, min_load
        A team's share of its working time, relative to the mean of all teams: soft limits that keep the load fair.
        Minimum travel alone is unfair (9 to 60 days a team were measured); ``None`` turns the balance off.
    reserve
        Share of each team's days that stays free at the quarter's end while the other days suffice.
    team_share
        Share of the budget for the routes of each team; the rest goes to regrouping.
    group_routes
        Routes that one regrouping step takes apart.
    group_s
        Seconds of one regrouping step.
    processes
        Solver processes; ``None``: one a core. 0: solve in this process.
    max_solutions
        Ends every routing search after so many solutions instead of by the clock, and the whole after ``max_rounds``
        rounds of regrouping: the same seed then gives the same plan on any machine. ``None``: by the clock.
    max_rounds
        Rounds of regrouping when ``max_solutions`` is set.
    """

    max_load: float | None = 1.25
    min_load: float | None = 0.6
    reserve: float = 0.1
    team_share: float = 0.3
    group_routes: int = 12
    group_s: float = 1.5
    processes: int | None = None
    max_solutions: int | None = None
    max_rounds: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.reserve < 1:
            raise ValueError(f"a reserve of {self.reserve} is no share of the days")
        if not 0 < self.team_share <= 1:
            raise ValueError(f"team share {self.team_share} is not in (0, 1]")
        if self.group_routes < 2:
            raise ValueError(f"a group of {self.group_routes} routes cannot exchange visits")
        if self.max_load is not None and self.max_load < 1:
            raise ValueError(f"no plan keeps every team below {self.max_load} of the mean load")

    @property
    def n_processes(self) -> int:
        """Solver processes to start."""
        if self.processes is not None:
            return self.processes
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class PriorityWeights:
    """Points of a visit's priority: who goes first when not all fit. Assumed: the papers order no queue."""

    overdue_case: int = 10
    most_overdue: int = 50
    open_case: int = 2
    most_open: int = 20
    lost: int = 20
    unmanaged: int = 10
    households_per_point: int = 200
    most_households: int = 10
