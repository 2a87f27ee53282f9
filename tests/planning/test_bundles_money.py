"""Money of bundles: hand-computed accounts, rounding, what is unknown, costs from the profile."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.profile_file import load_profile, profile_names
from planning.bundles.candidates.money import fixed_yuan, income_yuan, money_columns, money_of, running_yuan
from planning.bundles.settings import Costs, settings_from
from planning.bundles.types import Money
from tests.strategies import make_estates

COSTS = Costs(
    per_household=100.0,
    per_lift=6000.0,
    per_post=36_000.0,
    posts_per_estate=0.25,
    posts_per_point=1.5,
    per_point=10_000.0,
    collection_rate=0.7,
)
FULL = {"households": 80, "floor_area_m2": 6000.0, "fee_yuan_m2": 0.5, "fee_rate": 0.9, "n_lifts": 2}


def test_an_account_worked_out_on_paper() -> None:
    """6000 × 0.5 × 12 × 0.9 = 32,400; 80 × 100 + 2 × 6000 + 0.25 × 36,000 = 29,000; 10,000 + 1.5 × 36,000 = 64,000."""
    rows = make_estates([FULL])
    assert income_yuan(rows, COSTS).tolist() == [32_400]
    assert running_yuan(rows, COSTS).tolist() == [29_000]
    assert fixed_yuan(COSTS) == 64_000
    assert money_of(rows, COSTS) == Money(32_400, 29_000, 64_000)
    assert Money(32_400, 29_000, 64_000).margin == -60_600


def test_the_assumed_rate_and_no_lifts_stand_in_for_blanks() -> None:
    rows = make_estates([{**FULL, "fee_rate": None, "n_lifts": None}, {**FULL, "fee_rate": 0.0}])
    assert income_yuan(rows, COSTS).tolist() == [25_200, 0], "a rate of 0 is known and is not replaced"
    assert running_yuan(rows, COSTS).tolist() == [17_000, 29_000]


@pytest.mark.parametrize("blank", ["fee_yuan_m2", "floor_area_m2"])
def test_nothing_is_guessed_without_fee_or_floor_area(blank: str) -> None:
    rows = make_estates([FULL, {**FULL, blank: None}])
    assert income_yuan(rows, COSTS).tolist() == [32_400, pd.NA]
    assert money_columns(rows, COSTS)["margin_yuan"].isna().tolist() == [False, True]
    assert money_of(rows, COSTS) is None
    assert money_of(rows.iloc[:1], COSTS) is not None


def test_without_costs_there_is_no_money() -> None:
    rows = make_estates([FULL])
    assert money_of(rows, None) is None
    assert money_columns(rows, None).isna().all(axis=None)


def test_income_is_rounded_down_and_costs_up_for_each_estate() -> None:
    costs = Costs(0.35, 0.0, 10.0, 0.05, 0.33, 100.0, 1.0)
    rows = make_estates([{**FULL, "households": 1, "floor_area_m2": 10.0, "fee_yuan_m2": 0.499, "n_lifts": 0}] * 2)
    # 10 × 0.499 × 12 × 0.9 = 53.892; 0.35 + 0.5 = 0.85; 100 + 3.3 = 103.3
    assert money_of(rows, costs) == Money(53 * 2, 1 * 2, 104)


def test_a_whole_number_is_not_lost_to_binary_fractions() -> None:
    """0.1 × 3 × 12 × 0.7 and the like come out a hair below or above the whole number."""
    costs = Costs(0.1, 0.0, 0.0, 0.0, 0.0, 0.1 + 0.2, 0.7)
    rows = make_estates([{**FULL, "households": 30, "floor_area_m2": 2500.0, "fee_yuan_m2": 0.55, "fee_rate": None}])
    assert income_yuan(rows, costs).tolist() == [11_550]
    assert running_yuan(rows, costs).tolist() == [3]


@given(
    st.integers(0, 2000),
    st.integers(1, 50_000),
    st.integers(0, 500),
    st.integers(0, 100),
    st.integers(0, 40),
    st.integers(0, 300),
)
def test_whole_yuan_agree_with_exact_fractions(
    households: int, area: int, fee_cents: int, rate: int, lifts: int, per_household: int
) -> None:
    row = {"households": households, "floor_area_m2": float(area), "fee_yuan_m2": fee_cents / 100}
    rows = make_estates([{**row, "fee_rate": rate / 100, "n_lifts": lifts}])
    costs = Costs(float(per_household), 6000.0, 36_000.0, 0.1, 1.0, 12_000.0, 0.7)
    income = Fraction(area) * Fraction(fee_cents, 100) * 12 * Fraction(rate, 100)
    assert income_yuan(rows, costs).tolist() == [math.floor(income)]
    assert running_yuan(rows, costs).tolist() == [households * per_household + lifts * 6000 + 3600]


@pytest.mark.parametrize("city", profile_names())
def test_an_anchor_needs_no_service_point_and_an_audit_costs_nothing(city: str) -> None:
    profile = load_profile(city)
    service, anchor = settings_from(profile, "service").costs, settings_from(profile, "anchor").costs
    assert service is not None and anchor is not None
    assert fixed_yuan(service) == 48_000 and fixed_yuan(anchor) == 0
    assert (anchor.per_household, anchor.per_lift, anchor.collection_rate) == (
        service.per_household,
        service.per_lift,
        service.collection_rate,
    )
    assert settings_from(profile, "audit").costs is None
