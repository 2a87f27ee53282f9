"""The audit log (操作留痕): who changed what, when, from what to what, as a hash chain.

Each row's hash covers its fields and the hash of the row before, so no past row can be changed, moved or taken out
without breaking the chain; ``store_meta`` keeps its length and end, so that cutting its tail shows too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.actor import Actor
from data.store.tables import AUDIT, META
from data.store.values import canonical_json

Action = Literal["add", "change", "remove", "load", "document", "setting", "export"]
START: Final = "0" * 64
_DATA: Final = ("add", "change", "remove", "setting")
_RESULTS: Final = ("bundle_steps",)
"""Tables that say what was made of the data: a change of them leaves the data as they were."""
_FIELDS: Final = tuple(c.name for c in AUDIT.columns if c.name != "hash")
_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One change before it is written: ``before`` and ``after`` hold the changed fields only."""

    action: Action
    object_type: str
    object_id: str
    before: object | None
    after: object | None


def row_hash(row: dict[str, object]) -> str:
    """SHA-256 over a row's fields but ``hash``, as one JSON array in the order of the table."""
    text = json.dumps([row[name] for name in _FIELDS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def append(connection: Connection, actor: Actor, at: datetime, entries: Iterable[Entry]) -> None:
    """Write entries at the end of the chain; the caller holds the store's write lock."""
    count, head, stamp = connection.execute(sa.select(META.c.audit_count, META.c.audit_head, META.c.data_stamp)).one()
    moment = at.isoformat(timespec="milliseconds")
    rows: list[dict[str, object]] = []
    for entry in entries:
        count += 1
        row: dict[str, object] = {
            "seq": count,
            "at": moment,
            "person": actor.person,
            "role": str(actor.role),
            "unit_id": actor.unit_id,
            "action": entry.action,
            "object_type": entry.object_type,
            "object_id": entry.object_id,
            "before": None if entry.before is None else canonical_json(entry.before),
            "after": None if entry.after is None else canonical_json(entry.after),
            "prev_hash": head,
        }
        head = row["hash"] = row_hash(row)
        if entry.action in _DATA and entry.object_type not in _RESULTS:
            stamp = head
        rows.append(row)
        if len(rows) == _BATCH:
            connection.execute(sa.insert(AUDIT), rows)
            rows = []
    if rows:
        connection.execute(sa.insert(AUDIT), rows)
    connection.execute(sa.update(META).values(audit_count=count, audit_head=head, data_stamp=stamp))


def first_broken(connection: Connection) -> int | None:
    """Number of the first row that is not as it was written, or ``None``.

    A row that is missing counts, also behind the last one that is left.
    """
    count, head = connection.execute(sa.select(META.c.audit_count, META.c.audit_head)).one()
    previous, expected = START, 1
    result = connection.execution_options(yield_per=_BATCH).execute(sa.select(AUDIT).order_by(AUDIT.c.seq))
    for row in result.mappings():
        fields = dict(row)
        if fields["seq"] != expected or fields["prev_hash"] != previous or fields["hash"] != row_hash(fields):
            return min(expected, int(fields["seq"]))
        previous, expected = str(fields["hash"]), expected + 1
    if expected - 1 != count:
        return min(expected, int(count) + 1)
    return None if previous == head else max(1, int(count))
