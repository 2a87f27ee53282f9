"""打捆: proposals for the uncovered estates, their reasons, and new limits tried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import escape

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from dashboard import loading, shell, state
from dashboard.maps.bundles import bundles_map
from dashboard.plan_tables import bundles_table, fallback_table, members_table
from dashboard.words import number
from data.profile import Profile, Value
from planning import bundles, runs
from planning.bundles.types import Bundle, BundlePlan, BundleSettings
from planning.city import City, Scope

_MAP_HEIGHT = 520
_SECONDS = 60.0


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账：", "wuyetu load 文件夹 --city 规则")
        return
    city, profile = loading.city(), loading.profile()
    shell.head("打捆", profile)
    saved = loading.bundles()
    settings = saved.value.settings if saved else bundles.settings_from(profile)
    summary, tools = st.columns([5, 2], vertical_alignment="center")
    with tools:
        _settings(city, profile, settings)
    if saved is None:
        st.info("还没有打捆方案。点“求解”，按本市规则为未覆盖的小区提出单独、打捆、兜底的方案。")
        return
    with summary:
        _summary(saved)
    plan, part = saved.value, city.inside(saved.scope)
    left, right = st.columns([7, 5])
    with right:
        chosen = _list(plan, part)
    with left:
        _map(part, plan, chosen)
    _fallback(plan, part)


def _summary(saved: runs.Stored[BundlePlan]) -> None:
    plan = saved.value
    members = sum(len(bundle.members) for bundle in plan.bundles)
    proof = (
        "已证明户数最多"
        if plan.proven
        else f"最多还可能增加 {number(plan.bound - plan.households_covered)} 户（未证明最优）"
    )
    st.html(
        '<div class="wy-figure"><div class="row">'
        f'<span class="value">{len(plan.bundles)}</span><span class="target">个服务单元，{members} 个小区，'
        f"{number(plan.households_covered)} 户，{proof}</span>"
        f'<span class="value">{len(plan.alone)}</span><span class="target">个单独</span>'
        f'<span class="value">{len(plan.fallback)}</span><span class="target">个兜底</span></div></div>'
    )
    if plan.straight_line:
        st.warning("库中没有道路：距离按直线乘 1.3 估算。")
    if saved.outdated:
        st.warning("方案算出之后数据有变化，请重新求解。")


def _settings(city: City, profile: Profile, settings: BundleSettings) -> None:
    rules = profile.bundle
    with st.popover("规则与求解", width="stretch"):
        radius = _limit("到中心小区的距离（米）", rules.radius_m, settings.radius_m, 100, 3000, 50)
        diameter = _limit("任意两小区的距离（米）", rules.max_diameter_m, settings.max_diameter_m, 200, 6000, 100)
        low = _limit("最少户数", rules.min_households, settings.min_households, 50, 5000, 50)
        high = _limit("最多户数", rules.max_households, settings.max_households, 100, 10000, 100)
        most = _limit("最多小区数", rules.max_estates, settings.max_estates, 2, 60, 1)
        small = _limit("小区规模较小：户数不超过", rules.small_households, settings.small_households, 10, 1000, 10)
        fee = _limit(
            "物业费相差不超过（元/平方米·月）", rules.fee_window_yuan_m2, settings.fee_window_yuan_m2, 0, 5, 0.05
        )
        if low > high:
            st.error("最少户数大于最多户数，请改正。")
            return
        if st.button("求解", type="primary", width="stretch"):
            wanted = replace(
                settings,
                radius_m=float(radius),
                max_diameter_m=float(diameter),
                min_households=int(low),
                max_households=int(high),
                max_estates=int(most),
                small_households=int(small),
                fee_window_yuan_m2=float(fee),
            )
            with shell.progress("打捆") as bar:
                result = runs.propose_bundles(
                    city, profile, on=date.today(), settings=wanted, seconds=_SECONDS, progress=bar
                )
            runs.save(loading.store(), loading.ACTOR, runs.BUNDLES, runs.CURRENT, result, Scope(), city)
            st.rerun()


def _limit(label: str, rule: Value, now: float, low: float, high: float, step: float) -> float:
    whole = float(step).is_integer()
    kind = int if whole else float
    assumed = "；文件没有给出数字，为假定值" if rule.basis.assumed else ""
    value: float = st.number_input(
        label,
        min_value=kind(min(low, now)),
        max_value=kind(max(high, now)),
        value=kind(now),
        step=kind(step),
        help=f"规则 {rule.basis.rule}：{rule.value:g} {rule.unit}{assumed}",
    )
    return value


def _list(plan: BundlePlan, part: City) -> str:
    """The table of bundles and the details of the chosen one; gives the id of what is chosen."""
    table = bundles_table(plan, part)
    picked = st.dataframe(
        table,
        hide_index=True,
        height=250,
        on_select="rerun",
        selection_mode="single-row",
        column_config=shell.NUMBERS,
        key="bundle-table",
        placeholder="",
    )
    rows = picked.selection.rows
    if not rows:
        st.caption("选一行看成员、紧约束和待征询的小区；地图随之放大。")
        return state.selection().estate_id if state.selection().estate_id in part.estates.index else ""
    bundle = plan.bundles[rows[0]]
    _details(bundle, part)
    return bundle.bundle_id


def _details(bundle: Bundle, part: City) -> None:
    st.html(f'<div class="wy-note">紧约束：{escape(bundle.binding)}</div>')
    if bundle.needs_consent:
        waiting = "、".join(part.estates["name"].loc[list(bundle.needs_consent)])
        st.html(f'<div class="wy-note">待征询业主意见：{escape(waiting)}</div>')
    st.dataframe(members_table(bundle, part), hide_index=True, height=210, column_config=shell.NUMBERS, placeholder="")


def _map(part: City, plan: BundlePlan, chosen: str) -> None:
    built = bundles_map(part, loading.stops(), plan, chosen=chosen, outlook=None, footer=loading.map_footer())
    st_folium(built, key="bundle-map", height=_MAP_HEIGHT, use_container_width=True, returned_objects=[])


def _fallback(plan: BundlePlan, part: City) -> None:
    alone, left = st.tabs([f"兜底（{len(plan.fallback)}）", f"单独（{len(plan.alone)}）"])
    with alone:
        table = fallback_table(plan, part)
        st.dataframe(table, hide_index=True, height=300, column_config=shell.NUMBERS, placeholder="")
    with left:
        names = part.estates["name"]
        rows = [{"小区": names[row.estate_id], "理由": row.reason} for row in plan.alone]
        st.dataframe(pd.DataFrame(rows, columns=["小区", "理由"]), hide_index=True, height=300, placeholder="")


main()
