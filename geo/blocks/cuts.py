"""A side that no line is known for, cut straight: to the ledger's area, or half-way to a neighbour's position."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.readings import Vector, direction
from geo.sides.types import Side

_STEPS: Final = 40
_FAR_M: Final = 20_000.0


def cut_to_area(ground: Polygon, side: Side, area_m2: float, inside: Vector, lean: float = 0.0) -> Polygon | None:
    """The part of open ground away from a side that has a given area and holds a place.

    Parameters
    ----------
    ground
        Metres; closed by the window on the side in question.
    side
        The side without a line.
    area_m2
        Wanted area.
    inside
        Place that the result holds.
    lean
        Radians by which the cut's normal is turned from the side's direction, clockwise (the block's own bearing).

    Returns
    -------
    Polygon or None
        ``None`` if the ground is not large enough.
    """
    normal = _turned(direction(side), lean)
    reach = shapely.get_coordinates(ground) @ np.asarray(normal)
    low, high = float(reach.min()), float(reach.max())
    if ground.area < area_m2:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        part = _piece(ground, normal, middle, inside)
        if part is None or part.area < area_m2:
            low = middle
        else:
            high = middle
    return _piece(ground, normal, high, inside)


def cut_between(ground: Polygon, inside: Vector, neighbour: BaseGeometry) -> Polygon | None:
    """The part of the ground that is nearer to a place than to a neighbour's position."""
    other = shapely.get_coordinates(shapely.centroid(neighbour))[0]
    step = other - np.asarray(inside)
    size = float(np.hypot(*step))
    if size < 1.0:
        return None
    normal = (float(step[0] / size), float(step[1] / size))
    middle = float(((np.asarray(inside) + other) / 2) @ np.asarray(normal))
    return _piece(ground, normal, middle, inside)


def bearing(ground: BaseGeometry) -> float:
    """How far a block's walls are turned from the compass, -45 to 45 degrees in radians, clockwise; length-weighted."""
    xy = shapely.get_coordinates(shapely.get_exterior_ring(ground) if ground.geom_type == "Polygon" else ground)
    step = np.diff(xy, axis=0)
    length = np.hypot(*step.T)
    angle = np.arctan2(step[:, 0], step[:, 1])
    mean = np.angle(np.sum(length * np.exp(4j * angle)))
    return float(mean / 4)


def _turned(vector: Vector, radians: float) -> Vector:
    c, s = np.cos(radians), np.sin(radians)
    return float(vector[0] * c + vector[1] * s), float(-vector[0] * s + vector[1] * c)


def _piece(ground: Polygon, normal: Vector, reach: float, inside: Vector) -> Polygon | None:
    """What lies within ``reach`` along the normal and holds, or is nearest to, the place."""
    n = np.asarray(normal)
    along = np.array([-n[1], n[0]])
    foot = n * reach + along * float(np.asarray(inside) @ along)
    half = Polygon(
        [
            foot + along * _FAR_M,
            foot - along * _FAR_M,
            foot - along * _FAR_M - n * _FAR_M,
            foot + along * _FAR_M - n * _FAR_M,
        ]
    )
    parts = [
        p for p in shapely.get_parts(shapely.intersection(ground, half)) if isinstance(p, Polygon) and p.area > 1.0
    ]
    if not parts:
        return None
    spot = shapely.Point(*inside)
    return min(parts, key=lambda part: (part.distance(spot), -part.area))
