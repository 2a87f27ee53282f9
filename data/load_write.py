"""The writing half of a load: everything joined and put into the store, units first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data.boundaries import estates_with_own_gates, put_weighed, weigh
from data.load_boundaries import (
    EstateIndex,
    boundary_records,
    gate_records,
    listed,
    match,
    points_from_boundaries,
    report_kept,
)
from data.load_consents import put_companies, put_consents, with_consent
from data.load_datum_checks import check_datums
from data.load_estates import (
    UNIT_COLUMNS,
    Registers,
    drop_empty_regions,
    fill_regions,
    known_estates,
    place,
    report_units,
    with_units,
)
from data.load_land import put_land
from data.load_read import Maps, Request
from data.load_report import Findings
from data.load_units import UnitTree
from data.place_names import put_place_names
from data.registers.match import match_cases
from data.schemas import CASES, ESTATES, GATES, REGIONS, TEAMS, UNITS, WAYS
from data.store import Change, UnitOfWork

Record = dict[str, Any]


def write(
    work: UnitOfWork,
    maps: Maps,
    before: UnitTree,
    tree: UnitTree,
    touched: set[str],
    registers: Registers,
    placed: Sequence[tuple[str, list[Record]]],
    request: Request,
    findings: Findings,
) -> Change:
    """Join everything and write it, units first."""
    request.step(0.7, "归入行政单元")
    stored = work.read(ESTATES)
    drop_empty_regions(registers, set(stored["region_id"]))
    named = known_estates(stored, registers, before)
    on_map = place(named, tree)
    known = with_units(named, on_map, tree)
    index = EstateIndex(known, tree)
    outlines = match(maps.boundaries, index, findings)
    boundaries = boundary_records(outlines, findings)
    doors = match(maps.gates, index, findings)
    gates = gate_records(doors)
    weighed = weigh(work, list(boundaries.values()))
    kept = {estate_id for estate_id, _, _ in (*weighed.kept_better, *weighed.kept_chosen)}
    pointed = points_from_boundaries(known, {i: row for i, row in boundaries.items() if i not in kept}, findings)
    if pointed is not known:
        on_map = place(pointed, tree)
        known = with_units(pointed, on_map, tree)
    report_units(named, known, on_map, tree, set(registers.estates), findings)
    fill_regions(registers.regions, known)

    request.step(0.75, "写入行政单元和道路")
    change = work.put(UNITS, UNITS.frame([tree.rows[i] for i in tree.rows if i in touched])) if touched else Change()
    ways = WAYS.frame(list(maps.ways.values())) if maps.ways else None
    if ways is not None:
        change += work.put(WAYS, ways)
    places = {**maps.places, **registers.places}
    change += put_land(work, maps.land, maps.land_files, findings)
    change += put_place_names(work, list(places.values()), maps.place_files | registers.place_files)
    check_datums(work, maps, ways, tree, placed, named, outlines, doors, findings)

    request.step(0.8, "写入小区")
    if registers.regions:
        change += work.put(REGIONS, REGIONS.frame(list(registers.regions.values())))
    change += _write_estates(work, registers, known, stored, findings)
    change += put_consents(work, registers.consents, tree, findings)
    change += put_companies(work, list(registers.companies.values()), findings)
    outcome = put_weighed(work, weighed, cause="导入边界文件", now=work.now)
    change += outcome.change
    report_kept(outcome, known, findings)
    change += _write_gates(work, gates, known, findings)

    request.step(0.92, "写入检查组和问题台账")
    if registers.teams:
        change += work.put(TEAMS, TEAMS.frame(list(registers.teams.values())))
    if registers.cases:
        change += _write_cases(work, registers, findings)
    tables = {
        "units": touched, "ways": maps.ways, "regions": registers.regions, "estates": registers.estates,
        "boundaries": boundaries, "gates": gates, "places": places, "teams": registers.teams, "cases": registers.cases,
    }  # fmt: skip
    for name, rows in tables.items():
        findings.count(name, len(rows))
    return change


def _write_estates(
    work: UnitOfWork, registers: Registers, known: pd.DataFrame, stored: pd.DataFrame, findings: Findings
) -> Change:
    """Estates of this load in full; units and points that older ones gained from new maps."""
    change = Change()
    columns = [*UNIT_COLUMNS, "lon", "lat"]
    if registers.estates:
        gained = known.loc[list(registers.estates), columns].astype(object)
        gained = gained.where(gained.notna(), None)
        rows = zip(with_consent(registers.estates, stored, findings), gained.to_dict("records"), strict=True)
        change += work.put(ESTATES, ESTATES.frame([{**record, **joined} for record, joined in rows]))
    older = stored.index.difference(list(registers.estates))
    now, old = known.loc[stored.index, columns].astype(object), stored[columns].astype(object)
    same = (now == old) | (now.isna() & old.isna())
    gained = ~same.loc[older].all(axis=1)
    if gained.any():
        change += work.put(ESTATES, now.loc[older][gained].rename_axis("estate_id"), replace_nulls=True)
    lost = now.isna() & old.notna()
    lost = lost.loc[stored.index.difference(older), list(UNIT_COLUMNS)].any(axis=1)
    if lost.any():
        # A point that moved out of all units: put keeps stored cells unless told otherwise.
        gone = now.loc[lost.index[lost], list(UNIT_COLUMNS)].rename_axis("estate_id")
        work.put(ESTATES, gone, replace_nulls=True)
    return change


def _write_gates(work: UnitOfWork, gates: Mapping[str, Record], known: pd.DataFrame, findings: Findings) -> Change:
    """Gates of the estates that a file names replace what was stored for them, unless a person has moved theirs."""
    own = estates_with_own_gates(work, sorted({str(row["estate_id"]) for row in gates.values()})) if gates else ()
    if own:
        names = [str(known["name"].get(estate_id, estate_id)) for estate_id in sorted(own)]
        findings.note(f"{len(own)} 个小区的出入口经人工调整，文件中的位置未采用：{listed(names)}")
    gates = {gate_id: row for gate_id, row in gates.items() if row["estate_id"] not in own}
    if not gates:
        return Change()
    estates = {row["estate_id"] for row in gates.values()}
    stored = work.read(GATES)
    gone = [str(i) for i in stored.index[stored["estate_id"].isin(list(estates))] if i not in gates]
    removed = work.remove(GATES, gone, "新导入的出入口文件中已没有") if gone else 0
    return Change(changed=removed) + work.put(GATES, GATES.frame(list(gates.values())))


def _write_cases(work: UnitOfWork, registers: Registers, findings: Findings) -> Change:
    records, faults, notes = match_cases(list(registers.cases.values()), work.read(ESTATES))
    findings.faults.extend(faults)
    for note in notes:
        findings.note(note)
    return work.put(CASES, CASES.frame(records))
