"""The demo city's land without a record, found by the program, against the truth of its generator."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest

from data.demo import write_demo
from data.load import LoadReport, load
from data.profile_file import load_profile
from data.schemas import LAND, PLACE_NAMES
from data.store import Actor, Role, Store, open_store
from geo.crs import metric_crs
from planning import runs
from planning.city import City
from planning.ground import land_coverage
from planning.ground_types import LandCoverage

ACTOR = Actor("测试", Role.ADMIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, 600, 1)
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'store.db'}")


@pytest.fixture(scope="module")
def report(folder: Path, store: Store) -> LoadReport:
    return load(store, ACTOR, [folder], load_profile("demo"))


@pytest.fixture(scope="module")
def city(store: Store, report: LoadReport) -> City:
    with store.begin(ACTOR) as work:
        return City.read(work, more=(LAND,))


@pytest.fixture(scope="module")
def found(city: City) -> LandCoverage:
    return land_coverage(city, runs.assess(city, load_profile("demo"), date(2026, 12, 1)).states)


@pytest.fixture(scope="module")
def truth(folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "truth" / "land.gpkg").to_crs(metric_crs(112.3))


def test_exactly_the_planned_rows_are_refused(report: LoadReport) -> None:
    assert len(report.faults) == 6


def test_land_without_a_record_is_found_where_the_generator_put_it(
    found: LandCoverage, truth: gpd.GeoDataFrame
) -> None:
    wanted = truth[truth["estate"].isna()]
    pieces = found.pieces.to_crs(truth.crs)

    def overlap(plots: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> float:
        one, other = plots.union_all(), shapes.union_all()
        return float(one.intersection(other).area / one.union(other).area)

    assert overlap(wanted, pieces) >= 0.95
    assert overlap(wanted[wanted["mapped"]], pieces[pieces["source"] == "landuse"]) >= 0.999
    # Of houses alone the walls of their compound cannot be known.
    houses = pieces[pieces["source"] == "buildings"]
    assert overlap(wanted[~wanted["mapped"]], houses) >= 0.8
    assert len(pieces) == pytest.approx(len(wanted), abs=3)


def test_no_estate_s_true_ground_is_called_without_a_record(found: LandCoverage, truth: gpd.GeoDataFrame) -> None:
    recorded = truth[truth["estate"].notna()].union_all()
    pieces = found.pieces.to_crs(truth.crs)
    assert pieces.intersection(recorded).area.sum() <= 0.01 * pieces.area.sum()


def test_estimated_households_are_of_the_right_size(found: LandCoverage, truth: gpd.GeoDataFrame) -> None:
    true = truth.loc[truth["estate"].isna(), "households"].sum()
    assert found.rates[0].households == pytest.approx(true, rel=0.3)
    assert set(found.pieces["method"]) >= {"floors", "street"}


def test_streets_add_up_to_the_city(found: LandCoverage) -> None:
    city, streets = found.rates[0], [rate for rate in found.rates if rate.level == "street"]
    for name in ("served_m2", "unserved_m2", "no_boundary_m2", "without_record_m2", "sliver_m2", "residential_m2"):
        assert sum(getattr(rate, name) for rate in streets) == pytest.approx(getattr(city, name), abs=1.0)
    assert sum(rate.n_pieces for rate in streets) == city.n_pieces == len(found.pieces)


def test_former_names_come_from_the_table_and_from_the_map(store: Store, report: LoadReport) -> None:
    with store.begin(ACTOR) as work:
        names = work.read(PLACE_NAMES)
    assert set(names["source_file"]) == {"旧路名对照.xlsx", "roads.osm.pbf"}
    assert set(names["kind"]) == {"former"}
