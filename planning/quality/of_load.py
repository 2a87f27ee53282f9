"""What the last load repaired or refused, in the same form as the findings about the store."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely

from data.store import Load
from geo.errors import Fault
from geo.shapes import read_repair
from planning.city import City
from planning.quality.kinds import KINDS
from planning.quality.types import Finding, Measure, Place, Severity, finding_id, worst_first

_PLACE: Final = re.compile(r"位于 (-?[\d.]+), (-?[\d.]+)")
_MENDED: Final = re.compile(r"^图形无效（.*），已自动修复$")
_SHAPE: Final = re.compile(r"^(边界|图形)")
_VECTOR: Final = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".zip")
_AT_M: Final = 0.0005
"""Degrees round the place of a fault in which the estate is looked for: about 50 m."""


def of_load(load: Load | None, city: City) -> tuple[Finding, ...]:
    """Findings of a load, worst first; none where nothing was loaded yet.

    Parameters
    ----------
    load
        `data.store.UnitOfWork.last_load`.
    city
        Where the estate of a repaired boundary is looked for.
    """
    return () if load is None else worst_first([_finding(fault, city) for fault in _once(load.faults)])


def _once(faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once; one file read twice (a folder and its archive) says the same twice."""
    return list({(f.file, f.sheet, f.row, f.column, f.problem): f for f in faults}.values())


def _finding(fault: Fault, city: City) -> Finding:
    repair = read_repair(fault.problem)
    if repair is not None or _MENDED.match(fault.problem):
        kind, severity = "repaired", Severity.WARNING
    elif _SHAPE.match(fault.problem) or fault.file.lower().endswith(_VECTOR):
        kind, severity = "refused", Severity.ERROR
    else:
        kind, severity = "row_fault", Severity.WARNING
    estate, place = _where(fault.problem, city)
    measures = []
    if repair is not None:
        _, before, after = repair
        change = abs(after - before) / before if before > 0 else 0.0
        measures = [
            Measure("修复前面积", before, "平方米"), Measure("修复后面积", after, "平方米"), Measure("面积变化", change, "%")
        ]  # fmt: skip
    value = f"“{fault.value}”" if fault.value else ""
    named = f"“{city.estates.at[estate, 'name']}”：" if estate is not None else ""
    column = f"“{fault.column}”列" if fault.column else ""
    source = " ".join(
        part for part in (fault.file, fault.sheet or "", f"第{fault.row}行" if fault.row is not None else "") if part
    )
    street = city.estates.at[estate, "street_id"] if estate is not None else None
    return Finding(
        id=finding_id(kind, fault.file, fault.sheet or "", str(fault.row), fault.column or "", fault.problem),
        kind=kind,
        severity=severity,
        text=f"{named}{column}{value}{fault.problem}",
        remedy=fault.remedy or KINDS[kind].remedy,
        rule=KINDS[kind].rule,
        estates=(estate,) if estate is not None else (),
        streets=(street,) if isinstance(street, str) else (),
        measures=tuple(measures),
        place=place,
        weight=abs(measures[0].value - measures[1].value) if measures else 0.0,  # type: ignore[operator]
        source=source,
    )


def _where(problem: str, city: City) -> tuple[str | None, Place | None]:
    """The estate whose boundary is nearest to the place that a fault names, and the place."""
    found = _PLACE.search(problem)
    if found is None:
        return None, None
    lon, lat = float(found[1]), float(found[2])
    place = Place(lon, lat, lon, lat)
    shapes = city.boundaries.geometry.to_numpy()
    if not len(shapes):
        return None, place
    tree = shapely.STRtree(shapes)
    near = tree.query_nearest(shapely.Point(lon, lat), max_distance=_AT_M, all_matches=False)
    ids = np.asarray(city.boundaries.index)[near]
    estate = str(ids[0]) if len(ids) and ids[0] in city.estates.index else None
    return estate, place
