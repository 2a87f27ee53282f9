"""Near enough (就近、连片): walks to the medoid, between members, through neighbours; no barrier on the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from planning.bundles.rules.facts import Facts, at_most
from planning.bundles.types import Bundle
from planning.violations import Violation


def within_radius(facts: Facts) -> Iterator[Violation]:
    """Every member can walk to the medoid within the radius, where nearness is judged from the medoid."""
    if facts.settings.compact == "chain":
        return
    limit = facts.settings.radius_m
    for bundle in _measured(facts):
        walks = facts.walks[bundle.bundle_id][bundle.members.index(bundle.medoid)]
        for member, walk in zip(bundle.members, walks, strict=True):
            if walk > at_most(limit):
                text = f"{facts.name(member)}距中心小区{metres(walk)}，超过{limit:,.0f}米"
                yield Violation("within_radius", bundle.bundle_id, text)


def within_diameter(facts: Facts) -> Iterator[Violation]:
    """No two members are farther apart than the diameter."""
    limit = facts.settings.max_diameter_m
    for bundle in facts.plan.bundles:
        if bundle.bundle_id in facts.walks:
            widest = float(facts.walks[bundle.bundle_id].max())
            if widest > at_most(limit):
                text = f"成员间最远{metres(widest)}，超过{limit:,.0f}米"
                yield Violation("within_diameter", bundle.bundle_id, text)


def no_barrier_between(facts: Facts) -> Iterator[Violation]:
    """No barrier lies between a member and the medoid, where nearness is judged from the medoid."""
    if facts.settings.compact == "chain":
        return
    radius = at_most(facts.settings.radius_m)
    for bundle in _measured(facts):
        walks = facts.walks[bundle.bundle_id][bundle.members.index(bundle.medoid)]
        for member, walk in zip(bundle.members, walks, strict=True):
            if member != bundle.medoid and facts.ground.barrier_between(member, bundle.medoid, radius, walk):
                text = f"{facts.name(member)}与中心小区{facts.name(bundle.medoid)}之间有阻隔"
                yield Violation("no_barrier_between", bundle.bundle_id, text)


def linked_through_neighbours(facts: Facts) -> Iterator[Violation]:
    """Every member is reached from every other through members that are neighbours (连片, D26), where that is asked.

    Neighbours are at most ``link_m`` of walk apart, with no barrier between, and not declared none by a planner.
    """
    if facts.settings.compact == "medoid":
        return
    for bundle in facts.plan.bundles:
        if bundle.bundle_id not in facts.walks or not bundle.members:
            continue
        cut_off = sorted(set(bundle.members) - _reached(facts, bundle))
        if cut_off:
            names = "、".join(facts.name(member) for member in cut_off)
            text = f"{names}与其余成员不连片（相邻小区步行不超过{facts.settings.link_m:,.0f}米且中间无阻隔）"
            yield Violation("linked_through_neighbours", bundle.bundle_id, text)


def _reached(facts: Facts, bundle: Bundle) -> set[str]:
    """Members that can be reached from the medoid (or else the first) over neighbours."""
    walks = facts.walks[bundle.bundle_id]
    limit = at_most(facts.settings.link_m)
    start = bundle.medoid if bundle.medoid in bundle.members else bundle.members[0]
    reached, todo = {start}, [start]
    while todo:
        here = todo.pop()
        row = bundle.members.index(here)
        for other, walk in zip(bundle.members, walks[row], strict=True):
            if other in reached or walk > limit or frozenset((here, other)) in facts.no_neighbours:
                continue
            if not facts.ground.barrier_between(here, other, limit, walk):
                reached.add(other)
                todo.append(other)
    return reached


def walks_as_stated(facts: Facts) -> Iterator[Violation]:
    """The ways to the medoid and the widest way between two members are what the plan states.

    A stated way may be longer than the shortest walk only where it has to go round a barred road. Whether the plan's
    ways are straight lines is stated as well.
    """
    if facts.plan.straight_line != facts.ground.straight_line:
        text = "方案写明的距离算法（道路步行或直线估算）与路网数据不符"
        yield Violation("walks_as_stated", "plan", text)
    for bundle in _measured(facts):
        walks = facts.walks[bundle.bundle_id]
        row = bundle.members.index(bundle.medoid)
        for member, walk, stated in zip(bundle.members, walks[row], bundle.distances_m, strict=False):
            if _untrue(facts, (member, bundle.medoid), float(walk), stated):
                text = f"{facts.name(member)}距中心小区{metres(walk)}，方案写的是{stated:,.0f}米"
                yield Violation("walks_as_stated", bundle.bundle_id, text)
        i, j = divmod(int(walks.argmax()), len(bundle.members))
        widest, stated = (bundle.members[i], bundle.members[j]), bundle.diameter_m
        if _untrue(facts, widest, float(walks[i, j]), stated, among=bundle.members):
            text = f"成员间最远{metres(walks[i, j])}，方案写的是{stated:,.0f}米"
            yield Violation("walks_as_stated", bundle.bundle_id, text)


def _untrue(
    facts: Facts, pair: tuple[str, str], walk: float, stated: float, among: Sequence[str] | None = None
) -> bool:
    """Whether a stated walk is not the one measured; ``among``: the estates that the way may be the longest of."""
    if not math.isfinite(stated) or stated < 0:
        return True
    if stated > at_most(walk):
        return not any(facts.ground.across_road(a, b) for a, b in combinations(among or pair, 2))
    return _longer(facts, *pair, walk, stated)


def _longer(facts: Facts, a: str, b: str, walk: float, stated: float) -> bool:
    most = at_most(stated)
    return walk > most and math.isfinite(stated) and facts.ground.walk_apart(a, b, most) > most


def _measured(facts: Facts) -> Iterator[Bundle]:
    """Bundles whose members all have a stop and whose medoid is one of them."""
    for bundle in facts.plan.bundles:
        if bundle.bundle_id in facts.walks and bundle.medoid in bundle.members:
            yield bundle


def metres(walk: float) -> str:
    """A walk in words; those far beyond every limit were not measured."""
    return f"{walk:,.0f}米" if math.isfinite(walk) else "很远"
