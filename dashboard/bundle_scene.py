"""A proposal as the bundles' page shows it: plain JSON, estates by their row on the page's ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
import shapely

from dashboard import bundle_words as words
from dashboard import theme
from dashboard.maps.bundles import bundle_colors
from dashboard.maps.elements import encode
from data.profile import Profile
from geo.hulls import hull
from planning.bundles.types import Bundle, BundlePlan, Fallback, UnitProof
from planning.bundles.words import FORBIDDEN_WORDS, KIND_WORDS
from planning.city import City

_MARGIN_M: Final = 45.0


@dataclass(frozen=True)
class Stage:
    """What the rows of a scene refer to."""

    city: City
    stops: pd.DataFrame
    row: Mapping[str, int]
    profile: Profile
    outlines: dict[tuple[str, ...], shapely.Geometry] = field(default_factory=dict, repr=False)
    """Hulls that were drawn before, by the members: a change touches few of them."""

    @classmethod
    def of(cls, city: City, stops: pd.DataFrame, profile: Profile) -> Stage:
        """The stage of a city."""
        return cls(city, stops, {str(estate): i for i, estate in enumerate(city.estates.index)}, profile)

    def rows(self, estates: Sequence[str]) -> list[int]:
        """Rows of estates; those that the register no longer holds are left out."""
        return [self.row[estate] for estate in estates if estate in self.row]

    def name(self, estate: str) -> str:
        """Name of an estate, its id where the register no longer holds it."""
        return str(self.city.estates["name"].get(estate, estate))


def outline(stage: Stage, bundle: Bundle) -> shapely.Geometry:
    """Hull of the members, EPSG:4490."""
    known = stage.outlines.get(bundle.members)
    if known is None:
        members = stage.stops.reindex(list(bundle.members))
        known = stage.outlines[bundle.members] = hull(members["lon"], members["lat"], _MARGIN_M)
    return known


def scene(plan: BundlePlan, stage: Stage) -> dict[str, Any]:
    """The whole proposal without the long explanations (`details`)."""
    outlines = [outline(stage, bundle) for bundle in plan.bundles]
    colors = bundle_colors(plan.bundles, outlines)
    proofs = {unit.unit_id: unit for unit in plan.units}
    labels, way = words.labels_of(plan), plan.settings.way
    bundles = [
        _bundle(bundle, labels[bundle.bundle_id], shape, color, proofs, stage)
        for bundle, shape, color in zip(plan.bundles, outlines, colors, strict=True)
    ]
    return {
        "bundles": bundles,
        "alone": [[stage.row[one.estate_id], one.reason] for one in plan.alone if one.estate_id in stage.row],
        "fallback": [
            [stage.row[one.estate_id], KIND_WORDS.get(one.kind, ""), one.reason, one.way]
            for one in plan.fallback
            if one.estate_id in stage.row
        ],
        "units": [_unit(unit, stage) for unit in plan.units],
        "barriers": list(plan.settings.barriers),
        "words": {"unit": words.UNITS[way], "alone": words.ALONE[way], "left": words.LEFT[way]},
        "colors": list(theme.SERIES),
        "totals": totals(plan),
    }


def totals(plan: BundlePlan) -> dict[str, Any]:
    """Figures of the whole proposal."""
    money = [bundle.money.margin for bundle in plan.bundles if bundle.money is not None]
    proven = [unit for unit in plan.units if unit.proven]
    return {
        "bundles": len(plan.bundles),
        "estates": sum(len(bundle.members) for bundle in plan.bundles),
        "households": plan.households_covered,
        "bound": plan.bound,
        "given_up": plan.given_up,
        "proven": plan.proven,
        "units": len(plan.units),
        "units_proven": len(proven),
        "metres": round(sum(sum(bundle.distances_m) for bundle in plan.bundles)),
        "margin": sum(money) if money else None,
        "with_money": len(money),
        "alone": len(plan.alone),
        "fallback": len(plan.fallback),
        "seconds": round(plan.seconds, 1),
    }


def _bundle(
    bundle: Bundle,
    label: str,
    shape: shapely.Geometry,
    color: int,
    proofs: Mapping[str | None, UnitProof],
    stage: Stage,
) -> dict[str, Any]:
    proof = proofs.get(bundle.unit_id)
    return {
        "id": bundle.bundle_id,
        "label": label,
        "unit": stage.city.unit_names.get(bundle.unit_id or "", ""),
        "members": stage.rows(bundle.members),
        "medoid": stage.row.get(bundle.medoid),
        "anchor": stage.row.get(bundle.anchor) if bundle.anchor else None,
        "homes": bundle.households,
        "metres": round(sum(bundle.distances_m)),
        "far": round(max(bundle.distances_m, default=0)),
        "margin": None if bundle.money is None else bundle.money.margin,
        "state": "hand" if bundle.by_hand else "open" if proof is not None and not proof.proven else "proven",
        "consent": len(bundle.needs_consent),
        "hull": encode([shape])[0],
        "color": color,
    }


def _unit(unit: UnitProof, stage: Stage) -> dict[str, Any]:
    return {
        "id": unit.unit_id or "",
        "name": stage.city.unit_names.get(unit.unit_id or "", "未归属街道"),
        "candidates": unit.n_candidates,
        "bundles": unit.n_bundles,
        "homes": unit.households,
        "bound": unit.bound,
        "given_up": unit.given_up,
        "metres": round(unit.metres),
        "proven": unit.proven,
    }


def bundle_details(bundle: Bundle, stage: Stage) -> dict[str, Any]:
    """Why a bundle is as it is: limits, what each member adds, the nearest alternative."""
    money = bundle.money
    asked = set(bundle.needs_consent)
    walks = dict(zip(bundle.members, bundle.distances_m, strict=True))
    added = {one.estate_id: one for one in bundle.additions}
    members = []
    for estate in sorted(bundle.members, key=lambda one: (walks[one], one)):
        one = added.get(estate)
        members.append(
            {
                "row": stage.row.get(estate),
                "metres": round(walks[estate]),
                "margin": one.margin if one else None,
                "without": one.without if one else "",
                "asked": estate in asked,
            }
        )
    return {
        "binding": bundle.binding,
        "slacks": [[one.rule, one.text, round(one.room, 4)] for one in sorted(bundle.slacks, key=lambda s: s.room)],
        "members": members,
        "other": bundle.nearest_other,
        "area": round(bundle.floor_area_m2),
        "diameter": round(bundle.diameter_m),
        "money": None if money is None else [money.income, money.running, money.fixed, money.margin],
        "reason": bundle.reason,
    }


def fallback_details(one: Fallback, stage: Stage) -> dict[str, Any]:
    """Why an estate is left over: its reason, the nearest estates with the rule that keeps each away, its way."""
    way = next((way for way in stage.profile.fallback_ways if way.id == one.way_id), None)
    basis = way.basis if way else None
    return {
        "reason": one.reason,
        "near": [
            [stage.row.get(near.estate_id), round(near.distance_m), _forbidden(near.forbidden_by)]
            for near in one.neighbours
        ],
        "condition": way.condition if way else "",
        "quote": one.quote or (basis.quote if basis else ""),
        "rule": basis.rule if basis else "",
        "document": basis.document if basis else "",
        "assumed": bool(basis and basis.assumed),
        "note": basis.note if basis else "",
        "displaces": stage.rows(one.displaces),
    }


def _forbidden(rule: Any) -> str:
    return FORBIDDEN_WORDS[rule] if rule else "可同包，但户数凑不够"
