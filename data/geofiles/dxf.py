"""DXF drawings: lines closed to areas, texts within them as names, one layer for each of the drawing's own.

GDAL reads the entities (arcs, splines, blocks and code pages included), in bounded memory; a drawing of 180 MB with 1.45
million lines takes it 9 s. What GDAL leaves is done here: which layers are borders, what closes, what is called how.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.geofiles.dxf_entities import Drawing, read_drawing
from data.geofiles.layer import RawLayer
from geo.closing import Closed, check_size, close_lines
from geo.errors import Fault, InputError

_SAMPLE: Final = 10_000
TOLERANCE_M: Final = 0.5
"""Ends of lines nearer than this are joined, metres."""
_LEAST_AREA: Final = 100.0
"""Smaller faces between lines are no estates but cells of signs and sheds, square metres."""
_BORDER: Final = re.compile(
    r"红线|边界|界线|界址|范围|宗地|用地|地界|权属|小区|楼盘|物业|区域|JZD|ZDX|ZJ|bound|border|aoi|parcel|estate|plot|xiaoqu",
    re.I,
)
_NO_BORDER: Final = re.compile(r"注记|名称|文字|标注|text|anno|label|dim", re.I)
_ESTATE: Final = re.compile(
    r"小区|花园|家园|公寓|新村|新城|花苑|苑|府|湾|里|庭|园|居|邸|墅|公馆|广场|宿舍|院|城|村|号$|期|安置|郡|岸|山庄|大厦"
)
_BUILDING: Final = re.compile(
    r"^(砖|砼|混|钢|木|简|棚|破|石|土|建|地下室|车棚|门卫|厕|配电|泵房|停车|绿地|水|池)?\d*[层F]?$|^[\d.,+\-*/=:%° ]+"
)
_ESCAPE: Final = re.compile(r"\\U\+([0-9A-Fa-f]{4})|\\M\+1([0-9A-Fa-f]{4})")
_FORMAT: Final = re.compile(r"\\[ACFHQTWacfhqtw][^;\\]*;|\\[LlOoKk]|[{}]|%%[cdpuoCDPUO]")


def dxf_layers(path: Path, file: str, encoding: str | None = None) -> list[RawLayer]:
    """Areas of a drawing, one raw layer for each drawing layer of borders.

    Layers called like borders (红线, 边界, 范围, 宗地 …) are taken, all layers with lines where none is. Each text that
    lies in just one area of a layer and reads like the name of an estate names it.

    Raises
    ------
    InputError
        If the file is no DXF, a DWG, too large, or nothing in it closes (with the widest gaps).
    """
    drawing = read_drawing(path, file, encoding)
    lines = drawing.lines()
    if not lines:
        raise InputError("图中没有线或面", "请确认导出时包含了小区边界所在的图层", file=file)
    named = [name for name in lines if _BORDER.search(name) and not _NO_BORDER.search(name)]
    chosen = named or list(lines)
    skipped = [name for name in lines if name not in chosen]
    rows = drawing.labels()
    labels = [(plain_text(str(drawing.texts[i])), point) for i, point in zip(rows, drawing.shapes(rows), strict=True)]
    return _layers(file, drawing, lines, chosen, skipped, labels)


def plain_text(text: str) -> str:
    """A drawing's text without format codes, ``\\U+XXXX`` and ``\\M+1XXXX`` (GBK) as the characters they stand for."""

    def sign(match: re.Match[str]) -> str:
        if match[1]:
            code = int(match[1], 16)
            return "" if 0xD800 <= code <= 0xDFFF else chr(code)
        return bytes.fromhex(match[2]).decode("gb18030", errors="ignore")

    plain = _ESCAPE.sub(sign, text).replace("\\P", " ")
    plain = _FORMAT.sub("", plain)
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() or c.isspace() else "" for c in plain)).strip()


def _layers(
    file: str,
    drawing: Drawing,
    lines: dict[str, NDArray[np.int64]],
    chosen: list[str],
    skipped: list[str],
    labels: list[tuple[str, Any]],
) -> list[RawLayer]:
    factor, told = _factor(drawing, np.concatenate([lines[name] for name in chosen]))
    notes = [f"{file}：{told}"] if told else []
    if skipped:
        listed = "、".join(f"“{name}”" for name in skipped[:8])
        more = f" 等 {len(skipped)} 个" if len(skipped) > 8 else ""
        notes.append(f"{file}：只读图层名像边界的图层；没有读取的图层：{listed}{more}")
    found: list[RawLayer] = []
    widest: list[str] = []
    for name in chosen:
        shapes = drawing.shapes(lines[name])
        areas, closed, problem = _areas(shapes, factor)
        gaps = [f"({gap.x:.2f}, {gap.y:.2f}) 缺口 {gap.width:.2f}" for gap in closed.gaps]
        widest.extend(gaps[-3:])
        if problem is not None:
            found.append(RawLayer(name, pd.DataFrame(), _none(0), faults=(Fault(*problem, file, name),), nameless=True))
            continue
        if not areas:
            continue
        mine = list(notes)
        notes = []
        if closed.joined:
            mine.append(f"{file}，图层 {name}：{closed.joined} 处端点相距不到 {_tolerance(shapes):g}，已接上")
        doubts = []
        if gaps:
            doubts.append(f"{file}，图层 {name}：{len(gaps)} 处线头没有闭合（{'；'.join(gaps[:5])}），请在 CAD 中接上")
        titles, faults = _names(areas, labels, factor, file, name)
        table = pd.DataFrame({"小区名称": titles, "CAD图层": name}, index=pd.RangeIndex(len(areas)))
        found.append(RawLayer(name, table, _filled(areas), None, None, (), (*mine, *faults), tuple(doubts), None, True))
    if not found:
        gaps_told = f"；最大的缺口：{'；'.join(widest[:5])}" if widest else ""
        raise InputError(
            f"图中的线没有闭合成面{gaps_told}",
            f"请在 CAD 中把边界闭合（端点相距不超过 {TOLERANCE_M} 米会自动接上）",
            file=file,
        )
    return found


def _factor(drawing: Drawing, chosen: NDArray[np.int64]) -> tuple[float, str]:
    """What the numbers are multiplied by to be metres, and the sentence on it."""
    bounds = shapely.bounds(drawing.shapes(chosen[:_SAMPLE]))
    with np.errstate(all="ignore"):
        largest = float(np.nanmedian(np.abs(bounds))) if np.isfinite(bounds).any() else 0.0
    if drawing.millimetres and largest > 1e8:
        return 0.001, "图形单位是毫米，已换算为米"
    return 1.0, ""


def _tolerance(shapes: NDArray[np.object_]) -> float:
    """Half a metre, in the unit of the numbers (degrees where they are degrees)."""
    west, south, east, north = shapely.total_bounds(shapes)
    degrees = max(abs(west), abs(east), abs(south), abs(north)) <= 360
    return TOLERANCE_M / 111_000 if degrees else TOLERANCE_M


def _areas(shapes: NDArray[np.object_], factor: float) -> tuple[list[Any], Closed, tuple[str, str] | None]:
    """Polygons of a drawing layer: those drawn as such (hatches), and those that its lines enclose."""
    try:
        check_size(shapes)
    except InputError as error:
        return [], Closed((), (), 0), (error.faults[0].problem, error.faults[0].remedy)
    parts = shapely.transform(shapely.get_parts(shapes), lambda xy: xy * factor)
    finite = np.array([bool(np.isfinite(shapely.get_coordinates(part)).all()) for part in parts], dtype=bool)
    parts = parts[finite] if len(parts) else parts
    kinds = shapely.get_type_id(parts)
    drawn = list(parts[kinds == 3])
    tolerance = _tolerance(parts) if len(parts) else TOLERANCE_M
    closed = close_lines(list(parts[(kinds == 1) | (kinds == 2)]), tolerance)
    least = _LEAST_AREA * (tolerance / TOLERANCE_M) ** 2
    areas = [area for area in closed.polygons if area.area >= least]
    if drawn and areas:  # a hatch fills an outline that is there already
        tree = shapely.STRtree(areas)
        middles = shapely.point_on_surface(np.array(drawn, dtype=object))
        drawn = [d for d, middle in zip(drawn, middles, strict=True) if not len(tree.query(middle, "within"))]
    return [*areas, *(d for d in drawn if d.area >= least)], closed, None


def _names(
    areas: list[Any], labels: list[tuple[str, Any]], factor: float, file: str, layer: str
) -> tuple[list[str | None], list[str]]:
    """The name of each area: of the texts in it the one that reads like an estate, none if several do."""
    usable = [(text, point) for text, point in labels if _hanzi(text) >= 2 and not _BUILDING.fullmatch(text)]
    titles: list[str | None] = [None] * len(areas)
    if not usable:
        return titles, []
    points = shapely.transform(np.array([point for _, point in usable], dtype=object), lambda xy: xy * factor)
    inside: dict[int, list[str]] = defaultdict(list)
    sizes = shapely.area(np.array(areas, dtype=object))
    owners: dict[int, int] = {}
    for text_at, area_at in zip(*shapely.STRtree(areas).query(points, predicate="within"), strict=True):
        # Of areas within each other the smallest holds the text.
        if text_at not in owners or sizes[area_at] < sizes[owners[text_at]]:
            owners[int(text_at)] = int(area_at)
    for text_at, area_at in owners.items():
        inside[area_at].append(usable[text_at][0])
    told = []
    for at, texts in inside.items():
        distinct = list(dict.fromkeys(texts))
        likely = [text for text in distinct if _ESTATE.search(text)]
        best = distinct if len(distinct) == 1 else likely
        if len(best) == 1:
            titles[at] = best[0]
        else:
            told.append(
                f"{file}，图层 {layer}：第 {at + 1} 个面内有 {len(distinct)} 处文字（{'、'.join(distinct[:5])}），"
                "不知道哪个是小区名称，按位置对应"
            )
    return titles, told


def _hanzi(text: str) -> int:
    return sum("\u4e00" <= sign <= "\u9fff" for sign in text)


def _filled(areas: list[Any]) -> NDArray[np.object_]:
    result = _none(len(areas))
    result[:] = areas
    return result


def _none(n: int) -> NDArray[np.object_]:
    return np.full(n, None, dtype=object)
