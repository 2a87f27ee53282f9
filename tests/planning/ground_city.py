"""A city of hand-made squares for tests of the coverage of the ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from data.schemas import BOUNDARIES, CALENDAR, CASES, GATES, LAND, TEAMS, UNITS
from planning.city import City
from tests.geo.ground_shapes import ground, make_ways
from tests.strategies import make_estates, make_regions

HECTARE = box(0, 0, 100, 100)
STREETS = {"S1": box(-100, -100, 300, 400), "S2": box(300, -100, 900, 400)}


def make_city(
    land: Sequence[Mapping[str, object]] = (),
    estates: Sequence[Mapping[str, object]] = (),
    boundaries: Mapping[str, BaseGeometry] | None = None,
    roads: Sequence[tuple[str, LineString]] = (),
    points: Mapping[str, Point] | None = None,
    streets: Mapping[str, BaseGeometry] = STREETS,
) -> City:
    """A city of hand-made shapes in metres round the origin of `tests.geo.ground_shapes`."""
    table = make_estates(estates)
    for estate, point in (points or {}).items():
        place = ground(point)
        table.loc[estate, ["lon", "lat"]] = place.x, place.y  # type: ignore[attr-defined]
    units = [{"unit_id": "C1", "name": "东区", "kind": "county", "parent_id": None, "geometry": None}]
    units += [
        {"unit_id": unit, "name": f"{unit}街道", "kind": "street", "parent_id": "C1", "geometry": ground(shape)}
        for unit, shape in streets.items()
    ]
    rows = [
        {"estate_id": estate, "source": "survey", "geometry": ground(shape)}
        for estate, shape in (boundaries or {}).items()
    ]
    found = LAND.frame(
        [
            {"land_id": n, "kind": "residential"} | {**row, "geometry": ground(row["geometry"])}  # type: ignore[arg-type]
            for n, row in enumerate(land)
        ]
    )
    ways = make_ways(*({"name": name, "geometry": line} for name, line in roads))
    return City(
        units=UNITS.frame(units), regions=make_regions(table), estates=table, gates=GATES.empty(),
        boundaries=BOUNDARIES.frame(rows), ways=ways, cases=CASES.empty(), teams=TEAMS.empty(),
        calendar=CALENDAR.empty(), stamp="0", on_demand=MappingProxyType({"land": found}),
    )  # fmt: skip
