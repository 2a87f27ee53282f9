"""Bundles for GIS users: outlines with figures, members, lines to the medoid, what stands alone and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dashboard.bundle_words import UNITS, labels_of
from dashboard.exports.lots import known, lot_of
from data.codes import Consent
from geo.crs import STORAGE_CRS
from geo.hulls import hull
from planning.bundles.settings import Way
from planning.bundles.types import Bundle, BundlePlan
from planning.bundles.words import KIND_WORDS
from planning.city import City

HULL_MARGIN_M: Final = 60.0
LAYERS: Final[dict[Way, str]] = {
    "service": "服务单元", "anchor": "以大带小", "audit": "审计包", "regions": "物业管理区域",
}  # fmt: skip
"""Layer of the outlines of each way; the others are named after it."""


def bundle_layers(plan: BundlePlan, city: City, stops: pd.DataFrame) -> dict[str, gpd.GeoDataFrame]:
    """All layers of one way's plan, EPSG:4490, Chinese columns; empty ones are left out.

    Parameters
    ----------
    stops
        Table of `planning.stops.stop_points`: where walks end.
    """
    layer = LAYERS[plan.settings.way]
    layers = {
        layer: _outlines(plan, city, stops),
        f"{layer}成员": _members(plan, city, stops),
        f"{layer}连线": _links(plan, city, stops),
        f"{layer}单独": _singles(plan, city, stops),
        f"{layer}兜底": _left(plan, city, stops),
    }
    return {name: frame for name, frame in layers.items() if len(frame)}


def outline(bundle: Bundle, city: City, stops: pd.DataFrame) -> shapely.Geometry:
    """Hull that holds the members' boundaries, positions and stops (EPSG:4490)."""
    members = list(bundle.members)
    shapes = city.boundaries.geometry[city.boundaries.index.isin(members)]
    corners = [
        stops.loc[members, ["lon", "lat"]].to_numpy(float),
        city.estates.loc[members, ["lon", "lat"]].to_numpy(float),
        shapely.get_coordinates(shapes.to_numpy()),
    ]
    lon, lat = np.vstack(corners).T
    return hull(lon, lat, HULL_MARGIN_M)


def _outlines(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    names, estates, kind = labels_of(plan), city.estates["name"], UNITS[plan.settings.way]
    rows = [
        {
            kind: names[bundle.bundle_id],
            "牵头": city.unit_names.get(bundle.unit_id or "", "—"),
            "小区数": len(bundle.members),
            "户数": bundle.households,
            "建筑面积（平方米）": None
            if known(city, bundle.members, "floor_area_m2")[0] is None
            else round(bundle.floor_area_m2),
            "中心小区": estates[bundle.medoid],
            "带动小区": None if bundle.anchor is None else estates[bundle.anchor],
            "最远距离（米）": round(bundle.diameter_m),
            "待征询": len(bundle.needs_consent),
            "年收入（元）": bundle.money.income if bundle.money else None,
            "年支出（元）": bundle.money.running + bundle.money.fixed if bundle.money else None,
            "年结余（元）": bundle.money.margin if bundle.money else None,
            "最紧的规则": bundle.binding,
            "人工调整": "是" if bundle.by_hand else "否",
            "理由": bundle.reason or None,
            "成员": "、".join(estates.loc[list(bundle.members)]),
        }
        for bundle in plan.bundles
    ]
    shapes = [outline(bundle, city, stops) for bundle in plan.bundles]
    table = pd.DataFrame(rows)
    money = [name for name in table.columns if str(name).startswith(("年", "建筑面积"))]
    return gpd.GeoDataFrame(table.astype(dict.fromkeys(money, "float64")), geometry=shapes, crs=STORAGE_CRS)


def _members(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    names, kind, rows = labels_of(plan), UNITS[plan.settings.way], []
    for bundle in plan.bundles:
        lot = lot_of(plan, city, bundle)
        for number, (estate, metres) in enumerate(zip(lot.estates, lot.metres, strict=True), start=1):
            row = city.estates.loc[estate]
            rows.append(
                {
                    "小区编号": estate,
                    "小区": row["name"],
                    kind: names[bundle.bundle_id],
                    "编号": number,
                    "中心小区": "是" if estate == bundle.medoid else "否",
                    "带动小区": "是" if estate == bundle.anchor else "否",
                    "户数": None if pd.isna(row["households"]) else int(row["households"]),
                    "业主意愿": Consent(row["consent"]).label,
                    "到中心（米）": round(metres),
                }
            )
    return _points(rows, stops)


def _links(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    """Straight lines from the medoid to the other members, with the walk's length."""
    names, kind, rows, lines = labels_of(plan), UNITS[plan.settings.way], [], []
    for bundle in plan.bundles:
        centre = stops.loc[bundle.medoid, ["lon", "lat"]].to_numpy(float)
        for estate, metres in zip(bundle.members, bundle.distances_m, strict=True):
            end = stops.loc[estate, ["lon", "lat"]].to_numpy(float)
            if estate == bundle.medoid or not np.isfinite([centre, end]).all():
                continue
            rows.append(
                {
                    kind: names[bundle.bundle_id],
                    "中心小区": city.estates.at[bundle.medoid, "name"],
                    "成员": city.estates.at[estate, "name"],
                    "步行（米）": round(metres),
                }
            )
            lines.append(shapely.LineString([centre, end]))
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=lines, crs=STORAGE_CRS)


def _singles(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    rows = [
        {"小区编号": row.estate_id, "小区": city.estates.at[row.estate_id, "name"], "理由": row.reason}
        for row in plan.alone
    ]
    return _points(rows, stops)


def _left(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    names = city.estates["name"]
    rows = [
        {
            "小区编号": row.estate_id,
            "小区": names[row.estate_id],
            "类别": KIND_WORDS[row.kind],
            "原因": row.reason,
            "会挤出": "、".join(names.get(other, other) for other in row.displaces) or None,
            "建议方式": row.way,
            "依据原文": row.quote or None,
        }
        for row in plan.fallback
    ]
    return _points(rows, stops)


def _points(rows: Sequence[dict[str, object]], stops: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows at the stops of their estates (column 小区编号); without a position they have no geometry."""
    table = pd.DataFrame(list(rows))
    if table.empty:
        return gpd.GeoDataFrame(table, geometry=[], crs=STORAGE_CRS)
    at = stops.loc[table["小区编号"], ["lon", "lat"]].to_numpy(float)
    points = np.full(len(table), None, dtype=object)
    known = np.isfinite(at).all(axis=1)
    points[known] = shapely.points(at[known])
    if "户数" in table:
        table["户数"] = table["户数"].astype("float64")
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, crs=STORAGE_CRS))
