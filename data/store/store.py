"""The store: opens the database, brings it up to date and hands out units of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data.store import audit
from data.store.actor import Actor
from data.store.engine import connect, parse_url, place, writing
from data.store.faults import in_words
from data.store.migrate import migrate
from data.store.tables import META
from data.store.unit_of_work import UnitOfWork, refuse_readers

DEFAULT_URL = "sqlite:///var/wuyetu.db"


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """All that the city knows, in one database. Made by :func:`open_store`; may be shared by threads."""

    def __init__(self, engine: Engine, place: str, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self.place = place

    @contextmanager
    def begin(self, actor: Actor, write: bool = False) -> Iterator[UnitOfWork]:
        """A unit of work in one transaction: kept at the end of the ``with`` block, undone by any exception in it.

        Readers see one state throughout and never wait; writers queue up.

        Raises
        ------
        InputError
            If the actor may not write, or the database cannot be used (locked, read-only, full, unreachable).
        """
        if write:
            refuse_readers(actor)
        with in_words(self.place):
            connection = writing(self._engine) if write else self._engine.connect()
            with connection, connection.begin():
                work = UnitOfWork(connection, actor, write, self._clock)
                try:
                    yield work
                    if work.failure is not None:
                        raise work.failure
                finally:
                    work.close()
            if work.late_notes:
                with writing(self._engine) as connection, connection.begin():
                    audit.append(connection, actor, self._clock(), work.late_notes)

    @property
    def stamp(self) -> str:
        """A text that changes whenever data or settings change, and only then; says nothing about them."""
        with in_words(self.place), self._engine.connect() as connection, connection.begin():
            return str(connection.execute(sa.select(META.c.data_stamp)).scalar_one())

    def close(self) -> None:
        """Let go of the database file or server."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str = DEFAULT_URL, *, clock: Callable[[], datetime] = _now) -> Store:
    """Open a store, creating it or bringing it up to date first.

    Parameters
    ----------
    url
        ``sqlite:///folder/file.db`` or ``postgresql+psycopg://user:password@host/name``.
    clock
        Gives the time that the audit log writes down.

    Raises
    ------
    InputError
        If the address is malformed, the database cannot be reached, is not one of ours, or is of a newer version.
    """
    address = parse_url(url)
    shown = place(address)
    engine = connect(address)
    try:
        with in_words(shown):
            migrate(engine, shown)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, shown, clock)
