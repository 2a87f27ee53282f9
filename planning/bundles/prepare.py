"""All that bundles need and that no wish of a planner changes: who takes part, walks, barriers, allowed pairs.

It is the slow part, computed once for a city, a way and its limits; `plan.solve` and `revise.revise` use it again and
again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from data.profile import Profile
from geo.barrier_lines import Terrain
from geo.barriers import Pairs, allowed_pairs
from geo.progress import SILENT, Progress
from geo.roads import DETOUR
from planning.bundles.candidates.pairs import near_m, reach_m
from planning.bundles.candidates.pools import make_pools
from planning.bundles.candidates.sort import Candidates, LeftOut, sort_candidates
from planning.bundles.engine.graph import Part, Pool
from planning.bundles.settings import BundleSettings
from planning.coverage_types import CoverageState

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Block:
    """Candidates of one lead unit, or of several that share a grid, without any wish.

    ``region``: number of the region of each row, shape ``(n,)``. No bundle that keeps the rules has members of two
    regions, and no region's bundles bear on another's.
    """

    pool: Pool
    region: Rows

    def rows_of(self, regions: Collection[int]) -> Rows:
        """Rows of these regions, ascending."""
        return np.flatnonzero(np.isin(self.region, sorted(regions)))


@dataclass(frozen=True, eq=False)
class Walks:
    """Walks among some estates, in their order: metres, and what forbids each pair by its place.

    ``distance_m``, shape ``(n, n)``, finite; ``verdict`` as in `geo.barriers`; ``barrier``: name of what lies between;
    ``no_way``: pairs that no road joins (the distance is then the straight line × 1.3).
    """

    distance_m: NDArray[np.float64]
    verdict: NDArray[np.int8]
    barrier: NDArray[np.object_]
    no_way: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Prepared:
    """One way's bundles, ready to be solved. ``place``: estate → number of its block and row in it."""

    estates: pd.DataFrame
    states: Mapping[str, CoverageState]
    stops: pd.DataFrame
    profile: Profile
    settings: BundleSettings
    companies: pd.DataFrame | None
    candidates: Candidates
    terrain: Terrain
    pairs: Pairs
    blocks: tuple[Block, ...]
    place: Mapping[str, tuple[int, int]]
    memory: dict[object, tuple[Part, ...]] = field(default_factory=dict, repr=False)
    """Parts that were cut out last, for `region`; no part of the value."""
    _walks: dict[tuple[str, ...], Walks] = field(default_factory=dict, repr=False)

    @cached_property
    def names(self) -> dict[str, str]:
        """Estate id → name, of the whole register."""
        return dict(zip(self.estates.index, self.estates["name"], strict=True))

    @cached_property
    def standing_alone(self) -> frozenset[str]:
        """Estates that are large enough to be tendered by themselves."""
        return frozenset(one.estate_id for one in self.candidates.alone)

    @cached_property
    def left_out(self) -> dict[str, LeftOut]:
        """Estates that cannot take part, whatever their neighbours are."""
        return {one.estate_id: one for one in self.candidates.left_out}

    @cached_property
    def known(self) -> pd.DataFrame:
        """Facts of all estates that can be in a bundle, be it against the rules: columns of ``Candidates.frame``."""
        found = self.candidates
        frames = [frame for frame in (found.frame, found.refused, found.rest) if len(frame)]
        return pd.concat(frames).sort_index() if frames else found.frame

    def regions_of(self, estates: Collection[str]) -> dict[int, set[int]]:
        """Block → regions in which some of the estates are."""
        touched: dict[int, set[int]] = {}
        for estate in estates:
            if estate in self.place:
                block, row = self.place[estate]
                touched.setdefault(block, set()).add(int(self.blocks[block].region[row]))
        return touched

    def links(self) -> tuple[tuple[str, ...], Rows, Rows, NDArray[np.float64]]:
        """Pairs that may be joined, for a map: ids of the candidates, two rows and the walk of each pair."""
        ids: list[str] = []
        first: list[Rows] = []
        second: list[Rows] = []
        metres: list[NDArray[np.float64]] = []
        for block in self.blocks:
            pool = block.pool
            allowed = pool.linked if pool.touch is None or pool.star else pool.touch
            i, j = np.nonzero(np.triu(allowed, k=1))
            first.append(i + len(ids))
            second.append(j + len(ids))
            metres.append(pool.distance_m[i, j])
            ids += pool.ids
        if not self.blocks:
            nothing = np.empty(0, dtype=np.int64)
            return (), nothing, nothing, np.empty(0)
        return tuple(ids), np.concatenate(first), np.concatenate(second), np.concatenate(metres)

    def walks(self, members: tuple[str, ...]) -> Walks:
        """Walks among estates that need not be candidates: what a bundle made by hand is measured with.

        Raises
        ------
        ValueError
            If one of them has no position.
        """
        if members not in self._walks:
            self._walks[members] = self._measure(members)
        return self._walks[members]

    def _measure(self, members: tuple[str, ...]) -> Walks:
        n = len(members)
        stop = self.stops.loc[list(members)]
        lon, lat = (stop[name].to_numpy(dtype=float) for name in ("lon", "lat"))
        pairs = allowed_pairs(lon, lat, near_m(self.settings), self.terrain, np.inf)
        no_way = ~np.isfinite(pairs.distance_m)
        found = Walks(
            np.zeros((n, n)),
            np.zeros((n, n), dtype=np.int8),
            np.full((n, n), "", dtype=object),
            np.zeros((n, n), dtype=bool),
        )
        metres = np.round(np.where(no_way, pairs.straight_m * DETOUR, pairs.distance_m), 1)
        for a, b in ((pairs.i, pairs.j), (pairs.j, pairs.i)):
            found.distance_m[a, b] = metres
            found.verdict[a, b] = pairs.verdict
            found.barrier[a, b] = pairs.barrier
            found.no_way[a, b] = no_way
        return found


def prepare(
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    profile: Profile,
    settings: BundleSettings,
    companies: pd.DataFrame | None = None,
    *,
    terrain: Terrain | None = None,
    progress: Progress = SILENT,
) -> Prepared:
    """Sort the estates, walk between those that take part, and find which may be joined.

    Parameters
    ----------
    estates, ways, companies
        Canonical tables. Row order does not matter.
    states
        State of every estate (``Coverage.states``).
    stops
        Index estate id, columns ``lon``, ``lat`` (EPSG:4490): where the way to an estate ends (its gate).
    profile
        For the ways of fallback.
    terrain
        Of these ways and the barriers of the settings, where it is at hand already.
    """
    candidates = sort_candidates(estates, states, stops, settings, companies)
    progress.update(0.1, "计算小区之间的步行距离和阻隔")
    terrain = terrain or Terrain.from_ways(ways, settings.barriers)
    lon, lat = (candidates.frame[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    pairs = allowed_pairs(lon, lat, near_m(settings), terrain, reach_m(settings))
    blocks = tuple(Block(pool, _regions(pool)) for pool in make_pools(candidates.frame, pairs, settings))
    place = {estate: (b, row) for b, block in enumerate(blocks) for row, estate in enumerate(block.pool.ids)}
    progress.update(1.0, "距离和阻隔已算好")
    return Prepared(estates, states, stops, profile, settings, companies, candidates, terrain, pairs, blocks, place)


def _regions(pool: Pool) -> Rows:
    n = len(pool.ids)
    tied = pool.linked.copy() if pool.star or pool.touch is None else pool.touch.copy()
    held = np.flatnonzero(pool.grids >= 0)
    if len(held):
        tied[np.ix_(held, held)] |= pool.grids[held][:, None] == pool.grids[held][None, :]
    _, label = connected_components(coo_matrix(tied), directed=False) if n else (0, np.empty(0, dtype=np.int64))
    return np.asarray(label, dtype=np.int64)
