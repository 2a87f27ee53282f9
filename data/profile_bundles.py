"""What a profile says of bundles (打捆): the ways of bundling with their limits, what serving costs, the ways of fallback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from data.profile_basis import Basis, Filter, Value

BundleWay = Literal["service", "anchor", "audit", "regions"]
"""打捆 (new service units), 以大带小 (a managed neighbour takes small ones), 审计打包, 划区 (regions for old estates)."""
BUNDLE_WAYS: Final[tuple[BundleWay, ...]] = get_args(BundleWay)
WAY_NAMES: Final[dict[BundleWay, str]] = {
    "service": "打捆",
    "anchor": "以大带小",
    "audit": "审计打包",
    "regions": "划区",
}
Compact = Literal["medoid", "chain", "both"]
"""Near the medoid (就近), linked through neighbours (连片), or both."""
Viability = Literal["households", "money", "both"]
"""What makes a bundle large enough: its households, its income against its costs, or both."""
Lead = Literal["street", "community"]
BARRIERS: Final = ("river", "railway", "water", "motorway", "trunk", "primary", "secondary", "tertiary")
"""What a bundle may be forbidden to cross: kinds of ways, and classes of roads."""

FallbackCondition = Literal["no_market", "no_bidder"]
"""D27 names two cases: no market to tender to (no bundle can be formed), or a tender that found nobody."""
FALLBACK_CONDITIONS: Final[tuple[FallbackCondition, ...]] = get_args(FallbackCondition)


@dataclass(frozen=True, slots=True)
class BundleRules:
    """Limits of one way of bundling. Every value carries its basis; most papers give no number, so most are assumed.

    A choice has the basis beside it that ends in ``_basis``; ``basis`` itself stands for the way as a whole, its lead and
    its grids. A value that is ``None`` sets no limit.
    """

    radius_m: Value
    max_diameter_m: Value
    min_households: Value
    max_households: Value
    max_estates: Value
    small_households: Value
    small_floor_area_m2: Value
    fee_window_yuan_m2: Value
    barriers: tuple[str, ...]
    """Of `BARRIERS`, those that a bundle may not cross."""
    lead: Lead
    keep_grids: bool
    same_type: bool
    basis: Basis
    barriers_basis: Basis
    compact: Compact = "medoid"
    compact_basis: Basis | None = None
    neighbour_m: Value | None = None
    """Longest walk between neighbours where members must be linked; the radius if it is not given."""
    min_floor_area_m2: Value | None = None
    max_floor_area_m2: Value | None = None
    viability: Viability = "households"
    viability_basis: Basis | None = None
    age_breaks: tuple[int, ...] = ()
    """Years in which a new age class of buildings begins; members must be of one class. Empty: ages do not matter."""
    similar_basis: Basis | None = None
    """Of ``same_type`` and ``age_breaks``."""
    near_share: Value | None = None
    """Share of a unit's households that may be given up for shorter ways (mode ``near``)."""
    ask_consent: bool = True
    """Whether owners are asked: who refuses is out, who was not asked is to be asked."""
    consent_basis: Basis | None = None
    anchor_min_households: Value | None = None
    """以大带小: households that a managed estate needs to take others on."""
    anchor_share: Value | None = None
    """Households that an anchor can take on, as a share of its own."""
    anchor_min_stars: Value | None = None
    """Stars that the anchor's company needs, where it has any. A company on the black list is never an anchor's."""
    max_income_yuan: Value | None = None
    """审计打包: public income of a year up to which an estate's audit is bundled."""
    old_before: Value | None = None
    """划区: estates built before this year are old, besides those of ``old_types``."""
    old_types: tuple[str, ...] = ()
    old_basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class CostRules:
    """What serving small estates costs (成本表), yuan a year, and what of the fees comes in; each is an assumption that
    the city replaces by its own figures. Posts are guard posts (岗位), a point is a service point (服务点)."""

    per_household: Value
    per_lift: Value
    per_post: Value
    posts_per_estate: Value
    posts_per_point: Value
    per_point: Value
    collection_rate: Value
    """Share of the fees collected (收缴率) where the register has none."""


@dataclass(frozen=True, slots=True)
class FallbackWay:
    """A way to serve what can be neither alone nor bundled (兜底); the first whose filter matches is proposed."""

    id: str
    name: str
    scope: Filter
    condition: str
    basis: Basis
    conditions: Mapping[FallbackCondition, str] = field(default_factory=dict)
    """The parts of ``condition`` where the paper names more than one case, each in its words."""
