"""What the rules of a bundle plan look at: the plan, the register, states, and walks measured anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.bundles.ground import Ground
from planning.bundles.types import Bundle, BundlePlan, BundleSettings
from planning.coverage_types import CoverageState


@dataclass(frozen=True)
class Facts:
    """What the rules look at: the plan, the register, states, measured walks."""

    plan: BundlePlan
    estates: pd.DataFrame
    states: Mapping[str, CoverageState]
    ground: Ground
    settings: BundleSettings

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The register's rows of all estates that the plan names and the register knows."""
        named = {m for one in self.plan.bundles for m in one.members}
        named |= {one.estate_id for one in self.plan.alone} | {one.estate_id for one in self.plan.fallback}
        known = self.estates[self.estates.index.isin(named)]
        return {str(estate): row for estate, row in zip(known.index, known.to_dict("records"), strict=True)}

    @cached_property
    def walks(self) -> dict[str, NDArray[np.float64]]:
        """Walks between the members of each bundle whose members all have a stop."""
        far = 1.01 * max(self.settings.radius_m, self.settings.max_diameter_m) + 10.0
        return {one.bundle_id: self.ground.walks(one.members, far) for one in self.plan.bundles if self.placed(one)}

    def placed(self, one: Bundle) -> bool:
        """Whether all members have a stop."""
        return all(self.ground.knows(member) for member in one.members)

    def members(self, one: Bundle) -> list[tuple[str, dict[str, Any]]]:
        """Members with their rows, those that the register no longer knows left out."""
        return [(member, self.rows[member]) for member in one.members if member in self.rows]

    def name(self, estate: str) -> str:
        """Name for a message."""
        return str(self.rows[estate]["name"]) if estate in self.rows else estate
