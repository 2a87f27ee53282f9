"""The connection to SQLite or PostgreSQL: the one place where the two differ."""

from __future__ import annotations

import sqlite3
import time
import warnings
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError, SAWarning

from geo.errors import InputError

BUSY_S: Final = 10.0
"""How long a writer waits for another one."""
_WRITES: Final = "wuyetu_writes"
_WRITERS_LOCK: Final = 0x77757965
"""Key of PostgreSQL's advisory lock that queues writers, so that the audit chain has one end."""


def parse_url(url: str) -> URL:
    """The address of a store.

    Raises
    ------
    InputError
        If it is no address, or of a database that is not supported.
    """
    remedy = "请写成 sqlite:///文件夹/文件.db 或 postgresql+psycopg://用户:密码@主机:端口/库名"
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise InputError(f"数据库地址“{_without_password(url)}”无法识别", remedy) from error
    if backend not in ("sqlite", "postgresql"):
        raise InputError(f"不支持的数据库类型“{backend}”", remedy)
    return parsed


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    if not at:
        return url
    scheme, mark, _ = head.partition("://")
    return f"{scheme}{mark}***@{tail}"


def place(url: URL) -> str:
    """What messages call the store: its file, or its address without the password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "内存数据库"
    return url.render_as_string(hide_password=True)


def connect(url: URL) -> Engine:
    """An engine whose transactions are real ones; makes the folder of a SQLite file.

    Raises
    ------
    InputError
        If the folder cannot be made or the driver is not installed.
    """
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        _make_folder(url)
    options: dict[str, Any] = {"timeout": BUSY_S} if sqlite else {"connect_timeout": 10}
    try:
        with warnings.catch_warnings():
            # An option that the driver leaves out, such as mode=ro, must not be taken as obeyed.
            warnings.simplefilter("error", SAWarning)
            engine = sa.create_engine(url, connect_args=options)
    except SAWarning as error:
        raise InputError(
            "数据库地址里“?”之后的选项不会生效",
            "请去掉它们；只读打开请写成 sqlite:///file:文件夹/文件.db?mode=ro&uri=true",
        ) from error
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise InputError(
            f"没有安装数据库驱动“{url.drivername}”",
            "请执行 pip install 'psycopg[binary]'，并把地址写成 postgresql+psycopg://…",
        ) from error
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgres)
    return engine


def _make_folder(url: URL) -> None:
    name = url.database
    if not name or name == ":memory:" or name.startswith("file:"):
        return
    folder = Path(name).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"无法建立数据库所在的文件夹“{folder}”（{error.strerror}）",
            "请检查路径和写权限，或用 --store 另选位置",
            file=name,
        ) from error


def writing(engine: Engine) -> Connection:
    """A connection whose transactions queue up behind other writers from their first statement."""
    return engine.connect().execution_options(**{_WRITES: True})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it would do so too late, and not for DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        # Read committed: the lock is waited for, and then everything read is what the last writer left.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_S:.0f}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers of a SQLite file work while one writes (WAL); stays with the file. Nothing for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    until = time.monotonic() + BUSY_S
    raw = engine.raw_connection()
    try:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # SQLite does not wait for a lock here by itself.
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                    raise OperationalError("PRAGMA journal_mode = WAL", None, error) from error
                time.sleep(0.05)
            except sqlite3.DatabaseError as error:
                raise DatabaseError("PRAGMA journal_mode = WAL", None, error) from error
    finally:
        raw.close()
