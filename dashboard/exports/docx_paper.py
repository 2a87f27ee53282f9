"""Word papers in the layout of GB/T 9704-2012 (党政机关公文格式): margins, fonts, levels, page numbers.

Fonts are only named, never shipped: Word and WPS of an office have them. Each Chinese font is set as ``w:eastAsia``
too; python-docx's own ``font.name`` leaves Chinese text in the default font.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from dashboard.exports.cells import clean
from dashboard.exports.docx_table import BODY_FONT, HEAD_FONT, LATIN_FONT, Grid, grid_xml, run_xml
from dashboard.exports.files import write_whole

TITLE_FONT: Final = "方正小标宋简体"
KAI_FONT: Final = "楷体_GB2312"
SONG_FONT: Final = "宋体"
TITLE_PT: Final = 22.0
"""2号."""
BODY_PT: Final = 16.0
"""3号."""
NUMBER_PT: Final = 14.0
"""4号: page numbers."""
SMALL_PT: Final = 10.5
"""五号: notes and tables."""
_LINE_PT: Final = 28.95
"""22 lines on 225 mm."""
_TOP, _BOTTOM, _LEFT, _RIGHT = 37.0, 35.0, 28.0, 26.0
_SHORT, _LONG = 210.0, 297.0
_CHINESE: Final = "一二三四五六七八九十"


class Paper:
    """A Word document that is written from top to bottom.

    Levels are numbered by the paper itself: 一、 then （一） then 1.
    """

    def __init__(self, title: str, *, compact: bool = False) -> None:
        """
        Parameters
        ----------
        title
            For the file's properties.
        compact
            Smaller text, narrower lines and margins, for forms that are handed out.
        """
        self._document = Document()
        self._size = 12.0 if compact else BODY_PT
        self._line = 21.0 if compact else _LINE_PT
        self._counts = [0, 0, 0]
        self._compact = compact
        self._landscape = False
        self._fresh = True
        self._settle(title)

    # ---------------------------------------------------------------------------------------------------- content

    def title(self, text: str) -> None:
        """The paper's title, 2号 小标宋, centred, with an empty line below."""
        paragraph = self._add(text, TITLE_FONT, TITLE_PT, style="Title")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(12)

    def subtitle(self, text: str) -> None:
        """A line below the title, centred, 楷体."""
        self._add(text, KAI_FONT, self._size).alignment = WD_ALIGN_PARAGRAPH.CENTER

    def heading(self, level: int, text: str) -> None:
        """A numbered heading: 1 黑体 一、; 2 楷体 （一）; 3 仿宋 1."""
        self._counts[level - 1] += 1
        self._counts[level:] = [0] * (3 - level)
        count = self._counts[level - 1]
        mark = (f"{_chinese(count)}、", f"（{_chinese(count)}）", f"{count}.")[level - 1]
        font = (HEAD_FONT, KAI_FONT, BODY_FONT)[level - 1]
        paragraph = self._add(mark + text, font, self._size, style=f"Heading {level}", bold=level == 3)
        paragraph.paragraph_format.first_line_indent = Pt(2 * self._size)
        paragraph.paragraph_format.keep_with_next = True

    def text(self, text: str, *, indent: bool = True) -> None:
        """A paragraph of the body."""
        paragraph = self._add(text, BODY_FONT, self._size)
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(2 * self._size)

    def note(self, text: str, *, keep: bool = False) -> None:
        """A small line, e.g. what a table leaves out; with ``keep`` it stays with what follows."""
        paragraph = self._add(text, BODY_FONT, SMALL_PT, line=15.0)
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
        paragraph.paragraph_format.keep_with_next = keep

    def caption(self, text: str) -> None:
        """The name of the table or picture that follows, centred."""
        paragraph = self._add(text, HEAD_FONT, 12.0, line=20.0)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True

    def table(self, grid: Grid) -> None:
        """A table over the whole width, and a small gap after it (two tables in a row would become one)."""
        self._body().insert(len(self._body()) - 1, grid_xml(grid, self.width_mm))
        gap = self._add("", BODY_FONT, 6.0, line=8.0)
        gap.paragraph_format.space_after = Pt(0)

    def field(self, label: str, n_lines: int = 3, given: str = "") -> None:
        """A box to write into, with what is already known."""
        text = given + "\n" * max(0, n_lines - given.count("\n") - 1)
        self.table(Grid([(label, text)], (1, 4), head_columns=(0,), size_pt=SMALL_PT))

    def picture(self, png: bytes, words: str, *, width_mm: float | None = None) -> None:
        """A picture, centred; ``words`` say what it shows to those who cannot see it."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = 1.0
        shape = paragraph.add_run().add_picture(BytesIO(png), width=Mm(width_mm or self.width_mm))
        shape._inline.docPr.set("descr", clean(words))
        shape._inline.docPr.set("name", "示意图")
        self._fresh = False

    # ------------------------------------------------------------------------------------------------------ pages

    @property
    def width_mm(self) -> float:
        """Width of the type area."""
        return (_LONG if self._landscape else _SHORT) - _LEFT - _RIGHT

    def turn(self, *, landscape: bool) -> None:
        """What follows begins on a new page of that orientation."""
        section = self._document.sections[-1] if self._fresh else self._document.add_section(WD_SECTION.NEW_PAGE)
        self._landscape = landscape
        _size(section, landscape, self._compact)

    def new_page(self) -> None:
        """What follows begins on a new page of the same orientation."""
        self.turn(landscape=self._landscape)

    def write(self, path: Path) -> Path:
        """Write the file, whole or not at all.

        Raises
        ------
        OSError
            If the disk is full or the folder cannot be written; nothing is left behind.
        """
        content = self.content()

        def write(part: Path) -> None:
            part.write_bytes(content)

        return write_whole(path, write)

    def content(self) -> bytes:
        """The file's bytes."""
        held = BytesIO()
        self._document.save(held)
        return held.getvalue()

    # --------------------------------------------------------------------------------------------------- innards

    def _body(self) -> Any:
        return self._document.element.body

    def _add(self, text: str, font: str, size: float, *, style: str | None = None, bold: bool = False,
             line: float | None = None) -> Any:  # fmt: skip
        paragraph = self._document.add_paragraph(style=style)
        paragraph._p.append(
            parse_xml(run_xml(text, font, size, bold=bold).replace("<w:r>", f"<w:r {nsdecls('w')}>", 1))
        )
        wanted = line or (max(self._line, size * 1.5) if size > self._size else self._line)
        paragraph.paragraph_format.line_spacing = Pt(wanted)
        self._fresh = False
        return paragraph

    def _settle(self, title: str) -> None:
        facts = self._document.core_properties
        facts.title, facts.author, facts.comments, facts.language = clean(title)[:200], "", "", "zh-CN"
        self._document.settings.odd_and_even_pages_header_footer = True
        normal = self._document.styles["Normal"]
        _named(normal, BODY_FONT, self._size)
        normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
        for name, font in (
            ("Title", TITLE_FONT),
            ("Heading 1", HEAD_FONT),
            ("Heading 2", KAI_FONT),
            ("Heading 3", BODY_FONT),
        ):
            style = self._document.styles[name]
            _named(style, font, TITLE_PT if name == "Title" else self._size)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
            borders = style.element.find(f".//{qn('w:pBdr')}")
            if borders is not None:
                borders.getparent().remove(borders)
        section = self._document.sections[0]
        _size(section, False, self._compact)
        for footer, side in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            _page_number(footer.paragraphs[0], side)


def _size(section: Any, landscape: bool, compact: bool) -> None:
    wide, high = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    top, bottom = (_LEFT, _RIGHT) if landscape else (22.0, 24.0) if compact else (_TOP, _BOTTOM)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(_LEFT), Mm(_RIGHT)
    # The page number stands below the type area.
    section.footer_distance = Mm(bottom - 14)


def _named(style: Any, font: str, size: float) -> None:
    look = style.element.get_or_add_rPr()
    for old in look.findall(qn("w:rFonts")):
        look.remove(old)
    style.font.name, style.font.size, style.font.bold, style.font.italic = LATIN_FONT, Pt(size), False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    look.find(qn("w:rFonts")).set(qn("w:eastAsia"), font)


def _page_number(paragraph: Any, side: Any) -> None:
    """— 1 —, one character in from the edge."""
    paragraph.alignment = side
    edge = paragraph.paragraph_format
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        edge.right_indent = Pt(NUMBER_PT)
    else:
        edge.left_indent = Pt(NUMBER_PT)
    for part in ("— ", "begin", " PAGE ", "end", " —"):
        run = paragraph.add_run(part if part in ("— ", " —") else "")
        run.font.name, run.font.size = LATIN_FONT, Pt(NUMBER_PT)
        run._r.get_or_add_rPr().find(qn("w:rFonts")).set(qn("w:eastAsia"), SONG_FONT)
        if part in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), part)
            run._r.append(mark)
        elif part == " PAGE ":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = part
            run._r.append(code)


def _chinese(count: int) -> str:
    """1–99 as Chinese numerals."""
    tens, ones = divmod(count, 10)
    return (
        _CHINESE[count - 1]
        if count <= 10
        else f"{_CHINESE[tens - 1] if tens > 1 else ''}十{_CHINESE[ones - 1] if ones else ''}"
    )
