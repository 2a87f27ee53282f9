"""The list of boundaries as workbook and layer: states, order, reasons, who and when, what was replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from dashboard import exports
from dashboard.boundary_tables import boundaries_table, candidates_table, counts_table
from dashboard.words import local_time
from data.boundaries import accept, draw
from data.profile_file import load_profile
from data.schemas import BOUNDARY_PROPOSALS
from data.store import Actor, Role, Store, open_store
from planning.city import City
from tests.dashboard.boundary_cases import CLERK, FULL, NOW, box, make_store

ON = date(2027, 1, 4)
ONE_STREET = Actor("北街道", Role.PLANNER, unit_id="S2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(make_store(tmp_path), clock=lambda: NOW) as opened:
        yield opened


def _city(store: Store) -> City:
    with store.begin(CLERK) as work:
        return City.read(work, (BOUNDARY_PROPOSALS,))


def _export(store: Store, folder: Path, actor: Actor = CLERK) -> list[Path]:
    return exports.export(
        store, actor, load_profile("demo"), "boundaries", period=None, on=ON, directory=folder, cache_dir=None
    )


def _rows(path: Path, sheet: str) -> list[dict[str, object]]:
    rows = [list(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]
    top = next(i for i, row in enumerate(rows) if "小区编号" in row)
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


def test_every_estate_is_listed_once_most_at_stake_first(store: Store) -> None:
    table = boundaries_table(_city(store))
    # Households times doubt: E3 400 × 1, E4 500 × 0.4, E5 100 × 0.5, E1 900 × 0.05, E2 300 × 0.08, E6 200 × 0.
    assert list(table.index) == ["E3", "E4", "E5", "E1", "E2", "E6"]
    assert dict(table["结论"]) == {
        "E1": "待看",
        "E2": "待看",
        "E3": "无法成图",
        "E4": "待看",
        "E5": "待看",
        "E6": "已有边界",
    }
    assert table.at["E3", "原因"] == "南侧“围墙”没有名称"
    assert table.at["E6", "边界来源"] == "测绘" and table.at["E6", "来源文件"] == "测绘.gpkg"
    assert table["边界来源"].isna().sum() == 5
    assert table.at["E1", "边界面积（平方米）"] == pytest.approx(380 * 380, rel=0.01)
    assert table.at["E1", "与台账相差"] == pytest.approx(0.444, abs=0.01)
    assert table.isna().at["E3", "边界面积（平方米）"]


def test_streets_add_up_to_the_city(store: Store) -> None:
    counts = counts_table(_city(store)).set_index("街道")
    assert counts.loc["南街道", ["小区", "待看", "无法成图", "未推算"]].tolist() == [3, 2, 1, 0]
    assert counts.loc["北街道", ["小区", "测绘边界", "待看"]].tolist() == [3, 1, 2]
    assert counts.loc["", ["县区", "小区", "测绘边界", "待看", "无法成图"]].tolist() == ["合计", 6, 1, 4, 1]


def test_a_decision_shows_with_source_person_time_and_reason(store: Store, tmp_path: Path) -> None:
    with store.begin(CLERK, write=True) as work:
        accept(work, ["P1b"], now=NOW)
        draw(work, "E6", box(830, 830, 1000, 1000), now=NOW, reason="拆墙并院")
    book = _export(store, tmp_path / "out")[0]
    rows = {row["小区编号"]: row for row in _rows(book, "已有边界")}
    told = ["边界来源", "可信度", "操作人", "时间"]
    assert [rows["E1"][name] for name in told] == ["四至文字", 0.4, "网页", local_time(NOW.isoformat())]
    assert [rows["E6"][name] for name in ("边界来源", "说明")] == ["人工绘制", "拆墙并院"]
    [old] = _rows(book, "变更记录")
    assert (old["小区编号"], old["原来源"], old["替换人"]) == ("E6", "测绘", "网页")
    assert "拆墙并院" in str(old["替换原因"])


def test_the_layer_holds_every_candidate_where_it_lies(store: Store, tmp_path: Path) -> None:
    book, layer_file = _export(store, tmp_path / "out")
    assert (book.name, layer_file.name) == ("云栖市_边界清单_2027年1月4日.xlsx", "云栖市_边界候选_2027年1月4日.gpkg")
    layer = gpd.read_file(layer_file, layer="边界候选")
    assert layer.crs.to_epsg() == 4490
    assert list(zip(layer["小区编号"], layer["候选"], strict=True)) == [
        ("E1", 1), ("E1", 2), ("E1", 3), ("E2", 1), ("E4", 1), ("E5", 1)
    ]  # fmt: skip
    assert layer.geometry.iloc[0].equals_exact(box(*FULL["E1"]), 1e-9)
    assert layer.loc[1, "原因"] == "西侧没有贴着" and layer.loc[5, "成图方法"] == "所在街区"
    assert len(candidates_table(_city(store))) == len(layer)


def test_an_actor_of_one_street_gets_that_street(store: Store, tmp_path: Path) -> None:
    book, layer_file = _export(store, tmp_path / "out", ONE_STREET)
    assert [row["小区编号"] for row in _rows(book, "待决定")] == ["E4", "E5"]
    assert [row["小区编号"] for row in _rows(book, "已有边界")] == ["E6"]
    assert set(gpd.read_file(layer_file)["小区编号"]) == {"E4", "E5"}


def test_without_candidates_there_is_a_workbook_and_no_layer(tmp_path: Path) -> None:
    with open_store(make_store(tmp_path, proposals=False), clock=lambda: NOW) as store:
        [book] = _export(store, tmp_path / "out")
    assert {row["结论"] for row in _rows(book, "待决定")} == {"未推算"}
    assert len(_rows(book, "待决定")) == 5 and len(_rows(book, "已有边界")) == 1
