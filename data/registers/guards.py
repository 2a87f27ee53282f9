"""What is refused before a file is parsed: wrong kinds, passwords, bombs, grids without end."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from geo.errors import InputError

Content = Literal["zip", "ole", "text"]

MAX_FILE_BYTES: Final = 200 * 2**20
MAX_UNPACKED_BYTES: Final = 512 * 2**20
MAX_RATIO: Final = 200
RATIO_COUNTS_FROM_BYTES: Final = 64 * 2**20
MAX_GRID_CELLS: Final = 20_000_000
MAX_ROWS: Final = 200_000
MAX_CELL_CHARS: Final = 32_767
"""Excel's own limit of a cell."""

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls")
TEXT_SUFFIXES: Final = (".csv", ".txt", ".tsv")
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_CHUNK = 2**20


def read_bytes(path: Path) -> tuple[Content, bytes]:
    """The file's bytes and what they really are, whatever the name says.

    Raises
    ------
    InputError
        If the file cannot be a register: missing, empty, too large, WPS's own format, a password, text named .xlsx …
    """
    suffix = path.suffix.lower()
    if suffix in (".et", ".ett", ".wps", ".wpt"):
        raise _refuse(path, "是 WPS 自有格式，无法读取", "请在 WPS 中另存为 .xlsx 后再导入")
    if suffix not in WORKBOOK_SUFFIXES + TEXT_SUFFIXES:
        raise _refuse(path, f"不支持“{suffix or '无扩展名'}”文件", "台账请用 .xlsx、.xls 或 .csv")
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise _refuse(path, f"文件有 {size / 2**20:.0f} MB，超过 200 MB", "请按县区或街道拆成几个文件")
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refuse(path, "文件不存在", "请检查路径和文件名") from None
    except OSError as error:
        raise _refuse(path, f"文件无法打开（{error.strerror}）", "请关闭正在使用它的程序，并检查读取权限") from None
    if not data.strip():
        raise _refuse(path, "文件是空的", "请换成有内容的台账")
    return _content(path, data), data


def _content(path: Path, data: bytes) -> Content:
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        return "zip"
    if data.startswith(_OLE):
        _check_ole(path, data)
        return "ole"
    if path.suffix.lower() in TEXT_SUFFIXES:
        return "text"
    head = data[:2048].lstrip().lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"\xef\xbb\xbf<")):
        raise _refuse(path, "内容是网页或 XML，不是 Excel 工作簿", "请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入")
    raise _refuse(
        path, "内容不是 Excel 工作簿（可能是改了扩展名的文本）", "若是文本表格请把扩展名改回 .csv，否则请另存为 .xlsx"
    )


def _check_ole(path: Path, data: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise _password(path)
    if "WordDocument".encode("utf-16-le") in data:
        raise _refuse(path, "是 Word 文档，不是 Excel 工作簿", "请把表格复制到 Excel，另存为 .xlsx")


def _password(path: Path) -> InputError:
    return _refuse(path, "工作簿有打开密码", "请在 Excel 中取消密码（文件→信息→保护工作簿）后另存再导入")


def _refuse(path: Path, problem: str, remedy: str) -> InputError:
    return InputError(problem, remedy, file=path.name)


def password_error(path: Path) -> InputError:
    """The refusal of a workbook that needs a password."""
    return _password(path)


def damaged_error(path: Path) -> InputError:
    """The refusal of a workbook that cannot be unpacked."""
    return _refuse(
        path, "工作簿已损坏，无法打开", "请用 Excel 或 WPS 打开（若有密码请取消），修复后另存为 .xlsx 再导入"
    )


def unpacked(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of an OOXML workbook, unpacked here so that sizes are counted, not believed.

    Raises
    ------
    InputError
        If the archive is damaged, encrypted, not a workbook, or unpacks to more than ``MAX_UNPACKED_BYTES``, or to more
        than ``MAX_RATIO`` times its size (from ``RATIO_COUNTS_FROM_BYTES`` on).
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise damaged_error(path) from None
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise _password(path)
    if "xl/workbook.xml" not in names:
        what = "是 Word 文档" if "word/document.xml" in names else "不是 Excel 工作簿"
        raise _refuse(path, f"{what}，或不是 .xlsx 格式", "请用 Excel 或 WPS 另存为 .xlsx 后再导入")
    _check_size(path, sum(member.file_size for member in members), len(data))
    total = 0
    for member in members:
        part = _inflate(path, data, member, MAX_UNPACKED_BYTES - total)
        total += len(part)
        _check_size(path, total, len(data))
        yield member.filename, part


def _check_size(path: Path, unpacked_bytes: int, packed_bytes: int) -> None:
    bomb = unpacked_bytes > RATIO_COUNTS_FROM_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes
    if unpacked_bytes > MAX_UNPACKED_BYTES or bomb:
        raise _refuse(
            path,
            "解压后过大，像压缩炸弹，没有打开",
            "请删去多余的格式和空行，或把数据复制到新工作簿后另存为 .xlsx",
        )


def _inflate(path: Path, data: bytes, member: zipfile.ZipInfo, room: int) -> bytes:
    """One member, whatever size its header claims, and never more than one chunk past the room left."""
    offset = member.header_offset
    lengths = data[offset + 26 : offset + 30]
    if len(lengths) < 4 or data[offset : offset + 4] != _ZIP:
        raise damaged_error(path)
    start = offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        return packed
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged_error(path)
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size = 0
    try:
        while not engine.eof and size <= room:
            piece = engine.decompress(packed, _CHUNK)
            if not piece and not engine.unconsumed_tail:
                break
            pieces.append(piece)
            size += len(piece)
            packed = engine.unconsumed_tail
    except zlib.error:
        raise damaged_error(path) from None
    if size > room:
        _check_size(path, MAX_UNPACKED_BYTES + 1, len(data))
    if not engine.eof:
        raise damaged_error(path)
    return b"".join(pieces)


_WIDE = re.compile(rb"\br=[\"']([A-Z]{2,3})\d+[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)[\"']")
_FAR = re.compile(rb"\br=[\"'][A-Z]{0,3}(\d{6,})[\"']")


def check_grid(path: Path, sheet: str, xml: bytes) -> None:
    """Refuse a sheet whose used rectangle would not fit in memory: one stray cell in XFD1048576 is enough.

    Raises
    ------
    InputError
        If the rectangle from A1 to the last cell exceeds ``MAX_GRID_CELLS`` cells or ``MAX_ROWS`` rows.
    """
    columns = max((_column_number(name) for name in set(_WIDE.findall(xml))), default=26)
    rows = max((int(number) for number in _ROW.findall(xml)), default=0)
    rows = max(rows, max((int(number) for number in _FAR.findall(xml)), default=0))
    if rows > MAX_ROWS or rows * columns > MAX_GRID_CELLS:
        raise InputError(
            f"工作表有 {rows} 行 × {columns} 列，太大",
            f"每个工作表最多 {MAX_ROWS} 行；请删去末尾的空行空列（或多余格式），或拆成几个文件",
            file=path.name,
            sheet=sheet,
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
