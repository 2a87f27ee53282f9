"""方案比较: versions of the bundles side by side – figures, who changes – kept by name, made the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard import bundle_words as words
from dashboard import guard, loading, state
from dashboard.bundle_settings import limits_of
from dashboard.bundle_stage import stage_of
from dashboard.words import kilometres, local_time, number
from planning import bundle_versions as versions
from planning.bundles.revision.difference import difference
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.runs import Stored

_NOW = "现行方案"


def versions_tab(way: Way, saved: Stored[BundlePlan]) -> None:
    """Keep the proposal in force under a name; compare any two; make one of them the one in force."""
    _keep(way)
    kept = versions.versions(loading.store(), loading.ACTOR, way)
    if not kept:
        st.info("还没有保存过方案。先保存现行方案，再改设置或人工调整，就能在这里并排比较。")
        return
    names = [_NOW, *(one.name for one in kept)]
    facts = {one.name: f"{one.name}　{local_time(one.at.isoformat())}　{one.person}" for one in kept}
    left, right = st.columns(2)
    first = left.selectbox("方案一", names, index=1, format_func=lambda name: facts.get(name, name), key=f"cmp-a-{way}")
    second = right.selectbox(
        "方案二", names, index=0, format_func=lambda name: facts.get(name, name), key=f"cmp-b-{way}"
    )
    plans = {name: saved if name == _NOW else _version(way, name) for name in (first, second)}
    before, after = plans[first].value, plans[second].value
    figures, changes = st.columns([5, 7])
    with figures:
        st.markdown("**数字**")
        st.dataframe(figures_table(before, after), hide_index=True, placeholder="", key="cmp-figures")
        for name in (first, second):
            if plans[name].outdated:
                st.caption(f"“{name}”算出之后数据有变化。")
        _make_current(way, second if second != _NOW else first)
    with changes:
        table = changes_table(before, after)
        st.markdown(f"**去向不同的小区（{number(len(table))}）**")
        if table.empty:
            st.info("两个方案把每个小区都放在同样的地方。")
        else:
            st.dataframe(
                table, hide_index=True, height=min(430, 38 + 35 * len(table)), placeholder="", key="cmp-changes"
            )


def _version(way: Way, name: str) -> Stored[BundlePlan]:
    return versions.version(loading.store(), loading.ACTOR, way, name)


def _keep(way: Way) -> None:
    may = loading.ACTOR.role.may_write
    field, act = st.columns([4, 1], vertical_alignment="bottom")
    name = field.text_input(
        "把现行方案保存为",
        placeholder="例如：半径700米、会议讨论稿",
        max_chars=40,
        disabled=not may,
        key=f"keep-name-{way}",
    )
    told = None if may else "您的角色只能查看"
    if act.button("保存", disabled=not may or not name.strip(), help=told, width="stretch", key=f"keep-{way}"):
        with guard.in_words():
            versions.save_version(loading.store(), loading.ACTOR, way, name.strip())
            st.toast(f"已保存为“{name.strip()}”。")
            st.rerun()


def _make_current(way: Way, name: str) -> None:
    if name == _NOW:
        return
    may = loading.ACTOR.role.may_write
    if st.button(
        f"把“{name}”设为现行方案", disabled=not may, help=None if may else "您的角色只能查看", key=f"current-{way}"
    ):
        with guard.in_words():
            versions.make_current(loading.store(), loading.ACTOR, way, name, now=datetime.now(UTC))
            state.want_settings(way, None)
            st.toast(f"“{name}”已设为现行方案，可在“方案”中撤销。")
            st.rerun()


def figures_table(before: BundlePlan, after: BundlePlan) -> pd.DataFrame:
    """Figures of two proposals and the settings in which they differ, as text side by side."""
    rows: list[tuple[str, str, str, str]] = []
    for label, of, text in _FIGURES:
        old, new = of(before), of(after)
        if old is None and new is None:
            continue
        gap = "" if old is None or new is None else _signed(new - old, text)
        rows.append((label, *("—" if value is None else text(value) for value in (old, new)), gap))
    rows.append(("证明", _proof(before), _proof(after), ""))
    for name in dict.fromkeys([*limits_of(before.settings.way), "near_share"]):
        values = words.limit_text(name, before.settings), words.limit_text(name, after.settings)
        if values[0] != values[1]:
            rows.append((words.LIMITS[name][0], *values, ""))
    for label, of_settings in _CHOICES.items():
        texts = of_settings(before), of_settings(after)
        if texts[0] != texts[1]:
            rows.append((label, *texts, ""))
    rows.append(("人工要求", *(f"{len(plan.wishes)}项" for plan in (before, after)), ""))
    return pd.DataFrame(rows, columns=["项目", "方案一", "方案二", "差"])


def changes_table(before: BundlePlan, after: BundlePlan) -> pd.DataFrame:
    """Estates that the two proposals put in different places."""
    stage = stage_of()
    estates = stage.city.estates
    labels = words.labels_of(before), words.labels_of(after)

    def where(end: str, of: Mapping[str, str]) -> str:
        return of.get(end) or words.place_words(end, after.settings.way)

    rows = [
        {
            "小区": stage.name(one.estate_id),
            "街道": stage.city.unit_names.get(estates["street_id"].get(one.estate_id), ""),
            "户数": estates["households"].get(one.estate_id),
            "方案一": where(one.before, labels[0]),
            "方案二": where(one.after, labels[1]),
        }
        for one in difference(before, after).changed
    ]
    return pd.DataFrame(rows, columns=["小区", "街道", "户数", "方案一", "方案二"]).astype({"户数": "Int64"})


def _margin(plan: BundlePlan) -> int | None:
    found = [one.money.margin for one in plan.bundles if one.money is not None]
    return sum(found) if found else None


def _yuan(value: float) -> str:
    return f"{'−' if value < 0 else ''}{abs(value) / 10_000:,.1f}万元"


_FIGURES = (
    ("服务单元", lambda plan: len(plan.bundles), number),
    ("打捆小区", lambda plan: sum(len(one.members) for one in plan.bundles), number),
    ("覆盖户数", lambda plan: plan.households_covered, number),
    ("户数上界", lambda plan: plan.bound, number),
    ("到中心距离", lambda plan: sum(sum(one.distances_m) for one in plan.bundles), kilometres),
    ("年收支（可算的单元）", _margin, _yuan),
    ("单独", lambda plan: len(plan.alone), number),
    ("兜底", lambda plan: len(plan.fallback), number),
)
_CHOICES = {
    "紧凑": lambda plan: words.COMPACT[plan.settings.compact],
    "成立条件": lambda plan: words.VIABILITY[plan.settings.viability],
    "目标": lambda plan: words.MODES[plan.settings.mode],
    "牵头": lambda plan: words.LEADS[plan.settings.lead],
    "不可跨越": lambda plan: words.barriers_text(plan.settings.barriers),
    "成本表": lambda plan: "无" if plan.settings.costs is None else f"每户{plan.settings.costs.per_household:g}元等",
}


def _signed(value: float, text: object) -> str:
    if not round(value):
        return "不变"
    return ("+" if value > 0 else "−") + text(abs(value))  # type: ignore[operator]


def _proof(plan: BundlePlan) -> str:
    done = sum(unit.proven for unit in plan.units)
    return f"已证明最优 {done}/{len(plan.units)}" if plan.proven else f"已证明 {done}/{len(plan.units)} 街道"
