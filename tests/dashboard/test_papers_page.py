"""Page 导出: what it hands out is of the plan in force now, never of an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import bundle_paper_cases as made
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import loading
from data.schemas import TABLES
from data.store import Actor, Role, Store, open_store
from planning import bundle_versions, runs
from planning.bundles.types import BundlePlan
from planning.city import Scope

ROOT = Path(__file__).parents[2]
ADMIN = Actor("admin", Role.ADMIN)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    monkeypatch.setenv("WUYETU_STORE", url)
    city = made.city()
    with open_store(url) as opened:
        with opened.begin(ADMIN, write=True) as work:
            for name, frame in (
                ("units", city.units), ("estates", city.estates), ("companies", city.companies)
            ):  # fmt: skip
                work.put(TABLES[name], frame)
            work.set_setting("profile", "demo")
            work.record_load([], [], {})
        _solve(opened, made.plan(city))
        yield opened


def _solve(store: Store, plan: BundlePlan) -> None:
    now = datetime.now(UTC)
    bundle_versions.solved(store, ADMIN, "service", plan, Scope(), runs.read_city(store, ADMIN), now=now)


def test_a_file_of_an_earlier_plan_is_not_handed_out(store: Store) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    app.run().switch_page("views/papers.py").run()
    app.button(key="make-bundles").click().run()
    assert not app.exception and [error.value for error in app.error] == []
    assert "make-bundles" not in {button.key for button in app.run().button}, "the file is kept for download"
    app.button(key="make-coverage").click().run()
    assert "make-bundles" not in {button.key for button in app.run().button}, "another export does not make it old"
    _solve(store, replace(made.plan(made.city()), bundles=(), households_covered=0))
    assert "make-bundles" in {button.key for button in app.run().button}


def test_named_versions_count_as_results(store: Store) -> None:
    before = loading.results_stamp()
    assert loading.results_stamp() == before
    bundle_versions.save_version(store, ADMIN, "service", "第一版")
    assert loading.results_stamp() != before
