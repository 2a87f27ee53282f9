"""How a text writes its statements: one that could be read in two ways is read as the plain ones of the text are written.

西临河南中路 is 西 + 临 + 河南中路 where the others are written 南临延安东路, and 西 + 临河南中路 where they are 南延安东路.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from geo.sides import lexicon as lex
from geo.sides.head import SEPARATORS, Head, Strength

_SINGLE = frozenset(word for word in (*lex.words(lex.STRONG), *lex.words(lex.WEAK)) if len(word) == 1) - frozenset(
    "与同和跟"
)
_STOP = re.compile(r"[、,;.!?\n()/ ]")
_CORES = re.compile(r"[一二三四五六七八九十百\d]+$")
KNOWN = frozenset(
    lex.words(
        "江苏 江西 江阴 江宁 江门 江都 江油 江夏 江浦 河南 河北 河源 河池 河间 湖南 湖北 湖州 湖口 海南 海门 海宁 海口 "
        "海安 海盐 泉州 川沙 安徽 安阳 安庆 安顺 安康 安远 山东 山西 山阳 平凉 平湖 平阳 清远 清河 淮安 淮海 淮南 淮北 "
        "夏邑 沂水 水城 港城 云南 州桥 京华 善化 德州 德清 正阳 真如"
    )
)
"""Beginnings of common names: behind a verb sign they are the name (临 + 河南…)."""


@dataclass(frozen=True, slots=True)
class Style:
    """Places of signs that look both like a verb and like the first sign of a name, settled by the rest of the text."""

    verbs: frozenset[int] = frozenset()
    names: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.verbs or self.names)


PLAIN = Style()


def survey(text: str, heads: Sequence[Head]) -> Style:
    """Settle the ambiguous verb signs of ``heads``, which were read one by one."""
    unsure = [head for head in heads if _unsure(text, head)]
    glued = _after_names(text, [head.verb for head in heads])
    if not unsure:
        return Style(glued) if glued else PLAIN
    plain = [head for head in heads if not _unsure(text, head)]
    said = [head.verb[:1] for head in plain if head.verb[:1] in _VERB_SIGNS]
    bare = [
        head
        for head in plain
        if not head.verb and (head.position or core(text, head.end) >= 2) and _at_start(text, head)
    ]
    bare += [head for head in unsure if short_name(text, _place(text, head) + 1)]
    verbs, names = set[int](), set[int]()
    if not bare:
        said += [text[_place(text, head)] for head in unsure if text[_place(text, head) + 1 :][:2] in KNOWN]
    for head in unsure:
        place = head.end if not head.verb else _verb_place(text, head)
        sign, length = text[place], core(text, place + 1)
        others = [other for other in unsure if other is not head and text[_place(text, other)] == sign]
        pairs = {text[_place(text, other) : _place(text, other) + 2] for other in (*others, head)}
        if length >= 2 and (
            sign in said
            or (said and not bare)
            or (not bare and len(pairs) > 1 and all(core(text, _place(text, o) + 1) >= 2 for o in others))
        ):
            verbs.add(place)
        elif (
            not others
            and sign not in said
            and ((not said and sign in "望有沿") or (sign not in "至到" and len(bare) >= max(2, len(said) + 1)))
        ):
            names.add(place)
    return Style(frozenset(verbs) | glued, frozenset(names))


_GLUED = re.compile(r"(?<=[路街道巷河湖村苑园屯桥学院])[东南西北](?:侧|面|边)?([临靠接至到抵邻连])(?=[一-鿿]{2})")


def _after_names(text: str, verbs: Sequence[str]) -> frozenset[int]:
    """西临明德路南临湖东路: the verb signs behind a name that are written as the other verbs of the text."""
    return frozenset(
        found.start(1)
        for found in _GLUED.finditer(text)
        if verbs.count(found.group(1)) >= 2
        and text[found.start(1) : found.start(1) + 2] in lex.NAME_HEADS
        and _until_direction(text, found.end()) >= 2
    )


def _until_direction(text: str, start: int) -> int:
    words = re.split(r"[、,;.!?\n()/ ]|(?<=[路街道巷村苑园屯桥学院])[东南西北]", text[start : start + 24])[0]
    return len(words) - len(lex.has_ending(words))


def short_name(text: str, start: int) -> bool:
    """江路, 山屯: behind a verb sign hardly a name of its own."""
    words = re.split(r"[、,;.!?\n()/ ]", text[start : start + 3])[0]
    return len(words) == 2 and words[1] in "路街巷屯苑园府庄楼坊里"


_VERB_SIGNS = frozenset(word[0] for word in (*lex.words(lex.STRONG), *lex.words(lex.WEAK)))


def _place(text: str, head: Head) -> int:
    return head.end if not head.verb else _verb_place(text, head)


def _verb_place(text: str, head: Head) -> int:
    return text.rindex(head.verb, head.start, head.end)


def _unsure(text: str, head: Head) -> bool:
    """Whether the words behind the direction are a verb and a name, or a name that begins like a verb."""
    if len(head.sides) != 1 or head.distance or head.respectively:
        return False
    if head.verb:
        place = text.find(head.verb, head.start, head.end)
        one = len(head.verb) == 1 and head.verb in _SINGLE and place == head.end - 1
        return one and core(text, place + 1) > 0 and text[place : place + 2] in lex.NAME_HEADS
    return text[head.end : head.end + 1] in _SINGLE and text[head.end : head.end + 2] in lex.NAME_HEADS


def _at_start(text: str, head: Head) -> bool:
    before = text[: head.start].rstrip(" ")
    return head.strength > Strength.BARE or not before or before[-1] in SEPARATORS or before[-1] in "、:/)"


def own_name(text: str, at: int) -> bool:
    """Whether a direction that another one follows can stand alone: 西 + 南京路; 西南角, 东西大街 and 南北高架路 are one."""
    if text[at + 1] not in lex.DIRECTIONS:
        return True
    named = text[at + 1 : at + 3] in lex.DIRECTION_NAMES or text[at + 2 : at + 3] not in _POSITIONS
    return named and core(text, at + 1) >= 2


_POSITIONS = tuple("两三四各均都走侧面边方界向端头角首段至到临邻靠接为是与和以、:")


def core(text: str, start: int) -> int:
    """Signs of the words from ``start`` before their ending: 2 for 河南路, 1 for 江路; numbers count as a name (一路)."""
    stop = _STOP.search(text, start)
    words = text[start : stop.start() if stop else len(text)].strip(" ")[:24]
    rest = words[: len(words) - len(lex.has_ending(words))]
    return max(len(rest), 2) if rest and _CORES.search(rest) else len(rest)
