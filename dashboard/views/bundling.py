"""打捆: bundles with their reasons and proofs on map and list, changed by hand with the price shown before it is paid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import cast

import streamlit as st

from dashboard import bundle_jobs as jobs
from dashboard import bundle_settings as limits
from dashboard import bundle_words as words
from dashboard import guard, loading, shell, state
from dashboard.boundary_actions import queue_of
from dashboard.bundle_frontier import frontier_tab
from dashboard.bundle_ground import bounds
from dashboard.bundle_session import Desk, Session, answer
from dashboard.bundle_stage import ground_of, scene_of, stage_of
from dashboard.bundle_told import links_json
from dashboard.bundle_versions import versions_tab
from dashboard.maps import bundles as editor
from dashboard.words import date_text
from data.profile import Profile
from geo.errors import InputError
from geo.progress import Stopped
from planning import bundles
from planning.bundles.types import BundlePlan, BundleSettings, Way
from planning.city import City, Scope
from planning.runs import Stored

_PARTS = ("方案", "情景", "方案比较")
_USUAL_S, _LEAST_S, _MOST_S = 60, 5, 900


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账：", "wuyetu load 文件夹 --city 规则")
        return
    city, profile = loading.city(), loading.profile()
    shell.head("打捆", profile)
    shell.leave_lost_unit(city)
    way = _way(profile)
    part = _toolbar(city, profile, way)
    saved = loading.bundles(way)
    _solve_watch(way)
    if saved is None:
        _nothing_yet(profile, way)
        return
    if part == _PARTS[0]:
        _told(way, saved)
        _work(way)
    elif part == _PARTS[1]:
        frontier_tab(saved)
    else:
        versions_tab(way, saved)


def _way(profile: Profile) -> Way:
    """The chosen way of bundling, else the city's main one."""
    chosen = state.selection().way
    return cast(Way, chosen if chosen in profile.bundle_ways else profile.bundle_way)


def _settings(profile: Profile, way: Way) -> BundleSettings:
    """Chosen in this session, else those of the stored proposal, else the profile's."""
    wanted = state.wanted_settings(way)
    if isinstance(wanted, BundleSettings):
        return wanted
    saved = loading.bundles(way)
    return saved.value.settings if saved else bundles.settings_from(profile, way)


def _toolbar(city: City, profile: Profile, way: Way) -> str:
    picker, ways, tabs, rules, form, go = st.columns([36, 12, 24, 10, 9, 9], vertical_alignment="center")
    with picker:
        shell.unit_picker(city)
    offered = [one for one in words.WAYS if one in profile.bundle_ways]
    picked = ways.selectbox(
        "方式",
        offered,
        index=offered.index(way),
        format_func=lambda one: words.WAYS[one],
        label_visibility="collapsed",
        help=None,
        key=f"bundle-way-{way}",
    )
    if picked != way:
        state.select(way=picked)
        st.rerun()
    part = tabs.segmented_control("看什么", _PARTS, default=_PARTS[0], label_visibility="collapsed", key="bundle-part")
    settings = _settings(profile, way)
    with rules, st.popover("规则依据", help="现用规则、依据和假定", width="stretch"):
        limits.rules_in_force(profile, settings)
    reader = None if loading.ACTOR.role.may_write else "您的角色只能查看"
    if form.button("设置", help=reader or "改半径、户数、成本等，再求解", disabled=reader is not None, width="stretch"):
        _form(way)
    running = jobs.solving(way)
    busy = running is not None and not running.ended
    if go.button(
        "求解", type="primary", disabled=reader is not None or busy, help=reader or "按现用规则重新求解，保留人工要求",
        width="stretch", key="bundle-solve",
    ):  # fmt: skip
        _begin(settings)
    return str(part or _PARTS[0])


@st.dialog("打捆设置", width="large")
def _form(way: Way) -> None:
    """All limits, choices and costs; solving begins from here."""
    with guard.in_words():
        city, profile = loading.city(), loading.profile()
        now = _settings(profile, way)
        st.caption(
            f"{words.WAYS[way]}：{words.WAY_HELP[way]}。每一项的依据见旁边的问号；改动只影响这次求解，不改本市规则。"
        )
        types = sorted(set(city.estates["estate_type"].dropna()))
        wanted, faults = limits.form(profile, now, types=types)
        seconds = st.slider("求解最多用时（秒）", _LEAST_S, _MOST_S, _USUAL_S, 5)
        for fault in faults:
            st.error(fault)
        back, go = st.columns(2)
        if back.button("恢复本市规则", width="stretch"):
            state.want_settings(way, bundles.settings_from(profile, way))
            for key in [key for key in st.session_state if str(key).startswith(f"bundle-set-{way}-")]:
                del st.session_state[key]
            st.rerun()
        if go.button("用这些设置求解", type="primary", disabled=bool(faults), width="stretch"):
            state.want_settings(way, wanted)
            _begin(wanted, float(seconds))


def _begin(settings: BundleSettings, seconds: float = _USUAL_S) -> None:
    saved = loading.bundles(settings.way)
    jobs.begin_solve(settings, seconds, saved, saved.scope if saved else Scope())
    st.rerun()


def _solve_watch(way: Way) -> None:
    job = jobs.solving(way)
    if job is None:
        return
    if not job.ended:
        _bar(way)
        return
    jobs.forget(way)
    with guard.in_words():
        try:
            plan = job.result()
        except Stopped:
            plan = None
        if plan is None:
            st.info("求解已取消，方案没有改变。")
        else:
            state.want_settings(way, None)
            st.toast(
                f"求解完成：{len(plan.bundles)}个服务单元，{plan.households_covered:,}户，用时{job.seconds:.1f}秒。"
            )


@st.fragment(run_every=0.5)
def _bar(way: Way) -> None:
    """How far the solve is; it runs beside the page, which stays usable."""
    job = jobs.solving(way)
    if job is None or job.ended:
        st.rerun()
        return
    bar, keep, drop = st.columns([8, 2, 1], vertical_alignment="center")
    bar.progress(job.share, text=f"求解：{job.text}　已用{job.elapsed_s:.0f}秒")
    if keep.button("停下，保留已有结果", disabled=job.stopped, width="stretch"):
        job.stop()
    if drop.button("取消", disabled=job.dropped, width="stretch"):
        job.stop(drop=True)


def _nothing_yet(profile: Profile, way: Way) -> None:
    st.info(f"还没有“{words.WAYS[way]}”的方案。{words.WAY_HELP[way]}；求解后这里显示地图、列表和每个小区的理由。")
    running = jobs.solving(way)
    if loading.ACTOR.role.may_write and (running is None or running.ended):
        if st.button("按本市规则求解", type="primary", key="bundle-first"):
            _begin(_settings(profile, way))
    elif not loading.ACTOR.role.may_write:
        st.caption("您的角色只能查看，请由业务科室求解。")


def _told(way: Way, saved: Stored[BundlePlan]) -> None:
    """What a reader must know before using the figures."""
    if saved.outdated:
        st.warning("方案算出之后台账或道路有变化，以下是变化之前的结果。请重新求解。")
    plan = saved.value
    if not (plan.bundles or plan.alone or plan.fallback):
        told = {"audit": "没有公共收益少、规模小的小区要合并审计。", "regions": "没有老旧小区要合并划区。"}
        st.info(told.get(way, "没有需要打捆的小区：每个小区都已有物业服务。") + "台账变化后可重新求解。")
    if plan.straight_line:
        st.warning("库中没有道路：距离按直线乘 1.3 估算，仅供参考。")


@st.fragment
def _work(way: Way) -> None:
    """Map, list and panel; an act reruns this part alone, outside the page's own guard."""
    with guard.in_words():
        _desk(way)


def _desk(way: Way) -> None:
    saved = loading.bundles(way)
    if saved is None:
        st.rerun()
        return
    session = state.bundle_session(partial(dict[str, Session])).setdefault(way, Session())
    asked, stage = editor.asked(), stage_of()
    ready = jobs.prepared(saved.value.settings, saved.scope)
    prepared = ready.result() if ready.ended and ready.failed is None and not saved.outdated else None
    desk = Desk(loading.store(), loading.ACTOR, way, saved, stage, prepared)
    session.act(desk, queue_of(asked), datetime.now(UTC))
    if session.acted:
        session.acted = False
        saved = loading.bundles(way) or saved
        desk = Desk(loading.store(), loading.ACTOR, way, saved, stage, prepared)
    _follow(asked, stage.city)
    chosen = state.selection()
    part = stage.city.inside(Scope(chosen.unit_id or None))
    with st.container(key="bundle-data"):
        editor.bundle_ground(*ground_of())
        editor.bundle_plan(desk.version, scene_of(saved, desk.version))
    links = links_json(prepared, stage) if prepared is not None and asked.get("links") else None
    editor.bundle_desk(
        {
            **answer(session, desk, asked),
            "links": links,
            "at": {"turn": session.turn, "bundle": chosen.bundle_id, "estate": chosen.estate_id},
            "unit": chosen.unit_id,
            "inside": stage.rows(list(part.estates.index)) if chosen.unit_id else None,
            "view": bounds(part, stage.stops, [chosen.unit_id] if chosen.unit_id else []),
            "footer": _footer(),
        }
    )
    if not ready.ended:
        _wait_for_hands(saved)
    elif ready.failed is not None:
        told = str(ready.failed) if isinstance(ready.failed, InputError) else "服务器窗口中有记录，请交给管理员"
        st.error(f"人工调整暂不可用：{told}")


@st.fragment(run_every=1.0)
def _wait_for_hands(saved: Stored[BundlePlan]) -> None:
    """Nothing to see: brings the hands to life once they are ready."""
    ready = jobs.prepared(saved.value.settings, saved.scope)
    if ready.ended:
        st.rerun()


def _follow(asked: object, city: City) -> None:
    """The browser's selection is the app's."""
    told = asked if isinstance(asked, dict) else {}
    if not told or not state.is_new_click("bundle-desk", {"n": told.get("n")}):
        return
    unit = told.get("unit")
    if isinstance(unit, str) and (unit == "" or unit in city.units.index):
        state.select(unit_id=unit)
        st.rerun()
    estate, bundle = str(told.get("estate") or ""), str(told.get("bundle") or "")
    state.select(estate_id=estate if estate in city.estates.index else "", bundle_id=bundle[:20])
    state.write_address()


def _footer() -> str:
    facts = loading.map_footer()
    on = facts["on"]
    told = f" · 数据至{date_text(on)}" if isinstance(on, date) else ""
    return f"来源：{facts['source']}{told} · 审图号：{facts['approval'] or '未填（内部资料）'}"


main()
