"""One self-contained page for each team and day: for a phone without network, and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import pandas as pd
from jinja2 import Environment, Template
from markupsafe import Markup
from shapely.geometry import LineString

from dashboard.exports.files import file_name, write_whole
from dashboard.exports.route_ground import Ground
from dashboard.exports.route_map import Picture, pictures
from dashboard.maps.routes import team_color
from dashboard.words import clock, clock_span, date_text, kilometres, weekday_text
from data.masking import mask_mobiles
from data.profile import Profile
from data.quarter import Quarter
from planning.city import City
from planning.quarter.types import Problem, Route, Stop
from planning.stops import GATE, KIND_TITLES


@cache
def _template() -> Template:
    text = (files("dashboard") / "templates" / "route.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


@dataclass(frozen=True)
class RouteBook:
    """All that the pages of a quarter share.

    ``stops`` is the table of `planning.stops.stop_points`: it says what kind of place each stop is. ``warnings`` stand
    on top of every page.
    """

    city: City
    profile: Profile
    problem: Problem
    stops: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @cached_property
    def _ground(self) -> Ground:
        return Ground.of(self.city.ways)

    @cached_property
    def _facts(self) -> dict[str, dict[str, object]]:
        """What is said of each estate, whoever visits it and when."""
        estates, names = self.city.estates, self.city.unit_names
        wanted = {visit.estate_id for visit in self.problem.visits.values()}
        rows = estates[estates.index.isin(wanted)]
        units = zip(rows["street_id"], rows["community_id"], strict=True)
        places = [" ".join(names[unit] for unit in pair if isinstance(unit, str)) for pair in units]
        kinds = self.stops["kind"].reindex(rows.index)
        gates = self._gate_names
        return {
            estate: {
                "name": name,
                "place": place,
                "address": address if isinstance(address, str) else "",
                "kind": (gates.get(estate) if kind == GATE else None) or KIND_TITLES.get(kind, "小区坐标"),
            }
            for estate, name, place, address, kind in zip(
                rows.index, rows["name"], places, rows["address"], kinds, strict=True
            )
        }

    @cached_property
    def _gate_names(self) -> dict[str, str]:
        """Name of the gate that each estate's stop is at."""
        gates = self.city.gates
        at = self.stops[["lon", "lat"]].reindex(gates["estate_id"]).to_numpy(float)
        chosen = gates[(gates[["lon", "lat"]].to_numpy(float) == at).all(axis=1) & gates["name"].notna().to_numpy()]
        return dict(zip(chosen["estate_id"], chosen["name"], strict=True))

    @cached_property
    def _cases(self) -> dict[str, list[tuple[str, date | None]]]:
        """Open cases of each estate as text and due date; telephone numbers never leave the house whole (D6)."""
        titles = {code.code: code.name for code in self.profile.problem_codes}
        cases = self.city.cases
        found: dict[str, list[tuple[str, date | None]]] = {}
        columns = (cases[name] for name in ("estate_id", "closed", "categories", "content", "due_date"))
        for estate, closed, categories, content, due in zip(*columns, strict=True):
            if closed or not isinstance(estate, str):
                continue
            kinds = "、".join(titles.get(code, str(code)) for code in categories)
            text = mask_mobiles(content) if isinstance(content, str) else ""
            words = "：".join(part for part in (kinds, text) if part)
            found.setdefault(estate, []).append((words, due if isinstance(due, date) else None))
        return found

    @cached_property
    def _team_files(self) -> dict[str, str]:
        """How each team is called in file names: no two alike."""
        names: dict[str, str] = {}
        for team_id in sorted(self.problem.teams):
            name = file_name("", f"{self.problem.teams[team_id].name}检查线路", "", "").split("_")[1]
            while name.lower() in {other.lower() for other in names.values()}:
                name = f"{len(names) + 1}_{name}"
            names[team_id] = name
        return names

    def page(self, route: Route, legs: Sequence[LineString]) -> str:
        """The page of one team's day as HTML that names no other file or host.

        Parameters
        ----------
        legs
            The driven legs, depot to depot, EPSG:4490.
        """
        problem = self.problem
        team = problem.teams[route.team_id]
        visits = [problem.visits[stop.visit_id] for stop in route.stops]
        color = team_color(problem, route.team_id)
        drawn = pictures(legs, [(v.lon, v.lat) for v in visits], (team.lon, team.lat), self._ground, color)
        has_lunch = route.lunch_end_s > route.lunch_start_s
        after = [number for number, stop in enumerate(route.stops) if stop.start_s >= route.lunch_end_s]
        lunch_before = (after[0] if after else len(route.stops)) if has_lunch else -1
        warnings = [
            *self.warnings,
            problem.calendar_warning,
            problem.straight_line and "库中没有道路，路途按直线估算。",
        ]
        return _template().render(
            team=team.name,
            day=date_text(route.day),
            weekday=weekday_text(route.day),
            city=self.profile.city,
            fictional=self.profile.fictional,
            quarter=Quarter.parse(problem.quarter).title,
            distance=kilometres(sum(s.distance_m for s in route.stops) + route.return_distance_m),
            travel=clock_span(sum(s.travel_s for s in route.stops) + route.return_travel_s),
            departments="、".join(sorted(team.departments)),
            depart=clock(route.depart_s),
            depot=self.city.teams["depot_name"].get(route.team_id, "出发点"),
            back=clock(route.return_s),
            color=color,
            maps=[Picture(picture.caption, Markup(picture.svg)) for picture in drawn],
            stops=[self._stop(stop, route.day) for stop in route.stops],
            lunch=f"{clock(route.lunch_start_s)}–{clock(route.lunch_end_s)}",
            lunch_before=lunch_before,
            return_travel=f"{clock_span(route.return_travel_s)}，{kilometres(route.return_distance_m)}",
            warnings=[warning for warning in warnings if warning],
        )

    def _stop(self, stop: Stop, day: date) -> dict[str, object]:
        visit = self.problem.visits[stop.visit_id]
        missing = [name for name in sorted(visit.departments) if name not in visit.reason]
        return {
            **self._facts[visit.estate_id],
            "start": clock(stop.start_s),
            "end": clock(stop.end_s),
            "travel": f"{clock_span(stop.travel_s)}，{kilometres(stop.distance_m)}",
            "length": clock_span(stop.end_s - stop.start_s),
            "reason": visit.reason,
            "departments": "、".join(missing),
            "cases": [f"{words}（{_due(due, day)}）" for words, due in self._cases.get(visit.estate_id, [])],
        }

    def write(self, folder: Path, route: Route, legs: Sequence[LineString]) -> Path:
        """Write the page of one team's day into a folder."""
        name = file_name(self.profile.city, self._team_files[route.team_id], route.day.isoformat(), ".html")
        page = self.page(route, legs)
        return write_whole(folder / name, lambda part: _write_text(part, page))


def _due(due: date | None, day: date) -> str:
    if due is None:
        return "无时限"
    return f"时限{date_text(due)}{'，到检查日已超期' if due < day else ''}"


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", errors="replace"))
