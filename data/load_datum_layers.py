"""Datum checks of map layers against what is known otherwise: estates, roads, and outlines loaded before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.codes import UnitKind
from data.geofiles import Layer
from data.geofiles.estates import NamedShape
from data.geofiles.units import UnitShape
from data.load_boundaries import Matched
from data.load_datum import Record, datum_by_layer, named_roads, told
from data.load_report import Findings
from data.load_units import UnitTree
from data.registers.text import name_key
from geo.crs import Datum, from_storage, metric_crs
from geo.datum_fit import DatumFit, datum_fit_pairs
from geo.datum_sides import datum_fit_beside, datum_fit_clear, datum_fit_near, datum_fit_overlap
from geo.shapes import metric_shapes

_FAR_M: Final = 3_000.0
"""Beyond this an estate of the same name is another one: no wrong datum moves anything so far."""
_GATE_M: Final = 25.0
_ROAD_M: Final = 150.0
_LEAST: Final = 5
PUBLIC_ROADS: Final = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "road"}
)
"""Classes of roads that run between estates, not within them."""


def public_roads(ways: gpd.GeoDataFrame) -> Any:
    """Centre lines of roads that run between estates; of files without classes all roads."""
    roads = ways[ways["kind"] == "road"]
    classes = roads["road_class"].astype(str).str.removesuffix("_link")
    mine = roads["road_class"].isna() | classes.isin(list(PUBLIC_ROADS))
    return roads.geometry[mine].to_numpy()


def check_units(shapes: Sequence[UnitShape], tree: UnitTree, named: pd.DataFrame, findings: Findings) -> None:
    """Warn when a layer of units would hold the estates that name its units far better in another datum.

    Parameters
    ----------
    named
        From `data.load_estates.known_estates`: units as registers name them, points in EPSG:4490.
    """
    for kind in (UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.COUNTY):
        column = f"{kind}_id"
        mine = named[named["lon"].notna() & named[column].notna()]
        if mine.empty:
            continue
        layers: dict[str, list[UnitShape]] = {}
        for shape in shapes:
            if shape.kind == kind:
                layers.setdefault(shape.layer.place, []).append(shape)
        for place, group in layers.items():
            by_id = {i: shape.shape for shape in group for i in tree.named(shape.name, (kind,))}
            rows = mine[mine[column].isin(list(by_id))]
            if len(rows) < _LEAST:
                continue
            polygons = np.array([by_id[str(i)] for i in rows[column]], dtype=object)
            datum = group[0].layer.datum
            fit = datum_fit_pairs(rows["lon"].to_numpy(), rows["lat"].to_numpy(), polygons, datum)
            told(place, fit, f"圈住写明属于它的小区（{kind.label}）", findings, "个小区")


def check_outlines(
    shapes: Sequence[NamedShape],
    matched: Sequence[Matched],
    known: pd.DataFrame,
    stored: Mapping[str, Any],
    roads: Any,
    findings: Findings,
) -> None:
    """Warn when boundaries fit their estates, earlier outlines of them, or the gaps between roads far better otherwise.

    Parameters
    ----------
    matched
        Those of the shapes that were given an estate; others take part by a name that only one estate has.
    stored
        Outlines of other files by estate id, EPSG:4490.
    roads
        From `public_roads`.
    """
    estate_of = {item.shape: item.estate_id for item in matched if item.by_name}
    names = known["name"].map(lambda name: name_key(str(name)))
    unique = names[~names.duplicated(keep=False)]
    ids = pd.Series(unique.index, index=unique.to_numpy())
    for place, group in datum_by_layer(shapes).items():
        datum = group[0].layer.datum
        outlines = np.array([shape.shape for shape in group], dtype=object)
        polygonal = np.isin(shapely.get_type_id(outlines), (3, 6))
        if not polygonal.any():
            continue
        found = [estate_of.get(s) or ids.get(name_key(s.estate)) for s in group]
        _check_points(place, datum, outlines, found, known, findings)
        pairs = [(at, stored[str(i)]) for at, i in enumerate(found) if i is not None and str(i) in stored]
        if len(pairs) >= _LEAST:
            others = np.array([shape for _, shape in pairs], dtype=object)
            fit = datum_fit_overlap(outlines[[at for at, _ in pairs]], others, datum)
            told(place, fit, "与库中同一小区的边界重合", findings, "个边界")
        if len(roads):
            told(
                place,
                datum_fit_clear(outlines[polygonal], datum, roads),
                "位于道路之间、不被道路穿过",
                findings,
                "个边界",
            )


def _check_points(
    place: str, datum: Datum, outlines: Any, found: Sequence[Any], known: pd.DataFrame, findings: Findings
) -> None:
    """Outlines against the registers' points of their estates; pairs far apart are not one estate."""
    rows = [(at, str(i)) for at, i in enumerate(found) if i is not None]
    if not rows:
        return
    estates = known.loc[[i for _, i in rows]]
    own = estates["lon_source"].notna().to_numpy() & estates["lon"].notna().to_numpy()
    lon, lat = estates["lon"].to_numpy(float)[own], estates["lat"].to_numpy(float)[own]
    shapes = outlines[[at for at, _ in rows]][own]
    if not len(shapes):
        return
    plane = metric_crs(float(np.median(lon)))
    points = np.asarray(shapely.points(lon, lat), dtype=object)
    near = np.asarray(shapely.dwithin(metric_shapes(shapes, plane), metric_shapes(points, plane), _FAR_M))
    if near.any():
        fit = datum_fit_near(shapes[near], points[near], datum, _ROAD_M)
        told(place, fit, f"离自己小区的坐标点不到 {_ROAD_M:g} 米", findings, "个边界")


def check_gates(matched: Sequence[Matched], outlines: Mapping[str, Any], roads: Any, findings: Findings) -> None:
    """Warn when gates lie on the borders of their estates, or beside roads, far better in another datum.

    Parameters
    ----------
    outlines
        By estate id, EPSG:4490.
    roads
        From `public_roads`.
    """
    layers: dict[str, list[Matched]] = {}
    for item in matched:
        layers.setdefault(item.shape.layer.place, []).append(item)
    for place, group in layers.items():
        datum = group[0].shape.layer.datum
        own = [item for item in group if item.estate_id in outlines]
        if len(own) >= _LEAST:
            borders = shapely.boundary(np.array([outlines[item.estate_id] for item in own], dtype=object))
            gates = np.array([item.shape.shape for item in own], dtype=object)
            told(place, datum_fit_near(gates, borders, datum, _GATE_M), "位于自己小区的边界上", findings, "个出入口")
        gates = np.array([item.shape.shape for item in group], dtype=object)
        lon, lat = from_storage(shapely.get_x(gates), shapely.get_y(gates), datum)
        fit = unless_contradicted(place, datum_fit_beside(lon, lat, datum, roads), findings)
        told(place, fit, "位于道路两侧（距路中线 8–60 米）", findings, "个出入口")


def check_ways(
    layers: Sequence[Layer],
    rows: Sequence[Record],
    estates: Sequence[Record],
    findings: Findings,
) -> None:
    """Warn when a layer of roads passes the estates whose addresses name its roads far better in another datum.

    Parameters
    ----------
    layers
        All vector layers of the load; those without ways are passed over.
    rows
        Ways of the load.
    estates
        With ``lon``, ``lat`` (EPSG:4490) and ``address``.
    """
    vector = {layer.file: layer for layer in layers}
    by_file: dict[str, list[Record]] = {}
    for row in rows:
        if row["kind"] == "road" and row.get("source_file") in vector:
            by_file.setdefault(str(row["source_file"]), []).append(row)
    for file, ways in by_file.items():
        datum = vector[file].datum
        lines: dict[str, list[Any]] = {}
        for way in ways:
            if way.get("name"):
                lines.setdefault(str(way["name"]), []).append(way["geometry"])
        said = named_roads(estates, pd.Index(list(lines), dtype=object)) if lines else []
        pairs = [(estate, name) for estate, name in zip(estates, said, strict=False) if name is not None]
        pairs = [(e, name) for e, name in pairs if e.get("lon") is not None and e["lon"] == e["lon"]]
        if len(pairs) >= _LEAST:
            roads = np.array([shapely.union_all(lines[name]) for _, name in pairs], dtype=object)
            points = np.asarray(shapely.points([(e["lon"], e["lat"]) for e, _ in pairs]), dtype=object)
            told(file, datum_fit_near(roads, points, datum, _ROAD_M), "经过地址写明它的小区", findings, "条次道路")


def unless_contradicted(place: str, fit: DatumFit, findings: Findings) -> DatumFit:
    """The answer of a weak check, silent where a check by names of the same file has found its datum the better one."""
    if fit.likely is None:
        return fit
    likely, chosen = fit.likely.value, fit.chosen.value
    for check in findings.datum_checks:
        hits: Any = check["hits"]
        told_before = check["place"] == place and check["datum"] == chosen and check["likely"] is None
        if told_before and hits.get(chosen, 0) > hits.get(likely, 0) and hits.get(chosen, 0) >= _LEAST:
            return replace(fit, likely=None)
    return fit


def check_beside(file: str, groups: Mapping[Datum, Sequence[Record]], roads: Any, findings: Findings) -> None:
    """Warn when the estates of a table lie beside roads, and not on them, far better in another datum."""
    for datum, group in groups.items():
        lon = np.array([float(r["lon_source"]) for r in group])
        lat = np.array([float(r["lat_source"]) for r in group])
        fit = unless_contradicted(file, datum_fit_beside(lon, lat, datum, roads), findings)
        told(file, fit, "位于道路两侧（距路中线 8–60 米）", findings)
