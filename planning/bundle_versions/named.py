"""Named versions of bundles (方案): kept, listed, compared side by side, and put in force again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from data.store import Actor, Document, Store, UnitOfWork
from geo.errors import InputError
from planning.bundle_versions.steps import in_force, period_of, root, take_step
from planning.bundles.revision.difference import Difference, difference
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.results import BUNDLES, Stored, read_document

VERSIONS: Final = "bundle_version"
"""Kind of the documents that hold named versions; their period is the way and the name."""
_MOST_SIGNS: Final = 40


@dataclass(frozen=True, slots=True)
class Version:
    """A plan that was kept under a name."""

    name: str
    at: datetime
    person: str
    number: int


def save_version(store: Store, actor: Actor, way: Way, name: str) -> Version:
    """Keep the plan in force under a name.

    Raises
    ------
    InputError
        If there is no plan, or the name is empty, too long or taken.
    """
    name = " ".join(name.split())
    if not name or len(name) > _MOST_SIGNS:
        raise InputError(f"方案的名字要有1–{_MOST_SIGNS}个字", "请换一个名字")
    with store.begin(actor, write=True) as work:
        document = work.document(BUNDLES, period_of(way))
        if document is None:
            raise InputError("还没有方案可以保存", "请先求解")
        if work.document(VERSIONS, _named(way, name)) is not None:
            raise InputError(f"已经有名为“{name}”的方案", "请换一个名字")
        number = work.save_document(VERSIONS, _named(way, name), {**document.body, "same_as": root(document)})
        kept = work.document_by_id(number)
    if kept is None:
        raise ValueError(f"version {name} was not kept")
    return Version(name, kept.created_at, kept.person, kept.id)


def versions(store: Store, actor: Actor, way: Way) -> tuple[Version, ...]:
    """The named versions of the actor's area, newest first."""
    prefix = _named(way, "")
    with store.begin(actor) as work:
        heads = work.documents(VERSIONS)
    return tuple(
        Version(head.period.removeprefix(prefix), head.created_at, head.person, head.id)
        for head in heads
        if head.period.startswith(prefix)
    )


def version(store: Store, actor: Actor, way: Way, name: str) -> Stored[BundlePlan]:
    """A named version; two are compared by `planning.bundles.revision.difference.difference`.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    with store.begin(actor) as work:
        return read_document(_version(work, way, name), BundlePlan, work.stamp)


def compare(store: Store, actor: Actor, way: Way, before: str, after: str) -> Difference:
    """What changes from one named version to another; an empty name is the plan in force."""

    def plan(name: str) -> BundlePlan:
        return version(store, actor, way, name).value if name else in_force(store, actor, way).value

    return difference(plan(before), plan(after))


def make_current(store: Store, actor: Actor, way: Way, name: str, *, now: datetime) -> Stored[BundlePlan]:
    """Put a named version in force; it can be undone like any decision.

    A version made of data that have changed since is marked as outdated, like any plan.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    with store.begin(actor, write=True) as work:
        chosen = _version(work, way, name)
        plan = read_document(chosen, BundlePlan, work.stamp).value
        body = {key: value for key, value in chosen.body.items() if key != "same_as"}
        take_step(work, way, plan, body, kind="make_current", now=now, told={"version": name})
    return in_force(store, actor, way)


def _version(work: UnitOfWork, way: Way, name: str) -> Document:
    document = work.document(VERSIONS, _named(way, name))
    if document is None:
        raise InputError(f"没有名为“{name}”的方案", "请刷新页面后再选")
    return document


def _named(way: Way, name: str) -> str:
    return f"{way}:{name}"
