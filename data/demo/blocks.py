"""Blocks: the faces of the road network, less roads, water and railway land; and which lattice cell each lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.layout import Land
from data.demo.loom import Use
from data.demo.network import WIDTH_M, Network
from data.demo.weave import Weave

_VERGE_M: Final = {"trunk": 16.0, "primary": 12.0, "secondary": 9.0, "tertiary": 6.0}
_LEAST_SETBACK_M: Final = 10.0
_RAILWAY_LAND_M: Final = 26.0
_BANK_M: Final = 30.0
_SLIVER_M2: Final = 1500.0


@dataclass(frozen=True, slots=True)
class Block:
    """One face. ``ground`` is what may be built on (``None`` for none); ``face`` reaches to the road's middle lines."""

    town: int
    cell: tuple[int, int]
    land: Land
    face: Polygon
    ground: Polygon | None
    rank: float
    """0 in the middle of the town, 1 at its edge."""


def water_bodies(network: Network, rng: np.random.Generator) -> dict[str, list[Polygon]]:
    """River banks and the lake, on the ground: ``river`` and ``lake``."""
    main = network.weaves[0]
    line = river_line(network)
    xy = shapely.get_coordinates(line)
    seg = np.diff(xy, axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*seg.T))])
    grown = np.gradient(xy, axis=0)
    normal = np.column_stack([-grown[:, 1], grown[:, 0]]) / np.hypot(*grown.T)[:, None]
    half = main.lattice.river_half_width_m * (1 + 0.18 * np.sin(along / 900.0 + rng.uniform(0, 6)))[:, None]
    river = shapely.make_valid(Polygon(np.vstack([xy + normal * half, (xy - normal * half)[::-1]])))
    lakes = []
    for i, j in np.argwhere(main.lattice.land == Land.PARK):
        u = (main.lattice.u[i] + main.lattice.u[i + 1]) / 2
        v = (main.lattice.v[j] + main.lattice.v[j + 1]) / 2
        size = 0.33 * min(np.diff(main.lattice.u)[i], np.diff(main.lattice.v)[j])
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        radius = size * (1 + 0.16 * np.sin(2 * turn + 1.1) + 0.09 * np.sin(3 * turn + rng.uniform(0, 6)))
        ring = np.column_stack([u + radius * np.cos(turn) * 1.1, v + radius * np.sin(turn) * 0.85])
        lakes.append(Polygon(main.lattice.place(ring)))
    return {"river": [part for part in shapely.get_parts(river) if part.geom_type == "Polygon"], "lake": lakes}


def river_line(network: Network) -> LineString:
    """Middle line of the river from south to north, carried on for some kilometres beyond the city."""
    return _carried_on(_strung(network, Use.RIVER), 6000.0)


def railway_line(network: Network) -> LineString:
    """The railway from west to east, carried on for some kilometres beyond the city."""
    return _carried_on(_strung(network, Use.RAILWAY), 9000.0)


def _strung(network: Network, use: Use) -> NDArray[np.float64]:
    pieces = [edge.points for edge in network.edges if edge.use is use]
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def _carried_on(xy: NDArray[np.float64], length: float) -> LineString:
    """Add a gently bending end on both sides, away from the city."""
    ends = []
    for tip, before in ((xy[0], xy[min(4, len(xy) - 1)]), (xy[-1], xy[-min(5, len(xy))])):
        way = (tip - before) / np.hypot(*(tip - before))
        t = np.linspace(0, 1, 40)[1:, None]
        side = np.array([-way[1], way[0]])
        ends.append(tip + way * length * t + side * 0.12 * length * np.sin(2.4 * t) * t)
    return LineString(np.vstack([ends[0][::-1], xy, ends[1]]))


def cut_blocks(network: Network, water: dict[str, list[Polygon]]) -> list[Block]:
    """All faces of the network, sorted by town, cell and position."""
    planar = [edge for edge in network.edges if edge.use is not Use.CROSSING and edge.road[0] != "country"]
    sizes = [len(edge.points) for edge in planar]
    points = np.vstack([edge.points for edge in planar])
    lines = np.asarray(shapely.linestrings(points, indices=np.repeat(np.arange(len(planar)), sizes)))
    faces = np.array(shapely.get_parts(shapely.polygonize(lines)))
    town, cell = _cells_of(faces, network.weaves)
    taken = _taken_strips(network, water)
    tree = shapely.STRtree(taken)
    near: dict[int, list[int]] = {}
    for face, strip in zip(*tree.query(faces, predicate="intersects"), strict=True):
        near.setdefault(int(face), []).append(int(strip))
    blocks = []
    for k, face in enumerate(faces):
        if town[k] < 0:
            continue
        weave = network.weaves[town[k]]
        i, j = int(cell[k][0]), int(cell[k][1])
        land = Land(int(weave.lattice.land[i, j]))
        ground = None
        if land not in (Land.PARK, Land.NONE):
            ground = _ground(face, [taken[s] for s in near.get(k, [])])
        n_u, n_v = weave.lattice.shape
        rank = float(np.hypot((i + 0.5) / n_u - 0.5, (j + 0.5) / n_v - 0.5) / 0.6)
        blocks.append(Block(int(town[k]), (i, j), land, face, ground, rank))
    blocks.sort(key=lambda b: (b.town, b.cell, b.face.bounds))
    return blocks


def _taken_strips(network: Network, water: dict[str, list[Polygon]]) -> NDArray[np.object_]:
    """Polygons that nothing is built on: wide roads with their verges, railway land, water with its banks."""
    strips: list[BaseGeometry] = []
    lines, widths = [], []
    for edge in network.edges:
        if edge.use in (Use.WALL, Use.RIVER):
            continue
        if edge.use is Use.RAILWAY:
            lines.append(LineString(edge.points))
            widths.append(_RAILWAY_LAND_M)
            continue
        road_class = network.roads[edge.road].road_class
        reach = WIDTH_M[road_class] / 2 + _VERGE_M.get(road_class, 4.0)
        if reach > _LEAST_SETBACK_M or edge.use is Use.CROSSING:
            lines.append(LineString(edge.points))
            widths.append(reach)
    strips += list(shapely.buffer(np.array(lines, dtype=object), np.array(widths), quad_segs=2, cap_style="square"))
    strips += [shapely.buffer(body, _BANK_M) for body in (*water["river"], *water["lake"])]
    return np.array(strips, dtype=object)


def _ground(face: Polygon, strips: list[BaseGeometry]) -> Polygon | None:
    ground: BaseGeometry = face.buffer(-_LEAST_SETBACK_M, join_style="mitre")
    for strip in strips:
        ground = ground.difference(strip)
    # Opening: no necks narrower than 16 m, no spikes.
    ground = ground.buffer(-8.0, join_style="mitre").buffer(8.0, join_style="mitre")
    parts = [part for part in shapely.get_parts(ground) if isinstance(part, Polygon)]
    best = max(parts, key=lambda part: part.area, default=None)
    if best is None or best.area < _SLIVER_M2:
        return None
    whole = Polygon(best.exterior).simplify(0.5)
    return whole if isinstance(whole, Polygon) else None


def _cells_of(faces: NDArray[np.object_], weaves: list[Weave]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Town and lattice cell of each face, by a point inside it; town -1 for a face in no cell."""
    quads, owner = [], []
    for k, weave in enumerate(weaves):
        lattice = weave.lattice
        n_u, n_v = lattice.shape
        rings, ids = [], []
        for i in range(n_u):
            for j in range(n_v):
                if lattice.land[i, j] == Land.NONE:
                    continue
                rings.append(_cell_ring(lattice.u[i], lattice.u[i + 1], lattice.v[j], lattice.v[j + 1]))
                ids.append((k, i, j))
        size = len(rings[0])
        ground = lattice.place(np.vstack(rings))
        quads += [Polygon(ground[n * size : (n + 1) * size]) for n in range(len(rings))]
        owner += ids
    town = np.full(len(faces), -1, dtype=np.int64)
    cell = np.zeros((len(faces), 2), dtype=np.int64)
    tree = shapely.STRtree(quads)
    for face, quad in zip(*tree.query(shapely.point_on_surface(faces), predicate="within"), strict=True):
        town[face], cell[face, 0], cell[face, 1] = owner[quad]
    return town, cell


def _cell_ring(west: float, east: float, south: float, north: float) -> NDArray[np.float64]:
    t = np.linspace(0, 1, 13)[:-1]
    bottom = np.column_stack([west + t * (east - west), np.full_like(t, south)])
    right = np.column_stack([np.full_like(t, east), south + t * (north - south)])
    top = np.column_stack([east - t * (east - west), np.full_like(t, north)])
    left = np.column_stack([np.full_like(t, west), north - t * (north - south)])
    return np.vstack([bottom, right, top, left])
