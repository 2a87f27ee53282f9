"""Where a sheet's header is, what its columns mean, and what the lines above it state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from data.registers.mapping import ColumnMapping, ColumnSpec, header_key
from data.registers.text import Cell, clean, squeezed
from data.registers.workbook import Sheet
from geo.crs import Datum

SEARCHED_ROWS: Final = 15
_MAX_DEPTH: Final = 3
_DATUM_WORDS: Final = (
    (Datum.BD09, ("BD-09", "BD09", "BD_09", "百度坐标", "百度")),
    (Datum.GCJ02, ("GCJ-02", "GCJ02", "GCJ_02", "火星坐标", "高德", "腾讯")),
    (Datum.CGCS2000, ("CGCS2000", "CGCS-2000", "国家大地坐标", "2000坐标", "国家2000", "EPSG:4490")),
    (Datum.WGS84, ("WGS-84", "WGS84", "WGS1984", "EPSG:4326", "GPS坐标")),
)
_BRACKETED = re.compile(r"[（(【\[].*[)）】\]]", re.S)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """One column of the sheet: its title as written, what it fills (none: other columns), the unit in its title."""

    index: int
    title: str
    specs: tuple[ColumnSpec, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A recognised header: ``last_row`` is its bottom row within ``Sheet.rows``; data begin below."""

    mapping: ColumnMapping
    first_row: int
    last_row: int
    columns: tuple[HeaderColumn, ...]
    datum: Datum | None
    year: int | None

    def titles_of(self, field: str) -> str | None:
        """The title of the column that fills the field; null if the sheet has none."""
        return next((c.title for c in self.columns if any(spec.field == field for spec in c.specs)), None)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The layout that came closest, and which of its columns the sheet lacks (Chinese titles)."""

    mapping: ColumnMapping
    missing: tuple[str, ...]


def find_header(sheet: Sheet, mappings: Sequence[ColumnMapping]) -> Header | NearMiss | None:
    """The header that fits one of the mappings best, within the first rows; else the nearest miss.

    The best fit fills the most fields; of equals the one with fewer header rows, then the higher one, then the mapping
    listed first.
    """
    rows = range(min(SEARCHED_ROWS, len(sheet.rows)))
    known = {header for mapping in mappings for header in mapping.by_header}
    likely = [row for row in rows if _has_title(sheet.rows[row], known)]
    found = _best_header(sheet, mappings, likely)
    if not isinstance(found, Header):
        found = _best_header(sheet, mappings, rows)
    return _with_unit_row(sheet, found) if isinstance(found, Header) else found


def _with_unit_row(sheet: Sheet, header: Header) -> Header:
    """The header with the row below it, where that row holds nothing but units in brackets."""
    below = header.last_row + 1
    texts = [clean(cell) for cell in sheet.rows[below]] if below < len(sheet.rows) else []
    filled = [text for text in texts if text]
    if not filled or not all(_BRACKETED.fullmatch(text) for text in filled):
        return header
    titles = _joined_titles(sheet, header.first_row, below)
    columns = _matched(header.mapping, titles, [_keys(title) for title in titles])
    return _header(sheet, header.mapping, header.first_row, below, columns)


def _has_title(cells: Sequence[Cell], known: set[str]) -> bool:
    """Whether some cell is a known title by itself: true for the bottom row of all but the oddest headers."""
    texts = (cell for cell in cells if isinstance(cell, str) and 0 < len(cell) < 60)
    return any(key in known for text in texts for key, _ in _keys((text,)))


def _best_header(
    sheet: Sheet, mappings: Sequence[ColumnMapping], bottom_rows: Sequence[int]
) -> Header | NearMiss | None:
    best: tuple[tuple[int, int, int], Header] | None = None
    nearest: tuple[int, NearMiss] | None = None
    for last in bottom_rows:
        for depth in range(1, min(_MAX_DEPTH, last + 1) + 1):
            titles = _joined_titles(sheet, last - depth + 1, last)
            keys = [_keys(title) for title in titles]
            present = frozenset(key for candidates in keys for key, _ in candidates)
            for mapping in mappings:
                fields = _fields(mapping, keys)
                missing = tuple(field for field in mapping.signature if fields.isdisjoint(field.split("|")))
                if missing or not present.isdisjoint(mapping.absent):
                    if len(fields) >= 2 and (nearest is None or len(fields) > nearest[0]):
                        nearest = (len(fields), NearMiss(mapping, _headers_of(mapping, missing)))
                    continue
                rank = (len(fields), -depth, -last)
                if best is None or rank > best[0]:
                    columns = _matched(mapping, titles, keys)
                    best = rank, _header(sheet, mapping, last - depth + 1, last, columns)
    if best is not None:
        return best[1]
    return nearest[1] if nearest else None


def _headers_of(mapping: ColumnMapping, fields: tuple[str, ...]) -> tuple[str, ...]:
    specs = (mapping.spec(field) for field in fields)
    return tuple(spec.headers[0] for spec in specs if spec is not None)


def _joined_titles(sheet: Sheet, first: int, last: int) -> list[tuple[str, ...]]:
    """Per column its header cells from parent to child, without blanks and repeats (merges)."""
    width = max(len(row) for row in sheet.rows[first : last + 1])
    titles: list[tuple[str, ...]] = []
    for column in range(width):
        parts: list[str] = []
        for row in sheet.rows[first : last + 1]:
            text = clean(row[column]) if column < len(row) else ""
            if text and (not parts or squeezed(parts[-1]) != squeezed(text)):
                parts.append(text)
        bottom = sheet.rows[last]
        has_child = column < len(bottom) and clean(bottom[column]) != ""
        titles.append(tuple(parts) if has_child else tuple(parts[-1:]))
    return titles


@lru_cache(maxsize=4096)
def _keys(parts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Header keys to try with the unit each leaves over, best first: joined, child, and both without brackets."""
    if not parts:
        return []
    candidates = ["".join(parts), parts[-1]] if len(parts) > 1 else [parts[0]]
    keys = [(header_key(text), "") for text in candidates]
    for text in candidates:
        base, bracket, rest = header_key(text).partition("(")
        if bracket and base:
            keys.append((base.rstrip("*★:："), rest.rstrip(")").removeprefix("单位:").removeprefix("单位")))
    return keys


def _fields(mapping: ColumnMapping, keys: list[list[tuple[str, str]]]) -> set[str]:
    """Fields that the titles fill."""
    places = mapping.by_header
    hits = (next((places[key] for key, _ in candidates if key in places), ()) for candidates in keys)
    return {mapping.columns[number].field for hit in hits for number, _ in hit}


def _matched(
    mapping: ColumnMapping, titles: list[tuple[str, ...]], keys: list[list[tuple[str, str]]]
) -> tuple[HeaderColumn, ...]:
    """Columns with the specs that their titles fit; each spec goes to the one column that fits its first header best."""
    taken: dict[int, tuple[int, int, str]] = {}
    for column, candidates in enumerate(keys):
        for order, (key, unit) in enumerate(candidates):
            if key not in mapping.by_header:
                continue
            for number, rank in mapping.by_header[key]:
                score = rank * 10 + order
                if number not in taken or score < taken[number][0]:
                    taken[number] = (score, column, unit)
            break
    skip_spec = mapping.spec("skip")
    columns: list[HeaderColumn] = []
    for column, parts in enumerate(titles):
        specs = tuple(mapping.columns[n] for n, (_, where, _) in sorted(taken.items()) if where == column)
        unit = next((u for _, where, u in taken.values() if where == column), "")
        if not specs and skip_spec is not None and any(key in mapping.skipped_headers for key, _ in keys[column]):
            specs = (skip_spec,)
        if parts:
            columns.append(HeaderColumn(column, re.sub(r"\s+", "", "".join(dict.fromkeys(parts))), specs, unit))
    return tuple(columns)


def _header(sheet: Sheet, mapping: ColumnMapping, first: int, last: int, columns: tuple[HeaderColumn, ...]) -> Header:
    above = [text for row in sheet.rows[:first] for text in dict.fromkeys(clean(cell) for cell in row) if text]
    statement = squeezed("，".join(above))
    datum = stated_datum(statement)
    if datum is None:
        titled = [c.title for c in columns if any(s.reader == "coordinate" for s in c.specs)]
        datum = stated_datum(squeezed("，".join(titled)))
    years = {int(year) for year in _YEAR.findall(statement)}
    return Header(mapping, first, last, columns, datum, years.pop() if len(years) == 1 else None)


def stated_datum(text: str) -> Datum | None:
    """The datum that a text names (坐标系：GCJ-02, 高德坐标 …); null if none or several."""
    upper = text.upper()
    named = {datum for datum, words in _DATUM_WORDS if any(word in upper for word in words)}
    return named.pop() if len(named) == 1 else None


def is_number_row(row: Sequence[object], columns: Sequence[HeaderColumn]) -> bool:
    """Whether the row only counts the columns (1 2 3 …, 甲 乙 1 2 …)."""
    texts = [squeezed(clean(row[c.index])) for c in columns if c.index < len(row)]  # type: ignore[arg-type]
    numbers = [int(text.strip("()")) for text in texts if text.strip("()").isdecimal()]
    others = [text for text in texts if text and not text.strip("()").isdecimal()]
    rising = all(b - a == 1 for a, b in pairwise(numbers))
    return len(numbers) >= 3 and rising and numbers[0] <= 2 and all(text in "甲乙丙丁" for text in others)


def repeats_header(row: Sequence[object], columns: Sequence[HeaderColumn]) -> bool:
    """Whether the row is the header once more, as at the top of each printed page."""
    same = filled = 0
    for column in columns:
        text = squeezed(clean(row[column.index])) if column.index < len(row) else ""  # type: ignore[arg-type]
        if text:
            filled += 1
            same += column.title.endswith(text) or squeezed(column.title) == text
    return filled >= 3 and same >= 0.8 * filled


def units_in_title(column: HeaderColumn, factors: Mapping[str, float]) -> float | None:
    """Factor of the unit in the column's title (建筑面积（万平方米） → 10000); null if the unit is not known."""
    if not column.unit:
        return 1.0
    if column.unit in factors:
        return float(factors[column.unit])
    return None
