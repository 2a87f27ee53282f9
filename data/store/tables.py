"""The database tables: the canonical ones as ``data.schemas`` lists their columns, and the store's own.

Types are those that SQLite and PostgreSQL share. Lists and dicts are canonical JSON text, geometry is WKB (EPSG:4490).
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from data.schemas import TABLES, Table

_TYPES: Final[dict[str, TypeEngine]] = {
    "text": sa.Text(),
    "int": sa.BigInteger(),
    "float": sa.Double(),
    "bool": sa.Boolean(),
    "list": sa.Text(),
    "dict": sa.Text(),
    "date": sa.Date(),
    "geometry": sa.LargeBinary(),
}

METADATA: Final = sa.MetaData()


def _canonical(table: Table) -> sa.Table:
    key = sa.Column(table.index, _TYPES[table.index_kind], primary_key=True, autoincrement=False)
    never_null = ("list", "dict")
    columns = [
        sa.Column(c.name, _TYPES[c.kind], nullable=not (c.required or c.kind in never_null)) for c in table.columns
    ]
    return sa.Table(table.name, METADATA, key, *columns)


CANONICAL: Final[dict[str, sa.Table]] = {name: _canonical(table) for name, table in TABLES.items()}

AUDIT: Final = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text(), nullable=False),
    sa.Column("person", sa.Text(), nullable=False),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("unit_id", sa.Text()),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("object_type", sa.Text(), nullable=False),
    sa.Column("object_id", sa.Text(), nullable=False),
    sa.Column("before", sa.Text()),
    sa.Column("after", sa.Text()),
    sa.Column("prev_hash", sa.Text(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
    sa.Index("ix_audit_object", "object_type", "object_id"),
)
"""One row for each change; ``hash`` covers all other fields and so, through ``prev_hash``, all rows before."""

META: Final = sa.Table(
    "store_meta",
    METADATA,
    sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("audit_count", sa.BigInteger(), nullable=False),
    sa.Column("audit_head", sa.Text(), nullable=False),
    sa.Column("data_stamp", sa.Text(), nullable=False),
)
"""One row (id 1): where the audit chain ends, and the hash of its last row that changed data."""

SETTINGS: Final = sa.Table(
    "settings",
    METADATA,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
)

DOCUMENTS: Final = sa.Table(
    "documents",
    METADATA,
    sa.Column("document_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("period", sa.Text(), nullable=False),
    sa.Column("unit_id", sa.Text()),
    sa.Column("created_at", sa.Text(), nullable=False),
    sa.Column("person", sa.Text(), nullable=False),
    sa.Column("stamp", sa.Text(), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Index("ix_documents_kind", "kind", "period"),
)

LOADS: Final = sa.Table(
    "loads",
    METADATA,
    sa.Column("load_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("unit_id", sa.Text()),
    sa.Column("at", sa.Text(), nullable=False),
    sa.Column("person", sa.Text(), nullable=False),
    sa.Column("files", sa.Text(), nullable=False),
    sa.Column("faults", sa.Text(), nullable=False),
    sa.Column("counts", sa.Text(), nullable=False),
)
