"""Pictures of one route inside the page: plain SVG, no script, no outside file.

The first shows the whole route. Stops that would cover each other there share one mark, and a further picture shows
them at a larger scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import CRS
from shapely.geometry import LineString, MultiPoint, Polygon, box
from shapely.geometry.base import BaseGeometry

from dashboard import theme
from dashboard.exports.marks import spread
from dashboard.exports.route_ground import HEIGHT, WIDTH, Frame, Ground, drawn
from geo.crs import to_metric

_RADIUS: Final = 11.0
"""Of a stop's circle, picture units (the picture is 480 wide)."""
_FONT: Final = 12
_LEAST_M: Final = 500.0
_LEAST_DETAIL_M: Final = 250.0
_WORTH: Final = 1.6
"""A larger picture is added if it enlarges at least so much."""
_MAX_DETAILS: Final = 2
_PAPER: Final = "#FBFCFD"


@dataclass(frozen=True)
class Picture:
    """One picture and its caption (Chinese)."""

    caption: str
    svg: str


@dataclass(frozen=True)
class _Drive:
    """One day in metres: legs, the stops in driving order, the place the team starts from."""

    legs: np.ndarray
    stops: np.ndarray
    depot: np.ndarray


def pictures(
    legs: Sequence[LineString],
    stops: Sequence[tuple[float, float]],
    depot: tuple[float, float],
    ground: Ground,
    color: str,
) -> list[Picture]:
    """The route over the city's roads and water, then its crowded parts.

    Parameters
    ----------
    legs
        The driven legs, EPSG:4490.
    stops
        lon, lat (EPSG:4490), in driving order.
    depot
        lon, lat.
    """
    crs = ground.crs
    lines = np.array([LineString(_metric(shapely.get_coordinates(leg), crs)) for leg in legs], dtype=object)
    drive = _Drive(lines, _metric(stops, crs), _metric([depot], crs))
    whole = Frame.around(np.vstack([shapely.get_coordinates(lines), drive.stops, drive.depot]), _LEAST_M)
    groups = _groups(whole.at(drive.stops))
    crowded = sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group[0]))
    close = [(group, Frame.around(_surroundings(drive, group), _LEAST_DETAIL_M)) for group in crowded]
    close = [(group, frame) for group, frame in close if frame.scale >= _WORTH * whole.scale][:_MAX_DETAILS]
    joined = [group for group, _ in close]
    apart = [[stop] for group in groups if group not in joined for stop in group]
    result = [Picture("全程", _picture(drive, [*apart, *joined], whole, ground, color))]
    for group, frame in sorted(close, key=lambda pair: pair[0][0]):
        shown = np.flatnonzero(shapely.intersects_xy(frame.box, drive.stops))
        svg = _picture(drive, [[int(stop)] for stop in shown], frame, ground, color)
        result.append(Picture(f"放大：第{_numbers(group)}站", svg))
    return result


def _surroundings(drive: _Drive, group: Sequence[int]) -> np.ndarray:
    """Stops of a group and the road in front of each, in metres."""
    doors = [shapely.get_coordinates(drive.legs[stop])[-1:] for stop in group]
    return np.vstack([drive.stops[list(group)], *doors])


def _metric(lonlat: ArrayLike, crs: CRS) -> np.ndarray:
    pairs = np.asarray(lonlat, float).reshape(-1, 2)
    return np.column_stack(to_metric(pairs[:, 0], pairs[:, 1], crs))


def _groups(places: np.ndarray) -> list[list[int]]:
    """Stops whose circles would touch, joined through each other; each group sorted."""
    group = list(range(len(places)))
    for a, b in combinations(range(len(places)), 2):
        if np.hypot(*(places[a] - places[b])) < 2 * _RADIUS:
            old, new = max(group[a], group[b]), min(group[a], group[b])
            group = [new if g == old else g for g in group]
    return [[stop for stop, g in enumerate(group) if g == first] for first in sorted(set(group))]


def _numbers(group: Sequence[int]) -> str:
    """Stop numbers (from 1) in short: 1、3–5."""
    runs: list[list[int]] = []
    for stop in group:
        if runs and runs[-1][-1] == stop - 1:
            runs[-1].append(stop)
        else:
            runs.append([stop])
    return "、".join(f"{run[0] + 1}" if len(run) == 1 else f"{run[0] + 1}–{run[-1] + 1}" for run in runs)


def _picture(drive: _Drive, marks: Sequence[Sequence[int]], frame: Frame, ground: Ground, color: str) -> str:
    """One SVG. Each mark stands for one stop, or for several that the picture cannot tell apart."""
    paths, names = drawn(ground, frame, MultiPoint(drive.stops))
    homes = frame.at(np.array([drive.stops[list(mark)].mean(axis=0) for mark in marks]).reshape(-1, 2))
    texts = [_numbers(mark) for mark in marks]
    halves = np.array([_RADIUS if len(text) < 3 else 4.2 * len(text) + 5 for text in texts])
    placed = spread(homes, halves, _RADIUS, (WIDTH, HEIGHT))
    x, y = frame.at(drive.depot)[0]
    taken = [
        box(px - half, py - _RADIUS, px + half, py + _RADIUS) for (px, py), half in zip(placed, halves, strict=True)
    ]
    taken += [box(x - 9, y - 9, x + 9, y + 9), box(0, HEIGHT - 34, 120, HEIGHT), box(WIDTH - 44, 0, WIDTH, 26)]
    return "".join(
        [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" aria-label="线路图" '
            f'style="background:{_PAPER};border:1px solid {theme.LINE}" font-family="sans-serif">',
            *paths,
            *_route(drive, frame, color),
            *_road_names(names, frame, taken),
            f'<rect x="{x - 7:.0f}" y="{y - 7:.0f}" width="14" height="14" fill="{theme.INK}" stroke="#fff" '
            'stroke-width="2"/>',
            *(_mark(*row) for row in zip(homes, placed, texts, halves, strict=True)),
            _scale_bar(frame.scale),
            "</svg>",
        ]
    )


def _route(drive: _Drive, frame: Frame, color: str) -> list[str]:
    """The driven lines with arrows, and dotted lines from the road to the stops."""
    edges, lines, arrows = [], [], []
    for leg in frame.cut(drive.legs):
        parts = [part for part in shapely.get_parts(leg) if part.geom_type == "LineString" and not part.is_empty]
        for part in parts:
            shape = f'<path d="{frame.path(part)}" fill="none" stroke-linejoin="round" stroke-linecap="round" '
            # A dark edge keeps light colours readable, in print too.
            edges.append(f'{shape}stroke="{theme.QUIET}" stroke-width="6.5"/>')
            lines.append(f'{shape}stroke="{color}" stroke-width="4.5"/>')
        longest = max(parts, key=lambda part: part.length, default=None)
        if longest is not None and longest.length * frame.scale > 60:
            arrows.append(_arrow(longest, frame))
    ends = np.array([shapely.get_coordinates(leg)[-1] for leg in drive.legs[: len(drive.stops)]]).reshape(-1, 2)
    for (xa, ya), (xb, yb) in zip(frame.at(ends), frame.at(drive.stops), strict=True):
        if np.hypot(xb - xa, yb - ya) > 3 and _inside(xb, yb):
            lines.append(
                f'<path d="M{xa:.0f} {ya:.0f}L{xb:.0f} {yb:.0f}" stroke="{theme.INK}" stroke-width="1.5" '
                'stroke-dasharray="2 3"/>'
            )
    return edges + lines + arrows


def _inside(x: float, y: float) -> bool:
    return bool(0 <= x <= WIDTH and 0 <= y <= HEIGHT)


def _arrow(line: LineString, frame: Frame) -> str:
    """A small triangle in the middle of a line that points where it goes."""
    middle = line.length / 2
    step = 5 / frame.scale
    here, there = (shapely.get_coordinates(line.interpolate(middle + side)) for side in (-step, step))
    (xa, ya), (xb, yb) = frame.at(here)[0], frame.at(there)[0]
    turn = np.degrees(np.arctan2(yb - ya, xb - xa))
    return (
        f'<path d="M-5 -5L6 0L-5 5Z" fill="{theme.INK}" stroke="#fff" stroke-width="1" '
        f'transform="translate({(xa + xb) / 2:.0f} {(ya + yb) / 2:.0f}) rotate({turn:.0f})"/>'
    )


def _mark(home: np.ndarray, place: np.ndarray, text: str, half: float) -> str:
    """A stop's number, with a line to its place where it had to give way."""
    (xa, ya), (x, y) = home, place
    line = ""
    if np.hypot(x - xa, y - ya) > 4:
        line = (
            f'<path d="M{xa:.0f} {ya:.0f}L{x:.0f} {y:.0f}" stroke="{theme.INK}" stroke-width="1.2"/>'
            f'<circle cx="{xa:.0f}" cy="{ya:.0f}" r="3" fill="{theme.INK}"/>'
        )
    return (
        f'{line}<rect x="{x - half:.1f}" y="{y - _RADIUS:.1f}" width="{2 * half:.1f}" height="{2 * _RADIUS:.0f}" '
        f'rx="{_RADIUS:.0f}" fill="{theme.INK}" stroke="#fff" stroke-width="2"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" font-size="13" font-weight="700" fill="#fff" text-anchor="middle">{text}</text>'
    )


def _road_names(names: dict[str, BaseGeometry], frame: Frame, taken: list[Polygon]) -> list[str]:
    """Names of main roads where they cover no mark and no other name, longest roads first."""
    written = []
    for name, part in sorted(names.items(), key=lambda item: (-item[1].length, item[0])):
        half = _FONT * len(name) / 2 + 1
        if part.length * frame.scale < 2 * half:
            continue
        for share in (0.5, 0.35, 0.65, 0.2, 0.8):
            x, y = frame.at(shapely.get_coordinates(part.interpolate(share, normalized=True)))[0]
            here = box(x - half, y - _FONT / 2 - 1, x + half, y + _FONT / 2 + 1)
            if half < x < WIDTH - half and _FONT < y < HEIGHT - _FONT and not any(here.intersects(t) for t in taken):
                taken.append(here)
                written.append(
                    f'<text x="{x:.0f}" y="{y + 4:.0f}" font-size="{_FONT}" fill="{theme.QUIET}" text-anchor="middle" '
                    f'stroke="{_PAPER}" stroke-width="3" paint-order="stroke">{escape(name)}</text>'
                )
                break
    return written


def _scale_bar(scale: float) -> str:
    lengths = (50_000, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10)
    metres = next(m for m in lengths if m * scale < 100 or m == 10)
    label = f"{metres / 1000:g}公里" if metres >= 1000 else f"{metres}米"
    y, end = HEIGHT - 10, round(10 + metres * scale)
    return (
        f'<path d="M10 {y - 5}V{y}H{end}V{y - 5}" fill="none" stroke="{theme.QUIET}" stroke-width="1.5"/>'
        f'<text x="14" y="{y - 5}" font-size="{_FONT}" fill="{theme.QUIET}">{label}</text>'
        f'<text x="{WIDTH - 22}" y="18" font-size="{_FONT}" font-weight="700" fill="{theme.QUIET}" '
        'text-anchor="middle">北▲</text>'
    )
