"""情景: households covered against radius, minimum size or fee window – solved points with their proofs, nothing between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import bundle_words as words
from dashboard import guard, loading, state, theme
from dashboard.background import Job
from dashboard.words import kilometres, number
from geo.progress import Progress, Stopped
from planning import runs
from planning.bundles.frontier import Axis, Frontier, with_value
from planning.bundles.settings import BundleSettings
from planning.bundles.types import BundlePlan
from planning.runs import Stored

AXES: Final[dict[Axis, str]] = {
    "radius": "radius_m",
    "min_households": "min_households",
    "fee_window": "fee_window_yuan_m2",
}
_RANGES: Final[dict[Axis, tuple[float, float, float]]] = {
    "radius": (300.0, 1500.0, 100.0),
    "min_households": (100.0, 1500.0, 100.0),
    "fee_window": (0.1, 1.5, 0.1),
}
_SECONDS: Final = 120.0
_MOST_SERIES: Final = 4
_HEIGHT: Final = 330


@dataclass
class _Scenarios:
    """What was asked in one store: jobs by what they were asked, the newest last."""

    jobs: dict[object, Job[Frontier]] = field(default_factory=dict)


@st.cache_resource(show_spinner=False)
def _scenarios(url: str, stamp: str, way: str) -> _Scenarios:
    return _Scenarios()


def frontier_tab(saved: Stored[BundlePlan]) -> None:
    """Sliders, the button that solves their points, the chart and table of what is solved."""
    plan = saved.value
    kept = _scenarios(loading.store_url(), loading.status().stamp, plan.settings.way)
    left, right = st.columns([4, 8])
    with left:
        settings, axis, values = _sliders(plan.settings)
        key = (settings, axis, values, plan.wishes)
        running = next((job for job in kept.jobs.values() if not job.ended), None)
        may = loading.ACTOR.role.may_write
        if st.button(
            f"求解这{len(values)}个点", type="primary", width="stretch", key="frontier-go",
            disabled=running is not None or not may, help=None if may else "您的角色只能查看",
        ):  # fmt: skip
            kept.jobs.pop(key, None)
            kept.jobs[key] = Job("情景", _work(saved, settings, axis, values))
            for old in list(kept.jobs)[:-_MOST_SERIES]:
                del kept.jobs[old]
            st.rerun()
        st.caption("每个点都单独求解；点之间不连线、不推算。人工要求照样有效。其余设置与现行方案相同。")
    with right:
        if running is not None:
            _bar(loading.store_url(), loading.status().stamp, plan.settings.way)
        _show(kept, axis, plan)


def _sliders(settings: BundleSettings) -> tuple[BundleSettings, Axis, tuple[float, ...]]:
    """The scenario: one quantity over a range, the other two fixed."""
    axis: Axis = st.segmented_control(
        "横轴",
        list(AXES),
        default="radius",
        required=True,
        format_func=lambda one: words.LIMITS[AXES[one]][0].removesuffix("不超过"),
        key="frontier-axis",
    )
    given: dict[str, Any] = {}
    values: tuple[float, ...] = ()
    for name, limit in AXES.items():
        label, unit = words.LIMITS[limit]
        low, high, step = _RANGES[name]
        now = float(getattr(settings, limit))
        if name == axis:
            first, last = st.slider(
                f"{label}（{unit}）：从—到",
                low,
                high,
                (low, high),
                step,
                format=_format(name),
                key=f"frontier-range-{name}",
            )
            count = round((last - first) / step) + 1
            values = tuple(round(first + i * step, 4) for i in range(count))
        else:
            least, most = min(low, now), max(high, now)
            chosen = st.slider(
                f"{label}（{unit}）", least, most, now, step / 2, format=_format(name), key=f"frontier-{name}"
            )
            given[limit] = round(chosen) if limit == "min_households" else float(chosen)
    wanted = replace(settings, **given) if given.get("min_households", 0) <= settings.max_households else settings
    if wanted is settings and given.get("min_households", 0) > settings.max_households:
        st.error(f"最少户数大于最多户数（{number(settings.max_households)}户），按现行的最少户数求解。")
    return wanted, axis, values


def _format(axis: Axis) -> str:
    return "%.2f" if axis == "fee_window" else "%d"


def _work(saved: Stored[BundlePlan], settings: BundleSettings, axis: Axis, values: tuple[float, ...]) -> Any:
    city, profile, wishes = loading.city().inside(saved.scope), loading.profile(), saved.value.wishes

    def work(progress: Progress) -> Frontier:
        return runs.bundle_frontier(
            city, profile, on=date.today(), settings=settings, axis=axis, values=values, wishes=wishes,
            seed=1, seconds=_SECONDS, progress=progress,
        )  # fmt: skip

    return work


@st.fragment(run_every=0.5)
def _bar(url: str, stamp: str, way: str) -> None:
    job = next((one for one in _scenarios(url, stamp, way).jobs.values() if not one.ended), None)
    if job is None:
        st.rerun()
        return
    bar, stop = st.columns([6, 1], vertical_alignment="center")
    bar.progress(job.share, text=f"{job.text}　已用{job.elapsed_s:.0f}秒")
    if stop.button("停下", disabled=job.stopped, help="保留已解出的点", width="stretch"):
        job.stop()


def _show(kept: _Scenarios, axis: Axis, plan: BundlePlan) -> None:
    frames = []
    for key, job in kept.jobs.items():
        if not job.ended:
            continue
        with guard.in_words():
            try:
                found = job.result()
            except Stopped:
                st.info("已停下，还没有解出点。")
                continue
            if found.axis == axis and not found.complete:
                st.caption(f"“{_title(key[0], axis)}”中途停下，只有已解出的点。")  # type: ignore[index]
            if found.axis == axis and found.points:
                frames.append(points_table(found, _title(key[0], axis)))  # type: ignore[index]
    if not frames:
        if any(not job.ended for job in kept.jobs.values()):
            st.info("正在逐点求解，解完后显示在这里；可先去看别的部分。")
            return
        st.info("还没有解出的点。拖动左侧滑块选定范围，再点“求解”。")
        return
    table = pd.concat(frames, ignore_index=True)
    _chart(table, axis, plan)
    shown = table.drop(columns=["_y", "_proof"])
    counted = dict.fromkeys(("覆盖户数", "户数上界"), st.column_config.NumberColumn(format="localized"))
    st.dataframe(shown, hide_index=True, height=210, placeholder="", key="frontier-table", column_config=counted)
    _adopt(table, axis, plan)


def points_table(found: Frontier, title: str) -> pd.DataFrame:
    """Solved points with their figures; ``_y`` and ``_proof`` are for the chart."""
    label, unit = words.LIMITS[AXES[found.axis]]
    rows = [
        {
            "情景": title,
            f"{label}（{unit}）": point.value,
            "覆盖户数": None if point.problem else point.households,
            "户数上界": None if point.problem else point.bound,
            "服务单元": None if point.problem else point.n_bundles,
            "小区": None if point.problem else point.n_estates,
            "单独": None if point.problem else point.n_alone,
            "距离": "" if point.problem else kilometres(point.metres),
            "证明": point.problem
            or ("已证明最优" if point.proven else f"最多还能增加{number(point.bound - point.households)}户"),
            "_y": point.households,
            "_proof": "无解" if point.problem else "已证明最优" if point.proven else "未证明",
        }
        for point in found.points
    ]
    columns = ["覆盖户数", "户数上界", "服务单元", "小区", "单独"]
    return pd.DataFrame(rows).astype(dict.fromkeys(columns, "Int64"))


def _chart(table: pd.DataFrame, axis: Axis, plan: BundlePlan) -> None:
    label, unit = words.LIMITS[AXES[axis]]
    name = f"{label}（{unit}）"
    solved = table[table["_proof"] != "无解"].rename(columns={name: "横轴"})
    x = alt.X("横轴:Q", title=name, scale=alt.Scale(zero=False, padding=20), axis=alt.Axis(labelBound=True))
    y = alt.Y("覆盖户数:Q", title="覆盖户数", scale=alt.Scale(zero=False, padding=16), axis=alt.Axis(format=",d"))
    points = (
        alt.Chart(solved)
        .mark_point(size=110, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color("情景:N", scale=alt.Scale(range=[theme.ACCENT, "#D55E00", "#009E73", "#CC79A7"]),
                            legend=alt.Legend(orient="top", title=None, labelLimit=400)),
            shape=alt.Shape("_proof:N", scale=alt.Scale(domain=["已证明最优", "未证明"], range=["circle", "triangle-up"]),
                            legend=alt.Legend(orient="top", title=None)),
            tooltip=[alt.Tooltip("横轴:Q", title=name), "覆盖户数:Q", "户数上界:Q", "服务单元:Q", "距离:N", "证明:N"],
        )
    )  # fmt: skip
    bounds = (
        alt.Chart(solved[solved["_proof"] == "未证明"])
        .mark_tick(thickness=2, width=14, color=theme.QUIET)
        .encode(x=x, y=alt.Y("户数上界:Q"))
    )
    now = pd.DataFrame({"横轴": [getattr(plan.settings, AXES[axis])], "覆盖户数": [plan.households_covered]})
    here = (
        alt.Chart(now)
        .mark_point(shape="cross", size=130, color=theme.INK, strokeWidth=2)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("覆盖户数:Q", title="现行方案的覆盖户数")])
    )
    st.altair_chart((points + bounds + here).properties(height=_HEIGHT), width="stretch")
    st.caption("圆点：已证明最优；三角：未证明，短横线是上界；十字：现行方案。")


def _adopt(table: pd.DataFrame, axis: Axis, plan: BundlePlan) -> None:
    """Take the value of a solved point over into the settings."""
    name = "{}（{}）".format(*words.LIMITS[AXES[axis]])
    choices = sorted(set(table.loc[table["_proof"] != "无解", name]))
    if not choices or not loading.ACTOR.role.may_write:
        return
    pick, act = st.columns([3, 2], vertical_alignment="bottom")
    value = pick.selectbox(
        "采用哪个值", choices, format_func=lambda one: f"{one:g}{words.LIMITS[AXES[axis]][1]}", key="frontier-pick"
    )
    if act.button("放进设置", help="之后点“求解”生成方案", width="stretch", key="frontier-adopt"):
        state.want_settings(plan.settings.way, with_value(plan.settings, axis, float(value)))
        st.toast("已放进设置，请点“求解”。")
        st.rerun()


def _title(settings: object, axis: Axis) -> str:
    if not isinstance(settings, BundleSettings):
        return ""
    return "，".join(
        f"{words.LIMITS[limit][0].removesuffix('不超过')}{words.limit_text(limit, settings)}"
        for name, limit in AXES.items()
        if name != axis
    )
