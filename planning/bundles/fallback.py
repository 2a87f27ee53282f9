"""What becomes of an estate in no bundle (兜底): the profile's way, its condition and its sentence (L36, D27, D28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from data.profile import FallbackWay, Profile
from planning.bundles.explain import Reason
from planning.bundles.types import Fallback, FallbackKind, Neighbour
from planning.bundles.words import neighbour_words, way_words
from planning.coverage import matches
from planning.coverage_types import CoverageState

VERIFY: Final = ("verify", "先核实并补齐台账，再定服务方式")
"""Id and words of the way for estates of which too little is known to propose any of the profile's."""
_TO_VERIFY: Final[frozenset[FallbackKind]] = frozenset(
    {"unknown_state", "no_households", "no_position", "no_fee", "no_income"}
)
_WITH_NEIGHBOURS: Final[frozenset[FallbackKind]] = frozenset({"no_neighbour", "no_room"})


def fallback_list(
    reasons: Mapping[str, Reason],
    neighbours: Mapping[str, tuple[Neighbour, ...]],
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    profile: Profile,
) -> tuple[Fallback, ...]:
    """The estates with a reason, by id, each with the first of the profile's ways whose filter it matches.

    Parameters
    ----------
    reasons
        Of every estate that is neither bundled nor alone.
    neighbours
        The nearest estates of those that have a position.
    estates, states
        Canonical table and the state of every estate.
    """
    rows = estates.loc[sorted(reasons)]
    names = dict(zip(estates.index, estates["name"], strict=True))
    known = pd.Series({estate: states[estate] for estate in rows.index}, dtype=object)
    chosen = np.full(len(rows), -1)
    for number, one in enumerate(profile.fallback_ways):
        fits = matches(rows, known, one.scope).to_numpy(dtype=bool)
        chosen[(chosen < 0) & fits] = number
    found = []
    for estate, number in zip(rows.index, chosen, strict=True):
        reason, near = reasons[estate], neighbours.get(estate, ())
        told = f"；{neighbour_words(near, names)}" if reason.kind in _WITH_NEIGHBOURS and near else ""
        way_id, way, quote = _way(profile.fallback_ways[number] if number >= 0 else None, reason.kind)
        found.append(
            Fallback(
                estate_id=str(estate),
                kind=reason.kind,
                reason=reason.text + told,
                neighbours=near,
                way_id=way_id,
                way=way,
                quote=quote,
                displaces=reason.displaces,
            )
        )
    return tuple(found)


def _way(way: FallbackWay | None, kind: FallbackKind) -> tuple[str, str, str]:
    """Id, words and quote of the way."""
    if kind in _TO_VERIFY:
        return (*VERIFY, "")
    return (way.id, way_words(way), way.basis.quote) if way else ("", "", "")
