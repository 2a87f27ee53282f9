"""Shapes divided by zones (streets): whole where one zone holds them, cut where they lie across a border."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.ground_taken import Shapes, grouped


def split(shapes: Shapes, zones: Shapes, least_m2: float) -> tuple[Shapes, NDArray[np.int64], NDArray[np.int64]]:
    """Shapes cut at the borders of zones; nothing is lost and nothing doubled.

    Borders are drawn less exactly than land: parts under ``least_m2`` stay with the shape's largest part.

    Parameters
    ----------
    shapes, zones
        Polygons in metres. Where zones overlap, the first counts.

    Returns
    -------
    tuple
        The parts (polygons, also of several pieces), the row in ``shapes`` of each, and its row in ``zones``
        (``len(zones)``, the last, where no zone holds it).
    """
    nowhere = len(zones)
    whole = np.full(len(shapes), -1, dtype=np.int64)
    near: list[tuple[int, NDArray[np.int64]]] = []
    if len(shapes) and len(zones):
        tree = shapely.STRtree(shapes)
        zone, shape = tree.query(zones, predicate="covers")
        order = np.argsort(-zone, kind="stable")
        whole[shape[order]] = zone[order]
        zone, shape = tree.query(zones, predicate="intersects")
        open_ = whole[shape] < 0
        near = grouped(shape[open_], zone[open_])
    parts = list(shapes[whole >= 0])
    owner, of = list(np.flatnonzero(whole >= 0)), list(whole[whole >= 0])
    crossing = dict(near)
    for row in np.flatnonzero(whole < 0):
        for part, zone_row in _cut(shapes[row], zones, crossing.get(int(row)), nowhere, least_m2):
            parts.append(part)
            owner.append(row)
            of.append(zone_row)
    made = np.empty(len(parts), dtype=object)
    made[:] = parts
    rows = np.array(owner, dtype=np.int64)
    order = np.lexsort((np.array(of, dtype=np.int64), rows)) if len(parts) else np.empty(0, dtype=np.int64)
    return made[order], rows[order], np.array(of, dtype=np.int64)[order]


def _cut(
    shape: BaseGeometry, zones: Shapes, near: NDArray[np.int64] | None, nowhere: int, least_m2: float
) -> list[tuple[BaseGeometry, int]]:
    left = shape
    found: list[tuple[BaseGeometry, int]] = []
    for zone in near if near is not None else ():
        part = _areas(shapely.intersection(left, zones[zone]))
        if not part.is_empty:
            found.append((part, int(zone)))
            left = shapely.difference(left, zones[zone])
    left = _areas(left)
    if not left.is_empty:
        found.append((left, nowhere))
    if len(found) < 2:
        return found
    best = max(range(len(found)), key=lambda k: (found[k][0].area, -found[k][1]))
    main = [part for k, (part, _) in enumerate(found) if k == best or part.area < least_m2]
    rest = [(part, zone) for k, (part, zone) in enumerate(found) if k != best and part.area >= least_m2]
    joined = main[0] if len(main) == 1 else _areas(shapely.union_all(main))
    return [(joined, found[best][1]), *rest]


def _areas(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()
