"""Findings about where things lie: outside the named unit, points away from their boundary, several on one point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from data.codes import UnitKind
from geo import quality as measure
from planning.quality.facts import Facts, box_place, metric_place
from planning.quality.types import Finding, Measure, Severity

_LEVELS = (UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)


def place_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    yield from _outside(facts)
    yield from _points(facts)
    yield from _in_other(facts)
    yield from _same_points(facts)


def _outside(facts: Facts) -> Iterator[Finding]:
    """The widest level at which an estate lies elsewhere; the levels below follow from it and are not told again."""
    told: set[str] = set()
    for level in _LEVELS:
        units = facts.units(level)
        if not len(units):
            continue
        named = facts.estates[f"{level.value}_id"]
        for row in measure.outside(facts.ground, named, units, facts.settings.limits).itertuples():
            if str(row.Index) not in told:
                told.add(str(row.Index))
                yield _boundary_outside(facts, level, row)
        pointlike = facts.points[~facts.points.index.isin(facts.ground.ids) & facts.points["x"].notna()]
        for row in measure.points_outside(pointlike, named, units, facts.settings.limits).itertuples():
            if str(row.Index) not in told:
                told.add(str(row.Index))
                yield _point_outside_unit(facts, level, row)


def _boundary_outside(facts: Facts, level: UnitKind, row: object) -> Finding:
    estate, found = str(row.Index), row.found  # type: ignore[attr-defined]
    unit, share = str(row.unit), float(row.share)  # type: ignore[attr-defined]
    area, distance = float(row.outside_m2), float(row.distance_m)  # type: ignore[attr-defined]
    elsewhere = share > facts.settings.limits.elsewhere_share
    apart = f"，相距 {distance:,.0f} 米" if distance > 1 else ""
    really = f"，实际主要在{facts.unit_called(found)}" if found not in ("", unit) else ""
    nowhere = "，不在任何同级单元内" if not found else ""
    return facts.finding(
        "outside_unit",
        Severity.ERROR if elsewhere else Severity.WARNING,
        f"台账写明{facts.called([estate])}属于{level.label}“{facts.unit_called(unit)}”，"
        f"但其边界有 {share:.0%}（{area:,.0f} 平方米）在外{apart}{really}{nowhere}",
        estates=[estate],
        units=[unit, *([found] if found not in ("", unit) else [])],
        measures=[
            Measure("在外占比", share, "%"),
            Measure("在外面积", area, "平方米"),
            Measure("相距", distance, "米"),
            Measure("实际所在", facts.unit_called(found)),
        ],
        place=box_place(row),
        weight=area,
    )


def _point_outside_unit(facts: Facts, level: UnitKind, row: object) -> Finding:
    estate, unit, found = str(row.Index), str(row.unit), row.found  # type: ignore[attr-defined]
    distance = float(row.distance_m)  # type: ignore[attr-defined]
    really = f"，实际在{facts.unit_called(found)}" if found else "，不在任何同级单元内"
    return facts.finding(
        "outside_unit",
        Severity.ERROR,
        f"台账写明{facts.called([estate])}属于{level.label}“{facts.unit_called(unit)}”，"
        f"但其坐标在该单元之外 {distance:,.0f} 米{really}",
        estates=[estate],
        units=[unit, *([found] if found else [])],
        measures=[Measure("相距", distance, "米"), Measure("实际所在", facts.unit_called(found))],
        place=facts.point_place(estate),
        weight=distance,
    )


def _points(facts: Facts) -> Iterator[Finding]:
    """Points outside the own boundary: by a little, or so far that they show another place."""
    limits = facts.settings.limits
    ids = facts.points.index.to_numpy(dtype=object)
    x, y = facts.points["x"].to_numpy(), facts.points["y"].to_numpy()
    away = measure.to_boundary(ids, x, y, facts.ground)["outside_m"].to_numpy()
    rows = np.flatnonzero(np.nan_to_num(away) > limits.point_m)
    others = _holders(facts, ids[rows])
    for at in rows:
        estate, distance = str(ids[at]), float(away[at])
        far = distance > limits.far_point_m
        other = others.get(estate)
        beside = f"，落在{facts.called([other])}的边界内" if other is not None else ""
        yield facts.finding(
            "point_far" if far else "point_outside",
            Severity.ERROR if far else Severity.WARNING,
            f"{facts.called([estate])}的坐标在自己的边界之外 {distance:,.0f} 米{beside}",
            estates=[estate],
            measures=[Measure("距边界", distance, "米")],
            place=facts.point_place(estate),
            weight=distance,
        )


def _in_other(facts: Facts) -> Iterator[Finding]:
    """Points of estates without a boundary that lie in the boundary of another one."""
    ids = facts.points.index.to_numpy(dtype=object)
    without = ids[~facts.points.index.isin(facts.ground.ids) & facts.points["x"].notna().to_numpy()]
    for estate, other in sorted(_holders(facts, without).items()):
        yield facts.finding(
            "in_other",
            Severity.WARNING,
            f"{facts.called([estate])}没有边界，其坐标落在{facts.called([other])}的边界内",
            estates=[estate, other],
            measures=[Measure("所在边界", facts.names[other])],
            place=facts.point_place(estate),
            weight=1.0,
        )


def _holders(facts: Facts, estates: np.ndarray) -> dict[str, str]:
    """The other estate (lowest id) whose boundary holds each estate's point."""
    at = facts.points.loc[list(estates)]
    shapes = shapely.points(at["x"].to_numpy(), at["y"].to_numpy())
    # The side that asks is prepared: boundaries have the corners, so they ask.
    tree = shapely.STRtree(shapes)
    ground, point = tree.query(facts.ground.shapes, predicate="contains") if len(shapes) else ([], [])
    found: dict[str, str] = {}
    for estate, other in sorted(zip(np.asarray(estates)[point], facts.ground.ids[ground], strict=True), key=str):
        if estate != other:
            found.setdefault(str(estate), str(other))
    return found


def _same_points(facts: Facts) -> Iterator[Finding]:
    x, y = facts.points["x"].to_numpy(), facts.points["y"].to_numpy()
    ids = facts.points.index.to_numpy(dtype=object)
    for rows in measure.same_points(x, y, facts.settings.limits.same_point_m):
        estates = [str(key) for key in ids[rows]]
        yield facts.finding(
            "same_point",
            Severity.WARNING,
            f"{facts.called(estates)}的坐标是同一点（相距不到 {facts.settings.limits.same_point_m:g} 米）",
            estates=estates,
            measures=[Measure("小区", float(len(estates)), "个")],
            place=metric_place(x[rows], y[rows], facts.ground.crs),
            weight=facts.households(estates),
        )
