"""Shanghai's real estates and roads, four invented teams: bundles and a quarter's plan, checked by the independent rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from data.load import load
from data.profile_file import load_profile
from data.schemas import TEAMS
from data.store import Actor, Role, open_store
from planning import quarter as quarters
from planning import runs
from planning.bundles import rules as bundle_rules
from planning.city import City, Scope
from planning.quarter import rules as quarter_rules
from planning.quarter.types import Problem

ACTOR = Actor("test", Role.ADMIN)
BOX = (121.43, 31.20, 121.52, 31.26)
DAY = date(2026, 11, 23)
_DEPOTS = {
    "第一组": (121.4737, 31.2304),
    "第二组": (121.45, 31.22),
    "第三组": (121.505, 31.24),
    "第四组": (121.46, 31.25),
}


@pytest.fixture(scope="module")
def shanghai(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    profile = load_profile("demo")
    teams = TEAMS.frame(
        [
            {
                "team_id": name, "name": name, "departments": list(profile.departments), "n_people": 4,
                "depot_name": f"{name}驻地", "depot_lon": lon, "depot_lat": lat, "starts_s": 8 * 3600 + 1800,
                "ends_s": 17 * 3600 + 1800, "lunch_s": 3600, "lunch_from_s": 11 * 3600 + 1800,
                "lunch_to_s": 13 * 3600,
            }
            for name, (lon, lat) in _DEPOTS.items()
        ]
    )  # fmt: skip
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('shanghai')}/w.db") as store:
        load(store, ACTOR, [shared_data / "shanghai"], profile)
        with store.begin(ACTOR, write=True) as uow:
            uow.put(TEAMS, teams)
        return runs.read_city(store, ACTOR).inside(Scope(within=BOX))


@pytest.fixture(scope="module")
def problem(shanghai: City, tmp_path_factory: pytest.TempPathFactory) -> Problem:
    cache = tmp_path_factory.mktemp("cache")
    return runs.pose_quarter(shanghai, load_profile("demo"), "2027Q1", cache_dir=cache)


def test_the_box_holds_the_known_number_of_estates(shanghai: City) -> None:
    assert len(shanghai.estates) == 1328


def test_stops_lie_beside_the_roads(shanghai: City) -> None:
    stops = runs.stops_of(shanghai)
    assert stops["distance_to_road_m"].notna().all()
    assert np.median(stops["distance_to_road_m"]) < 40


def test_bundles_keep_every_rule_and_leave_nobody_out(shanghai: City) -> None:
    profile = load_profile("demo")
    plan = runs.propose_bundles(shanghai, profile, on=DAY, seconds=20)
    states = runs.assess(shanghai, profile, DAY).states
    found = bundle_rules.violations(
        plan, shanghai.estates, states, runs.stops_of(shanghai), shanghai.ways, plan.settings
    )
    assert found == []
    members = [estate for bundle in plan.bundles for estate in bundle.members]
    ended = sorted([*members, *(a.estate_id for a in plan.alone), *(f.estate_id for f in plan.fallback)])
    assert ended == sorted(estate for estate, state in states.items() if not state.covered)


def test_the_quarter_is_planned_whole_and_keeps_every_rule(problem: Problem) -> None:
    plan = quarters.solve(problem, budget_s=12, seed=1)
    assert quarter_rules.violations(plan, problem) == []
    assert len(plan.unplaced) == 0
    assert sum(1 for _ in plan.stops()) == len(problem.visits) == 1328
    assert not problem.straight_line
