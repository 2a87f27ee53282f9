"""What the rules of bundling in a profile must mean: each limit by itself, limits to each other, each with its basis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from data.profile_bundles import BARRIERS, BUNDLE_WAYS, WAY_NAMES, BundleRules, CostRules
from data.profile_ranges import value_faults
from data.profile_schema import fault
from geo.errors import Fault

_YEARS: Final = range(1900, 2101)


def bundle_faults(rules: BundleRules, key: str) -> Iterator[Fault]:
    """Faults of one way of bundling."""
    yield from value_faults(rules, key)
    for barrier in rules.barriers:
        if barrier not in BARRIERS:
            yield fault(f"{key}.barriers", "没有这种阻隔", f"可用：{'、'.join(BARRIERS)}", barrier)
    yield from _ordered(rules, key)
    yield from _ages(rules, key)
    yield from _bases(rules, key)
    yield from _of_the_way(rules, key)


def cost_faults(costs: CostRules, key: str) -> Iterator[Fault]:
    """Faults of the cost table."""
    yield from value_faults(costs, key)


def way_faults(ways: object, main: object) -> Iterator[Fault]:
    """Faults of the ways together.

    Parameters
    ----------
    ways, main
        ``bundle_ways`` and ``bundle_way`` as the file has them.
    """
    named = dict.fromkeys(ways) if isinstance(ways, dict) else {}
    known = "、".join(f"{way}（{WAY_NAMES[way]}）" for way in BUNDLE_WAYS)
    for name in named:
        if name not in BUNDLE_WAYS:
            yield fault(f"bundle_ways.{name}", "没有这种打捆方式", f"可用：{known}", name)
    if isinstance(main, str) and main in BUNDLE_WAYS and main not in named:
        remedy = f"补上 [bundle_ways.{main}]，或在 annex 中列出 bundle_ways"
        yield fault("bundle_way", "没有写这种主要打捆方式的规则", remedy, main)


def _ordered(rules: BundleRules, key: str) -> Iterator[Fault]:
    low, high = rules.min_households.value, rules.max_households.value
    if low > high:
        yield fault(f"{key}.min_households.value", f"下限大于上限 {high:g} 户", "把两个值对调", low)
    least, most = rules.min_floor_area_m2, rules.max_floor_area_m2
    if least is not None and most is not None and least.value > most.value:
        problem = f"下限大于上限 {most.value:g} 平方米"
        yield fault(f"{key}.min_floor_area_m2.value", problem, "把两个值对调", least.value)
    diameter = rules.max_diameter_m.value
    for name, length in (("radius_m", rules.radius_m), ("neighbour_m", rules.neighbour_m)):
        if length is not None and length.value > diameter:
            what = "半径" if name == "radius_m" else "相邻距离"
            problem = f"{what}大于允许的最大跨度"
            yield fault(f"{key}.{name}.value", problem, f"写不大于 {diameter:g} 的数", length.value)


def _ages(rules: BundleRules, key: str) -> Iterator[Fault]:
    for year in rules.age_breaks:
        if year not in _YEARS:
            yield fault(f"{key}.age_breaks", "年份不合理", f"写 {_YEARS[0]} 到 {_YEARS[-1]} 之间的年份", year)
    if list(rules.age_breaks) != sorted(set(rules.age_breaks)):
        shown = "、".join(map(str, rules.age_breaks))
        yield fault(f"{key}.age_breaks", "年份没有从小到大排列，或有重复", "按先后排列，每年只写一次", shown)


def _bases(rules: BundleRules, key: str) -> Iterator[Fault]:
    """A choice that is made has its basis."""
    made = {
        "compact_basis": rules.compact != "medoid" and rules.compact_basis is None,
        "viability_basis": rules.viability != "households" and rules.viability_basis is None,
        "similar_basis": bool(rules.age_breaks) and rules.similar_basis is None,
        "consent_basis": not rules.ask_consent and rules.consent_basis is None,
        "old_basis": bool(rules.old_types or rules.old_before) and rules.old_basis is None,
    }
    for name, missing in made.items():
        if missing:
            yield fault(f"{key}.{name}", "没有写依据", f"补上 {name} = {{ rule = …, quote = … }}")


def _of_the_way(rules: BundleRules, key: str) -> Iterator[Fault]:
    """What only this way needs is there."""
    needs: dict[str, tuple[str, ...]] = {
        "anchor": ("anchor_min_households", "anchor_share"),
        "audit": ("max_income_yuan",),
    }
    way = key.rpartition(".")[2]
    for name in needs.get(way, ()):
        if getattr(rules, name) is None:
            title = next(text for known, text in WAY_NAMES.items() if known == way)
            yield fault(f"{key}.{name}", f"“{title}”缺少这一项", f"补上“{name}”")
    if way == "regions" and rules.old_before is None and not rules.old_types:
        remedy = "写上 old_before（建成年份早于）或 old_types（小区类型）"
        yield fault(f"{key}.old_before", "“划区”没有写哪些是老旧小区", remedy)
