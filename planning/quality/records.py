"""Findings about what the register says or leaves out: areas against the map, 四至, boundaries, points, gates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from geo import quality as measure
from geo import sides
from geo.crs import to_metric
from geo.sides import MAIN_SIDES
from planning.quality.facts import Facts
from planning.quality.types import Finding, Measure, Place, Severity


def record_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    yield from _missing(facts)
    yield from _sides(facts)
    yield from _land_area(facts)
    yield from _floor_ratio(facts)
    yield from _gates(facts)


def _missing(facts: Facts) -> Iterator[Finding]:
    estates = facts.estates
    ground = estates.index.isin(facts.ground.ids)
    point = facts.points["x"].notna().to_numpy()
    words = estates["four_sides"].fillna("").str.strip().ne("").to_numpy()
    gates = estates.index.isin(facts.city.gates["estate_id"])
    nothing = ~ground & ~point & ~words
    rest = ~nothing
    checks = (
        ("no_place", nothing, "没有坐标、边界和四至范围，无法在地图上显示", Severity.ERROR),
        ("no_boundary", rest & ~ground, "没有边界", Severity.HINT),
        ("no_point", rest & ~point, "没有坐标", Severity.WARNING),
        ("no_sides", rest & ~words, "没有四至范围", Severity.HINT),
        ("no_gate", rest & ~gates, "没有出入口", Severity.HINT),
    )
    for kind, lacks, told, severity in checks:
        counted = np.ones(len(estates), dtype=bool) if kind == "no_place" else rest
        yield from _lacking(facts, kind, lacks, counted, told, severity)


def _lacking(
    facts: Facts, kind: str, lacks: np.ndarray, counted: np.ndarray, words: str, severity: Severity
) -> Iterator[Finding]:
    """One finding an estate; where all ``counted`` estates of a street (else county, else city) lack it, one for all."""
    estates = facts.estates
    street, county = estates["street_id"], estates["county_id"]
    unit = street.where(street.notna(), county).fillna("").astype(object).to_numpy()
    groups = pd.DataFrame({"unit": unit, "lacks": lacks})[counted].groupby("unit", sort=True)["lacks"]
    whole = {str(key) for key, group in groups if group.all() and len(group) >= facts.settings.whole_street}
    for key in sorted(whole):
        n = int((unit[counted] == key).sum())
        name = (
            f"{facts.unit_called(key)}的"
            if key
            else ("未归入县区、街道的" if street.notna().any() or len(groups) > 1 else "")
        )
        yield _whole(facts, kind, f"{name} {n} 个小区都{words}".strip(), severity, key, n)
    households = estates["households"].fillna(0).to_numpy(dtype=float)
    for at in np.flatnonzero(lacks):
        if unit[at] in whole:
            continue
        estate = str(estates.index[at])
        yield facts.finding(
            kind, severity, f"{facts.called([estate])}{words}", estates=[estate], place=facts.place(estate),
            weight=households[at],
        )  # fmt: skip


def _whole(facts: Facts, kind: str, text: str, severity: Severity, unit: str, n: int) -> Finding:
    units = [unit] if unit else []
    place = None
    if unit in facts.city.units.index:
        shape = facts.city.units.geometry[unit]
        if shape is not None and not shape.is_empty:
            place = Place(*shape.bounds)
    measures = [Measure("小区", float(n), "个")]
    return facts.finding(
        kind, severity, text, units=units, measures=measures, place=place, apart=[unit], weight=float(n)
    )


_SIDE: Final = re.compile(
    r"([东南西北])[至到临邻接抵]([^东南西北，、；,;。：:（）()以与和为起\s]{1,12}[路街道巷河江])[，、；,;。]*"
)
_parsed = lru_cache(maxsize=65_536)(sides.parse)


def plainly_whole(text: str) -> bool:
    """Whether a text is of the plainest form with four sides and four different names: most are, and reading them all
    with the parser would take most of a report's time."""
    found = _SIDE.findall(text)
    whole = len(found) == 4 and len({side for side, _ in found}) == 4 and len({name for _, name in found}) == 4
    return whole and _SIDE.sub("", text) == ""


def _sides(facts: Facts) -> Iterator[Finding]:
    """Texts with fewer than four sides, contradictions, or words that nothing was made of."""
    texts = facts.estates["four_sides"].dropna().astype(str)
    for estate, text in texts[texts.str.strip().ne("")].items():
        if plainly_whole(text):
            continue
        read = _parsed(text)
        missing = [side.label for side in MAIN_SIDES if side not in read.sides]
        missing = missing if len(read.sides) < len(MAIN_SIDES) else []
        unread = [part.text for part in read.unread]
        if not missing and not unread and not read.warnings:
            continue
        told = [f"缺{'、'.join(missing)}侧"] if missing else []
        told += ["文字指向附图"] if read.attached and missing else []
        told += list(read.warnings)
        told += [f"读不懂“{'”“'.join(word[:20] for word in unread[:3])}”"] if unread else []
        yield facts.finding(
            "sides_unclear",
            Severity.WARNING if missing or read.warnings else Severity.HINT,
            f"{facts.called([str(estate)])}的四至文字{'；'.join(told)}",
            estates=[str(estate)],
            measures=[Measure("读出的侧", float(len(read.sides)), "侧"), Measure("原文", text[:200])],
            place=facts.place(str(estate)),
            weight=float(len(missing)),
        )


def _land_area(facts: Facts) -> Iterator[Finding]:
    stated = facts.estates["land_area_m2"].reindex(facts.ground.ids).to_numpy(dtype=float)
    usable = (stated > 0) & (facts.ground.area_m2 > 0)
    for at in np.flatnonzero(usable):
        area, said = float(facts.ground.area_m2[at]), float(stated[at])
        off = area / said - 1
        if abs(off) <= facts.settings.land_share:
            continue
        wrong = max(area / said, said / area) > facts.settings.land_factor
        estate = str(facts.ground.ids[at])
        yield facts.finding(
            "land_area",
            Severity.ERROR if wrong else Severity.WARNING,
            f"{facts.called([estate])}的边界面积 {area:,.0f} 平方米，台账占地 {said:,.0f} 平方米，"
            f"{'多' if off > 0 else '少'} {abs(off):.0%}",
            estates=[estate],
            measures=[
                Measure("边界面积", area, "平方米"),
                Measure("台账占地", said, "平方米"),
                Measure("相差", off, "%"),
            ],
            place=facts.place(estate),
            weight=abs(area - said),
        )


def _floor_ratio(facts: Facts) -> Iterator[Finding]:
    """Floor area over land area; the register's land where it has it, else the boundary's."""
    estates = facts.estates
    floor = estates["floor_area_m2"].to_numpy(dtype=float)
    land = estates["land_area_m2"].to_numpy(dtype=float)
    drawn = pd.Series(facts.ground.area_m2, index=facts.ground.ids).reindex(estates.index).to_numpy(dtype=float)
    by_map = ~(land > 0) & (drawn > 0)
    base = np.where(by_map, drawn, land)
    usable = (floor > 0) & (base > 0)
    ratio = np.divide(floor, base, out=np.full(len(base), np.nan), where=usable)
    absurd = usable & ((ratio < facts.settings.ratio_low) | (ratio > facts.settings.ratio_high))
    for at in np.flatnonzero(absurd):
        estate = str(estates.index[at])
        yield facts.finding(
            "floor_ratio",
            Severity.WARNING,
            f"{facts.called([estate])}的建筑面积 {floor[at]:,.0f} 平方米，"
            f"{'边界' if by_map[at] else '台账占地'} {base[at]:,.0f} 平方米，容积率 {ratio[at]:.2f}",
            estates=[estate],
            measures=[
                Measure("容积率", float(ratio[at]), "倍"),
                Measure("建筑面积", float(floor[at]), "平方米"),
                Measure("占地面积", float(base[at]), "平方米"),
            ],
            place=facts.place(estate),
            weight=float(floor[at]),
        )


def _gates(facts: Facts) -> Iterator[Finding]:
    limits = facts.settings.limits
    gates = facts.city.gates[facts.city.gates["estate_id"].isin(facts.points.index)].sort_index()
    x, y = to_metric(gates["lon"], gates["lat"], facts.ground.crs)
    road = measure.road_distances(x, y, facts.city.ways, facts.ground)
    off = measure.to_boundary(gates["estate_id"].to_numpy(dtype=object), x, y, facts.ground)
    line, outside = off["line_m"].to_numpy(), off["outside_m"].to_numpy()
    for at, (gate_id, gate) in enumerate(zip(gates.index, gates.itertuples(), strict=True)):
        estate = str(gate.estate_id)
        name = f"“{gate.name}”" if isinstance(gate.name, str) and gate.name else ""
        place = Place(gate.lon, gate.lat, gate.lon, gate.lat)
        if road[at] > limits.gate_road_m:
            yield facts.finding(
                "gate_off_road", Severity.WARNING,
                f"{facts.called([estate])}的出入口{name}距最近的道路 {road[at]:,.0f} 米",
                estates=[estate], apart=[str(gate_id)], measures=[Measure("距道路", float(road[at]), "米")], place=place,
                weight=float(road[at]),
            )  # fmt: skip
        if line[at] > limits.gate_boundary_m:
            where = f"边界之外 {outside[at]:,.0f} 米" if outside[at] > 0 else f"边界之内，离边界线 {line[at]:,.0f} 米"
            yield facts.finding(
                "gate_off_boundary", Severity.ERROR if outside[at] > limits.far_gate_m else Severity.WARNING,
                f"{facts.called([estate])}的出入口{name}在{where}",
                estates=[estate], apart=[str(gate_id)],
                measures=[Measure("距边界线", float(line[at]), "米"), Measure("边界外", float(outside[at]), "米")],
                place=place, weight=float(line[at]),
            )  # fmt: skip
