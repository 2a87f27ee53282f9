"""Names of exported files, and how each is written: whole or not at all."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

_WIDE_TWINS: Final = str.maketrans('\\/:*?"<>|', "＼／：＊？＂＜＞｜")
_MAX_BYTES: Final = 75
"""Of each part of a name: file systems take 255 bytes for the whole, a Chinese sign has three."""
_SPACES: Final = re.compile(r"\s+")


def file_name(unit: str, report: str, period: str, suffix: str) -> str:
    """单位_报表_期数.xlsx. Signs that a file system refuses become their full-width twins."""
    return "_".join(_part(part) for part in (unit, report, period)) + suffix


def _part(text: str) -> str:
    printable = "".join(c for c in _SPACES.sub(" ", text) if unicodedata.category(c)[0] != "C")
    cut = printable.translate(_WIDE_TWINS).strip(" .").encode()[:_MAX_BYTES].decode(errors="ignore")
    return cut.rstrip(" .") or "未命名"


def write_whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file in a hidden folder beside its place and move it there when it is whole.

    A full disk, a fault or Ctrl-C leaves nothing new behind, and an older file of that name as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".wuyetu-", dir=path.parent, ignore_cleanup_errors=True) as folder:
        part = Path(folder) / f"part{path.suffix}"
        write(part)
        part.replace(path)
    return path
