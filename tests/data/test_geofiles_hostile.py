"""Hostile and broken geographic files: bounded time, one clear sentence, and the rest of the load goes on."""

from __future__ import annotations

import json
import random
import struct
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box

from data.geofiles import Layer, read_layers
from data.geofiles.reading import Reading
from data.geofiles.zones import Zone
from data.load_files import collect
from data.load_report import Findings
from data.store import Store, open_store
from geo.crs import Datum
from geo.errors import InputError
from tests.data.drawings import drawing, polyline, square, text
from tests.data.load_inputs import estates, run, write_boundaries, write_register, write_units

HOME = box(112, 30, 112.01, 30.01)
HOW = Reading(datum=Datum.WGS84, zone=Zone(111.0))


def _write(path: Path, shapes: list, **columns: list) -> Path:
    names = columns or {"name": [f"n{i}" for i in range(len(shapes))]}
    gpd.GeoDataFrame(names, geometry=shapes, crs=4490).to_file(path)
    return path


def _star(n: int) -> Polygon:
    """A star whose every edge crosses nearly all others."""
    angle = np.arange(n) * np.pi * (1 - 1 / n) * (1 if n % 2 else 1.0001)
    return Polygon(np.column_stack([112.05 + 0.01 * np.cos(angle), 30.05 + 0.01 * np.sin(angle)]))


def test_a_hundred_thousand_vertices_are_read_and_a_scribble_of_as_many_is_refused(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 100_001)
    wavy = 0.01 * (1 + 0.01 * np.sin(5000 * angle))
    fine = Polygon(np.column_stack([112.05 + wavy * np.cos(angle), 30.05 + wavy * np.sin(angle)]))
    few = np.asarray(fine.exterior.coords).copy()
    few[[500, 700]] = few[[700, 500]]
    noise = Polygon(np.random.default_rng(1).uniform([112, 30], [112.01, 30.01], (100_000, 2)))
    path = _write(tmp_path / "a.gpkg", [fine, Polygon(few), _star(100_001), noise, HOME])
    start = time.monotonic()
    (layer,) = read_layers(path)
    assert time.monotonic() - start < 30
    assert layer.frame["name"].tolist() == ["n0", "n1", "n4"]
    assert [fault.row for fault in layer.faults] == [3, 4]
    assert all("自相交约" in fault.problem and fault.remedy for fault in layer.faults)
    assert [fault.row for fault in layer.repairs] == [2]


def test_mixed_shapes_come_apart_and_heights_and_collections_do_no_harm(tmp_path: Path) -> None:
    raised = shapely.force_3d(HOME, 5.0)
    shapes = [
        raised,
        LineString([(112, 30), (112.1, 30)]),
        Point(112, 30),
        GeometryCollection([Point(112, 30), HOME]),
        HOME,
    ]
    layers = read_layers(_write(tmp_path / "a.gpkg", shapes))
    assert {layer.shapes: layer.frame["name"].tolist() for layer in layers} == {
        "polygon": ["n0", "n4"], "line": ["n1"], "point": ["n2"], "mixed": ["n3"],
    }  # fmt: skip
    assert sum(layer.n_read for layer in layers) == 5
    assert not layers[0].frame.geometry.iloc[0].has_z


def test_curves_become_outlines(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.gpkg", [HOME])
    curve = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5)
    curve += struct.pack("<10d", 112, 30, 112.005, 30.005, 112.01, 30, 112.005, 29.995, 112, 30)
    import sqlite3

    with sqlite3.connect(path) as base:
        header = struct.pack("<2sBBi", b"GP", 0, 1, 4490)
        for trigger in base.execute("select name from sqlite_master where type='trigger'").fetchall():
            base.execute(f'drop trigger "{trigger[0]}"')
        base.execute("update a set geom=?", (header + curve,))
        base.execute("update gpkg_geometry_columns set geometry_type_name='CURVEPOLYGON'")
    (layer,) = read_layers(path)
    assert layer.frame.geometry.iloc[0].area == pytest.approx(np.pi * 0.005**2, rel=0.01)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
def test_empty_layers_are_no_fault(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    gpd.GeoDataFrame({"name": []}, geometry=[], crs=4490).to_file(path, geometry_type="Polygon")
    try:
        (layer,) = read_layers(path)
    except InputError as error:
        assert error.faults[0].remedy
    else:
        assert layer.shapes == "none" and layer.n_read == 0


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.kml", b"SQLite format 3\x00" + b"\0" * 100, "KML"), ("a.gpkg", b"<kml></kml>", ".kml"),
        ("a.dxf", b"%PDF-1.7", ".pdf"), ("a.geojson", b"PK\x03\x04zip", ".zip"), ("a.kmz", b"PK\x03\x04broken", "压缩包"),
        ("a.geojson", b'{"type":"Topology","objects":{}}', "GeoJSON"), ("a.mif", b"nothing", ".mid"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_ending_says(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_layers(tmp_path / name, reading=HOW)
    assert word in str(error.value) and error.value.faults[0].file == name and error.value.faults[0].remedy


def _zip(path: Path, files: dict[str, bytes], *, raw_names: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def _shapefile_parts(folder: Path, stem: str) -> dict[str, bytes]:
    folder.mkdir()
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[HOME], crs=4490).to_file(folder / f"{stem}.shp", encoding="GB18030")
    return {item.name: item.read_bytes() for item in folder.iterdir()}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_shapefile_in_a_zip_with_names_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    parts = _shapefile_parts(tmp_path / "p", "abcdefgh")
    path = _zip(tmp_path / "成果.zip", {f"dir/{name}": data for name, data in parts.items()})
    wanted = "小区".encode(encoding).ljust(8, b"x")
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", wanted))
    (source,) = collect([path], Findings(), tmp_path / "s" if (tmp_path / "s").mkdir() is None else tmp_path)
    assert source.name.startswith("成果.zip/dir/小区") and source.kind == "vector"
    (layer,) = read_layers(source.path, file=source.name, reading=HOW)
    assert layer.frame["name"].tolist() == ["甲"] and layer.file == source.name


@pytest.mark.parametrize("bad", ["../../evil.geojson", "/etc/evil.geojson", "C:/evil.geojson", "a/../../evil.geojson"])
def test_a_zip_that_points_outside_is_refused(tmp_path: Path, bad: str) -> None:
    (tmp_path / "s").mkdir()
    path = _zip(tmp_path / "a.zip", {bad: b"{}"})
    with pytest.raises(InputError, match="包外"):
        collect([path], Findings(), tmp_path / "s")
    assert not list(tmp_path.rglob("evil*"))


def test_zip_bombs_and_heaps_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    bomb = _zip(tmp_path / "a.zip", {"a.geojson": b" " * 200_000_000})
    heap = _zip(tmp_path / "b.zip", {f"{i}.geojson": b"" for i in range(6000)})
    nested = _zip(tmp_path / "c.zip", {"inner.zip": bomb.read_bytes()[:1000]})
    for path, word in ((bomb, "炸弹"), (heap, "6000 个文件"), (nested, "没有可读入的文件")):
        with pytest.raises(InputError, match=word):
            collect([path], Findings(), tmp_path / "s")


def test_a_mapinfo_table_and_a_geodatabase_are_read(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["甲小区"]}, geometry=[HOME], crs=4326)
    frame.to_file(tmp_path / "a.tab", driver="MapInfo File", encoding="GB18030")
    frame.to_file(tmp_path / "b.gdb", driver="OpenFileGDB")
    for name in ("a.tab", "b.gdb"):
        (layer,) = read_layers(tmp_path / name, reading=HOW)
        assert layer.frame["name"].tolist() == ["甲小区"]
        assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-6


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def test_one_bad_file_of_each_kind_keeps_nothing_else_from_loading(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    frame = estates(20)
    write_units(folder)
    write_register(folder, frame)
    write_boundaries(folder, frame)
    (folder / "a.kml").write_text(
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>'
    )
    (folder / "b.dxf").write_bytes(b"AC1032")
    (folder / "c.dwg").write_bytes(b"AC1032")
    (folder / "d.zip").write_bytes(b"PK\x03\x04 broken")
    (folder / "e.geojson").write_text('{"type":"FeatureCollection","features":[{')
    (folder / "f.tab").write_bytes(b"!table")
    (folder / "g.dbf").write_bytes(b"lost")
    (folder / "h.csv").write_text("小区名称,点号,经度,纬度\n甲,1,112,30\n甲,2,112.1,30\n甲,3,112.1,30.1\n")
    words = drawing(polyline("边界", square(500_000.0, 3_320_000.0)), text("T", (500_050, 3_320_050), "甲"))
    (folder / "i.dxf").write_bytes(words.encode("gbk"))
    report = run(store, folder)
    assert (report.counts["estates"], report.counts["boundaries"]) == (20, 20)
    named = {fault.file for fault in report.faults} | {str(item["file"]) for item in report.skipped}
    assert {"a.kml", "b.dxf", "c.dwg", "d.zip", "e.geojson", "f.tab", "g.dbf", "h.csv", "i.dxf"} <= named
    assert all(fault.problem and fault.remedy for fault in report.faults)


def _seeds(folder: Path) -> list[Path]:
    folder.mkdir()
    names = {"小区名称": ["甲小区", "乙小区"]}
    shapes = [HOME, shapely.affinity.translate(HOME, 0.02)]
    frame = gpd.GeoDataFrame(names, geometry=shapes, crs=4490)
    frame.to_file(folder / "a.shp", encoding="GB18030")
    frame.to_file(folder / "b.gpkg")
    frame.to_crs(4326).to_file(folder / "c.geojson")
    placemark = (
        "<Placemark><name>甲</name><Polygon><outerBoundaryIs><LinearRing><coordinates>112,30 112.1,30 112.1,30.1 112,30"
    )
    ends = "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder></kml>"
    kml = f"<kml><Folder><name>东</name>{placemark}{ends}"
    (folder / "d.kml").write_text(kml, "utf-8")
    _zip(folder / "e.kmz", {"doc.kml": kml.encode()})
    words = drawing(polyline("边界", square(500_000.0, 3_320_000.0)), text("T", (500_050, 3_320_050), "甲小区"))
    (folder / "f.dxf").write_bytes(words.encode("gbk"))
    frame.to_crs(4326).to_file(folder / "g.tab", driver="MapInfo File", encoding="GB18030")
    return [
        folder / name for name in ("a.shp", "a.dbf", "a.shx", "b.gpkg", "c.geojson", "d.kml", "e.kmz", "f.dxf", "g.map")
    ]


def _main(path: Path) -> Path:
    return path.with_suffix({".dbf": ".shp", ".shx": ".shp", ".map": ".tab"}.get(path.suffix, path.suffix))


@pytest.mark.filterwarnings("ignore")
def test_broken_bytes_end_in_layers_or_in_one_sentence(tmp_path: Path) -> None:
    """Every kind of file cut, overwritten and shuffled, for some seconds, with a fixed seed."""
    dice = random.Random(7)
    seeds = _seeds(tmp_path / "seeds")
    whole = {path: path.read_bytes() for path in seeds}
    end = time.monotonic() + 8
    rounds = 0
    while time.monotonic() < end and rounds < 400:
        path = seeds[rounds % len(seeds)]
        data = bytearray(whole[path])
        for _ in range(dice.choice((1, 1, 3, 20))):
            at = dice.randrange(len(data))
            kind = dice.random()
            if kind < 0.5:
                data[at] = dice.randrange(256)
            elif kind < 0.7:
                del data[at:]
                data = data or bytearray(b"\0")
            elif kind < 0.85:
                data[at : at + 4] = struct.pack("<i", dice.choice((-1, 0, 2**31 - 1, 65_536)))
            else:
                data[at:at] = data[at : at + dice.randrange(64)]
        path.write_bytes(data)
        try:
            layers: list[Layer] = read_layers(_main(path), reading=HOW)
        except InputError as error:
            assert all(fault.problem and fault.remedy and fault.file for fault in error.faults)
        else:
            assert all(shapely.is_valid(layer.frame.geometry.to_numpy()).all() for layer in layers)
            json.dumps([fault.as_dict() for layer in layers for fault in layer.faults])
        finally:
            path.write_bytes(whole[path])
        rounds += 1
    assert rounds > 20
