"""The head of a statement: the words that say which side the following names are on (东至, 南侧为, （西）, 东、北至 …)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from geo.sides.types import Side

SEPARATORS = frozenset(",;.!?\n")
"""Between statements. 、 and / stand between names as well as between statements."""


class Strength(IntEnum):
    """How plainly a head is one."""

    BARE = 0
    """东解放路: direction and name, nothing between."""
    WEAK = 1
    """东与…, 东侧解放路: a head where a statement may begin."""
    STRONG = 2
    """东至, 东：, （东）."""


@dataclass(frozen=True, slots=True)
class Head:
    """Words ``text[start:end]`` that open a statement on ``sides``."""

    start: int
    end: int
    sides: tuple[Side, ...]
    verb: str
    strength: Strength
    position: str = ""
    respectively: bool = False
    """分别, 依次: one name for each side, in this order."""
    shared: bool = False
    """均, 四面: all sides have what follows."""
    distance: tuple[int, int] | None = None
    """Place of 50米 in 「东侧50米为」."""
    doubt: str = ""
    """Why the statement cannot be told, although it is one: 解放路东南至…… without a mark."""
    open_bracket: int | None = None
    """Place of the bracket in 「东（解放路）」."""
