"""A plan in the making: visits by slot, and the moves that keep every hard rule."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planning.quarter.solver.instance import FAR, Instance, Routes
from planning.quarter.solver.timetable import EXACT_STOPS, Timing, earliest_order, shortest_order, timing


@dataclass
class Draft:
    """Routes by slot, and the visits in none of them. Its methods change it and keep every route within its day."""

    instance: Instance
    routes: Routes
    unplaced: set[int] = field(default_factory=set)
    _gaps: _Gaps | None = field(default=None, repr=False)

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
        self._gaps = None

    @property
    def gaps(self) -> _Gaps:
        """The places between stops, worked out again after a change."""
        if self._gaps is None:
            self._gaps = _Gaps.of(self.instance, self.routes)
        return self._gaps


@dataclass(frozen=True)
class _Gaps:
    """Every place where a visit could be put in: one row a gap, slot after slot.

    ``begins`` is the first row of each slot; ``spent`` and ``service`` are the seconds of each slot's day so far.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    begins: NDArray[np.int64]
    spent: NDArray[np.int64]
    service: NDArray[np.int64]

    @classmethod
    def of(cls, instance: Instance, routes: Routes) -> _Gaps:
        before: list[int] = []
        after: list[int] = []
        begins, spent, service = [], [], []
        nodes, depots = instance.node.tolist(), instance.depot.tolist()
        for slot, route in enumerate(routes):
            team = instance.slots[slot].team
            begins.append(len(before))
            path = [depots[team], *(nodes[visit] for visit in route), depots[team]]
            before += path[:-1]
            after += path[1:]
            service.append(sum(instance.services(route)))
            spent.append(service[-1] + sum(instance.legs(team, route)))
        return cls(*(np.array(values, dtype=np.int64) for values in (before, after, begins, spent, service)))


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
    if least_work(instance, slot, order) > instance.teams[team].work_s:
        return None
    if len(order) > EXACT_STOPS:
        return order if day_timing(instance, slot, order) is not None else None
    nodes = np.append(instance.node[order], instance.depot[team])
    dist = instance.travel[np.ix_(nodes, nodes)].tolist()
    shortest = [order[k] for k in shortest_order(dist)]
    if day_timing(instance, slot, shortest) is not None:
        return shortest
    if instance.teams[team].lunch_s == 0 or work + sum(instance.legs(team, shortest)) > instance.teams[team].work_s:
        return None
    earliest = earliest_order(instance.teams[team], dist, instance.services(order))
    return None if earliest is None else [order[k] for k in earliest]


def insert(draft: Draft, visit: int) -> bool:
    """Put the visit where it costs least; ``False`` if it fits nowhere without moving another visit."""
    instance, gaps = draft.instance, draft.gaps
    if not instance.slots:
        return False
    node, service = instance.node[visit], int(instance.service[visit])
    added = instance.travel[gaps.before, node] + instance.travel[node, gaps.after]
    added = added - instance.travel[gaps.before, gaps.after]
    least = np.minimum.reduceat(added, gaps.begins)
    open_slots = instance.slots_for(visit)
    simply = open_slots & (gaps.spent + least + service <= instance.work_s)
    # Another order may take it where no gap does; travel hardly ever shrinks by a further stop.
    reordered = open_slots & ~simply & (gaps.spent + service <= instance.work_s)
    free_seen: set[int] = set()
    for slot in sorted(np.flatnonzero(simply | reordered).tolist(), key=lambda k: (int(least[k]), k)):
        route, team = draft.routes[slot], instance.slots[slot].team
        if not route:
            if team in free_seen:
                continue
            free_seen.add(team)
        begin = int(gaps.begins[slot])
        position = int(added[begin : begin + len(route) + 1].argmin())
        order = [*route[:position], visit, *route[position:]]
        found = _fitting(instance, slot, route, visit, order) if simply[slot] else best_order(instance, slot, order)
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
    for slot in np.flatnonzero(instance.slots_for(visit)).tolist():
        route = draft.routes[slot]
        optional = sorted((v for v in route if not instance.visits[v].mandatory), key=lambda v: (instance.weight[v], v))
        keep, lost = list(route), 0
        for victim in optional:
            keep.remove(victim)
            lost += int(instance.weight[victim])
            if best is not None and lost >= best[0]:
                break
            if least_work(instance, slot, [*keep, visit]) > instance.work_s[slot]:
                continue
            order = _fitting(instance, slot, keep, visit, [*keep, visit])
            if order is not None:
                best = (lost, slot, order)
                break
    if best is None:
        return False
    draft.put(best[1], best[2])
    return True


def least_work(instance: Instance, slot: int, order: list[int]) -> int:
    """Seconds that the visits need in any order: service, and the shortest leg into each of them and home."""
    nodes = np.append(instance.node[order], instance.depot[instance.slots[slot].team])
    legs = instance.travel[np.ix_(nodes, nodes)].copy()
    np.fill_diagonal(legs, FAR)
    return int(instance.service[order].sum() + legs.min(axis=0).sum())


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
