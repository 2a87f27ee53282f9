"""The nearest estates of those left over, and which rule keeps each from joining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo.barrier_lines import Terrain
from geo.barriers import nearest_pairs
from planning.bundles.pairs import forbidden_by
from planning.bundles.types import BundleSettings, Neighbour

N_SHOWN: Final = 5


def nearest(
    wanted: Sequence[str],
    frame: pd.DataFrame,
    terrain: Terrain,
    settings: BundleSettings,
    bundle_of: Mapping[str, str],
) -> dict[str, tuple[Neighbour, ...]]:
    """For each wanted estate the five nearest others (straight line), ordered by the walk to them.

    Parameters
    ----------
    wanted
        Ids in ``frame``.
    frame
        All candidates and refused estates with a position (``Candidates.frame`` and ``.refused`` together).
    bundle_of
        Estate → bundle, to tell which neighbours can be joined only by dividing a grid.
    """
    frame = frame.sort_index()
    rows = np.flatnonzero(frame.index.isin(list(wanted)))
    pairs = nearest_pairs(
        frame["lon"].to_numpy(dtype=float),
        frame["lat"].to_numpy(dtype=float),
        rows,
        N_SHOWN,
        settings.radius_m,
        terrain,
    )
    homes = _grid_homes(frame, bundle_of) if settings.keep_grids else {}
    found: dict[str, list[Neighbour]] = {str(frame.index[row]): [] for row in rows}
    for i, j, distance, rule in zip(
        pairs.i, pairs.j, pairs.distance_m, forbidden_by(frame, pairs, settings), strict=True
    ):
        estate, other = str(frame.index[i]), str(frame.index[j])
        home = homes.get(frame["grid_id"].iloc[i])
        divides = rule is None and home is not None and bundle_of.get(other, home) != home
        found[estate].append(Neighbour(other, round(float(distance), 1), "grid" if divides else rule))
    return {
        estate: tuple(sorted(near, key=lambda one: (one.distance_m, one.estate_id))) for estate, near in found.items()
    }


def _grid_homes(frame: pd.DataFrame, bundle_of: Mapping[str, str]) -> dict[object, str]:
    """Grid → the bundle that holds estates of it."""
    grids = frame["grid_id"].dropna()
    return {grid: bundle_of[estate] for estate, grid in grids.items() if estate in bundle_of}
