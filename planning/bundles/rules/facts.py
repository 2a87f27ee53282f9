"""What the rules of a bundle plan look at: the plan, the register, states, and walks measured anew."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.companies import company_id
from planning.bundles.rules.ground import Ground
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Bundle, BundlePlan
from planning.coverage_types import CoverageState

LEEWAY: Final = 1.003
LEEWAY_M: Final = 1.0
"""Two ways to measure the same walk differ by the map projection's scale and rounding; more than this is a fault."""


def at_most(walk_m: float) -> float:
    """The longest walk, as measured here, that still counts as one of ``walk_m``."""
    return walk_m * LEEWAY + LEEWAY_M


@dataclass(frozen=True)
class Facts:
    """What the rules look at: the plan, the register, states, measured walks, the companies' grades."""

    plan: BundlePlan
    estates: pd.DataFrame
    states: Mapping[str, CoverageState]
    ground: Ground
    settings: BundleSettings
    companies: pd.DataFrame

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The register's rows of all estates that the plan names and the register knows."""
        named = {m for one in self.plan.bundles for m in one.members}
        named |= {one.estate_id for one in self.plan.alone} | {one.estate_id for one in self.plan.fallback}
        named |= {near.estate_id for one in self.plan.fallback for near in one.neighbours}
        known = self.estates[self.estates.index.isin(named)]
        return {str(estate): row for estate, row in zip(known.index, known.to_dict("records"), strict=True)}

    @cached_property
    def walks(self) -> dict[str, NDArray[np.float64]]:
        """Walks between the members of each bundle whose members all have a stop.

        Those of a bundle made by hand are measured to the end, however far: its figures are stated all the same.
        """
        asked = self.settings
        far = 1.01 * max(asked.radius_m, asked.max_diameter_m, asked.link_m) + 10.0
        return {
            one.bundle_id: self.ground.walks(one.members, math.inf if one.by_hand else far)
            for one in self.plan.bundles
            if self.placed(one)
        }

    @cached_property
    def no_neighbours(self) -> frozenset[frozenset[str]]:
        """Pairs that a planner declared no neighbours (``forbid_pair``)."""
        return frozenset(frozenset(one.estates) for one in self.plan.wishes if one.kind == "forbid_pair")

    @cached_property
    def _grades(self) -> dict[str, dict[str, Any]]:
        """Grades by company."""
        return {str(one): row for one, row in zip(self.companies.index, self.companies.to_dict("records"), strict=True)}

    def grade_of(self, company: object) -> dict[str, Any] | None:
        """Row of the company's grades, ``None`` if it was never graded or the estate names none."""
        return None if pd.isna(company) else self._grades.get(company_id(str(company)))

    def row(self, estate: str) -> Mapping[str, Any]:
        """The register's row of any estate."""
        return self._all_rows[estate]

    @cached_property
    def _all_rows(self) -> dict[str, dict[str, Any]]:
        columns = ["households", "floor_area_m2", "year_built", "estate_type", "public_income_yuan"]
        table = self.estates[columns]
        return {str(one): row for one, row in zip(table.index, table.to_dict("records"), strict=True)}

    def placed(self, one: Bundle) -> bool:
        """Whether all members have a stop."""
        return all(self.ground.knows(member) for member in one.members)

    def members(self, one: Bundle) -> list[tuple[str, dict[str, Any]]]:
        """Members with their rows, those that the register no longer knows left out."""
        return [(member, self.rows[member]) for member in one.members if member in self.rows]

    def served(self, one: Bundle) -> list[tuple[str, dict[str, Any]]]:
        """Members that the bundle is to serve anew: all but its anchor."""
        return [(member, row) for member, row in self.members(one) if member != one.anchor]

    def name(self, estate: str) -> str:
        """Name for a message."""
        return str(self.rows[estate]["name"]) if estate in self.rows else estate


def known(value: Any) -> bool:
    """Whether a cell of the register is filled."""
    return not pd.isna(value)
