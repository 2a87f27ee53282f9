"""边界: where estates lie – candidates from texts to accept, choose, draw or mend, most at stake first, by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import boundary_actions as actions
from dashboard import boundary_desk, guard, loading, shell, state
from dashboard.boundary_list import bulk_offer
from dashboard.boundary_session import Session
from dashboard.maps import boundary as editor
from dashboard.words import date_text, number
from planning.city import City, Scope

_LEAST, _MOST, _USUAL = 0.5, 1.0, 0.9


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账和道路：", "wuyetu load 文件夹 --city 规则")
        return
    shell.head("边界", loading.profile())
    desk = boundary_desk.desk()
    shell.leave_lost_unit(desk.city)
    picker, order, bulk, ledger = st.columns([6, 2, 2, 1], vertical_alignment="center")
    with picker:
        shell.unit_picker(desk.city)
    with order:
        _meaning(desk)
    with bulk:
        told = None if loading.ACTOR.role.may_write else "您的角色只能查看"
        if st.button("批量接受", key="bulk-open", disabled=told is not None, help=told, width="stretch"):
            _bulk(desk.city, state.selection().unit_id)
    ledger.page_link("views/ledger.py", label="台账")
    if not len(desk.city.inside(Scope(state.selection().unit_id or None)).estates):
        st.info("这个范围内没有小区。请在上方换一个街道或社区。")
        return
    if not desk.proposals:
        st.info("还没有由四至文字推算的候选边界，可先逐个手绘；或在命令行推算全市：")
        st.code("wuyetu boundaries", language="bash")
    with st.container(key="boundary-work"):
        _work()


@st.fragment
def _work() -> None:
    """List and map; a decision reruns this part alone, outside the page's own guard."""
    with guard.in_words():
        _list_and_map()


def _list_and_map() -> None:
    session = state.boundary_session(Session)
    desk = boundary_desk.desk()
    asked, now = editor.asked(), datetime.now(UTC)
    if asked is not None:
        session.join(asked.get("tab"), boundary_desk.remembered())
        session.act(desk, loading.ACTOR, actions.queue_of(asked), now)
        at = str(asked.get("at") or "")
        if at in desk.city.estates.index:
            state.select(estate_id=at)
            state.write_address()
    chosen = state.selection()
    rows = session.worklist(desk, chosen.unit_id)
    left, right = st.columns([2, 8])
    with left:
        editor.boundary_list(f"{rows.unit_id}/{rows.epoch}/{rows.as_of}", rows.as_of, rows.rows)
    with right:
        editor.boundary_desk(
            session.answer(desk, asked, chosen.estate_id, loading.ACTOR, now),
            may_write=loading.ACTOR.role.may_write,
            footer=_footer(),
        )


def _meaning(desk: boundary_desk.Desk) -> None:
    """The (i) of the page: what the figures mean, what is assumed, which model gave them."""
    with st.popover("按影响排序", help="影响、可信度的定义和依据"):
        st.markdown(
            "**影响**　户数 ×（1－可信度），即可能落在错误范围里的户数，大的在前。"
            "已有边界的按采用时的可信度；没有可信度的按 0.5（假定），无法成图的按 0 算。"
            "户数未填的按占地每公顷 120 户，占地也未填的按 100 户（假定）。"
        )
        st.markdown(
            "**可信度**　候选图形与真实范围相符的概率，0 到 1。用本地地图造出答案已知的案例"
            "（缺路、错字、缺一面、点位偏移）拟合得出，不是人工打分。"
        )
        st.markdown(
            "**自动采用**　四面都落到图上、没有延长或借用其他道路、与相邻小区不重叠，且可信度达到拟合出的界限。"
            "其余的一律待人决定；来源可靠的边界（测绘＞手绘＞四至文字＞推算）不会被较差的来源自动替换。"
        )
        model = next((row["model"] for rows in desk.proposals.values() for row in rows if row["model"]), None)
        st.caption(f"可信度模型版本：{model}" if model else "还没有可信度模型：请先推算全市边界。")
        st.caption("依据：L09「科学划定物业管理区域」。文件没有规定可信度和排序办法，以上数字为假定值。")


def _footer() -> str:
    facts = loading.map_footer()
    on = f" · 数据至{date_text(facts['on'])}" if facts["on"] else ""
    return f"来源：{facts['source']}{on} · 审图号：{facts['approval'] or '未填（内部资料）'}"


@st.dialog("批量接受候选边界")
def _bulk(city: City, unit_id: str) -> None:
    """Choose a street and a confidence, see how many that is, confirm once."""
    streets = ["", *city.units[city.units["kind"] == "street"].sort_values("name").index]
    path = shell.path_of(city, unit_id)
    street = next((unit for unit in path if unit in streets), "")
    picked = st.selectbox(
        "街道",
        streets,
        index=streets.index(street),
        format_func=lambda unit: city.unit_names.get(unit, "全市"),
        key="bulk-street",
    )
    least = st.slider("可信度不低于", _LEAST, _MOST, _USUAL, 0.01, format="%.2f", key="bulk-least")
    desk = boundary_desk.desk()
    offer = bulk_offer(desk, picked, least)
    if offer.proposals:
        st.markdown(
            f"将接受 **{number(len(offer.proposals))}** 个小区的首选候选，涉及 **{number(offer.households)}** 户。"
        )
    else:
        st.info("没有符合条件的候选。可放低可信度，或换一个街道。")
    if offer.overlapping:
        names = "、".join(offer.overlapping[:5]) + ("等" if len(offer.overlapping) > 5 else "")
        st.caption(f"另有 {number(len(offer.overlapping))} 个与相邻小区的边界重叠，不在其内，请逐个查看：{names}。")
    st.caption("接受后可一次撤销。")
    label = f"接受{number(len(offer.proposals))}个" if offer.proposals else "接受"
    if st.button(label, type="primary", disabled=not offer.proposals, key="bulk-go"):
        done = actions.bulk(desk, offer.proposals, loading.ACTOR, datetime.now(UTC))
        state.boundary_session(Session).did(done)
        st.toast(done.text)
        st.rerun()


main()
