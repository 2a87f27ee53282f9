"""A layer of a geographic file: as it was read, and as it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import Datum
from geo.errors import Fault


@dataclass(frozen=True)
class RawLayer:
    """What a driver or parser found, coordinates as the file has them.

    Attributes
    ----------
    name
        Layer, folder or sheet; the file's stem where it has only one.
    table
        Attributes, one row a feature.
    shapes
        One a row, ``None`` where the feature has none.
    crs
        What the file declares.
    rows
        Number of each feature in the file (1 = first), or of its row in the sheet.
    faults
        Features that gave no shape, with the reason.
    stated
        Datum that the table itself states (header, cell).
    nameless
        Whether the format has features without a name of their own, to be named by the estate that lies in them.
    """

    name: str
    table: pd.DataFrame
    shapes: NDArray[np.object_]
    crs: CRS | None = None
    rows: NDArray[np.int64] | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    stated: Datum | None = None
    nameless: bool = False
    n_read: int | None = None

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Number of each feature."""
        return np.arange(1, len(self.shapes) + 1) if self.rows is None else self.rows


@dataclass(frozen=True)
class Layer:
    """One layer of a file, its shapes valid and in EPSG:4490.

    ``frame`` is indexed by the feature's number in the file (1 = first); refused features are not in it but in
    ``faults``. ``repairs`` are features that were mended and kept. ``reason`` is kept with each boundary: how positions
    were carried over that no datum formula covers.
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
    reason: str | None = None
    nameless: bool = False

    @property
    def place(self) -> str:
        """File, and layer where its name says more than the file's."""
        return self.file if self.sheet is None else f"{self.file}，图层 {self.name}"

    @property
    def sheet(self) -> str | None:
        """The layer's name; ``None`` where it is the file's."""
        stem = self.file.rpartition("/")[2].rpartition(".")[0]
        return None if self.name in (stem, "") else self.name

    @property
    def shapes(self) -> str:
        """``point``, ``line``, ``polygon``, ``mixed`` or ``none``."""
        kinds = {shape_kind(str(kind)) for kind in self.frame.geom_type.dropna().unique()}
        if not kinds:
            return "none"
        return kinds.pop() if len(kinds) == 1 else "mixed"

    def fault(self, row: int, problem: str, remedy: str, column: str | None = None, value: object = None) -> Fault:
        """A fault of one feature."""
        text = None if value is None else str(value)
        return Fault(problem, remedy, file=self.file, sheet=self.sheet, row=int(row), column=column, value=text)


def shape_kind(geom_type: str) -> str:
    """``point``, ``line``, ``polygon``, or ``mixed`` for collections."""
    names: dict[str, Any] = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "polygon"}
    return str(names.get(geom_type.removeprefix("Multi"), "mixed"))
