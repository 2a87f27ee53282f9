"""Read one name with what is said of it: which line, which side, included or not, numbers, distance, brackets."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides import phrases as ph
from geo.sides.brackets import read_bracket
from geo.sides.item import Item
from geo.sides.lines import line_or_side
from geo.sides.types import LineKind, PartKind

LONGEST = 60
"""Signs of one name with its attributes; what is longer is a sentence and not a name."""


def read_item(text: str, start: int, end: int, position: str = "") -> Item:
    """Read ``text[start:end]`` as one name with attributes. An empty ``name`` means that no name is left."""
    while start < end and text[start] in " \n、,:;.-~/+的":
        start += 1
    while end > start and text[end - 1] in " \n、,:;-~/+.":
        end -= 1
    if end - start > 4 and text[start] == "(" and text.find(")", start, end) == end - 1:
        start, end = start + 1, end - 1
    counted = _COUNTED.match(text, start, end)
    start = counted.end() if counted else start
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
            if not ph.UNNAMED_PLAN.match(text, found.end(), _plan_end(text, found.end(), end)):
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


_COUNTED = re.compile(r"\(\d{1,2}\) ?(?=[一-鿿])")
"""①明德路."""
_PLAN_LINE = re.compile(r"(?<=[路道街河地园区])(?:道路红线|红线|道路中心线|中心线|中线|边线|[东南西北]侧)$")


def _plan_end(text: str, start: int, end: int) -> int:
    """The end of the words for something planned, without the line and words such as 为界."""
    tail = lex.TAIL.search(text, max(start, end - 12), end)
    end = tail.start() if tail and tail.start() > start else end
    line = _PLAN_LINE.search(text, start, end)
    return line.start() if line else end


_GROUND = re.compile(r"(?:建设|住宅|居住|教育|项目)?(?:用地|地块|宗地)$")


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
    if text[end - 1] == "起" and lex.has_ending(text[max(start, end - 12) : end - 1]):
        return end - 1
    ground = _GROUND.search(text, max(start, end - 6), end)
    if ground and not item.planned and _named_place(text[start : ground.start()]):
        return ground.start()
    crossing = "" if item.is_crossing else _crossing(text, start, end)
    if crossing:
        item.is_crossing = True
        return end - len(crossing)
    if text.endswith(("延长线", "延伸线", "延伸段", "延长段"), start, end) and end - start > 4:
        item.extended = True
        return end - 3
    return line_or_side(text, item, start, end)


def _named_place(words: str) -> bool:
    return lex.kind_of(words) is PartKind.PLACE and len(words) >= 3 and words != lex.has_ending(words)


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
        for pattern in (ph.OFFSET_SIDE, ph.OFFSET_IN, ph.OFFSET_OUT):
            item.name = pattern.sub("", item.name) or item.name
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
