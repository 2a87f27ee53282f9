"""Files that lie about what they are, and texts made to take the square of their length."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.geofiles import read_layers
from data.geofiles.coordinate_text import MAX_RINGS, outline
from data.geofiles.kml import MAX_FOLDERS
from data.geofiles.origin import source_of_name
from geo.crs import Datum
from geo.errors import InputError
from geo.shapes import repair

RING = "112,30 112.001,30 112.001,30.001 112,30"


def _kml(path: Path, body: str) -> Path:
    path.write_text(f'<?xml version="1.0"?><kml><Document>{body}</Document></kml>', encoding="utf-8")
    return path


def _mark(name: str, ring: str = RING) -> str:
    shell = f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
    return f"<Placemark><name>{name}</name><Polygon>{shell}</Polygon></Placemark>"


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < seconds


_VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{}</SrcDataSource><GeometryType>wkbPolygon</GeometryType>'
    '<LayerSRS>EPSG:4490</LayerSRS><GeometryField encoding="WKT" field="WKT"/></OGRVRTLayer></OGRVRTDataSource>'
)


@pytest.mark.parametrize("name", ["小区.geojson", "小区.gpkg", "小区.mif", "小区.json"])
@pytest.mark.parametrize("before", ["", '{"type":"FeatureCollection","x":"'])
def test_a_file_that_points_to_another_gives_nothing_of_it(tmp_path: Path, name: str, before: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text('name,WKT\n秘密,"POLYGON((112 30,112.1 30,112.1 30.1,112 30))"\n', encoding="utf-8")
    path = tmp_path / name
    path.write_text(before + _VRT.format(secret), encoding="utf-8")
    path.with_suffix(".mid").touch()
    with pytest.raises(InputError):
        read_layers(path, datum=Datum.WGS84)


def test_a_pipeline_is_not_run(tmp_path: Path) -> None:
    other = tmp_path / "other.geojson"
    shape = {"type": "Polygon", "coordinates": [[[112, 30], [112.1, 30], [112.1, 30.1], [112, 30]]]}
    feature = {"type": "Feature", "properties": {"小区名称": "秘密"}, "geometry": shape}
    other.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    path = tmp_path / "小区.geojson"
    line = f"gdal vector pipeline ! read {other} ! write --of=stream streamed_dataset"
    path.write_text(json.dumps({"type": "gdal_streamed_alg", "command_line": line}), encoding="utf-8")
    with pytest.raises(InputError):
        read_layers(path, datum=Datum.WGS84)


def test_another_format_called_dxf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "图.dxf"
    path.write_text('{"type":"Point","coordinates":[112,30]}', encoding="utf-8")
    with pytest.raises(InputError, match="DXF"):
        read_layers(path)


def test_runs_of_blanks_take_no_square_of_their_length(tmp_path: Path) -> None:
    blank = " " * 300_000
    with _within(5):
        (layer,) = read_layers(
            _kml(tmp_path / "a.kml", _mark("甲", f"112 ,{blank}30{blank}112.1，30 112.1, 30.1 112,30"))
        )
        assert outline(f"1°{blank}x") is None
    assert shapely.get_coordinates(layer.frame.geometry.iloc[0]).tolist() == [
        [112, 30],
        [112.1, 30],
        [112.1, 30.1],
        [112, 30],
    ]


def test_too_many_rings_and_numbers_beyond_all_measure_are_told() -> None:
    with _within(5), pytest.raises(ValueError, match="个环"):
        outline("|".join(["112,30;112.1,30;112.1,30.1"] * (MAX_RINGS + 1)))
    huge = "1" + "0" * 400
    whole = outline(f"[[{huge},1],[2,3],[4,5]]")
    assert whole is not None and not np.isfinite(shapely.get_coordinates(whole)).all()
    with pytest.raises(ValueError, match="GeoJSON"):
        outline(f'{{"type":"Polygon","coordinates":[[[{huge},1],[2,3],[4,5],[{huge},1]]]}}')


def test_thousands_of_folders_become_few_layers_and_no_mark_is_lost(tmp_path: Path) -> None:
    n = MAX_FOLDERS + 300
    body = "".join(f"<Folder><name>夹{i}</name>{_mark(f'小区{i}')}</Folder>" for i in range(n))
    layers = read_layers(_kml(tmp_path / "many.kml", body))
    assert len(layers) == MAX_FOLDERS + 1
    assert {name for layer in layers for name in layer.frame["name"]} == {f"小区{i}" for i in range(n)}
    assert any("300 个地标合为一个图层" in note for layer in layers for note in layer.notes)


def test_a_scribble_of_some_hundred_points_is_refused_soon() -> None:
    points = np.random.default_rng(0).random((1500, 2)) * 0.01 + [112, 30]
    with _within(3), pytest.raises(InputError, match="自相交约"):
        repair(shapely.Polygon(points))


@pytest.mark.parametrize(
    ("names", "source"),
    [
        (("小区.kml", "小区"), "drawn"), (("小区.KMZ", ""), "drawn"), (("打包.zip/小区.kmz/doc.kml", "红线"), "drawn"),
        (("测绘成果.kml", ""), "survey"), (("a.kmz", "survey"), "survey"), (("测绘底图勾绘.kml", ""), "drawn"),
        (("kml.shp", ""), "survey"), (("小区.kml转.shp", ""), "survey"),
    ],
)  # fmt: skip
def test_files_of_map_programs_are_drawn_unless_they_say_survey(names: tuple[str, str], source: str) -> None:
    assert source_of_name(*names) == source
