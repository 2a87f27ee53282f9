"""The whole proposal: sort the estates, bundle the candidates, give every other one its reason and way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

import geopandas as gpd
import numpy as np
import pandas as pd

from data.profile import Profile
from geo.errors import InputError
from geo.progress import Progress, Share
from planning.bundles.assemble import bundles_of, numbered, open_parts, proof_of, unit_proofs
from planning.bundles.leftovers import leftovers
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.proposal.propose import propose
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Alone, Bundle, BundlePlan, Wish
from planning.bundles.wishes.by_hand import broken_rules, fixed_bundle
from planning.bundles.wishes.clash import refuse_impossible
from planning.bundles.wishes.read import Demands, read_wishes, still_meant, wish_words, wished
from planning.bundles.words import listed
from planning.coverage_types import CoverageState
from planning.violations import Violation


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
    companies: pd.DataFrame | None = None,
    wishes: Sequence[Wish] = (),
) -> BundlePlan:
    """Proposals for all estates that the way is about: each ends alone, in one bundle, or in fallback with reason and way.

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
    seed, seconds, wishes
        As in `solve`.
    """
    ready = prepare(estates, states, stops, ways, profile, settings, companies, progress=Share(progress, 0.0, 0.2))
    return solve(ready, wishes, seed=seed, seconds=seconds, progress=Share(progress, 0.2, 1.0))


def solve(
    prepared: Prepared,
    wishes: Sequence[Wish] = (),
    *,
    seed: int,
    seconds: float,
    progress: Progress,
    before: BundlePlan | None = None,
) -> BundlePlan:
    """The best plan under the settings and wishes.

    Parameters
    ----------
    seed, seconds
        Random seed and wall-clock guard of the search. Unless the guard or the user cuts the work short, the same
        input and seed give the same plan; the best so far is given when they do.
    before
        An earlier plan, whose bundles keep their ids where they come back. Those of its wishes that the data no longer
        bear are put aside, with a note.

    Raises
    ------
    InputError
        If wishes are meaningless, contradict each other or the rules (the smallest such set is named), a fixed bundle
        breaks a rule without a reason, or there was not enough time to fulfil the wishes.
    """
    begun = monotonic()
    inherited = () if before is None else before.wishes
    kept, dropped = still_meant(prepared, [wish for wish in wishes if wish in inherited])
    demands = read_wishes(prepared, [wish for wish in wishes if wish in kept or wish not in inherited])
    pools = [wished(block.pool, np.arange(len(block.pool.ids)), demands) for block in prepared.blocks]
    refuse_impossible(prepared, demands, (), seed=seed, seconds=seconds)
    proposal = propose(pools, prepared.settings, seed=seed, seconds=seconds, progress=Share(progress, 0.0, 0.8))
    refuse_impossible(prepared, demands, proposal.answers, seed=seed, seconds=seconds)
    found = [one for answer in proposal.answers for one in bundles_of(answer, prepared)]
    made, last = numbered([*found, *(fixed_bundle(prepared, wish) for wish in demands.fixed)], before, anew=True)
    refuse_unexplained(prepared, made, unexplained(prepared, made))
    fallback = leftovers(
        prepared,
        demands,
        pools,
        proposal.answers,
        made,
        seed=seed,
        seconds=begun + seconds - monotonic(),
        progress=Share(progress, 0.8, 0.98),
    )
    still_open = open_parts(proof_of(answer) for answer in proposal.answers)
    units = unit_proofs(prepared, made, still_open)
    progress.update(1.0, "打捆方案完成")
    in_bundles = {member for one in made for member in one.members}
    covered = sum(one.households for one in made)
    given_up = sum(unit.given_up for unit in units)
    bound = sum(unit.bound for unit in units)
    return BundlePlan(
        settings=prepared.settings,
        bundles=made,
        alone=alone(prepared, in_bundles),
        fallback=fallback,
        households_covered=covered,
        bound=bound,
        proven=bound == covered + given_up,
        straight_line=prepared.terrain.walk is None,
        seconds=monotonic() - begun,
        notes=(*prepared.candidates.notes, *dropped, *notes_of(prepared, demands)),
        units=units,
        wishes=demands.wishes,
        given_up=given_up,
        open_parts=still_open,
        last_number=last,
    )


def alone(prepared: Prepared, bundled: set[str]) -> tuple[Alone, ...]:
    """Estates to be tendered by themselves, without those that a planner put into a bundle."""
    return tuple(one for one in prepared.candidates.alone if one.estate_id not in bundled)


def unexplained(prepared: Prepared, bundles: Sequence[Bundle]) -> tuple[Violation, ...]:
    """Rules that bundles made by hand break although nobody said why."""
    return tuple(
        violation
        for one in bundles
        if one.by_hand and not one.reason
        for violation in broken_rules(prepared, one, bundles)
    )


def refuse_unexplained(prepared: Prepared, bundles: Sequence[Bundle], broken: Sequence[Violation]) -> None:
    """Ask for the reasons that are missing; a bundle is named by its members.

    Raises
    ------
    InputError
        If there are any.
    """
    if broken:
        members = {one.bundle_id: one.members for one in bundles}
        told = "；".join(
            dict.fromkeys(
                f"{listed([prepared.names.get(m, m) for m in members.get(one.subject, ())])}：{one.message}"
                for one in broken
            )
        )
        raise InputError(
            f"人工固定的单元不符合规则，但没有写理由：{told}",
            "请在“人工要求”中解除这些固定再求解；仍要这样组合的，求解后再调整并写明理由",
        )


def notes_of(prepared: Prepared, demands: Demands) -> tuple[str, ...]:
    """What a reader must know of the wishes: sets that can only stay out together."""
    frame = prepared.candidates.frame
    found = []
    for wish in demands.wishes:
        if wish.kind == "together" and any(one in demands.gone or one not in frame.index for one in wish.estates):
            found.append(f"“{wish_words(wish, prepared.names)}”：其中有小区不在可组合之列，其余也都不纳入")
    return tuple(found)
