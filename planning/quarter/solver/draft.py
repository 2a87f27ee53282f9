"""A plan in the making: visits by slot, and the moves that keep every hard rule."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planning.quarter.solver.instance import Instance, Routes
from planning.quarter.solver.timetable import EXACT_STOPS, Timing, earliest_order, shortest_order, timing


@dataclass
class Draft:
    """Routes by slot, and the visits in none of them. Its methods change it and keep every route within its day."""

    instance: Instance
    routes: Routes
    unplaced: set[int] = field(default_factory=set)

    @classmethod
    def empty(cls, instance: Instance) -> Draft:
        """Nothing placed yet."""
        return cls(instance, [[] for _ in instance.slots], set(range(len(instance.visits))))

    def cost(self) -> int:
        """Travel seconds plus the weight of what is left out."""
        left_out = int(self.instance.weight[sorted(self.unplaced)].sum()) if self.unplaced else 0
        return self.instance.travel_of(self.routes) + left_out

    def put(self, slot: int, order: list[int]) -> None:
        """Make ``order`` the slot's route: visits that leave it become unplaced, those that join it placed."""
        self.unplaced |= set(self.routes[slot]) - set(order)
        self.routes[slot] = list(order)
        self.unplaced -= set(order)


def day_timing(instance: Instance, slot: int, order: list[int]) -> Timing | None:
    """Times of the day in this order, ``None`` if it does not fit."""
    team = instance.slots[slot].team
    return timing(instance.teams[team], instance.legs(team, order), instance.services(order))


def feasible_order(instance: Instance, slot: int, order: list[int]) -> list[int] | None:
    """The visits in an order that fits the day, the given one if possible; ``None`` if there is none.

    Exact up to ``EXACT_STOPS`` visits.
    """
    if day_timing(instance, slot, order) is not None:
        return order
    return best_order(instance, slot, order) if len(order) <= EXACT_STOPS else None


def best_order(instance: Instance, slot: int, order: list[int]) -> list[int] | None:
    """The order with the least travel (if lunch fits into none such: the earliest return); ``None`` if none fits."""
    team = instance.slots[slot].team
    work = sum(instance.services(order))
    if work > instance.teams[team].work_s:
        return None
    if len(order) > EXACT_STOPS:
        return order if day_timing(instance, slot, order) is not None else None
    nodes = np.append(instance.node[order], instance.depot[team])
    dist = instance.travel[np.ix_(nodes, nodes)].tolist()
    shortest = [order[k] for k in shortest_order(dist)]
    if day_timing(instance, slot, shortest) is not None:
        return shortest
    if instance.teams[team].lunch_s == 0:
        return None
    earliest = earliest_order(instance.teams[team], dist, instance.services(order))
    return None if earliest is None else [order[k] for k in earliest]


def insert(draft: Draft, visit: int) -> bool:
    """Put the visit where it costs least; ``False`` if it fits nowhere without moving another visit."""
    instance = draft.instance
    free_seen: set[tuple[int, bool]] = set()
    offers = []
    for slot in range(len(instance.slots)):
        if not instance.fits_slot(visit, slot):
            continue
        route, team = draft.routes[slot], instance.slots[slot].team
        if not route:
            if (team, True) in free_seen:
                continue
            free_seen.add((team, True))
        slack = instance.teams[team].work_s - int(instance.service[visit])
        before = sum(instance.legs(team, route)) + sum(instance.services(route))
        if sum(instance.services(route)) > slack:
            continue
        added, position = _cheapest(instance, team, route, visit)
        offers.append((added, slot, position, before + added > slack))
    for _, slot, position, tight in sorted(offers):
        route = draft.routes[slot]
        order = [*route[:position], visit, *route[position:]]
        found = best_order(instance, slot, order) if tight else _fitting(instance, slot, route, visit, order)
        if found is not None:
            draft.put(slot, found)
            return True
    return False


def _fitting(instance: Instance, slot: int, route: list[int], visit: int, order: list[int]) -> list[int] | None:
    """The cheapest order with the visit put in anywhere, or any order that fits."""
    found = feasible_order(instance, slot, order)
    if found is not None or len(order) <= EXACT_STOPS:
        return found
    orders = ([*route[:k], visit, *route[k:]] for k in range(len(route) + 1))
    return next((o for o in orders if day_timing(instance, slot, o) is not None), None)


def _cheapest(instance: Instance, team: int, route: list[int], visit: int) -> tuple[int, int]:
    """Added travel and position of the cheapest place for the visit in the route."""
    path = np.concatenate(([instance.depot[team]], instance.node[route], [instance.depot[team]])).astype(np.int64)
    node, travel = instance.node[visit], instance.travel
    added = travel[path[:-1], node] + travel[node, path[1:]]
    if route:
        added = added - travel[path[:-1], path[1:]]
    position = int(added.argmin())
    return int(added[position]), position


def place_leftovers(draft: Draft) -> None:
    """Put in whatever still fits, mandatory visits first; optional ones make room for mandatory ones.

    Afterwards no unplaced visit could simply be put in, and no mandatory one could by taking out optional ones of one
    day.
    """
    instance = draft.instance
    again = True
    while again and draft.unplaced:
        again = False
        for visit in sorted(draft.unplaced, key=lambda v: (-int(instance.weight[v]), v)):
            if insert(draft, visit) or (instance.visits[visit].mandatory and _make_room(draft, visit)):
                again = True


def _make_room(draft: Draft, visit: int) -> bool:
    """Place a mandatory visit by taking out the least valuable optional visits of one day."""
    instance = draft.instance
    best: tuple[int, int, list[int]] | None = None
    for slot, route in enumerate(draft.routes):
        if not instance.fits_slot(visit, slot):
            continue
        optional = sorted((v for v in route if not instance.visits[v].mandatory), key=lambda v: (instance.weight[v], v))
        keep, lost = list(route), 0
        for victim in optional:
            keep.remove(victim)
            lost += int(instance.weight[victim])
            if best is not None and lost >= best[0]:
                break
            order = best_order(instance, slot, [*keep, visit])
            if order is None:
                order = next(
                    (
                        o
                        for o in ([*keep[:k], visit, *keep[k:]] for k in range(len(keep) + 1))
                        if day_timing(instance, slot, o) is not None
                    ),
                    None,
                )
            if order is not None:
                best = (lost, slot, order)
                break
    if best is None:
        return False
    draft.put(best[1], best[2])
    return True


def settle(draft: Draft) -> None:
    """Make every route fit its day: the order is mended, else the least valuable visits leave it."""
    instance = draft.instance
    for slot, route in enumerate(draft.routes):
        order = list(route)
        found = feasible_order(instance, slot, order) if order else order
        while found is None:
            order.remove(min(order, key=lambda v: (int(instance.weight[v]), -int(instance.service[v]), v)))
            found = feasible_order(instance, slot, order) if order else order
        draft.put(slot, found)


def order_days(draft: Draft) -> None:
    """Order the visits of every day with the least travel."""
    for slot, route in enumerate(draft.routes):
        if len(route) > 1:
            best = best_order(draft.instance, slot, route)
            if best is not None:
                draft.put(slot, best)
