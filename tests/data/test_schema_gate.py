"""The quick test of a table and pandera say the same: whatever one refuses, the other does."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from data.schemas.table import Column, Table

TABLE = Table(
    "things",
    "thing_id",
    "东西",
    (
        Column("name", "text", "名称", required=True),
        Column("kind", "text", "类别", choices=("a", "b")),
        Column("n", "int", "数", low=0, high=9),
        Column("share", "float", "份额", low=0, high=1),
        Column("seen", "bool", "见过", required=True),
        Column("notes", "list", "说明", required=True),
        Column("more", "dict", "其他"),
    ),
)
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "thing_id": st.sampled_from(["一", "二", "三", "四"]),
            "name": st.sampled_from(["甲", "乙", None]),
            "kind": st.sampled_from(["a", "b", "c", None]),
            "n": st.sampled_from([0, 5, 9, 10, -1, None]),
            "share": st.sampled_from([0.0, 0.5, 1.0, 1.1, -0.1, None]),
            "seen": st.sampled_from([True, False, True, None]),
            "notes": st.sampled_from([["x"], []]),
            "more": st.sampled_from([{}, {"k": 1}]),
        }
    ),
    max_size=4,
)


def _typed(rows: list[dict[str, object]]) -> pd.DataFrame:
    raw = pd.DataFrame(rows, columns=[TABLE.index, *TABLE.names]).set_index(TABLE.index)
    typed = pd.DataFrame(index=TABLE._typed_index(raw.index))
    for column in TABLE.columns:
        typed[column.name] = TABLE._typed(raw, column).set_axis(typed.index)
    return typed


def _pandera_takes(frame: pd.DataFrame) -> bool:
    try:
        TABLE._schema.validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


@settings(deadline=None)
@given(_ROWS)
def test_the_quick_test_agrees_with_pandera(rows: list[dict[str, object]]) -> None:
    frame = _typed(rows)
    assert TABLE._sound(frame) == _pandera_takes(frame)


def test_a_column_of_the_wrong_type_is_left_to_pandera() -> None:
    frame = _typed([{"thing_id": "一", "name": "甲", "seen": True}]).assign(n=["5"])
    assert not TABLE._sound(frame)


def test_what_is_refused_still_names_column_row_and_value() -> None:
    with pytest.raises(ValueError, match=r"'column': 'n'.*'index': '一'.*10"):
        TABLE.frame([{"thing_id": "一", "name": "甲", "seen": True, "n": 10}])
