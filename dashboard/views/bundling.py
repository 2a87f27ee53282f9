"""打捆: bundles with their reasons and proofs on map and list, changed by hand with the price shown before it is paid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import streamlit as st

from dashboard import bundle_jobs as jobs
from dashboard import bundle_words as words
from dashboard import guard, loading, shell, state
from dashboard.boundary_actions import queue_of
from dashboard.bundle_bar import PARTS, begin, chosen_way, settings_of, toolbar
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
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.city import City, Scope
from planning.runs import Stored


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账：", "wuyetu load 文件夹 --city 规则")
        return
    city, profile = loading.city(), loading.profile()
    shell.head("打捆", profile)
    shell.leave_lost_unit(city)
    way = chosen_way(profile)
    part = toolbar(city, profile, way)
    saved = loading.bundles(way)
    with st.container():  # stands whether or not it holds anything: what comes after keeps its place, and its map
        _solve_watch(way)
    if saved is None:
        _nothing_yet(profile, way)
    elif part == PARTS[0]:
        _work(way)
    elif part == PARTS[1]:
        frontier_tab(saved)
    else:
        versions_tab(way, saved)


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
    doing = "正在取消" if job.dropped else "正在停下，随后保留已有结果" if job.stopped else f"求解：{job.text}"
    bar.progress(job.share, text=f"{doing}　已用{job.elapsed_s:.0f}秒")
    if keep.button("停下，保留已有结果", disabled=job.stopped, width="stretch"):
        job.stop()
    if drop.button("取消", disabled=job.dropped, width="stretch"):
        job.stop(drop=True)


def _nothing_yet(profile: Profile, way: Way) -> None:
    st.info(f"还没有“{words.WAYS[way]}”的方案。{words.WAY_HELP[way]}；求解后这里显示地图、列表和每个小区的理由。")
    running = jobs.solving(way)
    if loading.ACTOR.role.may_write and (running is None or running.ended):
        if st.button("按本市规则求解", type="primary", key="bundle-first"):
            begin(settings_of(profile, way))
    elif not loading.ACTOR.role.may_write:
        st.caption("您的角色只能查看，请由业务科室求解。")


def _told(way: Way, saved: Stored[BundlePlan]) -> list[str]:
    """What a reader must know before using the figures."""
    plan, wanted, told = saved.value, state.wanted_settings(way), []
    if saved.outdated:
        told.append("方案算出之后台账或道路有变化，这是变化之前的结果，请重新求解。")
    running = jobs.solving(way)
    solving = running is not None and not running.ended
    if wanted is not None and wanted != plan.settings and loading.ACTOR.role.may_write and not solving:
        told.append("设置已改但还没有求解，地图和列表仍是原方案：点“求解”生效，或在“设置”中恢复。")
    if plan.straight_line:
        told.append("库中没有道路：距离按直线乘 1.3 估算，仅供参考。")
    if not (plan.bundles or plan.alone or plan.fallback):
        nothing = {"audit": "没有公共收益少、规模小的小区要合并审计。", "regions": "没有老旧小区要合并划区。"}
        told.append(nothing.get(way, "没有需要打捆的小区：每个小区都已有物业服务。") + "台账变化后可重新求解。")
    return told


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
            "told": _told(way, saved),
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
