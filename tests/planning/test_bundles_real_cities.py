"""Real registers with form and households as they stand there, in every way of bundling, held to the independent rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data.load import load
from data.profile import Profile
from data.profile_file import load_profile
from data.store import Actor, Role, open_store
from planning import runs
from planning.bundles import BundlePlan, BundleSettings, settings_from
from planning.bundles.rules import violations
from planning.bundles.settings import Way
from planning.city import City, Scope

ACTOR = Actor("test", Role.ADMIN)
DAY = date(2026, 11, 23)
BOX = (121.43, 31.20, 121.52, 31.26)
WAYS: tuple[Way, ...] = ("service", "anchor", "regions", "audit")


@pytest.fixture(scope="module")
def beijing(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('beijing')}/w.db") as store:
        load(store, ACTOR, [shared_data / "beijing_core"], load_profile("demo"))
        return runs.read_city(store, ACTOR)


@pytest.fixture(scope="module")
def shanghai(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('shanghai')}/w.db") as store:
        load(store, ACTOR, [shared_data / "shanghai"], load_profile("demo"))
        return runs.read_city(store, ACTOR).inside(Scope(within=BOX))


def only_companies_cover() -> Profile:
    """The demo rules for a city that counts neither 单位代管 nor 街道代管 as covered."""
    profile = load_profile("demo")
    forms = (replace(form, covered=form.covered and form.canonical not in (2, 3)) for form in profile.service_forms)
    return replace(profile, service_forms=tuple(forms))


def wide(profile: Profile, way: Way) -> BundleSettings:
    """Limits for a dense old town, whose small estates have some hundred households."""
    usual = settings_from(profile, way)
    return replace(usual, small_households=400, min_households=300, max_households=3000, radius_m=800.0)


def solved(city: City, profile: Profile, settings: BundleSettings) -> BundlePlan:
    """A proven plan that the rules accept, and in which every estate of the way is once."""
    plan = runs.propose_bundles(city, profile, on=DAY, way=settings.way, settings=settings, seconds=60)
    states = runs.assess(city, profile, DAY).states
    assert violations(plan, city.estates, states, runs.stops_of(city), city.ways, settings, city.companies) == []
    assert plan.proven
    assert plan.bound == plan.households_covered
    return plan


def named(plan: BundlePlan) -> list[str]:
    """Every estate that the plan speaks of, anchors left out."""
    members = [one for bundle in plan.bundles for one in bundle.members if one != bundle.anchor]
    return [*members, *(one.estate_id for one in (*plan.alone, *plan.fallback))]


def test_beijings_uncovered_are_the_unmanaged_and_those_served_by_units_and_streets(beijing: City) -> None:
    profile = only_companies_cover()
    plan = solved(beijing, profile, wide(profile, "service"))
    states = runs.assess(beijing, profile, DAY).states
    uncovered = sorted(estate for estate, state in states.items() if not state.covered)
    forms = beijing.estates["service_form"]
    assert sorted(forms.index[(forms.isin([2, 3, 5]) | forms.isna()).to_numpy()]) == uncovered
    assert sorted(named(plan)) == uncovered
    assert len(plan.bundles) > 20
    assert plan.straight_line, "there are no roads in these files"
    assert len(plan.units) > 20
    assert all(unit.proven for unit in plan.units)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_beijing_a_proven_plan(beijing: City, way: Way) -> None:
    profile = only_companies_cover()
    plan = solved(beijing, profile, wide(profile, way))
    assert len(named(plan)) == len(set(named(plan)))
    assert bool(plan.bundles) == (way != "audit"), "no register there holds public income"
    if way == "audit":
        assert {one.kind for one in plan.fallback} == {"no_income"}


def test_near_gives_up_at_most_half_a_percent_of_a_streets_households_for_fewer_metres(beijing: City) -> None:
    profile = only_companies_cover()
    settings = wide(profile, "anchor")
    exact = solved(beijing, profile, settings)
    near = runs.propose_bundles(beijing, profile, on=DAY, settings=replace(settings, mode="near"), seconds=60)
    assert near.proven
    assert near.households_covered + near.given_up == exact.households_covered
    assert sum(unit.metres for unit in near.units) <= sum(unit.metres for unit in exact.units)
    for unit, best in zip(near.units, exact.units, strict=True):
        assert unit.given_up <= 0.005 * best.households


@pytest.mark.parametrize("way", ["service", "regions"])
def test_shanghais_estates_without_facts_are_not_guessed_into_bundles(shanghai: City, way: Way) -> None:
    profile = load_profile("demo")
    plan = solved(shanghai, profile, wide(profile, way))
    assert not plan.straight_line
    households = shanghai.estates["households"]
    members = [one for bundle in plan.bundles for one in bundle.members]
    assert households[members].notna().all()
    kinds = {one.estate_id: one.kind for one in plan.fallback}
    unknown = shanghai.estates.index[shanghai.estates["service_form"].isna()]
    if way == "service":
        assert {kinds[estate] for estate in unknown} <= {"unknown_state"}
        assert len(unknown) > 400
    else:
        assert len(plan.bundles) >= 5
