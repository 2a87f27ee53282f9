"""Lines of a drawing as closed areas: ends joined within a tolerance, faces made, gaps that stay open reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from geo.crs import Floats
from geo.errors import InputError

MAX_VERTICES: Final = 400_000
"""Most vertices that are closed together: time and memory grow with the crossings."""
_GAP_SHOWN: Final = 20.0
"""Open ends farther from anything than this many tolerances are no gap of a border but the end of a line."""
_COVERED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Gap:
    """A loose end: where it is, and how far the nearest other line is (same unit as the lines)."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Closed:
    """Areas that lines enclose.

    Attributes
    ----------
    polygons
        Valid polygons: rings that were drawn closed as they are, then faces between open lines.
    gaps
        Loose ends near another line, widest last; ``joined`` counts the ends that were moved to close.
    """

    polygons: tuple[BaseGeometry, ...]
    gaps: tuple[Gap, ...]
    joined: int


def close_lines(lines: Sequence[BaseGeometry], tolerance: float) -> Closed:
    """Areas enclosed by lines that may miss each other by up to ``tolerance``.

    A line that ends where it began (within the tolerance) is one area, also where others overlap it. Open lines are
    joined end to end and end to side, cut where they cross, and their faces taken, but for those that a closed line holds
    already.

    Parameters
    ----------
    lines
        Line strings of one plane, in any order.
    tolerance
        Largest distance bridged, in the lines' unit.

    Raises
    ------
    InputError
        If there are more than `MAX_VERTICES` vertices.
    """
    parts = [part for part in shapely.get_parts(np.asarray(lines, dtype=object)) if shapely.length(part) > 0]
    check_size(np.asarray(parts, dtype=object))
    rings, open_lines, joined = _rings(parts, tolerance)
    if not open_lines:
        return Closed(tuple(rings), (), joined)
    snapped, moved = _joined_ends(open_lines, tolerance)
    shells = [shapely.boundary(ring) for ring in rings]
    noded, touched = _to_sides([*snapped, *shells], len(snapped), tolerance)
    network: Any = shapely.node(shapely.multilinestrings(noded))
    faces = [face for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(network))) if face.area > 0]
    kept = _not_covered(faces, rings)
    return Closed((*rings, *kept), _gaps(network, tolerance), joined + moved + touched)


def check_size(lines: NDArray[np.object_]) -> None:
    """Refuse more than `MAX_VERTICES` vertices.

    Raises
    ------
    InputError
        If there are more.
    """
    n_vertices = int(shapely.get_num_coordinates(lines).sum())
    if n_vertices > MAX_VERTICES:
        raise InputError(
            f"线条有 {n_vertices} 个顶点，超过 {MAX_VERTICES} 个，无法闭合成面", "请在 CAD 中只导出小区边界所在的图层"
        )


def _rings(parts: Sequence[BaseGeometry], tolerance: float) -> tuple[list[BaseGeometry], list[BaseGeometry], int]:
    """Closed lines as valid polygons, the other lines, and how many rings had a gap to close."""
    rings: list[BaseGeometry] = []
    rest: list[BaseGeometry] = []
    joined = 0
    for part in parts:
        xy = shapely.get_coordinates(part)
        gap = float(np.hypot(*(xy[0] - xy[-1])))
        if len(xy) < 4 - (gap > 0) or gap > tolerance or shapely.length(part) <= 4 * tolerance:
            rest.append(part)
            continue
        ring = shapely.Polygon(np.vstack([xy[:-1] if gap and len(xy) > 3 else xy, xy[:1]]))
        mended = ring if ring.is_valid else shapely.make_valid(ring, method="structure", keep_collapsed=False)
        areas = [area for area in shapely.get_parts(mended) if area.geom_type == "Polygon" and area.area > 0]
        if areas:
            joined += gap > 0
            rings.extend(areas)
        else:
            rest.append(part)
    return rings, rest, joined


def _joined_ends(lines: Sequence[BaseGeometry], tolerance: float) -> tuple[list[BaseGeometry], int]:
    """Lines whose ends within the tolerance of each other are moved to one point (the first of them)."""
    coords = [shapely.get_coordinates(line).copy() for line in lines]
    ends = np.array([xy[at] for xy in coords for at in (0, -1)])
    tree = shapely.STRtree(_points(ends))
    a, b = tree.query(_points(ends), predicate="dwithin", distance=tolerance)
    graph = coo_matrix((np.ones(len(a)), (a, b)), shape=(len(ends), len(ends)))
    group = connected_components(graph, directed=False)[1]
    first = np.unique(group, return_index=True)[1]
    moved = 0
    for at in range(len(ends)):
        target = ends[first[group[at]]]
        if (ends[at] != target).any():
            coords[at // 2][0 if at % 2 == 0 else -1] = target
            moved += 1
    made = [shapely.LineString(xy) for xy in coords]
    return [line for line in made if shapely.length(line) > 0], moved


def _to_sides(lines: list[BaseGeometry], n_open: int, tolerance: float) -> tuple[list[BaseGeometry], int]:
    """Loose ends of the first ``n_open`` lines carried to the nearest side within the tolerance, which gets a vertex.

    A stub of two points is added rather than the side moved: noding then cuts the side where the stub meets it.
    """
    tree = shapely.STRtree(lines)
    ends: list[tuple[int, Floats]] = []
    for at in range(n_open):
        xy = shapely.get_coordinates(lines[at])
        ends.extend(((at, xy[0]), (at, xy[-1])))
    points = _points(np.array([end for _, end in ends]))
    near, other = tree.query(points, predicate="dwithin", distance=tolerance)
    stubs: list[BaseGeometry] = []
    done: set[int] = set()
    for end, side in zip(near, other, strict=True):
        if ends[end][0] == side or end in done:
            continue
        done.add(int(end))
        link = shapely.shortest_line(points[end], lines[side])
        if shapely.length(link) == 0:
            continue
        # A little beyond the side, so that rounding cannot leave it short.
        (x0, y0), (x1, y1) = shapely.get_coordinates(link)
        stubs.append(shapely.LineString([(x0, y0), (x1 + (x1 - x0) * 1e-6, y1 + (y1 - y0) * 1e-6)]))
    return [*lines, *stubs], len(stubs)


def _not_covered(faces: Sequence[BaseGeometry], rings: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Faces of which the closed rings hold less than half."""
    if not rings or not faces:
        return list(faces)
    tree = shapely.STRtree(rings)
    kept: list[BaseGeometry] = []
    for face in faces:
        held = [rings[i] for i in tree.query(face, predicate="intersects")]
        shared = shapely.intersection(face, shapely.union_all(held)).area if held else 0.0
        if shared < _COVERED * face.area:
            kept.append(face)
    return kept


def _gaps(network: BaseGeometry, tolerance: float) -> tuple[Gap, ...]:
    """Ends of the cut network that nothing else touches, with the distance to the nearest other piece.

    Ends nearer than the tolerance are no gaps: they run a little past the line that they meet.
    """
    pieces: NDArray[np.object_] = shapely.get_parts(network)
    coords = [shapely.get_coordinates(piece) for piece in pieces]
    ends = np.array([xy[at] for xy in coords for at in (0, -1)])
    owner = np.repeat(np.arange(len(pieces)), 2)
    _, inverse, counts = np.unique(np.round(ends, 9), axis=0, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(counts[inverse.ravel()] == 1)
    if not len(loose):
        return ()
    reach = _GAP_SHOWN * tolerance
    tree = shapely.STRtree(pieces)
    points = _points(ends[loose])
    near, other = tree.query(points, predicate="dwithin", distance=reach)
    widths = np.full(len(loose), np.inf)
    apart = owner[loose][near] != other
    np.minimum.at(widths, near[apart], shapely.distance(points[near[apart]], pieces[other[apart]]))
    placed = zip(ends[loose], widths, strict=True)
    found = [Gap(float(x), float(y), float(w)) for (x, y), w in placed if tolerance < w <= reach]
    return tuple(sorted(found, key=lambda gap: (gap.width, gap.x, gap.y)))


def _points(xy: Floats) -> NDArray[np.object_]:
    return np.asarray(shapely.points(xy), dtype=object)
