"""A team's page: complete, safe, small, and it names nothing outside itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import export_cases as cases
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from dashboard.exports.marks import spread
from dashboard.exports.route_ground import HEIGHT, WIDTH, Ground
from dashboard.exports.route_map import _numbers, pictures
from dashboard.exports.routes import RouteBook
from dashboard.maps.routes import drive
from planning.city import City
from planning.quarter.types import Problem, Route


class _Page(HTMLParser):
    """Tags and texts in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return "".join(self.texts)


def _book(city: City | None = None, problem: Problem | None = None, warnings: tuple[str, ...] = ()) -> RouteBook:
    city = city or cases.city()
    return RouteBook(city, cases.profile(), problem or cases.problem(), cases.stop_table(city), warnings)


def _html(book: RouteBook, route: Route | None = None) -> str:
    route = route or cases.route()
    return book.page(route, drive(route, book.problem, None))


def test_the_page_names_nothing_outside_itself() -> None:
    page = _html(_book())
    assert not re.search(r"https?:|src=|url\(|@import|<script|<link|<iframe|href", page)
    assert not any(name.startswith("on") for _, attributes in _Page(page).tags for name in attributes)
    assert len(page.encode()) < 300_000


def test_texts_of_users_are_shown_as_they_are() -> None:
    read = _Page(_html(_book()))
    assert not {tag for tag, _ in read.tags} & {"script", "一"}
    assert "=1+1" in read.text and cases.SCRIPT in read.text and "A&B" in read.text
    assert "第<一>组" in read.text and "从=大厅出发" in read.text


def test_every_stop_stands_in_order_with_its_time() -> None:
    text = _Page(_html(_book())).text
    places = [text.index(f"{time}{number}{cases.NAMES[number - 1]}") for number, time in enumerate(
        ("08:40–09:20", "09:30–10:10", "11:20–12:00", "12:10–12:50"), start=1)]  # fmt: skip
    assert places == sorted(places)
    assert "4站" in text and "7.5公里" in text and "路途50分" in text
    assert text.index("13:00 到达") > places[-1]


@pytest.mark.parametrize("before", range(5))
def test_lunch_stands_where_it_is_taken(before: int) -> None:
    text = _Page(_html(_book(), cases.route(4, before))).text
    assert text.count("午休") == 1
    order = re.findall(r"午休|\d\d:\d\d–\d\d:\d\d(?=\d)", text)
    assert order.index("午休") == before


def test_a_day_without_lunch_does_not_speak_of_it() -> None:
    route = replace(cases.route(), lunch_start_s=43200, lunch_end_s=43200)
    assert "午休" not in _html(_book(), route)


def test_open_cases_come_along_without_telephone_numbers() -> None:
    text = _Page(_html(_book())).text
    assert "139****1234" in text and "13900001234" not in text
    assert "时限2027年1月1日，到检查日已超期" in text and "无时限" in text
    assert "已办结的事" not in text
    assert "停靠：南门" in text and "停靠：小区坐标" in text


def test_warnings_stand_on_the_page() -> None:
    problem = replace(cases.problem(), calendar_warning="没有放假安排", straight_line=True)
    text = _Page(_html(_book(problem=problem, warnings=("数据有变化",)))).text
    assert "数据有变化" in text and "没有放假安排" in text and "路途按直线估算" in text


def test_a_city_without_roads_and_cases_has_a_page_too() -> None:
    text = _Page(_html(_book(cases.emptied(cases.city())))).text
    assert "无未结问题" in text and "停靠：出入口" in text


def test_crowded_stops_share_a_mark_and_get_a_larger_picture() -> None:
    city = cases.city()
    near = [(112.0 + i * 0.0004, 30.0) for i in range(5)]
    stops = [*near, (112.2, 30.1)]
    shown = pictures(_legs(stops), stops, (112.3, 30.0), Ground.of(city.ways), "#000000")
    assert [picture.caption for picture in shown] == ["全程", "放大：第1–5站"]
    assert _marks(shown[0].svg) == ["1–5", "6"] or sorted(_marks(shown[0].svg)) == ["1–5", "6"]
    assert sorted(_marks(shown[1].svg)) == ["1", "2", "3", "4", "5"]


def test_one_picture_is_enough_where_stops_lie_apart() -> None:
    stops = [cases.position(number) for number in range(4)]
    shown = pictures(_legs(stops), stops, (cases.WEST, cases.SOUTH), Ground.of(cases.city().ways), "#000000")
    assert [picture.caption for picture in shown] == ["全程"]
    assert sorted(_marks(shown[0].svg)) == ["1", "2", "3", "4"]
    assert "&lt;路&gt;&amp;" in shown[0].svg


def test_stops_at_the_very_same_gate_are_all_shown() -> None:
    stops = [(112.001, 30.001)] * 3
    shown = pictures(_legs(stops), stops, (112.001, 30.001), Ground.of(cases.city().ways), "#000000")
    assert sorted({mark for picture in shown for mark in _marks(picture.svg)} & {"1", "2", "3"}) == ["1", "2", "3"]


def _legs(stops: Sequence[tuple[float, float]]) -> list[LineString]:
    return [LineString([stops[max(i - 1, 0)], stops[min(i, len(stops) - 1)]]) for i in range(len(stops) + 1)]


def _marks(svg: str) -> list[str]:
    return re.findall(r'font-size="13" font-weight="700" fill="#fff" text-anchor="middle">([^<]*)<', svg)


@given(st.lists(st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_marks_are_moved_apart_inside_the_picture(points: list[tuple[float, float]]) -> None:
    homes, halves = np.array(points), np.full(len(points), 11.0)
    places = spread(homes, halves, 11.0, (480, 380))
    assert (places >= 11).all() and (places <= [WIDTH - 11, HEIGHT - 11]).all()
    for a in range(len(places)):
        for b in range(a):
            assert np.hypot(*(places[a] - places[b])) > 20


def test_runs_of_numbers_are_told_in_short() -> None:
    assert _numbers([0, 2, 3, 4, 6]) == "1、3–5、7"


def test_two_teams_of_one_name_get_files_of_their_own(tmp_path: Path) -> None:
    problem = cases.problem()
    team = problem.teams["t"]
    twins = {key: replace(team, team_id=key, name=name) for key, name in (("t", "A/B"), ("u", "A/B"), ("v", "a/b"))}
    book = _book(problem=replace(problem, teams=twins))
    route = cases.route()
    legs = drive(route, book.problem, None)
    files = {book.write(tmp_path, replace(route, team_id=key), legs).name.lower() for key in twins}
    assert len(files) == 3 == len(list(tmp_path.iterdir()))
    assert "云栖市_a／b检查线路_2027-01-05.html" in files
