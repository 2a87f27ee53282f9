"""The coverage workbook: indicators, rates by unit, the uncovered, the register, the bases."""

from __future__ import annotations

import pandas as pd

from dashboard.exports.workbook import Sheet
from dashboard.tables import estates_table
from dashboard.words import date_text
from data.profile import Profile
from planning.city import City
from planning.coverage_types import Coverage

_SHARE = "0.0%"
_WHOLE = "#,##0"
_LEVELS = {"city": "全市", "county": "县区", "street": "街道", "community": "社区"}
_RATE_FORMATS = (
    ("按小区", _SHARE), ("按户数", _SHARE), ("按建筑面积", _SHARE), ("户数", _WHOLE), ("已覆盖户数", _WHOLE),
    ("建筑面积（平方米）", _WHOLE),
)  # fmt: skip


def coverage_sheets(city: City, profile: Profile, result: Coverage) -> list[Sheet]:
    """The sheets in order."""
    note = f"{profile.city}{'（虚构示例）' if profile.fictional else ''}　统计日期：{date_text(result.on)}　内部资料"
    register = estates_table(city, profile, result.states)
    uncovered = register.loc[[row.estate_id for row in result.uncovered]]
    sheets = [Sheet("指标", f"{profile.city}物业服务指标", kpi_table(result), note, (("现值", "General"),))]
    for level, name in _LEVELS.items():
        rates = rate_table(result, level)
        if len(rates):
            sheets.append(Sheet(f"{name}覆盖率", f"{name}物业服务覆盖率", rates, note, _RATE_FORMATS))
    sheets.append(Sheet("未覆盖小区", "未覆盖小区", uncovered, note, (("建筑面积（平方米）", _WHOLE),)))
    sheets.append(Sheet("小区台账", "小区台账", register, note, (("建筑面积（平方米）", _WHOLE),)))
    return sheets


def kpi_table(result: Coverage) -> pd.DataFrame:
    """Indicators with target, gap, definition and basis."""
    rows = []
    for kpi in result.kpis:
        share = kpi.measure == "share"
        rows.append(
            {
                "指标": kpi.name,
                "现值": None if kpi.value is None else f"{kpi.value:.1%}" if share else kpi.numerator,
                "分子": kpi.numerator,
                "分母": kpi.denominator if share else None,
                "目标": None if kpi.target is None else f"{kpi.target:.1%}" if share else int(kpi.target),
                "期限": kpi.due,
                "原定期限": kpi.rolled_from,
                "还差（个）": kpi.missing,
                "定义": kpi.definition,
                "依据": kpi.basis.rule,
                "原文": kpi.basis.quote,
                "文件": kpi.basis.document,
                "假定": "是" if kpi.basis.assumed else "",
            }
        )
    return pd.DataFrame(rows).astype(object)


def rate_table(result: Coverage, level: str) -> pd.DataFrame:
    """Rates of all units of a level."""
    return pd.DataFrame(
        [
            {
                "名称": rate.name,
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
            for rate in result.rates
            if rate.level == level
        ]
    )
