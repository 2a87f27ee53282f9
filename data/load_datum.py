"""Whether the datum of a file is the right one: do its points fall where its own words put them? (D1)"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.codes import UnitKind
from data.geofiles.estates import NamedShape
from data.load_report import Findings
from data.load_units import UnitTree
from data.registers.text import squeezed
from data.registers.unit_forms import short_forms
from geo.crs import STORAGE_CRS, Datum, from_storage
from geo.datum_fit import DatumFit, datum_fit, datum_fit_lines

Record = dict[str, Any]
_LONGEST_ROAD_NAME = 30  # names of roads are short; longer ones only slow the search


def check_estates(
    file: str, records: Sequence[Record], tree: UnitTree, roads: gpd.GeoSeries, findings: Findings
) -> None:
    """Warn when another datum puts the estates of a file far better into their streets, counties or onto their roads.

    Parameters
    ----------
    records
        Estates with ``lon_source``, ``lat_source``, ``datum`` and whatever units and address they name.
    roads
        One shape for each road name, EPSG:4490.
    """
    for datum, group in by_datum(records).items():
        lon = np.array([float(r["lon_source"]) for r in group])
        lat = np.array([float(r["lat_source"]) for r in group])
        for kind in (UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.COUNTY):
            polygons = tree.polygons(kind)
            if polygons.empty:
                continue
            fit = datum_fit(lon, lat, datum, polygons, _expected(group, tree, kind, set(polygons.index)))
            told(file, fit, f"落入{kind.label}", findings)
            break
        if len(roads):
            fit = datum_fit_lines(lon, lat, datum, roads, named_roads(group, roads.index))
            told(file, fit, "位于地址所写道路旁", findings)


def check_boundaries(shapes: Sequence[NamedShape], tree: UnitTree, findings: Findings) -> None:
    """Warn when another datum puts a layer's shapes far better into the streets they name, or into any street."""
    polygons = tree.polygons(UnitKind.STREET)
    if polygons.empty:
        return
    for place, group in datum_by_layer(shapes).items():
        datum = group[0].layer.datum
        named = [frozenset(tree.named(s.street, (UnitKind.STREET,))) if s.street else None for s in group]
        inner = shapely.point_on_surface(np.array([shape.shape for shape in group], dtype=object))
        lon, lat = from_storage(shapely.get_x(inner), shapely.get_y(inner), datum)
        told(place, datum_fit(lon, lat, datum, polygons, [ids or None for ids in named]), "落入街道", findings)


def datum_by_layer(shapes: Sequence[NamedShape]) -> dict[str, list[NamedShape]]:
    """The shapes by the layer that they are from; each layer has one datum."""
    layers: dict[str, list[NamedShape]] = {}
    for shape in shapes:
        layers.setdefault(shape.layer.place, []).append(shape)
    return layers


def road_lines(ways: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """One shape for each road name of a table of ways."""
    roads = ways[(ways["kind"] == "road") & ways["name"].notna()]
    if roads.empty:
        return gpd.GeoSeries([], index=pd.Index([], dtype=object), crs=STORAGE_CRS)
    order = np.argsort(roads["name"].to_numpy(dtype=str), kind="stable")
    names = roads["name"].to_numpy(dtype=str)[order]
    shapes = roads.geometry.to_numpy()[order]
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    lines = [shapely.multilinestrings(_lines(part)) for part in np.split(shapes, starts[1:])]
    return gpd.GeoSeries(lines, index=pd.Index(names[starts], dtype=object), crs=STORAGE_CRS)


def _lines(shapes: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shapes) if part.geom_type == "LineString"]


def by_datum(records: Sequence[Record]) -> dict[Datum, list[Record]]:
    """Records with a position, by the datum that it was read in."""
    groups: dict[Datum, list[Record]] = {}
    for record in records:
        if record.get("lon") is not None and record.get("lon_source") is not None and record.get("datum"):
            groups.setdefault(Datum(str(record["datum"])), []).append(record)
    return groups


def _expected(
    records: Sequence[Record], tree: UnitTree, kind: UnitKind, polygons: set[str]
) -> list[frozenset[str] | None]:
    """For each estate the units of the level it may lie in: the one it names, those of its county, or any."""
    below: dict[str, frozenset[str]] = {}
    for unit_id in polygons:
        county = tree.above(unit_id, UnitKind.COUNTY)
        if county is not None:
            below[county] = below.get(county, frozenset()) | {unit_id}
    words = {
        form: row["unit_id"]
        for row in tree.rows.values()
        if row["kind"] == UnitKind.COUNTY and row["unit_id"] in below
        for form in (squeezed(row["name"]), *short_forms(squeezed(row["name"]), UnitKind.COUNTY))
    }
    pattern = (
        re.compile(rf"^[(\[]?({'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})") if words else None
    )
    result: list[frozenset[str] | None] = []
    for record in records:
        unit, county = record.get(f"{kind}_id"), record.get("county_id")
        if unit in polygons:
            result.append(frozenset({str(unit)}))
            continue
        if county is None and pattern is not None and record.get("address"):
            said = pattern.match(squeezed(str(record["address"])))
            county = words[said.group(1)] if said else None
        result.append(below.get(str(county)) if county is not None else None)
    return result


def named_roads(records: Sequence[Record], names: pd.Index) -> list[str | None]:
    """The road that each estate's address names first: the longest name that stands there."""
    usable = sorted((n for n in names if 3 <= len(n) <= _LONGEST_ROAD_NAME), key=len, reverse=True)
    if not usable:
        return [None] * len(records)
    pattern = re.compile("|".join(map(re.escape, usable)))
    found = (pattern.search(str(record.get("address") or "")) for record in records)
    return [match.group(0) if match else None for match in found]


def told(place: str, fit: DatumFit, where: str, findings: Findings, what: str = "个点") -> None:
    """Keep the result of a check, and warn if another datum is likelier, with both counts."""
    if fit.n_points == 0:
        return
    findings.datum_checks.append(
        {
            "place": place,
            "check": where,
            "datum": fit.chosen.value,
            "of": fit.n_points,
            "hits": {datum.value: n for datum, n in fit.hits.items()},
            "likely": None if fit.likely is None else fit.likely.value,
        }
    )
    if fit.likely is None:
        return
    by, chosen, counted, agreeing = fit.likely.label, fit.chosen.label, fit.inside, ""
    if fit.inside[fit.likely] <= fit.inside[fit.chosen]:
        where, counted = f"{where}且与所写的相符", fit.hits
    elif fit.inside != fit.hits:
        agreeing = f"（与所写的相符的：{fit.hits[fit.likely]} 个对 {fit.hits[fit.chosen]} 个）"
    findings.warn(
        f"{place}：坐标系可能是 {by}：按 {by} 有 {counted[fit.likely]}/{fit.n_points} {what}{where}，"
        f"按 {chosen} 只有 {counted[fit.chosen]} 个{agreeing}；请用 --datum {fit.likely.value} 重新导入，或核对资料来源"
    )
