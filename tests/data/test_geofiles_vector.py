"""Vector files in: datums, encodings, broken shapes, broken files."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import Point, Polygon, box

from data.geofiles import datum_of_name, datum_of_pattern, read_layers, table_datum
from data.geofiles.encoding import dbf_encoding
from geo.crs import Datum, from_storage
from geo.errors import InputError
from geo.shapes import area_m2

HOME = box(112, 30, 112.01, 30.01)


def _geojson(path: Path, *features: tuple[dict, str], crs: str = "") -> Path:
    body = ",".join(
        f'{{"type":"Feature","properties":{json.dumps(p, ensure_ascii=False)},"geometry":{g}}}' for p, g in features
    )
    path.write_text(f'{{"type":"FeatureCollection",{crs}"features":[{body}]}}', encoding="utf-8")
    return path


def _polygon(ring: list) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


SQUARE = [[112, 30], [112.01, 30], [112.01, 30.01], [112, 30.01], [112, 30]]


@pytest.mark.parametrize(
    ("name", "datum"),
    [
        ("districts_gcj02.geojson", Datum.GCJ02),
        ("estates_lianjia_bd09.csv", Datum.BD09),
        ("a_wgs84.shp", Datum.WGS84),
        ("A-WGS-84.SHP", Datum.WGS84),
        ("边界_CGCS2000.gpkg", Datum.CGCS2000),
        ("x_bd09ll.csv", Datum.BD09),
        ("小区（火星坐标）.xlsx", Datum.GCJ02),
        ("register.xlsx", None),
        ("gcj02_to_bd09.csv", None),
        ("wgs840.csv", None),
    ],
)
def test_file_names_state_their_datum(name: str, datum: Datum | None) -> None:
    assert datum_of_name(name) is datum


def test_the_longest_matching_pattern_counts() -> None:
    patterns = {"*": Datum.WGS84, "*districts*": Datum.GCJ02}
    assert datum_of_pattern("Districts.geojson", patterns) is Datum.GCJ02
    assert datum_of_pattern("roads.shp", patterns) is Datum.WGS84
    assert datum_of_pattern("roads.shp", {"*.gpkg": Datum.BD09}) is None


@pytest.mark.parametrize(
    ("name", "stated", "explicit", "patterns", "datum", "n_warnings"),
    [
        ("a_bd09.csv", None, None, {}, Datum.BD09, 0),
        ("a_bd09.csv", Datum.GCJ02, None, {}, Datum.GCJ02, 1),
        ("a_bd09.csv", Datum.BD09, Datum.WGS84, {}, Datum.WGS84, 1),
        ("a.csv", Datum.WGS84, Datum.CGCS2000, {}, Datum.CGCS2000, 0),
        ("a.csv", None, Datum.WGS84, {"a*": Datum.GCJ02}, Datum.GCJ02, 0),
    ],
)
def test_table_datum_follows_its_precedence_and_says_conflicts(
    name: str, stated: Datum, explicit: Datum, patterns: dict, datum: Datum, n_warnings: int
) -> None:
    found, warnings = table_datum(name, stated, explicit, patterns)
    assert found is datum
    assert len(warnings) == n_warnings


def test_table_without_any_evidence_asks_for_the_datum() -> None:
    with pytest.raises(InputError, match="--datum"):
        table_datum("register.xlsx", None, None, {})


def test_geojson_without_words_is_taken_as_wgs84_and_says_so(tmp_path: Path) -> None:
    (layer,) = read_layers(_geojson(tmp_path / "a.geojson", ({"name": "甲"}, _polygon(SQUARE))))
    assert layer.datum is Datum.WGS84
    assert any("视为 WGS-84" in note for note in layer.notes)
    assert shapely.equals_exact(layer.frame.geometry.iloc[0].normalize(), HOME.normalize(), 1e-9)


def test_file_name_comes_before_the_option_and_the_conflict_is_said(tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a_gcj02.geojson", ({"name": "甲"}, _polygon(SQUARE)))
    (layer,) = read_layers(path, datum=Datum.BD09)
    assert layer.datum is Datum.GCJ02 and len(layer.warnings) == 1
    (layer,) = read_layers(path, datum=Datum.BD09, datum_by_pattern={"a_*": Datum.WGS84})
    assert layer.datum is Datum.WGS84


def test_declared_cgcs2000_comes_before_the_file_name(tmp_path: Path) -> None:
    path = tmp_path / "a_gcj02.gpkg"
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[HOME], crs=4490).to_file(path)
    (layer,) = read_layers(path)
    assert layer.datum is Datum.CGCS2000
    assert any("按文件声明" in warning for warning in layer.warnings)
    assert layer.frame.geometry.iloc[0].equals(HOME)


def test_gcj02_shapes_are_moved_vertex_by_vertex(tmp_path: Path) -> None:
    x, y = from_storage(*np.array(SQUARE).T, Datum.GCJ02)
    path = _geojson(tmp_path / "a.geojson", ({"name": "甲"}, _polygon(np.column_stack([x, y]).tolist())))
    (layer,) = read_layers(path, datum=Datum.GCJ02)
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-9


@pytest.mark.parametrize("epsg", [4525, 4546, 4508, 3857, 32649])
@pytest.mark.parametrize("ending", ["gpkg", "shp"])
def test_plane_coordinates_are_read_through_the_files_crs(tmp_path: Path, epsg: int, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[HOME], crs=4490).to_crs(epsg).to_file(path)
    (layer,) = read_layers(path)
    assert not layer.datum.shifted
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-7


def test_zone_prefix_is_recognised_when_the_prj_is_missing(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[HOME], crs=4490).to_crs(4525).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    (layer,) = read_layers(tmp_path / "a.shp")
    assert any("37 带" in note and "4525" in note for note in layer.notes)
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-9


def test_plane_coordinates_without_prefix_or_prj_are_refused(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[HOME], crs=4490).to_crs(4546).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match="投影带"):
        read_layers(tmp_path / "a.shp")


def test_degrees_without_prj_ask_for_the_datum_and_take_it(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[HOME], crs=4490).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match="--datum"):
        read_layers(tmp_path / "a.shp")
    (layer,) = read_layers(tmp_path / "a.shp", datum=Datum.BD09)
    assert layer.datum is Datum.BD09


@pytest.mark.parametrize("epsg", [2412, 4214, 4610, 2361])
def test_old_datums_are_refused_by_name(tmp_path: Path, epsg: int) -> None:
    path = tmp_path / "a.gpkg"
    shape = gpd.GeoSeries([HOME], crs=4490).set_crs(4214, allow_override=True).to_crs(CRS.from_epsg(epsg))
    gpd.GeoDataFrame({"name": ["a"]}, geometry=shape.to_numpy(), crs=epsg).to_file(path)
    with pytest.raises(InputError, match=r"北京坐标系|西安坐标系"):
        read_layers(path)


@pytest.mark.filterwarnings("ignore:Could not decode error message")
@pytest.mark.parametrize("ldid", [0, 0x4D])
def test_gbk_shapefile_without_cpg_is_read_and_said(tmp_path: Path, ldid: int) -> None:
    names = ["中天海星港城", "新华苑", "ascii"]
    frame = gpd.GeoDataFrame({"小区名称": names, "物业服务形态": ["无物管"] * 3}, geometry=[HOME] * 3, crs=4490)
    frame.to_file(tmp_path / "a.shp", encoding="GB18030")
    (tmp_path / "a.cpg").unlink()
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    table[29] = ldid
    (tmp_path / "a.dbf").write_bytes(table)
    (layer,) = read_layers(tmp_path / "a.shp")
    assert layer.frame["小区名称"].tolist() == names
    assert "物业服务形态" in layer.frame.columns
    assert any("物业服务形" in note and "截" in note for note in layer.notes)
    assert any("GB18030" in note for note in layer.notes)


@pytest.mark.filterwarnings("ignore:Could not decode error message")
def test_utf8_shapefile_with_names_cut_in_a_character_is_read(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"小区名称": ["甲小区"]}, geometry=[HOME], crs=4490)
    frame.to_file(tmp_path / "a.shp", encoding="UTF-8")
    (layer,) = read_layers(tmp_path / "a.shp")
    assert layer.frame["小区名"].tolist() == ["甲小区"]


def test_a_cpg_that_lies_is_overruled_and_said(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["甲小区"]}, geometry=[HOME], crs=4490).to_file(tmp_path / "a.shp", encoding="GB18030")
    (tmp_path / "a.cpg").write_text("ISO-8859-1")
    encoding = dbf_encoding(tmp_path / "a.shp")
    assert encoding.name == "GB18030" and encoding.note is not None and "ISO-8859-1" in encoding.note


def test_all_layers_of_a_geopackage_are_read(tmp_path: Path) -> None:
    for name in ("county", "street"):
        gpd.GeoDataFrame({"name": ["甲"]}, geometry=[HOME], crs=4490).to_file(tmp_path / "u.gpkg", layer=name)
    assert [layer.name for layer in read_layers(tmp_path / "u.gpkg")] == ["county", "street"]


def test_broken_features_are_faults_with_their_number_and_good_ones_stay(tmp_path: Path) -> None:
    tie = [[112, 30], [112.01, 30.01], [112.01, 30], [112, 30.01], [112, 30]]
    swapped = [[y, x] for x, y in SQUARE]
    path = _geojson(
        tmp_path / "a.geojson",
        ({"name": "好"}, _polygon(SQUARE)),
        ({"name": "自交"}, _polygon(tie)),
        ({"name": "空"}, "null"),
        ({"name": "填反"}, _polygon(swapped)),
        ({"name": "国外"}, _polygon([[x - 100, y] for x, y in SQUARE])),
        ({"name": "非数"}, _polygon(SQUARE).replace("30.01", "NaN")),
    )
    (layer,) = read_layers(path)
    assert layer.frame["name"].tolist() == ["好", "自交"]
    assert layer.frame.index.tolist() == [1, 2]
    assert layer.n_read == 6
    assert [(f.row, f.file) for f in layer.repairs] == [(2, "a.geojson")]
    words = {fault.row: fault.problem for fault in layer.faults}
    assert set(words) == {3, 4, 5, 6}
    assert "为空" in words[3] and "填反" in words[4] and "中国" in words[5]
    assert "非数字" in words[6] or "为空" in words[6]
    assert all(fault.remedy for fault in layer.faults)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b""),
        ("a.geojson", b"hello"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Pol'),
        ("a.gpkg", b"SQLite format 3\x00 and nothing more"),
        ("a.gpkg", b""),
        ("a.shp", b"no shapefile"),
    ],
)
def test_files_that_are_no_such_files_get_one_clear_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    if name.endswith(".shp"):
        (tmp_path / "a.shx").write_bytes(b"x")
        (tmp_path / "a.dbf").write_bytes(b"x")
    with pytest.raises(InputError) as error:
        read_layers(tmp_path / name)
    (fault,) = error.value.faults
    assert fault.file == name and fault.problem and fault.remedy


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp"])
def test_a_cut_file_is_refused_as_a_whole(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"a.{ending}"
    shapes = [box(112 + i / 100, 30, 112 + i / 100 + 0.005, 30.01) for i in range(60)]
    gpd.GeoDataFrame({"name": [f"n{i}" for i in range(60)]}, geometry=shapes, crs=4490).to_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError) as error:
        read_layers(path)
    assert error.value.faults[0].file == path.name


def test_shapefile_without_its_parts_says_which_are_missing(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[HOME], crs=4490).to_file(tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    with pytest.raises(InputError, match=r"\.shx"):
        read_layers(tmp_path / "a.shp")


def test_points_and_heights_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(112, 30, 55)], crs=4490).to_file(path)
    (layer,) = read_layers(path)
    assert layer.shapes == "point" and not layer.frame.geometry.iloc[0].has_z


def test_amap_polygons_agree_with_the_independent_conversion(shared_data: Path) -> None:
    """107 real polygons in GCJ-02, and the same ones converted by somebody else with the usual one-step inverse.

    That inverse is off by up to 2.3 m here; run with it, the shift gives their file to the last digit.
    """
    folder = shared_data / "xiamen"
    (mine,) = read_layers(folder / "aoi_residential_gcj02.geojson")
    (theirs,) = read_layers(folder / "aoi_residential_wgs84.shp")
    assert mine.frame["name"].tolist() == theirs.frame["name"].tolist() and len(mine.frame) == 107
    gap_deg = shapely.hausdorff_distance(mine.frame.geometry.to_numpy(), theirs.frame.geometry.to_numpy())
    assert gap_deg.max() * 111_000 < 2.5 and np.median(gap_deg) * 111_000 < 1.0
    raw = gpd.read_file(folder / "aoi_residential_gcj02.geojson").geometry.to_numpy()
    rough = shapely.transform(raw, lambda xy: 2 * xy - np.column_stack(from_storage(*xy.T, Datum.GCJ02)))
    original = gpd.read_file(folder / "aoi_residential_wgs84.shp").geometry.to_numpy()
    assert shapely.hausdorff_distance(rough, original).max() < 1e-12
    assert len(mine.repairs) == 1 and mine.repairs[0].row == 45
    assert np.median(area_m2(mine.frame.geometry.to_numpy())) == pytest.approx(8046, rel=0.02)


def test_ring_order_does_not_matter(tmp_path: Path) -> None:
    (layer,) = read_layers(_geojson(tmp_path / "a.geojson", ({"name": "甲"}, _polygon(SQUARE[::-1]))))
    assert Polygon(SQUARE).equals(layer.frame.geometry.iloc[0])


def test_an_open_ring_is_refused_and_the_reason_said(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    ring = [[112.1, 30.1], [112.2, 30.1], [112.2, 30.2], [112.1, 30.2]]
    feature = {
        "type": "Feature",
        "properties": {"小区名称": "甲"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "a_wgs84.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    (layer,) = read_layers(path)
    assert (len(layer.frame), len(layer.faults)) == (0, 1)
    assert any("闭合" in note for note in layer.notes)
    assert not recwarn.list
