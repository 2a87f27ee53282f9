"""Ways (路、河、铁路、水面) as lines and areas, as OpenStreetMap cuts them: shared end points mean a connection."""

from data.schemas.table import Column, Table

WAYS = Table(
    "ways",
    "way_id",
    "道路水系",
    (
        Column("kind", "text", "类别", required=True, choices=("road", "river", "railway", "water")),
        Column("name", "text", "名称"),
        Column("road_class", "text", "道路等级"),
        Column("oneway", "int", "单行", required=True, choices=(-1, 0, 1)),
        Column("bridge", "bool", "桥梁", required=True),
        Column("tunnel", "bool", "隧道", required=True),
        Column("maxspeed_kmh", "float", "限速（公里/小时）", low=1, high=200),
        Column("source_file", "text", "来源文件"),
        Column("geometry", "geometry", "线形"),
    ),
    index_kind="int",
)
"""``road_class`` holds OpenStreetMap's highway value; ``oneway`` 1 along the line, -1 against it, 0 both ways.

``water`` rows are polygons; the others are lines. Where two roads meet, both lines hold the very same point.
"""
