"""Real cities, loaded as an office would; figures worked out once by hand from the raw files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely

from data.load import LoadReport
from data.schemas import BOUNDARIES, ESTATES, UNITS, WAYS
from data.store import Store, open_store
from geo.crs import Datum, metric_crs, to_metric
from geo.shapes import join_units
from tests.data.load_inputs import ACTOR, run

Loaded = tuple[Store, LoadReport]


@pytest.fixture(scope="module")
def loaded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Loaded]:
    """Loads a folder of the real data into a store of its own, once for each set of options."""
    done: dict[tuple, Loaded] = {}

    def load_once(city: str, **options: object) -> Loaded:
        key = (city, *sorted(options.items()))
        if key not in done:
            store = open_store(f"sqlite:///{tmp_path_factory.mktemp(city) / 'store.db'}")
            done[key] = (store, run(store, shared_data / city, **options))
        return done[key]

    return load_once


def _table(store: Store, table: object) -> pd.DataFrame:
    with store.begin(ACTOR) as work:
        return work.read(table)


def test_beijing_523_of_545_estates_lie_in_a_street(loaded: Callable[..., Loaded]) -> None:
    store, report = loaded("beijing_core")
    assert report.counts["estates"] == 545 and report.counts["estates_in_street"] == 523
    assert not [text for text in report.warnings if "坐标系" in text]
    units, estates = _table(store, UNITS), _table(store, ESTATES)
    assert units["kind"].value_counts().to_dict() == {"street": 32, "county": 2}
    assert set(units.loc[units["kind"] == "street", "parent_id"]) == {"110101000000", "110102000000"}
    assert estates["street_id"].notna().sum() == 523
    named = estates["address"].str[1:3].map({"东城": "110101000000", "西城": "110102000000"})
    placed = join_units(estates["lon"], estates["lat"], units.geometry[units["kind"] == "county"])
    assert (placed.to_numpy() == named.to_numpy()).sum() == 519


@pytest.mark.parametrize("said", [Datum.WGS84, Datum.GCJ02])
def test_beijing_in_the_wrong_datum_names_bd09(loaded: Callable[..., Loaded], said: Datum) -> None:
    store, report = loaded("beijing_core", datum=said)
    (warning,) = [text for text in report.warnings if "坐标系可能是" in text]
    assert "坐标系可能是 BD-09" in warning and "523/545" in warning and "--datum bd09" in warning
    assert set(_table(store, ESTATES)["datum"]) == {said.value}


def test_beijing_twice_changes_nothing(loaded: Callable[..., Loaded], shared_data: Path) -> None:
    store, _ = loaded("beijing_core")
    before = store.stamp
    again = run(store, shared_data / "beijing_core")
    assert again.changed == 0 and store.stamp == before


def test_shanghai_with_two_broker_tables_and_the_same_roads_twice(loaded: Callable[..., Loaded]) -> None:
    store, report = loaded("shanghai")
    units, estates, ways = _table(store, UNITS), _table(store, ESTATES), _table(store, WAYS)
    assert len(units) == 16 and set(units["kind"]) == {"county"}
    assert len(ways) == 4691 and any("4691 条道路与先读的文件编号相同" in note for note in report.notes)
    assert report.rows_read == 3000 + 5832 + 16 + 2 * 4706
    assert len(estates) > 8000 and estates["lon"].notna().sum() > 7900
    assert not [text for text in report.warnings if "坐标系" in text]
    swapped = [fault for fault in report.faults if fault.value == "21.492499"]
    assert len(swapped) == 1 and swapped[0].row is not None


def test_shanghai_estates_lie_beside_the_roads(loaded: Callable[..., Loaded]) -> None:
    """Median distance to the nearest road below 40 m in the dense part (README of the data: 24 m)."""
    store, _ = loaded("shanghai")
    estates, ways = _table(store, ESTATES), _table(store, WAYS)
    dense = estates[estates["lon"].between(121.43, 121.52) & estates["lat"].between(31.20, 31.26)]
    assert len(dense) > 1200
    metric = ways.to_crs(4549)
    points = shapely.points(*_metres(dense))
    nearest = shapely.STRtree(metric.geometry.to_numpy()).query_nearest(points, return_distance=True, all_matches=False)
    assert pd.Series(nearest[1]).median() < 40


def _metres(frame: pd.DataFrame) -> tuple:
    return to_metric(frame["lon"], frame["lat"], metric_crs(121.5))


def test_shanghai_in_the_wrong_datum_is_seen_by_districts_and_by_roads(shared_data: Path, tmp_path: Path) -> None:
    files = [
        shared_data / "shanghai" / name
        for name in ("districts_gcj02.geojson", "shanghai_center.osm.pbf", "estates_lianjia_bd09.csv")
    ]
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        report = run(store, *files, datum=Datum.WGS84)
    likely = [text for text in report.warnings if "坐标系可能是 BD-09" in text]
    assert any("道路旁" in text for text in likely) and any("县区" in text for text in likely)


def test_xiamen_takes_housing_only_and_both_files_agree(loaded: Callable[..., Loaded]) -> None:
    store, report = loaded("xiamen")
    boundaries, estates = _table(store, BOUNDARIES), _table(store, ESTATES)
    assert len(boundaries) > 15 and boundaries.geometry.is_valid.all()
    assert not [text for text in report.warnings if "以后者为准" in text or "坐标系" in text]
    left_out = {item["file"]: item["rows"] for item in report.skipped if "1203" in item["reason"]}
    assert left_out == {"aoi_residential_gcj02.geojson": 55, "aoi_residential_wgs84.shp": 55}
    unread = {item["file"] for item in report.skipped if item.get("layer") and "1203" not in item["reason"]}
    assert unread == {"poi_residential_gcj02.geojson", "poi_roads_gcj02.geojson", "roads_amap_gcj02.geojson",
                      "roads_amap_wgs84.shp"}  # fmt: skip
    mended = [fault for fault in report.faults if "已自动修复" in fault.problem]
    assert {fault.row for fault in mended} == {45}
    joined = estates.loc[boundaries.index]
    near = shapely.distance(boundaries.geometry.to_numpy(), shapely.points(joined["lon"], joined["lat"]))
    assert (near * 111_000).max() < 1000
