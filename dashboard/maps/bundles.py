"""The bundles' map: each bundle an outline and its members, the medoid ringed, what is left over apart."""

from __future__ import annotations

from collections.abc import Mapping

import folium
import numpy as np
import pandas as pd
import shapely

from dashboard import theme
from dashboard.maps.base import Bounds, city_bounds, frame, ground, new_map
from dashboard.maps.elements import Class, Dots, Legend, LegendRow, Shapes
from geo.hulls import hull
from planning.bundles.types import Bundle, BundlePlan
from planning.city import City

_MARGIN_M = 60.0
_DETAIL_LIMIT = 1500


def bundle_colors(bundles: tuple[Bundle, ...], outlines: list[shapely.Geometry]) -> list[int]:
    """Row of ``theme.SERIES`` for each bundle such that outlines that touch differ where seven colours allow it."""
    tree = shapely.STRtree(outlines)
    colors: list[int] = []
    for row, outline in enumerate(outlines):
        taken = {colors[other] for other in tree.query(outline, predicate="intersects") if other < row}
        start = row % len(theme.SERIES)
        order = [(start + step) % len(theme.SERIES) for step in range(len(theme.SERIES))]
        colors.append(next((color for color in order if color not in taken), start))
    return colors


def bundles_map(
    city: City,
    stops: pd.DataFrame,
    plan: BundlePlan,
    *,
    chosen: str,
    outlook: Bounds | None,
    footer: Mapping[str, object],
) -> folium.Map:
    """All proposals on one map.

    Parameters
    ----------
    city
        The part of the city that the proposals are for.
    stops
        Positions of the estates, index ``estate_id``.
    chosen
        Id of the bundle, or of the estate, that is shown large; empty: all.
    outlook
        Box to start with when nothing is chosen; ``None``: all proposals.
    """
    built = new_map()
    for layer in ground(city.ways, detailed=len(city.estates) <= _DETAIL_LIMIT):
        layer.add_to(built)
    _barriers(city, plan).add_to(built)
    names = city.estates["name"]
    outlines = [_outline(stops, bundle) for bundle in plan.bundles]
    colors = bundle_colors(plan.bundles, outlines)
    Shapes(
        outlines,
        [2 * color + (bundle.bundle_id == chosen) for color, bundle in zip(colors, plan.bundles, strict=True)],
        [Class("bundles", _style(color, strong)) for color in theme.SERIES for strong in (False, True)],
        names=[f"{_number(row)} {len(b.members)}个小区 {b.households:,}户" for row, b in enumerate(plan.bundles)],
        area=True,
    ).add_to(built)
    _points(stops, names, [m for b in plan.bundles for m in b.members], _member_class(plan, colors), _members()).add_to(
        built
    )
    medoids = [bundle.medoid for bundle in plan.bundles]
    ring = Class("bundles", {"radius": 8, "shape": "ring", "color": theme.INK, "weight": 1.6, "fillOpacity": 0})
    _points(stops, names, medoids, [0] * len(medoids), [ring]).add_to(built)
    alone = Class("alone", theme.Mark("#1F4E79", "diamond").point(5))
    _points(stops, names, [row.estate_id for row in plan.alone], [0] * len(plan.alone), [alone]).add_to(built)
    left = Class("fallback", theme.Mark("#52606D", "square").point(4))
    _points(stops, names, [row.estate_id for row in plan.fallback], [0] * len(plan.fallback), [left]).add_to(built)
    Legend(
        "图例",
        [
            LegendRow("服务单元（每色一捆）", theme.SERIES[1], "bundles", len(plan.bundles), "area"),
            LegendRow("中心小区", theme.INK, "", None, "ring"),
            LegendRow("单独招标", "#1F4E79", "alone", len(plan.alone), "diamond"),
            LegendRow("兜底", "#52606D", "fallback", len(plan.fallback), "square"),
            LegendRow("阻隔", "#B5483A", "barriers", None, line=True),
        ],
    ).add_to(built)
    frame(_start(city, stops, plan, chosen, outlines) or outlook, **footer).add_to(built)  # type: ignore[arg-type]
    return built


def _number(row: int) -> str:
    return f"服务单元{row + 1}"


def _outline(stops: pd.DataFrame, bundle: Bundle) -> shapely.Geometry:
    members = stops.loc[list(bundle.members)]
    return hull(members["lon"], members["lat"], _MARGIN_M)


def _style(color: str, strong: bool) -> dict[str, object]:
    return {"color": color, "weight": 4 if strong else 1.6, "fillColor": color, "fillOpacity": 0.45 if strong else 0.25}


def _members() -> list[Class]:
    return [Class("bundles", theme.Mark(color, "circle").point(4)) for color in theme.SERIES]


def _member_class(plan: BundlePlan, colors: list[int]) -> list[int]:
    return [color for color, bundle in zip(colors, plan.bundles, strict=True) for _ in bundle.members]


def _points(stops: pd.DataFrame, names: pd.Series, ids: list[str], of_class: list[int], classes: list[Class]) -> Dots:
    rows = stops.loc[ids]
    known = rows["lon"].notna().to_numpy()
    chosen = np.array(of_class, dtype=int)[known]
    return Dots(
        rows["lon"].to_numpy()[known],
        rows["lat"].to_numpy()[known],
        list(names.loc[rows.index[known]]),
        chosen,
        classes,
    )


def _barriers(city: City, plan: BundlePlan) -> Shapes:
    """Rivers, railways and roads that no bundle may cross."""
    ways = city.ways
    kinds = set(plan.settings.barriers)
    barred = ways["kind"].isin(kinds) | ((ways["kind"] == "road") & ways["road_class"].isin(kinds))
    lines = ways.geometry[barred & ~ways.geometry.geom_type.str.contains("Polygon")]
    style = Class("barriers", {"color": "#B5483A", "weight": 1.6, "opacity": 0.75, "dashArray": "2 3"})
    return Shapes(list(shapely.simplify(lines.to_numpy(), 0.0001)), [0] * len(lines), [style], area=False)


def _start(
    city: City, stops: pd.DataFrame, plan: BundlePlan, chosen: str, outlines: list[shapely.Geometry]
) -> Bounds | None:
    for bundle, outline in zip(plan.bundles, outlines, strict=True):
        if bundle.bundle_id == chosen:
            west, south, east, north = outline.bounds
            dx, dy = (east - west) / 2, (north - south) / 2
            return west - dx, south - dy, east + dx, north + dy
    if chosen and chosen in stops.index:
        row = stops.loc[[chosen]]
    else:
        row = stops.loc[[m for b in plan.bundles for m in b.members] + [f.estate_id for f in plan.fallback]]
    return city_bounds(city.units, row["lon"].to_numpy(float), row["lat"].to_numpy(float))
