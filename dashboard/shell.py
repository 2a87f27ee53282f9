"""What every page has round its subject: the head line, the breadcrumb, the figure card, the empty state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from html import escape
from importlib.resources import files
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import loading, state
from dashboard.words import area, date_text, number, percent
from data.codes import COMMITTEES, PARTIES, Consent, UnitKind
from data.profile import Basis, Profile
from data.quarter import Quarter
from planning.city import City
from planning.coverage_types import CoverageState, KpiResult

_CITY_LABEL = "全市"
_PARENTS = (UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY)


def style() -> None:
    """The style sheet, once a run."""
    css = (files("dashboard") / "templates" / "page.css").read_text("utf-8")
    st.html(f"<style>{css}</style>")


def head(title: str, profile: Profile) -> None:
    """Page title, city, data date; says aloud when the city is invented."""
    load = loading.status().load
    told = f"数据至{date_text(load.at.astimezone().date())}" if load else ""
    badge = '<span class="wy-badge">虚构示例城市，非真实数据</span>' if profile.fictional else ""
    st.html(
        f'<div class="wy-top"><b>{escape(title)}</b><span>{escape(profile.city)}</span>{badge}'
        f"<span>{escape(told)}</span></div>"
    )


def path_of(city: City, unit_id: str) -> list[str]:
    """Ids from the county down to the unit."""
    path: list[str] = []
    walk: str | None = unit_id
    while walk and walk in city.units.index and walk not in path:
        path.insert(0, walk)
        parent = city.units.at[walk, "parent_id"]
        walk = parent if isinstance(parent, str) else None
    return path


def leave_lost_unit(city: City) -> None:
    """Where the address names a unit that is gone (an old bookmark): the whole city, and a word about it."""
    if state.selection().unit_id and state.selection().unit_id not in city.units.index:
        state.select(unit_id="")
        st.warning("网址中的行政单元已不存在，现在显示全市。请重新选择。")


def unit_picker(city: City) -> None:
    """The breadcrumb as three narrow choices: county, street, community. Changing one changes the selection."""
    chosen = path_of(city, state.selection().unit_id)
    kinds = [kind for kind in _PARENTS if (city.units["kind"] == kind).any()]
    columns = st.columns([1] * len(kinds) + [max(0.01, 3 - len(kinds))]) if kinds else []
    parent = ""
    for column, kind in zip(columns, kinds, strict=False):
        of_kind = city.units[city.units["kind"] == kind]
        if kind is not kinds[0]:
            if not parent:
                break
            of_kind = of_kind[of_kind["parent_id"] == parent]
        options = ["", *of_kind.sort_values("name").index]
        now = next((unit for unit in chosen if unit in options), "")
        picked = column.selectbox(
            kind.label,
            options,
            index=options.index(now),
            format_func=lambda unit, blank="全部" if parent else _CITY_LABEL: city.unit_names.get(unit, blank),
            label_visibility="collapsed",
            key=f"pick-{kind}-{parent}-{now}",
        )
        if picked != now:
            state.select(unit_id=picked or parent)
            st.rerun()
        parent = picked


def basis(definition: str, source: Basis) -> None:
    """The (i) of a figure: definition, rule id, quote, document; says when a number is assumed."""
    with st.popover("依据", help="定义和依据"):
        st.markdown(f"**定义**　{definition}")
        st.markdown(f"**依据**　{source.rule}　{source.document}")
        if source.quote:
            st.markdown(f"> {source.quote}")
        if source.assumed:
            st.warning("文件没有给出这个数字，此处为假定值，可在规则文件中修改。")
        if source.note:
            st.caption(source.note)


def kpi_card(kpi: KpiResult) -> None:
    """Name, value, target, due, difference in words, bar with the target's mark."""
    share = kpi.measure == "share"
    value = "—" if kpi.value is None else percent(kpi.value) if share else f"{kpi.numerator:,}"
    target = ""
    gap = ""
    if kpi.target is not None and kpi.due is not None and kpi.value is not None:
        wanted = percent(kpi.target) if share else f"{kpi.target:,.0f}"
        rolled = f"（原定{date_text(kpi.rolled_from)}，已顺延）" if kpi.rolled_from else ""
        target = f"目标 {wanted}　{date_text(kpi.due)}前{rolled}"
        gap = f'<span class="gap">还差 {kpi.missing:,} 个</span>' if kpi.missing else '<span class="met">已达标</span>'
    bar = ""
    if share and kpi.value is not None:
        mark = f'<em style="left:{100 * kpi.target:.1f}%"></em>' if kpi.target is not None else ""
        bar = f'<div class="bar"><i style="width:{100 * kpi.value:.1f}%"></i>{mark}</div>'
    unknown = f"（{kpi.n_unknown:,} 个未填）" if kpi.n_unknown else ""
    text, info = st.columns([5, 1], vertical_alignment="center")
    text.html(
        f'<div class="wy-figure"><div class="name">{escape(kpi.name)}　{kpi.numerator:,} / {kpi.denominator:,}{unknown}</div>'
        f'<div class="row"><span class="value">{value}</span>{gap}<span class="target">{target}</span></div>{bar}</div>'
    )
    with info:
        basis(kpi.definition, kpi.basis)


def figure(name: str, value: str, note: str = "", *, alarm: bool = False) -> None:
    """A plain figure: name, value, a few words."""
    words = f'<span class="{"gap" if alarm else "target"}">{escape(note)}</span>' if note else ""
    st.html(
        f'<div class="wy-figure"><div class="name">{escape(name)}</div>'
        f'<div class="row"><span class="value">{escape(value)}</span>{words}</div></div>'
    )


def empty(text: str, command: str) -> None:
    """Nothing to show yet, and the next step."""
    st.info(text)
    st.code(command, language="bash")


NUMBERS = {
    "户数": st.column_config.NumberColumn(format="localized"),
    "建筑面积（平方米）": st.column_config.NumberColumn(format="localized"),
    "建成年份": st.column_config.NumberColumn(format="%d"),
    "物业费": st.column_config.NumberColumn(format="%.2f"),
    "收缴率（%）": st.column_config.NumberColumn(format="%.1f"),
}
"""How number columns of `dashboard.tables` are written."""


def estate_card(city: City, estate_id: str, status: CoverageState) -> None:
    """One estate: what the register says, where it lies, its open cases; a button back to the unit."""
    row = city.estates.loc[estate_id]
    title, back = st.columns([4, 1], vertical_alignment="center")
    title.markdown(f"**{_plain(row['name'])}**　{status.label}")
    if back.button("返回", key="estate-back"):
        state.select(estate_id="")
        st.rerun()
    known = {
        "所在": " ".join(
            city.unit_names[u] for u in row[["county_id", "street_id", "community_id"]] if isinstance(u, str)
        ),
        "户数": number(row["households"]) if pd.notna(row["households"]) else "未填",
        "建筑面积": area(row["floor_area_m2"]),
        "建成年份": str(row["year_built"]) if pd.notna(row["year_built"]) else "未填",
        "小区类型": row["estate_type"],
        "物业服务企业": row["company"],
        "业委会": COMMITTEES.get(row["committee"]) if pd.notna(row["committee"]) else None,
        "党组织": PARTIES.get(row["party"]) if pd.notna(row["party"]) else None,
        "业主意愿": Consent(row["consent"]).label,
        "四至范围": row["four_sides"],
        "来源": f"{row['source_file']} {row['source_sheet'] if isinstance(row['source_sheet'], str) else ''} "
        f"第{row['source_row']}行",
    }
    lines = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(str(value)) if isinstance(value, str) else '未填'}</td></tr>"
        for name, value in known.items()
    )
    st.html(f'<table class="wy-rank">{lines}</table>')
    cases = city.cases[(city.cases["estate_id"] == estate_id) & ~city.cases["closed"].astype(bool)]
    st.markdown(f"**未结问题 {len(cases)}**")
    for case in cases.itertuples():
        due = (
            date_text(case.due_date) if case.due_date else case.due_text if isinstance(case.due_text, str) else "无时限"
        )
        st.html(f'<div class="wy-note">{escape(str(case.content))}　时限 {escape(due)}</div>')


def filtered_table(table: pd.DataFrame, search_in: list[str], *, key: str, height: int, most: int | None = None) -> str:
    """A table with a search box and a choice of states; gives the index of the row that was newly picked, or "".

    The columns ``search_in`` are searched as plain text; the column 状态 gives the choice. Search and choice look at all
    rows; of what they leave the first ``most`` are shown, and the page says how many there are.
    """
    search, status = st.columns([2, 3])
    wanted = search.text_input(
        "搜索", placeholder="、".join(search_in[:3]) + "……", label_visibility="collapsed", key=f"{key}-search"
    ).strip()
    labels = list(dict.fromkeys(table["状态"]))
    kept = status.pills("状态", labels, selection_mode="multi", label_visibility="collapsed", key=f"{key}-states")
    if wanted:
        texts = table[search_in].fillna("").astype(str)
        table = table[texts.apply(lambda column: column.str.contains(wanted, regex=False)).any(axis=1)]
    if kept:
        table = table[table["状态"].isin(kept)]
    if most is not None and len(table) > most:
        st.caption(f"共 {number(len(table))} 行，此处显示前 {number(most)} 行；可搜索、筛选，或在台账页查看全部。")
        table = table.head(most)
    return picked_row(table, key=key, height=height, columns=NUMBERS)


def picked_row(table: pd.DataFrame, *, key: str, height: int, columns: Mapping[str, Any]) -> str:
    """Show a table of which one row can be picked; the index of the row that was newly picked, or ""."""
    picked = st.dataframe(
        table,
        hide_index=True,
        height=height,
        on_select="rerun",
        selection_mode="single-row",
        column_config=dict(columns),
        key=key,
        placeholder="",
    )
    rows = picked.selection.rows
    if not rows or rows[0] >= len(table):
        return ""
    row = str(table.index[rows[0]])
    return row if row and state.is_new_click(key, {"row": row}) else ""


class _PageProgress:
    """A progress bar on the page."""

    stopped = False

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar = st.progress(0.0, text=title)

    def update(self, share: float, text: str) -> None:
        self._bar.progress(min(max(share, 0.0), 1.0), text=f"{self._title}：{text}")

    def close(self) -> None:
        self._bar.empty()


@contextmanager
def progress(title: str) -> Iterator[_PageProgress]:
    """A bar for slow work started by a button; Streamlit's own stop button breaks the run off."""
    bar = _PageProgress(title)
    try:
        yield bar
    finally:
        bar.close()


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!<>|$~:" else char for char in text)


def quarter_of(day: date) -> str:
    """Id of the quarter that is shown when none was chosen: the last planned one, else the day's."""
    planned = loading.planned_quarters()
    return planned[-1] if planned else Quarter.of(day).id
