"""One name with what is said of it, and whether it can be believed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from geo.sides import lexicon as lex
from geo.sides import phrases as ph
from geo.sides.types import LineKind, PartKind, Side


@dataclass(slots=True)
class Item:
    """What ``text[start:end]`` says. ``offset``: metres, and the direction they are measured in (``None``: outwards)."""

    start: int
    end: int
    name: str = ""
    kind: PartKind = PartKind.OTHER
    line: LineKind = LineKind.UNSTATED
    included: bool | None = None
    width: str | None = None
    planned: bool = False
    number: str | None = None
    far: Side | None = None
    flip: bool = False
    """以东, 东侧: words that could also say where the estate lies."""
    offset_m: float | None = None
    offset_to: Side | str | None = None
    """The direction of the distance; ``"in"`` and ``"out"`` for 退界, 外扩; ``None``: not said."""
    crossing: tuple[str, ...] = ()
    is_crossing: bool = False
    beyond: bool = False
    aliases: list[str] = field(default_factory=list)
    section: tuple[str, ...] = ()
    extended: bool = False
    doubts: list[str] = field(default_factory=list)
    remarks: list[tuple[int, int]] = field(default_factory=list)
    """Brackets at the end that were not understood; not in the span."""

    @property
    def only_attributes(self) -> bool:
        return not self.name and (
            self.included is not None or self.width is not None or self.line is not LineKind.UNSTATED
        )


def name_like(words: str) -> bool:
    return bool(words) and len(words) <= 24 and bool(ph.GOOD_SIGNS.match(words)) and not ph.BAD_NAME.search(words)


def plausible(item: Item, certain: bool) -> str:
    """``""`` if the item can stand as a part, else the Chinese reason why not.

    ``certain``: a verb or colon stands before it, so that a name without a known ending may be believed.
    """
    name = item.name
    if not name:
        return "没有读出名称"
    if name in lex.NOTHING or not re.search(r"[一-鿿A-Za-z0-9]", name):
        return "没有写明界线"
    if re.match(r"(?:[Xx×*某]{2,}|[Xx×*])(?:路|街|大道|道|河|巷|小区|$)", name):
        return "没有写明名称"
    if len(name) > 24:
        return "文字太长，不像一个名称"
    if not ph.GOOD_SIGNS.match(name):
        return "含有读不懂的符号"
    if name in lex.DIRECTIONS or (len(name) == 1 and lex.kind_of(name) is PartKind.OTHER):
        return "没有读出名称"
    if ph.BAD_NAME.search(name):
        return "不像一个名称"
    if re.match(r"[东南西北][临邻靠抵]..", name) and name[1:3] not in lex.NAME_HEADS:
        return "名称里像有另一侧的方向词"
    for found in ph.SIDE_INSIDE.finditer(name):
        if name[found.start() + 1 : found.start() + 3] not in lex.NAME_HEADS:
            return "名称里像有另一侧的方向词"
    if not re.search(r"[一-鿿]", name) and not lex.CODE.match(name) and not item.number:
        return "不是中文名称"
    if re.fullmatch(r"[\d.\-]+", name):
        return "只有数字，没有名称"
    if not certain and item.kind is PartKind.OTHER and item.line is LineKind.UNSTATED:
        return "没有方向词，也不像道路、河流或小区的名称"
    return ""
