"""Estates of all registers of a load as one set: positions converted, doubles merged, units filled from the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from data.codes import UnitKind
from data.geofiles.datums import table_datum
from data.load_report import Findings
from data.load_units import UnitTree, place_points
from data.registers import RegisterResult
from geo.crs import Datum, describe_position, position_kinds, to_storage
from geo.errors import Fault

Record = dict[str, Any]
UNIT_COLUMNS: Final = ("county_id", "street_id", "community_id", "grid_id")
_LIGHT: Final = (
    "name", "region_id", *UNIT_COLUMNS, "address", "lon", "lat", "lon_source", "source_file", "source_sheet", "source_row",
)  # fmt: skip
_MERGED_CELLS: Final = ("extra",)
"""Cells that hold several values: those of both files are kept."""


@dataclass(slots=True)
class Registers:
    """Records of a load by id, ready for the canonical tables."""

    estates: dict[str, Record] = field(default_factory=dict)
    regions: dict[str, Record] = field(default_factory=dict)
    teams: dict[str, Record] = field(default_factory=dict)
    cases: dict[str, Record] = field(default_factory=dict)
    places: dict[str, Record] = field(default_factory=dict)
    place_files: set[str] = field(default_factory=set)
    companies: dict[str, Record] = field(default_factory=dict)
    consents: list[Record] = field(default_factory=list)


def located(
    result: RegisterResult, file: str, explicit: Datum | None, patterns: Mapping[str, Datum], findings: Findings
) -> tuple[list[Record], list[Record]]:
    """Estates and teams of one file with EPSG:4490 positions; rows with an impossible position are refused.

    Raises
    ------
    InputError
        If the file has positions and nothing says their datum.
    """
    estates = _convert(result.estates, ("lon_source", "lat_source"), ("lon", "lat"), file, explicit, patterns, findings)
    stated: list[Record] = [{**team, "datum": result.datum} for team in result.teams]
    depot = ("depot_lon", "depot_lat")
    teams = _convert(stated, depot, depot, file, explicit, patterns, findings)
    return estates, [{key: value for key, value in team.items() if key != "datum"} for team in teams]


def merge(into: dict[str, Record], records: Sequence[Record], key: str) -> list[tuple[Record, Record]]:
    """Add records; of two with one id the later one's filled cells count. Gives the (earlier, later) pairs."""
    doubles = []
    for record in records:
        old = into.get(str(record[key]))
        if old is None:
            into[str(record[key])] = dict(record)
            continue
        doubles.append((old, record))
        filled = {name: value for name, value in record.items() if not _blank(value)}
        for name in _MERGED_CELLS:
            if name in filled and isinstance(old.get(name), dict):
                filled[name] = {**old[name], **filled[name]}
        into[str(record[key])] = {**old, **filled}
    return doubles


def drop_empty_regions(registers: Registers, used_before: set[str]) -> None:
    """Take out regions of which every estate was refused (``used_before``: region ids that the store's estates have)."""
    used = used_before | {str(estate["region_id"]) for estate in registers.estates.values()}
    for region_id in [i for i in registers.regions if i not in used]:
        del registers.regions[region_id]


def known_estates(stored: pd.DataFrame, registers: Registers, before: UnitTree) -> pd.DataFrame:
    """The few columns that matching needs, for all estates of the store and of this load; index ``estate_id``.

    Stored units that the map gave (the same as the polygons under the stored point say) are left blank, to be read from
    the map again: the point or the polygons may have changed.

    Parameters
    ----------
    before
        Units as the store has them, without those of this load.
    """
    light = stored[list(_LIGHT)].astype(object).where(stored[list(_LIGHT)].notna(), None)
    placed = place(stored, before)
    for column in UNIT_COLUMNS:
        light[column] = light[column].astype(object).where(light[column] != placed[column], None)
    rows: dict[str, Record] = {
        str(estate_id): {str(key): value for key, value in row.items()}
        for estate_id, row in zip(light.index, light.to_dict("records"), strict=True)
    }
    for estate_id, record in registers.estates.items():
        fresh = {name: record.get(name) for name in _LIGHT}
        old = rows.get(estate_id, {})
        rows[estate_id] = {name: old.get(name) if _blank(value) else value for name, value in fresh.items()}
    frame = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), dtype=object), columns=list(_LIGHT))
    frame = frame.astype(object).where(frame.notna(), None)
    frame[["lon", "lat"]] = frame[["lon", "lat"]].astype(float)
    return frame.rename_axis("estate_id")


def place(estates: pd.DataFrame, tree: UnitTree) -> pd.DataFrame:
    """Units that hold the points of estates, one column a level, index as given."""
    return place_points(tree, estates["lon"].to_numpy(float), estates["lat"].to_numpy(float)).set_axis(estates.index)


def with_units(known: pd.DataFrame, placed: pd.DataFrame, tree: UnitTree) -> pd.DataFrame:
    """``known`` with missing units filled from ``placed`` (see `place`); units already named are kept."""
    if known.empty:
        return known
    result = known.copy()
    for column in UNIT_COLUMNS:
        result[column] = known[column].where(known[column].notna(), placed[column]).astype(object)
    for below, above in zip(reversed(UNIT_COLUMNS[1:]), reversed(UNIT_COLUMNS[:-1]), strict=True):
        missing = result[above].isna() & result[below].notna()
        if missing.any():
            kind = UnitKind(above.removesuffix("_id"))
            filled = result.loc[missing, below].map(lambda i, k=kind: tree.above(i, k))
            result.loc[missing, above] = filled.astype(object)
    columns = list(UNIT_COLUMNS)
    result[columns] = result[columns].astype(object).where(result[columns].notna(), None)
    return result


def report_units(
    named: pd.DataFrame,
    known: pd.DataFrame,
    placed: pd.DataFrame,
    tree: UnitTree,
    fresh: set[str],
    findings: Findings,
) -> None:
    """Say how many estates of this load the map placed, and which ones lie elsewhere than their register says.

    Parameters
    ----------
    named
        From `known_estates`: units as the registers name them.
    known
        The same estates after `with_units`, with all points.
    placed
        From `place`, for ``known``.
    fresh
        Ids of this load.
    """
    mine = known.index.isin(list(fresh))
    named, known, placed = named[mine], known[mine], placed[mine]
    if known.empty:
        return
    for column in ("street_id", "county_id"):
        kind = UnitKind(column.removesuffix("_id"))
        polygons = set(tree.polygons(kind).index)
        if not polygons:
            continue
        findings.count(f"estates_in_{kind}", int(placed[column].notna().sum()))
        filled = int((named[column].isna() & placed[column].notna()).sum())
        if filled:
            findings.note(f"{filled} 个小区没有写明{kind.label}，按坐标所在的{kind.label}归入")
        lost = int((known[column].isna() & known["lon"].notna()).sum())
        if lost:
            findings.note(f"{lost} 个小区的坐标不在任何{kind.label}的范围内")
    _report_disagreement(named.assign(lon=known["lon"]), placed, tree, findings)


def _report_disagreement(named: pd.DataFrame, placed: pd.DataFrame, tree: UnitTree, findings: Findings) -> None:
    for column in ("street_id", "county_id"):
        kind = UnitKind(column.removesuffix("_id"))
        polygons = set(tree.polygons(kind).index)
        compared = named[column].isin(list(polygons)) & named["lon"].notna()
        wrong = compared & (named[column] != placed[column])
        if not wrong.any():
            continue
        outside = int((wrong & placed[column].isna()).sum())
        findings.warn(
            f"{int(compared.sum())} 个写明{kind.label}的小区中，{int(wrong.sum())} 个的坐标不在所写的{kind.label}内"
            f"（{outside} 个不在任何{kind.label}内），请核对坐标或所属{kind.label}"
        )
        for estate_id in named.index[wrong]:
            findings.faults.append(_elsewhere(named.loc[estate_id], column, placed.at[estate_id, column], tree))
        return


def _elsewhere(row: pd.Series, column: str, there: Any, tree: UnitTree) -> Fault:
    label = UnitKind(column.removesuffix("_id")).label
    where = f"不在任何{label}内" if _blank(there) else f"落在{tree.rows[there]['name']}"
    return Fault(
        f"写明属于{tree.rows[row[column]]['name']}，坐标却{where}（已按所写的{label}导入）",
        f"请核对该小区的坐标或所属{label}",
        file=row["source_file"] or "",
        sheet=row["source_sheet"],
        row=None if _blank(row["source_row"]) else int(row["source_row"]),
        value=row["name"],
    )


def fill_regions(regions: dict[str, Record], known: pd.DataFrame) -> None:
    """Give regions without a county or street the one that all their estates share."""
    for column in ("county_id", "street_id"):
        shared: dict[str, set[str]] = {}
        for region_id, unit_id in zip(known["region_id"], known[column], strict=True):
            if not _blank(unit_id):
                shared.setdefault(str(region_id), set()).add(str(unit_id))
        for region_id, record in regions.items():
            units = shared.get(region_id, set())
            if _blank(record.get(column)) and len(units) == 1:
                record[column] = next(iter(units))


def _convert(
    records: Sequence[Record],
    source: tuple[str, str],
    target: tuple[str, str],
    file: str,
    explicit: Datum | None,
    patterns: Mapping[str, Datum],
    findings: Findings,
) -> list[Record]:
    has = [not _blank(r.get(source[0])) and not _blank(r.get(source[1])) for r in records]
    if not any(has):
        return [dict(record) for record in records]
    datums: dict[Any, Datum] = {}
    for record, positioned in zip(records, has, strict=True):
        stated = record.get("datum")
        if positioned and stated not in datums:
            known = None if _blank(stated) else Datum(str(stated))
            datums[stated], warnings = table_datum(file, known, explicit, patterns)
            for warning in warnings:
                findings.warn(warning)
    lon = np.array([float(r[source[0]]) if ok else np.nan for r, ok in zip(records, has, strict=True)])
    lat = np.array([float(r[source[1]]) if ok else np.nan for r, ok in zip(records, has, strict=True)])
    kinds = position_kinds(lon, lat)
    x, y = np.full(len(lon), np.nan), np.full(len(lat), np.nan)
    of_row = np.array([datums.get(r.get("datum")) for r in records], dtype=object)
    for datum in set(datums.values()):
        mine = of_row == datum
        x[mine], y[mine] = to_storage(lon[mine], lat[mine], datum)
    result: list[Record] = []
    faults: list[Fault] = []
    for at, record in enumerate(records):
        problem = describe_position(str(kinds[at])) if has[at] else None
        if problem is not None:
            faults.append(_position_fault(record, file, problem, f"{record[source[0]]}, {record[source[1]]}"))
        elif has[at]:
            place = {target[0]: float(x[at]), target[1]: float(y[at])}
            result.append({**record, **place, "datum": of_row[at].value})
        else:
            result.append({**record, "datum": None})
    findings.refuse(faults)
    return result


def _position_fault(record: Record, file: str, problem: tuple[str, str], value: str) -> Fault:
    row = record.get("source_row")
    return Fault(
        *problem,
        file=str(record.get("source_file") or file),
        sheet=record.get("source_sheet"),
        row=None if row is None else int(row),
        column="经度、纬度",
        value=value,
    )


def _blank(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value == {} or value == [] or (isinstance(value, float) and value != value)
    )


__all__ = [
    "Registers",
    "drop_empty_regions",
    "fill_regions",
    "known_estates",
    "located",
    "merge",
    "place",
    "report_units",
    "with_units",
]
