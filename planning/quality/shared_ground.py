"""Findings about two boundaries, and about regions: common ground, slivers, strips, holes, pieces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from geo import quality as measure
from planning.quality.facts import Facts, box_place
from planning.quality.types import Finding, Measure, Severity


def shared_ground_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    limits = facts.settings.limits
    pairs = measure.overlaps(facts.ground, limits)
    yield from _overlaps(facts, pairs)
    yield from _in_two_regions(facts, pairs)
    yield from _region_overlaps(facts)
    yield from _strips(facts)
    yield from _holes(facts)
    yield from _pieces(facts)


def _overlaps(facts: Facts, pairs: pd.DataFrame) -> Iterator[Finding]:
    for row in pairs.itertuples():
        a, b = str(row.a), str(row.b)
        kind, severity = {
            "same": ("same_boundary", Severity.ERROR),
            "a_in_b": ("contained", Severity.ERROR),
            "b_in_a": ("contained", Severity.ERROR),
            "sliver": ("sliver_overlap", Severity.HINT),
        }.get(row.how, ("overlap", Severity.ERROR))
        first, second = facts.called([a]), facts.called([b])
        shares = f"分别占 {row.share_a:.1%} 和 {row.share_b:.1%}"
        text = {
            "same": f"{first}和{second}的边界是同一块地（{row.area_m2:,.0f} 平方米）",
            "a_in_b": f"{first}的边界全部在{second}的边界之内（{row.area_m2:,.0f} 平方米，占后者 {row.share_b:.1%}）",
            "b_in_a": f"{second}的边界全部在{first}的边界之内（{row.area_m2:,.0f} 平方米，占后者 {row.share_a:.1%}）",
            "sliver": f"{first}和{second}的边界有一条宽约 {row.width_m:.1f} 米的重叠（{row.area_m2:,.0f} 平方米）",
        }.get(row.how, f"{first}和{second}的边界重叠 {row.area_m2:,.0f} 平方米，{shares}")
        yield facts.finding(
            kind,
            severity,
            text,
            estates=[a, b],
            measures=[
                Measure("重叠面积", row.area_m2, "平方米"),
                Measure("占前者", row.share_a, "%"),
                Measure("占后者", row.share_b, "%"),
                Measure("最宽", row.width_m, "米"),
            ],
            place=box_place(row),
            weight=row.area_m2,
        )


def _in_two_regions(facts: Facts, pairs: pd.DataFrame) -> Iterator[Finding]:
    """Estates of which another region holds a large share."""
    asked: set[tuple[str, str]] = set()
    for row in pairs.itertuples():
        for estate, other in ((str(row.a), str(row.b)), (str(row.b), str(row.a))):
            if facts.region_of[estate] != facts.region_of[other]:
                asked.add((estate, facts.region_of[other]))
    for estate, region in sorted(asked):
        at = facts.ground.row[estate]
        common = shapely.intersection(facts.ground.shapes[at], facts.regions.shapes[facts.regions.row[region]])
        share = float(shapely.area(common) / facts.ground.area_m2[at])
        if share <= facts.settings.two_regions_share:
            continue
        own = facts.region_called(facts.region_of[estate])
        yield facts.finding(
            "in_two_regions",
            Severity.ERROR,
            f"{facts.called([estate])}登记在物业管理区域{own}，但其 {share:.0%} 的地在{facts.region_called(region)}的范围内",
            estates=[estate],
            regions=[facts.region_of[estate], region],
            measures=[Measure("在另一区域内", share, "%"), Measure("面积", float(shapely.area(common)), "平方米")],
            place=facts.place(estate),
            weight=float(shapely.area(common)),
        )


def _region_overlaps(facts: Facts) -> Iterator[Finding]:
    pairs = measure.overlaps(facts.regions, facts.settings.limits)
    for row in pairs[pairs["how"] != "sliver"].itertuples():
        first, second = facts.region_called(row.a), facts.region_called(row.b)
        yield facts.finding(
            "region_overlap",
            Severity.ERROR,
            f"物业管理区域{first}和{second}重叠 {row.area_m2:,.0f} 平方米，分别占 {row.share_a:.1%} 和 {row.share_b:.1%}",
            regions=[str(row.a), str(row.b)],
            measures=[
                Measure("重叠面积", row.area_m2, "平方米"),
                Measure("占前者", row.share_a, "%"),
                Measure("占后者", row.share_b, "%"),
            ],
            place=box_place(row),
            weight=row.area_m2,
        )


def _strips(facts: Facts) -> Iterator[Finding]:
    """Strips between neighbours: narrow ones anywhere, wider ones between two estates of one region."""
    limits, ground = facts.settings.limits, facts.ground
    i, j = measure.near_pairs(ground, max(limits.gap_width_m, limits.region_gap_width_m))
    region = np.array([facts.region_of[str(key)] for key in ground.ids], dtype=object)
    same = region[i] == region[j]
    narrow = measure.strips(ground, limits.gap_width_m, limits.gap_length_m, pairs=(i[~same], j[~same]))
    wide = measure.strips(ground, limits.region_gap_width_m, limits.gap_length_m, pairs=(i[same], j[same]))
    for kind, severity, table in (
        ("sliver_gap", Severity.HINT, narrow),
        ("region_gap", Severity.WARNING, wide),
    ):
        for row in table.itertuples():
            a, b = str(row.a), str(row.b)
            between = f"{facts.called([a])}和{facts.called([b])}之间"
            inside = "（属同一物业管理区域）" if kind == "region_gap" else ""
            yield facts.finding(
                kind,
                severity,
                f"{between}{inside}有宽约 {row.width_m:.1f} 米、长 {row.length_m:,.0f} 米的缝隙，"
                f"{row.area_m2:,.0f} 平方米，不属于任何一方",
                estates=[a, b],
                measures=[
                    Measure("缝隙面积", row.area_m2, "平方米"),
                    Measure("宽度", row.width_m, "米"),
                    Measure("长度", row.length_m, "米"),
                ],
                place=box_place(row),
                weight=row.area_m2,
            )


def _holes(facts: Facts) -> Iterator[Finding]:
    for row in measure.holes(facts.regions, facts.ground, facts.settings.limits).itertuples():
        region = str(row.Index)
        held = f"，其中 {row.held_m2:,.0f} 平方米属于其他物业管理区域的小区" if row.held_m2 > 1 else ""
        yield facts.finding(
            "region_hole",
            Severity.WARNING,
            f"物业管理区域{facts.region_called(region)}内有 {row.n_holes} 处空洞，共 {row.area_m2:,.0f} 平方米{held}",
            regions=[region],
            measures=[
                Measure("空洞", float(row.n_holes), "处"),
                Measure("空洞面积", row.area_m2, "平方米"),
                Measure("属于其他区域", row.held_m2, "平方米"),
            ],
            place=box_place(row),
            weight=row.area_m2,
        )


def _pieces(facts: Facts) -> Iterator[Finding]:
    table = measure.pieces_apart(facts.regions, facts.members(), facts.ground, facts.settings.limits)
    for row in table.itertuples():
        region = str(row.Index)
        yield facts.finding(
            "region_pieces",
            Severity.HINT,
            f"物业管理区域{facts.region_called(region)}分成 {row.n_pieces} 块，相隔 {row.apart_m:,.0f} 米",
            regions=[region],
            measures=[Measure("块数", float(row.n_pieces), "块"), Measure("相隔", row.apart_m, "米")],
            place=box_place(row),
            weight=row.apart_m,
        )
