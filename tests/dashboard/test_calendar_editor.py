"""The office's own working days, as edited on the page."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboard.calendar_editor import calendar_rows
from geo.errors import InputError


def _edited(*rows: tuple[object, object, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["日期", "上班", "说明"])


def test_rows_become_days_and_an_empty_tick_is_a_day_off() -> None:
    rows = calendar_rows(_edited((pd.Timestamp("2027-02-20"), True, " 调休 "), (date(2027, 2, 8), None, None)))
    assert rows == [
        {"day": date(2027, 2, 20), "working": True, "note": "调休"},
        {"day": date(2027, 2, 8), "working": False, "note": None},
    ]


def test_all_faults_come_together() -> None:
    with pytest.raises(InputError) as caught:
        calendar_rows(_edited((None, True, ""), ("2027-02-08", False, ""), ("2027-02-08", True, "")))
    assert [(fault.row, fault.problem) for fault in caught.value.faults] == [(1, "没有日期"), (3, "日期重复")]
