"""Lists: 东南西北分别为甲路、乙路、丙路、丁河, one group of names for each direction, in its order."""

from __future__ import annotations

from geo.sides.clauses import read_clause
from geo.sides.filler import clauses, is_filler, is_mark
from geo.sides.head import Head
from geo.sides.item import Item, plausible
from geo.sides.state import Reading

LIST_LIMIT = 600
"""Signs of a list; a longer one is none."""


def read_list(words: str, head: Head, stop: int, reading: Reading) -> int | None:
    """东南西北分别为甲、乙、丙、丁: one group of names for each side. The place behind it; ``None``: not a list."""
    count = len(head.sides)
    whole = clauses(words, head.end, stop, True)
    if not whole:
        return None
    for span, cut in _scopes(words, head.end, stop):
        for groups in _groupings(words, span):
            if len(groups) != count:
                continue
            read = [
                [i for i in group if not (plausible(i, True) and is_filler(words, i.start, i.end))] for group in groups
            ]
            if not all(group and not any(plausible(item, True) for item in group) for group in read):
                continue
            reading.use(*span)
            for side, group in zip(head.sides, read, strict=True):
                reading.put(side, group)
            return cut
    if not head.respectively:
        return None
    labels = "、".join(side.label for side in head.sides)
    reading.leave(head.start, stop, f"名称的个数与“{labels}”{count}个方向对不上")
    return stop


def _scopes(words: str, start: int, stop: int) -> list[tuple[tuple[int, int], int]]:
    """Ranges that may hold the whole list, widest first, and where the rest begins."""
    out = [((start, stop), stop)]
    for marks in ("\n.", ";\n.", ",;\n."):
        place = next(
            (p for p in range(start, min(stop, start + LIST_LIMIT)) if words[p] in marks and p > start + 3), stop
        )
        if place < stop:
            out.append(((start, place), place))
    return [(span, cut) for span, cut in out if span[1] - span[0] <= LIST_LIMIT]


def _groupings(words: str, span: tuple[int, int]) -> list[list[list[Item]]]:
    """Ways to cut a list: at ; or line breaks, at commas, at 、 and joining words, at blanks."""
    start, stop = span
    out: list[list[list[Item]]] = []
    for marks in (";.\n", ",;.\n", "、/,;.\n", " 、/,;.\n"):
        cuts = _cut(words, start, stop, marks)
        if len(cuts) > 1:
            out.append([read_clause(words, a, b) for a, b in cuts])
    out.append([[item] for a, b in _cut(words, start, stop, ",;.\n") for item in read_clause(words, a, b)])
    return out


def _cut(words: str, start: int, stop: int, marks: str) -> list[tuple[int, int]]:
    depth, at, out = 0, start, []
    for place in range(start, stop):
        depth += (words[place] == "(") - (words[place] == ")")
        if words[place] in marks and depth <= 0:
            out.append((at, place))
            at = place + 1
    out.append((at, stop))
    return [(a, b) for a, b in out if any(not is_mark(sign) for sign in words[a:b])]
