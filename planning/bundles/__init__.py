"""Bundles (打捆): small uncovered estates that one service contract can take together."""

from planning.bundles.plan import bundle
from planning.bundles.settings import BundleSettings, settings_from
from planning.bundles.types import Alone, Bundle, BundlePlan, Fallback, Neighbour

__all__ = [
    "Alone",
    "Bundle",
    "BundlePlan",
    "BundleSettings",
    "Fallback",
    "Neighbour",
    "bundle",
    "settings_from",
]
