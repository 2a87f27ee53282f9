"""Bundles (打捆) as values: what planners want, what came out, and why each estate ended where it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from planning.bundles.settings import BundleSettings

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
