"""Settling: blocks are parted among the estates in turn; each footprint keeps its distance from roads and neighbours."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from data.demo.blocks import Block
from data.demo.layout import Land

_FULL = 1.06
_CROWDED = 1.9
_LOOK_AHEAD = 25
_GAP_M = 2.5


def settle(
    estates: pd.DataFrame, blocks: Sequence[Block], towns: Sequence[float], rng: np.random.Generator
) -> pd.DataFrame:
    """Give every estate a footprint.

    Parameters
    ----------
    estates
        Rows of ``people.imagine``: ``cluster``, ``wanted_m2``, in the order from the old town outwards.
    blocks
        All blocks of all towns.
    towns
        Share of the estates' clusters that goes to each town, summing to one.

    Returns
    -------
    DataFrame
        The estates with ``town``, ``block`` (row in ``blocks``), ``footprint`` (ground metres); without those for which
        no land was left, so a shorter frame says that the city is too small.
    """
    n_clusters = int(estates["cluster"].max()) + 1
    town_of = rng.choice(len(towns), size=n_clusters, p=np.asarray(towns))
    town = town_of[estates["cluster"].to_numpy()]
    placed: list[tuple[int, int, Polygon]] = []
    for k in range(len(towns)):
        rows = np.flatnonzero(town == k)
        wanted = estates["wanted_m2"].to_numpy()
        placed += _fill_town(rows, wanted, [(b, block) for b, block in enumerate(blocks) if block.town == k], rng)
    placed.sort(key=lambda item: item[0])
    result = estates.iloc[[row for row, _, _ in placed]].copy()
    result["town"] = town[[row for row, _, _ in placed]]
    result["block"] = [block for _, block, _ in placed]
    result["footprint"] = pd.Series([shape for _, _, shape in placed], index=result.index, dtype=object)
    return result.reset_index(drop=True)


def _fill_town(
    rows: NDArray[np.int64], wanted: NDArray[np.float64], blocks: list[tuple[int, Block]], rng: np.random.Generator
) -> list[tuple[int, int, Polygon]]:
    order = _walk(blocks, rng)
    queue = deque(int(row) for row in rows)
    placed: list[tuple[int, int, Polygon]] = []
    left = sum(block.ground.area for _, block in order if block.ground is not None)
    needed = float(wanted[rows].sum())
    spare: list[tuple[int, Block]] = []
    for number, block in order:
        if not queue or block.ground is None:
            break
        share = min(1.0, 1.04 * needed / max(left * 0.95, 1.0))
        left -= block.ground.area
        if rng.random() > share:
            spare.append((number, block))
            continue
        before = len(placed)
        placed += _fill_block(number, block.ground, queue, wanted, rng, _CROWDED)
        needed -= float(sum(wanted[row] for row, _, _ in placed[before:]))
    # What is left over takes the largest of the blocks that were to stay free.
    for number, block in sorted(spare, key=lambda item: -item[1].ground.area if item[1].ground is not None else 0.0):
        if not queue:
            break
        if block.ground is not None:
            placed += _fill_block(number, block.ground, queue, wanted, rng, 99.0)
    return placed


def _walk(blocks: list[tuple[int, Block]], rng: np.random.Generator) -> list[tuple[int, Block]]:
    """Blocks that may be lived in, cell by cell from the middle outwards, so that those in a row are neighbours."""
    usable = [(b, block) for b, block in blocks if block.ground is not None and block.land is not Land.FRINGE]
    cells: dict[tuple[int, int], list[tuple[int, Block]]] = defaultdict(list)
    for b, block in usable:
        cells[block.cell].append((b, block))
    rank = {
        cell: found[0][1].rank + rng.normal(0, 0.09) + (0.35 if found[0][1].land is Land.TECH else 0.0)
        for cell, found in cells.items()
    }
    return [item for cell in sorted(cells, key=lambda c: (rank[c], c)) for item in cells[cell]]


def _fill_block(
    number: int, ground: Polygon, queue: deque[int], wanted: NDArray[np.float64], rng: np.random.Generator, crowd: float
) -> list[tuple[int, int, Polygon]]:
    area = ground.area
    taken: list[int] = []
    room = area * _FULL
    for _ in range(_LOOK_AHEAD):
        if not queue:
            break
        row = queue[0]
        fits = wanted[row] <= room or (not taken and wanted[row] <= crowd * area)
        if not fits:
            found = next((k for k in range(1, min(_LOOK_AHEAD, len(queue))) if wanted[queue[k]] <= room), None)
            if found is None or room < 0.1 * area:
                break
            row = queue[found]
            del queue[found]
        else:
            queue.popleft()
        taken.append(row)
        room -= wanted[row]
    if not taken:
        return []
    weights = [float(wanted[row]) for row in taken]
    owners: list[int | None] = list(taken)
    free = area - sum(weights)
    if free > 0.12 * area:
        # School, shops, a yard: land of the block that is no estate.
        at = int(rng.integers(0, len(weights) + 1))
        weights.insert(at, free)
        owners.insert(at, None)
    placed = []
    for owner, part in zip(owners, divide(ground, weights, rng), strict=True):
        if owner is None:
            continue
        shape = _footprint(part)
        if shape is None:
            queue.append(owner)
        else:
            placed.append((owner, number, shape))
    return placed


def divide(ground: Polygon, weights: Sequence[float], rng: np.random.Generator) -> list[BaseGeometry]:
    """Part a polygon into pieces with areas in proportion to ``weights``, by straight cuts across its longer side."""
    if len(weights) == 1:
        return [ground]
    total, running, cut_at = sum(weights), 0.0, 1
    best = math.inf
    for k in range(1, len(weights)):
        running += weights[k - 1]
        if abs(running / total - 0.5) < best:
            best, cut_at = abs(running / total - 0.5), k
    share = sum(weights[:cut_at]) / total
    one, other = _cut(ground, share, float(rng.normal(0, 0.04)))
    return [*divide(one, weights[:cut_at], rng), *divide(other, weights[cut_at:], rng)]


def _cut(ground: BaseGeometry, share: float, tilt: float) -> tuple[Polygon, Polygon]:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    if len(corners) < 4:
        return Polygon(), Polygon()
    one, two = corners[1] - corners[0], corners[2] - corners[1]
    long = one if np.hypot(*one) >= np.hypot(*two) else two
    angle = math.degrees(math.atan2(long[1], long[0]) + tilt)
    centre = (float(corners[0][0]), float(corners[0][1]))
    level = rotate(ground, -angle, origin=centre)
    west, south, east, north = level.bounds
    low, high = west, east
    target = share * level.area
    for _ in range(12):
        middle = (low + high) / 2
        if shapely.clip_by_rect(level, west - 1, south - 1, middle, north + 1).area < target:
            low = middle
        else:
            high = middle
    middle = (low + high) / 2
    left = shapely.clip_by_rect(level, west - 1, south - 1, middle, north + 1)
    right = shapely.clip_by_rect(level, middle, south - 1, east + 1, north + 1)
    back = (_largest([rotate(part, angle, origin=centre)]) for part in (left, right))
    return next(back), next(back)


def _footprint(part: BaseGeometry) -> Polygon | None:
    own = part.buffer(-_GAP_M, join_style="mitre")
    shape = _largest([own.buffer(-4, join_style="mitre").buffer(4, join_style="mitre")])
    if shape.difference(part).area > 0:
        # Widening again has thrown a sharp corner over the border to the neighbour.
        shape = _largest([shape.intersection(own)])
    shape = _largest([shape.simplify(0.3)])
    return shape if shape.area >= 600.0 and shape.is_valid else None


def _largest(shapes: Iterable[BaseGeometry]) -> Polygon:
    parts = [part for shape in shapes for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=Polygon())
