"""Loading as a whole: units by name and place, boundaries, datums, twice the same, and failures half-way."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box

from data.schemas import BOUNDARIES, ESTATES, GATES, REGIONS, UNITS, WAYS
from data.store import Actor, Role, Store, open_store
from geo.crs import Datum
from geo.errors import InputError
from geo.progress import Stopped
from tests.data.load_inputs import (
    ACTOR,
    cell,
    estates,
    run,
    write_boundaries,
    write_brokers,
    write_register,
    write_units,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "input"
    path.mkdir()
    return path


def _read(store: Store, *tables: object) -> list:
    with store.begin(ACTOR) as work:
        return [work.read(table) for table in tables]


def _snapshot(store: Store) -> tuple:
    with store.begin(ACTOR) as work:
        load = work.last_load()
        return work.stamp, len(work.audit(100_000)), None if load is None else load.id


@pytest.mark.parametrize("datum", list(Datum))
def test_estates_reach_their_place_from_any_datum_and_keep_their_own_numbers(
    store: Store, folder: Path, datum: Datum
) -> None:
    frame = estates()
    write_units(folder)
    write_register(folder, frame, datum)
    report = run(store, folder)
    assert (report.faults, report.warnings) == ([], [])
    (stored,) = _read(store, ESTATES)
    stored = stored.set_index("name").loc[frame["小区名称"]]
    np.testing.assert_allclose(stored["lon"], frame["经度"], atol=1e-9)
    np.testing.assert_allclose(stored["lat"], frame["纬度"], atol=1e-9)
    assert set(stored["datum"]) == {datum.value}
    given = pd.read_csv(folder / f"register_{datum}.csv")
    np.testing.assert_array_equal(stored["lon_source"], given["经度"])
    np.testing.assert_array_equal(stored["lat_source"], given["纬度"])
    assert report.counts["estates_in_street"] == len(frame)


def test_loading_twice_changes_nothing(store: Store, folder: Path) -> None:
    frame = estates()
    write_units(folder)
    write_boundaries(folder, frame)
    write_register(folder, frame)
    first = run(store, folder)
    assert first.changed > 0
    before, tables = _snapshot(store), _read(store, UNITS, ESTATES, REGIONS, BOUNDARIES, GATES)
    shutil.copytree(folder, folder.parent / "copy")
    for again in (folder, folder.parent / "copy"):
        second = run(store, again)
        assert second.changed == 0
        assert second.counts == first.counts
        assert _snapshot(store) == before
    for old, new in zip(tables, _read(store, UNITS, ESTATES, REGIONS, BOUNDARIES, GATES), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_units_are_joined_by_place_where_the_register_names_none(store: Store, folder: Path) -> None:
    frame = estates()
    write_units(folder, codes=True)
    write_brokers(folder, frame)
    report = run(store, folder)
    stored, units, regions = _read(store, ESTATES, UNITS, REGIONS)
    names = units["name"]
    stored = stored.set_index("name").loc[frame["小区名称"]]
    assert stored["street_id"].map(names).tolist() == frame["街道"].tolist()
    assert stored["county_id"].map(names).tolist() == frame["县区"].tolist()
    assert regions["street_id"].notna().all()
    assert any("没有写明街道" in note for note in report.notes)
    assert units.loc["990102100", "parent_id"] == "990102"


def test_estate_that_lies_in_another_street_is_kept_and_pointed_out(store: Store, folder: Path) -> None:
    frame = estates()
    at = frame.index[frame["街道"] == "甲街道"][0]
    frame.loc[at, "街道"] = "乙街道"
    write_units(folder)
    write_register(folder, frame)
    report = run(store, folder)
    (fault,) = report.faults
    assert fault.row == at + 2 and "乙街道" in fault.problem and "甲街道" in fault.problem
    assert any("1 个的坐标不在所写的街道内" in warning for warning in report.warnings)
    assert report.rows_refused == 0
    stored, units = _read(store, ESTATES, UNITS)
    assert stored["street_id"].map(units["name"])[stored["name"] == frame.loc[at, "小区名称"]].item() == "乙街道"


@pytest.mark.parametrize("named", [True, False])
def test_wrong_datum_is_named(store: Store, folder: Path, named: bool) -> None:
    frame = estates(200)
    write_units(folder)
    if named:
        write_register(folder, frame, Datum.BD09, "register.csv")
    else:
        write_brokers(folder, frame)
    report = run(store, folder, datum=Datum.WGS84)
    (warning,) = [text for text in report.warnings if "坐标系可能是" in text]
    assert "坐标系可能是 BD-09" in warning and "200/200" in warning and "--datum bd09" in warning
    assert not [text for text in run(store, folder, datum=Datum.BD09).warnings if "坐标系" in text]


def test_right_datum_after_a_wrong_one_moves_the_estates_to_their_streets(store: Store, folder: Path) -> None:
    """Units that the map gave at the wrong place do not stay."""
    frame = estates(120)
    write_units(folder)
    write_brokers(folder, frame)
    run(store, folder, datum=Datum.WGS84)
    run(store, folder, datum=Datum.BD09)
    stored, units = _read(store, ESTATES, UNITS)
    names = stored.set_index("name").loc[frame["小区名称"], "street_id"].map(units["name"])
    assert names.tolist() == frame["街道"].tolist()
    run(store, folder, datum=Datum.WGS84)
    (stored,) = _read(store, ESTATES)
    inside = stored["lon"].between(112, 112.02) & stored["lat"].between(30, 30.02)
    assert (stored["street_id"].notna() == inside).all() and not inside.all()


def test_wrong_datum_of_boundaries_is_named(store: Store, folder: Path) -> None:
    frame = estates(80)
    write_units(folder)
    write_register(folder, frame)
    write_boundaries(folder, frame, "b.gpkg")
    shapes = gpd.read_file(folder / "b.gpkg", layer="boundaries").set_crs(4326, allow_override=True)
    (folder / "b.gpkg").unlink()
    shapes.to_file(folder / "b.geojson")
    report = run(store, folder, datum_by_pattern={"b.*": Datum.BD09})
    assert any(text.startswith("b.geojson") and "坐标系可能是 WGS-84" in text for text in report.warnings)


def test_wrong_datum_of_boundaries_without_streets_shows_in_their_estates(store: Store, folder: Path) -> None:
    frame = estates(60)
    write_register(folder, frame)
    shapes = gpd.read_file(write_boundaries(folder, frame, "b.gpkg"), layer="boundaries").drop(columns="所属街道")
    (folder / "b.gpkg").unlink()
    shapes.set_crs(4326, allow_override=True).to_file(folder / "b.geojson")
    report = run(store, folder, datum_by_pattern={"b.*": Datum.GCJ02})
    assert any("坐标系可能是 WGS-84" in text and "60/60 个边界离自己小区" in text for text in report.warnings)
    assert not [text for text in run(store, folder, datum=Datum.WGS84).warnings if "可能" in text]


@pytest.mark.filterwarnings("ignore:Could not decode error message")
def test_story_7_gbk_shapefile_without_cpg_in_a_prefixed_zone(store: Store, folder: Path) -> None:
    """Names right, zone from the prefix, polygons in their streets; GCJ-02 by mistake raises the alarm."""
    frame = estates(60)
    run(store, write_units(folder), write_register(folder, frame))
    gpkg = write_boundaries(folder, frame, "b.gpkg")
    shapes = gpd.read_file(gpkg, layer="boundaries").to_crs(4525)
    gpkg.unlink()
    shapes.to_file(folder / "边界.shp", encoding="GB18030")
    for ending in (".cpg", ".prj"):
        (folder / f"边界{ending}").unlink()
    table = bytearray((folder / "边界.dbf").read_bytes())
    table[29] = 0
    (folder / "边界.dbf").write_bytes(table)
    report = run(store, folder / "边界.shp")
    assert report.faults == [] and report.warnings == [] and report.counts["boundaries"] == 60
    assert any("GB18030" in note for note in report.notes) and any("37 带" in note for note in report.notes)
    wrong = run(store, folder / "边界.shp", datum_by_pattern={"*.shp": Datum.GCJ02})
    assert any("坐标系可能是 WGS-84" in text for text in wrong.warnings)
    assert any("按后者读取" in text for text in run(store, folder / "边界.shp", datum=Datum.GCJ02).warnings)


def test_positions_without_any_datum_are_refused_and_nothing_is_stored(store: Store, folder: Path) -> None:
    before = _snapshot(store)
    write_register(folder, estates(), None, "register.csv")
    with pytest.raises(InputError, match="--datum"):
        run(store, folder / "register.csv")
    assert _snapshot(store) == before
    assert run(store, folder / "register.csv", datum=Datum.WGS84).changed > 0


def test_swapped_positions_are_faults_and_the_rest_goes_in(store: Store, folder: Path) -> None:
    frame = estates(10)
    frame.loc[3, ["经度", "纬度"]] = frame.loc[3, ["纬度", "经度"]].to_numpy()
    write_units(folder)
    write_register(folder, frame, None, "register_wgs84.csv")
    report = run(store, folder)
    (fault,) = report.faults
    assert fault.row == 5 and fault.file == "register_wgs84.csv" and ("反" in fault.problem or "反" in fault.remedy)
    assert report.rows_refused == 1
    assert len(_read(store, ESTATES)[0]) == 9 == len(_read(store, REGIONS)[0])


def test_two_files_with_one_estate_update_it_and_say_so(store: Store, folder: Path) -> None:
    frame = estates(12)
    write_units(folder)
    write_register(folder, frame, Datum.WGS84, "a_wgs84.csv")
    write_register(folder, frame.head(5).drop(columns=["经度", "纬度"]), None, "b.csv", 户数=7)
    report = run(store, folder)
    (stored,) = _read(store, ESTATES)
    stored = stored.set_index("name").loc[frame["小区名称"]]
    assert stored["households"].tolist() == [7] * 5 + frame["户数"].tolist()[5:]
    assert stored["lon"].notna().all()
    assert any("5 个小区在几个文件中都有" in note for note in report.notes)


def test_boundaries_find_their_estates_by_name_street_and_place(store: Store, folder: Path) -> None:
    frame = estates(6).assign(街道="甲街道", 县区="东风区", 经度=112.001 + np.arange(6) * 0.0015, 纬度=30.005)
    frame.loc[1, ["小区名称", "街道", "纬度"]] = [frame.loc[0, "小区名称"], "乙街道", 30.015]
    squares = [box(x - 2e-4, y - 2e-4, x + 2e-4, y + 2e-4) for x, y in zip(frame["经度"], frame["纬度"], strict=True)]
    frame.loc[2, ["经度", "纬度"]] = np.nan
    write_units(folder)
    write_register(folder, frame, Datum.WGS84)
    squares[2] = box(112.008, 30.001, 112.009, 30.002)
    names = frame["小区名称"].tolist()
    shapes = gpd.GeoDataFrame(
        {
            "小区名称": [names[0], names[1], names[2], "别的名字", "没有的小区", names[5], names[5]],
            "所属街道": ["甲街道", "乙街道", "甲街道", "甲街道", "甲街道", None, None],
        },
        geometry=[*squares[:4], box(112.0001, 30.0001, 112.0002, 30.0002), squares[5], box(112.0089, 30.0048, 112.0092, 30.005)],
        crs=4490,
    )  # fmt: skip
    shapes.to_file(folder / "boundaries.gpkg", layer="boundaries")
    report = run(store, folder)
    stored, boundaries, units = _read(store, ESTATES, BOUNDARIES, UNITS)
    key = {(r["name"], units["name"][r["street_id"]]): i for i, r in stored.iterrows()}
    first, second = key[names[0], "甲街道"], key[names[0], "乙街道"]
    assert boundaries.geometry[first].equals(squares[0]) and boundaries.geometry[second].equals(squares[1])
    assert boundaries.loc[key[names[3], "甲街道"], "confidence"] == 0.8
    assert len(shapely.get_parts(boundaries.geometry[key[names[5], "甲街道"]])) == 2
    assert set(boundaries["source"]) == {"survey"} and len(boundaries) == 5
    pointless = stored.loc[key[names[2], "甲街道"]]
    assert squares[2].contains(Point(pointless["lon"], pointless["lat"])) and pd.isna(pointless["lon_source"])
    (fault,) = report.faults
    assert (fault.row, fault.value) == (5, "没有的小区") and report.rows_refused == 1
    assert run(store, folder).changed == 0


def test_boundaries_alone_find_estates_that_are_stored_already(store: Store, folder: Path) -> None:
    frame = estates(8)
    run(store, write_register(folder, frame), write_units(folder))
    report = run(store, write_boundaries(folder, frame))
    assert report.counts["boundaries"] == report.counts["gates"] == 8 and report.faults == []
    gates = _read(store, GATES)[0]
    assert gates["main"].all() and set(gates["name"]) == {"东门"}


def test_units_loaded_later_place_the_estates_that_are_stored_already(store: Store, folder: Path) -> None:
    frame = estates(20)
    run(store, write_brokers(folder, frame))
    assert _read(store, ESTATES)[0]["street_id"].isna().all()
    report = run(store, write_units(folder))
    stored, units = _read(store, ESTATES, UNITS)
    names = stored.set_index("name").loc[frame["小区名称"], "street_id"].map(units["name"])
    assert names.tolist() == frame["街道"].tolist() and report.changed >= 20


def test_moved_gates_replace_the_old_ones(store: Store, folder: Path) -> None:
    frame = estates(5)
    run(store, write_register(folder, frame), write_units(folder), write_boundaries(folder, frame))
    shifted = frame.assign(纬度=frame["纬度"] + 1e-4)
    run(store, write_boundaries(folder, shifted, "new.gpkg"))
    gates = _read(store, GATES)[0]
    assert len(gates) == 5 and sorted(gates["lat"]) == pytest.approx(sorted(shifted["纬度"]))


def test_amap_shapes_that_are_not_housing_are_left_out_and_listed(store: Store, folder: Path) -> None:
    frame = estates(3)
    write_units(folder)
    write_register(folder, frame)
    codes = ["120302", "120201", "120302|190301"]
    shapes = gpd.GeoDataFrame(
        {"name": frame["小区名称"], "typecode": codes},
        geometry=[Point(x, y).buffer(2e-4) for x, y in zip(frame["经度"], frame["纬度"], strict=True)],
        crs=4326,
    )
    shapes.to_file(folder / "aoi_wgs84.geojson")
    report = run(store, folder)
    assert report.counts["boundaries"] == 2 and report.rows_refused == 0
    assert any(
        item["rows"] == 1 and "1203" in item["reason"] for item in report.skipped if item["file"] == "aoi_wgs84.geojson"
    )


def test_layers_and_files_that_nobody_knows_are_listed_with_a_reason(store: Store, folder: Path) -> None:
    write_units(folder)
    write_register(folder, estates(3))
    gpd.GeoDataFrame({"x": [1]}, geometry=[cell(0, 0)], crs=4490).to_file(folder / "odd.gpkg", layer="odd")
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(112, 30)], crs=4490).to_file(folder / "odd.gpkg", layer="dots")
    (folder / "notes.docx").write_bytes(b"x")
    (folder / "config.json").write_text('{"a": 1}')
    (folder / "truth").mkdir()
    (folder / "truth" / "estates.csv").write_text("x")
    report = run(store, folder)
    listed = {(item["file"], item.get("layer")): item["reason"] for item in report.skipped}
    assert set(listed) == {("odd.gpkg", "odd"), ("odd.gpkg", "dots"), ("notes.docx", None), ("config.json", None)}
    assert all(listed.values()) and report.faults == []


def test_one_unusable_file_is_a_fault_and_the_others_load(store: Store, folder: Path) -> None:
    write_units(folder)
    write_register(folder, estates(3))
    (folder / "roads.osm").write_text('<osm version="0.6"><node id="1" lon="112" lat="30"/><way id="1"><nd re')
    report = run(store, folder)
    (fault,) = report.faults
    assert fault.file == "roads.osm" and "截断" in fault.problem
    assert len(_read(store, ESTATES)[0]) == 3 and len(_read(store, WAYS)[0]) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.osm", b"<osm"), ("a.osm.pbf", b"junk"), ("a.geojson", b'{"type":"FeatureCollection","features":[{'),
     ("a.gpkg", b"junk"), ("a.xlsx", b"just text"), ("a.csv", b""), ("a.docx", b"x"), ("missing.xlsx", None)],
)  # fmt: skip
def test_a_bad_file_alone_is_an_input_error_and_changes_nothing(
    store: Store, folder: Path, name: str, content: bytes | None
) -> None:
    run(store, write_units(folder))
    before = _snapshot(store)
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        run(store, folder / name)
    (fault,) = error.value.faults
    assert fault.problem and fault.remedy and name in fault.file
    assert _snapshot(store) == before


class _Watch:
    """Progress that fails at the given step."""

    def __init__(self, at: int, error: type[BaseException] | None) -> None:
        self.at, self.error, self.n = at, error, 0

    @property
    def stopped(self) -> bool:
        return self.error is None and self.n >= self.at

    def update(self, share: float, text: str) -> None:
        assert 0 <= share <= 1 and text
        self.n += 1
        if self.error is not None and self.n >= self.at:
            raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_a_failure_at_any_step_leaves_the_store_as_it_was(
    store: Store, folder: Path, error: type[BaseException] | None
) -> None:
    frame = estates(10)
    run(store, write_units(folder))
    before = _snapshot(store)
    write_register(folder, frame)
    write_boundaries(folder, frame)
    steps = _Watch(10**6, KeyboardInterrupt)
    with open_store("sqlite:///" + str(folder.parent / "other.db")) as other:
        run(other, folder, progress=steps)
    assert steps.n >= 9
    for step in (
        (2, steps.n // 2, steps.n - 3, steps.n - 2, steps.n - 1, steps.n) if error is not None else (2, steps.n - 1)
    ):
        with pytest.raises(error or Stopped):
            run(store, folder, progress=_Watch(step, error))
        assert _snapshot(store) == before
        assert _read(store, ESTATES)[0].empty
    assert run(store, folder).changed > 0 and len(_read(store, ESTATES)[0]) == 10


_KILLED = """
import os, signal, sys
from pathlib import Path
from data.store import open_store
from tests.data.load_inputs import run

class Watch:
    stopped = False
    def update(self, share, text):
        if share > 0.9:
            os.kill(os.getpid(), signal.SIGKILL)

run(open_store(sys.argv[1]), Path(sys.argv[2]), progress=Watch())
"""


def test_a_killed_load_leaves_the_store_as_it_was(store: Store, folder: Path) -> None:
    run(store, write_units(folder))
    before = _snapshot(store)
    write_register(folder, estates(10))
    command = [sys.executable, "-c", _KILLED, f"sqlite:///{folder.parent / 'store.db'}", str(folder)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert _snapshot(store) == before and _read(store, ESTATES)[0].empty
    assert run(store, folder).changed > 0


def test_what_the_store_is_about_is_kept_and_the_load_recorded(store: Store, folder: Path) -> None:
    write_units(folder)
    write_register(folder, estates(4))
    run(store, folder)
    with store.begin(ACTOR) as work:
        assert work.setting("profile") == "demo" and work.setting("fictional") is True
        assert work.setting("city") and len(work.setting("data_date")) == 10
        last = work.last_load()
    assert last is not None and {entry["file"] for entry in last.files} == {"units.gpkg", "register_gcj02.csv"}
    assert all(len(entry["sha256"]) == 64 for entry in last.files)
    assert last.counts["estates"] == 4


def test_a_reader_may_not_load(store: Store, folder: Path) -> None:
    from data.load import load
    from data.profile_file import load_profile

    write_units(folder)
    with pytest.raises(InputError, match="只能查看"):
        load(store, Actor("领导", Role.LEADER), [folder], load_profile("demo"))


def test_vector_roads_with_classes_in_words(store: Store, folder: Path) -> None:
    lines = [shapely.LineString([(112, 30), (112.01, 30)]), shapely.LineString([(112.01, 30), (112.02, 30.01)])]
    frame = gpd.GeoDataFrame(
        {"名称": ["甲路", None], "道路等级": ["主干路", "怪路"], "单行": ["是", "否"]}, geometry=lines, crs=4490
    )
    frame.to_file(folder / "路网.gpkg", layer="道路")
    report = run(store, folder)
    (ways,) = _read(store, WAYS)
    ways = ways.sort_values("name")
    assert ways["road_class"].tolist() == ["primary", "unclassified"] and ways["oneway"].tolist() == [1, 0]
    assert any("1 条道路没有可识别的等级" in note for note in report.notes)
    assert run(store, folder).changed == 0


def test_a_load_into_a_store_that_another_load_has_changed_meanwhile_is_refused(store: Store, folder: Path) -> None:
    write_units(folder)
    write_register(folder, estates())

    class OtherLoad:
        """Changes the store once, while the files are being read."""

        stopped = False
        done = False

        def update(self, share: float, text: str) -> None:
            if not self.done:
                self.done = True
                with store.begin(ACTOR, write=True) as work:
                    work.set_setting("data_date", "2027-01-04")

    with pytest.raises(InputError, match="另一次导入"):
        run(store, folder, progress=OtherLoad())
    (held,) = _read(store, ESTATES)
    assert held.empty
