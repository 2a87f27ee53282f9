"""Findings that a person found in order: kept with a note, in the audit log, back again when the figures change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from planning.quality import Finding, Measure, Severity
from planning.quality.checked import mark, marks, same_case, sort, unmark

ACTOR = Actor("张三", Role.PLANNER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'w.db'}") as opened:
        yield opened


def finding(number: int = 1, *measures: Measure, severity: Severity = Severity.WARNING) -> Finding:
    figures = measures or (Measure("重叠面积", 1000.0, "平方米"),)
    return Finding(f"overlap-{number:012d}", "overlap", severity, f"第{number}处 #重叠", "改", "L09", measures=figures)


def test_a_checked_finding_is_hidden_and_comes_back_when_taken_back(store: Store) -> None:
    one, other = finding(1), finding(2)
    mark(store, ACTOR, one, " 已现场核实 ")
    done = sort((one, other), marks(store, ACTOR))
    assert done.open == (other,) and [f for f, _ in done.checked] == [one] and done.returned == ()
    said = done.checked[0][1]
    assert (said.note, said.person, said.measures) == ("已现场核实", "张三", one.measures) and said.at.startswith("20")
    unmark(store, ACTOR, one)
    assert sort((one, other), marks(store, ACTOR)).open == (one, other)
    mark(store, ACTOR, one, "再次核实")
    assert marks(store, ACTOR)[one.id].note == "再次核实"


@pytest.mark.parametrize(
    ("unit", "before", "after", "same"),
    [
        ("平方米", 1000.0, 1019.0, True), ("平方米", 1000.0, 1025.0, False), ("平方米", 3.0, 3.9, True),
        ("平方米", 3.0, 4.2, False), ("米", 20.0, 20.9, True), ("米", 20.0, 21.2, False), ("%", 0.10, 0.108, True),
        ("%", 0.10, 0.115, False), ("个", 3.0, 3.0, True), ("个", 3.0, 4.0, False),
    ],
)  # fmt: skip
def test_it_comes_back_when_the_figures_change(
    store: Store, unit: str, before: float, after: float, same: bool
) -> None:
    mark(store, ACTOR, finding(1, Measure("数", before, unit)), "好")
    now = finding(1, Measure("数", after, unit))
    done = sort((now,), marks(store, ACTOR))
    assert (done.open == ()) == same and bool(done.returned) != same


def test_other_words_another_severity_or_other_figures_are_another_case(store: Store) -> None:
    one = finding(1, Measure("实际所在", "甲街道"), Measure("相距", 50.0, "米"))
    mark(store, ACTOR, one, "好")
    said = marks(store, ACTOR)[one.id]
    assert same_case(one, said)
    assert not same_case(finding(1, Measure("实际所在", "乙街道"), Measure("相距", 50.0, "米")), said)
    assert not same_case(replace(one, severity=Severity.ERROR), said)
    assert not same_case(replace(one, measures=one.measures[:1]), said)
    assert not same_case(finding(1, Measure("实际所在", "甲街道"), Measure("距离", 50.0, "米")), said)
    assert same_case(replace(one, text="换了说法"), said)


def test_a_mark_is_in_the_audit_log_in_words_and_leaves_the_data_as_they_are(store: Store) -> None:
    before = store.stamp
    mark(store, ACTOR, finding(7), "路边绿地#3")
    assert store.stamp == before
    with store.begin(ACTOR) as work:
        entry = work.audit(1).iloc[0]
        assert work.verify_audit() is None
    assert entry["person"] == "张三" and entry["action"] == "document"
    assert entry["after"]["period"].startswith("路边绿地＃3——第7处 ＃重叠") and entry["after"]["period"].endswith(
        "0007"
    )
    assert marks(store, ACTOR)[finding(7).id].note == "路边绿地#3"


@pytest.mark.parametrize("note", ["", "  \n", "长" * 501])
def test_a_mark_needs_a_note_of_a_sensible_length(store: Store, note: str) -> None:
    with pytest.raises(InputError):
        mark(store, ACTOR, finding(), note)
    assert marks(store, ACTOR) == {}


def test_who_may_only_look_may_not_mark(store: Store) -> None:
    with pytest.raises(InputError, match="只能查看"):
        mark(store, Actor("领导", Role.LEADER), finding(), "好")
