"""One self-contained page for each team and day: for a phone without network, and for paper."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd
from jinja2 import Environment, Template
from markupsafe import Markup

from dashboard.exports.route_map import Ground, route_svg
from dashboard.exports.workbook import file_name, write_whole
from dashboard.maps.routes import drive, team_color
from dashboard.words import clock, clock_span, date_text, kilometres, weekday_text
from data.profile import Profile
from data.quarter import Quarter
from geo.roads import RoadNetwork
from planning.city import City
from planning.quarter.types import Problem, Route, Stop
from planning.stops import KIND_TITLES


@cache
def _template() -> Template:
    text = (files("dashboard") / "templates" / "route.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


def route_page(
    route: Route,
    problem: Problem,
    city: City,
    profile: Profile,
    stops: pd.DataFrame,
    network: RoadNetwork | None,
    *,
    ground: Ground,
) -> str:
    """The page of one team's day as HTML that names no other file or host.

    Parameters
    ----------
    stops
        Table of `planning.stops.stop_points`: says what kind of place each stop is.
    """
    team = problem.teams[route.team_id]
    visits = [problem.visits[stop.visit_id] for stop in route.stops]
    legs = drive(route, problem, network)
    numbered = [(visit.lon, visit.lat, str(number)) for number, visit in enumerate(visits, start=1)]
    picture = route_svg(legs, numbered, (team.lon, team.lat), ground, team_color(problem, route.team_id))
    rows = [_stop(stop, problem, city, stops) for stop in route.stops]
    lunch_row = next((i for i, stop in enumerate(route.stops) if stop.start_s >= route.lunch_end_s), None)
    for number, row in enumerate(rows):
        row["lunch_before"] = number == lunch_row
    depot = city.teams["depot_name"].get(route.team_id, "出发点")
    return _template().render(
        team=team.name,
        day=date_text(route.day),
        weekday=weekday_text(route.day),
        city=profile.city,
        fictional=profile.fictional,
        quarter=Quarter.parse(problem.quarter).title,
        distance=kilometres(sum(s.distance_m for s in route.stops) + route.return_distance_m),
        travel=clock_span(sum(s.travel_s for s in route.stops) + route.return_travel_s),
        departments="、".join(sorted(team.departments)),
        depart=clock(route.depart_s),
        depot=depot,
        back=clock(route.return_s),
        color=team_color(problem, route.team_id),
        map=Markup(picture),
        stops=rows,
        lunch=f"{clock(route.lunch_start_s)}–{clock(route.lunch_end_s)}",
        lunch_last=lunch_row is None,
        return_travel=f"{clock_span(route.return_travel_s)} {kilometres(route.return_distance_m)}",
        footer="库中没有道路，路途按直线估算。" if problem.straight_line else "",
    )


def _stop(stop: Stop, problem: Problem, city: City, stops: pd.DataFrame) -> dict[str, object]:
    visit = problem.visits[stop.visit_id]
    estate = city.estates.loc[visit.estate_id]
    cases = city.cases[(city.cases["estate_id"] == visit.estate_id) & ~city.cases["closed"].astype(bool)]
    units = [estate["street_id"], estate["community_id"]]
    kind = stops["kind"].get(visit.estate_id)
    return {
        "name": estate["name"],
        "start": clock(stop.start_s),
        "end": clock(stop.end_s),
        "place": " ".join(city.unit_names[unit] for unit in units if isinstance(unit, str)),
        "address": estate["address"] if isinstance(estate["address"], str) else "",
        "kind": KIND_TITLES.get(kind, "小区坐标"),
        "travel": f"{clock_span(stop.travel_s)} {kilometres(stop.distance_m)}",
        "length": clock_span(stop.end_s - stop.start_s),
        "reason": visit.reason,
        "departments": "、".join(sorted(visit.departments)),
        "cases": [
            f"{case.content}（{'时限' + date_text(case.due_date) if case.due_date else '无时限'}）"
            for case in cases.itertuples()
        ],
    }


def write_route(
    folder: Path,
    route: Route,
    problem: Problem,
    city: City,
    profile: Profile,
    stops: pd.DataFrame,
    network: RoadNetwork | None,
    *,
    ground: Ground,
) -> Path:
    """Write the page of one team's day into a folder."""
    team = problem.teams[route.team_id]
    name = file_name(profile.city, f"{team.name}检查线路", route.day.isoformat(), ".html")
    page = route_page(route, problem, city, profile, stops, network, ground=ground)
    return write_whole(folder / name, lambda part: part.write_text(page, "utf-8"))
