"""Sheets as calamine gives them; also a script of its own, so that a broken .xls can only break a child process.

calamine's reader of .xls ends in a Rust panic on many damaged files. Run as a script it imports nothing of this project.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_PASSWORD, _DAMAGED = 3, 4
_TIMEOUT_S = 120


class RawSheet(NamedTuple):
    """A sheet from A1 on; ``skipped`` says why a sheet has no rows here; ``merged`` are ((top, left), (bottom, right))."""

    name: str
    skipped: str
    rows: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


class UnreadableError(Exception):
    """The workbook cannot be read; ``password`` tells the one reason that has its own remedy."""

    def __init__(self, password: bool = False) -> None:
        super().__init__("password" if password else "damaged")
        self.password = password


def read_ooxml(data: bytes) -> list[RawSheet]:
    """Sheets of a .xlsx or .xlsm file.

    Raises
    ------
    UnreadableError
        If it is damaged or has a password.
    """
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            return list(_sheets(book))
    except PasswordError:
        raise UnreadableError(password=True) from None
    except CalamineError:
        raise UnreadableError from None


def read_old(path: Path) -> list[RawSheet]:
    """Sheets of a file in the old binary format (.xls), read in a child process.

    Raises
    ------
    UnreadableError
        If it is damaged or has a password, or the child dies.
    """
    command = [sys.executable, "-I", __file__, str(path)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableError from None
    if child.returncode != 0:
        raise UnreadableError(password=child.returncode == _PASSWORD)
    return [RawSheet(*sheet) for sheet in pickle.loads(child.stdout)]


def _sheets(book: CalamineWorkbook) -> Iterator[RawSheet]:
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            yield RawSheet(meta.name, "不是数据表（图表或宏）", [], [])
        elif meta.visible != SheetVisibleEnum.Visible:
            yield RawSheet(meta.name, "隐藏的工作表", [], [])
        else:
            sheet = book.get_sheet_by_name(meta.name)
            yield RawSheet(meta.name, "", sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or [])


def _main(path: str) -> int:
    """Write the sheets of the file to standard output; the exit code says what failed."""
    try:
        # By its name calamine takes a file for .xls for sure; by its content it cannot tell a password from damage.
        source = path if path.lower().endswith(".xls") else BytesIO(Path(path).read_bytes())
        with CalamineWorkbook.from_object(source) as book:
            sheets = [tuple(sheet) for sheet in _sheets(book)]
    except PasswordError:
        return _PASSWORD
    except CalamineError:
        return _DAMAGED
    sys.stdout.buffer.write(pickle.dumps(sheets))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
