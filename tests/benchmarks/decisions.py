"""Decisions on boundaries in the store of a whole city: how long a clerk waits, and what a load of all outlines costs.

    python -m tests.benchmarks.decisions --estates 2000 10000

"load" puts an outline in force for every estate, "again" offers the same ones, "replace" others of equal rank (each with a
row of history), "proposals" keeps three candidates an estate. "accept", "draw", "undo" are one decision each with its commit
(median of ten), "look" what the page asks in between; "bulk" accepts a tenth of the estates in one decision, "bulk_undo"
takes it back. ``put_s`` is a plain put of the same outlines, without rank, history and journal.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import shapely

from data.boundaries import accept, draw, history, marks, next_undo, put_boundaries, put_proposals, undo_last
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES
from data.store import Actor, Role, Store, UnitOfWork, open_store
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows

_ACTOR = Actor("benchmark", Role.ADMIN)
_NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
_REPEATS = 10


def outline(n: int, shift: float = 0.0) -> shapely.Polygon:
    """A round outline of 21 vertices and about 4 ha, apart from its neighbours."""
    lon, lat = 112 + n % 100 * 0.004 + shift, 30 + n // 100 * 0.004
    return shapely.Point(lon, lat).buffer(0.0012, quad_segs=5)


def _id(n: int) -> str:
    return f"E{n:06d}"


def _rows(n: int, source: str, shift: float = 0.0) -> list[dict[str, Any]]:
    return [{"estate_id": _id(i), "source": source, "confidence": 1.0, "geometry": outline(i, shift)} for i in range(n)]


def _candidates(n: int) -> list[dict[str, Any]]:
    return [
        {
            "estate_id": _id(i), "rank": rank, "outcome": "look", "confidence": 0.9 - rank / 10, "model": "m",
            "text": "东至东环路，南至南湖路，西至西山路，北至北河路", "geometry": outline(i, 0.0002 * rank),
        }
        for i in range(n)
        for rank in range(3)
    ]  # fmt: skip


def _measure(n: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store.db") as store:

        def seconds(action: Callable[[UnitOfWork], object]) -> float:
            return round(_bench.timed(lambda: _in_one(store, action))[0], 2)

        estates = [{"estate_id": _id(i), "name": f"小区{i}", "region_id": "R", "consent": "unknown"} for i in range(n)]
        _in_one(store, lambda work: work.put(ESTATES, ESTATES.frame(estates)))
        row: dict[str, object] = {"estates": n}
        plain = _rows(n, "text")
        row["put_s"] = seconds(lambda work: work.put(BOUNDARIES, BOUNDARIES.frame(plain)))
        _in_one(store, lambda work: work.remove(BOUNDARIES, [_id(i) for i in range(n)], "benchmark"))
        for name, rows in (("load_s", plain), ("again_s", plain), ("replace_s", _rows(n, "text", 0.0001))):
            row[name] = seconds(lambda work, rows=rows: put_boundaries(work, rows, cause="benchmark", now=_NOW))
        row["proposals_s"] = seconds(lambda work: put_proposals(work, _candidates(n)))
        with store.begin(_ACTOR) as work:
            found = work.read(BOUNDARY_PROPOSALS)
        best = list(found.index[found["rank"] == 0])
        steps: dict[str, list[float]] = {"accept_s": [], "undo_s": [], "draw_s": [], "look_s": []}
        for i in range(_REPEATS):
            steps["accept_s"].append(seconds(lambda work, i=i: accept(work, [best[i]], now=_NOW)))
            steps["look_s"].append(seconds(_look))
            steps["undo_s"].append(seconds(lambda work: undo_last(work, _NOW)))
            steps["draw_s"].append(
                seconds(lambda work, i=i: draw(work, _id(n - 1 - i), outline(n - 1 - i, 0.0003), now=_NOW))
            )
        row |= {name: round(statistics.median(values), 2) for name, values in steps.items()}
        many = best[_REPEATS : _REPEATS + n // 10]
        row["bulk_s"] = seconds(lambda work: accept(work, many, now=_NOW))
        row["bulk_undo_s"] = seconds(lambda work: undo_last(work, _NOW))
    return row


def _in_one(store: Store, action: Callable[[UnitOfWork], object]) -> object:
    with store.begin(_ACTOR, write=True) as work:
        return action(work)


def _look(work: UnitOfWork) -> None:
    next_undo(work)
    marks(work, [_id(1)])
    history(work, _id(1))


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each size: seconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, nargs="+", default=[2_000, 10_000])
    return [_measure(n) for n in parser.parse_args(argv).estates]


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("sqlalchemy", "pandas", "geopandas"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
