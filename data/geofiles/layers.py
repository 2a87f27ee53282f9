"""What a layer of a vector file holds, told by its columns, codes and names, never by its place in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from data.codes import UnitKind
from data.geofiles import columns as c
from data.geofiles.land import land_kind
from data.geofiles.vector import Layer

LayerKind = Literal["units", "boundaries", "gates", "ways", "land", "unknown"]

RESIDENTIAL_TYPECODE: Final = "1203"
"""AMap's class of housing estates (住宅区, 住宅小区, 别墅 …); 1201 and 1202 are offices and parks."""
_ROAD_NAME_TYPECODE: Final = "1903"

_LAYER_WORDS: Final[tuple[tuple[UnitKind, tuple[str, ...]], ...]] = (
    (UnitKind.STREET, ("subdistrict", "street", "town", "街道", "乡镇", "街镇", "镇街")),
    (UnitKind.COMMUNITY, ("community", "communities", "village", "社区", "村居")),
    (UnitKind.GRID, ("grid", "网格")),
    (UnitKind.COUNTY, ("county", "counties", "district", "县区", "区县", "县界", "区界")),
)
_LEVEL_WORDS: Final = {
    "county": UnitKind.COUNTY, "district": UnitKind.COUNTY, "县区": UnitKind.COUNTY, "区县": UnitKind.COUNTY,
    "县": UnitKind.COUNTY, "区": UnitKind.COUNTY, "县级": UnitKind.COUNTY,
    "street": UnitKind.STREET, "town": UnitKind.STREET, "街道": UnitKind.STREET, "镇": UnitKind.STREET,
    "乡": UnitKind.STREET, "乡镇": UnitKind.STREET, "乡级": UnitKind.STREET,
    "community": UnitKind.COMMUNITY, "社区": UnitKind.COMMUNITY, "村": UnitKind.COMMUNITY, "村级": UnitKind.COMMUNITY,
    "grid": UnitKind.GRID, "网格": UnitKind.GRID,
}  # fmt: skip
_NAME_ENDS: Final[tuple[tuple[UnitKind, re.Pattern[str]], ...]] = (
    (UnitKind.STREET, re.compile(r"(街道|街道办|街道办事处|镇|乡|管委会)$")),
    (UnitKind.COMMUNITY, re.compile(r"(社区|居委会|村委会|居民委员会|村民委员会)$")),
    (UnitKind.GRID, re.compile(r"网格$")),
    (UnitKind.COUNTY, re.compile(r"(?<!小|社|园|片)(区|县|旗)$")),
)
_SHARE_OF_NAMES: Final = 0.8
_BOUNDARY_WORDS: Final = ("boundar", "aoi", "estate", "边界", "小区", "xiaoqu", "楼盘")
_GATE_WORDS: Final = ("gate", "entrance", "出入口", "大门")
_WAY_WORDS: Final = ("road", "highway", "道路", "路网", "river", "水系", "河流", "railway", "铁路", "water")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a layer is, and why it is not used when it is ``unknown``."""

    kind: LayerKind
    reason: str = ""


def recognise(layer: Layer, hint: UnitKind | None = None) -> Recognised:
    """What a layer holds.

    Parameters
    ----------
    layer
        A layer of `read_layers`.
    hint
        Level of the units, where the user says so.
    """
    rules: dict[str, Callable[[Layer, UnitKind | None], Recognised]] = {
        "polygon": _polygons, "line": _lines, "point": _points,
    }  # fmt: skip
    rule = rules.get(layer.shapes)
    if rule is None:
        empty = layer.shapes == "none"
        return Recognised("unknown", "图层没有可用的图形" if empty else "点、线、面混在一个图层里，请分开存放")
    return rule(layer, hint)


def unit_kinds(layer: Layer, hint: UnitKind | None = None) -> pd.Series | None:
    """Level of each unit of a layer, ``None`` if nothing says that it holds units.

    In this order: the user, a level column, the layer's name, area codes (6, 9 or 12 digits), the file's name, and the
    ends of the names where four fifths of them agree.
    """
    frame = layer.frame
    if hint is not None:
        return pd.Series(hint, index=frame.index, dtype=object)
    level = c.find(frame.columns, c.LEVEL)
    if level is not None:
        kinds = frame[level].map(lambda v: _LEVEL_WORDS.get((c.text(v) or "").lower()))
        if len(kinds) and kinds.notna().all():
            return kinds
    if layer.name.lower() in {kind.value for kind in UnitKind}:
        return pd.Series(UnitKind(layer.name.lower()), index=frame.index, dtype=object)
    by_code = _kinds_by_code(frame)
    if by_code is not None:
        return by_code
    for name in (layer.name, layer.file.rpartition(".")[0]):
        word = _kind_by_word(name)
        if word is not None:
            return pd.Series(word, index=frame.index, dtype=object)
    return _kinds_by_name(frame)


def residential(value: object) -> bool:
    """Whether an AMap type code (several joined by ``|``) names housing."""
    return any(code.startswith(RESIDENTIAL_TYPECODE) for code in (c.text(value) or "").split("|"))


def _polygons(layer: Layer, hint: UnitKind | None) -> Recognised:
    columns = layer.frame.columns
    named = c.find(columns, c.NAME) is not None
    if hint is None and land_kind(layer) is not None and not _has_class(layer, (c.NATURAL, c.WATERWAY)):
        return Recognised("land")
    if hint is None and (c.find(columns, c.ESTATE) is not None or (named and c.find(columns, c.TYPECODE) is not None)):
        return Recognised("boundaries")
    if hint is None and _has_class(layer, (c.NATURAL, c.WATERWAY)):
        return Recognised("ways")
    if not named:
        return Recognised("unknown", "面图层没有名称列（名称、name 或 小区名称）")
    coded = layer.name.lower() in set(UnitKind) or _kinds_by_code(layer.frame) is not None
    if hint is None and not coded and _mentions(layer, _BOUNDARY_WORDS):
        return Recognised("boundaries")
    if unit_kinds(layer, hint) is not None:
        return Recognised("units")
    return Recognised("boundaries")


def _lines(layer: Layer, hint: UnitKind | None) -> Recognised:
    typecode = c.find(layer.frame.columns, c.TYPECODE)
    if typecode is not None and _share(layer.frame[typecode], _ROAD_NAME_TYPECODE) > 0.5:
        return Recognised("unknown", "是按道路名称描出的示意线（typecode 1903），线段互不连通，不能当作路网")
    if _has_class(layer, (c.HIGHWAY, c.WATERWAY, c.RAILWAY)) or _mentions(layer, _WAY_WORDS):
        return Recognised("ways")
    return Recognised("unknown", "线图层没有道路等级列（highway、fclass 或 道路等级），也不叫道路、水系或铁路")


def _points(layer: Layer, hint: UnitKind | None) -> Recognised:
    columns = layer.frame.columns
    if c.find(columns, c.ESTATE) is not None and (_mentions(layer, _GATE_WORDS) or c.find(columns, c.MAIN)):
        return Recognised("gates")
    if _mentions(layer, _GATE_WORDS):
        return Recognised("unknown", "出入口图层没有“小区名称”列，不知道属于哪个小区")
    typecode = c.find(columns, c.TYPECODE)
    if typecode is not None:
        return Recognised("unknown", "是地图网站的兴趣点，不是边界或出入口")
    return Recognised("unknown", "点图层不是出入口（需要“小区名称”列和“主要出入口”列）")


def _kinds_by_code(frame: pd.DataFrame) -> pd.Series | None:
    code = c.find(frame.columns, c.CODE)
    if code is None:
        return None
    kinds = frame[code].map(lambda value: kind_of_code(c.text(value)))
    return kinds if len(kinds) and kinds.notna().all() else None


def kind_of_code(code: str | None) -> UnitKind | None:
    """Level that an area code of 6, 9 or 12 digits states (trailing zeros count); ``None`` if it is no such code."""
    if code is None or not code.isascii() or not code.isdigit() or len(code) not in (6, 9, 12):
        return None
    full = code.ljust(12, "0")
    if full[6:] == "000000":
        return UnitKind.COUNTY
    return UnitKind.STREET if full[9:] == "000" else UnitKind.COMMUNITY


def _kind_by_word(name: str) -> UnitKind | None:
    plain = name.lower()
    return next((kind for kind, words in _LAYER_WORDS if any(word in plain for word in words)), None)


def _kinds_by_name(frame: pd.DataFrame) -> pd.Series | None:
    column = c.find(frame.columns, c.NAME)
    if column is None or frame.empty:
        return None
    names = frame[column].map(c.text)
    for kind, pattern in _NAME_ENDS:
        if names.map(lambda n, p=pattern: n is not None and p.search(n) is not None).mean() >= _SHARE_OF_NAMES:
            return pd.Series(kind, index=frame.index, dtype=object)
    return None


def _has_class(layer: Layer, groups: tuple[tuple[str, ...], ...]) -> bool:
    return any(c.find(layer.frame.columns, group) is not None for group in groups)


def _mentions(layer: Layer, words: tuple[str, ...]) -> bool:
    plain = f"{layer.file} {layer.name}".lower()
    return any(word in plain for word in words)


def _share(values: pd.Series, prefix: str) -> float:
    return float(values.map(lambda v: (c.text(v) or "").startswith(prefix)).mean()) if len(values) else 0.0
