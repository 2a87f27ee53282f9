"""台账 → 质量报告: counts by kind and street, the findings worst first, one finding with its way to the map, marks, export."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from dashboard import exports, loading, shell, state
from dashboard.exports.quality import limits_table
from dashboard.exports.workbook import Share
from dashboard.quality_tables import COLUMNS, findings_table, kinds_table, selection_of, streets_table
from dashboard.words import number
from geo.errors import InputError
from planning import quality
from planning.city import City
from planning.quality import KINDS, Finding, Report, Severity
from planning.quality import checked as said

_AT_ONCE: Final = 3000
"""A city of up to so many estates is checked when the tab is opened (about two seconds); a larger one by the button."""
_MOST_ROWS: Final = 1000
_ALL: Final = "全部街道"
_EXPORT: Final = "quality"


def quality_tab() -> None:
    """The whole tab."""
    city = loading.city()
    report = _report(city)
    if report is None:
        return
    done = said.sort(report.findings, said.marks(loading.store(), loading.ACTOR))
    _figures(report, done)
    if not report.findings:
        st.success("没有发现问题。边界、位置、名称和台账都在容差之内。")
        return
    shown = _filtered(city, done)
    _counts(city, shown)
    _list(city, shown, done)
    _checked(city, done)


def _report(city: City) -> Report | None:
    kept = loading.kept_quality()
    if "report" not in kept:
        if len(city.estates) > _AT_ONCE:
            st.info(f"共 {number(len(city.estates))} 个小区，核对约需一分钟；数据不变时只需核对一次。")
            if not st.button("开始核对", type="primary", key="quality-start"):
                return None
        with shell.progress("质量报告") as bar:
            kept["report"] = quality.report(city, load=loading.status().load, progress=bar)
    return kept["report"]


def _figures(report: Report, done: said.Sorted) -> None:
    cards = st.columns(4)
    for card, severity, words in zip(cards, Severity, ("必须改正", "应当核对", "资料不全或描图误差"), strict=False):
        n = sum(1 for finding in done.open if finding.severity is severity)
        with card:
            shell.figure(severity.label, number(n), words, alarm=severity is Severity.ERROR and n > 0)
    with cards[3]:
        shell.figure(
            "已核对", number(len(done.checked)), f"{len(done.returned)} 条因数据变化重新列出" if done.returned else ""
        )
    told, info = st.columns([6, 1], vertical_alignment="center")
    with info, st.popover("依据", help="级别和容差的定义"):
        st.markdown(
            "**错误**　必须改正：位置或范围肯定有误，会带偏统计和打捆。  \n"
            "**警告**　应当核对：超过容差，多半有误。  \n"
            "**提示**　资料不全，或描图误差。  \n"
            "**已核对**　有人看过、认为没有问题；数据变化后重新列出。"
        )
        st.markdown("**容差**　文件没有规定，均为假定值：")
        limits = limits_table(report.settings)
        limits["数值"] = [f"{v * 100:g}%" if isinstance(v, Share) else f"{v:,g}" for v in limits["数值"]]
        with st.container(height=240, border=False):
            st.table(limits.set_index("容差"))
    told.caption(
        f"核对了 {number(report.n_estates)} 个小区、{number(report.n_boundaries)} 个边界和上次导入。"
        "容差没有文件规定，均为假定值，列在导出的工作簿中。"
    )


def _filtered(city: City, done: said.Sorted) -> tuple[Finding, ...]:
    """The open findings that the choices leave, worst first."""
    where, what, how, words = st.columns([2, 3, 3, 2])
    streets = ["", *streets_table(done.open, city).index]
    streets = list(dict.fromkeys(streets))
    chosen = state.selection().unit_id
    street = where.selectbox(
        "街道",
        streets,
        index=streets.index(chosen) if chosen in streets else 0,
        format_func=lambda key: city.unit_names.get(key, _ALL),
        key=f"quality-street-{chosen}",
    )
    present = [key for key in KINDS if any(finding.kind == key for finding in done.open)]
    kinds = what.multiselect(
        "类别", present, format_func=lambda key: KINDS[key].title, placeholder="全部类别", key="quality-kinds"
    )
    levels = how.pills(
        "级别", list(Severity), selection_mode="multi", format_func=lambda one: one.label, key="quality-levels"
    )
    wanted = words.text_input("搜索", placeholder="小区、问题……", key="quality-search").strip()
    return tuple(
        finding
        for finding in done.open
        if (not street or street in finding.streets)
        and (not kinds or finding.kind in kinds)
        and (not levels or finding.severity in levels)
        and (not wanted or wanted in finding.text)
    )


def _counts(city: City, shown: tuple[Finding, ...]) -> None:
    with st.expander("按类别和街道统计", expanded=True):
        left, right = st.columns(2)
        left.dataframe(kinds_table(shown).drop(columns="类"), hide_index=True, height=177, placeholder="")
        right.dataframe(streets_table(shown, city), hide_index=True, height=177, placeholder="")


def _list(city: City, shown: tuple[Finding, ...], done: said.Sorted) -> None:
    title, back, on, act = st.columns([4, 1, 1, 2], vertical_alignment="bottom")
    told = (
        f"此处列出前 {number(_MOST_ROWS)} 条；可按街道、类别缩小范围，或导出全部。" if len(shown) > _MOST_ROWS else ""
    )
    title.markdown(f"**{number(len(shown))} 条**　最严重的在前，选中一行，或用“下一条”逐条处理。{told}")
    with act:
        _export()
    if not shown:
        st.info("所选范围内没有问题。")
        return
    shown = shown[:_MOST_ROWS]
    ids = [finding.id for finding in shown]
    at = ids.index(state.chosen_finding()) if state.chosen_finding() in ids else -1
    if back.button("上一条", key="quality-back", shortcut="Alt+Up", width="stretch", disabled=at <= 0):
        _choose(ids[at - 1])
    if on.button("下一条", key="quality-on", shortcut="Alt+Down", width="stretch", disabled=at + 1 >= len(ids)):
        _choose(ids[at + 1])
    table = findings_table(shown, city)
    picked = st.dataframe(
        table[[name for name in COLUMNS if name != "怎么办"]],
        hide_index=True,
        height=288,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "级别": st.column_config.TextColumn(width="small"),
            "问题": st.column_config.TextColumn(width="large"),
            "数据": st.column_config.TextColumn(width="medium"),
            "依据": st.column_config.TextColumn(width="small"),
        },
        key="quality-list",
        placeholder="",
    )
    rows = picked.selection.rows
    if rows and rows[0] < len(ids) and state.is_new_click("quality-list", {"row": rows[0]}):
        _choose(ids[rows[0]])
    if at >= 0:
        after = ids[at + 1] if at + 1 < len(ids) else (ids[at - 1] if at else "")
        _one(city, shown[at], done, f"第 {at + 1} 条，共 {number(len(ids))} 条", after)


def _choose(finding_id: str) -> None:
    state.choose_finding(finding_id)
    st.rerun()


def _one(city: City, finding: Finding, done: said.Sorted, place: str, after: str) -> None:
    """One finding: words, remedy, the ways to the map, and the mark, which goes on to the finding ``after`` it."""
    with st.container(border=True):
        words, ways = st.columns([5, 2])
        words.markdown(f"**{finding.severity.label}　{KINDS[finding.kind].title}**　依据 {finding.rule}　　{place}")
        words.text(finding.text + (f"（{finding.source}）" if finding.source else ""))
        words.text(f"怎么办：{finding.remedy}")
        earlier = next((mark for one, mark in done.returned if one.id == finding.id), None)
        if earlier is not None:
            words.warning(
                f"{earlier.person}曾标为已核对（{earlier.at[:10]}：{earlier.note}），此后数据有变化：原为{earlier.text}"
            )
        chosen = selection_of(finding, city)
        if ways.button(
            "在总览地图上看", key=f"quality-map-{finding.id}", width="stretch", disabled=not any(chosen.values())
        ):
            _go(chosen, "views/overview.py")
        if ways.button(
            "到边界页处理", key=f"quality-edit-{finding.id}", width="stretch", disabled=not chosen["estate_id"]
        ):
            _go(chosen, "views/boundaries.py")
        with st.form(f"quality-mark-{finding.id}", border=False):
            note, act = st.columns([5, 2], vertical_alignment="bottom")
            text = note.text_input(
                "核对说明", placeholder="例如：两小区共用车行道，已现场核实", key=f"quality-note-{finding.id}"
            )
            if act.form_submit_button("标为已核对", width="stretch"):
                try:
                    said.mark(loading.store(), loading.ACTOR, finding, text)
                except InputError as error:
                    st.error(str(error))
                else:
                    st.toast("已标为已核对；可在下面“已核对”中撤回。数据变化后会重新列出。")
                    _choose(after)


def _go(chosen: dict[str, str], page: str) -> None:
    state.select(unit_id=chosen["unit_id"])
    state.select(estate_id=chosen["estate_id"])
    st.switch_page(page)


def _checked(city: City, done: said.Sorted) -> None:
    with st.expander(f"已核对（{number(len(done.checked))}）"):
        if not done.checked:
            st.caption("还没有标为已核对的问题。")
            return
        marks = {finding.id: mark for finding, mark in done.checked}
        table = findings_table([finding for finding, _ in done.checked], city, marks)
        columns = ["类别", "街道", "小区", "问题", "核对说明", "核对人", "核对时间"]
        picked = st.dataframe(
            pd.DataFrame(table[columns]), hide_index=True, on_select="rerun", selection_mode="single-row",
            key="quality-checked", placeholder="",
        )  # fmt: skip
        rows = picked.selection.rows
        if rows and rows[0] < len(done.checked) and st.button("撤回核对，重新列出", key="quality-unmark"):
            said.unmark(loading.store(), loading.ACTOR, done.checked[rows[0]][0])
            st.rerun()


def _export() -> None:
    """First a button that makes the workbook, then one that hands it out; kept for the state of the data and marks."""
    marks = said.marks(loading.store(), loading.ACTOR)
    # The marks are no data, so the stamp does not tell their changes.
    told, stamp = f"{len(marks)} {max((one.at for one in marks.values()), default='')}", loading.status().stamp
    made = state.made_export(_EXPORT, told, stamp)
    if made is None:
        if not st.button(
            "生成工作簿", key="quality-make", width="stretch", help="全部问题、统计、已核对、容差（.xlsx）"
        ):
            return
        with shell.progress("质量报告") as bar, tempfile.TemporaryDirectory(prefix="wuyetu-") as folder:
            (file,) = exports.export(
                loading.store(), loading.ACTOR, loading.profile(), _EXPORT, period=None, on=date.today(),
                directory=Path(folder), cache_dir=None, progress=bar,
            )  # fmt: skip
            made = file.name, file.read_bytes()
        state.keep_export(_EXPORT, told, stamp, made)
    name, content = made
    st.download_button(f"下载 {name}", content, file_name=name, key="quality-get", type="primary", width="stretch")
