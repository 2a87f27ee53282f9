"""The ground around a place where an outline is looked for: lines of a reading, edges of the map, polygons made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.bridges import REACHES_M, End, line_ends, same_name, together
from geo.blocks.gazetteer import Gazetteer
from geo.blocks.readings import Reading, Vector
from geo.blocks.ring import SideLines
from geo.sides.types import Side

Lines = NDArray[np.object_]
LEAST_AREA_M2: Final = 400.0
LEAST_WIDTH_M: Final = 14.0
"""Faces narrower than this lie between carriageways."""
_NETWORK_M: Final = 1500.0
"""The network is looked at no farther than this: no block is larger, and a dense city has 20,000 lines in 3 km."""
NEAR_M: Final = 400.0
"""Faces farther than this from the point are not looked at."""


@dataclass(eq=False)
class Window:
    """A circle around a place of the map."""

    gazetteer: Gazetteer
    xy: Vector
    radius_m: float
    _lines: dict[int, Lines] = field(default_factory=dict, repr=False)
    _sides: dict[tuple[int, ...], BaseGeometry] = field(default_factory=dict, repr=False)
    _ends: dict[tuple[int, ...], list[End]] = field(default_factory=dict, repr=False)
    _edges: Lines | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.spot = shapely.Point(*self.xy)
        self.box = shapely.box(
            self.xy[0] - self.radius_m,
            self.xy[1] - self.radius_m,
            self.xy[0] + self.radius_m,
            self.xy[1] + self.radius_m,
        )

    @property
    def edges(self) -> Lines:
        """Lines of the map that may close a block, noded."""
        if self._edges is None:
            reach = min(self.radius_m, _NETWORK_M)
            rows = np.sort(self.gazetteer.tree.query(self.spot, predicate="dwithin", distance=reach))
            self._edges = self.gazetteer.edges[rows[self.gazetteer.network[rows]]]
        return self._edges

    def feature_lines(self, number: int) -> Lines:
        """Lines of one feature inside the window."""
        if number not in self._lines:
            self._lines[number] = self.gazetteer.lines(number, self.box)
        return self._lines[number]

    def ends(self, numbers: tuple[int, ...]) -> list[End]:
        """Ends of features inside the window."""
        if numbers not in self._ends:
            lines = {n: found for n in numbers if len(found := self.feature_lines(n))}
            self._ends[numbers] = line_ends(lines, self.xy)
        return self._ends[numbers]

    def side_lines(self, reading: Reading) -> SideLines:
        """Lines of a reading inside the window, by side; gaps between pieces that go on in the same direction count as drawn
        when a ring is measured, not when faces are made."""
        by_side: dict[Side, BaseGeometry] = {}
        for side in reading.sides:
            key = reading.features(side)
            if key not in self._sides:
                found = [line for number in key for line in self.feature_lines(number)]
                for number in key:
                    found += same_name(self.ends((number,)), REACHES_M[-1])
                shape = together(found)
                shapely.prepare(shape)
                self._sides[key] = shape
            if not self._sides[key].is_empty:
                by_side[side] = self._sides[key]
        every = [line for number in reading.all_features for line in self.feature_lines(number)]
        return SideLines(reading, by_side, np.asarray(every, dtype=object))

    def around(self, radius_m: float) -> dict[int, tuple[float, Vector]]:
        """Features with lines within a distance of the place: how far, and the unit vector to the nearest point of each."""
        rows = self.gazetteer.tree.query(self.spot, predicate="dwithin", distance=radius_m)
        found: dict[int, tuple[float, Vector]] = {}
        if not len(rows):
            return found
        links = shapely.shortest_line(self.spot, self.gazetteer.edges[rows])
        step = np.diff(shapely.get_coordinates(links).reshape(-1, 2, 2), axis=1)[:, 0]
        size = np.hypot(*step.T)
        unit = step / np.maximum(size, 1e-9)[:, None]
        for k in np.argsort(size, kind="stable"):
            for number in self.gazetteer.edge_features[rows[k]]:
                found.setdefault(number, (float(size[k]), (float(unit[k][0]), float(unit[k][1]))))
        return found

    def towards(self, numbers: Iterable[int]) -> dict[int, Vector]:
        """Unit vector from the place to the nearest point of each feature."""
        found: dict[int, Vector] = {}
        for number in numbers:
            shape = self.gazetteer.shapes.get(number)
            lines = self.feature_lines(number)
            target = shape if shape is not None else together(lines)
            if target is None or target.is_empty:
                continue
            step = np.diff(shapely.get_coordinates(shapely.shortest_line(self.spot, target)), axis=0)[0]
            size = float(np.hypot(*step))
            found[number] = (float(step[0] / size), float(step[1] / size)) if size > 0 else (0.0, 0.0)
        return found


def faces(lines: Lines | Sequence[LineString], noded: bool = False) -> list[Polygon]:
    """Faces between lines, without slivers between carriageways."""
    every = np.asarray(lines, dtype=object)
    if not len(every):
        return []
    cut = every if noded else shapely.get_parts(shapely.union_all(every))
    found = shapely.get_parts(shapely.polygonize(cut))
    return [face for face in found if is_ground(face)]


def is_ground(face: Polygon) -> bool:
    """Whether a face is wide enough to live on."""
    if face.area < LEAST_AREA_M2:
        return False
    if face.area > 0.25 * LEAST_WIDTH_M * face.length:
        return True
    return not shapely.is_empty(shapely.buffer(face, -LEAST_WIDTH_M / 2, quad_segs=1))


def nearest_faces(found: Sequence[Polygon], spot: BaseGeometry, most: int, within_m: float = NEAR_M) -> list[Polygon]:
    """Faces within a distance of a place, the nearest first."""
    if not found:
        return []
    metres = shapely.distance(np.asarray(found, dtype=object), spot)
    order = sorted(range(len(found)), key=lambda k: (metres[k], found[k].bounds))
    return [found[k] for k in order[:most] if metres[k] <= within_m]


def without_holes(shape: Polygon) -> Polygon:
    return Polygon(shape.exterior) if shape.interiors else shape


def enclosed_by_walls(lines: Lines, spot: BaseGeometry, half_m: float, radius_m: float) -> Polygon | None:
    """The free ground around a place between lines that are ``2 · half_m`` thick; ``None`` if it is open.

    Thick lines close gaps up to their own width and swallow the strip between carriageways. The ground is given back the
    half width, so that it ends at the lines; corners stay sharp.
    """
    near = lines[shapely.dwithin(lines, spot, radius_m)]
    if not len(near):
        return None
    walls = shapely.union_all(shapely.buffer(near, half_m, quad_segs=2))
    holes = [Polygon(ring) for part in shapely.get_parts(walls) for ring in part.interiors]
    inside = [hole for hole in holes if shapely.dwithin(hole, spot, 3 * half_m)]
    if not inside:
        return None
    free = min(inside, key=lambda hole: (hole.distance(spot), hole.area))
    grown = shapely.buffer(free, half_m, join_style="mitre", mitre_limit=2.0)
    parts = [part for part in shapely.get_parts(grown) if isinstance(part, Polygon)]
    whole = without_holes(max(parts, key=lambda part: part.area)).simplify(0.5)
    return whole if isinstance(whole, Polygon) and whole.is_valid else None
