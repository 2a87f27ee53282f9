"""The coverage workbook: indicators first, their bases, rates by unit, the uncovered, the register."""

from __future__ import annotations

from typing import Final

import pandas as pd

from dashboard.exports.land import land_sheets
from dashboard.exports.workbook import ONE, SHARE, TWO, WHOLE, Share, Sheet
from dashboard.report import coverage_lines
from dashboard.tables import estates_table
from dashboard.words import date_text
from data.profile import Profile
from planning.city import City
from planning.coverage_types import Coverage, KpiResult, Rate
from planning.ground_types import LandCoverage

_LEVELS: Final = {"county": "县区", "street": "街道", "community": "社区"}
_RATES: Final = {
    "按小区": SHARE, "按户数": SHARE, "按建筑面积": SHARE, "户数": WHOLE, "已覆盖户数": WHOLE, "建筑面积（平方米）": WHOLE,
}  # fmt: skip
_REGISTER: Final = {
    "户数": WHOLE, "建筑面积（平方米）": WHOLE, "建成年份": "0", "物业费": TWO, "收缴率（%）": ONE, "边界可信度": TWO,
}  # fmt: skip
_OF_UNCOVERED: Final = [
    "小区", "县区", "街道", "社区", "状态", "户数", "建筑面积（平方米）", "建成年份", "小区类型", "业主意愿", "边界",
    "未结问题",
]  # fmt: skip


def coverage_sheets(city: City, profile: Profile, result: Coverage, land: LandCoverage | None = None) -> list[Sheet]:
    """The sheets in order; those of the land only where any was loaded."""
    note = (
        f"{profile.city}{'（虚构示例城市）' if profile.fictional else ''}　统计日期：{date_text(result.on)}　内部资料"
    )
    summary = tuple(line.replace(" ", "") for line in coverage_lines(result)[:2])
    register = estates_table(city, profile, result.states)
    register = register.loc[by_unit(city)]
    uncovered = register.loc[register.index.isin([row.estate_id for row in result.uncovered]), _OF_UNCOVERED]
    sheets = [
        Sheet(
            "指标", f"{profile.city}物业服务指标", kpi_table(result), (note, *summary), {"分子": WHOLE, "分母": WHOLE}
        ),
        Sheet("依据", "指标的定义与依据", basis_table(result), (note,)),
    ]
    for level, name in _LEVELS.items():
        rates = rate_table(result, city, level)
        if len(rates) > 1:
            sheets.append(Sheet(name, f"{name}物业服务覆盖率", rates, (note,), _RATES, total=True))
    split = f"共{len(uncovered)}个小区。情况不明：台账没有写明服务形态，先核实；核实前不计入已覆盖。"
    sheets.append(Sheet("未覆盖小区", "未覆盖小区", uncovered, (note, split), _REGISTER, numbered=True))
    if land is not None and land.loaded:
        sheets += land_sheets(land, note)
    words = register.loc[register["四至范围"].notna(), ["小区", "街道", "社区", "边界", "四至范围"]]
    register = register.drop(columns="四至范围")
    sheets.append(Sheet("小区台账", "小区台账", register, (note,), _REGISTER, numbered=True))
    sheets.append(Sheet("四至", "小区四至范围", words, (note,), numbered=True))
    return sheets


def _shown(kpi: KpiResult, value: float | None) -> object:
    if value is None:
        return None
    return Share(value) if kpi.measure == "share" else int(value)


def by_unit(city: City) -> pd.Index:
    """Ids of the estates in the order of their county, street and community in the table of units, then by name."""
    place = {unit: row for row, unit in enumerate(city.units.index)}
    ranks = {column: city.estates[column].map(place) for column in ("county_id", "street_id", "community_id")}
    table = pd.DataFrame(ranks).assign(name=city.estates["name"])
    return table.sort_values(list(table.columns), kind="stable").index


def kpi_table(result: Coverage) -> pd.DataFrame:
    """Indicators against their targets."""
    rows = []
    for kpi in result.kpis:
        due = "" if kpi.due is None else date_text(kpi.due)
        rolled = "" if kpi.rolled_from is None else f"\n原定{date_text(kpi.rolled_from)}，已顺延"
        if kpi.value is None:
            gap = "没有统计对象"
        elif kpi.target is None:
            gap = "未定目标"
        else:
            gap = f"还差{kpi.missing:,}个" if kpi.missing else "已达标"
        rows.append(
            {
                "指标": kpi.name,
                "现值": _shown(kpi, kpi.value),
                "目标": _shown(kpi, kpi.target),
                "差距": gap,
                "期限": due + rolled,
                "分子": kpi.numerator,
                "分母": kpi.denominator if kpi.measure == "share" else None,
                "依据": kpi.basis.rule + ("（含假定）" if kpi.basis.assumed else ""),
            }
        )
    return pd.DataFrame(
        rows, columns=["指标", "现值", "目标", "差距", "期限", "分子", "分母", "依据"], dtype=object
    )  # fmt: skip


def basis_table(result: Coverage) -> pd.DataFrame:
    """What each indicator counts and which sentence of which paper asks for it."""
    rows = [
        {
            "指标": kpi.name,
            "定义": kpi.definition,
            "依据": kpi.basis.rule,
            "原文": kpi.basis.quote,
            "文件": kpi.basis.document,
            "假定": (kpi.basis.note or "是") if kpi.basis.assumed else "",
        }
        for kpi in result.kpis
    ]
    return pd.DataFrame(rows, columns=["指标", "定义", "依据", "原文", "文件", "假定"], dtype=object)


def rate_table(result: Coverage, city: City, level: str) -> pd.DataFrame:
    """Rates of all units of a level, the lowest first within the unit above; the whole city in the last row."""
    titles = [_LEVELS[upper] for upper in list(_LEVELS)[: list(_LEVELS).index(level) + 1]]
    place = {unit: row for row, unit in enumerate(city.units.index)}
    above = {unit: parent for unit, parent in city.units["parent_id"].items() if isinstance(parent, str)}
    rows = []
    for rate in result.rates:
        if rate.level != level or not rate.n_estates:
            continue
        uppers = [above.get(rate.unit_id or "")]
        while len(uppers) < len(titles) - 1:
            uppers.append(above.get(uppers[-1] or ""))
        chain = uppers[: len(titles) - 1][::-1]
        rank = ([place.get(unit or "", len(place)) for unit in chain], rate.by_estates or 0.0)
        names = [*(city.unit_names.get(unit or "", "") for unit in chain), rate.name]
        rows.append((rank, dict(zip(titles, names, strict=True)) | _figures(rate)))
    rows.sort(key=lambda row: row[0])
    whole = dict.fromkeys(titles, "") | {titles[0]: "全市"} | _figures(result.rates[0])
    table = pd.DataFrame([*(row for _, row in rows), whole], dtype=object)
    return table.drop(columns=[name for name in ("缺户数的小区", "缺面积的小区") if not table[name].any()])


def _figures(rate: Rate) -> dict[str, object]:
    return {
        "小区数": rate.n_estates,
        "已覆盖": rate.n_covered,
        "无物管": rate.n_unmanaged,
        "失管": rate.n_lost,
        "情况不明": rate.n_unknown,
        "按小区": rate.by_estates,
        "户数": rate.households,
        "已覆盖户数": rate.households_covered,
        "按户数": rate.by_households,
        "建筑面积（平方米）": rate.floor_area_m2,
        "按建筑面积": rate.by_floor_area,
        "缺户数的小区": rate.n_without_households,
        "缺面积的小区": rate.n_without_floor_area,
    }
