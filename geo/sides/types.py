"""What a 四至 text says: named parts on named sides, each with the place in the text where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """A side of an estate; the four main ones first."""

    EAST = "east"
    SOUTH = "south"
    WEST = "west"
    NORTH = "north"
    NORTHEAST = "northeast"
    SOUTHEAST = "southeast"
    SOUTHWEST = "southwest"
    NORTHWEST = "northwest"

    @property
    def label(self) -> str:
        """东, 南, …, 东北."""
        return _LABELS[self]

    @property
    def degrees(self) -> float:
        """Compass bearing of the outward normal, clockwise from north."""
        return _DEGREES[self]

    @property
    def opposite(self) -> Side:
        return next(s for s in Side if s.degrees == (self.degrees + 180) % 360)


_LABELS = {
    Side.EAST: "东", Side.SOUTH: "南", Side.WEST: "西", Side.NORTH: "北",
    Side.NORTHEAST: "东北", Side.SOUTHEAST: "东南", Side.SOUTHWEST: "西南", Side.NORTHWEST: "西北",
}  # fmt: skip
_DEGREES = {
    Side.EAST: 90.0, Side.SOUTH: 180.0, Side.WEST: 270.0, Side.NORTH: 0.0,
    Side.NORTHEAST: 45.0, Side.SOUTHEAST: 135.0, Side.SOUTHWEST: 225.0, Side.NORTHWEST: 315.0,
}  # fmt: skip
MAIN_SIDES = (Side.EAST, Side.SOUTH, Side.WEST, Side.NORTH)


class PartKind(StrEnum):
    """What kind of thing a part names, as far as its words tell."""

    ROAD = "road"
    WATER = "water"
    RAILWAY = "railway"
    PLACE = "place"
    """A neighbour: another estate, a school, a park, an office, numbered buildings."""
    WALL = "wall"
    """A wall or fence without a name (围墙, 小区围墙)."""
    LAND = "land"
    """Unnamed ground: 空地, 农田, 山体, 规划用地."""
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "road": "道路", "water": "水系", "railway": "铁路", "place": "相邻地块",
            "wall": "围墙", "land": "未命名地块", "other": "其他",
        }[self.value]  # fmt: skip


class LineKind(StrEnum):
    """Which line of the named thing is meant."""

    UNSTATED = "unstated"
    RED_LINE = "red_line"
    """道路红线 (also 绿线, 蓝线): the edge of the road's reserved land."""
    CENTRE = "centre"
    """中心线, 中线."""
    WALL = "wall"
    """围墙: the neighbour's or the own wall along the thing."""
    EDGE = "edge"
    """边线, 路边, 河岸, 人行道: the edge of what is built."""

    @property
    def label(self) -> str:
        return {"unstated": "", "red_line": "红线", "centre": "中心线", "wall": "围墙", "edge": "边线"}[self.value]


@dataclass(frozen=True, slots=True)
class Part:
    """One named thing on one side.

    ``start``, ``end`` are positions in the original text: ``text[start:end]`` is where the part stands. In lists such as
    「东南西北分别为甲、乙、丙、丁」 it is the name's own place.
    """

    name: str
    """The bare name (解放路), or the words as they stand where nothing bears a name (围墙, 规划道路)."""
    kind: PartKind
    start: int
    end: int
    line: LineKind = LineKind.UNSTATED
    included: bool | None = None
    """（含） or （不含）; ``None``: not said."""
    width: str | None = None
    """``"full"`` (全幅, 含路) or ``"half"`` (半幅) where the text says how much of the road belongs to the estate."""
    planned: bool = False
    number: str | None = None
    """House or lane number: 1288弄, 12号, 1–12号楼."""
    far_side: Side | None = None
    """The side of the thing itself that is meant: 「解放路东侧」, 「幸福花园西围墙」."""
    offset_m: float | None = None
    """「解放路以东50米」, 「向东50米」: distance from the thing, away from the estate where negative."""
    crossing: tuple[str, ...] = ()
    """The other names of a crossing: 「解放路与人民街交叉口」 is 解放路 with crossing (人民街,)."""
    beyond: bool = False
    """Not the border itself but what lies behind it: 幸福小区 in 「隔解放路与幸福小区相望」."""
    aliases: tuple[str, ...] = ()
    """Other names in brackets: 「解放路（原中正路）」, 「绕城高速（G1503）」."""
    section: tuple[str, ...] = ()
    """Ends of the stretch that is meant: 「解放路（人民街至建设路段）」; one word for 「解放路（北段）」."""


PREFACE = "四至之前的文字"
"""Begins the reason of words that stand before the first side: a name, an address. They say nothing of the sides."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Words that were understood as nothing, with the reason in Chinese."""

    text: str
    start: int
    end: int
    reason: str

    @property
    def preface(self) -> bool:
        """Whether they only stand before the sides and leave nothing of those open."""
        return self.reason.startswith(PREFACE)


@dataclass(frozen=True, slots=True)
class BoundaryText:
    """A parsed 四至 text. Every sign of ``text`` is in a part, in ``unread``, or is punctuation and filler words."""

    text: str
    sides: Mapping[Side, tuple[Part, ...]]
    """Sides that the text speaks of, each with at least one part, in the text's order."""
    unread: tuple[Unread, ...] = ()
    warnings: tuple[str, ...] = ()
    """Chinese: contradictions and doubts (the same road east and west, a side given twice)."""
    attached: bool = False
    """The text points to an attached drawing (详见附图)."""
    flipped: frozenset[Side] = field(default_factory=frozenset)
    """Sides that were read from 「X以东」 and so lie opposite to the direction in the words."""

    def as_dict(self) -> dict[str, object]:
        """JSON of the contract: ``sides`` {east: [{name, kind, line, …}]}, ``unread`` [{text, start, end, reason}]."""
        return {
            "text": self.text,
            "sides": {side.value: [_part(part) for part in parts] for side, parts in self.sides.items()},
            "unread": [{"text": u.text, "start": u.start, "end": u.end, "reason": u.reason} for u in self.unread],
            "warnings": list(self.warnings),
            "attached": self.attached,
        }


def _part(part: Part) -> dict[str, object]:
    return {
        "name": part.name,
        "kind": part.kind.value,
        "line": part.line.value,
        "start": part.start,
        "end": part.end,
        "included": part.included,
        "width": part.width,
        "planned": part.planned,
        "number": part.number,
        "far_side": part.far_side.value if part.far_side else None,
        "offset_m": part.offset_m,
        "crossing": list(part.crossing),
        "beyond": part.beyond,
        "aliases": list(part.aliases),
        "section": list(part.section),
    }
