"""One GeoPackage for GIS users: estates, boundaries, units, bundles, routes, stops; EPSG:4490, Chinese columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry import LineString

from dashboard.exports.files import write_whole
from dashboard.exports.geopackage_bundles import bundle_layers
from dashboard.exports.land import LAYER, land_layer
from dashboard.tables import estates_table
from dashboard.words import clock, local_time
from data.boundaries import SOURCE_LABELS
from data.profile import Profile
from geo.crs import STORAGE_CRS, Datum
from geo.errors import InputError
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.coverage_types import Coverage
from planning.ground_types import LandCoverage
from planning.quarter.types import Problem, Route

_LEVELS: Final = {"county": "县区", "street": "街道", "community": "社区", "grid": "网格"}


def write_geopackage(
    path: Path,
    city: City,
    profile: Profile,
    result: Coverage,
    stops: pd.DataFrame,
    bundles: Sequence[BundlePlan],
    plan: tuple[Sequence[Route], Problem, Sequence[Sequence[LineString]]] | None,
    land: LandCoverage | None = None,
) -> Path:
    """Write all layers that there is something for.

    Parameters
    ----------
    stops
        Table of `planning.stops.stop_points`.
    bundles
        Plans of bundles, at most one of each way.
    plan
        Routes, the problem they solve, and the driven legs of each route (EPSG:4490).
    land
        Residential land; its pieces without a record become layer ``land_without_record``.

    Raises
    ------
    OSError, InputError
        If the folder cannot be written or the disk is full; nothing is left behind.
    """
    layers = {"小区": _estates(city, profile, result), "小区边界": _boundaries(city), "行政单元": _units(city)}
    if land is not None:
        layers[LAYER] = land_layer(land)
    for proposal in bundles:
        layers |= bundle_layers(proposal, city, stops)
    if plan is not None:
        layers["检查线路"] = _routes(*plan)
        layers["停靠点"] = _stops(plan[0], plan[1], city)

    return write_layers(path, {name: layer for name, layer in layers.items() if len(layer)})


def write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> Path:
    """Write layers into one file, whole or not at all.

    Raises
    ------
    OSError, InputError
        If the folder cannot be written or the disk is full; nothing is left behind.
    """

    def write(part: Path) -> None:
        refused = InputError(f"无法写入地理数据文件“{path}”", "请检查磁盘空间是否充足、文件夹是否可写，再重新导出")
        try:
            for name, layer in layers.items():
                layer.to_file(part, layer=name, driver="GPKG", engine="pyogrio", encoding="UTF-8")
        except (DataSourceError, DataLayerError) as error:
            raise refused from error
        if not _is_whole(part, layers):
            raise refused

    return write_whole(path, write)


def _is_whole(part: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> bool:
    """Whether all rows and spatial indexes arrived: GDAL does not tell of a disk that fills up as it closes a file."""
    with closing(sqlite3.connect(part)) as file:
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for name, layer in layers.items():
            if not {name, f"rtree_{name}_geom"} <= tables:
                return False
            for table, wanted in ((name, len(layer)), (f"rtree_{name}_geom", int(layer.geometry.notna().sum()))):
                if file.execute(f'SELECT count(*) FROM "{table}"').fetchone() != (wanted,):
                    return False
    return True


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Columns that GDAL writes: pandas' nullable numbers as floats with NaN."""
    return table.astype({c: "float64" for c in table.columns if str(table[c].dtype) in ("Int64", "boolean")})


def _estates(city: City, profile: Profile, result: Coverage) -> gpd.GeoDataFrame:
    table = _plain(estates_table(city, profile, result.states)).rename_axis("小区编号").reset_index()
    lon, lat = (city.estates[name].to_numpy(float) for name in ("lon", "lat"))
    known = np.isfinite(lon) & np.isfinite(lat)
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(lon[known], lat[known])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, crs=STORAGE_CRS))


def _boundaries(city: City) -> gpd.GeoDataFrame:
    frame = city.boundaries
    return gpd.GeoDataFrame(
        {
            "小区编号": frame.index,
            "小区": city.estates["name"].reindex(frame.index).to_numpy(),
            "边界来源": frame["source"].map(SOURCE_LABELS).to_numpy(),
            "可信度": frame["confidence"].to_numpy(float),
            "可信度模型": frame["model"].to_numpy(),
            "原坐标系": [Datum(name).label if isinstance(name, str) else None for name in frame["datum"]],
            "来源文件": frame["source_file"].to_numpy(),
            "操作人": frame["person"].to_numpy(),
            "操作时间": [local_time(text) if isinstance(text, str) else None for text in frame["at"]],
            "说明": frame["reason"].to_numpy(),
        },
        geometry=frame.geometry.to_numpy(),
        crs=STORAGE_CRS,
    )


def _units(city: City) -> gpd.GeoDataFrame:
    units = city.units[city.units.geometry.notna()]
    return gpd.GeoDataFrame(
        {
            "编号": units.index,
            "名称": units["name"].to_numpy(),
            "级别": units["kind"].map(_LEVELS).to_numpy(),
            "上级": units["parent_id"].map(city.unit_names).to_numpy(),
            "区划代码": units["code"].to_numpy(),
        },
        geometry=units.geometry.to_numpy(),
        crs=STORAGE_CRS,
    )


def _routes(routes: Sequence[Route], problem: Problem, legs: Sequence[Sequence[LineString]]) -> gpd.GeoDataFrame:
    rows, lines = [], []
    for route, driven in zip(routes, legs, strict=True):
        metres = [*(stop.distance_m for stop in route.stops), route.return_distance_m]
        for number, (leg, length) in enumerate(zip(driven, metres, strict=True), start=1):
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


def _stops(routes: Sequence[Route], problem: Problem, city: City) -> gpd.GeoDataFrame:
    rows, lon, lat = [], [], []
    for route in routes:
        for number, stop in enumerate(route.stops, start=1):
            visit = problem.visits[stop.visit_id]
            rows.append(
                {
                    "日期": route.day.isoformat(),
                    "检查组": problem.teams[route.team_id].name,
                    "站": number,
                    "小区编号": visit.estate_id,
                    "小区": city.estates["name"][visit.estate_id],
                    "到达": clock(stop.arrive_s),
                    "离开": clock(stop.end_s),
                    "事由": visit.reason,
                }
            )
            lon.append(visit.lon)
            lat.append(visit.lat)
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs=STORAGE_CRS)
