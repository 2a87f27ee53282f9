"""The store beside plain pandas ``to_sql`` and ``read_sql`` (no checks, no audit log) on the same SQLite.

    python -m tests.benchmarks.store --estates 10000 50000 --ways 50000

"put" writes new rows and one audit row for each, "put again" the same rows (nothing may change), "put changed" one other
figure in each row, "read" gives the checked frame, "audit" verifies the hash chain over all rows so far.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from data.schemas import ESTATES, WAYS, Table
from data.store import Actor, Role, open_store
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows

_ACTOR = Actor("benchmark", Role.ADMIN)


def estates(n: int) -> pd.DataFrame:
    """A register of ``n`` invented estates with nearly all columns filled."""
    rng = np.random.default_rng(1)
    households = rng.lognormal(5.5, 1.0, n).astype(int) + 1
    return ESTATES.frame(
        [
            {
                "estate_id": f"E{i:06d}",
                "name": f"小区{i}",
                "region_id": f"R{i:06d}",
                "county_id": "C1",
                "street_id": f"S{i % 60}",
                "address": f"某某路{i}号",
                "four_sides": "东至东环路，南至南湖路，西至西山路，北至北河路",
                "service_form": 1 + i % 6,
                "service_form_text": "专业化物业服务",
                "company": f"第{i % 200}物业服务公司",
                "manager": "王某某",
                "fee_rate": round(float(rng.random()), 4),
                "households": int(households[i]),
                "floor_area_m2": float(households[i]) * 95,
                "year_built": 1980 + i % 40,
                "consent": "unknown",
                "lon": 112 + float(rng.random()) / 5,
                "lat": 30 + float(rng.random()) / 5,
                "datum": "gcj02",
                "source_file": "register.xlsx",
                "source_sheet": f"街道{i % 60}",
                "source_row": 5 + i,
                "extra": {"备注": "无"},
            }
            for i in range(n)
        ]
    )


def ways(n: int) -> pd.DataFrame:
    """``n`` lines of six points."""
    rng = np.random.default_rng(1)
    points = rng.random((n, 6, 2)) / 5 + [112, 30]
    fixed = {"kind": "road", "name": "某某路", "road_class": "primary", "oneway": 0, "bridge": False, "tunnel": False}
    return WAYS.frame([fixed | {"way_id": i, "geometry": shapely.LineString(points[i])} for i in range(n)])


def _seconds(action: Callable[[], object]) -> float:
    return round(_bench.timed(action)[0], 2)


def _measure(table: Table, frame: pd.DataFrame, changed: pd.DataFrame) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store.db") as store:

        def put(rows: pd.DataFrame) -> None:
            with store.begin(_ACTOR, write=True) as work:
                work.put(table, rows)

        def read() -> None:
            with store.begin(_ACTOR) as work:
                work.read(table)

        def verify() -> None:
            with store.begin(_ACTOR) as work:
                if work.verify_audit() is not None:
                    raise RuntimeError("the audit chain is broken")

        row: dict[str, object] = {"table": table.name, "rows": len(frame)}
        row |= {"put_s": _seconds(lambda: put(frame)), "put_again_s": _seconds(lambda: put(frame))}
        row |= {
            "put_changed_s": _seconds(lambda: put(changed)),
            "read_s": _seconds(read),
            "audit_s": _seconds(verify),
        }
        row["file_mb"] = round((Path(folder) / "store.db").stat().st_size / 1e6, 1)
        plain = _plain(frame)
        with sqlite3.connect(f"{folder}/plain.db") as connection:
            row["to_sql_s"] = _seconds(lambda: plain.to_sql(table.name, connection))
            row["read_sql_s"] = _seconds(lambda: pd.read_sql(f"SELECT * FROM {table.name}", connection))
        connection.close()
    row["memory_mb"] = _bench.peak_mb()
    return row


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with what ``to_sql`` can write: geometry as WKB, lists and dicts as text."""
    plain = pd.DataFrame(frame.copy())
    for name in plain.columns:
        if name == "geometry":
            plain[name] = shapely.to_wkb(np.asarray(frame[name], dtype=object))
        elif plain[name].dtype == object:
            plain[name] = plain[name].astype(str)
    return plain


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each size: seconds of each step, of the yardsticks, and sizes in MB."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--ways", type=int, default=50_000)
    options = parser.parse_args(argv)
    rows = []
    for n in options.estates:
        frame = estates(n)
        rows.append(_measure(ESTATES, frame, frame.assign(households=frame["households"] + 1)))
    if options.ways:
        lines = ways(options.ways)
        rows.append(_measure(WAYS, lines, lines.assign(oneway=1)))
    return rows


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("sqlalchemy", "pandas", "geopandas", "pandera"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
