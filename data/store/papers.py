"""What the store keeps besides the canonical tables: documents (results), loads with their faults, settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from data.store.actor import Actor
from data.store.audit import Entry
from data.store.tables import DOCUMENTS, LOADS, SETTINGS
from data.store.values import canonical_json
from geo.errors import Fault


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """A kept result without its content. ``stamp`` is that of the data it was computed from."""

    id: int
    kind: str
    period: str
    created_at: datetime
    person: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Document(DocumentHead):
    """A kept result: coverage, bundles, a plan."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Load:
    """One load of files: what was read, which rows were refused and why, how many rows of which table came in."""

    id: int
    at: datetime
    person: str
    files: list[dict[str, Any]]
    faults: list[Fault]
    counts: dict[str, Any]


def _scope(table: sa.Table, actor: Actor) -> ColumnElement[bool]:
    """Results belong to the area they were made for: a street's coverage is not the city's, nor the other way round."""
    return table.c.unit_id == actor.unit_id if actor.unit_id is not None else table.c.unit_id.is_(None)


def _next_id(connection: Connection, column: sa.Column[int]) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1)).scalar_one())


def _head(row: Any) -> tuple[int, str, str, datetime, str, str]:
    return (
        row.document_id,
        row.kind,
        row.period,
        datetime.fromisoformat(row.created_at),
        row.person,
        row.stamp,
    )


def save_document(
    connection: Connection, actor: Actor, at: datetime, stamp: str, kind: str, period: str, body: dict[str, Any]
) -> tuple[int, Entry]:
    """Keep a result as a new document; older ones stay."""
    text = canonical_json(body)
    number = _next_id(connection, DOCUMENTS.c.document_id)
    connection.execute(
        sa.insert(DOCUMENTS).values(
            document_id=number,
            kind=kind,
            period=period,
            unit_id=actor.unit_id,
            created_at=at.isoformat(timespec="milliseconds"),
            person=actor.person,
            stamp=stamp,
            body=text,
        )
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return number, Entry("document", "document", str(number), None, {"kind": kind, "period": period, "sha256": digest})


def document(connection: Connection, actor: Actor, kind: str, period: str | None) -> Document | None:
    """The latest document of a kind (and period) for the actor's area."""
    query = sa.select(DOCUMENTS).where(DOCUMENTS.c.kind == kind, _scope(DOCUMENTS, actor))
    if period is not None:
        query = query.where(DOCUMENTS.c.period == period)
    row = connection.execute(query.order_by(DOCUMENTS.c.document_id.desc()).limit(1)).one_or_none()
    return None if row is None else Document(*_head(row), json.loads(row.body))


def document_by_id(connection: Connection, actor: Actor, number: int) -> Document | None:
    """The document of that number, if it belongs to the actor's area."""
    query = sa.select(DOCUMENTS).where(DOCUMENTS.c.document_id == number, _scope(DOCUMENTS, actor))
    row = connection.execute(query).one_or_none()
    return None if row is None else Document(*_head(row), json.loads(row.body))


def documents(connection: Connection, actor: Actor, kind: str) -> list[DocumentHead]:
    """All documents of a kind for the actor's area, newest first, without their content."""
    columns = [c for c in DOCUMENTS.c if c.name != "body"]
    query = sa.select(*columns).where(DOCUMENTS.c.kind == kind, _scope(DOCUMENTS, actor))
    return [DocumentHead(*_head(row)) for row in connection.execute(query.order_by(DOCUMENTS.c.document_id.desc()))]


def record_load(
    connection: Connection,
    actor: Actor,
    at: datetime,
    files: list[dict[str, Any]],
    faults: list[Fault],
    counts: dict[str, Any],
) -> Entry | None:
    """Note a load; ``None`` (nothing noted) when it equals the last one in all it says."""
    texts = {
        "files": canonical_json(files),
        "faults": canonical_json([fault.as_dict() for fault in faults]),
        "counts": canonical_json(counts),
    }
    last = _last_load_row(connection, actor)
    if last is not None and all(getattr(last, name) == text for name, text in texts.items()):
        return None
    number = _next_id(connection, LOADS.c.load_id)
    moment = at.isoformat(timespec="milliseconds")
    connection.execute(
        sa.insert(LOADS).values(load_id=number, unit_id=actor.unit_id, at=moment, person=actor.person, **texts)
    )
    after = {"files": files, "counts": counts, "n_faults": len(faults)}
    return Entry("load", "load", str(number), None, after)


def _last_load_row(connection: Connection, actor: Actor) -> Any:
    query = sa.select(LOADS).where(_scope(LOADS, actor)).order_by(LOADS.c.load_id.desc()).limit(1)
    return connection.execute(query).one_or_none()


def last_load(connection: Connection, actor: Actor) -> Load | None:
    """The last load for the actor's area; cells' texts only for those who may see persons."""
    row = _last_load_row(connection, actor)
    if row is None:
        return None
    faults = [Fault(**fault) for fault in json.loads(row.faults)]
    if not actor.role.may_see_persons:
        faults = [replace(fault, value=None) for fault in faults]
    moment = datetime.fromisoformat(row.at)
    return Load(row.load_id, moment, row.person, json.loads(row.files), faults, json.loads(row.counts))


def setting(connection: Connection, key: str) -> Any:
    """A setting's value, or ``None``."""
    text = connection.execute(sa.select(SETTINGS.c.value).where(SETTINGS.c.key == key)).scalar_one_or_none()
    return None if text is None else json.loads(text)


def set_setting(connection: Connection, key: str, value: object) -> Entry | None:
    """Keep a setting; ``None`` takes it away. Nothing is noted when it is so already."""
    old = setting(connection, key)
    text = canonical_json(value)
    if text == canonical_json(old):
        return None
    connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.key == key))
    if value is not None:
        connection.execute(sa.insert(SETTINGS).values(key=key, value=text))
    return Entry("setting", "setting", key, old, json.loads(text))
