"""The reading half of a load, tables: registers and lists of boundary points into rows that are not yet joined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from data.codes import Consent
from data.geofiles.placing import ZoneNeededError
from data.load_consents import keep_latest
from data.load_coordinates import outlines_of_estates
from data.load_estates import Registers, located, merge
from data.load_files import Source
from data.load_read import Maps, Part, Request, take_layer, take_lists
from data.load_report import Findings
from data.load_units import UnitTree
from data.registers import RegisterResult
from data.registers.mapping import find_mapping
from data.registers.reader import read_register
from data.schemas import UNITS
from geo.errors import InputError
from geo.progress import Progress

Record = dict[str, Any]


def read_tables(
    sources: Sequence[Source], tree: UnitTree, touched: set[str], request: Request, findings: Findings, maps: Maps
) -> tuple[Registers, list[tuple[str, list[Record]]], int]:
    """Tables merged by id, estates with positions file by file (for the datum check), number of unusable files.

    Sheets that list boundary points, and outlines in a register's further columns, are added to ``maps``.
    """
    registers = Registers()
    placed: list[tuple[str, list[Record]]] = []
    broken = doubles = 0
    tables = [source for source in sources if source.kind == "table"]
    files = [source.path for source in tables]
    for at, (source, path) in enumerate(zip(tables, files, strict=True)):
        request.step(0.3 + 0.4 * at / len(files), f"读取 {path.name}")
        try:
            units = UNITS.frame(tree.frame_rows())
            watch = Part(request, 0.3 + 0.4 * at / len(files), 0.4 / len(files))
            result = _read_table(path, request, units, watch, alone=len(files) == 1)
            estates, teams = located(result, path.name, request.datum, request.patterns, findings)
        except InputError as error:
            broken += _without_register(source, error, maps, request, findings)
            continue
        _more_outlines(source, result, estates, tree, maps, request, findings)
        for unit in result.units:
            tree.put(unit)
            touched.add(str(unit["unit_id"]))
        before = set(registers.estates)
        merge(registers.regions, result.regions, "region_id")
        merge(registers.estates, [_without_open_consent(estate) for estate in estates], "estate_id")
        merge(registers.teams, teams, "team_id")
        merge(registers.cases, result.cases, "case_id")
        if result.places or result.kind == "places":
            merge(registers.places, result.places, "alias_id")
            registers.place_files.add(path.name)
        keep_latest(registers.companies, result.companies)
        registers.consents.extend(result.consents)
        doubles += sum(record["estate_id"] in before for record in estates)
        placed.append((path.name, estates))
        _note_table(path, result, findings)
    if doubles:
        findings.note(f"{doubles} 个小区在几个文件中都有，先读的补缺，后读的为准")
    return registers, placed, broken


def _without_open_consent(estate: Record) -> Record:
    """An estate without the will that its file does not know, so that another file's answer counts."""
    return {key: value for key, value in estate.items() if key != "consent" or value != Consent.UNKNOWN.value}


def _without_register(source: Source, error: InputError, maps: Maps, request: Request, findings: Findings) -> int:
    """A table that is no register may list boundary points; 1 if it is unusable."""
    try:
        if take_lists(source, maps, request.reading, findings):
            return 0
    except ZoneNeededError:
        maps.late.append(source)
        return 0
    except InputError as other:
        error = other
    findings.unusable(error)
    return 1


def _more_outlines(
    source: Source,
    result: RegisterResult,
    estates: Sequence[Record],
    tree: UnitTree,
    maps: Maps,
    request: Request,
    findings: Findings,
) -> None:
    """Boundary points in the sheets that the register does not use, and in the further columns of those that it does."""
    unknown = [sheet for sheet in result.skipped_sheets if "列" in sheet.reason]
    try:
        for sheet in unknown:
            if take_lists(source, maps, request.reading, findings, [sheet.sheet]):
                result.skipped_sheets.remove(sheet)
        streets = [tree.rows.get(str(estate.get("street_id")), {}).get("name") for estate in estates]
        for layer in outlines_of_estates(estates, streets, source.name, request.reading):
            take_layer(layer, maps, findings)
    except InputError as error:
        findings.unusable(error)


def _read_table(path: Path, request: Request, units: pd.DataFrame, watch: Progress, *, alone: bool) -> RegisterResult:
    """One table. A mapping that was asked for names the layout of one kind of table: of several files, those of another
    kind (teams beside an own register) are recognised by their header."""
    try:
        return read_register(path, request.profile, units, request.mapping, watch)
    except InputError:
        if request.mapping is None or alone:
            raise
        try:
            other = read_register(path, request.profile, units, None, watch)
        except InputError:
            other = None
        if other is None or other.kind == find_mapping(request.mapping).kind:
            raise
        return other


def _note_table(path: Path, result: RegisterResult, findings: Findings) -> None:
    findings.rows_read += result.n_rows_read
    findings.faults.extend(result.faults)
    findings.rows_refused += result.n_rows_refused
    for text in result.notes:
        findings.note(f"{path.name}：{text}" if path.name not in text else text)
    for row in result.skipped_rows:
        findings.skipped.append(row.as_dict())
    for sheet in result.skipped_sheets:
        findings.skipped.append(sheet.as_dict())
    entry = {"file": path.name, "kind": result.kind, "mapping": result.mapping, "rows": result.n_rows_read}
    findings.files.append(entry)
