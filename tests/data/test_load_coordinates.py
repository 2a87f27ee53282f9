"""Tables of boundary points: long and wide, any order of axes, degrees with minutes, several rings; beside registers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import Polygon, box

from data.geofiles.cells import number
from data.geofiles.coordinate_text import outline
from data.geofiles.reading import Reading
from data.geofiles.zones import Zone
from data.load_coordinates import listed_layers
from data.schemas import BOUNDARIES, ESTATES
from data.store import Store, open_store
from geo.crs import Datum, from_storage
from geo.errors import InputError
from tests.data.load_inputs import ACTOR, estates, run, write_register, write_units

WGS = Reading(datum=Datum.WGS84)
HOME = box(112.003, 30.003, 112.004, 30.004)


def _csv(path: Path, rows: list[list[object]]) -> Path:
    pd.DataFrame(rows[1:], columns=[str(title) for title in rows[0]]).to_csv(path, index=False)
    return path


def _long(
    shape: Polygon, name: str = "甲小区", *, plane: Zone | None = None, survey: bool = True
) -> list[list[object]]:
    xy = np.asarray(shape.exterior.coords)
    if plane is not None:
        xy = np.column_stack(Transformer.from_crs(4490, plane.crs, always_xy=True).transform(*xy.T))
        xy = xy[:, ::-1] if survey else xy
    return [[name, f"J{i + 1}", a, b] for i, (a, b) in enumerate(xy)]


def _alike(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    return shapely.symmetric_difference(a, b).area < 1e-6 * b.area


def test_a_row_for_each_point(tmp_path: Path) -> None:
    other = shapely.transform(HOME, lambda xy: xy + 0.002)
    rows = [["小区名称", "点号", "经度", "纬度"], *_long(HOME), *_long(other, "乙小区")]
    (layer,) = listed_layers(_csv(tmp_path / "a.csv", rows), "a.csv", WGS)
    assert layer.frame["小区名称"].tolist() == ["甲小区", "乙小区"]
    assert layer.frame.index.tolist() == [2, 7]
    assert _alike(layer.frame.geometry.iloc[0], HOME) and _alike(layer.frame.geometry.iloc[1], other)


@pytest.mark.parametrize("survey", [True, False])
@pytest.mark.parametrize("zone", [Zone(111.0), Zone(111.0, 37)])
def test_x_is_the_northing_unless_the_numbers_say_otherwise(tmp_path: Path, survey: bool, zone: Zone) -> None:
    rows = [["小区名称", "界址点号", "X坐标", "Y坐标"], *_long(HOME, plane=zone, survey=survey)]
    path = _csv(tmp_path / "a.csv", rows)
    (layer,) = listed_layers(path, "a.csv", Reading(zone=Zone(111.0)))
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-8
    assert any("与测绘习惯相反" in note for note in layer.notes) is not survey
    assert layer.warnings == ()


def test_plane_points_ask_for_their_zone(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", [["小区名称", "点号", "X", "Y"], *_long(HOME, plane=Zone(111.0))])
    with pytest.raises(InputError, match="--zone"):
        listed_layers(path, "a.csv", Reading())
    (layer,) = listed_layers(path, "a.csv", Reading(home=(111.9, 29.9, 112.1, 30.1)))
    assert _alike(layer.frame.geometry.iloc[0], HOME)
    assert any("中央经线 111°" in note for note in layer.notes)


def test_names_in_merged_cells_rings_and_points_out_of_order(tmp_path: Path) -> None:
    hole = box(112.0034, 30.0034, 112.0036, 30.0036)
    apart = box(112.006, 30.003, 112.007, 30.004)
    rows: list[list[object]] = [["小区名称", "环", "点号", "经度", "纬度"]]
    for ring, shape in ((1, HOME), (2, hole), (3, apart)):
        points = [[ring, *row[1:]] for row in _long(shape)[:-1]]
        points = [points[i] for i in (2, 0, 3, 1)] if ring == 1 else points
        rows += [["甲小区" if len(rows) == 1 else "", *point] for point in points]
    (layer,) = listed_layers(_csv(tmp_path / "a.csv", rows), "a.csv", WGS)
    assert _alike(layer.frame.geometry.iloc[0], HOME.difference(hole).union(apart))
    assert any("按点号排序" in note for note in layer.notes)


def test_a_ring_that_returned_to_its_start_ends(tmp_path: Path) -> None:
    apart = box(112.006, 30.003, 112.007, 30.004)
    rows = [["小区名称", "序号", "经度", "纬度"], *_long(HOME), *_long(apart)]
    (layer,) = listed_layers(_csv(tmp_path / "a.csv", rows), "a.csv", WGS)
    assert _alike(layer.frame.geometry.iloc[0], HOME.union(apart))


def test_a_bad_point_refuses_its_estate_alone_with_its_place(tmp_path: Path) -> None:
    rows = [["小区名称", "点号", "经度", "纬度"], *_long(HOME), *_long(HOME, "乙小区"), *_long(HOME, "丙小区")[:2]]
    rows[3][2] = "一百一十二"
    (layer,) = listed_layers(_csv(tmp_path / "a.csv", rows), "a.csv", WGS)
    assert layer.frame["小区名称"].tolist() == ["乙小区"] and layer.n_read == 3
    first, second = layer.faults
    assert (first.row, first.column, first.value) == (4, "经度", "一百一十二")
    assert "围不成面" in second.problem and second.value == "丙小区"


@pytest.mark.parametrize(
    "text",
    [
        "112.003,30.003;112.004,30.003;112.004,30.004;112.003,30.004",
        "112.003 30.003,112.004 30.003,112.004 30.004,112.003 30.004",
        "(112.003，30.003)（112.004，30.003）(112.004，30.004)(112.003，30.004)",
        "[[112.003,30.003],[112.004,30.003],[112.004,30.004],[112.003,30.004]]",
        "112.003,30.003,5;112.004,30.003,5;112.004,30.004,5;112.003,30.004,5",
        "112.003,30.003,0 112.004,30.003,0 112.004,30.004,0 112.003,30.004,0 112.003,30.003,0",
        "POLYGON((112.003 30.003,112.004 30.003,112.004 30.004,112.003 30.004,112.003 30.003))",
        "SRID=4490;POLYGON Z ((112.003 30.003 1,112.004 30.003 1,112.004 30.004 1,112.003 30.004 1,112.003 30.003 1))",
        '{"type":"Polygon","coordinates":[[[112.003,30.003],[112.004,30.003],[112.004,30.004],[112.003,30.004],[112.003,30.003]]]}',
        "东经112°0′10.8″，北纬30°0′10.8″；东经112°0′14.4″，北纬30°0′10.8″；东经112°0′14.4″，北纬30°0′14.4″；"
        "东经112°0′10.8″，北纬30°0′14.4″",
        "经度112.003 纬度30.003\n经度112.004 纬度30.003\n经度112.004 纬度30.004\n经度112.003 纬度30.004",
    ],
)
def test_an_outline_in_one_cell(text: str) -> None:
    shape = outline(text)
    assert shape is not None and shapely.hausdorff_distance(shape, HOME) < 1e-9


@pytest.mark.parametrize("text", ["", "见附图", "东至解放路，西至青年路", "112.1,30.2", "12345678901"])
def test_words_are_no_outline(text: str) -> None:
    assert outline(text) is None


@pytest.mark.parametrize(
    "text",
    ["112.1,30.1;112.2,30.1;112.2,30.2;112.1", "POLYGON((112 30", '{"type":"Polygon"', "112,30;112,30;112,30;112,30",
     "POINT(112 30) POLYGON((", "{}", '{"type":"Point","coordinates":[112,30]}', "POLYGON((1 1,2 2))"],
)  # fmt: skip
def test_a_broken_outline_says_why(text: str) -> None:
    try:
        shape = outline(text)
    except ValueError as error:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in str(error))
    else:
        assert shape is None


def test_outlines_of_a_city_in_cells_pass_through_their_datum(tmp_path: Path) -> None:
    moved = shapely.transform(HOME, lambda xy: np.column_stack(from_storage(*xy.T, Datum.BD09)))
    ring = ";".join(f"{x:.9f},{y:.9f}" for x, y in moved.exterior.coords)
    path = _csv(
        tmp_path / "a.csv", [["小区名称", "边界坐标(百度)"], ["甲小区", ring], ["乙小区", "待补"], ["丙小区", ""]]
    )
    (layer,) = listed_layers(path, "a.csv", Reading())
    assert layer.datum is Datum.BD09 and shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-8
    path = _csv(tmp_path / "b.csv", [["小区名称", "坐标串"], ["甲小区", ring], ["乙小区", "待补"], ["丙小区", ""]])
    (layer,) = listed_layers(path, "b.csv", Reading(datum=Datum.BD09))
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-8
    assert [(f.row, f.column, f.value) for f in layer.faults] == [(3, "坐标串", "待补")]


@pytest.mark.parametrize(
    ("text", "value"),
    [("112.5", 112.5), ("112°30′", 112.5), ("112度30分0秒", 112.5), ("112-30-36", 112.51), ("E112°30'36\"", 112.51),
     ("东经 112.5", 112.5), ("１１２．５", 112.5), ("112°75′", None), ("abc", None), ("", None), ("112.5°", 112.5)],
)  # fmt: skip
def test_degrees_in_many_spellings(text: str, value: float | None) -> None:
    found = number(text, degrees=True)
    assert found is None if value is None else found == pytest.approx(value)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def _squares(frame: pd.DataFrame, n: int) -> list[list[object]]:
    rows: list[list[object]] = []
    for name, street, x, y in frame[["小区名称", "街道", "经度", "纬度"]].head(n).itertuples(index=False):
        rows += [[name, street, *row[1:]] for row in _long(box(x - 3e-4, y - 3e-4, x + 3e-4, y + 3e-4))]
    return rows


def test_a_list_beside_a_register_becomes_boundaries_and_the_register_stays_one(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    frame = estates(20)
    write_units(folder)
    write_register(folder, frame, Datum.WGS84)
    _csv(folder / "边界点_wgs84.csv", [["小区名称", "所属街道", "点号", "经度", "纬度"], *_squares(frame, 12)])
    report = run(store, folder)
    assert report.faults == [] and (report.counts["boundaries"], report.counts["estates"]) == (12, 20)
    with store.begin(ACTOR) as work:
        assert set(work.read(BOUNDARIES)["source_file"]) == {"边界点_wgs84.csv"} and len(work.read(ESTATES)) == 20
    assert run(store, folder).changed == 0


def test_a_sheet_of_points_and_a_column_of_outlines_within_a_register(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    frame = estates(20)
    write_units(folder)
    ring = [";".join(f"{a:.7f},{b:.7f}" for a, b in box(x - 3e-4, y - 3e-4, x + 3e-4, y + 3e-4).exterior.coords)
            for x, y in zip(frame["经度"], frame["纬度"], strict=True)]  # fmt: skip
    table = frame.assign(边界坐标=[*ring[:5], *[""] * 15])
    with pd.ExcelWriter(folder / "台账_wgs84.xlsx", engine="xlsxwriter") as book:
        table.to_excel(book, sheet_name="台账", index=False)
        points = pd.DataFrame(_squares(frame.iloc[8:], 4), columns=["小区名称", "所属街道", "点号", "经度", "纬度"])
        points.to_excel(book, sheet_name="边界点", index=False)
    report = run(store, folder)
    assert report.faults == [] and report.counts["boundaries"] == 9 and report.counts["estates"] == 20
