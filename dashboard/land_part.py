"""居住用地 on the overview: how much land is served, how much has no record, where it lies."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import shell, state
from dashboard.land_tables import land_pieces_table, land_rates_table
from dashboard.words import area, number, percent
from planning.ground_estimate import rounded
from planning.ground_types import BASIS, DEFINITION, LandCoverage, LandRate

_MOST_ROWS = 1000
_MOST_HEIGHT = 290
_AREAS = (
    "住宅用地（平方米）", "小区边界内", "其中纳入服务", "有记录无边界", "无记录用地", "零碎地块", "边界内未标为住宅",
    "面积（平方米）", "估算户数（约）",
)  # fmt: skip
_SHARES = ("服务覆盖（%）", "服务覆盖上限（%）", "无记录占比（%）")
_NUMBERS = {
    **{name: st.column_config.NumberColumn(format="localized") for name in _AREAS},
    **{name: st.column_config.NumberColumn(format="%.1f") for name in _SHARES},
    "经度": st.column_config.NumberColumn(format="%.6f"),
    "纬度": st.column_config.NumberColumn(format="%.6f"),
}


def land_part(land: LandCoverage) -> None:
    """Figures, the table by street, and the pieces; a click on a row goes there on the map.

    Parameters
    ----------
    land
        Already only the unit that is shown.
    """
    if not land.loaded:
        shell.empty(
            "还没有住宅用地数据，无法看出哪些住宅用地没有台账。请导入含住宅用地或楼房的文件："
            "开放街道地图的 .osm.pbf（landuse、building），或本市的用地图层（用地性质、地类）、楼栋图层（层数、户数）：",
            "wuyetu load 用地.gpkg 楼栋.gpkg",
        )
        return
    if land.rates:
        _figures(land.rates[0])
    words, info = st.columns([8, 1], vertical_alignment="center")
    words.markdown("**居住用地**　按街道，无记录最多的在前")
    with info:
        shell.basis(DEFINITION, BASIS)
    rates = land_rates_table(land, per_cent=True)
    picked = _table(rates, "land-rates")
    if picked:
        state.select(unit_id=picked)
        st.rerun()
    pieces = land_pieces_table(land)
    if pieces.empty:
        st.markdown("**无记录用地**　没有发现")
    else:
        more = f"，此处显示最大的 {number(_MOST_ROWS)} 块" if len(pieces) > _MOST_ROWS else ""
        st.markdown(f"**无记录用地**　{number(len(pieces))} 块{more}；点一行在地图上看")
        picked = _table(pieces.head(_MOST_ROWS), "land-pieces")
        if picked:
            state.select(piece_id=picked)
            st.rerun()
    for line in land.assumptions:
        st.caption(line)


def _figures(rate: LandRate) -> None:
    boxes = st.columns(4)
    most = rate.share_served_most
    with boxes[0]:
        shell.figure("住宅用地", area(rate.residential_m2), f"小区边界内 {area(rate.in_boundary_m2)}")
    with boxes[1]:
        shell.figure("纳入服务的住宅用地", percent(rate.share_served), f"连同无边界小区最多 {percent(most)}")
    with boxes[2]:
        shell.figure("有记录无边界", area(rate.no_boundary_m2), "补边界后才能算清")
    with boxes[3]:
        lived = "户数无法估算" if rate.households is None else f"约 {number(rounded(rate.households))} 户（估算）"
        note = f"{rate.n_pieces} 块，{lived}" if rate.n_pieces else "没有发现"
        shell.figure("无记录用地", area(rate.without_record_m2), note, alarm=bool(rate.n_pieces))


def _table(table: pd.DataFrame, key: str) -> str:
    return shell.picked_row(table, key=key, height=min(_MOST_HEIGHT, 38 + 35 * len(table)), columns=_NUMBERS)
