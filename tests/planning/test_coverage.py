"""Coverage: states, rates, indicators (stories 1 and 2)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.profile import Target
from planning.coverage import assess, estate_states
from planning.coverage_types import Coverage, CoverageState, KpiResult
from tests.strategies import make_estates, make_kpi, make_profile, make_regions, make_units, uncovered_estates

DAY = date(2025, 11, 30)


def run(estates: pd.DataFrame, units: pd.DataFrame | None = None, **profile: object) -> Coverage:
    units = make_units() if units is None else units
    return assess(estates, make_regions(estates), units, make_profile(**profile), DAY)  # type: ignore[arg-type]


def measured(estates: pd.DataFrame, **kpi: object) -> KpiResult:
    numerator = kpi.pop("numerator", {"committee": (1, 2)})
    return run(estates, kpis=[make_kpi(numerator, **kpi)]).kpis[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "lost", "expected"),
    [
        (1, None, CoverageState.PROFESSIONAL),
        (1, False, CoverageState.PROFESSIONAL),
        (2, None, CoverageState.OTHER_COVERED),
        (4, None, CoverageState.UNMANAGED),
        (5, None, CoverageState.UNMANAGED),
        (None, None, CoverageState.UNKNOWN),
        (1, True, CoverageState.LOST),
        (5, True, CoverageState.LOST),
        (None, True, CoverageState.LOST),
    ],
)
def test_state_follows_lost_flag_then_form(form: int | None, lost: bool | None, expected: CoverageState) -> None:
    estates = make_estates([{"service_form": form, "lost": lost}])
    states = estate_states(estates, make_profile(covered=(1, 2, 3)))
    assert states.to_dict() == {"E000": expected}


def test_city_that_does_not_cover_professional_service_calls_it_unmanaged() -> None:
    estates = make_estates([{"service_form": 1}])
    assert estate_states(estates, make_profile(covered=(2,))).iloc[0] is CoverageState.UNMANAGED


def test_story_1_400_estates_52_with_form_5_give_87_percent() -> None:
    estates = make_estates(
        [
            {"service_form": 5 if n < 52 else 1, "households": 10 if n < 52 else 100, "floor_area_m2": 1000.0}
            for n in range(400)
        ]
    )
    city = run(estates).rates[0]
    assert (city.level, city.unit_id, city.n_estates, city.n_covered, city.n_unmanaged) == ("city", None, 400, 348, 52)
    assert city.by_estates == pytest.approx(0.87, abs=1e-12)
    assert city.by_households == 34_800 / 35_320
    assert city.by_floor_area == pytest.approx(0.87, abs=1e-12)


def test_rates_of_every_unit_with_a_row_for_estates_without_one() -> None:
    units = make_units([("C1", "county", None), ("C2", "county", None), ("S1", "street", "C1"), ("S2", "street", "C1")])
    estates = make_estates(
        [
            {"service_form": 1, "households": 300, "floor_area_m2": 10.0},
            {"service_form": 5, "households": 100, "floor_area_m2": 30.0},
            {"service_form": None, "households": None, "floor_area_m2": None, "street_id": None},
            {"service_form": 1, "lost": True, "households": 100, "street_id": "S9"},
        ]
    )
    coverage = run(estates, units)
    rows = {(r.level, r.unit_id): r for r in coverage.rates}
    assert [(r.level, r.unit_id) for r in coverage.rates] == [
        ("city", None),
        ("county", "C1"),
        ("county", "C2"),
        ("street", "S1"),
        ("street", "S2"),
        ("street", "S9"),
        ("street", None),
        ("community", None),
    ]
    s1 = rows["street", "S1"]
    assert (s1.name, s1.by_estates, s1.by_households, s1.by_floor_area) == ("S1名", 0.5, 0.75, 0.25)
    assert rows["street", "S2"].n_estates == 0
    assert rows["street", "S2"].by_estates is None
    assert rows["street", "S9"].name == "S9"
    homeless = rows["street", None]
    assert (homeless.name, homeless.n_unknown, homeless.n_without_households) == ("未归入街道", 1, 1)
    assert (homeless.by_estates, homeless.by_households) == (0.0, None)
    city = rows["city", None]
    assert (city.n_covered, city.n_unmanaged, city.n_lost, city.n_unknown) == (1, 1, 1, 1)
    assert (city.by_households, city.n_without_households, city.n_without_floor_area) == (0.6, 1, 2)
    assert [(u.estate_id, u.state, u.street, u.households) for u in coverage.uncovered] == [
        ("E001", CoverageState.UNMANAGED, "S1名", 100),
        ("E002", CoverageState.UNKNOWN, "", None),
        ("E003", CoverageState.LOST, "S9", 100),
    ]


def story_2() -> pd.DataFrame:
    """300 estates: 200 with an owners' committee, 61 with a management committee, 39 with neither."""
    return make_estates([{"committee": 1 if n < 200 else 2 if n < 261 else 3} for n in range(300)])


def test_story_2_261_of_300_is_87_percent_and_24_short_of_95() -> None:
    result = measured(story_2(), targets=(Target(date(2024, 12, 31), 0.80), Target(date(2025, 12, 31), 0.95)))
    assert (result.numerator, result.denominator, result.value) == (261, 300, 0.87)
    assert (result.target, result.due, result.rolled_from, result.missing) == (0.95, date(2025, 12, 31), None, 24)


def test_story_2_another_city_counts_owners_committees_only() -> None:
    result = measured(story_2(), numerator={"committee": (1,)}, targets=(Target(date(2025, 12, 31), 0.90),))
    assert (result.numerator, result.target, result.missing) == (200, 0.90, 70)


@pytest.mark.parametrize(
    ("n", "target", "wanted"), [(300, 0.95, 285), (301, 0.95, 286), (10, 0.1, 1), (100, 0.07, 7), (3, 1.0, 3)]
)
def test_missing_is_exact_at_round_numbers(n: int, target: float, wanted: int) -> None:
    estates = make_estates([{"committee": 3}] * n)
    assert measured(estates, targets=(Target(date(2025, 12, 31), target),)).missing == wanted


def test_target_reached_is_not_negative() -> None:
    assert measured(make_estates([{"committee": 1}] * 4)).missing == 0


def test_denominator_limits_whom_the_numerator_may_count() -> None:
    estates = make_estates(
        [
            {"enclosed": True, "mature": True, "committee": 1},
            {"enclosed": True, "mature": True, "committee": None},
            {"enclosed": True, "mature": None, "committee": 1},
            {"enclosed": False, "mature": True, "committee": 1},
        ]
    )
    result = measured(estates, denominator={"enclosed": (True,), "mature": (True,)})
    assert (result.numerator, result.denominator, result.missing) == (1, 2, 1)


def test_empty_denominator_has_no_value() -> None:
    result = measured(make_estates([{"committee": 1}]), denominator={"enclosed": (True,)})
    assert (result.value, result.numerator, result.denominator, result.missing) == (None, 0, 0, None)


def test_count_indicator_misses_what_the_target_names() -> None:
    estates = make_estates([{"estate_type": "示范小区"}] * 3 + [{}] * 7)
    result = measured(
        estates, numerator={"estate_type": ("示范小区",)}, measure="count", targets=(Target(date(2025, 12, 31), 15),)
    )
    assert (result.value, result.target, result.missing) == (3.0, 15, 12)


def test_region_matches_only_when_all_its_estates_do() -> None:
    estates = make_estates(
        [
            {"region_id": "A", "committee": 1},
            {"region_id": "A", "committee": 2},
            {"region_id": "B", "committee": 1},
            {"region_id": "B", "committee": 3},
        ]
    )
    result = measured(estates, subject="region")
    assert (result.numerator, result.denominator, result.value) == (1, 2, 0.5)


def test_past_targets_roll_forward_visibly() -> None:
    result = measured(make_estates([{"committee": 3}]), targets=(Target(date(2023, 7, 31), 1.0),))
    assert (result.due, result.rolled_from) == (date(2026, 7, 31), date(2023, 7, 31))


def test_indicator_may_ask_for_the_assessed_state() -> None:
    estates = make_estates([{"service_form": 1}, {"service_form": 1, "lost": True}])
    assert measured(estates, numerator={"covered": (True,)}).numerator == 1
    assert measured(estates, numerator={"state": ("lost",)}).numerator == 1


def test_filter_on_a_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="stars"):
        measured(make_estates([{}]), numerator={"stars": (5,)})


def test_city_without_estates_has_no_rates() -> None:
    coverage = run(make_estates([]), kpis=[make_kpi({"committee": (1,)})])
    assert (coverage.states, coverage.uncovered) == ({}, ())
    assert coverage.rates[0].by_estates is None
    assert coverage.kpis[0].value is None


@given(uncovered_estates(), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_row_order_changes_nothing_and_levels_add_up(estates: pd.DataFrame, random: object) -> None:
    order = list(range(len(estates)))
    random.shuffle(order)  # type: ignore[attr-defined]
    coverage = run(estates)
    assert coverage == run(estates.iloc[order])
    city = coverage.rates[0]
    assert city.n_estates == city.n_covered + city.n_unmanaged + city.n_lost + city.n_unknown
    for level in ("county", "street", "community"):
        rows = [r for r in coverage.rates if r.level == level]
        assert sum(r.n_estates for r in rows) == city.n_estates
        assert sum(r.households for r in rows) == city.households
        assert np.isclose(sum(r.floor_area_m2 for r in rows), city.floor_area_m2)


def test_an_indicator_on_a_column_that_nobody_filled_has_no_value_but_a_count_of_unknown() -> None:
    result = measured(make_estates([{"committee": None} for _ in range(3)]))
    assert (result.value, result.missing, result.n_unknown, result.denominator) == (None, None, 3, 0)


def test_unfilled_estates_stay_in_the_denominator_and_are_counted_apart() -> None:
    result = measured(make_estates([{"committee": code} for code in (1, 3, None, None)]))
    assert (result.numerator, result.denominator, result.n_unknown) == (1, 4, 2)
