"""Findings about units: overlaps and gaps of their polygons, regions across streets, levels without shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd

from data.codes import UnitKind
from geo import quality as measure
from planning.quality.facts import Facts, box_place
from planning.quality.types import Finding, Measure, Place, Severity

_LEVELS = (UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)


def unit_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    yield from _region_streets(facts)
    for at, level in enumerate(_LEVELS):
        units = facts.units(level)
        yield from _overlaps(facts, level, units)
        yield from _gaps(facts, level, units, _LEVELS[at - 1] if at else None)
        yield from _without_shape(facts, level, units)


def _region_streets(facts: Facts) -> Iterator[Finding]:
    held: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for estate, region in facts.region_of.items():
        street = facts.street_of[estate]
        if street is not None:
            held[region][street].append(estate)
    for region, streets in sorted(held.items()):
        if len(streets) < 2:
            continue
        estates = [estate for street in sorted(streets) for estate in streets[street]]
        told = "、".join(f"{facts.unit_called(street)} {len(streets[street])} 个" for street in sorted(streets))
        places = [place for place in map(facts.place, estates) if place is not None]
        yield facts.finding(
            "region_streets",
            Severity.WARNING,
            f"物业管理区域{facts.region_called(region)}的小区分属 {len(streets)} 个街道：{told}",
            estates=estates,
            regions=[region],
            measures=[Measure("街道", float(len(streets)), "个"), Measure("小区", float(len(estates)), "个")],
            place=Place.round(places),
            weight=float(len(estates)),
        )


def _overlaps(facts: Facts, level: UnitKind, units: measure.Ground) -> Iterator[Finding]:
    for row in measure.unit_overlaps(units, facts.settings.limits).itertuples():
        a, b = str(row.a), str(row.b)
        yield facts.finding(
            "unit_overlap",
            Severity.WARNING,
            f"{level.label}“{facts.unit_called(a)}”和“{facts.unit_called(b)}”的范围重叠 {row.area_m2:,.0f} 平方米",
            units=[a, b],
            measures=[Measure("重叠面积", row.area_m2, "平方米"), Measure("最宽", row.width_m, "米")],
            place=box_place(row),
            weight=row.area_m2,
        )


def _gaps(facts: Facts, level: UnitKind, units: measure.Ground, above: UnitKind | None) -> Iterator[Finding]:
    """Ground that no unit of the level holds: within the units above that have units of this level at all."""
    wider: gpd.GeoSeries | None = None
    if above is not None and len(units):
        table = facts.city.units
        # A parent with one child is more likely one whose other children this person may not see.
        n_children = table["parent_id"][table.index.isin(units.ids)].value_counts()
        parents = set(n_children.index[n_children > 1])
        upper = facts.units(above)
        chosen = [at for at, key in enumerate(upper.ids) if key in parents and upper.shapes[at] is not None]
        wider = gpd.GeoSeries(list(upper.shapes[chosen])) if chosen else None
    for row in measure.unit_gaps(units, facts.settings.limits, wider).itertuples():
        near = list(row.near)
        beside = f"（在{'、'.join(facts.unit_called(unit) for unit in near)}旁）" if near else ""
        lon, lat = (row.west + row.east) / 2, (row.south + row.north) / 2
        yield facts.finding(
            "unit_gap",
            Severity.HINT,
            f"有 {row.area_m2:,.0f} 平方米不属于任何{level.label}{beside}",
            units=near,
            apart=[level.value, f"{lon:.4f},{lat:.4f}"],
            measures=[Measure("空白面积", row.area_m2, "平方米"), Measure("宽度", row.width_m, "米")],
            place=box_place(row),
            weight=row.area_m2,
        )


def _without_shape(facts: Facts, level: UnitKind, units: measure.Ground) -> Iterator[Finding]:
    """Units that estates name and that have no shape: nothing can be checked against them."""
    named = facts.estates[f"{level.value}_id"].value_counts()
    table = facts.city.units
    lost = [str(unit) for unit in named.index if unit not in units.row and unit in table.index]
    if not lost:
        return
    n = int(named[lost].sum())
    lost = sorted(lost)
    told = "、".join(facts.unit_called(unit) for unit in lost[:4]) + ("等" if len(lost) > 4 else "")
    yield facts.finding(
        "unit_no_shape",
        Severity.HINT,
        f"{len(lost)} 个{level.label}没有范围图形（{told}），其中的 {n} 个小区无法核对所在",
        apart=[level.value],
        measures=[Measure("单元", float(len(lost)), "个"), Measure("小区", float(n), "个")],
        weight=float(n),
    )
