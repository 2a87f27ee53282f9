"""Findings about one boundary by itself: broken rings, far parts, tails, outlines that nobody surveyed, cuts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo import quality as measure
from planning.quality.facts import Facts, box_place
from planning.quality.types import Finding, Measure, Place, Severity

_TYPED = {
    "circle": ("是一个正圆", "不是实际边界，可能由坐标加半径生成"),
    "square": ("是一个正方形", "可能是示意图形"),
    "box": ("是与经纬线平行的矩形", "可能是示意图形"),
    "rounded": ("的坐标只有三位小数", "精度只有约 100 米"),
}
_WAYS = {"road": "道路", "railway": "铁路", "river": "河流", "water": "水面"}


def outline_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    yield from _broken(facts)
    yield from _touching(facts)
    yield from _corners(facts)
    yield from _typed(facts)
    yield from _parts(facts)
    yield from _tails(facts)
    yield from _size(facts)


def _broken(facts: Facts) -> Iterator[Finding]:
    lost = facts.city.boundaries.index.intersection(facts.points.index).difference(facts.ground.ids)
    for estate in sorted(map(str, lost)):
        text = f"{facts.called([estate])}的边界不能使用：不是面、坐标不是数字，或不在中国范围内"
        yield facts.finding("invalid", Severity.ERROR, text, estates=[estate], place=facts.point_place(estate))
    for row in measure.broken(facts.ground).itertuples():
        estate = str(row.Index)
        place = None if np.isnan(row.lon) else Place(row.lon, row.lat, row.lon, row.lat)
        name = facts.called([estate])
        if row.refused:
            text = f"{name}的边界无效（{row.reason}），不能自动修复：{row.refused}"
            yield facts.finding("invalid", Severity.ERROR, text, estates=[estate], place=place or facts.place(estate))
            continue
        change = abs(row.after_m2 - row.before_m2) / row.before_m2 if row.before_m2 > 0 else 0.0
        text = (
            f"{name}的边界无效（{row.reason}），本报告按修复后的图形计算：面积由 {row.before_m2:,.1f} 平方米"
            f"变为 {row.after_m2:,.1f} 平方米（变化 {change:.1%}）"
        )
        yield facts.finding(
            "invalid",
            Severity.WARNING,
            text,
            estates=[estate],
            measures=[
                Measure("修复前面积", row.before_m2, "平方米"),
                Measure("修复后面积", row.after_m2, "平方米"),
                Measure("面积变化", change, "%"),
            ],
            place=place or facts.place(estate),
            weight=row.after_m2,
        )


def _touching(facts: Facts) -> Iterator[Finding]:
    for estate in facts.ground.ids[measure.self_touching(facts.ground)]:
        text = f"{facts.called([estate])}的边界在某点与自身相接（洞碰到外边，或两块只在一点相连）"
        yield facts.finding("self_touch", Severity.HINT, text, estates=[estate], place=facts.place(estate))


def _corners(facts: Facts) -> Iterator[Finding]:
    corners = measure.n_corners(facts.ground)
    for at in np.flatnonzero(corners <= 3):
        estate = str(facts.ground.ids[at])
        yield facts.finding(
            "few_corners",
            Severity.WARNING,
            f"{facts.called([estate])}的边界只有 {corners[at]} 个顶点",
            estates=[estate],
            measures=[Measure("顶点", float(corners[at]), "个")],
            place=facts.place(estate),
            weight=facts.ground.area_m2[at],
        )


def _typed(facts: Facts) -> Iterator[Finding]:
    kinds = measure.typed_shapes(facts.ground, facts.settings.limits)
    for estate, kind in kinds[kinds != ""].items():
        what, why = _TYPED[kind]
        yield facts.finding(
            "typed_shape",
            Severity.WARNING if kind in ("circle", "rounded") else Severity.HINT,
            f"{facts.called([estate])}的边界{what}，{why}",
            estates=[str(estate)],
            measures=[
                Measure("形状", {"circle": "圆", "square": "正方形", "box": "矩形", "rounded": "坐标取整"}[kind])
            ],
            place=facts.place(str(estate)),
            weight=facts.ground.area_m2[facts.ground.row[estate]],
        )


def _parts(facts: Facts) -> Iterator[Finding]:
    for row in measure.parts(facts.ground, facts.settings.limits).itertuples():
        estate = str(row.Index)
        name = facts.called([estate])
        if row.n_far:
            yield facts.finding(
                "far_part",
                Severity.WARNING,
                f"{name}的边界共 {row.n_parts} 块，其中 {row.n_far} 块离主体较远，最远 {row.far_m:,.0f} 米",
                estates=[estate],
                measures=[Measure("块数", float(row.n_parts), "块"), Measure("最远", row.far_m, "米")],
                place=box_place(row),
                weight=row.far_m,
            )
        if row.n_tiny:
            yield facts.finding(
                "tiny_part",
                Severity.HINT,
                f"{name}的边界含有 {row.n_tiny} 个碎块，共 {row.tiny_m2:,.1f} 平方米",
                estates=[estate],
                measures=[Measure("碎块", float(row.n_tiny), "个"), Measure("碎块面积", row.tiny_m2, "平方米")],
                place=box_place(row),
                weight=row.tiny_m2,
            )


def _tails(facts: Facts) -> Iterator[Finding]:
    for row in measure.tails(facts.ground, facts.settings.limits).itertuples():
        yield facts.finding(
            "tail",
            Severity.HINT,
            f"{facts.called([row.Index])}的边界有 {row.n_tails} 处狭长部分，"
            f"最长的 {row.length_m:,.0f} 米、宽约 {row.width_m:.1f} 米",
            estates=[str(row.Index)],
            measures=[Measure("长度", row.length_m, "米"), Measure("宽度", row.width_m, "米")],
            place=box_place(row),
            weight=row.length_m,
        )


def _size(facts: Facts) -> Iterator[Finding]:
    limits, ground = facts.settings.limits, facts.ground
    for at in np.flatnonzero((ground.area_m2 < limits.small_m2) | (ground.area_m2 > limits.large_m2)):
        area, estate = float(ground.area_m2[at]), str(ground.ids[at])
        if ground.shapes[at] is None:
            continue
        text = "，不足一栋楼" if area < limits.small_m2 else "，相当于一个片区"
        yield facts.finding(
            "size",
            Severity.WARNING,
            f"{facts.called([estate])}的边界只有 {area:,.0f} 平方米{text}"
            if area < limits.small_m2
            else f"{facts.called([estate])}的边界有 {area / 1e4:,.0f} 万平方米{text}",
            estates=[estate],
            measures=[Measure("边界面积", area, "平方米")],
            place=facts.place(estate),
            weight=area,
        )


def cut_findings(facts: Facts) -> Iterator[Finding]:
    """Boundaries that a main road, a railway or a river cuts into blocks."""
    for row in measure.cuts(facts.ground, facts.city.ways, facts.settings.limits).itertuples():
        way = f"“{row.name}”" if row.name else f"一条未命名的{_WAYS[row.kind]}"
        yield facts.finding(
            "cut",
            Severity.WARNING,
            f"{facts.called([row.id])}的边界被{way}分成 {max(row.n_blocks, 2)} 块，"
            f"第二大的一块 {row.second_m2:,.0f} 平方米（占 {row.share:.0%}）",
            estates=[str(row.id)],
            apart=[row.kind, row.name],
            measures=[
                Measure("分割物", row.name or _WAYS[row.kind]),
                Measure("边界内长度", row.length_m, "米"),
                Measure("第二大块", row.second_m2, "平方米"),
                Measure("第二大块占比", row.share, "%"),
            ],
            place=box_place(row),
            weight=row.second_m2,
        )
