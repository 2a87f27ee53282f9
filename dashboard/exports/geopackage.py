"""One GeoPackage for GIS users: estates, boundaries, units, bundles, routes, stops; EPSG:4490, Chinese columns."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from dashboard.exports.workbook import write_whole
from dashboard.maps.routes import drive
from dashboard.tables import bundles_table, estates_table
from dashboard.words import clock
from data.profile import Profile
from geo.crs import STORAGE_CRS
from geo.hulls import hull
from geo.roads import RoadNetwork
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.coverage_types import Coverage
from planning.quarter.types import Plan, Problem

_HULL_MARGIN_M = 60.0


def write_geopackage(
    path: Path,
    city: City,
    profile: Profile,
    result: Coverage,
    stops: pd.DataFrame,
    bundles: BundlePlan | None,
    plan: tuple[Plan, Problem, RoadNetwork | None] | None,
) -> Path:
    """Write all layers that there is something for.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """
    layers = {"小区": _estates(city, profile, result), "小区边界": _boundaries(city), "行政单元": _units(city)}
    if bundles is not None:
        layers["服务单元"] = _bundles(bundles, city, stops)
    if plan is not None:
        layers["检查线路"] = _routes(*plan)
        layers["停靠点"] = _stops(plan[0], plan[1], city)

    def write(part: Path) -> None:
        for name, layer in layers.items():
            if len(layer):
                layer.to_file(part, layer=name, driver="GPKG", engine="pyogrio")

    return write_whole(path, write)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Columns that GDAL writes: pandas' nullable numbers as floats with NaN."""
    return table.astype({c: "float64" for c in table.columns if str(table[c].dtype) in ("Int64", "boolean")})


def _estates(city: City, profile: Profile, result: Coverage) -> gpd.GeoDataFrame:
    table = _plain(estates_table(city, profile, result.states)).reset_index()
    points = gpd.points_from_xy(city.estates["lon"], city.estates["lat"], crs=STORAGE_CRS)
    return gpd.GeoDataFrame(table, geometry=points, crs=STORAGE_CRS)


def _boundaries(city: City) -> gpd.GeoDataFrame:
    frame = city.boundaries.copy()
    frame.insert(0, "小区", city.estates["name"].reindex(frame.index))
    return frame.reset_index()


def _units(city: City) -> gpd.GeoDataFrame:
    units = city.units[city.units.geometry.notna()]
    return gpd.GeoDataFrame(
        {
            "编号": units.index,
            "名称": units["name"].to_numpy(),
            "级别": units["kind"].to_numpy(),
            "上级": units["parent_id"].to_numpy(),
            "区划代码": units["code"].to_numpy(),
        },
        geometry=units.geometry.to_numpy(),
        crs=STORAGE_CRS,
    )


def _bundles(plan: BundlePlan, city: City, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    outlines = []
    for bundle in plan.bundles:
        members = stops.loc[list(bundle.members)]
        outlines.append(hull(members["lon"], members["lat"], _HULL_MARGIN_M))
    table = bundles_table(plan, city)
    table["成员"] = ["、".join(city.estates["name"].loc[list(bundle.members)]) for bundle in plan.bundles]
    return gpd.GeoDataFrame(table, geometry=outlines, crs=STORAGE_CRS)


def _routes(plan: Plan, problem: Problem, network: RoadNetwork | None) -> gpd.GeoDataFrame:
    rows, lines = [], []
    for route in plan.routes:
        legs = drive(route, problem, network)
        metres = [*(stop.distance_m for stop in route.stops), route.return_distance_m]
        for number, (leg, length) in enumerate(zip(legs, metres, strict=True), start=1):
            rows.append(
                {
                    "日期": route.day.isoformat(),
                    "检查组": problem.teams[route.team_id].name,
                    "段": number,
                    "里程（米）": round(length),
                }
            )
            lines.append(leg)
    return gpd.GeoDataFrame(rows, geometry=lines, crs=STORAGE_CRS)


def _stops(plan: Plan, problem: Problem, city: City) -> gpd.GeoDataFrame:
    rows, lon, lat = [], [], []
    for route in plan.routes:
        for number, stop in enumerate(route.stops, start=1):
            visit = problem.visits[stop.visit_id]
            rows.append(
                {
                    "日期": route.day.isoformat(),
                    "检查组": problem.teams[route.team_id].name,
                    "站": number,
                    "小区": city.estates["name"][visit.estate_id],
                    "到达": clock(stop.arrive_s),
                    "离开": clock(stop.end_s),
                    "事由": visit.reason,
                }
            )
            lon.append(visit.lon)
            lat.append(visit.lat)
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs=STORAGE_CRS)
