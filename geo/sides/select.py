"""Which of the possible heads are heads: remarks in brackets and directions that belong to names are put aside."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum

from geo.sides import lexicon as lex
from geo.sides.clauses import read_clause
from geo.sides.filler import clauses, filler_end, is_filler
from geo.sides.head import Head, Strength
from geo.sides.head_words import GENERIC
from geo.sides.item import plausible
from geo.sides.state import Reading
from geo.sides.style import KNOWN, core
from geo.sides.types import MAIN_SIDES


def select_heads(text: str, found: list[Head], reading: Reading) -> list[Head]:
    """Heads that are believed. Bare directions are judged together: 东解放路，西青年路，南人民街，北建设大道."""
    plain = _outside_brackets(text, [head for head in found if head.strength > Strength.BARE])
    bare = [head for head in found if head.strength == Strength.BARE]
    plain = _merged(text, _diagonals(text, _twice(plain)))
    if not bare:
        return plain
    chosen = _judge_bare(text, plain, bare, reading)
    stated = {side for head in [*plain, *chosen] for side in head.sides}
    ordered = sorted([*plain, *chosen], key=lambda head: head.start)
    for head in bare:
        if (
            plain
            and head not in chosen
            and head.sides[0] not in stated
            and _clean(text, head, _stop(text, head, ordered))
        ):
            reading.doubtful[head.start] = f"分不清是{head.sides[0].label}侧，还是名称的第一个字"
    return ordered


def _stop(text: str, head: Head, heads: list[Head]) -> int:
    return next((other.start for other in heads if other.start > head.start), len(text))


_EACH = re.compile(r"[ :]*(?:分别|依次|各)(?:依次|分别)?(?:为(?![民政])|是|至(?![善诚德])|:)?")


def _merged(text: str, heads: list[Head]) -> list[Head]:
    """东至、南至、西至、北至分别为……: heads without names between them are one list."""
    out: list[Head] = []
    run: list[Head] = []
    for number, head in enumerate(heads):
        run.append(head)
        following = heads[number + 1].start if number + 1 < len(heads) else len(text)
        if number + 1 < len(heads) and not text[head.end : following].strip(" 、,/"):
            continue
        each = _EACH.match(text, head.end)
        sides = tuple(side for one in run for side in one.sides)
        if len(set(sides)) == len(sides) and (len(run) > 2 or (len(run) == 2 and each)):
            end = each.end() if each else head.end
            out.append(replace(run[0], end=end, sides=sides, respectively=True, strength=Strength.STRONG))
        else:
            out += run
        run = []
    return out


def _twice(heads: list[Head]) -> list[Head]:
    """东向解放路 alone may be a name; 东向解放路，西向青年路 are two sides."""
    words = [head.position for head in heads if not head.verb]
    verbs = any(head.verb for head in heads)
    return [
        h
        for h in heads
        if h.verb
        or h.position not in lex.POSITION_TWICE
        or (words.count(h.position) > 1 and not (verbs and h.position == "部"))
    ]


def _diagonals(text: str, heads: list[Head]) -> list[Head]:
    """解放路东南至人民街: the east side of the road and the south, or the south-east? Only a mark before it tells."""
    stated = {side for head in heads for side in head.sides}
    out = []
    for number, head in enumerate(heads):
        label = head.sides[0].label
        joined = number and len(head.sides) == 1 and len(label) == 2 and text[head.start - 1] not in " \n、,;.()/:"
        if joined and lex.DIRECTIONS[label[1]] not in stated:
            reason = f"“{label}”前面没有标点，分不清是{label}角还是{label[1]}侧"
            head = replace(head, doubt=reason)
        out.append(head)
    return out


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
    inner = [head for head in heads if depth[head.start] > 0]
    outer = [head for head in heads if depth[head.start] == 0]
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


def _common_name(text: str, at: int, loose: bool) -> bool:
    """Whether the direction begins a common name; ``loose``: every clause of the text begins with a bare direction."""
    pair = text[at : at + 2]
    if text.startswith(_FAMOUS, at) or (not loose and pair in lex.ALWAYS_NAMES):
        return True
    if loose and text[at + 1 : at + 3] in KNOWN:
        return False
    return pair in lex.DIRECTION_NAMES and bool(GENERIC.match(text, at + 2))


_FAMOUS = lex.words("东方红 东方明珠 东直门 西直门 东便门 西便门 西双版纳 南锣鼓 北戴河 西柏坡 东四 西四 东单 西单")


class _Fit(IntEnum):
    """How well the words after a bare direction stand as a name of their own."""

    NO = 0
    """西安路, 南侧路, 东方红大道: the direction belongs to the name."""
    OPEN = 1
    """南京江路: 南 + 京江路, or 南京 + 江路."""
    SURE = 2
    """北太阳山路, 南东昌路."""


def _fit(text: str, head: Head, stop: int) -> _Fit:
    if not _clean(text, head, stop, loose=True):
        return _Fit.NO
    pair = text[head.start : head.start + 2]
    double = pair[1] in lex.DIRECTIONS
    if (double and pair in lex.DIRECTIONS and core(text, head.start + 2) >= 2) or (
        not double and (pair in lex.ALWAYS_NAMES or text[head.start + 1 : head.start + 3] in KNOWN)
    ):
        return _Fit.OPEN
    return _Fit.SURE


def _clean(text: str, head: Head, stop: int, loose: bool = False) -> bool:
    """Whether the words after a bare direction are a name of their own, and do not make a common name with it."""
    spans = clauses(text, head.end, stop, False)
    if not spans or _common_name(text, head.start, loose):
        return False
    first = text[spans[0][0] : spans[0][0] + 2]
    if first[:1] in tuple("侧面边部方界向端头角首段缘外内") and first not in lex.NAME_HEADS:
        return False
    items = read_clause(text, *spans[0])
    if not items or any(plausible(item, False) for item in items):
        return False
    name = items[0].name
    return (
        core(name, 0) >= 2
        or (len(name) > 2 and name == lex.has_ending(name))
        or (name[:2] in lex.NAME_HEADS and len(name) > 2)
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
        return _only_bare(text, fresh, stop, reading) if len(fresh) == len(bare) else []
    if complete and len(clean) == len(fresh) and _same_marks(text, [*plain, *fresh], len(fresh)):
        if len(fresh) == 1:
            head = fresh[0]
            words = text[head.start : stop(head)].strip(" \n,;.、")
            reading.warn(f"“{words}”没有“至”字，按{head.sides[0].label}侧读")
        return clean
    return []


def _only_bare(text: str, heads: list[Head], stop: Callable[[Head], int], reading: Reading) -> list[Head]:
    """Heads of a text that has bare directions only; a list of names that happen to begin with one has none."""
    if any(_flips(text, head, stop(head)) for head in heads):
        return []
    fits = [_fit(text, head, stop(head)) for head in heads]
    sure = [head for head, fit in zip(heads, fits, strict=True) if fit is _Fit.SURE]
    names = {text[head.end : stop(head)].strip(" \n,;.、") for head in heads}
    alike = len(heads) == 4 or _begins_each(text, heads)
    if _Fit.NO not in fits and len(sure) >= 2 and alike and len(names) > 1 and _all_begin(text, heads):
        return heads
    mixed = _mark_before(text, heads[-1].start) in ("、", " ", "") and not _all_begin(text, sure)
    if len(sure) < 3 or mixed or not _begins_each(text, heads):
        return []
    for head in heads:
        if head not in sure:
            reading.warn(f"“{text[head.start : head.start + 6].strip(' ,;、')}”分不清方向词和名称")
    return sure


def _flips(text: str, head: Head, stop: int) -> bool:
    """东兴路以西: the side is said behind the name, the direction before it is the name's own."""
    return any(item.flip for span in clauses(text, head.end, stop, False)[:1] for item in read_clause(text, *span))


def _begins_each(text: str, heads: list[Head]) -> bool:
    """Whether every statement of the text begins with one of the heads."""
    marks = {_mark_before(text, head.start) for head in heads[1:]}
    return len(marks) == 1


def _all_begin(text: str, heads: list[Head]) -> bool:
    """Whether no clause of the text stands without a direction at its start."""
    starts = {head.start for head in heads}
    for start, end in clauses(text, 0, len(text), False):
        for found in re.finditer(r"[^、 /]+", text[start:end]):
            at = filler_end(text, start + found.start(), start + found.end())
            if at not in starts and not is_filler(text, start + found.start(), start + found.end()):
                return False
    return True


def _same_marks(text: str, heads: list[Head], bare: int) -> bool:
    """Whether the statements are parted by one mark; 、 also parts names, so that one bare direction after it says nothing."""
    ordered = sorted(heads, key=lambda head: head.start)
    marks = {_mark_before(text, head.start) for head in ordered[1:]}
    return len(marks) == 1 and (bare > 1 or "、" not in marks)


_LABELLED = re.compile(r"\( ?([东南西北])(侧|面|边)? ?\)")


def labelled(text: str) -> list[tuple[int, int, str, bool]]:
    """Directions in brackets behind names, if all of the text is written so: ``(start, end, direction, plain)``."""
    found = list(_LABELLED.finditer(text))
    if len(found) < 2 or len({mark.group(1) for mark in found}) != len(found):
        return []
    rest = text[found[-1].end() :]
    tail = clauses(rest, 0, len(rest), False)
    if tail and not is_filler(rest, *tail[0]):
        return []
    first = filler_end(text, 0, found[0].start())
    if not text[first : found[0].start()].strip(" \n、,"):
        return []
    return [(mark.start(), mark.end(), mark.group(1), mark.group(2) is None) for mark in found]
