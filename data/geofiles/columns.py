"""Names under which vector files carry the few columns that are read, and cells as clean values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from data.registers.text import folded, is_null

NAME: Final = ("名称", "name", "mc", "名字", "标准名称", "xzqmc", "label")
ESTATE: Final = ("小区名称", "小区", "小区名", "xqmc", "estate", "项目名称", "楼盘名称", "plot_name")
STREET: Final = ("所属街道", "街道", "所在街道", "街道名称", "街镇", "乡镇街道", "ssjd", "street")
CODE: Final = ("code", "adcode", "区划代码", "行政区划代码", "统计用区划代码", "代码", "编码", "xzqdm", "dm", "pac")
PARENT_CODE: Final = ("parentcode", "parent_code", "上级代码", "padcode", "fdm")
PARENT: Final = (
    "parent",
    "上级",
    "上级名称",
    "所属",
    "所属区县",
    "所属县区",
    "所属街道",
    "所属社区",
    "district",
    "city",
)
LEVEL: Final = ("kind", "level", "级别", "层级", "类别", "类型")
ALIASES: Final = ("aliases", "alias", "别名", "简称")
TYPECODE: Final = ("typecode", "poi_type", "类型代码")
MAIN: Final = ("主要出入口", "主要人行出入口", "主出入口", "main", "是否主要")
HIGHWAY: Final = ("highway", "fclass", "road_class", "道路等级", "等级", "技术等级", "道路类型")
WATERWAY: Final = ("waterway",)
RAILWAY: Final = ("railway",)
NATURAL: Final = ("natural",)
OSM_ID: Final = ("osm_id", "osmid", "way_id")
ONEWAY: Final = ("oneway", "单行", "单行线")
BRIDGE: Final = ("bridge", "桥梁")
TUNNEL: Final = ("tunnel", "隧道")
MAXSPEED: Final = ("maxspeed", "限速")

_EMPTY_LISTS: Final = frozenset({"[]", "<na>"})
_YES: Final = frozenset({"1", "是", "true", "t", "yes", "y", "√", "有", "主", "主要"})


def find(columns: Iterable[object], names: tuple[str, ...]) -> str | None:
    """The first column that is called one of ``names``; case and spaces do not count."""
    known = {re.sub(r"\s", "", str(column)).lower(): str(column) for column in columns}
    return next((known[name] for name in names if name in known), None)


def text(value: object) -> str | None:
    """A cell as text: full-width signs folded, whitespace joined, placeholders (无, —, 暂无) as ``None``.

    Whole numbers that came as floats lose their ``.0``, so that codes stay codes.
    """
    if value is None or isinstance(value, list | dict) or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _clean(str(value))


@lru_cache(maxsize=65_536)
def _clean(value: str) -> str | None:
    plain = re.sub(r"\s+", " ", folded(value)).strip()
    return None if is_null(plain) or plain.lower() in _EMPTY_LISTS else plain


def yes(value: object) -> bool:
    """Whether a cell says yes (是, 1, T, yes …)."""
    if isinstance(value, bool):
        return value
    plain = text(value)
    return plain is not None and plain.lower() in _YES
