"""Small hand-made towns for the tests of outlines: ways in metres round a fixed place, texts as parsed sides."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.schemas import WAYS
from geo.blocks import Gazetteer, Outline, outline, resolve
from geo.crs import from_metric, metric_crs, to_metric
from geo.shapes import metric_shapes
from geo.sides.types import BoundaryText, Part, PartKind, Side

LON, LAT = 111.0, 30.0
CRS = metric_crs(LON)
_X0, _Y0 = (float(v[0]) for v in to_metric([LON], [LAT], CRS))
Points = Sequence[tuple[float, float]]
E, S, W, N = Side.EAST, Side.SOUTH, Side.WEST, Side.NORTH


def on_ground(shape: BaseGeometry) -> BaseGeometry:
    """A shape in metres around the town's middle as EPSG:4490."""
    return shapely.transform(shape, lambda xy: np.column_stack(from_metric(xy[:, 0] + _X0, xy[:, 1] + _Y0, CRS)))


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    """The inverse of `on_ground`."""
    return shapely.transform(metric_shapes([shape], CRS)[0], lambda xy: xy - (_X0, _Y0))


def place(x: float, y: float) -> tuple[float, float]:
    point = on_ground(shapely.Point(x, y))
    return point.x, point.y


def way(name: str | None, points: Points, kind: str = "road", road_class: str = "residential", **more: object) -> dict:
    """One row of the table of ways; a ``water`` row is the polygon of its points."""
    shape = shapely.Polygon(points) if kind == "water" else shapely.LineString(points)
    row = {"kind": kind, "name": name, "oneway": 0, "bridge": False, "tunnel": False, "geometry": on_ground(shape)}
    return row | ({"road_class": road_class} if kind == "road" else {}) | more


def ways(rows: Iterable[dict]) -> gpd.GeoDataFrame:
    return WAYS.frame([{"way_id": number, **row} for number, row in enumerate(rows)])


def gazetteer(rows: Iterable[dict], **more: object) -> Gazetteer:
    return Gazetteer.of(ways(rows), **more)  # type: ignore[arg-type]


def said(sides: Mapping[Side, str | Part | Sequence[str | Part]]) -> BoundaryText:
    """Parsed sides as the parser gives them; a plain name is a road."""
    found: dict[Side, tuple[Part, ...]] = {}
    for side, names in sides.items():
        several = [names] if isinstance(names, str | Part) else names
        found[side] = tuple(n if isinstance(n, Part) else Part(n, PartKind.ROAD, 0, len(n)) for n in several)
    return BoundaryText("", found)


def draw(
    sides: Mapping[Side, str | Part | Sequence[str | Part]],
    town: Gazetteer,
    at: tuple[float, float] | None,
    area_m2: float | None = None,
) -> Outline:
    point = None if at is None else place(*at)
    return outline(resolve(said(sides), point, town), area_m2=area_m2, point=point, gazetteer=town)


def block_of(found: Outline) -> shapely.Polygon:
    assert found.best is not None, found.notes
    return in_metres(found.best.block)


def iou(one: BaseGeometry, other: BaseGeometry) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def grid(
    columns: Mapping[str, float], rows: Mapping[str, float], low: float = -600.0, high: float = 1200.0, **more: object
) -> list[dict]:
    """Straight named roads: columns run north, rows run east, every crossing a shared vertex, cut there into ways."""
    made = []
    ys, xs = sorted(rows.values()), sorted(columns.values())
    for name, x in columns.items():
        made += _cut(name, [(x, y) for y in (low, *ys, high)], more)
    for name, y in rows.items():
        made += _cut(name, [(x, y) for x in (low, *xs, high)], more)
    return made


def _cut(name: str, points: Points, more: Mapping[str, object]) -> list[dict]:
    return [way(name, [a, b], **more) for a, b in itertools.pairwise(points)]  # type: ignore[arg-type]
