"""Which of the possible heads are heads: remarks in brackets and directions that belong to names are put aside."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides.clauses import read_clause
from geo.sides.filler import clauses
from geo.sides.heads import Head, Strength
from geo.sides.items import plausible
from geo.sides.state import Reading
from geo.sides.types import MAIN_SIDES, Side


def select_heads(text: str, found: list[Head], reading: Reading) -> list[Head]:
    """Heads that are believed. Bare directions are judged together: 东解放路，西青年路，南人民街，北建设大道."""
    plain = _outside_brackets(text, [head for head in found if head.strength > Strength.BARE])
    bare = [head for head in found if head.strength == Strength.BARE]
    if not bare:
        return _unambiguous(plain)
    return _unambiguous(sorted([*plain, *_judge_bare(text, plain, bare, reading)], key=lambda head: head.start))


def comma_joins(text: str, heads: list[Head]) -> bool:
    """Whether commas stand between names: the statements are parted by 、; or line breaks and never by a comma."""
    marks = [_mark_before(text, head.start) for head in heads[1:]]
    return bool(marks) and "," not in marks and all(mark in (";", ".", "\n") for mark in marks)


def _mark_before(text: str, at: int) -> str:
    before = re.sub(r"[\s(]*(?:\(?(?:\d{1,2}|[一二三四五六七八九十])\)?[、.,:)]?)?\s*$", "", text[max(0, at - 8) : at])
    raw = text[max(0, at - 8) : at]
    tail = raw[len(before) :]
    if before and before[-1] in ",;.\n、":
        return before[-1]
    return "\n" if "\n" in tail else (" " if " " in tail else "")


def _outside_brackets(text: str, heads: list[Head]) -> list[Head]:
    """Heads without those in remarks: 东至解放路（西侧为绿化带）."""
    if "(" not in text:
        return heads
    depth = _depths(text)
    marks = [head.start + (0 if head.verb == "()" else 0) for head in heads]
    inner = [head for head, at in zip(heads, marks, strict=True) if depth[at] > 0]
    outer = [head for head, at in zip(heads, marks, strict=True) if depth[at] == 0]
    if not inner or not outer:
        return heads
    sides_in = {side for head in inner for side in head.sides}
    sides_out = {side for head in outer for side in head.sides}
    return inner if len(sides_in) >= 3 and len(sides_out) < 2 else outer


def _depths(text: str) -> list[int]:
    """How many closed pairs of brackets each sign stands in; a bracket itself stands outside its pair."""
    change = [0] * (len(text) + 1)
    stack: list[int] = []
    for place, sign in enumerate(text):
        if sign == "(":
            stack.append(place)
        elif sign == ")" and stack:
            opened = stack.pop()
            change[opened + 1] += 1
            change[place] -= 1
    out, depth = [], 0
    for place in range(len(text)):
        depth += change[place]
        out.append(depth)
    return out


def _unambiguous(heads: list[Head]) -> list[Head]:
    return heads


def _clean(text: str, head: Head, stop: int) -> bool:
    """Whether the words after a bare direction are a name of their own, and do not make a common name with it."""
    spans = clauses(text, head.end, stop, False)
    if not spans or text[head.start : head.start + 2] in lex.DIRECTION_NAMES:
        return False
    items = read_clause(text, *spans[0])
    if not items or any(plausible(item, False) for item in items):
        return False
    name = items[0].name
    return (
        len(name) - len(lex.has_ending(name)) >= 2
        or name in lex.UNNAMED_ROADS
        or name.endswith("墙")
        or bool(items[0].number)
    )


def _judge_bare(text: str, plain: list[Head], bare: list[Head], reading: Reading) -> list[Head]:
    """Bare directions that complete the sides so that no other reading is left."""
    starts = sorted(head.start for head in [*plain, *bare])

    def stop(head: Head) -> int:
        return next((start for start in starts if start > head.start), len(text))

    taken = [side for head in plain for side in head.sides]
    fresh = [head for head in bare if head.sides[0] not in taken]
    sides = [head.sides[0] for head in fresh]
    if len(set(sides)) != len(sides) or not fresh:
        return []
    clean = [head for head in fresh if _clean(text, head, stop(head))]
    complete = set(sides) | set(taken) >= set(MAIN_SIDES)
    if not plain:
        if len(clean) >= 3 and len(fresh) == len(bare) and _begins_each(text, fresh):
            _say_doubtful(text, fresh, clean, stop, reading)
            return clean
        return []
    if complete and len(clean) == len(fresh) and _same_marks(text, [*plain, *fresh]):
        if len(fresh) == 1:
            head = fresh[0]
            words = text[head.start : stop(head)].strip(" \n,;.、")
            reading.warn(f"“{words}”没有“至”字，按{head.sides[0].label}侧读")
        return clean
    return []


def _begins_each(text: str, heads: list[Head]) -> bool:
    """Whether every statement of the text begins with one of the heads."""
    marks = {_mark_before(text, head.start) for head in heads[1:]}
    return len(marks) == 1


def _same_marks(text: str, heads: list[Head]) -> bool:
    ordered = sorted(heads, key=lambda head: head.start)
    marks = {_mark_before(text, head.start) for head in ordered[1:]}
    return (len(marks) == 1 and "、" not in marks | set()) or (len(marks) == 1 and len(ordered) == 4)


def _say_doubtful(text: str, fresh: list[Head], clean: list[Head], stop: object, reading: Reading) -> None:
    for head in fresh:
        if head not in clean:
            reading.warn(f"“{text[head.start : head.start + 6].strip(' ,;、')}”分不清方向词和名称")


def missing(sides: set[Side]) -> list[Side]:
    """Main sides that the text does not speak of."""
    return [side for side in MAIN_SIDES if side not in sides]
