"""The whole proposal: sort the uncovered estates, bundle the candidates, give every other one its reason and way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from data.profile import Profile
from geo.barrier_lines import Terrain
from geo.barriers import allowed_pairs
from geo.progress import Progress
from planning.bundles.candidates import Candidates, sort_candidates
from planning.bundles.explain import Reason, displaced, structural
from planning.bundles.graph import Pool, bits
from planning.bundles.neighbours import nearest
from planning.bundles.pairs import near_m, reach_m
from planning.bundles.pools import make_pools
from planning.bundles.propose import Answer, Proposal, propose
from planning.bundles.types import Bundle, BundlePlan, BundleSettings, Fallback, FallbackKind, Neighbour
from planning.bundles.words import binding_rule, neighbour_words, way_words
from planning.coverage import matches
from planning.coverage_types import CoverageState

VERIFY: Final = ("verify", "先核实并补齐台账，再定服务方式")
"""Id and words of the way for estates of which too little is known to propose any of the profile's."""
_TO_VERIFY: Final[frozenset[FallbackKind]] = frozenset({"unknown_state", "no_households", "no_position"})
_FORCED_S: Final = 2.0
"""Seconds for the question what taking one estate in would cost."""


class _Share:
    """A stretch of a longer work's progress."""

    def __init__(self, whole: Progress, begin: float, end: float) -> None:
        self._whole, self._begin, self._end = whole, begin, end

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    def update(self, share: float, text: str) -> None:
        self._whole.update(self._begin + (self._end - self._begin) * share, text)


def bundle(
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    profile: Profile,
    settings: BundleSettings,
    *,
    seed: int,
    seconds: float,
    progress: Progress,
) -> BundlePlan:
    """Proposals for all uncovered estates: each ends alone, in one bundle, or in fallback with reason and way.

    Parameters
    ----------
    estates, ways
        Canonical tables. Row order does not matter.
    states
        State of every estate (``Coverage.states``).
    stops
        Index estate id, columns ``lon``, ``lat`` (EPSG:4490): where the way to an estate ends (its gate).
    profile
        For the ways of fallback.
    seed, seconds
        Random seed and wall-clock guard of the search. Unless the guard or the user cuts the work short, the same
        input and seed give the same plan; the best so far is given when they do.
    """
    begun = monotonic()
    sorted_ = sort_candidates(estates, states, stops, settings)
    progress.update(0.02, "计算小区之间的步行距离和阻隔")
    terrain = Terrain.from_ways(ways, settings.barriers)
    lon, lat = (sorted_.frame[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    pairs = allowed_pairs(lon, lat, near_m(settings), terrain, reach_m(settings))
    pools = make_pools(sorted_.frame, pairs, settings)
    proposal = propose(pools, settings, seed=seed, seconds=seconds, progress=_Share(progress, 0.2, 0.85))
    bundles = _bundles(proposal, sorted_.frame, settings)
    fallback = _fallback(
        _reasons(pools, proposal, sorted_, settings, seed, begun + seconds, _Share(progress, 0.85, 0.95)),
        _neighbours(sorted_, bundles, terrain, settings),
        estates,
        states,
        profile,
    )
    progress.update(1.0, "打捆方案完成")
    return BundlePlan(
        settings=settings,
        bundles=bundles,
        alone=sorted_.alone,
        fallback=fallback,
        households_covered=proposal.households,
        bound=proposal.bound,
        proven=proposal.proven,
        straight_line=terrain.walk is None,
        seconds=monotonic() - begun,
        notes=sorted_.notes,
    )


# ---------------------------------------------------------------------------------------------------------- bundles


def _bundles(proposal: Proposal, frame: pd.DataFrame, settings: BundleSettings) -> tuple[Bundle, ...]:
    groups = [(answer, group) for answer in proposal.answers for group in answer.partition.groups.values()]
    found = []
    for answer, group in groups:
        rows = list(bits(group.mask))
        members = tuple(answer.part.ids[row] for row in rows)
        metres = answer.part.distance_m
        distances = tuple(round(metres[group.medoid][row], 1) for row in rows)
        diameter = round(max(metres[a][b] for a in rows for b in rows), 1)
        table = frame.loc[list(members)]
        found.append(
            Bundle(
                bundle_id="",
                unit_id=table["unit_id"].iloc[0],
                members=members,
                medoid=answer.part.ids[group.medoid],
                households=group.households,
                floor_area_m2=round(float(table["floor_area_m2"].sum()), 2),
                distances_m=distances,
                diameter_m=diameter,
                binding=binding_rule(group.households, len(members), max(distances), diameter, settings),
                needs_consent=tuple(table.index[table["consent"] == "unknown"]),
            )
        )
    found.sort(key=lambda one: (one.unit_id or "", one.members))
    return tuple(replace(one, bundle_id=f"B{number:03d}") for number, one in enumerate(found, start=1))


# --------------------------------------------------------------------------------------------------------- fallback


def _reasons(
    pools: list[Pool],
    proposal: Proposal,
    sorted_: Candidates,
    settings: BundleSettings,
    seed: int,
    deadline: float,
    progress: Progress,
) -> dict[str, Reason]:
    """Reason of every estate that is neither bundled nor alone."""
    reasons = {left.estate_id: Reason(left.kind, left.reason) for left in sorted_.left_out}
    names = dict(zip(sorted_.frame.index, sorted_.frame["name"], strict=True))
    answer_of: dict[str, Answer] = {}
    bundled: set[str] = set()
    for answer in proposal.answers:
        answer_of |= dict.fromkeys(answer.part.ids, answer)
        bundled |= {answer.part.ids[row] for row in bits(answer.partition.taken)}
    open_ = [(pool, row, estate) for pool in pools for row, estate in enumerate(pool.ids) if estate not in bundled]
    for number, (pool, row, estate) in enumerate(open_):
        progress.update(number / len(open_), "说明未打捆的原因")
        if estate not in answer_of:
            reasons[estate] = structural(pool, row, settings)
            continue
        left = 0.0 if progress.stopped else min(_FORCED_S, deadline - monotonic())
        reasons[estate] = displaced(answer_of[estate], pool, estate, settings, names, seed=seed, seconds=left)
    return reasons


def _neighbours(
    sorted_: Candidates, bundles: tuple[Bundle, ...], terrain: Terrain, settings: BundleSettings
) -> dict[str, tuple[Neighbour, ...]]:
    bundle_of = {member: one.bundle_id for one in bundles for member in one.members}
    frame = pd.concat([sorted_.frame, sorted_.refused]) if len(sorted_.refused) else sorted_.frame
    return nearest([estate for estate in frame.index if estate not in bundle_of], frame, terrain, settings, bundle_of)


def _fallback(
    reasons: Mapping[str, Reason],
    neighbours: Mapping[str, tuple[Neighbour, ...]],
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    profile: Profile,
) -> tuple[Fallback, ...]:
    rows = estates.loc[sorted(reasons)]
    names = dict(zip(estates.index, estates["name"], strict=True))
    known = pd.Series({estate: states[estate] for estate in rows.index}, dtype=object)
    chosen = np.full(len(rows), -1)
    for number, one in enumerate(profile.fallback_ways):
        fits = matches(rows, known, one.scope).to_numpy(dtype=bool)
        chosen[(chosen < 0) & fits] = number
    found = []
    for estate, number in zip(rows.index, chosen, strict=True):
        reason = reasons[estate]
        near = neighbours.get(estate, ())
        proposed = profile.fallback_ways[number] if number >= 0 else None
        if reason.kind in _TO_VERIFY:
            way_id, way = VERIFY
        else:
            way_id, way = (proposed.id, way_words(proposed)) if proposed else ("", "")
        found.append(
            Fallback(
                estate_id=estate,
                kind=reason.kind,
                reason=reason.text + _told(reason.kind, near, names),
                neighbours=near,
                way_id=way_id,
                way=way,
            )
        )
    return tuple(found)


def _told(kind: FallbackKind, near: tuple[Neighbour, ...], names: Mapping[str, str]) -> str:
    return f"；{neighbour_words(near, names)}" if kind == "no_neighbour" and near else ""
