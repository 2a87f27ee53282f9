"""What the quarter's problem asks for: who is visited, how long, why, and what cannot be planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from quarter_cases import HOUR

from data.calendar import WorkingDays
from data.profile import Profile
from data.profile_file import load_profile
from data.quarter import Quarter
from data.schemas import BOUNDARIES, CALENDAR, CASES, ESTATES, GATES, TEAMS, UNITS, WAYS
from geo.errors import InputError
from planning.quarter import Settings, build_problem, greedy_plan, solve, violations
from planning.quarter.types import Problem
from planning.quarter.wanted import service_s
from planning.stops import stop_points

QUARTER = Quarter(2027, 1)
QUICK = Settings(processes=0, max_solutions=40, max_rounds=1)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile("dongsheng")


def _estates() -> pd.DataFrame:
    def row(number: int, **cells: object) -> dict[str, object]:
        fields: dict[str, object] = {
            "estate_id": f"E{number}",
            "name": f"{number}号院",
            "region_id": f"R{number}",
            "street_id": "S1",
            "service_form": 1,
            "households": 500,
            "consent": "unknown",
            "lon": 112.0 + number / 100,
            "lat": 30.0,
        }
        return fields | cells

    return ESTATES.frame(
        [
            row(1),
            row(2, households=2000, lost=True),
            row(3, households=None, service_form=5, street_id="S2"),
            row(4, lon=None, lat=None),
            row(5, extra={"连续两年黑榜企业服务的小区": "是"}),
        ]
    )


def _units() -> pd.DataFrame:
    return UNITS.frame(
        [
            {"unit_id": "C1", "name": "甲区", "kind": "county"},
            {"unit_id": "S1", "name": "一街道", "kind": "street", "parent_id": "C1"},
            {"unit_id": "S2", "name": "二街道", "kind": "street", "parent_id": "C1"},
        ]
    )


def _cases() -> pd.DataFrame:
    def row(number: int, estate: str | None, **cells: object) -> dict[str, object]:
        fields: dict[str, object] = {
            "case_id": f"K{number}",
            "estate_id": estate,
            "project_name": "x",
            "categories": [1],
            "closed": False,
        }
        return fields | cells

    return CASES.frame(
        [
            row(1, "E1", due_date=date(2026, 12, 31)),
            row(2, "E1", due_date=date(2027, 1, 1)),
            row(3, "E2", closed=True, due_date=date(2026, 1, 1)),
            row(4, None, due_date=date(2026, 1, 1)),
        ]
    )


def _teams(**cells: object) -> pd.DataFrame:
    fields: dict[str, object] = {
        "team_id": "T1",
        "name": "第一组",
        "departments": [],
        "n_people": 3,
        "depot_name": "住建局",
        "depot_lon": 112.0,
        "depot_lat": 30.01,
        "starts_s": 8 * HOUR + 1800,
        "ends_s": 17 * HOUR + 1800,
        "lunch_s": 5400,
        "lunch_from_s": 11 * HOUR + 1800,
        "lunch_to_s": 13 * HOUR,
        "days_off": ["2027-01-04"],
    }
    return TEAMS.frame([fields | cells])


def _pose(profile: Profile, estates: pd.DataFrame | None = None, teams: pd.DataFrame | None = None) -> Problem:
    estates = _estates() if estates is None else estates
    return build_problem(
        QUARTER,
        profile,
        estates,
        _units(),
        _cases(),
        _teams() if teams is None else teams,
        WorkingDays(CALENDAR.empty()),
        stop_points(estates, GATES.empty(), BOUNDARIES.empty(), None),
        WAYS.empty(),
    )


def test_every_estate_is_wanted_once_and_one_without_position_is_reported(profile: Profile) -> None:
    asked = _pose(profile)
    assert sorted(v.estate_id for v in asked.visits.values()) == ["E1", "E2", "E3", "E5"]
    assert [(item.estate_id, item.kind) for item in asked.left_out] == [("E4", "no_position")]
    for make in (solve, greedy_plan):
        plan = make(asked, settings=QUICK) if make is solve else make(asked)
        assert violations(plan, asked) == []
        assert [item.estate_id for item in plan.unplaced if item.kind == "no_position"] == ["E4"]


def test_service_time_follows_size_and_open_cases(profile: Profile) -> None:
    asked = _pose(profile)
    length = {v.estate_id: v.service_s for v in asked.visits.values()}
    assert length["E1"] == 2400 + 300 + 2 * 600
    assert length["E2"] == 2400 + 1200
    assert length["E3"] == service_s(profile, 500, 0)  # households unknown: the city's median
    assert service_s(profile, 10**6, 50) == profile.service_times.cap_s.value
    assert all(seconds % 60 == 0 for seconds in length.values())


def test_departments_urgency_and_reason_come_from_open_cases(profile: Profile) -> None:
    asked = _pose(profile)
    visits = {v.estate_id: v for v in asked.visits.values()}
    assert visits["E1"].departments == profile.departments_for((1,))
    assert visits["E2"].departments == frozenset()
    assert visits["E1"].mandatory
    assert "1个问题超期" in visits["E1"].reason
    assert not visits["E2"].mandatory
    assert visits["E5"].mandatory
    assert "黑榜" in visits["E5"].reason
    assert visits["E2"].priority > visits["E3"].priority > 0
    assert "户数不详" in visits["E3"].reason
    assert all("D11" in visit.reason for visit in visits.values())


def test_programmes_of_one_level_share_the_trip(profile: Profile) -> None:
    asked = _pose(profile)
    assert {v.rule_id for v in asked.visits.values()} == {"joint"}
    assert all("D23" in v.reason for v in asked.visits.values())


def test_several_visits_a_quarter_lie_in_equal_parts_of_it(profile: Profile) -> None:
    rules = tuple(replace(rule, times_per_quarter=3) if rule.id == "joint" else rule for rule in profile.visit_rules)
    asked = _pose(replace(profile, visit_rules=rules))
    windows = sorted((v.first_day, v.last_day) for v in asked.visits.values() if v.estate_id == "E1")
    assert windows == [
        (date(2027, 1, 1), date(2027, 1, 30)),
        (date(2027, 1, 31), date(2027, 3, 1)),
        (date(2027, 3, 2), date(2027, 3, 31)),
    ]
    plan = solve(asked, settings=QUICK)
    assert violations(plan, asked) == []
    assert {item.kind for item in plan.unplaced} == {"no_position", "no_team"}  # nobody brings what E1 needs


def test_areas_hold_the_units_above(profile: Profile) -> None:
    assert _pose(profile).unit_of_estate["E3"] == frozenset({"S2", "C1"})


def test_team_days_are_working_days_without_days_off_and_the_year_warns(profile: Profile) -> None:
    asked = _pose(profile)
    team = asked.teams["T1"]
    assert date(2027, 1, 4) not in team.days
    assert date(2027, 1, 5) in team.days
    assert "2027年" in asked.calendar_warning


def test_places_are_stops_then_depots(profile: Profile) -> None:
    asked = _pose(profile)
    assert sorted(v.place for v in asked.visits.values()) == [0, 1, 2, 3]
    assert asked.teams["T1"].place == 4
    assert asked.travel_s.shape == (5, 5)
    assert asked.straight_line


def test_a_half_day_team_needs_no_lunch(profile: Profile) -> None:
    asked = _pose(profile, teams=_teams(ends_s=11 * HOUR + 1800))
    assert asked.teams["T1"].lunch_s == 0


@pytest.mark.parametrize("cells", [{"starts_s": 18 * HOUR}, {"lunch_from_s": 14 * HOUR}, {"ends_s": 8 * HOUR + 1800}])
def test_impossible_hours_are_a_fault_of_the_table(profile: Profile, cells: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        _pose(profile, teams=_teams(source_file="teams.xlsx", source_row=3, **cells))
    fault = caught.value.faults[0]
    assert (fault.file, fault.row, fault.value) == ("teams.xlsx", 3, "第一组")


def test_no_team_and_no_programme_are_said_plainly(profile: Profile) -> None:
    with pytest.raises(InputError, match="检查组"):
        _pose(profile, teams=TEAMS.empty())
    with pytest.raises(InputError, match="没有每季度检查全部小区的项目"):
        _pose(replace(profile, visit_rules=()))


def test_a_scope_limits_the_estates(profile: Profile) -> None:
    rule = next(rule for rule in profile.visit_rules if rule.id == "joint")
    for scope, expected in (({"covered": (False,)}, {"E2", "E3"}), ({"street_id": ("S2",)}, {"E3"})):
        asked = _pose(replace(profile, visit_rules=(replace(rule, scope=scope),)))
        assert {v.estate_id for v in asked.visits.values()} == expected
