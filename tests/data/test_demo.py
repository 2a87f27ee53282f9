"""The fictional demo city: what its files hold, measured against the truth that it was made from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.demo import DemoReport, write_demo
from data.demo.city import City, build_city
from data.demo.loom import Use
from data.demo.network import WIDTH_M
from data.demo.sides import DIRECTIONS
from data.demo.texts import _FORMS, four_sides
from data.demo.words import chinese_number
from data.profile_file import load_profile
from geo.crs import Datum, from_storage, metric_crs, to_metric
from geo.errors import InputError
from geo.progress import SILENT

N = 600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def report(folder: Path) -> DemoReport:
    return write_demo(folder, N, 1)


@pytest.fixture(scope="module")
def truth(folder: Path, report: DemoReport) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "truth" / "estates.gpkg")


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(N, 1, SILENT)


def metres(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return frame.geometry.to_crs(metric_crs(112.3))


# --- the people of the city


def test_households_have_the_stated_median_and_a_third_are_small(truth: gpd.GeoDataFrame) -> None:
    assert len(truth) == N
    assert 215 <= truth["households"].median() <= 290
    assert 0.30 <= (truth["households"] < 100).mean() <= 0.36


def test_a_fifth_is_without_service_and_those_are_small_and_old(truth: gpd.GeoDataFrame) -> None:
    open_ones = truth[truth["service_form"].isin([0, 5])]
    assert 0.20 <= len(open_ones) / N <= 0.25
    assert (open_ones["households"] < 100).mean() > 0.5
    assert open_ones["year_built"].median() < truth["year_built"].median()
    assert set(truth.loc[truth["lost"], "service_form"]) == {5}
    assert (truth["service_form"] == 0).sum() > 0
    assert set(truth["consent"]) == {"yes", "no", "unknown"}


def test_floor_area_follows_households_and_land_carries_it(truth: gpd.GeoDataFrame) -> None:
    assert (truth["floor_area_m2"] / truth["households"]).between(40, 155).all()
    assert (truth["floor_area_m2"] / truth["land_area_m2"]).between(0.6, 6).all()
    assert np.allclose(metres(truth).area, truth["land_area_m2"], rtol=0.01, atol=2)


def test_names_are_unique_and_persons_are_masked(truth: gpd.GeoDataFrame) -> None:
    assert truth["name"].is_unique
    managers = truth["manager"].dropna()
    assert managers.str.fullmatch(r".某某?").all()
    assert truth.groupby("region").size().max() >= 2, "one region holds several estates"


def test_small_uncovered_estates_lie_together(truth: gpd.GeoDataFrame) -> None:
    open_ones = truth[truth["service_form"].isin([0, 5]) & (truth["households"] < 200)]
    xy = shapely.get_coordinates(metres(open_ones).centroid)
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) < 500
    around = near @ open_ones["households"].to_numpy()
    assert np.median(around) > 250


def test_public_income_is_known_for_most_and_nothing_for_many_unserved(truth: gpd.GeoDataFrame) -> None:
    income, objection = truth["public_income_yuan"], truth["income_objection"]
    assert 0.05 < income.isna().mean() < 0.12
    served = ~truth["service_form"].isin([0, 5])
    assert (income[~served] == 0).mean() > 0.5 > (income[served] == 0).mean() > 0.05
    assert (income[served & (income > 0)] / truth["households"]).dropna().between(5, 100).all()
    assert set(objection.dropna()) == {0, 1} and objection[income.isna()].isna().all()
    assert truth.loc[truth["consent"] == "unknown", "consent_rate"].isna().all()
    assert truth.loc[truth["consent"] == "yes", "consent_rate"].dropna().between(0.67, 0.97).all()


def test_every_company_of_a_professional_service_is_graded(folder: Path, truth: gpd.GeoDataFrame) -> None:
    sheet = openpyxl.load_workbook(folder / "企业信用等级.xlsx").active
    rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]]
    now = {row[1]: row for row in rows if row[5] == "2025年度"}
    assert set(now) == set(truth.loc[truth["service_form"] == 1, "company"])
    assert len(rows) == len(now) + 2, "two companies have the year before besides"
    assert {row[4] for row in rows} == {"红榜", "黑榜", None}
    assert {"五星", "★★★★★", "未评级"} <= {row[2] for row in now.values()}


# --- the ground


def test_estates_lie_inside_blocks_and_apart_from_each_other(city: City) -> None:
    shapes = city.estates["footprint"].to_numpy()
    grounds = np.array([city.blocks[b].ground for b in city.estates["block"]], dtype=object)
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapely.difference(shapes, shapely.buffer(grounds, 0.5))) < 1.0).all()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (a == b).all()
    assert city.estates.groupby("block").size().max() >= 4


def test_no_estate_stands_on_a_road_or_in_water(city: City) -> None:
    shapes = city.estates["footprint"].to_numpy()
    roads = city.network.drivable()
    kerbs = shapely.buffer(
        [shapely.LineString(edge.points) for edge in roads],
        [WIDTH_M[city.network.roads[edge.road].road_class] / 2 for edge in roads],
    )
    assert len(shapely.STRtree(shapes).query(kerbs, predicate="intersects")[0]) == 0
    water = [*city.water["river"], *city.water["lake"]]
    assert len(shapely.STRtree(shapes).query(water, predicate="intersects")[0]) == 0


def test_the_network_is_planar_but_for_bridges_and_tunnels(city: City) -> None:
    flat = [edge for edge in city.network.edges if edge.use in (Use.ROAD, Use.RAILWAY)]
    lines = np.array([shapely.LineString(edge.points) for edge in flat], dtype=object)
    assert shapely.STRtree(lines).query(lines, predicate="crosses").size == 0
    crossings = [edge for edge in city.network.edges if edge.use is Use.CROSSING]
    assert crossings
    assert all(edge.bridge != edge.tunnel for edge in crossings)


@pytest.fixture(scope="module")
def ways(folder: Path, report: DemoReport) -> list[tuple[dict[str, str], list[int], list[tuple[float, float]]]]:
    found = []
    for item in osmium.FileProcessor(str(folder / "roads.osm.pbf")).with_locations():
        if item.is_way():
            tags = {tag.k: tag.v for tag in item.tags}
            found.append((tags, [n.ref for n in item.nodes], [(n.lon, n.lat) for n in item.nodes]))
    return found


def test_everywhere_can_be_driven_to_from_everywhere(ways: list) -> None:
    graph = nx.DiGraph()
    for tags, refs, _ in ways:
        if "highway" in tags:
            pairs = list(pairwise(refs))
            if tags.get("oneway") != "-1":
                graph.add_edges_from(pairs)
            if tags.get("oneway") != "yes":
                graph.add_edges_from((b, a) for a, b in pairs)
    assert nx.is_strongly_connected(graph)
    assert sum(tags.get("oneway") in ("yes", "-1") for tags, _, _ in ways) > 20


def test_roads_have_a_hierarchy_and_names_that_run_through(ways: list) -> None:
    classes = Counter(tags["highway"] for tags, _, _ in ways if "highway" in tags)
    assert set(classes) >= {"trunk", "primary", "secondary", "tertiary", "residential"}
    pieces = Counter(tags["name"] for tags, _, _ in ways if "name" in tags and "highway" in tags)
    assert sum(count >= 3 for count in pieces.values()) >= 15
    assert any(tags.get("tunnel") == "yes" for tags, _, _ in ways)


def test_river_and_railway_are_crossed_by_few_roads_without_a_shared_node(ways: list) -> None:
    roads = [(tags, refs, shapely.LineString(xy)) for tags, refs, xy in ways if "highway" in tags]
    for key, most in (("waterway", 12), ("railway", 12)):
        barrier = [(refs, shapely.LineString(xy)) for tags, refs, xy in ways if key in tags]
        nodes = {ref for refs, _ in barrier for ref in refs}
        assert not any(nodes & set(refs) for _, refs, _ in roads)
        line = shapely.union_all([shape for _, shape in barrier])
        crossing = [tags for tags, _, shape in roads if shape.crosses(line)]
        assert 3 <= len(crossing) <= most
        assert all("bridge" in tags or "tunnel" in tags for tags in crossing)


# --- units


def test_units_form_one_tree_and_tile_the_built_area(folder: Path, report: DemoReport, truth: gpd.GeoDataFrame) -> None:
    layers = {
        name: gpd.read_file(folder / "units.gpkg", layer=name) for name in ("county", "street", "community", "grid")
    }
    assert len(layers["county"]) in range(3, 6)
    assert len(layers["street"]) in range(20, 31)
    for above, below in (("county", "street"), ("street", "community"), ("community", "grid")):
        assert set(layers[below]["parent"]) == set(layers[above]["name"])
        assert layers[below]["name"].is_unique
        whole, parts = metres(layers[above]).union_all(), metres(layers[below])
        assert abs(parts.area.sum() - whole.area) < 1e-3 * whole.area, "no overlap, no gap"
    codes = layers["street"].set_index("name")["code"]
    tech = layers["street"].loc[layers["street"]["parent"] == "高新区", "name"]
    assert codes[tech].isna().all()
    assert codes.drop(tech).str.fullmatch(r"9901\d{8}").all()
    joined = gpd.sjoin(truth, layers["community"].to_crs(truth.crs), predicate="within")
    assert (joined["community"] == joined["name_right"]).all()
    assert len(joined) == N


def test_one_county_town_lies_far_out(folder: Path, report: DemoReport) -> None:
    county = gpd.read_file(folder / "units.gpkg", layer="county")
    middle = metres(county).centroid
    apart = middle[county["name"] == "清溪县"].iloc[0].distance(middle[county["name"] == "云东区"].iloc[0])
    assert 8_000 < apart < 16_000


# --- boundaries and words


def test_boundaries_and_words_are_known_in_the_stated_shares(folder: Path, truth: gpd.GeoDataFrame) -> None:
    share = truth["known"].value_counts(normalize=True)
    assert share["polygon"] == pytest.approx(0.60, abs=0.01)
    assert share["text"] == pytest.approx(0.25, abs=0.01)
    assert truth.loc[truth["known"] == "text", "four_sides"].notna().all()
    assert truth.loc[truth["known"] == "point", "four_sides"].isna().all()
    assert truth.loc[truth["known"] == "polygon", "four_sides"].notna().mean() > 0.7
    drawn = gpd.read_file(folder / "boundaries.gpkg", layer="boundaries")
    both = drawn.merge(
        truth[["name", "street", "geometry"]], left_on=["小区名称", "所属街道"], right_on=["name", "street"]
    )
    assert len(both) == len(drawn) == round(0.6 * N)
    assert shapely.equals(both["geometry_x"].to_numpy(), both["geometry_y"].to_numpy()).all()


def test_texts_name_the_roads_that_truly_lie_on_the_sides(truth: gpd.GeoDataFrame, ways: list, city: City) -> None:
    crs = metric_crs(112.3)
    old = {item.name: item.old for item in city.former}
    lines: dict[str, list] = defaultdict(list)
    for tags, _, xy in ways:
        if "highway" in tags and "name" in tags:
            x, y = to_metric(*np.array(xy).T, crs)
            lines[tags["name"]].append(shapely.LineString(np.column_stack([x, y])))
    shape = metres(truth)
    checked = 0
    for k in truth.index[truth["known"] == "text"]:
        centre = shape[k].centroid
        for number, names in enumerate(truth.at[k, "side_names"].split("|")):
            name = names.split("、")[0]
            if name not in lines:
                continue
            road = shapely.union_all(lines[name])
            assert name in truth.at[k, "four_sides"] or old[name] in truth.at[k, "four_sides"]
            assert road.distance(shape[k]) < 60
            west, south, east, north = road.intersection(shape[k].buffer(60)).bounds
            beyond = (east - centre.x, centre.y - south, centre.x - west, north - centre.y)[number]
            checked += 1
            assert beyond > 10, (truth.at[k, "name"], name, DIRECTIONS[number])
    assert checked > 350


def test_some_texts_use_former_names_that_a_table_or_the_map_explains(
    folder: Path, truth: gpd.GeoDataFrame, city: City, ways: list
) -> None:
    old = {item.old: item.name for item in city.former}
    present = {tags["name"] for tags, _, _ in ways if "highway" in tags and "name" in tags}
    assert set(old.values()) <= present and not set(old) & present
    using = truth[truth["former_names"].notna()]
    assert 10 <= len(using) <= 0.1 * N
    for row in using.itertuples():
        for name in row.former_names.split("、"):
            assert name in row.four_sides
            assert old[name] in row.side_names, "the truth keeps the present name"
    sheet = openpyxl.load_workbook(folder / "旧路名对照.xlsx").active
    table = {row[1]: row[2] for row in sheet.iter_rows(min_row=3, values_only=True)}
    mapped = {tags["old_name"]: tags["name"] for tags, _, _ in ways if "old_name" in tags}
    assert table | mapped == old
    assert set(table) - set(mapped) and set(mapped) - set(table), "neither knows all"


# --- housing


def test_housing_is_mapped_as_land_use_or_as_houses_and_some_has_no_register(folder: Path, city: City) -> None:
    housing = gpd.read_file(folder / "truth" / "land.gpkg")
    assert (housing["mapped"] | (housing["n_houses"] > 0)).all(), "the map shows something of every plot"
    unknown = housing[housing["estate"].isna()]
    assert len(unknown) == 0.06 * N
    assert 0.1 <= (~unknown["mapped"]).mean() <= 0.4
    grounds = shapely.union_all([plot.shape for plot in city.plots if plot.estate is not None])
    for plot in city.plots:
        houses = shapely.union_all([house.shape for house in plot.houses])
        assert houses.difference(plot.shape).area < 1
        assert plot.estate is not None or plot.shape.distance(grounds) > 2


def test_houses_stand_apart_and_off_the_roads(city: City) -> None:
    houses = np.array([house.shape for plot in city.plots for house in plot.houses], dtype=object)
    assert len(houses) > 2 * N
    a, b = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (a == b).all()
    lines = [shapely.LineString(edge.points) for edge in city.network.drivable()]
    assert len(shapely.STRtree(lines).query(houses, predicate="intersects")[0]) == 0


@pytest.mark.parametrize("form", range(len(_FORMS)))
def test_every_wording_holds_all_four_names(form: int, city: City) -> None:
    rng = np.random.default_rng(5)
    for sides in city.sides[:40]:
        text, true = four_sides(sides, form, rng)
        assert all(name in text for names in true for name in names.split("、") if name)
        assert all(direction in text for direction in DIRECTIONS)


def test_gates_lie_on_the_boundary_before_a_road(city: City) -> None:
    shapes = city.estates["footprint"].to_numpy()
    roads = shapely.STRtree([shapely.LineString(edge.points) for edge in city.network.drivable()])
    distances = []
    for shape, gates in zip(shapes, city.gates, strict=True):
        assert 1 <= len(gates) <= 3
        assert [gate.main for gate in gates] == [True] + [False] * (len(gates) - 1)
        assert all(shape.exterior.distance(gate.point) < 0.1 for gate in gates)
        distances.append(roads.query_nearest(gates[0].point, return_distance=True)[1][0])
    assert np.median(distances) < 25
    assert np.mean(np.array(distances) < 60) > 0.85


# --- the workbooks


@pytest.fixture(scope="module")
def register(folder: Path, report: DemoReport) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "register.xlsx")


def _street_rows(register: openpyxl.Workbook) -> list[tuple[str, int, list]]:
    rows = []
    for sheet in register.worksheets:
        if sheet.sheet_state == "visible":
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                if number > 4 and row[2]:
                    rows.append((sheet.title, number, list(row)))
    return rows


def test_the_register_holds_each_estate_once_and_the_faulty_rows_besides(
    folder: Path, register: openpyxl.Workbook, report: DemoReport, truth: gpd.GeoDataFrame
) -> None:
    rows = _street_rows(register)
    faults = json.loads((folder / "truth" / "faults.json").read_text(encoding="utf-8"))
    wrong = {(fault["sheet"], fault["row"]) for fault in faults}
    assert len(faults) == len(wrong) == report.counts["faulty_rows"] == 6
    good = [row for sheet, number, row in rows if (sheet, number) not in wrong]
    assert all(
        isinstance(row[2], str) and "待核实小区" in row[2] for sheet, number, row in rows if (sheet, number) in wrong
    )
    assert sorted(row[2] for row in good) == sorted(truth["name"])
    assert len(rows) == N + len(faults)


def test_injected_faults_stand_where_the_truth_says(folder: Path, register: openpyxl.Workbook) -> None:
    for fault in json.loads((folder / "truth" / "faults.json").read_text(encoding="utf-8")):
        sheet = register[fault["sheet"]]
        titles = [str(sheet.cell(4, c).value or sheet.cell(3, c).value).replace("\n", "") for c in range(1, 22)]
        value = sheet.cell(fault["row"], titles.index(fault["column"]) + 1).value
        assert str(value) == fault["value"]


def test_register_points_are_in_gcj02_inside_the_estates(register: openpyxl.Workbook, truth: gpd.GeoDataFrame) -> None:
    place = {row[2]: (row[19], row[20]) for _, _, row in _street_rows(register)}
    lon, lat = np.array([place[name] for name in truth["name"]], dtype=float).T
    outside = ~shapely.contains_xy(truth.geometry.to_numpy(), lon, lat)
    assert outside.mean() > 0.9, "half a kilometre off when taken as CGCS2000"
    inside = shapely.point_on_surface(truth.geometry.to_numpy())
    east, north = from_storage(shapely.get_x(inside), shapely.get_y(inside), Datum.GCJ02)
    assert np.median(np.hypot((lon - east) * 96_000, (lat - north) * 111_000)) < 25


def test_the_register_has_the_usual_mess(register: openpyxl.Workbook, report: DemoReport) -> None:
    assert [sheet.title for sheet in register.worksheets if sheet.sheet_state == "hidden"] == ["2025年旧表"]
    visible = [sheet for sheet in register.worksheets if sheet.sheet_state == "visible"]
    assert len(visible) == report.counts["units_street"]
    text = [
        str(cell) for sheet in visible for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    everything = "\n".join(text)
    for mark in (
        "坐标系：GCJ-02",
        "填表说明",
        "合计",
        "（1）",
        "(1)",
        "①",
        "１",
        "1专业化物业服务",
        "95%",
        "暂无",
        "约三百",
    ):
        assert mark in everything, mark
    assert any(merge.min_row > 4 and merge.max_row > merge.min_row for merge in visible[0].merged_cells.ranges)
    empty = (None, "/", "无", "暂无", "—", "130%")
    rows = [[row for row in sheet.iter_rows(min_row=5, values_only=True) if row[2]] for sheet in visible]
    rates = [{type(row[9]) for row in of_sheet if row[9] not in empty} for of_sheet in rows]
    assert all(len(kinds) <= 1 for kinds in rates), "one way of writing rates a sheet"
    assert {kind for kinds in rates for kind in kinds} == {str, int}


def test_teams_can_take_any_case_of_their_area(folder: Path, report: DemoReport) -> None:
    sheet = openpyxl.load_workbook(folder / "teams.xlsx").active
    rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]]
    assert len(rows) == report.counts["teams"] == 4
    wanted = {name for problem in load_profile("demo").problem_codes for name in problem.departments}
    for row in rows:
        assert wanted <= set(row[1].split("、"))
    assert {name for row in rows for name in row[9].split("、")} == {"云东区", "云西区", "高新区", "清溪县"}
    assert len({(row[4], row[5]) for row in rows}) == 4


def test_cases_have_several_categories_and_mixed_dates(folder: Path, report: DemoReport) -> None:
    book = openpyxl.load_workbook(folder / "cases.xlsx")
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(min_row=4, values_only=True) if row[1]]
    assert len(rows) == report.counts["cases"] == 0.4 * N
    assert any("、" in str(row[4]) for row in rows)
    assert len({type(row[8]) for row in rows}) >= 2
    assert {row[9] for row in rows} == {"是", "否"}
    assert report.counts["overdue"] > 5


# --- as a whole


def test_truth_is_not_in_the_folder_that_is_loaded(folder: Path, report: DemoReport) -> None:
    top = sorted(path.name for path in folder.iterdir() if path.is_file())
    assert top == [
        "boundaries.gpkg", "cases.xlsx", "register.xlsx", "roads.osm.pbf", "teams.xlsx", "units.gpkg", "企业信用等级.xlsx",
        "旧路名对照.xlsx",
    ]  # fmt: skip
    assert all((folder / name).is_file() for name in report.files)


def _content(folder: Path) -> dict[str, str]:
    """Digest of what each file says; a GeoPackage's time stamp is not part of it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with ZipFile(path) as archive:
                found[path.name] = hashlib.sha256(
                    b"".join(archive.read(name) for name in archive.namelist())
                ).hexdigest()
        elif path.suffix == ".gpkg":
            for layer in pyogrio.list_layers(path)[:, 0]:
                frame = gpd.read_file(path, layer=layer)
                found[f"{path.relative_to(folder)}/{layer}"] = hashlib.sha256(
                    frame.drop(columns="geometry").to_csv().encode()
                    + b"".join(shapely.to_wkb(frame.geometry.to_numpy()))
                ).hexdigest()
        elif path.is_file():
            found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def test_the_same_seed_gives_the_same_city_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_demo(tmp_path / name, 60, seed)
    one, two, three = (_content(tmp_path / name) for name in ("a", "b", "c"))
    assert one == two
    assert one != three


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(20, 160))
def test_any_seed_gives_a_whole_city(seed: int, n: int) -> None:
    city = build_city(n, seed, SILENT)
    assert len(city.estates) == n
    shapes = city.estates["footprint"].to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (a == b).all()
    graph = nx.DiGraph()
    for edge in city.network.drivable():
        if edge.oneway >= 0:
            graph.add_edge(edge.a, edge.b)
        if edge.oneway <= 0:
            graph.add_edge(edge.b, edge.a)
    assert nx.is_strongly_connected(graph)


@pytest.mark.parametrize(("n", "seed"), [(3, 1), (100_000, 1), (600, -1)])
def test_numbers_out_of_range_are_refused_before_anything_is_written(n: int, seed: int, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_demo(tmp_path / "x", n, seed)
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="无法建立文件夹"):
        write_demo(tmp_path / "x", 20)


@pytest.mark.parametrize("name", ["register.xlsx", "units.gpkg", "roads.osm.pbf", "truth/faults.json"])
def test_a_file_that_cannot_be_written_gives_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(InputError, match="写入"):
        write_demo(tmp_path, 20)


def test_stopping_leaves_between_two_files(tmp_path: Path) -> None:
    class Stopped:
        stopped = True

        def update(self, share: float, text: str) -> None:
            assert 0 <= share <= 1

    with pytest.raises(KeyboardInterrupt):
        write_demo(tmp_path, 20, 1, Stopped())


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (103, "一百零三"), (311, "三百一十一")]
)
def test_numbers_in_chinese(number: int, text: str) -> None:
    assert chinese_number(number) == text
