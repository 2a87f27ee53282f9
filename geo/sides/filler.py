"""Words that say nothing of a side, and the marks between clauses."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex

_MARKS = frozenset(" \n、,;.:!?/-~()+&·#=>·_")
_WORDS = lex.LABELS | lex.TAIL_WORDS
_LONGEST = max(map(len, _WORDS))
NUMBERING = re.compile(r"\(?(?:\d{1,2}|[一二三四五六七八九十]|第[一二三四])\)?")


def filler_start(text: str, start: int, end: int, shortest: int = 1) -> int:
    """The smallest place from which ``text[place:end]`` is nothing but filler words (of so many signs) and marks."""
    reach = {end}
    first = end
    for place in range(end - 1, start - 1, -1):
        if text[place] in _MARKS:
            if place + 1 in reach:
                reach.add(place)
                first = place
            continue
        for length in range(shortest, min(_LONGEST, end - place) + 1):
            if place + length in reach and text[place : place + length] in _WORDS:
                reach.add(place)
                first = place
                break
        else:
            if place < first - _LONGEST:
                break
    return first


def is_filler(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` holds only marks, numbering, areas and words without a meaning for the sides."""
    while start < end and text[start] in _MARKS:
        start += 1
    while end > start and text[end - 1] in _MARKS:
        end -= 1
    if start >= end or NUMBERING.fullmatch(text, start, end):
        return True
    if lex.AREA.fullmatch(text, start, end):
        return True
    return filler_start(text, start, end) == start


def is_mark(sign: str) -> bool:
    return sign in _MARKS


def clauses(text: str, start: int, end: int, commas: bool) -> list[tuple[int, int]]:
    """Cut at the marks that end a clause, outside brackets; ``commas``: a comma does not end one."""
    out: list[tuple[int, int]] = []
    closing = _pairs(text, start, end)
    at = place = start
    while place < end:
        sign = text[place]
        if sign == "(" and place in closing:
            place = closing[place] + 1
            continue
        decimal = sign == "." and start < place < end - 1 and text[place - 1].isdigit() and text[place + 1].isdigit()
        if (
            (sign in ",;.!?\n()" or _strange(sign))
            and not decimal
            and not (commas and sign == ",")
            and not wrapped(text, place, start, end)
        ):
            if at < place:
                out.append((at, place))
            at = place + 1
        place += 1
    if at < end:
        out.append((at, end))
    return [(a, b) for a, b in out if text[a:b].strip(" 、/")]


def wrapped(text: str, place: int, start: int, end: int) -> bool:
    """A line break in the middle of a name (a cell's line wrap)."""
    if text[place] != "\n" or not start < place < end - 1:
        return False
    before, after = text[max(start, place - 8) : place], text[place + 1 : min(end, place + 9)]
    if before[-1] in ",;.、:" or after[0] in ",;.、:":
        return False
    return not lex.has_ending(before) and bool(re.match(r"[一-鿿]", after)) and before[-1] not in ")线侧墙"


def _strange(sign: str) -> bool:
    return not (sign.isalnum() or sign in _MARKS)


def _pairs(text: str, start: int, end: int) -> dict[int, int]:
    """Opening bracket → closing bracket of the outermost pairs in the range."""
    out: dict[int, int] = {}
    stack: list[int] = []
    for place in range(start, end):
        if text[place] == "(":
            stack.append(place)
        elif text[place] == ")" and stack:
            out[stack.pop()] = place
    return out


def filler_end(text: str, start: int, end: int) -> int:
    """The place after the marks and label words (四至：, 位于) that ``text[start:end]`` begins with."""
    placed = next(reversed(list(lex.PLACED.finditer(text, start, end))), None)
    at = placed.end() if placed and placed.end() < end else start
    while at < end and text[at] in _MARKS and text[at] != "(":
        at += 1
    return at
