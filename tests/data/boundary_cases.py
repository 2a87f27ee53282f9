"""A store with a few estates, squares for their boundaries, and clerks, for the tests of boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from shapely.geometry import Polygon, box

from data.boundaries import put_boundaries, put_proposals
from data.boundaries.put import PutOutcome
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES, UNITS
from data.store import Actor, Role, Store, UnitOfWork, open_store

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
WANG = Actor("王科员", Role.PLANNER)
LI = Actor("李科员", Role.PLANNER)
OF_STREET = Actor("街道科员", Role.PLANNER, unit_id="S1")
CHIEF = Actor("局长", Role.LEADER)


def at(minute: int) -> datetime:
    """A moment of the morning."""
    return START + timedelta(minutes=minute)


def square(n: int, shift: float = 0.0, size: float = 0.002) -> Polygon:
    """The square of estate ``En`` (about 200 m), moved east by ``shift`` degrees."""
    west = 112.0 + 0.01 * n + shift
    return box(west, 30.0, west + size, 30.0 + size)


def opened(folder: Path, n: int = 4) -> Store:
    """A store with estates E0 … in two streets (E0 and E2 in S0, the others in S1)."""
    (folder / "store.db").write_bytes(_made(n))
    return open_store(f"sqlite:///{folder}/store.db", clock=lambda: START)


@cache
def _made(n: int) -> bytes:
    """The file of such a store: made once, because making the tables takes longer than most tests."""
    with TemporaryDirectory() as folder:
        with open_store(f"sqlite:///{folder}/store.db") as store:
            _fill(store, n)
        return Path(folder, "store.db").read_bytes()


def _fill(store: Store, n: int) -> None:
    with store.begin(WANG, write=True) as work:
        work.put(
            UNITS,
            UNITS.frame(
                [{"unit_id": "C", "name": "东风区", "kind": "county"}]
                + [{"unit_id": f"S{i}", "name": f"{i}街道", "kind": "street", "parent_id": "C"} for i in range(2)]
            ),
        )
        if n:
            work.put(ESTATES, ESTATES.frame([estate(i) for i in range(n)]))


def estate(n: int, **cells: object) -> dict[str, object]:
    """A row of ``ESTATES``."""
    row: dict[str, object] = {
        "estate_id": f"E{n}", "name": f"小区{n}", "region_id": "R", "street_id": f"S{n % 2}", "consent": "unknown",
        "lon": 112.001 + 0.01 * n, "lat": 30.001,
    }  # fmt: skip
    return row | cells


def row(n: int, source: str = "survey", shift: float = 0.0, **cells: object) -> dict[str, Any]:
    """A row of ``BOUNDARIES``."""
    return {"estate_id": f"E{n}", "source": source, "geometry": square(n, shift)} | cells


def offer(work: UnitOfWork, n: int, source: str = "survey", shift: float = 0.0, **cells: object) -> PutOutcome:
    """Put one boundary as a load does."""
    return put_boundaries(work, [row(n, source, shift, **cells)], cause="导入边界文件", now=START)


def candidates(work: UnitOfWork, ns: Sequence[int], text: str | None = "东至解放路") -> list[str]:
    """Two candidates for each estate, moved by 0 and 0.0005 degrees; ids of the best ones, in order of the estates."""
    rows = [
        {
            "estate_id": f"E{n}", "rank": rank, "outcome": "look", "confidence": 0.9 - 0.1 * rank, "model": "m1",
            "text": text, "why": ["北侧道路未找到"], "evidence": {"iou": 0.5}, "geometry": square(n, 0.0005 * rank),
        }
        for n in ns
        for rank in range(2)
    ]  # fmt: skip
    put_proposals(work, rows)
    frame = work.read(BOUNDARY_PROPOSALS)
    best = frame[frame["rank"] == 0]
    ids = dict(zip(best["estate_id"], best.index, strict=True))
    return [ids[f"E{n}"] for n in ns]


def in_force(store: Store, actor: Actor = WANG) -> pd.DataFrame:
    """All boundaries."""
    with store.begin(actor) as work:
        return work.read(BOUNDARIES)


def sources(store: Store) -> dict[str, str]:
    """Source of each boundary in force."""
    return dict(in_force(store)["source"])
