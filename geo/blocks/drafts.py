"""Drafts of an outline: polygons of one reading with their figures and the score that they are ranked by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely import Polygon

from geo.blocks.readings import Reading
from geo.blocks.ring import RingFigures, SideLines, measure_ring
from geo.blocks.types import Step
from geo.blocks.window import Window, is_ground, without_holes

SAME_IOU: Final = 0.9
"""Two polygons that share more than this are one candidate."""
AREA_FREE: Final = 0.25
"""Difference of the logarithms of areas that counts as none: the ledger's figures are rounded and rough."""
AREA_SPAN: Final = 0.4
IN_BETWEEN: Final = 0.6
_WEIGHTS: Final = {
    "share_mean": 0.4, "share_min": 0.2, "explained": 0.25, "quality": 0.25, "contrary": -0.4, "bridged": -0.25,
    "network": -0.1, "distance": -0.35, "area": -0.45, "direction": 0.1, "step": -0.015, "form": 0.05, "dropped": -0.15,
}  # fmt: skip
"""What counts in ranking drafts of one text against each other. Not a confidence: that is fitted on cases."""
_DISTANCE_M: Final = 200.0
_NET_HALF_M: Final = 9.0


@dataclass(frozen=True, eq=False)
class Draft:
    """A polygon (metres, along the lines themselves) for a reading."""

    polygon: Polygon
    reading: Reading
    lines: SideLines = field(repr=False)
    step: Step
    figures: RingFigures
    distance_m: float
    area_log_ratio: float | None
    score: float

    @property
    def settled(self) -> bool:
        """So good that no weaker way of closing needs to be tried."""
        return not self.reading.unknown and self.complete

    @property
    def complete(self) -> bool:
        """All the lines that are known are there, around the point, with the ledger's area (one must be known if a side is
        not)."""
        shares = self.figures.shares
        told = self.figures.explained if not self.reading.unknown else 1.0
        area_fits = abs(self.area_log_ratio) <= 0.3 if self.area_log_ratio is not None else not self.reading.unknown
        return (
            len(shares) == len(self.reading.sides)
            and min(shares.values(), default=0.0) >= 0.8
            and told >= 0.9
            and self.figures.contrary <= 0.05
            and self.distance_m <= 15.0
            and area_fits
        )

    @property
    def doubtful(self) -> bool:
        """A side is hardly touched, or the area is far from the ledger's."""
        return min(self.figures.shares.values(), default=0.0) < 0.5 or abs(self.area_log_ratio or 0.0) > 0.4


@dataclass(eq=False)
class Drafting:
    """Collects drafts for one text around one place."""

    window: Window
    area_m2: float | None
    has_point: bool
    drafts: list[Draft] = field(default_factory=list)

    def add(self, polygons: Iterable[Polygon | None], reading: Reading, lines: SideLines, step: Step) -> list[Draft]:
        """Measure polygons and keep those that some named line touches; none where no named line is in the window."""
        made: list[Draft] = []
        if not lines.lines:
            return made
        for polygon in polygons:
            if polygon is None or polygon.is_empty or not polygon.is_valid or not is_ground(polygon):
                continue
            draft = self._draft(without_holes(polygon), reading, lines, step)
            if min(draft.figures.shares.values(), default=0.0) == 0.0 and draft.figures.explained < 0.3:
                continue
            made.append(draft)
        self.drafts += made
        return made

    def best(self, most: int) -> list[Draft]:
        """The best drafts, none nearly the same as a better one."""
        kept: list[Draft] = []
        for draft in sorted(self.drafts, key=lambda d: (-d.score, d.step.rank, d.polygon.bounds)):
            if not any(iou(draft.polygon, other.polygon) >= SAME_IOU for other in kept):
                kept.append(draft)
            if len(kept) >= most:
                break
        return kept

    @property
    def settled(self) -> bool:
        """The best draft leaves nothing to wish for."""
        top = self.top
        return top is not None and top.settled

    @property
    def top(self) -> Draft | None:
        return min(self.drafts, key=lambda d: (-d.score, d.step.rank, d.polygon.bounds), default=None)

    def _draft(self, polygon: Polygon, reading: Reading, lines: SideLines, step: Step) -> Draft:
        figures = measure_ring(polygon, lines, self.window.gazetteer.tree)
        distance = float(polygon.distance(self.window.spot)) if self.has_point else 0.0
        ratio = area_log_ratio(polygon, self.area_m2)
        return Draft(
            polygon,
            reading,
            lines,
            step,
            figures,
            distance,
            ratio,
            _score(polygon, reading, figures, distance, ratio, step),
        )


def area_log_ratio(polygon: Polygon, area_m2: float | None) -> float | None:
    """Logarithm of the polygon's area over the ledger's; ``None`` without one.

    The ledger's area may be that of the ground within the red lines or that of the whole block: a figure between the two
    counts six tenths of its difference to the block's.
    """
    if area_m2 is None or not np.isfinite(area_m2) or area_m2 <= 0:
        return None
    gross = polygon.area
    net = max(gross - polygon.length * _NET_HALF_M + 4 * _NET_HALF_M**2, 0.3 * gross)
    if area_m2 >= gross:
        return float(np.log(gross / area_m2))
    if area_m2 <= net:
        return float(np.log(net / area_m2) + IN_BETWEEN * np.log(gross / net))
    return float(IN_BETWEEN * np.log(gross / area_m2))


def iou(one: Polygon, other: Polygon) -> float:
    """Share of the common ground in the ground of both."""
    west, south, east, north = one.bounds
    x0, y0, x1, y1 = other.bounds
    if x0 >= east or x1 <= west or y0 >= north or y1 <= south:
        return 0.0
    if min(one.area, other.area) < 0.5 * max(one.area, other.area):
        return min(one.area, other.area) / max(one.area, other.area) * 0.99
    common = shapely.intersection(one, other).area
    return float(common / (one.area + other.area - common))


def compactness(polygon: Polygon) -> float:
    """4πA/P² (Polsby & Popper 1991); 1 for a circle, 0.79 for a square."""
    return float(4 * np.pi * polygon.area / polygon.length**2)


def neighbours_merged(polygon: Polygon, others: Sequence[Polygon]) -> list[Polygon]:
    """The polygon together with each other that shares a line with it."""
    made = []
    for other in others:
        if other is polygon or not shapely.intersects(polygon, other):
            continue
        both = shapely.union(polygon, other)
        if isinstance(both, Polygon):
            made.append(without_holes(both))
    return made


def _score(
    polygon: Polygon, reading: Reading, figures: RingFigures, distance_m: float, ratio: float | None, step: Step
) -> float:
    shares = [figures.shares.get(side, 0.0) for side in reading.sides]
    qualities = [reading.quality(side) for side in reading.sides]
    directions = [figures.directions.get(side, -1.0) for side in reading.sides]
    parts = {
        "share_mean": float(np.mean(shares)) if shares else 0.0,
        "share_min": min(shares, default=0.0),
        "explained": figures.explained,
        "quality": float(np.mean(qualities)) if qualities else 0.0,
        "contrary": figures.contrary,
        "bridged": figures.bridged_share,
        "network": figures.network_share,
        "distance": min(distance_m / _DISTANCE_M, 1.5),
        "area": 0.0
        if ratio is None
        else min(max(abs(ratio) - AREA_FREE, 0.0) / AREA_SPAN, 2.0) + 0.1 * min(abs(ratio), 1.0),
        "direction": min(directions, default=0.0),
        "step": float(step.rank),
        "form": min(compactness(polygon), 0.7),
        "dropped": float(len(reading.dropped)),
    }
    return float(sum(_WEIGHTS[key] * value for key, value in parts.items()))
