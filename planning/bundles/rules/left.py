"""Why an estate is in no bundle (L36): the reason follows from its facts, and what is told of its neighbours is true."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from planning.bundles.rules.ends import is_exempt, is_large, is_much_to_audit
from planning.bundles.rules.facts import Facts, at_most, known
from planning.bundles.rules.together import lead_unit
from planning.bundles.types import Fallback, FallbackKind, Neighbour
from planning.coverage_types import CoverageState
from planning.violations import Violation

ALONE: Final = "alone"
_FOR_NEIGHBOURS: Final[frozenset[FallbackKind]] = frozenset(
    {"no_neighbour", "too_few_households", "too_little_income", "no_room", "no_combination", "left_over", "left_out"}
)
"""Reasons of estates that could take part."""
_TILE_M: Final = 1500.0
_FARTHEST_M: Final = 5000.0
"""Walks beyond are not measured again: nobody decides by them."""


def fallback_says_why(facts: Facts) -> Iterator[Violation]:
    """Each leftover has a reason, the one that its facts ask for, and neighbours of which the truth is told."""
    left_out = {estate for one in facts.plan.wishes if one.kind == "leave_out" for estate in one.estates}
    for one in facts.plan.fallback:
        row = facts.rows.get(one.estate_id)
        if not one.reason:
            yield Violation("fallback_says_why", one.estate_id, "没有写明原因")
        if row is None:
            continue
        due = _due(facts, one.estate_id, row)
        if due == {ALONE}:
            yield Violation("fallback_says_why", one.estate_id, f"{facts.name(one.estate_id)}规模够大，应单独安排")
        elif one.kind not in due or (one.kind == "left_out" and one.estate_id not in left_out):
            yield Violation("fallback_says_why", one.estate_id, f"{facts.name(one.estate_id)}的原因与台账不符")
    yield from _neighbours(facts)


def _due(facts: Facts, estate: str, row: Mapping[str, Any]) -> frozenset[str] | set[str]:
    """The kinds of reason that the estate's own facts leave; `ALONE` where it is no leftover at all."""
    settings = facts.settings
    if settings.way == "audit":
        if not known(row["public_income_yuan"]):
            return {"no_income"}
        if is_exempt(row):
            return {"exempt"}
        if is_much_to_audit(row, settings):
            return {ALONE}
        if not known(row["floor_area_m2"]):
            return {"no_income"}
    elif settings.way != "regions" and facts.states.get(estate) is CoverageState.UNKNOWN:
        return {"unknown_state"}
    if not known(row["households"]):
        return {"no_households"}
    if settings.way != "audit":
        if settings.viability != "households" and not (known(row["fee_yuan_m2"]) and known(row["floor_area_m2"])):
            return {"no_fee"}
        if is_large(row, settings):
            return {ALONE}
        most = settings.max_floor_area_m2
        area = row["floor_area_m2"]
        if row["households"] > settings.max_households or (most is not None and known(area) and area > most):
            return {"too_few_households", "too_little_income"}
    if settings.ask_consent and row["consent"] == "no":
        return {"refused"}
    if not facts.ground.knows(estate):
        return {"no_position"}
    never = {"no_room"} if settings.way != "anchor" else set()
    return _FOR_NEIGHBOURS - (never | ({"too_little_income"} if settings.viability == "households" else set()))


# ------------------------------------------------------------------------------------------------------ neighbours


def _neighbours(facts: Facts) -> Iterator[Violation]:
    """What is told of each leftover's nearest neighbours: the walk, and the rule that keeps them apart."""
    told = [one for one in facts.plan.fallback if one.neighbours and facts.ground.knows(one.estate_id)]
    walks = _walks(facts, told)
    for one in told:
        for other in one.neighbours:
            problem = _problem(facts, one, other, walks)
            if problem:
                yield Violation("fallback_says_why", one.estate_id, f"{facts.name(one.estate_id)}的邻近小区：{problem}")


def _walks(facts: Facts, told: list[Fallback]) -> dict[tuple[str, str], float]:
    """Walks to the neighbours, measured tile by tile."""
    tiles: dict[tuple[int, int], list[Fallback]] = defaultdict(list)
    for one in told:
        x, y = facts.ground.place(one.estate_id)
        tiles[int(x // _TILE_M), int(y // _TILE_M)].append(one)
    found: dict[tuple[str, str], float] = {}
    for tile in tiles.values():
        pairs = [
            (one.estate_id, other.estate_id, other.distance_m)
            for one in tile
            for other in one.neighbours
            if facts.ground.knows(other.estate_id) and 0 <= other.distance_m <= _FARTHEST_M
        ]
        names = sorted({estate for a, b, _ in pairs for estate in (a, b)})
        if not names:
            continue
        row = {estate: number for number, estate in enumerate(names)}
        walks = facts.ground.walks(names, at_most(max(stated for _, _, stated in pairs)) + 10.0)
        found |= {(a, b): float(walks[row[a], row[b]]) for a, b, _ in pairs}
    return found


def _problem(facts: Facts, one: Fallback, other: Neighbour, walks: Mapping[tuple[str, str], float]) -> str:
    """What is not true of one neighbour; empty if all is."""
    a, b, stated = one.estate_id, other.estate_id, other.distance_m
    if a == b or b not in facts.rows or not facts.ground.knows(b):
        return f"{b}不在台账中或没有坐标"
    name = facts.name(b)
    if math.isnan(stated) or stated < 0:
        return f"{name}的距离不是数字"
    walk = walks.get((a, b))
    if walk is not None:
        if walk > at_most(stated) and not facts.ground.across_road(a, b):
            return f"{name}实际步行距离超过方案写的{stated:,.0f}米"
        if stated > at_most(walk) and not facts.ground.across_road(a, b):
            return f"{name}实际步行{walk:,.0f}米，方案写的是{stated:,.0f}米"
    told, broken = other.forbidden_by, _broken(facts, a, b)
    if told is None:
        if broken or stated > at_most(_limit(facts)):
            return f"{name}写为可同捆，实际不可"
        bound = any(wish.kind == "together" and {a, b} & set(wish.estates) for wish in facts.plan.wishes)
        unsaid = one.kind == "no_neighbour" and not bound  # whom a neighbour must take along may be too far
        return f"{name}写为可同捆，原因却是附近没有可同捆的小区" if unsaid else ""
    true = {
        "radius": at_most(stated) > _limit(facts),
        "barrier": facts.ground.across(a, b),
        "wish": _wished_apart(facts, a, b),
        "grid": facts.settings.keep_grids and any(known(facts.rows[one]["grid_id"]) for one in (a, b)),
        "room": facts.settings.way == "anchor" and _too_many(facts, a, b),
    }.get(told, told in broken)
    return "" if true else f"{name}不同捆的原因与台账不符"


def _broken(facts: Facts, a: str, b: str) -> set[str]:
    """Rules by the register's facts that keep two estates apart."""
    one, other, settings = facts.rows[a], facts.rows[b], facts.settings
    fees, types, years = (
        [row[name] for row in (one, other) if known(row[name])] for name in ("fee_yuan_m2", "estate_type", "year_built")
    )
    told = {
        "unit": lead_unit(one, settings.lead) != lead_unit(other, settings.lead),
        "consent": settings.ask_consent and "no" in (one["consent"], other["consent"]),
        "fee": len(fees) > 1 and abs(fees[0] - fees[1]) > settings.fee_window_yuan_m2 + 1e-6,
        "type": settings.same_type and len(set(types)) > 1,
        "age": len(years) > 1 and any(min(years) < limit <= max(years) for limit in settings.age_breaks),
    }
    return {rule for rule, broken in told.items() if broken}


def _limit(facts: Facts) -> float:
    """Longest walk between two that can join without a third, metres."""
    asked = facts.settings
    near = {"medoid": asked.radius_m, "chain": asked.link_m}.get(asked.compact, min(asked.radius_m, asked.link_m))
    return min(near, asked.max_diameter_m)


def _wished_apart(facts: Facts, a: str, b: str) -> bool:
    return any(
        b in one.estates
        and (one.kind in ("fix", "leave_out") or (one.kind in ("apart", "forbid_pair") and a in one.estates))
        for one in facts.plan.wishes
    )


def _too_many(facts: Facts, a: str, anchor: str) -> bool:
    own, more = facts.rows[anchor]["households"], facts.rows[a]["households"]
    if pd.isna(own) or pd.isna(more):
        return False
    return bool(more > math.floor(facts.settings.anchor_share * own + 1e-9))
