"""The bar of the bundles' page: where, which way, which part; rules in force, settings, papers, solving."""

from __future__ import annotations

from typing import Final, cast

import streamlit as st

from dashboard import bundle_jobs as jobs
from dashboard import bundle_settings as limits
from dashboard import bundle_words as words
from dashboard import guard, loading, shell, state
from data.profile import Profile
from planning import bundles
from planning.bundles.settings import BundleSettings, Way
from planning.city import City, Scope

PARTS: Final = ("方案", "情景", "方案比较")
_USUAL_S, _LEAST_S, _MOST_S = 60, 5, 900


def chosen_way(profile: Profile) -> Way:
    """The chosen way of bundling, else the city's main one."""
    chosen = state.selection().way
    return cast(Way, chosen if chosen in profile.bundle_ways else profile.bundle_way)


def settings_of(profile: Profile, way: Way) -> BundleSettings:
    """Chosen in this session, else those of the stored proposal, else the profile's."""
    wanted = state.wanted_settings(way)
    if isinstance(wanted, BundleSettings):
        return wanted
    saved = loading.bundles(way)
    return saved.value.settings if saved else bundles.settings_from(profile, way)


def toolbar(city: City, profile: Profile, way: Way) -> str:
    """The bar; gives the part of the page that is wanted (`PARTS`)."""
    picker, ways, tabs, rules, form, out, go = st.columns([32, 11, 22, 11, 8, 8, 8], vertical_alignment="center")
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
    part = tabs.segmented_control("看什么", PARTS, default=PARTS[0], label_visibility="collapsed", key="bundle-part")
    settings = settings_of(profile, way)
    with rules, st.container(key="bundle-rules"), st.popover("规则依据", help="现用规则、依据和假定", width="stretch"):
        limits.rules_in_force(profile, settings)
    reader = None if loading.ACTOR.role.may_write else "您的角色只能查看"
    if form.button(
        "设置",
        help=reader or "改半径、户数、成本等，再求解",
        disabled=reader is not None,
        width="stretch",
        key="bundle-set",
    ):
        _form(way)
    if out.button(
        "导出",
        help="所选单元的标段材料和征询表",
        width="stretch",
        disabled=loading.bundles(way) is None,
        key="bundle-out",
    ):
        _papers(way)
    running = jobs.solving(way)
    busy = running is not None and not running.ended
    if go.button(
        "求解", type="primary", disabled=reader is not None or busy, help=reader or "按现用规则重新求解，保留人工要求",
        width="stretch", key="bundle-solve",
    ):  # fmt: skip
        begin(settings)
    return str(part or PARTS[0])


@st.dialog("打捆设置", width="large")
def _form(way: Way) -> None:
    """All limits, choices and costs; solving begins from here."""
    with guard.in_words():
        city, profile = loading.city(), loading.profile()
        now = settings_of(profile, way)
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
            begin(wanted, float(seconds))


@st.dialog("导出材料")
def _papers(way: Way) -> None:
    """The papers of the chosen bundle; those of all are made on the page for exports."""
    from dashboard.exports.one_bundle import one_bundle  # Word and picture libraries, which opening the page needs not

    with guard.in_words():
        saved = loading.bundles(way)
        labels = words.labels_of(saved.value) if saved else {}
        if saved is None or not labels:
            st.info("现行方案里没有可导出的单元。")
        else:
            ids, chosen = list(labels), state.selection().bundle_id
            picked = st.selectbox(
                "单元", ids, index=ids.index(chosen) if chosen in ids else 0, format_func=labels.get, key="papers-of"
            )
            st.caption("内容：标段材料、每个小区的征询意见表、征询结果表，打成一个压缩包；每次导出都记入日志。")
            if st.button("生成", type="primary", width="stretch", key="papers-make"):
                with st.spinner("正在生成……"):
                    name, content = one_bundle(
                        loading.store(),
                        loading.ACTOR,
                        loading.profile(),
                        loading.city(),
                        loading.stops(),
                        saved,
                        picked,
                    )
                st.download_button("下载", content, name, "application/zip", width="stretch", key="papers-get")
        st.page_link("views/papers.py", label="导出全部单元的材料和汇总表")


def begin(settings: BundleSettings, seconds: float = _USUAL_S) -> None:
    """Solve beside the page, with the wishes that hold."""
    saved = loading.bundles(settings.way)
    jobs.begin_solve(settings, seconds, saved, saved.scope if saved else Scope())
    st.rerun()
