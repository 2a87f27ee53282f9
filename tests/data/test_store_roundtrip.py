"""What is put comes back: for every table, with any values its schema allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from data.schemas import TABLES, Column, Table
from data.store import Actor, Change, Role, Store, open_store

ADMIN = Actor("admin", Role.ADMIN)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
_DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
_DEGREES = st.tuples(st.floats(73, 136), st.floats(3, 54))
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_CELLS: dict[str, st.SearchStrategy[Any]] = {
    "text": _TEXT,
    "bool": st.booleans(),
    "list": st.lists(st.integers(0, 40) | _TEXT, max_size=3),
    "dict": st.dictionaries(_TEXT, _LEAVES | _TEXT, max_size=3),
    "date": _DAYS,
    "geometry": st.one_of(
        st.lists(_DEGREES, min_size=2, max_size=4, unique=True).map(shapely.LineString),
        _DEGREES.map(lambda at: shapely.box(at[0], at[1], at[0] + 0.01, at[1] + 0.02)),
        _DEGREES.map(lambda at: shapely.MultiPolygon([shapely.box(at[0], at[1], at[0] + 0.01, at[1] + 0.02)])),
        st.just(shapely.Polygon()),
    ),
}


def _cell(column: Column) -> st.SearchStrategy[Any]:
    if column.choices:
        cell: st.SearchStrategy[Any] = st.sampled_from([str(c) if isinstance(c, str) else c for c in column.choices])
    elif column.kind == "int":
        low, high = (-(2**40) if column.low is None else column.low), (2**40 if column.high is None else column.high)
        cell = st.integers(int(low), int(high))
    elif column.kind == "float":
        cell = st.floats(column.low, column.high, allow_nan=False, allow_infinity=False)
    else:
        cell = _CELLS[column.kind]
    return cell if column.required or column.kind in ("list", "dict") else st.none() | cell


_KEYS: dict[str, st.SearchStrategy[Any]] = {
    "text": _TEXT.filter(bool),
    "int": st.integers(-(2**60), 2**60),
    "date": _DAYS,
}


@st.composite
def _frames(draw: st.DrawFn, table: Table) -> pd.DataFrame:
    keys = draw(st.lists(_KEYS[table.index_kind], max_size=4, unique=True))
    return table.frame([{table.index: key} | {c.name: draw(_cell(c)) for c in table.columns} for key in keys])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('roundtrip')}/store.db") as opened:
        yield opened


def _assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert type(one) is type(other)
    if isinstance(one, gpd.GeoDataFrame):
        assert one.crs == other.crs
        assert list(one.geometry.to_wkb()) == list(other.geometry.to_wkb())
        one, other = pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry"))
    assert_frame_equal(one, other, check_exact=True, check_index_type="equiv" if len(one) else False)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_read_gives_what_was_put(store: Store, table: Table, data: st.DataObject) -> None:
    frame = data.draw(_frames(table))
    try:
        with store.begin(ADMIN, write=True) as work:
            assert work.put(table, frame) == Change(added=len(frame))
            stamp = work.stamp
            back = work.read(table)
            _assert_same(back, frame.loc[list(back.index)])
            assert set(back.index) == set(frame.index)
            assert work.put(table, back) == work.put(table, frame, replace_nulls=True) == Change(unchanged=len(frame))
            assert work.stamp == stamp and work.verify_audit() is None
            raise _UndoneError
    except _UndoneError:
        pass
    with store.begin(ADMIN) as work:
        assert work.read(table).empty


class _UndoneError(Exception):
    """Ends the unit of work so that the next example finds an empty store."""


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_second_put_wins_cell_by_cell(store: Store, table: Table, data: st.DataObject) -> None:
    """Each cell is the second frame's where that says something, else the first's."""
    first = data.draw(_frames(table))
    key = _KEYS[table.index_kind]
    keys = st.sampled_from(list(first.index)) | key if len(first) else key
    row = {c.name: data.draw(_cell(c)) for c in table.columns}
    second = table.frame([{table.index: data.draw(keys)} | row])
    at = second.index[0]
    try:
        with store.begin(ADMIN, write=True) as work:
            work.put(table, first)
            change = work.put(table, second)
            back = work.read(table)
            raise _UndoneError
    except _UndoneError:
        pass
    assert change.added == (at not in first.index)
    assert len(back) == len(first) + change.added
    old = first.loc[at] if at in first.index else None
    for column in table.columns:
        given_cell, kept, now = second.loc[at, column.name], None, back.loc[at, column.name]
        blank = given_cell in ([], {}) if column.kind in ("list", "dict") else bool(pd.isna(given_cell))
        if old is not None:
            kept = old[column.name]
        wanted = given_cell if not blank or old is None else kept
        if column.kind == "geometry" and wanted is not None:
            assert now is not None and (now.equals(wanted) or (now.is_empty and wanted.is_empty))
        elif column.kind in ("list", "dict"):
            assert now == wanted
        else:
            assert (pd.isna(now) and pd.isna(wanted)) or now == wanted
