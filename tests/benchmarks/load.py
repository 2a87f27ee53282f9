"""Load of a register with boundaries into an empty store, beside pandas reading the same workbook.

    python -m tests.benchmarks.load --size 600 10000 --runs 3

The demo city writes the files: register.xlsx in the 附件1 layout, units.gpkg and boundaries.gpkg (polygons for 60 % of the
estates, gates). ``load`` reads them, converts positions, joins units and boundaries, writes the store with its audit log;
``again`` loads the same files once more, which must change nothing. ``pandas`` is ``read_excel`` of all sheets of the same
register with openpyxl, its usual engine, and gives raw cells only. Wall and CPU seconds, best of the runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from data.demo import write_demo
from data.load import LoadReport, load
from data.profile_file import load_profile
from data.store import Actor, Role, Store, open_store
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed

_ACTOR = Actor("benchmark", Role.ADMIN)
_FILES = ("units.gpkg", "boundaries.gpkg", "register.xlsx")


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row a size: seconds of a first and a second load, of pandas, and what was loaded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs="+", default=[600, 10_000], metavar="ESTATES")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    # The first load of a process also pays for imports; a small one before keeps that out of the table.
    _row(60, 1, options.seed)
    return [_row(size, options.runs, options.seed) for size in options.size]


def _row(size: int, runs: int, seed: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_demo(folder / "city", n_estates=size, seed=seed)
        first = second = _best(())
        for run in range(runs):
            with open_store(f"sqlite:///{folder / f'{run}.db'}") as store:
                *seconds, report = timed(lambda store=store: _load(store, folder / "city"))
                first = _best((first, seconds))
                *seconds, again = timed(lambda store=store: _load(store, folder / "city"))
                second = _best((second, seconds))
                if again.changed:
                    raise RuntimeError(f"the second load changed {again.changed} rows")
        workbook = folder / "city" / "register.xlsx"
        excel = _best(
            timed(lambda: pd.read_excel(workbook, sheet_name=None, header=None, engine="openpyxl"))[:2]
            for _ in range(runs)
        )
    return {
        "estates": report.counts["estates"],
        "boundaries": report.counts["boundaries"],
        "refused": report.rows_refused,
        "load_s": round(first[0], 2),
        "load_cpu_s": round(first[1], 2),
        "again_s": round(second[0], 2),
        "pandas_s": round(excel[0], 2),
        "pandas_cpu_s": round(excel[1], 2),
        "times_pandas": round(first[0] / excel[0], 2),
        "times_pandas_cpu": round(first[1] / excel[1], 2),
        "peak_mb": _bench.peak_mb(),
    }


def _load(store: Store, folder: Path) -> LoadReport:
    return load(store, _ACTOR, [folder / name for name in _FILES], load_profile("demo"))


def _best(seconds: object) -> tuple[float, float]:
    """The smallest wall and the smallest CPU time of several runs; infinite without any."""
    pairs = list(seconds)  # type: ignore[call-overload]
    return min((p[0] for p in pairs), default=float("inf")), min((p[1] for p in pairs), default=float("inf"))


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("pandas", "openpyxl", "python-calamine", "sqlalchemy"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
