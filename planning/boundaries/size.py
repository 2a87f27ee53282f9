"""Whether an estate without a ledger's area (占地面积) may well fill its block, by what else is known of its size.

Words name the roads round a block also where the estate is only a part of it. The ledger's area tells the two apart; where
it is missing, nothing is accepted without a person unless floor area, households or residential land speak for the block.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.blocks.scores import overlap
from geo.shapes import area_m2

LEAST_PLOT_RATIO: Final = 1.0
"""Floor area over ground of residential quarters in towns, at least (assumed; GB 50180-2018 table 4.0.2 has 1.0 for low
houses in all climates); less says that the block holds more than this estate."""
MOST_M2_A_HOME: Final = 100.0
"""Ground for each household, at most (assumed: plot ratio 1.0, homes of 100 m²)."""
LEAST_NET_SHARE: Final = 0.9
"""Centre lines and red lines must not differ by more than leaves the boundary right (IoU 0.8) in either case. The roads' widths
are assumed at their lower end: where 0.87 is reckoned, estates may hold less than 0.8."""
_FILLS: Final = 0.8


def may_fill(
    block: BaseGeometry,
    net_share: float | None,
    floor_m2: float | None,
    households: float | None,
    own_land: BaseGeometry | None,
) -> str | None:
    """Why an estate may not fill its block (Chinese); ``None`` if what is known of its size speaks for it.

    Parameters
    ----------
    block
        EPSG:4490.
    net_share
        What is left of it within the roads' red lines (`geo.blocks.types.Candidate.net_share`).
    floor_m2, households
        Of the register; ``None`` where it has none.
    own_land
        Residential land round the estate's point (`land_at`), EPSG:4490.
    """
    ground = float(area_m2([block])[0])
    if net_share is not None and net_share < LEAST_NET_SHARE:
        return f"台账没有占地面积，四至也没有写明算到道路中心线还是红线，两者面积相差 {1 - net_share:.0%}"
    if floor_m2 and floor_m2 < LEAST_PLOT_RATIO * ground:
        return f"台账没有占地面积；按建筑面积，范围的容积率只有 {floor_m2 / ground:.2f}，小区可能只占其中一部分"
    if households and ground > MOST_M2_A_HOME * households:
        return f"台账没有占地面积；按户数，每户用地有 {ground / households:.0f} 平方米，小区可能只占其中一部分"
    if own_land is not None and overlap(own_land, block) < _FILLS and own_land.area < _FILLS * block.area:
        return "台账没有占地面积，坐标所在的住宅用地小于这个范围，小区可能只占其中一部分"
    if floor_m2 or households or own_land is not None:
        return None
    return "台账没有占地面积、建筑面积和户数，无法判断小区是占整个街区还是一部分"


def land_at(land: gpd.GeoDataFrame, point: tuple[float, float] | None) -> BaseGeometry | None:
    """The smallest residential land that holds a point, EPSG:4490; ``None`` without one."""
    lots = land[land["kind"] == "residential"]
    if point is None or lots.empty:
        return None
    rows = lots.sindex.query(shapely.Point(*point), predicate="intersects")
    if not len(rows):
        return None
    shapes = lots.geometry.to_numpy()[rows]
    smallest: BaseGeometry = shapes[int(np.argmin(shapely.area(shapes)))]
    return smallest
