"""A small city on a known grid: what its boundary page must show and do can be worked out on paper.

Four roads every 400 m each way make nine blocks; estates lie in the middle of blocks. Positions in metres from a corner.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dashboard import loading
from dashboard.boundary_desk import Desk
from data.boundaries import put_boundaries
from data.schemas import BOUNDARY_PROPOSALS, ESTATES, GATES, REGIONS, UNITS, WAYS
from data.store import Actor, Role, Store, open_store
from planning.runs import read_city

NOW = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
CLERK = Actor("网页", Role.PLANNER)
LON, LAT = 112.0, 30.0
EAST_WEST = ("南一路", "南二路", "北二路", "北一路")
NORTH_SOUTH = ("西一路", "西二路", "东二路", "东一路")
TEXT = "东至东二路、南至南二路、西至西二路、北至北二路"
_M_LON, _M_LAT = 111_320.0 * np.cos(np.radians(LAT)), 110_850.0


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """Degrees of a place in metres."""
    return LON + x_m / _M_LON, LAT + y_m / _M_LAT


def box(x0: float, y0: float, x1: float, y1: float) -> BaseGeometry:
    """A rectangle given in metres, in degrees."""
    return shapely.Polygon([at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)])


# Estate → street, households, position, text.
ESTATES_OF = {
    "E1": ("S1", 900, (600, 600), TEXT),
    "E2": ("S1", 300, (200, 600), "东至西二路、南至南二路、西至西一路、北至北二路"),
    "E3": ("S1", 400, (1000, 600), "东至东一路、南至围墙"),
    "E4": ("S2", 500, (600, 1000), "东至东二路、南至北二路、西至西二路、北至北一路"),
    "E5": ("S2", 100, (200, 1000), None),
    "E6": ("S2", 200, (1000, 1000), None),
}
SURVEY = box(820, 820, 1180, 1180)
"""The boundary of E6, from a survey file."""
FORCE: dict[str, object] = {
    "estate_id": "E6", "source": "survey", "source_file": "测绘.gpkg", "confidence": 1.0, "geometry": SURVEY
}  # fmt: skip
GATE: dict[str, object] = {
    "gate_id": "G1", "estate_id": "E1", "lon": at(600, 410)[0], "lat": at(600, 410)[1], "main": True
}  # fmt: skip
FULL = {"E1": (410, 410, 790, 790), "E2": (10, 410, 390, 790), "E4": (410, 810, 790, 1190)}
"""The best candidate of each estate that has one."""


def _sides(names: dict[str, str]) -> dict[str, object]:
    return {
        "sides": [
            {"side": s, "name": n, "chosen": True, "why": "", "matches": [{"name": n, "kind": "exact", "quality": 1.0}]}
            for s, n in names.items()
        ]
    }


def _proposals() -> list[dict[str, object]]:
    around = {"east": "东二路", "south": "南二路", "west": "西二路", "north": "北二路"}
    common = {"outcome": "look", "step": "faces", "model": "m1"}
    return [
        {"proposal_id": "P1a", "estate_id": "E1", "rank": 0, "confidence": 0.95, "text": TEXT, "why": ["面积是台账的 1.6 倍"],
         "evidence": _sides(around), "geometry": box(*FULL["E1"]), **common},
        {"proposal_id": "P1b", "estate_id": "E1", "rank": 1, "confidence": 0.4, "text": TEXT, "why": ["西侧没有贴着"],
         "evidence": _sides(around), "geometry": box(500, 410, 790, 790), **common},
        {"proposal_id": "P1c", "estate_id": "E1", "rank": 2, "confidence": 0.2, "text": TEXT, "why": ["北侧没有贴着"],
         "evidence": _sides(around), "geometry": box(410, 410, 790, 700), **common},
        {"proposal_id": "P2", "estate_id": "E2", "rank": 0, "confidence": 0.92, "text": ESTATES_OF["E2"][3], "why": [],
         "evidence": {}, "geometry": box(*FULL["E2"]), **common},
        {"proposal_id": "P3", "estate_id": "E3", "rank": 0, "outcome": "cannot", "why": ["南侧“围墙”没有名称"],
         "evidence": {}, "text": ESTATES_OF["E3"][3]},
        {"proposal_id": "P4", "estate_id": "E4", "rank": 0, "confidence": 0.6, "text": ESTATES_OF["E4"][3], "why": [],
         "evidence": {}, "geometry": box(*FULL["E4"]), **common},
        {"proposal_id": "P5", "estate_id": "E5", "rank": 0, "text": None, "why": ["没有四至文字，按坐标所在的街区推算"],
         "evidence": {}, "geometry": box(10, 810, 390, 1190), **common, "step": "block"},
    ]  # fmt: skip


def _ways() -> list[dict[str, object]]:
    rows = []
    for number, (name, line) in enumerate(
        [(name, [at(0, 400 * i), at(1200, 400 * i)]) for i, name in enumerate(EAST_WEST)]
        + [(name, [at(400 * i, 0), at(400 * i, 1200)]) for i, name in enumerate(NORTH_SOUTH)]
    ):
        rows.append(
            {
                "way_id": number, "kind": "road", "name": name, "road_class": "secondary", "oneway": 0,
                "bridge": False, "tunnel": False, "geometry": shapely.LineString(line),
            }
        )  # fmt: skip
    return rows


@cache
def _template(proposals: bool) -> Path:
    """The city's file, written once; it goes when the tests are over."""
    folder = tempfile.mkdtemp(prefix="wuyetu-boundaries-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _write(f"sqlite:///{folder}/city.db", proposals)
    return Path(folder) / "city.db"


def make_store(folder: Path, *, proposals: bool = True) -> str:
    """The city in a store of the test's own; its address."""
    shutil.copy(_template(proposals), folder / "city.db")
    return f"sqlite:///{folder}/city.db"


def _write(url: str, proposals: bool) -> None:
    with open_store(url, clock=lambda: NOW) as store, store.begin(CLERK, write=True) as work:
        work.put(
            UNITS,
            UNITS.frame(
                [
                    {"unit_id": "C1", "name": "城关县", "kind": "county"},
                    {"unit_id": "S1", "name": "南街道", "kind": "street", "parent_id": "C1"},
                    {"unit_id": "S2", "name": "北街道", "kind": "street", "parent_id": "C1"},
                    {"unit_id": "S3", "name": "空街道", "kind": "street", "parent_id": "C1"},
                ]
            ),
        )
        work.put(REGIONS, REGIONS.frame([{"region_id": f"R{e}", "name": f"区域{e}"} for e in ESTATES_OF]))
        work.put(
            ESTATES,
            ESTATES.frame(
                [
                    {
                        "estate_id": e, "name": f"{e}小区", "region_id": f"R{e}", "county_id": "C1", "street_id": street,
                        "households": homes, "lon": at(*place)[0], "lat": at(*place)[1], "datum": "cgcs2000",
                        "four_sides": text, "consent": "unknown", "land_area_m2": 100_000.0,
                    }
                    for e, (street, homes, place, text) in ESTATES_OF.items()
                ]
            ),
        )  # fmt: skip
        work.put(GATES, GATES.frame([GATE]))
        work.put(WAYS, WAYS.frame(_ways()))
        put_boundaries(work, [FORCE], cause="导入", now=NOW)
        if proposals:
            work.put(BOUNDARY_PROPOSALS, BOUNDARY_PROPOSALS.frame(_proposals()))
        work.set_setting("profile", "demo")
        work.record_load([{"name": "台账.xlsx", "sha256": "0"}], [], {"estates": len(ESTATES_OF)})


def make_desk(store: Store) -> Desk:
    """Live tables of the store, read anew."""
    with store.begin(CLERK) as work:
        desk = Desk(store, read_city(store, CLERK), work.sequence)
        desk.read(work)
    return desk


def clear_caches() -> None:
    """Forget what pages of other tests have read."""
    loading._store.clear()
    loading._city.clear()
