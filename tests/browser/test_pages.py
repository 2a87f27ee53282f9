"""The dashboard in a real browser: every page draws, nothing leaves the machine, one selection drives all."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUARTER, Served, Watched, serve

pytestmark = pytest.mark.browser

PAGES = {"": "总览", "ledger": "台账", "boundaries": "边界", "bundles": "打捆", "plan": "检查计划", "export": "导出"}
WITH_MAP = {"", "plan"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_asking_another_host(app: Served, desk: Watched, path: str) -> None:
    desk.open(f"{app.url}/{path}")
    expect(desk.page.locator(".wy-top b")).to_have_text(PAGES[path])
    expect(desk.page.locator(".wy-badge")).to_contain_text("虚构")
    if path in WITH_MAP:
        desk.map()
    desk.settle()
    assert desk.strangers() == []
    assert desk.errors == []
    assert desk.page.locator("[data-testid=stException]").count() == 0
    shown = desk.page.locator("[data-testid=stMain]").inner_text()
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,} [A-Za-z]{2,}", shown), "English sentences on the screen"
    expect(desk.page.get_by_text("程序内部出错")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_a_page_without_scrolling_sideways(app: Served, phone: Watched, path: str) -> None:
    phone.open(f"{app.url}/{path}")
    expect(phone.page.locator(".wy-top b")).to_have_text(PAGES[path])
    phone.settle()
    inner, outer = phone.page.evaluate(
        "[document.querySelector('[data-testid=stMain]').scrollWidth, window.innerWidth]"
    )
    assert inner <= outer + 1, "scrollWidth rounds a fraction of a pixel up"


def test_a_street_chosen_in_the_list_is_in_the_breadcrumb_and_in_the_address(app: Served, desk: Watched) -> None:
    desk.open(app.url)
    desk.map()
    desk.settle()
    street = desk.page.locator("[class*=st-key-lag-] button").first
    name = street.inner_text()
    street.click()
    expect(desk.page.get_by_role("combobox", name="街道")).to_have_value(name)
    desk.settle()
    address = desk.page.url
    assert re.search(r"[?&]unit=", address)
    desk.open(address)
    expect(desk.page.get_by_role("combobox", name="街道")).to_have_value(name)


def test_a_clicked_estate_opens_its_card(app: Served, desk: Watched) -> None:
    desk.open(app.url)
    frame = desk.map()
    desk.settle()
    canvas = frame.locator(".leaflet-overlay-pane canvas")
    spot = canvas.evaluate(
        """canvas => {
            const picture = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            const shift = new DOMMatrix(getComputedStyle(canvas).transform);
            const ratio = canvas.width / canvas.clientWidth;
            for (let y = 80; y < canvas.height - 80; y++) for (let x = 80; x < canvas.width - 80; x++) {
                const i = 4 * (y * canvas.width + x);
                if (picture[i] > 185 && picture[i + 1] < 95 && picture[i + 2] < 90 && picture[i + 3] > 225) {
                    const box = canvas.getBoundingClientRect();
                    const at = [box.left + x / ratio + 2, box.top + y / ratio + 2];
                    if (document.elementFromPoint(at[0], at[1]) === canvas) return at;
                }
            }
            return null;
        }"""
    )
    assert spot is not None, "no uncovered estate is drawn"
    frame.locator("body").click(position={"x": spot[0], "y": spot[1]})
    expect(desk.page.get_by_role("button", name="返回")).to_be_visible()
    desk.settle()
    assert "estate=" in desk.page.url


def test_the_legend_switches_a_class_without_asking_the_server(app: Served, desk: Watched) -> None:
    desk.open(app.url)
    frame = desk.map()
    desk.settle()
    canvas = frame.locator(".leaflet-overlay-pane canvas")
    before = canvas.evaluate("c => c.toDataURL()")
    asked = len(desk.requests)
    frame.get_by_label("专业化物业服务").uncheck()
    desk.page.wait_for_timeout(300)
    assert canvas.evaluate("c => c.toDataURL()") != before
    assert len(desk.requests) == asked


def test_a_figure_shows_its_definition_rule_and_quote(app: Served, desk: Watched) -> None:
    desk.open(app.url)
    desk.settle()
    desk.page.get_by_test_id("stPopoverButton").filter(has_text="依据").first.click()
    told = desk.page.get_by_test_id("stPopoverBody")
    expect(told).to_contain_text("定义")
    expect(told).to_contain_text(re.compile(r"[LDSPZ]\d{2}"))


def test_a_team_and_day_show_its_route_and_stops(app: Served, desk: Watched) -> None:
    desk.open(f"{app.url}/plan?quarter={QUARTER}")
    desk.map()
    desk.settle()
    expect(desk.page.get_by_text("符合全部规则")).to_be_visible()
    frame = desk.map()
    expect(frame.locator(".leaflet-marker-icon").first).to_be_visible()
    assert "第1站" not in frame.locator("body").inner_text()


def test_a_downloaded_workbook_holds_the_page_s_figures(app: Served, desk: Watched, tmp_path: Path) -> None:
    desk.open(app.url)
    desk.settle()
    told = desk.page.locator(".wy-figure .name").first.inner_text()
    n_covered, n_estates = map(int, re.findall(r"(\d+) / (\d+)", told)[0])
    desk.open(f"{app.url}/export")
    desk.page.locator(".st-key-make-coverage button").first.click()
    button = desk.page.locator(".st-key-get-coverage button")
    expect(button).to_be_visible()
    with desk.page.expect_download() as started:
        button.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name.startswith("云栖市_物业服务覆盖_")
    cells = [cell for row in openpyxl.load_workbook(path)["指标"].iter_rows(values_only=True) for cell in row]
    assert n_covered in cells
    assert n_estates in cells


def test_an_empty_store_says_what_to_do_next(browser: object, desk: Watched, tmp_path: Path) -> None:
    for served in serve(f"sqlite:///{tmp_path}/empty.db", tmp_path):
        for path in PAGES:
            desk.open(f"{served.url}/{path}")
            desk.settle()
            expect(desk.page.get_by_text("还没有数据").first).to_be_visible()
            assert desk.errors == []
