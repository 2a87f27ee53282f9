"""Bundles of generated small estates: the whole proposal in its modes and ways beside simpler methods, in one table.

    python -m tests.benchmarks.bundles --size 300:10 1000:25 3000:60
    python -m tests.benchmarks.bundles --size 1000:25 --long 600

Streets of 1.8 km with clustered estates, households lognormal 20–400 (median 85), fee 0.15–1.6; a river and a railway
without crossings, no roads (straight lines × 1.3). Rules: 500–1,500 households, 2–12 estates, 700 m to the medoid, fees
within 0.7 of each other, one street. For 以大带小 one managed estate for every eight small ones stands among them and
may take on a third of its own households; for money a bundle must earn its service point's 240,000 yuan a year.

Every region of every method is held against the same rules; what breaks one counts nothing. ``violations`` are those
that the independent checker finds in the whole plan. ``vs_best`` compares metres with the best that ``--long`` seconds
of further search found in the same run (for plans of equal coverage); without it the column is empty. The regions of
spopt (``pip install spopt==0.7.0``; not needed otherwise) are taken as they come, street by street, at most
``--spopt-seconds`` for each.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from data.profile import Profile
from data.profile_file import load_profile
from geo.progress import SILENT
from planning.bundles import BundlePlan, BundleSettings
from planning.bundles.distance.shorten import shorten_ways
from planning.bundles.engine.components import parts
from planning.bundles.engine.graph import Part
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import greedy, search
from planning.bundles.plan import bundle
from planning.bundles.prepare import prepare
from planning.bundles.proposal.propose import propose
from planning.bundles.rules import violations
from planning.bundles.settings import Costs
from planning.coverage import estate_states
from planning.coverage_types import CoverageState
from tests.benchmarks import _bench, _spopt
from tests.benchmarks._bench import Rows, timed
from tests.benchmarks._small_estates import city, with_managed

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
COSTS = Costs(
    per_household=150.0,
    per_lift=0.0,
    per_post=60_000.0,
    posts_per_estate=0.1,
    posts_per_point=3.0,
    per_point=60_000.0,
    collection_rate=0.7,
)
MODES: Mapping[str, BundleSettings] = {
    "exact": SETTINGS,
    "near (0.5 %)": replace(SETTINGS, mode="near"),
    "exact, balanced": replace(SETTINGS, balance=True),
    "money": replace(SETTINGS, viability="money", costs=COSTS),
    "以大带小": replace(SETTINGS, way="anchor", anchor_min_households=800, anchor_share=1 / 3),
}


@dataclass(frozen=True, eq=False)
class _City:
    estates: pd.DataFrame
    ways: gpd.GeoDataFrame
    states: dict[str, CoverageState]
    profile: Profile
    small: int
    """Households that could be covered."""

    @classmethod
    def of(cls, estates: pd.DataFrame, ways: gpd.GeoDataFrame) -> _City:
        profile = load_profile("demo")
        uncovered = estates["service_form"] == 5
        states = estate_states(estates, profile).to_dict()
        return cls(estates, ways, states, profile, int(estates.loc[uncovered, "households"].sum()))

    @property
    def stops(self) -> pd.DataFrame:
        return self.estates[["lon", "lat"]]


class _Table:
    """Rows for one size."""

    def __init__(self, n_estates: int, n_streets: int, options: argparse.Namespace) -> None:
        self.options = options
        self.n_estates, self.n_streets = n_estates, n_streets
        estates, ways = city(n_estates, n_streets, options.seed)
        self.plain = _City.of(estates, ways)
        self.managed = _City.of(with_managed(estates, options.seed), ways)
        ready = prepare(estates, self.plain.states, self.plain.stops, ways, self.plain.profile, SETTINGS)
        self.pools = [block.pool for block in ready.blocks]
        self.parts = [part for pool in self.pools for part in parts(pool)]
        self.best_m: float | None = None
        self.rows: Rows = []

    def fill(self) -> Rows:
        """All methods."""
        seed = self.options.seed
        self.simple("greedy", greedy)
        self.simple("greedy + local search", lambda part: search(part, seed=seed))
        for name, method in _spopt.METHODS.items():
            self.spopt(name, method)
        if self.options.long > 0:
            self.best_m = self.long_run()
        for name, settings in MODES.items():
            self.proposal(name, settings)
        return self.rows

    def add(self, method: str, households: int, total: int, wall: float, cpu: float, **more: object) -> None:
        plain = {"bound_pct": "", "proven": "", "bundles": "", "metres": "", "vs_best": "", "violations": ""}
        first = {"estates": self.n_estates, "streets": self.n_streets, "method": method, "households": households}
        spent = {"seconds": round(wall, 2), "cpu_s": round(cpu, 2)}
        self.rows.append({**first, "pct": round(100 * households / total, 2), **plain, **more, **spent})
        print(self.rows[-1], file=sys.stderr, flush=True)

    def simple(self, name: str, method: Callable[[Part], Partition]) -> None:
        wall, cpu, found = timed(lambda: [method(part) for part in self.parts])
        self.add(
            name,
            sum(one.score.households for one in found),
            self.plain.small,
            wall,
            cpu,
            bundles=sum(len(one.groups) for one in found),
            metres=round(-sum(one.score.metres for one in found)),
        )

    def spopt(self, name: str, method: _spopt.Method) -> None:
        if not self.options.spopt_seconds:
            return
        if not _spopt.installed():
            self.add(f"{name}: not measured, pip install spopt==0.7.0", 0, self.plain.small, 0.0, 0.0)
            return
        limit = self.options.spopt_seconds
        wall, cpu, (regions, late) = timed(lambda: _spopt.regions(self.plain.estates, method, limit, SETTINGS))
        home = {estate: (part, row) for part in self.parts for row, estate in enumerate(part.ids)}
        asked = {part.ids: Partition(part) for part in self.parts}
        kept = []
        for region in regions:
            places = [home.get(estate) for estate in region]
            if any(place is None or place[0] is not places[0][0] for place in places):  # type: ignore[index]
                continue
            part = places[0][0]  # type: ignore[index]
            group = asked[part.ids].group_of(sum(1 << place[1] for place in places if place is not None))
            kept += [group] if group is not None else []
        words = f"{name}, {len(kept)} of {len(regions)} regions keep the rules"
        self.add(
            f"{words}, {late} streets late" if late else words,
            sum(one.households for one in kept),
            self.plain.small,
            wall,
            cpu,
            bundles=len(kept),
            metres=round(sum(one.metres for one in kept)),
        )

    def proposal(self, name: str, settings: BundleSettings) -> None:
        where = self.managed if settings.way == "anchor" else self.plain

        def whole() -> BundlePlan:
            return bundle(
                where.estates,
                where.states,
                where.stops,
                where.ways,
                where.profile,
                settings,
                seed=self.options.seed,
                seconds=self.options.seconds,
                progress=SILENT,
            )

        wall, cpu, plan = timed(whole)
        metres = sum(unit.metres for unit in plan.units)
        comparable = self.best_m and settings in (MODES["exact"], MODES["exact, balanced"])
        found = violations(plan, where.estates, where.states, where.stops, where.ways, settings)
        self.add(
            f"proposal, {name}",
            plan.households_covered,
            where.small,
            wall,
            cpu,
            bound_pct=round(100 * plan.bound / where.small, 2),
            proven=f"{sum(unit.proven for unit in plan.units)}/{len(plan.units)}",
            bundles=len(plan.bundles),
            metres=round(metres),
            vs_best=f"{100 * (metres / self.best_m - 1):+.2f} %" if self.best_m and comparable else "",
            violations=len(found),
        )

    def long_run(self) -> float:
        """Fewest metres found from the exact proposal on, with seed after seed until the time is over."""
        first = propose(self.pools, SETTINGS, seed=self.options.seed, seconds=1e9, progress=SILENT)
        best = {one.part.ids: one.partition for one in first.answers}
        deadline = time.monotonic() + self.options.long
        seed = 1000
        while time.monotonic() < deadline:
            seed += 1
            for ids, start in best.items():
                begin = start if seed % 2 else search(start.part, seed=seed)
                if begin.score[:3] < start.score[:3]:
                    begin = start
                found = shorten_ways(begin, seed=seed, effort=8.0, stopped=lambda: time.monotonic() >= deadline)
                if found.score.beats(start.score):
                    best[ids] = found
        return -sum(one.score.metres for one in best.values())


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each method and size."""
    options = _options(argv)
    rows: Rows = []
    for size in options.size:
        n_estates, n_streets = (int(number) for number in size.split(":"))
        rows += _Table(n_estates, n_streets, options).fill()
    return rows


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", default=["300:10", "1000:25", "3000:60"], metavar="ESTATES:STREETS")
    parser.add_argument("--seconds", type=float, default=120.0, help="guard of one proposal")
    parser.add_argument("--long", type=float, default=0.0, metavar="SECONDS", help="search of the best known metres")
    parser.add_argument("--spopt-seconds", type=int, default=10, help="for a street; 0: leave spopt out")
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
