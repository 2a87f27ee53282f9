"""Counties, streets, communities and grids: groups of blocks, so that their borders run along roads, river and railway."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.codes import UnitKind
from data.demo.blocks import Block
from data.demo.layout import Land
from data.demo.network import Network
from data.demo.words import COMMUNITIES, STREETS, TOWNS, chinese_number, cycle

_CITY_CODE = "9901"
"""No province has a code that begins with 99: these area codes cannot be mistaken for real ones."""


@dataclass(slots=True)
class Unit:
    """One unit; ``shape`` on the ground (metres). ``code`` has 12 digits or is ``None``."""

    kind: UnitKind
    name: str
    parent: Unit | None
    code: str | None
    blocks: list[int]
    shape: BaseGeometry | None = None

    @property
    def county(self) -> Unit:
        """The county above, or the unit itself."""
        return self if self.parent is None else self.parent.county


def divide_city(
    network: Network, blocks: Sequence[Block], estate_block: NDArray[np.int64], rng: np.random.Generator
) -> list[Unit]:
    """All units, counties first, parents before children.

    ``estate_block``: row of the block of each estate; streets of a county get about equal numbers of estates.
    """
    weight = np.bincount(estate_block, minlength=len(blocks)).astype(float)
    per_street = 24.0 * max(1.0, len(estate_block) / 600) ** 0.4
    middle = np.array([shapely.get_coordinates(block.face.centroid)[0] for block in blocks])
    words = _Words(rng)
    units: list[Unit] = []
    for number, (name, members, town) in enumerate(_counties(network, blocks), start=1):
        coded = not name.startswith("高新")
        code = f"{_CITY_CODE}{number:02d}" if coded else None
        county = Unit(UnitKind.COUNTY, name, None, f"{code}000000" if code else None, members)
        units.append(county)
        n_streets = max(2, round(weight[members].sum() / per_street))
        cells: dict[tuple, list[int]] = defaultdict(list)
        for b in members:
            cells[blocks[b].cell].append(b)
        groups = _group_cells(cells, weight, n_streets)
        for k, group in enumerate(groups):
            is_town = (town and k > 0) or (not town and name.startswith("高新") and k == len(groups) - 1)
            street = Unit(
                UnitKind.STREET, words.street(is_town, name), county, _code(code, 100 + k if is_town else 1 + k), group
            )
            units.append(street)
            units += _below(street, middle, weight, words)
    faces = np.array([block.face for block in blocks], dtype=object)
    for unit in units:
        unit.shape = shapely.make_valid(shapely.coverage_union_all(faces[unit.blocks]))
    return units


def _counties(network: Network, blocks: Sequence[Block]) -> Iterator[tuple[str, list[int], bool]]:
    """Name, blocks and whether it is a rural county: the two banks of the river, the high-tech zone, the towns."""
    lattice = network.weaves[0].lattice
    river = lattice.river or 0
    tech = lattice.land == Land.TECH
    corner = np.zeros_like(tech)
    if tech.any():
        i, j = np.argwhere(tech).min(axis=0)[0], np.argwhere(tech).max(axis=0)[1]
        corner[i:, : j + 1] = True
    parts: dict[str, list[int]] = {"云东区": [], "云西区": [], "高新区": []}
    towns: dict[int, list[int]] = defaultdict(list)
    for b, block in enumerate(blocks):
        if block.town:
            towns[block.town].append(b)
        elif corner[block.cell]:
            parts["高新区"].append(b)
        else:
            parts["云西区" if block.cell[0] < river else "云东区"].append(b)
    for name, members in parts.items():
        if members:
            yield name, members, False
    for town, members in sorted(towns.items()):
        yield f"{network.weaves[town].lattice.name}县", members, True


def _group_cells(cells: dict[tuple, list[int]], weight: NDArray[np.float64], count: int) -> list[list[int]]:
    """Split lattice cells into ``count`` compact groups with about equal numbers of estates."""
    keys = sorted(cells)
    at = np.array(keys, dtype=float)
    load = np.array([weight[cells[key]].sum() + 0.2 for key in keys])
    groups = _bisect(np.arange(len(keys)), at, load, count)
    filled = [any(weight[b] for k in group for b in cells[keys[k]]) for group in groups]
    filled[0] = filled[0] or not any(filled)
    full = [group for group, has_estates in zip(groups, filled, strict=True) if has_estates]
    # Farmland without an estate goes to the street beside it.
    for group in [group for group, has_estates in zip(groups, filled, strict=True) if not has_estates]:
        gap = [np.hypot(*(at[group].mean(axis=0) - at[other]).T).min() for other in full]
        nearest = int(np.argmin(gap))
        full[nearest] = np.concatenate([full[nearest], group])
    return [[b for k in group for b in cells[keys[k]]] for group in full]


def _bisect(
    rows: NDArray[np.int64], at: NDArray[np.float64], load: NDArray[np.float64], count: int
) -> list[NDArray[np.int64]]:
    """Recursive halving across the longer side; every group has at least one row."""
    count = min(count, len(rows))
    if count <= 1:
        return [rows]
    here = at[rows]
    axis = int(np.ptp(here[:, 1]) > np.ptp(here[:, 0]))
    order = rows[np.lexsort((here[:, 1 - axis], here[:, axis]))]
    low = count // 2
    running = np.cumsum(load[order])
    cut = int(np.abs(running - running[-1] * low / count).argmin()) + 1
    cut = min(max(cut, low), len(order) - (count - low))
    return [*_bisect(order[:cut], at, load, low), *_bisect(order[cut:], at, load, count - low)]


def _below(street: Unit, middle: NDArray[np.float64], weight: NDArray[np.float64], words: _Words) -> Iterator[Unit]:
    rows = np.array(street.blocks)
    load = np.zeros(len(weight))
    load[rows] = weight[rows] + 0.15
    n_communities = max(2, round(weight[rows].sum() / 6))
    for k, group in enumerate(_bisect(rows, middle, load, n_communities), start=1):
        community = Unit(
            UnitKind.COMMUNITY,
            words.community(),
            street,
            _code(street.code[:9] if street.code else None, k, 3),
            group.tolist(),
        )
        yield community
        n_grids = max(1, min(4, math.ceil(weight[group].sum() / 3)))
        for number, part in enumerate(_bisect(group, middle, load, n_grids), start=1):
            yield Unit(UnitKind.GRID, f"{community.name}第{chinese_number(number)}网格", community, None, part.tolist())


def _code(parent: str | None, number: int, fill: int = 3) -> str | None:
    if parent is None:
        return None
    return f"{parent}{number:03d}".ljust(12, "0")


class _Words:
    """Names that no two units share."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._streets, self._towns = cycle(STREETS, rng), cycle(TOWNS[1:], rng)
        self._communities = cycle(COMMUNITIES, rng)
        self._used: set[str] = set()

    def street(self, is_town: bool, county: str) -> str:
        words, tail = (self._towns, "镇") if is_town else (self._streets, "街道")
        if county.endswith("县") and not is_town:
            seat = f"{county[:2]}{TOWNS[0]}镇"
            if seat not in self._used:
                self._used.add(seat)
                return seat
        return self._next(words, tail)

    def community(self) -> str:
        return self._next(self._communities, "社区")

    def _next(self, words: Iterator[str], tail: str) -> str:
        for word in words:
            if word + tail not in self._used:
                self._used.add(word + tail)
                return word + tail
        raise AssertionError("names do not end")
