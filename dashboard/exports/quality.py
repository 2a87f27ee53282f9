"""The quality workbook: counts by kind and street, the findings worst first, what was checked, the limits."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Final

import pandas as pd

from dashboard.exports.workbook import WHOLE, Share, Sheet
from dashboard.quality_tables import findings_table, kinds_table, streets_table
from dashboard.words import date_text, number
from data.profile import Profile
from geo.quality import Limits
from planning.city import City
from planning.quality import KINDS, Finding, Report, Settings, Severity
from planning.quality.checked import Mark, sort

_COUNTS: Final = {"错误": WHOLE, "警告": WHOLE, "提示": WHOLE, "合计": WHOLE}
MOST_HINTS: Final = 20_000
"""More hints than this are counted, not listed: a sheet that nobody can read helps nobody."""

_LIMITS: Final[dict[str, tuple[str, str]]] = {
    "overlap_m2": ("两个边界重叠超过", "平方米"),
    "sliver_width_m": ("重叠窄于此为窄条", "米"),
    "same_share": ("重叠占两者合并面积达到此为同一边界", "占比"),
    "contained_share": ("小的边界在大的之内达到此为包含", "占比"),
    "gap_width_m": ("相邻小区之间的缝隙窄于", "米"),
    "gap_length_m": ("缝隙长于", "米"),
    "region_gap_width_m": ("同一物业管理区域内的缝隙窄于", "米"),
    "hole_m2": ("区域内空洞超过", "平方米"),
    "piece_distance_m": ("区域各块相隔超过", "米"),
    "part_distance_m": ("边界的一块离主体超过", "米"),
    "tiny_part_m2": ("碎块小于", "平方米"),
    "tail_width_m": ("狭长部分窄于", "米"),
    "tail_length_m": ("狭长部分长于", "米"),
    "small_m2": ("边界小于", "平方米"),
    "large_m2": ("边界大于", "平方米"),
    "split_share": ("被道路、铁路、河流分割，第二大块占比达到", "占比"),
    "split_m2": ("第二大块面积达到", "平方米"),
    "outside_share": ("边界在行政单元之外的占比超过", "占比"),
    "outside_m2": ("边界在行政单元之外的面积超过", "平方米"),
    "elsewhere_share": ("在外占比超过此为实际在别处", "占比"),
    "outside_point_m": ("坐标在行政单元之外超过", "米"),
    "unit_overlap_m2": ("行政单元重叠超过", "平方米"),
    "unit_gap_m2": ("行政单元之间的空白超过", "平方米"),
    "unit_width_m": ("行政单元重叠、空白宽于", "米"),
    "point_m": ("坐标在边界之外超过", "米"),
    "far_point_m": ("坐标离边界超过此为两个地方", "米"),
    "same_point_m": ("两个坐标相距不到此为同一点", "米"),
    "gate_boundary_m": ("出入口离边界线超过", "米"),
    "far_gate_m": ("出入口在边界外超过此为错误", "米"),
    "gate_road_m": ("出入口离道路超过", "米"),
    "round_share": ("正圆、正方形的允许误差", "占比"),
    "decimals": ("坐标不超过此位小数为取整", "位"),
    "land_share": ("边界面积与台账占地相差超过", "占比"),
    "land_factor": ("边界面积与台账占地之比超过此为错误", "倍"),
    "ratio_low": ("容积率低于", "倍"),
    "ratio_high": ("容积率高于", "倍"),
    "two_regions_share": ("在另一物业管理区域内的占比超过", "占比"),
    "similar_m": ("比较名称写法的距离", "米"),
    "twin_m": ("不同街道的同名小区相距不到此为警告", "米"),
    "whole_street": ("整个街道都缺且不少于此数的合并为一条", "个"),
}


def quality_sheets(city: City, profile: Profile, report: Report, marks: dict[str, Mark], on: date) -> list[Sheet]:
    """The sheets in order; findings that a person found in order are on a sheet of their own."""
    done = sort(report.findings, marks)
    name = f"{profile.city}{'（虚构示例城市）' if profile.fictional else ''}"
    note = (
        f"{name}　核对日期：{date_text(on)}　内部资料　共核对 {number(report.n_estates)} 个小区、"
        f"{number(report.n_boundaries)} 个边界；采用的容差见“容差”表"
    )
    errors = tuple(f for f in done.open if f.severity is Severity.ERROR)
    warnings = tuple(f for f in done.open if f.severity is Severity.WARNING)
    hints = tuple(f for f in done.open if f.severity is Severity.HINT)
    cut = (f"提示共 {number(len(hints))} 条，此处列出前 {number(MOST_HINTS)} 条",) if len(hints) > MOST_HINTS else ()
    sheets = [
        Sheet(
            "分类", f"{profile.city}数据质量报告", _total(kinds_table(done.open), "类别"), (note,), _COUNTS, total=True
        ),
        Sheet(
            "街道",
            "各街道的问题",
            _total(streets_table(done.open, city), "街道"),
            (note, "涉及两个街道的问题在两个街道各计一次，合计因此可能多于“分类”表"),
            _COUNTS,
            total=True,
        ),
        Sheet("错误", "错误：必须改正", _listed(errors, city), (note,), numbered=True),
        Sheet("警告", "警告：应当核对", _listed(warnings, city), (note,), numbered=True),
        Sheet("提示", "提示：资料不全或描图误差", _listed(hints[:MOST_HINTS], city), (note, *cut), numbered=True),
    ]
    checked = findings_table([finding for finding, _ in done.checked], city, marks)
    sheets.append(Sheet("已核对", "已核对、没有问题的", checked, (note,), numbered=True))
    sheets.append(
        Sheet(
            "容差",
            "本报告采用的容差",
            limits_table(report.settings),
            (note, "文件没有给出数字，均为假定值"),
            {"数值": "#,##0.###"},
        )
    )
    sheets.append(Sheet("类别说明", "问题的类别、依据和处理办法", _kinds(), (note,)))
    return sheets


def _listed(findings: tuple[Finding, ...], city: City) -> pd.DataFrame:
    """The findings of a sheet of one severity."""
    return findings_table(findings, city).drop(columns="级别")


def limits_table(settings: Settings) -> pd.DataFrame:
    """Each limit of a report in words, with its value and unit."""
    values: dict[str, float] = {one.name: getattr(settings.limits, one.name) for one in fields(Limits)}
    values |= {one.name: getattr(settings, one.name) for one in fields(Settings) if one.name != "limits"}
    rows = []
    for key, value in values.items():
        words, unit = _LIMITS[key]
        share = unit == "占比"
        rows.append({"容差": words, "数值": Share(value) if share else value, "单位": "" if share else unit})
    return pd.DataFrame(rows, dtype=object)


def _kinds() -> pd.DataFrame:
    rows = [{"类": k.group, "类别": k.title, "依据": k.rule, "怎么办": k.remedy} for k in KINDS.values()]
    return pd.DataFrame(rows, dtype=object)


def _total(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """The table with its sum in the last row."""
    sums = {name: int(table[name].sum()) for name in _COUNTS}
    return pd.concat([table.astype(object), pd.DataFrame([{label: "合计", **sums}], dtype=object)], ignore_index=True)
