"""What a placemark says in words: its name, extended data, tables in its description, the folders round it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import Element

_NAMELESS: Final = re.compile(
    r"(未命名|无标题|新建|untitled|new|placemark|polygon|path|地标|多边形|路径|轨迹|图形|区域|面|线|点)"
    r"[\s_\-]*(多边形|地标|路径|图形|区域|placemark|polygon|path)?[\s_\-（(]*\d*[)）]?",
    re.I,
)
_MOST_DESCRIBED: Final = 20_000
_STREET: Final = re.compile(r".{1,12}(街道|镇|乡)$")


def attributes(element: Element, folders: list[str]) -> dict[str, object]:
    """``name``, extended data, cells of a table in the description, and ``所属街道`` from a folder called like a street."""
    row: dict[str, object] = {}
    name = plain(own_text(element, "name"))
    row["name"] = None if _NAMELESS.fullmatch(name) else name or None
    description = own_text(element, "description")
    row.update(_described(description))
    for data in element.iter():
        tag, key = tag_of(data), plain(data.get("name", ""))
        if tag == "SimpleData" and key:
            row[key] = plain(data.text or "")
        elif tag == "Data" and key:
            row[key] = plain(own_text(data, "value"))
    street = next((folder for folder in reversed(folders) if _STREET.fullmatch(folder)), None)
    if street is not None:
        row.setdefault("所属街道", street)
    row.pop("geometry", None)
    return row


def _described(description: str) -> dict[str, object]:
    """Cells of a two-column table in the description, as ArcGIS and 图新地球 write attributes; else its plain text."""
    if "<" not in description:
        words = plain(description)
        return {"description": words} if words else {}
    reader = _Rows()
    reader.feed(description[:_MOST_DESCRIBED])
    found: dict[str, object] = {row[0]: row[1] for row in reader.rows if len(row) == 2 and row[0] and len(row[0]) <= 40}
    return found or ({"description": text} if (text := plain("".join(reader.text))) else {})


class _Rows(HTMLParser):
    """Rows of the tables of an HTML text, and the text itself."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end()
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._cell is not None:
            self._cell.append(data)

    def _end(self) -> None:
        if self._cell is not None and self.rows:
            self.rows[-1].append(plain("".join(self._cell)).rstrip(":："))
        self._cell = None


def own_text(element: Element, tag: str) -> str:
    """Text of the first child of that name, "" if there is none."""
    return next((child.text or "" for child in element if tag_of(child) == tag), "")


def plain(text: str) -> str:
    """One line without control characters."""
    return re.sub(r"\s+", " ", "".join(sign if sign.isprintable() or sign.isspace() else "" for sign in text)).strip()


def tag_of(element: Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
