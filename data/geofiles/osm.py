"""OpenStreetMap files (.osm, .osm.pbf): roads, rivers, railways and water as ways, residential land, other names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import osmium
import osmium.filter
import osmium.geom
import osmium.osm
import shapely
from shapely.geometry.base import BaseGeometry

from data.geofiles.land import LandRows, OsmLand
from data.registers.place_pairs import PlaceKind, PlacePair
from geo.errors import InputError
from geo.progress import SILENT, Progress, Stopped
from geo.shapes import repair

SUFFIXES: Final = (".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2")

ROAD_CLASSES: Final = frozenset(
    {
        *(
            f"{name}{link}"
            for name in ("motorway", "trunk", "primary", "secondary", "tertiary")
            for link in ("", "_link")
        ),
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
    }
)
"""Values of ``highway`` that a car may drive on; paths and works in progress are left out."""

RIVER_CLASSES: Final = frozenset({"river", "canal", "stream"})
RAILWAY_CLASSES: Final = frozenset({"rail", "light_rail", "subway", "narrow_gauge", "monorail"})

_KEYS: Final = ("highway", "waterway", "railway", "natural", "landuse", "building")
_LINE_KEYS: Final = ("highway", "waterway", "railway")
_OTHER_NAMES: Final[tuple[tuple[str, PlaceKind], ...]] = (
    ("old_name", "former"), ("old_name:zh", "former"), ("was:name", "former"), ("alt_name", "alternative"),
    ("alt_name:zh", "alternative"), ("loc_name", "alternative"), ("short_name", "alternative"),
    ("official_name", "alternative"), ("name", "alternative"), ("name:zh", "alternative"), ("name:zh-Hans", "alternative"),
    ("name:zh-Hant", "alternative"), ("name:zh_TW", "alternative"),
)  # fmt: skip
"""Tags that hold what else a thing is called; several names in one tag are parted by semicolons."""
_CLOSED_TO_CARS: Final = frozenset({"no"})
_BATCH: Final = 20_000
_MPH_KMH: Final = 1.609344

Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class OsmResult:
    """Rows for ``WAYS.frame``, residential land, other names, and Chinese notes on what was left out."""

    rows: tuple[Record, ...]
    notes: tuple[str, ...]
    n_read: int
    land: LandRows = field(default_factory=LandRows)
    places: tuple[PlacePair, ...] = ()


def read_osm(path: Path, progress: Progress = SILENT) -> OsmResult:
    """Roads, rivers, railways, water areas, residential land and homes of an OSM extract (WGS-84 by definition).

    The index is OSM's way id; a water area made from a relation has minus the relation's id. A way whose nodes are
    partly outside the extract keeps its longest complete run.

    Raises
    ------
    InputError
        If the file is cut, damaged or no OSM file, or holds nothing that can be used.
    Stopped
        If ``progress`` says stop.
    """
    rows: list[Record] = []
    land = OsmLand(path.name)
    places: dict[PlacePair, None] = {}
    counts = dict.fromkeys(("broken", "shortened", "read", "repaired", "closed"), 0)
    try:
        for item in _elements(path):
            if item.is_way() and not any(key in item.tags for key in _LINE_KEYS):
                continue  # an outline: its area comes too
            counts["read"] += 1
            if counts["read"] % _BATCH == 0:
                if progress.stopped:
                    raise Stopped
                progress.update(0.0, f"读取 {path.name}：{counts['read']} 条")
            tags = {tag.k: tag.v for tag in item.tags}
            if item.is_area() and land.take(item, tags, _name(tags)):
                continue
            row = _area_row(item, tags, counts) if item.is_area() else _way_row(item, tags, counts)
            if row is not None:
                rows.append({**row, "source_file": path.name})
                places.update(dict.fromkeys(_other_names(tags)))
    except (RuntimeError, OSError) as error:
        raise _unreadable(path, error) from error
    homes = land.finish()
    if not rows and not len(homes):
        raise InputError(
            "OSM 文件里没有道路、水系、铁路或住宅用地",
            "请确认下载时包含了道路（highway），并且文件没有被截断",
            file=path.name,
        )
    notes = []
    if counts["shortened"]:
        notes.append(f"{path.name}：{counts['shortened']} 条线有部分节点不在文件内，只保留完整的一段")
    if counts["broken"]:
        notes.append(f"{path.name}：{counts['broken']} 条线的节点或图形不完整，未读入")
    if counts["closed"]:
        notes.append(f"{path.name}：{counts['closed']} 条道路禁止机动车通行，或是广场的边线，未读入")
    if counts["repaired"]:
        notes.append(f"{path.name}：{counts['repaired']} 个水面图形无效，已自动修复")
    return OsmResult(tuple(rows), tuple(notes), counts["read"], homes, tuple(places))


def parse_oneway(tags: dict[str, str]) -> int:
    """1 along the line, -1 against it, 0 both ways; motorways and roundabouts are one-way unless they say otherwise."""
    value = tags.get("oneway", "").strip().lower()
    if value in ("yes", "true", "1"):
        return 1
    if value in ("-1", "reverse"):
        return -1
    if value:
        return 0
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return 1 if implied else 0


def parse_maxspeed(text: str | None) -> float | None:
    """Kilometres an hour of ``maxspeed`` (``60``, ``60 km/h``, ``40 mph``); ``None`` if it is no number of 1–200."""
    if not text:
        return None
    number, _, unit = text.strip().lower().partition(" ")
    factor = 1.0
    if number.endswith("mph") or unit == "mph":
        number, factor = number.removesuffix("mph"), _MPH_KMH
    try:
        speed = float(number.removesuffix("km/h").removesuffix("kmh")) * factor
    except ValueError:
        return None
    return speed if 1 <= speed <= 200 else None


def _elements(path: Path) -> Iterator[Any]:
    return iter(
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_areas(osmium.filter.KeyFilter("natural", "waterway", "landuse", "building"))
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.AREA))
        .with_filter(osmium.filter.KeyFilter(*_KEYS))
    )


def _way_row(way: Any, tags: dict[str, str], counts: dict[str, int]) -> Record | None:
    kind, road_class = _classify(tags)
    if kind is None:
        counts["closed"] += tags.get("highway") in ROAD_CLASSES
        return None
    points: list[tuple[float, float]] = []
    longest: list[tuple[float, float]] = []
    whole = True
    for node in way.nodes:
        if node.location.valid():
            points.append((node.lon, node.lat))
            continue
        whole = False
        longest, points = max(longest, points, key=len), []
    longest = max(longest, points, key=len)
    if len(longest) < 2 or len(set(longest)) < 2:
        counts["broken"] += 1
        return None
    counts["shortened"] += not whole
    return {
        "way_id": int(way.id),
        "kind": kind,
        "name": _name(tags),
        "road_class": road_class,
        "oneway": parse_oneway(tags) if kind == "road" else 0,
        "bridge": _yes(tags.get("bridge")),
        "tunnel": _yes(tags.get("tunnel")),
        "maxspeed_kmh": parse_maxspeed(tags.get("maxspeed")) if kind == "road" else None,
        "geometry": shapely.LineString(longest),
    }


def _classify(tags: dict[str, str]) -> tuple[str | None, str | None]:
    highway = tags.get("highway")
    if highway in ROAD_CLASSES:
        closed = {tags.get("motor_vehicle"), tags.get("motorcar"), tags.get("vehicle")} & _CLOSED_TO_CARS
        return (None, None) if closed or tags.get("area") == "yes" else ("road", highway)
    if tags.get("waterway") in RIVER_CLASSES:
        return "river", None
    railway = tags.get("railway")
    if railway in RAILWAY_CLASSES and not (railway == "subway" and _yes(tags.get("tunnel"))):
        return "railway", None
    return None, None


def _area_row(area: Any, tags: dict[str, str], counts: dict[str, int]) -> Record | None:
    water = tags.get("natural") == "water" or tags.get("waterway") == "riverbank" or tags.get("landuse") == "reservoir"
    if not water:
        return None
    try:
        shape: BaseGeometry = shapely.from_wkb(osmium.geom.WKBFactory().create_multipolygon(area))
        shape, note = repair(shape)
    except (RuntimeError, InputError):
        counts["broken"] += 1
        return None
    counts["repaired"] += note is not None
    return {
        "way_id": int(area.orig_id()) if area.from_way() else -int(area.orig_id()),
        "kind": "water",
        "name": _name(tags),
        "road_class": None,
        "oneway": 0,
        "bridge": False,
        "tunnel": False,
        "maxspeed_kmh": None,
        "geometry": shape,
    }


def _name(tags: dict[str, str]) -> str | None:
    found = _chief_name(tags)
    return found if found is not None else tags.get("ref")


def _chief_name(tags: dict[str, str]) -> str | None:
    """The first name with a Chinese character, else the first at all: a map may have 「Renmin Road」 as ``name``."""
    names = [tags[key] for key in ("name:zh-Hans", "name", "name:zh", "name:zh-Hant") if tags.get(key)]
    return next((name for name in names if _chinese(name)), names[0] if names else None)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def _other_names(tags: dict[str, str]) -> Iterator[PlacePair]:
    """Names besides the one in force; those without a Chinese character cannot stand in a text."""
    name = _chief_name(tags)
    if name is None:
        return
    for key, kind in _OTHER_NAMES:
        for alias in tags.get(key, "").split(";"):
            other = alias.strip()
            if other and other != name and _chinese(other):
                yield PlacePair(other, name, kind)


def _yes(value: str | None) -> bool:
    return value not in (None, "", "no", "false", "0")


def _unreadable(path: Path, error: Exception) -> InputError:
    text = str(error)
    if path.stat().st_size == 0:
        return InputError("文件是空的", "请重新下载或重新拷贝该文件", file=path.name)
    if any(sign in text for sign in ("EOF", "unclosed", "no element found", "truncated", "unexpected end")):
        return InputError("OSM 文件被截断，内容不完整，没有读入任何内容", "请重新下载或重新拷贝该文件", file=path.name)
    return InputError("不是有效的 OSM 文件，可能损坏或改了扩展名", "请提供 .osm 或 .osm.pbf 格式的文件", file=path.name)
