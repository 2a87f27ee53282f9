"""The quality report on real cities; figures worked out once by hand from the raw files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.schemas import BOUNDARIES
from data.store import open_store
from geo.crs import Datum
from geo.shapes import metric_shapes, move_to_storage
from planning import runs
from planning.city import City
from planning.quality import Report, Severity, report
from tests.data.load_inputs import ACTOR, run
from tests.planning.quality_cases import make_city, of_kind
from tests.strategies import make_estates, make_regions


@pytest.fixture(scope="module")
def outlines(shared_data: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_file(shared_data / "xiamen" / "aoi_residential_gcj02.geojson")
    return frame.set_geometry(gpd.GeoSeries(move_to_storage(frame.geometry.to_numpy(), Datum.GCJ02), crs=4490))


@pytest.fixture(scope="module")
def xiamen(outlines: gpd.GeoDataFrame) -> tuple[City, Report]:
    """Every outline as an estate of its own."""
    ids = [f"E{n:03d}" for n in range(len(outlines))]
    named = [
        {"estate_id": k, "name": n, "street_id": None, "county_id": None}
        for k, n in zip(ids, outlines["name"], strict=True)
    ]
    estates = make_estates(named)
    shapes = [{"estate_id": k, "source": "survey", "geometry": g} for k, g in zip(ids, outlines.geometry, strict=True)]
    empty = make_city([{"xy": (0, 0)}], units=[])
    tables = {
        **vars(empty),
        "estates": estates,
        "regions": make_regions(estates),
        "boundaries": BOUNDARIES.frame(shapes),
    }
    city = City(**tables)
    return city, report(city)


def _names(city: City, found: list) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(city.estates.loc[list(f.estates), "name"])) for f in found)


def test_xiamen_has_one_broken_ring(xiamen: tuple[City, Report]) -> None:
    city, made = xiamen
    (found,) = of_kind(made, "invalid")
    assert city.estates.at[found.estates[0], "name"] == "凤凰山庄" and "环自相交" in found.text
    assert found.measure("修复后面积") == pytest.approx(31_485, rel=0.001)
    assert found.measure("面积变化") == pytest.approx(0, abs=0.001)


def test_xiamen_has_three_overlapping_pairs_and_one_outline_in_another(xiamen: tuple[City, Report]) -> None:
    """Three pairs with 凤凰山庄; 集友广场 (drawn twice) lies wholly within 国源滨北国际."""
    city, made = xiamen
    assert _names(city, of_kind(made, "overlap")) == [
        ("中信惠扬公寓楼", "凤凰山庄"), ("中信惠扬商务楼", "凤凰山庄"), ("凤凰名都", "凤凰山庄"),
    ]  # fmt: skip
    assert _names(city, of_kind(made, "contained")) == [("国源滨北国际", "集友广场")] * 2


def test_xiamen_has_eight_outlines_and_names_twice(xiamen: tuple[City, Report]) -> None:
    city, made = xiamen
    twice = sorted(name for name, n in Counter(city.estates["name"]).items() if n == 2)
    assert len(twice) == 8
    assert [names[0] for names in _names(city, of_kind(made, "same_boundary"))] == twice
    assert [names[0] for names in _names(city, of_kind(made, "same_name"))] == twice


def test_xiamen_overlaps_are_those_of_all_pairs(outlines: gpd.GeoDataFrame, xiamen: tuple[City, Report]) -> None:
    shapes = metric_shapes(shapely.make_valid(outlines.geometry.to_numpy()))
    i, j = np.triu_indices(len(shapes), 1)
    area = shapely.area(shapely.intersection(shapes[i], shapes[j]))
    told = [f for f in xiamen[1].findings if f.kind in ("overlap", "contained", "same_boundary", "sliver_overlap")]
    assert sorted(f.measure("重叠面积") for f in told) == pytest.approx(sorted(area[area > 10]), rel=1e-3)


def _loaded(folder: Path, *files: Path) -> tuple[City, Report]:
    with open_store(f"sqlite:///{folder / 'w.db'}") as store:
        run(store, *files)
        city = runs.read_city(store, ACTOR)
        with store.begin(ACTOR) as work:
            load = work.last_load()
    return city, report(city, load=load)


def test_xiamen_loaded_tells_what_was_repaired_and_refused(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "xiamen"
    city, made = _loaded(
        tmp_path,
        folder / "aoi_residential_gcj02.geojson",
        folder / "estates_beike_bd09.csv",
        folder / "districts_gcj02.geojson",
    )
    (mended,) = of_kind(made, "repaired")
    assert mended.source.startswith("aoi_residential_gcj02.geojson") and mended.source.endswith("第45行")
    assert mended.measure("修复前面积") == pytest.approx(31_485, rel=0.001)
    assert len(of_kind(made, "refused")) == 19 and len(city.boundaries) > 10
    (pair,) = of_kind(made, "overlap")  # of the file's three, the one of which both sides are estates of the table
    assert "“凤凰名都”和“凤凰山庄”" in pair.text
    assert of_kind(made, "invalid") == []


def test_beijing_lies_in_its_streets_and_shares_points(shared_data: Path, tmp_path: Path) -> None:
    city, made = _loaded(tmp_path, shared_data / "beijing_core")
    assert made.n_estates == 545 and made.n_boundaries == 0
    assert not [f for f in made.findings if f.kind in ("unit_overlap", "unit_gap", "outside_unit", "overlap")]
    groups = city.estates.groupby([city.estates["lon"].round(6), city.estates["lat"].round(6)]).size()
    found = of_kind(made, "same_point")
    assert len(found) == pytest.approx((groups > 1).sum(), abs=2) and len(found) > 100
    whole = [f for f in of_kind(made, "no_boundary") if not f.estates]
    single = [f for f in of_kind(made, "no_boundary") if f.estates]
    assert sum(f.measure("小区") for f in whole) + len(single) == 545


def test_shanghai_finds_one_estate_under_two_spellings(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "shanghai"
    files = [
        folder / name for name in ("districts_gcj02.geojson", "estates_lianjia_bd09.csv", "estates_souloula_bd09.csv")
    ]
    city, made = _loaded(tmp_path, *files)
    assert made.n_estates > 8000
    pairs = _names(city, of_kind(made, "similar_name"))
    assert ("徳州七村", "德州七村") in pairs and ("泗塘三村", "泗溏三村") in pairs
    (lost,) = [f for f in of_kind(made, "outside_unit") if "农房" in f.text]
    assert lost.severity is Severity.ERROR and "不在任何同级单元内" in lost.text and lost.measure("相距") > 1_000_000
