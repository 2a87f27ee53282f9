"""True blocks of a local map: ground whose outline and named sides are known, to measure and fit with.

A block is a face of the road network (of all roads, or of main roads only) or several faces together. Which road lies on
which side is measured on its ring: by length and outward normal. A block is kept where an office could describe it: it has
a name on each of four sides, and the named roads are most of its ring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely import Polygon

from geo.crs import from_metric, metric_crs
from geo.shapes import metric_shapes, middle
from geo.sides.types import MAIN_SIDES, Side

Kind = Literal["all", "main", "merged"]
KINDS: Final[tuple[Kind, ...]] = ("all", "main", "merged")

MAIN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
AREA_HA: Final = (0.3, 60.0)
_LEAST_WIDTH_M: Final = 45.0
_LEAST_COMPACTNESS: Final = 0.25
"""4πA/P²: a square has 0.785, a strip of 1 : 10 has 0.26."""
_NAMED_RING: Final = 0.8
_NAMED_SIDE: Final = 0.5
_SECOND_NAME: Final = 0.3
_SECOND_NAME_M: Final = 40.0
_STRAIGHT: Final = 0.8
_WRAPS: Final = 0.3
_ON_RING_M: Final = 0.05
_INSET_M: Final = 15.0
_TILE_M: Final = 700.0

Names = Mapping[Side, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Ground between roads with its true outline and sides.

    ``outline``: EPSG:4490, along the roads' own lines (centre lines, or the near carriageway of a divided road);
    ``sides``: names of the roads on the four main sides, the longest first, at most two; ``point``: somewhere inside.
    """

    block_id: str
    kind: Kind
    outline: Polygon
    area_m2: float
    sides: Names
    point: tuple[float, float]
    tile: tuple[int, int]
    """Which square of 700 m its middle lies in: to part blocks for fitting from blocks for judging by place."""


def true_blocks(ways: gpd.GeoDataFrame, kinds: Sequence[Kind] = KINDS, seed: int = 0) -> tuple[Block, ...]:
    """All blocks of the map that words could describe, in a fixed order.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame; only roads that are not in tunnels are used.
    kinds
        ``all``: faces of all roads, ``main``: faces of roads of `MAIN_CLASSES` only, ``merged``: two to four faces of all
        roads that lie side by side, with two names on at least one side.
    seed
        Chooses the points inside and which faces are merged.
    """
    on_ground = (ways["kind"] == "road") & ~ways["tunnel"].astype(bool)
    roads = ways[on_ground & ways.geometry.notna() & ~ways.geometry.is_empty]
    if not len(roads):
        return ()
    crs = metric_crs(middle(roads.geometry.to_numpy())[0])
    ground = _Ground(roads, crs)
    blocks: list[Block] = []
    for kind in kinds:
        rng = np.random.default_rng([seed, KINDS.index(kind), 71])
        faces = ground.merged(rng) if kind == "merged" else ground.faces(kind)
        for number, face in enumerate(faces):
            sides = ground.sides(face)
            if sides is None or (kind == "merged" and all(len(names) < 2 for names in sides.values())):
                continue
            blocks.append(_block(f"{kind}-{number}", kind, face, sides, crs, rng))
    return tuple(blocks)


def part_by_place(blocks: Sequence[Block], seed: int = 0) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Two halves that share no square of 700 m: one to fit with, one to judge by."""
    tiles = sorted({block.tile for block in blocks})
    chosen = set(np.random.default_rng([seed, 72]).permutation(len(tiles))[: len(tiles) // 2].tolist())
    first = {tile for number, tile in enumerate(tiles) if number in chosen}
    return tuple(b for b in blocks if b.tile in first), tuple(b for b in blocks if b.tile not in first)


class _Ground:
    """The roads in metres, and what lies between them."""

    def __init__(self, roads: gpd.GeoDataFrame, crs: CRS) -> None:
        self.lines = metric_shapes(roads.geometry.to_numpy(), crs)
        named = roads["name"].astype(object).where(roads["name"].notna(), "")
        self.names = named.to_numpy(dtype=object)
        self.main = roads["road_class"].isin(MAIN_CLASSES).to_numpy()
        self.tree = shapely.STRtree(self.lines)

    def faces(self, kind: Kind) -> list[Polygon]:
        """Faces of a kind that are of a block's size and form, sorted by position."""
        lines = self.lines[self.main] if kind == "main" else self.lines
        return [face for face in polygonized(lines) if _plausible(face)]

    def merged(self, rng: np.random.Generator) -> list[Polygon]:
        """Two to four neighbouring faces as one; no face is used twice."""
        faces = [face for face in polygonized(self.lines) if face.area > 1000.0]
        tree = shapely.STRtree(faces)
        taken = np.zeros(len(faces), dtype=bool)
        result: list[Polygon] = []
        for start in rng.permutation(len(faces)):
            if taken[start]:
                continue
            group, shape = [int(start)], faces[start]
            for _ in range(int(rng.integers(1, 4))):
                grown = self._grow(shape, faces, tree, taken, group)
                if grown is None:
                    break
                group.append(grown[0])
                shape = grown[1]
            if len(group) > 1 and _plausible(shape):
                taken[group] = True
                result.append(shape)
        return sorted(result, key=lambda face: face.bounds)

    @staticmethod
    def _grow(
        shape: Polygon, faces: Sequence[Polygon], tree: shapely.STRtree, taken: NDArray[np.bool_], group: list[int]
    ) -> tuple[int, Polygon] | None:
        """The neighbour with which the whole is most compact, and the whole."""
        best: tuple[float, int, Polygon] | None = None
        for other in sorted(tree.query(shape, predicate="touches")):
            if taken[other] or other in group or faces[other].area + shape.area > AREA_HA[1] * 1e4:
                continue
            both = shapely.union(shape, faces[other])
            if both.geom_type != "Polygon" or len(both.interiors):
                continue
            form = compactness(both)
            if form >= 0.4 and (best is None or form > best[0]):
                best = (form, int(other), both)
        return None if best is None else (best[1], best[2])

    def sides(self, face: Polygon) -> Names | None:
        """Names by side; ``None`` where words would not describe the face."""
        pieces = _Pieces.of(face)
        owner = np.full(len(pieces.length), "", dtype=object)
        at, line = self.tree.query_nearest(pieces.middle, max_distance=_ON_RING_M, all_matches=False)
        owner[at] = self.names[line]
        return named_sides(pieces.length, pieces.normal, pieces.from_centre, owner)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Straight pieces of a ring: length, outward unit normal, middle, and the middle as seen from the centre."""

    length: NDArray[np.float64]
    normal: NDArray[np.float64]
    middle: NDArray[np.object_]
    from_centre: NDArray[np.float64]

    @classmethod
    def of(cls, face: Polygon) -> _Pieces:
        xy = shapely.get_coordinates(shapely.get_exterior_ring(shapely.orient_polygons(face)))
        step = np.diff(xy, axis=0)
        length = np.hypot(*step.T)
        keep = length > 0
        step, length, half = step[keep], length[keep], ((xy[:-1] + xy[1:]) / 2)[keep]
        centre = shapely.get_coordinates(shapely.centroid(face))[0]
        # Counter-clockwise: the outside is on the right.
        normal = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
        return cls(length, normal, np.asarray(shapely.points(half)), half - centre)


_OUT: Final = np.array([(np.sin(np.radians(s.degrees)), np.cos(np.radians(s.degrees))) for s in MAIN_SIDES])


def named_sides(
    length: NDArray[np.float64],
    normal: NDArray[np.float64],
    from_centre: NDArray[np.float64],
    owner: NDArray[np.object_],
) -> Names | None:
    """Which names lie on which of the four main sides of a ring.

    A road that is nearly straight along the ring lies on the side that its mean outward normal is nearest to; one that
    bends lies on each side that has at least three tenths of it.

    Parameters
    ----------
    length, normal, from_centre
        Of the ring's straight pieces: metres, outward unit vectors ``(n, 2)``, middle minus the ring's centre ``(n, 2)``.
    owner
        Name of each piece, ``""`` where it has none.

    Returns
    -------
    mapping or None
        ``None`` if a side has no name, the names are too little of the ring (four fifths) or of a side (half), a name would
        be on opposite sides, or a side's road lies behind the centre.
    """
    own_side = np.argmax(normal @ _OUT.T, axis=1)
    by_name: dict[str, NDArray[np.int64]] = {
        name: np.flatnonzero(owner == name) for name in dict.fromkeys(owner) if name
    }
    metres: dict[int, dict[str, float]] = defaultdict(dict)
    reach: dict[int, float] = defaultdict(float)
    side_m = np.bincount(own_side[owner == ""], weights=length[owner == ""], minlength=4)
    for name, rows in by_name.items():
        total = length[rows].sum()
        pull = (normal[rows] * length[rows, None]).sum(axis=0)
        if np.hypot(*pull) >= _STRAIGHT * total:
            shares = {int(np.argmax(_OUT @ pull)): (total, rows)}
        else:
            shares = {}
            for k in range(4):
                here = rows[own_side[rows] == k]
                if length[here].sum() >= _WRAPS * total:
                    shares[k] = (length[here].sum(), here)
        for k, (part, here) in shares.items():
            metres[k][name] = float(part)
            side_m[k] += part
            reach[k] += float(((from_centre[here] @ _OUT[k]) * length[here]).sum())
    result: dict[Side, tuple[str, ...]] = {}
    told = 0.0
    for number, side in enumerate(MAIN_SIDES):
        found = sorted(metres[number].items(), key=lambda item: (-item[1], item[0]))
        if not found or reach[number] <= 0:
            return None
        chosen = found[:1]
        if len(found) > 1 and found[1][1] >= max(_SECOND_NAME * side_m[number], _SECOND_NAME_M):
            chosen = found[:2]
        part = sum(metre for _, metre in chosen)
        if part < _NAMED_SIDE * side_m[number]:
            return None
        told += part
        result[side] = tuple(name for name, _ in chosen)
    if any(set(result[side]) & set(result[side.opposite]) for side in MAIN_SIDES) or told < _NAMED_RING * length.sum():
        return None
    return result


def polygonized(lines: NDArray[np.object_]) -> list[Polygon]:
    """Faces between lines, cut where they cross, sorted by position. Any plane coordinates."""
    cut = shapely.get_parts(shapely.union_all(lines))
    faces = shapely.get_parts(shapely.polygonize(cut))
    return sorted((face for face in faces if face.geom_type == "Polygon"), key=lambda face: (face.bounds, face.area))


def compactness(shape: Polygon) -> float:
    """Polsby–Popper: 4πA/P², 1 for a circle."""
    return float(4 * np.pi * shape.area / shape.length**2) if shape.length > 0 else 0.0


def _plausible(face: Polygon) -> bool:
    """Of a size and form that estates have."""
    if not AREA_HA[0] * 1e4 <= face.area <= AREA_HA[1] * 1e4 or compactness(face) < _LEAST_COMPACTNESS:
        return False
    return not shapely.is_empty(shapely.buffer(face, -_LEAST_WIDTH_M / 2))


def _block(name: str, kind: Kind, face: Polygon, sides: Names, crs: CRS, rng: np.random.Generator) -> Block:
    x, y = _inside(face, rng)
    lon, lat = from_metric([x], [y], crs)
    outline = shapely.transform(
        Polygon(face.exterior), lambda xy: np.column_stack(from_metric(xy[:, 0], xy[:, 1], crs))
    )
    centre = face.centroid
    tile = (int(centre.x // _TILE_M), int(centre.y // _TILE_M))
    return Block(name, kind, outline, float(face.area), sides, (float(lon[0]), float(lat[0])), tile)


def _inside(face: Polygon, rng: np.random.Generator) -> tuple[float, float]:
    """A random place at least 15 m from the ring where there is one."""
    room = shapely.buffer(face, -_INSET_M)
    room = face if room.is_empty else room
    west, south, east, north = room.bounds
    for _ in range(50):
        x, y = float(rng.uniform(west, east)), float(rng.uniform(south, north))
        if shapely.contains_xy(room, x, y):
            return x, y
    inner = shapely.point_on_surface(room)
    return float(inner.x), float(inner.y)
