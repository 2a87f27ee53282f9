"""Targets in force on a day, and what the indicators of the papers count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.profile import Basis, Kpi, Target
from data.profile_file import load_profile
from data.schemas import ESTATES
from planning.coverage import assess
from tests.strategies import make_estates, make_regions, make_units

DAYS = st.dates(date(2010, 1, 1), date(2090, 12, 31))
SERIES = st.lists(st.builds(Target, DAYS, st.floats(0, 1)), max_size=5, unique_by=lambda target: target.due)


def kpi(*targets: Target) -> Kpi:
    return Kpi("k", "指标", "estate", "share", {}, {}, targets, "", Basis("T00", "测试"))


def indicator(city: str, name: str) -> Kpi:
    (found,) = [kpi for kpi in load_profile(city).kpis if kpi.id == name]
    return found


def count(kpi: Kpi, rows: list[dict[str, object]]) -> tuple[int, int]:
    """Numerator and denominator by the words of ``Filter``: all columns match, an empty cell matches nothing."""

    def match(row: dict[str, object], chosen: dict[str, tuple[object, ...]]) -> bool:
        return all(row.get(column) is not None and row[column] in accepted for column, accepted in chosen.items())

    below = [row for row in rows if match(row, dict(kpi.denominator))]
    return sum(match(row, dict(kpi.numerator)) for row in below), len(below)


def test_the_first_target_not_yet_past_is_in_force_whatever_their_order() -> None:
    late, early = Target(date(2026, 12, 31), 0.98), Target(date(2025, 12, 31), 0.95)
    found = kpi(late, early).target_on(date(2025, 11, 30))
    assert found is not None
    assert (found.due, found.value, found.rolled_from) == (date(2025, 12, 31), 0.95, None)


def test_a_target_is_still_in_force_on_its_own_day_and_the_next_one_a_day_later() -> None:
    series = kpi(Target(date(2025, 12, 31), 0.95), Target(date(2026, 12, 31), 0.98))
    on, after = series.target_on(date(2025, 12, 31)), series.target_on(date(2026, 1, 1))
    assert on is not None and after is not None
    assert (on.value, after.value) == (0.95, 0.98)


def test_past_the_last_target_its_value_rolls_to_the_same_day_of_a_year() -> None:
    series = kpi(Target(date(2023, 7, 31), 1.0))
    before, on = (series.target_on(date(2026, 7, day)) for day in (30, 31))
    later = series.target_on(date(2026, 8, 1))
    assert before is not None and on is not None and later is not None
    assert (before.due, on.due, later.due) == (date(2026, 7, 31), date(2026, 7, 31), date(2027, 7, 31))
    assert later.rolled_from == date(2023, 7, 31)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2024, 3, 1), date(2025, 2, 28)),
        (date(2025, 2, 28), date(2025, 2, 28)),
        (date(2025, 3, 1), date(2026, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_a_leap_day_rolls_to_the_last_of_february(day: date, due: date) -> None:
    found = kpi(Target(date(2024, 2, 29), 0.9)).target_on(day)
    assert found is not None
    assert (found.due, found.rolled_from) == (due, date(2024, 2, 29))


def test_without_targets_nothing_is_in_force() -> None:
    assert kpi().target_on(date(2027, 1, 1)) is None


@given(SERIES, DAYS)
def test_a_target_in_force_is_never_past_and_at_most_a_year_ahead_when_rolled(series: list[Target], day: date) -> None:
    found = kpi(*series).target_on(day)
    assert (found is None) is (not series)
    if found is None:
        return
    assert found.due >= day
    assert found.value in {target.value for target in series}
    rolled = all(target.due < day for target in series)
    assert (found.rolled_from is not None) is rolled
    if rolled:
        assert found.rolled_from == max(target.due for target in series)
        assert found.due - day < timedelta(days=366)


@given(SERIES, DAYS, st.integers(1, 400))
def test_the_due_day_never_moves_back_as_time_passes(series: list[Target], day: date, days: int) -> None:
    first, later = kpi(*series).target_on(day), kpi(*series).target_on(day + timedelta(days=days))
    if first is not None and later is not None:
        assert later.due >= first.due


# ------------------------------------------------------------------------------------------- the papers (story 2)


def committees(with_committee: int, with_property_committee: int, n: int) -> list[dict[str, object]]:
    """Rows of ``n`` estates; those without any committee come last."""
    rest = n - with_committee - with_property_committee
    codes = [1] * with_committee + [2] * with_property_committee + [3] * rest
    return [{"committee": code} for code in codes]


def test_dongsheng_counts_both_committees_against_95_percent_by_the_end_of_2025() -> None:
    rate = indicator("dongsheng", "committee")
    target = rate.target_on(date(2025, 11, 30))
    assert target is not None
    assert (target.value, target.due, target.rolled_from) == (0.95, date(2025, 12, 31), None)
    assert count(rate, committees(201, 60, 300)) == (261, 300)
    assert rate.basis.rule == "D02" and not rate.basis.assumed


def test_suixi_counts_owners_committees_only_against_90_percent() -> None:
    rate = indicator("suixi", "committee")
    target = rate.target_on(date(2025, 11, 30))
    assert target is not None
    assert (target.value, target.due, target.rolled_from) == (0.90, date(2026, 6, 30), date(2023, 6, 30))
    assert count(rate, committees(201, 60, 300)) == (201, 300)


@pytest.mark.parametrize(
    ("city", "numerator", "target", "due", "missing"),
    [("dongsheng", 261, 0.95, date(2025, 12, 31), 24), ("suixi", 201, 0.90, date(2026, 6, 30), 69)],
)
def test_the_assessment_of_300_estates_says_how_many_more_are_needed(
    city: str, numerator: int, target: float, due: date, missing: int
) -> None:
    estates = make_estates([{"service_form": 1, **row} for row in committees(201, 60, 300)])
    coverage = assess(estates, make_regions(estates), make_units(), load_profile(city), date(2025, 11, 30))
    (found,) = [result for result in coverage.kpis if result.id == "committee"]
    assert (found.numerator, found.denominator) == (numerator, 300)
    assert (found.target, found.due, found.missing) == (target, due, missing)


@pytest.mark.parametrize(
    ("day", "value", "due"),
    [
        (date(2024, 4, 19), 0.80, date(2024, 12, 31)),
        (date(2025, 1, 1), 0.95, date(2025, 12, 31)),
        (date(2026, 4, 30), 0.98, date(2026, 12, 31)),
        (date(2027, 1, 1), 0.98, date(2027, 12, 31)),
    ],
)
def test_dongsheng_committee_series_runs_by_year(day: date, value: float, due: date) -> None:
    target = indicator("dongsheng", "committee").target_on(day)
    assert target is not None
    assert (target.value, target.due) == (value, due)


def test_luan_counts_enclosed_mature_estates_only() -> None:
    rate = indicator("luan", "committee_mature")
    target = rate.target_on(date(2023, 7, 1))
    assert target is not None and (target.value, target.due) == (1.0, date(2023, 7, 31))
    rows: list[dict[str, object]] = [
        {"committee": 1, "enclosed": True, "mature": True},
        {"committee": 2, "enclosed": True, "mature": True},
        {"committee": 1, "enclosed": True, "mature": False},
        {"committee": 1, "enclosed": None, "mature": True},
        {"committee": None, "enclosed": True, "mature": True},
    ]
    assert count(rate, rows) == (1, 3)
    assert count(indicator("luan", "property_committee"), rows) == (1, 5)


def test_luan_coverage_is_due_in_full_at_the_end_of_2023() -> None:
    target = indicator("luan", "coverage").target_on(date(2023, 7, 1))
    assert target is not None and (target.value, target.due) == (1.0, date(2023, 12, 31))


def test_pingdingshan_counts_regions() -> None:
    rate = indicator("pingdingshan", "committee_region")
    assert (rate.subject, rate.targets[0].value) == ("region", 1.0)
    assert rate.numerator["committee"] == (1, 2)


def test_no_target_is_invented_where_the_paper_gives_none() -> None:
    for city in ("suixi", "putian", "pingdingshan"):
        assert indicator(city, "coverage").target_on(date(2027, 1, 1)) is None


@pytest.mark.parametrize("city", ["luan", "dongsheng", "suixi", "putian", "pingdingshan", "demo"])
def test_indicators_filter_on_columns_of_the_register(city: str) -> None:
    for rate in load_profile(city).kpis:
        for column, accepted in (rate.numerator | rate.denominator).items():
            if column != "covered":
                assert set(accepted) <= set(ESTATES.column(column).choices or (True, False))


def test_a_campaign_that_is_over_says_so() -> None:
    profile = load_profile("dongsheng")
    assert not profile.ended_on(date(2026, 4, 30))
    assert profile.ended_on(date(2026, 5, 1))
