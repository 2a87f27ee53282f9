"""A small town on a grid: named streets every 200 m, so that every block, side and area is known."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
from shapely import LineString, Polygon

from data.schemas import WAYS
from tests.strategies import at

UPRIGHT = (
    "解放路",
    "青年路",
    "中山路",
    "和平路",
    "建设路",
    "光明路",
    "文化路",
    "长江路",
    "黄河路",
    "泰山路",
    "华山路",
    "衡山路",
)
LEVEL = (
    "人民街",
    "胜利街",
    "新华街",
    "团结街",
    "友谊街",
    "前进街",
    "红旗街",
    "朝阳街",
    "幸福街",
    "兴旺街",
    "富强街",
    "民生街",
)
STEP_M = 200.0


def grid_ways(
    n: int = 9,
    *,
    main_every: int = 2,
    upright: Sequence[str] = UPRIGHT,
    level: Sequence[str] = LEVEL,
    more: Sequence[dict[str, object]] = (),
) -> gpd.GeoDataFrame:
    """Checked ``WAYS``: ``n`` streets each way, cut at every crossing; every ``main_every``-th is a secondary road.

    Upright street k runs north at x = 200 k m and is called ``upright[k]``; level street k runs east at y = 200 k m.
    """
    rows: list[dict[str, object]] = []
    for k in range(n):
        road_class = "secondary" if k % main_every == 0 else "residential"
        for piece in range(n - 1):
            low, high = piece * STEP_M, (piece + 1) * STEP_M
            for name, ends in (
                (upright[k], (at(k * STEP_M, low), at(k * STEP_M, high))),
                (level[k], (at(low, k * STEP_M), at(high, k * STEP_M))),
            ):
                rows.append({"name": name, "road_class": road_class, "geometry": LineString(ends)})
    rows += list(more)
    plain: dict[str, object] = {"kind": "road", "oneway": 0, "bridge": False, "tunnel": False}
    return WAYS.frame([{"way_id": number, **plain, **row} for number, row in enumerate(rows)])


def square(i: int, j: int, wide: int = 1, high: int = 1, inset_m: float = 0.0) -> Polygon:
    """The ground between upright streets i and i + wide, level streets j and j + high; EPSG:4490."""
    west, east = i * STEP_M + inset_m, (i + wide) * STEP_M - inset_m
    south, north = j * STEP_M + inset_m, (j + high) * STEP_M - inset_m
    return Polygon([at(west, south), at(east, south), at(east, north), at(west, north)])


def sides_text(i: int, j: int, wide: int = 1, high: int = 1) -> str:
    """Its 四至."""
    return f"东至{UPRIGHT[i + wide]}，南至{LEVEL[j]}，西至{UPRIGHT[i]}，北至{LEVEL[j + high]}"
