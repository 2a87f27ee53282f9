"""Undo as a clerk expects it: the own last decision, a bulk one as a whole, never over the work of somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from boundary_cases import LI, OF_STREET, WANG, at, candidates, in_force, offer, opened, sources, square

from data.boundaries import (
    accept,
    add_gate,
    draw,
    history,
    marks,
    move_gate,
    next_redo,
    next_undo,
    redo_last,
    remove_gate,
    restore,
    undo,
    undo_last,
    withdraw,
)
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES, GATES
from data.store import Actor, Store
from geo.errors import InputError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as one:
        yield one


def test_undo_steps_back_through_everything_and_redo_forward_again(store: Store) -> None:
    states = []
    with store.begin(WANG, write=True) as work:
        offer(work, 0)

        def now() -> list[tuple[object, ...]]:
            frame, gates = work.read(BOUNDARIES), work.read(GATES)
            rows = zip(frame.index, frame["source"], frame["person"], frame["at"], frame.geometry.to_wkt(), strict=True)
            return [*rows, *zip(gates.index, gates["lon"], gates["main"], strict=True)]

        ids = candidates(work, [1, 2, 3])
        for act in (
            lambda: draw(work, "E0", square(0, 0.0002), now=at(1), reason="改"),
            lambda: accept(work, ids, now=at(2)),
            lambda: withdraw(work, "E1", "错", at(3)),
            lambda: move_gate(work, "E0", 112.0001, 30.0, now=at(4)),
            lambda: add_gate(work, "E0", 112.0002, 30.0, now=at(5), main=True),
            lambda: draw(work, "E2", square(2, 0.0002), now=at(6)),
            lambda: remove_gate(work, work.read(GATES).index[0], cause="封闭", now=at(7)),
        ):
            states.append(now())
            act()
        states.append(now())
        for state in reversed(states[:-1]):
            done = undo_last(work, at(8))
            assert done is not None and not done.conflicts
            assert now() == state
        assert undo_last(work, at(9)) is None and next_undo(work) is None
        for state in states[1:]:
            assert redo_last(work, at(10)) is not None
            assert now() == state
        assert redo_last(work, at(11)) is None and next_redo(work) is None


def test_a_bulk_decision_is_undone_as_a_whole_and_says_what_it_was(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        accept(work, candidates(work, [0, 1, 2]), now=at(1))
        decision = next_undo(work)
        assert decision is not None and decision.label == "采用候选边界" and len(decision.estate_ids) == 3
        done = undo_last(work, at(2))
        assert done is not None and set(done.restored) == {"E0", "E1", "E2"}
        assert next_redo(work) == decision
    assert sources(store) == {}


def test_what_somebody_else_changed_since_is_left_and_named(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        draw(work, "E3", square(3), now=at(0))
        accept(work, candidates(work, [0, 1, 2]), now=at(1))
    with store.begin(LI, write=True) as work:
        draw(work, "E1", square(1, 0.0003), now=at(2), reason="以图为准")
        withdraw(work, "E2", "错", at(3))
        offer(work, 2, shift=0.0004)
    with store.begin(WANG, write=True) as work:
        done = undo_last(work, at(4))
        assert done is not None and done.restored == ("E0",)
        told = {c.estate_id: (c.person, c.at) for c in done.conflicts}
        assert told["E1"] == ("李科员", "2027-01-04T09:02:00+00:00") and told["E2"][0] == "李科员"
        assert dict(work.read(BOUNDARIES)["source"]) == {"E1": "drawn", "E2": "survey", "E3": "drawn"}
        again = redo_last(work, at(5))
        assert again is not None and again.restored == ("E0",)
        assert undo_last(work, at(6)) is not None
        last = undo_last(work, at(7))
        assert last is not None and last.restored == ("E3",), "a conflict must not block the decision before"


def test_a_decision_that_could_not_be_undone_still_counts(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        draw(work, "E0", square(0, 0.0002), now=at(1), reason="围墙外移")
    with store.begin(LI, write=True) as work:
        draw(work, "E0", square(0, 0.0003), now=at(2))
    with store.begin(WANG, write=True) as work:
        done = undo_last(work, at(3))
        assert done is not None and not done.restored
        assert offer(work, 0).kept_chosen == (("E0", "drawn", "survey"),)


def test_undo_is_the_persons_own_and_the_sessions_own(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        draw(work, "E0", square(0), now=at(1))
        draw(work, "E1", square(1), now=at(10))
    with store.begin(LI, write=True) as work:
        assert undo_last(work, at(11)) is None
    with store.begin(WANG, write=True) as work:
        assert undo_last(work, at(11), since=at(5)) is not None
        assert undo_last(work, at(11), since=at(5)) is None
    assert sources(store) == {"E0": "drawn"}


def test_two_sessions_under_one_name_undo_their_own(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        mine = draw(work, "E0", square(0), now=at(1)).decision_id
        draw(work, "E1", square(1), now=at(2))
        own = {str(mine)}
        decision = next_undo(work, among=own)
        assert decision is not None and decision.estate_ids == ("E0",)
        done = undo_last(work, at(3), among=own)
        assert done is not None and done.restored == ("E0",) and undo_last(work, at(3), among=own) is None
        assert next_redo(work, among=set()) is None and redo_last(work, at(4), among=own) is not None
    assert sources(store) == {"E0": "drawn", "E1": "drawn"}


def test_a_new_decision_ends_what_could_be_redone(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        draw(work, "E0", square(0), now=at(1))
        undo_last(work, at(2))
        draw(work, "E1", square(1), now=at(3))
        assert redo_last(work, at(4)) is None
        offer(work, 2, "text")
        undo_last(work, at(5))
        offer(work, 3, "text")
        assert redo_last(work, at(6)) is not None, "a run in between is no decision of the person"
    assert sources(store) == {"E1": "drawn", "E2": "text", "E3": "text"}


def test_undoing_the_others_change_brings_ones_own_back_into_reach(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        draw(work, "E0", square(0), now=at(1))
    with store.begin(LI, write=True) as work:
        draw(work, "E0", square(0, 0.0003), now=at(2))
        undo_last(work, at(3))
    with store.begin(WANG, write=True) as work:
        done = undo_last(work, at(4))
        assert done is not None and done.restored == ("E0",)
    assert sources(store) == {}


def test_the_last_change_of_an_estate_is_taken_back_whoever_made_it(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, "text", confidence=0.99)
    with store.begin(LI, write=True) as work:
        first = undo(work, "E0", at(1))
        assert first.restored == ("E0",) and work.read(BOUNDARIES).empty
        assert offer(work, 0, "text", confidence=0.99).kept_chosen == (("E0", "", "text"),)
        undo(work, "E0", at(2))
        assert dict(work.read(BOUNDARIES)["confidence"]) == {"E0": 0.99}
        draw(work, "E0", square(0, 0.0003), now=at(3))
        undo(work, "E0", at(4))
        undo_last(work, at(5))
        assert work.read(BOUNDARIES).at["E0", "source"] == "drawn"
        assert list(history(work, "E0")["cause"])[-1] == "退回到“导入或自动采用”之前"


def test_an_estate_whose_boundary_was_only_loaded_has_nothing_to_take_back(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        for estate_id, words in (("E0", "首次导入"), ("E1", "首次导入"), ("E9", "不存在")):
            with pytest.raises(InputError, match=words):
                undo(work, estate_id, at(1))
        offer(work, 0, shift=0.0004)
        undo(work, "E0", at(2))
        assert work.read(BOUNDARIES).geometry["E0"].equals(square(0))


def test_a_version_of_the_history_comes_back_with_its_own_origin(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, datum="gcj02", source_file="a.gpkg")
        draw(work, "E0", square(0, 0.0003), now=at(1), reason="改")
        draw(work, "E0", square(0, 0.0006), now=at(2))
        versions = history(work, "E0")
        survey = versions.index[versions["source"] == "survey"][0]
        restore(work, survey, "", at(3))
        back = work.read(BOUNDARIES).loc["E0"]
        assert (back["source"], back["datum"], back["source_file"], back["at"]) == (
            "survey", "gcj02", "a.gpkg", "2027-01-04T09:00:00+00:00",
        )  # fmt: skip
        drawn = versions.index[versions["source"] == "drawn"][0]
        with pytest.raises(InputError, match="写明原因"):
            restore(work, drawn, " ", at(4))
        restore(work, drawn, "测绘有误", at(4))
        assert history(work, "E0")["cause"].iloc[0] == "恢复历史边界：测绘有误"
        undo_last(work, at(5))
        assert work.read(BOUNDARIES).at["E0", "source"] == "survey"
        with pytest.raises(InputError, match="没有这个历史边界"):
            restore(work, "V0", "x", at(6))
    with store.begin(OF_STREET, write=True) as work, pytest.raises(InputError, match="不在您负责的范围"):
        restore(work, drawn, "x", at(7))


def test_one_who_looked_at_an_older_boundary_is_told(store: Store) -> None:
    with store.begin(WANG) as work:
        seen = marks(work, ["E0", "E1"])
    with store.begin(LI, write=True) as work:
        ids = candidates(work, [0, 1])
        draw(work, "E0", square(0), now=at(1))
    with store.begin(WANG, write=True) as work:
        for act in (
            lambda: accept(work, ids, now=at(2), expected=seen, reason="改"),
            lambda: draw(work, "E0", square(0, 0.0002), now=at(2), expected=seen),
        ):
            with pytest.raises(InputError, match="“小区0”的边界在您打开页面之后已由李科员改为另一个"):
                act()
        accept(work, ids[1:], now=at(2), expected=seen)
        draw(work, "E0", square(0, 0.0002), now=at(3), expected=marks(work, ["E0"]))
    assert sources(store) == {"E0": "drawn", "E1": "text"}


def test_two_clerks_who_accept_at_once_both_get_their_due(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        best = candidates(work, [0, 1, 2, 3])
        others = [i for i in work.read(BOUNDARY_PROPOSALS).index if i not in best]

    def clerk(actor: Actor, ids: list[str]) -> None:
        with store.begin(actor, write=True) as work:
            accept(work, ids, now=at(1))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(clerk, WANG, best), pool.submit(clerk, LI, others)]:
            done.result()
    people = set(in_force(store)["person"])
    assert len(people) == 1, "one of them came last, and with all estates"
    loser, winner = (WANG, LI) if people == {"李科员"} else (LI, WANG)
    with store.begin(loser, write=True) as work:
        undone = undo_last(work, at(2))
        assert undone is not None and not undone.restored and {c.person for c in undone.conflicts} == people
        assert work.verify_audit() is None
    with store.begin(winner, write=True) as work:
        undone = undo_last(work, at(3))
        assert undone is not None and len(undone.restored) == 4
        assert set(work.read(BOUNDARIES)["person"]) == {loser.person}


def test_decisions_on_an_estate_that_is_gone_go_with_it(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        draw(work, "E0", square(0), now=at(1))
        accept(work, candidates(work, [1, 2]), now=at(2))
        work.remove(ESTATES, ["E1"], "重复登记")
        done = undo_last(work, at(3))
        assert done is not None and done.restored == ("E2",)
        assert undo_last(work, at(4)) is not None
    assert sources(store) == {}


def test_gates_move_within_reason(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        move_gate(work, "E0", 112.002, 30.001, now=at(1))
        gate = work.read(GATES)
        assert list(gate["estate_id"]) == ["E0"] and bool(gate["main"].iloc[0])
        move_gate(work, "E0", 112.0, 30.001, now=at(2))
        assert list(work.read(GATES)["lon"]) == [112.0] and list(work.read(GATES).index) == list(gate.index)
        assert not move_gate(work, gate.index[0], 112.0, 30.001, now=at(3)).change
        add_gate(work, "E0", 112.001, 30.0, now=at(4), name=" 南门 ")
        assert list(work.read(GATES).sort_values("main")["main"]) == [False, True]
        move_gate(work, "E0", 112.0, 30.0005, now=at(5))
        back = add_gate(work, "E0", 112.002, 30.001, now=at(6), main=True)
        assert back.change.added == 1 and len(work.read(GATES)) == 3
        assert work.read(GATES)["main"].sum() == 1
        undo_last(work, at(7))
        assert work.read(GATES)["main"].sum() == 1 and len(work.read(GATES)) == 2
        for where, words in (((112.05, 30.0), "离小区 4.6 公里"), ((30.0, 112.0), "填反"), ((10.0, 30.0), "不在中国"),
                             ((float("nan"), 30.0), "有效数字")):  # fmt: skip
            with pytest.raises(InputError, match=words):
                move_gate(work, "E0", *where, now=at(8))
        with pytest.raises(InputError, match="已有一个出入口"):
            add_gate(work, "E0", 112.001, 30.0, now=at(8))
        with pytest.raises(InputError, match="没有这个出入口"):
            remove_gate(work, "G0", cause="x", now=at(8))
        work.put(GATES, work.read(GATES).assign(main=False))
        with pytest.raises(InputError, match="有 2 个出入口"):
            move_gate(work, "E0", 112.001, 30.001, now=at(9))
    with store.begin(OF_STREET, write=True) as work, pytest.raises(InputError, match="不在您负责的范围"):
        move_gate(work, "E0", 112.001, 30.001, now=at(9))


def test_a_gate_that_somebody_moved_since_is_left(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        move_gate(work, "E0", 112.002, 30.001, now=at(1))
    with store.begin(LI, write=True) as work:
        move_gate(work, "E0", 112.0, 30.001, now=at(2))
    with store.begin(WANG, write=True) as work:
        done = undo_last(work, at(3))
        assert done is not None and [c.person for c in done.conflicts] == ["李科员"]
        assert list(work.read(GATES)["lon"]) == [112.0]
