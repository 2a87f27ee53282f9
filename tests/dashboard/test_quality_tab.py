"""The quality report on the page, at the terminal and on paper, on a small city with known faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from shapely.geometry import box
from streamlit.testing.v1 import AppTest

from dashboard.commands.frame import Context
from dashboard.commands.quality import quality as command
from dashboard.exports import export
from dashboard.exports.quality import _LIMITS, limits_table
from dashboard.quality_tables import COLUMNS, findings_table, kinds_table, link, selection_of, streets_table
from data.profile_file import load_profile
from data.schemas import BOUNDARIES, ESTATES, GATES, REGIONS, UNITS
from data.store import Store, open_store
from planning import runs
from planning.city import City
from planning.quality import KINDS, Settings, Severity, report
from planning.quality.checked import mark
from tests.data.load_inputs import ACTOR
from tests.planning.quality_cases import make_city

SCRIPT = "<script>alert(1)</script>"


def small_city() -> City:
    """Two overlapping estates, one of them with an awkward name, and one without anything."""
    return make_city(
        [{"name": f"=1+1{SCRIPT}", "xy": (-800, 50)}, {"name": "乙小区", "xy": (-600, 50)}, {"name": "丙小区"}],
        {"E000": box(-900, 0, -700, 150), "E001": box(-750, 0, -500, 140)},
    )


def keep(city: City, folder: Path) -> Store:
    """The city in a store, as if loaded."""
    store = open_store(f"sqlite:///{folder / 'w.db'}")
    with store.begin(ACTOR, write=True) as work:
        for table, frame in (
            (UNITS, city.units), (REGIONS, city.regions), (ESTATES, city.estates), (BOUNDARIES, city.boundaries)
        ):  # fmt: skip
            work.put(table, frame)
        work.set_setting("profile", "demo")
        work.record_load([], [], {})
    return store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with keep(small_city(), tmp_path) as opened:
        monkeypatch.setenv("WUYETU_STORE", f"sqlite:///{tmp_path / 'w.db'}")
        yield opened


def _tab() -> None:
    from dashboard.quality_tab import quality_tab

    quality_tab()


def opened() -> AppTest:
    page = AppTest.from_function(_tab, default_timeout=60).run()
    assert not page.exception
    return page


def test_tables_of_findings() -> None:
    city = small_city()
    found = report(city).findings
    table = findings_table(found, city)
    assert list(table.columns) == COLUMNS and list(table.index) == [f.id for f in found]
    assert set(table["级别"]) <= {"错误", "警告", "提示"} and set(table["类别"]) <= {k.title for k in KINDS.values()}
    kinds, streets = kinds_table(found), streets_table(found, city)
    assert kinds["合计"].sum() == len(found) and kinds.at["overlap", "错误"] == 1
    assert streets.at["S1", "合计"] == sum("S1" in f.streets for f in found) and streets.at["S1", "县区"] == "C1名"


def test_links_lead_to_the_estate_in_its_street() -> None:
    city = small_city()
    found = {f.kind: f for f in report(city).findings}
    assert link(found["overlap"], city) == "/?unit=S1&estate=E000"
    assert link(found["overlap"], city, "boundaries") == "/boundaries?unit=S1&estate=E000"
    assert selection_of(found["region_overlap"], city) == {"unit_id": "S1", "estate_id": "E000"}
    gone = make_city([{"estate_id": "X", "xy": (-1, 0)}], units=[])
    assert link(found["region_overlap"], gone) == "/"


def test_the_tab_shows_figures_worst_first_and_filters(store: Store) -> None:
    page = opened()
    counts, listed = page.dataframe[0].value, page.dataframe[2].value
    assert counts["合计"].sum() == len(listed)
    assert listed["级别"].iloc[0] == "错误" and SCRIPT in listed["小区"].str.cat()
    page.multiselect(key="quality-kinds").select("overlap").run()
    assert set(page.dataframe[2].value["类别"]) == {KINDS["overlap"].title} and not page.exception
    page.multiselect(key="quality-kinds").unselect("overlap").run()
    page.text_input(key="quality-search").set_value("丙小区").run()
    assert page.dataframe[2].value["问题"].str.contains("丙小区").all()
    page.text_input(key="quality-search").set_value("没有这样的小区").run()
    assert any("没有问题" in info.value for info in page.info) and not page.exception


def test_a_marked_finding_leaves_the_list_and_can_be_seen_below(store: Store) -> None:
    found = next(f for f in report(small_city()).findings if f.kind == "overlap")
    mark(store, ACTOR, found, "已核实")
    page = opened()
    titles = [frame.value["类别"].tolist() for frame in page.dataframe if "问题" in frame.value]
    assert KINDS["overlap"].title not in titles[0] and titles[-1] == [KINDS["overlap"].title]


def test_findings_are_gone_through_one_by_one_and_marked(store: Store) -> None:
    page = opened()
    listed = page.dataframe[2].value
    assert page.button(key="quality-back").disabled and not page.text_input("quality-search").value
    page.button(key="quality-on").click().run()
    page.button(key="quality-on").click().run()
    assert any(f"第 2 条，共 {len(listed)} 条" in text.value for text in page.markdown)
    second, third = listed["问题"].iloc[1], listed["问题"].iloc[2]
    assert second in [text.value for text in page.text] and not page.exception
    (note,) = [field for field in page.text_input if field.key.startswith("quality-note")]
    (keep_it,) = [button for button in page.button if button.label == "标为已核对"]
    keep_it.click().run()
    assert any("没有写说明" in error.value for error in page.error)
    note.set_value("已核实")
    keep_it.click().run()
    assert not page.exception and third in [text.value for text in page.text]
    assert second not in page.dataframe[2].value["问题"].tolist()
    page.button(key="quality-back").click().run()
    assert any(f"第 1 条，共 {len(listed) - 1} 条" in text.value for text in page.markdown)


def test_the_workbook_from_the_page(store: Store) -> None:
    page = opened()
    page.button(key="quality-make").click().run()
    assert not page.exception
    with store.begin(ACTOR) as work:
        assert work.audit(1).iloc[0]["action"] == "export"


def test_a_city_without_faults_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = "东至甲路，南至乙路，西至丙路，北至丁路"
    estates = [{"xy": (-800, 50), "four_sides": full}]
    tilted = box(-900, 0, -700, 150).union(box(-900, 150, -850, 180))
    city = make_city(estates, {"E000": tilted}, gates=[("E000", -800, 0)])
    with keep(city, tmp_path) as opened_store:
        with opened_store.begin(ACTOR, write=True) as work:
            work.put(GATES, city.gates)
        monkeypatch.setenv("WUYETU_STORE", f"sqlite:///{tmp_path / 'w.db'}")
        assert report(city).findings == ()
        page = opened()
        assert any("没有发现问题" in one.value for one in page.success)


def test_the_command_gives_every_finding_and_asks_for_a_person(store: Store, tmp_path: Path) -> None:
    context = Context(f"sqlite:///{tmp_path / 'w.db'}", None, tmp_path / "out", True)
    give = command.callback.__wrapped__
    options = {"kinds": (), "with_checked": False, "workbook": True, "unit_id": None, "on": date(2027, 1, 4)}
    code, body = give(context, **options)
    assert (
        code == 1 and body["errors"] >= 2 and len(body["findings"]) == body["errors"] + body["warnings"] + body["hints"]
    )
    assert sum(body["kinds"].values()) == len(body["findings"]) and len(body["files"]) == 1
    first = body["findings"][0]
    assert first["severity"] == "error" and first["remedy"] and first["rule"] and first["link"].startswith("/")
    found = next(f for f in report(runs.read_city(store, ACTOR)).findings if f.kind == "overlap")
    mark(store, context.actor, found, "已核实")
    options |= {"kinds": ("overlap",), "workbook": False}
    assert give(context, **options)[1]["findings"] == []
    (again,) = give(context, **(options | {"with_checked": True}))[1]["findings"]
    assert again["checked"] is True
    code, body = give(context, **(options | {"unit_id": "S2", "kinds": ("overlap", "no_place")}))
    assert code == 0 and body["findings"] == []


def test_every_limit_is_on_paper() -> None:
    table = limits_table(Settings())
    assert len(table) == len(_LIMITS) and table["容差"].str.len().gt(0).all()


def test_the_workbook_holds_every_finding_and_no_formula(store: Store, tmp_path: Path) -> None:
    found = report(runs.read_city(store, ACTOR)).findings
    mark(store, ACTOR, found[0], "=2+2")
    (path,) = export(
        store,
        ACTOR,
        load_profile("demo"),
        "quality",
        period=None,
        on=date(2027, 1, 4),
        directory=tmp_path / "out",
        cache_dir=None,
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["分类", "街道", "错误", "警告", "提示", "已核对", "容差", "类别说明"]
    texts = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert all(finding.text in texts for finding in found)
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    errors = sum(1 for f in found[1:] if f.severity is Severity.ERROR)
    assert book["错误"].max_row == 3 + max(errors, 1)
