"""The audit chain shows every later hand: changed, missing, added and cut rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.schemas import ESTATES
from data.store import Actor, Role, Store, open_store
from data.store.audit import row_hash
from data.store.tables import AUDIT

ADMIN = Actor("admin", Role.ADMIN)
N_ROWS = 12


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with 12 audit rows, closed."""
    moments = (datetime(2027, 1, 4, tzinfo=UTC) + timedelta(minutes=i) for i in range(1000))
    file = tmp_path / "store.db"
    with open_store(f"sqlite:///{file}", clock=lambda: next(moments)) as store:
        for households in (1, 2):
            with store.begin(ADMIN, write=True) as work:
                work.put(ESTATES, _estates(households))
        with store.begin(ADMIN, write=True) as work:
            work.set_setting("a", 1)
            work.save_document("coverage", "", {})
    return file


def _estates(households: int) -> pd.DataFrame:
    cells = {"name": "小区", "region_id": "R", "consent": "yes", "households": households}
    return pd.DataFrame([cells] * 5, index=[f"E{i}" for i in range(5)])


def _verify(path: Path) -> int | None:
    with open_store(f"sqlite:///{path}") as store, store.begin(ADMIN) as work:
        return work.verify_audit()


def _tamper(path: Path, *statements: str) -> None:
    """As somebody would who opens the file with another program and takes the triggers away first."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("DROP TRIGGER audit_no_delete")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_untouched_log_is_whole(path: Path) -> None:
    assert _verify(path) is None
    with open_store(f"sqlite:///{path}") as store, store.begin(ADMIN) as work:
        log = work.audit(100)
    assert list(log.index) == list(range(N_ROWS, 0, -1))
    assert list(log["action"]) == ["document", "setting"] + ["change"] * 5 + ["add"] * 5
    assert log.loc[1, "prev_hash"] == "0" * 64


def test_new_store_has_a_whole_log(tmp_path: Path) -> None:
    assert _verify(tmp_path / "new.db") is None


@pytest.mark.parametrize("column", [c.name for c in AUDIT.columns if c.name != "seq"])
@pytest.mark.parametrize("seq", [1, 7, N_ROWS])
def test_a_changed_field_is_found(path: Path, column: str, seq: int) -> None:
    _tamper(path, f"UPDATE audit SET {column} = coalesce({column}, '') || 'x' WHERE seq = {seq}")
    assert _verify(path) == seq


def test_a_changed_row_with_a_hash_to_match_breaks_the_next(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM audit WHERE seq = 4").fetchone())
    connection.close()
    row["person"] = "someone else"
    _tamper(path, f"UPDATE audit SET person = 'someone else', hash = '{row_hash(row)}' WHERE seq = 4")
    assert _verify(path) == 5


@pytest.mark.parametrize(("condition", "first"), [("seq = 1", 1), ("seq = 6", 6), ("seq >= 11", 11), ("1", 1)])
def test_missing_rows_are_found(path: Path, condition: str, first: int) -> None:
    _tamper(path, f"DELETE FROM audit WHERE {condition}")
    assert _verify(path) == first


def test_closing_the_gap_is_found(path: Path) -> None:
    _tamper(path, "DELETE FROM audit WHERE seq = 6", "UPDATE audit SET seq = seq - 1 WHERE seq > 6")
    assert _verify(path) == 6


def test_an_added_row_is_found(path: Path) -> None:
    columns = ", ".join(c.name for c in AUDIT.columns if c.name != "seq")
    _tamper(path, f"INSERT INTO audit (seq, {columns}) SELECT 13, {columns} FROM audit WHERE seq = 12")
    assert _verify(path) == 13


def test_two_rows_in_each_others_place_are_found(path: Path) -> None:
    swap = [(3, 99), (4, 3), (99, 4)]
    _tamper(path, *(f"UPDATE audit SET seq = {new} WHERE seq = {old}" for old, new in swap))
    assert _verify(path) == 3


@pytest.mark.parametrize("statement", ["UPDATE audit SET person = 'x' WHERE seq = 2", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_past(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_every_row_counts_in_a_log_of_several_batches(tmp_path: Path) -> None:
    cells = {"name": "小区", "region_id": "R", "consent": "yes"}
    frame = pd.DataFrame([cells] * 5_001, index=[f"E{i:05d}" for i in range(5_001)])
    with open_store(f"sqlite:///{tmp_path}/big.db") as store:
        with store.begin(ADMIN, write=True) as work:
            work.put(ESTATES, frame)
        with store.begin(ADMIN) as work:
            assert work.verify_audit() is None
            assert work.audit(1).index[0] == 5_001
    _tamper(tmp_path / "big.db", "UPDATE audit SET after = '{}' WHERE seq = 5001")
    assert _verify(tmp_path / "big.db") == 5_001


_STEP = st.tuples(st.sampled_from(["put", "remove", "setting", "fail"]), st.integers(0, 3), st.integers(0, 2))


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('audit')}/store.db") as store:
        yield store


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, max_size=6))
def test_replaying_the_log_gives_the_data(shared_store: Store, steps: list[tuple[str, int, int]]) -> None:
    """The log is complete: from it alone the estates as they are now can be rebuilt."""
    for verb, number, value in steps:
        try:
            with shared_store.begin(ADMIN, write=True) as work:
                if verb == "put":
                    work.put(ESTATES, _estates(value).iloc[number : number + 2], replace_nulls=True)
                elif verb == "remove":
                    work.remove(ESTATES, [f"E{number}"], "测试")
                elif verb == "setting":
                    work.set_setting("k", value or None)
                else:
                    work.put(ESTATES, _estates(value + 10))
                    raise RuntimeError("half-way")
        except RuntimeError:
            continue
    rebuilt: dict[str, dict[str, object]] = {}
    with shared_store.begin(ADMIN) as work:
        assert work.verify_audit() is None
        now = work.read(ESTATES)
        log = work.audit(100_000).sort_index()
    for entry in log[log["object_type"] == "estates"].to_dict("records"):
        if entry["action"] == "remove":
            assert rebuilt.pop(entry["object_id"]) == entry["before"]
            continue
        row = rebuilt.setdefault(entry["object_id"], {})
        for name, was in (entry["before"] or {}).items():
            assert row.get(name) == was
        row.update(entry["after"])
    assert {i: row["households"] for i, row in rebuilt.items()} == now["households"].to_dict()


def test_a_null_before_stays_null_beside_texts(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        with store.begin(ADMIN, write=True) as work:
            work.set_setting("k", "甲")
            work.set_setting("k", "乙")
        with store.begin(ADMIN) as work:
            assert list(work.audit()["before"]) == ["甲", None]
