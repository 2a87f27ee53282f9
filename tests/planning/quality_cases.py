"""A small city in metres for the tests of the quality report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from data.schemas import BOUNDARIES, CALENDAR, CASES, GATES, TEAMS, UNITS, WAYS, Table
from planning.city import City
from planning.quality import Finding, Report, report
from tests.strategies import at, make_estates, make_regions, make_ways


def shape(drawn: object) -> object:
    """A shape drawn in metres round the test centre, in EPSG:4490 degrees."""
    return shapely.transform(drawn, lambda xy: np.array([at(x, y) for x, y in xy]))


def make_city(
    estates: Sequence[Mapping[str, object]],
    boundaries: Mapping[str, object] | None = None,
    *,
    gates: Sequence[tuple[str, float, float]] = (),
    ways: Sequence[Mapping[str, object]] = (),
    units: Sequence[tuple[str, str, str | None, object]] | None = None,
) -> City:
    """Estates of `tests.strategies.make_estates`; shapes in metres; two streets side by side unless units are given."""
    if units is None:
        left, right = shapely.box(-5000, -5000, 0, 5000), shapely.box(0, -5000, 5000, 5000)
        whole = shapely.box(-5000, -5000, 5000, 5000)
        units = [("C1", "county", None, whole), ("S1", "street", "C1", left), ("S2", "street", "C1", right)]
    table = make_estates(estates)
    rows = [
        {"unit_id": u, "name": f"{u}名", "kind": kind, "parent_id": parent, "geometry": None if g is None else shape(g)}
        for u, kind, parent, g in units
    ]
    made = [{"estate_id": k, "source": "survey", "geometry": shape(g)} for k, g in (boundaries or {}).items()]
    doors = [
        {"gate_id": f"g{n}", "estate_id": key, "name": "南门", "lon": at(x, y)[0], "lat": at(x, y)[1], "main": True}
        for n, (key, x, y) in enumerate(gates)
    ]
    drawn = make_ways([{**way, "geometry": shape(way["geometry"])} for way in ways]) if ways else _none(WAYS)
    return City(
        units=UNITS.frame(rows),  # type: ignore[arg-type]
        regions=make_regions(table),
        estates=table,
        gates=GATES.frame(doors) if doors else _none(GATES),
        boundaries=BOUNDARIES.frame(made) if made else _none(BOUNDARIES),
        ways=drawn,
        cases=_none(CASES),
        teams=_none(TEAMS),
        calendar=_none(CALENDAR),
        stamp="s",
    )


@cache
def _none(table: Table) -> gpd.GeoDataFrame:
    """A checked table without rows, checked once."""
    return table.frame([])  # type: ignore[return-value]


def of_kind(found: Report | City, kind: str) -> list[Finding]:
    """The findings of one kind, of a report or of a city to be checked."""
    made = report(found) if isinstance(found, City) else found
    return [finding for finding in made.findings if finding.kind == kind]
