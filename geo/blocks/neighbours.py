"""What neighbours' texts say of each other: the thing between two plots has one name on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.sides.types import MAIN_SIDES, Side

_ACROSS_M: Final = 45.0
"""Plots that face each other over no more than this are neighbours: the width of a main road."""
_FACING: Final = 0.5
"""Share of a side that must look at the neighbour."""
_STRAIGHT: Final = 0.8
_FAR_M: Final = 150.0
"""A place that is named as neighbour lies no farther away (assumed)."""
_WRONG_WAY: Final = 0.0
"""Cosine between the side's direction and the way to the place below which the place is on another side."""
_OUT: Final = np.array([(np.sin(np.radians(s.degrees)), np.cos(np.radians(s.degrees))) for s in MAIN_SIDES])


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """One estate's ground in metres, and what its text names on each side."""

    name: str
    shape: BaseGeometry
    sides: Mapping[Side, frozenset[str]]


@dataclass(slots=True)
class Opinion:
    """Neighbours that agree (names), and what contradicts (Chinese sentences)."""

    agreeing: list[str] = field(default_factory=list)
    contradicting: list[str] = field(default_factory=list)


def opinions(plots: Sequence[Plot], known: Sequence[Plot] = ()) -> list[Opinion]:
    """For each plot what the texts round it say; ``known`` plots have no text and are only looked for by name.

    Two plots are compared where a side of each mostly faces the other. A named place must lie on the side that names it.
    """
    found = [Opinion() for _ in plots]
    if not plots:
        return found
    shapes = np.array([plot.shape for plot in plots], dtype=object)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=_ACROSS_M)
    for a, b in sorted((int(i), int(j)) for i, j in zip(left, right, strict=True) if i < j):
        _compare(plots[a], plots[b], found[a], found[b])
    _places(plots, known, found)
    return found


def _compare(a: Plot, b: Plot, of_a: Opinion, of_b: Opinion) -> None:
    side = facing(a.shape, b.shape)
    back = facing(b.shape, a.shape)
    if side is None or back is not side.opposite:
        return
    ours, theirs = a.sides.get(side), b.sides.get(side.opposite)
    if not ours or not theirs:
        return
    if ours & theirs or b.name in ours or a.name in theirs:
        of_a.agreeing.append(b.name)
        of_b.agreeing.append(a.name)
        return
    words = f"“{'、'.join(sorted(ours))}”", f"“{'、'.join(sorted(theirs))}”"
    of_a.contradicting.append(
        f"{side.label}侧写{words[0]}，{side.label}邻“{b.name}”的{side.opposite.label}侧却写{words[1]}"
    )
    of_b.contradicting.append(
        f"{side.opposite.label}侧写{words[1]}，{side.opposite.label}邻“{a.name}”的{side.label}侧却写{words[0]}"
    )


def _places(plots: Sequence[Plot], known: Sequence[Plot], found: Sequence[Opinion]) -> None:
    """Named neighbours that lie on another side, or far away; of several places of a name the nearest counts."""
    by_name: dict[str, list[Plot]] = {}
    for plot in (*plots, *known):
        by_name.setdefault(plot.name, []).append(plot)
    for plot, opinion in zip(plots, found, strict=True):
        for side in MAIN_SIDES:
            for name in sorted(plot.sides.get(side, frozenset())):
                others = [other for other in by_name.get(name, []) if other is not plot]
                if not others or name in opinion.agreeing:
                    continue
                other = min(others, key=lambda o: (plot.shape.distance(o.shape), o.shape.bounds))
                distance = plot.shape.distance(other.shape)
                if distance > _FAR_M:
                    opinion.contradicting.append(f"{side.label}侧写“{name}”，它却在 {distance:.0f} 米以外")
                elif _towards(plot.shape, other.shape) @ _OUT[MAIN_SIDES.index(side)] < _WRONG_WAY:
                    opinion.contradicting.append(f"{side.label}侧写“{name}”，它却不在{side.label}边")
                else:
                    opinion.agreeing.append(name)


def facing(a: BaseGeometry, b: BaseGeometry) -> Side | None:
    """The main side of ``a`` that mostly looks at ``b``; ``None`` for diagonal neighbours and small contacts."""
    ring = shapely.get_exterior_ring(shapely.orient_polygons(_largest(a)))
    xy = shapely.get_coordinates(shapely.segmentize(ring, 20.0))
    step = np.diff(xy, axis=0)
    length = np.hypot(*step.T)
    keep = length > 0
    step, length, middle = step[keep], length[keep], ((xy[:-1] + xy[1:]) / 2)[keep]
    normal = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
    ahead = shapely.linestrings(np.stack([middle, middle + normal * _ACROSS_M], axis=1))
    sees = shapely.intersects(ahead, b)
    if not sees.any():
        return None
    pull = (normal[sees] * length[sees, None]).sum(axis=0)
    if np.hypot(*pull) < _STRAIGHT * length[sees].sum():
        return None
    side = int(np.argmax(_OUT @ pull))
    own = np.argmax(normal @ _OUT.T, axis=1) == side
    return MAIN_SIDES[side] if length[sees & own].sum() >= _FACING * length[own].sum() else None


def _towards(a: BaseGeometry, b: BaseGeometry) -> NDArray[np.float64]:
    """Unit vector from ``a`` to ``b``: between their middles."""
    way = shapely.get_coordinates(shapely.centroid(b))[0] - shapely.get_coordinates(shapely.centroid(a))[0]
    far = np.hypot(*way)
    return way / far if far > 0 else way


def _largest(shape: BaseGeometry) -> BaseGeometry:
    return max(shapely.get_parts(shape), key=lambda part: part.area)
