"""The form of the bundles' settings: every limit with its basis, the costs as a table, the choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from html import escape
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import bundle_words as words
from data.profile import Basis, BundleRules, Profile, Value
from planning import bundles
from planning.bundles.settings import BundleSettings, Costs, Way

_RANGES: Final[dict[str, tuple[float, float, float]]] = {
    "radius_m": (100, 5000, 50),
    "neighbour_m": (50, 5000, 50),
    "max_diameter_m": (100, 10000, 100),
    "min_households": (1, 20000, 50),
    "max_households": (1, 50000, 100),
    "max_estates": (2, 100, 1),
    "min_floor_area_m2": (0, 5_000_000, 10_000),
    "max_floor_area_m2": (0, 10_000_000, 10_000),
    "small_households": (1, 5000, 10),
    "small_floor_area_m2": (100, 500_000, 1000),
    "fee_window_yuan_m2": (0, 20, 0.05),
    "near_share": (0, 10, 0.1),
    "anchor_min_households": (0, 20000, 50),
    "anchor_share": (0, 500, 5),
    "anchor_min_stars": (0, 5, 1),
    "max_income_yuan": (0, 10_000_000, 1000),
    "old_before": (1900, 2100, 1),
}
_WHOLE: Final = ("min_households", "max_households", "max_estates", "small_households", "anchor_min_households",
                 "anchor_min_stars", "old_before")  # fmt: skip
_OPTIONAL: Final = ("neighbour_m", "min_floor_area_m2", "max_floor_area_m2", "max_income_yuan", "old_before")
_COMMON: Final = ("radius_m", "max_diameter_m", "min_households", "max_households", "max_estates", "fee_window_yuan_m2",
                  "small_households", "small_floor_area_m2", "min_floor_area_m2", "max_floor_area_m2")  # fmt: skip
_OF_WAY: Final[dict[Way, tuple[str, ...]]] = {
    "service": _COMMON,
    "anchor": (*(name for name in _COMMON if name not in ("min_households", "max_households")),
               "anchor_min_households", "anchor_share", "anchor_min_stars"),
    "audit": (*_COMMON, "max_income_yuan"),
    "regions": (*_COMMON, "old_before"),
}  # fmt: skip
"""The limits that matter for each way."""


_DEFINITIONS: Final = (
    "覆盖户数：各单元新增服务的户数，带动小区自己的不算。"
    "户数上界：在这些规则和人工要求下，任何方案都不可能超过的户数；与覆盖户数相等"
    "（或只差为缩短距离主动让出的户数）即“已证明最优”，按街道分别证明。"
    "距离：小区出入口之间沿道路步行的长度，绕过没有桥或通道的阻隔；库中没有道路时"
    "按直线乘 1.3。“到中心小区”是各成员到本单元中心小区的距离之和。"
    "年收支：物业费 × 建筑面积 × 12 × 收缴率，减去成本表所列的成本。"
)


def limits_of(way: Way) -> tuple[str, ...]:
    """Fields of the settings that matter for a way."""
    return _OF_WAY[way]


def changed(settings: BundleSettings, profile: Profile) -> list[str]:
    """Fields that differ from the profile's own."""
    own = bundles.settings_from(profile, settings.way)
    return [field.name for field in fields(settings) if getattr(settings, field.name) != getattr(own, field.name)]


def basis_of(profile: Profile, way: Way, name: str) -> Value | None:
    """The profile's value of a limit with its basis."""
    rules: BundleRules | None = profile.bundle_ways.get(way)
    value = getattr(rules, name, None)
    return value if isinstance(value, Value) else None


def rules_in_force(profile: Profile, settings: BundleSettings) -> None:
    """The (i) of the page: every limit in force, its basis, what is assumed and what was changed by hand."""
    rules = profile.bundle_ways[settings.way]
    differs = set(changed(settings, profile))
    st.markdown(f"**{words.WAYS[settings.way]}**　{words.WAY_HELP[settings.way]}")
    _quote(rules.basis)
    rows = []
    for name in limits_of(settings.way):
        value = basis_of(profile, settings.way, name)
        rows.append(
            _row(
                words.LIMITS[name][0], words.limit_text(name, settings), value.basis if value else None, name in differs
            )
        )
    rows += [
        _row("不可跨越", words.barriers_text(settings.barriers), rules.barriers_basis, "barriers" in differs),
        _row("牵头", words.LEADS[settings.lead], rules.basis, "lead" in differs),
        _row("紧凑", words.COMPACT[settings.compact], rules.compact_basis, "compact" in differs),
        _row("成立条件", words.VIABILITY[settings.viability], rules.viability_basis, "viability" in differs),
        _row("网格", "不拆分" if settings.keep_grids else "可拆分", rules.basis, "keep_grids" in differs),
        _row("小区类型", "须相同" if settings.same_type else "不限", rules.similar_basis, "same_type" in differs),
        _row("建成年代", _ages(settings.age_breaks), rules.similar_basis, "age_breaks" in differs),
        _row("业主意愿", _consent(settings), rules.consent_basis, False),
        _row("目标", words.MODES[settings.mode], None, settings.mode != "exact"),
    ]
    st.html(
        '<table class="wy-rank"><tr><td>规则</td><td class="num">现用</td><td>依据</td><td></td></tr>'
        + "".join(rows)
        + "</table>"
    )
    st.markdown("**数字的定义**　" + _DEFINITIONS)
    st.caption("“假定”：文件没有给出数字，由本市规则文件假定，可在“设置”中改。“已改”：与本市规则不同。")


def form(profile: Profile, settings: BundleSettings, *, types: Sequence[str]) -> tuple[BundleSettings, list[str]]:
    """Fields for everything that can be set; gives the wanted settings and what is wrong with them (then not to be used).

    Parameters
    ----------
    types
        Estate types that the register knows.
    """
    way = settings.way
    given: dict[str, Any] = {}
    left, middle, right = st.columns(3)
    for place, name in enumerate(limits_of(way)):
        with (left, middle, right)[place % 3]:
            given[name] = _number(name, profile, settings)
    first, second, third = st.columns(3)
    with first:
        given["compact"] = _choice("紧凑", words.COMPACT, settings.compact)
        if given["compact"] != "medoid":
            given["neighbour_m"] = _number("neighbour_m", profile, settings)
        given["lead"] = _choice("牵头", words.LEADS, settings.lead)
    with second:
        options = {kind: text for kind, text in words.VIABILITY.items() if kind == "households" or way != "audit"}
        given["viability"] = _choice("成立条件", options, settings.viability)
        given["mode"] = _choice("目标", words.MODES, settings.mode)
        if given["mode"] == "near":
            given["near_share"] = _number("near_share", profile, settings)
    with third:
        known = list(words.BARRIERS)
        barriers = st.multiselect(
            "不可跨越（有桥或通道的除外）",
            known,
            list(settings.barriers),
            format_func=lambda kind: words.BARRIERS[kind],
        )
        given["barriers"] = tuple(kind for kind in known if kind in barriers)
        given["age_breaks"], faults = _years(settings.age_breaks)
    marks = st.columns(3)
    given["keep_grids"] = marks[0].checkbox("不拆分网格", settings.keep_grids)
    given["same_type"] = marks[1].checkbox("小区类型须相同", settings.same_type)
    given["balance"] = marks[2].checkbox("尽量均衡各单元的户数", settings.balance)
    if way == "regions":
        known = list(dict.fromkeys([*types, *settings.old_types]))
        given["old_types"] = tuple(st.multiselect("老旧小区的类型", known, list(settings.old_types)))
    if way != "audit":
        given["costs"] = _costs(profile, settings)
    return _checked(settings, given, faults)


def _checked(settings: BundleSettings, given: dict[str, Any], faults: list[str]) -> tuple[BundleSettings, list[str]]:
    faults = list(faults)
    if given.get("min_households", 0) > given.get("max_households", settings.max_households):
        faults.append("最少户数大于最多户数，请改正。")
    faults += filter(None, (range_fault(name, value, getattr(settings, name)) for name, value in given.items()))
    low, high = given.get("min_floor_area_m2"), given.get("max_floor_area_m2")
    if low is not None and high is not None and low > high:
        faults.append("最小建筑面积大于最大建筑面积，请改正。")
    if given["viability"] != "households" and given.get("costs") is None:
        faults.append("按收支判断要有成本表，请填写成本。")
    return (settings, faults) if faults else (replace(settings, **given), [])


def range_fault(name: str, value: Any, now: Any) -> str:
    """What is wrong with a number that was typed; empty if nothing. The one in force is never refused."""
    if name not in _RANGES or value is None or value == now:
        return ""
    label, unit = words.LIMITS[name]
    low, high, _ = _RANGES[name]
    shown = value * 100 if unit == "%" else value
    if low <= shown <= high:
        return ""
    form = ".10g" if unit == "年" else ",.10g"
    return f"“{label}”填的是{shown:{form}}{unit}，应在{low:{form}}到{high:{form}}{unit}之间，请改正。"


def _number(name: str, profile: Profile, settings: BundleSettings) -> Any:
    label, unit = words.LIMITS[name]
    step = _RANGES[name][2]
    now = getattr(settings, name)
    times = 100 if unit == "%" else 1
    shown = None if now is None else now * times
    kind = int if name in _WHOLE else float
    value = st.number_input(
        f"{label}（{unit}）",
        value=None if shown is None else kind(round(shown, 6)),
        step=kind(step),
        format="%d" if kind is int else "%g",
        placeholder="不限",
        help=_help(basis_of(profile, settings.way, name)),
        key=f"bundle-set-{settings.way}-{name}",
    )
    if value is None:
        return None if name in _OPTIONAL else now
    return kind(value) if times == 1 else float(value) / times


def _choice(label: str, options: Any, now: str) -> str:
    known = list(options)
    picked: str = st.selectbox(label, known, index=known.index(now) if now in known else 0, format_func=options.get)
    return picked


def _years(now: tuple[int, ...]) -> tuple[tuple[int, ...], list[str]]:
    text = st.text_input(
        "建成年代分界（年，空为不分）", "、".join(map(str, now)), help="如 1990、2000：同一单元的小区须在同一年代段"
    )
    parts = [part for part in text.replace("，", "、").replace(",", "、").replace(" ", "、").split("、") if part]
    if not all(part.isdigit() and 1900 <= int(part) <= 2100 for part in parts):
        return now, [f"年代分界“{text}”不是年份，请写成 1990、2000 这样。"]
    return tuple(sorted({int(part) for part in parts})), []


def _costs(profile: Profile, settings: BundleSettings) -> Costs | None:
    """The table of costs; every cell can be changed, what the profile assumes is marked."""
    rules = profile.bundle_costs
    now = settings.costs
    if now is None and rules is None:
        st.caption("本市规则没有成本表，不计算收支。")
        return None
    rows = []
    for name, (label, unit) in words.COSTS.items():
        rule = getattr(rules, name, None)
        value = getattr(now, name) if now is not None else rule.value if rule else 0.0
        own = None if rule is None else rule.value
        rows.append(
            {
                "项目": label,
                "数值": value * 100 if unit == "%" else value,
                "单位": unit,
                "本市规则": None if own is None else own * 100 if unit == "%" else own,
                "依据": _source(rule.basis if rule else None),
            }
        )
    st.markdown("**成本表**　双击“数值”即可修改；标“假定”的数字文件没有给出，请换成本地测算")
    table = st.data_editor(
        pd.DataFrame(rows),
        hide_index=True,
        disabled=["项目", "单位", "本市规则", "依据"],
        column_config={
            "数值": st.column_config.NumberColumn(min_value=0.0, required=True, format="localized"),
            "本市规则": st.column_config.NumberColumn(format="localized"),
        },
        key=f"bundle-costs-{settings.way}",
    )
    amounts = dict(zip(words.COSTS, map(float, table["数值"]), strict=True))
    amounts["collection_rate"] = min(amounts["collection_rate"] / 100, 1.0)
    return Costs(**amounts)


def _row(name: str, value: str, basis: Basis | None, own: bool) -> str:
    source = "" if basis is None else f"{basis.rule}　{basis.document}"
    mark = "　".join(filter(None, ("已改" if own else "", "假定" if basis is not None and basis.assumed else "")))
    told = "" if basis is None else "　".join(filter(None, (basis.quote and f"“{basis.quote}”", basis.note)))
    return (
        f'<tr title="{escape(told)}"><td>{escape(name)}</td><td class="num">{escape(value)}</td>'
        f"<td>{escape(source)}</td><td>{mark}</td></tr>"
    )


def _quote(basis: Basis) -> None:
    st.caption(f"依据：{basis.rule}　{basis.document}{'　（含假定）' if basis.assumed else ''}")
    if basis.quote:
        st.markdown(f"> {basis.quote}")


def _help(value: Value | None) -> str | None:
    if value is None:
        return None
    own = f"{value.value:g}{value.unit}"
    return "　".join(filter(None, (f"本市规则：{own}", _source(value.basis), value.basis.note)))


def _source(basis: Basis | None) -> str:
    if basis is None:
        return ""
    return f"{basis.rule}　{basis.document}" + ("　假定" if basis.assumed else "")


def _ages(breaks: tuple[int, ...]) -> str:
    return "不分" if not breaks else "以" + "、".join(f"{year}年" for year in breaks) + "为界"


def _consent(settings: BundleSettings) -> str:
    return "不同意的不纳入，未征询的列为待征询" if settings.ask_consent else "不征询"
