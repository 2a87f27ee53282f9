"""Why a candidate ended in no bundle: nothing near, too few households in reach, or others were worth more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planning.bundles.exact import Search
from planning.bundles.graph import Pool, bits
from planning.bundles.propose import Answer
from planning.bundles.types import BundleSettings, FallbackKind

_BUDGET = 20_000
"""Sets examined at most to find the largest bundle round an estate; then the simple upper limit is told."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Kind and Chinese sentence."""

    kind: FallbackKind
    text: str


def structural(pool: Pool, row: int, settings: BundleSettings) -> Reason:
    """The reason of a candidate that no bundle at all could take in, or that is taken for such."""
    if pool.linked[row].sum() <= 1:
        return Reason("no_neighbour", f"{settings.radius_m:,.0f}米内没有可以同包的小区")
    most = most_households(pool, row, settings.max_estates)
    n = int(pool.linked[row].sum()) - 1
    missing = settings.min_households - most
    if missing <= 0:
        return Reason("too_few_households", f"可同包的小区有{n}个，但彼此不相容，凑不足{settings.min_households}户")
    return Reason(
        "too_few_households",
        f"与可同包的{n}个小区合计最多{most}户，离{settings.min_households}户还差{missing}户",
    )


def displaced(
    answer: Answer,
    pool: Pool,
    estate: str,
    settings: BundleSettings,
    names: Mapping[str, str],
    *,
    seed: int,
    seconds: float,
) -> Reason:
    """The reason of a candidate that some bundle could take in: what taking it in would cost the others.

    The part is solved again with the estate forced into a bundle; without time for that the reason stays general.
    """
    part = answer.part
    row = part.ids.index(estate)
    solved = Search().run(part, answer.partition, seed=seed, seconds=seconds, forced=row)
    if not solved.feasible:
        return structural(pool, pool.ids.index(estate), settings)
    taken = next((mask for mask in solved.masks if mask >> row & 1), None)
    if taken is None:
        return Reason("left_over", "附近小区已按覆盖户数最多组合，纳入它的方案未及核算")
    company = "、".join(names[part.ids[other]] for other in bits(taken & ~(1 << row)))
    loss = answer.households - solved.households
    if loss > 0:
        sure = "" if solved.proven else "已知的方案中"
        return Reason("left_over", f"可与{company}组合，但{sure}总覆盖户数会减少{loss}户")
    if loss < 0:
        return Reason("left_over", f"可与{company}组合，总覆盖还能增加{-loss}户；本次计算时间不足，请延长后重算")
    return Reason("left_over", f"可与{company}组合替换现有方案，总覆盖户数相同，可人工比选")


def most_households(pool: Pool, row: int, max_estates: int) -> int:
    """Households of the largest set with the row that has a medoid and no two members apart, whatever the limits."""
    best = 0
    budget = [_BUDGET]
    for centre in np.flatnonzero(pool.linked[row]):
        near = pool.linked[centre] & ~pool.apart[row]
        near[[row, centre]] = False
        others = sorted(np.flatnonzero(near), key=lambda k: (-int(pool.weight[k]), int(k)))
        own = int(pool.weight[list({row, int(centre)})].sum())
        slots = max_estates - len({row, int(centre)})
        best = max(best, own + _grow(pool, [int(k) for k in others], slots, max(0, best - own), budget))
    return best


def _grow(pool: Pool, others: list[int], slots: int, floor: int, budget: list[int]) -> int:
    """Most households of at most ``slots`` of the rows (largest first), no two apart; ``floor`` if none beats it."""
    limit = sum(int(pool.weight[k]) for k in others[:slots])
    if limit <= floor or not others or slots <= 0:
        return max(floor, 0)
    clash = pool.apart[np.ix_(others, others)]
    if not clash.any() or budget[0] <= 0:
        return limit
    budget[0] -= 1
    best = floor
    for position, first in enumerate(others):
        rest = [k for k in others[position + 1 :] if not pool.apart[first, k]]
        own = int(pool.weight[first])
        if own + sum(int(pool.weight[k]) for k in rest[: slots - 1]) > best:
            best = max(best, own + _grow(pool, rest, slots - 1, max(0, best - own), budget))
    return best
