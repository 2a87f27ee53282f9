"""Faces between lines and what parts them: the ground on which an outline is the cheapest cut around a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow
from shapely import Polygon

from geo.blocks.readings import direction
from geo.blocks.ring import ON_LINE_M, SideLines

Lines = NDArray[np.object_]
Floats = NDArray[np.float64]
_OFF_M: Final = 0.05
"""How far beside an edge's middle its two faces are looked up."""
_UNIT: Final = 100.0
"""Capacities are whole centimetres of cost: `maximum_flow` wants integers."""
_WALL: Final = 2**30
NAMED, BESIDE, OTHER, BRIDGE, UNKNOWN_SIDE, WRONG = 0.01, 0.2, 1.0, 0.6, 0.4, 1.3
"""Cost of a metre of outline: along a line named for the side it faces; beside it; along another line of the map; across a
gap; along another line on a side that no line is known for; along a named line that it was not named for."""


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Faces and the edges between them; make it with `arrange`.

    ``left``, ``right``: face on either side of each edge, ``len(faces)`` outside; ``out_cost``: cost in metres of an outline
    that has the left face inside and the right one outside, ``in_cost`` the other way round.
    """

    faces: NDArray[np.object_]
    area: Floats
    left: NDArray[np.int64] = field(repr=False)
    right: NDArray[np.int64] = field(repr=False)
    out_cost: Floats = field(repr=False)
    in_cost: Floats = field(repr=False)

    def cheapest(self, seed: int, per_area: float = 0.0, barred: Sequence[int] = ()) -> NDArray[np.int64]:
        """Faces inside the cheapest outline around a face.

        Minimum cut of the directed graph of faces (max-flow min-cut, Ford & Fulkerson 1956).

        Parameters
        ----------
        seed
            A face that is inside.
        per_area
            Metres of cost that a square metre inside saves; negative: costs.
        barred
            Faces that are outside.
        """
        n = len(self.faces)
        source, sink = n + 1, n
        gain = np.minimum(np.abs(per_area) * self.area * _UNIT, _WALL)
        every = np.arange(n)
        tails: list[ArrayLike] = [self.left, self.right, [source], np.asarray(barred, dtype=np.int64)]
        heads: list[ArrayLike] = [self.right, self.left, [seed], np.full(len(barred), sink)]
        caps: list[ArrayLike] = [
            np.round(self.out_cost * _UNIT) + 1, np.round(self.in_cost * _UNIT) + 1, [_WALL], np.full(len(barred), _WALL)
        ]  # fmt: skip
        if per_area:
            tails.append(np.full(n, source) if per_area > 0 else every)
            heads.append(every if per_area > 0 else np.full(n, sink))
            caps.append(np.round(gain))
        tail, head, cap = (_joined(part) for part in (tails, heads, caps))
        keep = (tail != head) & (tail != sink) & (cap > 0)
        graph = csr_array((cap[keep], (tail[keep], head[keep])), shape=(n + 2, n + 2))
        graph.sum_duplicates()
        graph.data = np.minimum(graph.data, _WALL)
        graph = csr_array(
            (graph.data.astype(np.int32), graph.indices.astype(np.int32), graph.indptr.astype(np.int32)),
            shape=graph.shape,
        )
        flow = maximum_flow(graph, source, sink).flow
        rest = csr_array(graph - flow)
        rest.data = np.where(rest.data > 0, 1, 0)
        rest.eliminate_zeros()
        inside = breadth_first_order(rest, source, directed=True, return_predecessors=False)
        return np.sort(inside[inside < n])

    def shape(self, rows: NDArray[np.int64]) -> Polygon | None:
        """Faces as one polygon without holes: the part that is largest."""
        if not len(rows):
            return None
        whole = shapely.union_all(self.faces[rows])
        parts = [part for part in shapely.get_parts(whole) if isinstance(part, Polygon)]
        return Polygon(max(parts, key=lambda part: part.area).exterior) if parts else None


def arrange(edges: Lines, bridges: Sequence[shapely.LineString], lines: SideLines) -> Arrangement | None:
    """Faces of all lines together with what each edge costs; ``None`` where there is no face.

    Parameters
    ----------
    edges
        Noded lines of the map in a window, metres.
    bridges
        Pieces across gaps.
    lines
        The named lines by side.
    """
    every = list(edges) + [line for found in lines.every for line in [found]] + list(bridges)
    if not every:
        return None
    cut = shapely.get_parts(shapely.union_all(np.asarray(every, dtype=object)))
    cut = cut[shapely.get_type_id(cut) == 1]
    faces = shapely.get_parts(shapely.polygonize(cut))
    faces = np.asarray(faces[np.lexsort(shapely.bounds(faces).T)] if len(faces) else faces, dtype=object)
    if not len(faces):
        return None
    left, right = _beside(cut, faces)
    used = left != right
    cut, left, right = cut[used], left[used], right[used]
    out_cost, in_cost = _costs(cut, edges, lines)
    return Arrangement(faces, shapely.area(faces), left, right, out_cost, in_cost)


def _joined(parts: Sequence[ArrayLike]) -> NDArray[np.int64]:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts]).astype(np.int64)


def _beside(cut: Lines, faces: Lines) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Face on the left and on the right of each edge's middle."""
    middle = shapely.get_coordinates(shapely.line_interpolate_point(cut, 0.5, normalized=True))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(cut, shapely.length(cut) / 2 + 0.01))
    step = ahead - middle
    step /= np.maximum(np.hypot(*step.T), 1e-12)[:, None]
    beside = np.column_stack([-step[:, 1], step[:, 0]]) * _OFF_M
    tree = shapely.STRtree(faces)
    result = []
    for sign in (1, -1):
        found = np.full(len(cut), len(faces), dtype=np.int64)
        at, face = tree.query(np.asarray(shapely.points(middle + sign * beside), dtype=object), predicate="within")
        found[at] = face
        result.append(found)
    return result[0], result[1]


def _costs(cut: Lines, edges: Lines, lines: SideLines) -> tuple[Floats, Floats]:
    """Cost of each edge with its left face inside, and with its right face inside."""
    middle = np.asarray(shapely.line_interpolate_point(cut, 0.5, normalized=True), dtype=object)
    xy, row = shapely.get_coordinates(cut, return_index=True)
    begin = np.flatnonzero(row[:-1] == row[1:])
    of = row[begin]
    step = xy[begin + 1] - xy[begin]
    length = np.hypot(*step.T)
    normal = np.column_stack([step[:, 1], -step[:, 0]]) / np.maximum(length, 1e-9)[:, None]
    on_map = np.zeros(len(cut), dtype=bool)
    if len(edges):
        on_map[np.unique(shapely.STRtree(edges).query(middle, predicate="dwithin", distance=0.1)[0])] = True
    base = np.where(on_map, OTHER, BRIDGE)
    named = [
        (direction(s), shapely.dwithin(g, middle, 1.0), shapely.dwithin(g, middle, ON_LINE_M))
        for s, g in lines.lines.items()
    ]
    any_on = np.any([on for _, on, _ in named], axis=0) if named else np.zeros(len(cut), dtype=bool)
    base = np.where(any_on, WRONG, base)
    result: list[Floats] = []
    for sign in (1, -1):
        weight = base[of].copy()
        for side in lines.reading.unknown:
            facing = (sign * normal) @ np.asarray(direction(side)) > 0.5
            weight = np.where(facing & ~any_on[of], np.minimum(weight, UNKNOWN_SIDE), weight)
        for out, on, beside in named:
            cosine = (sign * normal) @ np.asarray(out)
            weight = np.where(beside[of] & (cosine > 0.2), np.minimum(weight, BESIDE), weight)
            weight = np.where(on[of] & (cosine > 0.0), np.minimum(weight, NAMED), weight)
        result.append(np.bincount(of, weights=weight * length, minlength=len(cut)).astype(np.float64))
    return result[0], result[1]
