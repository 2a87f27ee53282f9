"""Any order of loads, decisions, undo and redo by two clerks against a model of a page of plain Python."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from boundary_cases import at, opened, square
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from data.boundaries import (
    accept,
    draw,
    put_boundaries,
    put_proposals,
    redo_last,
    undo,
    undo_last,
    withdraw,
)
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_PROPOSALS, ESTATES
from data.schemas.boundaries import SOURCES
from data.store import Actor, Role, Store
from geo.errors import InputError

Row = tuple[str, int, float | None, str, str]
"""Source, number of the square, confidence, person, moment."""
ESTATE = st.sampled_from(("a", "b", "c"))
CLERK = st.sampled_from(("王", "李"))
SHAPE = st.integers(0, 2)
_STORE: list[Store] = []
_NUMBER = count()


@pytest.fixture(scope="module", autouse=True)
def _store() -> Iterator[None]:
    """One store for all runs: each makes its own estates and clerks."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _STORE.append(stack.enter_context(opened(folder, 0)))
        yield
        _STORE.clear()


@dataclass
class Made:
    """A decision of the model: estate → (before, after)."""

    person: str
    by_person: bool
    items: dict[str, tuple[Row | None, Row | None]]
    state: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = dict.fromkeys(self.items, "done")


class Boundaries(RuleBasedStateMachine):
    """The model keeps rows in force, how many were replaced, and all decisions in order."""

    @initialize()
    def begin(self) -> None:
        self.run = next(_NUMBER)
        self.minute = 0
        self.rows: dict[str, Row] = {}
        self.replaced = dict.fromkeys("abc", 0)
        self.made: list[Made] = []
        with _STORE[0].begin(self._actor("王"), write=True) as work:
            rows = [{"estate_id": self._id(e), "name": e, "region_id": "R", "consent": "unknown"} for e in "abc"]
            work.put(ESTATES, ESTATES.frame(rows))
            put_proposals(
                work,
                [
                    {
                        "estate_id": self._id(e), "rank": n, "outcome": "look", "confidence": 0.5,
                        "text": "东至" if n else None, "geometry": square(0, n * 1e-4),
                    }
                    for e in "abc"
                    for n in range(3)
                ],
            )  # fmt: skip
            frame = work.read(BOUNDARY_PROPOSALS, where={"estate_id": [self._id(e) for e in "abc"]})
        self.candidates = {(row.estate_id[-1], int(row.rank)): str(row.Index) for row in frame.itertuples()}

    def _id(self, estate: str) -> str:
        return f"{self.run}-{estate}"

    def _actor(self, clerk: str) -> Actor:
        return Actor(f"{clerk}{self.run}", Role.PLANNER)

    def _now(self) -> Any:
        self.minute += 1
        return at(self.minute)

    def _stamp(self) -> str:
        return at(self.minute).isoformat(timespec="seconds")

    # --- the model

    def _set(self, person: str, by_person: bool, items: dict[str, Row | None], journalled: bool = True) -> None:
        pairs = {e: (self.rows.get(e), row) for e, row in items.items()}
        for e, row in items.items():
            self._force(e, row)
        if by_person and pairs:
            for made in self.made:
                if made.person == person and made.by_person:
                    made.state = {e: "dropped" if s == "undone" else s for e, s in made.state.items()}
        if journalled and pairs:
            self.made.append(Made(person, by_person, pairs))

    def _force(self, estate: str, row: Row | None) -> None:
        self.replaced[estate] += estate in self.rows
        if row is None:
            self.rows.pop(estate, None)
        else:
            self.rows[estate] = row

    def _live(self, estate: str) -> list[Made]:
        return [m for m in self.made if m.state.get(estate) in ("done", "settled")]

    def _may_load(self, estate: str, row: Row) -> bool:
        old = self.rows.get(estate)
        own = [m for m in self._live(estate) if m.by_person]
        before = (m.items[estate][0] for m in own)
        aside = {b[:2] for b in before if b is not None}
        chosen = old is not None and bool(own) and own[-1].items[estate][1] == old
        if old is None and own and row[0] in ("text", "derived"):
            return False
        if old is not None and SOURCES.index(old[0]) < SOURCES.index(row[0]):
            return False
        return row[:2] not in aside and not (chosen and old is not None and old[0] == row[0] != "survey")

    def _same(self, estate: str, row: Row) -> bool:
        old = self.rows.get(estate)
        return old is not None and old[:3] == row[:3]

    # --- what happens

    @rule(clerk=CLERK, estate=ESTATE, source=st.sampled_from(SOURCES), shape=SHAPE)
    def load(self, clerk: str, estate: str, source: str, shape: int) -> None:
        now, person = self._now(), self._actor(clerk).person
        offered = {"estate_id": self._id(estate), "source": source, "geometry": square(0, shape * 1e-4)}
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            outcome = put_boundaries(work, [offered], cause="导入", now=now)
        row: Row = (source, shape, None, person, self._stamp())
        taken = not self._same(estate, row) and self._may_load(estate, row)
        assert bool(outcome.change) == taken
        assert bool(outcome.kept_better or outcome.kept_chosen) == (not taken and not self._same(estate, row))
        if taken:
            journalled = estate in self.rows or source in ("text", "derived")
            self._set(person, False, {estate: row}, journalled)

    @rule(clerk=CLERK, estates=st.sets(ESTATE, min_size=1), shape=SHAPE, reason=st.sampled_from(("", "核对过")))
    def accept(self, clerk: str, estates: set[str], shape: int, reason: str) -> None:
        now, person = self._now(), self._actor(clerk).person
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            accept(work, [self.candidates[e, shape] for e in sorted(estates)], now=now, reason=reason)
        row: Row = ("text" if shape else "derived", shape, 0.5, person, self._stamp())
        self._set(person, True, {
            e: row for e in estates
            if not self._same(e, row)
            and (reason or e not in self.rows or SOURCES.index(self.rows[e][0]) >= SOURCES.index(row[0]))
        })  # fmt: skip

    @rule(clerk=CLERK, estate=ESTATE, shape=SHAPE, reason=st.sampled_from(("", "核对过")))
    def draw(self, clerk: str, estate: str, shape: int, reason: str) -> None:
        now, person = self._now(), self._actor(clerk).person
        row: Row = ("drawn", shape, None, person, self._stamp())
        refused = not reason and estate in self.rows and self.rows[estate][0] == "survey"
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            try:
                draw(work, self._id(estate), square(0, shape * 1e-4), now=now, reason=reason)
                assert not refused
            except InputError:
                assert refused
        if not refused and not self._same(estate, row):
            self._set(person, True, {estate: row})

    @rule(clerk=CLERK, estate=ESTATE)
    def withdraw(self, clerk: str, estate: str) -> None:
        now = self._now()
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            try:
                withdraw(work, self._id(estate), "错", now)
                assert estate in self.rows
            except InputError:
                assert estate not in self.rows
        if estate in self.rows:
            self._set(self._actor(clerk).person, True, {estate: None})

    @rule(clerk=CLERK, estate=ESTATE)
    def take_back(self, clerk: str, estate: str) -> None:
        now = self._now()
        live = self._live(estate)
        possible = bool(live) and live[-1].items[estate][1] == self.rows.get(estate)
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            try:
                undo(work, self._id(estate), now)
                assert possible
            except InputError:
                assert not possible
        if possible:
            self._set(self._actor(clerk).person, True, {estate: live[-1].items[estate][0]})

    @rule(clerk=CLERK, back=st.booleans())
    def turn(self, clerk: str, back: bool) -> None:
        now, person = self._now(), self._actor(clerk).person
        with _STORE[0].begin(self._actor(clerk), write=True) as work:
            answer = undo_last(work, now) if back else redo_last(work, now)
        wanted = "done" if back else "undone"
        own = [m for m in self.made if m.person == person and m.by_person and wanted in m.state.values()]
        assert (answer is None) == (not own)
        if answer is None:
            return
        made = own[-1] if back else own[0]
        restored, conflicts = set(), set()
        for estate, state in made.state.items():
            if state != wanted:
                continue
            before, after = made.items[estate]
            here, there = (after, before) if back else (before, after)
            if self.rows.get(estate) == here:
                self._force(estate, there)
                made.state[estate] = "undone" if back else "done"
                restored.add(self._id(estate))
            else:
                made.state[estate] = "settled" if back else "dropped"
                conflicts.add(self._id(estate))
        assert set(answer.restored) == restored and {c.estate_id for c in answer.conflicts} == conflicts

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        if not hasattr(self, "rows"):
            return
        with _STORE[0].begin(self._actor("王")) as work:
            ids = {"estate_id": [self._id(e) for e in "abc"]}
            rows, past = work.rows(BOUNDARIES, ids), work.rows(BOUNDARY_HISTORY, ids)
        found = {
            i[-1]: (
                row["source"], round((row["geometry"].bounds[0] - 112) * 1e4), row["confidence"], row["person"], row["at"]
            )
            for i, row in rows.items()
        }  # fmt: skip
        assert found == self.rows
        assert {e: sum(row["estate_id"] == self._id(e) for row in past.values()) for e in "abc"} == self.replaced


TestBoundaries = Boundaries.TestCase
TestBoundaries.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
