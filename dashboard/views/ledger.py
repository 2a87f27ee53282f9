"""台账: the register, the cases, what the last load refused and why, new files in, the audit log."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard import loading, shell, state, upload
from dashboard.quality_tab import quality_tab
from dashboard.tables import audit_table, cases_table, estates_table, faults_table
from dashboard.words import number
from planning.city import Scope


def main() -> None:
    now = loading.status()
    if now.load is None:
        st.info("还没有数据。请在下面导入台账，或在命令行运行 wuyetu load。")
        upload.form()
        return
    profile = loading.profile()
    shell.head("台账", profile)
    faults = f"上次导入的问题（{number(len(now.load.faults))}）"
    estates, cases, quality, refused, files, log = st.tabs(
        ["小区", "问题台账", "质量报告", faults, "导入文件", "操作记录"]
    )
    with estates:
        _estates()
    with cases:
        _cases()
    with quality:
        quality_tab()
    with refused:
        _refused()
    with files:
        upload.form()
    with log:
        _log()


def _estates() -> None:
    city = loading.city()
    shell.leave_lost_unit(city)
    shell.unit_picker(city)
    chosen = state.selection()
    part = city.inside(Scope(chosen.unit_id or None))
    table = estates_table(part, loading.profile(), loading.coverage(chosen.unit_id, date.today()).states)
    picked = shell.filtered_table(table, ["小区", "街道", "社区", "物业服务企业"], key="ledger-estates", height=500)
    if picked:
        state.select(estate_id=picked)
    at = state.selection().estate_id
    name = str(table["小区"][at]) if at in table.index else ""
    st.page_link("views/boundaries.py", label=f"查看“{name}”的边界" if name else "逐个核对边界（待看的排在前面）")


def _cases() -> None:
    city = loading.city()
    part = city.inside(Scope(state.selection().unit_id or None))
    table = cases_table(part, loading.profile(), date.today())
    shell.filtered_table(table, ["项目名称", "问题内容", "责任单位/人"], key="ledger-cases", height=560)


def _refused() -> None:
    load = loading.status().load
    if load is None or not load.faults:
        st.success("上次导入没有退回的行。")
        return
    st.markdown("下列各处请在原文件中改正后重新导入整个文件，已导入的行不会重复。")
    table = faults_table(load.faults)
    st.dataframe(table, hide_index=True, height=560, placeholder="")


def _log() -> None:
    with loading.store().begin(loading.ACTOR) as uow:
        entries = uow.audit(500)
        broken = uow.verify_audit()
    if broken is None:
        st.caption("操作记录首尾相连，未发现改动。显示最近 500 条。")
    else:
        st.error(f"操作记录自第 {broken} 条起与其校验值不符，可能被改动过。请联系管理员核对备份。")
    city = loading.city()
    st.dataframe(audit_table(entries, {**city.unit_names, **dict(city.estates["name"])}), height=560, placeholder="")


main()
