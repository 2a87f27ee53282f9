"""Readings of a resolved text: which features of the map stand for each side. Names that may mean several give several."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.blocks.resolve import MOST_NAMES
from geo.blocks.types import SURE, Match, MatchKind, Resolved, ResolvedPart
from geo.sides.types import MAIN_SIDES, Part, Side

Vector = tuple[float, float]
_MOST_READINGS: Final = 14
_MOST_OPTIONS: Final = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One part of the text with the features that stand for it in one reading."""

    part: Part
    features: tuple[int, ...]
    names: tuple[str, ...]
    quality: float
    n_tied: int = 0


@dataclass(frozen=True)
class Reading:
    """Features by side; sides of the text without any are in ``unknown``."""

    choices: Mapping[Side, tuple[Choice, ...]]
    unknown: tuple[Side, ...]
    dropped: tuple[Side, ...] = ()

    def features(self, side: Side) -> tuple[int, ...]:
        return tuple(dict.fromkeys(n for choice in self.choices.get(side, ()) for n in choice.features))

    @property
    def sides(self) -> tuple[Side, ...]:
        """Sides with at least one feature."""
        return tuple(side for side in Side if self.features(side))

    @property
    def all_features(self) -> tuple[int, ...]:
        return tuple(sorted({n for side in self.sides for n in self.features(side)}))

    def quality(self, side: Side) -> float:
        """Mean over the side's names; a name that was not found counts 0."""
        several = self.choices.get(side, ())
        return sum(c.quality for c in several) / len(several) if several and self.features(side) else 0.0

    @property
    def qualities(self) -> tuple[float, ...]:
        """Of every side that the text speaks of."""
        return tuple(self.quality(side) for side in (*self.sides, *self.unknown))

    @property
    def n_tied(self) -> int:
        return sum(choice.n_tied > 0 for several in self.choices.values() for choice in several)

    def without(self, side: Side) -> Reading:
        """The same reading as if one side's names had not been found."""
        kept = {s: c for s, c in self.choices.items() if s is not side}
        return Reading(kept, (*self.unknown, side), (*self.dropped, side))


def direction(side: Side) -> Vector:
    """Unit vector (east, north) of a side's outward normal."""
    angle = np.radians(side.degrees)
    return float(np.sin(angle)), float(np.cos(angle))


def read(
    resolved: Resolved, only_point: frozenset[int], towards: Mapping[int, Vector] | None = None
) -> tuple[Reading, ...]:
    """Readings of a text, likeliest first, at most 14.

    Parameters
    ----------
    resolved
        The text with its matches.
    only_point
        Features that have no line, only a position: they stand for no side.
    towards
        Unit vector from the estate's point to each feature's nearest place: of several equally likely features the one
        that lies in the side's direction comes first.
    """
    options: list[list[tuple[Choice, ...]]] = []
    sides: list[Side] = []
    unknown: list[Side] = []
    for side in _all_sides(resolved):
        several = [_options(part, only_point, side, towards) for part in _bordering(resolved, side)]
        if not any(choice.features for found in several for choice in found):
            unknown.append(side)
            continue
        sides.append(side)
        combined = list(itertools.islice(itertools.product(*several), _MOST_OPTIONS * 2))
        options.append([c for c in combined if any(one.features for one in c)][:_MOST_OPTIONS])
    if not sides:
        return ()
    ranked: list[tuple[float, int, Reading]] = []
    for number, picked in enumerate(itertools.islice(itertools.product(*options), 2000)):
        places = sum(option.index(one) for option, one in zip(options, picked, strict=True))
        reading = Reading(dict(zip(sides, picked, strict=True)), tuple(unknown))
        worth = float(np.prod([max(q, 0.3) for q in reading.qualities])) * 0.97**places
        ranked.append((-worth, number, reading))
    ranked.sort(key=lambda item: item[:2])
    return tuple(reading for _, _, reading in ranked[:_MOST_READINGS])


def _bordering(resolved: Resolved, side: Side) -> list[ResolvedPart]:
    """Parts that are the border themselves; what only lies behind it where there is nothing else."""
    parts = resolved.side(side)[:MOST_NAMES]
    return [part for part in parts if not part.part.beyond] or list(parts)


def _all_sides(resolved: Resolved) -> list[Side]:
    """Sides of the text; the main ones too that it is silent about, unless it speaks in diagonal directions."""
    said = [side for side in Side if resolved.side(side)]
    if any(side not in MAIN_SIDES for side in said):
        return said
    return list(MAIN_SIDES) if said else []


def _options(
    part: ResolvedPart, only_point: frozenset[int], side: Side, towards: Mapping[int, Vector] | None
) -> list[Choice]:
    """What one part may stand for: the chosen feature, or each of several equally likely ones."""
    matches = [m for m in part.matches if m.feature not in only_point]
    if not matches:
        return [Choice(part.part, (), (), 0.0)]
    if part.chosen and matches[0] is part.matches[0] and matches[0].quality >= SURE:
        return [_choice(part.part, matches[:1], 0)]
    tied = len(matches) if not part.chosen else 0
    found = [_choice(part.part, [match], tied) for match in matches]
    if towards is not None:
        out = direction(side)
        found.sort(key=lambda c: -c.quality - 0.15 * float(np.dot(towards.get(c.features[0], (0.0, 0.0)), out)))
    sections = [m for m in matches if m.kind in (MatchKind.INFIX, MatchKind.SUFFIX)]
    if len(sections) > 1 and sections[0] is matches[0]:
        found.insert(0, _choice(part.part, sections, tied))
    return found[:_MOST_OPTIONS]


def _choice(part: Part, matches: Sequence[Match], n_tied: int) -> Choice:
    names = tuple(dict.fromkeys(m.name for m in matches))
    return Choice(part, tuple(m.feature for m in matches), names, min(m.quality for m in matches), n_tied)


def points_only(resolved: Resolved, only_point: frozenset[int]) -> dict[Side, tuple[int, ...]]:
    """Neighbours of which only the position is known, by the side they lie on."""
    return {
        side: found
        for side in Side
        if (found := tuple(m.feature for p in resolved.side(side) for m in p.matches[:1] if m.feature in only_point))
    }
