"""Hypothesis strategies and small hand-made values shared by the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import geopandas as gpd
import pandas as pd
from hypothesis import strategies as st
from pyproj import Geod

from data.profile import Basis, BundleRules, FallbackWay, Kpi, Profile, ServiceForm, ServiceTimes, Target, Value
from data.schemas import ESTATES, REGIONS, UNITS, WAYS
from planning.bundles.settings import BundleSettings

BASIS = Basis(rule="T00", document="测试")
LON, LAT = 112.3, 30.2
"""Where the hand-made places lie (EPSG:4490)."""
_GEOD = Geod(ellps="GRS80")
_LON_M = _GEOD.inv(LON, LAT, LON + 0.01, LAT)[2] * 100
_LAT_M = _GEOD.inv(LON, LAT, LON, LAT + 0.01)[2] * 100
"""Metres of a degree here."""


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """Longitude and latitude of a place so many metres east and north of the test centre (within about 0.1 %)."""
    return LON + x_m / _LON_M, LAT + y_m / _LAT_M


def make_settings(**changes: object) -> BundleSettings:
    """Limits that most tests use: radius 500 m, 100–300 households, at most 5 estates."""
    values: dict[str, object] = {
        "radius_m": 500.0,
        "max_diameter_m": 1500.0,
        "min_households": 100,
        "max_households": 300,
        "max_estates": 5,
        "small_households": 100,
        "small_floor_area_m2": 10_000.0,
        "fee_window_yuan_m2": 0.5,
        "barriers": ("river", "railway"),
        "lead": "street",
        "keep_grids": False,
        "same_type": False,
    }
    return BundleSettings(**(values | changes))  # type: ignore[arg-type]


def make_profile(
    *,
    covered: Sequence[int] = (1, 2, 3),
    kpis: Sequence[Kpi] = (),
    fallback_ways: Sequence[FallbackWay] = (),
    settings: BundleSettings | None = None,
) -> Profile:
    """A small valid profile; ``covered`` are the canonical service forms that count as covered."""
    limits = settings or make_settings()

    def value(number: float, unit: str) -> Value:
        return Value(number, unit, BASIS)

    return Profile(
        id="test",
        city="测试市",
        version="1",
        document="测试",
        title="测试",
        valid_from=date(2024, 1, 1),
        valid_to=date(2024, 12, 31),
        fictional=True,
        organs={},
        levels=("county", "street", "community"),
        service_forms=tuple(
            ServiceForm(str(code), f"形态{code}", code, code in covered, (), BASIS) for code in range(1, 7)
        ),
        committee_codes={},
        party_codes={},
        problem_codes=(),
        kpis=tuple(kpis),
        visit_rules=(),
        departments=(),
        bundle_ways={
            limits.way: BundleRules(
                radius_m=value(limits.radius_m, "m"),
                max_diameter_m=value(limits.max_diameter_m, "m"),
                min_households=value(limits.min_households, "户"),
                max_households=value(limits.max_households, "户"),
                max_estates=value(limits.max_estates, "个"),
                small_households=value(limits.small_households, "户"),
                small_floor_area_m2=value(limits.small_floor_area_m2, "m2"),
                fee_window_yuan_m2=value(limits.fee_window_yuan_m2, "元/m2"),
                barriers=limits.barriers,
                lead=limits.lead,
                keep_grids=limits.keep_grids,
                same_type=limits.same_type,
                basis=BASIS,
                barriers_basis=BASIS,
            )
        },
        bundle_way=limits.way,
        fallback_ways=tuple(fallback_ways) or (FallbackWay("street", "街道兜底管理", {}, "其余小区", BASIS),),
        service_times=ServiceTimes(value(2400, "s"), value(0, "s"), value(600, "s"), value(7200, "s")),
        sla=None,
        reports=(),
    )


def make_kpi(numerator: Mapping[str, tuple[object, ...]], **changes: object) -> Kpi:
    """An indicator over all estates with a target of 95 % in 2025."""
    values: dict[str, object] = {
        "id": "K1",
        "name": "测试指标",
        "subject": "estate",
        "measure": "share",
        "numerator": numerator,
        "denominator": {},
        "targets": (Target(date(2025, 12, 31), 0.95),),
        "definition": "",
        "basis": BASIS,
    }
    return Kpi(**(values | changes))  # type: ignore[arg-type]


def make_estates(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """An estates table; each row becomes its own region, street S1 of county C1, unless it says otherwise.

    ``xy`` stands for the place in metres round the test centre.
    """
    full: list[dict[str, object]] = []
    for number, row in enumerate(rows):
        values: dict[str, object] = {
            "estate_id": f"E{number:03d}",
            "county_id": "C1",
            "street_id": "S1",
            "service_form": 5,
            "consent": "yes",
        }
        values |= row
        values.setdefault("name", f"小区{values['estate_id']}")
        values.setdefault("region_id", f"R{values['estate_id']}")
        if "xy" in values:
            values["lon"], values["lat"] = at(*values.pop("xy"))  # type: ignore[misc]
        full.append(values)
    raw = pd.DataFrame(full, columns=[ESTATES.index, *ESTATES.names]).set_index(ESTATES.index)
    raw["extra"] = [{} for _ in full]
    types = _empty_estates().dtypes.to_dict()
    return raw.set_axis(raw.index.astype("str")).astype(types)


@cache
def _empty_estates() -> pd.DataFrame:
    """Column types of a checked table: checking hundreds of generated ones anew would take most of the tests' time."""
    return ESTATES.empty()


def make_regions(estates: pd.DataFrame) -> pd.DataFrame:
    """The regions that the estates name."""
    return REGIONS.frame([{"region_id": region, "name": region} for region in sorted(set(estates["region_id"]))])


def make_units(
    rows: Sequence[tuple[str, str, str | None]] = (("C1", "county", None), ("S1", "street", "C1")),
) -> gpd.GeoDataFrame:
    """Units without shapes: id, kind, parent; the name is the id with 名 after it."""
    return UNITS.frame(
        [
            {"unit_id": u, "name": f"{u}名", "kind": kind, "parent_id": parent, "geometry": None}
            for u, kind, parent in rows
        ]
    )


def make_ways(rows: Sequence[Mapping[str, object]] = ()) -> gpd.GeoDataFrame:
    """Ways of hand-made lines; a plain road, two-way, unless the row says otherwise."""
    defaults: dict[str, object] = {"kind": "road", "oneway": 0, "bridge": False, "tunnel": False, "geometry": None}
    return WAYS.frame([defaults | {"way_id": number} | dict(row) for number, row in enumerate(rows, start=1)])


@st.composite
def uncovered_estates(draw: st.DrawFn, max_size: int = 14) -> pd.DataFrame:
    """Uncovered estates within about a kilometre, in two streets, with gaps of every kind that registers have."""
    size = draw(st.integers(1, max_size))
    rows = []
    for _ in range(size):
        row: dict[str, object] = {
            "street_id": draw(st.sampled_from(["S1", "S1", "S2", None])),
            "grid_id": draw(st.sampled_from([None, "G1", "G2", "G3"])),
            "households": draw(st.sampled_from([None, 0, 20, 40, 60, 80, 90, 120, 400])),
            "floor_area_m2": draw(st.sampled_from([None, 3000.0, 9000.0, 30_000.0])),
            "fee_yuan_m2": draw(st.sampled_from([None, 0.3, 0.6, 1.0])),
            "estate_type": draw(st.sampled_from([None, "老旧小区", "安置房"])),
            "consent": draw(st.sampled_from(["yes", "yes", "unknown", "no"])),
            "service_form": draw(st.sampled_from([5, 5, 5, 5, None, 1])),
            "lost": draw(st.sampled_from([None, False, True])),
        }
        if draw(st.integers(0, 9)):
            row["xy"] = (draw(st.integers(-600, 600)), draw(st.integers(-600, 600)))
        rows.append(row)
    return make_estates(rows)
