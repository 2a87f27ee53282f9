"""Read a 四至 text: heads, the names after them, statements by 以东, lists – and what stays unread, with the reason."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides.borders import read_borders
from geo.sides.checks import check
from geo.sides.clauses import read_clause
from geo.sides.filler import clauses, filler_end, is_filler, is_mark
from geo.sides.flips import Flip, read_flips
from geo.sides.head import Head, Strength
from geo.sides.heads import find_heads
from geo.sides.item import Item, plausible
from geo.sides.lists import read_list
from geo.sides.normal import LIMIT, normalise
from geo.sides.prepare import before_number, with_colons, without_drawings
from geo.sides.select import comma_joins, labelled, select_heads
from geo.sides.state import Reading
from geo.sides.types import BoundaryText

CLAUSE_LIMIT = 600
"""Signs of one clause; a longer one is no statement of a side."""


def parse(text: str) -> BoundaryText:
    """Read the sides of an estate from Chinese words (四至).

    Parameters
    ----------
    text
        Any text, such as 「东至解放路，西至青年路（不含），南、北至小区围墙」. At most the first 20,000 signs are read.

    Returns
    -------
    BoundaryText
        Sides with their parts; each part keeps its place in ``text``. A side is given only if the words leave no other
        reading; everything else is in ``unread`` with a Chinese reason, doubts are in ``warnings``. Never raises for
        any text.
    """
    normal = normalise(text)
    reading = Reading(normal)
    words = with_colons(without_drawings(normal, reading))
    found = find_heads(words)
    heads = select_heads(words, found, reading)
    plain = any(head.strength == Strength.STRONG and head.verb != "()" for head in found)
    named = labelled(words) if "(" in words and not plain else []
    if named:
        _labelled(words, named, reading)
    elif not heads:
        _without_heads(words, reading)
    else:
        _lead(words, heads, reading)
        commas = comma_joins(words, heads)
        for number, head in enumerate(heads):
            stop = heads[number + 1].start if number + 1 < len(heads) else len(words)
            end = before_number(words, head.end, stop)
            reading.use(end, stop)
            _statement(words, head, end, commas, reading)
    if len(text) > LIMIT:
        reading.leave_source(LIMIT, len(text), f"文字超过 {LIMIT} 字，此后没有读")
    check(reading)
    return reading.result()


def _lead(words: str, heads: list[Head], reading: Reading) -> None:
    """What stands before the first head: a label, a name or an address, or statements by 以东."""
    end = heads[0].start
    taken = {side for head in heads for side in head.sides}
    for start, stop in clauses(words, 0, end, False):
        if is_filler(words, start, stop):
            reading.use(start, stop)
            continue
        borders = read_borders(words, start, stop) if stop - start <= CLAUSE_LIMIT else []
        if borders and not taken & {border.side for border in borders}:
            reading.use(start, stop)
            for border in borders:
                _flip(words, border, reading, flipped=False)
            continue
        flips, rest = read_flips(words, start, stop) if stop - start <= CLAUSE_LIMIT else ([], [(start, stop)])
        reading.use(start, stop)
        for flip in flips:
            if flip.side in taken:
                reading.leave(flip.start, flip.end, "位置描述，与后面写明的四至重复，没有采用")
            else:
                _flip(words, flip, reading)
        for a, b in rest:
            reading.leave_words(a, b, "四至之前的文字（名称或地址）")


def _without_heads(words: str, reading: Reading) -> None:
    """青年路以东、解放路以西、人民街以北、建设大道以南."""
    pending: list[tuple[int, int]] = []
    for start, stop in clauses(words, 0, len(words), False):
        if is_filler(words, start, stop):
            reading.use(start, stop)
            continue
        if stop - start > CLAUSE_LIMIT:
            reading.leave(start, stop, "文字太长，没有读出方向")
            continue
        borders = read_borders(words, start, stop)
        flips, rest = ([], []) if borders else read_flips(words, start, stop)
        reading.use(start, stop)
        for border in borders:
            _flip(words, border, reading, flipped=False)
        for flip in flips:
            _flip(words, flip, reading)
        pending += rest
    for a, b in pending:
        reason = "没有写明在哪一侧" if reading.sides else "没有读出方向（东至、南至……），不能判断是哪一侧"
        reading.leave_words(a, b, reason)


def _labelled(words: str, named: list[tuple[int, int, str, bool]], reading: Reading) -> None:
    """解放路（东）、青年路（西）: the side stands in brackets behind the name."""
    at = 0
    for opened, closed, sign, plain in named:
        reading.use(at, closed)
        start = filler_end(words, at, opened)
        items = [i for i in read_clause(words, start, opened) if not is_filler(words, i.start, i.end)]
        reasons = [plausible(item, False) for item in items]
        if not plain:
            reading.leave(start, closed, f"分不清是名称的{sign}侧，还是界线在{sign}侧")
        elif not items or any(reasons):
            reading.leave(start, closed, next((r for r in reasons if r), "方向前面没有名称"))
        else:
            reading.put(lex.DIRECTIONS[sign], items)
        at = closed
    for start, stop in clauses(words, at, len(words), False):
        _later(words, start, stop, [], reading)


def _flip(words: str, flip: Flip, reading: Reading, *, flipped: bool = True) -> None:
    good = []
    reason = ""
    for item in flip.items:
        reason = plausible(item, False)
        if item.is_crossing and not reason:
            reason = "只说在路口的一侧，分不清哪条路在哪一侧"
        if reason:
            reading.leave(item.start, max(item.end, item.start + 1), reason)
        else:
            good.append(item)
    if not flip.items:
        reading.leave(flip.start, flip.end, "方向词前面没有名称")
        return
    reading.use(flip.start, flip.end)
    if not good:
        reading.leave(flip.start, flip.end, reason)
    reading.put(flip.side, good, flipped=flipped)


def _statement(words: str, head: Head, stop: int, commas: bool, reading: Reading) -> None:
    """One head with the clauses up to the next head."""
    if head.doubt:
        reading.leave(head.start, stop, head.doubt)
        return
    reading.use(head.start, head.end)
    start = head.end
    parts = clauses(words, start, stop, commas)
    ordered = head.respectively or (len(head.sides) > 2 and not head.shared)
    behind = read_list(words, head, stop, reading) if ordered else None
    if behind is not None:
        for a, b in clauses(words, behind, stop, False):
            _later(words, a, b, [], reading)
        return
    if not parts:
        reading.empty(head, head.end)
        return
    first, *later = parts
    items = _items(words, first, head, reading, commas)
    if items:
        _assign(head, items, reading)
    elif reading.has_reason(*first):
        reading.widen(head, first[1])
    else:
        reading.empty(head, first[1])
    for a, b in later:
        _later(words, a, b, items, reading)


_AGAIN = re.compile(
    r"(?P<side>东北|东南|西北|西南|[东南西北])(?:侧|边|面)的?(?=[一-鿿]{2})(?!道?[路街](?:$|[、,;.])|大道|巷)"
    r"(?!(?:道路|用地|小区|现状)?(?:[红绿蓝边界]|中心|控制)线|.{0,3}(?:墙|边界|界)(?:$|[、,;.]))"
)
"""东至东侧规划路: the side is said again."""


def _items(words: str, span: tuple[int, int], head: Head, reading: Reading, commas: bool) -> list[Item]:
    """Believable names of the clause; the others are left with their reason."""
    start, end = span
    good: list[Item] = []
    if end - start > CLAUSE_LIMIT:
        reading.leave(start, end, "文字太长，不像名称")
        return good
    reading.use(start, end)
    again = _AGAIN.match(words, start, end)
    if again and again.group("side") == head.sides[0].label and head.verb:
        start = again.end()
    for item in read_clause(words, start, end, head.verb, commas):
        reason = (
            reading.doubtful.get(item.start, "")
            or _after_strange(words, item)
            or plausible(item, head.strength >= Strength.WEAK)
        )
        if not reason and good and item.flip and item.far not in (head.sides[0], head.sides[0].opposite, None):
            reason = "方向与这一侧不一致，分不清是哪一侧"
        if reason and is_filler(words, item.start, item.end):
            continue
        if reason:
            reading.leave(item.start, max(item.end, item.start + 1), f"{reason}（{head.sides[0].label}侧）")
        else:
            good.append(item)
        for a, b in item.remarks:
            reading.leave(a, b, "括号里的说明没有读")
    _distance(head, good, reading)
    return good


def _after_strange(words: str, item: Item) -> str:
    """××路: a placeholder or a damaged name."""
    before = words[item.start - 1 : item.start]
    return "名称前有读不懂的符号" if before and not before.isalnum() and not is_mark(before) else ""


def _distance(head: Head, items: list[Item], reading: Reading) -> None:
    """东侧50米为解放路: the road is 50 m off. 向东50米至解放路 has no known origin."""
    for item in items:
        if item.offset_m is not None and item.offset_to is None:
            if head.verb in ("距", "距离"):
                item.offset_to = "in"
            else:
                item.doubts.append(f"“{item.offset_m:g}米”没有说明从哪里量起，没有采用")
                item.offset_m = None
    if head.distance is None:
        return
    if head.verb in ("为", "是", "系", "有", "即", "") and len(items) == 1 and items[0].offset_m is None:
        items[0].offset_m = _metres(reading.normal.text[slice(*head.distance)])
        items[0].offset_to = "in"
    else:
        reading.leave(*head.distance, "距离没有说明从哪里量起")


def _metres(words: str) -> float:
    number = "".join(sign for sign in words if sign.isdigit() or sign == ".").strip(".")
    return float(number or 0) * (1000 if "公里" in words or "km" in words else 1)


def _assign(head: Head, items: list[Item], reading: Reading) -> None:
    borders = [item for item in items if not item.beyond]
    if len(head.sides) == 1 or head.shared or len(borders) == 1:
        for side in head.sides:
            reading.put(side, items)
        return
    labels = "、".join(side.label for side in head.sides)
    reading.leave(head.start, items[-1].end, f"分不清“{labels}”与这些名称怎样对应，请写“分别为”或逐侧写明")


def _later(words: str, start: int, end: int, items: list[Item], reading: Reading) -> None:
    """A clause after the names of a side: an attribute of them, filler, or words that say no side."""
    borders = read_borders(words, start, end) if end - start <= CLAUSE_LIMIT else []
    if borders and not {border.side for border in borders} & set(reading.sides):
        reading.use(start, end)
        for border in borders:
            _flip(words, border, reading, flipped=False)
        return
    if is_filler(words, start, end):
        reading.use(start, end)
        return
    if end - start <= 40:
        more = read_clause(words, start, end)
        if items and len(more) == 1 and more[0].only_attributes:
            reading.amend(items[-1], more[0])
            reading.use(start, end)
            return
    reading.leave_words(start, end, "没有写明在哪一侧，或与四至无关")
