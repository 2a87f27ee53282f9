"""Former and other names of roads, rivers and places (地名对照): what a text may call a thing that the map calls otherwise."""

from data.schemas.table import Column, Table

PLACE_NAMES = Table(
    "place_names",
    "alias_id",
    "地名对照",
    (
        Column("alias", "text", "旧名或别名", required=True),
        Column("name", "text", "现名", required=True),
        Column("kind", "text", "类别", required=True, choices=("former", "alternative")),
        Column("source_file", "text", "来源文件"),
    ),
)
