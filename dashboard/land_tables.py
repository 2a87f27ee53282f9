"""Residential land as tables for the screen and for export: by unit, and piece by piece."""

from __future__ import annotations

import pandas as pd

from planning.ground_estimate import rounded
from planning.ground_types import LandCoverage, Method

_LEVELS = {"city": "全市", "county": "县区", "street": "街道"}
_SOURCES = {"landuse": "用地数据", "buildings": "住宅楼连片"}


def land_rates_table(land: LandCoverage, *, per_cent: bool) -> pd.DataFrame:
    """One row for each unit, the most land without a record first within a level; index unit id.

    Parameters
    ----------
    per_cent
        Shares as 0–100 for the screen, otherwise 0–1 for a workbook.
    """
    order = list(_LEVELS)
    rates = sorted(land.rates, key=lambda rate: (order.index(rate.level), -rate.without_record_m2, rate.name))
    factor = 100.0 if per_cent else 1.0

    def share(value: float | None) -> float | None:
        return None if value is None else round(value * factor, 1 if per_cent else 4)

    rows = [
        {
            "级别": _LEVELS[rate.level],
            "名称": rate.name,
            "住宅用地（平方米）": round(rate.residential_m2),
            "小区边界内": round(rate.in_boundary_m2),
            "其中纳入服务": round(rate.served_m2),
            "有记录无边界": round(rate.no_boundary_m2),
            "无记录用地": round(rate.without_record_m2),
            "块数": rate.n_pieces,
            "估算户数（约）": rounded(rate.households) if rate.households else rate.households,
            "零碎地块": round(rate.sliver_m2),
            "服务覆盖（%）": share(rate.share_served),
            "服务覆盖上限（%）": share(rate.share_served_most),
            "无记录占比（%）": share(rate.share_without_record),
            "边界内未标为住宅": round(rate.outside_m2),
            "无位置小区": rate.n_unplaced,
        }
        for rate in rates
    ]
    table = pd.DataFrame(rows, index=[rate.unit_id or "" for rate in rates]).astype({"估算户数（约）": "Int64"})
    return table if per_cent else table.rename(columns=lambda name: name.replace("（%）", ""))


def land_pieces_table(land: LandCoverage) -> pd.DataFrame:
    """One row for each piece of land without a record, the largest first; index piece id."""
    pieces = land.pieces
    return pd.DataFrame(
        {
            "县区": pieces["county"],
            "街道": pieces["street"],
            "社区": pieces["community"],
            "面积（平方米）": pieces["area_m2"].round().astype("int64"),
            "估算户数（约）": pieces["households"],
            "估算方法": [Method(value).label for value in pieces["method"]],
            "附近道路": pieces["roads"],
            "地图名称": pieces["name"],
            "来自": pieces["source"].map(_SOURCES),
            "经度": pieces["lon"].round(6),
            "纬度": pieces["lat"].round(6),
            "编号": pieces.index,
        },
        index=pieces.index,
    )
