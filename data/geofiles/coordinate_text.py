"""An outline written into one cell: lists of pairs, WKT, GeoJSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from data.geofiles.cells import number
from data.registers.text import folded

MAX_CHARS: Final = 4_000_000
MAX_RINGS: Final = 500
_WKT: Final = re.compile(r"(?:SRID\s*=\s*\d+\s*;)?\s*(?:MULTI)?(?:POLYGON|LINESTRING)\s*(?:Z|M|ZM)?\s*\(", re.I)
_SIGN: Final = r"[°度˚º'′’‘分\"″”“秒EWNSewns]"
_DEGREES: Final = re.compile(
    r"(?:东经|北纬|[EN])?\s*\d{1,3}(?:\.\d+)?\s*[°度˚º]\s*(?:\d{1,2}(?:\.\d+)?\s*['′’‘分]\s*)?"
    r"(?:\d{1,2}(?:\.\d+)?\s*(?:[\"″”“秒]|''|′′|’’)?)?\s*[EN]?"
)
_PLAIN: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_JUNK: Final = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")


def outline(text: str) -> BaseGeometry | None:
    """The polygon (or its parts) that a cell holds; ``None`` for an empty cell or one that is no list of coordinates.

    Read are ``112.1,30.2;112.2,30.3;…`` with any separators and brackets, rings apart by ``|`` or ``#``, degrees with
    minutes and seconds, WKT and GeoJSON. Pairs keep their order: which number is the longitude is found out with the whole
    layer.

    Raises
    ------
    ValueError
        With a Chinese sentence, if it is meant to be an outline and is not a whole one.
    """
    plain = folded(text).strip()
    if not plain:
        return None
    if len(plain) > MAX_CHARS:
        raise ValueError(f"坐标文字有 {len(plain)} 个字符，太长")
    if _WKT.match(plain):
        return _from_wkt(plain)
    if plain.startswith("{"):
        return _from_json(plain)
    if plain.startswith("[") and (nested := _nested(plain)) is not None:
        return nested
    plain = re.sub(r"[^\S\n]{2,}", " ", plain)  # the patterns below take the square of a run's length
    rings = [_ring(part) for part in re.split(r"[|#]|\n\s*\n", plain) if part.strip(" ;,[]()\n")]
    known = [ring for ring in rings if ring is not None]
    if not known:
        return None
    if len(known) < len(rings):
        raise ValueError("坐标文字有一段读不出来")
    return rings_together(known)


def rings_together(rings: list[np.ndarray]) -> BaseGeometry:
    """Rings of one estate as a shape: apart they are parts, one within another it is a hole.

    Raises
    ------
    ValueError
        If a ring has fewer than three different points.
    """
    shapes: list[shapely.Polygon] = []
    for xy in rings:
        points = xy[:-1] if len(xy) > 1 and (xy[0] == xy[-1]).all() else xy
        if len(np.unique(points, axis=0)) < 3:
            raise ValueError(f"只有 {len(np.unique(points, axis=0))} 个不同的点，围不成面")
        shapes.append(shapely.Polygon(points))
    if len(shapes) == 1:
        return shapes[0]
    if len(shapes) > MAX_RINGS:
        raise ValueError(f"有 {len(shapes)} 个环，超过 {MAX_RINGS} 个")
    order = sorted(range(len(shapes)), key=lambda i: -shapely.area(shapely.convex_hull(shapes[i])))
    outer: list[tuple[shapely.Polygon, list[Any]]] = []
    for i in order:
        host = next((k for k, (shell, _) in enumerate(outer) if shapely.covers(shell.envelope, shapes[i].envelope)
                     and shell.is_valid and shapely.covers(shell, shapes[i].representative_point())), None)  # fmt: skip
        if host is None:
            outer.append((shapes[i], []))
        else:
            outer[host][1].append(shapes[i].exterior.coords)
    parts = [shapely.Polygon(shell.exterior.coords, holes) for shell, holes in outer]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _from_wkt(text: str) -> BaseGeometry:
    try:
        shape = shapely.from_wkt(re.sub(r"^SRID\s*=\s*\d+\s*;", "", text, flags=re.I))
    except (shapely.errors.GEOSException, ValueError):
        raise ValueError("WKT 文字不完整") from None
    return _areal(shape)


def _from_json(text: str) -> BaseGeometry:
    try:
        value = json.loads(text)
        if value.get("type") == "Feature":
            value = value["geometry"]
        shape = from_geojson(value)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
        shapely.errors.GEOSException,
    ):
        raise ValueError("GeoJSON 文字不完整") from None
    return _areal(shape)


def _areal(shape: BaseGeometry) -> BaseGeometry:
    if shape.is_empty:
        raise ValueError("图形为空")
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shapely.force_2d(shape)
    if shape.geom_type == "LineString":
        return rings_together([shapely.get_coordinates(shape)])
    raise ValueError("不是面")


def _nested(text: str) -> BaseGeometry | None:
    """``[[lon, lat], …]`` or ``[[[lon, lat], …], …]``; ``None`` if it is no JSON."""
    try:
        value = json.loads(text)
        depth, probe = 0, value
        while isinstance(probe, list) and probe:
            depth, probe = depth + 1, probe[0]
        if depth == 2:
            value = [value]
        elif depth == 4:
            value = [ring for polygon in value for ring in polygon]
        elif depth != 3:
            return None
        rings = [np.array([[float(p[0]), float(p[1])] for p in ring], dtype=float) for ring in value]
    except (ValueError, TypeError, IndexError, RecursionError, OverflowError):
        return None
    return rings_together(rings) if rings and all(len(ring) for ring in rings) else None


def _ring(text: str) -> np.ndarray | None:
    """Pairs of one ring, shape ``(n, 2)``; ``None`` if the text is something else."""
    text = re.sub(r"[经纬]度\s*[:：=]?", " ", text)
    if "°" in text or "度" in text or "º" in text or "˚" in text:
        words = [match.group(0) for match in _DEGREES.finditer(text)]
        values = [value for word in words if (value := number(word, degrees=True)) is not None]
        width = 2
    else:
        if len(_JUNK.findall(re.sub(r"东经|北纬|lon|lat|lng", "", text, flags=re.I))) > 1:
            return None
        values = [float(word) for word in _PLAIN.findall(text)]
        width = _width(text)
    if len(values) < 6:
        return None
    if len(values) % width:
        raise ValueError(f"坐标文字里有 {len(values)} 个数，不成对")
    return np.array(values, dtype=float).reshape(-1, width)[:, :2]


def _width(text: str) -> int:
    """Numbers a point: three where every group has a height, else two."""
    groups = [len(_PLAIN.findall(group)) for group in re.split(r"[;；\n)\]]", text)]
    groups = [n for n in groups if n]
    if len(groups) < 3:
        groups = [n for n in (len(_PLAIN.findall(group)) for group in text.split()) if n]
    return 3 if len(groups) >= 3 and all(n == 3 for n in groups) else 2
