"""Households on land of which nothing is on record: estimated from buildings, else from how densely estates are lived in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.shapes import metric_shapes
from planning.ground_types import Method

ASSUMED_M2_PER_HOUSEHOLD: Final = 100.0
"""Floor area of a household where no register says both; assumed."""
_LEAST_ESTATES: Final = 5
"""Estates that a street needs for a density of its own."""
_LEAST_BUILT: Final = 0.05
"""Share of the ground that buildings must cover: less says that the map has not all of them."""
_LEAST_KNOWN: Final = 0.5
"""Share of the built ground whose storeys or flats must be known."""


@dataclass(frozen=True)
class Density:
    """What the city's own estates show: floor area of a household, households on a square metre of ground."""

    m2_per_household: float
    n_floor: int
    """Estates behind ``m2_per_household``; 0: it is assumed."""
    city_per_m2: float | None
    street_per_m2: dict[str, float]

    @classmethod
    def of(cls, estates: pd.DataFrame, boundaries: gpd.GeoSeries, crs: CRS) -> Density:
        """Sums over the estates that state both numbers (not means of ratios, which odd rows spoil)."""
        households, floor = estates["households"], estates["floor_area_m2"]
        both = households.gt(0).fillna(False).astype(bool) & floor.gt(0).fillna(False).astype(bool)
        n_floor = int(both.sum())
        per_household = float(floor[both].sum() / households[both].sum()) if n_floor else ASSUMED_M2_PER_HOUSEHOLD
        known = boundaries[boundaries.notna() & boundaries.index.isin(estates.index[households.gt(0).fillna(False)])]
        table = pd.DataFrame(
            {
                "area": shapely.area(metric_shapes(known.to_numpy(), crs)),
                "households": households.reindex(known.index).astype(float).to_numpy(),
                "street": estates["street_id"].reindex(known.index).to_numpy(dtype=object),
            }
        )
        table = table[table["area"] > 0]
        streets = table.groupby("street").agg(
            area=("area", "sum"), households=("households", "sum"), n=("area", "size")
        )
        streets = streets[streets["n"] >= _LEAST_ESTATES]
        return cls(
            per_household,
            n_floor,
            float(table["households"].sum() / table["area"].sum()) if len(table) else None,
            {str(street): float(row.households / row.area) for street, row in streets.iterrows()},
        )


def estimate(
    pieces: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, density: Density
) -> tuple[list[int | None], list[Method]]:
    """Households of each piece, rounded to two significant digits, and how they were found.

    Parameters
    ----------
    pieces
        Polygons in metres with ``zone`` and ``area_m2``.
    buildings
        Canonical land of kind ``building``, EPSG:4490.
    """
    shapes = pieces.geometry.to_numpy()
    houses = _Houses.of(buildings, pieces.crs)
    found: list[int | None] = []
    methods: list[Method] = []
    rows = houses.by_piece(shapes)
    for at, (zone, area) in enumerate(zip(pieces["zone"], pieces["area_m2"], strict=True)):
        counted, method = houses.households(rows.get(at, ()), float(area), density.m2_per_household)
        if method is Method.NONE and zone in density.street_per_m2:
            counted, method = density.street_per_m2[zone] * area, Method.STREET
        elif method is Method.NONE and density.city_per_m2 is not None:
            counted, method = density.city_per_m2 * area, Method.CITY
        found.append(None if method is Method.NONE else rounded(counted))
        methods.append(method)
    return found, methods


def rounded(households: float) -> int:
    """Two significant digits, at least 1: an estimate must not look like a count."""
    if households < 1:
        return 1
    digits = max(0, math.floor(math.log10(households)) - 1)
    return round(households / 10**digits) * 10**digits


@dataclass(frozen=True)
class _Houses:
    """Buildings in metres, each once."""

    inner: NDArray[np.object_]
    footprint: NDArray[np.float64]
    levels: NDArray[np.float64]
    flats: NDArray[np.float64]

    @classmethod
    def of(cls, buildings: gpd.GeoDataFrame, crs: CRS) -> _Houses:
        buildings = buildings[buildings.geometry.notna()].sort_index()
        shapes = metric_shapes(buildings.geometry.to_numpy(), crs)
        levels = buildings["levels"].to_numpy(dtype=float)
        flats = buildings["households"].astype("float64").to_numpy(dtype=float, na_value=np.nan)
        inner = shapely.point_on_surface(shapes)
        kept = _once(shapes, inner, np.isfinite(flats) * 2 + np.isfinite(levels))
        return cls(inner[kept], shapely.area(shapes[kept]), levels[kept], flats[kept])

    def by_piece(self, shapes: NDArray[np.object_]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        piece, house = shapely.STRtree(self.inner).query(shapes, predicate="intersects")
        for at, row in sorted(zip(piece.tolist(), house.tolist(), strict=True)):
            found.setdefault(at, []).append(row)
        return found

    def households(self, rows: Sequence[int], area_m2: float, m2_per_household: float) -> tuple[float, Method]:
        """Of the buildings on one piece; `Method.NONE` where they are too few or say too little."""
        at = np.array(rows, dtype=np.int64)
        built = float(self.footprint[at].sum())
        if built < _LEAST_BUILT * area_m2 or built <= 0:
            return 0.0, Method.NONE
        footprint, levels, flats = self.footprint[at], self.levels[at], self.flats[at]
        stated, storeys = np.isfinite(flats), np.isfinite(levels)
        if footprint[stated | storeys].sum() < _LEAST_KNOWN * built:
            return 0.0, Method.NONE
        if stated.all():
            return float(flats.sum()), Method.FLATS
        per_m2 = float(flats[stated].sum() / footprint[stated].sum()) if stated.any() else 0.0
        if storeys.any():
            usual = float(np.average(levels[storeys], weights=footprint[storeys]))
            floors = footprint * np.where(storeys, levels, usual)
            counted = np.where(stated, np.nan_to_num(flats), floors / m2_per_household)
            return float(counted.sum()), Method.FLOORS
        return float(np.where(stated, np.nan_to_num(flats), footprint * per_m2).sum()), Method.FLATS


def _once(shapes: NDArray[np.object_], inner: NDArray[np.object_], rank: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which buildings to count: of two drawings of one house (two files) that which says more, else the first."""
    kept = np.ones(len(shapes), dtype=bool)
    if not len(shapes):
        return kept
    outer, held = shapely.STRtree(inner).query(shapes, predicate="intersects")
    pair = outer != held
    outer, held = outer[pair], held[pair]
    one, other = np.minimum(outer, held), np.maximum(outer, held)
    worse = np.where(rank[one] < rank[other], one, other)
    kept[worse] = False
    return kept
