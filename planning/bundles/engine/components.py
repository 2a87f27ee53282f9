"""Pools without the candidates that no bundle can take in, split into parts that cannot influence each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planning.bundles.engine.graph import Bools, Ints, Measure, Part, Pool


def parts(pool: Pool) -> list[Part]:
    """Independent parts of the pool, largest last, then by id.

    Left out are candidates that no bundle can take in by counting alone: a row is kept when it is linked to a possible
    medoid, itself included (in a chain: is one), round which some choice of candidates could keep the limits. Dropping
    one may rule out the next, so this repeats until nothing changes. Forced candidates are always kept: that they fit
    nowhere is for the solver to say.
    """
    pool = _tightened(pool)
    keep = np.ones(len(pool.ids), dtype=bool)
    while True:
        medoid = _possible_medoids(pool, keep)
        left = keep & ((pool.linked & medoid).any(axis=1) if pool.star or pool.anchored else medoid)
        for number in np.unique(pool.together[keep & ~left & (pool.together >= 0)]):
            left &= pool.together != number
        left |= pool.forced
        if (left == keep).all():
            break
        keep = left
    rows = np.flatnonzero(keep)
    if not len(rows):
        return []
    label = _labels(pool, rows)
    found = [_part(pool, rows[label == number]) for number in range(label.max() + 1)]
    return sorted(found, key=lambda part: (len(part.ids), part.ids))


def _tightened(pool: Pool) -> Pool:
    """The same bundles, fewer relations: two anchors are apart; with anchors, only these are linked with others."""
    linked, apart, touch = pool.linked.copy(), pool.apart.copy(), pool.touch
    if pool.anchored:
        anchor = pool.anchors
        apart |= anchor[:, None] & anchor[None, :]
        linked &= anchor[:, None] | anchor[None, :]
        np.fill_diagonal(apart, False)
        linked &= ~apart
        touch = None if touch is None else touch & ~apart
        np.fill_diagonal(linked, True)
    return Pool(
        **{
            **{name: getattr(pool, name) for name in pool.__dataclass_fields__},
            "linked": linked,
            "apart": apart,
            "touch": touch,
        }
    )


def _possible_medoids(pool: Pool, keep: Bools) -> Bools:
    """Rows round which (in a chain: with which) a bundle could keep the limits, as far as counting tells."""
    candidates = keep & pool.anchors if pool.anchored else keep
    possible = np.zeros(len(pool.ids), dtype=bool)
    values = [np.asarray(measure.values, dtype=np.int64) for measure in pool.measures]
    hanging = None if pool.touch is None else _labels_of(pool.touch & keep[:, None] & keep[None, :])
    for row in np.flatnonzero(candidates):
        near = pool.linked[row] & keep
        if hanging is not None:
            near &= hanging == hanging[row]
        near[row] = False
        possible[row] = near.sum() + 1 >= pool.min_members and all(
            _can_hold(int(value[row]), value[near], measure, pool)
            for measure, value in zip(pool.measures, values, strict=True)
        )
    return possible


def _can_hold(own: int, others: Ints, measure: Measure, pool: Pool) -> bool:
    """Whether the row with some of the others, as many as a bundle may and must have, could keep the limits."""
    ordered = np.sort(others)
    least, most = pool.min_members - 1, pool.max_estates - 1
    if measure.low is not None:
        best = ordered[::-1][:most]
        if own + best[:least].sum() + np.maximum(best[least:], 0).sum() < measure.low:
            return False
    if measure.high is not None:
        best = ordered[:most]
        if own + best[:least].sum() + np.minimum(best[least:], 0).sum() > measure.high:
            return False
    return True


def _labels(pool: Pool, rows: Ints) -> Ints:
    """Number of the part of each row: bundles, grids and sets that stay together lie within one part."""
    block = np.ix_(rows, rows)
    label = _labels_of(pool.linked[block]) if pool.star or pool.anchored else np.zeros(len(rows), dtype=np.int64)
    if pool.touch is not None:
        hanging = _labels_of(pool.touch[block])
        label = np.unique(label * (hanging.max() + 1) + hanging, return_inverse=True)[1]
    ties = label[:, None] == label[None, :]
    for numbers in (pool.grids[rows], pool.together[rows]):
        ties |= (numbers[:, None] == numbers[None, :]) & (numbers[:, None] >= 0)
    return _labels_of(ties)


def _labels_of(ties: Bools) -> Ints:
    return np.asarray(connected_components(coo_matrix(ties), directed=False)[1], dtype=np.int64)


def _part(pool: Pool, rows: Ints) -> Part:
    block = np.ix_(rows, rows)
    same_grid = _same(pool.grids[rows])
    np.fill_diagonal(same_grid, False)
    staying = _same(pool.together[rows])
    np.fill_diagonal(staying, True)
    return Part(
        ids=tuple(pool.ids[row] for row in rows),
        weight=tuple(int(n) for n in pool.weight[rows]),
        measures=tuple(measure.of(rows) for measure in pool.measures),
        links=_masks(pool.linked[block]),
        fits=_masks(~pool.apart[block]),
        touch=None if pool.touch is None else _masks(pool.touch[block]),
        grids=_masks(same_grid),
        blocks=_masks(staying),
        distance_m=_shared(pool.distance_m[block]),
        star=pool.star,
        anchored=pool.anchored,
        anchors=_mask(pool.anchors[rows]),
        room=tuple(int(n) for n in pool.room[rows]),
        forced=_mask(pool.forced[rows]),
        max_estates=pool.max_estates,
        min_members=pool.min_members,
    )


def _same(numbers: Ints) -> Bools:
    return np.asarray((numbers[:, None] == numbers[None, :]) & (numbers[:, None] >= 0))


def _mask(line: Bools) -> int:
    return int.from_bytes(np.packbits(line, bitorder="little").tobytes(), "little")


def _masks(matrix: Bools) -> tuple[int, ...]:
    return tuple(_mask(line) for line in matrix)


def _shared(matrix: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    """Rows of numbers; equal ones are one object, which a street of thousands needs."""
    different, place = np.unique(matrix, return_inverse=True)
    return tuple(map(tuple, different.astype(object)[place.reshape(matrix.shape)].tolist()))
