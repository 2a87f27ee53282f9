"""Rows of the canonical tables: read, put (upsert) and remove, each with what the audit log shall say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from data.schemas import Table
from data.store.area import CITY_WIDE, Area
from data.store.audit import Action, Entry
from data.store.tables import CANONICAL
from data.store.values import blank, canonical_json, decode, encode, plain, readable, same
from geo.errors import InputError

SUMMARISED: Final = ("ways", "land", "place_names", "boundary_proposals", "boundary_steps")
"""Tables whose changes are one line in the audit log: nobody edits a road by hand, and there are very many; the steps only
say how changes that the log has in full can be undone."""
_FEW: Final = 500
_TRANSLATED: Final = ("list", "dict", "date", "geometry")
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a put did, in rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)

    def __add__(self, other: Change) -> Change:
        return Change(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


def read(
    connection: Connection, table: Table, area: Area | None, where: Mapping[str, Collection[object]] | None = None
) -> pd.DataFrame:
    """The rows of a table that lie in the area and hold one of the wanted values, sorted by id, checked."""
    rows = _wanted_rows(connection, table, area, where)
    ids, *cells = zip(*rows, strict=True) if rows else [()] * (1 + len(table.names))
    return decode(table, ids, dict(zip(table.names, cells, strict=True)))


def read_plain(
    connection: Connection, table: Table, area: Area | None, where: Mapping[str, Collection[object]] | None = None
) -> dict[Any, dict[str, Any]]:
    """The same as plain dictionaries by id. They were checked when they were written, and a check costs a frame."""
    return {
        row[0]: {
            table.index: row[0],
            **{column.name: plain(column, value) for column, value in zip(table.columns, row[1:], strict=True)},
        }
        for row in _wanted_rows(connection, table, area, where)
    }


def _wanted_rows(
    connection: Connection, table: Table, area: Area | None, where: Mapping[str, Collection[object]] | None
) -> list[_Row]:
    conditions = [] if area is None else [area.readable(table.name)]
    wanted = {name: set(values) for name, values in (where or {}).items()}
    columns = CANONICAL[table.name].c
    # A database takes only so many values in one question: long lists are sifted here.
    conditions += [columns[name].in_(values) for name, values in wanted.items() if len(values) <= _FEW]
    asked = [condition for condition in conditions if condition is not None]
    rows = _rows(connection, table, sa.and_(*asked) if asked else None)
    for name in (name for name, values in wanted.items() if len(values) > _FEW):
        place = (table.index, *table.names).index(name)
        rows = [row for row in rows if row[place] in wanted[name]]
    if table.name == "teams" and area is not None:
        column = 1 + table.names.index("unit_ids")
        served = area.unit_ids(connection) | area.above_ids(connection)
        rows = [row for row in rows if row[column] == "[]" or served.intersection(_listed(row[column]))]
    return rows


def _listed(text: str) -> list[str]:
    return [str(value) for value in json.loads(text)]


def _rows(connection: Connection, table: Table, condition: ColumnElement[bool] | None = None) -> list[_Row]:
    target = CANONICAL[table.name]
    query = sa.select(target)
    if condition is not None:
        query = query.where(condition)
    rows = [tuple(row) for row in connection.execute(query)]
    # Sorted here, because databases differ in how they order text.
    return sorted(rows, key=itemgetter(0))


def stored_rows(connection: Connection, table: Table, ids: Sequence[object]) -> dict[object, _Row]:
    """Cells of the rows that are stored, in the order of the table's columns."""
    key = CANONICAL[table.name].c[table.index]
    rows = _rows(connection, table, key.in_(ids) if len(ids) <= _FEW else None)
    wanted = set(ids)
    return {row[0]: row[1:] for row in rows if row[0] in wanted}


def put(
    connection: Connection, table: Table, frame: pd.DataFrame, area: Area | None, replace_nulls: bool
) -> tuple[Change, list[Entry]]:
    """Write the rows that differ from what is stored; see :meth:`data.store.UnitOfWork.put`."""
    ids, given = encode(table, frame)
    stored = stored_rows(connection, table, ids)
    refuse_outside(connection, table, [i for i in ids if i in stored], area)
    cells = _merged(table, ids, given, stored, replace_nulls)
    decode(table, ids, cells)
    fresh: list[_Row] = []
    edited: list[tuple[_Row, _Row]] = []
    for row in zip(ids, *(cells[name] for name in table.names), strict=True):
        old = stored.get(row[0])
        if old is None:
            fresh.append(row)
        elif row[1:] != old:
            edited.append((row, old))
    _write(connection, table, fresh, [row for row, _ in edited])
    refuse_outside(connection, table, [row[0] for row in fresh] + [row[0] for row, _ in edited], area)
    change = Change(len(fresh), len(edited), len(ids) - len(fresh) - len(edited))
    if table.name in SUMMARISED:
        return change, list(summary(connection, table, fresh, [row for row, _ in edited], []))
    return change, [entry_of_added(table, row) for row in fresh] + [_changed(table, row, old) for row, old in edited]


def _merged(
    table: Table,
    ids: Sequence[object],
    given: dict[str, list[object]],
    stored: dict[object, _Row],
    replace_nulls: bool,
) -> dict[str, list[object]]:
    """All cells after the put: given ones over stored ones, with stored values kept where they mean the same."""
    cells: dict[str, list[object]] = {}
    for position, column in enumerate(table.columns):
        nothing = blank(column)
        values = given.get(column.name)
        old = [stored[i][position] if i in stored else nothing for i in ids]
        if values is None or not stored:
            cells[column.name] = old if values is None else values
            continue
        shapes = column.kind == "geometry"
        cells[column.name] = [
            before
            if value == before or (value == nothing and not replace_nulls) or (shapes and same(column, before, value))
            else value
            for before, value in zip(old, values, strict=True)
        ]
    return cells


def _write(connection: Connection, table: Table, fresh: Sequence[_Row], edited: Sequence[_Row]) -> None:
    target = CANONICAL[table.name]
    names = (table.index, *table.names)
    if fresh:
        connection.execute(sa.insert(target), [dict(zip(names, row, strict=True)) for row in fresh])
    if edited:
        update = (
            sa.update(target)
            .where(target.c[table.index] == sa.bindparam("row_key"))
            .values({name: sa.bindparam(f"new_{name}") for name in table.names})
        )
        keys = ("row_key", *(f"new_{name}" for name in table.names))
        connection.execute(update, [dict(zip(keys, row, strict=True)) for row in edited])


def entry_of_added(table: Table, row: _Row) -> Entry:
    """A new row in the audit log: id first, then the cells; blank ones are left out."""
    after = {
        column.name: readable(column, value) if column.kind in _TRANSLATED else value
        for column, value in zip(table.columns, row[1:], strict=True)
        if value is not None and value != blank(column)
    }
    return Entry("add", table.name, str(row[0]), None, after)


def _changed(table: Table, row: _Row, old: _Row) -> Entry:
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for column, was, now in zip(table.columns, old, row[1:], strict=True):
        if was != now:
            before[column.name], after[column.name] = readable(column, was), readable(column, now)
    return Entry("change", table.name, str(row[0]), before, after)


def summary(
    connection: Connection, table: Table, fresh: Sequence[_Row], edited: Sequence[_Row], removed: Sequence[object]
) -> Iterator[Entry]:
    """The one entry for a change of a summarised table, after the change; none if there was none."""
    if not (fresh or edited or removed):
        return
    n_after = connection.execute(sa.select(sa.func.count()).select_from(CANONICAL[table.name])).scalar_one()
    n_before = n_after - len(fresh) + len(removed)
    content = hashlib.sha256()
    for row in (*fresh, *edited):
        content.update(canonical_json([value.hex() if isinstance(value, bytes) else value for value in row]).encode())
    after = {
        "n": n_after,
        "added": len(fresh),
        "changed": len(edited),
        "removed": [str(i) for i in removed] if len(removed) <= _FEW else len(removed),
        "sha256": content.hexdigest(),
    }
    action: Action = "remove" if removed else "change" if n_before else "add"
    yield Entry(action, table.name, "*", {"n": n_before}, after)


def refuse_outside(connection: Connection, table: Table, ids: Sequence[object], area: Area | None) -> None:
    """Raise if rows, as they are stored now, are not the actor's to change."""
    if area is None:
        return
    target = CANONICAL[table.name]
    key = target.c[table.index]
    if table.name in CITY_WIDE:
        inside: set[object] = set()
    elif table.name == "teams":
        column = 1 + table.names.index("unit_ids")
        units = area.unit_ids(connection)
        listed = {row[0]: set(_listed(row[column])) for row in _rows(connection, table)}
        inside = {team for team, served in listed.items() if served and served <= units}
    else:
        query = sa.select(key)
        condition = area.writable(table.name)
        if condition is not None:
            query = query.where(condition)
        if len(ids) <= _FEW:
            query = query.where(key.in_(ids))
        inside = set(connection.execute(query).scalars())
    outside = [i for i in ids if i not in inside]
    if outside:
        shown = "、".join(str(i) for i in outside[:3]) + ("等" if len(outside) > 3 else "")
        raise InputError(
            f"{table.title}中有{len(outside)}条（{shown}）不在您负责的范围内，未做任何修改",
            "请只修改本辖区的数据，或请上级、管理员处理",
        )
