"""Which candidates may go together: the pair rules as the solver obeys them (``rules`` states them independently).

Of several rules that forbid a pair, the one told is the first of: unit, consent, type, fee, age, radius, barrier,
wish.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo.barriers import BY_BARRIER, BY_RADIUS, Pairs
from planning.bundles.engine.graph import Bools, Ints
from planning.bundles.settings import BundleSettings
from planning.bundles.types import ForbiddenBy, Wish

_EPSILON: Final = 1e-9


def fee_apart(frame: pd.DataFrame, i: Ints, j: Ints, settings: BundleSettings) -> Bools:
    """Fees that differ by more than the window; an unknown fee (NaN) goes with any."""
    fees = frame["fee_yuan_m2"].to_numpy(dtype=float)
    return np.asarray(np.abs(fees[i] - fees[j]) > settings.fee_window_yuan_m2 + _EPSILON)


def type_apart(frame: pd.DataFrame, i: Ints, j: Ints, settings: BundleSettings) -> Bools:
    """Different estate types where the profile wants the same; an unknown type goes with any."""
    codes = pd.factorize(frame["estate_type"])[0]
    return np.asarray(settings.same_type & (codes[i] != codes[j]) & (codes[i] >= 0) & (codes[j] >= 0))


def unit_apart(frame: pd.DataFrame, i: Ints, j: Ints) -> Bools:
    """Different lead units."""
    codes = pd.factorize(frame["lead"])[0]
    return np.asarray(codes[i] != codes[j])


def consent_refused(frame: pd.DataFrame, i: Ints, j: Ints) -> Bools:
    """Owners of one of the two refused."""
    refused = (frame["consent"] == "no").to_numpy(dtype=bool)
    return np.asarray(refused[i] | refused[j])


def age_apart(frame: pd.DataFrame, i: Ints, j: Ints, settings: BundleSettings) -> Bools:
    """Years of building in different age classes; an unknown year goes with any."""
    if not settings.age_breaks:
        return np.zeros(len(i), dtype=bool)
    years = frame["year_built"].to_numpy(dtype=float, na_value=math.nan)
    known = np.isfinite(years)
    classes = np.searchsorted(np.sort(np.asarray(settings.age_breaks)), np.where(known, years, 0.0), side="right")
    return np.asarray((classes[i] != classes[j]) & known[i] & known[j])


def wish_apart(frame: pd.DataFrame, i: Ints, j: Ints, wishes: Sequence[Wish]) -> Bools:
    """Pairs that the planner wants in different bundles."""
    return _named(frame, i, j, [set(wish.estates) for wish in wishes if wish.kind == "apart"])


def wish_unlinked(frame: pd.DataFrame, i: Ints, j: Ints, wishes: Sequence[Wish]) -> Bools:
    """Pairs that the planner knows to be no neighbours; a third may still bring both into one bundle."""
    return _named(frame, i, j, [set(wish.estates) for wish in wishes if wish.kind == "forbid_pair"])


def never_together(frame: pd.DataFrame, i: Ints, j: Ints, settings: BundleSettings) -> Bools:
    """Pairs that by their facts can never share a bundle, however near they are."""
    return (
        unit_apart(frame, i, j)
        | type_apart(frame, i, j, settings)
        | fee_apart(frame, i, j, settings)
        | age_apart(frame, i, j, settings)
    )


def forbidden_by(
    frame: pd.DataFrame, pairs: Pairs, settings: BundleSettings, wishes: Sequence[Wish] = ()
) -> list[ForbiddenBy | None]:
    """The rule that keeps the two of each pair from joining without a third; ``None`` where none does.

    Parameters
    ----------
    frame
        Rows of ``Candidates.frame`` or ``.refused``, in the order that the pairs count.
    """
    i, j = pairs.i, pairs.j
    far = pairs.distance_m > min(settings.max_diameter_m, _direct_m(settings)) + _EPSILON
    told: list[tuple[ForbiddenBy, Bools]] = [
        ("unit", unit_apart(frame, i, j)),
        ("consent", consent_refused(frame, i, j)),
        ("type", type_apart(frame, i, j, settings)),
        ("fee", fee_apart(frame, i, j, settings)),
        ("age", age_apart(frame, i, j, settings)),
        ("radius", (pairs.verdict == BY_RADIUS) | (pairs.allowed & far)),
        ("barrier", pairs.verdict == BY_BARRIER),
        ("wish", wish_apart(frame, i, j, wishes) | wish_unlinked(frame, i, j, wishes)),
    ]
    return [next((name for name, broken in told if broken[p]), None) for p in range(len(pairs))]


def near_m(settings: BundleSettings) -> float:
    """Longest walk by which a pair can be linked or neighbours: what barriers are to be judged with."""
    if settings.compact == "medoid":
        return settings.radius_m
    return settings.link_m if settings.compact == "chain" else max(settings.radius_m, settings.link_m)


def _direct_m(settings: BundleSettings) -> float:
    """Longest walk by which two can join without a third: near the medoid, neighbours, or both, as is asked."""
    return min(settings.radius_m, settings.link_m) if settings.compact == "both" else near_m(settings)


def reach_m(settings: BundleSettings) -> float:
    """How far apart two members of a bundle can be: walks beyond need not be known."""
    if settings.compact == "chain":
        return max(settings.link_m, settings.max_diameter_m)
    return max(near_m(settings), min(settings.max_diameter_m, 2.0 * settings.radius_m))


def _named(frame: pd.DataFrame, i: Ints, j: Ints, sets: Sequence[set[str]]) -> Bools:
    """Pairs of which both are in one of the sets."""
    found = np.zeros(len(i), dtype=bool)
    for one in sets:
        inside = frame.index.isin(list(one))
        found |= inside[i] & inside[j] & (i != j)
    return found
