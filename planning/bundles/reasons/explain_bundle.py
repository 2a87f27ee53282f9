"""Why a bundle is as it is: which limit binds, what each member adds, and what else would be possible at what price."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.bundles.engine.graph import bits
from planning.bundles.engine.partition import Group, Partition
from planning.bundles.reasons.slacks import Members, broken, slacks
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Addition, Slack
from planning.bundles.words import metres, yuan


class Explained(NamedTuple):
    """The explaining fields of a ``Bundle``, under the same names."""

    binding: str
    slacks: tuple[Slack, ...]
    additions: tuple[Addition, ...]
    nearest_other: str


def explain_bundle(
    members: Sequence[str],
    medoid: str,
    frame: pd.DataFrame,
    distance_m: NDArray[np.float64],
    linked: NDArray[np.bool_],
    settings: BundleSettings,
    *,
    touch: NDArray[np.bool_] | None = None,
    anchor: str | None = None,
    partition: Partition | None = None,
    key: int | None = None,
) -> Explained:
    """The limits of a bundle from the tightest on, what each member adds, and the nearest alternatives.

    Parameters
    ----------
    members
        Sorted ids.
    frame
        Rows in the columns of ``Candidates.frame``: the members at least, and every candidate of ``partition``.
    distance_m, linked, touch
        Shape ``(n, n)`` in the order of the members: walks in metres (``inf`` unknown), who may be the medoid of whom,
        who are neighbours (``None`` where connection is not asked).
    anchor
        The member that takes the others on (以大带小).
    partition, key
        The part's bundles and which of them this one is. Without, as for a bundle made by hand, only other medoids are
        weighed as alternatives.
    """
    table = frame.loc[list(members)]
    here = Members.of(table, distance_m, linked, touch, None if anchor is None else list(members).index(anchor))
    centre = list(members).index(medoid)
    found = slacks(here, centre, settings)
    additions = tuple(_addition(here, row, centre, settings, partition, key) for row in range(len(members)))
    others = [_other_medoid(here, centre, settings)]
    if partition is not None and key is not None:
        others.append(_best_move(partition, key, frame))
    return Explained(found[0].text, found, additions, "；".join(text for text in others if text))


# -------------------------------------------------------------------------------------------------------- additions


def _addition(
    here: Members,
    row: int,
    centre: int,
    settings: BundleSettings,
    partition: Partition | None,
    key: int | None,
) -> Addition:
    households, margin = (_number(here, name, row) for name in ("households", "margin_yuan"))
    return Addition(
        estate_id=here.ids[row],
        households=0 if row == here.anchor else households or 0,
        distance_m=round(float(here.distance_m[centre, row]), 1),
        margin=None if row == here.anchor else margin,
        without=_without(here, row, centre, settings, partition, key),
    )


def _number(here: Members, column: str, row: int) -> int | None:
    value = here.columns[column][row] if column in here.columns else math.nan
    return None if math.isnan(value) else round(float(value))


def _without(
    here: Members, row: int, centre: int, settings: BundleSettings, partition: Partition | None, key: int | None
) -> str:
    if row == here.anchor:
        return "去掉后没有带动小区，不成捆"
    if len(here) <= 2:
        return "去掉后只剩1个小区，不成捆"
    rest = here.without(row)
    centres = rest.centres(settings)
    if not centres:
        return "去掉后其余小区没有共同的中心小区，不成捆"
    new = centre - (centre > row) if centre != row and any(c == centre - (centre > row) for _, c in centres) else None
    after = slacks(rest, centres[0][1] if new is None else new, settings)
    if broken(after):
        return f"去掉后不成捆：{'；'.join(one.text for one in broken(after))}"
    if partition is not None and key is not None:
        mask = partition.groups[key].mask
        bit = partition.part.ids.index(here.ids[row])
        fellows = partition.part.blocks[bit] & mask & ~(1 << bit)
        if fellows:
            ids = [partition.part.ids[other] for other in bits(fellows)]
            names = "、".join(here.names[here.ids.index(one)] for one in ids)
            return f"人工要求与{names}同捆，不能单独去掉"
    n = int(rest.served("households").sum())
    moved = f"，中心改为{rest.names[centres[0][1]]}" if new is None else ""
    return f"去掉后仍成捆：{len(rest)}个小区、{n}户{moved}"


# ----------------------------------------------------------------------------------------------------- alternatives


def _other_medoid(here: Members, centre: int, settings: BundleSettings) -> str:
    if here.anchor is not None:
        return ""
    others = [one for one in here.centres(settings) if one[1] != centre]
    if not others:
        return "没有其他成员能作中心小区"
    total, row = others[0]
    more = total - float(here.distance_m[centre].sum())
    name = here.names[row]
    if not math.isfinite(more):
        return "没有其他成员能作中心小区"
    words = (
        f"步行合计多{metres(more)}" if more >= 0.5 else "步行合计相同" if more > -0.5 else f"步行合计少{metres(-more)}"
    )
    return f"次选中心小区为{name}，{words}"


class _Move(NamedTuple):
    """The groups that give way, the masks in their place, and words with the rows whose names fill them."""

    old: tuple[int, ...]
    masks: tuple[int, ...]
    words: str
    rows: tuple[int, ...]


def _best_move(partition: Partition, key: int, frame: pd.DataFrame) -> str:
    """The cheapest change of one estate, or union with a neighbouring bundle, that keeps every rule; with its price."""
    best: tuple[tuple[float, float], _Move, tuple[Group, ...]] | None = None
    for move in _moves(partition, key):
        groups = _permitted(partition, move)
        if groups is None:
            continue
        gain = partition.gain(move.old, groups)
        price = (float(-gain.households), -gain.metres)
        if best is None or price < best[0]:
            best = (price, move, groups)
    if best is None:
        return "换入、换出任一小区或与邻捆合并都不符合规则"
    (households, more), move, groups = best
    names = (str(frame.at[partition.part.ids[row], "name"]) for row in move.rows)
    text = move.words.format(*names)
    return f"代价最小的调整是{text}：{_price(households, more, _yuan(partition, move, groups, frame))}"


def _price(households: float, more: float, money: int | None) -> str:
    told = [f"覆盖{'少' if households > 0 else '多'}{abs(households):,.0f}户" if households else "覆盖户数不变"]
    told.append(f"步行{'多' if more > 0 else '少'}{metres(abs(more))}" if abs(more) >= 0.5 else "步行不变")
    if money:
        told.append(f"收支{'多' if money > 0 else '少'}{yuan(abs(money))}")
    return "，".join(told)


def _moves(partition: Partition, key: int) -> Iterator[_Move]:
    """A free estate joins or takes a member's place, a member goes to or comes from a neighbouring bundle, or both merge."""
    part = partition.part
    mask = partition.groups[key].mask
    near = 0
    for row in bits(mask):
        near |= part.near[row]
    for row in bits(near & ~mask & ~partition.taken):
        yield _Move((key,), (mask | 1 << row,), "再纳入{}", (row,))
        for member in bits(mask & ~part.anchors):
            yield _Move((key,), (mask & ~(1 << member) | 1 << row,), "把{}换成未打捆的{}", (member, row))
    groups = {partition.home[row] for row in bits(near & ~mask & partition.taken)}
    for other in sorted(groups, key=lambda one: partition.groups[one].mask & -partition.groups[one].mask):
        theirs, centre = partition.groups[other].mask, partition.groups[other].medoid
        for member in bits(mask & ~part.anchors):
            masks = (mask & ~(1 << member), theirs | 1 << member)
            yield _Move((key, other), masks, "把{}改到以{}为中心的捆", (member, centre))
        for member in bits(theirs & ~part.anchors):
            masks = (mask | 1 << member, theirs & ~(1 << member))
            yield _Move((key, other), masks, "从以{1}为中心的捆划入{0}", (member, centre))
        yield _Move((key, other), (mask | theirs,), "与以{}为中心的捆合并", (centre,))


def _permitted(partition: Partition, move: _Move) -> tuple[Group, ...] | None:
    """The groups that the move makes, if every rule and wish is kept."""
    groups = tuple(partition.group_of(mask) for mask in move.masks)
    if any(group is None for group in groups):
        return None
    valid = tuple(group for group in groups if group is not None)
    part = partition.part
    before = after = 0
    for key in move.old:
        before |= partition.groups[key].mask
    for group in valid:
        after |= group.mask
    if before & ~after & part.forced:
        return None
    outside = partition.taken & ~before
    for group in valid:
        if any(part.grids[row] & (outside | (after & ~group.mask)) for row in bits(group.mask)):
            return None
    return valid


def _yuan(partition: Partition, move: _Move, groups: tuple[Group, ...], frame: pd.DataFrame) -> int | None:
    """Change of the members' margin; ``None`` where the register does not say, or a bundle's own costs change."""
    if "margin_yuan" not in frame.columns or len(groups) != len(move.old):
        return None
    before = after = 0
    for key in move.old:
        before |= partition.groups[key].mask
    for group in groups:
        after |= group.mask
    margin = [
        frame.at[partition.part.ids[row], "margin_yuan"] for row in (*bits(after & ~before), *bits(before & ~after))
    ]
    if any(pd.isna(one) for one in margin):
        return None
    come = (after & ~before).bit_count()
    return int(sum(margin[:come]) - sum(margin[come:]))
