"""Times of one day: the best order of its visits, and where lunch lies between them.

Lunch begins inside its window at a break of the day: before leaving the depot, on arrival, after a visit, or after the
return. Arriving earlier at a break is never worse, because one can wait, so shortest prefixes suffice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from planning.quarter.types import Team

EXACT_STOPS = 12
"""Up to so many stops the order within a day is found by dynamic programming (Held & Karp 1962), proven best."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of a day in seconds after midnight; one entry a stop."""

    depart: int
    arrive: tuple[int, ...]
    start: tuple[int, ...]
    lunch_start: int
    lunch_end: int
    back: int


def timing(team: Team, legs: list[int], services: list[int]) -> Timing | None:
    """The day with the earliest return (ties: least waiting, then the earliest lunch), or ``None`` if it does not fit.

    Parameters
    ----------
    legs
        Travel seconds, one more than services: out, between, back.
    """
    pieces = [piece for pair in zip(legs, services, strict=False) for piece in pair] + [legs[-1]]
    elapsed = [0, *accumulate(pieces)]
    work = elapsed[-1]
    if team.lunch_s == 0:
        if team.starts_s + work > team.ends_s:
            return None
        return _lay_out(team, elapsed, None, 0, team.lunch_from_s)
    if team.starts_s + work + team.lunch_s > team.ends_s:
        return None
    best: tuple[int, int, int, int] | None = None
    for k, done in enumerate(elapsed):
        at = max(team.starts_s + done, team.lunch_from_s)
        if at > team.lunch_to_s:
            break
        wait = at - team.starts_s - done
        last = k == len(elapsed) - 1
        back = team.starts_s + work if last else at + team.lunch_s + work - done
        if max(back, at + team.lunch_s) > team.ends_s:
            continue
        key = (back, 0 if last else wait, k, at)
        if best is None or key < best:
            best = key
    if best is None:
        return None
    return _lay_out(team, elapsed, best[2], best[1], best[3])


def _lay_out(team: Team, elapsed: list[int], lunch_after: int | None, wait: int, lunch_at: int) -> Timing:
    """Times from elapsed work: waiting is done by leaving later, lunch shifts all that follows it."""

    def clock(k: int, before_lunch: bool) -> int:
        late = lunch_after is not None and (k > lunch_after or (k == lunch_after and not before_lunch))
        return team.starts_s + wait + elapsed[k] + (team.lunch_s if late else 0)

    n_stops = (len(elapsed) - 2) // 2
    return Timing(
        depart=clock(0, before_lunch=False),
        arrive=tuple(clock(2 * i + 1, before_lunch=True) for i in range(n_stops)),
        start=tuple(clock(2 * i + 1, before_lunch=False) for i in range(n_stops)),
        lunch_start=lunch_at,
        lunch_end=lunch_at + team.lunch_s,
        back=clock(len(elapsed) - 1, before_lunch=True),
    )


def shortest_order(dist: list[list[int]]) -> list[int]:
    """Order of nodes 0…n-1 with the least travel from and to the depot (node n), exact.

    Held & Karp, *A dynamic programming approach to sequencing problems* (1962). Ties go to the lower numbers.
    """
    n = len(dist) - 1
    if n <= 1:
        return list(range(n))
    full = (1 << n) - 1
    cost: list[dict[int, tuple[int, int]]] = [{} for _ in range(full + 1)]
    for j in range(n):
        cost[1 << j][j] = (dist[n][j], -1)
    for mask in range(1, full):
        for i, (spent, _) in cost[mask].items():
            row = dist[i]
            for j in range(n):
                bit = 1 << j
                if not mask & bit:
                    label = cost[mask | bit].get(j)
                    total = spent + row[j]
                    if label is None or total < label[0]:
                        cost[mask | bit][j] = (total, i)
    last = min(cost[full], key=lambda j: (cost[full][j][0] + dist[j][n], j))
    order, mask = [], full
    while last >= 0:
        order.append(last)
        mask, last = mask ^ (1 << last), cost[mask][last][1]
    return order[::-1]


def earliest_order(team: Team, dist: list[list[int]], services: list[int]) -> list[int] | None:
    """Order that comes back earliest with lunch in its window, exact; ``None`` if no order fits the day.

    Labels are (visited set, last, lunch taken) → earliest end; needed where the shortest order leaves no break for
    lunch.
    """
    n = len(services)
    lunch, latest = team.lunch_s, team.lunch_to_s
    start_labels = [(team.starts_s, 0)]
    if max(team.starts_s, team.lunch_from_s) <= latest:
        start_labels.append((max(team.starts_s, team.lunch_from_s) + lunch, 1))
    labels: dict[tuple[int, int, int], tuple[int, tuple[int, int, int] | None]] = {}

    def offer(key: tuple[int, int, int], end: int, parent: tuple[int, int, int] | None) -> None:
        if end <= team.ends_s and (key not in labels or end < labels[key][0]):
            labels[key] = (end, parent)

    def extend(now: int, eaten: int, leg: int, mask: int, j: int, parent: tuple[int, int, int] | None) -> None:
        arrive = now + leg
        offer((mask | 1 << j, j, eaten), arrive + services[j], parent)
        at = max(arrive, team.lunch_from_s)
        if not eaten and at <= latest:
            offer((mask | 1 << j, j, 1), at + lunch + services[j], parent)
        at = max(arrive + services[j], team.lunch_from_s)
        if not eaten and at <= latest:
            offer((mask | 1 << j, j, 1), at + lunch, parent)

    for now, eaten in start_labels:
        for j in range(n):
            extend(now, eaten, dist[n][j], 0, j, None)
    full = (1 << n) - 1
    for mask in range(1, full):
        for i in range(n):
            for eaten in (0, 1):
                label = labels.get((mask, i, eaten))
                if label is not None:
                    for j in range(n):
                        if not mask & (1 << j):
                            extend(label[0], eaten, dist[i][j], mask, j, (mask, i, eaten))
    finals = []
    for i in range(n):
        for eaten in (0, 1):
            label = labels.get((full, i, eaten))
            if label is None:
                continue
            back = label[0] + dist[i][n]
            at = max(back, team.lunch_from_s)
            fits = back <= team.ends_s and (eaten or (at <= latest and at + lunch <= team.ends_s))
            if fits:
                finals.append((back, i, eaten))
    if not finals:
        return None
    _, last, eaten = min(finals)
    order: list[int] = []
    key: tuple[int, int, int] | None = (full, last, eaten)
    while key is not None:
        order.append(key[1])
        key = labels[key][1]
    return order[::-1]
