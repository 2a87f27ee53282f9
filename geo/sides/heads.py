"""Find the heads of statements in a text: where a statement may begin, and what only looks like one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from geo.sides import lexicon as lex
from geo.sides.filler import filler_end, is_filler
from geo.sides.head import SEPARATORS, Head, Strength
from geo.sides.head_words import NAME_SIGN, candidates
from geo.sides.style import PLAIN, Style, own_name, survey
from geo.sides.types import PartKind

_NUMBERING = re.compile(r"(?:\(?(?:\d{1,2}|[一二三四五六七八九十])\)?[、.,:)]? ?)$")
_LEAD_IN = re.compile(
    r"(?:区域|项目|小区|地块|宗地|用地|社区|片区|园区|校区|厂区|院落|大院|家属院|范围|四至|界线|界限|边界|界址|四邻|四界|位于|地处|坐落|座落|坐落于|处于|为|是|即|在|该|其中|其|且|并|而|分别|及|和|与|以及|内|:)$"
)


def _may_begin(text: str, at: int, last: int) -> bool:
    """Whether a statement may begin at ``at``: the start, after a mark, a number, or words that lead in."""
    if at == 0:
        return True
    before = text[max(last, at - 12) : at].rstrip(" ")
    if not before:
        return last == 0
    if _is_mark(before[-1]):
        return before[-1] != ")" or last == 0
    joint = _JOINT.search(before)
    if joint and joint.start() and _is_mark(before[joint.start() - 1]):
        return True
    number = _NUMBERING.search(before)
    if number:
        rest = before[: number.start()].rstrip(" ")
        return (not rest and last == 0) or (bool(rest) and _is_mark(rest[-1]) and rest[-1] not in "-~#&")
    return last == 0 and bool(_LEAD_IN.search(before))


_JOINT = re.compile(r"(?:以及|并且|并|且|而|同时|其中|另外?|还有|及|和|与|其)[ :]?$")


def _is_mark(sign: str) -> bool:
    return sign in SEPARATORS or sign in "、/()+:-~#&"


def _after_name(text: str, at: int, last: int) -> bool:
    """Whether the words before ``at`` may end a name or its attributes (路, 号, 西侧, 红线)."""
    before = text[max(last, at - 10) : at].rstrip(" ")
    if len(before) < 2:
        return before in lex.UNNAMED_ROADS | lex.UNNAMED_WATER | lex.UNNAMED_LAND
    if (
        lex.has_ending(before)
        or before[-1] in ")号侧面边线界墙岸中段处弄楼内外)"
        or before.endswith(("为止", "相邻", "相接"))
    ):
        return True
    return text[at - 1] in " \n"


def find_heads(text: str) -> list[Head]:
    """Heads of ``text`` (normalised) in order, bare ones included; a later step judges the bare ones."""
    heads = list(_scan(text, PLAIN))
    style = survey(text, heads)
    if style:
        return list(_scan(text, style))
    bare = all(head.strength == Strength.BARE for head in heads)
    return (_glued(text) if bare else []) or heads


_GLUED = re.compile(
    r"([东南西北])(?![临邻靠接至到为以沿抵连])([^东南西北路街巷道、,;.\n ][^路街巷道、,;.\n ]{1,6}(?:大道|[路街巷道]))"
)


def _glued(text: str) -> list[Head]:
    """东明德路南文昌街西春晖路北长虹路, without any mark: four directions, each before a road, and nothing else."""
    start = filler_end(text, 0, len(text))
    found = list(_GLUED.finditer(text, start))
    joined = (
        len(found) == 4
        and found[0].start() == start
        and all(a.end() == b.start() for a, b in itertools.pairwise(found))
    )
    if not joined or not is_filler(text, found[-1].end(), len(text)) or len({match.group(1) for match in found}) != 4:
        return []
    return [Head(m.start(), m.start(1) + 1, (lex.DIRECTIONS[m.group(1)],), "", Strength.BARE) for m in found]


_LINES = (PartKind.ROAD, PartKind.WATER, PartKind.RAILWAY)
"""明德路西侧临江路北侧: after a line the side is the line's own."""
_OWN = re.compile(lex.either(" ".join(lex.OWN)) + r"$")
_BORDER_WORD = re.compile(
    r"[东南西北]{1,2}(?:侧|面|边|部|端|方)?(?:边?界线?|界限|界址|边线|分界线?|至)(?=$|[、,;.\n 和及与]|以及)"
)
"""以明德路为东界: the direction stands behind its name."""
_OPENING = frozenset("东南西北向往朝(ESWN四周按依以从沿")


def _scan(text: str, style: Style) -> Iterator[Head]:
    at, last = 0, 0
    before: Head | None = None
    while at < len(text):
        if text[at] not in _OPENING:
            at += 1
            continue
        if at and text[at - 1] in "为作是系的" and _BORDER_WORD.match(text, at):
            at += 1
            continue
        begins = _may_begin(text, at, last) or (text[at] == "以" and _own_before(text, at, last))
        if text[at] in "ESWN" and not begins and (text[at - 1] in " \n" or _after_name(text, at, last)):
            begins = text[at + 1 : at + 2] in (":", "-")
        chosen: Head | None = None
        blank = False
        if begins or text[at] in "东南西北(向往朝":
            blank = not begins and text[at - 1] in " \n" and _after_name(text, at, last)
            for head in candidates(text, at, style):
                inside = head.strength == Strength.STRONG and _inside(text, head, last)
                inside = inside or _same_way(text, head, before, last)
                glued = before is not None and before.verb == head.verb == "(" and text[at - 1] == ")"
                if begins or inside or glued or (blank and _after_blank(text, head)):
                    chosen = head
                    break
        if chosen is None and (begins or blank) and text[at] in "东南西北":
            bare = _bare(text, at)
            if bare:
                yield bare
        if chosen is None:
            at += 1
            continue
        if len(chosen.sides) == 4 and not chosen.shared and _opens_another(text, chosen.end):
            at = chosen.end
            continue
        yield chosen
        before = chosen
        at = last = chosen.end


def _same_way(text: str, head: Head, before: Head | None, last: int) -> bool:
    """东为甲路南为乙路, 东边甲路南边乙路: written as the head before, directly behind a name."""
    if before is None or head.strength != Strength.WEAK or len(head.sides) > 1 or before.sides == head.sides:
        return False
    if (head.verb, head.position) != (before.verb, before.position) or not (head.verb or head.position):
        return False
    if text[head.start - 1] in "向往朝以之的偏东南西北":
        return False
    return head.verb in ("为", "是", "系", "与", "以", "隔", "沿", "有", "自", "从", "由", "") and _after_name(
        text, head.start, last
    )


def _own_before(text: str, at: int, last: int) -> bool:
    """小区以东为……: the estate itself stands before the direction, nothing else."""
    before = text[max(last, at - 14) : at]
    own = _OWN.search(before)
    rest = before[: own.start()].rstrip(" ") if own else ""
    return bool(own) and (not rest or _is_mark(rest[-1]) or (last == 0 and bool(_LEAD_IN.search(rest))))


def _opens_another(text: str, at: int) -> bool:
    """Whether a head stands right behind: 东南西北四至：东至……, the four directions are a title then."""
    if at >= len(text) or text[at] not in _OPENING:
        return False
    return any(head.strength == Strength.STRONG and len(head.sides) == 1 for head in candidates(text, at))


_PAIRED = re.compile(r"[东南西北]{1,2}[^东南西北、/和及与]{0,3}[、/][东南西北]")


def _inside(text: str, head: Head, last: int) -> bool:
    """Whether a strong head may stand without any mark before it."""
    if last and not text[last : head.start].strip(" \n"):
        return False
    if text[head.start] in "向往朝" or text[head.start - 1 : head.start] in (
        "向",
        "往",
        "朝",
        "以",
        "之",
        "偏",
        "的",
        "东",
        "南",
        "西",
        "北",
    ):
        return False
    if text[head.start] == "(":
        return True
    if len(head.sides) > 1 and _PAIRED.match(text, head.start):
        # 东至明德路西侧、南至文昌街: the first direction says which side of 明德路, the second begins anew.
        return False
    if not last and head.position and lex.kind_of(text[max(0, head.start - 10) : head.start]) in _LINES:
        return False
    if _after_name(text, head.start, last):
        return True
    joint = _JOINT.search(text, max(last, head.start - 2), head.start)
    if joint and _after_name(text, joint.start(), last):
        return True
    return head.verb[:1] in ("至", "到") or (head.verb == ":" and not head.position)


def _after_blank(text: str, head: Head) -> bool:
    """Whether a head may stand after nothing but a blank: 东侧解放路 西侧青年路, 东 解放路 西 青年路."""
    return head.verb != " " or (
        not head.position
        and bool(NAME_SIGN.match(text, head.end))
        and (
            text[head.end] not in "东南西北"
            or text[head.end : head.end + 2] in lex.DIRECTION_NAMES | {"东西", "南北", "东部", "西部", "南部", "北部"}
        )
    )


def _bare(text: str, at: int) -> Head | None:
    sign = text[at]
    if not re.match(r"[一-鿿A-Z0-9]", text[at + 1 : at + 2] or "") or not own_name(text, at):
        return None
    return Head(at, at + 1, (lex.DIRECTIONS[sign],), "", Strength.BARE)
