"""Entities of a DXF drawing as GDAL gives them: layer, text and shape, decoded only where they are wanted."""

from __future__ import annotations

import codecs
import re
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from data.geofiles.drivers import pyogrio
from data.geofiles.gdal_files import BROKEN, sniffed, unreadable
from geo.errors import InputError

MAX_BYTES: Final = 600 * 2**20
MAX_ENTITIES: Final = 3_000_000
_HEAD_BYTES: Final = 400_000
_CHUNK: Final = 2**22
_CODE_PAGE: Final = threading.Lock()
_POINT: Final = 1
_LINES_AND_AREAS: Final = (2, 3, 5, 6, 7)
"""Codes of well-known binary: line strings, polygons, their multiples, collections."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Entities of the model space.

    Attributes
    ----------
    layers, texts
        One an entity; texts are ``None`` but for TEXT, MTEXT and the like.
    kinds
        Code of the shape in well-known binary, heights left out.
    millimetres
        Whether the header says that the unit is the millimetre.
    """

    layers: NDArray[Any]
    texts: NDArray[Any]
    kinds: NDArray[np.int64]
    wkb: NDArray[Any]
    millimetres: bool

    def shapes(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Shapes of these entities in two dimensions; ``None`` for the broken."""
        return np.asarray(shapely.force_2d(shapely.from_wkb(self.wkb[rows], on_invalid="ignore")), dtype=object)

    def labels(self) -> NDArray[np.int64]:
        """Entities that are a text at a point."""
        return np.flatnonzero((self.kinds == _POINT) & np.array([bool(text) for text in self.texts], dtype=bool))

    def lines(self) -> dict[str, NDArray[np.int64]]:
        """Entities that are lines or areas, by layer, in the order of the drawing."""
        rows = np.flatnonzero(np.isin(self.kinds, _LINES_AND_AREAS))
        names = self.layers[rows].astype(str)
        order = np.argsort(names, kind="stable")
        starts = np.flatnonzero(np.r_[True, names[order][1:] != names[order][:-1]]) if len(rows) else np.zeros(0, int)
        parts = np.split(rows[order], starts[1:]) if len(rows) else []
        by_first = sorted(parts, key=lambda part: int(part[0]))
        return {str(self.layers[part[0]]): part for part in by_first}


def dwg_refused(file: str) -> InputError:
    """The refusal of AutoCAD's own format."""
    remedy = "请在 CAD 软件中另存为 DXF（AutoCAD 2000 或 2004 格式）后再导入"
    return InputError("是 AutoCAD 的 DWG 文件，无法读取", remedy, file=file)


def read_drawing(path: Path, file: str, encoding: str | None) -> Drawing:
    """All entities of a drawing.

    Raises
    ------
    InputError
        If the file is no DXF, a DWG, or too large.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        problem = f"文件有 {size / 2**20:.0f} MB，超过 {MAX_BYTES // 2**20} MB"
        raise InputError(problem, "请在 CAD 中只导出小区边界所在的图层", file=file)
    if sniffed(path) == ".dwg":
        raise dwg_refused(file)
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            with _code_page(path, head, encoding):
                meta, _, wkb, cells = pyogrio.raw.read(
                    path, columns=["Layer", "PaperSpace", "Text"], max_features=MAX_ENTITIES + 1
                )
    except BROKEN as error:
        raise unreadable(path, file, error) from error
    if len(wkb) > MAX_ENTITIES:
        raise InputError(f"图形超过 {MAX_ENTITIES} 个", "请在 CAD 中只导出小区边界所在的图层", file=file)
    columns = dict(zip(meta["fields"], cells, strict=True))
    if not {"Layer", "PaperSpace", "Text"} <= set(columns):  # another format that GDAL knows, under this ending
        raise unreadable(path, file, ValueError("columns"))
    keep = np.array([value != 1 for value in columns["PaperSpace"]], dtype=bool)
    kinds = np.array([_kind(shape) for shape in wkb[keep]], dtype=np.int64)
    return Drawing(columns["Layer"][keep], columns["Text"][keep], kinds, wkb[keep], _unit(head) == 4)


def _kind(wkb: bytes | None) -> int:
    if wkb is None or len(wkb) < 5:
        return 0
    return int.from_bytes(wkb[1:5], "little" if wkb[0] == 1 else "big") % 0x80000000 % 1000


class _code_page:
    """GDAL's choice of code page, where a person says one, or the bytes speak against what the drawing names.

    Drawings since 2007 are UTF-8 whatever page they name; older Chinese ones often name none, or a western one.
    """

    def __init__(self, path: Path, head: bytes, encoding: str | None) -> None:
        named = re.search(rb"\$DWGCODEPAGE\s+3\s+(\S+)", head)
        unnamed = named is None or named[1].upper() in (b"ANSI_1252", b"DOS437", b"ASCII", b"UTF-8")
        kind = _bytes_kind(path)
        guess = "UTF-8" if kind == "utf-8" else "CP936" if kind == "other" and unnamed else None
        self._wanted = encoding if encoding is not None else guess

    def __enter__(self) -> None:
        _CODE_PAGE.acquire()  # the option is one for the whole process: two loads at once would mix theirs
        self._before = pyogrio.get_gdal_config_option("DXF_ENCODING")
        pyogrio.set_gdal_config_options({"DXF_ENCODING": self._wanted})

    def __exit__(self, *_: object) -> None:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": self._before})
        _CODE_PAGE.release()


def _bytes_kind(path: Path) -> str:
    """``ascii``, ``utf-8`` or ``other``, over the whole file."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ascii_only = True
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if chunk.isascii() and ascii_only:
                continue
            ascii_only = False
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return "other"
    return "ascii" if ascii_only else "utf-8"


def _unit(head: bytes) -> int:
    found = re.search(rb"\$INSUNITS\s+70\s+(\d+)", head)
    return int(found[1]) if found else 0
