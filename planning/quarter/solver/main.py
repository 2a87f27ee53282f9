"""From the problem to the plan: the stages in order, each leaving a valid draft behind."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np

from geo.progress import SILENT, Progress, Share
from planning.quarter.settings import Settings
from planning.quarter.solver.assign import assign_teams
from planning.quarter.solver.draft import Draft, day_timing, order_days, place_leftovers, settle
from planning.quarter.solver.greedy import greedy
from planning.quarter.solver.groups import Regrouping
from planning.quarter.solver.instance import Instance
from planning.quarter.solver.missing import missing_team_days
from planning.quarter.solver.pool import Pool
from planning.quarter.solver.screen import screen
from planning.quarter.solver.spread import spread_days
from planning.quarter.solver.tasks import Fairness, Part, routing_task
from planning.quarter.types import Plan, Problem, Route, Stop, Unplaced

DEFAULT_BUDGET_S = 30.0
_DAYS_SLACK = 1.15
_FINISH_SHARE = 0.05
"""Share of the budget kept for the exact orders, the days and the times."""


def solve(
    problem: Problem,
    *,
    budget_s: float = DEFAULT_BUDGET_S,
    seed: int = 1,
    progress: Progress = SILENT,
    settings: Settings | None = None,
) -> Plan:
    """The quarter's routes: every visit placed or left out with its reason, every hard rule kept.

    Stages: the nearest-next plan → estates to teams (GLOP) → routes of each team (OR-Tools routing) → regrouping of
    neighbouring routes → exact order of each day → calendar days → lunch and times. Whenever the budget ends or
    ``progress.stopped`` turns true, the best draft so far is finished and returned.

    Parameters
    ----------
    budget_s
        Wall seconds for the search. Finishing the plan may add a few more for thousands of visits.
    seed
        Of the choice of neighbourhoods. With ``Settings.max_solutions`` the same seed gives the same plan anywhere.
    """
    settings = settings or Settings()
    began = time.monotonic()
    instance, impossible = screen(problem)
    draft = greedy(instance, Share(progress, 0.0, 0.05))
    steps = ""
    if instance.visits and not progress.stopped:
        deadline = began + budget_s * (1 - _FINISH_SHARE)
        draft, steps = _search(instance, draft, seed, settings, progress, deadline)
    stopped = "（已按要求提前停止，以下为停止时的最好方案）" if progress.stopped else ""
    finish(draft, settings)
    progress.update(0.98, "排定日期和时刻")
    plan = plan_of(problem, draft, impossible, began, settings, steps + stopped)
    progress.update(1.0, "检查计划排定")
    return plan


def greedy_plan(problem: Problem) -> Plan:
    """The plan that always goes on to the nearest estate: the yardstick that an office could reach by hand."""
    began = time.monotonic()
    instance, impossible = screen(problem)
    draft = greedy(instance)
    return plan_of(problem, draft, impossible, began, Settings(processes=0))


def plan_of(
    problem: Problem, draft: Draft, impossible: list[Unplaced], began: float, settings: Settings, note: str = ""
) -> Plan:
    """The draft as a plan: times of every day, everything left out with its reason, the missing team-days.

    ``began`` is the ``time.monotonic`` at which the work on the plan began.
    """
    n_missing, how = missing_team_days(draft, settings)
    return Plan(
        quarter=problem.quarter,
        routes=tuple(_routes(problem, draft)),
        unplaced=tuple(_unplaced(problem, draft, impossible)),
        missing_team_days=n_missing,
        seconds=time.monotonic() - began,
        note="；".join(filter(None, (how, note))),
    )


def finish(draft: Draft, settings: Settings) -> None:
    """Exact order of each day, calendar days, and whatever still fits."""
    order_days(draft)
    spread_days(draft, settings.reserve)
    place_leftovers(draft)


def _search(
    instance: Instance, start: Draft, seed: int, settings: Settings, progress: Progress, deadline: float
) -> tuple[Draft, str]:
    began = time.monotonic()
    with Pool(settings.n_processes) as pool:
        progress.update(0.06, "小区分配到检查组")
        teams = assign_teams(instance, settings)
        per_team = (deadline - began) * settings.team_share
        draft = _team_routes(instance, teams, pool, settings, Share(progress, 0.08, 0.3), per_team) or start
        settle(draft)
        place_leftovers(draft)
        if start.cost() < draft.cost():
            draft = start
        search = Regrouping(draft, settings, _fairness(instance, teams, draft, settings), np.random.default_rng(seed))
        search.run(pool, Share(progress, 0.3, 0.97), deadline)
    return draft, f"重组相邻路线{search.n_steps}次，其中{search.n_better}次有改进" if search.n_steps else ""


def _team_routes(
    instance: Instance,
    teams: np.ndarray,
    pool: Pool,
    settings: Settings,
    progress: Progress,
    seconds: float,
) -> Draft | None:
    """Routes of each team over its own visits, in parallel; ``None`` when stopped."""
    parts = []
    for t in range(len(instance.teams)):
        visits = np.flatnonzero(teams == t).tolist()
        slots = instance.slots_of_team[t]
        if visits and slots:
            parts.append(Part(_days_needed(instance, t, slots, visits), tuple(visits)))
    n_visits = sum(len(part.visits) for part in parts)
    cores = max(1, pool.n_processes)
    progress.update(0.0, f"为{len(parts)}个检查组分别排线")
    tasks = [
        routing_task(
            instance,
            part,
            seconds=max(0.2, seconds * cores * len(part.visits) / n_visits),
            max_solutions=settings.max_solutions,
        )
        for part in sorted(parts, key=lambda part: -len(part.visits))
    ]
    answers = pool.solve(tasks, progress)
    if answers is None:
        return None
    draft = Draft.empty(instance)
    for part, answer in zip(sorted(parts, key=lambda part: -len(part.visits)), answers, strict=True):
        for slot, numbers in zip(part.slots, answer or [], strict=False):
            draft.put(slot, [part.visits[k] for k in numbers])
    return draft


def _days_needed(instance: Instance, team: int, slots: tuple[int, ...], visits: list[int]) -> tuple[int, ...]:
    """Days to offer: all when windows matter, else about as many as the load needs, which searches faster."""
    if not all(instance.flexible(visit, team) for visit in visits):
        return slots
    depot = instance.depot[team]
    out = instance.travel[depot, instance.node[visits]]
    work_s = instance.teams[team].work_s
    load = instance.service[visits].sum() + 0.5 * out.sum()
    return slots[: max(3, math.ceil(_DAYS_SLACK * load / work_s) + 2)]


def _fairness(instance: Instance, teams: np.ndarray, draft: Draft, settings: Settings) -> Fairness:
    """Limits of each team's days from the mean use of days in the draft."""
    n_days = [len(slots) for slots in instance.slots_of_team]
    used = [Fairness.days(draft, t) for t in range(len(instance.teams))]
    mean = sum(used) / max(sum(n_days), 1)
    most, fewest = [], []
    for days, now in zip(n_days, used, strict=True):
        top = days if settings.max_load is None else min(days, math.ceil(days * mean * settings.max_load))
        low = 0 if settings.min_load is None else math.floor(days * mean * settings.min_load)
        most.append(max(top, now))
        fewest.append(min(low, now))
    return Fairness(tuple(fewest), tuple(most))


def _routes(problem: Problem, draft: Draft) -> list[Route]:
    """The draft with times: every route is timed again here, so a draft that breaks its day cannot become a plan."""
    instance = draft.instance
    routes = []
    for slot in sorted(
        (k for k, order in enumerate(draft.routes) if order),
        key=lambda k: (instance.slots[k].day, instance.slots[k].team),
    ):
        order, team_number = draft.routes[slot], instance.slots[slot].team
        times = day_timing(instance, slot, order)
        if times is None:
            raise RuntimeError(f"the route of slot {slot} does not fit its day; the draft was invalid")
        team = instance.teams[team_number]
        places = [team.place, *(instance.visits[v].place for v in order), team.place]
        legs = instance.legs(team_number, order)
        metres = [float(problem.distance_m[a, b]) for a, b in pairwise(places)]
        stops = tuple(
            Stop(
                visit_id=instance.visits[visit].visit_id,
                arrive_s=times.arrive[k],
                start_s=times.start[k],
                end_s=times.start[k] + instance.visits[visit].service_s,
                travel_s=legs[k],
                distance_m=metres[k],
            )
            for k, visit in enumerate(order)
        )
        routes.append(
            Route(
                team_id=team.team_id,
                day=instance.slots[slot].day,
                depart_s=times.depart,
                stops=stops,
                lunch_start_s=times.lunch_start,
                lunch_end_s=times.lunch_end,
                return_travel_s=legs[-1],
                return_distance_m=metres[-1],
                return_s=times.back,
            )
        )
    return routes


def _unplaced(problem: Problem, draft: Draft, impossible: list[Unplaced]) -> list[Unplaced]:
    instance = draft.instance
    found = [*problem.left_out, *impossible]
    for number in draft.unplaced:
        visit = instance.visits[number]
        n_teams = int(instance.allowed[number].sum())
        found.append(
            Unplaced(
                visit.visit_id,
                "no_time",
                f"可以承担的{n_teams}个检查组在期限内的队日已排满，放不下这次检查",
                visit.estate_id,
            )
        )
    return sorted(found, key=lambda item: item.visit_id)
