"""The bundles' page in a real browser: map and list select each other, moves are tried out by clicks, taken and undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from data.schemas import BUNDLE_STEPS
from data.store import open_store
from planning import bundle_versions as versions
from tests.browser.conftest import Served, Watched, serve
from tests.dashboard.bundle_cases import CLERK, ESTATES_OF, make_store

pytestmark = pytest.mark.browser

A, B, C = (frozenset(one) for one in ({"A1", "A2", "A3", "A4"}, {"B1", "B2", "B3"}, {"C1", "C2", "C3"}))
_PREVIEW_MS = 5_000
"""Far above what a calm machine needs (about 150 ms): a preview that prepares everything anew would take longer."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small city behind a running dashboard."""
    folder = tmp_path_factory.mktemp("bundles")
    yield from serve(make_store(folder), folder)


@pytest.fixture
def city(served: Served) -> Served:
    """The same with its first proposal in force."""
    with open_store(served.store) as store:
        while (step := versions.can_undo(store, CLERK, "service")) is not None:
            versions.undo(store, CLERK, "service", now=datetime.now(UTC))
            assert step.state == "done"
    return served


class Planner:
    """The page as a planner sees it."""

    def __init__(self, watched: Watched, city: Served) -> None:
        self.watched, self.page, self.city = watched, watched.page, city
        self.root = self.page.locator(".wp-desk")

    def open(self, query: str = "") -> None:
        self.watched.open(f"{self.city.url}/bundles{query}")
        expect(self.root).to_have_attribute("data-ready", "yes")

    def rows(self) -> Locator:
        return self.page.locator(".wp-row")

    def chosen(self, bundle: str, estate: str = "") -> None:
        expect(self.root).to_have_attribute("data-bundle", bundle)
        expect(self.root).to_have_attribute("data-estate", estate)

    def spot(self, estate: str) -> list[float] | None:
        """Where the map shows an estate; ``None`` where it does not."""
        found: list[float] | None = self.root.evaluate("(root, id) => root.spotOf(id)", estate)
        return found

    def click(self, estate: str, modifiers: list[str] | None = None) -> None:
        """Click an estate on the map, where the map itself says it is."""
        at = self.spot(estate)
        assert at is not None, f"{estate} is not in view"
        for key in modifiers or []:
            self.page.keyboard.down(key)
        self.page.mouse.click(*at)
        for key in modifiers or []:
            self.page.keyboard.up(key)

    def hand(self, name: str) -> Locator:
        return self.page.locator(f"[data-hand={name}]")

    def tried(self) -> Locator:
        """The change that is tried out."""
        expect(self.root).to_have_attribute("data-preview", "yes")
        return self.page.locator(".wp-preview")

    def decided(self) -> None:
        expect(self.root).to_have_attribute("data-preview", "no")
        expect(self.root).to_have_attribute("data-pending", "0")

    def says(self, text: str) -> None:
        expect(self.page.locator(".wb-notice")).to_contain_text(text)

    def members(self) -> set[frozenset[str]]:
        with open_store(self.city.store) as store:
            saved = versions.current(store, CLERK, "service")
        assert saved is not None
        return {frozenset(one.members) for one in saved.value.bundles}

    def bundle(self, member: str) -> str:
        with open_store(self.city.store) as store:
            saved = versions.current(store, CLERK, "service")
        assert saved is not None
        return next(one.bundle_id for one in saved.value.bundles if member in one.members)


@pytest.fixture
def planner(city: Served, desk: Watched) -> Planner:
    found = Planner(desk, city)
    found.open()
    return found


def test_map_and_list_select_each_other_and_the_address_follows(planner: Planner) -> None:
    first = planner.bundle("B1")
    row = planner.page.locator(f".wp-row[data-id={first}]")
    row.click()
    planner.chosen(first)
    expect(row).to_have_attribute("aria-selected", "true")
    expect(planner.page.locator(".wb-body")).to_contain_text("紧约束")
    expect(planner.page).to_have_url(re.compile(f"bundle={first}"))
    second = planner.bundle("C1")
    planner.page.locator(f".wp-row[data-id={second}]").click()
    planner.click("C2")
    planner.chosen(second, "C2")
    expect(planner.page.locator(f".wp-row[data-id={second}]")).to_have_attribute("aria-selected", "true")
    expect(planner.page.locator(".wp-members tr[data-id=C2]")).to_have_class(re.compile("now"))
    expect(planner.page).to_have_url(re.compile("estate=C2"))
    planner.page.reload()
    planner.chosen(second, "C2")
    assert planner.watched.strangers() == []
    assert planner.watched.errors == []


def test_a_leftover_tells_its_reason_its_neighbours_and_its_way(planner: Planner) -> None:
    planner.page.locator("[data-tab=fallback]").click()
    planner.page.locator(".wp-row[data-id=L1]").click()
    planner.chosen("", "L1")
    body = planner.page.locator(".wb-body")
    expect(body).to_contain_text("不属于同一牵头单位")
    expect(body.locator(".wp-members tr")).to_have_count(5)
    expect(body.locator("blockquote")).not_to_be_empty()
    expect(body).to_contain_text("D27")
    body.locator(".wp-members tr").first.click()
    planner.chosen(planner.bundle("A1"), "A1")


def test_an_estate_is_moved_by_clicks_taken_and_undone(planner: Planner) -> None:
    target = planner.bundle("C1")
    planner.page.locator(f".wp-row[data-id={planner.bundle('A1')}]").click()
    planner.click("A4")
    planner.chosen(planner.bundle("A4"), "A4")
    expect(planner.hand("move")).to_be_enabled()
    planner.hand("move").click()
    expect(planner.root).to_have_attribute("data-aim", "move")
    planner.click("C1")
    told = planner.tried()
    expect(told).to_contain_text("A4小区移到")
    expect(told).to_contain_text("A4小区（90户）")
    expect(told).to_have_attribute("data-broken", "0")
    waited = int(planner.root.get_attribute("data-waited") or 0)
    assert 0 < waited < _PREVIEW_MS
    assert planner.members() == {A, B, C}, "nothing is kept before it is accepted"
    planner.page.locator(".wp-decision button").first.click()
    planner.decided()
    planner.says("已接受")
    assert planner.members() == {A - {"A4"}, B, C | {"A4"}}
    expect(planner.page.locator(f".wp-row[data-id={target}]")).to_contain_text("人工调整")
    planner.page.keyboard.press("Control+z")
    planner.says("已撤销")
    assert planner.members() == {A, B, C}
    planner.page.keyboard.press("Control+y")
    planner.says("已重做")
    assert planner.members() == {A - {"A4"}, B, C | {"A4"}}
    with open_store(planner.city.store) as store, store.begin(CLERK) as work:
        assert "move" in set(work.read(BUNDLE_STEPS)["kind"])
        assert work.verify_audit() is None
    assert planner.watched.strangers() == []
    assert planner.watched.errors == []


def test_a_merge_against_the_rules_wants_a_reason_and_escape_drops_it(planner: Planner) -> None:
    first, second = planner.bundle("A1"), planner.bundle("B1")
    planner.page.locator(f".wp-row[data-id={first}]").click()
    expect(planner.hand("merge")).to_be_enabled()
    planner.hand("merge").click()
    planner.page.locator(f".wp-row[data-id={second}]").click()
    expect(planner.tried()).to_contain_text("不符合规则")
    reason = planner.page.get_by_label("理由")
    expect(reason).to_be_focused()
    reason.press("Enter")
    planner.says("先写一句理由")
    reason.press("Escape")
    planner.decided()
    planner.says("已放弃")
    planner.chosen(first)
    assert planner.members() == {A, B, C}


def test_two_estates_picked_together_are_pinned_and_released(planner: Planner) -> None:
    planner.page.locator(f".wp-row[data-id={planner.bundle('A1')}]").click()
    planner.click("A1")
    planner.click("A2", ["Shift"])
    expect(planner.page.locator(".wp-picked")).to_contain_text("选中 2 个小区")
    expect(planner.hand("together")).to_be_enabled()
    planner.hand("together").click()
    expect(planner.tried()).to_contain_text("没有小区变动")
    planner.page.keyboard.press("Enter")
    planner.decided()
    planner.page.locator("[data-tab=wishes]").click()
    expect(planner.rows()).to_have_count(1)
    expect(planner.rows().first).to_contain_text("A1小区、A2小区")
    planner.rows().first.get_by_role("button", name="解除").click()
    planner.tried()
    planner.page.keyboard.press("Enter")
    planner.decided()
    expect(planner.rows()).to_have_count(0)


def test_allowed_pairs_are_drawn_on_demand(planner: Planner) -> None:
    planner.page.locator(f".wp-row[data-id={planner.bundle('C1')}]").click()
    planner.click("C3")
    planner.page.get_by_role("group", name="连线").get_by_role("button", name="所选").click()
    expect(planner.root).to_have_attribute("data-links", re.compile("[1-9]"))
    planner.chosen(planner.bundle("C3"), "C3")


def test_other_limits_are_solved_beside_the_page(planner: Planner) -> None:
    planner.page.get_by_role("button", name="设置", exact=True).click()
    field = planner.page.get_by_role("spinbutton", name="最少户数（户）")
    field.fill("250")
    field.press("Tab")
    planner.watched.settle()
    planner.page.get_by_role("button", name="用这些设置求解").click()
    expect(planner.page.locator(".wp-summary")).not_to_contain_text("780")
    expect(planner.page.locator(".wp-summary")).to_contain_text("已证明最优")
    assert all(len(one) >= 3 for one in planner.members())
    assert planner.members() != {A, B, C}


def test_a_phone_stacks_map_list_and_panel(city: Served, phone: Watched) -> None:
    planner = Planner(phone, city)
    planner.open()
    boxes = [planner.page.locator(part).bounding_box() for part in (".wb-ground", ".wp-list", ".wb-panel")]
    assert all(box is not None and box["width"] <= 390 for box in boxes)
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    assert planner.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 391


def test_every_estate_of_the_city_is_on_the_map(planner: Planner) -> None:
    for estate, row in ESTATES_OF.items():
        spot = planner.spot(estate)
        assert (spot is not None) == (row[2] is not None), estate
