"""Boundaries from words and points as values: what was found for each estate, and what a person must look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.blocks.confidence import Verdict
from geo.blocks.model import Model

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EstateBoundary:
    """The outcome for one estate.

    ``confidence`` is ``None`` where there are no words (a point alone has no measured confidence); ``stake``: see
    `planning.boundaries.stake.at_stake`; ``step``: how the best candidate was made, "" without one.
    """

    estate_id: str
    name: str
    outcome: Verdict
    confidence: float | None
    why: tuple[str, ...]
    step: str
    n_candidates: int
    stake: float

    def as_dict(self) -> Record:
        """Plain values for JSON."""
        return {
            "id": self.estate_id,
            "name": self.name,
            "outcome": self.outcome.value,
            "confidence": self.confidence,
            "why": list(self.why),
            "step": self.step,
            "candidates": self.n_candidates,
        }


@dataclass(frozen=True, slots=True)
class BoundaryRun:
    """What a run found; the most at stake first.

    ``proposals``: rows for ``BOUNDARY_PROPOSALS``; ``boundaries``: rows for ``BOUNDARIES`` of the accepted ones;
    ``changed``: what saving did (proposals and boundaries written), empty before.
    """

    estates: tuple[EstateBoundary, ...]
    model: Model | None
    proposals: tuple[Record, ...] = field(repr=False)
    boundaries: tuple[Record, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    """Chinese sentences on the run as a whole: why nothing could be accepted, what was kept."""
    changed: Mapping[str, int] = field(default_factory=dict)

    def count(self, outcome: Verdict) -> int:
        """Estates with that outcome."""
        return sum(estate.outcome is outcome for estate in self.estates)

    @property
    def accepted(self) -> int:
        return self.count(Verdict.ACCEPTED)

    @property
    def look(self) -> int:
        return self.count(Verdict.LOOK)

    @property
    def cannot(self) -> int:
        return self.count(Verdict.CANNOT)

    def as_dict(self) -> Record:
        """The JSON of ``wuyetu boundaries``."""
        return {
            "accepted": self.accepted,
            "look": self.look,
            "cannot": self.cannot,
            "model": self.model.version if self.model is not None else None,
            "fitted": self.model.fitted if self.model is not None else False,
            "notes": list(self.notes),
            "changed": dict(self.changed),
            "estates": [estate.as_dict() for estate in self.estates],
        }
