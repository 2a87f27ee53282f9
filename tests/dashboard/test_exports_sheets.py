"""The papers' figures are those of the plans; nobody's id, code word or blank word stands in them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import export_cases as cases
import openpyxl
import pytest

from dashboard.exports.bundles import bundle_sheets
from dashboard.exports.coverage import coverage_sheets, rate_table
from dashboard.exports.desk import Desk
from dashboard.exports.notes import OUTDATED
from dashboard.exports.plan import plan_sheets
from dashboard.exports.workbook import Sheet, write_workbook
from planning import runs
from planning.bundles.types import BundlePlan
from planning.city import City, Scope
from planning.quarter.types import Plan

Book = dict[str, list[list[object]]]
ON = date(2026, 12, 1)


def _read(tmp_path: Path, sheets: list[Sheet]) -> Book:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", sheets))
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def _rows(book: Book, tab: str) -> list[dict[str, object]]:
    """Rows of a sheet's table as dictionaries: the header is its first row with more than one filled cell."""
    rows = book[tab]
    top = next(number for number, row in enumerate(rows) if sum(cell is not None for cell in row) > 1)
    return [dict(zip(map(str, rows[top]), row, strict=True)) for row in rows[top + 1 :]]


def _texts(book: Book) -> list[str]:
    return [cell for rows in book.values() for row in rows for cell in row if isinstance(cell, str)]


def _reads_well(book: Book) -> None:
    for text in _texts(book):
        assert not re.search(r"\b(nan|NaN|None|NaT|NA|True|False|e\d|v\d|left_over|no_time|street|county)\b", text), (
            text
        )


def test_coverage_figures_are_those_of_the_assessment(tmp_path: Path) -> None:
    city, profile = cases.city(), cases.profile()
    result = runs.assess(city, profile, ON)
    book = _read(tmp_path, coverage_sheets(city, profile, result))
    _reads_well(book)
    assert next(iter(book)) == "指标"
    first = _rows(book, "指标")[0]
    assert (first["指标"], first["现值"], first["分子"], first["分母"]) == ("物业服务覆盖率", 2 / 8, 2, 8)
    assert first["差距"] == f"还差{result.kpis[0].missing}个"
    assert any("8个小区，覆盖2个（25.0%）" in text for text in _texts(book))
    register = _rows(book, "小区台账")
    assert [row["序号"] for row in register] == list(range(1, 9))
    assert {row["小区"] for row in register} == {name.strip("\r") for name in cases.NAMES}
    assert sum(row["户数"] or 0 for row in register) == int(city.estates["households"].sum())
    assert len(_rows(book, "未覆盖小区")) == len(result.uncovered) == 6
    assert [row["四至范围"] for row in _rows(book, "四至")] == ["=东至"]
    assert all(row["原文"] and row["文件"] and row["定义"] for row in _rows(book, "依据"))
    assert "虚构示例城市" in str(book["指标"][1][0]) and "2026年12月1日" in str(book["指标"][1][0])


def test_rates_end_with_the_whole_city_and_leave_out_empty_units() -> None:
    city = cases.city()
    result = runs.assess(city, cases.profile(), ON)
    table = rate_table(result, city, "community")
    assert list(table.columns[:3]) == ["县区", "街道", "社区"]
    assert table[["县区", "街道", "社区"]].values.tolist() == [["甲县", "=乙街道", "丙社区"], ["全市", "", ""]]
    assert table["小区数"].tolist() == [8, 8] and table["按小区"].tolist() == [0.25, 0.25]
    assert "缺户数的小区" in table and "缺面积的小区" not in table


def _desk(city: City, plan: BundlePlan, **how: object) -> Desk:
    saved = replace(cases.stored(plan), **how)  # type: ignore[arg-type]
    return Desk(city, cases.profile(), saved, cases.stop_table(city), "")


def test_bundle_figures_are_those_of_the_plan(tmp_path: Path) -> None:
    city = cases.city()
    book = _read(tmp_path, bundle_sheets(_desk(city, cases.bundle_plan(city))))
    _reads_well(book)
    summary = _rows(book, "汇总")
    assert [row["小区数"] for row in summary] == [3, 1, 2, 6]
    assert [row["户数"] for row in summary] == [303, 103, 104 + 105, 303 + 103 + 209]
    assert summary[0]["说明"] == "户数已证明最多"
    units = _rows(book, "服务单元")
    # Members in the order of their numbers on the map: the medoid first.
    assert units[0]["成员"] == "<script>alert(1)</script>、=1+1、A&B" and units[0]["最紧的规则"] == "=半径"
    assert (units[-1]["服务单元"], units[-1]["户数"]) == ("合计", 303)
    assert [row["中心小区"] for row in _rows(book, "成员")] == ["是", None, None]
    assert [row["理由"] for row in _rows(book, "单独招标")] == ["-单独"]
    assert [row["原因"] for row in _rows(book, "兜底")] == ["@余下", "@余下"]
    rules = _rows(book, "规则")
    assert len(rules) > 12
    assert all(row["假定"] or (row["原文"] and row["依据"] and row["文件"]) for row in rules)


def test_an_unproven_plan_says_how_much_better_it_could_be(tmp_path: Path) -> None:
    city = cases.city()
    plan = replace(cases.bundle_plan(city), proven=False, bound=1303)
    book = _read(tmp_path, bundle_sheets(_desk(city, plan)))
    assert _rows(book, "汇总")[0]["说明"] == "最多还可能增加1,000户"


def test_plan_figures_are_those_of_the_plan(tmp_path: Path) -> None:
    city, profile, problem = cases.city(), cases.profile(), cases.problem()
    problem = replace(problem, calendar_warning="没有放假安排")
    book = _read(tmp_path, plan_sheets(city, profile, cases.stored(cases.plan()), problem))
    _reads_well(book)
    summary = {row["项目"]: row["数值"] for row in _rows(book, "汇总")}
    assert (summary["需要检查"], summary["已排入"], summary["未排入"], summary["排入比例"]) == (5, 4, 1, 0.8)
    assert (summary["缺少的队日"], summary["出动队日"]) == (1, 1)
    assert summary["检查时长合计"] == round(4 * 2400 / 3600, 1) and summary["行驶里程合计"] == 7.5
    assert "注意：没有放假安排" in _texts(book)
    teams = _rows(book, "检查组")
    assert [row["检查组"] for row in teams] == ["第<一>组", "合计"]
    assert teams[0]["路途（小时）"] == teams[1]["路途（小时）"] == 5 * 600 / 3600
    (line,) = _rows(book, "线路")
    assert (line["出发"], line["午休"], line["返回"]) == ("08:30", "10:10–11:10", "13:00")
    stops = _rows(book, "检查安排")
    assert [(row["站"], row["到达"]) for row in stops] == [(1, "08:40"), (2, "09:30"), (3, "11:20"), (4, "12:10")]
    assert [row["小区"] for row in stops] == list(cases.NAMES[:4])
    assert stops[0]["未结问题"] == 1
    assert [row["原因"] for row in _rows(book, "未排入")] == ["=时间不够"]
    assert all(row["原文"] for row in _rows(book, "依据"))


def test_nothing_to_show_is_said(tmp_path: Path) -> None:
    city, profile = cases.emptied(cases.city()), cases.profile()
    nothing = replace(cases.bundle_plan(city), bundles=(), alone=(), fallback=(), households_covered=0, bound=0)
    book = _read(tmp_path, bundle_sheets(_desk(city, nothing)))
    assert [row["小区数"] for row in _rows(book, "汇总")] == [0, 0, 0, 0]
    for tab in ("服务单元", "成员", "单独招标", "兜底"):
        assert book[tab][-1][0] == "（无）"
    empty = Plan("2027Q1", (), (), 0, 0.0)
    book = _read(tmp_path, plan_sheets(city, profile, cases.stored(empty), replace(cases.problem(), visits={})))
    assert book["未排入"][-1][0] == "全部排入，没有遗漏"
    assert book["线路"][-1][0] == book["检查安排"][-1][0] == "（无）"
    _reads_well(book)


@pytest.mark.parametrize("outdated", [True, False])
def test_papers_tell_their_scope_and_that_the_data_have_changed(tmp_path: Path, outdated: bool) -> None:
    city = cases.city()
    desk = _desk(city, cases.bundle_plan(city), outdated=outdated, scope=Scope("s", (112.0, 30.0, 112.5, 30.5)))
    book = _read(tmp_path, bundle_sheets(desk))
    assert (OUTDATED in _texts(book)) is outdated
    assert "范围：=乙街道，东经112–112.5°、北纬30–30.5°" in str(book["汇总"][1][0])
