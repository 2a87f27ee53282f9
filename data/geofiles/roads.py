"""Roads, rivers, railways and water of vector files as rows of the table of ways."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import shapely

from data.geofiles import columns as c
from data.geofiles.osm import (
    RAILWAY_CLASSES,
    RIVER_CLASSES,
    ROAD_CLASSES,
    OsmResult,
    Record,
    parse_maxspeed,
    parse_oneway,
)
from data.geofiles.vector import Layer

_GRADES: Final = {
    "高速公路": "motorway", "高速": "motorway", "快速路": "trunk", "城市快速路": "trunk", "国道": "trunk",
    "主干路": "primary", "主干道": "primary", "省道": "primary", "次干路": "secondary", "次干道": "secondary",
    "县道": "secondary", "支路": "tertiary", "乡道": "tertiary", "村道": "unclassified", "街巷": "residential",
    "小区路": "service", "内部道路": "service",
}  # fmt: skip
_ONEWAY: Final = {"f": "yes", "t": "-1", "b": "no", "是": "yes", "否": "no", "正向": "yes", "反向": "-1"}
_RIVER_WORDS: Final = ("river", "水系", "河流", "waterway")
_RAILWAY_WORDS: Final = ("railway", "铁路")
_WATER_CLASSES: Final = frozenset({"water", "reservoir", "riverbank", "wetland"})
_ID_SPACE: Final = 1 << 51
"""Ids made from content lie above all OSM ids and below 2^53, the largest whole number that JSON keeps everywhere."""


def vector_ways(layer: Layer) -> OsmResult:
    """Rows for ``WAYS.frame`` from a layer of lines or water polygons.

    ``way_id`` is the layer's OSM id where it has one, else a number made from name and shape, so that the same file
    gives the same ids. Lines in several parts become several ways.
    """
    frame = layer.frame
    found = {key: c.find(frame.columns, names) for key, names in _COLUMNS.items()}
    rows: list[Record] = []
    unknown = n_dropped = 0
    cells = frame.drop(columns="geometry").to_dict("records")
    for cell, shape in zip(cells, frame.geometry, strict=True):
        tags = {key: c.text(cell[column]) for key, column in found.items() if column is not None}
        kind, road_class, sure = _classify(layer, tags)
        if kind is None:
            n_dropped += 1
            continue
        unknown += not sure
        rows.extend(_rows(layer, tags, kind, road_class, shape))
    notes = []
    if unknown:
        notes.append(f"{layer.place}：{unknown} 条道路没有可识别的等级，按 unclassified（一般道路）处理")
    if n_dropped:
        notes.append(f"{layer.place}：{n_dropped} 条不是车行道路、河流、铁路或水面，未读入")
    return OsmResult(tuple(rows), tuple(notes), layer.n_read)


_COLUMNS: Final = {
    "class": c.HIGHWAY, "waterway": c.WATERWAY, "railway": c.RAILWAY, "natural": c.NATURAL, "id": c.OSM_ID,
    "name": c.NAME, "oneway": c.ONEWAY, "bridge": c.BRIDGE, "tunnel": c.TUNNEL, "maxspeed": c.MAXSPEED,
}  # fmt: skip


def _classify(layer: Layer, tags: dict[str, str | None]) -> tuple[str | None, str | None, bool]:
    """Kind, road class, and whether the class was stated."""
    value = (tags.get("class") or "").lower()
    water = {value, tags.get("waterway"), tags.get("natural")}
    if layer.shapes == "polygon":
        return (
            ("water", None, True) if water & _WATER_CLASSES or _mentions(layer, ("water", "水")) else (None, None, True)
        )
    if value in ROAD_CLASSES:
        return "road", value, True
    if value in _GRADES:
        return "road", _GRADES[value], True
    if water & RIVER_CLASSES:
        return "river", None, True
    if {value, tags.get("railway")} & RAILWAY_CLASSES:
        return "railway", None, True
    if value or tags.get("waterway") or tags.get("railway"):
        # A class of its own that is no car road (footway, 步道): known, and not wanted.
        return (None, None, True) if value.isascii() else ("road", "unclassified", False)
    if _mentions(layer, _RIVER_WORDS):
        return "river", None, True
    if _mentions(layer, _RAILWAY_WORDS):
        return "railway", None, True
    return "road", "unclassified", False


def _rows(layer: Layer, tags: dict[str, str | None], kind: str, road_class: str | None, shape: Any) -> Iterator[Record]:
    parts = [shape] if kind == "water" else [part for part in shapely.get_parts(shape) if part.length > 0]
    number = tags.get("id")
    oneway = (tags.get("oneway") or "").lower()
    speed = parse_maxspeed(tags.get("maxspeed")) if kind == "road" else None
    for part in parts:
        stated = number is not None and number.lstrip("-").isdigit() and len(parts) == 1
        yield {
            "way_id": int(number) if stated and number is not None else _content_id(kind, tags.get("name"), part),
            "kind": kind,
            "name": tags.get("name"),
            "road_class": road_class,
            "oneway": parse_oneway({"oneway": _ONEWAY.get(oneway, oneway), "highway": road_class or ""})
            if kind == "road"
            else 0,
            "bridge": c.yes(tags.get("bridge")),
            "tunnel": c.yes(tags.get("tunnel")),
            "maxspeed_kmh": speed,
            "geometry": part,
            "source_file": layer.file,
        }


def _content_id(kind: str, name: str | None, shape: Any) -> int:
    digest = hashlib.sha256(f"{kind}|{name or ''}|".encode() + shapely.to_wkb(shape)).digest()
    return _ID_SPACE + int.from_bytes(digest[:6], "big")


def _mentions(layer: Layer, words: tuple[str, ...]) -> bool:
    plain = f"{layer.file} {layer.name}".lower()
    return any(word in plain for word in words)
