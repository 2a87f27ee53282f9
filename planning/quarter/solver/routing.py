"""One routing problem, solved by OR-Tools: the only module that knows its routing library.

Runs in worker processes; tasks and answers are small and hold no library objects.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

_HOT, _COLD = 100.0, 1.0
"""Temperatures of the annealing, seconds of travel: measured best of 30–300 on groups of 65 and teams of 250 visits."""


@dataclass(frozen=True)
class RoutingTask:
    """Nodes 0…n-1 are visits, n… are depots; vehicles are team-days.

    Parameters
    ----------
    travel
        int64, seconds between nodes.
    service
        Seconds at each visit.
    penalty
        Cost of leaving each visit out, in seconds of travel.
    depots
        Depot node of each vehicle.
    work_s
        Seconds of travel and service that each vehicle has.
    vehicles
        Vehicles that may make each visit; ``None``: all.
    initial
        Routes to start from, one a vehicle: guided local search mends them. Empty: routes are built and then ruined and
        rebuilt over and over (Christiaens & Vanden Berghe 2020, as OR-Tools has it).
    seconds
        Time limit.
    max_solutions
        Ends the search after so many solutions instead, the same on any machine.
    """

    travel: NDArray[np.int64]
    service: tuple[int, ...]
    penalty: tuple[int, ...]
    depots: tuple[int, ...]
    work_s: tuple[int, ...]
    vehicles: tuple[tuple[int, ...] | None, ...]
    initial: tuple[tuple[int, ...], ...]
    seconds: float
    max_solutions: int | None = None
    day_cost: int = 0
    """Cost of using a vehicle at all, in seconds of travel."""
    plain: bool = False
    """Build and mend by guided local search only: the textbook use of the library, for the yardstick."""
    cpu_seconds: float | None = None
    """Also ends a guided local search after so many CPU seconds of this process: fair beside busy cores."""


def solve_routing(task: RoutingTask) -> list[list[int]] | None:
    """Visits of each vehicle in order, those left out in none; ``None`` if OR-Tools found no solution in time."""
    n = len(task.service)
    n_vehicles = len(task.depots)
    manager = pywrapcp.RoutingIndexManager(len(task.travel), n_vehicles, list(task.depots), list(task.depots))
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(task.travel.tolist()))
    routing.SetFixedCostOfAllVehicles(task.day_cost)
    service = np.zeros(len(task.travel), dtype=np.int64)
    service[:n] = task.service
    effort = routing.RegisterTransitMatrix((task.travel + service[:, None]).tolist())
    routing.AddDimensionWithVehicleCapacity(effort, 0, list(task.work_s), True, "work")
    for visit in range(n):
        index = manager.NodeToIndex(visit)
        routing.AddDisjunction([index], task.penalty[visit])
        allowed = task.vehicles[visit]
        if allowed is not None:
            # SetAllowedVehiclesForIndex raises TypeError in the Python wrapper of OR-Tools 9.15.
            routing.VehicleVar(index).SetValues([-1, *allowed])
    if task.cpu_seconds is not None:
        until = time.process_time() + task.cpu_seconds
        routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() > until))
    parameters = _parameters(task)
    solution = _search(routing, task, parameters)
    if solution is None:
        return None
    return [_route(routing, manager, solution, vehicle) for vehicle in range(n_vehicles)]


def _search(routing: Any, task: RoutingTask, parameters: Any) -> Any:
    if task.initial:
        routing.CloseModelWithParameters(parameters)
        start = routing.ReadAssignmentFromRoutes([list(route) for route in task.initial], True)
        return None if start is None else routing.SolveFromAssignmentWithParameters(start, parameters)
    if task.plain:
        return routing.SolveWithParameters(parameters)
    return routing.SolveWithIteratedLocalSearch(parameters)


def _parameters(task: RoutingTask) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    if task.initial or task.plain:
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    else:
        parameters.use_iterated_local_search = True
        iterated = parameters.iterated_local_search_parameters
        del iterated.ruin_recreate_parameters.ruin_strategies[:]
        ruin = iterated.ruin_recreate_parameters.ruin_strategies.add()
        ruin.sisr.max_removed_sequence_size = 10
        ruin.sisr.avg_num_removed_visits = 10
        ruin.sisr.bypass_factor = 0.01
        iterated.improve_perturbed_solution = False
        iterated.reference_solution_acceptance_strategy.simulated_annealing.initial_temperature = _HOT
        iterated.reference_solution_acceptance_strategy.simulated_annealing.final_temperature = _COLD
    if task.max_solutions is not None:
        parameters.solution_limit = task.max_solutions
    parameters.time_limit.FromMilliseconds(max(1, round(task.seconds * 1000)))
    return parameters


def _route(routing: Any, manager: Any, solution: Any, vehicle: int) -> list[int]:
    index = solution.Value(routing.NextVar(routing.Start(vehicle)))
    route = []
    while not routing.IsEnd(index):
        route.append(manager.IndexToNode(index))
        index = solution.Value(routing.NextVar(index))
    return route
