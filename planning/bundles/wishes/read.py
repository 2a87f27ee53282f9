"""What planners want (人工要求), read against the data, and written into the pools that a solver gets.

Each wish must speak of estates that take part; wishes that contradict each other by logic alone are named, the fewest of
them that do. Whether the rules leave room for the wishes is for the solver to say (`conflicts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geo.errors import Fault, InputError
from planning.bundles.engine.graph import Bools, Ints, Pool
from planning.bundles.prepare import Prepared
from planning.bundles.types import FallbackKind, Wish, WishKind
from planning.bundles.wishes.conflicts import contradict, smallest
from planning.bundles.words import WISH_WORDS

_NO_FACTS: Final[frozenset[FallbackKind]] = frozenset(
    {"unknown_state", "no_households", "no_position", "no_fee", "no_income"}
)
"""Too little is known of these estates to put them into a bundle even by hand."""


@dataclass(frozen=True)
class Demands:
    """Wishes that fit the data and do not contradict each other, sorted by what the solver does with them.

    ``gone``: estates that no pool holds, because they are fixed, left out, or in a grid that a fixed bundle keeps whole;
    ``left_out``: estate → wish; ``claimed``: estate → the fixed bundle's wish that claims its grid;
    ``together``: sets that share a bundle or stay out, no estate in two of them.
    """

    wishes: tuple[Wish, ...]
    fixed: tuple[Wish, ...]
    left_out: Mapping[str, Wish]
    claimed: Mapping[str, Wish]
    gone: frozenset[str]
    together: tuple[frozenset[str], ...]
    apart: tuple[frozenset[str], ...]
    no_neighbours: tuple[frozenset[str], ...]
    forced: frozenset[str]

    def about(self, estates: Iterable[str]) -> frozenset[tuple[WishKind, tuple[str, ...]]]:
        """What is wanted of any of the estates, whoever wants it and why."""
        named = set(estates)
        return frozenset((wish.kind, wish.estates) for wish in self.wishes if named.intersection(wish.estates))


def read_wishes(prepared: Prepared, wishes: Sequence[Wish]) -> Demands:
    """Sort the wishes.

    Raises
    ------
    InputError
        If one speaks of estates that cannot be meant, or some contradict each other; every fault is told.
    """
    faults = [fault for wish in wishes for fault in faults_of(prepared, wish)]
    if faults:
        raise InputError(faults)
    found = smallest(wishes, contradict)
    if found:
        raise contradiction(found, prepared.names)
    fixed = _once(wish for wish in wishes if wish.kind == "fix")
    members = {estate for wish in fixed for estate in wish.estates}
    left_out = {estate: wish for wish in wishes if wish.kind == "leave_out" for estate in wish.estates}
    claimed = {
        estate: wish for estate, wish in _claims(prepared, fixed).items() if estate not in members | left_out.keys()
    }
    return Demands(
        wishes=tuple(wishes),
        fixed=fixed,
        left_out=left_out,
        claimed=claimed,
        gone=frozenset(members | left_out.keys() | claimed.keys()),
        together=joined(wish.estates for wish in wishes if wish.kind == "together"),
        apart=tuple(frozenset(wish.estates) for wish in wishes if wish.kind == "apart"),
        no_neighbours=tuple(frozenset(wish.estates) for wish in wishes if wish.kind == "forbid_pair"),
        forced=frozenset(estate for wish in wishes if wish.kind == "force" for estate in wish.estates),
    )


def still_meant(prepared: Prepared, wishes: Sequence[Wish]) -> tuple[tuple[Wish, ...], tuple[str, ...]]:
    """The wishes that the data still bear, and a sentence for each that they no longer do."""
    kept: list[Wish] = []
    notes: list[str] = []
    for wish in wishes:
        faults = list(faults_of(prepared, wish))
        if faults:
            notes.append(f"人工要求“{wish_words(wish, prepared.names)}”不再适用，已停用：{faults[0].problem}")
        else:
            kept.append(wish)
    return tuple(kept), tuple(notes)


def wish_words(wish: Wish, names: Mapping[str, str]) -> str:
    """A wish as the screen calls it: which estates, and what is wanted of them."""
    return f"{'、'.join(names.get(estate, estate) for estate in wish.estates)}：{WISH_WORDS[wish.kind]}"


def contradiction(found: Sequence[Wish], names: Mapping[str, str], because: str = "互相矛盾") -> InputError:
    """The error that names wishes of which none could be given up and the others still clash."""
    told = "；".join(f"[{wish.wish_id}] {wish_words(wish, names)}" for wish in found)
    if len(found) == 1:
        return InputError(f"这项人工要求做不到（{because}）：{told}", "请取消它，或放宽规则后重新求解；原方案没有改变")
    remedy = "取消其中任何一项，其余的就不再互相冲突；原方案没有改变"
    return InputError(f"这{len(found)}项人工要求{because}：{told}", remedy)


# ------------------------------------------------------------------------------------------------ wishes and facts


def faults_of(prepared: Prepared, wish: Wish) -> Iterable[Fault]:
    """What makes a wish meaningless for the data as they are."""
    for estate in wish.estates:
        problem = _problem(prepared, wish.kind, estate)
        if problem:
            yield Fault(f"人工要求“{wish_words(wish, prepared.names)}”：{problem}", "请取消这项要求，或先更正台账")
    anchors = [one for one in wish.estates if one in prepared.place and _is_anchor(prepared, one)]
    if wish.kind == "fix" and len(anchors) > 1:
        names = "、".join(prepared.names[one] for one in anchors)
        yield Fault(
            f"人工要求“{wish_words(wish, prepared.names)}”：{names}都是带动小区，一个服务单元只能有一个",
            "请只留一个带动小区，其余的移出",
        )


def _problem(prepared: Prepared, kind: WishKind, estate: str) -> str:
    if estate not in prepared.estates.index:
        return f"台账里没有编号为“{estate}”的小区"
    name = prepared.estates.at[estate, "name"]
    if estate in prepared.place:
        return f"{name}是带动小区，不能要求纳入" if kind == "force" and _is_anchor(prepared, estate) else ""
    if kind == "fix" and estate not in prepared.known.index and _could_be_fixed(prepared, estate):
        return f"{name}没有坐标或户数，不能放进服务单元"
    if estate in prepared.standing_alone:
        return "" if kind in ("fix", "leave_out") else f"{name}规模够大，单独招标，不参加打捆"
    left = prepared.left_out.get(estate)
    if left is None:
        return f"{name}已有物业服务，或不属于这种打捆方式的范围"
    if kind == "leave_out" or (kind == "fix" and left.kind not in _NO_FACTS):
        return ""
    return f"{name}不能参加打捆：{left.reason}"


def _could_be_fixed(prepared: Prepared, estate: str) -> bool:
    left = prepared.left_out.get(estate)
    return estate in prepared.standing_alone or (left is not None and left.kind not in _NO_FACTS)


def _is_anchor(prepared: Prepared, estate: str) -> bool:
    block, row = prepared.place[estate]
    return bool(prepared.blocks[block].pool.anchors[row])


def _claims(prepared: Prepared, fixed: Sequence[Wish]) -> dict[str, Wish]:
    """Estates whose grid a fixed bundle holds: they can join no other. With a reason a grid may be divided."""
    if not prepared.settings.keep_grids:
        return {}
    grids = prepared.candidates.frame["grid_id"].dropna()
    found: dict[str, Wish] = {}
    for wish in fixed:
        if wish.reason.strip():
            continue
        own = set(grids[grids.index.isin(list(wish.estates))])
        found |= dict.fromkeys((str(one) for one in grids.index[grids.isin(own)]), wish)
    return found


def _once(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    """Fixed bundles; of several that fix the same estates the last."""
    return tuple({frozenset(wish.estates): wish for wish in wishes}.values())


def joined(sets: Iterable[Iterable[str]]) -> tuple[frozenset[str], ...]:
    """Sets that share a member made one, by their least member."""
    found: list[set[str]] = []
    for estates in sets:
        one = set(estates)
        for other in [other for other in found if other & one]:
            found.remove(other)
            one |= other
        found.append(one)
    return tuple(frozenset(one) for one in sorted(found, key=min))


# -------------------------------------------------------------------------------------------------- wishes and pools


def wished(pool: Pool, rows: Ints, demands: Demands) -> Pool:
    """Those rows of a pool that are not gone, with the wishes written in.

    Parameters
    ----------
    pool
        Without wishes.
    rows
        Ascending; with a row all rows that share a region or a wish ``together`` with it.
    """
    rows = np.asarray([row for row in rows if pool.ids[row] not in demands.gone], dtype=np.int64)
    ids = tuple(pool.ids[row] for row in rows)
    at = {estate: number for number, estate in enumerate(ids)}
    block = np.ix_(rows, rows)
    apart = pool.apart[block].copy()
    linked = pool.linked[block].copy()
    touch = None if pool.touch is None else pool.touch[block].copy()
    for estates in demands.apart:
        _mark(apart, at, estates, value=True)
    together = np.full(len(ids), -1, dtype=np.int64)
    for number, estates in enumerate(demands.together):
        inside = [at[estate] for estate in estates if estate in at]
        together[inside] = number
        if len(inside) < len(estates):  # the rest is elsewhere: the whole set stays out
            apart[inside, :] = apart[:, inside] = True
    np.fill_diagonal(apart, False)
    for relation in (linked, touch):
        if relation is not None:
            relation &= ~apart
            if relation is touch or pool.star or pool.anchored:
                for pair in demands.no_neighbours:
                    _mark(relation, at, pair, value=False)
    forced = np.asarray([estate in demands.forced for estate in ids], dtype=bool)
    return replace(
        pool,
        ids=ids,
        weight=pool.weight[rows],
        measures=tuple(measure.of(rows) for measure in pool.measures),
        grids=pool.grids[rows],
        distance_m=pool.distance_m[block],
        linked=linked,
        apart=apart,
        touch=touch,
        anchors=pool.anchors[rows],
        room=pool.room[rows],
        together=together,
        forced=forced,
    )


def _mark(matrix: Bools, at: Mapping[str, int], estates: Iterable[str], *, value: bool) -> None:
    inside = [at[estate] for estate in estates if estate in at]
    keep = matrix.diagonal().copy()
    matrix[np.ix_(inside, inside)] = value
    np.fill_diagonal(matrix, keep)
