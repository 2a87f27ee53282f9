"""What a city's map has a name for: roads, waters, railways and neighbours as lines in metres, built once per city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.blocks.names import form, in_brackets, normal, split_names, without_prefix
from geo.crs import metric_crs
from geo.shapes import metric_shapes

Ints = NDArray[np.int64]
Lines = NDArray[np.object_]

HALF_WIDTH_M: Final[Mapping[str, float]] = {
    "motorway": 20.0, "trunk": 20.0, "primary": 20.0, "secondary": 15.0, "tertiary": 10.0,
    "unclassified": 8.0, "residential": 8.0, "living_street": 5.0, "road": 8.0, "service": 4.0,
    "river": 10.0, "railway": 10.0, "water": 0.0, "place": 0.0,
}  # fmt: skip
"""Half of the land that a road takes (道路红线宽度的一半), metres, by class.

Assumed, after GB 50220-95 table 7.1.6 (cities up to two million: 主干路 40–50 m, 次干路 30–45 m, 支路 15–20 m), at its
lower end because built quarters are narrower than new ones. A river without a polygon and a railway: assumed too.
"""
_LINK_HALF_M: Final = 6.0
_NO_NETWORK: Final = frozenset({"service"})
"""Classes whose unnamed lines run inside estates: they close no block unless the text names them."""
_OWNER_M: Final = 0.02
"""How far the middle of a piece may lie from the way that it is a part of."""
_MOST_POINTS: Final = 300
_SIMPLE_M: Final = 0.5
"""Pieces between two crossings with more points than this lose those that change the line by less than half a metre."""
_GRID_M: Final = 0.001
"""Lines are brought to a millimetre, so that the order of rows cannot change where they cross."""


class Category(StrEnum):
    """What a feature is."""

    ROAD = "road"
    WATER = "water"
    RAILWAY = "railway"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Feature:
    """All lines of one name and category."""

    name: str
    category: Category
    half_m: float
    """Widest half width of its classes."""
    only_point: bool = False
    """A place of which only the position is known."""


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Named features and the noded network of a city; make it with `of`.

    ``edges``: lines of the map cut wherever two meet or cross, metres in ``crs``, sorted; ``half_m``: half width of each;
    ``network``: whether an edge may close a block without being named; ``owners``: numbers of the features of each
    edge. ``shapes``: outline or position of each place.
    """

    crs: CRS
    features: tuple[Feature, ...]
    edges: Lines = field(repr=False)
    half_m: NDArray[np.float64] = field(repr=False)
    network: NDArray[np.bool_] = field(repr=False)
    feature_edges: tuple[Ints, ...] = field(repr=False)
    shapes: Mapping[int, BaseGeometry] = field(repr=False)
    water: Lines = field(repr=False)
    """Water areas, which no estate reaches into."""
    aliases: Mapping[str, tuple[str, ...]] = field(repr=False)
    tree: shapely.STRtree = field(repr=False)
    place_tree: shapely.STRtree = field(repr=False)
    place_numbers: Ints = field(repr=False)
    edge_features: tuple[tuple[int, ...], ...] = field(repr=False)
    _index: Mapping[str, Mapping[str, tuple[int, ...]]] = field(repr=False)

    @classmethod
    def of(
        cls,
        ways: gpd.GeoDataFrame,
        *,
        places: gpd.GeoDataFrame | Mapping[str, BaseGeometry] | None = None,
        aliases: Iterable[tuple[str, str]] = (),
    ) -> Gazetteer:
        """The gazetteer of a city.

        Parameters
        ----------
        ways
            Checked ``WAYS`` frame, EPSG:4490: roads, rivers, railways as lines, water as polygons.
        places
            Estates and other neighbours, EPSG:4490: a frame with ``name`` and geometry, or geometries by name. Polygons
            are outlines; points say only where a place is.
        aliases
            ``(former or other name, name on the map)``.

        Raises
        ------
        ValueError
            If neither ways nor places have a position.
        """
        ways = ways[ways.geometry.notna() & ~ways.geometry.is_empty]
        named = _places(places)
        bounds = [g.bounds for g in (*ways.geometry, *(shape for _, shape in named))]
        if not bounds:
            raise ValueError("a gazetteer needs at least one way or place with a position")
        box = np.array(bounds)
        crs = metric_crs(float((box[:, 0].min() + box[:, 2].max()) / 2))
        return _Builder(crs, ways, named, tuple(aliases)).build()

    def named(self, key: str, form_name: str) -> tuple[int, ...]:
        """Features under a key of one of the indexes ``exact``, ``normal``, ``bare``, ``base``."""
        return self._index[form_name].get(key, ())

    def near(self, xy: tuple[float, float], radius_m: float) -> dict[int, float]:
        """Features within a distance of a place (metres of `crs`), with their distance."""
        spot = shapely.Point(*xy)
        found: dict[int, float] = {}
        rows = self.tree.query(spot, predicate="dwithin", distance=radius_m)
        metres = shapely.distance(self.edges[rows], spot)
        for k in np.argsort(metres, kind="stable").tolist():
            for number in self.edge_features[rows[k]]:
                found.setdefault(number, float(metres[k]))
        for row in self.place_tree.query(spot, predicate="dwithin", distance=radius_m):
            number = int(self.place_numbers[row])
            found[number] = float(shapely.distance(self.shapes[number], spot))
        return found

    def distance_m(self, number: int, xy: tuple[float, float]) -> float:
        """Distance from a place to the nearest part of a feature."""
        spot = shapely.Point(*xy)
        if number in self.shapes:
            return float(shapely.distance(self.shapes[number], spot))
        rows = self.feature_edges[number]
        return float(shapely.distance(self.edges[rows], spot).min()) if len(rows) else float("inf")

    def lines(self, number: int, within: BaseGeometry | None = None) -> Lines:
        """Lines of a feature, optionally those that meet an area: its edges, or a place's outline; none for a mere position."""
        if number in self.shapes:
            shape = self.shapes[number]
            rings = np.asarray(
                [] if shape.geom_type == "Point" else shapely.get_parts(shapely.boundary(shape)), dtype=object
            )
            return rings if within is None or not len(rings) else rings[shapely.intersects(rings, within)]
        found = self.edges[self.feature_edges[number]]
        return found if within is None else found[shapely.intersects(found, within)]


def _places(places: gpd.GeoDataFrame | Mapping[str, BaseGeometry] | None) -> list[tuple[str, BaseGeometry]]:
    """Names and usable shapes, sorted: polygons as they are, points as points."""
    if places is None:
        return []
    pairs = places.items() if isinstance(places, Mapping) else zip(places["name"], places.geometry, strict=True)
    kept = []
    for name, shape in pairs:
        if not isinstance(name, str) or not name.strip() or shape is None or shape.is_empty:
            continue
        usable = shape if shape.geom_type in ("Point", "Polygon", "MultiPolygon") else shapely.centroid(shape)
        kept.append((name, usable if usable.is_valid else shapely.make_valid(usable)))
    return sorted(kept, key=lambda pair: (pair[0], pair[1].bounds))


class _Builder:
    """Brings ways and places together."""

    def __init__(
        self,
        crs: CRS,
        ways: gpd.GeoDataFrame,
        places: list[tuple[str, BaseGeometry]],
        aliases: Sequence[tuple[str, str]],
    ) -> None:
        self.crs, self.places, self.aliases = crs, places, aliases
        shapes = metric_shapes(ways.geometry.to_numpy(), crs) if len(ways) else np.empty(0, dtype=object)
        self.kinds = ways["kind"].to_numpy(dtype=object)
        self.names = [split_names(n) if isinstance(n, str) else () for n in ways["name"]]
        self.classes = [c if isinstance(c, str) else "road" for c in ways["road_class"]]
        self.tunnel = ways["tunnel"].fillna(False).to_numpy(dtype=bool)
        areas = shapely.get_dimensions(shapes) == 2
        self.water = shapes[areas]
        lines = np.where(areas, shapely.boundary(shapes), shapes)
        self.lines = shapely.set_precision(lines, _GRID_M, mode="pointwise") if len(lines) else lines

    def build(self) -> Gazetteer:
        exact = self._noded()
        edge, way = self._owners(exact)
        edges = _simple(exact)
        features: dict[tuple[Category, str], int] = {}
        half: dict[int, float] = {}
        members: dict[int, set[int]] = defaultdict(set)
        of_edge: list[set[int]] = [set() for _ in range(len(edges))]
        width = np.zeros(len(edges))
        network = np.zeros(len(edges), dtype=bool)
        keys = sorted({(self._category(w), name) for w in range(len(self.lines)) for name in self.names[w]})
        for key in keys:
            features[key] = len(features)
        for e, w in zip(edge.tolist(), way.tolist(), strict=True):
            reach = self._half(w)
            width[e] = max(width[e], reach)
            network[e] |= not self.tunnel[w] and (self.classes[w] not in _NO_NETWORK or bool(self.names[w]))
            for name in self.names[w]:
                number = features[self._category(w), name]
                members[number].add(e)
                of_edge[e].add(number)
                half[number] = max(half.get(number, 0.0), reach)
        found = [Feature(name, category, half.get(n, 0.0)) for (category, name), n in features.items()]
        rows = [np.array(sorted(members[n]), dtype=np.int64) for n in range(len(found))]
        shapes: dict[int, BaseGeometry] = {}
        outlines: Iterable[BaseGeometry] = (
            metric_shapes([shape for _, shape in self.places], self.crs) if self.places else []
        )
        for (name, _), shape in zip(self.places, outlines, strict=True):
            shapes[len(found)] = shape
            found.append(Feature(name, Category.PLACE, 0.0, only_point=shape.geom_type == "Point"))
            rows.append(np.empty(0, dtype=np.int64))
        numbers = np.array(sorted(shapes), dtype=np.int64)
        return Gazetteer(
            self.crs,
            tuple(found),
            edges,
            width,
            network,
            tuple(rows),
            shapes,
            self.water,
            self._alias_index(),
            shapely.STRtree(edges),
            shapely.STRtree([shapes[n] for n in numbers]),
            numbers,
            tuple(tuple(sorted(s)) for s in of_edge),
            _indexes(found),
        )

    def _noded(self) -> Lines:
        """All lines cut where they meet, in an order that does not depend on the rows'."""
        if not len(self.lines):
            return np.empty(0, dtype=object)
        cut = shapely.get_parts(shapely.union_all(self.lines[np.argsort(shapely.to_wkb(self.lines))]))
        cut = cut[shapely.length(cut) > 0]
        return np.asarray(cut[np.argsort(shapely.to_wkb(shapely.normalize(cut)))], dtype=object)

    def _owners(self, edges: Lines) -> tuple[Ints, Ints]:
        """Pairs of edge and the way that it is a part of."""
        if not len(edges):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
        edge, way = shapely.STRtree(self.lines).query(middle, predicate="dwithin", distance=_OWNER_M)
        return edge, way

    def _category(self, way: int) -> Category:
        kind = self.kinds[way]
        return Category.WATER if kind in ("river", "water") else Category(kind)

    def _half(self, way: int) -> float:
        kind = self.kinds[way]
        if kind != "road":
            return HALF_WIDTH_M[kind]
        return _LINK_HALF_M if self.classes[way].endswith("_link") else HALF_WIDTH_M.get(self.classes[way], 8.0)

    def _alias_index(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = defaultdict(set)
        for alias, name in self.aliases:
            for one in split_names(alias):
                found[normal(one)] |= set(split_names(name))
        return {key: tuple(sorted(names)) for key, names in found.items() if key}


def _simple(edges: Lines) -> Lines:
    """The same pieces, overlong ones without points that hardly bend them; ends stay."""
    long = shapely.get_num_coordinates(edges) > _MOST_POINTS
    result = edges.copy()
    result[long] = shapely.simplify(edges[long], _SIMPLE_M)
    return result


def _indexes(features: Sequence[Feature]) -> dict[str, dict[str, tuple[int, ...]]]:
    found: dict[str, dict[str, list[int]]] = {key: defaultdict(list) for key in ("exact", "normal", "bare", "base")}
    for number, feature in enumerate(features):
        plain = normal(feature.name)
        found["exact"][feature.name].append(number)
        found["normal"][plain].append(number)
        for bare in dict.fromkeys((without_prefix(plain), *in_brackets(feature.name))):
            found["bare"][bare].append(number)
        found["base"][form(feature.name).base].append(number)
    return {key: {name: tuple(numbers) for name, numbers in index.items()} for key, index in found.items()}
