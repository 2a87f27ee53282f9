"""Every rule of a bundle plan as a named function, stated apart from the solver and sharing no code with it.

``violations`` runs them all over any plan: the solver's, a stored one, one that a person changed. A bundle made by hand
(人工调整) may break the limits if a reason is recorded; these breaches are ``exceptions``, to be shown with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from data.schemas import COMPANIES
from planning.bundles.rules import anchor, ends, formed, hand, left, near, size, together
from planning.bundles.rules.facts import Facts
from planning.bundles.rules.ground import Ground
from planning.bundles.settings import BundleSettings
from planning.bundles.types import BundlePlan
from planning.bundles.words import RULE_WORDS
from planning.coverage_types import CoverageState
from planning.violations import Violation

Rule = Callable[[Facts], Iterator[Violation]]

LIMITS: Final[tuple[Rule, ...]] = (
    ends.members_take_part,
    ends.members_are_known,
    ends.large_stands_alone,
    ends.little_to_audit,
    together.nobody_refused,
    near.within_radius,
    near.within_diameter,
    near.no_barrier_between,
    near.linked_through_neighbours,
    together.one_lead_unit,
    together.fees_close,
    together.one_type,
    together.one_age_class,
    together.grids_undivided,
    size.households_within_limits,
    size.floor_area_within_limits,
    size.number_of_estates,
    size.income_covers_costs,
    anchor.one_anchor,
    anchor.anchor_is_managed,
    anchor.anchor_is_large,
    anchor.anchor_is_trusted,
    anchor.anchor_has_room,
)
"""Rules that a bundle made by hand may break with a recorded reason. The subject of each breach is the bundle."""

TRUTHS: Final[tuple[Rule, ...]] = (
    ends.every_estate_once,
    ends.alone_is_large,
    left.fallback_says_why,
    together.unknown_consent_is_listed,
    near.walks_as_stated,
    size.figures_are_the_registers,
    hand.wishes_kept,
    hand.made_by_hand_was_wished,
    formed.well_formed,
    formed.totals_add_up,
    formed.bounds_hold,
    formed.little_given_up,
)
"""What no reason excuses: a plan that says something untrue, forgets an estate, or does not do as planners asked."""

HARD_RULES: Final[tuple[Rule, ...]] = (*LIMITS, *TRUTHS)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A limit that a bundle made by hand breaks, and the reason that a planner gave for it (人工调整)."""

    bundle_id: str
    rule: str
    title: str
    """The rule's Chinese name."""
    message: str
    """By what the limit is broken."""
    reason: str
    plan: str = ""
    """Names the plan, where several are told together."""


def violations(
    plan: BundlePlan,
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    settings: BundleSettings,
    companies: pd.DataFrame | None = None,
) -> list[Violation]:
    """All broken rules of a plan, rule by rule; empty when it keeps them all.

    Parameters
    ----------
    plan
        Any plan, whoever made it.
    estates, states, stops, ways, settings
        As given to ``planning.bundles.bundle``. Walks and barriers are measured anew from ``stops`` and ``ways``.
    companies
        Canonical table of the companies' grades; ``None``: none is graded.
    """
    facts = _facts(plan, estates, states, stops, ways, settings, companies)
    excused = _excused(plan)
    found = [one for rule in LIMITS for one in rule(facts) if one.subject not in excused]
    by_hand = {one.bundle_id for one in plan.bundles if one.by_hand}
    told = [
        Violation(one.rule, one.subject, f"{one.message}；人工调整，但没有写明理由") if one.subject in by_hand else one
        for one in found
    ]
    return told + [one for rule in TRUTHS for one in rule(facts)]


def exceptions(
    plan: BundlePlan,
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    settings: BundleSettings,
    companies: pd.DataFrame | None = None,
) -> tuple[Adjustment, ...]:
    """Limits that bundles made by hand break with a recorded reason, bundle by bundle; parameters as `violations`."""
    excused = _excused(plan)
    if not excused:
        return ()
    facts = _facts(plan, estates, states, stops, ways, settings, companies)
    order = {one.bundle_id: number for number, one in enumerate(plan.bundles)}
    found = [one for rule in LIMITS for one in rule(facts) if one.subject in excused]
    return tuple(
        Adjustment(one.subject, one.rule, RULE_WORDS[one.rule], one.message, excused[one.subject])
        for one in sorted(found, key=lambda one: order[one.subject])
    )


def _excused(plan: BundlePlan) -> dict[str, str]:
    """Bundles made by hand with a reason, and the reason."""
    return {one.bundle_id: one.reason.strip() for one in plan.bundles if one.by_hand and one.reason.strip()}


def _facts(
    plan: BundlePlan,
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    settings: BundleSettings,
    companies: pd.DataFrame | None,
) -> Facts:
    placed = stops[["lon", "lat"]].dropna()
    named = {member for one in plan.bundles for member in one.members} | {one.estate_id for one in plan.fallback}
    named |= {near.estate_id for one in plan.fallback for near in one.neighbours}
    ground = Ground(ways, settings.barriers, placed[placed.index.isin(named)])
    return Facts(plan, estates, states, ground, settings, COMPANIES.empty() if companies is None else companies)
