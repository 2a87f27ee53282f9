"""One maker for each kind of export; what they share is computed once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd
from shapely.geometry import LineString

from dashboard.boundary_words import has_shape
from dashboard.exports.boundaries import boundary_sheets, write_candidates
from dashboard.exports.bundle_papers import BundlePapers, require_estates, stored_plans
from dashboard.exports.coverage import coverage_sheets
from dashboard.exports.files import file_name
from dashboard.exports.geopackage import write_geopackage
from dashboard.exports.notes import OUTDATED
from dashboard.exports.plan import in_order, plan_sheets
from dashboard.exports.quality import quality_sheets
from dashboard.exports.routes import RouteBook
from dashboard.exports.workbook import write_workbook
from dashboard.maps.routes import drive
from dashboard.words import date_text
from data.profile import Profile
from data.quarter import Quarter
from data.schemas import BOUNDARY_HISTORY, BOUNDARY_PROPOSALS
from data.store import Actor, Store
from geo.errors import InputError
from geo.roads import RoadNetwork
from planning import quality, runs
from planning.city import City
from planning.coverage_types import Coverage
from planning.ground_types import LandCoverage
from planning.quality import checked
from planning.quarter.types import Plan, Problem
from planning.travel import network

OF_BUNDLES: Final = ("bundles", "bundle-summary", "tender", "consultation")
"""Kinds that show plans of bundles."""
OF_LOTS: Final = ("tender", "consultation")
"""Kinds with files for each lot, which may be made for one unit alone."""
Made = Iterator[tuple[float, Path]]
"""Files, each with the share (0–1) of the kind's work that is done with it."""


class Makers:
    """Makes the files of each kind for one city, actor and day."""

    def __init__(
        self,
        store: Store,
        actor: Actor,
        profile: Profile,
        city: City,
        period: str | None,
        on: date,
        directory: Path,
        cache_dir: Path | None,
        unit_id: str | None = None,
    ) -> None:
        self._unit_id = unit_id
        self._profile, self._city, self._period, self._on = profile, city, period, on
        self._directory, self._cache_dir = directory, cache_dir
        self._store, self._actor = store, actor
        self._bundles = stored_plans(store, actor)
        self._plan = runs.stored(store, actor, runs.PLAN, period, Plan)

    def possible(self, kinds: Sequence[str]) -> list[str]:
        """Those of the kinds that there is something for.

        Raises
        ------
        InputError
            If a quarter was asked for that has no plan.
        """
        if self._period is not None and self._plan is None:
            self._require_plan()
        missing = set() if self._bundles else set(OF_BUNDLES)
        missing |= {"plan", "routes"} if self._plan is None else set()
        return [kind for kind in kinds if kind not in missing]

    def require(self, kinds: Sequence[str]) -> None:
        """Find out before the first file whether all kinds can be made.

        Raises
        ------
        InputError
            If what a kind shows has not been computed, or names estates or teams that are gone since.
        """
        if set(OF_BUNDLES) & set(kinds) and not self._bundles:
            raise InputError("还没有打捆方案，无法导出", "请先运行 wuyetu bundle")
        if {"plan", "routes"} & set(kinds):
            self._require_plan()
        if {*OF_BUNDLES, "geopackage"} & set(kinds):
            require_estates(self._bundles, self._city)
        if self._unit_id is not None:
            if set(kinds) - set(OF_LOTS):
                raise InputError(
                    "这种导出不能只导出一个单元", f"--unit 只用于 {'、'.join(OF_LOTS)}；其余的请不加 --unit 导出"
                )
            self._papers.require_unit()
        if self._plan is not None and {"plan", "routes", "geopackage"} & set(kinds):
            _require_visits(self._plan.value, self._problem)

    def _require_plan(self) -> None:
        if self._plan is not None:
            return
        title = f"{Quarter.parse(self._period).title}的" if self._period else ""
        raise InputError(
            f"还没有{title}检查计划，无法导出", f"请先运行 wuyetu plan --quarter {self._period or '2027Q1'}"
        )

    def make(self, kind: str) -> Made:
        """The files of a kind, one by one."""
        return {
            "coverage": self._coverage,
            "bundles": self._papers.workbooks,
            "bundle-summary": self._papers.summaries,
            "tender": self._papers.dossiers,
            "consultation": self._papers.consultations,
            "plan": self._quarter,
            "routes": self._routes,
            "geopackage": self._geopackage,
            "quality": self._quality,
            "boundaries": self._boundary,
        }[kind]()

    def _path(self, report: str, period: str, suffix: str) -> Path:
        return self._directory / file_name(self._profile.city, report, period, suffix)

    @cached_property
    def _result(self) -> Coverage:
        return runs.assess(self._city, self._profile, self._on)

    @cached_property
    def _land(self) -> LandCoverage:
        return runs.assess_land(self._store, self._actor, self._city, self._profile, self._on)

    @cached_property
    def _network(self) -> RoadNetwork | None:
        return network(self._city.ways)

    @cached_property
    def _stops(self) -> pd.DataFrame:
        return runs.stops_of(self._city)

    @cached_property
    def _papers(self) -> BundlePapers:
        return BundlePapers(
            self._store,
            self._actor,
            self._profile,
            self._city,
            self._bundles,
            lambda: self._stops,
            self._directory,
            self._unit_id,
        )

    @cached_property
    def _problem(self) -> Problem:
        assert self._plan is not None
        part = self._city.inside(self._plan.scope)
        return runs.pose_quarter(part, self._profile, self._plan.value.quarter, cache_dir=self._cache_dir)

    @cached_property
    def _legs(self) -> list[list[LineString]]:
        """The driven lines of each route, in the order of the plan."""
        assert self._plan is not None
        return [drive(route, self._problem, self._network) for route in in_order(self._plan.value)]

    def _coverage(self) -> Made:
        path = self._path("物业服务覆盖", date_text(self._on), ".xlsx")
        yield 1.0, write_workbook(path, coverage_sheets(self._city, self._profile, self._result, self._land))

    def _quarter(self) -> Made:
        assert self._plan is not None
        path = self._path("联合执法检查计划", Quarter.parse(self._plan.value.quarter).title, ".xlsx")
        yield 1.0, write_workbook(path, plan_sheets(self._city, self._profile, self._plan, self._problem))

    def _routes(self) -> Made:
        assert self._plan is not None
        plan = self._plan.value
        folder = self._path("检查线路", Quarter.parse(plan.quarter).title, "")
        warnings = (OUTDATED,) if self._plan.outdated else ()
        book = RouteBook(self._city, self._profile, self._problem, self._stops, warnings)
        written = set()
        for number, (route, legs) in enumerate(zip(in_order(plan), self._legs, strict=True), start=1):
            path = book.write(folder, route, legs)
            written.add(path.name)
            yield number / len(plan.routes), path
        _remove_older(folder, written)

    def _geopackage(self) -> Made:
        path = self._path("物业一张图", date_text(self._on), ".gpkg")
        bundles = [saved.value for saved in self._bundles.values()]
        plan = None if self._plan is None else (in_order(self._plan.value), self._problem, self._legs)
        yield (
            1.0,
            write_geopackage(path, self._city, self._profile, self._result, self._stops, bundles, plan, self._land),
        )

    def _quality(self) -> Made:
        with self._store.begin(self._actor) as work:
            load = work.last_load()
        report = quality.report(self._city, load=load)
        path = self._path("数据质量报告", date_text(self._on), ".xlsx")
        marks = checked.marks(self._store, self._actor)
        yield 1.0, write_workbook(path, quality_sheets(self._city, self._profile, report, marks, self._on))

    def _boundary(self) -> Made:
        with self._store.begin(self._actor) as work:
            city = City.read(work, (BOUNDARY_PROPOSALS,))
            history = work.read(BOUNDARY_HISTORY)
        path = self._path("边界清单", date_text(self._on), ".xlsx")
        yield 0.5, write_workbook(path, boundary_sheets(city, self._profile, history, self._on))
        if any(has_shape(shape) for shape in city.proposals.geometry):
            yield 1.0, write_candidates(self._path("边界候选", date_text(self._on), ".gpkg"), city)


def _require_visits(plan: Plan, problem: Problem) -> None:
    visits = {stop.visit_id for stop in plan.stops()} - set(problem.visits)
    teams = {route.team_id for route in plan.routes} - set(problem.teams)
    if visits or teams:
        gone = "、".join(f"{len(ids)}个{name}" for ids, name in ((visits, "小区"), (teams, "检查组")) if ids)
        raise InputError(
            f"检查计划中有{gone}已不在库中或不再需要检查", f"请重新运行 wuyetu plan --quarter {plan.quarter}，再导出"
        )


def _remove_older(folder: Path, written: set[str]) -> None:
    """Take away pages of an earlier plan for the same quarter, so that no team goes out with one of them."""
    for path in folder.glob("*.html"):
        if path.name not in written and re.fullmatch(r".*检查线路_\d{4}-\d\d-\d\d\.html", path.name):
            path.unlink(missing_ok=True)
