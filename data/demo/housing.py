"""Where people live, as maps show it: plots of land use and houses, also on land that no register has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.affinity import rotate

from data.demo.blocks import Block
from data.demo.layout import Land
from data.demo.parcels import divide
from data.demo.words import OLD_SUFFIX, WORKPLACES

_WITHOUT_RECORD: Final = 0.06
"""Plots of housing that no register has, for each estate that one has."""
_LEAST_M2: Final = 1500.0
_MOST_M2: Final = 26_000.0
_GAP_M: Final = 6.0
_SETBACK_M: Final = 8.0
_SMALL_M2: Final = 4000.0
_SMALL_SETBACK_M: Final = 5.0
_MAPPED: Final = 0.8
_ALWAYS_MAPPED_M2: Final = 5000.0
"""Of one or two houses on less ground no outline can be told."""
_DEPTH_M: Final = 13.0
_LENGTH_M: Final = 55.0
_SHORTEST_M: Final = 14.0
_BETWEEN_M: Final = 9.0
_STEP_M: Final = 3.0
_M2_PER_HOUSEHOLD: Final = 88.0


@dataclass(frozen=True, slots=True)
class House:
    """One building on the ground; ``levels`` and ``flats`` as far as the map says them."""

    shape: Polygon
    use: str
    levels: int | None = None
    flats: int | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """Ground that people live on. ``estate`` is its row among the estates; ``None``: no register has it."""

    shape: Polygon
    estate: int | None
    households: int
    mapped: bool
    """Whether the map shows it as land use; otherwise only its houses are there."""
    name: str | None
    houses: tuple[House, ...]


def settle_houses(estates: pd.DataFrame, blocks: Sequence[Block], rng: np.random.Generator) -> list[Plot]:
    """Plots of all estates, then plots that no register has (about one for every 17 estates).

    Most plots are mapped as land use, half of these with their houses; of the others the map has houses only.
    """
    plots = [
        _plot(row, footprint, float(floor), int(households), str(name), rng)
        for row, (footprint, floor, households, name) in enumerate(
            zip(estates["footprint"], estates["floor_area_m2"], estates["households"], estates["name"], strict=True)
        )
    ]
    wanted = max(4, round(len(estates) * _WITHOUT_RECORD))
    taken = set(estates["name"])
    for shape in _free_plots(estates, blocks, wanted, rng):
        floor = shape.area * float(rng.uniform(1.1, 2.0))
        name = f"{rng.choice(WORKPLACES)}{rng.choice(OLD_SUFFIX)}"
        said = name if name not in taken and rng.random() < 0.5 else None
        plots.append(_plot(None, shape, floor, max(8, round(floor / _M2_PER_HOUSEHOLD)), said, rng))
    return plots


def other_buildings(blocks: Sequence[Block], rng: np.random.Generator) -> list[House]:
    """Buildings that nobody lives in, on ground that is no housing: works, shops, and some of unsaid use."""
    sites = [block.ground for block in blocks if block.land is Land.FRINGE and block.ground is not None]
    found = []
    for k in rng.permutation(len(sites))[:40]:
        (x, y), size = sites[k].representative_point().coords[0], rng.uniform(8, 15, 2)
        shape = shapely.box(x - size[0], y - size[1], x + size[0], y + size[1])
        if sites[k].contains(shape):
            found.append(House(shape, str(rng.choice(("industrial", "retail", "school", "yes")))))
    return found


def _plot(
    estate: int | None, shape: Polygon, floor_m2: float, households: int, name: str | None, rng: np.random.Generator
) -> Plot:
    draw = rng.random(4)
    mapped = bool(draw[0] < _MAPPED or shape.area < _ALWAYS_MAPPED_M2)
    houses = _houses(shape, floor_m2, households, rng) if not mapped or draw[1] < 0.5 else ()
    if not houses:
        mapped = True
    named = name if mapped and (estate is None or draw[2] < 0.4) else None
    return Plot(shape, estate, households, mapped, named, houses)


def _houses(shape: Polygon, floor_m2: float, households: int, rng: np.random.Generator) -> tuple[House, ...]:
    """Rows of slabs along the plot's longer side; their storeys make up the floor area."""
    slabs = _slabs(shape, floor_m2)
    if not len(slabs):
        return ()
    built = float(shapely.area(slabs).sum())
    levels = max(1, min(33, round(floor_m2 / built)))
    use = str(rng.choice(("apartments", "apartments", "residential")))
    draw = rng.random(2)
    share = max(1, round(households / len(slabs)))
    return tuple(
        House(slab, use, levels if draw[0] < 0.75 else None, share if draw[1] < 0.12 else None) for slab in slabs
    )


def _slabs(shape: Polygon, floor_m2: float) -> NDArray[np.object_]:
    """Rows of slabs, each row as long as the plot is there."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    one, two = corners[1] - corners[0], corners[2] - corners[1]
    long = one if np.hypot(*one) >= np.hypot(*two) else two
    angle = math.degrees(math.atan2(long[1], long[0]))
    centre = (float(corners[0][0]), float(corners[0][1]))
    setback = _SETBACK_M if shape.area > _SMALL_M2 else _SMALL_SETBACK_M
    level = rotate(shape, -angle, origin=centre).buffer(-setback, join_style="mitre")
    if level.is_empty:
        return np.empty(0, dtype=object)
    _, south, _, north = level.bounds
    # Taller rows stand farther apart: at a third of the ground built on, so many storeys make up the floor area.
    gap = min(30.0, 6.0 + 1.5 * floor_m2 / max(0.3 * shape.area, 1.0))
    scan = np.arange(south + 0.1, north - _DEPTH_M, _STEP_M)
    wide = scan[np.subtract(*_reach(level, scan)[::-1]) >= _SHORTEST_M]
    if not len(wide):
        return np.empty(0, dtype=object)
    n = int((wide[-1] - wide[0]) // (_DEPTH_M + gap)) + 1
    rows = np.linspace(wide[0], wide[-1], n) if n > 1 else np.array([(wide[0] + wide[-1]) / 2])
    found = [slab for y, left, right in zip(rows, *_reach(level, rows), strict=True) for slab in _row(y, left, right)]
    return np.array([rotate(slab, angle, origin=centre) for slab in found if level.covers(slab)], dtype=object)


def _reach(level: Polygon, y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """West and east end of rows of houses that begin at each ``y``; NaN where the plot has no room at all."""
    west, _, east, _ = level.bounds
    both = np.concatenate([y, y + _DEPTH_M])
    ends = np.stack([np.column_stack([np.full(len(both), x), both]) for x in (west, east)], axis=1)
    bounds = shapely.bounds(shapely.intersection(shapely.linestrings(ends), level)).reshape(2, len(y), 4)
    return bounds[:, :, 0].max(axis=0) + 0.1, bounds[:, :, 2].min(axis=0) - 0.1


def _row(y: float, left: float, right: float) -> list[Polygon]:
    if not right - left >= _SHORTEST_M:
        return []
    n = max(1, round((right - left) / _LENGTH_M))
    size = (right - left - (n - 1) * _BETWEEN_M) / n
    starts = left + (size + _BETWEEN_M) * np.arange(n)
    return [shapely.box(start, y, start + size, y + _DEPTH_M) for start in starts]


def _free_plots(
    estates: pd.DataFrame, blocks: Sequence[Block], wanted: int, rng: np.random.Generator
) -> Iterator[Polygon]:
    """Ground beside estates in their blocks and in blocks without any, in turn, until there are enough."""
    lived_in = estates.groupby("block")["footprint"].agg(list).to_dict()
    usable = [
        b for b, block in enumerate(blocks) if block.ground is not None and block.land in (Land.BUILT, Land.OLD_TOWN)
    ]
    order = [usable[k] for k in rng.permutation(len(usable))]
    beside = (plot for b in order if b in lived_in for plot in _beside(blocks[b].ground, lived_in[b]))
    alone = (plot for b in order if b not in lived_in for plot in _alone(blocks[b].ground, rng))
    sources = [beside, alone]
    while wanted and sources:
        plot = next(sources[0], None)
        if plot is None:
            sources.pop(0)
            continue
        yield plot
        wanted -= 1
        sources.append(sources.pop(0))


def _beside(ground: Polygon | None, footprints: Sequence[Polygon]) -> Iterator[Polygon]:
    if ground is None:
        return
    left = shapely.difference(ground, shapely.union_all(shapely.buffer(footprints, _GAP_M, join_style="mitre")))
    left = left.buffer(-9.0, join_style="mitre").buffer(9.0, join_style="mitre")
    for part in shapely.get_parts(left):
        plot = _tidy(part)
        if plot is not None:
            yield plot


def _alone(ground: Polygon | None, rng: np.random.Generator) -> Iterator[Polygon]:
    if ground is None:
        return
    n = max(1, math.ceil(ground.area / float(rng.uniform(8_000, _MOST_M2))))
    for part in divide(ground, [1.0] * n, rng)[: int(rng.integers(1, 3))]:
        plot = _tidy(part.buffer(-_GAP_M / 2, join_style="mitre"))
        if plot is not None:
            yield plot


def _tidy(shape: shapely.Geometry) -> Polygon | None:
    """A plain polygon of a size that one compound has, and nowhere a mere strip."""
    if not isinstance(shape, Polygon) or shape.is_empty:
        return None
    plain = Polygon(shape.exterior).simplify(0.5)
    wide = plain.buffer(-9.0, join_style="mitre")
    if not isinstance(plain, Polygon) or wide.is_empty or not _LEAST_M2 <= plain.area <= _MOST_M2:
        return None
    whole = len(shape.interiors) == 0 and plain.is_valid
    return plain if whole else None
