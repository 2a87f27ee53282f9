"""Why a candidate ended in no bundle: nothing near, too little in reach, or others would have to leave for it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import numpy as np

from geo.progress import Progress
from planning.bundles.candidates.pools import AREA_UNITS
from planning.bundles.engine.exact import Search, Solved
from planning.bundles.engine.graph import Measure, Pool, bits
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import resume
from planning.bundles.proposal.propose import Answer
from planning.bundles.reasons.reach import Reach
from planning.bundles.reasons.work import Work
from planning.bundles.settings import BundleSettings
from planning.bundles.types import FallbackKind
from planning.bundles.words import listed, metres, yuan

_FORCED_S: Final = 2.0
"""Seconds at most for the question what taking one estate in would cost: a guard, the work below ends sooner."""
_FORCED_WORK: Final = 0.3
"""CP-SAT's deterministic time for the same."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Kind, Chinese sentence, and the estates that would leave the bundles if this one were taken in."""

    kind: FallbackKind
    text: str
    displaces: tuple[str, ...] = ()


def uncovered(
    pools: Sequence[Pool],
    answers: Sequence[Answer],
    settings: BundleSettings,
    names: Mapping[str, str],
    wanted: Collection[str] | None = None,
    *,
    seed: int,
    deadline: float,
    progress: Progress,
) -> dict[str, Reason]:
    """Reason of every candidate of the pools that is in none of the answers' bundles; anchors need none.

    Parameters
    ----------
    pools, answers
        Candidates with the wishes written in, and the solved parts of these pools.
    names
        Estate id → name, of all candidates.
    wanted
        Only these estates; by default all.
    seed, deadline
        Random seed; moment (``time.monotonic``) after which no more parts are solved again: the rest is told as not
        computed.
    """
    answer_of = {estate: answer for answer in answers for estate in answer.part.ids}
    bundled = {answer.part.ids[row] for answer in answers for row in bits(answer.partition.taken)}
    reasons: dict[str, Reason] = {}
    later: list[tuple[Reach, int]] = []
    work = Work()
    for pool in pools:
        reach = Reach(pool, work)
        for row in np.flatnonzero(~pool.anchors):
            estate = pool.ids[row]
            if estate in bundled or (wanted is not None and estate not in wanted):
                continue
            if estate in answer_of:
                later.append((reach, int(row)))
            else:
                reasons[estate] = structural(reach, int(row), settings, names)
    return reasons | _displaced(later, answer_of, settings, names, seed, deadline, progress)


# ------------------------------------------------------------------------------------------------------- structural


def structural(reach: Reach, row: int, settings: BundleSettings, names: Mapping[str, str]) -> Reason:
    """The reason of a candidate that no bundle at all could take in."""
    pool = reach.pool
    must = reach.staying(row)
    fellows = [names[pool.ids[other]] for other in bits(must & ~(1 << row))]
    prefix = f"人工要求与{listed(fellows)}同捆，" if fellows else ""
    if not reach.compatible(must):
        return Reason("no_neighbour", f"{prefix}但它们不能同捆")
    if pool.anchored:
        return _without_anchor(reach, row, must, prefix, settings, names)
    others, exact = reach.company(must)
    if not others and not fellows:
        return Reason("no_neighbour", _nobody(pool, row, settings))
    n = f"{others.bit_count()}个" if exact else f"至多{others.bit_count()}个"
    company = f"与可同捆的{n}小区合计" if others else "合计"
    found = [one for one in (_missing(reach, must, company, measure) for measure in pool.measures) if one is not None]
    if found:
        return Reason(found[0].kind, prefix + "；".join(one.text for one in found))
    return Reason("no_combination", f"{prefix}{_no_combination(reach, must, n)}")


def _nobody(pool: Pool, row: int, settings: BundleSettings) -> str:
    if pool.star and pool.linked[row].sum() <= 1:
        return f"步行{metres(settings.radius_m)}内没有可以同捆的小区"
    if pool.touch is not None and pool.touch[row].sum() <= 1:
        return f"步行{metres(settings.link_m)}内没有可以连片的小区"
    return "附近没有一个小区能与它同捆：要么不在中心小区的半径内，要么不连片"


def _missing(reach: Reach, must: int, company: str, measure: Measure) -> Reason | None:
    """What is missing even in the largest company; ``None`` if enough is in reach."""
    if measure.low is None:
        return None
    most, exact = reach.most(must, measure)
    missing = measure.low - most
    if missing <= 0:
        return None
    at_most, least = ("最多", "还差") if exact else ("至多", "至少还差")
    if measure.name == "households":
        return Reason("too_few_households", f"{company}{at_most}{most}户，离{measure.low}户{least}{missing}户")
    if measure.name == "margin":
        text = f"{company}每年收入减服务成本{at_most}{yuan(most)}，不够服务点成本{yuan(measure.low)}，{least}{yuan(missing)}"
        return Reason("too_little_income", text)
    area = f"{most / AREA_UNITS:,.0f}平方米，离{measure.low / AREA_UNITS:,.0f}平方米{least}{missing / AREA_UNITS:,.0f}平方米"
    return Reason("too_few_households", f"{company}建筑面积{at_most}{area}")


def _no_combination(reach: Reach, must: int, n: str) -> str:
    for measure in reach.pool.measures:
        own = sum(measure.values[row] for row in bits(must))
        if measure.high is not None and own > measure.high and min(measure.values) >= 0:
            unit = AREA_UNITS if measure.name == "floor_area" else 1
            word, suffix = ("建筑面积", "平方米") if measure.name == "floor_area" else ("", "户")
            who = "这些小区共" if must.bit_count() > 1 else "本小区"
            return f"{who}{word}{own / unit:,.0f}{suffix}，超过一捆的上限{measure.high / unit:,.0f}{suffix}"
    return f"可同捆的小区有{n}，但没有一种组合能同时满足户数、个数等全部条件"


def _without_anchor(
    reach: Reach, row: int, must: int, prefix: str, settings: BundleSettings, names: Mapping[str, str]
) -> Reason:
    pool = reach.pool
    anchors = list(bits(reach.anchors_for(must)))
    if not anchors:
        near = settings.radius_m if pool.star else settings.link_m
        return Reason("no_neighbour", f"{prefix}步行{metres(near)}内没有可以带它的在管小区")
    load = sum(int(pool.weight[one]) for one in bits(must))
    best = max(anchors, key=lambda one: (int(pool.room[one]), -one))
    room = int(pool.room[best])
    if load > room:
        text = f"可带它的在管小区有{len(anchors)}个，余量最大的{names[pool.ids[best]]}还可接{room}户，"
        return Reason(
            "no_room",
            f"{prefix}{text}{'这些小区共' if must.bit_count() > 1 else '本小区'}{load}户，多出{load - room}户",
        )
    return Reason(
        "no_combination", f"{prefix}可带它的在管小区有{len(anchors)}个，但没有一种组合能同时满足余量、个数等全部条件"
    )


# -------------------------------------------------------------------------------------------------------- displaced


def _displaced(
    later: Sequence[tuple[Reach, int]],
    answer_of: Mapping[str, Answer],
    settings: BundleSettings,
    names: Mapping[str, str],
    seed: int,
    deadline: float,
    progress: Progress,
) -> dict[str, Reason]:
    """Reasons of candidates that some bundle might take in, each by solving its part again with it forced in."""
    searches: list[Search] = []
    found: dict[str, Reason] = {}

    def solve(estate: str) -> Solved | None:
        answer, left = answer_of[estate], deadline - monotonic()
        if progress.stopped or left <= 0:
            return None
        searches.append(Search(_FORCED_WORK))
        return _forced(answer, answer.part.ids.index(estate), searches[-1], seed, min(_FORCED_S, left))

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        futures: list[tuple[Reach, int, Future[Solved | None]]] = [
            (reach, row, threads.submit(solve, reach.pool.ids[row])) for reach, row in later
        ]
        try:
            for number, (reach, row, future) in enumerate(futures):
                progress.update(number / len(futures), "核算未打捆小区的代价")
                estate = reach.pool.ids[row]
                found[estate] = displaced(answer_of[estate], reach, row, future.result(), settings, names)
        except BaseException:
            for _, _, future in futures:
                future.cancel()
            for search in searches:
                search.stop()
            raise
    return found


def _forced(answer: Answer, row: int, search: Search, seed: int, seconds: float) -> Solved:
    """The part with one more row that must be in a bundle: most households, then fewest estates that change.

    First by local search from the plan's bundles, then by CP-SAT from there, which also says whether it can be at all.
    """
    part = replace(answer.part, forced=answer.part.forced | 1 << row)
    masks = answer.partition.masks()
    hint = resume(part, masks, seed=seed)
    keep = Partition.of(part, masks)
    return search.run(part, hint, seed=seed, seconds=seconds, upper=answer.bound, keep=keep)


def displaced(
    answer: Answer, reach: Reach, row: int, solved: Solved | None, settings: BundleSettings, names: Mapping[str, str]
) -> Reason:
    """The reason of a candidate that some bundle could take in: what that would cost the others.

    Parameters
    ----------
    reach, row
        The candidate's pool and its row there.
    solved
        The part solved again with the candidate forced in; ``None``: no time for that.
    """
    part = answer.part
    here = part.ids.index(reach.pool.ids[row])
    if solved is not None and not solved.feasible:
        return structural(reach, row, settings, names)
    taken = None if solved is None else next((mask for mask in solved.masks if mask >> here & 1), None)
    if solved is None or taken is None or not solved.forced_in:
        return Reason("left_over", "附近有可同捆的小区，但方案没有纳入它；纳入的代价因计算时间用完未核算")
    loss = answer.households - solved.households
    after = 0
    for mask in solved.masks:
        after |= mask
    leaving = tuple(part.ids[other] for other in bits(answer.partition.taken & ~after & ~part.anchors))
    company = listed([names[part.ids[other]] for other in bits(taken & ~(1 << here))])
    out = f"，但{listed([names[one] for one in leaving])}要退出" if leaving else ""
    if loss > 0:
        text = f"可与{company}组合{out}，总覆盖{'' if solved.proven else '至多'}减少{loss}户"
    elif loss < 0:
        why = "就近方式为缩短步行没有纳入" if settings.mode == "near" else "本次计算时间不足，请延长后重算"
        text = f"可与{company}组合{out}，总覆盖还能增加{-loss}户（{why}）"
    else:
        text = f"可与{company}组合{out}，总覆盖户数不变，可人工比选"
    return Reason("left_over", text, leaving)
