"""Decisions from the browser: each once, each answered, each in the audit log; hostile or late ones change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import boundary_actions as actions
from dashboard.boundary_desk import Desk
from dashboard.boundary_list import bulk_offer
from dashboard.boundary_session import Session, scenes
from data.schemas import BOUNDARIES, GATES
from data.store import Actor, Role, open_store
from geo.errors import InputError
from tests.dashboard.boundary_cases import CLERK, FULL, NOW, SURVEY, at, box, make_desk, make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_store(make_store(tmp_path), clock=lambda: NOW) as store:
        yield make_desk(store)


def _in_force(desk: Desk) -> dict[str, tuple[str, Any]]:
    with desk.store.begin(CLERK) as work:
        frame = work.read(BOUNDARIES)
    return {str(i): (row["source"], row["geometry"]) for i, row in frame.iterrows()}


def _rings(shape: Any) -> list[Any]:
    return [[[list(p) for p in shapely.get_coordinates(shape.exterior)]]]


def _act(session: Session, desk: Desk, *queue: dict[str, Any], actor: Actor = CLERK) -> dict[str, Any]:
    session.act(desk, actor, list(queue), NOW)
    return session.answers[-1]


def test_accepting_puts_the_candidate_in_force_with_who_when_and_how_sure(desk: Desk) -> None:
    told = _act(Session(), desk, {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1b"})
    assert told["ok"]
    assert told["text"] == "已接受“E1小区”的候选2。"
    assert (told["state"], told["sure"]) == ("accepted", None)
    row = desk.boundaries["E1"]
    assert (row["source"], row["person"], row["confidence"], row["model"]) == ("text", "网页", 0.4, "m1")
    assert row["at"].startswith("2027-01-04T01:00")
    assert row["geometry"].equals(box(500, 410, 790, 790))
    with desk.store.begin(CLERK) as work:
        newest = work.audit(5)
    assert (newest["object_type"] == "boundaries").any()
    assert set(newest["person"]) == {"网页"}


def test_a_repeated_decision_is_done_once(desk: Desk) -> None:
    session = Session()
    first = {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1a"}
    second = {"seq": 2, "do": "accept", "estate_id": "E2", "proposal_id": "P2"}
    _act(session, desk, first)
    before = desk.sequence
    _act(session, desk, first)
    assert desk.sequence == before
    _act(session, desk, first, second)
    assert [answer["seq"] for answer in session.answers] == [1, 2]
    assert set(_in_force(desk)) == {"E1", "E2", "E6"}


def test_answers_are_told_until_they_are_known(desk: Desk) -> None:
    session = Session()
    session.worklist(desk, "")
    _act(session, desk, {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1a"})
    told = session.answer(desk, {"told": 0, "known": 0, "want": ["E1"]}, "E1", CLERK, NOW)
    assert [item["seq"] for item in told["answers"]] == [1]
    assert [item["id"] for item in told["changed"]] == ["E1"]
    assert told["undo"] == "撤销：采用候选边界（E1小区）"
    assert told["scenes"]["E1"]["current"]["source"] == "text"
    again = session.answer(desk, {"told": 1, "known": told["changed"][0]["no"], "want": []}, "E1", CLERK, NOW)
    assert (again["answers"], again["changed"], again["scenes"]) == ([], [], {})


def test_a_survey_is_replaced_only_with_a_reason(desk: Desk) -> None:
    session = Session()
    drawn = {"do": "draw", "estate_id": "E6", "shape": _rings(box(830, 830, 1000, 1000))}
    refused = _act(session, desk, {"seq": 1, **drawn})
    assert not refused["ok"]
    assert "写明原因" in refused["text"]
    assert _in_force(desk)["E6"][0] == "survey"
    taken = _act(session, desk, {"seq": 2, **drawn, "reason": " 拆墙并院 "})
    assert taken["ok"], taken["text"]
    assert desk.boundaries["E6"]["reason"] == "拆墙并院"
    history = scenes(desk, CLERK, ["E6"])["E6"]["history"]
    assert len(history) == 1
    assert "测绘" in history[0]["words"] and "拆墙并院" in history[0]["words"]


def test_a_version_of_the_history_comes_back(desk: Desk) -> None:
    session = Session()
    _act(
        session,
        desk,
        {"seq": 1, "do": "draw", "estate_id": "E6", "shape": _rings(box(830, 830, 900, 900)), "reason": "试"},
    )
    version = scenes(desk, CLERK, ["E6"])["E6"]["history"][0]["id"]
    told = _act(session, desk, {"seq": 2, "do": "restore", "estate_id": "E6", "version_id": version})
    assert told["ok"], told["text"]
    assert told["go"] == "E6"
    source, shape = _in_force(desk)["E6"]
    assert source == "survey"
    assert shape.equals(SURVEY)


def test_decisions_are_undone_in_reverse_order_and_a_bulk_one_as_a_whole(desk: Desk) -> None:
    session = Session()
    untouched = _in_force(desk)
    offer = bulk_offer(desk, "", 0.9)
    assert set(offer.proposals) == {"E1", "E2"}
    done = actions.bulk(desk, offer.proposals, CLERK, NOW)
    assert done.text == "已接受2个小区的候选"
    session.did(done)
    where = at(610, 420)
    _act(session, desk, {"seq": 1, "do": "gate", "estate_id": "E1", "gate_id": "G1", "at": list(where)})
    assert (desk.gates["E1"]["G1"]["lon"], desk.gates["E1"]["G1"]["lat"]) == pytest.approx(where)
    assert _act(session, desk, {"seq": 2, "do": "undo", "estate_id": "E4"})["go"] == "E1"
    assert desk.gates["E1"]["G1"]["lat"] == pytest.approx(at(600, 410)[1])
    bulk_undone = _act(session, desk, {"seq": 3, "do": "undo", "estate_id": "E4"})
    assert bulk_undone["text"] == "已撤销：采用候选边界（2个小区）"
    assert _in_force(desk) == untouched
    nothing = _act(session, desk, {"seq": 4, "do": "undo", "estate_id": "E4"})
    assert not nothing["ok"]
    assert _act(session, desk, {"seq": 5, "do": "redo", "estate_id": "E4"})["ok"]
    assert set(_in_force(desk)) == {"E1", "E2", "E6"}


def test_two_clerks_under_one_name_undo_only_their_own_decisions(desk: Desk) -> None:
    first, second = Session(), Session()
    _act(first, desk, {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1a"})
    _act(second, desk, {"seq": 1, "do": "accept", "estate_id": "E2", "proposal_id": "P2"})
    assert first.answer(desk, None, "E1", CLERK, NOW)["undo"] == "撤销：采用候选边界（E1小区）"
    assert _act(first, desk, {"seq": 2, "do": "undo", "estate_id": "E1"})["go"] == "E1"
    assert set(_in_force(desk)) == {"E2", "E6"}
    nothing = _act(first, desk, {"seq": 3, "do": "undo", "estate_id": "E1"})
    assert not nothing["ok"] and "自己" in nothing["text"]
    assert first.answer(desk, None, "E1", CLERK, NOW)["undo"] == ""
    assert _act(second, desk, {"seq": 2, "do": "undo", "estate_id": "E1"})["go"] == "E2"
    assert _act(second, desk, {"seq": 3, "do": "redo", "estate_id": "E1"})["ok"]
    assert set(_in_force(desk)) == {"E2", "E6"}


def test_a_tab_knows_its_decisions_again_after_a_reload(desk: Desk) -> None:
    remembered: dict[str, list[str]] = {}
    before, tab = Session(), "0123456789abcdef" * 2
    before.join(tab, remembered)
    _act(before, desk, {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1a"})
    for strange in (None, 7, "x", tab[:-1], tab.upper(), tab + "0", "fedcba9876543210" * 2):
        other = Session()
        other.join(strange, remembered)
        assert other.answer(desk, None, "E1", CLERK, NOW)["undo"] == ""
    again = Session()
    again.join(tab, remembered)
    assert _act(again, desk, {"seq": 1, "do": "undo", "estate_id": "E1"})["ok"]
    assert set(_in_force(desk)) == {"E6"}


def test_the_marks_of_old_tabs_are_forgotten(desk: Desk) -> None:
    remembered: dict[str, list[str]] = {}
    for i in range(600):
        Session().join(f"{i:032x}", remembered)
    assert len(remembered) == 500 and f"{599:032x}" in remembered and f"{0:032x}" not in remembered


def test_a_boundary_that_a_colleague_changed_is_not_overwritten_unseen(desk: Desk) -> None:
    mark = scenes(desk, CLERK, ["E1"])["E1"]["mark"]
    colleague = Actor("同事", Role.PLANNER)
    other = make_desk(desk.store)
    actions.apply(other, actions.Decision("accept", "E1", proposal_id="P1c"), colleague, NOW)
    told = _act(Session(), desk, {"seq": 1, "do": "accept", "estate_id": "E1", "proposal_id": "P1a", "mark": mark})
    assert not told["ok"]
    assert "同事" in told["text"]
    assert _in_force(desk)["E1"][1].equals(box(410, 410, 790, 700))


def test_a_candidate_that_was_computed_anew_is_not_taken(desk: Desk) -> None:
    told = _act(Session(), desk, {"seq": 1, "do": "accept", "estate_id": "E2", "proposal_id": "P1a"})
    assert not told["ok"]
    assert set(_in_force(desk)) == {"E6"}


def test_a_reader_changes_nothing(desk: Desk) -> None:
    leader = Actor("领导", Role.LEADER)
    session = Session()
    before = desk.sequence
    queue = [
        {"do": "accept", "estate_id": "E1", "proposal_id": "P1a"},
        {"do": "draw", "estate_id": "E1", "shape": _rings(box(*FULL["E1"]))},
        {"do": "gate", "estate_id": "E1", "at": list(at(600, 600))},
        {"do": "undo", "estate_id": "E1"},
        {"do": "redo", "estate_id": "E1"},
    ]
    for number, item in enumerate(queue, start=1):
        told = _act(session, desk, {"seq": number, **item}, actor=leader)
        assert not told["ok"]
        assert "只能查看" in told["text"]
    with pytest.raises(InputError, match="只能查看"):
        actions.bulk(desk, {"E1": "P1a"}, leader, NOW)
    assert make_desk(desk.store).sequence == before
    assert session.answer(desk, None, "E1", leader, NOW)["undo"] == ""


@pytest.mark.parametrize(
    "shape",
    [
        [],
        [[]],
        "面",
        [[[[112.0, 30.0], [112.1, 30.0]]]],
        [[[[112.0, 30.0], [112.1, 30.1], [112.1, 30.0], [112.0, 30.1], [112.0, 30.0]]]],
        [[[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]],
        [[[[112.0, float("nan")], [112.1, 30.0], [112.1, 30.1], [112.0, 30.0]]]],
        [[[[112.0, 30.0, 5.0]] * 4]],
        [[[[112.0 + i * 1e-6, 30.0 + (i % 2) * 1e-3] for i in range(6000)]]],
    ],
    ids=["empty", "no ring", "text", "two points", "crossing", "abroad", "nan", "three figures", "too many"],
)
def test_an_outline_that_is_none_is_refused_with_a_remedy(desk: Desk, shape: Any) -> None:
    told = _act(Session(), desk, {"seq": 1, "do": "draw", "estate_id": "E1", "shape": shape})
    assert not told["ok"]
    assert "程序内部出错" not in told["text"]
    assert set(_in_force(desk)) == {"E6"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("estate_id", "proposal_id", "shape", "at", "reason", "mark"), _JSON)
    ),
    st.sampled_from(["accept", "draw", "gate", "restore", "undo", "drop tables", "", None, 3]),
)
def test_whatever_a_browser_sends_is_a_decision_or_a_fault(item: dict[str, Any], do: Any) -> None:
    try:
        decision = actions.Decision.read({**item, "do": do})
    except InputError:
        return
    assert decision.do in ("accept", "draw", "gate", "restore", "undo")


@pytest.mark.parametrize("seq", [None, "1", 0, -1, True, 1.5])
def test_a_decision_without_a_number_is_ignored(desk: Desk, seq: Any) -> None:
    session = Session()
    session.act(desk, CLERK, [{"seq": seq, "do": "accept", "estate_id": "E1", "proposal_id": "P1a"}], NOW)
    assert session.answers == []
    assert actions.queue_of({"queue": "x"}) == actions.queue_of({}) == actions.queue_of({"queue": [1, None]}) == []


def test_a_fault_of_the_program_is_answered_and_does_not_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(actions, "apply", broken)
    session = Session()
    told = _act(session, desk, {"seq": 7, "do": "undo", "estate_id": "E1"})
    assert not told["ok"] and "不一定已保存" in told["text"] and "刷新" in told["text"] and "boom" not in told["text"]
    assert session.done == 7


def test_a_fault_behind_the_saving_does_not_claim_that_nothing_was_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Desk, "catch_up", broken)
    told = _act(Session(), desk, {"seq": 1, "do": "gate", "estate_id": "E2", "gate_id": "", "at": list(at(390, 600))})
    with desk.store.begin(CLERK) as work:
        assert (work.read(GATES)["estate_id"] == "E2").sum() == 1
    assert not told["ok"] and "没有保存" not in told["text"]


def test_a_gate_of_an_estate_without_one_is_added(desk: Desk) -> None:
    told = _act(Session(), desk, {"seq": 1, "do": "gate", "estate_id": "E2", "gate_id": "", "at": list(at(390, 600))})
    assert told["ok"], told["text"]
    with desk.store.begin(CLERK) as work:
        gates = work.read(GATES)
    assert (gates["estate_id"] == "E2").sum() == 1
    assert scenes(desk, CLERK, ["E2"])["E2"]["gate"] == pytest.approx(at(390, 600))
