"""Vector files that GDAL reads (GeoPackage, GeoJSON, shapefile, MapInfo, file geodatabase), as raw layers."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError

from data.geofiles.columns import restored
from data.geofiles.datums import ASK
from data.geofiles.drivers import allowed, pyogrio
from data.geofiles.encoding import RAW, DbfEncoding, dbf_encoding, header_names, likeliest
from data.geofiles.layer import RawLayer
from geo.errors import InputError

SHAPEFILE_PARTS: Final = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".qpj"})
"""Files that belong to a ``.shp`` of the same stem, and are read with it."""
MAPINFO_PARTS: Final = frozenset({".dat", ".map", ".id", ".ind", ".mid"})
"""Files that belong to a ``.tab`` or ``.mif`` of the same stem."""
MAX_FEATURES: Final = 2_000_000
_PARTS: Final = {".shp": (".shx", ".dbf"), ".tab": (".dat", ".map", ".id"), ".mif": (".mid",)}
BROKEN: Final = (
    DataSourceError,
    DataLayerError,
    FieldError,
    GeometryError,
    UnicodeDecodeError,
    shapely.errors.GEOSException,
    ValueError,
    RuntimeError,
    OverflowError,
    MemoryError,
)


def gdal_layers(path: Path, file: str, encoding: str | None) -> list[RawLayer]:
    """All layers that hold shapes.

    Raises
    ------
    InputError
        If the file cannot be read as a whole.
    """
    return [_raw(path, file, name, encoding) for name in _layer_names(path, file)]


def _layer_names(path: Path, file: str) -> list[str]:
    suffix = path.suffix.lower()
    missing = [part for part in _PARTS.get(suffix, ()) if sibling(path, part) is None]
    if missing:
        kind = "shapefile" if suffix == ".shp" else "MapInfo 文件"
        every = "、".join((suffix, *_PARTS[suffix], ".prj") if suffix == ".shp" else (suffix, *_PARTS[suffix]))
        raise InputError(f"{kind} 不完整，缺少 {'、'.join(missing)}", f"请把同名的 {every} 一起提供", file=file)
    if suffix == ".shp":
        _refuse_cut(path, file)
    try:
        layers = pyogrio.list_layers(path)
        if len(layers) and not allowed(path, str(layers[0][0])):
            raise unreadable(path, file, ValueError("driver"))
    except BROKEN as error:
        raise unreadable(path, file, error) from error
    names = [str(name) for name, kind in layers if kind is not None]
    if not names:
        raise InputError("文件里没有带图形的图层", "请确认导出时包含了图形", file=file)
    return names


def _refuse_cut(shp: Path, file: str) -> None:
    """Compare sizes with what the headers say: GDAL reads a cut shapefile as if the rest were empty."""
    with shp.open("rb") as stream:
        words = int.from_bytes(stream.read(28)[24:28], "big")
    dbf = sibling(shp, ".dbf")
    assert dbf is not None
    with dbf.open("rb") as stream:
        head = stream.read(12)
    table = int.from_bytes(head[8:10], "little")
    table += int.from_bytes(head[4:8], "little") * int.from_bytes(head[10:12], "little")
    if shp.stat().st_size < max(2 * words, 100) or dbf.stat().st_size < max(table, 33):
        raise unreadable(shp, file, ValueError("cut"))


def _raw(path: Path, file: str, name: str, encoding: str | None) -> RawLayer:
    shapefile = path.suffix.lower() == ".shp"
    wanted = RAW if shapefile else encoding if path.suffix.lower() in (".tab", ".mif") else None
    try:
        with np.errstate(invalid="ignore"), warnings.catch_warnings(record=True) as said:
            # NaN coordinates are told by the checks; columns of JSON that is none stay text.
            warnings.simplefilter("always")
            meta, wkb, cells, raw = _read(path, name, wanted)
            shapes = shapely.from_wkb(wkb, on_invalid="ignore") if wkb is not None else np.full(len(cells[0]), None)
        crs = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    except CRSError as error:
        raise InputError("文件中的坐标系定义无法识别", ASK, file=file) from error
    except BROKEN as error:
        raise unreadable(path, file, error) from error
    if len(shapes) > MAX_FEATURES:
        raise InputError(f"图层 {name} 超过 {MAX_FEATURES} 个要素", "请按县区拆成几个文件", file=file)
    notes: list[str] = []
    if any("Non closed ring" in str(item.message) for item in said):
        notes.append(f"{file}：有的边界首尾没有闭合，按空图形退回，请补上与起点相同的末点")
    titles, values = [str(field) for field in meta["fields"]], list(cells)
    told: list[str] = []
    doubts: list[str] = []
    if shapefile:
        decoder = dbf_encoding(path, encoding)
        titles, values = _decoded(path, titles, values, decoder)
        notes += [f"{file}：{decoder.note}"] if decoder.note else []
        doubts += [f"{file}：{decoder.doubt}"] if decoder.doubt else []
        titles, told = restored(titles, decoder.name)
    elif raw:
        titles, values, chosen = _told_by_bytes(titles, values)
        notes.append(f"{file}：属性表没有说明编码，按 {chosen} 读取")
    notes += [f"{file}：{text}" for text in told]
    table, doubles = _table(titles, values, len(shapes))
    doubts += [f"{file}：{text}" for text in doubles]
    return RawLayer(name, table, np.asarray(shapes, dtype=object), crs, notes=tuple(notes), warnings=tuple(doubts))


def _read(path: Path, name: str, encoding: str | None) -> tuple[dict[str, Any], Any, Any, bool]:
    """Metadata, shapes and columns of a layer, and whether texts are bytes in disguise (`RAW`) though nobody asked."""
    most = MAX_FEATURES + 1
    try:
        meta, _, wkb, cells = pyogrio.raw.read(path, layer=name, encoding=encoding, max_features=most)
    except UnicodeDecodeError:
        if path.suffix.lower() not in (".tab", ".mif") or encoding is not None:
            raise
        meta, _, wkb, cells = pyogrio.raw.read(path, layer=name, encoding=RAW, max_features=most)
        return meta, wkb, cells, True
    return meta, wkb, cells, False


def _told_by_bytes(titles: list[str], values: list[Any]) -> tuple[list[str], list[Any], str]:
    """Titles and cells that were read as `RAW`, decoded by the encoding that they fit best, and its name."""
    texts = [*titles, *(v for cells in values if cells.dtype.kind == "O" for v in cells if isinstance(v, str))]
    chosen = DbfEncoding(likeliest([text.encode(RAW, errors="ignore") for text in texts]))
    decoded = [
        [chosen.decode(v) if isinstance(v, str) else v for v in cells] if cells.dtype.kind == "O" else cells
        for cells in values
    ]
    return [chosen.decode(title) for title in titles], decoded, chosen.name


def _table(titles: list[str], values: list[Any], n: int) -> tuple[pd.DataFrame, list[str]]:
    """Columns by their titles; of several of one title the first, the others as 标题_2, and a sentence on them."""
    columns: dict[str, Any] = {}
    doubles: list[str] = []
    for title, cells in zip(titles, values, strict=True):
        name = "geometry_" if title.strip() == "geometry" else title.strip()
        if name in columns:
            doubles.append(name)
            number = 2
            while f"{name}_{number}" in columns:
                number += 1
            name = f"{name}_{number}"
        columns[name] = cells
    told = []
    if doubles:
        listed = "、".join(f"“{name}”" for name in dict.fromkeys(doubles))
        told.append(f"有几列同名（{listed}，可能是列名被截到 10 个字节），只用第一列，其余改名保留，请核对")
    return pd.DataFrame(columns, index=pd.RangeIndex(n)), told


def _decoded(
    path: Path, titles: list[str], values: list[NDArray[Any]], decoder: DbfEncoding
) -> tuple[list[str], list[Any]]:
    """Titles from the table's own header (GDAL changes those it thinks broken), text cells decoded."""
    own = header_names(path)
    named = (
        [decoder.decode_bytes(raw) for raw in own] if len(own) == len(titles) else [decoder.decode(t) for t in titles]
    )
    result: list[Any] = []
    for cells in values:
        if cells.dtype.kind == "O":
            result.append([decoder.decode(value) if isinstance(value, str) else value for value in cells])
        else:
            result.append(cells)
    return named, result


def sibling(path: Path, suffix: str) -> Path | None:
    """The file of the same stem with another ending, in small or capital letters."""
    candidates = (path.with_suffix(suffix), path.with_suffix(suffix.upper()), path.with_suffix(suffix.capitalize()))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def unreadable(path: Path, file: str, error: Exception) -> InputError:
    """One clear sentence for a file that its driver cannot open."""
    text = str(error)
    if path.is_file() and path.stat().st_size == 0:
        return InputError("文件是空的", "请重新导出或重新拷贝该文件", file=file)
    if "CRS" in text or "SRS" in text:
        return InputError("文件中的坐标系定义无法识别", ASK, file=file)
    kinds = {
        ".gpkg": "GeoPackage", ".shp": "shapefile", ".tab": "MapInfo TAB", ".mif": "MapInfo MIF",
        ".gdb": "文件地理数据库（.gdb）", ".kml": "KML", ".kmz": "KMZ", ".dxf": "DXF",
    }  # fmt: skip
    kind = kinds.get(path.suffix.lower(), "GeoJSON")
    remedy = "请重新导出或重新拷贝该文件"
    content = sniffed(path)
    if content is not None and content != path.suffix.lower():
        return InputError(
            f"扩展名是 {path.suffix}，内容却是 {content} 文件", f"请把扩展名改为 {content} 后再导入", file=file
        )
    return InputError(f"不是完整有效的 {kind} 文件，可能被截断、损坏或改了扩展名", remedy, file=file)


def sniffed(path: Path) -> str | None:
    """Ending that the first bytes of a file call for; ``None`` if they say nothing."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        head = stream.read(1024)
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"SQLite format 3\x00"):
        return ".gpkg"
    if head[:4] == b"\x00\x00\x27\x0a":
        return ".shp"
    if head.startswith(b"AC10"):
        return ".dwg"
    if head.startswith(b"PK\x03\x04"):
        return ".xlsx" if b"[Content_Types].xml" in head or b"xl/" in head else ".kmz" if b".kml" in head else ".zip"
    if b"<kml" in plain.lower():
        return ".kml"
    if (
        head.startswith(b"AutoCAD Binary DXF")
        or plain[:3] == b"0\r\n"
        or plain[:2] == b"0\n"
        or b"SECTION" in plain[:64]
    ):
        return ".dxf"
    if plain.startswith(b"%PDF"):
        return ".pdf"
    return None
