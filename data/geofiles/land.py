"""Residential land and buildings of OSM extracts and vector files, as rows of the table of land.

What counts as residential, by the words and codes that files use:

- Land use: OSM's ``landuse=residential``; 居住、住宅 and 商住 in words; codes R, R1–R3 and R11, R21, R31 of GB 50137 (R12, R22,
  R32 are its service facilities), 07 and 0701 with what is below them of the newer classifications. Homesteads of farmers
  (农村宅基地, 0702 of GB/T 21010, 0703) are left out and counted: property management is for towns.
- Buildings: those that say that people live in them (``apartments``, ``residential``, ``dormitory`` …, 住宅, 公寓, 宿舍) or
  that have flats. Buildings that do not say their use (``building=yes``) are read as ``use="yes"``; `data.load_land` keeps
  those that stand on residential land. Others (shops, schools, works) are not read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import osmium.geom
import shapely

from data.geofiles import columns as c
from data.geofiles.vector import Layer
from geo.errors import Fault, InputError
from geo.shapes import repair

LandKind = Literal["landuse", "buildings"]

UNKNOWN_USE: Final = "yes"
"""``use`` of a building that does not say what it is for."""

LANDUSE: Final = (
    "landuse", "用地性质", "用地类型", "用地代码", "用地分类", "用地类别", "用地名称", "规划用地性质", "现状用地性质", "土地用途",
    "土地利用类型", "地类", "地类名称", "地类编码", "地类代码", "dlmc", "dlbm", "ydxz", "yddm", "ydlx", "ydfl",
)  # fmt: skip
USE: Final = (
    "building", "建筑用途", "房屋用途", "用途", "使用性质", "建筑性质", "建筑类型", "房屋类型", "规划用途", "fwyt", "jzyt",
)  # fmt: skip
LEVELS: Final = (
    "building:levels", "building_levels", "levels", "层数", "地上层数", "楼层", "楼层数", "总层数", "建筑层数", "floors", "cs",
    "zcs", "dscs",
)  # fmt: skip
FLATS: Final = ("building:flats", "flats", "户数", "总户数", "套数", "住宅套数", "住户数", "hs", "zhs")
BUILDING_NAME: Final = (
    "楼栋", "楼号", "楼栋号", "楼栋名称", "幢号", "栋号", "楼幢", "楼名", "建筑名称", "建筑物名称", "房屋名称",
)  # fmt: skip

_OSM_HOMES: Final = frozenset(
    {
        "apartments", "residential", "house", "detached", "semidetached_house", "semi", "terrace", "dormitory", "bungalow",
    }
)  # fmt: skip
_BUILDING_WORDS: Final = ("楼栋", "楼幢", "建筑", "房屋", "building")
_LAND_WORDS: Final = ("居住用地", "住宅用地", "landuse", "用地")
_ALL_RESIDENTIAL_WORDS: Final = ("居住用地", "住宅用地")
_NOT_BUILDING_WORDS: Final = ("边界", "boundar", "小区")
_HOMESTEAD: Final = re.compile(r"宅基地|农村(住宅|居民点)|^070[23]\d*$")
_RESIDENTIAL: Final = re.compile(
    r"居住|住宅|商住|^residential$|^R([123]?1?)?$|^R[123]?B|^RB|^07(01\d*)?$", re.IGNORECASE
)
_SERVICES: Final = re.compile(r"服务设施|幼儿园|学校|小学|中学|公园|绿地|绿化|停车|非住宅|非居住")
_HOME_WORDS: Final = re.compile(r"住宅|居住|公寓|宿舍|商住|民房|自建房|别墅")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_ID_SPACE: Final = 1 << 51
_MOST_LISTED: Final = 20


@dataclass(slots=True)
class LandRows:
    """Rows for ``LAND``, column by column: cities have hundreds of thousands of buildings."""

    ids: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    uses: list[str | None] = field(default_factory=list)
    levels: list[float | None] = field(default_factory=list)
    households: list[int | None] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    """Shapes, or the hex text of their WKB (a tenth of the memory) until `unpack`."""
    repairs: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def add(
        self,
        land_id: int,
        kind: str,
        name: str | None,
        use: str | None,
        tags: Mapping[str, str | None],
        file: str,
        shape: Any,
    ) -> None:
        """One row; ``tags`` holds ``levels`` and ``flats`` as the file writes them."""
        self.ids.append(land_id)
        self.kinds.append(kind)
        self.names.append(name)
        self.uses.append(use)
        self.levels.append(parse_levels(tags.get("levels")))
        self.households.append(parse_flats(tags.get("flats")))
        self.files.append(file)
        self.shapes.append(shape)


class OsmLand:
    """Gathers land from the areas of an OSM extract, one by one."""

    def __init__(self, file: str) -> None:
        self.rows = LandRows()
        self._file = file
        self._wkb = osmium.geom.WKBFactory()
        self._broken = 0

    def take(self, area: Any, tags: Mapping[str, str], name: str | None) -> bool:
        """Take an area if it is residential land or a building that is a home, or may be one."""
        kind, use = osm_use(tags)
        if kind is None:
            return False
        try:
            shape = self._wkb.create_multipolygon(area)
        except RuntimeError:
            self._broken += 1
            return False
        land_id = int(area.orig_id()) if area.from_way() else -int(area.orig_id())
        sizes = {"levels": tags.get("building:levels"), "flats": tags.get("building:flats")}
        self.rows.add(land_id, kind, name, use, sizes, self._file, shape)
        return True

    def finish(self) -> LandRows:
        """All rows with valid shapes; what was mended is listed."""
        rows = self.rows
        if self._broken:
            rows.notes.append(f"{self._file}：{self._broken} 处住宅用地或楼房的图形不完整，未读入")
        shapes = shapely.from_wkb(np.array(rows.shapes, dtype=object)) if rows.shapes else np.empty(0, dtype=object)
        refused = set()
        for at in np.flatnonzero(~shapely.is_valid(shapes)):
            number = rows.ids[at]
            place = f"{'关系' if number < 0 else '线'} {abs(number)}"
            try:
                shapes[at], note = repair(shapes[at])
            except InputError as error:
                refused.add(int(at))
                note = f"{error.faults[0].problem}，未读入"
            rows.repairs.append(
                Fault(note or "", "请在地图上核对该图形", file=self._file, column="OSM 编号", value=place)
            )
        rows.shapes = list(shapes)
        if refused:
            rows = _only(rows, [at for at in range(len(rows)) if at not in refused])
        if len(rows.repairs) > _MOST_LISTED:
            more = len(rows.repairs) - _MOST_LISTED
            rows.notes.append(f"{self._file}：另有 {more} 处住宅用地或楼房的图形无效，已同样处理")
            del rows.repairs[_MOST_LISTED:]
        return rows


def osm_use(tags: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Kind and use of an OSM area: ``residential`` land, a ``building``, or neither."""
    if tags.get("landuse") == "residential":
        return "residential", "residential"
    building = tags.get("building")
    if building in (None, "", "no"):
        return None, None
    home = next((value for value in (building or "").split(";") if value.strip() in _OSM_HOMES), None)
    if home is not None:
        return "building", home.strip()
    if building == UNKNOWN_USE:
        stated = tags.get("building:use") == "residential" or parse_flats(tags.get("building:flats"))
        return "building", "residential" if stated else UNKNOWN_USE
    return None, None


def land_kind(layer: Layer) -> LandKind | None:
    """Whether a layer of polygons holds land use or buildings; ``None`` if nothing says so."""
    if layer.shapes != "polygon":
        return None
    columns = layer.frame.columns
    estate = c.find(columns, c.ESTATE) is not None
    plain = f"{layer.file} {layer.name}".lower()
    levels, named = c.find(columns, LEVELS), c.find(columns, BUILDING_NAME)
    said = any(word in plain for word in _BUILDING_WORDS) and not any(word in plain for word in _NOT_BUILDING_WORDS)
    if said or c.find(columns, ("building",)) or (levels and (named or not estate)):
        return "buildings"
    if estate:
        return None
    column = _landuse_column(layer)
    if column is not None and layer.frame[column].map(lambda v: residential_use(c.text(v)) is not None).any():
        return "landuse"
    return "landuse" if column is None and any(word in plain for word in _ALL_RESIDENTIAL_WORDS) else None


def residential_use(text: str | None) -> bool | None:
    """Whether a land-use word or code is residential: ``None`` if not, ``False`` if it is farmers' homesteads."""
    plain = re.sub(r"\s", "", text or "")
    if not plain or _SERVICES.search(plain):
        return None
    code = re.match(r"^[A-Za-z]?\d+", plain)
    if _HOMESTEAD.search(plain):
        return False
    if _RESIDENTIAL.search(plain) or (code is not None and _RESIDENTIAL.search(code.group(0))):
        return True
    return None


def vector_land(layer: Layer) -> LandRows:
    """Rows of a layer that `land_kind` knows, with ids made from content so that the same file gives the same ids."""
    frame = layer.frame
    found = {
        "landuse": _landuse_column(layer), "use": _use_column(layer), "levels": c.find(frame.columns, LEVELS),
        "flats": c.find(frame.columns, FLATS), "name": c.find(frame.columns, (*BUILDING_NAME, *c.NAME)),
    }  # fmt: skip
    buildings = land_kind(layer) == "buildings"
    rows = LandRows()
    homesteads = others = 0
    cells = frame.drop(columns="geometry").to_dict("records")
    for cell, shape in zip(cells, frame.geometry, strict=True):
        tags = {key: c.text(cell[column]) if column is not None else None for key, column in found.items()}
        kind, use = _vector_use(tags, buildings, stated=found["landuse"] is not None)
        homesteads += use == "homestead"
        others += kind is None and use != "homestead"
        if kind is not None:
            rows.add(_content_id(kind, tags["name"], shape), kind, tags["name"], use, tags, layer.file, shape)
    if homesteads:
        rows.notes.append(f"{layer.place}：{homesteads} 块农村宅基地不属于物业管理对象，未计入住宅用地")
    if others:
        rows.notes.append(f"{layer.place}：{others} 个面不是住宅用地或住宅楼，未读入")
    return rows


def parse_levels(text: str | None) -> float | None:
    """Storeys above ground of ``6``, ``6层``, ``11+1`` or ``6-11`` (the larger number); ``None`` outside 1–200."""
    numbers = [float(found) for found in _NUMBER.findall(text or "")]
    return next((number for number in sorted(numbers, reverse=True) if 1 <= number <= 200), None)


def parse_flats(text: str | None) -> int | None:
    """Households of ``48`` or ``48户``; ``None`` if there is no number of 1–20,000."""
    found = _NUMBER.search(text or "")
    number = float(found.group(0)) if found else 0.0
    return int(number) if number.is_integer() and 1 <= number <= 20_000 else None


def _vector_use(tags: Mapping[str, str | None], buildings: bool, *, stated: bool) -> tuple[str | None, str | None]:
    """Kind and use of a feature; ``stated``: the layer has a column of land uses."""
    use = tags["use"]
    if buildings:
        land = residential_use(tags["landuse"])
        if use is None and stated:
            return ("residential", tags["landuse"]) if land else (None, None)
        if use is None:
            return "building", "residential" if parse_flats(tags["flats"]) else UNKNOWN_USE
        if use.lower() in _OSM_HOMES or _HOME_WORDS.search(use):
            return "building", use
        unsaid = use.lower() in (UNKNOWN_USE, "building") or c.yes(use)
        return ("building", UNKNOWN_USE) if unsaid else (None, None)
    if not stated:
        return "residential", None
    land = residential_use(tags["landuse"])
    return (None, "homestead" if land is False else None) if not land else ("residential", tags["landuse"])


def _landuse_column(layer: Layer) -> str | None:
    found = c.find(layer.frame.columns, LANDUSE)
    if found is None and any(word in f"{layer.file} {layer.name}".lower() for word in _LAND_WORDS):
        found = c.find(layer.frame.columns, ("fclass", "类别", "类型", "性质"))
    return found


def _use_column(layer: Layer) -> str | None:
    found = c.find(layer.frame.columns, USE)
    if found is None and "building" in f"{layer.file} {layer.name}".lower():
        found = c.find(layer.frame.columns, ("type", "fclass"))
    return found


def _content_id(kind: str, name: str | None, shape: Any) -> int:
    digest = hashlib.sha256(f"{kind}|{name or ''}|".encode() + shapely.to_wkb(shape)).digest()
    return _ID_SPACE + int.from_bytes(digest[:6], "big")


def _only(rows: LandRows, kept: list[int]) -> LandRows:
    columns = ("ids", "kinds", "names", "uses", "levels", "households", "files", "shapes")
    picked = {name: [getattr(rows, name)[at] for at in kept] for name in columns}
    return LandRows(**picked, repairs=rows.repairs, notes=rows.notes)
