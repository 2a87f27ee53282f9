"""The boundary page as the server builds it: good, empty and faulty data, roles, bulk acceptance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import loading
from data.schemas import BOUNDARIES
from data.store import Actor, Role, open_store
from tests.conftest import ROOT
from tests.dashboard.boundary_cases import CLERK, NOW, clear_caches, make_store

PAGE = "views/boundaries.py"


@pytest.fixture
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = make_store(tmp_path)
    monkeypatch.setenv("WUYETU_STORE", url)
    clear_caches()
    yield url
    clear_caches()


def _open(page: str = PAGE, **parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.switch_page(page).run()
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


def _sent(app: AppTest, key: str) -> dict[str, Any]:
    """What the page sent to one of its components."""
    found = [element for element in app.main if getattr(element, "key", None) == key]
    assert len(found) == 1
    return json.loads(found[0].proto.json)


def _in_force(url: str) -> dict[str, str]:
    with open_store(url, clock=lambda: NOW) as store, store.begin(CLERK) as work:
        return dict(work.read(BOUNDARIES)["source"])


def test_the_page_sends_the_list_once_and_one_scene(store_url: str) -> None:
    app = _open(estate="E1")
    rows = _sent(app, "boundary-list")["rows"]
    assert [row[0] for row in rows] == ["E3", "E4", "E5", "E1", "E2", "E6"]
    desk = _sent(app, "boundary-desk")
    assert list(desk["scenes"]) == ["E1"]
    assert desk["may_write"]
    assert desk["at"] == "E1"
    assert desk["sides"]["east"]["letter"] == "东"
    assert (
        len({side["dash"] for name, side in desk["sides"].items() if name in ("east", "south", "west", "north")}) == 4
    )


def test_the_list_follows_the_one_selection_of_the_app(store_url: str) -> None:
    app = _open(unit="S2")
    assert [row[0] for row in _sent(app, "boundary-list")["rows"]] == ["E4", "E5", "E6"]


@pytest.mark.parametrize("page", [PAGE, "views/overview.py", "views/ledger.py"])
def test_an_old_bookmark_of_a_unit_that_is_gone_shows_the_city_and_says_so(store_url: str, page: str) -> None:
    app = _open(page, unit="../../S9")
    assert app.warning[0].value == "网址中的行政单元已不存在，现在显示全市。请重新选择。"
    assert "unit" not in app.query_params
    assert not any("没有编号为" in element.value for element in app.error)


def test_a_street_without_estates_says_so(store_url: str) -> None:
    app = _open(unit="S3")
    assert any("没有小区" in info.value for info in app.info)


def test_bulk_acceptance_shows_how_many_and_is_one_decision(store_url: str) -> None:
    app = _open()
    app.button(key="bulk-open").click().run()
    assert any("**2** 个小区" in text.value and "1,200" in text.value for text in app.markdown)
    app.session_state["bulk-street"] = "S1"
    app.session_state["bulk-least"] = 0.95
    app.button(key="bulk-open").click().run()
    assert any("**1** 个小区" in text.value for text in app.markdown)
    assert _in_force(store_url) == {"E6": "survey"}
    # A dialog is a part that reruns alone; here the whole page does, so that it must be opened in the same run.
    app.button(key="bulk-go").click()
    app.button(key="bulk-open").click().run()
    assert not app.exception
    assert _in_force(store_url) == {"E1": "text", "E6": "survey"}
    with open_store(store_url, clock=lambda: NOW) as store, store.begin(CLERK) as work:
        entries = work.audit(10)
    assert ((entries["object_type"] == "boundaries") & (entries["object_id"] == "E1")).sum() == 1


def test_a_reader_sees_that_nothing_can_be_changed(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ACTOR", Actor("领导", Role.LEADER))
    app = _open(estate="E1")
    desk = _sent(app, "boundary-desk")
    assert not desk["may_write"]
    assert "只能查看" in desk["refusal"]
    assert app.button(key="bulk-open").disabled


def test_an_empty_store_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUYETU_STORE", f"sqlite:///{tmp_path}/empty.db")
    clear_caches()
    app = _open()
    assert any("还没有数据" in info.value for info in app.info)
    clear_caches()


def test_without_proposals_the_next_step_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUYETU_STORE", make_store(tmp_path, proposals=False))
    clear_caches()
    app = _open()
    assert any("手绘" in info.value for info in app.info)
    assert [code.value for code in app.code] == ["wuyetu boundaries"]
    assert {row[4] for row in _sent(app, "boundary-list")["rows"]} == {"none", "accepted"}
    clear_caches()


def test_the_ledger_leads_to_the_boundaries(store_url: str) -> None:
    app = _open("views/ledger.py")
    labels = [element.proto.label for element in app.main if element.type == "page_link"]
    assert any("边界" in label for label in labels)
