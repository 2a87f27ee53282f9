"""Residential land and homes: from OSM extracts and from a city's own layers, into the store and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

from data.geofiles import read_layers, read_osm, recognise
from data.geofiles.land import osm_use, parse_flats, parse_levels, residential_use, vector_land
from data.load import load
from data.profile_file import load_profile
from data.schemas import LAND, PLACE_NAMES
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from tests.data.load_inputs import ACTOR, run

WEST, SOUTH, STEP = 112.0, 30.0, 0.001


def cell(i: float, j: float, size: float = 1.0) -> Polygon:
    return box(WEST + i * STEP, SOUTH + j * STEP, WEST + (i + size) * STEP, SOUTH + (j + size) * STEP)


def write_osm(path: Path, *things: tuple[int, Polygon | Sequence[int], Mapping[str, str]], relations: str = "") -> Path:
    """An extract of closed ways (a polygon) and open ones (ids of nodes 1–4, the corners of the first cell)."""
    corners = list(cell(0, 0).exterior.coords)[:4]
    nodes = dict(enumerate(corners, start=1))
    body = ""
    for way_id, shape, tags in sorted(things, key=lambda thing: thing[0]):
        if isinstance(shape, Polygon):
            refs = []
            for xy in list(shape.exterior.coords)[:-1]:
                nodes[len(nodes) + 1] = xy
                refs.append(len(nodes))
            refs.append(refs[0])
        else:
            refs = list(shape)
        body += f'<way id="{way_id}">' + "".join(f'<nd ref="{r}"/>' for r in refs)
        body += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()) + "</way>"
    points = "".join(f'<node id="{i}" lon="{x:.7f}" lat="{y:.7f}"/>' for i, (x, y) in nodes.items())
    path.write_text(f'<osm version="0.6">{points}{body}{relations}</osm>', encoding="utf-8")
    return path


ROAD = (900, [1, 2], {"highway": "primary", "name": "解放路"})


def write_layer(folder: Path, file: str, shapes: Sequence[Polygon], /, **columns: object) -> Path:
    path = folder / file
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4490).to_file(path, layer=path.stem, driver="GPKG")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'store.db'}")


def land_of(store: Store) -> gpd.GeoDataFrame:
    with store.begin(ACTOR) as work:
        return work.read(LAND)  # type: ignore[return-value]


# --- OpenStreetMap


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"landuse": "residential"}, ("residential", "residential")),
        ({"landuse": "residential", "building": "apartments"}, ("residential", "residential")),
        ({"building": "apartments"}, ("building", "apartments")),
        ({"building": "retail;apartments"}, ("building", "apartments")),
        ({"building": "semidetached_house"}, ("building", "semidetached_house")),
        ({"building": "yes"}, ("building", "yes")),
        ({"building": "yes", "building:flats": "24"}, ("building", "residential")),
        ({"building": "school"}, (None, None)),
        ({"building": "no"}, (None, None)),
        ({"landuse": "commercial"}, (None, None)),
    ],
)
def test_use_of_an_osm_area(tags: dict[str, str], expected: tuple[str | None, str | None]) -> None:
    assert osm_use(tags) == expected


def test_osm_areas_become_land_with_levels_and_households(tmp_path: Path) -> None:
    relation = (
        '<relation id="7"><member type="way" ref="3" role="outer"/><member type="way" ref="4" role="inner"/>'
        '<tag k="type" v="multipolygon"/><tag k="landuse" v="residential"/><tag k="name" v="柳湖花园"/></relation>'
    )
    path = write_osm(
        tmp_path / "a.osm", ROAD,
        (1, cell(0, 0), {"landuse": "residential", "name": "幸福小区"}),
        (2, cell(0, 0, 0.3), {"building": "apartments", "building:levels": "6", "building:flats": "36"}),
        (3, cell(3, 0, 2), {}), (4, cell(3.5, 0.5), {}),
        (5, cell(9, 9), {"building": "office"}), (6, cell(8, 8), {"natural": "water"}),
        relations=relation,
    )  # fmt: skip
    found = read_osm(path)
    rows = dict(
        zip(
            found.land.ids,
            zip(found.land.kinds, found.land.names, found.land.levels, found.land.households, strict=True),
            strict=True,
        )
    )
    assert rows == {
        1: ("residential", "幸福小区", None, None),
        2: ("building", None, 6.0, 36),
        -7: ("residential", "柳湖花园", None, None),
    }
    garden = found.land.shapes[found.land.ids.index(-7)]
    assert garden.area == pytest.approx(3 * STEP**2)
    assert {row["way_id"] for row in found.rows} == {900, 6}


def test_a_building_of_unknown_use_is_kept_on_residential_land_only(tmp_path: Path, store: Store) -> None:
    path = write_osm(
        tmp_path / "a.osm", ROAD,
        (1, cell(0, 0), {"landuse": "residential"}),
        (2, cell(0.2, 0.2, 0.2), {"building": "yes"}),
        (3, cell(5, 5, 0.2), {"building": "yes"}),
    )  # fmt: skip
    report = run(store, path)
    assert land_of(store).index.tolist() == [1, 2]
    assert any("1 栋楼没有写明用途" in note for note in report.notes)
    assert report.counts["land"] == 2


def test_loading_again_changes_nothing_and_a_newer_extract_takes_land_away(tmp_path: Path, store: Store) -> None:
    both = [(1, cell(0, 0), {"landuse": "residential"}), (2, cell(3, 0), {"landuse": "residential"})]
    run(store, write_osm(tmp_path / "a.osm", ROAD, *both))
    assert run(store, tmp_path / "a.osm").changed == 0
    run(store, write_osm(tmp_path / "b.osm", (3, cell(6, 0), {"landuse": "residential"})))
    run(store, write_osm(tmp_path / "a.osm", ROAD, both[1]))
    assert land_of(store).index.tolist() == [2, 3]


def test_an_extract_of_buildings_only_is_no_fault(tmp_path: Path) -> None:
    found = read_osm(write_osm(tmp_path / "a.osm", (1, cell(0, 0), {"building": "house"})))
    assert (len(found.rows), len(found.land)) == (0, 1)


def test_other_names_of_roads_and_rivers_become_place_names(tmp_path: Path, store: Store) -> None:
    path = write_osm(
        tmp_path / "a.osm",
        (1, [1, 2], {"highway": "primary", "name": "解放路", "old_name": "红卫路;工农路", "alt_name": "环城大街"}),
        (2, [2, 3], {"waterway": "river", "name": "清河", "name:zh-Hant": "清河", "loc_name": "大沙河", "short_name": "QH"}),
        (3, [3, 4], {"highway": "primary", "old_name": "没有现名"}),
        (4, [1, 4], {"highway": "footway", "name": "小路", "old_name": "老路"}),
    )  # fmt: skip
    run(store, path)
    with store.begin(ACTOR) as work:
        names = work.read(PLACE_NAMES)
    assert {(r.alias, r.name, r.kind) for r in names.reset_index().itertuples(index=False)} == {
        ("红卫路", "解放路", "former"), ("工农路", "解放路", "former"), ("环城大街", "解放路", "alternative"),
        ("大沙河", "清河", "alternative"),
    }  # fmt: skip


# --- a city's own layers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("居住用地", True), ("R2", True), ("R21", True), ("R", True), ("0701", True), ("070102", True), ("07", True),
        ("城镇住宅用地", True), ("二类居住用地R2", True), ("R2/B1", True), ("商住用地", True), ("residential", True),
        ("070102 二类城镇住宅用地", True),
        ("R22", None), ("R22 服务设施用地", None), ("0702城镇社区服务设施用地", None), ("B1", None), ("工业用地", None),
        ("G1", None), ("居住区公园", None), ("A33", None), ("", None), (None, None), ("0810", None),
        ("农村宅基地", False), ("0703", False), ("0702", False), ("070302", False), ("农村住宅用地", False),
    ],
)  # fmt: skip
def test_words_and_codes_of_land_use(text: str | None, expected: bool | None) -> None:
    assert residential_use(text) is expected


@pytest.mark.parametrize(
    ("text", "levels"),
    [("6", 6), ("6层", 6), ("11+1", 11), ("6-11", 11), ("6;7", 7), ("5.5", 5.5), ("0", None), ("900", None), (None, None)],
)  # fmt: skip
def test_levels(text: str | None, levels: float | None) -> None:
    assert parse_levels(text) == levels


@pytest.mark.parametrize(
    ("text", "flats"), [("48", 48), ("48户", 48), ("约", None), ("0", None), ("1.5", None), (None, None)]
)
def test_flats(text: str | None, flats: int | None) -> None:
    assert parse_flats(text) == flats


def test_a_land_use_layer_gives_its_residential_areas(tmp_path: Path) -> None:
    path = write_layer(
        tmp_path, "现状.gpkg", [cell(i, 0) for i in range(4)],
        DLMC=["城镇住宅用地", "工业用地", "农村宅基地", "城镇住宅用地"], 名称=["甲", "乙", "丙", None],
    )  # fmt: skip
    (layer,) = read_layers(path)
    assert recognise(layer).kind == "land"
    rows = vector_land(layer)
    assert (rows.kinds, rows.names, rows.uses) == (["residential"] * 2, ["甲", None], ["城镇住宅用地"] * 2)
    assert any("1 块农村宅基地" in note for note in rows.notes) and any("1 个面不是住宅" in note for note in rows.notes)
    assert rows.ids == vector_land(layer).ids and len(set(rows.ids)) == 2


def test_a_layer_of_buildings_gives_homes_with_levels_and_households(tmp_path: Path) -> None:
    path = write_layer(
        tmp_path, "楼栋.gpkg", [cell(i, 0, 0.4) for i in range(4)],
        楼栋号=["1幢", "2幢", "3幢", "4幢"], 小区名称=["某小区"] * 4, 层数=["6层", "11", None, "3"],
        户数=[36, None, None, None], 用途=["住宅", "商住", None, "商业"],
    )  # fmt: skip
    (layer,) = read_layers(path)
    assert recognise(layer).kind == "land"
    rows = vector_land(layer)
    assert rows.names == ["1幢", "2幢", "3幢"]
    assert (rows.levels, rows.households) == ([6, 11, None], [36, None, None])
    assert rows.uses == ["住宅", "商住", "yes"]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("小区边界.gpkg", {"小区名称": ["甲"], "用地性质": ["居住用地"], "建筑面积": [1.0]}),
        ("小区.gpkg", {"小区名称": ["甲"], "户数": [300]}),
        ("boundaries.gpkg", {"name": ["甲小区"], "landuse": [None]}),
    ],
)
def test_layers_of_estates_stay_boundaries(tmp_path: Path, name: str, columns: dict[str, list]) -> None:
    (layer,) = read_layers(write_layer(tmp_path, name, [cell(0, 0)], **columns))
    assert recognise(layer).kind == "boundaries"


def test_areas_of_an_osm_export_hold_water_and_land_at_once(tmp_path: Path, store: Store) -> None:
    path = write_layer(
        tmp_path, "multipolygons.gpkg", [cell(i, 0) for i in range(3)],
        name=["湖", "小区", "楼"], natural=["water", None, None], landuse=[None, "residential", None],
        building=[None, None, "apartments"],
    )  # fmt: skip
    report = run(store, path)
    assert report.counts["ways"] == 1
    assert sorted(land_of(store)["kind"]) == ["building", "residential"]


def test_a_mended_area_is_listed(tmp_path: Path, store: Store) -> None:
    bow = Polygon([(112.0, 30.0), (112.001, 30.001), (112.001, 30.0), (112.0, 30.001)])
    report = run(store, write_layer(tmp_path, "住宅用地.gpkg", [bow, cell(2, 0)], 备注=["", ""]))
    assert [fault.row for fault in report.faults] == [1]
    assert len(land_of(store)) == 2


def test_a_district_user_may_not_change_the_city_s_land(tmp_path: Path, store: Store) -> None:
    path = write_layer(tmp_path, "住宅用地.gpkg", [cell(0, 0)], 备注=[""])
    with pytest.raises(InputError):
        load(store, Actor("区", Role.PLANNER, "C1"), [path], load_profile("demo"))
