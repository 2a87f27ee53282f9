"""KML and KMZ of Google Earth, 奥维, 图新地球 and map sites: folders as layers, nothing fetched, nothing expanded.

Read with defusedxml: a document type, entities or external references end the reading; network links are counted, never
followed. GDAL's drivers are not used because they give no folder's path, drop attribute tables in descriptions and leave
the limits to the parser.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import pandas as pd
import shapely
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from data.geofiles.archives import members_of
from data.geofiles.kml_text import attributes, own_text, plain, tag_of
from data.geofiles.layer import RawLayer
from geo.errors import Fault, InputError

MAX_BYTES: Final = 200 * 2**20
MAX_PLACEMARKS: Final = 500_000
MAX_FOLDERS: Final = 200
_MAX_DEPTH: Final = 40
_CLOSED_DEG: Final = 0.00005
"""A line that ends this near (about 5 m) to where it began is an outline that was drawn with the line tool."""
_CHINESE_DECLARED: Final = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](gb2312|gbk|gb18030|big5)["'][^>]*\?>""", re.I)
_LINKS: Final = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay")


def kml_layers(path: Path, file: str) -> list[RawLayer]:
    """Folders of a KML or KMZ file that hold placemarks, as layers named by their path.

    Columns: ``name``, whatever ``ExtendedData`` or an attribute table in the description holds, ``所属街道`` where a
    folder is called like a street. Lines that come back to their start become polygons.

    Raises
    ------
    InputError
        If the file is no KML, is too large, or holds a document type or entities.
    """
    documents = _documents(path, file)
    layers: list[RawLayer] = []
    for name, data in documents:
        where = file if len(documents) == 1 else f"{file}/{name}"
        layers.extend(_read(data, where, path.stem))
    if not layers:
        raise InputError(
            "文件里没有地标（Placemark）", "请确认导出时选中了要导出的图形；网络链接中的内容不会读取", file=file
        )
    return layers


@dataclass(slots=True)
class _Folder:
    """A folder while it is read."""

    name: str = ""
    rows: list[dict[str, object]] = field(default_factory=list)
    shapes: list[BaseGeometry | None] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def _documents(path: Path, file: str) -> list[tuple[str, bytes]]:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == b"PK\x03\x04":
        found = [(name, data) for name, data in members_of(path, file, (".kml",), MAX_BYTES)]
        if not found:
            raise InputError("压缩包里没有 .kml 文件", "请重新导出 KMZ，或改用 KML", file=file)
        return found
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"文件有 {size / 2**20:.0f} MB，超过 {MAX_BYTES // 2**20} MB", "请按街道拆成几个文件", file=file
        )
    if size == 0:
        raise InputError("文件是空的", "请重新导出或重新拷贝该文件", file=file)
    return [(path.name, path.read_bytes())]


def _read(data: bytes, file: str, stem: str) -> list[RawLayer]:
    folders: dict[str, _Folder] = {}
    links: dict[str, int] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    data, encoding = _as_utf8(data)
    if encoding is not None:
        notes.append(f"{file}：按 {encoding} 编码读取")
    number = closed = merged = 0
    try:
        for names, element in _placemarks(data, links):
            number += 1
            if number > MAX_PLACEMARKS:
                raise InputError(f"地标超过 {MAX_PLACEMARKS} 个", "请按街道拆成几个文件", file=file)
            key = "/".join(name for name in names if name)
            if key not in folders and len(folders) >= MAX_FOLDERS:
                key, merged = "", merged + 1
            folder = folders.setdefault(key, _Folder(key))
            try:
                shape, n_closed = _shape(element)
            except (ValueError, shapely.errors.GEOSException) as error:
                title = own_text(element, "name")
                faults.append(_bad(file, key, stem, number, title, str(error)))
                continue
            closed += n_closed
            folder.rows.append(attributes(element, names))
            folder.shapes.append(shape)
            folder.numbers.append(number)
    except DefusedXmlException:
        raise InputError(
            "文件含有文档类型或实体定义（DTD、ENTITY），可能有害，没有读取", "请用地图软件重新导出 KML", file=file
        ) from None
    except (ParseError, LookupError, ValueError, RecursionError):
        raise InputError(
            "不是完整有效的 KML 文件，可能被截断、损坏或改了扩展名", "请重新导出或重新拷贝该文件", file=file
        ) from None
    if merged:
        notes.append(f"{file}：文件夹超过 {MAX_FOLDERS} 个，其余文件夹的 {merged} 个地标合为一个图层读取")
    if closed:
        notes.append(f"{file}：{closed} 条首尾相接的线按面读取")
    if links:
        listed = "、".join(f"{name} {n} 个" for name, n in links.items())
        notes.append(f"{file}：网络链接和叠加图没有读取（{listed}）")
    layers = []
    for at, folder in enumerate(folder for folder in folders.values() if folder.rows or faults):
        mine = tuple(f for f in faults if f.sheet in (folder.name, None if folder.name in ("", stem) else folder.name))
        layers.append(
            RawLayer(
                folder.name or stem, pd.DataFrame(folder.rows, index=pd.RangeIndex(len(folder.rows))),
                _objects(folder.shapes), CRS.from_epsg(4326), np.asarray(folder.numbers, dtype=np.int64), mine,
                tuple(notes) if at == 0 else (), nameless=True,
            )
        )  # fmt: skip
    return layers


def _placemarks(data: bytes, links: dict[str, int]) -> Iterator[tuple[list[str], Element]]:
    """Placemarks with the names of the folders round them; each is forgotten after use, so memory stays small."""
    open_elements: list[Element] = []
    names: list[str] = []
    containers: list[str] = []
    events = iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
    for event, element in events:
        tag = tag_of(element)
        if event == "start":
            if not open_elements and tag not in ("kml", "Document", "Folder", "Placemark"):
                raise ValueError("root")
            open_elements.append(element)
            if len(open_elements) > _MAX_DEPTH:
                raise ValueError("depth")
            if tag in ("Folder", "Document"):
                names.append("")
                containers.append(tag)
            continue
        open_elements.pop()
        parent = open_elements[-1] if open_elements else None
        if tag == "name" and parent is not None and tag_of(parent) == "Folder" and names:
            names[-1] = plain(element.text or "").replace("/", "／")[:80]
        elif tag in ("Folder", "Document") and names:
            names.pop()
            containers.pop()
        elif tag == "Placemark":
            yield list(names), element
        elif tag in _LINKS:
            links[tag] = links.get(tag, 0) + 1
        if parent is not None and tag_of(parent) in ("Folder", "Document", "kml") and tag != "name":
            parent.remove(element)


def _shape(element: Element, depth: int = 0) -> tuple[BaseGeometry | None, int]:
    """Shape of a placemark, or of a MultiGeometry within it, and how many lines were closed."""
    parts: list[BaseGeometry] = []
    closed = 0
    for child in element:
        tag = tag_of(child)
        if tag == "Point":
            xy = _coordinates(child)
            if len(xy):
                parts.append(shapely.Point(xy[0]))
        elif tag in ("LineString", "LinearRing"):
            xy = _coordinates(child)
            line, n = _line(xy, ring=tag == "LinearRing")
            closed += n
            if line is not None:
                parts.append(line)
        elif tag == "Polygon":
            parts.append(_polygon(child))
        elif tag in ("MultiGeometry", "MultiPolygon") and depth < 10:
            inner, n = _shape(child, depth + 1)
            closed += n
            if inner is not None:
                parts.append(inner)
    if not parts:
        return None, 0
    return (parts[0] if len(parts) == 1 else _joined(parts)), closed


def _joined(parts: list[BaseGeometry]) -> BaseGeometry:
    """Parts of one placemark: its polygons if it has any (a pin beside them is only their label), else all."""
    single = list(shapely.get_parts(parts))
    areas = [part for part in single if part.geom_type == "Polygon"]
    if areas:
        return shapely.MultiPolygon(areas) if len(areas) > 1 else areas[0]
    if all(part.geom_type == "LineString" for part in single):
        return shapely.MultiLineString(single)
    return (
        shapely.MultiPoint(single)
        if all(p.geom_type == "Point" for p in single)
        else shapely.GeometryCollection(single)
    )


def _line(xy: np.ndarray, *, ring: bool) -> tuple[BaseGeometry | None, int]:
    if len(xy) < 2:
        if len(xy) == 0:
            return None, 0
        raise ValueError("线只有一个点")
    gap = float(np.hypot(*(xy[0] - xy[-1])))
    length = float(np.hypot(*np.diff(xy, axis=0).T).sum())
    if len(xy) >= 4 and (ring or (gap <= _CLOSED_DEG and length > 8 * _CLOSED_DEG)):
        return shapely.Polygon(np.vstack([xy, xy[:1]]) if gap else xy), int(not ring)
    return shapely.LineString(xy), 0


def _polygon(element: Element) -> BaseGeometry:
    shells = [_ring(e) for e in element if tag_of(e) == "outerBoundaryIs"]
    holes = [ring for e in element if tag_of(e) == "innerBoundaryIs" for ring in _rings(e)]
    if len(shells) != 1 or shells[0] is None:
        raise ValueError("面没有外环")
    return shapely.Polygon(shells[0], holes)


def _rings(element: Element) -> list[np.ndarray]:
    """Rings of a boundary: Google Earth writes several holes into one innerBoundaryIs."""
    rings = []
    for child in element:
        if tag_of(child) == "LinearRing":
            xy = _coordinates(child)
            if len(xy) < 3:
                raise ValueError(f"环只有 {len(xy)} 个点")
            rings.append(xy if (xy[0] == xy[-1]).all() else np.vstack([xy, xy[:1]]))
    return rings


def _ring(element: Element) -> np.ndarray | None:
    rings = _rings(element)
    return rings[0] if rings else None


def _coordinates(element: Element) -> np.ndarray:
    """``lon,lat[,height]`` triples of a geometry, heights dropped, shape ``(n, 2)``."""
    text = next((child.text or "" for child in element if tag_of(child) == "coordinates"), "")
    # Runs of blanks first: a pattern of blanks round a comma takes the square of a run's length.
    words = " ".join(text.replace("，", ",").split()).replace(" ,", ",").replace(", ", ",").split()
    try:
        return np.array([[float(v) for v in word.split(",")[:2]] for word in words], dtype=float).reshape(len(words), 2)
    except ValueError:
        raise ValueError("坐标文字不是“经度,纬度”的数字") from None


def _bad(file: str, folder: str, stem: str, number: int, name: str, why: str) -> Fault:
    sheet = None if folder in ("", stem) else folder
    return Fault(f"图形无法读取（{why}）", "请在地图软件中重新绘制该地标", file, sheet, number, "name", plain(name))


def _as_utf8(data: bytes) -> tuple[bytes, str | None]:
    """The document in UTF-8: expat reads no Chinese encoding of two bytes, and some exports declare none."""
    declared = _CHINESE_DECLARED.search(data[:200])
    if declared is not None:
        name = "Big5" if declared[1].lower() == b"big5" else "GB18030"
        text = data.decode(name, errors="replace")
        return re.sub(r"<\?xml[^>]*\?>", "", text, count=1).encode(), name
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data, None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
        return re.sub(r"<\?xml[^>]*\?>", "", text, count=1).encode(), "GB18030"
    return data, None


def _objects(shapes: list[BaseGeometry | None]) -> np.ndarray:
    result = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result
