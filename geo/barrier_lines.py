"""Barriers (阻隔) as straight pieces, and the ways that people walk: what lies between places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import metric_crs
from geo.road_pieces import Ints
from geo.roads import RoadNetwork

_POND_M2 = 10_000.0
"""Smaller water areas are walked round (assumed)."""
_AT_GATE_M = 1.0
"""A gate that is nearer to a barrier is at it, not on one side of it."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """What lies between places; make it with `from_ways`.

    ``ends``: straight pieces of the barriers, shape ``(pieces, 2, 2)``, metres in ``crs``; ``tree``: their index;
    ``kind``, ``name``: the number of each one's kind, and its name;
    ``walk``: the walking network, ``None`` without roads.
    """

    kinds: tuple[str, ...]
    crs: CRS | None
    walk: RoadNetwork | None
    walk_apart: RoadNetwork | None
    """The same without the roads that are barriers and without passage at any point of theirs; ``None`` if no road is
    a barrier or all are."""
    ends: NDArray[np.float64] = field(repr=False)
    tree: shapely.STRtree = field(repr=False)
    kind: Ints = field(repr=False)
    name: NDArray[np.object_] = field(repr=False)

    @classmethod
    def from_ways(cls, ways: gpd.GeoDataFrame, kinds: Sequence[str]) -> Terrain:
        """Barriers of the given kinds and the walking network.

        Parameters
        ----------
        ways
            Checked ``WAYS`` frame.
        kinds
            ``river``, ``railway`` or road classes; where several are crossed the first in this order is named.
        """
        ways = ways[ways.geometry.notna() & ~ways.geometry.is_empty]
        crs = metric_crs(float(np.mean(ways.total_bounds[[0, 2]]))) if len(ways) else None
        pieces: list[NDArray] = []
        kind: list[NDArray] = []
        name: list[NDArray] = []
        roads = (ways["kind"] == "road").to_numpy()
        barred = np.zeros(len(ways), dtype=bool)
        for number, one in enumerate(kinds):
            chosen = _are_barriers(ways, one, crs)
            barred |= chosen & roads
            if crs is not None and chosen.any():
                parts, row = _straight_pieces(ways[chosen], crs)
                pieces.append(parts)
                kind.append(np.full(len(parts), number))
                name.append(ways["name"][chosen].fillna("").to_numpy(dtype=object)[row])
        ends = np.concatenate(pieces) if pieces else np.empty((0, 2, 2))
        return cls(
            tuple(kinds),
            crs,
            RoadNetwork.for_walking(ways),
            RoadNetwork.for_walking(ways, np.flatnonzero(barred)) if barred.any() else None,
            ends,
            shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object)),
            np.concatenate(kind).astype(np.int64) if kind else np.empty(0, dtype=np.int64),
            np.concatenate(name) if name else np.empty(0, dtype=object),
        )

    def crossings(self, xy: NDArray[np.float64], to: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Straight lines that cross a barrier, as ``(line, piece of barrier)`` pairs, one for each crossing.

        A line that begins or ends on a barrier, or runs along it, does not cross it: both ends must lie at least 1 m off
        the piece. Positions in `crs`, shape ``(n, 2)``.
        """
        lines = np.asarray(shapely.linestrings(np.stack([xy, to], axis=1)), dtype=object)
        line, piece = self.tree.query(lines, predicate="intersects")
        start = self.ends[piece, 0]
        along = self.ends[piece, 1] - start
        length = np.hypot(*along.T)
        crosses = length > 0
        for end in (xy[line] - start, to[line] - start):
            off = np.abs(along[:, 0] * end[:, 1] - along[:, 1] * end[:, 0])
            crosses &= off >= _AT_GATE_M * length
        return line[crosses], piece[crosses]

    def is_road(self) -> NDArray[np.bool_]:
        """Of each kind, whether it is a road class."""
        return np.array([kind not in ("river", "railway") for kind in self.kinds], dtype=bool)


def _are_barriers(ways: gpd.GeoDataFrame, kind: str, crs: CRS | None) -> NDArray[np.bool_]:
    of, over, under = (ways[c].to_numpy() for c in ("kind", "bridge", "tunnel"))
    over, under = over.astype(bool), under.astype(bool)
    if kind == "river":
        lines = (of == "river") & ~under
        waters = of == "water"
        if crs is not None and waters.any():
            waters[waters] = ways.geometry[waters].to_crs(crs).area.to_numpy() >= _POND_M2
        return lines | waters
    if kind == "railway":
        return (of == "railway") & ~under & ~over
    return (of == "road") & (ways["road_class"] == kind).to_numpy(dtype=bool, na_value=False) & ~under & ~over


def _straight_pieces(rows: gpd.GeoDataFrame, crs: CRS) -> tuple[NDArray[np.float64], Ints]:
    """Lines and outlines cut at every point: the ends of each piece, and its row."""
    shapes = rows.geometry.to_crs(crs).to_numpy()
    outlines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    parts, row = shapely.get_parts(outlines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    begins = np.flatnonzero(part[:-1] == part[1:])
    return np.stack([xy[begins], xy[begins + 1]], axis=1), row[part[begins]]
