"""Estates to teams: a linear transport model over loads, solved by OR-Tools (GLOP), rounded to whole estates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder

from planning.quarter.settings import Settings
from planning.quarter.solver.instance import FAR, Instance

_PACKING = 0.92
"""Share of a day that routes fill in practice: visits do not split (measured 4–6 stops a day)."""
_OVERFULL, _UNFAIR = 20.0, 1.5
"""Cost of a second of load beyond a team's days, and beyond its fair share, in seconds of travel."""


def trip_share(instance: Instance) -> NDArray[np.float64]:
    """Travel seconds that a visit costs a team, estimated, shape ``(n visits, n teams)``; ``FAR`` where not allowed.

    Out and back shared by the stops of a day, plus the way to a near neighbour.
    """
    n, n_teams = instance.allowed.shape
    between = instance.travel[np.ix_(instance.node, instance.node)].astype(float)
    np.fill_diagonal(between, FAR)
    k = min(3, n - 1)
    local = np.partition(between, k - 1, axis=1)[:, :k].mean(axis=1) if k else np.zeros(n)
    local = np.minimum(local, 3600.0)
    share = np.full((n, n_teams), float(FAR))
    for t, team in enumerate(instance.teams):
        depot = instance.depot[t]
        around = (instance.travel[depot, instance.node] + instance.travel[instance.node, depot]).astype(float)
        stops = np.maximum(1.0, (team.work_s - around + local) / (instance.service.mean() + local))
        estimate = around / stops + local * (stops - 1) / stops
        share[:, t] = np.where(instance.allowed[:, t], estimate, FAR)
    return share


def assign_teams(instance: Instance, settings: Settings) -> NDArray[np.int64]:
    """The team of each visit, shape ``(n visits,)``.

    Loads are service plus trip share. Working time and fairness are soft: what does not fit is found by the routes.

    Raises
    ------
    RuntimeError
        If GLOP does not report an optimum (the model is always feasible).
    """
    share = trip_share(instance)
    load = share + instance.service[:, None]
    rows, cols = np.nonzero(instance.allowed)
    capacity = np.array([team.work_s * len(team.days) * _PACKING for team in instance.teams])
    model = model_builder.Model()
    x = [model.new_num_var(0.0, 1.0, f"x{i}_{t}") for i, t in zip(rows, cols, strict=True)]
    over = [model.new_num_var(0.0, np.inf, f"over{t}") for t in range(len(instance.teams))]
    by_visit: list[list[int]] = [[] for _ in instance.visits]
    by_team: list[list[int]] = [[] for _ in instance.teams]
    for k, (i, t) in enumerate(zip(rows.tolist(), cols.tolist(), strict=True)):
        by_visit[i].append(k)
        by_team[t].append(k)
    for ks in by_visit:
        model.add(model_builder.LinearExpr.sum([x[k] for k in ks]) == 1)
    objective = [model_builder.LinearExpr.weighted_sum(x, share[rows, cols])]
    objective += [_OVERFULL * o for o in over]
    least = np.where(instance.allowed, load, np.inf).min(axis=1).sum()
    mean_use = min(1.0, least / max(capacity.sum(), 1.0))
    for t, ks in enumerate(by_team):
        used = model_builder.LinearExpr.weighted_sum([x[k] for k in ks], load[rows[ks], t]) if ks else 0.0
        model.add(used - over[t] <= capacity[t])
        if settings.max_load is not None:
            above = model.new_num_var(0.0, np.inf, f"above{t}")
            model.add(used - above <= capacity[t] * min(1.0, mean_use * settings.max_load))
            objective.append(_UNFAIR * above)
        if settings.min_load is not None:
            below = model.new_num_var(0.0, np.inf, f"below{t}")
            model.add(used + below >= capacity[t] * mean_use * settings.min_load)
            objective.append(_UNFAIR * below)
    model.minimize(model_builder.LinearExpr.sum(objective))
    solver = model_builder.Solver("glop")
    status = solver.solve(model)
    if status != model_builder.SolveStatus.OPTIMAL:
        raise RuntimeError(f"GLOP reports {status} for the assignment of estates to teams")
    values = np.zeros(instance.allowed.shape)
    values[rows, cols] = solver.values(model.get_variables()).to_numpy()[: len(x)]
    values[~instance.allowed] = -1.0
    return values.argmax(axis=1)
