"""Statements that name the side after the thing: 解放路以东 puts the estate east of it, so the road is on its west."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geo.sides import lexicon as lex
from geo.sides.clauses import read_clause
from geo.sides.item import Item
from geo.sides.types import Side

_DISTANCE = r"(?: ?(?:约|各)? ?\d{1,5}(?:\.\d{1,3})? ?(?:米|m|公里)(?:处|范围)?)?"
_FLIP = re.compile(
    rf"(?:(?P<how>以|之|的)(?P<a>东北|东南|西北|西南|[东南西北])(?:侧|面|边|方|部)?|(?P<b>东北|东南|西北|西南|[东南西北])(?:侧|面|边))(?P<far>{_DISTANCE})"
)
_FLIP_ONE = re.compile(rf"(?P<how>以|之|的)(?P<a>[东南西北])(?P<b>(?!))?(?P<far>{_DISTANCE})")
_BARE = re.compile(r"(?P<b>[东南西北])(?=$|[、,;.\n )])")
_MORE = re.compile(
    r" ?(?:[、,/和及与])? ?(?:以)(?P<a>[东南西北])(?:侧|面|边|方)?(?=$|[、,;.\n )]|区域|范围|地块|的|围)"
)
_AFTER = re.compile(
    r"(?:(?:的|之间的?|所?围合的?|所?合围的?|所围成?的?|这一|以内的?|共|为)?(?:区域|范围|地块|地段|地区|土地|用地|区块|片区|部分|住宅|小区|项目|组团|内)"
    r"(?:内)?(?=$|[、,/ ]|[和与及]))*(?P<marks>[、/, ]*)(?:以及|及|和|与|至|并)?"
)


_PREFIXED = re.compile(r"[ 、]*[东南西北](?:侧|面|边)(?=[一-鿿])")
"""东边解放路南边…: the directions stand before the names; such words never flip."""
_NAME = re.compile(r"[一-鿿A-Z0-9]")
_FILLER = re.compile(r"区域|范围|地块|地区|的|围|地段|和|与|及|方|约|\d")
_NEXT = re.compile(
    r"$|[、,;.\n )(至和与及的]|区域|范围|地块|合围|围合|所围|之间|地区|地段|内|"
    r"[一-鿿A-Z0-9]{2,10}?(?:以[东南西北]|之[东南西北]|[东南西北](?:侧|面|边))"
)


@dataclass(frozen=True, slots=True)
class Flip:
    """Items of ``text[start:end]`` lie on ``side`` of the estate, opposite to the direction in the words."""

    items: tuple[Item, ...]
    side: Side
    start: int
    end: int


def read_flips(text: str, start: int, end: int) -> tuple[list[Flip], list[tuple[int, int]]]:
    """Statements of one clause, and the places of words that belong to none."""
    if _PREFIXED.match(text, start, end):
        return [], [(start, end)]
    flips: list[Flip] = []
    left: list[tuple[int, int]] = []
    at = start
    while at < end:
        mark = _next(text, at, end)
        if mark is None:
            break
        found, side_word = mark
        behind = text[found.end() : found.end() + 2]
        if (behind[:1] in tuple("为是") and behind not in lex.NAME_HEADS) or text.startswith("即", found.end()):
            break
        first = at
        placed = next(reversed(list(lex.PLACED.finditer(text, at, found.start()))), None)
        if placed and placed.end() < found.start() - 1:
            if at < placed.start():
                left.append((at, placed.start()))
            first = placed.end()
        items = read_clause(text, first, found.start())
        far = found.groupdict().get("far")
        if far and len(items) == 1:
            items[0].offset_m = _metres(far)
            items[0].offset_to = lex.DIRECTIONS[side_word]
        stop = found.end()
        if items:
            items[-1].end = max(items[-1].end, stop)
        flips.append(Flip(tuple(items), lex.DIRECTIONS[side_word].opposite, first, stop))
        more = _MORE.match(text, stop, end)
        while more and len(items) == 1:
            flips.append(Flip(tuple(items), lex.DIRECTIONS[more.group("a")].opposite, stop, more.end()))
            stop = more.end()
            more = _MORE.match(text, stop, end)
        at = _after(text, stop, end)
    if at < end:
        left.append((at, end))
    return flips, left


def _after(text: str, start: int, end: int) -> int:
    """The place behind filler (区域, 的地块), marks and a joining word; 和 of 和平路 is none."""
    found = _AFTER.match(text, start, end)
    if not found:
        return start
    joint = text[found.end("marks") : found.end()]
    if joint and (
        text[found.end() - 1 : found.end() + 1] in lex.NAME_HEADS or (found.group("marks").strip() and len(joint) == 1)
    ):
        return found.end("marks")
    return found.end()


def _metres(words: str) -> float:
    number = re.search(r"\d+(?:\.\d+)?", words)
    return float(number.group()) * (1000 if "公里" in words else 1) if number else 0.0


def _next(text: str, start: int, end: int) -> tuple[re.Match[str], str] | None:
    place = start
    while place < end:
        found = _FLIP.search(text, place, end)
        bare = _BARE.search(text, place, end)
        if bare and (found is None or bare.start() < found.start()):
            if _ends_name(text, start, bare.start(), True):
                return bare, bare.group("b")
            place = bare.end()
            continue
        if found is None:
            return None
        shorter = _one_direction(text, found, end)
        if shorter is None:
            return None
        found = shorter
        word = found.group("a") or found.group("b")
        if _ends_name(text, start, found.start(), not found.group("how")) and not _name_goes_on(text, found, end):
            return found, word
        place = found.start() + 1
    return None


def _one_direction(text: str, found: re.Match[str], end: int) -> re.Match[str] | None:
    """明德路以西南京路以北: 西 + 南京路, not 西南 + 京路. ``None``: the words allow both."""
    word = found.group("a") or ""
    if len(word) < 2 or not found.group().endswith(word) or not _NAME.match(text, found.end(), end):
        return found
    if _FILLER.match(text, found.end(), end):
        return found
    return (
        _FLIP_ONE.match(text, found.start(), end)
        if text[found.end() - 1 : found.end() + 1] in lex.DIRECTION_NAMES
        else None
    )


def _ends_name(text: str, start: int, end: int, strict: bool) -> bool:
    words = text[max(start, end - 12) : end].rstrip(" ")
    if len(words) < 2:
        return False
    ending = lex.has_ending(words)
    if words[-1] in ")号线":
        return True
    if strict:
        return bool(ending) and len(words) > len(ending)
    return bool(ending)


def _name_goes_on(text: str, found: re.Match[str], end: int) -> bool:
    """解放路东方花园: the direction begins the next name."""
    return not found.group("how") and not _NEXT.match(text, found.end(), end)
