"""Every stored proposal is checked: all ways, plans in force and named versions, bundles made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.profile import Profile
from data.schemas import ESTATES, REGIONS, UNITS
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from planning import runs
from planning.bundle_versions import save_version, solved
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.checks import UNREADABLE, CheckReport
from planning.city import Scope
from planning.results import BUNDLES, body_of
from tests.planning.bundle_cases import fixed, with_bundle
from tests.strategies import make_estates, make_profile, make_settings

PLANNER = Actor("王某", Role.PLANNER)
ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTINGS = make_settings()
ROWS = [{"xy": (x, 0), "households": 60, "floor_area_m2": 5000.0} for x in (0, 200, 3000, 3200)]


@pytest.fixture
def profile() -> Profile:
    return make_profile(settings=SETTINGS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two pairs of small estates in one street."""
    estates = make_estates(ROWS)
    regions = REGIONS.frame([{"region_id": one, "name": one} for one in estates["region_id"]])
    unit = {"unit_id": "S1", "name": "一街", "kind": "street", "parent_id": None, "geometry": None}
    with open_store(f"sqlite:///{tmp_path}/w.db") as one:
        with one.begin(PLANNER, write=True) as work:
            work.put(UNITS, UNITS.frame([unit]))
            work.put(REGIONS, regions)
            work.put(ESTATES, estates)
        yield one


def plan_of(store: Store, profile: Profile) -> BundlePlan:
    return runs.propose_bundles(runs.read_city(store, PLANNER), profile, on=ON, settings=SETTINGS)


def keep(store: Store, plan: BundlePlan) -> None:
    way: Way = plan.settings.way
    solved(store, PLANNER, way, plan, Scope(), runs.read_city(store, PLANNER), now=NOW)


def check(store: Store, profile: Profile) -> CheckReport:
    return runs.check(store, PLANNER, profile, on=ON, cache_dir=None)


def test_plan_in_force_and_named_versions_are_checked_each_by_name(store: Store, profile: Profile) -> None:
    good = plan_of(store, profile)
    assert len(good.bundles) == 2
    keep(store, good)
    save_version(store, PLANNER, "service", "第一稿")
    keep(store, with_bundle(good, 1, households=121))
    report = check(store, profile)
    assert report.checked == ("打捆方案", "打捆方案“第一稿”")
    assert {(one.plan, one.rule) for one in report.violations} == {
        ("打捆方案", "figures_are_the_registers"),
        ("打捆方案", "totals_add_up"),
    }
    assert report.outdated == ()
    save_version(store, PLANNER, "service", "坏稿")
    assert {one.plan for one in check(store, profile).violations} == {"打捆方案", "打捆方案“坏稿”"}


def test_all_ways_are_checked(store: Store, profile: Profile) -> None:
    good = plan_of(store, profile)
    keep(store, good)
    empty = replace(good, bundles=(), households_covered=0, bound=0, units=())
    keep(store, replace(empty, settings=replace(SETTINGS, way="regions", old_types=("老旧小区",)), fallback=()))
    keep(store, replace(empty, settings=replace(SETTINGS, way="audit", max_income_yuan=1.0), fallback=()))
    report = check(store, profile)
    assert report.checked == ("打捆方案", "审计打包方案", "划区方案")
    assert {(one.plan, one.rule) for one in report.violations} == {("审计打包方案", "every_estate_once")}


def test_outdated_plan_is_checked_against_the_data_of_today(store: Store, profile: Profile) -> None:
    keep(store, plan_of(store, profile))
    with store.begin(PLANNER, write=True) as work:
        work.put(ESTATES, make_estates([{**ROWS[0], "consent": "no"}]))
    report = check(store, profile)
    assert report.outdated == ("打捆方案",)
    assert [(one.rule, one.subject) for one in report.violations] == [("nobody_refused", "B001")]


def test_bundle_made_by_hand_is_an_exception_with_its_reason(store: Store, profile: Profile) -> None:
    with store.begin(PLANNER, write=True) as work:
        work.put(ESTATES, make_estates([{**ROWS[0], "consent": "no"}]))
    made = fixed(plan_of_two(store, profile), 0, "业主大会已改变决定")
    keep(store, made)
    report = check(store, profile)
    assert report.violations == ()
    (one,) = report.exceptions
    assert (one.plan, one.bundle_id, one.rule, one.reason) == (
        "打捆方案",
        "B001",
        "nobody_refused",
        "业主大会已改变决定",
    )


def plan_of_two(store: Store, profile: Profile) -> BundlePlan:
    """The plan that would be if nobody had refused."""
    city = runs.read_city(store, PLANNER)
    willing = replace(city, estates=city.estates.assign(consent="yes"))
    return runs.propose_bundles(willing, profile, on=ON, settings=SETTINGS)


def test_plan_that_cannot_be_read_is_told_and_stops_no_other_check(store: Store, profile: Profile) -> None:
    good = plan_of(store, profile)
    keep(store, good)
    body = body_of(replace(good, settings=replace(SETTINGS, way="anchor")), Scope(), "x")
    with store.begin(PLANNER, write=True) as work:
        work.save_document(BUNDLES, "anchor", {**body, "value": {"bundles": "?"}})
    report = check(store, profile)
    assert report.checked == ("打捆方案", "以大带小方案")
    assert [(one.rule, one.subject) for one in report.violations] == [(UNREADABLE, "以大带小方案")]


def test_nothing_stored_is_said(store: Store, profile: Profile) -> None:
    with pytest.raises(InputError, match="没有可核对的方案"):
        check(store, profile)
