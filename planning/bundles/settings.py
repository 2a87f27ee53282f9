"""Limits of bundles (打捆) in force: as values, and from the city's profile."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

from data import profile_bundles
from data.profile import CostRules, Profile
from data.profile_basis import Value
from data.profile_bundles import WAY_NAMES
from geo.errors import InputError

Way = profile_bundles.BundleWay
Compact = profile_bundles.Compact
"""Near enough: every member within ``radius_m`` of the medoid; or every member linked to the others through allowed
neighbours at most ``neighbour_m`` apart (连片); or both. ``max_diameter_m`` holds in any case."""
Viability = profile_bundles.Viability
"""What makes a bundle large enough: its households, its income against its costs, or both."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What serving costs, yuan a year, and what of the fees comes in. Posts are guard posts (岗位)."""

    per_household: float
    per_lift: float
    per_post: float
    posts_per_estate: float
    posts_per_point: float
    per_point: float
    """A service point (服务点) whatever it serves."""
    collection_rate: float
    """Share of the fees collected (收缴率) where the register has none."""

    def __post_init__(self) -> None:
        amounts = (self.per_household, self.per_lift, self.per_post, self.posts_per_estate, self.posts_per_point)
        if not all(math.isfinite(one) and one >= 0 for one in (*amounts, self.per_point)):
            raise ValueError(f"costs {self} are not all numbers from 0 on")
        if not 0 <= self.collection_rate <= 1:
            raise ValueError(f"collection rate {self.collection_rate} is no share")

    @property
    def fixed(self) -> float:
        """Yuan a year for a service point with its own posts."""
        return self.per_point + self.posts_per_point * self.per_post


@dataclass(frozen=True, slots=True)
class BundleSettings:
    """Limits in force, from the profile or changed on the page. Lengths in metres between gates."""

    radius_m: float
    max_diameter_m: float
    min_households: int
    max_households: int
    max_estates: int
    small_households: int
    small_floor_area_m2: float
    fee_window_yuan_m2: float
    barriers: tuple[str, ...]
    lead: profile_bundles.Lead
    keep_grids: bool
    same_type: bool
    way: Way = "service"
    compact: Compact = "medoid"
    neighbour_m: float | None = None
    """Longest walk between neighbours in a chain; ``None``: ``radius_m``."""
    min_floor_area_m2: float | None = None
    max_floor_area_m2: float | None = None
    viability: Viability = "households"
    costs: Costs | None = None
    """Needed when money decides; otherwise money is only shown, and not at all without it."""
    age_breaks: tuple[int, ...] = ()
    """Years in which a new age class begins; members must be of one class. Empty: ages do not matter."""
    mode: Literal["exact", "near"] = "exact"
    """Households strictly first; or give up at most ``near_share`` of a street's for shorter ways."""
    near_share: float = 0.005
    balance: bool = False
    """After the distance: bundles of more equal size, for at most 2 % more metres."""
    anchor_min_households: int = 0
    """Households that a managed estate needs to be an anchor (以大带小)."""
    anchor_share: float = 0.0
    """Households that an anchor can take on, as a share of its own."""
    anchor_min_stars: int = 0
    """Stars that an anchor's company needs, where it has any; one on the black list is never an anchor's."""
    ask_consent: bool = True
    """Whether owners are asked: who refuses is out, who was not asked yet is to be asked."""
    max_income_yuan: float | None = None
    """Audit bundles: income (公共收益) of a year up to which an estate takes part."""
    old_before: int | None = None
    """Regions: estates built before this year take part, besides those whose type is one of ``old_types``."""
    old_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.radius_m > 0:
            raise ValueError(f"radius {self.radius_m} m is not positive")
        if not 0 < self.min_households <= self.max_households:
            raise ValueError(f"households {self.min_households}–{self.max_households} is not a range")
        if self.max_estates < 2:
            raise ValueError(f"a bundle of at most {self.max_estates} estates is none")
        if self.viability != "households" and self.costs is None:
            raise ValueError("money cannot decide without costs")
        if (self.min_floor_area_m2 or 0.0) > (math.inf if self.max_floor_area_m2 is None else self.max_floor_area_m2):
            raise ValueError(f"floor area {self.min_floor_area_m2}–{self.max_floor_area_m2} m² is not a range")
        if not 0 <= self.near_share < 1:
            raise ValueError(f"near share {self.near_share} is no share below 1")

    @property
    def link_m(self) -> float:
        """Longest walk between neighbours in a chain."""
        return self.radius_m if self.neighbour_m is None else self.neighbour_m


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
