"""Limits of bundles from the city's profile."""

from __future__ import annotations

from data.profile import Profile
from planning.bundles.types import BundleSettings


def settings_from(profile: Profile) -> BundleSettings:
    """The profile's bundle rules as plain limits; their basis stays in ``profile.bundle``."""
    rules = profile.bundle
    return BundleSettings(
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
    )
