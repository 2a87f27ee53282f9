"""Gaps of named lines closed: pieces of one name joined, ends lengthened to the next side, neighbouring sides joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from geo.sides.types import Side

Lines = NDArray[np.object_]
SMALL_M: Final = 45.0
"""A gap of a road's width: two carriageways, a crossing whose lines do not meet, a neighbour's outline set back."""
REACHES_M: Final = (SMALL_M, 200.0, 700.0)
"""How long a bridge may be at each try."""
_TANGENT_M: Final = 40.0
_TURN: Final = 0.5
"""Least cosine between a line's last course and its bridge: 60 degrees."""
_MOST_ENDS: Final = 60
_CLEAR_M: Final = 30.0
"""Lines met sooner than this beyond a junction are its other carriageway."""


@dataclass(frozen=True, slots=True)
class End:
    """An end of a named line and the direction in which the line would go on."""

    feature: int
    xy: tuple[float, float]
    ahead: tuple[float, float]
    loose: bool
    """No other of the named lines is there; else the line ends at one of them, as where its next piece is missing."""


def together(lines: Sequence[LineString] | Lines) -> shapely.MultiLineString:
    """Lines as one shape; empty without any."""
    return shapely.MultiLineString(list(lines))


def line_ends(lines: Mapping[int, Lines], spot: tuple[float, float]) -> list[End]:
    """Ends of features at which none of their own lines goes on, those nearest to a place first, at most 60."""
    every = [line for found in lines.values() for line in found]
    if not every:
        return []
    tips: list[NDArray[np.float64]] = []
    owners: list[tuple[int, LineString]] = []
    for feature, found in lines.items():
        firsts = shapely.get_coordinates(shapely.get_point(found, 0))
        lasts = shapely.get_coordinates(shapely.get_point(found, -1))
        both = np.round(np.concatenate([firsts, lasts]), 2)
        _, which, times = np.unique(both, axis=0, return_inverse=True, return_counts=True)
        for k in np.flatnonzero(times[which.ravel()] == 1):
            tips.append(firsts[k] if k < len(found) else lasts[k - len(found)])
            owners.append((feature, found[k % len(found)]))
    if not tips:
        return []
    xy = np.array(tips)
    near = np.argsort(np.hypot(*(xy - np.asarray(spot)).T), kind="stable")[:_MOST_ENDS]
    tree = shapely.STRtree(every)
    at, _ = tree.query(np.asarray(shapely.points(xy[near]), dtype=object), predicate="dwithin", distance=0.01)
    touching = np.bincount(at, minlength=len(near))
    return [
        End(owners[k][0], (float(xy[k][0]), float(xy[k][1])), _ahead(owners[k][1], xy[k]), bool(touching[row] == 1))
        for row, k in enumerate(near)
    ]


def bridges(
    lines: Mapping[int, Lines],
    by_side: Mapping[Side, BaseGeometry],
    ends: Sequence[End],
    reach_m: float,
) -> list[LineString]:
    """Straight pieces, at most ``reach_m`` long, that may close gaps.

    Parameters
    ----------
    lines
        Lines by feature, metres.
    by_side
        All lines of each side together.
    ends
        Of `line_ends`.
    reach_m
        Longest bridge.
    """
    made: list[LineString] = [*same_name(ends, reach_m), *_lengthened(lines, ends, reach_m)]
    made += _between_sides(by_side, min(reach_m, 2 * REACHES_M[1]))
    return [line for line in made if line.length > 0.01]


def _ahead(line: LineString, tip: NDArray[np.float64]) -> tuple[float, float]:
    """Unit vector along which a line arrives at its end."""
    forward = np.allclose(shapely.get_coordinates(line)[-1], tip)
    at = max(line.length - _TANGENT_M, 0.0) if forward else min(_TANGENT_M, line.length)
    back = shapely.get_coordinates(shapely.line_interpolate_point(line, at))[0]
    step = tip - back
    size = float(np.hypot(*step)) or 1.0
    return float(step[0] / size), float(step[1] / size)


def same_name(ends: Sequence[End], reach_m: float) -> list[LineString]:
    """Each end with the nearest one of its own name that lies ahead of it and looks back."""
    made: dict[bytes, LineString] = {}
    for k, end in enumerate(ends):
        best: tuple[float, LineString] | None = None
        for other_k, other in enumerate(ends):
            if other_k == k or other.feature != end.feature:
                continue
            step = np.subtract(other.xy, end.xy)
            size = float(np.hypot(*step))
            if not 0 < size <= reach_m:
                continue
            small = size <= SMALL_M / 2
            if not small and (np.dot(step, end.ahead) < _TURN * size or np.dot(-step, other.ahead) < _TURN * size):
                continue
            if best is None or size < best[0]:
                best = size, LineString([min(end.xy, other.xy), max(end.xy, other.xy)])
        if best is not None:
            made.setdefault(best[1].wkb, best[1])
    return list(made.values())


def _lengthened(lines: Mapping[int, Lines], ends: Sequence[End], reach_m: float) -> list[LineString]:
    """Each end straight on to the first line of another name, or to the nearest one if that is close.

    Ends that stand at a line already go on only where the longest bridges are allowed.
    """
    made = []
    rests = {
        feature: together([line for other, found in lines.items() if other != feature for line in found])
        for feature in {end.feature for end in ends}
    }
    for end in ends:
        rest = rests[end.feature]
        if rest.is_empty or not (end.loose or reach_m >= REACHES_M[-1]):
            continue
        tip = shapely.Point(end.xy)
        begin = 0.0 if end.loose else _CLEAR_M
        x, y = end.ahead
        ray = LineString(
            [(end.xy[0] + x * begin, end.xy[1] + y * begin), (end.xy[0] + x * reach_m, end.xy[1] + y * reach_m)]
        )
        hit = shapely.intersection(ray, rest)
        away = float("inf") if hit.is_empty else float(shapely.distance(tip, hit))
        if not hit.is_empty:
            # A little beyond, so that the crossing is found whatever the rounding.
            stop = away + 0.5
            made.append(LineString([end.xy, (end.xy[0] + x * stop, end.xy[1] + y * stop)]))
        if end.loose:
            link = shapely.shortest_line(tip, rest)
            if 0.01 < link.length <= min(reach_m, REACHES_M[1]) and link.length < 0.7 * away:
                made.append(_beyond(link))
    return made


def _between_sides(by_side: Mapping[Side, BaseGeometry], reach_m: float) -> list[LineString]:
    """The shortest way between sides that stand next to each other in the text and nowhere touch."""
    ordered = sorted(by_side, key=lambda side: side.degrees)
    made = []
    for k, side in enumerate(ordered):
        following = ordered[(k + 1) % len(ordered)]
        if following is side or (following.degrees - side.degrees) % 360 > 135:
            continue
        link = shapely.shortest_line(by_side[side], by_side[following])
        if link is not None and 0.01 < link.length <= reach_m:
            made.append(_beyond(link, both=True))
    return made


def _beyond(link: LineString, both: bool = False) -> LineString:
    """A link that reaches half a metre past its end (past both), so that it crosses the line it leads to."""
    start, stop = shapely.get_coordinates(link)
    step = (stop - start) / link.length * 0.5
    return LineString([start - step if both else start, stop + step])
