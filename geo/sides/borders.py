"""Statements that name the side as a border behind the thing: 以人民路为东界, 建国路是南边界."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides.clauses import read_clause
from geo.sides.flips import Flip

_BORDER = re.compile(
    r"(?:[、和及与 ]|以及)*(?:(?:本|该)?(?:项目|小区|地块|宗地|用地))?(?:以|由|将)?(?P<name>[^,;.]{2,40}?)"
    r"(?:作为|为|作|是|系)(?:其|本|该)?(?:项目|小区|用地|地块|宗地)?的?(?P<side>东北|东南|西北|西南|[东南西北])"
    r"(?:侧|面|边|部|端|方)?(?:边?界线?|界限|界址|边线|分界线?|至)(?=$|[、和及与 ]|以及)"
)


def read_borders(text: str, start: int, end: int) -> list[Flip]:
    """Statements of the clause, which must consist of nothing else; empty where it does not."""
    out: list[Flip] = []
    at = start
    while at < end:
        found = _BORDER.match(text, at, end)
        if not found:
            return []
        items = read_clause(text, *found.span("name"))
        out.append(Flip(tuple(items), lex.DIRECTIONS[found.group("side")], found.start(), found.end()))
        at = found.end()
    return out
