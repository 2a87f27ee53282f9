"""Coverage (覆盖) as values: one state for each estate, rates for each unit, indicators against their targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data.profile import Basis


class CoverageState(StrEnum):
    """Where an estate stands. The first two count as covered, as the profile defines it."""

    PROFESSIONAL = "professional"
    OTHER_COVERED = "other_covered"
    UNMANAGED = "unmanaged"
    LOST = "lost"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "professional": "专业化物业服务",
            "other_covered": "其他方式覆盖",
            "unmanaged": "无物管",
            "lost": "失管",
            "unknown": "情况不明",
        }[self.value]

    @property
    def covered(self) -> bool:
        return self in (CoverageState.PROFESSIONAL, CoverageState.OTHER_COVERED)


@dataclass(frozen=True, slots=True)
class Rate:
    """Coverage of one unit; shares are ``None`` where the denominator is 0."""

    unit_id: str | None
    """``None``: the whole city (or the estates without a unit of this level, see ``level``)."""
    name: str
    level: str
    """``city`` | ``county`` | ``street`` | ``community``."""
    n_estates: int
    n_covered: int
    n_unmanaged: int
    n_lost: int
    n_unknown: int
    households: int
    households_covered: int
    floor_area_m2: float
    floor_area_covered_m2: float
    by_estates: float | None
    by_households: float | None
    by_floor_area: float | None
    n_without_households: int
    """Estates left out of the household rate because the register gives no number."""
    n_without_floor_area: int


@dataclass(frozen=True, slots=True)
class KpiResult:
    """One indicator on one day. ``value`` and ``target`` are shares 0–1 or counts; ``missing`` is "还差 N 个"."""

    id: str
    name: str
    measure: str
    subject: str
    value: float | None
    numerator: int
    denominator: int
    target: float | None
    due: date | None
    rolled_from: date | None
    missing: int | None
    n_unknown: int
    """Subjects of the denominator whose register leaves open whether they count; they do not count until it is filled."""
    definition: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An estate that is not covered, or not known to be."""

    estate_id: str
    name: str
    state: CoverageState
    county: str
    street: str
    community: str
    households: int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole answer for one scope and day."""

    on: date
    states: dict[str, CoverageState]
    rates: tuple[Rate, ...]
    kpis: tuple[KpiResult, ...]
    uncovered: tuple[Uncovered, ...]
