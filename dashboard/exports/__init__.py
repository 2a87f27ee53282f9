"""Papers for the meeting, files for GIS users, pages for the teams; each file is whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from dashboard.exports.bundles import bundle_sheets
from dashboard.exports.coverage import coverage_sheets
from dashboard.exports.geopackage import write_geopackage
from dashboard.exports.plan import plan_sheets
from dashboard.exports.route_map import Ground
from dashboard.exports.routes import write_route
from dashboard.exports.workbook import file_name, write_workbook
from dashboard.words import date_text
from data.profile import Profile
from data.quarter import Quarter
from data.store import Actor, Store
from geo.errors import InputError
from geo.progress import SILENT, Progress
from planning import runs
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.quarter.types import Plan, Problem
from planning.travel import network

KINDS: Final = ("coverage", "bundles", "plan", "routes", "geopackage")
ALL: Final = "all"


def export(
    store: Store,
    actor: Actor,
    profile: Profile,
    kind: str,
    *,
    period: str | None,
    on: date,
    directory: Path,
    cache_dir: Path | None,
    progress: Progress = SILENT,
) -> list[Path]:
    """Write one kind of export, or all that there is something for; gives the files.

    Raises
    ------
    InputError
        If the kind is unknown or what it shows has not been computed.
    """
    if kind not in (*KINDS, ALL):
        raise InputError(f"没有名为“{kind}”的导出", f"可选：{'、'.join((*KINDS, ALL))}")
    files: list[Path] = []
    city = runs.read_city(store, actor)
    makers = _Makers(store, actor, profile, city, period, on, directory, cache_dir)
    for name in KINDS if kind == ALL else (kind,):
        if progress.stopped:
            break
        if kind == ALL and not makers.possible(name):
            continue
        for share, file in makers.make(name):
            files.append(file)
            step = KINDS.index(name) if kind == ALL else 0
            progress.update((step + share) / (len(KINDS) if kind == ALL else 1), file.name)
            if progress.stopped:
                break
    with store.begin(actor) as uow:
        uow.note_export([str(file) for file in files])
    return files


class _Makers:
    """One maker for each kind; what they share is computed once."""

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
    ) -> None:
        self.profile, self.city, self.on, self.directory, self.cache_dir = profile, city, on, directory, cache_dir
        self.bundles = runs.stored(store, actor, runs.BUNDLES, runs.CURRENT, BundlePlan)
        self.plan = runs.stored(store, actor, runs.PLAN, period, Plan)
        self._problem: Problem | None = None

    def possible(self, kind: str) -> bool:
        if kind == "bundles":
            return self.bundles is not None
        if kind in ("plan", "routes"):
            return self.plan is not None
        return True

    def make(self, kind: str) -> Iterator[tuple[float, Path]]:
        """The files of a kind, each with the share of the kind's work done."""
        if not self.possible(kind):
            command = "wuyetu bundle" if kind == "bundles" else "wuyetu plan --quarter …"
            raise InputError("要导出的结果还没有计算", f"请先运行 {command}")
        return {
            "coverage": self._coverage,
            "bundles": self._bundle,
            "plan": self._quarter,
            "routes": self._routes,
            "geopackage": self._geopackage,
        }[kind]()

    def _path(self, report: str, period: str, suffix: str) -> Path:
        return self.directory / file_name(self.profile.city, report, period, suffix)

    def _coverage(self) -> Iterator[tuple[float, Path]]:
        result = runs.assess(self.city, self.profile, self.on)
        path = self._path("物业服务覆盖", date_text(self.on), ".xlsx")
        yield 1.0, write_workbook(path, coverage_sheets(self.city, self.profile, result))

    def _bundle(self) -> Iterator[tuple[float, Path]]:
        assert self.bundles is not None
        path = self._path("打捆方案", date_text(self.bundles.created_at.astimezone().date()), ".xlsx")
        yield 1.0, write_workbook(path, bundle_sheets(self.city, self.profile, self.bundles))

    def _pose(self) -> tuple[Plan, Problem]:
        assert self.plan is not None
        if self._problem is None:
            part = self.city.inside(self.plan.scope)
            self._problem = runs.pose_quarter(part, self.profile, self.plan.value.quarter, cache_dir=self.cache_dir)
        return self.plan.value, self._problem

    def _quarter(self) -> Iterator[tuple[float, Path]]:
        assert self.plan is not None
        plan, problem = self._pose()
        path = self._path("联合执法检查计划", Quarter.parse(plan.quarter).title, ".xlsx")
        yield 1.0, write_workbook(path, plan_sheets(self.city, self.profile, self.plan, problem))

    def _routes(self) -> Iterator[tuple[float, Path]]:
        plan, problem = self._pose()
        stops, roads, ground = runs.stops_of(self.city), network(self.city.ways), Ground.of(self.city.ways)
        folder = self.directory / f"检查线路_{Quarter.parse(plan.quarter).title}"
        routes = sorted(plan.routes, key=lambda route: (route.day, route.team_id))
        for number, route in enumerate(routes, start=1):
            path = write_route(folder, route, problem, self.city, self.profile, stops, roads, ground=ground)
            yield number / len(routes), path

    def _geopackage(self) -> Iterator[tuple[float, Path]]:
        plan = (*self._pose(), network(self.city.ways)) if self.plan is not None else None
        path = self._path("物业一张图", date_text(self.on), ".gpkg")
        result = runs.assess(self.city, self.profile, self.on)
        bundles = self.bundles.value if self.bundles else None
        yield 1.0, write_geopackage(path, self.city, self.profile, result, runs.stops_of(self.city), bundles, plan)
