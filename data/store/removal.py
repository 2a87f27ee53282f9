"""Taking rows out, with what belongs to them; nothing may be left that points to a row that is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.schemas import TABLES, Table
from data.store.area import Area
from data.store.audit import Entry
from data.store.records import SUMMARISED, entry_of_added, refuse_outside, stored_rows, summary
from data.store.tables import CANONICAL
from geo.errors import InputError

_BATCH: Final = 500
_UNIT_COLUMNS: Final = ("county_id", "street_id", "community_id", "grid_id")
_PARTS: Final = {
    "estates": tuple(
        (name, "estate_id")
        for name in ("gates", "boundaries", "boundary_history", "boundary_steps", "boundary_proposals")
    )
}
"""Rows that go with the row they belong to."""
_LOOSENED: Final = {"estates": (("cases", "estate_id"),)}
"""Cells that become null: a case stays in the ledger when its estate is gone."""
_HOLDERS: Final = {
    "regions": (("estates", "region_id"),),
    "units": (
        ("units", "parent_id"),
        *((table, name) for table in ("estates", "regions", "cases") for name in _UNIT_COLUMNS),
    ),
}
"""Rows that forbid the removal as long as they point to it."""


def remove(
    connection: Connection, table: Table, ids: Sequence[object], area: Area | None, reason: str
) -> tuple[int, list[Entry]]:
    """Take rows out; see :meth:`data.store.UnitOfWork.remove`. Ids that are not stored are passed over."""
    stored = stored_rows(connection, table, ids)
    if not stored:
        return 0, []
    refuse_outside(connection, table, list(stored), area)
    _refuse_held(connection, table, list(stored))
    entries: list[Entry] = []
    for name, column in _PARTS.get(table.name, ()):
        parts = _pointing(connection, name, column, list(stored))
        entries += remove(connection, TABLES[name], parts, None, reason)[1]
    for name, column in _LOOSENED.get(table.name, ()):
        entries += _loosen(connection, name, column, list(stored))
    target = CANONICAL[table.name]
    statement = sa.delete(target).where(target.c[table.index] == sa.bindparam("row_key"))
    connection.execute(statement, [{"row_key": i} for i in stored])
    if table.name in SUMMARISED:
        return len(stored), list(summary(connection, table, [], [], list(stored)))
    entries += [
        Entry("remove", table.name, str(i), entry_of_added(table, (i, *row)).after, {"reason": reason})
        for i, row in stored.items()
    ]
    return len(stored), entries


def _pointing(connection: Connection, name: str, column: str, ids: Sequence[object]) -> list[object]:
    """Ids of the rows of a table whose cell holds one of ``ids``."""
    target = CANONICAL[name]
    found: list[object] = []
    for start in range(0, len(ids), _BATCH):
        query = sa.select(target.c[TABLES[name].index]).where(target.c[column].in_(ids[start : start + _BATCH]))
        found += connection.execute(query).scalars()
    return found


def _loosen(connection: Connection, name: str, column: str, ids: Sequence[object]) -> list[Entry]:
    target = CANONICAL[name]
    key = target.c[TABLES[name].index]
    entries = []
    for row_id in _pointing(connection, name, column, ids):
        before = connection.execute(sa.select(target.c[column]).where(key == row_id)).scalar_one()
        connection.execute(sa.update(target).where(key == row_id).values({column: None}))
        entries.append(Entry("change", name, str(row_id), {column: before}, {column: None}))
    return entries


def _refuse_held(connection: Connection, table: Table, ids: Sequence[object]) -> None:
    going = set(ids)
    for name, column in _HOLDERS.get(table.name, ()):
        if column not in CANONICAL[name].c:
            continue
        holders = set(_pointing(connection, name, column, ids))
        if name == table.name:
            holders -= going
        if holders:
            title = TABLES[name].title
            raise InputError(
                f"不能删除：还有{len(holders)}条“{title}”属于要删除的{table.title}，未做任何修改",
                f"请先把这些{title}改到别处或删除",
            )
