"""Poses the quarter's problem: which estates are visited, how long, by whom they may be, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from data.calendar import WorkingDays
from data.profile import Filter, Profile, VisitRule
from data.quarter import Quarter
from geo.errors import Fault, InputError
from geo.progress import SILENT, Progress
from planning.coverage import estate_states
from planning.coverage_types import CoverageState
from planning.quarter.types import Problem, Team, Unplaced
from planning.quarter.wanted import open_calls, wanted_visits
from planning.travel import travel_matrix

_AREA_COLUMNS = ("county_id", "street_id", "community_id", "grid_id")


def build_problem(
    quarter: Quarter,
    profile: Profile,
    estates: pd.DataFrame,
    units: pd.DataFrame,
    cases: pd.DataFrame,
    teams: pd.DataFrame,
    working_days: WorkingDays,
    stops: pd.DataFrame,
    ways: pd.DataFrame,
    *,
    states: Mapping[str, CoverageState] | None = None,
    cache_dir: Path | None = None,
    progress: Progress = SILENT,
) -> Problem:
    """The quarter's visits under the profile's joint rules, the teams with their days, and the travel between them.

    Parameters
    ----------
    estates, units, cases, teams, ways
        Checked tables of ``data.schemas``.
    stops
        Where a visit of each estate stops, by ``planning.stops.stop_points`` (EPSG:4490 degrees). Estates without a
        position become ``Problem.left_out`` (``no_position``).
    states
        Coverage of each estate; computed from the profile when missing.
    cache_dir
        Folder of travel matrices, ``None`` to store nothing.

    Raises
    ------
    InputError
        If the profile has no programme that visits every estate, there is no team, or a team's hours make no sense.
    Stopped
        When the progress says so before the matrix is known.
    """
    rules = _programmes(profile)
    if teams.empty:
        raise InputError("没有检查组，无法排检查计划", "请先导入检查组表（teams.xlsx）")
    estates = estates.sort_index()
    found = pd.Series(states, dtype=object).reindex(estates.index) if states is not None else None
    state = estate_states(estates, profile) if found is None or found.isna().any() else found
    calls = open_calls(cases, profile, quarter.first_day)
    positions = stops.reindex(estates.index)
    located = np.isfinite(positions["lon"].to_numpy(float)) & np.isfinite(positions["lat"].to_numpy(float))
    in_scope = {rule.id: _in_scope(estates, state, rule.scope) for rule in rules}
    wanted = pd.DataFrame(in_scope, index=estates.index).any(axis=1).to_numpy()
    with_stop = estates.index[wanted & located]
    place = {estate_id: row for row, estate_id in enumerate(with_stop)}
    visits, left_out = {}, []
    for rule in rules:
        chosen = estates[in_scope[rule.id]]
        served = _companions(profile, rule)
        for visit in wanted_visits(rule, served, quarter, profile, chosen, state, calls, positions, place):
            if isinstance(visit, Unplaced):
                left_out.append(visit)
            else:
                visits[visit.visit_id] = visit
    lon = np.concatenate((positions.loc[with_stop, "lon"], teams["depot_lon"])).astype(float)
    lat = np.concatenate((positions.loc[with_stop, "lat"], teams["depot_lat"])).astype(float)
    travel = travel_matrix(ways, lon, lat, cache_dir, progress)
    days = working_days.between(quarter.first_day, quarter.last_day)
    return Problem(
        quarter=quarter.id,
        first_day=quarter.first_day,
        last_day=quarter.last_day,
        visits=visits,
        teams=_teams(teams, days, len(with_stop)),
        unit_of_estate=_areas(estates.loc[estates.index[wanted]], units),
        travel_s=travel.travel_s,
        distance_m=travel.distance_m,
        straight_line=travel.straight_line,
        calendar_warning=working_days.warning(quarter.first_day, quarter.last_day),
        left_out=tuple(left_out),
    )


def _programmes(profile: Profile) -> list[VisitRule]:
    """Programmes that visit every estate of their scope: the joint ones, else the full ones; one for each level.

    Of several at one level the first counts; its visits serve the others too (DOMAIN A6: yes inside one level).
    """
    for kind in ("joint", "full"):
        found: dict[str, VisitRule] = {}
        for rule in profile.visit_rules:
            if rule.kind == kind and rule.share >= 1 and rule.times_per_quarter >= 1:
                found.setdefault(rule.level, rule)
        if found:
            return list(found.values())
    raise InputError(
        f"“{profile.city}”的规则里没有每季度检查全部小区的项目",
        "请在规则文件的 visit_rules 中加入 kind 为 joint、share 为 1 的项目",
    )


def _companions(profile: Profile, rule: VisitRule) -> list[VisitRule]:
    """Other programmes of the level that want every estate too and are served by the same trip."""
    return [
        other
        for other in profile.visit_rules
        if other.id != rule.id and other.level == rule.level and other.share >= 1 and other.kind in ("joint", "full")
    ]


def _in_scope(estates: pd.DataFrame, state: pd.Series, scope: Filter) -> pd.Series:
    match = pd.Series(True, index=estates.index)
    for column, accepted in scope.items():
        if column == "covered":
            values = state.map(lambda one: one.covered)
        elif column == "state":
            values = state.map(lambda one: one.value)
        else:
            values = estates[column]
        match &= values.isin(list(accepted)).fillna(False).astype(bool)
    return match


def _areas(estates: pd.DataFrame, units: pd.DataFrame) -> dict[str, frozenset[str]]:
    """All units that each estate lies in: those of the register and the units above them."""
    parents = {key: parent for key, parent in units["parent_id"].items() if isinstance(parent, str)}

    def upwards(unit_id: str) -> set[str]:
        chain: set[str] = set()
        while unit_id not in chain:
            chain.add(unit_id)
            unit_id = parents.get(unit_id, unit_id)
        return chain

    areas = {}
    columns = [estates[column] for column in _AREA_COLUMNS]
    for estate_id, *ids in zip(estates.index, *columns, strict=True):
        areas[estate_id] = frozenset().union(*(upwards(one) for one in ids if isinstance(one, str)))
    return areas


def _teams(frame: pd.DataFrame, working: list[date], first_place: int) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    faults: list[Fault] = []
    for number, (team_id, row) in enumerate(frame.iterrows()):
        off = {date.fromisoformat(str(day)[:10]) for day in row["days_off"]}
        starts, ends = int(row["starts_s"]), int(row["ends_s"])
        lunch_from, lunch_to, lunch_s = int(row["lunch_from_s"]), int(row["lunch_to_s"]), int(row["lunch_s"])
        problem = _hours_problem(starts, ends, lunch_from, lunch_to)
        if problem:
            source = row["source_file"] if isinstance(row["source_file"], str) else ""
            line = int(row["source_row"]) if pd.notna(row["source_row"]) else None
            faults.append(Fault(problem, "请改正检查组表中的工作时间", source, row=line, value=str(row["name"])))
            continue
        if ends <= lunch_from or starts >= lunch_to + lunch_s:
            lunch_s = 0  # a half-day team is at home for lunch
        teams[str(team_id)] = Team(
            team_id=str(team_id),
            name=str(row["name"]),
            place=first_place + number,
            lon=float(row["depot_lon"]),
            lat=float(row["depot_lat"]),
            departments=frozenset(map(str, row["departments"])),
            unit_ids=frozenset(map(str, row["unit_ids"])),
            days=tuple(day for day in working if day not in off),
            starts_s=starts,
            ends_s=ends,
            lunch_s=lunch_s,
            lunch_from_s=lunch_from,
            lunch_to_s=lunch_to,
        )
    if faults:
        raise InputError(faults)
    return teams


def _hours_problem(starts: int, ends: int, lunch_from: int, lunch_to: int) -> str:
    if starts >= ends:
        return "的下班时间不晚于上班时间"
    if lunch_from > lunch_to:
        return "的午休最晚开始时间早于最早开始时间"
    return ""
