"""Doubts about a text as a whole: sides twice, several parcels, the same road on opposite sides, sides missing."""

from __future__ import annotations

from geo.sides import lexicon as lex
from geo.sides.state import Reading
from geo.sides.types import MAIN_SIDES, Side

_UNNAMED = (
    lex.UNNAMED_ROADS
    | lex.UNNAMED_LAND
    | lex.UNNAMED_WATER
    | {"围墙", "小区围墙", "本小区围墙", "山", "山体", "民房", "住宅"}
)
_PAIRS = ((Side.EAST, Side.WEST), (Side.NORTH, Side.SOUTH))


def check(reading: Reading) -> None:
    """Add warnings; take the sides back where the text describes several parcels."""
    _twice(reading)
    _opposite(reading)
    _missing(reading)
    for side, statements in reading.sides.items():
        for item in (item for statement in statements for item in statement.items):
            if item.extended:
                reading.warn(f"{side.label}侧：“{item.name}”写的是延长线，地图上可能没有这一段")
            if item.far in (_turned(side, 90), _turned(side, -90)) and item.far is not None and not item.number:
                reading.warn(f"{side.label}侧：写的是“{item.name}”的{item.far.label}侧，方向不一致")


def _turned(side: Side, degrees: float) -> Side:
    return next(s for s in Side if s.degrees == (side.degrees + degrees) % 360)


def _names(reading: Reading, side: Side) -> set[str]:
    return {item.name for statement in reading.sides.get(side, []) for item in statement.items if not item.beyond}


def _twice(reading: Reading) -> None:
    twice = [side for side, statements in reading.sides.items() if len(statements) > 1]
    apart = [
        side
        for side in twice
        if len({tuple(sorted(item.name for item in s.items)) for s in reading.sides[side]}) > 1 and side in MAIN_SIDES
    ]
    if len(twice) >= 3 and len(apart) >= 2:
        reading.drop_all("文字写了不止一个地块的四至，请分开填写")
        reading.warn("文字写了不止一个地块的四至，没有采用")
        return
    for side in twice:
        reading.warn(f"{side.label}侧写了{len(reading.sides[side])}次")


def _opposite(reading: Reading) -> None:
    for one, other in _PAIRS:
        for name in sorted(_names(reading, one) & _names(reading, other)):
            if name not in _UNNAMED:
                reading.warn(f"{one.label}侧和{other.label}侧都是“{name}”，请核对")


def _missing(reading: Reading) -> None:
    stated = set(reading.sides)
    absent = [side.label for side in MAIN_SIDES if side not in stated]
    if stated and absent:
        reading.warn("没有读出" + "、".join(absent) + "侧")
