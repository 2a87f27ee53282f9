"""Which line of a thing is meant, and which side of it: 西侧道路红线, 南岸, 西围墙, 中心线, 以东."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides import phrases as ph
from geo.sides.item import Item
from geo.sides.types import LineKind, PartKind


def line_or_side(text: str, item: Item, start: int, end: int) -> int:
    """西侧道路红线, 南岸, 西围墙, 以东, 东侧, 中心线."""
    options: list[tuple[int, str, re.Match[str] | None]] = []
    if item.far is None:
        for at in range(max(start, end - 14), end):
            if text[at] not in "以之的靠偏东南西北":
                continue
            found = ph.FAR.match(text, at, end)
            line = found.group("line") if found else None
            if found and line and _ends_name(text[start:at], line, found.group("pos")):
                continue
            if found and (at > start or found.group("line")):
                options.append((at, found.group("line") or "", found))
    for length in ph.LINE_LENGTHS:
        if end - length >= start and text[end - length : end] in ph.LINE_OF:
            options.append((end - length, text[end - length : end], None))
    for at, line, found in sorted(options, key=lambda o: (o[0], o[2] is None)):
        rest = _PLAIN_STATE.sub("", text[start:at].rstrip(" 的"))
        if not _stands(text, item, rest, line, found):
            continue
        if found:
            item.far = lex.DIRECTIONS[found.group("side")]
            item.flip = not line
        if line:
            if item.line is LineKind.UNSTATED:
                item.line = ph.LINE_OF[line]
            elif found is None and item.line is ph.LINE_OF[line]:
                pass
        if not rest:
            return end if not found and item.name else _unnamed(text, item, start, end)
        return at
    return end


_RIVER_STREET = re.compile(r"[东西南北前后]河")
"""西河沿 is a street."""
_TOWN_WALL = re.compile(r"^(?:.{0,4}[老古旧明清汉唐宋元内外东南西北府州县京皇土市门])?城$")
"""老城墙 is a thing with a name, 阳光城墙 the wall of 阳光城."""
_PLAIN_STATE = re.compile(r"(?<=.)(?:现状|既有|原有|规划)$")


def _ends_name(rest: str, line: str, position: str | None) -> bool:
    """Whether the first sign of the line word ends the name: 梅山南路 + 红线, not 梅山 + 南 + 路红线."""
    if line[0] not in ph.FEATURE_SIGNS or position in ("侧", "侧边", "侧面", "面", "边"):
        return False
    if line.startswith("道路") and lex.kind_of(rest) is PartKind.ROAD:
        return False
    return position is not None or line[1:] in ph.LINE_OF


def _unnamed(text: str, item: Item, start: int, end: int) -> int:
    """围墙, 南围墙, 用地红线: the words themselves are the name."""
    item.name = text[start:end]
    item.kind = PartKind.WALL if item.line is LineKind.WALL else PartKind.OTHER
    if item.kind is PartKind.OTHER and item.line in (LineKind.EDGE, LineKind.CENTRE):
        bank = item.name.endswith(("堤", "岸", "堤坝", "堤防", "岸线"))
        item.kind = PartKind.WATER if bank else lex.kind_of(item.name[:1] if len(item.name) == 2 else item.name)
    if item.name.endswith("红线"):
        item.planned = False
    if item.kind is PartKind.OTHER and lex.kind_of(item.name[:2]) in (PartKind.ROAD, PartKind.WATER, PartKind.RAILWAY):
        item.kind = lex.kind_of(item.name[:2])
    return start


def _stands(text: str, item: Item, rest: str, line: str, found: re.Match[str] | None) -> bool:
    """Whether what remains before a line or side word can be a name."""
    if not rest:
        return bool(line) and (found is not None or len(line) > 1 or line == "墙")
    if line[:1] == "路" and rest.endswith("道") and not rest.endswith(("大道", "街道", "通道", "便道", "步道")):
        return False
    ending = lex.has_ending(rest)
    closes = bool(ending) or rest[-1] in ")号#栋幢" or rest in lex.OWN or bool(lex.CODE.match(rest))
    if item.is_crossing or rest.endswith(lex.CROSSING[:8]):
        closes = True
    if found:
        if found.group("how") in ("以", "之") or found.group("pos"):
            return len(rest) >= 2 and (
                closes or found.group("pos") in ("侧", "侧面", "侧边") or found.group("how") == "以"
            )
        if line:
            return closes or (len(rest) >= 2 and len(line) >= 2)
        return closes and len(rest) > max(len(ending), 2) - (ending in lex.UNNAMED_ROADS and len(rest) > len(ending))
    if line in ("中心",):
        return ending in (
            "路",
            "街",
            "道",
            "大道",
            "河",
            "铁路",
            "渠",
            "沟",
            "江",
            "道路",
            "水沟",
            "水渠",
            "河道",
            "小河",
        )
    if (line == "墙" and _TOWN_WALL.search(rest)) or (line == "沿" and _RIVER_STREET.fullmatch(rest)):
        return False
    if line in ("墙", "边", "界", "堤", "岸", "沿", "坎", "口", "路中", "上口"):
        return closes and (line != "岸" or bool(ending)) and (line not in ("沿",) or ending != "")
    if line in ("沿线", "沿岸"):
        return closes
    if line[0] in ph.FEATURE_SIGNS and not any(line[0] in like and rest[-1] in like for like in ph.ALIKE):
        return False
    if line in ("绿化带", "挡墙", "大堤", "人行道", "地界", "边界") and not closes:
        return len(rest) >= 2
    return closes or len(rest) >= 2
