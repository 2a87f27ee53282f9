"""What becomes of an estate in no bundle (兜底): the profile's way, its condition and its sentence (L36, D27, D28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from data.profile import FallbackWay, Profile
from planning.bundles.reasons.explain import Reason
from planning.bundles.settings import Way
from planning.bundles.types import Fallback, FallbackKind, Neighbour
from planning.bundles.words import neighbour_words, way_words
from planning.coverage import matches
from planning.coverage_types import CoverageState

VERIFY: Final = ("verify", "先核实并补齐台账，再定服务方式")
"""Id and words of the way for estates of which too little is known to propose any of the profile's."""
COMPLETE: Final = ("verify", "先核实并补齐台账")
"""The same where nobody is to be served."""
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
    way: Way,
) -> tuple[Fallback, ...]:
    """The estates with a reason, by id, each with the first of the profile's ways whose filter it matches.

    The further ways that it matches are named as alternatives. Audits and regions serve nobody: there no way is proposed.

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
    serving = way in ("service", "anchor")
    what = "在管小区" if way == "anchor" else "小区"
    ways = profile.fallback_ways if serving else ()
    fits = [matches(rows, known, one.scope).to_numpy(dtype=bool) for one in ways]
    found = []
    for number, estate in enumerate(rows.index):
        reason, near = reasons[estate], neighbours.get(estate, ())
        fitting = [one for one, fit in zip(ways, fits, strict=True) if fit[number]]
        told = f"；{neighbour_words(near, names, what)}" if reason.kind in _WITH_NEIGHBOURS and near else ""
        way_id, words, quote = _way(fitting, reason.kind, serving=serving)
        found.append(
            Fallback(
                estate_id=str(estate),
                kind=reason.kind,
                reason=reason.text + told,
                neighbours=near,
                way_id=way_id,
                way=words,
                quote=quote,
                displaces=reason.displaces,
            )
        )
    return tuple(found)


def _way(fitting: Sequence[FallbackWay], kind: FallbackKind, *, serving: bool) -> tuple[str, str, str]:
    """Id, words and quote of the way."""
    if kind in _TO_VERIFY:
        return (*(VERIFY if serving else COMPLETE), "")
    if not fitting:
        return "", "", ""
    others = "、".join(one.name for one in fitting[1:])
    return (
        fitting[0].id,
        way_words(fitting[0], kind) + (f"；另可选用：{others}" if others else ""),
        fitting[0].basis.quote,
    )
