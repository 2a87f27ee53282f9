"""A small made-up city for the load tests: two counties, four streets of about a kilometre, and files in any datum."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point, Polygon, box

from data.load import LoadReport, load
from data.profile_file import load_profile
from data.store import Actor, Role, Store
from geo.crs import Datum, from_storage

ACTOR = Actor("测试", Role.ADMIN)
WEST, SOUTH, SIZE = 112.0, 30.0, 0.01
STREETS = {(0, 0): "甲街道", (0, 1): "乙街道", (1, 0): "丙街道", (1, 1): "丁镇"}


def run(store: Store, *paths: Path, **options: object) -> LoadReport:
    """Load with the demo profile."""
    return load(store, ACTOR, list(paths), load_profile("demo"), **options)


def cell(i: int, j: int) -> Polygon:
    """Polygon of the street in column i, row j."""
    return box(WEST + i * SIZE, SOUTH + j * SIZE, WEST + (i + 1) * SIZE, SOUTH + (j + 1) * SIZE)


def write_units(folder: Path, *, codes: bool = False) -> Path:
    """``units.gpkg`` with layers county and street."""
    path = folder / "units.gpkg"
    west, east = cell(0, 0).union(cell(0, 1)), cell(1, 0).union(cell(1, 1))
    county = gpd.GeoDataFrame(
        {"name": ["东风区", "西山县"], "code": ["990101", "990102"]}, geometry=[west, east], crs=4490
    )
    names = list(STREETS.values())
    street = gpd.GeoDataFrame(
        {"name": names, "parent": ["东风区", "东风区", "西山县", "西山县"],
         "code": ["990101001", "990101002", "990102001", "990102100"]},
        geometry=[cell(*at) for at in STREETS], crs=4490,
    )  # fmt: skip
    if not codes:
        county, street = county.drop(columns="code"), street.drop(columns="code")
    county.to_file(path, layer="county")
    street.to_file(path, layer="street")
    return path


def estates(n: int = 40, *, seed: int = 1) -> pd.DataFrame:
    """Estates spread over the streets, 20 m away from any border; positions in EPSG:4490."""
    rng = np.random.default_rng(seed)
    i, j = rng.integers(0, 2, n), rng.integers(0, 2, n)
    lon = WEST + (i + rng.uniform(0.02, 0.98, n)) * SIZE
    lat = SOUTH + (j + rng.uniform(0.02, 0.98, n)) * SIZE
    streets = [STREETS[int(a), int(b)] for a, b in zip(i, j, strict=True)]
    return pd.DataFrame(
        {
            "小区名称": [f"小区{number:03d}" for number in range(n)],
            "县区": ["东风区" if a == 0 else "西山县" for a in i],
            "街道": streets,
            "物业服务形态": "1",
            "户数": rng.integers(50, 900, n),
            "经度": lon,
            "纬度": lat,
        }
    )


def write_register(
    folder: Path, frame: pd.DataFrame, datum: Datum | None = Datum.GCJ02, name: str | None = None, **changes: object
) -> Path:
    """A register as CSV, its positions moved into a datum that the file name states."""
    table = frame.assign(**changes)
    if datum is not None:
        table["经度"], table["纬度"] = from_storage(frame["经度"], frame["纬度"], datum)
    path = folder / (name or f"register_{datum}.csv")
    table.to_csv(path, index=False)
    return path


def write_brokers(folder: Path, frame: pd.DataFrame, datum: Datum = Datum.BD09, name: str = "brokers_bd09.csv") -> Path:
    """The same estates as a broker's list, which names no unit; its columns say BD-09 whatever ``datum`` really is."""
    lon, lat = from_storage(frame["经度"], frame["纬度"], datum)
    blank = dict.fromkeys(("地址", "地址链", "建筑年代", "建筑类型", "物业费用", "开发商", "楼栋总数"), "")
    table = pd.DataFrame({"lon_bd09": lon, "lat_bd09": lat, "plot_name": frame["小区名称"], **blank})
    table["物业公司"] = "某某物业公司"
    table["房屋总数"] = frame["户数"].map("{}户".format)
    path = folder / name
    table.to_csv(path, index=False)
    return path


def write_boundaries(folder: Path, frame: pd.DataFrame, name: str = "boundaries.gpkg") -> Path:
    """Squares of about 60 m round the estates, as layer ``boundaries``, and a gate at the east side as ``gates``."""
    path = folder / name
    half = 0.0003
    squares = [box(x - half, y - half, x + half, y + half) for x, y in zip(frame["经度"], frame["纬度"], strict=True)]
    named = frame[["小区名称", "街道"]].rename(columns={"街道": "所属街道"}).reset_index(drop=True)
    gpd.GeoDataFrame(named, geometry=squares, crs=4490).to_file(path, layer="boundaries")
    doors = [Point(x + half, y) for x, y in zip(frame["经度"], frame["纬度"], strict=True)]
    gates = named.assign(名称="东门", 主要出入口="是")
    gpd.GeoDataFrame(gates, geometry=doors, crs=4490).to_file(path, layer="gates")
    return path
