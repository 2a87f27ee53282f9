"""Paths of a load as a list of files to read: what each is, by its ending; folders only at their top level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from data.geofiles import PARTS
from data.geofiles import SUFFIXES as _VECTORS
from data.geofiles.archives import unpack
from data.geofiles.dxf_entities import dwg_refused
from data.load_report import Findings
from geo.errors import Fault, InputError

FileKind = Literal["vector", "osm", "table"]

_TABLES: Final = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv", ".et")
_OSM: Final = (".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2")
_ARCHIVES: Final = (".zip",)
_ONLY_IF_NAMED: Final = (".txt", ".tsv", ".et")
"""Endings that are read when the user names the file, but in a folder are more often something else."""
_REFUSED: Final = {".dwg": dwg_refused}
_GEOJSON_SIGNS: Final = (b'"FeatureCollection"', b'"Feature"', b'"geometry"', b'"coordinates"')
_SNIFFED_BYTES: Final = 65_536

SUFFIXES: Final = (*_TABLES[:3], ".csv", ".txt", *_VECTORS[:-1], *_OSM[:2], *_ARCHIVES)
"""Endings that a load takes, as a person is told them; a ``.gdb`` is a folder and comes by path or in a ``.zip``."""
UPLOADS: Final = tuple(sorted({name.rpartition(".")[2] for name in (*SUFFIXES, ".pbf", *PARTS, ".dwg")}))
"""Endings that an upload form accepts, without the dot: all that a load takes, and the parts of shapefiles and MapInfo
tables. A ``.dwg`` is accepted so that its remedy can be told."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. ``archive`` is the name of the archive that it came in, with its folder there."""

    path: Path
    kind: FileKind
    archive: str = ""

    @property
    def name(self) -> str:
        """The file as reports name it, e.g. ``小区.zip/边界.shp``."""
        return f"{self.archive}/{self.path.name}" if self.archive else self.path.name


def collect(paths: Iterable[Path], findings: Findings, scratch: Path | None = None) -> list[Source]:
    """Files of the paths in the order they are read: vectors, OSM extracts, tables; by name within each.

    Parameters
    ----------
    scratch
        Folder in which archives are unpacked; without one they are refused.

    Raises
    ------
    InputError
        If a path does not exist, a named file has an unknown ending, or nothing is left to read. All of them at once.
    """
    sources: dict[Path, Source] = {}
    faults: list[Fault] = []
    for path in paths:
        if path.is_dir() and not _is_database(path):
            for item in sorted(path.iterdir()):
                fault = _name_fault(item)
                if fault is not None:
                    findings.faults.append(fault)
                    continue
                try:
                    found = _in_folder(item, findings, scratch)
                except InputError as error:
                    findings.faults.extend(error.faults)
                    continue
                for source in found:
                    sources.setdefault(source.path.resolve(), source)
        elif path.exists():
            named = _named(path, findings, scratch)
            if isinstance(named, list):
                for source in named:
                    sources.setdefault(source.path.resolve(), source)
            else:
                faults.extend(named)
        else:
            faults.append(Fault("文件或文件夹不存在", "请检查路径", file=str(path)))
    if not faults and not sources:
        faults.extend(findings.faults)
        faults.append(Fault("没有可读入的文件", f"可读入：{_known()}", file="、".join(p.name for p in paths)))
    if faults:
        raise InputError(faults)
    order = {"vector": 0, "osm": 1, "table": 2}
    return sorted(sources.values(), key=lambda s: (order[s.kind], s.name, str(s.path)))


def _named(path: Path, findings: Findings, scratch: Path | None) -> list[Source] | tuple[Fault, ...]:
    """Sources of a file that the user named, or why it gives none."""
    fault = _name_fault(path)
    if fault is not None:
        return (fault,)
    try:
        if path.suffix.lower() in _REFUSED:
            raise _REFUSED[path.suffix.lower()](path.name)
        if path.suffix.lower() in _ARCHIVES:
            return _unpacked(path, findings, scratch)
    except InputError as error:
        return error.faults
    kind = _kind(path)
    if kind is None:
        return (Fault("不是可读入的文件类型", f"可读入：{_known()}", file=path.name),)
    return [Source(path, kind)]


def _is_database(path: Path) -> bool:
    return path.suffix.lower() == ".gdb" and path.is_dir()


def _name_fault(path: Path) -> Fault | None:
    """Why a file cannot be named to the libraries that read it: names copied from old archives are often GBK bytes."""
    try:
        path.name.encode("utf-8")
    except UnicodeEncodeError:
        shown = path.name.encode("utf-8", "backslashreplace").decode("utf-8")
        return Fault("文件名的编码不是 UTF-8，无法打开", "请把文件改名后再导入", file=shown)
    return None


def _in_folder(item: Path, findings: Findings, scratch: Path | None, archive: str = "") -> list[Source]:
    suffix = item.suffix.lower()
    if _is_database(item):
        return [Source(item, "vector", archive)]
    if item.is_dir() or item.name.startswith(".") or (suffix in PARTS and not _alone(item)):
        return []
    shown = f"{archive}/{item.name}" if archive else item.name
    if item.name.startswith("~$"):
        findings.skip(shown, "是 Excel 打开文件时的临时文件")
        return []
    if suffix in _REFUSED:
        raise _REFUSED[suffix](shown)
    if suffix in _ARCHIVES and not archive:
        return _unpacked(item, findings, scratch)
    kind = _kind(item)
    if kind is None or suffix in _ONLY_IF_NAMED:
        findings.skip(shown, _why_not(item))
        return []
    if suffix == ".json" and not _looks_like_geojson(item):
        findings.skip(shown, "不是 GeoJSON")
        return []
    return [Source(item, kind, archive)]


def _alone(part: Path) -> bool:
    """Whether a part has no main file beside it: then its absence must be told."""
    if part.suffix.lower() not in (".shx", ".dbf", ".dat", ".mid"):
        return False
    mains = (".shp", ".tab", ".mif")
    return not any(
        other.suffix.lower() in mains and other.stem.lower() == part.stem.lower() for other in part.parent.iterdir()
    )


def _why_not(item: Path) -> str:
    if item.suffix.lower() in PARTS:
        return "缺少同名的主文件（.shp、.tab 或 .mif），请一起提供"
    return "不是可读入的文件类型"


def _unpacked(path: Path, findings: Findings, scratch: Path | None) -> list[Source]:
    """Sources in an archive, its folders looked through.

    Raises
    ------
    InputError
        If it cannot be unpacked or holds nothing that is read.
    """
    if scratch is None:
        raise InputError("此处不能读压缩包", "请解压后再导入", file=path.name)
    into = scratch / f"{len(list(scratch.iterdir()))}"
    into.mkdir()
    endings = (*_TABLES[:4], *_VECTORS[:-1], *_OSM, *PARTS, ".dwg", *_DATABASE_PARTS)
    files = unpack(path, path.name, into, endings)
    found: dict[Path, Source] = {}
    faults: list[Fault] = []
    for file in files:
        database = next((parent for parent in file.parents if _is_database(parent) and into in parent.parents), None)
        item = file if database is None else database
        inside = item.parent.relative_to(into).as_posix()
        archive = path.name if inside == "." else f"{path.name}/{inside}"
        try:
            for source in _in_folder(item, findings, None, archive):
                found.setdefault(source.path, source)
        except InputError as error:
            faults.extend(error.faults)
    if not found:
        raise InputError(
            faults or [Fault("压缩包里没有可读入的文件", f"可读入：{_known()}；压缩包里的压缩包不打开", file=path.name)]
        )
    findings.faults.extend(faults)
    return list(found.values())


_DATABASE_PARTS: Final = (
    ".gdbtable", ".gdbtablx", ".gdbindexes", ".atx", ".spx", ".freelist", ".horizon", ".gdb/gdb", ".gdb/timestamps",
)  # fmt: skip


def _kind(path: Path) -> FileKind | None:
    name = path.name.lower()
    if name.endswith(_OSM):
        return "osm"
    if name.endswith(_VECTORS):
        return "vector" if path.is_dir() or not name.endswith(".gdb") else None
    return "table" if name.endswith(_TABLES) else None


def _looks_like_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_SNIFFED_BYTES)
    return any(sign in head for sign in _GEOJSON_SIGNS)


def _known() -> str:
    return "、".join(SUFFIXES)
