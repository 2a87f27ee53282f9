"""DXF drawings: lines closed, texts as names, code pages, units, zones; and drawings that are broken or too large."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.geofiles import Layer, boundary_shapes, read_layers, recognise
from data.geofiles.dxf import plain_text
from data.geofiles.reading import Reading
from data.geofiles.zones import Zone
from geo.closing import MAX_VERTICES
from geo.crs import to_metric
from geo.errors import InputError
from geo.shapes import area_m2
from tests.data.drawings import drawing, groups, header, line, polyline, square, text

ZONE = Reading(zone=Zone(111.0))
X, Y = 500_000.0, 3_320_000.0


def _read(path: Path, words: str, encoding: str = "gbk", reading: Reading = ZONE) -> list[Layer]:
    path.write_bytes(words.encode(encoding))
    return read_layers(path, reading=reading)


def _metres(layer: Layer) -> list[float]:
    return [round(float(a)) for a in area_m2(layer.frame.geometry.to_numpy())]


def test_closed_polylines_and_their_texts_are_estates(tmp_path: Path) -> None:
    (layer,) = _read(tmp_path / "a.dxf", drawing(
        polyline("小区红线", square(X, Y)), polyline("小区红线", square(X + 300, Y)),
        text("注记", (X + 50, Y + 50), "阳光花园"), text("注记", (X + 350, Y + 50), r"\U+65B0\U+534E\U+82D1", "MTEXT"),
        text("注记", (X + 60, Y + 60), "混6"), text("注记", (X + 200, Y + 50), "解放路"),
    ))  # fmt: skip
    assert layer.name == "小区红线" and recognise(layer).kind == "boundaries"
    assert layer.frame["小区名称"].tolist() == ["阳光花园", "新华苑"]
    assert _metres(layer) == [10_000, 10_000]
    centre = layer.frame.geometry.iloc[0].centroid
    x, y = to_metric(centre.x, centre.y, Zone(111.0).crs)
    assert (float(x), float(y)) == pytest.approx((X + 50, Y + 50), abs=0.01)


def test_lines_that_nearly_meet_are_closed_and_counted(tmp_path: Path) -> None:
    a, b, c, d = square(X, Y)
    near = (b[0] + 0.3, b[1])
    middle, half = (X + 50, Y), (X + 50, Y + 99.8)
    (layer,) = _read(tmp_path / "a.dxf", drawing(
        line("边界", a, b), line("边界", near, c), line("边界", c, d), line("边界", d, a), line("边界", middle, half),
    ))  # fmt: skip
    assert sorted(_metres(layer)) == [5000, 5000]
    assert any("端点相距" in note and "已接上" in note for note in layer.notes)


def test_a_wide_gap_stays_open_and_is_told_with_its_place(tmp_path: Path) -> None:
    a, b, c, d = square(X, Y)
    with pytest.raises(InputError) as error:
        _read(tmp_path / "a.dxf", drawing(
            line("边界", a, b), line("边界", (b[0], b[1] + 3), c), line("边界", c, d), line("边界", d, a),
        ))  # fmt: skip
    assert "没有闭合" in str(error.value) and "缺口 3.00" in str(error.value) and "500100.00" in str(error.value)


def test_neighbours_with_a_common_line_are_two(tmp_path: Path) -> None:
    shared = [line("宗地界", (X, Y), (X + 200, Y)), line("宗地界", (X + 200, Y), (X + 200, Y + 100)),
              line("宗地界", (X + 200, Y + 100), (X, Y + 100)), line("宗地界", (X, Y + 100), (X, Y)),
              line("宗地界", (X + 100, Y - 5), (X + 100, Y + 105))]  # fmt: skip
    (layer,) = _read(tmp_path / "a.dxf", drawing(*shared, text("T", (X + 50, Y + 50), "甲小区")))
    assert sorted(_metres(layer)) == [10_000, 10_000]
    assert sorted(map(str, layer.frame["小区名称"])) == ["None", "甲小区"] or layer.frame["小区名称"].isna().sum() == 1
    assert sorted(row.estate for row in boundary_shapes(layer).rows) == ["", "甲小区"]


def test_only_layers_called_like_borders_are_read_where_there_are_such(tmp_path: Path) -> None:
    (layer,) = _read(tmp_path / "a.dxf", drawing(
        polyline("用地红线", square(X, Y)), polyline("建筑", square(X + 10, Y + 10, 20)), line("等高线", (X, Y), (X + 9, Y)),
    ))  # fmt: skip
    assert layer.name == "用地红线"
    assert any("“建筑”" in note and "“等高线”" in note for note in layer.notes)


def test_blocks_arcs_and_hatches_are_read(tmp_path: Path) -> None:
    block = (
        groups((0, "BLOCK"), (8, "0"), (2, "B1"), (70, 0), (10, 0), (20, 0), (3, "B1"))
        + polyline("0", square(0, 0, 50))
        + groups((0, "ENDBLK"), (8, "0"))
    )
    insert = groups((0, "INSERT"), (8, "边界"), (2, "B1"), (10, X), (20, Y))
    bulged = polyline("边界", square(X + 500, Y)).replace(groups((20, Y)), groups((20, Y), (42, 1.0)), 1)
    (layer,) = _read(tmp_path / "a.dxf", drawing(insert, bulged, blocks=block))
    assert sorted(_metres(layer)) == [2500, pytest.approx(10_000 + np.pi * 50**2 / 2, rel=0.01)]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [(header(), "gbk"), (header(page=None), "gbk"), (header(page="ANSI_1252"), "gbk"), (header("AC1021"), "utf-8")],
)
def test_chinese_of_any_code_page(tmp_path: Path, head: str, encoding: str) -> None:
    words = drawing(polyline("边界", square(X, Y)), text("注记", (X + 5, Y + 5), "阳光花园"), head=head)
    (layer,) = _read(tmp_path / "a.dxf", words, encoding)
    assert (layer.name, layer.frame["小区名称"].tolist()) == ("边界", ["阳光花园"])


def test_millimetres_become_metres_aloud(tmp_path: Path) -> None:
    corners = [(x * 1000, y * 1000) for x, y in square(X, Y)]
    (layer,) = _read(tmp_path / "a.dxf", drawing(polyline("边界", corners), head=header(unit=4)))
    assert _metres(layer) == [10_000] and any("毫米" in note for note in layer.notes)


def test_several_estate_names_in_one_outline_name_none(tmp_path: Path) -> None:
    (layer,) = _read(tmp_path / "a.dxf", drawing(
        polyline("边界", square(X, Y)), text("T", (X + 5, Y + 5), "甲花园"), text("T", (X + 50, Y + 5), "乙小区"),
    ))  # fmt: skip
    assert layer.frame["小区名称"].isna().all()
    assert any("甲花园" in note and "乙小区" in note for note in layer.notes)


def test_a_drawing_needs_a_zone_like_any_plane_file(tmp_path: Path) -> None:
    words = drawing(polyline("边界", square(X, Y)))
    with pytest.raises(InputError, match="--zone"):
        _read(tmp_path / "a.dxf", words, reading=Reading())
    (layer,) = _read(tmp_path / "a.dxf", words.replace("500", "37500"), reading=Reading())
    assert any("37 带" in note for note in layer.notes)


def test_a_dwg_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.dxf").write_bytes(b"AC1032\x00\x00 rest of a drawing")
    with pytest.raises(InputError, match="另存为 DXF"):
        read_layers(tmp_path / "a.dxf")


@pytest.mark.parametrize("content", [b"", b"hello", b"0\nSECTION\n2\nENTITIES\n0\nLWPOLY", b"\x00" * 5000, b"0\nEOF\n"])
def test_what_is_no_drawing_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dxf").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_layers(tmp_path / "a.dxf")
    assert error.value.faults[0].file == "a.dxf" and error.value.faults[0].remedy


def test_blocks_that_hold_each_other_end(tmp_path: Path) -> None:
    def block(name: str, inner: str) -> str:
        inserts = "".join(groups((0, "INSERT"), (8, "0"), (2, inner), (10, i), (20, i)) for i in range(10))
        return groups((0, "BLOCK"), (8, "0"), (2, name), (10, 0), (20, 0)) + inserts + groups((0, "ENDBLK"), (8, "0"))

    bomb = "".join(block(f"B{i}", f"B{i + 1}") for i in range(12)) + block("B12", "B0")
    insert = groups((0, "INSERT"), (8, "边界"), (2, "B0"), (10, X), (20, Y))
    start = time.monotonic()
    (layer,) = _read(tmp_path / "a.dxf", drawing(insert, polyline("边界", square(X, Y)), blocks=bomb))
    assert len(layer.frame) == 1 and time.monotonic() - start < 20


def test_a_layer_of_too_many_lines_is_refused_and_the_others_stay(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    points = [(X + float(x), Y + float(y)) for x, y in rng.uniform(0, 900, (MAX_VERTICES + 1, 2))]
    words = drawing(polyline("边界乱", points, closed=False), polyline("红线", square(X, Y)))
    messy, good = _read(tmp_path / "a.dxf", words)
    assert good.name == "红线" and len(good.frame) == 1
    assert messy.frame.empty and str(MAX_VERTICES) in messy.faults[0].problem and messy.faults[0].sheet == "边界乱"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (r"\U+9633\U+5149", "阳光"), (r"{\fSimSun|b0|i0|c134|p2;阳光\P小区}", "阳光 小区"), (r"\M+1D1F4\M+1B9E2", "阳光"),
        ("%%u甲%%u小区", "甲小区"), (r"\U+D800甲", "甲"), ("a\x07b", "ab"), (r"\H3x;甲\C1;乙", "甲乙"),
    ],
)  # fmt: skip
def test_format_codes_are_taken_out_of_texts(raw: str, plain: str) -> None:
    assert plain_text(raw) == plain


def test_real_outlines_drawn_as_lines_come_back(tmp_path: Path, shared_data: Path) -> None:
    """The housing outlines of a real city as single lines of a drawing, read back and closed."""
    (source,) = read_layers(shared_data / "xiamen" / "aoi_residential_wgs84.shp")
    homes = source.frame[source.frame["typecode"].astype(str).str.startswith("120302")].geometry
    zone = Zone(117.0)
    entities = []
    for shape in homes:
        for part in shapely.get_parts(shape):
            xy = np.column_stack(to_metric(*shapely.get_coordinates(part.exterior).T, zone.crs))
            entities += [line("红线", tuple(a), tuple(b)) for a, b in itertools.pairwise(xy)]
    (layer,) = _read(tmp_path / "a.dxf", drawing(*entities), reading=Reading(zone=zone))
    found = shapely.union_all(layer.frame.geometry.to_numpy())
    whole = shapely.union_all(homes.to_numpy())
    assert shapely.symmetric_difference(found, whole).area / whole.area < 0.002
