"""Limits of bundles from the city's profile."""

from __future__ import annotations

from dataclasses import fields, replace

from data.profile import CostRules, Profile
from data.profile_basis import Value
from data.profile_bundles import WAY_NAMES
from geo.errors import InputError
from planning.bundles.types import BundleSettings, Costs, Way


def settings_from(profile: Profile, way: Way = "service") -> BundleSettings:
    """The profile's rules of one way as plain limits; their basis stays in ``profile.bundle_ways``.

    Costs come from the profile's table: all of it for new service units; without a service point where a managed estate
    takes others on (it has one); none for audits, which serve nobody.

    Raises
    ------
    InputError
        If the profile has no rules for the way, or money decides and the profile has no costs.
    """
    rules = profile.bundle_ways.get(way)
    if rules is None:
        raise InputError(
            f"{profile.city}的规则没有“{WAY_NAMES[way]}”这种方式",
            f"在城市方案中补上 [bundle_ways.{way}]，或在 annex 中列出 bundle_ways",
            file=f"{profile.id}.toml",
        )
    costs = None if way == "audit" or profile.bundle_costs is None else _costs(profile.bundle_costs, way)
    if rules.viability != "households" and costs is None:
        raise InputError(
            f"“{WAY_NAMES[way]}”按收支判断，但没有成本表",
            "在城市方案中补上 [bundle_costs]，或把 viability 改为 households",
            file=f"{profile.id}.toml",
        )
    settings = BundleSettings(
        radius_m=rules.radius_m.value,
        max_diameter_m=rules.max_diameter_m.value,
        min_households=round(rules.min_households.value),
        max_households=round(rules.max_households.value),
        max_estates=round(rules.max_estates.value),
        small_households=round(rules.small_households.value),
        small_floor_area_m2=rules.small_floor_area_m2.value,
        fee_window_yuan_m2=rules.fee_window_yuan_m2.value,
        barriers=rules.barriers,
        lead=rules.lead,
        keep_grids=rules.keep_grids,
        same_type=rules.same_type,
        way=way,
        compact=rules.compact,
        neighbour_m=_number(rules.neighbour_m),
        min_floor_area_m2=_number(rules.min_floor_area_m2),
        max_floor_area_m2=_number(rules.max_floor_area_m2),
        viability=rules.viability,
        costs=costs,
        age_breaks=rules.age_breaks,
        ask_consent=rules.ask_consent,
        anchor_min_households=round(_number(rules.anchor_min_households) or 0),
        anchor_share=_number(rules.anchor_share) or 0.0,
        anchor_min_stars=round(_number(rules.anchor_min_stars) or 0),
        max_income_yuan=_number(rules.max_income_yuan),
        old_before=None if rules.old_before is None else round(rules.old_before.value),
        old_types=rules.old_types,
    )
    return settings if rules.near_share is None else replace(settings, near_share=rules.near_share.value)


def _number(value: Value | None) -> float | None:
    return None if value is None else value.value


def _costs(rules: CostRules, way: Way) -> Costs:
    amounts = {part.name: float(getattr(rules, part.name).value) for part in fields(rules)}
    if way == "anchor":
        amounts |= {"per_point": 0.0, "posts_per_point": 0.0}
    return Costs(**amounts)
