"""Generated streets of small estates, and managed neighbours that could take them on: what bundles are measured on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from data.schemas import ESTATES, WAYS

_LON, _LAT, _LON_M, _LAT_M, _STREET_M = 112.0, 30.0, 96_486.0, 110_850.0, 1800.0


def city(n_estates: int, n_streets: int, seed: int) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Estates and ways. Streets differ in size; the largest has about two and a half times the mean."""
    rng = np.random.default_rng(seed)
    width = int(np.ceil(np.sqrt(n_streets)))
    weight = rng.uniform(0.4, 1.6, n_streets)
    street = rng.choice(n_streets, n_estates, p=weight / weight.sum())
    hubs = rng.uniform(0, _STREET_M, (n_streets, 6, 2))
    xy = hubs[street, rng.integers(0, 6, n_estates)] + rng.normal(0, 170, (n_estates, 2))
    xy = np.clip(xy, 0, _STREET_M) + _STREET_M * np.column_stack([street % width, street // width])
    households = np.clip(np.round(rng.lognormal(np.log(85), 0.7, n_estates)), 20, 400).astype(int)
    frame = pd.DataFrame(
        {
            "name": [f"小区{k}" for k in range(n_estates)],
            "region_id": [f"R{k}" for k in range(n_estates)],
            "street_id": [f"S{k:02d}" for k in street],
            "service_form": pd.array([5] * n_estates, dtype="Int64"),
            "households": pd.array(households, dtype="Int64"),
            "floor_area_m2": households * 90.0,
            "fee_yuan_m2": np.round(rng.uniform(0.15, 1.6, n_estates), 2),
            "consent": rng.choice(["yes", "unknown"], n_estates),
            "lon": _LON + xy[:, 0] / _LON_M,
            "lat": _LAT + xy[:, 1] / _LAT_M,
        }
    ).set_axis(pd.Index([f"E{k:05d}" for k in range(n_estates)], name="estate_id"))
    side = width * _STREET_M
    lines = {
        "river": LineString(
            [(_LON - 0.01, _LAT + 0.31 * side / _LAT_M), (_LON + 0.01 + side / _LON_M, _LAT + 0.58 * side / _LAT_M)]
        ),
        "railway": LineString(
            [(_LON + 0.6 * side / _LON_M, _LAT - 0.01), (_LON + 0.45 * side / _LON_M, _LAT + 0.01 + side / _LAT_M)]
        ),
    }
    plain = {"oneway": 0, "bridge": False, "tunnel": False}
    ways = WAYS.frame(
        [{"way_id": k, "kind": kind, "geometry": line, **plain} for k, (kind, line) in enumerate(lines.items())]
    )
    return ESTATES.check(frame), ways


def with_managed(estates: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same with a large managed estate beside every eighth."""
    rng = np.random.default_rng(seed + 1)
    managed = estates.iloc[::8].copy()
    n = len(managed)
    managed["name"] = [f"大区{k}" for k in range(n)]
    managed["region_id"] = [f"M{k}" for k in range(n)]
    managed["service_form"] = pd.array([1] * n, dtype="Int64")
    managed["households"] = pd.array(rng.integers(800, 2400, n), dtype="Int64")
    managed["floor_area_m2"] = managed["households"].astype(float) * 90.0
    managed["company"] = [f"物业公司{k % 20}" for k in range(n)]
    managed["lon"] += rng.normal(0, 120, n) / _LON_M
    managed["lat"] += rng.normal(0, 120, n) / _LAT_M
    managed = managed.set_axis(pd.Index([f"M{k:05d}" for k in range(n)], name="estate_id"))
    return ESTATES.check(pd.concat([estates, managed]))
