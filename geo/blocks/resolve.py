"""Which features of the map the names of a 四至 text mean, each with a quality, never chosen in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geo.blocks.gazetteer import Category, Gazetteer
from geo.blocks.names import form, lane, normal, without_prefix
from geo.blocks.similar_names import LEAST_QUALITY, likeness
from geo.blocks.types import SURE, Match, MatchKind, Resolved, ResolvedPart
from geo.crs import to_metric
from geo.sides.types import BoundaryText, Part, PartKind, Side

RADII_M: Final = (1500.0, 5000.0)
"""Names are looked for in the near circle first, in the wide one where that has none."""
MOST_NAMES: Final = 12
"""Names of one side that are looked up; nobody has more, and a hostile text may."""
_MOST: Final = 6
_MOST_NOTES: Final = 40
_PLAIN: Final = (MatchKind.EXACT, MatchKind.NORMAL)
_SECTION_FAR_M: Final = 400.0
_TIE: Final = 0.03
_FAR_LOSS: Final = 0.3
"""What a name loses in quality between the near and the wide radius."""
_QUALITY: Final[Mapping[MatchKind, float]] = {
    MatchKind.EXACT: 1.0,
    MatchKind.NORMAL: 0.99,
    MatchKind.FORMER: 0.95,
    MatchKind.PREFIX: 0.92,
    MatchKind.SUFFIX: 0.85,
    MatchKind.INFIX: 0.8,
    MatchKind.LANE: 0.7,
}
_GENERIC: Final = re.compile(r"规划|现状|拟建|在建|待建|城市|市政|小区|无名|道路|支路|次干路|主干路|[路街巷道]")
"""What is left of a planned road's name without these is its own."""
_UNNAMED: Final = frozenset({PartKind.WALL, PartKind.LAND})
_CATEGORIES: Final[Mapping[PartKind, frozenset[Category]]] = {
    PartKind.ROAD: frozenset({Category.ROAD}),
    PartKind.WATER: frozenset({Category.WATER}),
    PartKind.RAILWAY: frozenset({Category.RAILWAY}),
    PartKind.PLACE: frozenset({Category.PLACE, Category.WATER}),
}


def resolve(text: BoundaryText, point: tuple[float, float] | None, gazetteer: Gazetteer) -> Resolved:
    """Look up every name of a text.

    Parameters
    ----------
    text
        What the text says.
    point
        The estate's position, EPSG:4490 ``(lon, lat)``; names are looked for around it, first within 1.5 km, then within
        5 km. ``None``: in the whole city, and only names that are the map's own (no likeness of sound or characters).
    gazetteer
        The city's names.
    """
    search = _Search(gazetteer, _xy(point, gazetteer))
    pairs = [(side, part) for side, parts_said in text.sides.items() for part in parts_said]
    several = Counter[Side]()
    found = []
    for side, part in pairs:
        several[side] += 1
        found.append((side, part, search.matches(part) if several[side] <= MOST_NAMES else ()))
    # A name that is on the map for one side is no misspelling of another side's name.
    sure = {m.feature for _, _, matches in found for m in matches[:1] if m.quality >= SURE}
    parts = tuple(
        search.judged(side, part, tuple(m for m in matches if m.quality >= SURE or m.feature not in sure))
        for side, part, matches in found
    )
    notes = search.notes(parts)
    if max(several.values(), default=0) > MOST_NAMES:
        notes = (f"有一侧的名称超过 {MOST_NAMES} 个，只查找前 {MOST_NAMES} 个", *notes[:_MOST_NOTES])
    return Resolved(text, parts, search.radius_m(parts), notes)


def _xy(point: tuple[float, float] | None, gazetteer: Gazetteer) -> tuple[float, float] | None:
    if point is None or not np.isfinite(point).all():
        return None
    x, y = to_metric([point[0]], [point[1]], gazetteer.crs)
    return float(x[0]), float(y[0])


@dataclass
class _Search:
    gazetteer: Gazetteer
    xy: tuple[float, float] | None

    def __post_init__(self) -> None:
        self.close = self.gazetteer.near(self.xy, RADII_M[0]) if self.xy is not None else {}

    def radius_m(self, parts: Iterable[ResolvedPart]) -> float | None:
        """The circle that was needed: the near one, or the wide one where a name is beyond it."""
        return None if self.xy is None else RADII_M[int(_beyond_near(parts))]

    def judged(self, side: Side, part: Part, matches: tuple[Match, ...]) -> ResolvedPart:
        """Whether the first match is sure enough to build with, and what a person should know."""
        if not matches and part.kind in _UNNAMED:
            return ResolvedPart(side, part, why=f"“{part.name}”没有名称，无法在地图上查找")
        if not matches:
            return ResolvedPart(side, part, why=self._missing(part))
        best = matches[0]
        rivals = [m for m in matches[1:] if m.quality >= best.quality - _TIE]
        if rivals:
            names = "、".join(dict.fromkeys(m.name for m in matches[:3]))
            return ResolvedPart(side, part, matches, False, f"“{part.name}”可能是{names}，需结合位置判断")
        why = "" if best.quality >= 0.99 else f"“{part.name}”按{best.kind.label}取“{best.name}”"
        if best.kind in _PLAIN and best.distance_m is not None and best.distance_m > RADII_M[0]:
            why = f"“{part.name}”离坐标点最近处有 {best.distance_m / 1000:.1f} 公里"
        elif best.kind in _PLAIN:
            why = ""
        return ResolvedPart(side, part, matches, True, why)

    def notes(self, parts: Iterable[ResolvedPart]) -> tuple[str, ...]:
        """What a person should know of the search as a whole."""
        notes = [part.why for part in parts if part.why]
        if _beyond_near(parts):
            notes.append("部分名称在坐标点 1.5 公里以外才找到，请核对坐标")
        return tuple(dict.fromkeys(notes))

    def _known(self, name: str) -> bool:
        return bool(self.gazetteer.named(name, "exact") or self.gazetteer.aliases.get(normal(name)))

    def matches(self, part: Part) -> tuple[Match, ...]:
        """What a name may mean, best first."""
        if part.kind in _UNNAMED and not self._known(part.name):
            return ()
        if part.planned and not form(_GENERIC.sub("", part.name)).base:
            return ()
        found = self._certain(part)
        best = max((m.quality for m in found), default=0.0)
        if self.xy is not None and best < SURE:
            found += self._alike(part, {m.feature for m in found})
        kept: dict[int, Match] = {}
        for match in sorted(found, key=lambda m: (-m.quality, m.distance_m or 0.0, m.name, m.feature)):
            kept.setdefault(match.feature, match)
        ordered = sorted(kept.values(), key=lambda m: (-m.quality, m.distance_m or 0.0, m.name, m.feature))
        if ordered and ordered[0].quality >= SURE:
            ordered = [m for m in ordered if m.quality >= SURE]
        return tuple(ordered[:_MOST])

    def _certain(self, part: Part) -> list[Match]:
        """Matches by the name's own forms, of the surest kind that there is near the point."""
        names = [part.name]
        if part.number and not part.name.endswith(part.number):
            names.insert(0, part.name + part.number)
        found: list[Match] = []
        for name in names:
            lowered = MatchKind.LANE if part.number and name == part.name and part.kind is not PartKind.PLACE else None
            found = self._forms(name, part.kind, lowered)
            if found:
                break
        if not found and (road := lane(part.name)) is not None:
            found = self._forms(road[0], part.kind, MatchKind.LANE)
        for alias in part.aliases:
            if not found:
                found = self._forms(alias, part.kind, MatchKind.FORMER)
        return found

    def _forms(self, name: str, kind: PartKind, lowered: MatchKind | None) -> list[Match]:
        gazetteer, plain, taken = self.gazetteer, normal(name), form(name)
        if not plain:
            return []
        tries: list[tuple[MatchKind, tuple[int, ...]]] = [
            (MatchKind.EXACT, gazetteer.named(name, "exact")),
            (MatchKind.NORMAL, gazetteer.named(plain, "normal")),
            (MatchKind.FORMER, self._former(plain)),
            (MatchKind.PREFIX, gazetteer.named(without_prefix(plain), "bare") + gazetteer.named(taken.whole, "normal")),
        ]
        same_base = [n for n in gazetteer.named(taken.base, "base") if len(taken.base) >= 2]
        suffix = tuple(n for n in same_base if form(gazetteer.features[n].name).infix == taken.infix)
        infix = tuple(n for n in same_base if form(gazetteer.features[n].name).infix != taken.infix)
        tries += [(MatchKind.SUFFIX, suffix), (MatchKind.INFIX, infix)]
        far: list[Match] = []
        for match_kind, numbers in tries:
            made = [self._match(number, lowered or match_kind) for number in self._fitting(numbers, kind, match_kind)]
            near = [m for m in made if m is not None and (m.distance_m is None or m.distance_m <= RADII_M[0])]
            far += [m for m in made if m is not None and m not in near]
            if near:
                nearer = self._sections(taken.infix, near, infix) if match_kind in _PLAIN else []
                if nearer:  # 「解放路」 is a kilometre away, 解放中路 is here: either may be meant
                    near = [replace(m, quality=min(m.quality, _QUALITY[MatchKind.INFIX])) for m in near]
                return near + nearer + [m for m in far if m.quality > SURE]
        return far

    def _sections(self, infix: str, near: list[Match], numbers: tuple[int, ...]) -> list[Match]:
        """Sections of a road that are much nearer than the road of the plain name."""
        metres = min((m.distance_m for m in near if m.distance_m is not None), default=None)
        if infix or metres is None or metres < _SECTION_FAR_M:
            return []
        found = [
            self._match(n, MatchKind.INFIX)
            for n in self._fitting(numbers, PartKind.ROAD, MatchKind.INFIX)
            if self.close.get(n, metres) < metres / 3
        ]
        return [m for m in found if m is not None]

    def _former(self, plain: str) -> tuple[int, ...]:
        names = self.gazetteer.aliases.get(plain, ()) + self.gazetteer.aliases.get(without_prefix(plain), ())
        return tuple(n for name in names for n in self.gazetteer.named(normal(name), "normal"))

    def _fitting(self, numbers: tuple[int, ...], kind: PartKind, match_kind: MatchKind) -> list[int]:
        """Features of a category that the words allow; the very name may be of any."""
        allowed = _CATEGORIES.get(kind)
        numbers = tuple(dict.fromkeys(numbers))
        if allowed is None:
            return list(numbers)
        fitting = [n for n in numbers if self.gazetteer.features[n].category in allowed]
        if fitting or match_kind not in (MatchKind.EXACT, MatchKind.NORMAL, MatchKind.FORMER):
            return fitting
        return list(numbers)

    def _match(self, number: int, kind: MatchKind, quality: float | None = None) -> Match | None:
        metres: float | None = None
        value = _QUALITY[kind] if quality is None else quality
        if self.xy is not None:
            metres = self.close.get(number)
            if metres is None:
                metres = self.gazetteer.distance_m(number, self.xy)
            if metres > RADII_M[1]:
                return None
            value *= 1 - _FAR_LOSS * max(0.0, metres - RADII_M[0]) / (RADII_M[1] - RADII_M[0])
        feature = self.gazetteer.features[number]
        if feature.only_point:
            value *= 0.6
        return Match(feature.name, kind, value, number, metres)

    def _alike(self, part: Part, known: set[int]) -> list[Match]:
        """Other names near the point that sound or look alike."""
        allowed = _CATEGORIES.get(part.kind)
        found = []
        for number in self.close:
            feature = self.gazetteer.features[number]
            if number in known or (allowed is not None and feature.category not in allowed):
                continue
            like = likeness(part.name, feature.name)
            if like is not None and like[1] >= LEAST_QUALITY:
                match = self._match(number, like[0], like[1])
                if match is not None:
                    found.append(match)
        return found

    def _missing(self, part: Part) -> str:
        """Why a name was not found: not on the map at all, or far away."""
        numbers = self.gazetteer.named(part.name, "exact") + self.gazetteer.named(normal(part.name), "normal")
        if self.xy is not None and numbers:
            metres = min(self.gazetteer.distance_m(n, self.xy) for n in numbers)
            return f"“{part.name}”离坐标点最近处有 {metres / 1000:.1f} 公里，请核对坐标或名称"
        if part.planned:
            return f"规划道路“{part.name}”不在地图上"
        return f"地图上找不到“{part.name}”"


def _beyond_near(parts: Iterable[ResolvedPart]) -> bool:
    """Whether a name's best match lies outside the near circle."""
    return any(m.distance_m is not None and m.distance_m > RADII_M[0] for p in parts for m in p.matches[:1])
