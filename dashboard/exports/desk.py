"""What all papers of one plan share: the plan with its circumstances, the city, maps, companies' grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pandas as pd

from dashboard.exports.lots import Lot, lots
from dashboard.exports.map_picture import MapMaker
from dashboard.exports.notes import circumstances
from data.companies import Grade, grade_of, grades
from data.masking import mask_mobiles
from data.profile import Profile
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.runs import Stored


@dataclass(frozen=True)
class Desk:
    """One stored plan and what its papers need. ``footer`` stands below every map (source, date, 审图号)."""

    city: City
    profile: Profile
    saved: Stored[BundlePlan]
    stops: pd.DataFrame
    footer: str
    _pictures: dict[str, bytes | None] = field(default_factory=dict)

    @property
    def plan(self) -> BundlePlan:
        return self.saved.value

    @property
    def day(self) -> date:
        """Day on which the plan was made."""
        return self.saved.created_at.astimezone().date()

    @cached_property
    def maps(self) -> MapMaker:
        return MapMaker(self.city, self.stops, self.footer)

    @cached_property
    def lots(self) -> list[Lot]:
        """All lots of the plan."""
        return lots(self.plan, self.city)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """City, day, scope; then what a reader must be warned of."""
        found = circumstances(self.city, self.profile, self.saved, "求解")
        return (*found, "库中没有道路：距离按直线×1.3估算。") if self.plan.straight_line else found

    @cached_property
    def grades(self) -> Mapping[str, Grade]:
        """Grades of the companies by id."""
        return grades(self.city.companies)

    def grade(self, estate: str) -> Grade | None:
        """Grade of the company that serves an estate."""
        return grade_of(self.grades, self.city.estates.at[estate, "company"])

    def name(self, estate: str) -> str:
        """Name of an estate as papers show it."""
        return told(self.city.estates.at[estate, "name"]) or estate

    def street(self, estate: str) -> str:
        """Name of the estate's street; empty where it is unknown."""
        return self.city.unit_names.get(self.city.estates.at[estate, "street_id"], "")

    def picture(self, lot: Lot) -> bytes | None:
        """The lot's map; drawn once; ``None`` where no position is known."""
        key = lot.bundle.bundle_id if lot.bundle else f"={lot.estates[0]}"
        if key not in self._pictures:
            barriers = self.plan.settings.barriers
            self._pictures[key] = (
                self.maps.bundle(lot.bundle, lot.estates, barriers)
                if lot.bundle
                else self.maps.estate(lot.estates[0], barriers)
            )
        return self._pictures[key]

    def drop(self, lot: Lot) -> None:
        """Forget the lot's picture: a city has hundreds."""
        self._pictures.pop(lot.bundle.bundle_id if lot.bundle else f"={lot.estates[0]}", None)


def told(text: object) -> str:
    """A text of the register as papers show it: in one line, mobile numbers masked; empty where there is none."""
    return " ".join(mask_mobiles(text).split()) if isinstance(text, str) else ""
