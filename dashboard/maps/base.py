"""The ground every map stands on: no tile server, the city's own water and roads in quiet grey."""

from __future__ import annotations

from datetime import date
from typing import Final

import folium
import geopandas as gpd
import numpy as np
import shapely

from dashboard import assets, theme
from dashboard.maps.elements import Class, Frame, Shapes
from dashboard.words import date_text

Bounds = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4490 degrees."""

MAIN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary")
_MAIN_WIDTH: Final = {"motorway": 3.0, "trunk": 3.0, "primary": 2.4, "secondary": 1.6}
_SIMPLIFY_DEGREES: Final = 0.00015
"""About 15 m: a pixel at city scale."""


def new_map() -> folium.Map:
    """An empty map that loads everything from this program's own address."""
    assets.use_local_files()
    return folium.Map(
        tiles=None, prefer_canvas=True, zoom_control=False, zoomSnap=0.25, zoomDelta=0.5, wheelPxPerZoomLevel=90
    )


def ground(ways: gpd.GeoDataFrame, *, detailed: bool) -> list[Shapes]:
    """Water, railways and roads as background layers.

    Parameters
    ----------
    ways
        Table ``WAYS``.
    detailed
        Also minor roads, unsimplified: for a street or smaller; otherwise main roads only.
    """
    tolerance = 0.0 if detailed else _SIMPLIFY_DEGREES
    roads = ways[ways["kind"] == "road"]
    main = roads["road_class"].str.removesuffix("_link").isin(MAIN_CLASSES)
    layers = []
    water = ways[ways["kind"] == "water"]
    if len(water):
        style = Class("ground", {"stroke": False, "fillColor": theme.WATER, "fillOpacity": 1})
        layers.append(Shapes(_simple(water, tolerance), np.zeros(len(water), int), [style], area=True))
    rivers = ways[ways["kind"] == "river"]
    if len(rivers):
        style = Class("ground", {"color": theme.WATER, "weight": 4})
        layers.append(Shapes(_simple(rivers, tolerance), np.zeros(len(rivers), int), [style], area=False))
    if detailed and (~main).any():
        style = Class("ground", {"color": "#E6E9ED", "weight": 1.2})
        layers.append(Shapes(_simple(roads[~main], tolerance), np.zeros((~main).sum(), int), [style], area=False))
    if main.any():
        chosen = roads[main]
        kinds = [MAIN_CLASSES.index(name) for name in chosen["road_class"].str.removesuffix("_link")]
        styles = [Class("ground", {"color": theme.ROAD, "weight": _MAIN_WIDTH[name]}) for name in MAIN_CLASSES]
        layers.append(Shapes(_simple(chosen, tolerance), kinds, styles, area=False))
    railways = ways[ways["kind"] == "railway"]
    if len(railways):
        style = Class("ground", {"color": "#A9B2BC", "weight": 1.4, "dashArray": "6 4"})
        layers.append(Shapes(_simple(railways, tolerance), np.zeros(len(railways), int), [style], area=False))
    return layers


def _simple(ways: gpd.GeoDataFrame, tolerance: float) -> list[shapely.Geometry]:
    shapes = ways.geometry.to_numpy()
    return list(shapely.simplify(shapes, tolerance) if tolerance else shapes)


def bounds_of(lon: np.ndarray, lat: np.ndarray, *, margin: float = 0.05) -> Bounds | None:
    """The box round the positions with a margin (share of its size, at least about 200 m); ``None`` without any."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return None
    west, east = float(lon[known].min()), float(lon[known].max())
    south, north = float(lat[known].min()), float(lat[known].max())
    dx, dy = max((east - west) * margin, 0.002), max((north - south) * margin, 0.002)
    return west - dx, south - dy, east + dx, north + dy


def city_bounds(units: gpd.GeoDataFrame, lon: np.ndarray, lat: np.ndarray) -> Bounds | None:
    """The box round the positions that lie where the city is: one wrong coordinate must not make the city a speck.

    Parameters
    ----------
    units
        Table ``UNITS``; without any shape in it all positions count.
    """
    shapes = units.geometry[units.geometry.notna()]
    if len(shapes):
        west, south, east, north = shapes.total_bounds
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        if inside.any():
            lon, lat = lon[inside], lat[inside]
    return bounds_of(lon, lat)


def footer_text(*, source: str, on: date | None, approval: str) -> str:
    """Source, data date and 审图号 in one line."""
    parts = [f"来源：{source}"] if source else []
    if on is not None:
        parts.append(f"数据至{date_text(on)}")
    parts.append(f"审图号：{approval}" if approval else "审图号：未填（内部资料）")
    return " · ".join(parts)


def frame(bounds: Bounds | None, *, source: str, on: date | None, approval: str) -> Frame:
    """Scale, north, source, data date and 审图号, as every map shows them."""
    return Frame(bounds, footer_text(source=source, on=on, approval=approval))
