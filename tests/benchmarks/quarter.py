"""The quarter's plan beside one big OR-Tools model and the nearest-next plan, at the same CPU time.

    python -m tests.benchmarks.quarter --visits 2000 --teams 8 --days 60 --budget 60 --seed 11

The one big model has one vehicle for each team-day and runs on one core for as many CPU seconds as the decomposition
used on all cores. PyVRP, the other yardstick of the design, is not a dependency and is left out here. All rows are checked by
the same independent rules. "no balance" drops the fairness limits, which the one big model does not have either.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from importlib.metadata import version

from planning.quarter.rules import violations
from planning.quarter.settings import Settings
from planning.quarter.solver.draft import Draft, settle
from planning.quarter.solver.main import finish, greedy_plan, plan_of, solve
from planning.quarter.solver.routing import solve_routing
from planning.quarter.solver.screen import screen
from planning.quarter.solver.tasks import Part, routing_task
from planning.quarter.types import Plan, Problem
from tests.benchmarks.quarter_city import city


def table(
    n_visits: int = 2000,
    n_teams: int = 8,
    n_days: int = 60,
    budget_s: float = 60.0,
    seed: int = 11,
    *,
    yardsticks: bool = True,
) -> list[dict[str, object]]:
    """One row a method: travel hours, visits left out, broken rules, wall and CPU seconds."""
    problem = city(n_visits, n_teams, n_days, seed)
    rows = [_row("greedy, nearest next", problem, lambda: greedy_plan(problem))]
    rows.append(_row("wuyetu", problem, lambda: solve(problem, budget_s=budget_s, seed=seed)))
    free = Settings(max_load=None, min_load=None)
    rows.append(
        _row("wuyetu, no balance", problem, lambda: solve(problem, budget_s=budget_s, seed=seed, settings=free))
    )
    if yardsticks:
        cpu_s = float(str(rows[-1]["cpu_s"]))
        rows.append(_row("one big OR-Tools", problem, lambda: one_big(problem, cpu_s)))
    best = float(str(rows[-1]["travel_h"])) if yardsticks else None
    for row in rows:
        row["ratio_to_big"] = round(float(str(row["travel_h"])) / best, 3) if best else None
    return rows


def one_big(problem: Problem, cpu_s: float) -> Plan:
    """All visits and all team-days in one OR-Tools routing model (cheapest insertion, guided local search).

    Days, lunch and times are then set as for every plan.
    """
    began = time.monotonic()
    instance, impossible = screen(problem)
    part = Part(tuple(range(len(instance.slots))), tuple(range(len(instance.visits))))
    task = routing_task(instance, part, seconds=20 * cpu_s, max_solutions=None, plain=True)
    answer = solve_routing(replace(task, cpu_seconds=cpu_s))
    draft = Draft.empty(instance)
    for slot, numbers in zip(part.slots, answer or [], strict=False):
        draft.put(slot, [part.visits[k] for k in numbers])
    n_left_out = len(draft.unplaced)
    settle(draft)
    finish(draft, Settings())
    plan = plan_of(problem, draft, impossible, began, Settings(processes=0))
    return replace(plan, note=f"{n_left_out} left out by the model itself; {plan.note}")


def _row(name: str, problem: Problem, make: object) -> dict[str, object]:
    cpu, began = _cpu_s(), time.monotonic()
    plan: Plan = make()  # type: ignore[operator]
    seconds, cpu_s = time.monotonic() - began, _cpu_s() - cpu
    print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return {
        "method": name,
        "visits": len(problem.visits),
        "travel_h": round(plan.travel_s / 3600, 1),
        "unplaced": len(plan.unplaced),
        "violations": len(violations(plan, problem)),
        "routes": len(plan.routes),
        "days_a_team": [sum(r.team_id == t for r in plan.routes) for t in problem.teams],
        "seconds": round(seconds, 1),
        "cpu_s": round(cpu_s, 1),
        "note": plan.note,
    }


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=2000)
    parser.add_argument("--teams", type=int, default=8)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--no-yardsticks", action="store_true", help="only the greedy plan and wuyetu's")
    chosen = parser.parse_args(argv)
    rows = table(
        chosen.visits, chosen.teams, chosen.days, chosen.budget, chosen.seed, yardsticks=not chosen.no_yardsticks
    )
    columns = ("method", "travel_h", "ratio_to_big", "unplaced", "violations", "routes", "seconds", "cpu_s")
    print("| " + " | ".join(columns) + " |\n" + "|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(row[column]) for column in columns) + " |")
    for row in rows:
        print(f"{row['method']}: days a team {row['days_a_team']}; {row['note']}")
    print(
        f"{chosen.visits} visits, {chosen.teams} teams, {chosen.days} days, seed {chosen.seed}; "
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"OR-Tools {version('ortools')}, numpy {version('numpy')}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
