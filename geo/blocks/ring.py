"""How a polygon's ring agrees with the sides of a text: along which lines it runs, and with which outward normals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.bridges import together
from geo.blocks.readings import Reading, direction
from geo.sides.types import Side

ON_LINE_M: Final = 25.0
"""A ring this near to a named line runs along it: the other carriageway, a verge (notes: 28 m)."""
ON_EDGE_M: Final = 4.0
"""A ring this near to a line of the map is that line."""
_FACING: Final = 0.2
"""Least cosine between outward normal and the side's direction: a side of a crooked block may be 78 degrees off."""
_SAMPLES: Final = (48, 220)
_STEP_M: Final = 7.0


@dataclass(frozen=True, slots=True)
class RingFigures:
    """Shares of the ring; see `geo.blocks.types.Evidence`."""

    shares: Mapping[Side, float]
    directions: Mapping[Side, float]
    explained: float
    contrary: float
    bridged_m: float
    bridged_share: float
    network_share: float
    perimeter_m: float


@dataclass(frozen=True, eq=False)
class SideLines:
    """Lines of a reading in a window.

    ``lines``: by side, with what is missing between two pieces of one name, prepared for measuring; ``every``: the lines as
    the map has them.
    """

    reading: Reading
    lines: Mapping[Side, BaseGeometry]
    every: NDArray[np.object_] = field(repr=False)

    @cached_property
    def drawn(self) -> BaseGeometry:
        """All lines as the map has them, prepared."""
        shape = together(self.every)
        shapely.prepare(shape)
        return shape

    @property
    def sides(self) -> tuple[Side, ...]:
        return tuple(self.lines)


def ring_samples(polygon: Polygon) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places along the outer ring, evenly spaced, and the outward unit normal at each, smoothed over about 20 m.

    Returns
    -------
    tuple
        ``xy`` and ``normal``, both ``(n, 2)``.
    """
    ring = polygon.exterior
    length = ring.length
    n = int(np.clip(length / _STEP_M, *_SAMPLES))
    at = (np.arange(n) + 0.5) * length / n
    reach = min(12.0, length / 24)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, (at + reach) % length))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(ring, (at - reach) % length))
    chord = ahead - behind
    normal = np.column_stack([chord[:, 1], -chord[:, 0]])
    if not ring.is_ccw:
        normal = -normal
    return xy, normal / np.maximum(np.hypot(*normal.T), 1e-9)[:, None]


def measure_ring(polygon: Polygon, lines: SideLines, edges: shapely.STRtree) -> RingFigures:
    """How well the ring agrees with a reading.

    Parameters
    ----------
    polygon
        Metres.
    lines
        Of the reading.
    edges
        Index of all lines of the map (and outlines) that a ring may follow.
    """
    xy, normal = ring_samples(polygon)
    spots = np.asarray(shapely.points(xy), dtype=object)
    sides = lines.sides
    wanted = (*sides, *lines.reading.unknown)
    out = np.array([direction(side) for side in wanted]).reshape(len(wanted), 2)
    cosine = normal @ out.T
    near = np.zeros((len(xy), len(wanted)), dtype=bool)
    for k, side in enumerate(sides):
        near[:, k] = shapely.dwithin(lines.lines[side], spots, ON_LINE_M)
    fits = near & (cosine >= _FACING)
    # Each sample belongs to the best facing side whose line it follows, else to the side it faces.
    owner = np.where(fits.any(axis=1), np.argmax(np.where(fits, cosine, -2.0), axis=1), np.argmax(cosine, axis=1))
    told = fits.any(axis=1)
    shares, directions = {}, {}
    for k, side in enumerate(sides):
        mine = owner == k
        shares[side] = float((mine & told).sum() / mine.sum()) if mine.any() else 0.0
        own = near[:, k] & ~(told & ~mine)
        directions[side] = float(cosine[own, k].mean()) if own.any() else -1.0
    on_map = np.zeros(len(xy), dtype=bool)
    on_map[np.unique(edges.query(spots, predicate="dwithin", distance=ON_EDGE_M)[0])] = True
    if len(lines.every):
        on_map |= shapely.dwithin(lines.drawn, spots, ON_EDGE_M)
    named = near[:, : len(sides)].any(axis=1)
    length = float(polygon.exterior.length)
    return RingFigures(
        shares,
        directions,
        float(told.mean()),
        float((named & ~told & (np.where(near, cosine, -2.0).max(axis=1) < -_FACING)).mean()),
        float((~on_map).mean()) * length,
        float((~on_map).mean()),
        float((on_map & ~told).mean()),
        length,
    )
