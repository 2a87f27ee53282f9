"""Use cases over a city: what the command line and the pages call, so that both give the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from data.calendar import WorkingDays
from data.profile import Profile
from data.quarter import Quarter
from data.schemas import LAND
from data.store import Actor, Store
from geo.errors import InputError
from geo.progress import SILENT, Progress, Share
from planning import coverage, ground, quarter
from planning.bundle_versions import current
from planning.bundles.frontier import Axis, Frontier, frontier
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.settings import BundleSettings, Way, settings_from
from planning.bundles.types import BundlePlan, Wish
from planning.checks import CheckReport, check_bundles
from planning.city import City
from planning.coverage_types import Coverage
from planning.ground_types import LandCoverage
from planning.quarter import rules as quarter_rules
from planning.quarter.types import Plan, Problem
from planning.results import BUNDLES as BUNDLES
from planning.results import CURRENT as CURRENT
from planning.results import PLAN as PLAN
from planning.results import Stored as Stored
from planning.results import save as save
from planning.results import stored as stored
from planning.stops import stop_points
from planning.travel import network


def read_city(store: Store, actor: Actor) -> City:
    """All tables as the actor may see them.

    Raises
    ------
    InputError
        If the store holds no estates.
    """
    with store.begin(actor) as uow:
        city = City.read(uow)
    if city.estates.empty:
        raise InputError("数据库里还没有小区", "请先用 wuyetu load 导入台账")
    return city


def assess(city: City, profile: Profile, on: date) -> Coverage:
    """Coverage of the city on a day."""
    return coverage.assess(city.estates, city.regions, city.units, profile, on)


def assess_land(
    store: Store, actor: Actor, city: City, profile: Profile, on: date, progress: Progress = SILENT
) -> LandCoverage:
    """Residential land by street, and which of it has no record; for an actor of one area only that area's.

    Raises
    ------
    Stopped
        When the progress says so.
    """
    with store.begin(actor) as uow:
        land = uow.read(LAND)
    full = replace(city, on_demand=MappingProxyType({**city.on_demand, LAND.name: land}))
    found = ground.land_coverage(full, assess(city, profile, on).states, progress)
    return found.inside(actor.unit_id or "", city.units)


def stops_of(city: City) -> pd.DataFrame:
    """Where an inspection of each estate stops: gate, boundary or point (EPSG:4490)."""
    return stop_points(city.estates, city.gates, city.boundaries, network(city.ways))


def prepare_bundles(
    city: City, profile: Profile, *, on: date, settings: BundleSettings, progress: Progress = SILENT
) -> Prepared:
    """Walks, barriers and pairs for bundles under these settings: the slow part, good for any wishes."""
    return prepare(
        city.estates,
        assess(city, profile, on).states,
        stops_of(city),
        city.ways,
        profile,
        settings,
        city.companies,
        progress=progress,
    )


def propose_bundles(
    city: City,
    profile: Profile,
    *,
    on: date,
    way: Way = "service",
    settings: BundleSettings | None = None,
    wishes: Sequence[Wish] = (),
    before: BundlePlan | None = None,
    seed: int = 1,
    seconds: float = 60.0,
    progress: Progress = SILENT,
) -> BundlePlan:
    """Bundles, estates alone and fallback for all estates of the city that a way is about.

    Parameters
    ----------
    way
        Its rules in the profile count where no settings are given.
    wishes
        Of planners; see `planning.bundles.plan.solve`.
    before
        The plan in force: its bundles keep their ids where they come back, and those of the wishes that it has and that
        the data no longer bear are put aside with a note instead of refused.
    """
    limits = settings or settings_from(profile, way)
    ready = prepare_bundles(city, profile, on=on, settings=limits, progress=Share(progress, 0.0, 0.2))
    return solve(ready, wishes, seed=seed, seconds=seconds, progress=Share(progress, 0.2, 1.0), before=before)


def bundle_frontier(
    city: City,
    profile: Profile,
    *,
    on: date,
    settings: BundleSettings,
    axis: Axis,
    values: Sequence[float] = (),
    wishes: Sequence[Wish] = (),
    seed: int = 1,
    seconds: float = 300.0,
    progress: Progress = SILENT,
) -> Frontier:
    """What other values of one limit would bring; see `planning.bundles.frontier`."""
    return frontier(
        city.estates,
        assess(city, profile, on).states,
        stops_of(city),
        city.ways,
        profile,
        settings,
        city.companies,
        axis,
        values,
        wishes=wishes,
        seed=seed,
        seconds=seconds,
        progress=progress,
    )


def stored_bundles(store: Store, actor: Actor, way: Way = "service") -> Stored[BundlePlan] | None:
    """The bundles in force of one way, or ``None``."""
    return current(store, actor, way)


def pose_quarter(
    city: City, profile: Profile, period: str, *, cache_dir: Path | None, progress: Progress = SILENT
) -> Problem:
    """The quarter's visits, teams and travel matrix."""
    if city.teams.empty:
        raise InputError("数据库里还没有检查组", "请先导入检查组表（teams.xlsx）")
    return quarter.build_problem(
        Quarter.parse(period),
        profile,
        city.estates,
        city.units,
        city.cases,
        city.teams,
        WorkingDays(city.calendar),
        stops_of(city),
        city.ways,
        cache_dir=cache_dir,
        progress=progress,
    )


def check(
    store: Store, actor: Actor, profile: Profile, *, on: date, cache_dir: Path | None, progress: Progress = SILENT
) -> CheckReport:
    """Every stored bundle proposal and quarter plan against every rule, by code apart from the solvers.

    Raises
    ------
    InputError
        If nothing is stored that could be checked.
    """
    city = read_city(store, actor)
    report = check_bundles(store, actor, city, profile, on=on, progress=Share(progress, 0.0, 0.3))
    found, checked, outdated = list(report.violations), list(report.checked), list(report.outdated)
    with store.begin(actor) as uow:
        periods = sorted({document.period for document in uow.documents(PLAN)})
    for step, period in enumerate(periods):
        progress.update(0.3 + 0.7 * step / len(periods), f"核对{period}检查计划")
        plan = stored(store, actor, PLAN, period, Plan)
        if plan is None:
            continue
        problem = pose_quarter(city.inside(plan.scope), profile, period, cache_dir=cache_dir)
        name = f"{Quarter.parse(period).title}检查计划"
        found += [replace(one, plan=name) for one in quarter_rules.violations(plan.value, problem)]
        checked.append(name)
        outdated += [name] if plan.outdated else []
    if not checked:
        raise InputError("没有可核对的方案", "请先运行 wuyetu bundle 或 wuyetu plan")
    progress.update(1.0, "核对完毕")
    return CheckReport(tuple(found), tuple(checked), tuple(outdated), report.exceptions)
