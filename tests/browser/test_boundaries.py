"""The boundary page in a real browser: a clerk works the list down by keyboard and mouse; the store says what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pytest
import shapely
from playwright.sync_api import Locator, expect

from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_STEPS, GATES
from data.store import open_store
from tests.browser.conftest import Served, Watched, serve
from tests.dashboard.boundary_cases import CLERK, FORCE, GATE, SURVEY, make_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small city behind a running dashboard."""
    folder = tmp_path_factory.mktemp("boundaries")
    yield from serve(make_store(folder), folder)


@pytest.fixture
def city(served: Served) -> Served:
    """The same with nothing decided yet; the pages learn of it as of a colleague's work."""
    with open_store(served.store) as store, store.begin(CLERK, write=True) as work:
        for table in (BOUNDARY_STEPS, BOUNDARY_HISTORY, BOUNDARIES, GATES):
            ids = list(work.read(table).index)
            if ids:
                work.remove(table, ids, "从头开始")
        work.put(BOUNDARIES, BOUNDARIES.frame([FORCE]))
        work.put(GATES, GATES.frame([GATE]))
    return served


class Desk:
    """The page as a clerk sees it."""

    def __init__(self, watched: Watched, city: Served) -> None:
        self.watched, self.page, self.city = watched, watched.page, city
        self.root = self.page.locator(".wb-desk")

    def open(self, query: str = "") -> None:
        self.watched.open(f"{self.city.url}/boundaries{query}")
        self.idle()

    def idle(self) -> None:
        """Wait until the map is drawn and every decision is acknowledged."""
        expect(self.root).to_have_attribute("data-ready", "yes")
        expect(self.root).to_have_attribute("data-pending", "0")

    def shows(self, estate_id: str) -> None:
        expect(self.root).to_have_attribute("data-estate", estate_id)
        self.idle()

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def says(self, text: str) -> None:
        expect(self.page.locator(".wb-notice")).to_contain_text(text)

    def chip(self, state: str) -> Locator:
        return self.page.locator(f".wb-chip[data-state={state}]")

    def click_map(self, *places: tuple[float, float]) -> None:
        """Click places of the map, given as shares of its width and height."""
        box = self.page.locator(".wb-map").bounding_box()
        assert box is not None
        for x, y in places:
            self.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def in_force(self) -> pd.DataFrame:
        with open_store(self.city.store) as store, store.begin(CLERK) as work:
            return work.read(BOUNDARIES)

    def audit(self) -> pd.DataFrame:
        with open_store(self.city.store) as store, store.begin(CLERK) as work:
            assert work.verify_audit() is None
            return work.audit(100)


def test_a_clerk_decides_by_keyboard_and_the_next_estate_comes_by_itself(city: Served, desk: Watched) -> None:
    clerk = Desk(desk, city)
    clerk.open()
    clerk.shows("E4")
    expect(clerk.chip("look")).to_contain_text("4")
    clerk.press("Enter")
    clerk.shows("E5")
    clerk.says("已接受“E4小区”的候选1")
    expect(clerk.chip("look")).to_contain_text("3")
    clerk.press("s")
    clerk.shows("E1")
    marks = clerk.page.locator(".wb-text mark")
    expect(marks).to_have_count(4)
    assert len({mark.evaluate("m => getComputedStyle(m).color") for mark in marks.all()}) == 4
    expect(clerk.page.locator(".wb-label.side")).to_have_count(4)
    clerk.press("2")
    expect(clerk.page.locator(".wb-candidate").nth(1)).to_have_attribute("aria-pressed", "true")
    clerk.press("Enter")
    clerk.shows("E2")
    clerk.says("已接受“E1小区”的候选2")
    force = clerk.in_force()
    assert dict(force["source"]) == {"E1": "text", "E4": "text", "E6": "survey"}
    assert force.at["E1", "confidence"] == 0.4
    assert set(clerk.audit().query("object_type == 'boundaries'")["object_id"]) >= {"E1", "E4"}
    clerk.press("Control+z")
    clerk.shows("E1")
    clerk.says("已撤销")
    assert set(clerk.in_force().index) == {"E4", "E6"}
    clerk.press("j")
    clerk.shows("E2")
    expect(clerk.page).to_have_url(re.compile("estate=E2"))
    clerk.page.reload()
    clerk.shows("E2")
    clerk.press("k")
    clerk.shows("E1")
    assert desk.strangers() == []
    assert desk.errors == []


def test_keys_pressed_faster_than_the_server_answers_are_all_kept(city: Served, desk: Watched) -> None:
    clerk = Desk(desk, city)
    clerk.open()
    clerk.shows("E4")
    for estate_id in ("E5", "E1", "E2"):
        clerk.press("Enter")
        expect(clerk.root).to_have_attribute("data-estate", estate_id)
    clerk.idle()
    assert set(clerk.in_force().index) == {"E4", "E5", "E1", "E6"}


def test_a_boundary_is_drawn_edited_and_restored_and_a_gate_moved(city: Served, desk: Watched) -> None:
    clerk = Desk(desk, city)
    clerk.open("?estate=E3")
    clerk.shows("E3")
    expect(clerk.page.get_by_text("南侧“围墙”没有名称")).to_be_visible()
    clerk.press("d")
    expect(clerk.root).to_have_attribute("data-mode", "draw")
    clerk.click_map((0.35, 0.35), (0.65, 0.35), (0.65, 0.65), (0.5, 0.5), (0.35, 0.65))
    expect(clerk.page.locator(".wb-hint")).to_contain_text("已点5个")
    clerk.press("Backspace")
    clerk.press("Backspace")
    expect(clerk.page.locator(".wb-hint")).to_contain_text("已点3个")
    clerk.press("Enter")
    clerk.idle()
    clerk.says("已保存“E3小区”的手绘边界")
    drawn = clerk.in_force().loc["E3"]
    assert drawn["source"] == "drawn"
    assert len(drawn["geometry"].exterior.coords) == 4

    clerk.open("?estate=E6")
    clerk.shows("E6")
    clerk.press("e")
    expect(clerk.root).to_have_attribute("data-mode", "edit")
    corners = clerk.page.locator(".wb-vertex:not(.middle)")
    expect(corners).to_have_count(4)
    clerk.page.locator(".wb-vertex.middle").first.click()
    expect(corners).to_have_count(5)
    clerk.press("Delete")
    expect(corners).to_have_count(4)
    corner = corners.first.bounding_box()
    assert corner is not None
    clerk.page.mouse.move(corner["x"] + 7, corner["y"] + 7)
    clerk.page.mouse.down()
    clerk.page.mouse.move(corner["x"] + 47, corner["y"] - 33, steps=5)
    clerk.page.mouse.up()
    clerk.press("Enter")
    reason = clerk.page.get_by_role("textbox", name="替换理由")
    expect(reason).to_be_focused()
    assert clerk.in_force().at["E6", "source"] == "survey"
    reason.fill("围墙已拆")
    reason.press("Enter")
    clerk.idle()
    clerk.says("已保存“E6小区”的手绘边界")
    edited = clerk.in_force().loc["E6"]
    assert (edited["source"], edited["reason"]) == ("drawn", "围墙已拆")
    assert edited["geometry"].area < SURVEY.area

    clerk.open("?estate=E6")
    clerk.shows("E6")
    clerk.page.locator(".wb-desk summary").click()
    clerk.page.get_by_role("button", name="恢复").click()
    clerk.says("已恢复“E6小区”的历史边界")
    clerk.idle()
    assert clerk.in_force().at["E6", "source"] == "survey"

    clerk.press("g")
    expect(clerk.root).to_have_attribute("data-mode", "gate")
    clerk.click_map((0.5, 0.6))
    clerk.says("出入口")
    clerk.idle()
    with open_store(city.store) as store, store.begin(CLERK) as work:
        gates = work.read(GATES)
    spot = gates[gates["estate_id"] == "E6"].iloc[0]
    assert SURVEY.contains(shapely.Point(spot["lon"], spot["lat"]))
    assert desk.errors == []


def test_a_drawing_is_neither_lost_by_a_click_on_the_list_nor_saved_when_it_crosses_itself(
    city: Served, desk: Watched
) -> None:
    clerk = Desk(desk, city)
    clerk.open()
    clerk.shows("E4")
    clerk.press("d")
    clerk.click_map((0.3, 0.3), (0.6, 0.3))
    clerk.page.locator(".wb-row[data-id=E1]").click()
    clerk.says("未保存")
    expect(clerk.root).to_have_attribute("data-estate", "E4")
    clerk.press("Escape")
    clerk.page.locator(".wb-row[data-id=E1]").click()
    clerk.shows("E1")
    clerk.press("d")
    clerk.click_map((0.3, 0.3), (0.6, 0.6), (0.6, 0.3), (0.3, 0.6))
    clerk.press("Enter")
    clerk.says("自己相交")
    expect(clerk.root).to_have_attribute("data-mode", "draw")
    assert set(clerk.in_force().index) == {"E6"}


def test_bulk_acceptance_is_previewed_confirmed_once_and_undone_as_a_whole(city: Served, desk: Watched) -> None:
    clerk = Desk(desk, city)
    clerk.open("?unit=S1")
    clerk.shows("E1")
    clerk.page.get_by_role("button", name="批量接受").click()
    dialog = clerk.page.get_by_role("dialog")
    expect(dialog).to_contain_text("将接受 2 个小区")
    clerk.press("Enter")
    assert set(clerk.in_force().index) == {"E6"}
    dialog.get_by_role("button", name="接受2个").click()
    expect(dialog).to_have_count(0)
    expect(clerk.chip("accepted")).to_contain_text("2")
    assert set(clerk.in_force().index) == {"E1", "E2", "E6"}
    assert set(clerk.audit().query("object_type == 'boundaries'")["object_id"]) >= {"E1", "E2"}
    clerk.idle()
    clerk.press("z")
    clerk.says("2个小区")
    clerk.idle()
    assert set(clerk.in_force().index) == {"E6"}
    expect(clerk.chip("look")).to_contain_text("2")


def test_the_page_fits_an_office_screen_and_a_phone(city: Served, desk: Watched, phone: Watched) -> None:
    clerk = Desk(desk, city)
    clerk.open()
    main = "document.querySelector('[data-testid=stMain]')"
    assert clerk.page.evaluate(f"{main}.scrollHeight <= innerHeight && {main}.scrollWidth <= innerWidth + 1")
    shown = clerk.page.locator("[data-testid=stMain]").inner_text()
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", shown), "English on the screen"
    pocket = Desk(phone, city)
    pocket.open()
    assert pocket.page.evaluate(f"{main}.scrollWidth <= innerWidth + 1")
    tops = pocket.page.evaluate(
        "['.wb-map', '.wb-body', '.wb-list'].map(name => document.querySelector(name).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops), "map, then facts, then the list"
    pocket.page.locator(".wb-actions .primary").click()
    pocket.shows("E5")
    assert desk.strangers() + phone.strangers() == []
