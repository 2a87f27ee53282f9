"""The city's roads and water as the ground of small pictures: cut, simplified, drawn as plain SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from dashboard import theme
from geo.crs import metric_crs

WIDTH: Final = 480
HEIGHT: Final = 380
_MARGIN: Final = 24
_MAIN: Final = {"motorway": 4.5, "trunk": 4.5, "primary": 3.5, "secondary": 2.5, "tertiary": 1.8}
_MINOR: Final = 1.1
_NEAR_M: Final = 600.0
"""Minor roads are drawn only so near to a stop: the page stays small."""
_STYLES: Final = {
    "water": f'fill="{theme.WATER}"',
    "river": f'fill="none" stroke="{theme.WATER}" stroke-width="5"',
    "railway": 'fill="none" stroke="#A9B2BC" stroke-width="1.5" stroke-dasharray="7 5"',
}
_LAYERS: Final = ("water", "river", "minor", "road", "railway")


@dataclass(frozen=True)
class Ground:
    """The city's ways in metres, ready to be cut for any picture."""

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
class Frame:
    """From metres to picture units, y downwards."""

    west: float
    north: float
    scale: float

    @classmethod
    def around(cls, points: np.ndarray, least_m: float) -> Frame:
        """The picture that holds all points, shape ``(n, 2)``, with a margin, and shows at least so many metres."""
        x, y = points.T
        wide, high = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
        scale = float(min(wide / max(np.ptp(x), least_m), high / max(np.ptp(y), least_m)))
        west = float(x.min() + x.max()) / 2 - WIDTH / 2 / scale
        return cls(west, float(y.min() + y.max()) / 2 + HEIGHT / 2 / scale, scale)

    @property
    def box(self) -> shapely.Polygon:
        """What the picture shows, in metres."""
        return box(self.west, self.north - HEIGHT / self.scale, self.west + WIDTH / self.scale, self.north)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Picture positions of points in metres, shape ``(n, 2)``."""
        return np.column_stack([(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale])

    def cut(self, lines: np.ndarray) -> np.ndarray:
        """Lines or areas in metres as far as the picture shows them, without detail that it cannot show."""
        return shapely.simplify(shapely.clip_by_rect(lines, *self.box.bounds), 0.7 / self.scale)

    def path(self, shape: BaseGeometry) -> str:
        """The ``d`` of an SVG path."""
        rings = [shape.exterior, *shape.interiors] if isinstance(shape, Polygon) else [shape]
        return "".join(self._line(shapely.get_coordinates(ring)) for ring in rings)

    def _line(self, points: np.ndarray) -> str:
        places = [(f"{x:.0f}", f"{y:.0f}") for x, y in self.at(points)]
        kept = [places[0], *(now for before, now in pairwise(places) if now != before)]
        if len(kept) == 1:
            kept *= 2
        return "M" + "L".join(f"{x} {y}" for x, y in kept)


def drawn(ground: Ground, frame: Frame, stops: BaseGeometry) -> tuple[list[str], dict[str, BaseGeometry]]:
    """Water, rivers, roads, railways inside the picture, lowest first; and the longest piece of each named main road.

    Parameters
    ----------
    stops
        Points in metres; minor roads are drawn near them only.
    """
    rows = np.sort(ground.tree.query(frame.box, predicate="intersects"))
    near = shapely.dwithin(ground.shapes[rows], stops, _NEAR_M)
    rows = rows[(ground.layer[rows] != "minor") | near]
    shapes = frame.cut(ground.shapes[rows])
    paths: list[str] = []
    longest: dict[str, BaseGeometry] = {}
    for layer in _LAYERS:
        for row, shape in zip(rows, shapes, strict=True):
            if ground.layer[row] != layer or shape.is_empty:
                continue
            style = _STYLES.get(layer) or f'fill="none" stroke="{theme.ROAD}" stroke-width="{ground.width[row]:g}"'
            name = ground.name[row]
            for part in _parts(shape):
                paths.append(f'<path d="{frame.path(part)}" {style}/>')
                if (
                    layer == "road"
                    and isinstance(name, str)
                    and (name not in longest or part.length > longest[name].length)
                ):
                    longest[name] = part
    return paths, longest


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    yield from (part for part in shapely.get_parts(shape) if not part.is_empty and part.geom_type != "Point")
