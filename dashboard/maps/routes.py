"""The map of one day: each team's route along the real roads, stops numbered in driving order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString

from dashboard import theme
from dashboard.maps.base import bounds_of, frame, ground, new_map
from dashboard.maps.elements import Class, Dots, Legend, LegendRow, Numbers, Shapes
from dashboard.words import clock
from geo.roads import RoadNetwork
from planning.quarter.types import Problem, Route


def team_color(problem: Problem, team_id: str) -> str:
    """The same colour for a team on every page and paper; an eighth team takes the first colour again."""
    return theme.SERIES[sorted(problem.teams).index(team_id) % len(theme.SERIES)]


def drive(route: Route, problem: Problem, network: RoadNetwork | None) -> list[LineString]:
    """The legs as driven, depot to depot, EPSG:4490; straight lines where there are no roads."""
    team = problem.teams[route.team_id]
    visits = [problem.visits[stop.visit_id] for stop in route.stops]
    lon = [team.lon, *(visit.lon for visit in visits), team.lon]
    lat = [team.lat, *(visit.lat for visit in visits), team.lat]
    straight = [LineString([(lon[i], lat[i]), (lon[i + 1], lat[i + 1])]) for i in range(len(lon) - 1)]
    if network is None:
        return straight
    legs = network.route(lon, lat)
    return [line if leg is None else leg.geometry for leg, line in zip(legs, straight, strict=True)]


def routes_map(
    routes: Sequence[Route],
    problem: Problem,
    names: pd.Series,
    ways: gpd.GeoDataFrame,
    network: RoadNetwork | None,
    *,
    footer: Mapping[str, object],
) -> folium.Map:
    """Routes of one day.

    Parameters
    ----------
    routes
        The routes to draw.
    names
        Estate id → name.
    ways
        Table ``WAYS`` for the ground.
    network
        The roads; ``None`` draws straight lines.
    """
    built = new_map()
    for layer in ground(ways, detailed=False):
        layer.add_to(built)
    lines: list[shapely.Geometry] = []
    of_team: list[int] = []
    items: list[tuple[float, float, str, str, str]] = []
    for row, route in enumerate(routes):
        color = team_color(problem, route.team_id)
        for leg in drive(route, problem, network):
            lines.append(leg)
            of_team.append(row)
        for number, stop in enumerate(route.stops, start=1):
            visit = problem.visits[stop.visit_id]
            label = f"{problem.teams[route.team_id].name} 第{number}站 {clock(stop.start_s)} {names[visit.estate_id]}"
            items.append((visit.lon, visit.lat, str(number), color, label))
    classes = [
        Class(f"team-{route.team_id}", {"color": team_color(problem, route.team_id), "weight": 4, "opacity": 0.85})
        for route in routes
    ]
    if routes:
        # A dark edge under each line: the light colours of the series would be lost on white.
        edges = [Class(c.key, {"color": theme.INK, "weight": 6.5, "opacity": 0.55}) for c in classes]
        Shapes(lines, of_team, edges, area=False).add_to(built)
        Shapes(lines, of_team, classes, area=False).add_to(built)
        depots = [problem.teams[route.team_id] for route in routes]
        depot = Class("depot", {**theme.Mark(theme.INK, "square").point(7), "weight": 2})
        Dots(
            np.array([team.lon for team in depots]),
            np.array([team.lat for team in depots]),
            [f"{team.name} 出发点" for team in depots],
            [0] * len(depots),
            [depot],
        ).add_to(built)
        Numbers(items).add_to(built)
        rows = [
            LegendRow(
                problem.teams[route.team_id].name,
                team_color(problem, route.team_id),
                f"team-{route.team_id}",
                len(route.stops),
                line=True,
            )
            for route in routes
        ]
        Legend("检查组（站数）", [*rows, LegendRow("出发点", theme.INK, "", None, "square")]).add_to(built)
    lon = np.concatenate([shapely.get_coordinates(line)[:, 0] for line in lines]) if lines else _all(problem)[0]
    lat = np.concatenate([shapely.get_coordinates(line)[:, 1] for line in lines]) if lines else _all(problem)[1]
    frame(bounds_of(lon, lat), **footer).add_to(built)  # type: ignore[arg-type]
    return built


def _all(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Positions of everything, for a day without routes."""
    visits = list(problem.visits.values())
    return np.array([v.lon for v in visits]), np.array([v.lat for v in visits])
