"""The capacitated p-median beside a plain integer program on the same time, and greedy.

    python -m tests.benchmarks.p_median --seconds 60 --points 100 200 300 400
    python -m tests.benchmarks.p_median --seconds 60 --file SJC1.txt=17288.99 pmedcap1.txt

Points are drawn around towns in a square, with whole weights 1–100; medians by ``--share`` of the points, capacity so that
``--fill`` of it is used. Files: the OR-Library's (one or many problems, distances cut to whole numbers, best known cost
inside) and the one of Lorena and Senne (``n p``, then ``x y capacity demand``); after ``=`` the best known cost, if wanted.
Gaps are in per cent: ``to best`` of the best known cost or the best of the table, ``to bound`` of our own lower bound.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, eye_array, hstack, kron

from planning.p_median import capacitated_p_median, faults
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One problem; ``best`` is the best cost known from elsewhere, if any."""

    name: str
    distances: Floats
    weights: Floats
    p: int
    capacity: Floats
    best: float | None = None


def town(n: int, share: float, fill: float, seed: int) -> Case:
    """Points around towns, whole weights, one capacity for all."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 1000, (max(3, n // 25), 2))
    xy = centres[rng.integers(len(centres), size=n)] + rng.normal(0, 60, (n, 2))
    weights = rng.integers(1, 101, n).astype(float)
    p = max(1, round(n * share))
    capacity = max(math.ceil(weights.sum() / p / fill), weights.max())
    return Case(f"town {n}/{p}", _between(xy), weights, p, np.full(n, float(capacity)))


def read(argument: str) -> Iterator[Case]:
    """The problems of a file in either format, told apart by its first line with three numbers or four."""
    path, _, best = argument.partition("=")
    name, text = Path(path).stem, Path(path).read_text(encoding="utf-8")
    numbers = [float(v) for v in text.split()]
    widths = [len(line.split()) for line in text.splitlines() if line.strip()]
    if widths[0] == 2 and widths[1] == 4:
        n, p = int(numbers[0]), int(numbers[1])
        table = np.array(numbers[2 : 2 + 4 * n]).reshape(n, 4)
        yield Case(name, _between(table[:, :2]), table[:, 3], p, table[:, 2], float(best) if best else None)
        return
    at = 1 if widths[0] == 1 else 0
    while at + 5 <= len(numbers):
        number, known, size, p, capacity = numbers[at : at + 5]
        n = int(size)
        table = np.array(numbers[at + 5 : at + 5 + 4 * n]).reshape(n, 4)
        distances = np.floor(_between(table[:, 1:3]))
        yield Case(f"{name} {number:.0f}", distances, table[:, 3], int(p), np.full(n, capacity), float(best or known))
        at += 5 + 4 * n


def _between(xy: Floats) -> Floats:
    return np.asarray(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))


def greedy(case: Case) -> float:
    """Medians by farthest-first, points by weight to the nearest median with room; infinite if one finds no room."""
    d, w = case.distances, case.weights
    medians = [int(d.sum(axis=0).argmin())]
    while len(medians) < case.p:
        medians.append(int(d[:, medians].min(axis=1).argmax()))
    left = case.capacity[medians] - w[medians]
    cost = 0.0
    for i in np.argsort(-w, kind="stable"):
        if int(i) in medians:
            continue
        able = np.flatnonzero(left >= w[i])
        if len(able) == 0:
            return math.inf
        to = able[d[i, medians][able].argmin()]
        left[to] -= w[i]
        cost += float(d[i, medians[to]])
    return cost


def plain(case: Case, seconds: float) -> tuple[float, float]:
    """Cost and bound of the textbook program, given whole to HiGHS."""
    n = len(case.weights)
    # Columns: x[i, j] row by row, then y[j].
    each = hstack([kron(eye_array(n), np.ones((1, n))), coo_array((n, n))]).tocsr()
    load = hstack([kron(case.weights[None, :], eye_array(n)), -coo_array(np.diag(case.capacity))]).tocsr()
    link = hstack([eye_array(n * n), -kron(np.ones((n, 1)), eye_array(n))]).tocsr()
    count = np.concatenate([np.zeros(n * n), np.ones(n)])[None, :]
    result = milp(
        np.concatenate([case.distances.ravel(), np.zeros(n)]),
        integrality=np.ones(n * n + n),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(each, 1, 1),
            LinearConstraint(load, -np.inf, 0),
            LinearConstraint(link, -np.inf, 0),
            LinearConstraint(count, case.p, case.p),
        ],
        options={"time_limit": seconds},
    )
    bound = result.mip_dual_bound
    return (float(result.fun) if result.x is not None else math.inf), (float(bound) if bound is not None else -math.inf)


def table(cases: Sequence[Case], seconds: float, seed: int, *, yardstick: bool = True) -> Rows:
    """One row for each problem and method."""
    rows: Rows = []
    for case in cases:
        wall, cpu, ours = timed(
            lambda c=case: capacitated_p_median(c.distances, c.weights, c.p, c.capacity, seed=seed, seconds=seconds)
        )
        wrong = list(faults(ours, case.distances, case.weights, case.p, case.capacity))
        if wrong:
            raise AssertionError(f"{case.name}: {wrong[0]}")
        found = [("ours", ours.cost, wall, cpu, "proven" if ours.proven else "")]
        found.append(("greedy", greedy(case), 0.0, 0.0, ""))
        if yardstick:
            wall, cpu, (cost, bound) = timed(lambda c=case: plain(c, seconds))
            found.append(("HiGHS, whole", cost, wall, cpu, f"bound {bound:.6g}"))
        best = case.best if case.best is not None else min(cost for _, cost, *_ in found)
        for method, cost, wall, cpu, note in found:
            rows.append(
                {
                    "problem": case.name,
                    "method": method,
                    "cost": f"{cost:.2f}",
                    "to best %": _percent(cost, best),
                    "to bound %": _percent(cost, ours.bound),
                    "s": f"{wall:.1f}",
                    "cpu s": f"{cpu:.1f}",
                    "": note,
                }
            )
    return rows


def _percent(cost: float, low: float) -> str:
    return f"{(cost / low - 1) * 100:.3f}" if low > 0 and math.isfinite(cost) else "-"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="*", default=[100, 200, 300, 400])
    parser.add_argument("--share", type=float, default=0.08, help="medians as a share of the points")
    parser.add_argument("--fill", type=float, default=0.9, help="share of the capacity that the weights fill")
    parser.add_argument("--file", nargs="*", default=[], metavar="FILE[=BEST]", help="problems to read instead")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="without the integer program beside it")
    args = parser.parse_args(argv)
    cases = [case for file in args.file for case in read(file)]
    if not args.file:
        cases = [town(n, args.share, args.fill, args.seed) for n in args.points]
    rows = table(cases, args.seconds, args.seed, yardstick=not args.alone)
    _bench.show(rows, ("numpy", "scipy", "ortools"), f"time limit {args.seconds:g} s, seed {args.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
