"""The full reasons of a revised plan, asked for when somebody wants to read them: a revision only tells what binds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from time import monotonic

from geo.progress import SILENT, Progress
from planning.bundles.assemble import bundles_of
from planning.bundles.engine.partition import Partition
from planning.bundles.leftovers import leftovers
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.revision.region import parts_of, regions_of
from planning.bundles.types import BundlePlan
from planning.bundles.wishes.read import read_wishes, wished


def explain_again(
    prepared: Prepared,
    plan: BundlePlan,
    estates: Collection[str] = (),
    *,
    seed: int,
    seconds: float,
    progress: Progress = SILENT,
) -> BundlePlan:
    """The same plan with slacks, additions and alternatives of every bundle that lacks them, and better reasons.

    Parameters
    ----------
    prepared, plan
        As for `revise`.
    estates
        Uncovered estates for which to find out, as far as time allows, what taking them in would cost.
    seconds
        Wall-clock guard.
    """
    begun = monotonic()
    demands = read_wishes(prepared, plan.wishes)
    bare = {one.bundle_id for one in plan.bundles if not one.slacks and not one.by_hand}
    asked = {member for one in plan.bundles if one.bundle_id in bare for member in one.members} | set(estates)
    told = {}
    pools, answers = [], []
    home = {member: one for one in plan.bundles if not one.by_hand for member in one.members}
    for number, regions in sorted(regions_of(prepared, demands, demands, frozenset(asked)).items()):
        block = prepared.blocks[number]
        rows = block.rows_of(regions)
        pools.append(wished(block.pool, rows, demands))
        for part in parts_of(prepared, number, rows, demands, pools[-1]):
            at = {estate: row for row, estate in enumerate(part.ids)}
            own = {one.bundle_id: one for estate in part.ids if (one := home.get(estate))}
            masks = {name: sum(1 << at[member] for member in one.members) for name, one in own.items()}
            partition = Partition.of(part, tuple(masks.values()))
            answer = Answer(part, partition, partition.score.households)
            answers.append(answer)
            keys = {group.mask: key for key, group in partition.groups.items()}
            for name in sorted(bare & own.keys()):
                (one,) = bundles_of(answer, prepared, [keys[masks[name]]])
                told[name] = replace(one, bundle_id=name)
    bundles = tuple(told.get(one.bundle_id, one) for one in plan.bundles)
    left = {one.estate_id for one in plan.fallback} & set(estates)
    fallback = plan.fallback
    if left:
        found = leftovers(
            prepared,
            demands,
            pools,
            answers,
            bundles,
            left,
            seed=seed,
            seconds=begun + seconds - monotonic(),
            progress=progress,
        )
        better = {one.estate_id: one for one in found}
        fallback = tuple(better.get(one.estate_id, one) for one in plan.fallback)
    return replace(plan, bundles=bundles, fallback=fallback)
