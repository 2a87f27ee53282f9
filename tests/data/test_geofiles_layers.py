"""What a layer holds is told by its columns, codes and names."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from data.codes import UnitKind
from data.geofiles import boundary_shapes, gate_shapes, read_layers, recognise, unit_shapes, vector_ways
from data.geofiles.layers import kind_of_code, residential
from data.geofiles.vector import Layer
from data.schemas import WAYS

AREA = box(112, 30, 112.01, 30.01)
LINE = LineString([(112, 30), (112.01, 30.01)])
DOT = Point(112, 30)


def _layer(folder: Path, columns: dict[str, list], shape: object, file: str = "x.gpkg", name: str = "x") -> Layer:
    n = len(next(iter(columns.values())))
    gpd.GeoDataFrame(columns, geometry=[shape] * n, crs=4490).to_file(folder / file, layer=name)
    return next(layer for layer in read_layers(folder / file) if layer.name == name)


@pytest.mark.parametrize(
    ("file", "name", "columns", "shape", "kind"),
    [
        ("units.gpkg", "street", {"name": ["甲"]}, AREA, "units"),
        ("街道界.gpkg", "a", {"名称": ["甲"]}, AREA, "units"),
        ("a.gpkg", "a", {"Name": ["东华门街道"], "code": ["110101001000"]}, AREA, "units"),
        ("a.gpkg", "a", {"name": ["黄浦区"], "adcode": [310101]}, AREA, "units"),
        ("a.gpkg", "a", {"name": ["甲街道", "乙镇"]}, AREA, "units"),
        ("district_boundaries.gpkg", "a", {"name": ["甲区"], "adcode": ["310101"]}, AREA, "units"),
        ("a.gpkg", "a", {"小区名称": ["甲"]}, AREA, "boundaries"),
        ("街道小区边界.gpkg", "a", {"name": ["甲"]}, AREA, "boundaries"),
        ("a.gpkg", "a", {"name": ["甲新村"], "typecode": ["120302"]}, AREA, "boundaries"),
        ("a.gpkg", "a", {"name": ["甲新村", "乙花园小区"]}, AREA, "boundaries"),
        ("a.gpkg", "a", {"x": [1]}, AREA, "unknown"),
        ("a.gpkg", "gates", {"小区名称": ["甲"]}, DOT, "gates"),
        ("a.gpkg", "a", {"小区名称": ["甲"], "主要出入口": ["是"]}, DOT, "gates"),
        ("a.gpkg", "gates", {"name": ["甲"]}, DOT, "unknown"),
        ("a.gpkg", "a", {"name": ["甲"], "typecode": ["120302"]}, DOT, "unknown"),
        ("a.gpkg", "a", {"highway": ["primary"]}, LINE, "ways"),
        ("a.gpkg", "道路中心线", {"名称": ["甲路"]}, LINE, "ways"),
        ("roads.gpkg", "a", {"name": ["甲路"], "typecode": ["190301"]}, LINE, "unknown"),
        ("a.gpkg", "a", {"name": ["甲路"]}, LINE, "unknown"),
    ],
)
def test_layers_are_recognised(
    tmp_path: Path, file: str, name: str, columns: dict[str, list], shape: object, kind: str
) -> None:
    found = recognise(_layer(tmp_path, columns, shape, file, name))
    assert found.kind == kind
    assert bool(found.reason) == (kind == "unknown")


def test_a_hint_makes_units_of_any_named_polygons(tmp_path: Path) -> None:
    layer = _layer(tmp_path, {"name": ["甲", "乙"]}, AREA)
    assert recognise(layer, UnitKind.GRID).kind == "units"
    units, _ = unit_shapes(layer, UnitKind.GRID)
    assert [unit.kind for unit in units] == [UnitKind.GRID] * 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("310101", "county"), ("110101000000", "county"), ("110101001", "street"), ("110101001000", "street"),
        ("110101001001", "community"), ("12345", None), ("A10101", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_area_codes_state_their_level(code: str | None, kind: str | None) -> None:
    assert kind_of_code(code) == kind


def test_units_keep_codes_as_text_and_read_aliases_and_levels(tmp_path: Path) -> None:
    layer = _layer(
        tmp_path,
        {"名称": ["甲 街道", None, "丙社区"], "级别": ["街道", "街道", "社区"], "代码": [990101001.0, 1.0, 990101001001.0],
         "上级": ["东风区", "东风区", "甲街道"], "别名": ["甲街办、老甲街道", None, "无"]},
        AREA,
    )  # fmt: skip
    units, faults = unit_shapes(layer)
    assert [(u.name, u.kind, u.code, u.parent) for u in units] == [
        ("甲街道", "street", "990101001", "东风区"),
        ("丙社区", "community", "990101001001", "甲街道"),
    ]
    assert units[0].aliases == ("甲街办", "老甲街道") and units[1].aliases == ()
    assert [fault.row for fault in faults] == [2]


@pytest.mark.parametrize(
    ("value", "yes"),
    [("120302", True), (120300, True), ("120302|190301", True), ("120201", False), ("120203", False), (None, False)],
)
def test_only_housing_counts_as_residential(value: object, yes: bool) -> None:
    assert residential(value) is yes


def test_boundaries_without_a_name_are_faults(tmp_path: Path) -> None:
    shapes = boundary_shapes(_layer(tmp_path, {"小区名称": ["甲", "—", None], "所属街道": ["子街道", None, ""]}, AREA))
    assert [(s.estate, s.street, s.row) for s in shapes.rows] == [("甲", "子街道", 1)]
    assert [fault.row for fault in shapes.faults] == [2, 3]


def test_gates_read_their_name_and_whether_they_are_the_main_one(tmp_path: Path) -> None:
    layer = _layer(tmp_path, {"小区名称": ["甲", "甲"], "名称": ["东门", None], "主要出入口": ["是", "否"]}, DOT)
    assert [(g.estate, g.name, g.main) for g in gate_shapes(layer).rows] == [("甲", "东门", True), ("甲", None, False)]


def test_vector_roads_in_the_geofabrik_layout(tmp_path: Path) -> None:
    layer = _layer(
        tmp_path,
        {"osm_id": ["7", "8", "9"], "fclass": ["primary", "footway", "secondary_link"], "name": ["甲路", None, None],
         "oneway": ["F", "B", "T"], "bridge": ["T", "F", "F"], "tunnel": ["F"] * 3, "maxspeed": [60, 0, 0]},
        LINE, name="gis_osm_roads",
    )  # fmt: skip
    result = vector_ways(layer)
    ways = WAYS.frame(list(result.rows))
    assert ways.index.tolist() == [7, 9]
    assert ways["oneway"].tolist() == [1, -1] and ways["bridge"].tolist() == [True, False]
    assert ways["maxspeed_kmh"].iloc[0] == 60 and ways["maxspeed_kmh"].isna().iloc[1]
    assert any("1 条不是车行道路" in note for note in result.notes)


def test_vector_ways_without_ids_get_the_same_id_each_time_and_one_for_each_part(tmp_path: Path) -> None:
    shape = LINE.union(LineString([(112.02, 30), (112.03, 30.01)]))
    layer = _layer(tmp_path, {"道路等级": ["主干路"]}, shape)
    ids = [row["way_id"] for row in vector_ways(layer).rows]
    assert len(set(ids)) == 2 and all(2**51 <= i < 2**53 for i in ids)
    assert ids == [row["way_id"] for row in vector_ways(read_layers(tmp_path / "x.gpkg")[0]).rows]


def test_water_rivers_and_railways(tmp_path: Path) -> None:
    water = _layer(tmp_path, {"fclass": ["water"]}, Polygon(AREA), name="gis_osm_water")
    river = _layer(tmp_path, {"名称": ["淠河"]}, LINE, name="水系")
    rail = _layer(tmp_path, {"fclass": ["rail", "tram"]}, LINE, name="gis_osm_railways")
    kinds = [[row["kind"] for row in vector_ways(layer).rows] for layer in (water, river, rail)]
    assert kinds == [["water"], ["river"], ["railway"]]
