"""Which candidates may go together: the pair rules as the solver obeys them (``rules`` states them independently).

Of several rules that forbid a pair, the one told is the first of: unit, consent, type, fee, radius, barrier.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.barriers import BY_BARRIER, BY_RADIUS, Pairs
from planning.bundles.graph import Pool
from planning.bundles.types import BundleSettings, ForbiddenBy

Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]

_EPSILON: Final = 1e-9


def fee_apart(frame: pd.DataFrame, i: Rows, j: Rows, settings: BundleSettings) -> Bools:
    """Fees that differ by more than the window; an unknown fee (NaN) goes with any."""
    fees = frame["fee_yuan_m2"].to_numpy(dtype=float)
    return np.asarray(np.abs(fees[i] - fees[j]) > settings.fee_window_yuan_m2 + _EPSILON)


def type_apart(frame: pd.DataFrame, i: Rows, j: Rows, settings: BundleSettings) -> Bools:
    """Different estate types where the profile wants the same; an unknown type goes with any."""
    codes = pd.factorize(frame["estate_type"])[0]
    return np.asarray(settings.same_type & (codes[i] != codes[j]) & (codes[i] >= 0) & (codes[j] >= 0))


def unit_apart(frame: pd.DataFrame, i: Rows, j: Rows) -> Bools:
    """Different lead units."""
    codes = pd.factorize(frame["lead"])[0]
    return np.asarray(codes[i] != codes[j])


def consent_refused(frame: pd.DataFrame, i: Rows, j: Rows) -> Bools:
    """Owners of one of the two refused."""
    refused = (frame["consent"] == "no").to_numpy(dtype=bool)
    return np.asarray(refused[i] | refused[j])


def forbidden_by(frame: pd.DataFrame, pairs: Pairs, settings: BundleSettings) -> list[ForbiddenBy | None]:
    """The rule that keeps the two of each pair from being medoid and member; ``None`` where none does.

    Parameters
    ----------
    frame
        Rows of ``Candidates.frame`` or ``.refused``, in the order that the pairs count.
    """
    i, j = pairs.i, pairs.j
    far = pairs.distance_m > settings.max_diameter_m + _EPSILON
    told: list[tuple[ForbiddenBy, Bools]] = [
        ("unit", unit_apart(frame, i, j)),
        ("consent", consent_refused(frame, i, j)),
        ("type", type_apart(frame, i, j, settings)),
        ("fee", fee_apart(frame, i, j, settings)),
        ("radius", (pairs.verdict == BY_RADIUS) | (pairs.allowed & far)),
        ("barrier", pairs.verdict == BY_BARRIER),
    ]
    return [next((name for name, broken in told if broken[p]), None) for p in range(len(pairs))]


def reach_m(settings: BundleSettings) -> float:
    """How far apart two members of a bundle can be: walks beyond need not be known."""
    return max(settings.radius_m, min(settings.max_diameter_m, 2.0 * settings.radius_m))


def make_pools(frame: pd.DataFrame, pairs: Pairs, settings: BundleSettings) -> list[Pool]:
    """One pool for each lead unit; units that share a grid (which must not be divided) come together.

    Parameters
    ----------
    frame
        ``Candidates.frame``.
    pairs
        All pairs of its rows within `reach_m`.
    """
    batch = _batches(frame, settings)
    pools = []
    for number in range(int(batch.max()) + 1 if len(batch) else 0):
        rows = np.flatnonzero(batch == number)
        local = np.full(len(frame), -1)
        local[rows] = np.arange(len(rows))
        inside = np.flatnonzero((local[pairs.i] >= 0) & (local[pairs.j] >= 0))
        pools.append(_pool(frame.iloc[rows], pairs, inside, local, settings))
    return pools


def _pool(frame: pd.DataFrame, pairs: Pairs, inside: Rows, local: Rows, settings: BundleSettings) -> Pool:
    n = len(frame)
    i, j = local[pairs.i[inside]], local[pairs.j[inside]]
    distance = np.full((n, n), np.inf)
    distance[i, j] = distance[j, i] = np.round(pairs.distance_m[inside], 1)
    np.fill_diagonal(distance, 0.0)
    a, b = (rows.ravel() for rows in np.indices((n, n)))
    differ = unit_apart(frame, a, b) | type_apart(frame, a, b, settings) | fee_apart(frame, a, b, settings)
    apart = differ.reshape(n, n) | (distance > settings.max_diameter_m + _EPSILON)
    linked = np.zeros((n, n), dtype=bool)
    linked[i, j] = linked[j, i] = pairs.allowed[inside]
    linked &= ~apart
    np.fill_diagonal(linked, True)
    grids = pd.factorize(frame["grid_id"])[0] if settings.keep_grids else np.full(n, -1)
    return Pool(
        ids=tuple(str(one) for one in frame.index),
        households=frame["households"].to_numpy(dtype=np.int64),
        grids=np.asarray(grids, dtype=np.int64),
        distance_m=distance,
        linked=linked,
        apart=apart,
    )


def _batches(frame: pd.DataFrame, settings: BundleSettings) -> Rows:
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
