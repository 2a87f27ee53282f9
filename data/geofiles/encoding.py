"""Text of shapefiles: which encoding a ``.dbf`` really holds.

A GBK table without ``.cpg`` is read as Latin-1 by GDAL, silently ("Ð¡Çø…"). So the bytes themselves are looked at. All
text is then decoded here, not by GDAL, which fails on names cut in the middle of a character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RAW: Final = "ISO-8859-1"
"""Encoding to ask GDAL for: it keeps every byte, so that `decode` can do the work."""

CANDIDATES: Final = ("UTF-8", "GB18030", "Big5")
"""Encodings that Chinese tables really have, the likeliest first."""
_SAMPLE_BYTES: Final = 4_000_000
_CLEAR: Final = 0.2
"""Lead in plausibility over the next encoding under which a person is asked to look."""
_SHOWN_CELLS: Final = 3


@dataclass(frozen=True, slots=True)
class DbfEncoding:
    """Encoding to decode with, a Chinese note where it is not what the file says, and a doubt for a person to settle."""

    name: str
    note: str | None = None
    doubt: str | None = None

    def decode(self, text: str) -> str:
        """Text that GDAL read as `RAW`. A character cut off at the end of the field is dropped."""
        if text.isascii():
            return text
        try:
            raw = text.encode(RAW)
        except UnicodeEncodeError:
            return text
        return self.decode_bytes(raw)

    def decode_bytes(self, raw: bytes) -> str:
        """Bytes of a field. A character cut off at its end is dropped."""
        return raw.decode(self.name, errors="ignore").rstrip("\x00 ")


@dataclass(frozen=True, slots=True)
class Preview:
    """First rows of an attribute table in one encoding, for a person to choose by.

    Attributes
    ----------
    encoding
        Name to give as the choice.
    plausible
        Share of the characters beyond ASCII that are usual Chinese (0 … 1); 0 if the bytes do not fit.
    fits
        Whether all bytes can be read so.
    chosen
        Whether it is what would be taken without a word from a person.
    columns, rows
        Titles and cells as text.
    """

    encoding: str
    plausible: float
    fits: bool
    chosen: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def dbf_encoding(shp: Path, wanted: str | None = None) -> DbfEncoding:
    """Encoding of the attribute table beside a ``.shp`` (or of a ``.dbf`` itself).

    What a person ``wanted``; else the one of UTF-8, GB18030 and Big5 that the bytes fit and that gives the most usual
    Chinese; else what ``.cpg`` says. Where two are about as likely, ``doubt`` shows both.
    """
    dbf = _sibling(shp, ".dbf")
    if dbf is None:
        return DbfEncoding(wanted or "UTF-8")
    declared = _declared(shp)
    cells = _cells(dbf)
    if wanted is not None:
        bad = sum(not _fits([cell], wanted) for cell in cells)
        doubt = f"按指定的 {wanted} 编码读取，{bad} 个单元格有不属于该编码的文字，已略去" if bad else None
        return DbfEncoding(wanted, None if bad else f"按指定的 {wanted} 编码读取", doubt)
    if all(cell.isascii() for cell in cells):
        return DbfEncoding(declared or "UTF-8")
    ranked = sorted(((plausible(cells, name), -i, name) for i, name in enumerate(CANDIDATES)), reverse=True)
    fitting = [(share, name) for share, _, name in ranked if _fits(cells, name)]
    if not fitting:
        fallback = declared or "GB18030"
        return DbfEncoding(
            fallback,
            None,
            f"属性表的文字不全是 UTF-8、GB18030 或 Big5，按 {fallback} 读取，个别文字可能缺失；可用 --encoding 指定编码",
        )
    share, name = fitting[0]
    rivals = [other for other in fitting[1:] if share - other[0] < _CLEAR and other[1] != name]
    if rivals and declared is not None and any(_same(declared, n) for n in (name, rivals[0][1])):
        name = next(n for n in (name, rivals[0][1]) if _same(declared, n))
        rivals = []
    doubt = _doubt(cells, name, rivals[0][1]) if rivals else None
    if declared is not None:
        if _same(declared, name):
            return DbfEncoding(name, None, doubt)
        return DbfEncoding(name, f"编码说明（.cpg）写的是 {declared}，内容实为 {name}，按 {name} 读取", doubt)
    return DbfEncoding(name, None if name == "UTF-8" else f"属性表没有编码说明（.cpg），按 {name} 读取", doubt)


def preview(shp: Path, rows: int = 5) -> list[Preview]:
    """The first rows of the attribute table in each encoding that it may have, the one that would be taken first.

    Empty for a table of ASCII only, where nothing needs to be chosen.
    """
    dbf = _sibling(shp, ".dbf")
    if dbf is None:
        return []
    cells = _cells(dbf)
    if all(cell.isascii() for cell in cells):
        return []
    titles, lines = _head(dbf, rows)
    taken = dbf_encoding(shp).name
    names = list(dict.fromkeys((taken, *CANDIDATES, *([declared] if (declared := _declared(shp)) else []))))
    shown = []
    for name in names:
        read = DbfEncoding(name)
        shown.append(
            Preview(
                name,
                round(plausible(cells, name), 2),
                _fits(cells, name),
                name == taken,
                tuple(raw.decode(name, errors="replace") for raw in titles),
                tuple(tuple(read.decode_bytes(cell) for cell in line) for line in lines),
            )
        )
    return sorted(shown, key=lambda item: (not item.chosen, not item.fits, -item.plausible))


def header_names(shp: Path) -> list[bytes]:
    """Field names of the table beside a ``.shp``, as bytes (at most 10 each)."""
    dbf = _sibling(shp, ".dbf")
    return [] if dbf is None else [name for name, _, _, _ in _fields(_start(dbf))]


def likeliest(cells: Sequence[bytes]) -> str:
    """The one of `CANDIDATES` that the bytes fit and that gives the most usual Chinese."""
    return max(CANDIDATES, key=lambda name: (_fits(cells, name), plausible(cells, name)))


def plausible(cells: Sequence[bytes], name: str) -> float:
    """Share of the characters beyond ASCII that are usual Chinese when the bytes are read so; 0 if they do not fit."""
    usual = total = 0
    for cell in cells:
        if cell.isascii():
            continue
        for sign in cell.decode(name, errors="ignore"):
            if not sign.isascii():
                total += 1
                usual += _usual(sign, name)
    return usual / total if total else 0.0


def _usual(sign: str, name: str) -> bool:
    """Whether a character is one that names and addresses are written with, in the encoding's own ordering.

    GB2312 and Big5 each list their common characters first; bytes of the one, read as the other, fall on rare ones.
    """
    if name == "Big5":
        lead = sign.encode("big5", errors="ignore")[:1]
        return b"\xa4" <= lead <= b"\xc6" or "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uffef"
    raw = sign.encode("gb2312", errors="ignore")
    if len(raw) == 2 and (raw[0] >= 0xB0 or raw[0] in (0xA1, 0xA3)):
        return raw[0] <= 0xD7 or name == "UTF-8" or raw[0] < 0xB0
    return name == "UTF-8" and "\u4e00" <= sign <= "\u9fff"


def _doubt(cells: Sequence[bytes], name: str, other: str) -> str:
    telling = [cell for cell in cells if not cell.isascii() and len(cell) > 3][:_SHOWN_CELLS]
    mine, theirs = (
        "、".join(f"“{DbfEncoding(encoding).decode_bytes(cell)}”" for cell in telling) for encoding in (name, other)
    )
    return (
        f"属性表的编码分不清：按 {name} 是 {mine}，按 {other} 是 {theirs}；已按 {name} 读取，"
        f"若是乱码请用 --encoding {other} 重新导入"
    )


def _declared(shp: Path) -> str | None:
    cpg = _sibling(shp, ".cpg")
    if cpg is None:
        return None
    text = cpg.read_bytes()[:64].decode("ascii", errors="ignore").strip()
    text = {"936": "GBK", "65001": "UTF-8", "54936": "GB18030", "950": "Big5"}.get(text, text)
    try:
        "".encode(text)
    except (LookupError, ValueError):
        return None
    return text or None


def _same(declared: str, name: str) -> bool:
    plain = declared.upper().replace("_", "-")
    families = {"UTF-8": {"UTF-8", "UTF8"}, "Big5": {"BIG5", "CP950", "BIG-5", "BIG5-HKSCS"}}
    return plain in families.get(name, {"GB18030", "GBK", "GB2312", "CP936"})


def _fits(cells: Sequence[bytes], name: str) -> bool:
    """Whether all cells decode; a cell that fills its field may end in half a character."""
    for cell in cells:
        try:
            cell.decode(name)
        except UnicodeDecodeError as error:
            if error.end < len(cell) and error.start < len(cell) - 3:
                return False
            if not error.start:
                return False
        except (UnicodeError, ValueError):
            return False
    return True


def _start(dbf: Path) -> bytes:
    with dbf.open("rb") as stream:
        return stream.read(_SAMPLE_BYTES)


def _fields(data: bytes) -> list[tuple[bytes, bool, int, int]]:
    """Name, whether it holds text, first byte within the row, and size of each field."""
    fields: list[tuple[bytes, bool, int, int]] = []
    position = 1
    for start in range(32, min(int.from_bytes(data[8:10], "little"), len(data)) - 31, 32):
        if data[start] == 0x0D:
            break
        size = data[start + 16]
        fields.append((data[start : start + 11].split(b"\x00")[0], data[start + 11] in b"CM", position, size))
        position += size
    return fields


def _rows(data: bytes) -> range:
    """First byte of each row that is there in full."""
    header, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    return range(header, len(data) - width + 1, width) if width > 0 and header > 0 else range(0)


def _cells(dbf: Path) -> list[bytes]:
    """Field names and text cells of the first megabytes, as bytes."""
    data = _start(dbf)
    if len(data) < 33:
        return []
    fields = _fields(data)
    texts = [(position, size) for _, is_text, position, size in fields if is_text]
    cells = [name for name, _, _, _ in fields]
    for row in _rows(data):
        cells.extend(data[row + at : row + at + size].rstrip(b" \x00") for at, size in texts)
    return [cell for cell in cells if cell]


def _head(dbf: Path, n: int) -> tuple[list[bytes], list[list[bytes]]]:
    data = _start(dbf)
    fields = _fields(data)
    rows = [
        [data[row + at : row + at + size].strip(b" \x00") for _, _, at, size in fields] for row in list(_rows(data))[:n]
    ]
    return [name for name, _, _, _ in fields], rows


def _sibling(shp: Path, suffix: str) -> Path | None:
    """The file of the same stem with another ending, in any case; the file itself if it has that ending."""
    if shp.suffix.lower() == suffix and shp.is_file():
        return shp
    for candidate in (shp.with_suffix(suffix), shp.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None
