"""Re-solving after one change by hand: seconds from the wish to the new plan, by kind of wish.

    python -m tests.benchmarks.resolve --size 150 --seeds 3 --picks 20

One street of clustered estates, with fees, households and limits as in ``tests.benchmarks.bundles``, so that nearly all
of it is one component; solved once, then each change is tried on that plan. A row is a kind of change: median, 95th
percentile and longest time, the share that is proven best, and how many estates change their company. ``full`` is the
same question as a whole solve without what is known (one pick for each seed).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from data.profile_file import load_profile
from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.revision.revise import revise
from planning.bundles.types import BundlePlan, Wish
from planning.bundles.wishes import hands
from planning.coverage import estate_states
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows
from tests.benchmarks.bundles import SETTINGS, city

_BY = hands.By("测试", datetime(2026, 1, 1, tzinfo=UTC), "测试")
Pick = Callable[[BundlePlan, Prepared, np.random.Generator], tuple[Wish, ...]]


def _bundled(plan: BundlePlan, rng: np.random.Generator) -> str:
    return str(rng.choice([member for one in plan.bundles for member in one.members]))


def _near(plan: BundlePlan, prepared: Prepared, estate: str, rng: np.random.Generator) -> str:
    """Another bundled estate that may be linked with this one, of another bundle where there is one."""
    block, row = prepared.place[estate]
    pool = prepared.blocks[block].pool
    home = {member: one.bundle_id for one in plan.bundles for member in one.members}
    near = [pool.ids[k] for k in np.flatnonzero(pool.linked[row]) if k != row and pool.ids[k] in home]
    other = [one for one in near if home[one] != home[estate]]
    return str(rng.choice(other or near))


def _pair(plan: BundlePlan, prepared: Prepared, rng: np.random.Generator) -> list[str]:
    estate = _bundled(plan, rng)
    return [estate, _near(plan, prepared, estate, rng)]


def _mates(plan: BundlePlan, rng: np.random.Generator) -> list[str]:
    one = plan.bundles[rng.integers(len(plan.bundles))]
    return [str(name) for name in rng.choice(one.members, 2, replace=False)]


def _move(plan: BundlePlan, prepared: Prepared, rng: np.random.Generator) -> tuple[Wish, ...]:
    home = {member: one.bundle_id for one in plan.bundles for member in one.members}
    estate, other = _pair(plan, prepared, rng)
    while home[estate] == home[other]:
        estate, other = _pair(plan, prepared, rng)
    return hands.move(plan, [estate], home[other], _BY)


KINDS: dict[str, Pick] = {
    "pin together": lambda plan, prepared, rng: hands.pin(plan, _pair(plan, prepared, rng), _BY),
    "keep apart": lambda plan, prepared, rng: hands.keep_apart(plan, _mates(plan, rng), _BY),
    "forbid pair": lambda plan, prepared, rng: hands.forbid_pair(plan, _mates(plan, rng), _BY),
    "leave out": lambda plan, prepared, rng: hands.leave_out(plan, [_bundled(plan, rng)], _BY),
    "force in": lambda plan, prepared, rng: hands.force(
        plan, [str(rng.choice([one.estate_id for one in plan.fallback] or [_bundled(plan, rng)]))], _BY
    ),
    "fix": lambda plan, prepared, rng: hands.fix(plan, str(rng.choice([one.bundle_id for one in plan.bundles])), _BY),
    "move": _move,
}


def table(argv: Sequence[str] | None = None) -> Rows:
    """A row for each kind of change, and one for all."""
    options = _options(argv)
    spent: dict[str, list[float]] = {}
    proven: dict[str, list[bool]] = {}
    changed: dict[str, list[int]] = {}
    refused: dict[str, int] = {}
    whole: list[float] = []
    parts: list[int] = []
    for seed in range(1, options.seeds + 1):
        prepared, plan = _solved(options.size, seed)
        parts.append(max(int(np.bincount(block.region).max()) for block in prepared.blocks))
        rng = np.random.default_rng(seed)
        for kind, pick in KINDS.items():
            for _ in range(options.picks):
                wishes = pick(plan, prepared, rng)
                begun = time.perf_counter()
                try:
                    found = revise(prepared, plan, wishes, seed=seed)
                except InputError:
                    refused[kind] = refused.get(kind, 0) + 1
                    spent.setdefault(kind, []).append(time.perf_counter() - begun)
                    continue
                spent.setdefault(kind, []).append(time.perf_counter() - begun)
                proven.setdefault(kind, []).append(found.plan.proven)
                changed.setdefault(kind, []).append(len(found.difference.changed))
        begun = time.perf_counter()
        solve(
            prepared, hands.leave_out(plan, [plan.bundles[0].members[0]], _BY), seed=seed, seconds=60, progress=SILENT
        )
        whole.append(time.perf_counter() - begun)
    size = f"{min(parts)}–{max(parts)}"
    rows = [_row(k, size, spent[k], proven.get(k, []), changed.get(k, []), refused.get(k, 0)) for k in spent]
    every = [[one for k in spent for one in table_.get(k, [])] for table_ in (spent, proven, changed)]
    rows.append(_row("all", size, *every, sum(refused.values())))  # type: ignore[arg-type]
    return [*rows, _row("full", size, whole, [], [], 0)]


def _row(
    kind: str, size: str, seconds: list[float], proven: list[bool], changed: list[int], refused: int
) -> dict[str, object]:
    return {
        "change": kind,
        "component": size,
        "picks": len(seconds),
        "median_s": round(float(np.median(seconds)), 3),
        "p95_s": round(float(np.percentile(seconds, 95)), 3),
        "max_s": round(max(seconds), 3),
        "proven_pct": round(100 * float(np.mean(proven)), 1) if proven else "",
        "estates_changed": round(float(np.mean(changed)), 1) if changed else "",
        "impossible": refused,
    }


def _solved(size: int, seed: int) -> tuple[Prepared, BundlePlan]:
    estates, ways = city(size, 1, seed)
    profile = load_profile("demo")
    states = estate_states(estates, profile).to_dict()
    prepared = prepare(estates, states, estates[["lon", "lat"]], ways.iloc[:0], profile, SETTINGS)
    return prepared, solve(prepared, seed=seed, seconds=60, progress=SILENT)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=150, metavar="ESTATES")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--picks", type=int, default=20, help="of each kind and seed")
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("ortools", "numpy", "pandas"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
