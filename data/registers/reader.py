"""The door of the registers: one file in, records and faults out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from data.profile import Profile
from data.registers.header import Header, NearMiss, find_header
from data.registers.mapping import ColumnMapping, builtin_mappings, find_mapping
from data.registers.records import Builder
from data.registers.result import RegisterResult, SkippedSheet
from data.registers.sheet_rows import read_sheet
from data.registers.unit_names import UnitResolver
from data.registers.workbook import Sheet, read_workbook
from geo.crs import Datum
from geo.errors import InputError
from geo.progress import SILENT, Progress


def read_register(
    path: Path | str,
    profile: Profile,
    units: pd.DataFrame,
    mapping_name: str | None = None,
    progress: Progress = SILENT,
) -> RegisterResult:
    """Read a register of estates, a ledger of cases or a table of teams, whatever its layout.

    Good rows become records; a row with any fault gives none, and all faults of all rows come back together. The same
    content gives the same ids, whatever the file is called. Sheets of one workbook may have different layouts.

    Parameters
    ----------
    path
        .xlsx, .xlsm, .xls, .csv, .tsv or .txt file.
    profile
        The city's wording of the codes.
    units
        Frame of the ``UNITS`` table. A level of which it holds no unit with a code or shape is made from the names
        and returned in ``units``.
    mapping_name
        Name of a column mapping, or path of an own .toml; without it the layout is recognised by the header.
    progress
        Told after each sheet. When it is stopped, the sheets not yet read are missing: the caller must not store.

    Raises
    ------
    InputError
        If the file cannot be read at all, or no sheet has a known header.
    """
    path = Path(path)
    mappings = (find_mapping(mapping_name),) if mapping_name else builtin_mappings()
    progress.update(0.0, f"打开 {path.name}")
    book = read_workbook(path)
    found, skipped = _with_headers(path, book.sheets, mappings)
    used = list(dict.fromkeys(header.mapping.name for _, header in found))
    first = found[0][1].mapping
    result = RegisterResult(first.kind, "+".join(used), datum=_common_datum([header for _, header in found]))
    result.skipped_sheets.extend((*book.skipped, *skipped))
    result.notes.extend(book.notes)
    builder = Builder(path.name, result, UnitResolver(units, profile.city, path.name))
    noted: dict[str, list[str]] = {}
    for number, (sheet, header) in enumerate(found):
        if progress.stopped:
            break
        progress.update(number / len(found), f"{path.name}：工作表“{sheet.name}”")
        reading = read_sheet(sheet, header, path.name, profile)
        for note in (*reading.notes, *_datum_notes(header)):
            noted.setdefault(note, []).append(sheet.name)
        result.skipped_rows.extend(reading.skipped)
        builder.add(sheet.name, header, reading.rows)
    result.notes.extend(_with_sheets(note, sheets, len(found)) for note, sheets in noted.items())
    builder.finish()
    progress.update(1.0, f"{path.name}：读到 {builder.n_rows_read} 行")
    return replace(result, n_rows_read=builder.n_rows_read, n_rows_refused=builder.n_rows_refused)


def _with_sheets(note: str, sheets: list[str], n_sheets: int) -> str:
    """The note with the sheets that it concerns, where it does not concern them all."""
    if len(sheets) == n_sheets:
        return note
    names = "、".join(f"“{name}”" for name in sheets[:5])
    more = f"等 {len(sheets)} 个" if len(sheets) > 5 else ""
    return f"工作表{names}{more}：{note}"


def _with_headers(
    path: Path, sheets: Sequence[Sheet], mappings: Sequence[ColumnMapping]
) -> tuple[list[tuple[Sheet, Header]], list[SkippedSheet]]:
    found: list[tuple[Sheet, Header]] = []
    skipped: list[SkippedSheet] = []
    nearest: NearMiss | None = None
    for sheet in sheets:
        header = find_header(sheet, mappings)
        if isinstance(header, Header):
            found.append((sheet, header))
            continue
        if header is not None and (nearest is None or len(header.missing) < len(nearest.missing)):
            nearest = header
        skipped.append(SkippedSheet(path.name, sheet.name, _why(header)))
    if found:
        return found, skipped
    titles = "、".join(f"“{mapping.title}”" for mapping in mappings)
    remedy = f"请核对前 15 行里有没有列名；能识别：{titles}；其他表样请写列映射（.toml）并用 --mapping 指定"
    raise InputError(f"没有找到可识别的表头（{_why(nearest)}）", remedy, file=path.name)


def _why(miss: NearMiss | Header | None) -> str:
    if isinstance(miss, NearMiss):
        missing = "、".join(f"“{title}”" for title in miss.missing)
        return f"最接近{miss.mapping.title}，缺少列{missing}" if missing else f"最接近{miss.mapping.title}"
    return "没有可识别的列名"


def _common_datum(headers: Sequence[Header]) -> Datum | None:
    stated = {header.datum or header.mapping.datum for header in headers}
    return stated.pop() if len(stated) == 1 else None


def _datum_notes(header: Header) -> list[str]:
    fixed = header.mapping.datum
    if header.datum is not None and fixed is not None and header.datum != fixed:
        return [f"表中写明坐标系为 {header.datum.label}，与列映射的 {fixed.label} 不同，以表中所写为准"]
    return []
