"""Use cases over a city: what the command line and the pages call, so that both give the same figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import pandas as pd

from data.calendar import WorkingDays
from data.profile import Profile
from data.quarter import Quarter
from data.schemas import LAND
from data.store import Actor, Store
from geo.errors import InputError
from geo.progress import SILENT, Progress
from planning import bundles, coverage, ground, quarter
from planning.bundles import rules as bundle_rules
from planning.bundles.types import BundlePlan, BundleSettings
from planning.city import City, Scope
from planning.coverage_types import Coverage
from planning.documents import dump, parse
from planning.ground_types import LandCoverage
from planning.quarter import rules as quarter_rules
from planning.quarter.types import Plan, Problem
from planning.stops import stop_points
from planning.travel import network
from planning.violations import Violation

T = TypeVar("T")

BUNDLES = "bundles"
PLAN = "plan"
CURRENT = "current"
"""Period of documents that belong to no quarter."""


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A saved result with the circumstances it was computed in."""

    value: T
    scope: Scope
    created_at: datetime
    person: str
    outdated: bool
    """The data have changed since."""


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


def propose_bundles(
    city: City,
    profile: Profile,
    *,
    on: date,
    settings: BundleSettings | None = None,
    seed: int = 1,
    seconds: float = 60.0,
    progress: Progress = SILENT,
) -> BundlePlan:
    """Bundles, estates alone and fallback for all uncovered estates of the city."""
    states = assess(city, profile, on).states
    return bundles.bundle(
        city.estates,
        states,
        stops_of(city),
        city.ways,
        profile,
        settings or bundles.settings_from(profile),
        seed=seed,
        seconds=seconds,
        progress=progress,
    )


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


def save(store: Store, actor: Actor, kind: str, period: str, value: object, scope: Scope, city: City) -> int:
    """Keep a result in the store, with its scope and the stamp of the data it was computed from; gives its number."""
    body = {"scope": dump(scope), "stamp": city.stamp, "value": dump(value)}
    with store.begin(actor, write=True) as uow:
        return uow.save_document(kind, period, body)


def stored(store: Store, actor: Actor, kind: str, period: str | None, shape: type[T]) -> Stored[T] | None:
    """The latest saved result of a kind, or ``None``."""
    with store.begin(actor) as uow:
        document = uow.document(kind, period)
        stamp = uow.stamp
    if document is None:
        return None
    body: dict[str, Any] = document.body
    return Stored(
        value=parse(shape, body["value"]),
        scope=parse(Scope, body["scope"]),
        created_at=document.created_at,
        person=document.person,
        outdated=body["stamp"] != stamp,
    )


@dataclass(frozen=True)
class CheckReport:
    """What the independent checkers found; ``checked`` says what there was to check."""

    violations: tuple[Violation, ...]
    checked: tuple[str, ...]
    outdated: tuple[str, ...]


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
    found: list[Violation] = []
    checked: list[str] = []
    outdated: list[str] = []
    proposal = stored(store, actor, BUNDLES, CURRENT, BundlePlan)
    if proposal is not None:
        progress.update(0.1, "核对打捆方案")
        part = city.inside(proposal.scope)
        states = assess(part, profile, on).states
        found += bundle_rules.violations(
            proposal.value, part.estates, states, stops_of(part), part.ways, proposal.value.settings
        )
        checked.append("打捆方案")
        outdated += ["打捆方案"] if proposal.outdated else []
    with store.begin(actor) as uow:
        periods = sorted({document.period for document in uow.documents(PLAN)})
    for step, period in enumerate(periods):
        progress.update(0.3 + 0.7 * step / len(periods), f"核对{period}检查计划")
        plan = stored(store, actor, PLAN, period, Plan)
        if plan is None:
            continue
        problem = pose_quarter(city.inside(plan.scope), profile, period, cache_dir=cache_dir)
        found += quarter_rules.violations(plan.value, problem)
        name = f"{Quarter.parse(period).title}检查计划"
        checked.append(name)
        outdated += [name] if plan.outdated else []
    if not checked:
        raise InputError("没有可核对的方案", "请先运行 wuyetu bundle 或 wuyetu plan")
    progress.update(1.0, "核对完毕")
    return CheckReport(tuple(found), tuple(checked), tuple(outdated))
