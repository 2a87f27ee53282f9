"""What changes from one plan to another: shown to a planner before a decision is taken, and kept with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from planning.bundles.types import Bundle, BundlePlan

ALONE: Final = "alone"
FALLBACK: Final = "fallback"
NOWHERE: Final = ""
"""Of an estate that takes no part in a plan."""


@dataclass(frozen=True, slots=True)
class Change:
    """Where an estate was and is: the id of its bundle, `ALONE`, `FALLBACK` or `NOWHERE`."""

    estate_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """After minus before. ``metres``: walks of all members to their medoids; ``margin``: yuan a year of all bundles,
    ``None`` where one of the plans has no costs. ``before``, ``after``: the bundles that differ, ``new`` and ``ended``
    the ids that only one of the plans has."""

    households: int
    metres: float
    margin: int | None
    n_bundles: int
    changed: tuple[Change, ...]
    before: tuple[Bundle, ...]
    after: tuple[Bundle, ...]
    new: tuple[str, ...]
    ended: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """No estate changes its place."""
        return not self.changed


def difference(before: BundlePlan, after: BundlePlan) -> Difference:
    """Figures and estates that differ. Two bundles are the same only if their ids and their members are.

    Estates that stay in a bundle of the same id have not changed, whoever else came or left.
    """
    old, new = ({one.bundle_id: one for one in plan.bundles} for plan in (before, after))
    was, now = ends(before), ends(after)
    changed = tuple(
        Change(estate, was.get(estate, NOWHERE), now.get(estate, NOWHERE))
        for estate in sorted(was.keys() | now.keys())
        if was.get(estate, NOWHERE) != now.get(estate, NOWHERE)
    )
    margins = margin(before), margin(after)
    return Difference(
        households=after.households_covered - before.households_covered,
        metres=round(metres(after) - metres(before), 1),
        margin=None if margins[0] is None or margins[1] is None else margins[1] - margins[0],
        n_bundles=len(new) - len(old),
        changed=changed,
        before=tuple(one for one in before.bundles if not _same(one, new.get(one.bundle_id))),
        after=tuple(one for one in after.bundles if not _same(one, old.get(one.bundle_id))),
        new=tuple(sorted(new.keys() - old.keys())),
        ended=tuple(sorted(old.keys() - new.keys())),
    )


def ends(plan: BundlePlan) -> dict[str, str]:
    """Where each estate of a plan is: id of its bundle, `ALONE` or `FALLBACK`."""
    found = {member: one.bundle_id for one in plan.bundles for member in one.members}
    found |= {one.estate_id: ALONE for one in plan.alone}
    return found | {one.estate_id: FALLBACK for one in plan.fallback}


def metres(plan: BundlePlan) -> float:
    """Walks of all members to their medoids."""
    return round(sum(sum(one.distances_m) for one in plan.bundles), 1)


def margin(plan: BundlePlan) -> int | None:
    """What the bundles leave, yuan a year; ``None`` if one of them has no money (no costs known). No bundles: 0."""
    found = [one.money for one in plan.bundles]
    return None if any(one is None for one in found) else sum(one.margin for one in found if one is not None)


def _same(one: Bundle, other: Bundle | None) -> bool:
    return other is not None and one.members == other.members and one.by_hand == other.by_hand
