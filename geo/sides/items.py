"""Read one name with what is said of it: which line, which side, included or not, numbers, distance, brackets."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides import phrases as ph
from geo.sides.brackets import read_bracket
from geo.sides.item import Item
from geo.sides.types import LineKind, PartKind

LONGEST = 60
"""Signs of one name with its attributes; what is longer is a sentence and not a name."""


def read_item(text: str, start: int, end: int, position: str = "") -> Item:
    """Read ``text[start:end]`` as one name with attributes. An empty ``name`` means that no name is left."""
    while start < end and text[start] in " \n、,:;.-~/+的":
        start += 1
    while end > start and text[end - 1] in " \n、,:;-~/+.":
        end -= 1
    item = Item(start, end)
    if end - start > LONGEST:
        return item
    said = ph.INCLUDED.fullmatch(text, start, end)
    if said:
        item.included = not said.group("no")
        item.width = "full" if item.included and said.group("what") not in (None, "在内") else None
        return item
    begin, stop = _front(text, item, start, end)
    _back(text, item, begin, stop)
    return item


def _front(text: str, item: Item, start: int, end: int) -> tuple[int, int]:
    changed = True
    while changed and start < end:
        changed = False
        found = ph.INCLUDED_FIRST.match(text, start, end)
        if found and end - found.end() >= 2:
            item.included = not found.group("no")
            start, changed = found.end(), True
            continue
        found = ph.WIDTH_FIRST.match(text, start, end)
        if found and end - found.end() >= 2:
            item.width = "full" if found.group("full") else "half"
            start, changed = found.end(), True
            continue
        found = ph.WIDE_FIRST.match(text, start, end)
        if found and text[found.end() : end] not in lex.UNNAMED_ROADS:
            start, changed = found.end(), True
            continue
        found = ph.NOW.match(text, start, end)
        if found and end - found.end() >= 2 and text[found.end() : end] not in ("道路", "路"):
            start, changed = found.end(), True
            continue
        found = ph.PLANNED.match(text, start, end)
        if found and found.end() < end:
            item.planned = True
            if not ph.UNNAMED_PLAN.match(text, found.end(), end):
                start, changed = found.end(), True
                continue
        found = ph.APPOSITION.match(text, start, end)
        if found and lex.has_ending(text[found.end() : end]):
            start, changed = found.end(), True
            continue
        along = text[start] in "沿紧" and end - start >= 4 and text[start : start + 2] not in lex.NAME_HEADS
        if along and lex.kind_of(text[start + 1 : end]) in (PartKind.ROAD, PartKind.WATER, PartKind.RAILWAY):
            start, changed = start + 1, True
    return start, end


def _back(text: str, item: Item, start: int, end: int) -> None:
    suffix = ""
    for _ in range(12):
        while end > start and text[end - 1] in " \n、,-的":
            end -= 1
        if end <= start:
            break
        if text[end - 1] == ")":
            opened = text.rfind("(", start, end)
            if opened >= start:
                kept = read_bracket(text, item, opened, end)
                if kept is not None:
                    if kept:
                        suffix = kept + suffix
                    end = opened
                    continue
                if not suffix and item.end == end:
                    item.remarks.append((opened, end))
                    item.end = opened
                else:
                    item.doubts.append(f"括号里的“{text[opened + 1 : end - 1]}”没有读")
                end = opened
                continue
        step = _strip(text, item, start, end)
        if step == end:
            break
        end = step
    _settle(text, item, start, end, suffix)


def _strip(text: str, item: Item, start: int, end: int) -> int:
    """The new end after one attribute at the end was read; ``end`` if there is none."""
    for pattern, to in ((ph.OFFSET_SIDE, None), (ph.OFFSET_IN, "in"), (ph.OFFSET_OUT, "out")):
        found = pattern.search(text, max(start, end - 24), end)
        if found and item.offset_m is None and found.start() > start and not text[found.start() - 1].isdigit():
            metres = ph.metres(
                found.group(found.lastindex - 1 if found.lastindex else 1), found.group(found.lastindex or 2)
            )
            if metres is None:
                continue
            item.offset_m = metres
            item.offset_to = lex.DIRECTIONS[found.group(1)] if to is None else to
            item.flip = item.flip or to is None
            return found.start()
    found = ph.PLAIN_DISTANCE.search(text, max(start, end - 14), end)
    if found and found.group(1) and item.offset_m is None and found.start() > start:
        metres = ph.metres(found.group(1), found.group(2))
        if metres is not None:
            item.offset_m = metres
            return found.start()
    found = ph.INCLUDED.search(text, max(start, end - 8), end)
    if found and found.end() > found.start():
        item.included = not found.group("no")
        if item.included and found.group("what") not in (None, "在内"):
            item.width = item.width or "full"
        return found.start()
    found = ph.WIDTH.search(text, max(start, end - 8), end)
    if found:
        item.width = "full" if found.group("full") else "half"
        return found.start()
    if (
        item.line is not LineKind.UNSTATED
        and text.endswith(("现状", "既有", "原有", "规划"), start, end)
        and end - start > 3
    ):
        item.planned = item.planned or text.endswith("规划", start, end)
        return end - 2
    found = lex.TAIL.search(text, max(start, end - 12), end)
    if found and (found.start() == start or not _name_needs(text, found, start)):
        if item.end == end:
            item.end = found.start()
        return found.start()
    crossing = "" if item.is_crossing else _crossing(text, start, end)
    if crossing:
        item.is_crossing = True
        return end - len(crossing)
    if text.endswith(("延长线", "延伸线", "延伸段", "延长段"), start, end) and end - start > 4:
        item.extended = True
        return end - 3
    return _line_or_side(text, item, start, end)


def _name_needs(text: str, found: re.Match[str], start: int) -> bool:
    """Whether a tail word is rather part of the name: 处 in 办事处, 区域 of 开发区域."""
    word = found.group()
    if word in ("处", "止", "等", "内", "范围", "一线", "区域", "地区", "区块", "合围", "围合"):
        rest = text[start : found.start()]
        if word == "处" and text[found.start() - 1] in "事办管理":
            return True
        return not lex.has_ending(rest) and not _ends_in_line(rest) and not re.search(r"[)\d号侧]$", rest)
    return False


def _ends_in_line(words: str) -> bool:
    return any(words.endswith(word) for word in ("红线", "中心线", "围墙", "边线"))


def _crossing(text: str, start: int, end: int) -> str:
    found = (word for word in lex.CROSSING if text.endswith(word, start, end))
    return next((word for word in found if _is_way(text[start : end - len(word)])), "")


def _is_way(words: str) -> bool:
    return len(words) > 2 and lex.kind_of(words) in (PartKind.ROAD, PartKind.WATER, PartKind.RAILWAY)


def _line_or_side(text: str, item: Item, start: int, end: int) -> int:
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
    if line in ("墙", "边", "界", "堤", "岸", "沿", "坎", "口", "路中", "上口"):
        return closes and (line != "岸" or bool(ending)) and (line not in ("沿",) or ending != "")
    if line in ("沿线", "沿岸"):
        return closes
    if line[0] in ph.FEATURE_SIGNS and not any(line[0] in like and rest[-1] in like for like in ph.ALIKE):
        return False
    if line in ("绿化带", "挡墙", "大堤", "人行道", "地界", "边界") and not closes:
        return len(rest) >= 2
    return closes or len(rest) >= 2


def _settle(text: str, item: Item, start: int, end: int, suffix: str) -> None:
    """Name, number and kind from what is left between ``start`` and ``end``."""
    if item.name:
        return
    name = text[start:end].replace(" ", "").replace("\n", "")
    numbered = ph.NUMBERED.search(name)
    if numbered and numbered.start() > 0 and not suffix and _before_number(name[: numbered.start()]):
        item.number = item.number or numbered.group()
        name = name[: numbered.start()]
    elif numbered and numbered.start() == 0:
        item.number = numbered.group()
        item.kind = PartKind.PLACE
    if not name and item.line is not LineKind.UNSTATED:
        return
    place = _admin(name)
    name = name[place:]
    if name in lex.OWN and item.line is not LineKind.UNSTATED:
        item.name = text[start : item.end if not item.remarks else item.remarks[-1][0]].strip(" ,;、")
        item.kind = PartKind.WALL if item.line is LineKind.WALL else PartKind.OTHER
        return
    item.name = name + suffix
    if item.kind is PartKind.OTHER:
        item.kind = lex.kind_of(name)
    item.planned = item.planned or ("规划" in name and item.kind is PartKind.ROAD)
    if item.kind is PartKind.WALL and item.line is LineKind.UNSTATED:
        item.line = LineKind.WALL
    inner = ph.ROAD_IN_ROAD.match(name)
    if inner and not ph.INNER_OK.search(name, max(inner.end() - 2, 0), inner.end() + 2) and not item.is_crossing:
        item.doubts.append(f"“{name}”可能是两条路，中间缺少顿号")


def _before_number(words: str) -> bool:
    return len(words) >= 2 and not words[-1].isdigit() and not words.endswith(("地铁", "轻轨", "规划", "第"))


def _admin(name: str) -> int:
    """Length of the administrative words before a road's name: 某某市某某区 of 某某市某某区解放路."""
    if not name.endswith(("路", "街", "大道", "道", "巷", "弄")):
        return 0
    found = ph.ADMIN.match(name)
    if not found or found.end() < 3 or len(name) - found.end() < 3 or ph.NOT_ADMIN.search(found.group()):
        return 0
    if found.group().endswith("街道") or found.group()[-1] in "市区县镇乡旗":
        rest = name[found.end() :]
        return found.end() if len(rest) - len(lex.has_ending(rest)) >= 2 else 0
    return 0
