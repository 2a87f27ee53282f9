"""The bundles' page as the server builds it: good, empty and faulty data, roles, settings, solving beside the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bundle_jobs as jobs
from dashboard import loading
from data.profile_file import load_profile
from data.schemas import ESTATES
from data.store import Actor, Role, open_store
from planning.bundles import settings_from
from tests.conftest import ROOT
from tests.dashboard.bundle_cases import BUNDLED, CLERK, ESTATES_OF, NOW, clear_caches, make_store

PAGE = "views/bundling.py"


@pytest.fixture
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = make_store(tmp_path)
    monkeypatch.setenv("WUYETU_STORE", url)
    clear_caches()
    yield url
    clear_caches()


@pytest.fixture
def unsolved_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = make_store(tmp_path, solved=False)
    monkeypatch.setenv("WUYETU_STORE", url)
    clear_caches()
    yield url
    clear_caches()


def _open(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


def _sent(app: AppTest, key: str) -> dict[str, Any]:
    """What the page sent to one of its components."""
    found = [element for element in app.main if getattr(element, "key", None) == key]
    assert len(found) == 1
    return json.loads(found[0].proto.json)


def _names(ground: dict[str, Any], rows: list[int]) -> set[str]:
    return {ground["id"][row] for row in rows}


def _solved(app: AppTest) -> AppTest:
    """Run the page again once the solve that runs has ended."""
    deadline = time.monotonic() + 60
    job = jobs.solving("service")
    while job is not None and not job.ended and time.monotonic() < deadline:
        time.sleep(0.1)
    return app.run()


def test_the_page_sends_estates_once_and_the_proposal_by_their_rows(store_url: str) -> None:
    app = _open()
    ground = _sent(app, "bundle-ground")["ground"]
    assert set(ground["id"]) == set(ESTATES_OF)
    assert ground["homes"][ground["id"].index("F1")] == 400
    assert set(ground["ways"]) == {"minor", "river"}
    plan = _sent(app, "bundle-plan")["plan"]
    assert {frozenset(_names(ground, one["members"])) for one in plan["bundles"]} == {frozenset(b) for b in BUNDLED}
    assert [_names(ground, [row]) for row, _ in plan["alone"]] == [{"F1"}]
    assert _names(ground, [one[0] for one in plan["fallback"]]) == {"L1", "R1"}
    totals = plan["totals"]
    assert (totals["bundles"], totals["estates"], totals["households"], totals["bound"]) == (3, 10, 780, 780)
    assert (totals["units_proven"], totals["units"]) == (2, 2)
    assert "river" in plan["barriers"]
    assert len({one["color"] for one in plan["bundles"] if one["members"]}) == 3, "neighbours differ"


def test_the_legend_s_states_follow_proof_consent_and_hand(store_url: str) -> None:
    app = _open()
    ground, plan = _sent(app, "bundle-ground")["ground"], _sent(app, "bundle-plan")["plan"]
    by_member = {frozenset(_names(ground, one["members"])): one for one in plan["bundles"]}
    assert {one["state"] for one in plan["bundles"]} == {"proven"}
    assert by_member[frozenset(BUNDLED[0])]["consent"] == 1, "A3 was not asked yet"
    assert by_member[frozenset(BUNDLED[1])]["consent"] == 0


def test_selection_and_street_come_from_the_address(store_url: str) -> None:
    app = _open(bundle="B002", estate="B1", unit="S1")
    desk = _sent(app, "bundle-desk")
    assert (desk["at"]["bundle"], desk["at"]["estate"], desk["unit"]) == ("B002", "B1", "S1")
    ground = _sent(app, "bundle-ground")["ground"]
    assert _names(ground, desk["inside"]) == {name for name, row in ESTATES_OF.items() if row[0] == "S1"}


def test_a_store_without_data_names_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUYETU_STORE", f"sqlite:///{tmp_path}/empty.db")
    clear_caches()
    app = _open()
    assert any("还没有数据" in info.value for info in app.info)
    clear_caches()


def test_without_a_proposal_one_button_makes_it(unsolved_url: str) -> None:
    app = _open()
    assert any("还没有“打捆”的方案" in info.value for info in app.info)
    app.button(key="bundle-first").click().run()
    app = _solved(app)
    assert not app.exception
    totals = _sent(app, "bundle-plan")["plan"]["totals"]
    assert totals["households"] == 780
    assert totals["proven"]


def test_a_city_in_which_every_estate_is_served_has_an_empty_proposal_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WUYETU_STORE", make_store(tmp_path, empty=True))
    clear_caches()
    app = _open()
    plan = _sent(app, "bundle-plan")["plan"]
    assert (plan["bundles"], plan["alone"], plan["fallback"]) == ([], [], [])
    assert any("没有需要打捆的小区" in line for line in _sent(app, "bundle-desk")["told"])
    clear_caches()


def test_another_way_has_its_own_proposal(store_url: str) -> None:
    app = _open(way="anchor")
    assert any("还没有“以大带小”的方案" in info.value for info in app.info)
    app = _open(way="nonsense")
    assert _sent(app, "bundle-plan")["plan"]["totals"]["bundles"] == 3


def test_a_reader_sees_everything_and_changes_nothing(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ACTOR", Actor("网页", Role.LEADER))
    app = _open()
    assert app.button(key="bundle-solve").disabled
    desk = _sent(app, "bundle-desk")
    assert not desk["may_write"]
    assert "只能查看" in desk["refusal"]


def test_changed_data_are_told_beside_the_old_figures(store_url: str) -> None:
    with open_store(store_url, clock=lambda: NOW) as store, store.begin(CLERK, write=True) as work:
        estates = work.read(ESTATES)
        work.put(ESTATES, estates.loc[["A1"]].assign(households=81))
    app = _open()
    assert any("有变化" in line for line in _sent(app, "bundle-desk")["told"])
    assert _sent(app, "bundle-plan")["plan"]["totals"]["households"] == 780


def test_an_estate_that_is_gone_from_the_register_leaves_the_rest_standing(store_url: str) -> None:
    with open_store(store_url, clock=lambda: NOW) as store, store.begin(CLERK, write=True) as work:
        work.remove(ESTATES, ["A4", "L1"], "核销")
    app = _open()
    ground, plan = _sent(app, "bundle-ground")["ground"], _sent(app, "bundle-plan")["plan"]
    assert any(_names(ground, one["members"]) == {"A1", "A2", "A3"} for one in plan["bundles"])
    assert _names(ground, [one[0] for one in plan["fallback"]]) == {"R1"}


def _form() -> None:
    """The form of the settings alone: a dialog's own reruns are not simulated by AppTest."""
    import streamlit as st

    from dashboard import bundle_settings as limits
    from data.profile_file import load_profile
    from planning import bundles

    profile = load_profile("demo")
    way = st.session_state.get("way", "service")
    wanted, faults = limits.form(profile, bundles.settings_from(profile, way), types=("老旧小区", "商品房"))
    limits.rules_in_force(profile, wanted)
    st.session_state["wanted"], st.session_state["faults"] = wanted, faults


@pytest.mark.parametrize("way", ["service", "anchor", "audit", "regions"])
def test_an_untouched_form_gives_the_profile_s_settings_back(way: str) -> None:
    form = AppTest.from_function(_form, default_timeout=60)
    form.session_state["way"] = way
    form.run()
    assert not form.exception
    assert form.session_state["faults"] == []
    assert form.session_state["wanted"] == settings_from(load_profile("demo"), way)


def test_limits_carry_their_basis_and_a_minimum_above_the_maximum_is_refused() -> None:
    form = AppTest.from_function(_form, default_timeout=60).run()
    field = form.number_input(key="bundle-set-service-min_households")
    assert field.value == 200
    assert "L35" in field.help
    assert "假定" in field.help
    field.set_value(2000).run()
    assert form.session_state["faults"] == ["最少户数大于最多户数，请改正。"]
    form.number_input(key="bundle-set-service-max_households").set_value(3000).run()
    assert form.session_state["faults"] == []
    wanted = form.session_state["wanted"]
    assert (wanted.min_households, wanted.max_households) == (2000, 3000)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("radius_m", 0.0, "填的是0米，应在100到5,000米之间"),
        ("radius_m", -500.0, "填的是-500米"),
        ("max_estates", 1, "应在2到100个之间"),
    ],
)
def test_a_number_out_of_range_is_told_and_not_put_aside(name: str, value: float, told: str) -> None:
    form = AppTest.from_function(_form, default_timeout=60).run()
    form.number_input(key=f"bundle-set-service-{name}").set_value(value).run()
    (fault,) = form.session_state["faults"]
    assert told in fault
    assert form.session_state["wanted"] == settings_from(load_profile("demo")), "nothing half changed"


def test_choices_bring_their_own_fields_and_faults_are_told() -> None:
    form = AppTest.from_function(_form, default_timeout=60).run()
    _select(form, "紧凑", "both")
    form.number_input(key="bundle-set-service-neighbour_m").set_value(250.0).run()
    _select(form, "目标", "near")
    form.number_input(key="bundle-set-service-near_share").set_value(0.3).run()
    _select(form, "成立条件", "money")
    wanted = form.session_state["wanted"]
    assert (wanted.compact, wanted.neighbour_m, wanted.mode, wanted.viability) == ("both", 250.0, "near", "money")
    assert wanted.near_share == pytest.approx(0.003)
    assert wanted.costs == settings_from(load_profile("demo")).costs
    next(field for field in form.text_input if "年代" in field.label).set_value("1990、两千年").run()
    assert "两千年" in form.session_state["faults"][0]


def test_versions_are_kept_compared_and_made_current(store_url: str) -> None:
    app = _open()
    _part(app, "方案比较")
    assert any("还没有保存过方案" in info.value for info in app.info)
    app.text_input(key="keep-name-service").set_value("讨论稿").run()
    app.button(key="keep-service").click().run()
    assert not app.exception
    tables = [element.value for element in app.dataframe]
    assert any("覆盖户数" in set(table.get("项目", ())) for table in tables)
    assert any("同样的地方" in info.value for info in app.info)


def test_scenarios_are_solved_points_with_their_proofs(store_url: str) -> None:
    app = _open()
    _part(app, "情景")
    assert any("还没有解出的点" in info.value for info in app.info)
    app.session_state["frontier-range-radius"] = (300.0, 500.0)
    app.run()
    assert app.button(key="frontier-go").label == "求解这3个点"
    app.button(key="frontier-go").click().run()
    deadline = time.monotonic() + 60
    while not app.dataframe and time.monotonic() < deadline:
        time.sleep(0.3)
        app.run()
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table.iloc[:, 1]) == [300, 400, 500]
    assert list(table["覆盖户数"]) == [780, 780, 780]
    assert set(table["证明"]) == {"已证明最优"}
    app.selectbox(key="frontier-pick").set_value(400.0).run()
    app.button(key="frontier-adopt").click().run()
    wanted = app.session_state["bundle-settings"]["service"]
    assert wanted.radius_m == 400.0
    _part(app, "方案")
    assert any("设置已改但还没有求解" in line for line in _sent(app, "bundle-desk")["told"])


def _select(form: AppTest, label: str, value: str) -> None:
    next(field for field in form.selectbox if field.label == label).set_value(value).run()


def _part(app: AppTest, name: str) -> None:
    app.session_state["bundle-part"] = name
    app.run()


def test_streamlit_s_english_hints_are_hidden() -> None:
    css = (Path(__file__).parents[2] / "dashboard/templates/page.css").read_text(encoding="utf-8")
    hidden = css[: css.index("{ display: none; }", css.index("InputInstructions"))]
    assert "speak English" in hidden
    assert all(part in hidden for part in ("InputInstructions", "stVegaLiteChart", "frontier-table", "cmp-changes"))
