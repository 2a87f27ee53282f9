"""What led from one plan of bundles to the next: one row for each decision, with before and after for the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pandas as pd

from data.schemas import BUNDLE_STEPS
from data.store import Actor, Document, Store, UnitOfWork
from geo.errors import InputError
from planning.bundles.revision.difference import difference
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.documents import dump
from planning.results import BUNDLES, CURRENT, Stored, read_document

_MOST_TOLD: Final = 60
"""Bundles that a log entry lists at most; a plan solved anew changes nearly all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: what was done to which estates, by whom and why, and what it led from and to."""

    step_id: str
    way: str
    kind: str
    estates: tuple[str, ...]
    reason: str
    person: str
    at: str
    state: Literal["done", "undone", "dropped"]
    unit_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def period_of(way: Way) -> str:
    """Period of the documents of one way; service units keep the one that they always had."""
    return CURRENT if way == "service" else way


def current(store: Store, actor: Actor, way: Way) -> Stored[BundlePlan] | None:
    """The plan in force of the actor's area."""
    with store.begin(actor) as work:
        document = work.document(BUNDLES, period_of(way))
        return None if document is None else read_document(document, BundlePlan, work.stamp)


def in_force(store: Store, actor: Actor, way: Way) -> Stored[BundlePlan]:
    """The plan in force.

    Raises
    ------
    InputError
        If there is none.
    """
    found = current(store, actor, way)
    if found is None:
        raise InputError("还没有方案", "请先求解")
    return found


def history(store: Store, actor: Actor, way: Way) -> tuple[Step, ...]:
    """All decisions of the actor's area, newest first, those that were undone among them."""
    with store.begin(actor) as work:
        return tuple(reversed(read_steps(work, way)))


def root(document: Document) -> int:
    """Number of the document that first held this plan."""
    return int(document.body.get("same_as", document.id))


def read_steps(work: UnitOfWork, way: Way) -> list[Step]:
    """Decisions of exactly the actor's area, oldest first."""
    rows = work.rows(BUNDLE_STEPS, {"way": [way]})
    own = [row for row in rows.values() if row["unit_id"] == work.actor.unit_id]
    return [Step(**{**row, "estates": tuple(row["estates"]), "reason": row["reason"] or ""}) for row in own]


def set_state(work: UnitOfWork, steps: Collection[Step]) -> None:
    """Write down the state of steps, and their ``after``, as they are here."""
    rows = [(step.step_id, step.state, dict(step.after)) for step in steps]
    if rows:
        work.put(BUNDLE_STEPS, pd.DataFrame(rows, columns=["step_id", "state", "after"]).set_index("step_id"))


def moment(now: datetime) -> str:
    """A moment as the steps write it: UTC, ISO 8601, whole seconds.

    Raises
    ------
    ValueError
        If it has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError(f"{now!r} has no time zone")
    return now.astimezone(UTC).isoformat(timespec="seconds")


def take_step(
    work: UnitOfWork,
    way: Way,
    plan: BundlePlan,
    body: dict[str, Any],
    *,
    kind: str,
    now: datetime,
    estates: Collection[str] = (),
    reason: str = "",
    told: Mapping[str, Any] | None = None,
) -> None:
    """Save the plan and write down what led to it; what could be redone until now no longer can.

    Parameters
    ----------
    body
        The plan's document.
    told
        What else the log shall say of the state after.
    """
    at = moment(now)
    old = work.document(BUNDLES, period_of(way))
    with work.together():
        set_state(work, [replace(step, state="dropped") for step in read_steps(work, way) if step.state == "undone"])
        number = work.save_document(BUNDLES, period_of(way), body)
        before, after = _told(old, read_document(old, BundlePlan, work.stamp).value if old else None, number, plan)
        row: dict[str, object] = {
            "step_id": f"S{number:09d}",
            "way": way,
            "kind": kind,
            "estates": sorted(estates),
            "reason": reason.strip() or None,
            "person": work.actor.person,
            "at": at,
            "state": "done",
            "unit_id": work.actor.unit_id,
            "before": before,
            "after": {**after, **(told or {})},
        }
        work.put(BUNDLE_STEPS, BUNDLE_STEPS.frame([row]))


def _told(
    old: Document | None, before: BundlePlan | None, number: int, after: BundlePlan
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the log shows of a decision: the figures, and the bundles and wishes that it changed."""
    if old is None or before is None:
        return {}, {"document": number, **_figures(after)}
    found = difference(before, after)
    ends: tuple[dict[str, Any], dict[str, Any]] = (
        {"document": root(old), **_figures(before)},
        {"document": number, **_figures(after)},
    )
    if max(len(found.before), len(found.after)) <= _MOST_TOLD:
        wishes: list[dict[str, Any]] = [{w.wish_id: dump(w) for w in plan.wishes} for plan in (before, after)]
        for end, bundles, own, other in zip(ends, (found.before, found.after), wishes, wishes[::-1], strict=True):
            end["bundles"] = {one.bundle_id: list(one.members) for one in bundles}
            end["wishes"] = {name: one for name, one in own.items() if other.get(name) != one}
    return ends


def _figures(plan: BundlePlan) -> dict[str, Any]:
    return {"households": plan.households_covered, "n_bundles": len(plan.bundles)}
