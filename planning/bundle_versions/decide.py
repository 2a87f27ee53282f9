"""Putting a plan of bundles in force: one that was solved anew, or a planner's revision of the one in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from data.store import Actor, Store
from geo.errors import InputError
from planning.bundle_versions.steps import in_force, period_of, take_step
from planning.bundles.revision.revise import Revision
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.bundles.wishes.hands import give_reason
from planning.city import City, Scope
from planning.results import BUNDLES, Stored, body_of

_OUTDATED: Final = ("台账数据在方案算出之后有变化", "请先重新求解（人工要求会保留），再作调整")
_STALE: Final = ("方案已有新的版本，可能是别人刚作了调整；您的这一步没有保存", "请刷新页面，在新的方案上再做一次")


def solved(
    store: Store, actor: Actor, way: Way, plan: BundlePlan, scope: Scope, city: City, *, now: datetime
) -> Stored[BundlePlan]:
    """Put a plan that was solved anew in force; it can be undone like any decision.

    Raises
    ------
    ValueError
        If the plan is of another way.
    """
    if plan.settings.way != way:
        raise ValueError(f"a plan of way {plan.settings.way} is none of {way}")
    with store.begin(actor, write=True) as work:
        take_step(work, way, plan, body_of(plan, scope, city.stamp), kind="solve", now=now)
    return in_force(store, actor, way)


def decide(
    store: Store,
    actor: Actor,
    way: Way,
    base: Stored[BundlePlan],
    revision: Revision,
    *,
    kind: str,
    estates: Collection[str],
    reason: str = "",
    now: datetime,
) -> Stored[BundlePlan]:
    """Accept a revision: it becomes the plan in force.

    Parameters
    ----------
    base
        The plan that the revision was made of, as it was read.
    kind, estates
        What was done, and to which estates, for the log.
    reason
        Written into the fixed bundles that break a rule and have none yet.
    now
        The moment.

    Raises
    ------
    InputError
        If the plan in force is another one by now, the data have changed, or a reason is missing.
    """
    missing = {violation.subject for violation in revision.broken}
    plan = _with_reason(revision.plan, missing, reason.strip())
    with store.begin(actor, write=True) as work:
        document = work.document(BUNDLES, period_of(way))
        if document is None or document.id != base.number:
            raise InputError(*_STALE)
        if document.body["stamp"] != work.stamp:
            raise InputError(*_OUTDATED)
        body = body_of(plan, base.scope, document.body["stamp"])
        take_step(work, way, plan, body, kind=kind, estates=estates, reason=reason, now=now)
    return in_force(store, actor, way)


def _with_reason(plan: BundlePlan, missing: Collection[str], reason: str) -> BundlePlan:
    """The plan with the reason where one is missing.

    Raises
    ------
    InputError
        If there is none to write.
    """
    if not missing:
        return plan
    if not reason:
        raise InputError("这一步突破了规则，要写一句理由", "请写明为什么要这样调整")
    without = {frozenset(one.members) for one in plan.bundles if one.bundle_id in missing}
    ids = [wish.wish_id for wish in plan.wishes if wish.kind == "fix" and frozenset(wish.estates) in without]
    return replace(
        plan,
        bundles=tuple(replace(one, reason=reason) if one.bundle_id in missing else one for one in plan.bundles),
        wishes=give_reason(plan.wishes, ids, reason),
    )
