"""Residential land in papers and files: two sheets of the coverage workbook, one layer for GIS users."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

from dashboard.exports.workbook import SHARE, WHOLE, Sheet
from dashboard.land_tables import land_pieces_table, land_rates_table
from geo.crs import STORAGE_CRS
from planning.ground_types import BASIS, DEFINITION, LandCoverage

LAYER: Final = "land_without_record"
"""Layer of the GeoPackage."""
_SHARES: Final = ("服务覆盖", "服务覆盖上限", "无记录占比")
_AREAS: Final = (
    "住宅用地（平方米）", "小区边界内", "其中纳入服务", "有记录无边界", "无记录用地", "零碎地块", "边界内未标为住宅",
    "估算户数（约）",
)  # fmt: skip


def land_sheets(land: LandCoverage, note: str) -> list[Sheet]:
    """居住用地 by unit with definition and basis, and every piece of 无记录用地."""
    basis = f"依据：{BASIS.rule}「{BASIS.quote}」{BASIS.document}。{BASIS.note}"
    rates = land_rates_table(land, per_cent=False)
    formats = dict.fromkeys(_AREAS, WHOLE) | dict.fromkeys(_SHARES, SHARE)
    upper = "服务覆盖上限：把只有服务小区坐落、还没有边界的用地也算作纳入服务。"
    where = "在总览页的网址后加 ?land=编号，地图就定位到该地块。"
    return [
        Sheet("居住用地", "各街道居住用地覆盖", rates, (note, DEFINITION, upper, basis), formats),
        Sheet(
            "无记录用地",
            "没有台账记录的住宅用地",
            land_pieces_table(land),
            (note, *land.assumptions, where),
            {"面积（平方米）": WHOLE, "估算户数（约）": WHOLE, "经度": "0.000000", "纬度": "0.000000"},
            numbered=True,
            empty="（没有发现无记录的住宅用地）",
        ),
    ]


def land_layer(land: LandCoverage) -> gpd.GeoDataFrame:
    """Land without a record, EPSG:4490, Chinese columns; without rows where there is none."""
    table = land_pieces_table(land).astype({"估算户数（约）": "float64"}).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=land.pieces.geometry.to_numpy(), crs=STORAGE_CRS)
