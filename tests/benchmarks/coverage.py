"""Coverage, indicators and gaps of a large city beside one plain ``geopandas.overlay`` of the same estates.

    python -m tests.benchmarks.coverage --estates 10000 50000

The overlay intersects a square for each estate with the streets, which is what a GIS user would run to get the streets'
figures; it gives no rate and no indicator. The estates are generated; memory is the process's peak after each step.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.profile_file import load_profile
from data.schemas import ESTATES, REGIONS, UNITS
from geo.crs import STORAGE_CRS
from planning.coverage import assess
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows

_STEP = 0.02
"""Side of a street, degrees."""
_PER_STREET = 150
_SIDE_M = 60.0


def city(n_estates: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Estates, regions and units: square streets of about 150 estates, ten streets a county, five communities each."""
    rng = np.random.default_rng(seed)
    n_streets = max(1, round(n_estates / _PER_STREET))
    width = int(np.ceil(np.sqrt(n_streets)))
    street = rng.integers(0, n_streets, n_estates)
    west, south = 112.0 + _STEP * (street % width), 30.0 + _STEP * (street // width)
    part = rng.integers(0, 5, n_estates)
    households = np.round(rng.lognormal(np.log(250), 0.9, n_estates))
    ids = [f"E{k:06d}" for k in range(n_estates)]
    frame = pd.DataFrame(
        {
            "name": [f"小区{k}" for k in range(n_estates)],
            "region_id": [f"R{k // 2:06d}" for k in range(n_estates)],
            "county_id": [f"C{k // 10:03d}" for k in street],
            "street_id": [f"S{k:04d}" for k in street],
            "community_id": pd.Series([f"S{k:04d}-{p}" for k, p in zip(street, part, strict=True)]).mask(
                rng.random(n_estates) < 0.02
            ),
            "service_form": pd.array(rng.choice([1, 2, 4, 5], n_estates, p=[0.75, 0.08, 0.04, 0.13]), dtype="Int64"),
            "committee": pd.array(rng.choice([1, 2, 3], n_estates), dtype="Int64"),
            "party": pd.array(rng.choice([3, 4, 5], n_estates), dtype="Int64"),
            "households": pd.Series(households).mask(rng.random(n_estates) < 0.05).astype("Int64"),
            "floor_area_m2": pd.Series(households * 100).mask(rng.random(n_estates) < 0.05),
            "enclosed": pd.array(rng.random(n_estates) < 0.6, dtype="boolean"),
            "mature": pd.array(rng.random(n_estates) < 0.6, dtype="boolean"),
            "lost": pd.array(rng.random(n_estates) < 0.01, dtype="boolean"),
            "consent": "unknown",
            "lon": west + rng.uniform(0, _STEP, n_estates),
            "lat": south + rng.uniform(0, _STEP, n_estates),
        }
    ).set_axis(pd.Index(ids, name="estate_id"))
    estates = ESTATES.check(frame)
    regions = REGIONS.frame([{"region_id": r, "name": r} for r in sorted(set(frame["region_id"]))])
    rows: list[dict[str, object]] = []
    for k in range(n_streets):
        x, y = 112.0 + _STEP * (k % width), 30.0 + _STEP * (k // width)
        box = shapely.box(x, y, x + _STEP, y + _STEP)
        county = f"C{k // 10:03d}"
        if not k % 10:
            rows.append({"unit_id": county, "name": f"第{k // 10}县", "kind": "county", "geometry": None})
        rows.append(
            {"unit_id": f"S{k:04d}", "name": f"第{k}街道", "kind": "street", "parent_id": county, "geometry": box}
        )
        rows += [
            {
                "unit_id": f"S{k:04d}-{p}",
                "name": f"第{p}社区",
                "kind": "community",
                "parent_id": f"S{k:04d}",
                "geometry": None,
            }
            for p in range(5)
        ]
    return estates, regions, UNITS.frame(rows)


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each size: seconds and peak memory of ``assess``, seconds of the overlay."""
    options = _options(argv)
    profile = load_profile(options.profile)
    return [_measure(n, profile, options.seed) for n in options.estates]


def _measure(n_estates: int, profile: object, seed: int) -> dict[str, object]:
    estates, regions, units = city(n_estates, seed)
    before = _bench.peak_mb()
    began = time.perf_counter()
    coverage = assess(estates, regions, units, profile, date(2027, 1, 4))  # type: ignore[arg-type]
    assess_s = time.perf_counter() - began
    peak = _bench.peak_mb()
    half_lon, half_lat = _SIDE_M / 2 / 96_000, _SIDE_M / 2 / 111_000
    lon, lat = estates["lon"].to_numpy(), estates["lat"].to_numpy()
    squares = gpd.GeoDataFrame(
        {"estate_id": estates.index},
        geometry=shapely.box(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat),
        crs=STORAGE_CRS,
    )
    streets = units[units["kind"] == "street"][["name", "geometry"]]
    began = time.perf_counter()
    parts = gpd.overlay(squares, streets, how="intersection")
    overlay_s = time.perf_counter() - began
    return {
        "estates": n_estates,
        "units": len(units),
        "assess_s": round(assess_s, 2),
        "peak_mb": peak,
        "grown_mb": peak - before,
        "rates": len(coverage.rates),
        "kpis": len(coverage.kpis),
        "uncovered": len(coverage.uncovered),
        "overlay_s": round(overlay_s, 2),
        "overlay_rows": len(parts),
        "ratio": round(assess_s / overlay_s, 2),
    }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--profile", default="demo")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("pandas", "geopandas", "shapely"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
