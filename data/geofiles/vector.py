"""Geographic files of all kinds as layers of valid shapes in EPSG:4490."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.geofiles.dxf import dxf_layers
from data.geofiles.gdal_files import MAPINFO_PARTS, SHAPEFILE_PARTS, gdal_layers
from data.geofiles.kml import kml_layers
from data.geofiles.layer import Layer, RawLayer, shape_kind
from data.geofiles.placing import placed
from data.geofiles.reading import Reading
from geo.crs import STORAGE_CRS, Datum, describe_position, position_kinds
from geo.errors import Fault, InputError
from geo.shapes import repair
from geo.tangles import too_tangled

SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".shp", ".kml", ".kmz", ".dxf", ".tab", ".mif", ".gdb")
"""Endings of the geographic files that are read; OpenStreetMap's are in `data.geofiles.osm`."""
PARTS: Final = SHAPEFILE_PARTS | MAPINFO_PARTS
"""Endings of files that belong to another of the same stem."""
_LARGE: Final = 2_000
"""Vertices from which an outline is looked at before its validity is."""
_SPLIT: Final = {"point": "点", "line": "线", "polygon": "面"}


def read_layers(
    path: Path,
    *,
    datum: Datum | None = None,
    datum_by_pattern: Mapping[str, Datum] | None = None,
    reading: Reading | None = None,
    file: str | None = None,
) -> list[Layer]:
    """All layers of a geographic file that hold shapes.

    A layer of points, lines and polygons together comes back as one layer of each.

    Parameters
    ----------
    path
        A file with one of `SUFFIXES`, or a ``.gdb`` folder.
    datum, datum_by_pattern
        What the user said about datums; see `data.geofiles.datums.vector_datum`.
    reading
        That and all else that the user said; comes before the two.
    file
        Name to report, by default that of the path.

    Raises
    ------
    InputError
        If the file cannot be read as a whole, or nothing says its datum.
    """
    how = reading if reading is not None else Reading(datum, datum_by_pattern or {})
    name = file or path.name
    suffix = path.suffix.lower()
    if suffix in (".kml", ".kmz"):
        found = kml_layers(path, name)
    elif suffix == ".dxf":
        found = dxf_layers(path, name, how.encoding)
    else:
        found = gdal_layers(path, name, how.encoding)
    return read_raw(found, name, how)


def read_raw(found: list[RawLayer], file: str, reading: Reading) -> list[Layer]:
    """Raw layers placed, checked and repaired; see `read_layers`."""
    return [layer for raw in found for layer in _split(_layer(raw, file, reading))]


def _layer(raw: RawLayer, file: str, reading: Reading) -> Layer:
    where = placed(raw, file, reading)
    n = raw.n_read if raw.n_read is not None else len(raw.shapes) + len(raw.faults)
    bare = Layer(file, raw.name, gpd.GeoDataFrame(), where.datum, n)
    kept, mended, faults, repairs = _checked(bare, where.shapes, raw.numbers)
    table = raw.table.set_axis(pd.Index(raw.numbers), axis=0)
    return replace(
        bare,
        frame=gpd.GeoDataFrame(table[kept], geometry=mended[kept], crs=STORAGE_CRS),
        faults=(*raw.faults, *faults),
        repairs=tuple(repairs),
        notes=(*raw.notes, *where.notes),
        warnings=(*raw.warnings, *where.warnings),
        reason=where.reason,
        nameless=raw.nameless,
    )


def _split(layer: Layer) -> list[Layer]:
    """A layer of several kinds of shapes as one of each; refused features stay with the first."""
    if layer.shapes != "mixed":
        return [layer]
    kinds = np.array([shape_kind(str(kind)) for kind in layer.frame.geom_type], dtype=object)
    parts: list[Layer] = []
    for kind in ("polygon", "line", "point", "mixed"):
        mine = kinds == kind
        if not mine.any():
            continue
        n = int(mine.sum()) + (0 if parts else layer.n_read - len(layer.frame))
        stem = layer.file.rpartition("/")[2].rpartition(".")[0]
        name = f"{layer.name or stem}（{_SPLIT.get(kind, '混合')}）"
        part = replace(layer, name=name, frame=layer.frame[mine], n_read=n)
        if parts:
            part = replace(part, faults=(), repairs=(), notes=(), warnings=())
        parts.append(part)
    return parts


def _checked(
    layer: Layer, shapes: NDArray[np.object_], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.object_], list[Fault], list[Fault]]:
    """Which shapes are kept, all shapes after repair, faults of the refused, notes on the repaired."""
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
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
    # Before the validity, which itself takes half a minute on a scribble of 100,000 vertices.
    large = np.flatnonzero(finite & (kinds == "") & (shapely.get_num_coordinates(shapes) > _LARGE))
    tangled = {int(at): problem for at in large if (problem := too_tangled(shapes[at])) is not None}
    plain = finite.copy()
    plain[list(tangled)] = False
    suspect[list(tangled)] = True
    suspect[plain] |= ~shapely.is_valid(shapes[plain])
    for at in np.flatnonzero(suspect):
        row = int(numbers[at])
        wrong = describe_position(str(kinds[at])) if finite[at] else None
        wrong = wrong or tangled.get(int(at))
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


__all__ = ["PARTS", "SUFFIXES", "Layer", "read_layers", "read_raw"]
