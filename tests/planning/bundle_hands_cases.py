"""Small cities, wishes and a checked re-solve, shared by the tests of hands, revisions and versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
from shapely import LineString

from geo.progress import SILENT
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.revision.revise import Revision, revise
from planning.bundles.rules import violations
from planning.bundles.settings import BundleSettings
from planning.bundles.types import BundlePlan, Wish
from planning.bundles.wishes import hands
from planning.coverage import estate_states
from planning.violations import Violation
from tests.strategies import at, make_estates, make_profile, make_settings, make_ways

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
BY = hands.By("张三", NOW)
WHY = hands.By("张三", NOW, "社区要求")
NO_WAYS = make_ways()
RIVER = make_ways([{"kind": "river", "geometry": LineString([at(650, -3000), at(650, 3000)])}])
SMALL = {"households": 60, "floor_area_m2": 5000.0}


def row_of_estates(n: int, gap_m: float = 100.0, **more: object) -> pd.DataFrame:
    """Estates of 60 households side by side, west to east."""
    return make_estates([{**SMALL, "xy": (k * gap_m, 0), **more} for k in range(n)])


def ready(estates: pd.DataFrame, limits: BundleSettings | None = None, ways: gpd.GeoDataFrame = NO_WAYS) -> Prepared:
    """Prepared with the usual test limits."""
    limits = limits or make_settings()
    profile = make_profile(settings=limits)
    states = estate_states(estates, profile).to_dict()
    return prepare(estates, states, estates[["lon", "lat"]], ways, profile, limits)


def solved(prepared: Prepared, wishes: Sequence[Wish] = (), before: BundlePlan | None = None) -> BundlePlan:
    """The plan, without any broken rule."""
    plan = solve(prepared, wishes, seed=1, seconds=20, progress=SILENT, before=before)
    assert broken(prepared, plan) == []
    return plan


def revised(prepared: Prepared, plan: BundlePlan, wishes: Sequence[Wish]) -> Revision:
    """The revision; what breaks a rule must be made by hand, and must have asked for a reason if it has none."""
    found = revise(prepared, plan, wishes, seed=1)
    unexplained = {one.subject for one in found.broken}
    assert {one.subject for one in broken(prepared, found.plan)} <= unexplained, broken(prepared, found.plan)
    assert unexplained <= {one.bundle_id for one in found.plan.bundles if one.by_hand and not one.reason}
    return found


def broken(prepared: Prepared, plan: BundlePlan) -> list[Violation]:
    """What the independent rules say."""
    return violations(
        plan, prepared.estates, prepared.states, prepared.stops, NO_WAYS if prepared.terrain.crs is None else RIVER,
        prepared.settings,
    )  # fmt: skip


def groups(plan: BundlePlan) -> set[frozenset[str]]:
    """Members of all bundles."""
    return {frozenset(one.members) for one in plan.bundles}


def home(plan: BundlePlan, estate: str) -> str | None:
    """Id of the bundle that an estate is in."""
    return next((one.bundle_id for one in plan.bundles if estate in one.members), None)


def wish(kind: str, *estates: str, number: int = 1, reason: str = "") -> Wish:
    """A wish of 张三."""
    return Wish(f"W{number:03d}", kind, tuple(sorted(estates)), reason, "张三", NOW)  # type: ignore[arg-type]
