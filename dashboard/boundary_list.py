"""The list of the boundary page: every estate of the chosen unit, what is at stake first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import shapely

from dashboard.boundary_desk import Desk, number_or_none
from dashboard.boundary_words import LOOK, has_shape
from geo.shapes import metric_shapes
from planning.boundaries.stake import at_stake
from planning.city import Scope

_SAME_GROUND: Final = 0.02
"""Share of the smaller shape beyond which two estates hold the same ground: more than a drawn line's width."""


@dataclass(frozen=True)
class Worklist:
    """The rows of a list as the browser gets them, and the state of the tables they were made from."""

    unit_id: str
    epoch: int
    as_of: int
    """Number of the last change that the rows know of."""
    rows: tuple[tuple[str, str, str, int | None, str, float | None], ...]
    """Estate id, name, street and community, households, state, confidence of the best candidate."""


def worklist(desk: Desk, unit_id: str) -> Worklist:
    """The estates of a unit (empty: the city); most at stake first, equals by id.

    The order is kept until the tables are read anew: a list that jumps under the hand cannot be worked down.
    """
    estates = desk.city.inside(Scope(unit_id or None)).estates
    sure = pd.Series([_sure(desk, str(i)) for i in estates.index], index=estates.index, dtype="float64")
    stake = at_stake(estates, sure)
    ordered = estates.loc[stake.sort_values(ascending=False, kind="stable").index]
    names = desk.city.unit_names
    rows = tuple(
        (
            str(estate_id),
            str(name),
            " ".join(names[unit] for unit in (street, community) if unit in names),
            None if pd.isna(households) else int(households),
            desk.state(str(estate_id)),
            desk.confidence(str(estate_id)),
        )
        for estate_id, name, street, community, households in zip(
            ordered.index,
            ordered["name"],
            ordered["street_id"],
            ordered["community_id"],
            ordered["households"],
            strict=True,
        )
    )
    return Worklist(unit_id, desk.epoch, len(desk.changes), rows)


@dataclass(frozen=True)
class BulkOffer:
    """What a bulk acceptance would take: proposals by estate, and what it leaves for a person to look at."""

    proposals: dict[str, str]
    households: int
    overlapping: tuple[str, ...]
    """Names of estates whose candidate lies on another estate's ground."""


def bulk_offer(desk: Desk, unit_id: str, least: float) -> BulkOffer:
    """Best candidates of a unit's waiting estates with at least that confidence.

    Two estates cannot hold the same ground: a candidate that overlaps a boundary in force, or a surer candidate of the
    same offer, by more than 2 % of the smaller of the two is left out.
    """
    estates = desk.city.inside(Scope(unit_id or None)).estates
    best = []
    for estate_id in map(str, estates.index):
        if desk.state(estate_id) == LOOK:
            row = next(row for row in desk.proposals[estate_id] if has_shape(row["geometry"]))
            sure = number_or_none(row["confidence"])
            if sure is not None and sure >= least:
                best.append((-sure, estate_id, row))
    best.sort(key=lambda item: item[:2])
    clear = _clear(desk, [row["geometry"] for _, _, row in best])
    taken = {estate: str(row["proposal_id"]) for (_, estate, row), free in zip(best, clear, strict=True) if free}
    left = tuple(str(estates.at[estate, "name"]) for (_, estate, _), free in zip(best, clear, strict=True) if not free)
    households = int(estates.loc[list(taken), "households"].fillna(0).sum())
    return BulkOffer(taken, households, left)


def _clear(desk: Desk, shapes: Sequence[Any]) -> list[bool]:
    if not shapes:
        return []
    force = [row["geometry"] for row in desk.boundaries.values() if has_shape(row["geometry"])]
    plane = metric_shapes([*shapes, *force])
    tree = shapely.STRtree(plane)
    kept: list[bool] = []
    for i in range(len(shapes)):
        near = [int(j) for j in tree.query(plane[i]) if j != i]
        rivals = [j for j in near if j >= len(shapes) or (j < i and kept[j])]
        kept.append(not any(_same_ground(plane[i], plane[j]) for j in rivals))
    return kept


def _same_ground(one: Any, other: Any) -> bool:
    smaller = min(one.area, other.area)
    return bool(smaller) and one.intersection(other).area > _SAME_GROUND * smaller


def _sure(desk: Desk, estate_id: str) -> float | None:
    """How sure the estate's ground is: of the boundary in force, else of the best candidate; 0 where none is possible."""
    match desk.state(estate_id):
        case "accepted":
            sure = number_or_none(desk.boundaries[estate_id]["confidence"])
            return 1.0 if sure is None else sure
        case "cannot":
            return 0.0
        case _:
            return desk.confidence(estate_id)
