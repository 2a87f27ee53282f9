"""Neighbours must agree: two estates cannot hold the same ground, and A's east is B's west.

What comes out does not depend on the order of the claims. Strength is confidence; two claims are equally strong when their
confidences differ by no more than `EQUAL`. In turn from the strongest:

1. Ground that a better source gives to another estate (survey, drawing) cannot be claimed.
2. Estates whose words describe the same ground cannot be told apart by words: a person must part the block.
3. Of two overlapping claims the weaker gives way: to its next candidate that overlaps nobody stronger, or to a look. Equally
   strong ones are both looked at.
4. Where another estate's point lies inside that has no ground elsewhere, a person must look.
5. Texts of neighbours that name the same thing between them raise the confidence of both, others lower it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.blocks.confidence import Verdict
from geo.blocks.model import sigmoid
from geo.blocks.neighbours import Plot, opinions
from geo.crs import metric_crs, to_metric
from geo.shapes import metric_shapes, middle
from geo.sides.types import Side

TOLERANCE: Final = 0.05
"""Share of the smaller of two shapes that may overlap without being a conflict (roads' widths, drawing)."""
SAME_GROUND: Final = 0.7
"""Two claims of this intersection over union describe the same ground."""
EQUAL: Final = 0.02
"""Confidences that differ by no more are equal."""
_CANDIDATES: Final = 3
_RAISE, _LOWER, _MOST_RAISED = 0.4, 1.0, 2
"""Log odds for one neighbour whose text agrees, or contradicts, and how many agreeing ones count (assumed)."""
_NAMES_SHOWN: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What the words of one estate say, before the neighbours are asked.

    ``shapes``: candidates best first, EPSG:4490; ``confidences``: of each; ``sides``: names on each side as the map has
    them, neighbours' names too; ``point``: ``(lon, lat)`` of the register; ``accept_at``: the model's threshold.
    """

    estate_id: str
    name: str
    verdict: Verdict
    shapes: tuple[BaseGeometry, ...]
    confidences: tuple[float, ...]
    sides: Mapping[Side, frozenset[str]]
    point: tuple[float, float] | None = None
    accept_at: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Ground that a better source gives to an estate; EPSG:4490."""

    estate_id: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Agreed:
    """The outcome after the neighbours: candidates in their new order, confidences in that order, reasons (Chinese)."""

    verdict: Verdict
    order: tuple[int, ...]
    confidences: tuple[float, ...]
    why: tuple[str, ...]


def agree(
    claims: Sequence[Claim], held: Sequence[Held] = (), points: Sequence[tuple[str, str, float, float]] = ()
) -> dict[str, Agreed]:
    """What becomes of each claim, by estate.

    Parameters
    ----------
    claims
        One an estate.
    held
        Ground of better sources.
    points
        ``(estate_id, name, lon, lat)`` of all known estates, those with claims too.

    Raises
    ------
    ValueError
        If an estate has two claims.
    """
    ordered = sorted(claims, key=lambda claim: claim.estate_id)
    if len({claim.estate_id for claim in ordered}) != len(ordered):
        raise ValueError("an estate has two claims")
    if not ordered:
        return {}
    table = _Table(ordered, sorted(held, key=lambda one: one.estate_id), points)
    table.forbid_held_ground()
    table.find_same_ground()
    table.contest()
    table.see_points()
    table.ask_neighbours()
    return {claim.estate_id: state.outcome() for claim, state in zip(ordered, table.states, strict=True)}


@dataclass(slots=True)
class _State:
    verdict: Verdict
    order: list[int]
    confidences: tuple[float, ...]
    why: list[str]
    logit: float = 0.0

    def look(self, reason: str) -> None:
        if self.verdict is Verdict.ACCEPTED:
            self.verdict = Verdict.LOOK
        if reason not in self.why:
            self.why.append(reason)

    def outcome(self) -> Agreed:
        raised = [self._moved(self.confidences[k]) for k in self.order]
        return Agreed(self.verdict, tuple(self.order), tuple(raised), tuple(self.why))

    def _moved(self, confidence: float) -> float:
        if self.logit == 0.0:
            return confidence
        kept = float(np.clip(confidence, 1e-6, 1 - 1e-6))
        return round(float(sigmoid(np.log(kept / (1 - kept)) + self.logit)), 4)


class _Table:
    def __init__(
        self, claims: Sequence[Claim], held: Sequence[Held], points: Sequence[tuple[str, str, float, float]]
    ) -> None:
        self.claims, self.held, self.points = claims, held, sorted(points)
        shapes = [shape for claim in claims for shape in claim.shapes[:_CANDIDATES]]
        ground = [one.shape for one in held]
        known = np.array([*shapes, *ground, None], dtype=object)[:-1]
        self.crs = metric_crs(middle(known)[0]) if len(known) else None
        metres = metric_shapes(known, self.crs) if len(known) else known
        self.shapes: list[list[BaseGeometry]] = []
        at = 0
        for claim in claims:
            n = len(claim.shapes[:_CANDIDATES])
            self.shapes.append(list(metres[at : at + n]))
            at += n
        self.ground: NDArray[np.object_] = metres[at:]
        self.states = [
            _State(
                c.verdict,
                [] if c.verdict is Verdict.CANNOT else list(range(len(s))),
                tuple(c.confidences[: len(s)]),
                [],
            )
            for c, s in zip(claims, self.shapes, strict=True)
        ]
        self.same: dict[int, set[int]] = defaultdict(set)

    def forbid_held_ground(self) -> None:
        tree = shapely.STRtree(self.ground)
        for k, claim in enumerate(self.claims):
            state = self.states[k]
            blocked: dict[int, list[str]] = {}
            for c, shape in enumerate(self.shapes[k]):
                for other in sorted(tree.query(shape, predicate="intersects")):
                    if self.held[other].estate_id == claim.estate_id:
                        continue
                    share = overlap_share(shape, self.ground[other])
                    if share > TOLERANCE:
                        name = self.held[other].name
                        blocked.setdefault(c, []).append(f"与已有边界的“{name}”重叠 {share:.0%}")
            if 0 in blocked and state.order:
                for reason in blocked[0][:_NAMES_SHOWN]:
                    state.look(reason)
                state.order.sort(key=lambda c: c in blocked)

    def find_same_ground(self) -> None:
        for a, b in self._near_pairs():
            if overlap_union(self._first(a), self._first(b)) >= SAME_GROUND:
                self.same[a].add(b)
                self.same[b].add(a)
        for k, others in sorted(self.same.items()):
            names = "、".join(f"“{self.claims[o].name}”" for o in sorted(others)[:_NAMES_SHOWN])
            more = f"等 {len(others)} 个小区" if len(others) > _NAMES_SHOWN else ""
            self.states[k].look(f"与{names}{more}的四至是同一块地，仅凭文字无法区分，请在街区内划分")

    def contest(self) -> None:
        rank = sorted(
            (k for k in range(len(self.claims)) if self.states[k].order),
            key=lambda k: (-self._strength(k), self.claims[k].estate_id),
        )
        if not rank:
            return
        near = defaultdict(list)
        for a, b in self._near_pairs(every=True):
            near[a].append(b)
            near[b].append(a)
        placed: dict[int, int] = {}
        for k in rank:
            state = self.states[k]
            first = state.order[0]
            strength = self._strength(k)
            rivals = self._rivals(k, first, near[k], placed)
            stronger = [o for o in rivals if self._strength(o) > strength + EQUAL]
            if not stronger:
                for other in rivals:
                    self._tell(k, first, other, placed[other])
                    self._tell(other, placed[other], k, first)
                placed[k] = first
                continue
            free = [c for c in state.order[1:] if not self._rivals(k, c, near[k], placed)]
            moved = "；不重叠的另一个范围已排到前面" if free else ""
            for other in stronger:
                self._tell(k, first, other, placed[other], "最像的范围" if free else "", moved)
            if free:
                state.order.remove(free[0])
                state.order.insert(0, free[0])
                placed[k] = free[0]

    def see_points(self) -> None:
        if self.crs is None or not self.points:
            return
        settled = {one.estate_id for one in self.held}
        x, y = to_metric([p[2] for p in self.points], [p[3] for p in self.points], self.crs)
        finite = np.isfinite(x) & np.isfinite(y)
        places = np.asarray(shapely.points(np.where(finite, x, 0.0), np.where(finite, y, 0.0)), dtype=object)
        tree = shapely.STRtree(places)
        before = [state.verdict for state in self.states]
        number = {claim.estate_id: k for k, claim in enumerate(self.claims)}
        for k, claim in enumerate(self.claims):
            if not self.states[k].order:
                continue
            shape = self._first(k)
            inside = []
            for p in sorted(tree.query(shape, predicate="contains")):
                estate_id = self.points[p][0]
                other = number.get(estate_id)
                if not finite[p] or estate_id == claim.estate_id or estate_id in settled or other in self.same[k]:
                    continue
                elsewhere = other is not None and before[other] is Verdict.ACCEPTED and self.states[other].order
                if elsewhere and other is not None and overlap_share(shape, self._first(other)) <= TOLERANCE:
                    continue
                inside.append(f"“{self.points[p][1]}”")
            if inside:
                more = f"等 {len(inside)} 个小区" if len(inside) > _NAMES_SHOWN else ""
                self.states[k].look(f"范围内还有{'、'.join(inside[:_NAMES_SHOWN])}{more}的坐标")

    def ask_neighbours(self) -> None:
        rows = [k for k, state in enumerate(self.states) if state.order]
        plots = [Plot(self.claims[k].name, self._first(k), self.claims[k].sides) for k in rows]
        known = [Plot(one.name, shape, {}) for one, shape in zip(self.held, self.ground, strict=True)]
        for row, opinion in zip(rows, opinions(plots, known), strict=True):
            state, claim = self.states[row], self.claims[row]
            agreeing = min(len(opinion.agreeing), _MOST_RAISED)
            state.logit = _RAISE * agreeing - _LOWER * len(opinion.contradicting)
            for reason in opinion.contradicting[:_NAMES_SHOWN]:
                state.why.append(reason)
            best = state.outcome().confidences[0]
            if opinion.contradicting and state.verdict is Verdict.ACCEPTED:
                lowest = claim.accept_at
                if lowest is None or best < lowest:
                    state.verdict = Verdict.LOOK

    def _strength(self, k: int) -> float:
        """Of the candidate that the claim came with: giving way makes nobody stronger."""
        return self.states[k].confidences[0]

    def _first(self, k: int) -> BaseGeometry:
        return self.shapes[k][self.states[k].order[0]]

    def _rivals(self, k: int, candidate: int, near: Sequence[int], placed: Mapping[int, int]) -> list[int]:
        """Claims already placed whose ground this candidate takes; those of the same ground are told elsewhere."""
        shape = self.shapes[k][candidate]
        return [
            o
            for o in sorted(near)
            if o in placed and o not in self.same[k] and overlap_share(shape, self.shapes[o][placed[o]]) > TOLERANCE
        ]

    def _tell(self, k: int, mine: int, other: int, theirs: int, which: str = "", then: str = "") -> None:
        share = overlap_share(self.shapes[k][mine], self.shapes[other][theirs])
        self.states[k].look(f"{which}与“{self.claims[other].name}”的候选范围重叠 {share:.0%}{then}")

    def _near_pairs(self, every: bool = False) -> list[tuple[int, int]]:
        """Claims with intersecting first (or any) candidates, ``a < b``, sorted."""
        flat = [
            (k, self.shapes[k][c])
            for k, state in enumerate(self.states)
            for c in (state.order if every else state.order[:1])
        ]
        if not flat:
            return []
        tree = shapely.STRtree([shape for _, shape in flat])
        left, right = tree.query([shape for _, shape in flat], predicate="intersects")
        pairs = {(flat[a][0], flat[b][0]) for a, b in zip(left, right, strict=True)}
        return sorted((a, b) for a, b in pairs if a < b)


def overlap_share(a: BaseGeometry, b: BaseGeometry) -> float:
    """Intersection over the smaller of two shapes."""
    least = min(a.area, b.area)
    return float(shapely.intersection(a, b).area / least) if least > 0 else 0.0


def overlap_union(a: BaseGeometry, b: BaseGeometry) -> float:
    """Intersection over union."""
    union = shapely.union(a, b).area
    return float(shapely.intersection(a, b).area / union) if union > 0 else 0.0
