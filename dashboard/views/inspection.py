"""检查计划: the quarter as a calendar of teams and days, the routes of a day on the map, the stops in order."""

from __future__ import annotations

from datetime import date
from html import escape

import altair as alt
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from dashboard import loading, shell, state
from dashboard.calendar_editor import calendar_editor
from dashboard.maps.routes import routes_map
from dashboard.plan_tables import calendar_table, stops_table, unplaced_table
from dashboard.words import clock_span, date_text, kilometres, number, weekday_text
from data.quarter import Quarter
from planning import quarter as quarters
from planning import runs
from planning.city import Scope
from planning.quarter import rules
from planning.quarter.types import Plan, Problem, Route
from planning.travel import network

_MAP_HEIGHT = 430
_BUDGET_S = 60.0
_TEAM_ROW = 24


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账和检查组：", "wuyetu load 文件夹 --city 规则")
        return
    shell.head("检查计划", loading.profile())
    quarter = _quarter()
    saved = loading.plan(quarter.id)
    if saved is None:
        st.info(f"{quarter.title}还没有检查计划。点“排计划”，在路网上排出每个检查组每一天的线路。")
        return
    plan = saved.value
    problem = loading.problem(quarter.id, saved.scope)
    _summary(saved, problem)
    days = sorted({route.day for route in plan.routes})
    if not days:
        _unplaced(plan, problem)
        return
    left, right = st.columns([6, 6])
    with left:
        day, team_id = _calendar(plan, problem, days)
        _stops(plan, problem, day, team_id)
    with right:
        _map(plan, problem, day, team_id)
    _unplaced(plan, problem)


def _quarter() -> Quarter:
    now = Quarter.parse(state.selection().quarter or shell.quarter_of(date.today()))
    offered = sorted({now, Quarter.of(date.today()), *(Quarter.parse(q) for q in loading.planned_quarters())})
    offered.append(offered[-1].next())
    choice, act, days = st.columns([3, 1, 5], vertical_alignment="center")
    picked: Quarter = choice.selectbox(
        "季度", offered, index=offered.index(now), format_func=lambda q: q.title, label_visibility="collapsed"
    )
    state.select(quarter=picked.id)
    with act:
        _solve(picked)
    with days:
        calendar_editor(loading.city().calendar)
    return picked


def _solve(quarter: Quarter) -> None:
    with st.popover("排计划"):
        st.markdown(f"为{quarter.title}重新排全市的检查计划；已有的计划会保留在记录里。")
        budget = st.slider("求解时间（秒）", 10, 300, int(_BUDGET_S), 10)
        if not st.button("开始", type="primary"):
            return
        city, profile = loading.city(), loading.profile()
        with shell.progress("检查计划") as bar:
            problem = runs.pose_quarter(city, profile, quarter.id, cache_dir=loading.cache_folder(), progress=bar)
            result = quarters.solve(problem, budget_s=float(budget), seed=1, progress=bar)
        runs.save(loading.store(), loading.ACTOR, runs.PLAN, quarter.id, result, Scope(), city)
        st.rerun()


def _summary(saved: runs.Stored[Plan], problem: Problem) -> None:
    plan = saved.value
    placed = sum(1 for _ in plan.stops())
    broken = rules.violations(plan, problem)
    state_of = "符合全部规则" if not broken else f"{len(broken)} 处不符合规则"
    st.html(
        '<div class="wy-figure"><div class="row">'
        f'<span class="value">{number(placed)} / {number(placed + len(plan.unplaced))}</span>'
        f'<span class="target">已排 / 需求</span>'
        f'<span class="value">{number(len(plan.routes))}</span><span class="target">条线路</span>'
        f'<span class="value">{clock_span(plan.travel_s)}</span>'
        f'<span class="target">路途（{kilometres(plan.distance_m)}），检查 {clock_span(plan.service_s)}</span>'
        f'<span class="{"gap" if broken else "met"}">{state_of}</span></div></div>'
    )
    if plan.missing_team_days:
        st.warning(f"未排 {len(plan.unplaced)} 个，缺 {plan.missing_team_days} 个队日。原因见页末。")
    if problem.calendar_warning:
        st.caption(f"注意：{problem.calendar_warning}")
    if problem.straight_line:
        st.warning("库中没有道路：路途按直线估算。")
    if saved.outdated:
        st.warning("计划排定之后数据有变化，建议重新排计划。")
    for violation in broken[:5]:
        st.error(violation.message)


def _calendar(plan: Plan, problem: Problem, days: list[date]) -> tuple[date, str]:
    """Teams × days, darker for a fuller day; a click chooses the day and the team."""
    table = calendar_table(plan, problem)
    pick = alt.selection_point(name="pick", fields=["日期", "team_id"], toggle=False)
    chart = (
        alt.Chart(table)
        .mark_rect(stroke="#FFFFFF", strokeWidth=1)
        .encode(
            x=alt.X("日期:O", axis=alt.Axis(title=None, labelExpr="slice(datum.label, 5)", labelOverlap=True)),
            y=alt.Y("检查组:N", axis=alt.Axis(title=None, labelOverlap=False), sort=None),
            color=alt.Color(
                "工时:Q",
                scale=alt.Scale(range=["#EEF3F7", "#1F4E79"], domain=[0, 8]),
                legend=alt.Legend(title="小时", orient="right", gradientLength=60),
            ),
            tooltip=["检查组:N", "日期:O", "站数:Q", "工时:Q"],
            opacity=alt.condition(pick, alt.value(1), alt.value(0.75)),
        )
        .add_params(pick)
        .properties(height=_TEAM_ROW * len(problem.teams) + 20)
        .configure_axis(labelFontSize=12, labelLimit=120)
    )  # fmt: skip
    event = st.altair_chart(chart, on_select="rerun", selection_mode="pick", width="stretch")
    picked = event.selection.get("pick") or []
    if picked and state.is_new_click("calendar", dict(picked[0])):
        state.choose_day(date.fromisoformat(picked[0]["日期"]), picked[0]["team_id"])
    day, team_id = state.chosen_day(days)
    teams = ["", *sorted({route.team_id for route in plan.routes if route.day == day})]
    pick_day, pick_team = st.columns(2)
    day = pick_day.selectbox(
        "日期",
        days,
        index=days.index(day),
        format_func=lambda d: f"{date_text(d)} {weekday_text(d)}",
        label_visibility="collapsed",
    )
    team_id = pick_team.selectbox(
        "检查组",
        teams,
        index=teams.index(team_id) if team_id in teams else 0,
        format_func=lambda team: problem.teams[team].name if team else "全部检查组",
        label_visibility="collapsed",
    )
    state.choose_day(day, team_id)
    return day, team_id


def _routes(plan: Plan, day: date, team_id: str) -> list[Route]:
    return [route for route in plan.routes if route.day == day and (not team_id or route.team_id == team_id)]


def _stops(plan: Plan, problem: Problem, day: date, team_id: str) -> None:
    city = loading.city()
    for route in _routes(plan, day, team_id):
        team = problem.teams[route.team_id]
        st.html(
            f'<div class="wy-note"><b>{escape(team.name)}</b>　{len(route.stops)}站　'
            f"{kilometres(sum(s.distance_m for s in route.stops) + route.return_distance_m)}</div>"
        )
        table = stops_table(route, problem, city)
        st.dataframe(table, hide_index=True, height=35 * (len(table) + 1) + 3, placeholder="")


def _map(plan: Plan, problem: Problem, day: date, team_id: str) -> None:
    city = loading.city()
    built = routes_map(
        _routes(plan, day, team_id),
        problem,
        city.estates["name"],
        city.ways,
        network(city.ways),
        footer=loading.map_footer(),
    )
    st_folium(built, key="plan-map", height=_MAP_HEIGHT, use_container_width=True, returned_objects=[])


def _unplaced(plan: Plan, problem: Problem) -> None:
    if not plan.unplaced:
        return
    st.markdown(f"**未排 {len(plan.unplaced)} 个**")
    table: pd.DataFrame = unplaced_table(plan, problem, loading.city())
    st.dataframe(table, hide_index=True, height=240, placeholder="")


main()
