"""From the lines themselves to where the estate ends: the road's red line, its centre, its far edge, a distance, a bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.bridges import together
from geo.blocks.gazetteer import Category, Gazetteer
from geo.blocks.readings import Reading, direction
from geo.blocks.ring import ON_LINE_M, ring_samples
from geo.blocks.window import Lines, Window
from geo.sides.types import LineKind, Part, Side

NET_SHARE: Final = 0.8
"""A ledger's area below this share of the block is that of the net ground; areas in registers are rough to some 20 %."""
PARTED: Final = "退让后分成几块"
"""Begins the note on ground of which only the largest part is kept."""
_LEAST_HALF_M: Final = 5.0
"""The nearer carriageway of a divided road keeps at least this."""
_PAIR_M: Final = 60.0
_MITRE: Final = 3.0
_SPIKE_M: Final = 2.0
_LEAST_KEPT: Final = 0.2
_NOTED_M2: Final = 100.0
_ON_M: Final = 0.5
_FACING: Final = 0.3
_OFF_M: Final = 3.0
"""Rays towards the other carriageway begin this far off the nearer one."""
_LEAST_RAYS: Final = 3
_PAIRED: Final = 0.6
"""Share of rays that must meet the other carriageway."""
_NO_ROAD_M: Final = 4.0
"""Network lines without a name are set back by their class; anything nearer than this to the ring is the ring's own line."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What is done along some of the ring: ``metres`` taken from the block there, negative: added."""

    line: BaseGeometry
    metres: float
    takes_water: bool
    """The words reach into the water itself: its centre line, or 含."""


def ground_of(
    block: Polygon, reading: Reading, window: Window, area_m2: float | None
) -> tuple[BaseGeometry, tuple[str, ...]]:
    """The estate's ground inside a block of centre lines, and Chinese notes.

    A text that only names a road does not say which line of it is meant. The ledger's area does: where it is clearly less
    than the block's (below `NET_SHARE`), the net ground within the red lines is meant; otherwise, and without an area, the
    ground is kept up to the named lines themselves, which loses nothing that may belong to the estate.

    Parameters
    ----------
    block
        Metres; along the lines themselves.
    reading
        The features and words of each side.
    window
        Where the block lies.
    area_m2
        The ledger's area of the ground, if it has one.

    Returns
    -------
    tuple
        A valid polygon in metres without necks and spikes narrower than 4 m, and notes.
    """
    said, notes = set_back(block, reading, window, unstated=False)
    if area_m2 is None or area_m2 >= NET_SHARE * said.area:
        return said, notes
    net, net_notes = set_back(block, reading, window, unstated=True)
    if abs(np.log(net.area / area_m2)) >= abs(np.log(said.area / area_m2)):
        return said, notes
    return net, (*net_notes, "按台账占地面积，取道路红线以内的范围")


def net_share(said: BaseGeometry, block: Polygon, reading: Reading, window: Window) -> float:
    """How much of the ground is left if the words mean the roads' red lines, 0 to 1; 1 where they say so themselves."""
    net, _ = set_back(block, reading, window, unstated=True)
    return float(min(net.area / said.area, 1.0)) if said.area > 0 else 0.0


def set_back(
    block: Polygon, reading: Reading, window: Window, *, unstated: bool
) -> tuple[BaseGeometry, tuple[str, ...]]:
    """The block less what the words leave out.

    Along a road the ground ends at the red line (half of the road's land from its centre) where the text says 红线, 围墙 or
    边线. 中心线 and 半幅 keep the centre line; 含 and 全幅 take the road in, to its far red line; 「X以东50米」 shifts by that
    distance. A divided road is drawn as two lines: the nearer one keeps what is left of the half width beyond half of their
    distance. Water ends the ground at its bank.

    Parameters
    ----------
    block
        Metres; along the lines themselves.
    reading
        The features and words of each side.
    window
        Where the block lies.
    unstated
        Whether sides that name no line, and roads of the ring that the text does not name (by their class), are set back
        to the red line as well.

    Returns
    -------
    tuple
        A valid polygon in metres without necks and spikes narrower than 4 m, and notes.
    """
    ring = ring_samples(block)
    shifts = [
        shift
        for side in reading.sides
        for choice in reading.choices[side]
        for number in choice.features
        for shift in _shifts(block, ring, side, choice.part, number, window, unstated)
    ]
    ground: BaseGeometry = block
    for shift in shifts:
        if shift.metres < 0:
            strip = shapely.buffer(shift.line, -shift.metres, cap_style="flat", join_style="mitre", mitre_limit=_MITRE)
            ground = shapely.union(ground, shapely.difference(strip, block))
    taken: list[BaseGeometry] = [
        shapely.buffer(shift.line, shift.metres, cap_style="square", join_style="mitre", mitre_limit=_MITRE)
        for shift in shifts
        if shift.metres > 0
    ]
    if unstated:
        taken += _unnamed(block, window, [shift.line for shift in shifts])
    taken += _water(block, window, [shift.line for shift in shifts if shift.takes_water])
    if taken:
        ground = shapely.difference(ground, shapely.union_all(np.asarray(taken, dtype=object)))
    clean, left_out = _cleaned(ground)
    if clean.area < _LEAST_KEPT * block.area:
        return block, ("按道路红线退让后所剩面积过小，保留道路中心线围成的范围",)
    return clean, (f"{PARTED}，取最大一块，未计入 {left_out:.0f} 平方米",) if left_out > _NOTED_M2 else ()


def _shifts(
    block: Polygon,
    ring: tuple[NDArray[np.float64], NDArray[np.float64]],
    side: Side,
    part: Part,
    number: int,
    window: Window,
    unstated: bool,
) -> list[Shift]:
    """What the words of one part do along the lines of one feature, by the width of its lines."""
    gazetteer = window.gazetteer
    lines, widths = _near_ring(number, block, gazetteer)
    if not len(lines):
        return []
    category = gazetteer.features[number].category
    apart = _carriageways_apart(ring, side, lines) if category is Category.ROAD else 0.0
    wet = part.line is LineKind.CENTRE or part.included is True
    for reach in (_ON_M, ON_LINE_M):
        found = []
        for width in np.unique(widths):
            along = _along(block, together(lines[widths == width]), reach)
            if not along.is_empty:
                found.append(Shift(along, _metres(part, side, float(width), apart, category, unstated), wet))
        if found:
            return found
    return []


def _metres(part: Part, side: Side, half: float, apart: float, category: Category, unstated: bool) -> float:
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
    excluded = part.included is False or part.far_side is side.opposite
    return 0.0 if part.line is LineKind.UNSTATED and not excluded and not unstated else near


def _near_ring(number: int, block: Polygon, gazetteer: Gazetteer) -> tuple[Lines, NDArray[np.float64]]:
    """A feature's lines along the block's ring and their half widths."""
    if number in gazetteer.shapes:
        lines = gazetteer.lines(number)
        widths = np.zeros(len(lines))
    else:
        rows = gazetteer.feature_edges[number]
        lines, widths = gazetteer.edges[rows], gazetteer.half_m[rows]
    near = shapely.dwithin(lines, block.exterior, ON_LINE_M) if len(lines) else np.empty(0, dtype=bool)
    return lines[near], widths[near]


def _carriageways_apart(ring: tuple[NDArray[np.float64], NDArray[np.float64]], side: Side, lines: Lines) -> float:
    """Distance between the two lines of a divided road, as seen from the ring outwards; 0 for a road of one line."""
    xy, normal = ring
    near = together(lines)
    shapely.prepare(near)
    spots = np.asarray(shapely.points(xy), dtype=object)
    mine = shapely.dwithin(near, spots, 1.0) & (normal @ np.asarray(direction(side)) > _FACING)
    if mine.sum() < _LEAST_RAYS:
        return 0.0
    starts, outward = xy[mine], normal[mine]
    rays = shapely.linestrings(np.stack([starts + outward * _OFF_M, starts + outward * _PAIR_M], axis=1))
    away = shapely.distance(shapely.points(starts), shapely.intersection(rays, near))
    found = away[np.isfinite(away)]
    return float(np.median(found)) if len(found) > _PAIRED * len(away) else 0.0


def _along(block: Polygon, line: BaseGeometry, reach_m: float) -> BaseGeometry:
    """Those parts of the block's ring that run along a line, no farther from it than ``reach_m``."""
    xy = shapely.get_coordinates(block.exterior)
    pieces = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), dtype=object)
    strip = shapely.buffer(line, reach_m, cap_style="flat", quad_segs=2)
    clipped = np.asarray(shapely.intersection(pieces, strip), dtype=object)
    length = shapely.length(clipped)
    # A piece that only leads away from the line is cut off at the reach; one that runs along it is whole or longer.
    along = (length > 1.5 * reach_m) | ((length > 0) & (length >= 0.99 * shapely.length(pieces)))
    parts = [part for part in shapely.get_parts(clipped[along]) if isinstance(part, LineString)]
    return shapely.line_merge(together(parts))


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


def _water(block: Polygon, window: Window, into: list[BaseGeometry]) -> list[BaseGeometry]:
    """Water areas on the block's ring, but for those that the words reach into."""
    waters = window.gazetteer.water
    if not len(waters):
        return []
    on_ring = waters[shapely.dwithin(waters, block.exterior, _ON_M)]
    return [water for water in on_ring if not any(shapely.intersects(water, line) for line in into)]


def _cleaned(ground: BaseGeometry) -> tuple[Polygon, float]:
    """The largest part without necks and spikes narrower than 4 m, and the area of the other parts."""
    thin = shapely.buffer(ground, -_SPIKE_M, join_style="mitre", mitre_limit=_MITRE)
    opened = shapely.buffer(thin, _SPIKE_M, join_style="mitre", mitre_limit=_MITRE)
    parts = [p for p in shapely.get_parts(shapely.make_valid(opened)) if isinstance(p, Polygon) and p.area > 0]
    if not parts:
        return Polygon(), 0.0
    best = max(parts, key=lambda p: (p.area, p.bounds))
    return best, float(sum(p.area for p in parts) - best.area)
