"""Text → polygon: candidates for an estate's outline from its resolved 四至, the ledger's area and its point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.blocks.anywhere import places_of
from geo.blocks.bridges import REACHES_M
from geo.blocks.closing import by_cut, by_extension, by_faces, by_network, by_other_lines, by_walls
from geo.blocks.drafts import Draft, Drafting, compactness, iou
from geo.blocks.gazetteer import Gazetteer
from geo.blocks.readings import Reading, Vector, points_only, read
from geo.blocks.resolve import RADII_M
from geo.blocks.ring import SideLines
from geo.blocks.setback import ground_of, net_share
from geo.blocks.types import Candidate, Evidence, Outline, Resolved
from geo.blocks.window import Window
from geo.crs import from_metric, to_metric
from geo.shapes import metric_shapes
from geo.sides.types import Side

_MOST_CANDIDATES: Final = 4
_WINDOW_M: Final = (900.0, 3000.0)
_FIT_GAP: Final = 0.06
_DIFFERENT_IOU: Final = 0.5
_WORSE: Final = 0.7
"""Drafts that are so much worse than the best are no alternative."""
_POOR: Final = 0.85
"""Score below which a reading is tried again without the side that fits worst, and the next worst."""
_MOST_DROPPED: Final = 2
_MOST_TRIED: Final = 3
"""Readings that are tried in more than one way."""


def outline(
    resolved: Resolved,
    *,
    area_m2: float | None,
    point: tuple[float, float] | None,
    gazetteer: Gazetteer,
    blocks_only: bool = False,
) -> Outline:
    """Candidates for the outline that a text describes.

    Parameters
    ----------
    resolved
        The text with its names looked up (`geo.blocks.resolve`).
    area_m2
        The ledger's area of the ground; ``None`` if it says none.
    point
        The estate's position, EPSG:4490 ``(lon, lat)``. Without one, or where no name is within 5 km of it, the place is
        looked for where all named lines come together; then ``point_used`` is false.
    gazetteer
        The city's names and lines.
    blocks_only
        Set nothing back: each candidate's ``geometry`` is its ``block``, which takes less time.

    Returns
    -------
    Outline
        At most four distinct candidates (IoU below 0.9 with each other), best first. None where fewer than two sides were
        found, or the lines enclose nothing near the point; the notes say which.
    """
    known = area_m2 if area_m2 is not None and np.isfinite(area_m2) and area_m2 > 0 else None
    work = _Work(resolved, known, gazetteer, blocks_only)
    usable = point is not None and bool(np.isfinite(point).all())
    notes = list(resolved.notes)
    if not any(part.matches for part in resolved.parts):
        notes.append(_nothing_found(resolved))
        return Outline((), resolved, False, tuple(dict.fromkeys(notes)))
    if usable and point is not None:
        x, y = to_metric([point[0]], [point[1]], gazetteer.crs)
        found, more = work.at_point((float(x[0]), float(y[0])))
    else:
        found, more = work.anywhere()
    usable = usable and all(candidate.evidence.point_used for candidate in found)
    return Outline(found, resolved, usable, tuple(dict.fromkeys([*notes, *more])))


def _nothing_found(resolved: Resolved) -> str:
    if resolved.parts:
        return "四至里没有一个名称能在地图上找到，无法成图"
    if resolved.text.attached:
        return "四至只写了见附图，请对照附图手绘边界"
    return "文字里没有读出任何一侧的四至，请核对原文或手绘边界"


@dataclass(eq=False)
class _Work:
    resolved: Resolved
    area_m2: float | None
    gazetteer: Gazetteer
    blocks_only: bool

    def __post_init__(self) -> None:
        self.only_point = frozenset(
            m.feature for p in self.resolved.parts for m in p.matches if self.gazetteer.features[m.feature].only_point
        )
        self.neighbours = points_only(self.resolved, self.only_point)

    def at_point(self, xy: tuple[float, float]) -> tuple[tuple[Candidate, ...], list[str]]:
        """Candidates around the estate's point."""
        numbers = {m.feature for p in self.resolved.parts for m in p.matches}
        metres = {n: self.gazetteer.distance_m(n, xy) for n in numbers}
        if min(metres.values()) > RADII_M[1]:
            nearest = min(metres.values()) / 1000
            return (), [f"四至中的名称都离坐标点很远（最近 {nearest:.1f} 公里），未成图；请核对坐标"]
        window = Window(self.gazetteer, xy, self._radius(metres))
        drafting = Drafting(window, self.area_m2, has_point=True)
        readings = read(self.resolved, self.only_point, window.towards(numbers))
        if not readings or len(readings[0].sides) < 2:
            return (), ["能在地图上找到的边不足两条，无法成图"]
        self._draft(drafting, readings)
        drafts = drafting.best(_MOST_CANDIDATES + 2)
        if not drafts:
            return self._elsewhere(xy)
        drafts = [draft for draft in drafts if draft.score >= drafts[0].score - _WORSE]
        return self._candidates(drafting, drafts, point_used=True)

    def _elsewhere(self, xy: Vector) -> tuple[tuple[Candidate, ...], list[str]]:
        """The names' own place where they enclose nothing near the point, with the distance to it."""
        found, _ = self.anywhere()
        metres = [
            float(shapely.distance(shapely.Point(*xy), metric_shapes([c.block], self.gazetteer.crs)[0])) for c in found
        ]
        near = [(c, m) for c, m in zip(found, metres, strict=True) if m <= RADII_M[1]]
        notes = ["四至道路在坐标点附近围不成封闭的地块"]
        if near:
            notes.append(f"四至名称在离坐标点 {near[0][1] / 1000:.1f} 公里处能围合，请核对坐标")
        return tuple(replace(c, evidence=replace(c.evidence, distance_m=m)) for c, m in near), notes

    def anywhere(self) -> tuple[tuple[Candidate, ...], list[str]]:
        """Candidates wherever the named lines come together."""
        notes = ["没有坐标点，按四至名称在全市查找位置"]
        readings = read(self.resolved, self.only_point)
        if not readings or len(readings[0].sides) < 3 or readings[0].unknown:
            return (), [*notes, "没有坐标点时，须四至都能在地图上找到才能成图"]
        drafts: list[tuple[Drafting, Draft]] = []
        for reading in readings[:4]:
            for xy in places_of(reading, self.gazetteer):
                metres = {n: self.gazetteer.distance_m(n, xy) for n in reading.all_features}
                drafting = Drafting(Window(self.gazetteer, xy, self._radius(metres)), self.area_m2, has_point=False)
                self._draft(drafting, (reading,))
                drafts += [(drafting, draft) for draft in drafting.best(2) if min(draft.figures.shares.values()) > 0.3]
        drafts.sort(key=lambda pair: (-pair[1].score, pair[1].polygon.bounds))
        kept: list[tuple[Drafting, Draft]] = []
        for pair in drafts:
            if not any(iou(pair[1].polygon, other.polygon) >= 0.9 for _, other in kept):
                kept.append(pair)
        if not kept:
            return (), [*notes, "四至名称在全市没有一处能共同围合"]
        merged = Drafting(kept[0][0].window, self.area_m2, has_point=False, drafts=[d for _, d in kept])
        found, more = self._candidates(merged, [d for _, d in kept[: _MOST_CANDIDATES + 2]], point_used=False)
        return found, [*notes, *more]

    def _radius(self, metres: dict[int, float]) -> float:
        """How far the window must reach to hold the block and the lines that go round it."""
        wanted = 4.0 * self.area_m2**0.5 if self.area_m2 is not None else 1500.0
        near = [d for d in metres.values() if d <= RADII_M[1]]
        return float(np.clip(max(wanted, 1.6 * max(near, default=0.0)), *_WINDOW_M))

    def _draft(self, drafting: Drafting, readings: tuple[Reading, ...]) -> None:
        """Try the ways to close the block, surest first, until one leaves nothing to wish for."""
        lined = [(reading, drafting.window.side_lines(reading)) for reading in readings]
        for reading, lines in lined:
            by_faces(drafting, reading, lines)
        if drafting.settled:
            return
        ranked = self._by_success(drafting, lined)
        for reading, lines in ranked[:_MOST_TRIED]:
            by_walls(drafting, reading, lines)
        for reach in REACHES_M:
            for reading, lines in ranked[:_MOST_TRIED]:
                by_extension(drafting, reading, lines, reach)
            if drafting.settled:
                return
        reading, lines = self._by_success(drafting, lined)[0]
        self._open_sides(drafting, reading, lines)
        top = drafting.top
        if top is None or not top.complete:
            by_network(drafting, reading, lines, tuple(n for numbers in self.neighbours.values() for n in numbers))
            top = drafting.top
        if top is not None and (top.doubtful or top.score < _POOR):
            for side in sorted(reading.sides, key=lambda s: top.figures.shares.get(s, 0.0))[:_MOST_DROPPED]:
                less = reading.without(side)
                self._open_sides(drafting, less, drafting.window.side_lines(less))

    def _open_sides(self, drafting: Drafting, reading: Reading, lines: SideLines) -> None:
        """Supply one or two sides that no line is known for."""
        if not 0 < len(reading.unknown) <= 2 or len(lines.sides) < 2:
            return
        for reach in REACHES_M[1:]:
            made = by_other_lines(drafting, reading, lines, reach)
            made += by_cut(drafting, reading, lines, reach, self.neighbours)
            if any(draft.complete for draft in made):
                return

    @staticmethod
    def _by_success(drafting: Drafting, lined: list) -> list:
        """Readings by the best draft that each gave; those without one in their own order."""
        best: dict[int, float] = {}
        for draft in drafting.drafts:
            best[id(draft.reading)] = max(draft.score, best.get(id(draft.reading), -9.0))
        order = sorted(range(len(lined)), key=lambda k: (-best.get(id(lined[k][0]), -9.0), k))
        return [lined[k] for k in order]

    def _candidates(
        self, drafting: Drafting, drafts: list[Draft], *, point_used: bool
    ) -> tuple[tuple[Candidate, ...], list[str]]:
        notes: list[str] = []
        fits = [d for d in drafting.drafts if d.score >= drafts[0].score - _FIT_GAP]
        rivals: list[Draft] = []
        for draft in sorted(fits, key=lambda d: -d.score):
            if all(iou(draft.polygon, other.polygon) < _DIFFERENT_IOU for other in rivals):
                rivals.append(draft)
        if len(rivals) > 1:
            notes.append(f"有 {len(rivals)} 处地块都符合四至，需人工选择")
        made = []
        for rank, draft in enumerate(drafts[:_MOST_CANDIDATES]):
            others = [d.score for k, d in enumerate(drafts) if k != rank]
            margin = draft.score - max(others) if others else 1.0
            made.append(self._candidate(drafting, draft, len(rivals), margin, point_used))
        return tuple(made), notes

    def _candidate(self, drafting: Drafting, draft: Draft, n_fits: int, margin: float, point_used: bool) -> Candidate:
        window = drafting.window
        ground: BaseGeometry = draft.polygon
        notes: tuple[str, ...] = ()
        net = None
        if not self.blocks_only:
            ground, notes = ground_of(draft.polygon, draft.reading, window, self.area_m2)
            if self.area_m2 is None:
                net = net_share(ground, draft.polygon, draft.reading, window)
        evidence = _evidence(draft, window, n_fits, margin, point_used)
        used = {
            side: tuple(self.gazetteer.features[n].name for n in draft.reading.features(side))
            for side in draft.reading.sides
        }
        return Candidate(
            _stored(ground, window), _stored(draft.polygon, window), draft.step, evidence, used, notes, net
        )


def _evidence(draft: Draft, window: Window, n_fits: int, margin: float, point_used: bool) -> Evidence:
    reading, figures = draft.reading, draft.figures
    said = len(reading.sides) + len(reading.unknown)
    n_sides = min(4, said)
    qualities = reading.qualities
    shares = [figures.shares.get(side, 0.0) for side in reading.sides]
    inside = draft.distance_m == 0.0 and point_used
    return Evidence(
        step=draft.step.rank,
        n_sides=n_sides,
        n_resolved=max(0, n_sides - len(reading.unknown)),
        quality_min=min(qualities, default=0.0),
        quality_mean=float(np.mean(qualities)) if qualities else 0.0,
        quality_product=float(np.prod(qualities)) if qualities else 0.0,
        share_min=min(shares, default=0.0),
        share_mean=float(np.mean(shares)) if shares else 0.0,
        share_east=figures.shares.get(Side.EAST, 0.0),
        share_south=figures.shares.get(Side.SOUTH, 0.0),
        share_west=figures.shares.get(Side.WEST, 0.0),
        share_north=figures.shares.get(Side.NORTH, 0.0),
        explained=figures.explained,
        contrary=figures.contrary,
        direction_min=min((figures.directions.get(side, -1.0) for side in reading.sides), default=-1.0),
        bridged_m=figures.bridged_m,
        bridged_share=figures.bridged_share,
        network_share=figures.network_share,
        point_used=point_used,
        distance_m=draft.distance_m,
        inset_m=float(draft.polygon.exterior.distance(window.spot)) if inside else 0.0,
        n_fits=n_fits,
        margin=margin,
        score=draft.score,
        area_m2=float(draft.polygon.area),
        area_log_ratio=draft.area_log_ratio,
        compactness=compactness(draft.polygon),
        n_parts_tied=reading.n_tied,
        n_dropped=len(reading.dropped),
    )


def _stored(shape: BaseGeometry, window: Window) -> BaseGeometry:
    """Metres as EPSG:4490."""
    crs = window.gazetteer.crs
    return shapely.transform(shape, lambda xy: np.column_stack(from_metric(xy[:, 0], xy[:, 1], crs)))
