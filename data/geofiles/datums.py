"""Which datum a file's coordinates have: what the file declares, what its name says, what the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final

from pyproj import CRS

from geo.crs import Datum
from geo.errors import InputError

ASK: Final = "请用 --datum 指明坐标系：wgs84、gcj02（高德、腾讯）、bd09（百度）或 cgcs2000"

_SUFFIX = re.compile(
    r"(?<![0-9a-z])(wgs[-_ ]?84|gcj[-_ ]?02|bd[-_ ]?09(?:ll)?|cgcs[-_ ]?2000|国家2000|火星坐标|百度坐标)(?![0-9a-z])"
)
_NAMES: Final = {
    "wgs": Datum.WGS84,
    "gcj": Datum.GCJ02,
    "bd0": Datum.BD09,
    "cgc": Datum.CGCS2000,
    "国家2": Datum.CGCS2000,
    "火星坐": Datum.GCJ02,
    "百度坐": Datum.BD09,
}
_OLD_DATUMS: Final = {"beijing": "1954 北京坐标系", "xian": "1980 西安坐标系"}
_GOOD_DATUMS: Final = ("china2000", "cgcs2000", "wgs84", "wgs1984", "worldgeodeticsystem1984", "china2000ensemble")


@dataclass(frozen=True, slots=True)
class DatumChoice:
    """Datum of one file or layer, why, and what speaks against it.

    ``crs`` is set where coordinates must first go through PROJ (a plane grid, or another geographic system).
    """

    datum: Datum
    crs: CRS | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def datum_of_name(name: str) -> Datum | None:
    """Datum that a file name states, e.g. ``_bd09`` or ``_gcj02``; ``None`` if it states none or several."""
    found = {_NAMES[re.sub(r"[-_ ]", "", match.group(1))[:3]] for match in _SUFFIX.finditer(name.lower())}
    return found.pop() if len(found) == 1 else None


def datum_of_pattern(name: str, patterns: Mapping[str, Datum]) -> Datum | None:
    """Datum that the user gave for files of this name; the longest pattern that matches counts."""
    matching = sorted((p for p in patterns if fnmatch(name.lower(), p.lower())), key=len)
    return patterns[matching[-1]] if matching else None


def table_datum(
    name: str, stated: Datum | None, explicit: Datum | None, patterns: Mapping[str, Datum]
) -> tuple[Datum, tuple[str, ...]]:
    """Datum of a table's coordinates, and warnings where the evidence disagrees.

    Pattern, then ``explicit``, then what the table states itself (cell, mapping, column name), then the file name.

    Raises
    ------
    InputError
        If nothing says which datum it is.
    """
    named, chosen = datum_of_name(name), datum_of_pattern(name, patterns) or explicit
    if chosen is None and stated is None and named is None:
        raise InputError("表中有经纬度，但没有说明坐标系", ASK, file=name)
    datum = chosen or stated or named
    assert datum is not None
    said = [(stated, "表内写的是"), (named, "文件名写的是")]
    against = [f"{source} {other.label}" for other, source in said if other is not None and _differs(other, datum)]
    by = "按命令指定的" if chosen is not None else "按表内写的"
    return datum, (f"{name}：{'，'.join(against)}，{by} {datum.label} 读取",) if against else ()


def vector_datum(
    name: str,
    crs: CRS | None,
    explicit: Datum | None,
    patterns: Mapping[str, Datum],
    stated: Datum | None = None,
) -> DatumChoice:
    """Datum of a vector layer.

    Pattern, then a plane CRS or CGCS2000 declared by the file, then the file name, then ``explicit``, then what a table
    of coordinates ``stated`` in its header, then the declared EPSG:4326 taken at its word (every GeoJSON and KML declares
    it, so it is the weakest evidence).

    Raises
    ------
    InputError
        If the file declares no CRS and nothing else says one, or declares an old datum that has no exact shift.
    """
    label = _label(crs)
    wanted = datum_of_pattern(name, patterns)
    named = datum_of_name(name)
    if crs is not None:
        _refuse_old(name, crs)
    if wanted is not None:
        return DatumChoice(wanted, _grid(crs), (f"{name}：按命令指定的 {wanted.label} 读取",))
    if crs is not None and (_grid(crs) is not None or _is_cgcs(crs)):
        said = ((named, "文件名写的是"), (explicit, "命令写的是"))
        warnings = tuple(
            f"{name}：{source} {other.label}，文件声明 {label}，按文件声明读取"
            for other, source in said
            if other is not None and other.shifted
        )
        declared = Datum.CGCS2000 if _is_cgcs(crs) else Datum.WGS84
        return DatumChoice(declared, _grid(crs), (f"{name}：{label}",), warnings)
    chosen, source = (named, "按文件名") if named is not None else (explicit, "按命令")
    if chosen is not None:
        warnings = ()
        if named is not None and explicit is not None and _differs(named, explicit):
            warnings = (f"{name}：命令写的是 {explicit.label}，文件名写的是 {named.label}，按文件名读取",)
        return DatumChoice(chosen, None, (f"{name}：{source}为 {chosen.label}",), warnings)
    if stated is not None:
        return DatumChoice(stated, None, (f"{name}：按表内所写为 {stated.label}",))
    if crs is None:
        raise InputError("文件没有说明坐标系（缺少 .prj 或坐标系定义）", ASK, file=name)
    return DatumChoice(Datum.WGS84, None, (f"{name}：文件声明 {label}，视为 WGS-84",))


def is_old(crs: CRS | None) -> bool:
    """Whether a CRS is of an old datum (Beijing 54, Xi'an 80) or another one without an exact shift."""
    if crs is None:
        return False
    datum = _datum_name(crs)
    return not _is_cgcs(crs) and not any(good in datum for good in _GOOD_DATUMS)


def _differs(a: Datum, b: Datum) -> bool:
    return a is not b and (a.shifted or b.shifted)


def _label(crs: CRS | None) -> str:
    if crs is None:
        return "无"
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _datum_name(crs: CRS) -> str:
    datum = crs.geodetic_crs.datum if crs.geodetic_crs is not None else crs.datum
    name = datum.name if datum is not None else crs.name
    return re.sub(r"^d_|[^0-9a-z]", "", name.lower())


def _is_cgcs(crs: CRS) -> bool:
    name = _datum_name(crs)
    return "china2000" in name or "cgcs2000" in name or "chinageodetic" in name


def _grid(crs: CRS | None) -> CRS | None:
    return crs if crs is not None and not crs.is_geographic else None


def _refuse_old(name: str, crs: CRS) -> None:
    datum = _datum_name(crs)
    for key, title in _OLD_DATUMS.items():
        if key in datum:
            raise InputError(
                f"坐标系是 {title}（{crs.name}），与现行坐标系之间没有通用的精确换算",
                "请让测绘单位转换为 CGCS2000 后再导入，或用 --control-points 提供至少三个新旧坐标都已知的控制点",
                file=name,
            )
    if is_old(crs):
        raise InputError(
            f"不支持的坐标系：{crs.name}",
            "请转换为 CGCS2000（EPSG:4490）或 WGS-84 后再导入，或用 --control-points 提供控制点",
            file=name,
        )
