"""The city's roads, water, railways and barriers as the ground of printed pictures, in greys that a copier keeps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from dashboard.exports.map_canvas import Canvas
from geo.crs import metric_crs

_MAIN: Final = {"motorway": 3.6, "trunk": 3.6, "primary": 3.0, "secondary": 2.2, "tertiary": 1.5}
"""Widths of roads by class, points."""
_NAMED: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MINOR: Final = 0.8
_ROAD: Final = "#C4C4C4"
_SMALL: Final = "#DADADA"
_WATER: Final = "#D3DFE8"
_RAIL: Final = "#6B6B6B"
_BARRIER: Final = "#4A4A4A"
_WIDE_VIEW_M: Final = 6_000.0
"""A picture of more metres shows no minor roads: they would only darken it."""


@dataclass(frozen=True)
class PictureGround:
    """The table ``WAYS`` in metres, ready to be cut for any picture."""

    crs: CRS
    tree: shapely.STRtree
    shapes: np.ndarray
    kind: np.ndarray
    road_class: np.ndarray
    name: np.ndarray

    @classmethod
    def of(cls, ways: gpd.GeoDataFrame, lon: float) -> PictureGround:
        """
        Parameters
        ----------
        ways
            Table ``WAYS``.
        lon
            A longitude of the city, degrees: chooses the metric zone where there are no ways.
        """
        ways = ways[ways.geometry.notna() & ~ways.geometry.is_empty]
        crs = metric_crs(float(np.mean(ways.total_bounds[[0, 2]])) if len(ways) else lon)
        shapes = ways.geometry.to_crs(crs).to_numpy() if len(ways) else np.array([], dtype=object)
        classes = ways["road_class"].str.removesuffix("_link").to_numpy(object)
        return cls(
            crs, shapely.STRtree(shapes), shapes, ways["kind"].to_numpy(object), classes, ways["name"].to_numpy(object)
        )

    def draw(self, canvas: Canvas, barriers: Collection[str]) -> list[str]:
        """Draw what the picture shows, lowest first; gives the kinds of ways that are there, for the legend.

        Parameters
        ----------
        barriers
            Kinds and road classes that no bundle may cross (``BundleSettings.barriers``); drawn over the rest.
        """
        rows = np.sort(self.tree.query(canvas.box, predicate="intersects"))
        shapes = shapely.simplify(shapely.clip_by_rect(self.shapes[rows], *canvas.box.bounds), 0.15 / canvas.scale)
        kinds, classes = self.kind[rows], self.road_class[rows]
        area = shapely.get_dimensions(shapes) == 2
        road = kinds == "road"
        width = np.array([_MAIN.get(name, _MINOR) if isinstance(name, str) else _MINOR for name in classes])
        shown: list[str] = []
        if (wet := np.isin(kinds, ["water", "river"]) & area).any():
            canvas.areas(shapes[wet], face=_WATER, edge="#9DB2C1", width=0.6)
        if (stream := np.isin(kinds, ["water", "river"]) & ~area).any():
            canvas.lines(shapes[stream], "#B4C6D3", 3.2)
        shown += ["water"] if (wet | stream).any() else []
        minor = road & (width == _MINOR)
        if minor.any() and canvas.wide_m < _WIDE_VIEW_M:
            canvas.lines(shapes[minor], _SMALL, _MINOR)
        for each in sorted(set(width[road & ~minor])):
            canvas.lines(shapes[road & (width == each)], _ROAD, float(each))
        shown += ["road"] if road.any() else []
        if (rail := (kinds == "railway") & ~area).any():
            canvas.lines(shapes[rail], _RAIL, 2.0)
            canvas.lines(shapes[rail], "#FFFFFF", 1.2, dash=(0, (4, 4)))
            shown.append("railway")
        barred = (np.isin(kinds, list(barriers)) | (road & np.isin(classes.astype(str), list(barriers)))) & ~area
        if barred.any():
            canvas.lines(shapes[barred], _BARRIER, 1.3, dash=(0, (5, 1.5, 1, 1.5)))
            shown.append("barrier")
        canvas.names(self._names(rows, shapes))
        return shown

    def _names(self, rows: np.ndarray, shapes: np.ndarray) -> dict[str, BaseGeometry]:
        """Longest piece of each named main road and river."""
        longest: dict[str, BaseGeometry] = {}
        for row, shape in zip(rows, shapes, strict=True):
            name = self.name[row]
            named = self.kind[row] == "river" or (self.kind[row] == "road" and self.road_class[row] in _NAMED)
            if not named or not isinstance(name, str) or not name:
                continue
            for part in shapely.get_parts(shape):
                if part.geom_type == "LineString" and (name not in longest or part.length > longest[name].length):
                    longest[name] = part
        return longest
