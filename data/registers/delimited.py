"""Delimited text (.csv, .tsv, .txt): encoding and delimiter found by evidence, never by replacement characters."""

from __future__ import annotations

import codecs
import csv
from io import StringIO
from pathlib import Path
from statistics import median

from data.registers.guards import MAX_GRID_CELLS, MAX_ROWS
from data.registers.text import Cell
from geo.errors import InputError

_SAMPLE_LINES = 30


def read_delimited(path: Path, data: bytes) -> tuple[list[list[Cell]], tuple[str, ...]]:
    """Rows of text cells, padded to one width, and notes on how the file was read.

    Encodings tried: UTF-16 by its mark, UTF-8 (with or without mark), GB18030. Delimiters: comma, tab, semicolon,
    vertical bar, full-width comma.

    Raises
    ------
    InputError
        If no encoding fits, the file is binary, or it has too many rows.
    """
    text, encoding = _decode(path, data)
    if "\x00" in text:
        raise InputError(
            "含有二进制内容，不是文本表格", "请用 Excel 或 WPS 另存为 .xlsx 或 .csv 后再导入", file=path.name
        )
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    delimiter = _delimiter(text)
    try:
        rows: list[list[Cell]] = [list(row) for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise InputError(
            f"文本表格无法拆成列（{error}）", "请检查引号是否成对，或另存为 .xlsx", file=path.name
        ) from None
    width = max((len(row) for row in rows), default=0)
    if len(rows) > MAX_ROWS or len(rows) * width > MAX_GRID_CELLS:
        raise InputError(f"有 {len(rows)} 行 × {width} 列，太大", f"最多 {MAX_ROWS} 行；请拆成几个文件", file=path.name)
    for row in rows:
        row.extend([""] * (width - len(row)))
    notes = () if encoding == "utf-8" else (f"{path.name}：按 {encoding.upper()} 编码读取",)
    return rows, notes


def _decode(path: Path, data: bytes) -> tuple[str, str]:
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    raise InputError(
        "文字编码既不是 UTF-8 也不是 GB18030，无法读取", "请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入", file=path.name
    )


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most columns (median); of equals, the comma first."""
    sample = "\n".join(text.splitlines()[:_SAMPLE_LINES])

    def columns(delimiter: str) -> float:
        widths = [len(row) for row in csv.reader(StringIO(sample, newline=""), delimiter=delimiter) if row]
        return median(widths) if widths else 0

    return max((",", "\t", ";", "|", "，"), key=columns)
