"""The problem as checked numbers: what the other modules may trust."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDING: Final = 1e-9
"""Relative slack of a load against its capacity: what summing floats in another order may change, and no more."""
_LARGEST: Final = 1e150
_MAX_UNITS: Final = 100_000
"""Capacities counted in more whole units than this are not worth a table of all loads."""


@dataclass(frozen=True, eq=False)
class Instance:
    """Costs of serving each point from each other, weights, capacities and the number of medians, all checked.

    Attributes
    ----------
    costs
        (n, n): what point i adds to the cost when j serves it.
    weights, capacity
        (n,): demand of each point; what each point can serve as a median.
    p
        Number of medians.
    self_served
        A median is served by itself; otherwise it may be served by another one, as the literature's model allows.
    """

    costs: Floats
    weights: Floats
    capacity: Floats
    p: int
    self_served: bool

    @property
    def n(self) -> int:
        return len(self.weights)

    @cached_property
    def limit(self) -> Floats:
        """Capacity with the slack for rounding: a load up to here is allowed."""
        return self.capacity + ROUNDING * np.maximum(self.capacity, 1.0)

    @cached_property
    def eligible(self) -> Mask:
        """Points that can be a median at all."""
        if self.self_served:
            return np.asarray(self.weights <= self.limit)
        return np.ones(self.n, dtype=bool)

    @cached_property
    def whole_costs(self) -> bool:
        """Every cost is a whole number: then so is every total, and bounds may be rounded up."""
        return bool(np.all(self.costs == np.rint(self.costs)) and self.costs.max(initial=0.0) * self.n < 2**52)

    @cached_property
    def units(self) -> tuple[Ints, Ints] | None:
        """Weights and capacities in whole units, where a common unit exists and is coarse enough; None otherwise."""
        for scale in (1.0, 10.0, 100.0, 1000.0):
            weights = self.weights * scale
            whole = np.rint(weights)
            if np.allclose(weights, whole, rtol=0.0, atol=1e-9 * scale):
                room = np.floor(self.limit * scale + 1e-6).clip(max=whole.sum())
                common = float(np.gcd.reduce(whole.astype(np.int64))) or 1.0
                if room.max() / common > _MAX_UNITS:
                    return None
                return (whole / common).astype(np.int64), np.floor(room / common).astype(np.int64)
        return None


def checked(
    distances: ArrayLike, weights: ArrayLike, p: int, capacity: ArrayLike, *, weighted: bool, self_served: bool
) -> Instance:
    """The instance of these numbers.

    Raises
    ------
    ValueError
        The sentence says what is wrong and with which number: not a square matrix, not finite or negative numbers,
        sizes that do not fit, p outside 1…n, a weight that no median can take, more weight than p medians can take.
    """
    d = _numbers(distances, "distances")
    if d.ndim != 2 or d.shape[0] != d.shape[1] or d.shape[0] == 0:
        raise ValueError(f"distances must be a square matrix with at least one row; this one has shape {d.shape}")
    n = d.shape[0]
    _not_negative(d, "distances")
    w = _numbers(weights, "weights")
    if w.shape != (n,):
        raise ValueError(f"weights must be one number for each of the {n} points; their shape is {w.shape}")
    _not_negative(w, "weights")
    q = _numbers(capacity, "capacity")
    if q.shape not in ((), (n,)):
        raise ValueError(f"capacity must be one number, or one for each of the {n} points; its shape is {q.shape}")
    _not_negative(q, "capacity")
    if isinstance(p, bool) or not isinstance(p, (int, np.integer)):
        raise ValueError(f"p must be a whole number of medians; it is {p!r}")
    if not 1 <= p <= n:
        raise ValueError(f"p must lie between 1 and the number of points, {n}; it is {p}")
    costs = d * w[:, None] if weighted else d.copy()
    if costs.max() > _LARGEST / n or w.max() > _LARGEST / n:
        raise ValueError("the costs or weights are too large to be added up; give them in a larger unit")
    instance = Instance(costs, w, np.broadcast_to(q, (n,)).astype(float), int(p), self_served)
    _must_fit(instance)
    return instance


def _numbers(given: ArrayLike, name: str) -> Floats:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers only: {error}") from error
    bad = ~np.isfinite(values)
    if bad.any():
        where = tuple(int(v) for v in np.argwhere(bad)[0])
        raise ValueError(f"{name} must be finite numbers; {_at(name, where)} is {values[where]}")
    return values


def _not_negative(values: Floats, name: str) -> None:
    if values.size and values.min() < 0:
        where = tuple(int(v) for v in np.argwhere(values < 0)[0])
        raise ValueError(f"{name} must not be negative; {_at(name, where)} is {values[where]:g}")


def _at(name: str, where: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, where))}]" if where else name


def _must_fit(instance: Instance) -> None:
    able = int(instance.eligible.sum())
    if able < instance.p:
        raise ValueError(
            f"only {able} points can serve themselves within their capacity, but {instance.p} medians are asked for"
        )
    room = np.sort(instance.limit[instance.eligible])[::-1]
    heaviest = int(instance.weights.argmax())
    if instance.weights[heaviest] > room[0]:
        raise ValueError(
            f"point {heaviest} has weight {instance.weights[heaviest]:g}, more than the largest capacity, "
            f"{instance.capacity[instance.eligible].max():g}: no median can take it"
        )
    total, most = float(instance.weights.sum()), float(room[: instance.p].sum())
    if total > most:
        raise ValueError(
            f"the weights sum to {total:g}, but {instance.p} medians can take at most "
            f"{np.sort(instance.capacity[instance.eligible])[::-1][: instance.p].sum():g}"
        )
