"""Bundles (打捆) as values: what was asked, what came out, and why each estate ended where it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ForbiddenBy = Literal["radius", "barrier", "unit", "fee", "type", "grid", "consent"]
FallbackKind = Literal[
    "no_neighbour", "too_few_households", "refused", "no_position", "no_households", "left_over", "unknown_state"
]


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
    lead: Literal["street", "community"]
    keep_grids: bool
    same_type: bool

    def __post_init__(self) -> None:
        if not self.radius_m > 0:
            raise ValueError(f"radius {self.radius_m} m is not positive")
        if not 0 < self.min_households <= self.max_households:
            raise ValueError(f"households {self.min_households}–{self.max_households} is not a range")
        if self.max_estates < 2:
            raise ValueError(f"a bundle of at most {self.max_estates} estates is none")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Estates tendered together. ``members`` sorted by id; ``distances_m[i]`` is from ``members[i]`` to the medoid."""

    bundle_id: str
    unit_id: str | None
    members: tuple[str, ...]
    medoid: str
    households: int
    floor_area_m2: float
    distances_m: tuple[float, ...]
    diameter_m: float
    binding: str
    """The rule that is tightest, with its slack, one Chinese sentence."""
    needs_consent: tuple[str, ...]
    """Members whose owners are still to be asked (待征询)."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A near estate that may not join, and by which rule."""

    estate_id: str
    distance_m: float
    forbidden_by: ForbiddenBy | None
    """``None``: the pair is allowed, but no bundle of enough households was found round it."""


@dataclass(frozen=True, slots=True)
class Alone:
    """An uncovered estate that is large enough to be tendered by itself (单独)."""

    estate_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """An uncovered estate that can be served neither alone nor in a bundle (兜底), with its reason and way."""

    estate_id: str
    kind: FallbackKind
    reason: str
    neighbours: tuple[Neighbour, ...]
    way_id: str
    """Id of the profile's ``FallbackWay``; ``verify`` where the register must be completed first; empty if none fits."""
    way: str


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """All proposals for the uncovered estates: each is in exactly one of the three lists."""

    settings: BundleSettings
    bundles: tuple[Bundle, ...]
    alone: tuple[Alone, ...]
    fallback: tuple[Fallback, ...]
    households_covered: int
    bound: int
    """Households that no plan under these settings can exceed; equal to ``households_covered`` when proven."""
    proven: bool
    straight_line: bool
    """True: distances are straight lines × 1.3 because the store holds no roads."""
    seconds: float
    notes: tuple[str, ...] = ()
    """What a reader must know of the whole plan, Chinese sentences: e.g. which estates had no street."""
