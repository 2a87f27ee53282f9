"""Exports are part of the audit log, for roles that change nothing too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.store import Actor, Role, Store, open_store
from geo.errors import InputError

ADMIN = Actor("admin", Role.ADMIN)
CHIEF = Actor("chief", Role.LEADER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/store.db", clock=lambda: datetime(2027, 1, 4, 9, tzinfo=UTC)) as opened:
        yield opened


def _log(store: Store) -> list[tuple[str, str, object]]:
    with store.begin(ADMIN) as work:
        assert work.verify_audit() is None
        log = work.audit()
        return list(zip(log["person"], log["action"], log["after"], strict=True))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_logged_when_it_exports(store: Store, role: Role) -> None:
    stamp = store.stamp
    with store.begin(Actor("someone", role)) as work:
        work.note_export(["a.xlsx", "b.html"])
    assert _log(store) == [("someone", "export", {"files": ["a.xlsx", "b.html"]})]
    assert store.stamp == stamp


def test_a_note_is_part_of_a_writing_unit_of_work(store: Store) -> None:
    with store.begin(ADMIN, write=True) as work:
        work.set_setting("a", 1)
        stamp = work.stamp
        work.note_export(["a.xlsx"])
        assert work.stamp == stamp
    assert [action for _, action, _ in _log(store)] == ["export", "setting"]
    with pytest.raises(RuntimeError), store.begin(ADMIN, write=True) as work:
        work.note_export(["b.xlsx"])
        raise RuntimeError
    assert len(_log(store)) == 2


def test_a_broken_off_reader_and_an_empty_list_leave_no_note(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin(CHIEF) as work:
        work.note_export(["a.xlsx"])
        raise RuntimeError
    with store.begin(CHIEF) as work:
        work.note_export([])
    assert _log(store) == []


def test_a_note_does_not_let_a_reader_change_data(store: Store) -> None:
    with store.begin(CHIEF) as work:
        work.note_export(["a.xlsx"])
        with pytest.raises(ValueError, match="begun for reading"):
            work.set_setting("a", 1)
    with pytest.raises(InputError, match="只能查看"), store.begin(CHIEF, write=True):
        pass


def test_a_note_comes_after_what_was_written_while_reading(store: Store) -> None:
    with store.begin(CHIEF) as reader:
        reader.setting("a")
        with store.begin(ADMIN, write=True) as writer:
            writer.set_setting("a", 1)
        reader.note_export(["a.xlsx"])
    assert [person for person, _, _ in _log(store)] == ["chief", "admin"]


def test_an_ended_unit_of_work_takes_no_note(store: Store) -> None:
    with store.begin(CHIEF) as work:
        pass
    with pytest.raises(ValueError, match="has ended"):
        work.note_export(["a.xlsx"])


def test_a_store_that_is_locked_says_so(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("data.store.engine.BUSY_S", 0.1)
    with (
        open_store(f"sqlite:///{tmp_path}/store.db") as impatient,
        store.begin(ADMIN, write=True),
        pytest.raises(InputError, match="占用"),
        impatient.begin(CHIEF) as work,
    ):
        work.note_export(["a.xlsx"])
    assert _log(store) == []
