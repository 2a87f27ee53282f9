"""A small city whose bundles can be worked out on paper: three clusters of small estates, and what is left over.

Positions in metres from a corner; roads every 100 m, so that ways are as long as in a chequerboard town.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import shapely

from dashboard import loading
from data.profile_file import load_profile
from data.schemas import ESTATES, REGIONS, UNITS, WAYS
from data.store import Actor, Role, open_store
from planning import bundle_versions, runs
from planning.city import Scope

NOW = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
CLERK = Actor("网页", Role.PLANNER)
LON, LAT = 112.0, 30.0
_M_LON, _M_LAT = 111_320.0 * np.cos(np.radians(LAT)), 110_850.0

# Estate → street, households, position, consent, service form.
ESTATES_OF: dict[str, tuple[str, int, tuple[int, int] | None, str, int]] = {
    "A1": ("S1", 80, (0, 0), "yes", 5),
    "A2": ("S1", 70, (100, 0), "yes", 5),
    "A3": ("S1", 60, (0, 100), "unknown", 5),
    "A4": ("S1", 90, (200, 0), "yes", 5),
    "C1": ("S1", 90, (400, 0), "yes", 5),
    "C2": ("S1", 80, (500, 0), "yes", 5),
    "C3": ("S1", 70, (400, 100), "yes", 5),
    "B1": ("S1", 90, (0, 1200), "yes", 5),
    "B2": ("S1", 80, (100, 1200), "yes", 5),
    "B3": ("S1", 70, (0, 1300), "yes", 5),
    "L1": ("S2", 50, (0, -100), "yes", 5),
    "R1": ("S1", 60, (100, -100), "no", 5),
    "F1": ("S1", 400, (800, 800), "yes", 5),
    "M1": ("S1", 600, (300, 300), "yes", 1),
}
BUNDLED = ({"A1", "A2", "A3", "A4"}, {"C1", "C2", "C3"}, {"B1", "B2", "B3"})
"""The best bundles: all ten small estates of S1, 780 households, on the shortest ways."""


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """Degrees of a place in metres."""
    return LON + x_m / _M_LON, LAT + y_m / _M_LAT


def _estates() -> list[dict[str, object]]:
    rows = []
    for estate, (street, homes, place, consent, form) in ESTATES_OF.items():
        where = {} if place is None else {"lon": at(*place)[0], "lat": at(*place)[1]}
        rows.append(
            {
                "estate_id": estate, "region_id": f"R{estate}", "name": f"{estate}小区",
                "county_id": "C", "street_id": street, "households": homes,
                "floor_area_m2": homes * 80.0, "fee_yuan_m2": 0.8, "fee_rate": 0.8, "service_form": form,
                "consent": consent, "datum": "cgcs2000", "source_file": "台账.xlsx", "source_row": 5, **where,
            }
        )  # fmt: skip
    return rows


def _ways() -> list[dict[str, object]]:
    across, along = range(-200, 1100, 100), range(-200, 1500, 100)
    lines = [[at(x, y) for x in across] for y in along] + [[at(x, y) for y in along] for x in across]
    rows: list[dict[str, object]] = [
        {"way_id": n, "kind": "road", "name": None, "road_class": "residential", "oneway": 0, "bridge": False,
         "tunnel": False, "geometry": shapely.LineString(line)}
        for n, line in enumerate(lines)
    ]  # fmt: skip
    river = shapely.LineString([at(950, -300), at(950, 1500)])
    rows.append(
        {
            "way_id": 900,
            "kind": "river",
            "name": "清水河",
            "oneway": 0,
            "bridge": False,
            "tunnel": False,
            "geometry": river,
        }
    )
    return rows


@cache
def _template(solved: bool, empty: bool) -> Path:
    """The city's file, written once; it goes when the tests are over."""
    folder = Path(tempfile.mkdtemp(prefix="wuyetu-bundles-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _write(f"sqlite:///{folder}/city.db", solved, empty)
    return folder / "city.db"


def make_store(folder: Path, *, solved: bool = True, empty: bool = False) -> str:
    """The city in a store of the test's own; its address. ``empty``: every estate is served already."""
    shutil.copy(_template(solved, empty), folder / "city.db")
    return f"sqlite:///{folder}/city.db"


def _write(url: str, solved: bool, empty: bool) -> None:
    with open_store(url, clock=lambda: NOW) as store:
        with store.begin(CLERK, write=True) as work:
            work.put(
                UNITS,
                UNITS.frame(
                    [
                        {"unit_id": "C", "name": "城关县", "kind": "county"},
                        {"unit_id": "S1", "name": "南街道", "kind": "street", "parent_id": "C"},
                        {"unit_id": "S2", "name": "北街道", "kind": "street", "parent_id": "C"},
                    ]
                ),
            )
            work.put(REGIONS, REGIONS.frame([{"region_id": f"R{e}", "name": f"区域{e}"} for e in ESTATES_OF]))
            rows = _estates()
            if empty:
                rows = [{**row, "service_form": 1} for row in rows]
            work.put(ESTATES, ESTATES.frame(rows))
            work.put(WAYS, WAYS.frame(_ways()))
            work.set_setting("profile", "demo")
            work.record_load([{"name": "台账.xlsx", "sha256": "0"}], [], {"estates": len(ESTATES_OF)})
        if solved:
            solve(url, store)


def solve(url: str, store: object = None) -> None:
    """Solve the usual way by the profile's rules and keep the result."""
    kept = store or open_store(url, clock=lambda: NOW)
    profile = load_profile("demo")
    city = runs.read_city(kept, CLERK)  # type: ignore[arg-type]
    plan = runs.propose_bundles(city, profile, on=date(2027, 1, 4), seed=1, seconds=20)
    bundle_versions.solved(kept, CLERK, "service", plan, Scope(), city, now=NOW)  # type: ignore[arg-type]


def clear_caches() -> None:
    """Forget what pages of other tests have read."""
    loading._store.clear()
    loading._city.clear()
