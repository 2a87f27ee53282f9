"""The office's own working days (工作日历): a small table to fill in, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard import loading
from data.schemas import CALENDAR
from geo.errors import Fault, InputError

_COLUMNS = ("日期", "上班", "说明")


def calendar_rows(edited: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of the table ``CALENDAR`` from the edited one (``日期``, ``上班``, ``说明``).

    Raises
    ------
    InputError
        With every row that lacks a date or names one twice.
    """
    rows: list[dict[str, object]] = []
    faults: list[Fault] = []
    seen: set[date] = set()
    for number, (day, working, note) in enumerate(edited[list(_COLUMNS)].itertuples(index=False), start=1):
        if pd.isna(day):
            faults.append(Fault("没有日期", "请填写日期，或删去这一行", row=number, column="日期"))
            continue
        moment = pd.Timestamp(day).date()
        if moment in seen:
            faults.append(Fault("日期重复", "同一天只留一行", row=number, column="日期", value=moment.isoformat()))
            continue
        seen.add(moment)
        told = None if pd.isna(note) or not str(note).strip() else str(note).strip()
        rows.append({"day": moment, "working": bool(working) if not pd.isna(working) else False, "note": told})
    if faults:
        raise InputError(faults)
    return rows


def save_calendar(rows: Sequence[dict[str, object]]) -> None:
    """Keep the rows as the whole table; days that are no longer listed are taken out."""
    frame = CALENDAR.frame(rows)
    with loading.store().begin(loading.ACTOR, write=True) as uow:
        gone = uow.read(CALENDAR).index.difference(frame.index)
        if len(gone):
            uow.remove(CALENDAR, list(gone), "在工作日历中删去")
        uow.put(CALENDAR, frame, replace_nulls=True)


def calendar_editor(calendar: pd.DataFrame) -> None:
    """A pop-over with the table and a button that keeps it."""
    with st.popover("工作日历"):
        st.markdown("与国务院安排不同的日子，或国务院尚未公布的年份，在这里逐日填写；“上班”不勾即为休息。")
        shown = pd.DataFrame(
            {
                "日期": pd.to_datetime(pd.Series(list(calendar.index), dtype=object)),
                "上班": pd.Series(list(calendar["working"]), dtype=bool),
                "说明": pd.Series(list(calendar["note"]), dtype=object),
            }
        ).sort_values("日期", ignore_index=True)
        edited = st.data_editor(
            shown,
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "日期": st.column_config.DateColumn(format="YYYY年M月D日", required=True),
                "上班": st.column_config.CheckboxColumn(default=False),
            },
            key="calendar-editor",
        )
        if st.button("保存工作日历"):
            save_calendar(calendar_rows(edited))
            st.rerun()
