"""Boundaries in papers and files: a workbook to go through, a GeoPackage of candidates for GIS users."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from dashboard.boundary_tables import STATE_LABELS, boundaries_table, candidates_table, counts_table, history_table
from dashboard.boundary_words import ACCEPTED
from dashboard.exports.geopackage import write_layers
from dashboard.exports.workbook import SHARE, TWO, WHOLE, Sheet
from dashboard.words import date_text, number
from data.profile import Profile
from geo.crs import STORAGE_CRS
from planning.city import City

CANDIDATES_LAYER: Final = "边界候选"
_AREAS: Final = ("边界面积（平方米）", "户数")
_FORMATS: Final = dict.fromkeys(_AREAS, WHOLE) | {"可信度": TWO, "与台账相差": SHARE}
_OPEN: Final = (
    "小区", "街道", "户数", "结论", "可信度", "原因", "四至文字", "边界面积（平方米）", "与台账相差", "小区编号",
)  # fmt: skip
_HELD: Final = (
    "小区", "街道", "户数", "边界来源", "可信度", "边界面积（平方米）", "与台账相差", "四至文字", "操作人", "时间", "说明",
    "来源文件", "小区编号",
)  # fmt: skip
_MEANING: Final = (
    "可信度：按本地地图造出的已知答案案例估计的“边界正确”的概率，0 到 1；已有边界的为采用时的可信度，其余为首选候选的可信度。",
    "结论：待看＝有候选、等人决定；无法成图＝文字不足以成图；未推算＝还没有推算。排序：户数 ×（1－可信度），影响大的在前；"
    "没有可信度的按 0.5 计（假定）。",
    "边界面积：已有边界的实际面积，没有时为首选候选的面积。原因：推算时发现的疑点。",
)


def boundary_sheets(city: City, profile: Profile, history: pd.DataFrame, on: date) -> list[Sheet]:
    """汇总 by street; 待决定 and 已有边界, which together name every estate once; 变更记录 with what was replaced."""
    name = f"{profile.city}{'（虚构示例城市）' if profile.fictional else ''}"
    note = f"{name}　统计日期：{date_text(on)}　内部资料　共 {number(len(city.estates))} 个小区"
    counts, table = counts_table(city), boundaries_table(city)
    held = table["结论"] == STATE_LABELS[ACCEPTED]
    whole = {column: WHOLE for column in counts.columns if column not in ("县区", "街道")}
    return [
        Sheet("汇总", f"{profile.city}小区边界汇总", counts, (note, _MEANING[1]), whole, total=True),
        Sheet(
            "待决定",
            "等人决定的小区边界",
            table.loc[~held, list(_OPEN)],
            (note, *_MEANING),
            _FORMATS,
            numbered=True,
            empty="（没有等人决定的小区）",
        ),
        Sheet(
            "已有边界",
            "已有边界的小区",
            table.loc[held, list(_HELD)],
            (note, _MEANING[0]),
            _FORMATS,
            numbered=True,
            empty="（还没有边界）",
        ),
        Sheet(
            "变更记录",
            "被替换的边界",
            history_table(history, city),
            (note,),
            {"原可信度": TWO},
            numbered=True,
            empty="（没有被替换的边界）",
        ),
    ]


def write_candidates(path: Path, city: City) -> Path:
    """A GeoPackage with one layer of all candidates, EPSG:4490, Chinese columns.

    Raises
    ------
    OSError, InputError
        If the folder cannot be written or the disk is full; nothing is left behind.
    """
    table = candidates_table(city)
    shapes = city.proposals.geometry.loc[table.index].to_numpy()
    layer = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=shapes, crs=STORAGE_CRS)
    return write_layers(path, {CANDIDATES_LAYER: layer})
