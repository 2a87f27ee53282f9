"""Bundles of generated small estates: greedy, local search, CP-SAT with proof; all checked by the independent rules.

    python -m tests.benchmarks.bundles --size 300:10 1000:25 3000:60

Streets of 1.8 km with clustered estates, households lognormal 20–400 (median 85), fee 0.15–1.6; a river and a railway
without crossings, no roads (straight lines × 1.3). Rules: 500–1,500 households, 2–12 estates, 700 m to the medoid, fees
within 0.7 of each other, one street. The yardstick is greedy: cheapest metre per household first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from data.profile_file import load_profile
from data.schemas import ESTATES, WAYS
from geo.barrier_lines import Terrain
from geo.barriers import allowed_pairs
from geo.progress import SILENT
from planning.bundles import BundleSettings, bundle
from planning.bundles.candidates import sort_candidates
from planning.bundles.components import parts
from planning.bundles.graph import Pool
from planning.bundles.pairs import reach_m
from planning.bundles.pools import make_pools
from planning.bundles.rules import violations
from planning.bundles.search import greedy, search
from planning.coverage import estate_states
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed

SETTINGS = BundleSettings(
    radius_m=700.0,
    max_diameter_m=1400.0,
    min_households=500,
    max_households=1500,
    max_estates=12,
    small_households=400,
    small_floor_area_m2=40_000.0,
    fee_window_yuan_m2=0.7,
    barriers=("river", "railway"),
    lead="street",
    keep_grids=False,
    same_type=False,
)
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


def table(argv: Sequence[str] | None = None) -> Rows:
    """Four rows for each size: greedy, local search, the whole proposal, and how much of its time is spent where."""
    options = _options(argv)
    rows = []
    for size in options.size:
        n_estates, n_streets = (int(number) for number in size.split(":"))
        rows += _measure(n_estates, n_streets, options.seed, options.seconds)
    return rows


def _measure(n_estates: int, n_streets: int, seed: int, seconds: float) -> Rows:
    estates, ways = city(n_estates, n_streets, seed)
    profile = load_profile("demo")
    states = estate_states(estates, profile).to_dict()
    stops = estates[["lon", "lat"]]
    total = int(estates["households"].sum())
    pools = _pools(estates, states, ways)

    def row(method: str, households: int, spent: float, **more: object) -> dict[str, object]:
        share = round(100 * households / total, 2)
        plain = {"bound_pct": "", "proven": "", "bundles": "", "violations": ""}
        first = {"estates": n_estates, "streets": n_streets, "method": method, "households": households}
        return {**first, "pct": share, "seconds": round(spent, 2), **plain, **more}

    greedy_s, _, greedy_hh = timed(lambda: sum(greedy(p).score.households for q in pools for p in parts(q, SETTINGS)))
    search_s, _, search_hh = timed(
        lambda: sum(search(p, seed=seed).score.households for q in pools for p in parts(q, SETTINGS))
    )
    begun = time.perf_counter()
    plan = bundle(estates, states, stops, ways, profile, SETTINGS, seed=seed, seconds=seconds, progress=SILENT)
    plan_s = time.perf_counter() - begun
    found = violations(plan, estates, states, stops, ways, SETTINGS)
    return [
        row("greedy", greedy_hh, greedy_s),
        row("+ local search", search_hh, search_s),
        row(
            "+ CP-SAT (whole proposal)",
            plan.households_covered,
            plan_s,
            bound_pct=round(100 * plan.bound / total, 2),
            proven="all" if plan.proven else f"gap {plan.bound - plan.households_covered}",
            bundles=len(plan.bundles),
            violations=len(found),
        ),
    ]


def _pools(estates: pd.DataFrame, states: dict, ways: gpd.GeoDataFrame) -> list[Pool]:
    frame = sort_candidates(estates, states, estates[["lon", "lat"]], SETTINGS).frame
    terrain = Terrain.from_ways(ways, SETTINGS.barriers)
    pairs = allowed_pairs(frame["lon"], frame["lat"], SETTINGS.radius_m, terrain, reach_m(SETTINGS))
    return make_pools(frame, pairs, SETTINGS)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", default=["300:10", "1000:25", "3000:60"], metavar="ESTATES:STREETS")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("ortools", "numpy", "scipy", "shapely"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
