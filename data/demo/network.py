"""The whole city's road network: towns woven and joined by country roads, every road named and classed, all reachable."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from data.demo.layout import Land, Lattice
from data.demo.loom import Edge, Use
from data.demo.weave import Weave
from data.demo.words import MAIN_ROADS, RAILWAY, RIVER, TECH_ROADS, cycle, pairs

WIDTH_M: Final = {
    "trunk": 22.0, "primary": 40.0, "secondary": 30.0, "tertiary": 20.0, "residential": 12.0, "unclassified": 9.0,
}  # fmt: skip
"""Road width between kerbs by class, metres; the ring's is one carriageway."""


@dataclass(frozen=True, slots=True)
class Road:
    """A road as people name it."""

    name: str | None
    road_class: str


@dataclass(slots=True)
class Network:
    """Nodes ``(n, 2)`` on the ground (metres), edges, and the road of each edge (``roads[edge.road]``)."""

    xy: NDArray[np.float64]
    edges: list[Edge]
    roads: dict[tuple, Road]
    weaves: list[Weave]

    def drivable(self) -> list[Edge]:
        """Edges that cars use."""
        return [edge for edge in self.edges if edge.use in (Use.ROAD, Use.CROSSING)]


def build(weaves: list[Weave], rng: np.random.Generator) -> Network:
    """One strongly connected network of the woven towns (the first is the main city)."""
    offsets = np.cumsum([0, *(len(weave.xy) for weave in weaves)])
    xy = np.vstack([weave.xy for weave in weaves])
    edges: list[Edge] = []
    roads: dict[tuple, Road] = {}
    words = cycle(MAIN_ROADS, rng)
    lanes = pairs(rng)
    for weave, offset in zip(weaves, offsets[:-1], strict=True):
        for edge in weave.edges:
            edge.a, edge.b = edge.a + int(offset), edge.b + int(offset)
            edge.road = (weave.lattice.name, *edge.road)
        edges += weave.edges
        roads |= _name_main(weave, words)
        roads |= _name_local(weave, lanes, rng)
    _one_ways(edges, roads, weaves[0].lattice, rng)
    for k, weave in enumerate(weaves[1:], start=1):
        key = ("country", weave.lattice.name)
        roads[key] = Road(f"云{weave.lattice.name[0]}公路", "primary")
        edges.append(_country_road(xy, edges, int(offsets[1]), (int(offsets[k]), int(offsets[k + 1])), key, rng))
    network = Network(xy, edges, roads, weaves)
    _make_reachable(network)
    return network


# --- names and classes


def _line_class(lattice: Lattice, orient: str, line: int) -> str:
    n = lattice.shape[0 if orient == "C" else 1]
    middle = n // 2
    if line in (0, n):
        return "tertiary"
    if lattice.ring is None:
        return "secondary" if line == middle else "tertiary"
    return "primary" if (line - middle) % 3 == 0 else "secondary"


def _name_main(weave: Weave, words: Iterator[str]) -> dict[tuple, Road]:
    """Names of lattice lines: one word for the whole line, long primary ones parted by direction (解放北路, 解放南路)."""
    lattice = weave.lattice
    roads: dict[tuple, Road] = {}
    main = lattice.ring is not None
    for orient in ("C", "R"):
        n, length = lattice.shape if orient == "C" else lattice.shape[::-1]
        for line in range(n + 1):
            road_class = _line_class(lattice, orient, line)
            word = "人民" if main and orient == "R" and line == lattice.shape[1] // 2 else next(words)
            if word == "人民" and not (main and orient == "R" and line == lattice.shape[1] // 2):
                word = next(words)
            parted = main and road_class == "primary" and word != "人民" and line % 2 == 0
            suffix = "大道" if road_class == "primary" and orient == "R" else ("路" if orient == "C" else "街")
            for step in range(-1, length + 1):
                if parted:
                    way = (
                        ("南" if step < length // 2 else "北")
                        if orient == "C"
                        else ("西" if step < length // 2 else "东")
                    )
                    name = f"{word}{way}路"
                else:
                    name = word + suffix
                roads[lattice.name, orient, line, step] = Road(name, road_class)
    for side in "东南西北":
        roads[lattice.name, "ring", side] = Road(f"环城{side}路", "trunk")
    roads[lattice.name, Use.RIVER.name] = Road(RIVER, "river")
    roads[lattice.name, Use.RAILWAY.name] = Road(RAILWAY, "railway")
    return roads


def _name_local(weave: Weave, lanes: Iterator[str], rng: np.random.Generator) -> dict[tuple, Road]:
    lattice = weave.lattice
    roads: dict[tuple, Road] = {}
    tech = cycle(TECH_ROADS, rng)
    for key, n_cells in weave.chains.items():
        _, orient, i, j, _ = key
        land = Land(int(lattice.land[i, j]))
        road_class = "tertiary" if n_cells >= 3 else ("unclassified" if land is Land.FRINGE else "residential")
        if n_cells == 1 and rng.random() < 0.08:
            roads[lattice.name, *key] = Road(None, road_class)
            continue
        if land is Land.TECH:
            name = next(tech) + ("路" if orient == "C" else "街")
        elif land is Land.OLD_TOWN and n_cells == 1:
            name = next(lanes) + ("巷" if rng.random() < 0.7 else "里弄")
        else:
            name = next(lanes) + ("路" if orient == "C" else "街")
        roads[lattice.name, *key] = Road(name, road_class)
    return roads


def _one_ways(edges: list[Edge], roads: dict[tuple, Road], main: Lattice, rng: np.random.Generator) -> None:
    """Make about a tenth of the local roads one-way, and a pair of main roads through the old town's middle.

    The pair's western road runs south, the eastern north, as traffic keeps right.
    """
    middle = main.shape[0] // 2
    columns = [i for i in range(middle - 1, middle + 4) if i != main.river and _line_class(main, "C", i) == "secondary"]
    rows = {int(j) for j in np.flatnonzero((main.land == Land.OLD_TOWN).any(axis=0))}
    pair = {columns[0]: -1, columns[1]: 1} if len(columns) > 1 and columns[1] - columns[0] == 1 else {}
    way: dict[tuple, int] = {}
    for edge in edges:
        if edge.use is not Use.ROAD or edge.oneway:
            continue
        if edge.road[:2] == (main.name, "C") and edge.road[3] in rows:
            edge.oneway = pair.get(edge.road[2], 0)
        if edge.road[1] != "L":
            continue
        if edge.road not in way:
            share = 0.14 if roads[edge.road].road_class == "tertiary" else 0.10
            way[edge.road] = int(rng.choice([-1, 1])) if rng.random() < share else 0
        edge.oneway = way[edge.road]


# --- joining and cleaning


def _country_road(
    xy: NDArray[np.float64], edges: list[Edge], n_main: int, town: tuple[int, int], key: tuple, rng: np.random.Generator
) -> Edge:
    """A winding road from the main city's edge to the town's, between the two nearest nodes of main roads."""
    on_main_road = {
        n for edge in edges if edge.use is Use.ROAD and edge.road[1] in ("C", "R") for n in (edge.a, edge.b)
    }
    city = np.array(sorted(n for n in on_main_road if n < n_main))
    there = np.array(sorted(n for n in on_main_road if town[0] <= n < town[1]))
    middle = xy[there].mean(axis=0)
    a = int(city[np.hypot(*(xy[city] - middle).T).argmin()])
    b = int(there[np.hypot(*(xy[there] - xy[a]).T).argmin()])
    start, end = xy[a], xy[b]
    length = float(np.hypot(*(end - start)))
    t = np.linspace(0, 1, max(8, round(length / 250)))[:, None]
    normal = np.array([start[1] - end[1], end[0] - start[0]]) / length
    swing = 0.03 * length * np.sin(math.pi * t) * np.sin(2.2 * math.pi * t + rng.uniform(-0.5, 0.5))
    bends = 90.0 * np.sin(math.pi * t) * np.sin(length / 1500 * t + rng.uniform(0, 6))
    points = start + t * (end - start) + normal * (swing + bends)
    points[0], points[-1] = start, end
    return Edge(a, b, key, Use.ROAD, points=points)


def _make_reachable(network: Network) -> None:
    """Turn one-way stubs into two-way streets, then drop what still cannot be reached from everywhere."""
    for last in (False, False, True):
        core = _core(network)
        for edge in network.drivable():
            if edge.oneway and not (edge.a in core and edge.b in core) and edge.road[1] != "ring":
                edge.oneway = 0
        if last:
            core = _core(network)
            network.edges = [
                edge
                for edge in network.edges
                if edge.use not in (Use.ROAD, Use.CROSSING) or (edge.a in core and edge.b in core)
            ]


def _core(network: Network) -> set[int]:
    rows, columns = [], []
    for edge in network.drivable():
        if edge.oneway >= 0:
            rows.append(edge.a)
            columns.append(edge.b)
        if edge.oneway <= 0:
            rows.append(edge.b)
            columns.append(edge.a)
    n = len(network.xy)
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    _, label = connected_components(graph, directed=True, connection="strong")
    counts: dict[int, int] = defaultdict(int)
    for node in {*rows, *columns}:
        counts[int(label[node])] += 1
    best = max(counts, key=lambda k: (counts[k], -k))
    return {int(node) for node in {*rows, *columns} if label[node] == best}
