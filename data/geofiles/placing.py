"""From a raw layer to shapes in EPSG:4490: which datum, which zone, which order of axes, and what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from data.geofiles.datums import DatumChoice, datum_of_pattern, is_old, vector_datum
from data.geofiles.layer import RawLayer
from data.geofiles.reading import Reading
from data.geofiles.zones import HOW, Zone, candidates, plane_order, prefixed
from geo.crs import STORAGE_CRS, Datum, Floats, position_kinds
from geo.errors import InputError
from geo.shapes import move_to_storage

_PLANE_FROM: Final = 1000.0
"""Numbers beyond this are metres, not degrees."""
_MOST: Final = 0.9
"""Share of the shapes that a reading must put into China to be taken for the right one."""
_MARGIN_DEG: Final = 0.3
"""How far from the known part of a city its files may reach."""
_OFF_MERIDIAN_DEG: Final = 4.5


class ZoneNeededError(InputError):
    """Plane coordinates whose zone can only be told once it is known where the city is."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Shapes in EPSG:4490, and how they came there."""

    shapes: NDArray[np.object_]
    datum: Datum
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str | None = None


def placed(raw: RawLayer, file: str, reading: Reading) -> Placed:
    """Move a layer's shapes to EPSG:4490.

    Swapped axes are put right only where the whole layer lies in China that way and not as it stands, and that is said.

    Raises
    ------
    InputError
        If nothing says the datum, the datum is an old one without control points, or no reading lies in China.
    ZoneNeededError
        If the coordinates are metres without a zone and the city's place is not known.
    """
    shapes = shapely.force_2d(raw.shapes)
    bounds = shapely.bounds(shapes)
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    finite = np.isfinite(x) & np.isfinite(y)
    if reading.control is not None and _undeclared(raw.crs):
        if not finite.any():
            return Placed(shapes, Datum.CGCS2000)
        if reading.control.carries(bounds) or is_old(raw.crs):
            return _by_control(file, shapes, bounds, reading)
    if not finite.any():
        return Placed(shapes, reading.datum or Datum.CGCS2000)
    centre = float(np.median(x[finite])), float(np.median(y[finite]))
    if max(abs(centre[0]), abs(centre[1])) > _PLANE_FROM:
        return _plane(raw, file, reading, shapes, centre)
    choice = _choice(raw, file, reading)
    if choice.crs is not None and choice.crs.is_projected:
        # A plane CRS declared over degrees: the declaration is wrong, the numbers speak for themselves.
        against = f"{file}：文件声明 {choice.crs.name}（米），坐标却是经纬度，按 {choice.datum.label} 经纬度读取"
        choice = DatumChoice(choice.datum, None, (), (*choice.warnings, against))
    kinds = position_kinds(x[finite], y[finite])
    turned = bool((kinds == "swapped").all())
    told = (f"{file}：全部 {int(finite.sum())} 个图形的经度和纬度写反（纬度在前），已对调后读取",) if turned else ()
    shapes = _turned(shapes) if turned else shapes
    return Placed(
        move_to_storage(_through_proj(shapes, choice.crs), choice.datum), choice.datum, choice.notes,
        (*choice.warnings, *told),
    )  # fmt: skip


def _choice(raw: RawLayer, file: str, reading: Reading) -> DatumChoice:
    choice = vector_datum(file, raw.crs, reading.datum, reading.patterns, raw.stated)
    return choice if choice.crs is not None or raw.crs is None else replace(choice, crs=None)


def _undeclared(crs: CRS | None) -> bool:
    """Whether the declaration leaves room for a person's control points: none, an unnamed grid, or an old datum."""
    return crs is None or is_old(crs) or not (crs.is_geographic or crs.is_projected)


def _by_control(file: str, shapes: NDArray[np.object_], bounds: Floats, reading: Reading) -> Placed:
    control = reading.control
    assert control is not None
    try:
        moved, turned = control.to_storage(shapes, bounds)
    except InputError as error:
        raise InputError(error.faults[0].problem, error.faults[0].remedy, file=file) from None
    notes = [f"{file}：{control.statement}"]
    told = (f"{file}：坐标的次序与控制点表相反（北坐标在前），已对调后换算",) if turned else ()
    return Placed(moved, Datum.CGCS2000, tuple(notes), told, control.statement)


def _plane(
    raw: RawLayer, file: str, reading: Reading, shapes: NDArray[np.object_], centre: tuple[float, float]
) -> Placed:
    """Metres: through the declared grid if that lies in China, else by the zone that the numbers or the place tell."""
    declared = raw.crs if raw.crs is not None and not raw.crs.is_geographic else None
    told: tuple[str, ...] = ()
    if declared is not None:
        choice = _choice(raw, file, reading)
        for turned in (False, True):
            moved = _through_proj(_turned(shapes) if turned else shapes, declared)
            if _plausible(moved, declared):
                if turned:
                    told = (f"{file}：坐标是北坐标在前、东坐标在后，已对调后读取",)
                moved = move_to_storage(moved, choice.datum) if choice.datum.shifted else moved
                return Placed(moved, choice.datum, choice.notes, (*choice.warnings, *told))
        told = (f"{file}：按文件声明的 {declared.name} 读取不在中国范围内，改按坐标本身判断",)
    order = plane_order(*centre)
    if not order:
        raise InputError(
            f"平面坐标（如 {centre[0]:.1f}, {centre[1]:.1f}）不是 CGCS2000 高斯-克吕格坐标，可能是地方独立坐标系",
            "请让测绘单位转换为 CGCS2000，或用 --control-points 提供至少三个新旧坐标都已知的控制点",
            file=file,
        )
    if order == "ne":
        shapes, centre = _turned(shapes), (centre[1], centre[0])
        told = (*told, f"{file}：坐标是北坐标在前、东坐标在后，已对调后读取")
    zone, note = _zone(file, reading, shapes, centre)
    moved = _through_proj(shapes, zone.crs)
    if not _plausible(moved, zone.crs):
        raise InputError(f"按{zone.label}读取，位置不在中国范围内", f"请核对坐标和投影带；{HOW}", file=file)
    wanted = datum_of_pattern(file, reading.patterns)
    if wanted is None and reading.datum is not None and reading.datum.shifted:
        told = (*told, f"{file}：命令写的是 {reading.datum.label}，坐标却是 {zone.crs.name}，按后者读取")
    if raw.crs is None:
        note += "；若原图是 1954 北京或 1980 西安坐标系，会偏几十米到一百多米，请用 --control-points 换算"
    datum = wanted or Datum.CGCS2000
    moved = move_to_storage(moved, datum) if datum.shifted else moved
    return Placed(moved, datum, (f"{file}：{note}",), told)


def _zone(file: str, reading: Reading, shapes: NDArray[np.object_], centre: tuple[float, float]) -> tuple[Zone, str]:
    """Zone of plane coordinates without a declaration, and the sentence that says why."""
    zone = prefixed(centre[0])
    if zone is not None:
        code = zone.crs.to_epsg()
        if reading.zone is not None and reading.zone.meridian != zone.meridian:
            raise InputError(
                f"指定的中央经线是 {reading.zone.meridian:g}°，坐标带号 {zone.number} 却表示 {zone.meridian:g}°",
                "请核对 --zone，或不写让程序按带号读取",
                file=file,
            )
        return zone, f"坐标带 {zone.number} 带前缀，按 {zone.crs.name}（EPSG:{code}）读取"
    if reading.zone is not None:
        return Zone(reading.zone.meridian), f"按指定的中央经线 {reading.zone.meridian:g}° 读取"
    if reading.home is None:
        raise ZoneNeededError(
            "坐标是以米为单位的平面坐标，没有带号，文件也没有说明是哪个投影带（中央经线）",
            f"{HOW}；补上 .prj 坐标系文件，或先导入行政单元、台账，也可以判断",
            file=file,
        )
    fitting = [item for item in candidates() if _at_home(_through_proj(shapes, item.crs), reading.home)]
    if len(fitting) == 1:
        return fitting[0], (
            f"坐标没有带号，只有中央经线 {fitting[0].meridian:g}° 能落在已有数据的范围内，按{fitting[0].label}读取"
        )
    west, south, east, north = reading.home
    where = f"已有数据在东经 {west:.2f}–{east:.2f}°、北纬 {south:.2f}–{north:.2f}°"
    if fitting:
        listed = "、".join(f"{item.meridian:g}" for item in fitting)
        raise InputError(f"坐标没有带号，中央经线 {listed}° 都能落在已有数据的范围内（{where}）", HOW, file=file)
    near = sorted(candidates(), key=lambda item: abs(item.meridian - (west + east) / 2))[:2]
    listed = "、".join(f"{item.meridian:g}" for item in near)
    raise InputError(
        f"坐标没有带号，按任何中央经线都不落在已有数据的范围内（{where}；邻近的中央经线：{listed}）",
        f"请核对坐标；{HOW}；地方独立坐标系请用 --control-points",
        file=file,
    )


def _plausible(moved: NDArray[np.object_], crs: CRS) -> bool:
    """Whether most shapes lie in China, and no farther from a transverse Mercator's meridian than it is used."""
    lon, lat = _centres(moved)
    if not len(lon) or (position_kinds(lon, lat) == "").mean() < _MOST:
        return False
    meridian = _meridian(crs)
    return meridian is None or bool(np.median(np.abs(lon - meridian)) <= _OFF_MERIDIAN_DEG)


def _meridian(crs: CRS) -> float | None:
    operation = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(p.value) for p in operation.params if "ongitude of natural origin" in p.name), None)


def _at_home(moved: NDArray[np.object_], home: tuple[float, float, float, float]) -> bool:
    lon, lat = _centres(moved)
    west, south, east, north = home
    near = (west - _MARGIN_DEG <= lon) & (lon <= east + _MARGIN_DEG)
    near &= (south - _MARGIN_DEG <= lat) & (lat <= north + _MARGIN_DEG)
    return bool(len(lon)) and bool(near.mean() >= _MOST)


def _centres(shapes: NDArray[np.object_]) -> tuple[Floats, Floats]:
    bounds = shapely.bounds(shapes)
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return lon[there], lat[there]


def _turned(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]), dtype=object)


def _through_proj(shapes: NDArray[np.object_], crs: CRS | None) -> NDArray[np.object_]:
    if crs is None:
        return shapes
    proj = Transformer.from_crs(crs, CRS.from_string(STORAGE_CRS), always_xy=True)
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.column_stack(proj.transform(xy[:, 0], xy[:, 1]))), dtype=object
    )
