"""Land without a record by street: areas worked out on paper, estimates with their method, service by the profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from planning.city import City
from planning.coverage import estate_states
from planning.coverage_types import CoverageState
from planning.ground import land_coverage
from planning.ground_estimate import rounded
from planning.ground_types import LandCoverage, Method
from tests.planning.ground_city import HECTARE, make_city
from tests.strategies import make_profile


def run(city: City, covered: tuple[int, ...] = (1,)) -> LandCoverage:
    states = estate_states(city.estates, make_profile(covered=covered))
    return land_coverage(city, states.to_dict())


YARD = box(0, 0, 120, 60)
OTHER = box(400, 0, 500, 100)


def two_streets() -> City:
    return make_city(
        [{"geometry": HECTARE}, {"geometry": OTHER, "name": "柳湖花园"}, {"geometry": box(600, 0, 650, 100)}],
        [{"service_form": 1, "households": 120}, {"service_form": 5, "households": 40}, {"service_form": 1, "street_id": "S2"}],
        {"E000": box(0, 0, 60, 100), "E001": box(60, 0, 100, 50)},
        [("解放路", LineString([(-50, 110), (950, 110)])), ("人民街", LineString([(540, -50), (540, 105)]))],
        {"E002": Point(620, 50)},
    )  # fmt: skip


def test_areas_by_street_county_and_city_add_up() -> None:
    found = run(two_streets())
    rates = {(rate.level, rate.unit_id): rate for rate in found.rates}
    assert [(r.level, r.unit_id, r.name) for r in found.rates] == [
        ("city", None, "全市"), ("county", "C1", "东区"), ("street", "S1", "S1街道"), ("street", "S2", "S2街道"),
    ]  # fmt: skip
    one, two = rates["street", "S1"], rates["street", "S2"]
    assert (one.served_m2, one.unserved_m2, one.without_record_m2) == pytest.approx((6000, 2000, 2000), abs=1)
    assert (two.served_m2, two.no_boundary_m2, two.without_record_m2) == pytest.approx((0, 5000, 10_000), abs=1)
    assert two.no_boundary_served_m2 == pytest.approx(5000, abs=1)
    assert (one.share_served, two.share_served, two.share_served_most) == pytest.approx((0.6, 0.0, 1 / 3), abs=1e-3)
    for level in ("city", "county"):
        rate = next(r for r in found.rates if r.level == level)
        assert rate.residential_m2 == pytest.approx(25_000, abs=1)
        assert rate.without_record_m2 == pytest.approx(12_000, abs=1)
        assert (rate.n_pieces, rate.households) == (2, one.households + two.households)  # type: ignore[operator]


def test_service_follows_the_profile_and_the_lost_are_not_served() -> None:
    city = two_streets()
    assert run(city, covered=(5,)).rates[0].served_m2 == pytest.approx(2000, abs=1)
    lost = replace(city, estates=city.estates.assign(lost=pd.array([True, False, False], dtype="boolean")))
    assert run(lost).rates[0].served_m2 == 0


def test_a_piece_names_what_helps_to_find_it() -> None:
    pieces = run(two_streets()).pieces
    assert pieces["area_m2"].round().tolist() == [10_000, 2000]
    large = pieces.iloc[0]
    assert (large["street"], large["county"], large["name"], large["source"]) == (
        "S2街道",
        "东区",
        "柳湖花园",
        "landuse",
    )
    assert large["roads"] == "解放路、人民街"
    assert (
        pieces.index.is_unique and shapely.contains_xy(pieces.geometry.to_numpy(), pieces["lon"], pieces["lat"]).all()
    )
    assert pieces.index.tolist() == run(two_streets()).pieces.index.tolist()


def test_a_piece_far_from_all_named_roads_says_how_far() -> None:
    city = make_city([{"geometry": HECTARE}], roads=[("解放路", LineString([(-50, 403), (950, 403)]))])
    assert run(city).pieces["roads"].tolist() == ["距解放路约300米"]
    assert run(make_city([{"geometry": HECTARE}])).pieces["roads"].tolist() == [""]


# --- households


def house(x: float, **columns: object) -> dict[str, object]:
    """A house of 50 m × 12 m."""
    return {"kind": "building", "use": "apartments", "geometry": box(x, 10, x + 50, 22)} | columns


def estimated(*houses: Mapping[str, object], area: BaseGeometry = YARD, **city: object) -> tuple[int | None, str]:
    found = run(make_city([{"geometry": area}, *houses], **city)).pieces  # type: ignore[arg-type]
    (households,), (method,) = found["households"], found["method"]
    return None if pd.isna(households) else int(households), method


def test_flats_count_as_they_are() -> None:
    assert estimated(house(0, households=36), house(60, households=40)) == (76, Method.FLATS)


def test_floors_are_divided_by_the_floor_area_of_a_household() -> None:
    # 2 × 600 m² × 6 storeys = 7,200 m²; without a register 100 m² a household.
    assert estimated(house(0, levels=6), house(60, levels=6)) == (72, Method.FLOORS)
    register = [{"households": 100, "floor_area_m2": 8000.0}]
    assert estimated(house(0, levels=6), house(60, levels=6), estates=register) == (90, Method.FLOORS)


def test_a_house_without_storeys_takes_its_neighbours() -> None:
    assert estimated(house(0, levels=6), house(60)) == (72, Method.FLOORS)


def test_two_drawings_of_one_house_count_once() -> None:
    assert estimated(house(0, levels=6), house(1, levels=None, households=36), house(60, levels=6)) == (
        72,
        Method.FLOORS,
    )


def test_a_map_with_few_of_the_buildings_says_nothing() -> None:
    wide = box(0, 0, 400, 200)
    assert estimated(house(0, levels=6), area=wide, streets={"S1": box(-10, -10, 500, 300)}) == (None, Method.NONE)


def dense(n: int, street: str = "S1") -> dict[str, object]:
    """``n`` estates of a hectare with 100 households, away from the land in question."""
    rows = [{"households": 100, "street_id": street} for _ in range(n)]
    return {"estates": rows, "boundaries": {f"E{k:03d}": box(0, 1000 + 200 * k, 100, 1100 + 200 * k) for k in range(n)}}


def test_density_of_the_street_needs_five_estates_else_the_city_counts() -> None:
    assert estimated(**dense(5), area=HECTARE) == (100, Method.STREET)
    assert estimated(**dense(5, "S2"), area=HECTARE) == (100, Method.CITY)
    assert estimated(**dense(4), area=HECTARE) == (100, Method.CITY)


@pytest.mark.parametrize(("exact", "shown"), [(0.2, 1), (7.4, 7), (43.6, 44), (154, 150), (1234.0, 1200), (99.7, 100)])
def test_estimates_have_two_digits(exact: float, shown: int) -> None:
    assert rounded(exact) == shown


# --- gaps in the data


def test_without_land_nothing_is_loaded_and_nothing_fails() -> None:
    found = run(make_city(estates=[{}], boundaries={"E000": HECTARE}))
    assert not found.loaded and found.pieces.empty
    assert found.rates[0].share_served is None
    assert found.rates[0].outside_m2 == pytest.approx(10_000, abs=1)


def test_estates_without_any_place_are_told_of() -> None:
    found = run(make_city([{"geometry": HECTARE}], [{"street_id": "S2"}, {"street_id": None}]))
    assert {rate.name: rate.n_unplaced for rate in found.rates} == {
        "全市": 2, "东区": 1, "S1街道": 0, "S2街道": 1, "未归入街道": 1,
    }  # fmt: skip
    assert any("2个小区既没有边界也没有位置" in line for line in found.assumptions)


def test_land_outside_all_streets_has_a_row_of_its_own() -> None:
    found = run(make_city([{"geometry": box(2000, 0, 2100, 100)}]))
    assert found.rates[-1].name == "未归入街道" and found.rates[-1].n_pieces == 1
    assert found.pieces["unit_id"].isna().all()


def test_a_city_without_units_has_one_row() -> None:
    found = run(make_city([{"geometry": HECTARE}], streets={}))
    assert [rate.level for rate in found.rates] == ["city"]


def test_an_unknown_state_is_not_served() -> None:
    city = make_city([{"geometry": HECTARE}], [{"service_form": None}], {"E000": HECTARE})
    found = land_coverage(city, {"E000": CoverageState.UNKNOWN})
    assert found.rates[0].unserved_m2 == pytest.approx(10_000, abs=1)
