"""总览: the map and the rates; one click goes down to county, street, community, estate."""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit_folium import st_folium

from dashboard import loading, shell, state
from dashboard.land_part import land_part
from dashboard.maps.land import clicked_piece
from dashboard.maps.overview import clicked, overview_map
from dashboard.tables import estates_table, lagging
from dashboard.words import number, percent
from data.codes import UnitKind
from planning.city import City, Scope
from planning.coverage_types import Coverage, CoverageState
from planning.ground_types import LandCoverage

_MAP_HEIGHT = 560
_MOST_ROWS = 1000
"""More rows at once would hold up the map: 10,000 cost a second."""
_FIRST = (
    CoverageState.LOST,
    CoverageState.UNMANAGED,
    CoverageState.UNKNOWN,
    CoverageState.OTHER_COVERED,
    CoverageState.PROFESSIONAL,
)
"""Order of the table: what calls for a decision comes first."""
_NEXT = {"": UnitKind.STREET, "county": UnitKind.STREET, "street": UnitKind.COMMUNITY}


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。先生成示例城市，或导入本市台账：", "wuyetu demo 示例 && wuyetu load 示例 --city demo")
        return
    today = date.today()
    city, profile = loading.city(), loading.profile()
    shell.leave_lost_unit(city)
    chosen = state.selection()
    part = city.inside(Scope(chosen.unit_id or None))
    result = loading.coverage(chosen.unit_id, today)

    shell.head("总览", profile)
    shell.unit_picker(city)
    land = loading.land(today).inside(chosen.unit_id, city.units)
    left, right = st.columns([7, 4])
    with left:
        _map(city, part, result, land)
    with right:
        _figures(part, result)
    estates_tab, land_tab = st.tabs(["小区", "居住用地"], default="居住用地" if chosen.piece_id else "小区")
    with estates_tab:
        _table(part, result)
    with land_tab:
        land_part(land)


def _map(city: City, part: City, result: Coverage, land: LandCoverage) -> None:
    chosen = state.selection()
    built = overview_map(
        city,
        part,
        result,
        unit_id=chosen.unit_id,
        estate_id=chosen.estate_id,
        footer=loading.map_footer(),
        land=land,
        piece_id=chosen.piece_id,
    )
    answer = st_folium(
        built,
        key="overview-map",
        height=_MAP_HEIGHT,
        use_container_width=True,
        returned_objects=["last_object_clicked"],
    )
    place = (answer or {}).get("last_object_clicked")
    if place and state.is_new_click("overview-map", place):
        unit_id, estate_id = clicked(city, part, place["lng"], place["lat"])
        piece_id = "" if estate_id else clicked_piece(land, place["lng"], place["lat"])
        if estate_id:
            state.select(estate_id=estate_id)
        elif piece_id:
            state.select(piece_id=piece_id)
        elif unit_id:
            state.select(unit_id=unit_id)
        st.rerun()


def _figures(part: City, result: Coverage) -> None:
    chosen = state.selection()
    if chosen.estate_id in part.estates.index:
        shell.estate_card(part, chosen.estate_id, result.states[chosen.estate_id])
        return
    rate = result.rates[0]
    for kpi in result.kpis[:3]:
        shell.kpi_card(kpi)
    st.html(
        f'<div class="wy-note">小区 {number(rate.n_estates)} 个；按户数覆盖 {percent(rate.by_households)}，'
        f"按建筑面积 {percent(rate.by_floor_area)}"
        f"（{rate.n_without_households} 个缺户数、{rate.n_without_floor_area} 个缺面积，未计入）。"
        f"未覆盖：无物管 {rate.n_unmanaged}、失管 {rate.n_lost}、情况不明 {rate.n_unknown}</div>"
    )
    _plan_figure(part)
    open_cases = part.cases[~part.cases["closed"].astype(bool)]
    overdue = sum(1 for due in open_cases["due_date"] if due is not None and due < date.today())
    shell.figure(
        "未结问题", number(len(open_cases)), f"超期 {overdue} 件" if overdue else "无超期", alarm=bool(overdue)
    )
    with st.expander(f"其余指标（{max(0, len(result.kpis) - 3)}）"):
        for kpi in result.kpis[3:]:
            shell.kpi_card(kpi)
    _lagging(part, result)


def _plan_figure(part: City) -> None:
    quarter = state.selection().quarter or shell.quarter_of(date.today())
    plan = loading.plan(quarter)
    if plan is None:
        shell.figure("本季联合执法", "—", "尚未排计划")
        return
    problem_estates = set(part.estates.index)
    placed = sum(1 for stop in plan.value.stops() if _estate_of(stop.visit_id) in problem_estates)
    left_out = sum(1 for visit in plan.value.unplaced if _estate_of(visit.visit_id) in problem_estates)
    shell.figure(
        f"联合执法（{quarter[:4]}年第{quarter[-1]}季度）",
        f"{number(placed)} / {number(placed + left_out)}",
        f"未排 {left_out} 个" if left_out else "已全部排入计划",
        alarm=bool(left_out),
    )


def _estate_of(visit_id: str) -> str:
    return visit_id.rsplit(":", 1)[-1]


def _lagging(part: City, result: Coverage) -> None:
    chosen = state.selection()
    kind = part.units.at[chosen.unit_id, "kind"] if chosen.unit_id else ""
    level = _NEXT.get(kind)
    if level is None:
        return
    rows = lagging(result, part, chosen.unit_id, level)
    if rows.empty:
        return
    st.markdown(f"**排在后面的{level.label}**")
    for row in rows.head(5).itertuples():
        name, figures = st.columns([2, 3], vertical_alignment="center")
        if name.button(row.name, key=f"lag-{row.unit_id}", type="tertiary"):
            state.select(unit_id=row.unit_id)
            st.rerun()
        figures.html(
            f'<div class="wy-note">{percent(row.by_estates)}　未覆盖 {row.n_uncovered} / {row.n_estates} 个</div>'
        )


def _table(part: City, result: Coverage) -> None:
    table = estates_table(part, loading.profile(), result.states)
    rank = table["状态"].map({state.label: row for row, state in enumerate(_FIRST)})
    table = table.loc[rank.sort_values(kind="stable").index]
    columns = ["小区", "街道", "社区", "物业服务企业"]
    estate_id = shell.filtered_table(table, columns, key="overview-table", height=320, most=_MOST_ROWS)
    if estate_id:
        state.select(estate_id=estate_id)
        st.rerun()


main()
