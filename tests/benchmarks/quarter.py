"""The quarter's plan beside one big OR-Tools model and the nearest-next plan, at the same CPU time.

    python -m tests.benchmarks.quarter --visits 2000 --teams 8 --days 60 --budget 60 --seed 11

The one big model has one vehicle for each team-day and runs on one core for as many CPU seconds as the decomposition
used on all cores. PyVRP, the other yardstick of the design, is not a dependency and is left out here. All rows are checked by
the same independent rules. "no balance" drops the fairness limits, which the one big model does not have either.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from planning.quarter.rules import violations
from planning.quarter.settings import Settings
from planning.quarter.solver.draft import Draft, settle
from planning.quarter.solver.main import finish, greedy_plan, plan_of, solve
from planning.quarter.solver.routing import solve_routing
from planning.quarter.solver.screen import screen
from planning.quarter.solver.tasks import Part, routing_task
from planning.quarter.types import Plan, Problem
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed
from tests.benchmarks._quarter_city import city


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row a method: travel hours, visits left out, broken rules, wall and CPU seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", "--size", type=int, default=2000)
    parser.add_argument("--teams", type=int, default=8)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--no-yardsticks", action="store_true", help="only the greedy plan and wuyetu's")
    options = parser.parse_args(argv)
    budget_s, seed, yardsticks = options.budget, options.seed, not options.no_yardsticks
    problem = city(options.visits, options.teams, options.days, seed)
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


def _row(name: str, problem: Problem, make: Callable[[], Plan]) -> dict[str, object]:
    seconds, cpu_s, plan = timed(make)
    print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return {
        "method": name,
        "visits": len(problem.visits),
        "travel_h": round(plan.travel_s / 3600, 1),
        "unplaced": len(plan.unplaced),
        "violations": len(violations(plan, problem)),
        "routes": len(plan.routes),
        "days_a_team": "/".join(str(sum(r.team_id == t for r in plan.routes)) for t in problem.teams),
        "seconds": round(seconds, 1),
        "cpu_s": round(cpu_s, 1),
    }


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("ortools", "numpy"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
