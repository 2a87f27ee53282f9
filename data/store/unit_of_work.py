"""One unit of work: the only way to the data, for one person in one role and area."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from data.masking import mask_extra, mask_mobiles, mask_person
from data.schemas import TABLES, Table
from data.store import audit, papers, records, removal
from data.store.actor import Actor
from data.store.area import Area
from data.store.audit import Entry
from data.store.papers import Document, DocumentHead, Load
from data.store.records import Change
from data.store.tables import AUDIT, META
from geo.errors import Fault, InputError

_FREE_TEXT = {"cases": ("content", "measures")}
"""Columns of free words in which telephone numbers turn up."""


def refuse_readers(actor: Actor) -> None:
    """Raise for roles that only look."""
    if not actor.role.may_write:
        raise InputError(
            f"“{actor.person}”的角色是{actor.role.label}，只能查看，不能修改数据",
            "请用业务科室或管理员的身份操作",
        )


class UnitOfWork:
    """Reads and changes inside one transaction; see :meth:`data.store.Store.begin`.

    Every read is filtered by the actor's area, and personal columns are masked for roles that may not see them.
    Every change goes to the audit log in the same transaction. A single change that fails leaves nothing of itself.
    """

    def __init__(self, connection: Connection, actor: Actor, write: bool, clock: Callable[[], datetime]) -> None:
        self._connection: Connection | None = connection
        self._write = write
        self._clock = clock
        self._area = None if actor.unit_id is None else Area(actor.unit_id)
        self.actor = actor
        self.failure: DatabaseError | None = None
        """What the database could not do; nothing of this unit of work is kept then."""
        self.late_notes: list[Entry] = []
        """Audit entries of a unit of work that only reads; the store writes them right after it."""

    def close(self) -> None:
        """End the use of this object (the store does it)."""
        self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise ValueError("this unit of work has ended; begin another one")
        return self._connection

    @property
    def _writable(self) -> Connection:
        if not self._write:
            raise ValueError("this unit of work was begun for reading; use begin(actor, write=True)")
        refuse_readers(self.actor)
        return self._open

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One change: whole or not at all, also when the caller goes on after a failure."""
        connection = self._writable
        step = connection.begin_nested()
        try:
            yield
        except DatabaseError as error:
            # The database may have undone the whole transaction by itself (full disk): nothing can go on from here.
            self.failure = error
            connection.rollback()
            self.close()
            raise
        except BaseException:
            step.rollback()
            raise
        step.commit()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several changes as one: all of them stay, or none does, also when the caller goes on after a failure."""
        with self._step():
            yield

    def read(self, table: Table, where: Mapping[str, Collection[object]] | None = None) -> pd.DataFrame:
        """The table's rows in the actor's area, checked, sorted by id (a GeoDataFrame where it has a geometry).

        Parameters
        ----------
        where
            Column (or index) → values wanted; rows with others are left out. By default all rows.
        """
        frame = records.read(self._open, table, self._area, where)
        return frame if self.actor.role.may_see_persons else _masked(table, frame)

    def rows(self, table: Table, where: Mapping[str, Collection[object]] | None = None) -> dict[Any, dict[str, Any]]:
        """What `read` gives, as dictionaries by id with the id among them and nulls as ``None``: fast for few rows.

        Raises
        ------
        ValueError
            If the actor may not see persons and the table holds some; `read` masks them.
        """
        if not self.actor.role.may_see_persons and any(column.personal for column in table.columns):
            raise ValueError(f"{table.name} holds persons; read it as a frame, which masks them")
        return records.read_plain(self._open, table, self._area, where)

    def put(self, table: Table, frame: pd.DataFrame, *, replace_nulls: bool = False) -> Change:
        """Add or change the rows of a frame, by index; rows and columns that it has not stay as they are.

        Parameters
        ----------
        frame
            Any columns of the table; new rows need the required ones.
        replace_nulls
            Whether null cells (also empty lists and dicts) erase what is stored.

        Raises
        ------
        InputError
            If the actor may not write, or a row lies outside the actor's area before or after the change.
        ValueError
            If the result would break the table's schema.
        """
        connection = self._writable
        with self._step():
            change, entries = records.put(connection, table, frame, self._area, replace_nulls)
            self._note(entries)
        return change

    def remove(self, table: Table, ids: Iterable[object], reason: str) -> int:
        """Take rows out and say why; the number of rows that were there. An estate takes its gates and boundary along.

        Raises
        ------
        InputError
            If the actor may not write, a row lies outside the actor's area, or other rows still belong to it.
        """
        if not reason.strip():
            raise ValueError("a removal needs a reason")
        connection = self._writable
        with self._step():
            n, entries = removal.remove(connection, table, list(dict.fromkeys(ids)), self._area, reason)
            self._note(entries)
        return n

    def setting(self, key: str) -> Any:
        """A setting of the whole store, or ``None``."""
        return papers.setting(self._open, key)

    def set_setting(self, key: str, value: object) -> None:
        """Keep a setting (any JSON value; ``None`` takes it away). Settings hold for the whole city."""
        connection = self._writable
        if self._area is not None:
            raise InputError("设置对全市有效，辖区用户不能修改", "请联系市级业务科室或管理员")
        with self._step():
            self._note([papers.set_setting(connection, key, value)])

    def save_document(self, kind: str, period: str, body: dict[str, Any]) -> int:
        """Keep a result for the actor's area, with the stamp of the data as they are now; its number."""
        connection = self._writable
        with self._step():
            number, entry = papers.save_document(connection, self.actor, self._clock(), self.stamp, kind, period, body)
            self._note([entry])
        return number

    def document(self, kind: str, period: str | None = None) -> Document | None:
        """The latest result of a kind (and period) that was made for the actor's area."""
        return papers.document(self._open, self.actor, kind, period)

    def document_by_id(self, number: int) -> Document | None:
        """The result of that number, if it was made for the actor's area."""
        return papers.document_by_id(self._open, self.actor, number)

    def documents(self, kind: str) -> list[DocumentHead]:
        """All results of a kind for the actor's area, newest first, without their content."""
        return papers.documents(self._open, self.actor, kind)

    def record_load(self, files: list[dict[str, Any]], faults: list[Fault], counts: dict[str, Any]) -> None:
        """Note what was loaded and refused. A load that says the same as the last one leaves no second note."""
        connection = self._writable
        with self._step():
            self._note([papers.record_load(connection, self.actor, self._clock(), files, faults, counts)])

    def last_load(self) -> Load | None:
        """The last load for the actor's area."""
        return papers.last_load(self._open, self.actor)

    def note_export(self, files: list[str]) -> None:
        """Note in the audit log which files went out (D6). Every role may do so, in a reading unit of work too.

        A note changes no data, so ``stamp`` stays. While only reading, it is written when the unit of work has ended
        well, in a short transaction of its own: a reader never holds up the writers.
        """
        if not files:
            return
        entry = Entry("export", "files", str(len(files)), None, {"files": list(files)})
        if self._write:
            with self._step():
                self._note([entry])
        elif self._open:
            self.late_notes.append(entry)

    def audit(self, limit: int = 200) -> pd.DataFrame:
        """The newest audit rows, newest first, indexed by ``seq``: of the actor's own area, persons masked.

        ``before`` and ``after`` are dictionaries of the changed fields (or the values of a setting).
        """
        query = sa.select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
        if self._area is not None:
            query = query.where(AUDIT.c.unit_id.in_(self._area.units))
        rows = [dict(row) for row in self._open.execute(query).mappings()]
        for row in rows:
            for name in ("before", "after"):
                value = None if row[name] is None else json.loads(row[name])
                visible = self.actor.role.may_see_persons
                row[name] = value if visible else _masked_entry(row["object_type"], value)
        # As objects: pandas would take a column of texts and nulls for texts, and null for NaN.
        frame = pd.DataFrame(rows, columns=[c.name for c in AUDIT.columns], dtype=object)
        frame["at"] = pd.to_datetime(frame["at"], utc=True, format="ISO8601")
        return frame.astype({"seq": "int64"}).set_index("seq")

    def verify_audit(self) -> int | None:
        """Number of the first audit row that was tampered with or is missing; ``None`` if all is as written."""
        return audit.first_broken(self._open)

    @property
    def stamp(self) -> str:
        """A text that changes whenever data or settings change, and only then: a key for caches."""
        return str(self._open.execute(sa.select(META.c.data_stamp)).scalar_one())

    @property
    def now(self) -> datetime:
        """The moment by the store's clock, as the audit log writes it down."""
        return self._clock()

    @property
    def sequence(self) -> int:
        """Number of the newest audit row: grows with every change, whatever the clock says."""
        return int(self._open.execute(sa.select(META.c.audit_count)).scalar_one())

    def _note(self, entries: Iterable[Entry | None]) -> None:
        real = [entry for entry in entries if entry is not None]
        if real:
            audit.append(self._open, self.actor, self._clock(), real)


def _masked(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    result = frame.copy()
    for column in table.columns:
        if column.personal:
            result[column.name] = frame[column.name].map(mask_person, na_action="ignore").astype("str")
        elif column.name in _FREE_TEXT.get(table.name, ()):
            result[column.name] = frame[column.name].map(mask_mobiles, na_action="ignore").astype("str")
        elif column.kind == "dict":
            result[column.name] = frame[column.name].map(mask_extra)
    return result


def _masked_entry(object_type: str, value: Any) -> Any:
    table = TABLES.get(object_type)
    if table is None or not isinstance(value, dict):
        return value
    known = {column.name: column for column in table.columns}
    result = {}
    for name, cell in value.items():
        column = known.get(name)
        if isinstance(cell, str):
            cell = mask_person(cell) if column is not None and column.personal else mask_mobiles(cell)
        elif isinstance(cell, dict):
            cell = mask_extra(cell)
        result[name] = cell
    return result
