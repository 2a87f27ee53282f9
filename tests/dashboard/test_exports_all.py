"""From a demo city's files to every export: figures, layers, log, faults half-way."""

from __future__ import annotations

import errno
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import export_cases as cases
import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString

from dashboard import exports
from dashboard.exports.geopackage import write_geopackage
from dashboard.maps.routes import drive
from data.demo import write_demo
from data.load import load
from data.profile import Profile
from data.profile_file import load_profile
from data.schemas import CASES, ESTATES
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from geo.progress import Silent
from planning import quarter, runs
from planning.city import Scope
from planning.quarter.types import Plan

ON = date(2026, 12, 1)
ADMIN = Actor("admin", Role.ADMIN)
CHIEF = Actor("chief", Role.LEADER)
PERIOD = "2027Q1"


class _StopAfter(Silent):
    """Ctrl-C after so many updates."""

    def __init__(self, n_updates: int) -> None:
        self.left = n_updates
        self.stopped = False

    def update(self, share: float, text: str) -> None:
        self.left -= 1
        self.stopped = self.left <= 0


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile("demo")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Path:
    """Folder with a store of a small demo city: loaded, bundled and planned."""
    folder = tmp_path_factory.mktemp("computed")
    write_demo(folder / "input", n_estates=60, seed=3)
    with open_store(f"sqlite:///{folder}/store.db") as store:
        load(
            store, ADMIN, [folder / "input"], profile, datum=None, datum_by_pattern={}, mapping=None, progress=Silent()
        )
        city = runs.read_city(store, ADMIN)
        proposal = runs.propose_bundles(city, profile, on=ON, seconds=1.0)
        runs.save(store, ADMIN, runs.BUNDLES, runs.CURRENT, proposal, Scope(), city)
        problem = runs.pose_quarter(city, profile, PERIOD, cache_dir=None)
        plan = quarter.solve(problem, budget_s=1.0, seed=1)
        runs.save(store, ADMIN, runs.PLAN, PERIOD, plan, Scope(), city)
    return folder


@pytest.fixture
def store(computed: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of the computed store."""
    shutil.copy(computed / "store.db", tmp_path / "store.db")
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def _export(store: Store, profile: Profile, folder: Path, kind: str = "all", **how: object) -> list[Path]:
    options: dict[str, object] = {"actor": ADMIN, "period": PERIOD, "progress": Silent()} | how
    return exports.export(
        store, profile=profile, kind=kind, on=ON, directory=folder, cache_dir=None, **options  # type: ignore[arg-type]
    )  # fmt: skip


def _plan(store: Store) -> Plan:
    saved = runs.stored(store, ADMIN, runs.PLAN, PERIOD, Plan)
    assert saved is not None
    return saved.value


def _exported(store: Store) -> list[list[str]]:
    with store.begin(ADMIN) as work:
        assert work.verify_audit() is None
        log = work.audit(10_000)
    return [after["files"] for after in log.loc[log["action"] == "export", "after"]]


def _all_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_written_logged_and_equal_to_the_plan(store: Store, profile: Profile, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stamp = store.stamp
    files = _export(store, profile, out, actor=CHIEF)
    assert store.stamp == stamp
    names = [file.relative_to(out).as_posix() for file in files]
    assert set(names) == _all_files(out) and len(names) == len(set(names))
    assert _exported(store) == [names]
    plan = _plan(store)
    assert {"云栖市_物业服务覆盖_2026年12月1日.xlsx", "云栖市_联合执法检查计划_2027年第一季度.xlsx"} <= set(names)
    assert sum(name.endswith(".html") for name in names) == len(plan.routes)
    book = openpyxl.load_workbook(out / "云栖市_联合执法检查计划_2027年第一季度.xlsx", read_only=True)
    figures = {row[0]: row[1] for row in book["汇总"].iter_rows(values_only=True)}
    assert figures["已排入"] == sum(1 for _ in plan.stops()) and figures["出动队日"] == len(plan.routes)
    assert figures["行驶里程合计"] == round(plan.distance_m / 1000, 1)
    for file in files:
        if file.suffix == ".html":
            page = file.read_text("utf-8")
            assert "http" not in page and "src=" not in page and "url(" not in page
            assert len(page.encode()) < 300_000 and "None" not in page and "nan" not in page


def test_geopackage_holds_all_layers_in_the_storage_datum(store: Store, profile: Profile, tmp_path: Path) -> None:
    (path,) = _export(store, profile, tmp_path / "out", "geopackage")
    city, plan = runs.read_city(store, ADMIN), _plan(store)
    layers = {name: gpd.read_file(path, layer=name) for name in pyogrio.list_layers(path)[:, 0]}
    assert {layer.crs.to_epsg() for layer in layers.values()} == {4490}
    assert len(layers["小区"]) == len(city.estates) and len(layers["小区边界"]) == len(city.boundaries)
    assert len(layers["行政单元"]) == int(city.units.geometry.notna().sum())
    assert len(layers["停靠点"]) == sum(1 for _ in plan.stops())
    assert len(layers["检查线路"]) == sum(len(route.stops) + 1 for route in plan.routes)
    assert abs(layers["检查线路"]["里程（米）"].sum() - plan.distance_m) < len(layers["检查线路"])
    for layer in layers.values():
        assert not [name for name in layer.columns if name.isascii() and name != "geometry"]
        assert layer.geometry.is_valid.all()


def test_outlines_of_bundles_hold_their_members(tmp_path: Path) -> None:
    city, profile, problem = cases.city(), cases.profile(), cases.problem()
    path = tmp_path / "a.gpkg"
    route = cases.route()
    plan = ([route], problem, [drive(route, problem, None)])
    bundles = [cases.bundle_plan(city)]
    write_geopackage(path, city, profile, runs.assess(city, profile, ON), cases.stop_table(city), bundles, plan)
    (outline,) = gpd.read_file(path, layer="服务单元").geometry
    members = list(bundles[0].bundles[0].members)
    assert shapely.contains(outline, shapely.points(*city.estates.loc[members, ["lon", "lat"]].to_numpy().T)).all()
    assert shapely.contains(outline, city.boundaries.geometry.to_numpy()).all()
    estates = gpd.read_file(path, layer="小区")
    assert estates["小区"].tolist() == city.estates["name"].tolist()
    assert pd.isna(estates["户数"].iloc[7]) and estates["户数"].iloc[0] == 100


def test_estates_without_a_position_have_no_point(tmp_path: Path) -> None:
    city = cases.emptied(cases.city())
    city.estates.loc["e3", ["lon", "lat"]] = float("nan")
    path = tmp_path / "a.gpkg"
    result = runs.assess(city, cases.profile(), ON)
    write_geopackage(path, city, cases.profile(), result, cases.stop_table(city), (), None)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["小区", "行政单元"]
    assert gpd.read_file(path, layer="小区").geometry.isna().tolist() == [n == 3 for n in range(8)]


@pytest.mark.parametrize("n_updates", [1, 2, 4, 6])
def test_stopping_leaves_whole_files_and_a_log(store: Store, profile: Profile, tmp_path: Path, n_updates: int) -> None:
    out = tmp_path / "out"
    files = _export(store, profile, out, progress=_StopAfter(n_updates))
    assert len(files) == n_updates - 1
    names = [file.relative_to(out).as_posix() for file in files]
    assert (_all_files(out) if out.exists() else set()) == set(names)
    assert _exported(store) == ([names] if names else [])


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), PermissionError(errno.EACCES, "no"), KeyboardInterrupt()]
)
def test_a_fault_half_way_leaves_the_files_before_it(
    store: Store, profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def broken(*_: object) -> list[object]:
        raise error

    monkeypatch.setattr("dashboard.exports.makers.plan_sheets", broken)
    with pytest.raises(type(error)):
        _export(store, profile, tmp_path / "out")
    names = _all_files(tmp_path / "out")
    assert len(names) == 4 and {Path(name).suffix for name in names} == {".xlsx", ".docx"}
    assert [set(files) for files in _exported(store)] == [names]


@contextmanager
def _full_disk(n_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("n_bytes", [0, 20_000, 130_000, 150_000])
def test_a_geopackage_on_a_full_disk_leaves_nothing(tmp_path: Path, n_bytes: int) -> None:
    city, profile = cases.city(), cases.profile()
    result = runs.assess(city, profile, ON)
    out = tmp_path / "out"
    with _full_disk(n_bytes), pytest.raises((InputError, OSError)) as caught:
        write_geopackage(out / "a.gpkg", city, profile, result, cases.stop_table(city), [cases.bundle_plan(city)], None)
    assert list(out.iterdir()) == []
    assert not isinstance(caught.value, InputError) or "磁盘空间" in str(caught.value)


def test_what_cannot_be_logged_is_taken_back(
    store: Store, profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise InputError("数据库文件是只读的", "请换一个位置")

    monkeypatch.setattr("data.store.unit_of_work.UnitOfWork.note_export", refuse)
    with pytest.raises(InputError, match="只读"):
        _export(store, profile, tmp_path / "out", "coverage")
    assert _all_files(tmp_path / "out") == set()


def test_pages_of_an_earlier_plan_are_taken_away(store: Store, profile: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "云栖市_检查线路_2027年第一季度"
    folder.mkdir(parents=True)
    for name in ("云栖市_第九检查组检查线路_2027-01-02.html", "自己的笔记.html", "说明.txt"):
        (folder / name).write_text("x")
    files = _export(store, profile, tmp_path / "out", "routes")
    assert {path.name for path in folder.iterdir()} == {file.name for file in files} | {"自己的笔记.html", "说明.txt"}


@pytest.mark.parametrize(
    ("kind", "period", "words"),
    [("nonsense", None, "没有名为"), ("plan", "2031Q1", "2031年第一季度"), ("all", "2031Q1", "2031年第一季度")],
)
def test_what_is_not_there_is_refused_before_the_first_file(
    store: Store, profile: Profile, tmp_path: Path, kind: str, period: str | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        _export(store, profile, tmp_path / "out", kind, period=period)
    assert not (tmp_path / "out").exists() and _exported(store) == []


def test_plans_that_no_longer_fit_the_data_are_refused(store: Store, profile: Profile, tmp_path: Path) -> None:
    plan = _plan(store)
    gone = plan.routes[0].stops[0].visit_id
    with store.begin(ADMIN) as work:
        estate = next(name for name in work.read(ESTATES).index if name in gone)
    with store.begin(ADMIN, write=True) as work:
        cases_of = work.read(CASES)
        work.remove(CASES, cases_of.index[cases_of["estate_id"] == estate], "合并")
        work.remove(ESTATES, [estate], "合并")
    with pytest.raises(InputError, match=r"已不在库中.*重新运行"):
        _export(store, profile, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_refused(store: Store, profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="不是文件夹"):
        _export(store, profile, tmp_path / "out", "coverage")


def test_an_unplanned_city_gives_what_there_is(store: Store, profile: Profile, tmp_path: Path) -> None:
    stranger = Actor("county", Role.PLANNER, runs.read_city(store, ADMIN).estates["county_id"].dropna().iloc[0])
    files = _export(store, profile, tmp_path / "out", actor=stranger, period=None)
    assert [file.suffix for file in files] == [".xlsx", ".gpkg", ".xlsx", ".xlsx"]
    with pytest.raises(InputError, match="还没有打捆方案"):
        _export(store, profile, tmp_path / "out", "bundles", actor=stranger, period=None)


def test_straight_lines_stand_in_for_missing_roads() -> None:
    legs = drive(cases.route(), cases.problem(), None)
    assert len(legs) == 5 and all(isinstance(leg, LineString) for leg in legs)
