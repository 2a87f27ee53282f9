"""From the lines themselves to where the estate ends: the road's red line, its centre, its far edge, a distance, a bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.gazetteer import Category, Gazetteer
from geo.blocks.readings import Choice, Reading, direction
from geo.blocks.ring import ON_LINE_M, ring_samples
from geo.blocks.window import Window
from geo.sides.types import LineKind, Part, Side

_LEAST_HALF_M: Final = 5.0
"""The nearer carriageway of a divided road keeps at least this."""
_PAIR_M: Final = 60.0
_MITRE: Final = 3.0
_SPIKE_M: Final = 2.0
_LEAST_KEPT: Final = 0.2
_NO_ROAD_M: Final = 4.0
"""Network lines without a name are set back by their class; anything nearer than this to the ring is the ring's own line."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What is done at one named line: ``metres`` taken from the block there, negative: added."""

    line: BaseGeometry
    metres: float
    side: Side


def set_back(block: Polygon, reading: Reading, window: Window) -> tuple[BaseGeometry, tuple[str, ...]]:
    """The estate's ground inside a block of centre lines, and Chinese notes.

    Along a road the ground ends at the red line (half of the road's land from its centre) where the text says 红线, 围墙 or
    边线, and also where it says nothing: land is granted up to the red line, and a text that means the centre line says so.
    中心线 and 半幅 keep the centre line; 含 and 全幅 take the road in, to its far red line; 「X以东50米」 shifts by that distance. A
    divided road is drawn as two lines: the nearer one keeps what is left of the half width beyond half of their distance.

    Parameters
    ----------
    block
        Metres; along the lines themselves.
    reading
        The features and words of each side.
    window
        Where the block lies.
    """
    notes: list[str] = []
    shifts = [
        shift
        for side in reading.sides
        for choice in reading.choices[side]
        for shift in _shifts(block, side, choice, window)
    ]
    ground: BaseGeometry = block
    for shift in (s for s in shifts if s.metres < 0):
        outside = shapely.difference(_strip(shift, block, outward=True), block)
        ground = shapely.union(ground, outside)
    taken = [_strip(shift, block, outward=False) for shift in shifts if shift.metres > 0]
    kept = [shift for shift in shifts if shift.metres <= 0]
    taken += _unnamed(block, window, [s.line for s in shifts])
    if taken:
        ground = shapely.difference(ground, shapely.union_all(np.asarray(taken, dtype=object)))
    water = _water(block, window, kept)
    if water:
        ground = shapely.difference(ground, shapely.union_all(np.asarray(water, dtype=object)))
    clean = _cleaned(ground)
    if clean.is_empty or clean.area < _LEAST_KEPT * block.area:
        notes.append("按道路红线退让后所剩面积过小，保留道路中心线围成的范围")
        return block, tuple(notes)
    return clean, tuple(notes)


def _shifts(block: Polygon, side: Side, choice: Choice, window: Window) -> list[Shift]:
    gazetteer, found = window.gazetteer, []
    for number in choice.features:
        lines = window.feature_lines(number)
        lines = lines[shapely.dwithin(lines, block.exterior, ON_LINE_M)] if len(lines) else lines
        if not len(lines):
            continue
        near = shapely.multilinestrings(list(lines))
        for half, part_line in _by_width(number, lines, gazetteer):
            apart = _carriageways_apart(block, number, near, side, window)
            metres = _metres(choice.part, side, half, apart, gazetteer.features[number].category)
            found.append(Shift(_facing(part_line, block, side), metres, side))
    return [shift for shift in found if not shift.line.is_empty]


def _metres(part: Part, side: Side, half: float, apart: float, category: Category) -> float:
    """How much of the block a side's words take away at the line (the carriageway on the block's side)."""
    if part.offset_m is not None:
        return part.offset_m - apart / 2
    near = max(half - apart / 2, _LEAST_HALF_M) if half > 0 else 0.0
    far = -(half + apart / 2)
    if part.width == "half" or (part.line is LineKind.CENTRE and part.included is not True):
        return -apart / 2
    if part.included is True or part.width == "full":
        return far
    if part.far_side is side and category is not Category.PLACE and part.included is None:
        return far
    return near


def _by_width(number: int, lines: NDArray[np.object_], gazetteer: Gazetteer) -> list[tuple[float, BaseGeometry]]:
    """A feature's lines grouped by half width."""
    if number in gazetteer.shapes:
        return [(0.0, shapely.multilinestrings(list(lines)))]
    rows = gazetteer.feature_edges[number]
    chosen = rows[np.isin(shapely.to_wkb(gazetteer.edges[rows]), shapely.to_wkb(lines))]
    widths = gazetteer.half_m[chosen]
    return [
        (float(width), shapely.multilinestrings(list(gazetteer.edges[chosen[widths == width]])))
        for width in np.unique(widths)
    ]


def _carriageways_apart(block: Polygon, number: int, near: BaseGeometry, side: Side, window: Window) -> float:
    """Distance between the two lines of a divided road at the block's ring; 0 for a road of one line."""
    if number in window.gazetteer.shapes:
        return 0.0
    xy, normal = ring_samples(block)
    spots = np.asarray(shapely.points(xy), dtype=object)
    mine = shapely.dwithin(near, spots, 1.0) & (normal @ np.asarray(direction(side)) > 0.3)
    if mine.sum() < 3:
        return 0.0
    starts, outward = xy[mine], normal[mine]
    rays = shapely.linestrings(np.stack([starts + outward * 3.0, starts + outward * _PAIR_M], axis=1))
    hits = shapely.intersection(rays, near)
    away = shapely.distance(shapely.points(starts), hits)
    found = away[np.isfinite(away)]
    return float(np.median(found)) if len(found) > 0.6 * len(away) else 0.0


def _facing(line: BaseGeometry, block: Polygon, side: Side) -> BaseGeometry:
    """Those parts of the block's ring that run along the line, on the side in question; the line itself where it is beside."""
    ring = shapely.intersection(block.exterior, shapely.buffer(line, 0.5, cap_style="flat"))
    if ring.is_empty:
        ring = shapely.intersection(block.exterior, shapely.buffer(line, ON_LINE_M, cap_style="flat"))
    parts = [p for p in shapely.get_parts(ring) if p.geom_type == "LineString" and p.length > 0]
    return shapely.line_merge(shapely.multilinestrings(parts)) if parts else shapely.MultiLineString()


def _strip(shift: Shift, block: Polygon, *, outward: bool) -> BaseGeometry:
    """Ground within the shift's distance of its line."""
    metres = abs(shift.metres)
    if outward:
        return shapely.buffer(shift.line, metres, cap_style="flat", join_style="mitre", mitre_limit=_MITRE)
    return shapely.buffer(shift.line, metres, cap_style="square", join_style="mitre", mitre_limit=_MITRE)


def _unnamed(block: Polygon, window: Window, named: list[BaseGeometry]) -> list[BaseGeometry]:
    """Strips along roads of the ring that the text does not name."""
    gazetteer = window.gazetteer
    rows = np.sort(gazetteer.tree.query(block.exterior, predicate="dwithin", distance=0.5))
    if not len(rows):
        return []
    middle = shapely.line_interpolate_point(gazetteer.edges[rows], 0.5, normalized=True)
    along = shapely.dwithin(block.exterior, middle, 0.5) & (gazetteer.half_m[rows] > 0)
    if named:
        along &= ~shapely.dwithin(shapely.union_all(np.asarray(named, dtype=object)), middle, _NO_ROAD_M)
    chosen = rows[along]
    return list(shapely.buffer(gazetteer.edges[chosen], gazetteer.half_m[chosen], cap_style="flat", join_style="mitre"))


def _water(block: Polygon, window: Window, kept: list[Shift]) -> list[BaseGeometry]:
    """Water areas on the block's ring: an estate ends at the bank, unless the text takes the water in or names its centre."""
    waters = window.gazetteer.water
    if not len(waters):
        return []
    on_ring = waters[shapely.dwithin(waters, block.exterior, 0.5)]
    lines = [shift.line for shift in kept]
    return [w for w in on_ring if not any(shapely.intersects(w, line) for line in lines)]


def _cleaned(ground: BaseGeometry) -> BaseGeometry:
    """The largest part without necks and spikes narrower than 4 m; valid."""
    opened = shapely.buffer(
        shapely.buffer(ground, -_SPIKE_M, join_style="mitre", mitre_limit=_MITRE),
        _SPIKE_M,
        join_style="mitre",
        mitre_limit=_MITRE,
    )
    parts = [part for part in shapely.get_parts(opened) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        return Polygon()
    best = max(parts, key=lambda part: (part.area, part.bounds))
    return best if best.is_valid else shapely.make_valid(best)
