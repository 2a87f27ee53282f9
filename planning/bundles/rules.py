"""Every rule of a bundle plan as a named function, stated apart from the solver and sharing no code with it.

``violations`` runs them all over any plan: the solver's, a stored one, one that a person changed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from planning.bundles.facts import Facts
from planning.bundles.ground import Ground
from planning.bundles.types import BundlePlan, BundleSettings
from planning.coverage_types import CoverageState
from planning.violations import Violation

_LEEWAY: Final = 1.003
_LEEWAY_M: Final = 1.0
"""Two ways to measure the same walk differ by the map projection's scale and rounding; more than this is a fault."""


Rule = Callable[[Facts], Iterator[Violation]]


# ------------------------------------------------------------------------------------------- who ends where (L36)


def every_uncovered_estate_once(facts: Facts) -> Iterator[Violation]:
    """Each uncovered estate is in exactly one of bundle, alone, fallback; no covered estate is in any."""
    plan = facts.plan
    named = Counter(m for one in plan.bundles for m in one.members)
    named.update(one.estate_id for one in plan.alone)
    named.update(one.estate_id for one in plan.fallback)
    wanted = {str(estate) for estate in facts.estates.index if not facts.states[estate].covered}
    for estate in sorted(wanted - set(named)):
        yield Violation("every_uncovered_estate_once", estate, "未覆盖，但方案中没有安排")
    for estate in sorted(set(named) - wanted):
        problem = "已覆盖，不应出现在方案中" if estate in facts.states else "已不在台账中"
        yield Violation("every_uncovered_estate_once", estate, problem)
    for estate, times in sorted(named.items()):
        if times > 1:
            yield Violation("every_uncovered_estate_once", estate, f"在方案中出现了{times}次")


def alone_is_large(facts: Facts) -> Iterator[Violation]:
    """What stands alone has at least the fewest households of a bundle and is not small; nothing large is bundled."""
    for one in facts.plan.alone:
        if one.estate_id in facts.rows and not _is_large(facts.rows[one.estate_id], facts.settings):
            yield Violation("alone_is_large", one.estate_id, f"{facts.name(one.estate_id)}规模不足以单独招标")
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            if _is_large(row, facts.settings):
                yield Violation("alone_is_large", member, f"{facts.name(member)}规模较大，应单独招标")


def _is_large(row: Mapping[str, Any], settings: BundleSettings) -> bool:
    if pd.isna(row["households"]) or row["households"] < settings.min_households:
        return False
    few = row["households"] <= settings.small_households
    little = not pd.isna(row["floor_area_m2"]) and row["floor_area_m2"] <= settings.small_floor_area_m2
    return bool(row["households"] > settings.max_households or not (few or little))


def bundled_estates_are_known(facts: Facts) -> Iterator[Violation]:
    """A member has a known state, a number of households and a position."""
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            if facts.states.get(member) is CoverageState.UNKNOWN:
                yield Violation("bundled_estates_are_known", member, f"{facts.name(member)}情况不明，应先核实")
            if pd.isna(row["households"]):
                yield Violation("bundled_estates_are_known", member, f"{facts.name(member)}没有户数")
            if not facts.ground.knows(member):
                yield Violation("bundled_estates_are_known", member, f"{facts.name(member)}没有坐标")


def fallback_says_why(facts: Facts) -> Iterator[Violation]:
    """Each leftover has a reason that is true of it."""
    for one in facts.plan.fallback:
        row = facts.rows.get(one.estate_id)
        if not one.reason:
            yield Violation("fallback_says_why", one.estate_id, "没有写明原因")
        if row is None:
            continue
        untrue = {
            "refused": row["consent"] != "no",
            "no_households": not pd.isna(row["households"]),
            "no_position": facts.ground.knows(one.estate_id),
            "unknown_state": facts.states.get(one.estate_id) is not CoverageState.UNKNOWN,
        }
        if untrue.get(one.kind, False):
            yield Violation("fallback_says_why", one.estate_id, f"{facts.name(one.estate_id)}的原因与台账不符")


# ------------------------------------------------------------------------------------------------- owners' will


def nobody_refused(facts: Facts) -> Iterator[Violation]:
    """Owners of no member refused (L35 在充分尊重业主意愿的基础上)."""
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            if row["consent"] == "no":
                yield Violation("nobody_refused", bundle.bundle_id, f"{facts.name(member)}的业主不同意打捆")


def unknown_consent_is_listed(facts: Facts) -> Iterator[Violation]:
    """The members listed as 待征询 are those whose owners were not asked."""
    for bundle in facts.plan.bundles:
        unknown = {member for member, row in facts.members(bundle) if row["consent"] == "unknown"}
        for member in sorted(unknown ^ (set(bundle.needs_consent) & set(facts.rows))):
            yield Violation(
                "unknown_consent_is_listed", bundle.bundle_id, f"{facts.name(member)}的待征询标记与台账不符"
            )


# ----------------------------------------------------------------------------------------------------- near enough


def within_radius(facts: Facts) -> Iterator[Violation]:
    """Every member can walk to the medoid within the radius; the way that the plan states is not too short."""
    limit = facts.settings.radius_m
    for bundle in facts.plan.bundles:
        if bundle.bundle_id not in facts.walks or bundle.medoid not in bundle.members:
            continue
        walks = facts.walks[bundle.bundle_id][bundle.members.index(bundle.medoid)]
        for member, walk, stated in zip(bundle.members, walks, bundle.distances_m, strict=False):
            if walk > limit * _LEEWAY + _LEEWAY_M:
                text = f"{facts.name(member)}距中心小区{_metres(walk)}，超过{limit:,.0f}米"
                yield Violation("within_radius", bundle.bundle_id, text)
            elif walk > (most := stated * _LEEWAY + _LEEWAY_M) and (
                facts.ground.walk_apart(member, bundle.medoid, most) > most
            ):
                text = f"{facts.name(member)}距中心小区{walk:,.0f}米，方案写的是{stated:,.0f}米"
                yield Violation("within_radius", bundle.bundle_id, text)


def within_diameter(facts: Facts) -> Iterator[Violation]:
    """No two members are farther apart than the diameter."""
    limit = facts.settings.max_diameter_m
    for bundle in facts.plan.bundles:
        if bundle.bundle_id in facts.walks:
            widest = float(facts.walks[bundle.bundle_id].max())
            if widest > limit * _LEEWAY + _LEEWAY_M:
                text = f"成员间最远{_metres(widest)}，超过{limit:,.0f}米"
                yield Violation("within_diameter", bundle.bundle_id, text)


def _metres(walk: float) -> str:
    """A walk in words; those far beyond every limit were not measured."""
    return f"{walk:,.0f}米" if math.isfinite(walk) else "很远"


def no_barrier_between(facts: Facts) -> Iterator[Violation]:
    """No barrier lies between a member and the medoid."""
    radius = facts.settings.radius_m * _LEEWAY + _LEEWAY_M
    for bundle in facts.plan.bundles:
        if bundle.bundle_id not in facts.walks or bundle.medoid not in bundle.members:
            continue
        walks = facts.walks[bundle.bundle_id][bundle.members.index(bundle.medoid)]
        for member, walk in zip(bundle.members, walks, strict=True):
            if member != bundle.medoid and facts.ground.barrier_between(member, bundle.medoid, radius, walk):
                text = f"{facts.name(member)}与中心小区{facts.name(bundle.medoid)}之间有阻隔"
                yield Violation("no_barrier_between", bundle.bundle_id, text)


# ------------------------------------------------------------------------------------------------------ going together


def one_lead_unit(facts: Facts) -> Iterator[Violation]:
    """All members have the same lead unit: the street or community, or where a register has none the next wider."""
    levels = ("community_id", "street_id", "county_id")[0 if facts.settings.lead == "community" else 1 :]
    for bundle in facts.plan.bundles:
        leads = {
            next(((level, row[level]) for level in levels if not pd.isna(row[level])), ("", ""))
            for _, row in facts.members(bundle)
        }
        if len(leads) > 1:
            units = "、".join(sorted(str(unit) for _, unit in leads))
            yield Violation("one_lead_unit", bundle.bundle_id, f"成员分属不同牵头单位：{units}")


def fees_close(facts: Facts) -> Iterator[Violation]:
    """Known fees of any two members differ by no more than the window."""
    for bundle in facts.plan.bundles:
        fees = [row["fee_yuan_m2"] for _, row in facts.members(bundle) if not pd.isna(row["fee_yuan_m2"])]
        if fees and max(fees) - min(fees) > facts.settings.fee_window_yuan_m2 + 1e-6:
            text = f"物业费标准相差{max(fees) - min(fees):.2f}元，超过{facts.settings.fee_window_yuan_m2:.2f}元"
            yield Violation("fees_close", bundle.bundle_id, text)


def one_type(facts: Facts) -> Iterator[Violation]:
    """Known types of the members are the same, where the settings ask for it."""
    if not facts.settings.same_type:
        return
    for bundle in facts.plan.bundles:
        types = {row["estate_type"] for _, row in facts.members(bundle) if not pd.isna(row["estate_type"])}
        if len(types) > 1:
            yield Violation("one_type", bundle.bundle_id, f"小区类型不同：{'、'.join(sorted(types))}")


def grids_undivided(facts: Facts) -> Iterator[Violation]:
    """No grid has estates in two bundles, where the settings ask for it (L35 依托网格管理)."""
    if not facts.settings.keep_grids:
        return
    homes: dict[str, set[str]] = {}
    for bundle in facts.plan.bundles:
        for _, row in facts.members(bundle):
            if not pd.isna(row["grid_id"]):
                homes.setdefault(str(row["grid_id"]), set()).add(bundle.bundle_id)
    for grid, bundles in sorted(homes.items()):
        if len(bundles) > 1:
            yield Violation("grids_undivided", grid, f"网格被拆分到{'、'.join(sorted(bundles))}")


# ------------------------------------------------------------------------------------------------------------ size


def size_within_limits(facts: Facts) -> Iterator[Violation]:
    """Households and number of members lie within the limits, and the stated households are the register's."""
    limits = facts.settings
    for bundle in facts.plan.bundles:
        households = sum(int(row["households"]) for _, row in facts.members(bundle) if not pd.isna(row["households"]))
        if not limits.min_households <= households <= limits.max_households:
            text = f"共{households}户，不在{limits.min_households}–{limits.max_households}户之间"
            yield Violation("size_within_limits", bundle.bundle_id, text)
        if households != bundle.households:
            text = f"台账合计{households}户，方案写的是{bundle.households}户"
            yield Violation("size_within_limits", bundle.bundle_id, text)
        if not 2 <= len(bundle.members) <= limits.max_estates:
            text = f"有{len(bundle.members)}个小区，应为2–{limits.max_estates}个"
            yield Violation("size_within_limits", bundle.bundle_id, text)


def well_formed(facts: Facts) -> Iterator[Violation]:
    """The medoid is a member, numbers are unique, members sorted, one distance each; the totals add up."""
    plan = facts.plan
    for bundle in plan.bundles:
        if bundle.medoid not in bundle.members or len(bundle.distances_m) != len(bundle.members):
            yield Violation("well_formed", bundle.bundle_id, "中心小区或距离与成员不符")
        if list(bundle.members) != sorted(bundle.members):
            yield Violation("well_formed", bundle.bundle_id, "成员没有按编号排列")
    for number, times in sorted(Counter(one.bundle_id for one in plan.bundles).items()):
        if times > 1:
            yield Violation("well_formed", number, "打捆编号重复")
    covered = sum(one.households for one in plan.bundles)
    if covered != plan.households_covered:
        yield Violation("well_formed", "plan", f"各捆合计{covered}户，方案写的是{plan.households_covered}户")
    if plan.bound < covered or (plan.proven and plan.bound != covered):
        yield Violation("well_formed", "plan", f"上限{plan.bound}户与覆盖{covered}户不符")


HARD_RULES: Final[tuple[Rule, ...]] = (
    every_uncovered_estate_once,
    alone_is_large,
    bundled_estates_are_known,
    fallback_says_why,
    nobody_refused,
    unknown_consent_is_listed,
    within_radius,
    within_diameter,
    no_barrier_between,
    one_lead_unit,
    fees_close,
    one_type,
    grids_undivided,
    size_within_limits,
    well_formed,
)


def violations(
    plan: BundlePlan,
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    settings: BundleSettings,
) -> list[Violation]:
    """All broken rules of a plan, rule by rule; empty when it keeps them all.

    Parameters
    ----------
    plan
        Any plan, whoever made it.
    estates, states, stops, ways, settings
        As given to ``planning.bundles.bundle``. Walks and barriers are measured anew from ``stops`` and ``ways``.
    """
    placed = stops[["lon", "lat"]].dropna()
    named = {member for one in plan.bundles for member in one.members} | {one.estate_id for one in plan.fallback}
    ground = Ground(ways, settings.barriers, placed[placed.index.isin(named)])
    facts = Facts(plan, estates, states, ground, settings)
    return [violation for rule in HARD_RULES for violation in rule(facts)]
