"""The ways to close a block, from the named lines alone to the faces of the whole network and straight cuts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from geo.blocks.arrangement import Arrangement, arrange
from geo.blocks.bridges import REACHES_M, bridges, together
from geo.blocks.cuts import bearing, cut_between, cut_to_area
from geo.blocks.drafts import Draft, Drafting, neighbours_merged
from geo.blocks.readings import Reading, direction
from geo.blocks.ring import SideLines
from geo.blocks.types import Step
from geo.blocks.window import LEAST_AREA_M2, enclosed_by_walls, faces, nearest_faces
from geo.sides.types import Side

Lines = NDArray[np.object_]
_MOST_FACES: Final = 10
_WALLS_M: Final = (10.0, 20.0)
_WALLS_NEAR_M: Final = 1200.0
_PER_AREA: Final = (0.0, 0.0005, 0.0015, 0.004, 0.01, -0.0008, -0.003)
"""Metres of outline that a square metre inside is worth, at each try; the ledger's area chooses among the results."""
_MOST_SEEDS: Final = 3
_SEED_M: Final = 250.0
_MOST_LINES: Final = 40
_CLOSER_M: Final = 1200.0
_AT_HAND_M: Final = 60.0
_AHEAD: Final = 0.3
_LARGEST_M2: Final = 2e6
_TIMES: Final = 2.2


def by_faces(drafting: Drafting, reading: Reading, lines: SideLines) -> list[Draft]:
    """Faces between the named lines alone; also two of them together where the names cut the ground they enclose."""
    found = nearest_faces(faces(lines.every), drafting.window.spot, _MOST_FACES)
    made = drafting.add(found, reading, lines, Step.FACES)
    return made + _merged(drafting, made, found, reading, lines, Step.FACES)


def by_walls(drafting: Drafting, reading: Reading, lines: SideLines) -> list[Draft]:
    """Named lines made thick."""
    spot = drafting.window.spot
    made = [enclosed_by_walls(lines.every, spot, half, _WALLS_NEAR_M) for half in _WALLS_M]
    return drafting.add(made, reading, lines, Step.WALLS)


def by_extension(drafting: Drafting, reading: Reading, lines: SideLines, reach_m: float) -> list[Draft]:
    """Faces between the named lines with gaps closed by bridges up to a length."""
    links = _links(drafting, reading, lines, reach_m)
    if not links:
        return []
    found = nearest_faces(faces([*lines.every, *links]), drafting.window.spot, _MOST_FACES)
    made = drafting.add(found, reading, lines, Step.EXTENDED)
    return made + _merged(drafting, made, found, reading, lines, Step.EXTENDED)


def by_network(drafting: Drafting, reading: Reading, lines: SideLines, barred: tuple[int, ...] = ()) -> list[Draft]:
    """The cheapest outline around the place in the faces of the whole network, for several worths of area."""
    window = drafting.window
    links = _links(drafting, reading, lines, REACHES_M[-1])
    ground = arrange(window.edges, links, lines)
    if ground is None:
        return []
    outside = _holding(ground, [window.gazetteer.shapes[n] for n in barred])
    made: list[Draft] = []
    for seed in _seeds(ground, drafting, lines):
        known: set[tuple[int, ...]] = set()
        worths = _PER_AREA if drafting.area_m2 is not None else _PER_AREA[:3]
        for worth in worths:
            rows = ground.cheapest(seed, worth, [f for f in outside if f != seed])
            key = tuple(rows.tolist())
            if key in known or not _roughly(float(ground.area[rows].sum()), drafting.area_m2):
                continue
            known.add(key)
            made += drafting.add([ground.shape(rows)], reading, lines, Step.NETWORK)
    return made


def by_other_lines(drafting: Drafting, reading: Reading, lines: SideLines, reach_m: float) -> list[Draft]:
    """For one unknown side: every other feature of the map that lies there is tried as that side."""
    window, spot = drafting.window, drafting.window.spot
    out = [np.asarray(direction(side)) for side in reading.unknown]
    used = set(reading.all_features)
    near = {n: found for n, found in window.around(_CLOSER_M).items() if n not in used}
    facing = sorted(
        (metres, n)
        for n, (metres, way) in near.items()
        if metres < _AT_HAND_M or max(float(np.dot(way, o)) for o in out) > _AHEAD
    )
    made: list[Draft] = []
    known: set[tuple[float, ...]] = set()
    base = [*lines.every, *_links(drafting, reading, lines, reach_m)]
    for _, number in facing[:_MOST_LINES]:
        more = list(window.feature_lines(number))
        found = faces(np.asarray(base + more, dtype=object))
        chosen = []
        for face in nearest_faces(found, spot, 2, 60.0):
            key = tuple(np.round(face.bounds, 1))
            if key not in known and _roughly(face.area, drafting.area_m2):
                known.add(key)
                chosen.append(face)
        made += drafting.add(chosen, reading, lines, Step.NETWORK)
    return made


def by_cut(
    drafting: Drafting, reading: Reading, lines: SideLines, reach_m: float, neighbours: Mapping[Side, tuple[int, ...]]
) -> list[Draft]:
    """Open ground cut straight on the side without a line."""
    window = drafting.window
    made: list[Polygon | None] = []
    links = _links(drafting, reading, lines, reach_m)
    open_ground = nearest_faces(faces([*lines.every, *links, *_frame(drafting)]), window.spot, 1, 60.0)
    for ground in open_ground:
        for side in reading.unknown:
            for number in neighbours.get(side, ()):
                made.append(cut_between(ground, window.xy, window.gazetteer.shapes[number]))
        if drafting.area_m2 is not None and len(reading.unknown) == 1:
            nearby = shapely.intersection(together(lines.every), window.spot.buffer(2 * drafting.area_m2**0.5))
            lean = bearing(nearby) if not nearby.is_empty else 0.0
            made.append(cut_to_area(ground, reading.unknown[0], drafting.area_m2, window.xy, lean))
    return drafting.add([p for p in made if p is not None and p.area > LEAST_AREA_M2], reading, lines, Step.CUT)


def _frame(drafting: Drafting) -> list[LineString]:
    xy = shapely.get_coordinates(drafting.window.box)
    return [LineString(pair) for pair in itertools.pairwise(xy)]


def _links(drafting: Drafting, reading: Reading, lines: SideLines, reach_m: float) -> list[LineString]:
    window = drafting.window
    numbers = reading.all_features
    by_feature = {n: window.feature_lines(n) for n in numbers}
    return bridges(by_feature, lines.lines, window.ends(numbers), reach_m)


def _merged(
    drafting: Drafting, made: list[Draft], found: list[Polygon], reading: Reading, lines: SideLines, step: Step
) -> list[Draft]:
    """The best face with its neighbours, as long as that is better."""
    if not made or len(found) < 2:
        return []
    best, more = max(made, key=lambda d: d.score), []
    if best.settled:
        return []
    for _ in range(3):
        tried = drafting.add(neighbours_merged(best.polygon, found), reading, lines, step)
        better = max(tried, key=lambda d: d.score, default=None)
        if better is None or better.score <= best.score + 0.01:
            break
        more += tried
        best = better
    return more


def _seeds(ground: Arrangement, drafting: Drafting, lines: SideLines) -> list[int]:
    """Faces from which an outline may grow: the point's own, and near ones that have more of the sides where they should be."""
    spot = drafting.window.spot
    metres = shapely.distance(ground.faces, spot)
    near = np.flatnonzero((metres <= _SEED_M) & (ground.area > LEAST_AREA_M2))
    if not len(near):
        return []
    inner = shapely.point_on_surface(ground.faces[near])
    here = shapely.get_coordinates(inner)
    rightly = np.zeros(len(near))
    for side, line in lines.lines.items():
        links = shapely.shortest_line(inner, line)
        step = shapely.get_coordinates(links).reshape(len(near), 2, 2)[:, 1] - here
        size = np.maximum(np.hypot(*step.T), 1e-9)
        rightly += (step / size[:, None]) @ np.asarray(direction(side)) > 0.4
    order = np.lexsort((near, metres[near], -rightly + metres[near] / 150.0))
    chosen = [int(near[k]) for k in order[:_MOST_SEEDS]]
    own = int(near[np.argmin(metres[near])])
    return list(dict.fromkeys([own, *chosen]))[:_MOST_SEEDS]


def _holding(ground: Arrangement, shapes: list) -> list[int]:
    return [
        int(k) for shape in shapes for k in np.flatnonzero(shapely.intersects(ground.faces, shapely.centroid(shape)))
    ]


def _roughly(ground_m2: float, area_m2: float | None) -> bool:
    """Whether ground is of the ledger's order of size, or of any block's."""
    if area_m2 is None:
        return ground_m2 < _LARGEST_M2
    return area_m2 / _TIMES <= ground_m2 <= area_m2 * _TIMES
