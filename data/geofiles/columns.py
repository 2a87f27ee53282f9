"""Names under which vector files carry the few columns that are read, and cells as clean values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from data.registers.mapping import builtin_mappings
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

_FIELD_BYTES: Final = 10
_LONGEST_CHARACTER: Final = 2
"""A name of 10 bytes that was cut in a character of three has lost up to two of them."""
_EMPTY_LISTS: Final = frozenset({"[]", "<na>"})
_YES: Final = frozenset({"1", "是", "true", "t", "yes", "y", "√", "有", "主", "主要"})


def find(columns: Iterable[object], names: tuple[str, ...]) -> str | None:
    """The first column that is called one of ``names``; case and spaces do not count."""
    known = {re.sub(r"\s", "", str(column)).lower(): str(column) for column in columns}
    return next((known[name] for name in names if name in known), None)


def restored(titles: Sequence[str], encoding: str) -> tuple[list[str], list[str]]:
    """Titles of a shapefile with names that its 10 bytes cut off made whole again, and notes on those.

    A title that fills its field and is the beginning of known names of one meaning becomes the shortest of them; where
    several meanings begin so, it stays as it is and that is said.
    """
    whole: list[str] = []
    notes: list[str] = []
    known = _meanings()
    for title in titles:
        plain = title.strip()
        full = len(plain.encode(encoding, errors="ignore")) >= _FIELD_BYTES - _LONGEST_CHARACTER
        if plain.isascii() or not full or plain in known:
            whole.append(title)
            continue
        longer = [name for name in known if name.startswith(plain) and len(name) > len(plain)]
        meanings = {known[name] for name in longer}
        if len(meanings) == 1:
            name = min(longer, key=len)
            whole.append(name)
            notes.append(f"列名“{plain}”被截到 10 个字节，按“{name}”读取")
            continue
        whole.append(title)
        if meanings:
            listed = "、".join(sorted(longer)[:4])
            notes.append(f"列名“{plain}”被截到 10 个字节，可能是 {listed}，没有还原")
    return whole, notes


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    """Known Chinese column names, of vector files and of registers, with what each means (first of its list)."""
    groups = (ESTATE, STREET, NAME, CODE, PARENT_CODE, PARENT, LEVEL, ALIASES, TYPECODE, MAIN, HIGHWAY, ONEWAY, BRIDGE,
              TUNNEL, MAXSPEED)  # fmt: skip
    names: dict[str, str] = {}
    for group in groups:
        for name in group:
            names.setdefault(name, group[0])
    for mapping in builtin_mappings():
        for spec in mapping.columns:
            meaning = next((names[header] for header in spec.headers if header in names), spec.field)
            for header in spec.headers:
                names.setdefault(header, meaning)
    return {name: meaning for name, meaning in names.items() if not name.isascii()}


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
