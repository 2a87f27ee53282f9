"""Text of shapefiles: which encoding a ``.dbf`` really holds.

A GBK table without ``.cpg`` is read as Latin-1 by GDAL, silently ("Ð¡Çø…"). So the bytes themselves are looked at. All
text is then decoded here, not by GDAL, which fails on names cut in the middle of a character.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

RAW: Final = "ISO-8859-1"
"""Encoding to ask GDAL for: it keeps every byte, so that `decode` can do the work."""

_SAMPLE_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class DbfEncoding:
    """Encoding to decode with, and a Chinese note where it is not what the file says."""

    name: str
    note: str | None = None

    def decode(self, text: str) -> str:
        """Text that GDAL read as `RAW`. A character cut off at the end of the field is dropped."""
        if text.isascii():
            return text
        try:
            raw = text.encode(RAW)
        except UnicodeEncodeError:
            return text
        return raw.decode(self.name, errors="ignore").rstrip("\x00 ")


def dbf_encoding(shp: Path) -> DbfEncoding:
    """Encoding of the attribute table beside a ``.shp``.

    UTF-8 if all text is valid UTF-8, else GB18030 if it is that, else what ``.cpg`` says.
    """
    dbf = _sibling(shp, ".dbf")
    if dbf is None:
        return DbfEncoding("UTF-8")
    declared = _declared(shp)
    cells = _cells(dbf)
    if all(cell.isascii() for cell in cells):
        return DbfEncoding(declared or "UTF-8")
    for name in ("UTF-8", "GB18030"):
        if _fits(cells, name):
            if declared is not None and _same(declared, name):
                return DbfEncoding(name)
            if declared is None:
                return DbfEncoding(name, None if name == "UTF-8" else "属性表没有编码说明（.cpg），按 GB18030 读取")
            return DbfEncoding(name, f"编码说明（.cpg）写的是 {declared}，内容实为 {name}，按 {name} 读取")
    fallback = declared or "GB18030"
    return DbfEncoding(fallback, f"属性表的文字不全是 UTF-8 或 GB18030，按 {fallback} 读取，个别文字可能缺失")


def _declared(shp: Path) -> str | None:
    cpg = _sibling(shp, ".cpg")
    if cpg is None:
        return None
    text = cpg.read_bytes()[:64].decode("ascii", errors="ignore").strip()
    text = {"936": "GBK", "65001": "UTF-8", "54936": "GB18030"}.get(text, text)
    try:
        "".encode(text)
    except LookupError:
        return None
    return text or None


def _same(declared: str, name: str) -> bool:
    plain = declared.upper().replace("_", "-")
    return plain in ({"UTF-8", "UTF8"} if name == "UTF-8" else {"GB18030", "GBK", "GB2312", "CP936"})


def _fits(cells: list[bytes], name: str) -> bool:
    """Whether all cells decode; a cell that fills its field may end in half a character."""
    for cell in cells:
        try:
            cell.decode(name)
        except UnicodeDecodeError as error:
            if error.end < len(cell) and error.start < len(cell) - 3:
                return False
            if not error.start:
                return False
    return True


def _cells(dbf: Path) -> list[bytes]:
    """Field names and text cells of the first megabytes, as bytes."""
    with dbf.open("rb") as stream:
        data = stream.read(_SAMPLE_BYTES)
    if len(data) < 33:
        return []
    header, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    names, texts, position = [], [], 1
    for start in range(32, min(header, len(data)) - 31, 32):
        if data[start] == 0x0D:
            break
        size = data[start + 16]
        names.append(data[start : start + 11].split(b"\x00")[0])
        if data[start + 11] in b"CM":
            texts.append((position, size))
        position += size
    cells = list(names)
    if width > 0:
        for row in range(header, len(data) - width + 1, width):
            cells.extend(data[row + at : row + at + size].rstrip(b" \x00") for at, size in texts)
    return [cell for cell in cells if cell]


def _sibling(shp: Path, suffix: str) -> Path | None:
    """The file of the same stem with another ending, in any case."""
    for candidate in (shp.with_suffix(suffix), shp.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None
