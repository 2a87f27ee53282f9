"""Tables of Word papers, written as XML at once: python-docx needs seconds for a table of some hundred rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from dashboard.exports.cells import clean

BODY_FONT: Final = "仿宋_GB2312"
HEAD_FONT: Final = "黑体"
LATIN_FONT: Final = "Times New Roman"
_ALIGN: Final = {"l": "left", "c": "center", "r": "right"}
_TWIPS_MM: Final = 1440 / 25.4
_SIDE_MM: Final = 1.2
"""Room left and right inside a cell."""


@dataclass(frozen=True)
class Grid:
    """A table of texts.

    ``widths`` are shares of the width that the table takes; ``align`` has one of ``l c r`` for each column. The header
    is repeated on each page and no row is broken over two. With ``total`` the last row stands out. ``row_mm`` is the
    least height of a row, for cells that are filled in by hand; a row of ``head_columns`` first cells is set like the
    header (forms of names and values).
    """

    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    head: Sequence[str] = ()
    align: str = ""
    total: bool = False
    size_pt: float = 10.5
    row_mm: float = 0.0
    head_columns: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.widths)
        if any(len(row) != n for row in (*self.rows, *([self.head] if self.head else []))):
            raise ValueError(f"a row does not have {n} cells")
        if self.align and (len(self.align) != n or set(self.align) - set(_ALIGN)):
            raise ValueError(f"alignment {self.align!r} does not fit {n} columns")


def run_xml(text: str, font: str, size_pt: float, *, bold: bool = False) -> str:
    """A run with its East Asian font; line ends become breaks."""
    half = round(size_pt * 2)
    look = (
        f'<w:rPr><w:rFonts w:ascii="{LATIN_FONT}" w:hAnsi="{LATIN_FONT}" w:cs="{LATIN_FONT}" w:eastAsia="{font}"/>'
        f'{"<w:b/>" if bold else ""}<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    )
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(text).replace("\t", " ").split("\n")]
    return f"<w:r>{look}{'<w:br/>'.join(lines)}</w:r>"


def grid_xml(grid: Grid, width_mm: float) -> Any:
    """The ``w:tbl`` element of a table of that width."""
    shares = [share / sum(grid.widths) for share in grid.widths]
    widths = [round(share * width_mm * _TWIPS_MM) for share in shares]
    align = grid.align or "l" * len(widths)
    rows = []
    if grid.head:
        cells = [_cell(text, w, grid, "c", HEAD_FONT) for text, w in zip(grid.head, widths, strict=True)]
        rows.append(_row(cells, grid, head=True))
    for number, row in enumerate(grid.rows):
        bold = grid.total and number == len(grid.rows) - 1
        cells = []
        for column, (text, w) in enumerate(zip(row, widths, strict=True)):
            named = column in grid.head_columns
            font, side = (HEAD_FONT, "c") if named else (BODY_FONT, align[column])
            cells.append(_cell(text, w, grid, side, font, bold=bold, shaded=bold or named))
        rows.append(_row(cells, grid))
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    room = round(_SIDE_MM * _TWIPS_MM)
    return parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{room}" w:type="dxa"/>'
        f'<w:right w:w="{room}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(cells: Sequence[str], grid: Grid, *, head: bool = False) -> str:
    high = f'<w:trHeight w:val="{round(grid.row_mm * _TWIPS_MM)}" w:hRule="atLeast"/>' if grid.row_mm else ""
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{high}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str, width: int, grid: Grid, side: str, font: str, *, bold: bool = False, shaded: bool | None = None
) -> str:
    head = font == HEAD_FONT
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>' if (head if shaded is None else shaded) else ""
    line = round(grid.size_pt * 1.3 * 20)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="20" w:after="20" w:line="{line}" w:lineRule="atLeast"/>'
        f'<w:ind w:firstLine="0"/><w:jc w:val="{_ALIGN[side]}"/></w:pPr>'
        f"{run_xml(text, font, grid.size_pt, bold=bold)}</w:p></w:tc>"
    )
