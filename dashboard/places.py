"""Where things lie on this machine: the store, the cache beside it, the program's own folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from geo.errors import InputError

ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_STORE: Final = "sqlite:///var/wuyetu.db"
LOCAL: Final = "127.0.0.1"
"""The address that only this machine can reach."""


def store_file(url: str) -> Path | None:
    """The file of a SQLite store, absolute; ``None`` for a server.

    Raises
    ------
    InputError
        If the address cannot be read.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(f"数据库地址“{url}”无法识别", "例如 sqlite:///var/wuyetu.db") from error
    if not parsed.drivername.startswith("sqlite") or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(_plain(parsed.database)).absolute()


def absolute(url: str) -> str:
    """The same store, whatever folder a process is started in."""
    file = store_file(url)
    if file is None:
        return url
    parsed = make_url(url)
    kept = (parsed.database or "").replace(_plain(parsed.database or ""), str(file), 1)
    return parsed.set(database=kept).render_as_string(hide_password=False)


def _plain(database: str) -> str:
    """The path in SQLite's own URI form (``file:path?mode=ro``) or in the plain one."""
    return database.removeprefix("file:").partition("?")[0] if database.startswith("file:") else database


def cache_dir(url: str) -> Path:
    """Where travel matrices are kept between runs: beside a store in a file, else under ``var``."""
    file = store_file(url)
    return (file.parent if file else Path("var").absolute()) / "cache"


def map_approval() -> str:
    """审图号 of every map (``WUYETU_MAP_APPROVAL``); empty where the office has none."""
    return os.environ.get("WUYETU_MAP_APPROVAL", "")
