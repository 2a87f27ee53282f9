"""Wishes that the rules leave no room for: found by the solver, told as the smallest set of wishes that clash."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import numpy as np

from geo.errors import InputError
from planning.bundles.engine.components import parts
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import bits
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import resume
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.types import Wish
from planning.bundles.wishes.conflicts import smallest
from planning.bundles.wishes.read import Demands, contradiction, read_wishes, wished

_MOST_SOLVED = 150
"""Subsets of wishes solved at most when looking for a smaller clash."""


class _Unknown(Exception):
    """The solver could not say in time."""


def refuse_impossible(
    prepared: Prepared, demands: Demands, answers: Sequence[Answer], *, seed: int, seconds: float
) -> None:
    """Do nothing if every forced estate is in a bundle, else say why that cannot be.

    Raises
    ------
    InputError
        Names the smallest set of wishes that cannot all be kept, if that is proven; else says that time ran out.
    """
    grid = sorted(demands.forced & demands.claimed.keys())
    if grid:
        estate = grid[0]
        forced = next(wish for wish in demands.wishes if wish.kind == "force" and estate in wish.estates)
        raise contradiction((forced, demands.claimed[estate]), prepared.names, "不能同时满足（网格不能拆分）")
    missing = {answer.part.ids[row] for answer in answers for row in bits(answer.part.forced & ~answer.partition.taken)}
    if not missing:
        return
    deadline = monotonic() + max(1.0, seconds)
    first = min(missing)
    rows = _tied(prepared, demands, first)
    near = {prepared.blocks[prepared.place[first][0]].pool.ids[row] for row in rows}
    wishes = [wish for wish in demands.wishes if near.intersection(wish.estates)]
    try:
        found = smallest(
            wishes, lambda some: _impossible(prepared, some, rows, first, seed, deadline), most_tried=_MOST_SOLVED
        )
    except _Unknown:
        found = ()
    if not found:
        names = "、".join(prepared.names[estate] for estate in sorted(missing))
        raise InputError(
            f"在规定时间内没有找到能纳入{names}的方案，也未能证明做不到",
            "请延长计算时间，或取消“必须纳入”；原方案没有改变",
        )
    raise contradiction(found, prepared.names, "在现行规则下不能同时满足" if len(found) > 1 else "现行规则不允许")


def _tied(prepared: Prepared, demands: Demands, estate: str) -> np.ndarray:
    """Rows of the estate's block whose bundles can bear on the estate's under the wishes."""
    number, row = prepared.place[estate]
    block = prepared.blocks[number]
    regions = {int(block.region[row])}
    while True:
        ids = {block.pool.ids[k] for k in block.rows_of(regions)}
        more = {one for together in demands.together if together & ids for one in together}
        wider = regions | prepared.regions_of(more).get(number, set())
        if wider == regions:
            return block.rows_of(regions)
        regions = wider


def _impossible(
    prepared: Prepared, wishes: Sequence[Wish], rows: np.ndarray, estate: str, seed: int, deadline: float
) -> bool:
    """Whether no set of bundles keeps these wishes, in the region of the estate.

    Raises
    ------
    _Unknown
        If the solver found neither a set of bundles nor a proof that there is none.
    """
    demands = read_wishes(prepared, wishes)
    if demands.forced & demands.claimed.keys():
        return True
    pool = wished(prepared.blocks[prepared.place[estate][0]].pool, rows, demands)
    for part in parts(pool):
        if not part.forced:
            continue
        start: Partition = resume(part, (), seed=seed)
        if not part.forced & ~start.taken:
            continue
        left = deadline - monotonic()
        if left <= 0:
            raise _Unknown
        solved = Search().run(part, start, seed=seed, seconds=left)
        if not solved.feasible:
            return True
        if not solved.forced_in:
            raise _Unknown
    return False
