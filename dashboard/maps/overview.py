"""The overview's map: streets by rate and estates as points at city scale, estates' ground when a street is chosen."""

from __future__ import annotations

from collections.abc import Mapping

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dashboard import theme
from dashboard.maps.base import Bounds, city_bounds, frame, ground, new_map
from dashboard.maps.elements import Class, Dots, Legend, LegendRow, Shapes
from dashboard.maps.land import land_layers, piece_bounds
from dashboard.words import percent
from data.codes import UnitKind
from planning.city import City
from planning.coverage_types import Coverage, CoverageState
from planning.ground_types import LandCoverage

_STATES = list(CoverageState)
_SIMPLIFY_DEGREES = 0.0002
_STREET_ALPHA = 0.5
_DETAIL_LIMIT = 1500
"""Up to so many estates their polygons are sent; more are points."""


def overview_map(
    city: City,
    part: City,
    result: Coverage,
    *,
    unit_id: str,
    estate_id: str,
    footer: Mapping[str, object],
    land: LandCoverage | None = None,
    piece_id: str = "",
) -> folium.Map:
    """The map of a unit.

    Parameters
    ----------
    city
        The whole city: its units are the backdrop.
    part
        The city inside the chosen unit: its estates are drawn.
    result
        Coverage of ``part``.
    unit_id, estate_id
        What is chosen (empty: nothing).
    footer
        ``source``, ``on``, ``approval`` of `dashboard.maps.base.frame`.
    land
        Residential land of the unit; ``None`` leaves the layer out.
    piece_id
        The chosen piece of land without a record (empty: none); the map then starts there.
    """
    detailed = bool(unit_id) and len(part.estates) <= _DETAIL_LIMIT
    built = new_map()
    for layer in ground(city.ways, detailed=detailed):
        layer.add_to(built)
    rows: list[LegendRow] = []
    if unit_id:
        _outline(city, unit_id).add_to(built)
    else:
        layer, rate_rows = _streets(city, result)
        layer.add_to(built)
        rows += rate_rows
    land_rows: list[LegendRow] = []
    if land is not None:
        layers, land_rows = land_layers(land, piece_id, detailed=detailed)
        for layer in layers:
            layer.add_to(built)
    states = part.estates.index.map(result.states)
    of_class = np.array([_STATES.index(state) for state in states], dtype=int)
    if detailed:
        with_ground = part.estates.index.isin(part.boundaries.index)
        _areas(part, of_class, with_ground).add_to(built)
        _dots(part.estates[~with_ground], of_class[~with_ground]).add_to(built)
    else:
        _dots(part.estates, of_class).add_to(built)
    if estate_id and estate_id in part.estates.index:
        _chosen(part, estate_id).add_to(built)
    rows += [
        LegendRow(
            state.label, theme.STATES[state].color, state, int((of_class == row).sum()), theme.STATES[state].shape
        )
        for row, state in enumerate(_STATES)
    ]
    Legend("图例", rows + land_rows).add_to(built)
    start = piece_bounds(land, piece_id) if land is not None else None
    frame(start or _outlook(city, part, unit_id, estate_id), **footer).add_to(built)  # type: ignore[arg-type]
    return built


def _streets(city: City, result: Coverage) -> tuple[Shapes, list[LegendRow]]:
    """Streets (else counties) filled by their rate."""
    kind = UnitKind.STREET if (city.units["kind"] == UnitKind.STREET).any() else UnitKind.COUNTY
    units = city.units[(city.units["kind"] == kind) & city.units.geometry.notna()]
    rates = {rate.unit_id: rate for rate in result.rates if rate.level == kind}
    classes = [theme.rate_class(rates[unit].by_estates if unit in rates else None) for unit in units.index]
    colors = (*theme.RATE_COLORS, "#E4E7EB")
    styles = [
        Class("streets", {"color": "#7B8794", "weight": 0.8, "fillColor": color, "fillOpacity": _STREET_ALPHA})
        for color in colors
    ]
    names = [
        f"{name} 覆盖率 {percent(rates[unit].by_estates)}（{rates[unit].n_covered}/{rates[unit].n_estates}）"
        if unit in rates
        else f"{name} 无小区"
        for unit, name in units["name"].items()
    ]
    shapes = list(shapely.simplify(units.geometry.to_numpy(), _SIMPLIFY_DEGREES))
    labels = theme.rate_labels()
    rows = [LegendRow(f"{kind.label}覆盖率", theme.QUIET, "streets", None, "none")] if len(units) else []
    rows += [
        LegendRow(f"　{labels[row]}", colors[row], "", classes.count(row), "area", alpha=_STREET_ALPHA)
        for row in sorted(set(classes))
    ]
    return Shapes(shapes, classes, styles, names=names, area=True), rows


def _outline(city: City, unit_id: str) -> Shapes:
    """The chosen unit's border and those of its children."""
    units = city.units
    shown = units[((units.index == unit_id) | (units["parent_id"] == unit_id)) & units.geometry.notna()]
    styles = [
        Class("ground", {"color": theme.ACCENT, "weight": 2.5, "fill": False}),
        Class("ground", {"color": theme.QUIET, "weight": 1, "dashArray": "4 3", "fill": False}),
    ]
    return Shapes(list(shown.geometry), [0 if unit == unit_id else 1 for unit in shown.index], styles, area=True)


def _dots(estates: pd.DataFrame, of_class: np.ndarray) -> Dots:
    known = estates["lon"].notna().to_numpy()
    shown = estates[known]
    radius = 3.2 if len(shown) > 3000 else 4.2
    return Dots(
        shown["lon"].to_numpy(),
        shown["lat"].to_numpy(),
        list(shown["name"]),
        of_class[known],
        [Class(state, theme.STATES[state].point(radius)) for state in _STATES],
    )


def _areas(part: City, of_class: np.ndarray, with_ground: np.ndarray) -> Shapes:
    ids = part.estates.index[with_ground]
    return Shapes(
        list(part.boundaries.geometry.loc[ids]),
        of_class[with_ground],
        [Class(state, theme.STATES[state].area()) for state in _STATES],
        names=list(part.estates["name"][with_ground]),
        area=True,
    )


def _chosen(part: City, estate_id: str) -> Dots:
    row = part.estates.loc[[estate_id]]
    style = Class("chosen", {"radius": 11, "shape": "ring", "color": theme.ACCENT, "weight": 3, "fillOpacity": 0})
    return _dots_of(row, style)


def _dots_of(rows: pd.DataFrame, style: Class) -> Dots:
    known = rows[rows["lon"].notna()]
    return Dots(known["lon"].to_numpy(), known["lat"].to_numpy(), list(known["name"]), [0] * len(known), [style])


def _outlook(city: City, part: City, unit_id: str, estate_id: str) -> Bounds | None:
    """The box to start with: the estate with its surroundings, else the unit, else all estates."""
    if estate_id and estate_id in part.estates.index:
        row = part.estates.loc[estate_id]
        if pd.notna(row["lon"]):
            return row["lon"] - 0.006, row["lat"] - 0.004, row["lon"] + 0.006, row["lat"] + 0.004
    shape = city.units.geometry.get(unit_id) if unit_id else None
    if shape is not None and not shape.is_empty:
        west, south, east, north = shape.bounds
        return west, south, east, north
    return city_bounds(city.units, part.estates["lon"].to_numpy(float), part.estates["lat"].to_numpy(float))


def clicked(city: City, part: City, lon: float, lat: float) -> tuple[str, str]:
    """What was clicked, as (unit_id, estate_id); either may be empty.

    A point answers with the estate's own position, an area with the place of the click: the estate whose ground holds
    it, else the smallest unit below the city that is drawn.
    """
    near = np.hypot(part.estates["lon"].to_numpy(float) - lon, part.estates["lat"].to_numpy(float) - lat)
    if len(near) and np.nanmin(near) < 2e-5:
        return "", str(part.estates.index[int(np.nanargmin(near))])
    place = shapely.Point(lon, lat)
    held = _holding(part.boundaries, place)
    if held:
        return "", held
    for kind in (UnitKind.STREET, UnitKind.COUNTY):
        unit = _holding(city.units[city.units["kind"] == kind], place)
        if unit:
            return unit, ""
    return "", ""


def _holding(shapes: gpd.GeoDataFrame, place: shapely.Point) -> str:
    rows = shapes.sindex.query(place, predicate="within") if len(shapes) else []
    return str(min(shapes.index[row] for row in rows)) if len(rows) else ""
