"""Residential land and buildings (住宅用地、楼房), as OpenStreetMap or a city's own file has them."""

from data.schemas.table import Column, Table

LAND = Table(
    "land",
    "land_id",
    "住宅用地与楼房",
    (
        Column("kind", "text", "类别", required=True, choices=("residential", "building")),
        Column("name", "text", "名称"),
        Column("use", "text", "用途（原文）"),
        Column("levels", "float", "层数", low=0, high=200),
        Column("households", "int", "户数", low=0),
        Column("source_file", "text", "来源文件"),
        Column("geometry", "geometry", "范围"),
    ),
    index_kind="int",
)
"""``residential`` rows are areas of land use, ``building`` rows footprints that people live in (or may: see ``use``)."""
