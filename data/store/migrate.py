"""Bringing a store to the newest structure, in one transaction, on opening."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from data.store.engine import use_write_ahead_log, writing
from geo.errors import InputError

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = "alembic_version"


def alembic_config() -> Config:
    """Alembic's settings for this store, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def migrate(engine: Engine, place: str) -> None:
    """Create or upgrade the tables; does nothing (and writes nothing) when they are current.

    Raises
    ------
    InputError
        If the database belongs to another program or to a newer version of this one.
    """
    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    head = script.get_current_head()
    with engine.connect() as connection, connection.begin():
        if _revision(connection, known, place) == head:
            return
    use_write_ahead_log(engine)
    with writing(engine) as connection, connection.begin():
        if _revision(connection, known, place) == head:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection, known: set[str], place: str) -> str | None:
    tables = sa.inspect(connection).get_table_names()
    if _VERSION not in tables:
        if tables:
            raise InputError(
                "这个数据库属于别的程序，不是物业一张图的数据库",
                "请用 --store 指定另一个文件；本程序不会改动它",
                file=place,
            )
        return None
    revision = connection.execute(sa.text(f"SELECT version_num FROM {_VERSION}")).scalar_one_or_none()
    if revision is not None and revision not in known:
        raise InputError(
            f"数据库由更新版本的程序写成（结构版本 {revision}），本程序读不了",
            "请升级本程序后再打开；数据未被改动",
            file=place,
        )
    return None if revision is None else str(revision)
