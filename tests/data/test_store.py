"""Units of work: what is put comes back, what is the same changes nothing, roles and areas hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
import shapely
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from data.schemas import BOUNDARIES, CALENDAR, CASES, ESTATES, GATES, REGIONS, TEAMS, UNITS, WAYS, Table
from data.store import Actor, Change, Role, Store, open_store
from data.store.tables import METADATA
from geo.errors import Fault, InputError

CLERK = Actor("clerk", Role.PLANNER)
CHIEF = Actor("chief", Role.LEADER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/a/b/store.db", clock=lambda: datetime(2027, 1, 4, 9, tzinfo=UTC)) as opened:
        yield opened


def _estates(**cells: list[object]) -> pd.DataFrame:
    n = len(next(iter(cells.values())))
    base: dict[str, list[object]] = {
        "estate_id": [f"E{i}" for i in range(1, n + 1)],
        "name": [f"小区{i}" for i in range(1, n + 1)],
        "region_id": [f"R{i}" for i in range(1, n + 1)],
        "consent": ["unknown"] * n,
    }
    return pd.DataFrame(base | cells).set_index("estate_id")


def _put(store: Store, table: Table, frame: pd.DataFrame, actor: Actor = CLERK, **how: bool) -> Change:
    with store.begin(actor, write=True) as work:
        return work.put(table, frame, **how)


def _read(store: Store, table: Table, actor: Actor = CLERK) -> pd.DataFrame:
    with store.begin(actor) as work:
        return work.read(table)


def _n_audit(store: Store) -> int:
    with store.begin(CLERK) as work:
        return len(work.audit(10_000))


def test_migrated_tables_are_those_of_the_code(store: Store) -> None:
    with store._engine.connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_empty_store_gives_typed_empty_tables(store: Store) -> None:
    for table in (ESTATES, UNITS, WAYS, CASES, TEAMS, CALENDAR, GATES, BOUNDARIES, REGIONS):
        frame = _read(store, table)
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(table.empty()), check_index_type=False)


def test_put_twice_changes_nothing(store: Store) -> None:
    frame = ESTATES.check(_estates(fee_rate=[0.1 + 0.2, None], extra=[{"b": 1, "a": [1, 2]}, {}]))
    assert _put(store, ESTATES, frame) == Change(added=2)
    stamp, n_rows = store.stamp, _n_audit(store)
    assert _put(store, ESTATES, frame.iloc[::-1]) == Change(unchanged=2)
    assert (store.stamp, _n_audit(store)) == (stamp, n_rows)


def test_put_changes_only_the_columns_given(store: Store) -> None:
    _put(store, ESTATES, _estates(households=[100], company=["甲物业"]))
    change = _put(store, ESTATES, pd.DataFrame({"households": [120]}, index=["E1"]))
    assert change == Change(changed=1)
    row = _read(store, ESTATES).loc["E1"]
    assert (row["households"], row["company"]) == (120, "甲物业")
    with store.begin(CLERK) as work:
        last = work.audit(1).iloc[0]
    assert (last["before"], last["after"]) == ({"households": 100}, {"households": 120})
    assert (last["action"], last["object_type"], last["object_id"]) == ("change", "estates", "E1")


def test_null_cells_erase_only_when_asked(store: Store) -> None:
    _put(store, ESTATES, _estates(households=[100], extra=[{"备注": "旧"}]))
    blank = ESTATES.check(_estates(households=[None]))
    assert _put(store, ESTATES, blank) == Change(unchanged=1)
    assert _put(store, ESTATES, blank, replace_nulls=True) == Change(changed=1)
    row = _read(store, ESTATES).loc["E1"]
    assert pd.isna(row["households"]) and row["extra"] == {}


def test_same_area_drawn_from_another_corner_is_no_change_but_a_turned_line_is(store: Store) -> None:
    square = shapely.box(112, 30, 112.01, 30.01)
    turned = shapely.Polygon(list(square.exterior.coords)[2:-1] + list(square.exterior.coords)[:3])
    boundary = {"estate_id": "E1", "source": "survey"}
    _put(store, BOUNDARIES, BOUNDARIES.frame([boundary | {"geometry": square}]))
    assert _put(store, BOUNDARIES, BOUNDARIES.frame([boundary | {"geometry": turned}])) == Change(unchanged=1)
    way = {"way_id": 1, "kind": "road", "oneway": 1, "bridge": False, "tunnel": False}
    line = shapely.LineString([(112, 30), (112.1, 30)])
    _put(store, WAYS, WAYS.frame([way | {"geometry": line}]))
    assert _put(store, WAYS, WAYS.frame([way | {"geometry": line.reverse()}])) == Change(changed=1)


def test_ways_leave_one_line_in_the_audit_log(store: Store) -> None:
    way = {"kind": "road", "oneway": 0, "bridge": False, "tunnel": False}
    lines = [shapely.LineString([(112, 30), (112.1, 30 + i / 100)]) for i in range(30)]
    frame = WAYS.frame([way | {"way_id": i, "geometry": line} for i, line in enumerate(lines)])
    _put(store, WAYS, frame)
    with store.begin(CLERK) as work:
        log = work.audit(10)
    assert len(log) == 1
    assert log.iloc[0]["after"]["n"] == 30


def test_frame_with_broken_rows_leaves_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match="fee_rate"):
        _put(store, ESTATES, _estates(fee_rate=[0.5, 1.5]))
    with pytest.raises(ValueError, match="unknown columns"):
        _put(store, ESTATES, _estates(nonsense=[1]))
    with pytest.raises(ValueError, match="infinite"):
        _put(store, ESTATES, _estates(floor_area_m2=[float("inf")]))
    with pytest.raises(ValueError, match="doubles"):
        _put(store, ESTATES, pd.DataFrame({"name": ["a", "b"]}, index=["E1", "E1"]))
    assert _read(store, ESTATES).empty and _n_audit(store) == 0


def test_a_failed_put_that_is_caught_leaves_the_rest_of_the_work(store: Store) -> None:
    with store.begin(CLERK, write=True) as work:
        work.put(ESTATES, _estates(households=[1]))
        with pytest.raises(ValueError, match="fee_rate"):
            work.put(ESTATES, _estates(fee_rate=[0.5, 7.0]))
    assert list(_read(store, ESTATES).index) == ["E1"]
    with store.begin(CLERK) as work:
        assert work.verify_audit() is None


def test_remove_keeps_what_was_there_in_the_audit_log(store: Store) -> None:
    _put(store, ESTATES, _estates(households=[1, 2]))
    with store.begin(CLERK, write=True) as work:
        assert work.remove(ESTATES, ["E1", "E1", "E9"], "重复登记") == 1
        last = work.audit(1).iloc[0]
    assert (last["action"], last["before"]["households"], last["after"]) == ("remove", 1, {"reason": "重复登记"})
    assert list(_read(store, ESTATES).index) == ["E2"]


def test_settings_and_documents_come_back(store: Store) -> None:
    with store.begin(CLERK, write=True) as work:
        assert work.setting("profile") is None
        work.set_setting("profile", {"id": "demo"})
        first = work.save_document("coverage", "2027Q1", {"rate": 0.25, "list": [1, "二"]})
        second = work.save_document("coverage", "2027Q2", {})
    with store.begin(CLERK) as work:
        assert work.setting("profile") == {"id": "demo"}
        document = work.document("coverage", "2027Q1")
        latest = work.document("coverage")
        assert document is not None and latest is not None
        assert (document.id, document.body, document.person) == (first, {"rate": 0.25, "list": [1, "二"]}, "clerk")
        assert document.created_at == datetime(2027, 1, 4, 9, tzinfo=UTC)
        assert latest.id == second
        assert [head.id for head in work.documents("coverage")] == [second, first]
        assert work.document("plan") is None


def test_document_does_not_make_itself_stale(store: Store) -> None:
    _put(store, ESTATES, _estates(households=[1]))
    before = store.stamp
    with store.begin(CLERK, write=True) as work:
        work.save_document("coverage", "", {"rate": 1})
        work.record_load([{"file": "a.xlsx"}], [], {"estates": 1})
    with store.begin(CLERK) as work:
        document = work.document("coverage")
    assert document is not None and document.stamp == store.stamp == before
    _put(store, ESTATES, _estates(households=[2]))
    assert store.stamp != before


def test_load_comes_back_with_its_faults_and_is_noted_once(store: Store) -> None:
    fault = Fault("无法识别", "请改正", file="a.xlsx", sheet="一", row=3, column="项目负责人", value="王某某")
    for _ in range(2):
        with store.begin(CLERK, write=True) as work:
            work.record_load([{"file": "a.xlsx", "sha256": "00"}], [fault], {"estates": 3})
    assert _n_audit(store) == 1
    with store.begin(CLERK) as work:
        load = work.last_load()
    assert load is not None and load.faults == [fault] and load.counts == {"estates": 3}
    with store.begin(CHIEF) as work:
        hidden = work.last_load()
    assert hidden is not None and hidden.faults[0].value is None


def test_calendar_days_are_dates(store: Store) -> None:
    _put(store, CALENDAR, CALENDAR.frame([{"day": date(2027, 2, 8), "working": False, "note": "春节"}]))
    assert list(_read(store, CALENDAR).index) == [date(2027, 2, 8)]


def test_writing_needs_a_unit_of_work_for_writing(store: Store) -> None:
    with store.begin(CLERK) as work, pytest.raises(ValueError, match="write=True"):
        work.put(ESTATES, _estates(households=[1]))
    with pytest.raises(ValueError, match="ended"):
        work.read(ESTATES)


@pytest.mark.parametrize("role", [Role.LEADER, Role.INSPECTOR, Role.OBSERVER])
def test_roles_that_only_look_may_not_write(store: Store, role: Role) -> None:
    with pytest.raises(InputError, match="只能查看"), store.begin(Actor("某", role), write=True):
        raise AssertionError("the block must not run")


def test_rows_come_sorted_by_id(store: Store) -> None:
    frame = _estates(households=[1, 2, 3, 4])
    frame.index = ["b", "B", "号", "1"]
    _put(store, ESTATES, frame)
    assert list(_read(store, ESTATES).index) == ["1", "B", "b", "号"]


def test_store_in_memory_works_within_a_thread() -> None:
    with open_store("sqlite://") as memory:
        _put(memory, ESTATES, _estates(households=[1]))
        assert len(_read(memory, ESTATES)) == 1


def test_big_frames_are_compared_row_by_row(store: Store) -> None:
    frame = _estates(households=list(range(1200)))
    _put(store, ESTATES, frame)
    again = frame.assign(households=[*range(1199), 5]).iloc[::-1]
    assert _put(store, ESTATES, pd.concat([again, _estates(households=[1]).set_index(pd.Index(["X"]))])) == Change(
        added=1, changed=1, unchanged=1199
    )
    with store.begin(CLERK) as work:
        assert work.audit(1).iloc[0]["before"] == {"households": 1199}
