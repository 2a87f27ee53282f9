"""Where in a city all named sides come together: the place of a block whose point is not known."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.blocks.bridges import together
from geo.blocks.gazetteer import Gazetteer
from geo.blocks.readings import Reading, Vector, direction
from geo.blocks.window import faces
from geo.sides.types import Side

_MEET_M: Final = 250.0
"""Two neighbouring sides whose lines come this near meet at a corner (a way may be missing)."""
_MOST_PLACES: Final = 6
_SPAN_M: Final = 3000.0
_SAME_M: Final = 150.0


def places_of(reading: Reading, gazetteer: Gazetteer) -> list[Vector]:
    """Places (metres) around which every side of a reading has its line in the right direction; at most six.

    First inside the faces between all the named lines of the city; where no face has every side, between the corners at
    which neighbouring sides meet.
    """
    lines = {side: _joined(reading, side, gazetteer) for side in reading.sides}
    if any(shape.is_empty for shape in lines.values()):
        return []
    found = faces(np.concatenate([shapely.get_parts(shape) for shape in lines.values()]))
    inner = [face for face in found if _touches(face, lines)]
    spots = [_xy(shapely.point_on_surface(face)) for face in sorted(inner, key=lambda f: f.bounds)]
    kept = _apart([spot for spot in spots if _rightly(spot, lines)])
    return kept[:_MOST_PLACES] if kept else _between_corners(lines)


def _joined(reading: Reading, side: Side, gazetteer: Gazetteer) -> shapely.MultiLineString:
    found = [line for number in reading.features(side) for line in gazetteer.lines(number)]
    return together(found)


def _touches(face: shapely.Polygon, lines: dict[Side, shapely.MultiLineString]) -> bool:
    return all(shapely.dwithin(face, shape, 1.0) for shape in lines.values())


def _rightly(spot: Vector, lines: dict[Side, shapely.MultiLineString]) -> bool:
    """Whether each side's line lies in its direction, by the nearest place of it."""
    point = shapely.Point(*spot)
    for side, shape in lines.items():
        step = np.diff(shapely.get_coordinates(shapely.shortest_line(point, shape)), axis=0)[0]
        size = float(np.hypot(*step))
        if size > _SPAN_M or (size > 0 and float(np.dot(step / size, direction(side))) < 0.2):
            return False
    return True


def _between_corners(lines: dict[Side, shapely.MultiLineString]) -> list[Vector]:
    """Middles between corners of opposite pairs of neighbouring sides."""
    ordered = sorted(lines, key=lambda side: side.degrees)
    corners: list[NDArray[np.float64]] = []
    for k, side in enumerate(ordered):
        corners.append(_meetings(lines[side], lines[ordered[(k + 1) % len(ordered)]]))
    spots: list[Vector] = []
    half = len(corners) // 2
    for k in range(half):
        for one in corners[k]:
            for other in corners[k + half]:
                if np.hypot(*(one - other)) <= _SPAN_M:
                    middle = (float((one[0] + other[0]) / 2), float((one[1] + other[1]) / 2))
                    if _rightly(middle, lines):
                        spots.append(middle)
    return _apart(spots)[:_MOST_PLACES]


def _meetings(one: shapely.MultiLineString, other: shapely.MultiLineString) -> NDArray[np.float64]:
    """Places where two sides cross or come near each other, one for each run of them; at most twelve."""
    parts = shapely.get_parts(one)
    links = shapely.shortest_line(parts, other)
    links = links[shapely.length(links) <= _MEET_M]
    spots = [_xy(shapely.line_interpolate_point(link, 0.5, normalized=True)) for link in links]
    return np.array(_apart(spots)[:12]).reshape(-1, 2)


def _apart(spots: list[Vector]) -> list[Vector]:
    """Places of which no two are nearer than 150 m, in a fixed order."""
    kept: list[Vector] = []
    for spot in sorted(spots):
        if all(np.hypot(spot[0] - o[0], spot[1] - o[1]) > _SAME_M for o in kept):
            kept.append(spot)
    return kept


def _xy(point: shapely.Point) -> Vector:
    return float(point.x), float(point.y)
