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
    picker, bulk, ledger = st.columns([7, 2, 1], vertical_alignment="center")
    with picker:
        shell.unit_picker(desk.city)
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
