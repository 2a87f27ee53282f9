"""All datum checks of a load: each file against units, roads, estates and outlines that say where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from data.load_boundaries import Matched
from data.load_datum import Record, by_datum, check_boundaries, check_estates, road_lines
from data.load_datum_layers import (
    check_beside,
    check_gates,
    check_outlines,
    check_units,
    check_ways,
    public_roads,
)
from data.load_read import Maps
from data.load_report import Findings
from data.load_units import UnitTree
from data.schemas import BOUNDARIES, ESTATES, WAYS
from data.store import UnitOfWork


def check_datums(
    work: UnitOfWork,
    maps: Maps,
    ways: gpd.GeoDataFrame | None,
    tree: UnitTree,
    placed: Sequence[tuple[str, list[Record]]],
    named: pd.DataFrame,
    outlines: Sequence[Matched],
    gates: Sequence[Matched],
    findings: Findings,
) -> None:
    """Check tables, units, boundaries, gates and roads of a load; nothing is changed, what is found is told.

    Parameters
    ----------
    ways
        Those of this load; without any the stored ones are looked at.
    placed
        Estates with positions, file by file.
    named
        All estates with the units that registers name and their points, from `data.load_estates.known_estates`.
    outlines, gates
        Boundaries and gates with their estates.
    """
    tables = [(file, records) for file, records in placed if records]
    if not (tables or maps.units or maps.boundaries or maps.gates or maps.ways):
        return
    table: gpd.GeoDataFrame = work.read(WAYS) if ways is None else ways
    public = public_roads(table)
    if tables:
        lines = road_lines(table)
        for file, records in tables:
            check_estates(file, records, tree, lines, findings)
            check_beside(file, by_datum(records), public, findings)
    if maps.units:
        check_units(maps.units, tree, named, findings)
    stored = work.read(BOUNDARIES) if maps.boundaries or maps.gates or maps.ways else None
    if maps.boundaries and stored is not None:
        files = {shape.layer.file for shape in maps.boundaries}
        others = stored[~stored["source_file"].isin(list(files))]
        check_boundaries(maps.boundaries, tree, findings)
        check_outlines(maps.boundaries, outlines, named, _by_estate(others), public, findings)
    if maps.gates and stored is not None:
        known = _by_estate(stored) | {item.estate_id: item.shape.shape for item in outlines}
        check_gates(gates, known, public, findings)
    if maps.ways:
        loaded = [record for _, records in tables for record in records]
        check_ways(maps.layers, list(maps.ways.values()), loaded or _estates(work), findings)


def _by_estate(boundaries: gpd.GeoDataFrame) -> dict[str, Any]:
    return {str(i): shape for i, shape in zip(boundaries.index, boundaries.geometry, strict=True) if shape is not None}


def _estates(work: UnitOfWork) -> list[Record]:
    frame = work.read(ESTATES)[["lon", "lat", "address"]]
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
