"""Estates in no bundle: each with its reason, its nearest neighbours and the way that the profile has for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from time import monotonic

import pandas as pd

from geo.progress import Progress
from planning.bundles.engine.graph import Pool
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.reasons.explain import Reason, uncovered
from planning.bundles.reasons.fallback import fallback_list
from planning.bundles.reasons.neighbours import nearest
from planning.bundles.types import Bundle, Fallback, Neighbour
from planning.bundles.wishes.read import Demands
from planning.bundles.words import neighbour_words


def leftovers(
    prepared: Prepared,
    demands: Demands,
    pools: Sequence[Pool],
    answers: Sequence[Answer],
    bundles: Sequence[Bundle],
    wanted: Collection[str] | None = None,
    *,
    seed: int,
    seconds: float,
    progress: Progress,
) -> tuple[Fallback, ...]:
    """What is to become of the estates that are in none of the bundles and not large enough to stand alone.

    Parameters
    ----------
    pools, answers
        With the wishes written in, as they were solved.
    bundles
        All of the plan, those made by hand among them.
    wanted
        Only these estates; by default all. Their pools and answers must be given.
    seconds
        For asking what taking an estate in would cost; without time the reason stays general.
    """
    bundled = {member for one in bundles for member in one.members}
    reasons = _wished_reasons(demands, prepared)
    for left in prepared.candidates.left_out:
        if left.estate_id not in reasons:
            reasons[left.estate_id] = Reason(left.kind, left.reason)
    deadline = monotonic() + seconds
    reasons |= uncovered(
        pools, answers, prepared.settings, prepared.names, wanted, seed=seed, deadline=deadline, progress=progress
    )
    anchors = prepared.candidates.frame.index[prepared.candidates.frame["anchor"].to_numpy(dtype=bool)]
    gone = bundled | set(anchors) | prepared.standing_alone
    open_ = {
        estate: reason
        for estate, reason in reasons.items()
        if estate not in gone and (wanted is None or estate in wanted)
    }
    near = _neighbours(prepared, demands, bundles, open_)
    return fallback_list(open_, near, prepared.estates, prepared.states, prepared.profile, prepared.settings.way)


def seen_anew(
    prepared: Prepared, demands: Demands, bundles: Sequence[Bundle], kept: Sequence[Fallback]
) -> tuple[Fallback, ...]:
    """Leftovers whose reasons stand, with what is said of their neighbours as the wishes are now."""
    near = _neighbours(prepared, demands, bundles, [one.estate_id for one in kept])
    found = []
    for one in kept:
        now = near.get(one.estate_id, ())
        before, after = (neighbour_words(some, prepared.names).split("：", 1)[1] for some in (one.neighbours, now))
        found.append(replace(one, neighbours=now, reason=one.reason.replace(before, after) if before else one.reason))
    return tuple(found)


def _wished_reasons(demands: Demands, prepared: Prepared) -> dict[str, Reason]:
    """Of candidates that the wishes keep out of all pools."""
    found = {}
    for estate, wish in demands.left_out.items():
        if estate in prepared.place:
            why = f"：{wish.reason.strip()}" if wish.reason.strip() else ""
            found[estate] = Reason("left_out", f"人工要求不纳入服务单元{why}")
    for estate, wish in demands.claimed.items():
        names = "、".join(prepared.names[one] for one in wish.estates)
        found[estate] = Reason("left_over", f"所在网格已由固定的服务单元（{names}）占用，并入其他单元会拆分网格")
    return found


def _neighbours(
    prepared: Prepared, demands: Demands, bundles: Sequence[Bundle], open_: Collection[str]
) -> dict[str, tuple[Neighbour, ...]]:
    bundle_of = {member: one.bundle_id for one in bundles for member in one.members}
    found = prepared.candidates
    frame = pd.concat([found.frame, found.refused]) if len(found.refused) else found.frame
    wanted = [estate for estate in frame.index if estate in open_]
    return nearest(wanted, frame, prepared.terrain, prepared.settings, bundle_of, demands.wishes)
