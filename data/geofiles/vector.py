"""Vector files (GeoPackage, GeoJSON, shapefile) as layers of valid shapes in EPSG:4490."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer

from data.geofiles.datums import ASK, DatumChoice, datum_of_pattern, prefixed_zone, vector_datum
from data.geofiles.encoding import RAW, dbf_encoding
from geo.crs import STORAGE_CRS, Datum, describe_position, position_kinds
from geo.errors import Fault, InputError
from geo.shapes import move_to_storage, repair

SUFFIXES: Final = frozenset({".gpkg", ".geojson", ".json", ".shp"})
SHAPEFILE_PARTS: Final = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".qpj"})
"""Files that belong to a ``.shp`` of the same stem, and are read with it."""


@dataclass(frozen=True)
class Layer:
    """One layer of a file, its shapes valid and in EPSG:4490.

    ``frame`` is indexed by the feature's number in the file (1 = first); refused features are not in it but in
    ``faults``. ``repairs`` are features that were mended and kept.
    """

    file: str
    name: str
    frame: gpd.GeoDataFrame
    datum: Datum
    n_read: int
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def place(self) -> str:
        """File, and layer where its name says more than the file's."""
        stem = self.file.rpartition(".")[0]
        return self.file if self.name in (stem, "") else f"{self.file}，图层 {self.name}"

    @property
    def sheet(self) -> str | None:
        return None if self.name == self.file.rpartition(".")[0] else self.name

    @property
    def shapes(self) -> str:
        """``point``, ``line``, ``polygon``, ``mixed`` or ``none``."""
        kinds = {str(kind).removeprefix("Multi") for kind in self.frame.geom_type.dropna().unique()}
        names = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "polygon"}
        if not kinds:
            return "none"
        return names.get(kinds.pop(), "mixed") if len(kinds) == 1 else "mixed"

    def fault(self, row: int, problem: str, remedy: str, column: str | None = None, value: object = None) -> Fault:
        """A fault of one feature."""
        text = None if value is None else str(value)
        return Fault(problem, remedy, file=self.file, sheet=self.sheet, row=int(row), column=column, value=text)


def read_layers(
    path: Path, *, datum: Datum | None = None, datum_by_pattern: Mapping[str, Datum] | None = None
) -> list[Layer]:
    """All layers of a vector file that hold shapes.

    Parameters
    ----------
    path
        ``.gpkg``, ``.geojson``, ``.json`` or ``.shp``.
    datum, datum_by_pattern
        What the user said about datums; see `data.geofiles.datums.vector_datum`.

    Raises
    ------
    InputError
        If the file cannot be read as a whole, or nothing says its datum.
    """
    names = _layer_names(path)
    return [_read_layer(path, name, datum, datum_by_pattern or {}) for name in names]


def _layer_names(path: Path) -> list[str]:
    if path.suffix.lower() == ".shp":
        missing = [part for part in (".shx", ".dbf") if _part(path, part) is None]
        if missing:
            raise InputError(
                f"shapefile 不完整，缺少 {'、'.join(missing)}",
                "请把同名的 .shp、.shx、.dbf、.prj 一起提供",
                file=path.name,
            )
        _refuse_cut(path)
    try:
        layers = pyogrio.list_layers(path)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    names = [str(name) for name, kind in layers if kind is not None]
    if not names:
        raise InputError("文件里没有带图形的图层", "请确认导出时包含了图形", file=path.name)
    return names


def _refuse_cut(shp: Path) -> None:
    """Compare sizes with what the headers say: GDAL reads a cut shapefile as if the rest were empty."""
    with shp.open("rb") as stream:
        words = int.from_bytes(stream.read(28)[24:28], "big")
    dbf = _part(shp, ".dbf")
    assert dbf is not None
    with dbf.open("rb") as stream:
        head = stream.read(12)
    table = int.from_bytes(head[8:10], "little")
    table += int.from_bytes(head[4:8], "little") * int.from_bytes(head[10:12], "little")
    if shp.stat().st_size < max(2 * words, 100) or dbf.stat().st_size < max(table, 33):
        raise _unreadable(shp, ValueError("cut"))


def _read_layer(path: Path, name: str, explicit: Datum | None, patterns: Mapping[str, Datum]) -> Layer:
    shapefile = path.suffix.lower() == ".shp"
    try:
        with np.errstate(invalid="ignore"), warnings.catch_warnings(record=True) as said:
            # NaN coordinates are told by _checked; columns of JSON that is none stay text.
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", message="Could not parse column")
            frame = pyogrio.read_dataframe(path, layer=name, encoding=RAW if shapefile else None, on_invalid="ignore")
    except (DataSourceError, DataLayerError, UnicodeDecodeError, shapely.errors.GEOSException, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    notes = [f"{path.name}：有的边界首尾没有闭合，按空图形退回，请补上与起点相同的末点"] if _unclosed(said) else []
    if shapefile:
        frame, note = _decoded(path, frame)
        notes += [f"{path.name}：{note}"] if note else []
    shapes = frame.geometry.to_numpy()
    choice = _choice(path, shapes, frame.crs, explicit, patterns)
    moved = move_to_storage(_through_proj(shapes, choice.crs), choice.datum)
    bare = Layer(path.name, name, gpd.GeoDataFrame(), choice.datum, len(frame))
    kept, mended, faults, repairs = _checked(bare, moved)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    table.columns = [str(column).strip() for column in table.columns]
    table = table.loc[:, ~table.columns.duplicated()]
    table = table.rename(columns={c: f"{c}_" for c in table.columns if c == "geometry"})
    table.index = pd.RangeIndex(1, len(table) + 1)
    result = gpd.GeoDataFrame(table[kept], geometry=mended[kept], crs=STORAGE_CRS)
    return replace(
        bare,
        frame=result,
        faults=tuple(faults),
        repairs=tuple(repairs),
        notes=(*notes, *choice.notes),
        warnings=choice.warnings,
    )


def _unclosed(said: list[warnings.WarningMessage]) -> bool:
    """Whether the driver met an open ring, which it gives as an empty shape; what else it said goes on."""
    rest = [item for item in said if "Non closed ring" not in str(item.message)]
    for item in rest:
        warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
    return len(rest) < len(said)


def _choice(
    path: Path, shapes: NDArray[np.object_], crs: Any, explicit: Datum | None, patterns: Mapping[str, Datum]
) -> DatumChoice:
    """Datum of the layer; a plane grid without any declaration is recognised by its zone prefix."""
    declared = CRS.from_user_input(crs) if crs is not None else None
    bounds = shapely.bounds(shapes)
    centre = np.nanmedian(bounds, axis=0) if np.isfinite(bounds).any() else np.full(4, np.nan)
    plane = bool(np.abs(centre[0]) > 1000 or np.abs(centre[1]) > 1000)
    if plane and (declared is None or declared.is_geographic):
        zone = prefixed_zone(float(centre[0]))
        if zone is None:
            raise InputError(
                "坐标是以米为单位的平面坐标，但文件没有说明是哪个投影带",
                "请补上 .prj 坐标系文件后再导入",
                file=path.name,
            )
        number = int(centre[0] // 1_000_000)
        note = f"{path.name}：坐标带 {number} 带前缀，按 {zone.name}（EPSG:{zone.to_epsg()}）读取"
        wanted = datum_of_pattern(path.name, patterns)
        against: tuple[str, ...] = ()
        if wanted is None and explicit is not None and explicit.shifted:
            against = (f"{path.name}：命令写的是 {explicit.label}，坐标却是 {zone.name}，按后者读取",)
        return DatumChoice(wanted or Datum.CGCS2000, zone, (note,), against)
    return vector_datum(path.name, declared, explicit, patterns)


def _through_proj(shapes: NDArray[np.object_], crs: CRS | None) -> NDArray[np.object_]:
    if crs is None:
        return shapes
    proj = Transformer.from_crs(crs, CRS.from_string(STORAGE_CRS), always_xy=True)
    return shapely.transform(shapely.force_2d(shapes), lambda xy: np.column_stack(proj.transform(xy[:, 0], xy[:, 1])))


def _checked(
    layer: Layer, shapes: NDArray[np.object_]
) -> tuple[NDArray[np.bool_], NDArray[np.object_], list[Fault], list[Fault]]:
    """Which shapes are kept, all shapes after repair, faults of the refused, notes on the repaired."""
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    finite = np.zeros(len(shapes), dtype=bool)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    lost = np.zeros(len(shapes), dtype=bool)
    lost[owner[~np.isfinite(xy).all(axis=1)]] = True
    finite = present & ~lost
    kept, mended = finite.copy(), shapes.copy()
    faults: list[Fault] = []
    repairs: list[Fault] = []
    bounds = shapely.bounds(shapes)
    kinds = position_kinds((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    suspect = ~finite | (kinds != "")
    suspect[finite] |= ~shapely.is_valid(shapes[finite])
    for at in np.flatnonzero(suspect):
        row = int(at) + 1
        wrong = describe_position(str(kinds[at])) if finite[at] else None
        if wrong is not None:
            kept[at] = False
            faults.append(layer.fault(row, *wrong))
            continue
        try:
            mended[at], note = repair(shapes[at])
        except InputError as error:
            kept[at] = False
            faults.append(layer.fault(row, error.faults[0].problem, error.faults[0].remedy))
            continue
        if note is not None:
            repairs.append(layer.fault(row, note, "请在地图上核对该图形"))
    return kept, mended, faults, repairs


def _decoded(path: Path, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, str | None]:
    encoding = dbf_encoding(path)
    result = frame.rename(columns={c: encoding.decode(str(c)) for c in frame.columns if c != frame.geometry.name})
    for column in result.columns:
        if column != result.geometry.name and result[column].dtype.kind not in "biufcM":
            result[column] = [encoding.decode(v) if isinstance(v, str) else v for v in result[column]]
    return result, encoding.note


def _part(path: Path, suffix: str) -> Path | None:
    candidates = (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _unreadable(path: Path, error: Exception) -> InputError:
    text = str(error)
    if path.stat().st_size == 0:
        return InputError("文件是空的", "请重新导出或重新拷贝该文件", file=path.name)
    if "CRS" in text or "SRS" in text:
        return InputError("文件中的坐标系定义无法识别", ASK, file=path.name)
    kind = {".gpkg": "GeoPackage", ".shp": "shapefile"}.get(path.suffix.lower(), "GeoJSON")
    return InputError(
        f"不是完整有效的 {kind} 文件，可能被截断、损坏或改了扩展名", "请重新导出或重新拷贝该文件", file=path.name
    )
