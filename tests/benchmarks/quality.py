"""The quality report of a large city beside one plain ``geopandas.overlay`` of the same boundaries with themselves.

    python -m tests.benchmarks.quality --estates 10000 50000

Every estate has a boundary of 8 to 16 corners, a point, a 四至 text of a few forms and mostly a gate; some boundaries
overlap, touch, leave strips or lie in the next street, so that every check has something to find. The overlay intersects
the boundaries with each other, which is what a GIS user runs to find overlaps; it gives no other finding. Memory is the
process's peak after each step.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.schemas import BOUNDARIES, CALENDAR, CASES, GATES, REGIONS, TEAMS, WAYS
from geo.crs import STORAGE_CRS
from planning.city import City
from planning.quality import counts, report
from tests.benchmarks import _bench
from tests.benchmarks import coverage as estates_of
from tests.benchmarks._bench import Rows

_STEP = 0.02
_TEXTS = (
    "东至{a}路，南至{b}街，西至{a}巷，北至{b}大道",
    "东临{a}路、南临{b}街、西临{a}巷",
    "{a}路以东、{b}街以北，{a}巷以西",
)


def city(n_estates: int, seed: int) -> City:
    """Estates of `tests.benchmarks.coverage` with boundaries, gates, texts and roads."""
    estates, _, units = estates_of.city(n_estates, seed)
    rng = np.random.default_rng(seed + 1)
    # On a jittered grid inside each street, so that most boundaries are near others and few overlap.
    lon, lat = _places(estates, rng)
    # Two estates side by side make a region.
    place = estates.groupby("street_id").cumcount()
    estates = estates.assign(
        region_id=estates["street_id"] + "-" + (place // 2).astype(str),
        lon=lon,
        lat=lat,
        four_sides=[_TEXTS[k % 3].format(a=f"人民{k % 977}", b=f"建设{k % 991}") for k in range(n_estates)],
        land_area_m2=rng.lognormal(np.log(11_000), 0.3, n_estates),
    )
    regions = REGIONS.frame([{"region_id": key, "name": key} for key in sorted(set(estates["region_id"]))])
    shapes = _outlines(lon, lat, rng)
    boundaries = gpd.GeoDataFrame({"source": "survey"}, index=estates.index, geometry=shapes, crs=STORAGE_CRS)
    gated = rng.random(n_estates) < 0.9
    gates = pd.DataFrame(
        {
            "estate_id": estates.index[gated],
            "name": "南门",
            "lon": lon[gated],
            "lat": lat[gated] - 0.0005,
            "main": True,
        },
        index=[f"g{k}" for k in np.flatnonzero(gated)],
    )
    return City(
        units=units, regions=regions, estates=estates, gates=GATES.check(gates), boundaries=BOUNDARIES.check(boundaries),
        ways=_roads(n_estates), cases=CASES.empty(), teams=TEAMS.empty(), calendar=CALENDAR.empty(), stamp="b",
    )  # fmt: skip


def _places(estates: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    west = np.floor((estates["lon"].to_numpy() - 112.0) / _STEP) * _STEP + 112.0
    south = np.floor((estates["lat"].to_numpy() - 30.0) / _STEP) * _STEP + 30.0
    place = estates.groupby("street_id").cumcount().to_numpy()
    at = np.column_stack([place % 15, place // 15]) * (_STEP / 15) + _STEP / 30
    jitter = rng.normal(0, 0.00004, at.shape)
    return west + at[:, 0] + jitter[:, 0], south + at[:, 1] + jitter[:, 1]


def _outlines(lon: np.ndarray, lat: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n, corners = len(lon), 16
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)[None, :]
    # A rounded square that nearly fills its cell of 128 m by 148 m.
    reach = 60 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle))) * rng.uniform(0.9, 1.12, (n, corners))
    xy = np.stack(
        [lon[:, None] + reach * np.cos(angle) / 96_000, lat[:, None] + reach * np.sin(angle) / 111_000], axis=2
    )
    return np.asarray(shapely.polygons(np.concatenate([xy, xy[:, :1]], axis=1)), dtype=object)


def _roads(n_estates: int) -> gpd.GeoDataFrame:
    """Main roads round every street."""
    n_streets = max(1, round(n_estates / 150))
    width = int(np.ceil(np.sqrt(n_streets)))
    lines = []
    for k in range(n_streets):
        x, y = 112.0 + _STEP * (k % width), 30.0 + _STEP * (k // width)
        lines += [[(x, y), (x + _STEP, y)], [(x, y), (x, y + _STEP)], [(x, y + _STEP / 2), (x + _STEP, y + _STEP / 2)]]
    frame = {"kind": "road", "road_class": "primary", "oneway": 0, "bridge": False, "tunnel": False}
    table = gpd.GeoDataFrame(frame, index=range(len(lines)), geometry=shapely.linestrings(lines), crs=STORAGE_CRS)
    return WAYS.check(table)  # type: ignore[return-value]


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each size: seconds and peak memory of the report, seconds of the overlay."""
    options = _options(argv)
    return [_measure(n, options.seed, overlay=not options.no_overlay) for n in options.estates]


def _measure(n_estates: int, seed: int, *, overlay: bool) -> dict[str, object]:
    made = city(n_estates, seed)
    before = _bench.peak_mb()
    report_s, report_cpu_s, found = _bench.timed(lambda: report(made))
    peak = _bench.peak_mb()
    kinds = counts(found.findings)["total"]
    pairs, overlay_s = 0, 0.0
    if overlay:
        plain = replace(made).boundaries.reset_index()[["estate_id", "geometry"]].to_crs(4547)
        overlay_s, _, both = _bench.timed(lambda: gpd.overlay(plain, plain, how="intersection", keep_geom_type=True))
        common = both[both["estate_id_1"] < both["estate_id_2"]]
        pairs = int((common.area > found.settings.limits.overlap_m2).sum())
    return {
        "estates": n_estates,
        "report_s": round(report_s, 1),
        "cpu_s": round(report_cpu_s, 1),
        "peak_mb": peak,
        "grown_mb": peak - before,
        "findings": len(found.findings),
        "kinds": len(kinds),
        "pairs": int(kinds.reindex(["overlap", "contained", "same_boundary", "sliver_overlap"]).fillna(0).sum()),
        "overlay_s": round(overlay_s, 1),
        "overlay_pairs": pairs,
    }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-overlay", action="store_true", help="only the report")
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("geopandas", "shapely", "rapidfuzz"), "pairs: boundaries with more than 10 m² in common")


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
