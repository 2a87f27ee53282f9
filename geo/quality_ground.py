"""Boundaries made ready for measuring: repaired, in metres, indexed; and the limits beyond which a figure is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import CHINA_BOX, Floats, from_metric, metric_crs
from geo.errors import InputError
from geo.shapes import Shapes, metric_shapes, repair


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a figure is worth telling (容差). Metres, square metres and shares; a value *at* its limit passes."""

    overlap_m2: float = 10.0
    """Common ground of two boundaries."""
    sliver_width_m: float = 2.0
    """Common ground narrower than this is a sliver of drawing, wider is a claim of two on one ground."""
    same_share: float = 0.98
    """Common ground over the ground of both: from here on two boundaries are one boundary twice."""
    contained_share: float = 0.999
    """Share of the smaller boundary inside the larger one, from which it counts as lying within."""
    gap_width_m: float = 1.0
    """Two neighbours that leave a strip narrower than this were meant to touch."""
    gap_length_m: float = 10.0
    """Length of such a strip."""
    region_gap_width_m: float = 5.0
    """The same between two estates of one region, where a strip without an owner is nobody's to sweep."""
    hole_m2: float = 10.0
    """Ground enclosed by a region that none of its estates holds."""
    piece_distance_m: float = 100.0
    """Pieces of one region that lie farther apart than this."""
    part_distance_m: float = 50.0
    """Parts of one boundary that lie farther from its main part than this."""
    tiny_part_m2: float = 20.0
    """A part of a boundary with less ground than this."""
    tail_width_m: float = 2.0
    """A long narrow part: narrower than this …"""
    tail_length_m: float = 15.0
    """… and longer than this."""
    small_m2: float = 200.0
    """A whole boundary with less ground than this holds no estate."""
    large_m2: float = 3_000_000.0
    """A whole boundary with more ground than this is rather a quarter."""
    split_share: float = 0.1
    """A main road, railway or river cuts a boundary when each side keeps at least this share of its ground …"""
    split_m2: float = 500.0
    """… and at least this much."""
    outside_share: float = 0.05
    """Share of a boundary outside the unit that the register names …"""
    outside_m2: float = 100.0
    """… and ground of that part."""
    elsewhere_share: float = 0.5
    """Share outside from which the estate really lies in another unit."""
    outside_point_m: float = 20.0
    """Distance of a point from the unit that the register names."""
    unit_overlap_m2: float = 100.0
    """Common ground of two units of one level."""
    unit_gap_m2: float = 1000.0
    """Ground between the units of one level that none of them holds."""
    unit_width_m: float = 2.0
    """Overlaps and gaps of units narrower than this are drawing."""
    point_m: float = 10.0
    """Distance of an estate's point from its own boundary …"""
    far_point_m: float = 200.0
    """… and the distance from which the two show different places."""
    same_point_m: float = 1.0
    """Points of two estates nearer to each other than this are one point."""
    gate_boundary_m: float = 30.0
    """Distance of a gate from the line of the boundary …"""
    far_gate_m: float = 100.0
    """… and the distance from which it cannot be a gate of this estate."""
    gate_road_m: float = 50.0
    """Distance of a gate from the nearest road."""
    round_share: float = 0.005
    """A ring whose radius varies by less than this share is a drawn circle; the same for sides and angles of a square."""
    decimals: int = 3
    """Coordinates with no more decimals than this were typed (three decimals of a degree are 100 m)."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Boundaries with their ids, sorted by id, in degrees as stored, and repaired in metres of ``crs``.

    ``raw`` may be invalid; ``shapes`` (metres) are valid or ``None`` where nothing could be made of them.
    """

    ids: NDArray[np.object_]
    raw: NDArray[np.object_] = field(repr=False)
    shapes: NDArray[np.object_] = field(repr=False)
    crs: CRS

    @classmethod
    def of(cls, boundaries: gpd.GeoSeries, crs: CRS | None = None) -> Ground:
        """Boundaries ready for measuring; rows without a shape, or with one outside China, are left out.

        Parameters
        ----------
        boundaries
            Polygons in EPSG:4490, indexed by id.
        crs
            Plane to measure in; by default that of their middle.
        """
        raw = np.asarray(shapely.force_2d(boundaries.to_numpy()), dtype=object)
        known = ~shapely.is_missing(raw) & np.isfinite(_sums(raw))
        raw, index = raw[known], boundaries.index[known]
        box = np.nan_to_num(shapely.bounds(raw), nan=-1.0, posinf=-1.0, neginf=-1.0).reshape(-1, 4)
        west, east, south, north = CHINA_BOX
        usable = (box[:, 0] >= west) & (box[:, 2] <= east) & (box[:, 1] >= south) & (box[:, 3] <= north)
        usable &= shapely.get_dimensions(raw) == 2
        index, raw = index[usable], raw[usable]
        order = np.argsort(index.to_numpy().astype(str), kind="stable")
        ids, raw = index.to_numpy(dtype=object)[order], raw[order]
        plane = crs or metric_crs(float(np.mean(shapely.total_bounds(raw)[[0, 2]])) if len(raw) else 111.0)
        return cls(ids, raw, metric_shapes(_valid(raw), plane), plane)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Whether each boundary is valid as stored."""
        return np.asarray(shapely.is_valid(self.raw), dtype=bool)

    @cached_property
    def area_m2(self) -> Floats:
        """Ground of each boundary after repair; 0 where nothing could be made of it."""
        return np.nan_to_num(shapely.area(self.shapes))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of ``shapes``."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def row(self) -> dict[object, int]:
        """Id → row."""
        return {key: at for at, key in enumerate(self.ids)}

    def bounds(self, shapes: Shapes) -> Floats:
        """West, south, east, north in EPSG:4490 degrees of shapes in metres, one row each."""
        return degrees(np.asarray(shapes, dtype=object), self.crs)

    def __len__(self) -> int:
        return len(self.ids)


def degrees(shapes: NDArray[np.object_], crs: CRS) -> Floats:
    """West, south, east, north in EPSG:4490 degrees of shapes in metres of ``crs``, shape ``(n, 4)``."""
    back = shapely.transform(shapes, lambda xy: np.column_stack(from_metric(xy[:, 0], xy[:, 1], crs)))
    return shapely.bounds(back).reshape(-1, 4)


def equivalent_width(shapes: Shapes) -> Floats:
    """Width of the rectangle with the same area and outline as each polygon, metres; of fat shapes a quarter outline."""
    area, outline = shapely.area(np.asarray(shapes, dtype=object)), shapely.length(np.asarray(shapes, dtype=object))
    return outline / 4 - np.sqrt(np.maximum(outline**2 / 16 - area, 0.0))


def equivalent_length(shapes: Shapes) -> Floats:
    """Length of that rectangle."""
    return shapely.length(np.asarray(shapes, dtype=object)) / 2 - equivalent_width(shapes)


def polygon_parts(shapes: Iterable[object]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The polygons within shapes of any kind, and the row of the shape that each comes from."""
    parts, row = shapely.get_parts(np.asarray(list(shapes), dtype=object), return_index=True)
    # Collections within collections do not come out of overlays of polygons.
    flat = shapely.get_type_id(parts) == 3
    return parts[flat], np.asarray(row[flat], dtype=np.int64)


def mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes made by buffers, valid again where a buffer left them invalid."""
    broken = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    if not len(broken):
        return shapes
    result = shapes.copy()
    result[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return result


def opened(shapes: NDArray[np.object_], width_m: float) -> NDArray[np.object_]:
    """Shapes without everything that is narrower than a width: shrunk by half of it and grown again."""
    shrunk = shapely.buffer(shapes, -width_m / 2, join_style="mitre")
    return mended(np.asarray(shapely.buffer(shrunk, width_m / 2, join_style="mitre"), dtype=object))


def _sums(raw: NDArray[np.object_]) -> Floats:
    """Sum of each shape's coordinates: not finite where one of them is not."""
    xy, owner = shapely.get_coordinates(raw, return_index=True)
    return np.bincount(owner, weights=xy.sum(axis=1), minlength=len(raw)).astype(np.float64)


def _valid(raw: NDArray[np.object_]) -> NDArray[np.object_]:
    shapes = raw.copy()
    for at in np.flatnonzero(~shapely.is_valid(raw)):
        try:
            shapes[at] = repair(raw[at])[0]
        except InputError:
            shapes[at] = None
    return shapes
