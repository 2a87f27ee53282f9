"""What the quality report is made of: findings with their figures, a place, a remedy, and an id that stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; the worst first."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"

    @property
    def label(self) -> str:
        """错误, 警告, 提示."""
        return {"error": "错误", "warning": "警告", "hint": "提示"}[self.value]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured figure: what it is, how much, in which unit (``""`` for counts and words)."""

    name: str
    value: float | str
    unit: str = ""

    @property
    def text(self) -> str:
        """As a person reads it: 1,234 平方米, 12.5%, 3 个."""
        if isinstance(self.value, str):
            return self.value
        if self.unit == "%":
            return f"{self.value:.1%}"
        if self.unit in ("倍", "") or (self.unit == "米" and abs(self.value) < 10):
            plain = f"{self.value:,.2f}".rstrip("0").rstrip(".")
            return f"{plain} {self.unit}".strip()
        return f"{round(self.value):,} {self.unit}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look on the map: west, south, east, north in EPSG:4490 degrees; a point has no extent."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        for name in ("west", "south", "east", "north"):
            object.__setattr__(self, name, float(getattr(self, name)))

    @classmethod
    def round(cls, places: Sequence[Place]) -> Place | None:
        """The smallest place that holds all of them, ``None`` without any."""
        if not places:
            return None
        return cls(
            min(p.west for p in places), min(p.south for p in places), max(p.east for p in places), max(p.north for p in places)
        )  # fmt: skip

    @property
    def middle(self) -> tuple[float, float]:
        """``(lon, lat)``."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at (问题).

    ``id`` is made of the kind and of what it is about, never of the figures, so that a finding is recognised again in the
    next run; ``measures`` tell whether it is still the same case.
    """

    id: str
    kind: str
    severity: Severity
    text: str
    """What is wrong, in one Chinese sentence with the figures."""
    remedy: str
    rule: str
    """Id of the rule that asks for it (依据)."""
    estates: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    """Streets whose office has to deal with it."""
    measures: tuple[Measure, ...] = ()
    place: Place | None = None
    weight: float = 0.0
    """What is at stake, to sort findings of one severity: square metres, households."""
    source: str = ""
    """File, sheet and row, for findings of a load."""

    def measure(self, name: str) -> float | str | None:
        """A figure by its name, ``None`` if the finding has no such figure."""
        return next((m.value for m in self.measures if m.name == name), None)


def finding_id(kind: str, *subjects: str) -> str:
    """Id of a finding: the kind and a digest of what it is about, in the given order."""
    digest = hashlib.sha1("|".join((kind, *subjects)).encode(), usedforsecurity=False).hexdigest()
    return f"{kind}-{digest[:12]}"


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By severity, then by what is at stake, then by kind and id; the same for any order of the input."""
    return tuple(sorted(findings, key=lambda f: (f.severity.rank, -round(f.weight, 3), f.kind, f.id)))
