"""Where a boundary comes from, how sure it is, who put it there and when: in exports, and back in through a load."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import export_cases as cases
import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from dashboard.exports.geopackage import write_geopackage
from dashboard.tables import audit_table, estates_table
from dashboard.words import local_time
from data.boundaries import draw, put_boundaries
from data.load import load
from data.profile_file import load_profile
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, ESTATES
from data.store import Actor, Role, open_store
from planning import runs

CLERK = Actor("王科员", Role.PLANNER)
NOW = datetime(2027, 1, 4, 9, 5, tzinfo=UTC)


def _write(path: Path, boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    city, profile = replace(cases.city(), boundaries=boundaries), cases.profile()
    write_geopackage(
        path, city, profile, runs.assess(city, profile, date(2027, 1, 4)), cases.stop_table(city), (), None
    )
    return gpd.read_file(path, layer="小区边界")


def _rows(*, n: int = 4) -> gpd.GeoDataFrame:
    sources = ("survey", "drawn", "text", "derived")
    return BOUNDARIES.frame(
        [
            {
                "estate_id": f"e{i}", "source": sources[i], "confidence": None if i == 1 else 0.9 - i / 10,
                "model": "m1" if i > 1 else None, "person": "王科员" if i else None,
                "at": "2027-01-04T09:05:00+00:00" if i else None, "reason": "现场核对" if i == 1 else None,
                "geometry": box(*cases.position(i), cases.position(i)[0] + 0.0005, cases.position(i)[1] + 0.0005),
            }
            for i in range(n)
        ]
    )  # fmt: skip


def test_the_geopackage_says_source_confidence_who_and_when(tmp_path: Path) -> None:
    layer = _write(tmp_path / "a.gpkg", _rows()).set_index("小区编号")
    assert layer["边界来源"].tolist() == ["测绘", "人工绘制", "四至文字", "推算"]
    assert layer["可信度"].fillna(-1).round(2).tolist() == [0.9, -1, 0.7, 0.6]
    assert layer["可信度模型"].tolist()[2:] == ["m1", "m1"] and layer["可信度模型"].iloc[:2].isna().all()
    assert pd.isna(layer.at["e0", "操作人"]) and pd.isna(layer.at["e0", "操作时间"])
    assert layer.at["e1", "操作人"] == "王科员" and layer.at["e1", "说明"] == "现场核对"
    assert layer.at["e1", "操作时间"] == NOW.astimezone().strftime("%Y-%m-%d %H:%M") == local_time(NOW.isoformat())


def test_the_register_says_which_boundary_and_how_sure() -> None:
    city, profile = replace(cases.city(), boundaries=_rows()), cases.profile()
    table = estates_table(city, profile, runs.assess(city, profile, date(2027, 1, 4)).states)
    assert table["边界"].tolist()[:4] == ["测绘边界", "人工绘制边界", "四至文字边界", "推算边界"]
    assert table["边界可信度"].fillna(-1).tolist()[:5] == [0.9, -1, 0.7, 0.6, -1]


def test_an_export_that_is_loaded_again_raises_no_rank(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    exported = _write(path, _rows())
    exported.to_file(tmp_path / "小区边界.gpkg", layer="小区边界")
    city = cases.city()
    with open_store(f"sqlite:///{tmp_path}/s.db") as store:
        with store.begin(CLERK, write=True) as work:
            work.put(ESTATES, city.estates)
        load(store, CLERK, [tmp_path / "小区边界.gpkg"], load_profile("demo"))
        with store.begin(CLERK) as work:
            found = work.read(BOUNDARIES)
    assert found["source"].tolist() == ["survey", "drawn", "text", "derived"]
    assert found["confidence"].round(2).tolist() == [0.9, 1.0, 0.7, 0.6]


def test_the_audit_table_tells_a_decision_in_words(tmp_path: Path) -> None:
    square = box(112.0, 30.0, 112.002, 30.002)
    with open_store(f"sqlite:///{tmp_path}/s.db") as store, store.begin(CLERK, write=True) as work:
        work.put(
            ESTATES, ESTATES.frame([{"estate_id": "E1", "name": "金色家园", "region_id": "R", "consent": "unknown"}])
        )
        put_boundaries(work, [{"estate_id": "E1", "source": "survey", "geometry": square}], cause="导入", now=NOW)
        draw(work, "E1", box(112.0, 30.0, 112.003, 30.002), now=NOW, reason="围墙外移")
        table = audit_table(work.audit(), {"E1": "金色家园"})
    change = table[(table["对象"] == BOUNDARIES.title) & (table["操作"] == "修改")].iloc[0]
    assert change["编号"] == "金色家园" and "测绘" in change["改前"] and "（图形）" in change["改前"]
    assert "人工绘制" in change["改后"] and "围墙外移" in change["改后"]
    past = table[table["对象"] == BOUNDARY_HISTORY.title].iloc[0]
    assert "手绘边界：围墙外移" in past["改后"] and "王科员" in past["改后"]
    assert not any(word in text for text in (*table["改前"], *table["改后"]) for word in ("survey", "drawn"))


@pytest.mark.parametrize("text", ["2027-01-04T09:05:00+00:00", "2027-01-04T17:05:00+08:00"])
def test_a_moment_is_shown_on_the_local_clock(text: str) -> None:
    assert local_time(text) == NOW.astimezone().strftime("%Y-%m-%d %H:%M")
