"""Bundle plans made by hand for the checker's tests: every figure is worked out here, from the register, by no solver."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import geopandas as gpd
import pandas as pd
from pyproj import Geod

from data.schemas import COMPANIES
from planning.bundles.rules import Adjustment, exceptions, violations
from planning.bundles.settings import BundleSettings, Costs
from planning.bundles.types import Alone, Bundle, BundlePlan, Fallback, Money, UnitProof, Wish, WishKind
from planning.coverage import estate_states
from tests.strategies import make_profile, make_ways

NO_WAYS = make_ways()
GEOD = Geod(ellps="GRS80")
COSTS = Costs(
    per_household=100.0,
    per_lift=5000.0,
    per_post=30_000.0,
    posts_per_estate=1.0,
    posts_per_point=2.0,
    per_point=40_000.0,
    collection_rate=0.8,
)
"""A service point costs 100,000 yuan a year."""


def walk(estates: pd.DataFrame, a: str, b: str) -> float:
    """Straight line × 1.3."""
    here, there = estates.loc[a], estates.loc[b]
    return 1.3 * float(GEOD.inv(here["lon"], here["lat"], there["lon"], there["lat"])[2])


def hand_bundle(
    estates: pd.DataFrame, members: Sequence[str], medoid: str, settings: BundleSettings, anchor: str | None = None
) -> Bundle:
    """A bundle with the figures of the register; ``B001`` until renamed."""
    names = sorted(members)
    served = estates.loc[[one for one in names if one != anchor]]
    money = None
    if settings.costs is not None and served["fee_yuan_m2"].notna().all() and served["floor_area_m2"].notna().all():
        costs = settings.costs
        rate = served["fee_rate"].fillna(costs.collection_rate)
        income = (served["fee_yuan_m2"] * served["floor_area_m2"] * 12 * rate).map(lambda x: math.floor(x + 1e-6))
        running = (
            served["households"].astype(float) * costs.per_household
            + served["n_lifts"].fillna(0).astype(float) * costs.per_lift
            + costs.posts_per_estate * costs.per_post
        ).map(lambda x: math.ceil(x - 1e-6))
        money = Money(int(income.sum()), int(running.sum()), math.ceil(costs.fixed))
    return Bundle(
        bundle_id="B001",
        unit_id=str(served["street_id"].iloc[0]),
        members=tuple(names),
        medoid=medoid,
        households=int(served["households"].sum()),
        floor_area_m2=round(float(served["floor_area_m2"].sum()), 2),
        distances_m=tuple(round(walk(estates, one, medoid), 1) for one in names),
        diameter_m=round(max(walk(estates, a, b) for a in names for b in names), 1),
        binding="",
        needs_consent=tuple(served.index[served["consent"] == "unknown"]) if settings.ask_consent else (),
        anchor=anchor,
        money=money,
    )


def hand_plan(
    estates: pd.DataFrame,
    groups: Sequence[tuple[Sequence[str], str]],
    settings: BundleSettings,
    *,
    anchored: bool = False,
    alone: Sequence[str] = (),
    fallback: Mapping[str, str] | None = None,
    wishes: Sequence[Wish] = (),
) -> BundlePlan:
    """A plan with these bundles (members, medoid), proven; ``fallback`` is estate → kind."""
    bundles = tuple(
        replace(hand_bundle(estates, members, medoid, settings, medoid if anchored else None), bundle_id=f"B{n:03d}")
        for n, (members, medoid) in enumerate(groups, start=1)
    )
    covered = sum(one.households for one in bundles)
    units = []
    for unit in sorted({str(one.unit_id) for one in bundles}):
        own = [one for one in bundles if one.unit_id == unit]
        n = sum(one.households for one in own)
        units.append(UnitProof(unit, len(estates), len(own), n, n, sum(sum(one.distances_m) for one in own)))
    left = tuple(
        Fallback(one, kind, "说明", (), "w", "街道兜底")  # type: ignore[arg-type]
        for one, kind in sorted((fallback or {}).items())
    )
    return BundlePlan(
        settings=settings,
        bundles=bundles,
        alone=tuple(Alone(one, "规模大") for one in alone),
        fallback=left,
        households_covered=covered,
        bound=covered,
        proven=True,
        straight_line=True,
        seconds=0.0,
        units=tuple(units),
        wishes=tuple(wishes),
    )


def wish(kind: WishKind, *estates: str, reason: str = "") -> Wish:
    return Wish(f"W-{kind}", kind, estates, reason, "王某", datetime(2026, 11, 1, 9, 0))


def fixed(plan: BundlePlan, number: int = 0, reason: str = "") -> BundlePlan:
    """The plan with one bundle made by hand."""
    one = plan.bundles[number]
    changed = with_bundle(plan, number, by_hand=True, reason=reason)
    return replace(changed, wishes=(*plan.wishes, wish("fix", *one.members, reason=reason)))


def with_bundle(plan: BundlePlan, number: int = 0, **values: object) -> BundlePlan:
    """The plan with one bundle changed."""
    bundles = list(plan.bundles)
    bundles[number] = replace(bundles[number], **values)  # type: ignore[arg-type]
    return replace(plan, bundles=tuple(bundles))


def make_companies(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return COMPANIES.frame(list(rows))


def broken(
    plan: BundlePlan,
    estates: pd.DataFrame,
    limits: BundleSettings | None = None,
    ways: gpd.GeoDataFrame = NO_WAYS,
    companies: pd.DataFrame | None = None,
) -> dict[str, list[str]]:
    """Messages by rule."""
    states = estate_states(estates, make_profile()).to_dict()
    found: dict[str, list[str]] = {}
    stops = estates[["lon", "lat"]]
    for one in violations(plan, estates, states, stops, ways, limits or plan.settings, companies):
        found.setdefault(one.rule, []).append(f"{one.subject}: {one.message}")
    return found


def excused(plan: BundlePlan, estates: pd.DataFrame, ways: gpd.GeoDataFrame = NO_WAYS) -> tuple[Adjustment, ...]:
    states = estate_states(estates, make_profile()).to_dict()
    return exceptions(plan, estates, states, estates[["lon", "lat"]], ways, plan.settings)


def changed(estates: pd.DataFrame, estate: str, **values: object) -> pd.DataFrame:
    """The register with other values for one estate, as if corrected after the plan was made."""
    result = estates.copy()
    for column, value in values.items():
        result.loc[estate, column] = value
    return result
