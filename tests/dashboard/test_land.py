"""Land without a record on the map, in tables and in exported files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import openpyxl
import pyogrio
import pytest
from shapely import LineString, Point, box

from dashboard.exports.coverage import coverage_sheets
from dashboard.exports.geopackage import write_geopackage
from dashboard.exports.workbook import write_workbook
from dashboard.land_tables import land_pieces_table, land_rates_table
from dashboard.maps.land import clicked_piece, land_layers, piece_bounds
from dashboard.maps.overview import overview_map
from planning.coverage import assess
from planning.ground import land_coverage
from planning.ground_types import LandCoverage
from planning.stops import stop_points
from tests.planning.ground_city import HECTARE, make_city
from tests.strategies import make_profile

CITY = make_city(
    [
        {"geometry": HECTARE},
        {"geometry": box(400, 0, 500, 100), "name": "柳湖<花园>"},
        {"geometry": box(600, 0, 650, 100)},
    ],
    [{"service_form": 1, "households": 120, "lon": 111.0, "lat": 30.0}, {"service_form": 5}, {"service_form": 1}],
    {"E000": box(0, 0, 60, 100)},
    [("解放路", LineString([(-50, 110), (950, 110)]))],
    {"E001": Point(50, 50), "E002": Point(620, 50)},
)
PROFILE = make_profile(covered=(1,))
RESULT = assess(CITY.estates, CITY.regions, CITY.units, PROFILE, date(2026, 12, 1))
FOOTER = {"source": "测试", "on": date(2026, 12, 1), "approval": ""}


@pytest.fixture(scope="module")
def land() -> LandCoverage:
    return land_coverage(CITY, RESULT.states)


def html(land: LandCoverage | None, piece_id: str = "", unit_id: str = "") -> str:
    built = overview_map(CITY, CITY, RESULT, unit_id=unit_id, estate_id="", footer=FOOTER, land=land, piece_id=piece_id)
    return built.get_root().render()


def test_the_map_hatches_the_pieces_and_the_legend_counts_them(land: LandCoverage) -> None:
    page = html(land)
    assert '"hatch":"diagonal"' in page and "#B8A1C9" in page
    assert '"label":"无记录用地","color":"#B8A1C9","key":"land","count":2' in page
    assert "柳湖<花园>" not in page
    assert "有记录无边界" not in page, "only at street scale"
    assert "有记录无边界" in html(land.inside("S2", CITY.units), unit_id="S2")


def test_without_land_the_map_has_no_such_layer(land: LandCoverage) -> None:
    assert "无记录用地" not in html(None)
    empty = land_coverage(make_city(), {})
    assert land_layers(empty, "", detailed=False) == ([], [])


def test_a_click_finds_the_piece_and_the_map_starts_there(land: LandCoverage) -> None:
    piece = land.pieces.iloc[0]
    assert clicked_piece(land, piece["lon"], piece["lat"]) == piece.name
    assert clicked_piece(land, 100.0, 20.0) == ""
    bounds = piece_bounds(land, str(piece.name))
    assert bounds is not None and bounds[0] < piece["lon"] < bounds[2] and bounds[1] < piece["lat"] < bounds[3]
    assert json.dumps(list(bounds), separators=(",", ":"))[:12] in html(land, str(piece.name))
    assert piece_bounds(land, "L000") is None


def test_a_street_shows_its_own_land_only(land: LandCoverage) -> None:
    part = land.inside("S1", CITY.units)
    assert [rate.unit_id for rate in part.rates] == ["S1"]
    assert part.pieces["area_m2"].round().tolist() == [4000]
    county = land.inside("C1", CITY.units)
    assert [rate.unit_id for rate in county.rates] == ["C1", "S1", "S2"] and len(county.pieces) == 2


def test_tables_name_units_and_round_estimates(land: LandCoverage) -> None:
    rates = land_rates_table(land, per_cent=True)
    assert rates["名称"].tolist() == ["全市", "东区", "S2街道", "S1街道"], "most land without a record first"
    assert rates.loc["S1", "住宅用地（平方米）"] == 10_000
    assert rates.loc["S1", "服务覆盖（%）"] == 60.0
    assert land_rates_table(land, per_cent=False).loc["S1", "服务覆盖"] == 0.6
    pieces = land_pieces_table(land)
    assert pieces["面积（平方米）"].tolist() == [10_000, 4000]
    assert pieces["估算方法"].tolist() == ["全市小区的户数密度"] * 2
    assert pieces.index.tolist() == pieces["编号"].tolist()


def test_the_workbook_has_both_sheets_only_where_land_was_loaded(land: LandCoverage, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", coverage_sheets(CITY, PROFILE, RESULT, land))
    book = openpyxl.load_workbook(path)
    rows = [row for row in book["无记录用地"].iter_rows(values_only=True) if row[0] in (1, 2)]
    assert [row[4] for row in rows] == [10_000, 4000]
    text = "".join(str(cell) for row in book["居住用地"].iter_rows(values_only=True) for cell in row if cell)
    assert "L09" in text and "小于500平方米" in text
    without = coverage_sheets(CITY, PROFILE, RESULT, land_coverage(make_city(), {}))
    assert {"居住用地", "无记录用地"}.isdisjoint(sheet.name for sheet in without)


def test_the_geopackage_has_the_layer(land: LandCoverage, tmp_path: Path) -> None:
    stops = stop_points(CITY.estates, CITY.gates, CITY.boundaries, None)
    path = write_geopackage(tmp_path / "a.gpkg", CITY, PROFILE, RESULT, stops, (), None, land)
    layer = pyogrio.read_dataframe(path, layer="land_without_record")
    assert layer.crs.to_epsg() == 4490
    assert layer["面积（平方米）"].tolist() == [10_000, 4000]
    assert layer.geometry.is_valid.all()
