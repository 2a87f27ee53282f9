"""Candidates, pairs, limits and wishes as pools: everything a solver needs, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.barriers import Pairs
from planning.bundles.candidates.pairs import never_together, wish_apart, wish_unlinked
from planning.bundles.engine.graph import Bools, Ints, Measure, Pool
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Wish

AREA_UNITS: Final = 100
"""Floor areas are summed in hundredths of a square metre, as exactly as registers give them."""
_EPSILON: Final = 1e-9


def make_pools(frame: pd.DataFrame, pairs: Pairs, settings: BundleSettings, wishes: Sequence[Wish] = ()) -> list[Pool]:
    """One pool for each lead unit; units that share a grid (which must not be divided) come together.

    Parameters
    ----------
    frame
        ``Candidates.frame`` without the estates that wishes fix or leave out.
    pairs
        All pairs of its rows within `reach_m`, judged with `near_m`.
    wishes
        Of these ``together``, ``apart``, ``force`` and ``forbid_pair`` are obeyed. Estates that are no candidates
        cannot be in a bundle: who must stay together with one stays out.
    """
    batch = _batches(frame, settings)
    together, broken = _together(frame, batch, wishes)
    pools = []
    for number in range(int(batch.max()) + 1 if len(batch) else 0):
        rows = np.flatnonzero(batch == number)
        local = np.full(len(frame), -1)
        local[rows] = np.arange(len(rows))
        inside = np.flatnonzero((local[pairs.i] >= 0) & (local[pairs.j] >= 0))
        pools.append(_pool(frame.iloc[rows], pairs, inside, local, settings, wishes, together[rows], broken[rows]))
    return pools


def measures_of(frame: pd.DataFrame, settings: BundleSettings) -> tuple[Measure, ...]:
    """The sums with limits: households, floor area (unknown counts as none), margin against the fixed costs.

    An anchor's own values do not count; its bundle has no lower limits, and its room in place of the most households.
    """
    anchored = settings.way == "anchor"
    own = frame["anchor"].to_numpy(dtype=bool) if anchored else np.zeros(len(frame), dtype=bool)
    counts, money = settings.viability != "money", settings.viability != "households"

    def measure(name: str, values: Ints, low: int | None, high: int | None) -> Measure:
        return Measure(name, tuple(int(v) for v in np.where(own, 0, values)), None if anchored else low, high)  # type: ignore[arg-type]

    households = frame["households"].to_numpy(dtype=np.int64)
    found = [
        measure(
            "households",
            households,
            settings.min_households if counts else None,
            None if anchored else settings.max_households,
        )
    ]
    least, most = settings.min_floor_area_m2, settings.max_floor_area_m2
    if least is not None or most is not None:
        area = np.nan_to_num(frame["floor_area_m2"].to_numpy(dtype=float, na_value=math.nan))
        units = np.round(area * AREA_UNITS).astype(np.int64)
        low = None if least is None else math.ceil(least * AREA_UNITS - _EPSILON)
        found.append(
            measure("floor_area", units, low, None if most is None else math.floor(most * AREA_UNITS + _EPSILON))
        )
    if money and settings.costs is not None and not anchored:
        margin = frame["margin_yuan"].to_numpy(dtype=np.int64)
        found.append(measure("margin", margin, math.ceil(settings.costs.fixed - _EPSILON), None))
    return tuple(one for one in found if one.low is not None or one.high is not None)


def _pool(
    frame: pd.DataFrame,
    pairs: Pairs,
    inside: Ints,
    local: Ints,
    settings: BundleSettings,
    wishes: Sequence[Wish],
    together: Ints,
    broken: Bools,
) -> Pool:
    n = len(frame)
    i, j = local[pairs.i[inside]], local[pairs.j[inside]]
    distance = np.full((n, n), np.inf)
    distance[i, j] = distance[j, i] = np.round(pairs.distance_m[inside], 1)
    np.fill_diagonal(distance, 0.0)
    a, b = (rows.ravel() for rows in np.indices((n, n)))
    differ = never_together(frame, a, b, settings) | wish_apart(frame, a, b, wishes)
    apart = differ.reshape(n, n) | (distance > settings.max_diameter_m + _EPSILON)
    apart |= broken[:, None] | broken[None, :]
    np.fill_diagonal(apart, False)
    free = ~(apart | wish_unlinked(frame, a, b, wishes).reshape(n, n))

    def within(longest: float) -> Bools:
        matrix = np.zeros((n, n), dtype=bool)
        matrix[i, j] = matrix[j, i] = pairs.allowed[inside] & (pairs.distance_m[inside] <= longest + _EPSILON)
        matrix &= free
        np.fill_diagonal(matrix, True)
        return matrix

    star = settings.compact != "chain"
    anchored = settings.way == "anchor"
    anchors = frame["anchor"].to_numpy(dtype=bool) if anchored else np.zeros(n, dtype=bool)
    households = frame["households"].to_numpy(dtype=np.int64)
    grids = pd.factorize(frame["grid_id"])[0] if settings.keep_grids else np.full(n, -1)
    wanted = [estate for wish in wishes if wish.kind == "force" for estate in wish.estates]
    return Pool(
        ids=tuple(str(one) for one in frame.index),
        weight=np.where(anchors, 0, households),
        measures=measures_of(frame, settings),
        grids=np.asarray(grids, dtype=np.int64),
        distance_m=distance,
        linked=within(settings.radius_m) if star else ~apart,
        apart=apart,
        touch=within(settings.link_m) if settings.compact != "medoid" else None,
        star=star,
        anchored=anchored,
        anchors=anchors,
        room=frame["room"].to_numpy(dtype=np.int64) * anchors if anchored else np.zeros(n, dtype=np.int64),
        together=together,
        forced=frame.index.isin(wanted),
        max_estates=settings.max_estates,
    )


def _together(frame: pd.DataFrame, batch: Ints, wishes: Sequence[Wish]) -> tuple[Ints, Bools]:
    """Number of the set that each row must stay with (-1 none), and whether a part of the set is out of reach.

    Wishes that share an estate make one set.
    """
    sets: list[set[str]] = []
    for wish in wishes:
        if wish.kind == "together":
            one = set(wish.estates)
            for other in [other for other in sets if other & one]:
                sets.remove(other)
                one |= other
            sets.append(one)
    number, broken = np.full(len(frame), -1), np.zeros(len(frame), dtype=bool)
    for k, one in enumerate(sorted(sets, key=min)):
        inside = frame.index.isin(list(one))
        number[inside] = k
        broken[inside] = inside.sum() < len(one) or len(np.unique(batch[inside])) > 1
    return number, broken


def _batches(frame: pd.DataFrame, settings: BundleSettings) -> Ints:
    """Number of the group of lead units that each row belongs to, by the smallest estate id in it."""
    leads = pd.factorize(frame["lead"])[0]
    n = int(leads.max()) + 1 if len(leads) else 0
    grids = pd.factorize(frame["grid_id"])[0] if settings.keep_grids else np.full(len(frame), -1)
    held = grids >= 0
    size = n + (int(grids.max()) + 1 if held.any() else 0)
    if not size:
        return np.empty(0, dtype=np.int64)
    ties = coo_matrix((np.ones(int(held.sum())), (leads[held], n + grids[held])), shape=(size, size))
    _, label = connected_components(ties, directed=False)
    return np.asarray(pd.factorize(label[leads])[0], dtype=np.int64)
