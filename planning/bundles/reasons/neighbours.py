"""The nearest estates of those left over, and which rule keeps each from joining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo.barrier_lines import Terrain
from geo.barriers import Pairs, nearest_pairs
from planning.bundles.candidates.pairs import forbidden_by, near_m
from planning.bundles.settings import BundleSettings
from planning.bundles.types import ForbiddenBy, Neighbour, Wish

N_SHOWN: Final = 5


def nearest(
    wanted: Sequence[str],
    frame: pd.DataFrame,
    terrain: Terrain,
    settings: BundleSettings,
    bundle_of: Mapping[str, str],
    wishes: Sequence[Wish] = (),
) -> dict[str, tuple[Neighbour, ...]]:
    """For each wanted estate the five nearest others (straight line), ordered by the walk to them.

    Where bundles need an anchor (以大带小), the others are the anchors: nobody else could bring the estate in.

    Parameters
    ----------
    wanted
        Ids in ``frame``, no anchors.
    frame
        All candidates and refused estates with a position (``Candidates.frame`` and ``.refused`` together).
    bundle_of
        Estate → bundle, to tell which neighbours can be joined only by dividing a grid.
    wishes
        What planners asked for: estates that they fixed or left out can be joined by nobody.
    """
    frame = frame.sort_index()
    rows = np.flatnonzero(frame.index.isin(list(wanted)))
    anchors = np.flatnonzero(frame["anchor"].to_numpy(dtype=bool)) if settings.way == "anchor" else None
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    pairs = nearest_pairs(lon, lat, rows, N_SHOWN, near_m(settings), terrain, anchors)
    found: dict[str, list[Neighbour]] = {str(frame.index[row]): [] for row in rows}
    rules = _rules(frame, pairs, settings, bundle_of, wishes)
    for i, j, distance, rule in zip(pairs.i, pairs.j, pairs.distance_m, rules, strict=True):
        found[str(frame.index[i])].append(Neighbour(str(frame.index[j]), round(float(distance), 1), rule))
    return {
        estate: tuple(sorted(near, key=lambda one: (one.distance_m, one.estate_id))) for estate, near in found.items()
    }


def _rules(
    frame: pd.DataFrame,
    pairs: Pairs,
    settings: BundleSettings,
    bundle_of: Mapping[str, str],
    wishes: Sequence[Wish],
) -> list[ForbiddenBy | None]:
    """What keeps the first of each pair from joining the second, the pair rules first."""
    closed = {estate for wish in wishes if wish.kind in ("fix", "leave_out") for estate in wish.estates}
    homes = _grid_homes(frame, bundle_of) if settings.keep_grids else {}
    grids = frame["grid_id"].to_numpy(dtype=object)
    anchored = settings.way == "anchor"
    room, households = (frame[name].to_numpy(dtype=np.int64) for name in ("room", "households"))
    found: list[ForbiddenBy | None] = []
    for i, j, rule in zip(pairs.i, pairs.j, forbidden_by(frame, pairs, settings, wishes), strict=True):
        other = str(frame.index[j])
        home, there = (None if pd.isna(grids[row]) else homes.get(grids[row]) for row in (i, j))
        if rule is None and other in closed:
            rule = "wish"
        if rule is None and home is not None and bundle_of.get(other, home) != home:
            rule = "grid"
        if rule is None and there is not None and other not in bundle_of:  # another bundle holds the neighbour's grid
            rule = "grid"
        if rule is None and anchored and households[i] > room[j]:
            rule = "room"
        found.append(rule)
    return found


def _grid_homes(frame: pd.DataFrame, bundle_of: Mapping[str, str]) -> dict[object, str]:
    """Grid → the bundle that holds estates of it."""
    grids = frame["grid_id"].dropna()
    return {grid: bundle_of[estate] for estate, grid in grids.items() if estate in bundle_of}
