"""The map of one route as a picture inside the page: plain SVG, no script, no outside file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import CRS
from shapely.geometry import LineString

from dashboard import theme
from geo.crs import metric_crs, to_metric

_WIDTH, _HEIGHT = 720, 520
_MARGIN = 26
_MAIN = {"motorway": 5.0, "trunk": 5.0, "primary": 4.0, "secondary": 3.0, "tertiary": 2.0}
_MINOR = 1.2
_NEAR_M = 600.0
"""Minor roads are drawn only so near to a stop: the page stays small."""
_LEAST_M = 500.0
_STYLES = {
    "water": f'fill="{theme.WATER}"',
    "river": f'fill="none" stroke="{theme.WATER}" stroke-width="5"',
    "railway": 'fill="none" stroke="#A9B2BC" stroke-width="1.5" stroke-dasharray="7 5"',
}
_LAYERS = ("water", "river", "minor", "road", "railway")


@dataclass(frozen=True)
class Ground:
    """The city's ways in metres, ready to be cut for any route."""

    crs: CRS
    tree: shapely.STRtree
    shapes: np.ndarray
    layer: np.ndarray
    width: np.ndarray
    name: np.ndarray

    @classmethod
    def of(cls, ways: gpd.GeoDataFrame) -> Ground:
        """From the table ``WAYS``."""
        middle = float(np.mean(ways.total_bounds[[0, 2]])) if len(ways) else 114.0
        crs = metric_crs(middle)
        shapes = ways.geometry.to_crs(crs).to_numpy() if len(ways) else np.array([], dtype=object)
        width = ways["road_class"].str.removesuffix("_link").map(_MAIN).to_numpy(float)
        road = (ways["kind"] == "road").to_numpy()
        layer = np.where(road, np.where(np.isnan(width), "minor", "road"), ways["kind"].to_numpy(object))
        return cls(
            crs, shapely.STRtree(shapes), shapes, layer, np.nan_to_num(width, nan=_MINOR), ways["name"].to_numpy(object)
        )


@dataclass(frozen=True)
class _Frame:
    """From metres to picture units."""

    west: float
    north: float
    scale: float

    @classmethod
    def round(cls, x: np.ndarray, y: np.ndarray) -> _Frame:
        """The picture that holds all points with a margin."""
        wide, high = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
        scale = min(wide / max(np.ptp(x), _LEAST_M), high / max(np.ptp(y), _LEAST_M))
        return cls((x.min() + x.max() - wide / scale) / 2, (y.min() + y.max() + high / scale) / 2, scale)

    @property
    def box(self) -> shapely.Geometry:
        edge = _MARGIN / self.scale
        south = self.north - (_HEIGHT - _MARGIN) / self.scale
        return shapely.box(self.west - edge, south, self.west + (_WIDTH - _MARGIN) / self.scale, self.north + edge)

    def at(self, x: float, y: float) -> tuple[int, int]:
        return round((x - self.west) * self.scale + _MARGIN), round((self.north - y) * self.scale + _MARGIN)

    def path(self, line: shapely.Geometry) -> str:
        points = [self.at(x, y) for x, y in shapely.get_coordinates(line)]
        kept = [points[0], *(now for before, now in pairwise(points) if now != before)]
        return "M" + "L".join(f"{x} {y}" for x, y in kept)


def route_svg(
    legs: list[LineString],
    stops: list[tuple[float, float, str]],
    depot: tuple[float, float],
    ground: Ground,
    color: str,
) -> str:
    """The route over the city's roads and water.

    Parameters
    ----------
    legs
        The driven legs, EPSG:4490.
    stops
        lon, lat (EPSG:4490) and the number shown, in driving order.
    depot
        lon, lat.
    """
    crs = ground.crs
    lines = [_metric(shapely.get_coordinates(leg), crs) for leg in legs]
    places = _metric([(lon, lat) for lon, lat, _ in stops], crs)
    start = _metric([depot], crs)
    every = np.vstack([*lines, places, start])
    frame = _Frame.round(every[:, 0], every[:, 1])
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" aria-label="线路图" '
        f'style="background:#FBFCFD;border:1px solid {theme.LINE}" font-family="sans-serif">',
        *_drawn(ground, frame, shapely.multipoints(places)),
    ]
    for line in lines:
        parts.append(
            f'<path d="{frame.path(shapely.linestrings(line))}" fill="none" stroke="{color}" stroke-width="5" '
            'stroke-opacity="0.85" stroke-linejoin="round"/>'
        )
    x, y = frame.at(*start[0])
    parts.append(
        f'<rect x="{x - 9}" y="{y - 9}" width="18" height="18" fill="{theme.INK}" stroke="#fff" stroke-width="2"/>'
    )
    for (_, _, number), place in zip(stops, places, strict=True):
        x, y = frame.at(*place)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="14" fill="{theme.INK}" stroke="#fff" stroke-width="3"/>'
            f'<text x="{x}" y="{y + 6}" font-size="17" font-weight="700" fill="#fff" text-anchor="middle">'
            f"{escape(number)}</text>"
        )
    return "".join([*parts, _scale_bar(frame.scale), "</svg>"])


def _metric(lonlat: ArrayLike, crs: CRS) -> np.ndarray:
    pairs = np.asarray(lonlat, float).reshape(-1, 2)
    return np.column_stack(to_metric(pairs[:, 0], pairs[:, 1], crs))


def _drawn(ground: Ground, frame: _Frame, stops: shapely.Geometry) -> Iterator[str]:
    """Water, rivers, roads, railways inside the picture, lowest first, then the names of the main roads."""
    rows = np.sort(ground.tree.query(frame.box, predicate="intersects"))
    near = shapely.dwithin(ground.shapes[rows], stops, _NEAR_M)
    rows = rows[(ground.layer[rows] != "minor") | near]
    cut = shapely.simplify(shapely.clip_by_rect(ground.shapes[rows], *frame.box.bounds), 1 / frame.scale)
    longest: dict[str, shapely.Geometry] = {}
    for layer in _LAYERS:
        for row, shape in zip(rows, cut, strict=True):
            if ground.layer[row] != layer or shape.is_empty:
                continue
            style = _STYLES.get(layer) or f'fill="none" stroke="{theme.ROAD}" stroke-width="{ground.width[row]:g}"'
            for part in getattr(shape, "geoms", [shape]):
                yield f'<path d="{frame.path(part)}" {style}/>'
                name = ground.name[row]
                if layer == "road" and isinstance(name, str) and part.length > getattr(longest.get(name), "length", 0):
                    longest[name] = part
    for name, part in longest.items():
        if part.length * frame.scale >= 14 * len(name):
            middle = part.interpolate(0.5, normalized=True)
            x, y = frame.at(middle.x, middle.y)
            yield (
                f'<text x="{x}" y="{y}" font-size="12" fill="{theme.QUIET}" text-anchor="middle" '
                f'stroke="#FBFCFD" stroke-width="3" paint-order="stroke">{escape(name)}</text>'
            )


def _scale_bar(scale: float) -> str:
    metres = next(m for m in (10_000, 5000, 2000, 1000, 500, 200, 100, 50, 10) if m * scale < 180 or m == 10)
    label = f"{metres / 1000:g}公里" if metres >= 1000 else f"{metres}米"
    y, end = _HEIGHT - 14, round(14 + metres * scale)
    return (
        f'<path d="M14 {y - 5}V{y}H{end}V{y - 5}" fill="none" stroke="{theme.QUIET}" stroke-width="1.5"/>'
        f'<text x="18" y="{y - 5}" font-size="12" fill="{theme.QUIET}">{label}</text>'
        f'<text x="{_WIDTH - 22}" y="22" font-size="13" font-weight="700" fill="{theme.QUIET}" text-anchor="middle">北▲</text>'
    )
