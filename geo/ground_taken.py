"""Ground that roads, railways and water take: bands and areas on which nobody lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.shapes import metric_shapes

Shapes = NDArray[np.object_]

HALF_WIDTH_M: Final = {
    "motorway": 15.0, "trunk": 15.0, "primary": 15.0, "secondary": 12.0, "tertiary": 9.0,
    "motorway_link": 5.0, "trunk_link": 5.0, "primary_link": 5.0, "secondary_link": 5.0, "tertiary_link": 5.0,
    "unclassified": 5.0, "residential": 5.0, "road": 5.0,
}  # fmt: skip
"""Metres from a road's middle line to the edge of its land, by class; assumed, after the red lines usual in GB 50220.

Classes that are not in it (``service``, ``living_street``) lead through estates and belong to their ground.
"""
RAILWAY_HALF_M: Final = 10.0
RIVER_HALF_M: Final = 5.0
"""Of a river that is only a line; one with banks is an area as well."""


@dataclass(frozen=True, eq=False)
class Taken:
    """Ground that is no residential land, in metres: ``bands`` as areas, ``lines`` what one does not live across."""

    bands: Shapes = field(repr=False)
    lines: Shapes = field(repr=False)
    tree: shapely.STRtree = field(repr=False)
    fence: shapely.STRtree = field(repr=False)

    @classmethod
    def by(cls, ways: gpd.GeoDataFrame, crs: CRS) -> Taken:
        """Bands of roads, railways and rivers, and water areas; tunnels take no ground.

        Parameters
        ----------
        ways
            Canonical ways, EPSG:4490; their order does not matter.
        crs
            Plane of the result, from `geo.crs.metric_crs`.
        """
        ways = ways[ways.geometry.notna() & ~ways.geometry.is_empty & ~ways["tunnel"].astype(bool)].sort_index()
        half = _half_widths(ways)
        wanted = np.isfinite(half)
        shapes = metric_shapes(ways.geometry.to_numpy()[wanted], crs)
        half = half[wanted]
        bands = np.where(half > 0, shapely.buffer(shapes, half, quad_segs=2), shapes)
        outlines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        return cls(bands, outlines, shapely.STRtree(bands), shapely.STRtree(outlines))

    def cut_from(self, shapes: Shapes) -> Shapes:
        """The shapes without what is taken; shapes that lose nothing come back as they are."""
        result = shapes.copy()
        shape, band = self.tree.query(shapes, predicate="intersects")
        for row, near in grouped(shape, band):
            result[row] = shapely.difference(shapes[row], shapely.union_all(self.bands[near]))
        return result

    def between(self, one: Shapes, other: Shapes) -> NDArray[np.bool_]:
        """For each pair of shapes, whether a road, railway or bank lies on the shortest line between them."""
        apart = np.zeros(len(one), dtype=bool)
        links = shapely.shortest_line(one, other)
        apart[self.fence.query(links, predicate="intersects")[0]] = True
        return apart


def grouped(owner: NDArray[np.int64], member: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Members of each owner, owners ascending, members ascending."""
    order = np.lexsort((member, owner))
    owner, member = owner[order], member[order]
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else np.empty(0, dtype=np.int64)
    return [(int(owner[start]), part) for start, part in zip(starts, np.split(member, starts[1:]), strict=False)]


def _half_widths(ways: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Of each way; 0 for areas, NaN for what takes no ground of its own."""
    half = np.full(len(ways), np.nan)
    kind = ways["kind"].to_numpy(dtype=object)
    road = kind == "road"
    half[road] = ways["road_class"][road].map(HALF_WIDTH_M).to_numpy(dtype=float)
    half[kind == "railway"] = RAILWAY_HALF_M
    half[kind == "river"] = RIVER_HALF_M
    half[kind == "water"] = 0.0
    return half
