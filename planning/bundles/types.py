"""Bundles (打捆) as values: what was asked, what came out, and why each estate ended where it did."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from data import profile_bundles

ForbiddenBy = Literal["radius", "barrier", "unit", "fee", "type", "age", "grid", "consent", "wish", "room"]
FallbackKind = Literal[
    "no_neighbour",
    "too_few_households",
    "too_little_income",
    "refused",
    "no_position",
    "no_households",
    "no_fee",
    "no_income",
    "no_room",
    "no_combination",
    "exempt",
    "left_over",
    "left_out",
    "unknown_state",
]
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


WishKind = Literal["together", "apart", "force", "leave_out", "fix", "forbid_pair"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a planner wants besides the rules (人工要求).

    - ``together``: in one bundle, or all in none; ``apart``: no two in one bundle; ``force``: each in some bundle;
    - ``leave_out``: in none; ``fix``: exactly these are a bundle, rules or not; ``forbid_pair``: these two are no
      neighbours (there is something between them that the map does not know), but a third may join them.

    A fixed bundle that breaks a rule needs a ``reason``; it is then shown as 人工调整.
    """

    wish_id: str
    kind: WishKind
    estates: tuple[str, ...]
    reason: str
    person: str
    at: datetime

    def __post_init__(self) -> None:
        least = {"force": 1, "leave_out": 1}.get(self.kind, 2)
        if len(set(self.estates)) != len(self.estates) or len(self.estates) < least:
            raise ValueError(f"{self.kind} of {self.estates} makes no sense")
        if self.kind == "forbid_pair" and len(self.estates) != 2:
            raise ValueError(f"a pair has two estates, not {len(self.estates)}")


@dataclass(frozen=True, slots=True)
class Money:
    """Income against costs, whole yuan a year."""

    income: int
    running: int
    """Costs that grow with the members."""
    fixed: int
    """Costs of the service point."""

    @property
    def margin(self) -> int:
        """What is left."""
        return self.income - self.running - self.fixed


@dataclass(frozen=True, slots=True)
class Slack:
    """One limit of a bundle: how much of it is used; ``room`` is relative to the limit, the least room binds."""

    rule: str
    text: str
    """Chinese sentence with value, limit and what is left."""
    room: float


@dataclass(frozen=True, slots=True)
class Addition:
    """What one member brings to its bundle."""

    estate_id: str
    households: int
    distance_m: float
    margin: int | None
    without: str
    """What the bundle would be without it, Chinese: still a bundle, or which limit it would miss by how much."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Estates tendered together. ``members`` sorted by id; ``distances_m[i]`` is from ``members[i]`` to the medoid."""

    bundle_id: str
    unit_id: str | None
    members: tuple[str, ...]
    medoid: str
    households: int
    """Of the members that are to be served anew: an anchor's own do not count."""
    floor_area_m2: float
    distances_m: tuple[float, ...]
    diameter_m: float
    binding: str
    """The rule that is tightest, with its slack, one Chinese sentence."""
    needs_consent: tuple[str, ...]
    """Members whose owners are still to be asked (待征询)."""
    anchor: str | None = None
    """The managed estate that takes the others on; a member and the medoid."""
    money: Money | None = None
    by_hand: bool = False
    """人工调整: fixed by a planner."""
    reason: str = ""
    """Why a bundle made by hand may break rules."""
    slacks: tuple[Slack, ...] = ()
    additions: tuple[Addition, ...] = ()
    nearest_other: str = ""
    """The nearest alternative, Chinese: what else would be possible and what it would cost."""


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
    quote: str = ""
    """The sentence of the paper that the way rests on."""
    displaces: tuple[str, ...] = ()
    """Estates that would leave the bundles if this one were taken in."""


@dataclass(frozen=True, slots=True)
class UnitProof:
    """How good the bundles of one lead unit are: no plan under these settings and wishes covers more than ``bound``."""

    unit_id: str | None
    n_candidates: int
    n_bundles: int
    households: int
    bound: int
    metres: float
    """Walks of all members to their medoids."""
    given_up: int = 0
    """Households given up for shorter ways (mode ``near``)."""

    @property
    def proven(self) -> bool:
        """It is known what no plan can exceed: what is covered, with what was given up knowingly."""
        return self.bound == self.households + self.given_up


@dataclass(frozen=True, slots=True)
class PartProof:
    """What is open of estates that could influence each other (one part of a lead unit).

    ``gap``: households more than covered and given up that could not be excluded; ``given_up``: for shorter ways.
    """

    estates: tuple[str, ...]
    gap: int
    given_up: int


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """All proposals of one way: each estate that takes part is in exactly one of the three lists."""

    settings: BundleSettings
    bundles: tuple[Bundle, ...]
    alone: tuple[Alone, ...]
    fallback: tuple[Fallback, ...]
    households_covered: int
    bound: int
    """Households that no plan under these settings can exceed; equal to ``households_covered`` when proven. In mode
    ``near`` what was given up for shorter ways (``given_up``) is added to what is covered before the two are compared."""
    proven: bool
    straight_line: bool
    """True: distances are straight lines × 1.3 because the store holds no roads."""
    seconds: float
    notes: tuple[str, ...] = ()
    """What a reader must know of the whole plan, Chinese sentences: e.g. which estates had no street."""
    units: tuple[UnitProof, ...] = ()
    """Lead units in the order of their ids."""
    wishes: tuple[Wish, ...] = ()
    given_up: int = 0
    """Households given up for shorter ways (mode ``near``)."""
    open_parts: tuple[PartProof, ...] = ()
    """Parts in which something is open; in all others what is covered is proven to be the most."""
    last_number: int = 0
    """Highest number ever given to a bundle in this line of plans, so that none comes back for another."""
