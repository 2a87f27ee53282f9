"""Administrative units (行政单元): county, street, community, grid, in one tree."""

from data.codes import UnitKind
from data.schemas.table import Column, Table

UNITS = Table(
    "units",
    "unit_id",
    "行政单元",
    (
        Column("name", "text", "名称", required=True),
        Column("kind", "text", "级别", required=True, choices=tuple(UnitKind)),
        Column("parent_id", "text", "上级"),
        Column("code", "text", "区划代码"),
        Column("aliases", "list", "别名"),
        Column("source_file", "text", "来源文件"),
        Column("geometry", "geometry", "范围"),
    ),
)
