"""Attribute tables: the encoding is told by the bytes, chosen by a person, shown beforehand; names cut to ten bytes."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from data.geofiles import read_layers
from data.geofiles.columns import restored
from data.geofiles.encoding import preview
from data.geofiles.reading import Reading

HOME = box(112, 30, 112.01, 30.01)
SIMPLE = ["阳光花园", "新华苑小区", "人民路一号院", "锦绣江南三期"]
TRADITIONAL = ["陽光花園", "新華苑小區", "人民路一號院", "錦繡江南三期"]


def _table(path: Path, titles: list[bytes], rows: list[list[bytes]], width: int = 40) -> Path:
    """A shapefile whose .dbf holds these very bytes."""
    shapes = [HOME] * len(rows)
    gpd.GeoDataFrame({"a": range(len(rows))}, geometry=shapes, crs=4490).to_file(path)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    size = 1 + width * len(titles)
    head = struct.pack("<B3BIHH20x", 3, 126, 1, 1, len(rows), 32 + 32 * len(titles) + 1, size)
    fields = b"".join(t.ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14 for t in titles)
    body = b"".join(b" " + b"".join(cell.ljust(width) for cell in row) for row in rows)
    path.with_suffix(".dbf").write_bytes(head + fields + b"\r" + body + b"\x1a")
    return path


@pytest.mark.parametrize(
    ("names", "encoding"), [(SIMPLE, "UTF-8"), (SIMPLE, "GB18030"), (TRADITIONAL, "Big5"), (TRADITIONAL, "UTF-8")]
)
@pytest.mark.parametrize("n", [1, 4])
def test_the_encoding_is_told_by_the_bytes(tmp_path: Path, names: list[str], encoding: str, n: int) -> None:
    path = _table(tmp_path / "a.shp", [b"name"], [[name.encode(encoding)] for name in names[:n]])
    (layer,) = read_layers(path)
    assert layer.frame["name"].tolist() == names[:n]
    assert layer.warnings == ()


@pytest.mark.parametrize("wanted", ["UTF-8", "GB18030", "Big5"])
def test_a_person_may_choose_and_is_told_what_does_not_fit(tmp_path: Path, wanted: str) -> None:
    path = _table(tmp_path / "a.shp", [b"name"], [[name.encode("GB18030")] for name in SIMPLE])
    (layer,) = read_layers(path, reading=Reading(encoding=wanted))
    right = layer.frame["name"].tolist() == SIMPLE
    assert right is (wanted == "GB18030")
    if wanted == "UTF-8":
        assert any("4 个单元格" in text for text in layer.warnings)


def test_bytes_that_fit_two_encodings_raise_a_doubt_with_both_readings(tmp_path: Path) -> None:
    """Characters that lie in the common part of both lists: nobody can tell them apart by their bytes."""
    both = "八百半岛".encode("GB18030")
    path = _table(tmp_path / "a.shp", [b"name"], [[both]])
    (layer,) = read_layers(path)
    assert layer.frame["name"].tolist() == ["八百半岛"]
    (doubt,) = layer.warnings
    assert "八百半岛" in doubt and both.decode("Big5") in doubt and "--encoding Big5" in doubt
    path.with_suffix(".cpg").write_text("BIG5")
    (layer,) = read_layers(path)
    assert layer.frame["name"].tolist() == [both.decode("Big5")] and layer.warnings == ()


def test_the_preview_shows_rows_in_each_encoding_the_likely_one_first(tmp_path: Path) -> None:
    path = _table(tmp_path / "a.shp", ["小区名称".encode("GB18030")], [[name.encode("GB18030")] for name in SIMPLE])
    shown = preview(path, 2)
    assert next(item.encoding for item in shown) == "GB18030" and {item.encoding for item in shown} == {
        "UTF-8",
        "GB18030",
        "Big5",
    }
    assert shown[0].columns == ("小区名称",) and shown[0].rows == (("阳光花园",), ("新华苑小区",))
    assert shown[0].plausible > 0.9 and not next(item for item in shown if item.encoding == "UTF-8").fits
    assert preview(_table(tmp_path / "b.shp", [b"name"], [[b"ascii"]])) == []


@pytest.mark.parametrize("size", range(1, 12))
def test_a_character_cut_at_the_end_of_a_field_is_dropped(tmp_path: Path, size: int) -> None:
    path = _table(
        tmp_path / "a.shp", [b"name"], [["阳光花园小区".encode("GB18030")[:size]], ["好".encode("GB18030") * 5]], 10
    )
    (layer,) = read_layers(path)
    whole = "阳光花园小区"[: min(size, 10) // 2]
    assert (layer.frame["name"].iloc[0] or "") == whole


@pytest.mark.parametrize(
    ("title", "encoding", "whole"),
    [
        ("物业服务形", "GB18030", "物业服务形态"), ("统计用区划", "GB18030", "统计用区划代码"), ("所属街", "UTF-8", "所属街道"),
        ("小区名称", "GB18030", "小区名称"), ("名称", "UTF-8", "名称"), ("不认识的列", "GB18030", "不认识的列"),
        ("name", "UTF-8", "name"),
    ],
)  # fmt: skip
def test_names_cut_to_ten_bytes_are_made_whole(title: str, encoding: str, whole: str) -> None:
    titles, notes = restored([title], encoding)
    assert titles == [whole] and bool(notes) is (title != whole)


def test_columns_that_became_one_name_are_told_and_the_first_counts(tmp_path: Path) -> None:
    same = "主要出入口".encode("GB18030")
    path = _table(tmp_path / "a.shp", [b"name", same, same], [["甲".encode("GB18030"), b"A", b"B"]])
    (layer,) = read_layers(path)
    assert layer.frame["主要出入口"].tolist() == ["A"] and layer.frame["主要出入口_2"].tolist() == ["B"]
    assert any("同名" in text and "主要出入口" in text for text in layer.warnings)
