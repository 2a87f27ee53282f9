"""Coverage of the ground (用地覆盖): residential land, and which of it lies in an estate that somebody has on record.

All of it is in one metric plane. Every square metre of residential land is exactly one of: inside the boundary of an
estate under service, inside another estate's boundary, recorded without a boundary (an estate of which only a point is
known stands on it), without a record, or a sliver too small or too narrow to be told from noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.crs import metric_crs
from geo.ground_clusters import clusters
from geo.ground_parts import apart, plane, polygons
from geo.ground_taken import Shapes, Taken, grouped
from geo.ground_zones import split
from geo.shapes import metric_shapes, middle

LANDUSE: Final = "landuse"
BUILDINGS: Final = "buildings"
CLASSES: Final = ("served", "unserved", "no_boundary", "without_record", "sliver")
_ANY_MERIDIAN: Final = 105.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is too small to be told from the noise of drawn lines.

    ``least_m2``: a piece must be as large (one house of ten flats with its yard); ``width_m``: and somewhere as wide (a
    house is 10–12 m deep), which also takes away the strips that boundaries drawn 5–6 m off leave; ``near_m``: so far
    outside residential land a point still stands for the land beside it (a pin set on the gate or the road).
    """

    least_m2: float = 500.0
    width_m: float = 12.0
    near_m: float = 30.0


TOLERANCE: Final = Tolerance()


@dataclass(frozen=True, eq=False)
class Division:
    """Residential land divided by record.

    Attributes
    ----------
    totals
        Square metres by zone (index; ``""`` outside all zones) and class (`CLASSES`), and ``ground``: all ground within
        estates' boundaries, residential on the map or not.
    pieces
        Land without a record: ``zone``, ``area_m2``, polygons in metres.
    recorded
        Land of estates without a boundary: ``estates`` (ids that stand on it), ``zone``, ``area_m2``, polygons in metres.
    """

    totals: pd.DataFrame
    pieces: gpd.GeoDataFrame
    recorded: gpd.GeoDataFrame


def residential(land: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, crs: CRS | None = None) -> gpd.GeoDataFrame:
    """Residential land: areas of land use, and groups of houses where there are none, less roads, railways and water.

    Areas that overlap are parted: the smaller one, which says more, keeps the ground. Houses of unknown use
    (``use`` null or ``yes``) make no land of their own.

    Parameters
    ----------
    land
        Canonical land, EPSG:4490; its order does not matter.
    ways
        Canonical ways.
    crs
        Plane to measure in; by default the `metric_crs` of the land's middle.

    Returns
    -------
    GeoDataFrame
        In that plane: ``source`` (``landuse`` or ``buildings``), ``name`` (of the land use),
        one polygon a row; index 0…n-1. ``attrs["n_lone"]``: houses too small and lonely to count.
    """
    land = land[land.geometry.notna() & ~land.geometry.is_empty].sort_index()
    if crs is None:
        crs = metric_crs(middle(land.geometry.to_numpy())[0] if len(land) else _ANY_MERIDIAN)
    taken = Taken.by(ways, crs)
    areas = land[(land["kind"] == "residential").to_numpy()]
    shapes = plane(areas.geometry.to_numpy(), crs)
    cells = taken.cut_from(apart(shapes))
    houses = plane(land.geometry.to_numpy()[_lived_in(land)], crs)
    loose = houses[~_inside(houses, shapes)]
    grown, n_lone = clusters(loose, taken, shapes)
    grown = apart(grown)
    parts, owner = polygons(np.concatenate([cells, grown]))
    from_land = owner < len(cells)
    names = areas["name"].to_numpy(dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "source": np.where(from_land, LANDUSE, BUILDINGS),
            "name": [names[row] if of_land else None for row, of_land in zip(owner, from_land, strict=True)],
        },
        geometry=parts,
        crs=crs,
    )
    frame.attrs["n_lone"] = n_lone
    return frame


def without_record(
    areas: gpd.GeoDataFrame,
    grounds: gpd.GeoSeries,
    served: Mapping[str, bool],
    points: gpd.GeoSeries,
    zones: gpd.GeoSeries | None = None,
    tolerance: Tolerance = TOLERANCE,
) -> Division:
    """Residential land divided by what is on record of it.

    Parameters
    ----------
    areas
        From `residential`.
    grounds
        Boundaries of estates, EPSG:4490, by estate id. Where two overlap, service counts first.
    served
        By estate id; an estate that is not in it is not served.
    points
        Positions of estates without a boundary, EPSG:4490, by estate id. The connected land that holds the point, or is
        nearest to it within ``tolerance.near_m``, is recorded; a point inside another estate's boundary says nothing.
    zones
        Polygons, EPSG:4490, by unit id: everything is divided by them (of overlapping ones the lower id counts).
    """
    crs = areas.crs
    grounds = _usable(grounds).sort_index()
    outlines = plane(grounds.geometry.to_numpy(), crs)
    is_served = np.array([bool(served.get(str(i), False)) for i in grounds.index], dtype=bool)
    shapes = areas.geometry.to_numpy()
    inside, other, rest = _by_boundary(shapes, outlines, is_served)
    parts, _ = polygons(rest)
    stands = _standing(parts, _usable(points).sort_index(), outlines, crs, tolerance)
    is_recorded = np.zeros(len(parts), dtype=bool)
    is_recorded[list(stands)] = True
    pieces, slivers = _pieces(parts[~is_recorded], tolerance)
    where = None if zones is None else _Zones.of(zones, crs)
    totals: dict[str, dict[str, float]] = {}

    def divided(name: str, found: Shapes) -> tuple[Shapes, NDArray[np.int64], NDArray[np.object_]]:
        cut, owner, zone = (found, np.arange(len(found)), _nowhere(len(found))) if where is None else where.split(found)
        sums = pd.Series(shapely.area(cut)).groupby(zone).sum()
        for key, value in sums.items():
            column = totals.setdefault(name, {})
            column[str(key)] = column.get(str(key), 0.0) + float(value)
        return cut, owner, zone

    divided("served", polygons(inside)[0])
    divided("unserved", polygons(other)[0])
    kept, owner, zone = divided("no_boundary", parts[is_recorded])
    ids = [stands[int(row)] for row in np.flatnonzero(is_recorded)]
    recorded = _frame(kept, zone, crs, estates=[ids[row] for row in owner])
    left, _, zone = divided("without_record", pieces)
    divided("sliver", slivers)
    divided("ground", polygons(apart(outlines))[0])
    table = pd.DataFrame(totals, columns=[*CLASSES, "ground"]).fillna(0.0).sort_index()
    return Division(table, _frame(left, zone, crs), recorded)


@dataclass(frozen=True)
class _Zones:
    ids: NDArray[np.object_]
    shapes: Shapes

    @classmethod
    def of(cls, zones: gpd.GeoSeries, crs: CRS) -> _Zones:
        known = _usable(zones).sort_index()
        return cls(known.index.to_numpy(dtype=object), plane(known.geometry.to_numpy(), crs))

    def split(self, shapes: Shapes) -> tuple[Shapes, NDArray[np.int64], NDArray[np.object_]]:
        cut, owner, zone = split(shapes, self.shapes, TOLERANCE.least_m2)
        names = np.concatenate([self.ids, np.array([""], dtype=object)])
        return cut, owner, names[zone]


def _lived_in(land: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    known = land["use"].notna() & (land["use"] != "yes")
    return np.asarray((land["kind"] == "building") & known, dtype=bool)


def _inside(buildings: Shapes, areas: Shapes) -> NDArray[np.bool_]:
    """Whether each building's inner point lies in one of the areas."""
    held = np.zeros(len(buildings), dtype=bool)
    if len(areas) and len(buildings):
        held[shapely.STRtree(shapely.point_on_surface(buildings)).query(areas, predicate="intersects")[1]] = True
    return held


def _by_boundary(shapes: Shapes, outlines: Shapes, served: NDArray[np.bool_]) -> tuple[Shapes, Shapes, Shapes]:
    """Of each shape the ground in boundaries under service, in other boundaries, and in none."""
    nothing = shapely.Polygon()
    inside, other = np.full(len(shapes), nothing, dtype=object), np.full(len(shapes), nothing, dtype=object)
    rest = shapes.copy()
    shape, outline = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    for row, near in grouped(shape, outline):
        good = shapely.union_all(outlines[near][served[near]])
        bad = shapely.union_all(outlines[near][~served[near]])
        inside[row] = shapely.intersection(shapes[row], good)
        left = shapely.difference(shapes[row], good)
        other[row] = shapely.intersection(left, bad)
        rest[row] = shapely.difference(left, bad)
    return inside, other, rest


def _standing(
    parts: Shapes, points: gpd.GeoSeries, outlines: Shapes, crs: CRS, tolerance: Tolerance
) -> dict[int, tuple[str, ...]]:
    """Estates without a boundary that stand on each part (row → ids)."""
    found: dict[int, list[str]] = {}
    if not len(parts) or not len(points):
        return {}
    places = metric_shapes(points.to_numpy(), crs)
    free = np.ones(len(places), dtype=bool)
    if len(outlines):
        free[shapely.STRtree(outlines).query(places, predicate="intersects")[0]] = False
    rows = np.flatnonzero(free)
    at, part = shapely.STRtree(parts).query_nearest(places[rows], max_distance=tolerance.near_m, all_matches=True)
    for who, near in grouped(at, part):
        # Of parts that are equally near (the point on a common edge) the first one.
        found.setdefault(int(near[0]), []).append(str(points.index[rows[who]]))
    return {row: tuple(ids) for row, ids in found.items()}


def _pieces(parts: Shapes, tolerance: Tolerance) -> tuple[Shapes, Shapes]:
    """Land that is large and wide enough to be reported, and what is left over.

    Parts that touch count as one: parcels of a land register are often smaller than an estate.
    """
    if not len(parts):
        return parts, parts
    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(parts), len(parts)))
    label = connected_components(graph, directed=False)[1]
    whole = np.array(
        [shapely.union_all(parts[rows]) if len(rows) > 1 else parts[rows[0]]
         for _, rows in grouped(label, np.arange(len(parts)))], dtype=object,
    )  # fmt: skip
    half = tolerance.width_m / 2
    core = shapely.buffer(whole, -half, join_style="mitre")
    opened = shapely.intersection(whole, shapely.buffer(core, half, join_style="mitre"))
    kept, _ = polygons(opened)
    kept = kept[shapely.area(kept) >= tolerance.least_m2]
    left = whole.copy()
    shape, piece = shapely.STRtree(kept).query(whole, predicate="intersects")
    for row, near in grouped(shape, piece):
        left[row] = shapely.difference(whole[row], shapely.union_all(kept[near]))
    return kept, polygons(left)[0]


def _usable(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    return shapes[shapes.notna() & ~shapes.is_empty]


def _nowhere(n: int) -> NDArray[np.object_]:
    return np.full(n, "", dtype=object)


def _frame(shapes: Shapes, zone: NDArray[np.object_], crs: CRS, **columns: Sequence[object]) -> gpd.GeoDataFrame:
    table = {**columns, "zone": list(zone), "area_m2": shapely.area(shapes)}
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs)
