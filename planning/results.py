"""Saved results: documents of the store with the circumstances that they were computed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from data.store import Actor, Document, Store
from planning.city import City, Scope
from planning.documents import dump, parse

T = TypeVar("T")

BUNDLES: Final = "bundles"
PLAN: Final = "plan"
CURRENT: Final = "current"
"""Period of documents that belong to no quarter."""


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A saved result with the circumstances it was computed in."""

    value: T
    scope: Scope
    created_at: datetime
    person: str
    outdated: bool
    """The data have changed since."""
    number: int = 0
    """Of the document."""


def save(store: Store, actor: Actor, kind: str, period: str, value: object, scope: Scope, city: City) -> int:
    """Keep a result in the store, with its scope and the stamp of the data it was computed from; gives its number."""
    with store.begin(actor, write=True) as uow:
        return uow.save_document(kind, period, body_of(value, scope, city.stamp))


def stored(store: Store, actor: Actor, kind: str, period: str | None, shape: type[T]) -> Stored[T] | None:
    """The latest saved result of a kind, or ``None``."""
    with store.begin(actor) as uow:
        document = uow.document(kind, period)
        stamp = uow.stamp
    return None if document is None else read_document(document, shape, stamp)


def body_of(value: object, scope: Scope, stamp: str) -> dict[str, Any]:
    """What a document of a result holds."""
    return {"scope": dump(scope), "stamp": stamp, "value": dump(value)}


def read_document(document: Document, shape: type[T], stamp: str) -> Stored[T]:
    """The result that a document holds; ``stamp`` is that of the data now.

    Raises
    ------
    InputError
        If the document was written by a version that shaped it otherwise.
    """
    return Stored(
        value=parse(shape, document.body["value"]),
        scope=parse(Scope, document.body["scope"]),
        created_at=document.created_at,
        person=document.person,
        outdated=document.body["stamp"] != stamp,
        number=document.id,
    )
