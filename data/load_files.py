"""Paths of a load as a list of files to read: what each is, by its ending; folders only at their top level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from data.geofiles import SHAPEFILE_PARTS
from data.load_report import Findings
from geo.errors import Fault, InputError

FileKind = Literal["vector", "osm", "table"]

_TABLES: Final = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv", ".et")
_VECTORS: Final = (".gpkg", ".geojson", ".json", ".shp")
_OSM: Final = (".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2")
_ONLY_IF_NAMED: Final = (".txt", ".tsv", ".et")
"""Endings that are read when the user names the file, but in a folder are more often something else."""
_GEOJSON_SIGNS: Final = (b'"FeatureCollection"', b'"Feature"', b'"geometry"', b'"coordinates"')
_SNIFFED_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read."""

    path: Path
    kind: FileKind


def collect(paths: Iterable[Path], findings: Findings) -> list[Source]:
    """Files of the paths in the order they are read: vectors, OSM extracts, tables; by name within each.

    Raises
    ------
    InputError
        If a path does not exist, a named file has an unknown ending, or nothing is left to read. All of them at once.
    """
    sources: dict[Path, Source] = {}
    faults: list[Fault] = []
    for path in paths:
        if path.is_dir():
            for item in sorted(path.iterdir()):
                fault = _name_fault(item)
                if fault is not None:
                    findings.faults.append(fault)
                    continue
                source = _in_folder(item, findings)
                if source is not None:
                    sources.setdefault(item.resolve(), source)
        elif path.is_file():
            kind, fault = _kind(path), _name_fault(path)
            if fault is not None:
                faults.append(fault)
            elif kind is None:
                faults.append(Fault("不是可读入的文件类型", f"可读入：{_known()}", file=path.name))
            else:
                sources.setdefault(path.resolve(), Source(path, kind))
        else:
            faults.append(Fault("文件或文件夹不存在", "请检查路径", file=str(path)))
    if not faults and not sources:
        faults.append(Fault("没有可读入的文件", f"可读入：{_known()}", file="、".join(p.name for p in paths)))
    if faults:
        raise InputError(faults)
    order = {"vector": 0, "osm": 1, "table": 2}
    return sorted(sources.values(), key=lambda s: (order[s.kind], s.path.name, str(s.path)))


def _name_fault(path: Path) -> Fault | None:
    """Why a file cannot be named to the libraries that read it: names copied from old archives are often GBK bytes."""
    try:
        path.name.encode("utf-8")
    except UnicodeEncodeError:
        shown = path.name.encode("utf-8", "backslashreplace").decode("utf-8")
        return Fault("文件名的编码不是 UTF-8，无法打开", "请把文件改名后再导入", file=shown)
    return None


def _in_folder(item: Path, findings: Findings) -> Source | None:
    if item.is_dir() or item.name.startswith(".") or item.suffix.lower() in SHAPEFILE_PARTS:
        return None
    if item.name.startswith("~$"):
        findings.skip(item.name, "是 Excel 打开文件时的临时文件")
        return None
    kind = _kind(item)
    if kind is None or item.suffix.lower() in _ONLY_IF_NAMED:
        findings.skip(item.name, "不是可读入的文件类型")
        return None
    if item.suffix.lower() == ".json" and not _looks_like_geojson(item):
        findings.skip(item.name, "不是 GeoJSON")
        return None
    return Source(item, kind)


def _kind(path: Path) -> FileKind | None:
    name = path.name.lower()
    if name.endswith(_OSM):
        return "osm"
    if name.endswith(_VECTORS):
        return "vector"
    return "table" if name.endswith(_TABLES) else None


def _looks_like_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_SNIFFED_BYTES)
    return any(sign in head for sign in _GEOJSON_SIGNS)


def _known() -> str:
    return "、".join((*_TABLES[:4], *_VECTORS, *_OSM[:2]))
