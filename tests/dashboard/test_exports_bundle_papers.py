"""The plan's workbook, the meeting's summary, the GIS layers and the whole export: equal to the plan, for every way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bundle_paper_cases as made
import export_cases as cases
import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from dashboard import exports
from dashboard.exports.bundle_compare import Version
from dashboard.exports.bundle_papers import saved_versions
from dashboard.exports.bundle_summary import summary, summary_sheets
from dashboard.exports.bundle_tables import proof_words, summary_table
from dashboard.exports.bundles import bundle_sheets
from dashboard.exports.geopackage import write_layers
from dashboard.exports.geopackage_bundles import LAYERS, bundle_layers
from dashboard.exports.one_bundle import one_bundle
from dashboard.exports.workbook import Sheet, write_workbook
from data.load import load
from data.schemas import ESTATES, TABLES
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from geo.progress import Silent
from planning import bundle_versions, runs
from planning.bundles.rules import Adjustment
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.city import City

WAYS: tuple[Way, ...] = ("service", "anchor", "audit", "regions")
ADMIN = Actor("admin", Role.ADMIN)
BROKEN = (Adjustment("B007", "within_radius", "到中心小区的步行距离", "最远成员超出86米", f"老邻居 {made.PHONE}"),)
UNITS = {"service": "服务单元", "anchor": "服务单元", "audit": "审计包", "regions": "物业管理区域"}


def _read(tmp_path: Path, sheets: list[Sheet]) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", sheets))
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def _rows(book: dict[str, list[list[object]]], tab: str) -> list[dict[str, object]]:
    rows = book[tab]
    top = next(number for number, row in enumerate(rows) if sum(cell is not None for cell in row) > 1)
    return [dict(zip(map(str, rows[top]), row, strict=True)) for row in rows[top + 1 :]]


def _cells(book: dict[str, list[list[object]]]) -> list[str]:
    return [str(cell) for rows in book.values() for row in rows for cell in row if cell is not None]


@pytest.mark.parametrize("way", WAYS)
def test_the_workbook_shows_money_proofs_slacks_and_hands_work(way: Way, tmp_path: Path) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, way))
    book = _read(tmp_path, bundle_sheets(desk, BROKEN))
    made.reads_well(_cells(book))
    bundle, unit = desk.plan.bundles[0], UNITS[way]
    row, total = _rows(book, unit)
    assert row[unit] == f"{unit}7" and row["户数"] == total["户数"] == 303
    if bundle.money is not None:
        assert row["年结余（元）"] == bundle.money.margin and row["年收入（元）"] == bundle.money.income
    assert row["最近的替代"] == "换成e2为中心，多走120米"
    assert row["人工调整"] == "是" and "老邻居" in str(row["理由"])
    assert way != "anchor" or (row["信用等级"], row["带动小区"]) == ("四星 · 红榜", "大花园")
    members = _rows(book, "成员")
    assert len(members) == len(bundle.members) and {m["去掉它"] for m in members} == {"少了它仍成立"}
    assert [slack["余量"] for slack in _rows(book, "余量")] == [0.228, 0.515]
    proof = _rows(book, "证明")
    assert [(p["覆盖户数"], p["上限户数"]) for p in proof] == [(303, 320)] * 2
    assert proof[0]["结论"] == "最多还可能增加17户"
    left = [rows for tab, rows in book.items() if tab in ("兜底", "不打包", "未划入")]
    assert len(left) == 1 and any("保本兜底" in str(cell) for row in left[0] for cell in row)
    assert [w["要求"] for w in _rows(book, "人工要求")] == ["固定", "不纳入"]
    assert _rows(book, "人工突破")[0]["突破的规则"] == "到中心小区的步行距离"
    rules = _rows(book, "规则")
    assert all(rule["规则"] and (rule["原文"] or rule["假定"]) for rule in rules)
    assert ("成本" in book) == (desk.plan.settings.costs is not None)


def test_estates_are_counted_once_and_anchors_apart() -> None:
    city = made.city()
    table = summary_table(made.plan(city, "anchor"), city)
    assert table["小区数"].tolist() == [3, 1, 1, 2, 6]
    assert table["户数"].tolist() == [303, 107, 103, 209, 615]


def test_what_was_given_up_for_shorter_ways_is_no_gap() -> None:
    plan = made.plan(made.city())
    assert proof_words(plan) == "在现有人工要求下，最多还可能增加17户"
    plan = replace(plan, wishes=())
    assert proof_words(plan) == "最多还可能增加17户"
    given = replace(plan, given_up=10)
    assert proof_words(given) == "最多还可能增加7户，其中为缩短距离让出10户"
    assert proof_words(replace(plan, given_up=17, proven=True)) == "户数已证明最多，其中为缩短距离让出17户"


@pytest.mark.parametrize("way", WAYS)
def test_the_summary_says_what_the_plan_says(way: Way, tmp_path: Path) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, way))
    older = replace(desk.plan, bundles=(), households_covered=0, wishes=())
    versions = [Version(f"原方案 {made.PHONE}", older)]
    document = made.opened(summary(desk, versions, BROKEN).content())
    words = made.texts(document)
    made.reads_well(words)
    told = "\n".join(words)
    assert "303户" in told and "最多还可能增加17户" in told and "覆盖户数多303户" in told
    assert "乡镇街(社区)兜底管理" in told and "保本兜底" in told and "纳入它会减少12户" in told
    assert len(document.inline_shapes) == 1
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [head.partition("、")[0] for head in headings] == list("一二三四五六七八九")[: len(headings)]
    assert f"{UNITS[way]}7" in told and "老邻居" in told
    book = _read(tmp_path, summary_sheets(desk, versions, BROKEN))
    made.reads_well(_cells(book))
    facts = {row["项目"]: row["数值"] for row in _rows(book, "汇总") if row["项目"]}
    assert (facts["覆盖户数"], facts["上限户数"], facts["单独"]) == (303, 320, 1)
    assert [row["覆盖户数"] for row in _rows(book, "方案比较")] == [303, 0]


@pytest.mark.parametrize("way", WAYS)
def test_a_plan_without_bundles_gives_papers_that_say_so(way: Way, tmp_path: Path) -> None:
    city = made.city()
    desk = made.desk(city, made.empty(city, way))
    words = made.texts(made.opened(summary(desk).content()))
    made.reads_well(words)
    assert any("没有可以成立的" in text for text in words) and any("没有需要安排的小区" in text for text in words)
    _read(tmp_path, summary_sheets(desk))
    assert _read(tmp_path, bundle_sheets(desk))[UNITS[way]][-1][0] == "（无）"
    assert bundle_layers(desk.plan, city, desk.stops) == {}
    assert desk.lots == []


@pytest.mark.parametrize("way", WAYS)
def test_layers_hold_figures_members_links_and_reasons(way: Way, tmp_path: Path) -> None:
    city = made.city()
    plan = made.plan(city, way)
    stops = cases.stop_table(city)
    stops.loc["e4", ["lon", "lat"]] = float("nan")
    path = write_layers(tmp_path / "a.gpkg", bundle_layers(plan, city, stops))
    name = LAYERS[way]
    assert set(pyogrio.list_layers(path)[:, 0]) == {
        name,
        *(f"{name}{part}" for part in ("成员", "连线", "单独", "兜底")),
    }
    layers = {layer: gpd.read_file(path, layer=layer) for layer in pyogrio.list_layers(path)[:, 0]}
    assert {layer.crs.to_epsg() for layer in layers.values()} == {4490}
    for layer in layers.values():
        assert not [column for column in layer.columns if column.isascii() and column != "geometry"]
    outline = layers[name].iloc[0]
    money = plan.bundles[0].money
    assert outline["户数"] == 303 and (money is None or outline["年结余（元）"] == money.margin)
    members = layers[f"{name}成员"]
    assert shapely.contains(outline.geometry, members.geometry.to_numpy()).all()
    assert (members["中心小区"] == "是").sum() == 1 and (members["带动小区"] == "是").sum() == (way == "anchor")
    assert len(layers[f"{name}连线"]) == len(members) - 1
    assert layers[f"{name}兜底"].geometry.isna().tolist() == [True, False]
    assert layers[f"{name}兜底"]["依据原文"].tolist() == ["乡镇街(社区)兜底管理", "保本兜底"]


# ------------------------------------------------------------------------------------------------- with a store


def _filled(path: Path, city: City) -> Store:
    store = open_store(f"sqlite:///{path}")
    with store.begin(ADMIN, write=True) as work:
        for name in ("units", "regions", "estates", "gates", "boundaries", "ways", "companies"):
            work.put(TABLES[name], getattr(city, name))
        work.set_setting("profile", "demo")
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The hostile city with a plan of each way."""
    city = made.city()
    with _filled(tmp_path / "store.db", city) as opened:
        kept = runs.read_city(opened, ADMIN)
        for way in WAYS:
            _save(opened, kept, made.plan(city, way))
        yield opened


def _save(store: Store, city: City, plan: BundlePlan) -> None:
    way = plan.settings.way
    runs.save(store, ADMIN, runs.BUNDLES, runs.CURRENT if way == "service" else way, plan, cases.Scope(), city)


def _export(store: Store, folder: Path, kind: str, unit_id: str | None = None) -> list[Path]:
    return exports.export(
        store,
        ADMIN,
        cases.profile(),
        kind,
        period=None,
        on=made.DAY,
        directory=folder,
        cache_dir=None,
        unit_id=unit_id,
        progress=Silent(),
    )


def test_one_units_papers_are_made_alone_beside_those_of_all(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    city = runs.read_city(store, ADMIN)
    _export(store, out, "tender")
    before = set(out.rglob("*.docx"))
    (unit,) = set(city.estates.loc[["e0", "e1", "e2"], "street_id"])
    inside = set(city.estates.index[city.estates["street_id"] == unit])
    files = _export(store, out, "tender", unit)
    assert before <= set(out.rglob("*.docx")) and not before & set(files)
    expected = sum(bool(inside & {*made.plan(city, way).bundles[0].members}) for way in WAYS)
    expected += "e3" in inside
    assert len([file for file in files if file.suffix == ".docx"]) == expected > 0
    assert all("=乙街道" in file.parent.name for file in files)
    with pytest.raises(InputError, match="没有编号为“nowhere”的行政单元"):
        _export(store, out, "consultation", "nowhere")
    with pytest.raises(InputError, match="不能只导出一个单元"):
        _export(store, out, "geopackage", unit)


def test_every_way_gets_its_papers_and_all_are_logged(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = [
        *_export(store, out, "tender"),
        *_export(store, out, "consultation"),
        *_export(store, out, "bundle-summary"),
    ]
    names = [file.relative_to(out).as_posix() for file in files]
    assert len(set(names)) == len(names) and all(file.stat().st_size > 5000 for file in files)
    folders = {file.parent.name.split("_")[1] for file in files if file.parent != out}
    assert folders == {
        "标段材料", "以大带小承接材料", "统一审计包材料", "划区材料", "征询意见表", "以大带小征询意见表", "公共收益意见表",
        "划区征询意见表",
    }  # fmt: skip
    assert sum("单独招标材料" in name for name in names) == 2
    assert sum(name.endswith(".docx") and "意见表" in name for name in names) == 4 * 3
    assert {name.split("_")[1] for name in names if "/" not in name} == {
        "打捆征询结果", "以大带小征询结果", "公共收益意见汇总", "划区征询结果", "打捆方案汇总", "以大带小方案汇总",
        "审计打包方案汇总", "划区方案汇总",
    }  # fmt: skip
    assert all(made.PHONE not in name and len(Path(name).name.encode()) <= 255 for name in names)
    with store.begin(ADMIN) as work:
        assert work.verify_audit() is None
        log = work.audit(100)
    logged = [file for after in log.loc[log["action"] == "export", "after"] for file in after["files"]]
    assert sorted(logged) == sorted(names)


def test_lots_that_are_no_more_leave_no_paper_behind(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _export(store, out, "tender")
    (folder,) = out.glob("*_标段材料_*")
    note = folder / "自己的笔记.docx"
    note.write_text("x")
    city = runs.read_city(store, ADMIN)
    plan = made.plan(city)
    _save(store, city, replace(plan, bundles=()))
    _export(store, out, "tender")
    (left,) = {path.parent for path in out.rglob("*单独招标材料*.docx")}
    assert {path.suffix for path in left.iterdir()} == {".docx", ".xlsx"}
    assert not [path for path in left.iterdir() if "服务单元7" in path.name] or left != folder
    assert note.exists()


def test_estates_of_one_name_get_files_of_their_own(store: Store, tmp_path: Path) -> None:
    with store.begin(ADMIN, write=True) as work:
        estates = work.read(ESTATES).loc[["e0", "e1", "e2"]].assign(name=made.LONG)
        work.put(ESTATES, estates)
    files = _export(store, tmp_path / "out", "consultation")
    assert len([file for file in files if file.suffix == ".docx"]) == len(set(files)) - 4 == 12


def test_one_bundle_comes_as_an_archive_and_is_logged(store: Store) -> None:
    city, profile = runs.read_city(store, ADMIN), cases.profile()
    saved = runs.stored(store, ADMIN, runs.BUNDLES, "anchor", BundlePlan)
    assert saved is not None
    name, content = one_bundle(store, ADMIN, profile, city, runs.stops_of(city), saved, "B007")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert name.startswith("=乙街道服务单元7_以大带小承接材料_") and name.endswith(".zip")
    assert [Path(one).suffix for one in names] == [".docx", ".xlsx", ".docx", ".docx", ".docx", ".xlsx"]
    with store.begin(ADMIN) as work:
        log = work.audit(100)
    assert log.loc[log["action"] == "export", "after"].tolist()[-1]["files"] == names
    with pytest.raises(InputError, match="没有编号为“B999”的单元"):
        one_bundle(store, ADMIN, profile, city, runs.stops_of(city), saved, "B999")


def test_answers_of_owners_come_back_through_the_load_command(store: Store, tmp_path: Path) -> None:
    files = _export(store, tmp_path / "out", "consultation")
    (path,) = (file for file in files if "打捆征询结果" in file.name and file.parent == tmp_path / "out")
    before = runs.read_city(store, ADMIN).estates
    report = load(
        store, ADMIN, [path], cases.profile(), datum=None, datum_by_pattern={}, mapping=None, progress=Silent()
    )
    assert not report.faults
    untouched = runs.read_city(store, ADMIN).estates
    assert untouched[["consent", "consent_rate", "households"]].equals(
        before[["consent", "consent_rate", "households"]]
    )
    book = openpyxl.load_workbook(path)
    page = book["征询结果"]
    head = next(row for row in page.iter_rows() if row[0].value == "序号")
    column = {cell.value: cell.column for cell in head}
    for row in range(head[0].row + 1, page.max_row + 1):
        if page.cell(row, column["小区编号"]).value == "e1":
            page.cell(row, column["同意户数"]).value = 80
            page.cell(row, column["不同意户数"]).value = 21
            page.cell(row, column["结论"]).value = "同意"
        if page.cell(row, column["小区编号"]).value == "e2":
            page.cell(row, column["结论"]).value = "不同意"
    book.save(path)
    report = load(
        store, ADMIN, [path], cases.profile(), datum=None, datum_by_pattern={}, mapping=None, progress=Silent()
    )
    assert not report.faults
    after = runs.read_city(store, ADMIN).estates
    assert after["consent"].loc[["e0", "e1", "e2"]].tolist() == ["yes", "yes", "no"]
    assert after.at["e1", "consent_rate"] == pytest.approx(80 / 101, abs=1e-4)
    assert after["name"].equals(before["name"]) and len(after) == len(before)


def test_named_versions_are_compared_in_the_summary(store: Store, tmp_path: Path) -> None:
    bundle_versions.save_version(store, ADMIN, "service", "第一版")
    city = runs.read_city(store, ADMIN)
    _save(store, city, replace(made.plan(city), bundles=(), households_covered=0))
    path = next(file for file in _export(store, tmp_path / "out", "bundle-summary") if file.name.endswith(".docx"))
    told = "\n".join(made.texts(made.opened(path.read_bytes())))
    assert "方案比较" in told and "与“第一版”相比，现行方案单元少1个，覆盖户数少303户" in told
    assert [one.name for one in saved_versions(store, ADMIN, "service")] == ["第一版"]


def test_plans_of_vanished_estates_are_refused_by_name(store: Store, tmp_path: Path) -> None:
    city = runs.read_city(store, ADMIN)
    plan = made.plan(city, "audit")
    gone = replace(plan, alone=(replace(plan.alone[0], estate_id="gone"),))
    _save(store, city, gone)
    with pytest.raises(InputError, match=r"审计打包方案中有1个小区已不在库中.*--way audit"):
        _export(store, tmp_path / "out", "tender")
    assert not (tmp_path / "out").exists()


def test_papers_need_a_plan(tmp_path: Path) -> None:
    with _filled(tmp_path / "s.db", made.city()) as store, pytest.raises(InputError, match="还没有打捆方案"):
        _export(store, tmp_path / "out", "tender")
