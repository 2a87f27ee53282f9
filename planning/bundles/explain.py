"""Why a candidate ended in no bundle: nothing near, too little in reach, or others would have to leave for it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Final

import numpy as np

from geo.progress import Progress
from planning.bundles.exact import Search, Solved
from planning.bundles.graph import Measure, Pool, bits
from planning.bundles.partition import Partition
from planning.bundles.pools import AREA_UNITS
from planning.bundles.propose import Answer
from planning.bundles.reach import Reach
from planning.bundles.types import BundleSettings, FallbackKind
from planning.bundles.words import listed, metres, yuan

_FORCED_S: Final = 2.0
"""Seconds at most for the question what taking one estate in would cost."""


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
    for pool in pools:
        reach = Reach(pool)
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
    others = reach.company(must)
    if not others:
        near = settings.radius_m if pool.star and pool.linked[row].sum() <= 1 else settings.link_m
        word = "可以同捆" if near == settings.radius_m and pool.star else "可以连片"
        return Reason("no_neighbour", f"{prefix}步行{metres(near)}内没有{word}的小区")
    n = others.bit_count()
    found = [one for one in (_missing(reach, must, n, measure) for measure in pool.measures) if one is not None]
    if found:
        return Reason(found[0].kind, prefix + "；".join(one.text for one in found))
    return Reason("too_few_households", f"{prefix}{_no_combination(reach, must, n)}")


def _missing(reach: Reach, must: int, n: int, measure: Measure) -> Reason | None:
    """What is missing even in the largest company; ``None`` if enough is in reach."""
    if measure.low is None:
        return None
    most, exact = reach.most(must, measure)
    missing = measure.low - most
    if missing <= 0:
        return None
    at_most, least = ("最多", "还差") if exact else ("至多", "至少还差")
    company = f"与可同捆的{n}个小区"
    if measure.name == "households":
        return Reason("too_few_households", f"{company}合计{at_most}{most}户，离{measure.low}户{least}{missing}户")
    if measure.name == "margin":
        text = f"{company}合计每年收入减服务成本{at_most}{yuan(most)}，不够服务点成本{yuan(measure.low)}，{least}{yuan(missing)}"
        return Reason("too_little_income", text)
    area = f"{most / AREA_UNITS:,.0f}平方米，离{measure.low / AREA_UNITS:,.0f}平方米{least}{missing / AREA_UNITS:,.0f}平方米"
    return Reason("too_few_households", f"{company}建筑面积合计{at_most}{area}")


def _no_combination(reach: Reach, must: int, n: int) -> str:
    for measure in reach.pool.measures:
        own = sum(measure.values[row] for row in bits(must))
        if measure.high is not None and own > measure.high and min(measure.values) >= 0:
            unit = AREA_UNITS if measure.name == "floor_area" else 1
            word, suffix = ("建筑面积", "平方米") if measure.name == "floor_area" else ("", "户")
            return f"本小区{word}{own / unit:,.0f}{suffix}，超过一捆的上限{measure.high / unit:,.0f}{suffix}"
    return f"可同捆的小区有{n}个，但没有一种组合能同时满足户数、个数等全部条件"


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
        "no_room", f"{prefix}可带它的在管小区有{len(anchors)}个，但没有一种组合能同时满足余量、个数等全部条件"
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

    def solve(estate: str) -> Solved:
        answer = answer_of[estate]
        left = 0.0 if progress.stopped else min(_FORCED_S, deadline - monotonic())
        search = Search()
        searches.append(search)
        forced = answer.part.ids.index(estate)
        return search.run(answer.part, answer.partition, seed=seed, seconds=max(0.0, left), forced=forced)

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        futures: list[tuple[Reach, int, Future[Solved]]] = [
            (reach, row, threads.submit(solve, reach.pool.ids[row])) for reach, row in later
        ]
        try:
            for number, (reach, row, future) in enumerate(futures):
                progress.update(number / len(futures), "核算未打捆小区的代价")
                estate = reach.pool.ids[row]
                found[estate] = displaced(answer_of[estate], reach, row, future.result(), settings, names)
        except BaseException:
            for search in searches:
                search.stop()
            raise
    return found


def displaced(
    answer: Answer, reach: Reach, row: int, solved: Solved, settings: BundleSettings, names: Mapping[str, str]
) -> Reason:
    """The reason of a candidate that some bundle could take in: what that would cost the others.

    Parameters
    ----------
    reach, row
        The candidate's pool and its row there.
    solved
        The part solved again with the candidate forced in.
    """
    part, estate = answer.part, reach.pool.ids[row]
    here = part.ids.index(estate)
    if not solved.feasible:
        return structural(reach, row, settings, names)
    taken = next((mask for mask in solved.masks if mask >> here & 1), None)
    if taken is None or not solved.forced_in:
        return Reason("left_over", "附近有可同捆的小区，但方案没有纳入它；纳入的代价因计算时间用完未核算")
    loss = answer.households - solved.households
    masks = solved.masks
    if loss > 0:
        simple = _one_for_another(answer.partition, here, loss)
        if simple is not None:
            masks, taken = simple
    after = 0
    for mask in masks:
        after |= mask
    leaving = tuple(part.ids[other] for other in bits(answer.partition.taken & ~after & ~part.anchors))
    company = listed([names[part.ids[other]] for other in bits(taken & ~(1 << here))])
    out = f"，但{listed([names[one] for one in leaving])}要退出" if leaving else ""
    sure = "" if solved.proven else "就已算得的方案而言，"
    if loss > 0:
        text = f"可与{company}组合{out}，{sure}总覆盖{'' if solved.proven else '至多'}减少{loss}户"
    elif loss < 0:
        why = "就近方式为缩短步行没有纳入" if settings.mode == "near" else "本次计算时间不足，请延长后重算"
        text = f"可与{company}组合{out}，总覆盖还能增加{-loss}户（{why}）"
    else:
        text = f"可与{company}组合{out}，总覆盖户数不变，可人工比选"
    return Reason("left_over", text, leaving)


def _one_for_another(partition: Partition, row: int, loss: int) -> tuple[tuple[int, ...], int] | None:
    """The bundles with one member's place taken by the row at just this loss, and the bundle it is in, if there is such.

    Fewest estates change: of equal losses this is the one that a planner wants to hear of.
    """
    part = partition.part
    for key, group in sorted(partition.groups.items(), key=lambda one: one[1].metres):
        for member in bits(group.mask & ~part.anchors & ~part.forced):
            if part.weight[member] - part.weight[row] != loss:
                continue
            mask = group.mask & ~(1 << member) | 1 << row
            if partition.group_of(mask) is not None and not partition.divides_grid(mask, group.mask):
                rest = (other.mask for name, other in partition.groups.items() if name != key)
                return (*rest, mask), mask
    return None
