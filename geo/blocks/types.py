"""What becomes of a 四至 text on a map: names matched with features, candidate polygons, and the evidence for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final

from shapely.geometry.base import BaseGeometry

from geo.sides.types import BoundaryText, Part, Side

SURE: Final = 0.9
"""Quality from which on a match is the name itself in another form, not a likeness."""


class MatchKind(StrEnum):
    """How a name of the text was found on the map, surest first."""

    EXACT = "exact"
    NORMAL = "normal"
    """Equal but for signs: 一/1, full width, blanks, brackets."""
    FORMER = "former"
    """By the table of former and other names."""
    PREFIX = "prefix"
    """A city's, district's or street's name more or less before it."""
    SUFFIX = "suffix"
    """Another ending: 路, 街, 大道, a bridge or an elevated road of the name."""
    INFIX = "infix"
    """A direction or section more or less: 解放路, 解放东路, 解放中路."""
    LANE = "lane"
    """A lane or house number whose road is on the map, the lane itself is not."""
    SOUND = "sound"
    """Other characters with the same sound."""
    NEAR_SOUND = "near_sound"
    EDIT = "edit"
    """Few characters differ."""

    @property
    def label(self) -> str:
        return {
            "exact": "同名", "normal": "写法不同", "former": "旧名或别名", "prefix": "前缀不同", "suffix": "后缀不同",
            "infix": "方位词不同", "lane": "按所在道路", "sound": "同音字", "near_sound": "近音字", "edit": "字形相近",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """One feature of the map that a name may mean."""

    name: str
    """As the map has it."""
    kind: MatchKind
    quality: float
    """0 to 1; 1 is the very name."""
    feature: int
    """Number of the feature in the gazetteer."""
    distance_m: float | None = None
    """From the estate's point; ``None`` without a point."""


@dataclass(frozen=True, slots=True)
class ResolvedPart:
    """One name on one side and what it may mean, best first, at most six; a person is shown the first three."""

    side: Side
    part: Part
    matches: tuple[Match, ...] = ()
    chosen: bool = False
    """The first match is sure enough to build with. False: nothing found, or several are equally likely."""
    why: str = ""
    """Chinese: why nothing was chosen, or what was assumed."""

    @property
    def tied(self) -> bool:
        """Several features fit the name equally well."""
        return bool(self.matches) and not self.chosen


@dataclass(frozen=True, slots=True)
class Resolved:
    """A parsed text with its names looked up on the map."""

    text: BoundaryText
    parts: tuple[ResolvedPart, ...]
    radius_m: float | None
    """How far around the point names were looked for; ``None`` without a point."""
    notes: tuple[str, ...] = ()

    def side(self, side: Side) -> tuple[ResolvedPart, ...]:
        """The parts of one side, in the text's order."""
        return tuple(part for part in self.parts if part.side is side)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Sides with at least one name that was found on the map as a line (tied ones too)."""
        return tuple(side for side in Side if any(part.matches for part in self.side(side)))

    @property
    def bordered(self) -> tuple[Side, ...]:
        """Those of `sides` for which the border itself was found, not only what lies behind it."""
        return tuple(s for s in self.sides if any(part.matches and not part.part.beyond for part in self.side(s)))


class Step(StrEnum):
    """How a candidate was made, surest first."""

    FACES = "faces"
    """The named lines alone enclose it."""
    WALLS = "walls"
    """They enclose it once gaps of a road's width are closed."""
    EXTENDED = "extended"
    """Lines were lengthened or joined across gaps."""
    NETWORK = "network"
    """Other roads or lines of the map supply what no name does."""
    CUT = "cut"
    """A side without any line was cut straight, to the ledger's area or half-way to the neighbour."""

    @property
    def rank(self) -> int:
        return list(Step).index(self)

    @property
    def label(self) -> str:
        return {
            "faces": "四至道路直接围合", "walls": "闭合小缺口后围合", "extended": "延长或连接道路后围合",
            "network": "借用其他道路围合", "cut": "按面积或邻里切分",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """Figures about one candidate, for a model of confidence. Shares are 0 to 1, lengths metres."""

    step: int
    """Rank of the `Step`, 0 the surest."""
    n_sides: int
    """Main sides (east, south, west, north) that the text names."""
    n_resolved: int
    """Main sides whose name was found on the map as a line."""
    quality_min: float
    """Quality of the names over the sides that the text speaks of; a side not found counts 0."""
    quality_mean: float
    quality_product: float
    share_min: float
    """Least, over the resolved sides, of the share of that side's ring that lies along its line with the right normal."""
    share_mean: float
    share_east: float
    share_south: float
    share_west: float
    share_north: float
    """0 where the side is not resolved."""
    explained: float
    """Share of the whole ring along a line that is named for the side it lies on."""
    contrary: float
    """Share of the ring along a named line, but facing a direction that this line was not named for."""
    direction_min: float
    """Least, over the resolved sides, cosine between the side's direction and the mean outward normal along its line."""
    bridged_m: float
    """Ring that follows no line of the map: extended ends, joins and cuts."""
    bridged_share: float
    network_share: float
    """Share of the ring along lines of the map that the text does not name."""
    point_used: bool
    distance_m: float
    """From the point to the candidate, 0 inside and without a point."""
    inset_m: float
    """How far inside the point is, 0 outside and without a point."""
    n_fits: int
    """Distinct candidates that explain the sides about as well, this one included."""
    margin: float
    """Rank score of this candidate minus that of the best other one; negative for all but the first."""
    score: float
    """What candidates are ranked by; no probability."""
    area_m2: float
    area_log_ratio: float | None
    """Natural logarithm of the candidate's area over the ledger's; ``None`` without one."""
    compactness: float
    """4πA/P² of the block."""
    n_parts_tied: int
    """Names for which several features were equally likely before the ground decided."""
    n_dropped: int
    """Sides whose name was found, but not used because it contradicts the others."""

    def as_dict(self) -> dict[str, float | int | bool | None]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One possible outline.

    ``block``: along the lines themselves (centre lines of roads); ``geometry``: set back as the text asks. Both EPSG:4490.
    """

    geometry: BaseGeometry
    block: BaseGeometry
    step: Step
    evidence: Evidence
    used: Mapping[Side, tuple[str, ...]]
    """Names of the map's features that each side was built with."""
    notes: tuple[str, ...] = ()
    net_share: float | None = None
    """Without a ledger's area: what is left of ``geometry`` if the roads' red lines are meant; ``None`` if that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Candidates best first, none if nothing fits, and Chinese notes for a person."""

    candidates: tuple[Candidate, ...]
    resolved: Resolved
    point_used: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None
