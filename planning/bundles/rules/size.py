"""Size and money: every sum between its limits, and every figure that a bundle states is the register's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from planning.bundles.rules.facts import Facts, known
from planning.bundles.settings import Costs
from planning.bundles.types import Bundle, Money
from planning.violations import Violation

_M2: Final = 0.01
"""Registers give floor areas to hundredths."""
_BINARY: Final = 1e-6
"""Yuan by which a product of decimal numbers may miss a whole number."""


def households_within_limits(facts: Facts) -> Iterator[Violation]:
    """Households lie between the limits: the low one where households make a bundle large enough, the high one always.

    An anchor's room takes the place of both (``anchor_has_room``).
    """
    limits = facts.settings
    if limits.way == "anchor":
        return
    for bundle in facts.plan.bundles:
        n = households(facts, bundle)
        if n < limits.min_households and limits.viability != "money":
            text = f"共{n}户，比下限{limits.min_households}户少{limits.min_households - n}户"
            yield Violation("households_within_limits", bundle.bundle_id, text)
        if n > limits.max_households:
            text = f"共{n}户，比上限{limits.max_households}户多{n - limits.max_households}户"
            yield Violation("households_within_limits", bundle.bundle_id, text)


def floor_area_within_limits(facts: Facts) -> Iterator[Violation]:
    """Known floor area lies between the limits, where there are any; with an anchor there is no low one."""
    low, high = facts.settings.min_floor_area_m2, facts.settings.max_floor_area_m2
    for bundle in facts.plan.bundles:
        area = floor_area(facts, bundle)
        if low is not None and facts.settings.way != "anchor" and area < low - _M2:
            text = f"建筑面积{area:,.0f}平方米，比下限{low:,.0f}平方米少{low - area:,.0f}平方米"
            yield Violation("floor_area_within_limits", bundle.bundle_id, text)
        if high is not None and area > high + _M2:
            text = f"建筑面积{area:,.0f}平方米，比上限{high:,.0f}平方米多{area - high:,.0f}平方米"
            yield Violation("floor_area_within_limits", bundle.bundle_id, text)


def number_of_estates(facts: Facts) -> Iterator[Violation]:
    """At least two estates, at most as many as the settings say, an anchor among them."""
    most = facts.settings.max_estates
    for bundle in facts.plan.bundles:
        n = len(bundle.members)
        if not 2 <= n <= most:
            yield Violation("number_of_estates", bundle.bundle_id, f"有{n}个小区，应为2–{most}个")


def income_covers_costs(facts: Facts) -> Iterator[Violation]:
    """Income of a year is at least its costs, where money decides: fees × collection rate against the cost table.

    An anchor has its own income already; there only its room counts.
    """
    if facts.settings.viability == "households" or facts.settings.way == "anchor":
        return
    for bundle in facts.plan.bundles:
        money = money_of(facts, bundle)
        if money is not None and money.margin < 0:
            text = f"每年收入{money.income:,}元，支出{money.running + money.fixed:,}元，缺{-money.margin:,}元"
            yield Violation("income_covers_costs", bundle.bundle_id, text)


def figures_are_the_registers(facts: Facts) -> Iterator[Violation]:
    """Households, floor area and money that a bundle states follow from the register and the cost table."""
    for bundle in facts.plan.bundles:
        n, area = households(facts, bundle), floor_area(facts, bundle)
        if n != bundle.households:
            yield _wrong(bundle, f"台账合计{n}户，方案写的是{bundle.households}户")
        if abs(area - bundle.floor_area_m2) > _M2:
            yield _wrong(bundle, f"台账合计建筑面积{area:,.0f}平方米，方案写的是{bundle.floor_area_m2:,.0f}平方米")
        yield from _wrong_money(facts, bundle)


def _wrong_money(facts: Facts, bundle: Bundle) -> Iterator[Violation]:
    stated, money = bundle.money, money_of(facts, bundle)
    if stated is None:
        if money is not None and facts.settings.viability != "households":
            yield _wrong(bundle, "没有写明收支")
        return
    if money is None:
        yield _wrong(bundle, "写明了收支，但台账或成本表不足以核算")
        return
    for name, here, there in (
        ("收入", money.income, stated.income),
        ("服务成本", money.running, stated.running),
        ("服务点成本", money.fixed, stated.fixed),
    ):
        if here != there:
            yield _wrong(bundle, f"按台账每年{name}{here:,}元，方案写的是{there:,}元")


def _wrong(bundle: Bundle, text: str) -> Violation:
    return Violation("figures_are_the_registers", bundle.bundle_id, text)


# ---------------------------------------------------------------------------------------------------------- sums


def households(facts: Facts, bundle: Bundle) -> int:
    """Households that the bundle serves anew; what the register leaves open counts nothing."""
    return sum(int(row["households"]) for _, row in facts.served(bundle) if known(row["households"]))


def floor_area(facts: Facts, bundle: Bundle) -> float:
    """Floor area that the bundle serves anew, m²."""
    return math.fsum(float(row["floor_area_m2"]) for _, row in facts.served(bundle) if known(row["floor_area_m2"]))


def money_of(facts: Facts, bundle: Bundle) -> Money | None:
    """Income and costs of a year from the register and the cost table; ``None`` if one of them does not say.

    Whole yuan for each estate, income rounded down and costs up; the service point once.
    """
    served = facts.served(bundle)
    parts = [money_of_one(row, facts.settings.costs) for _, row in served]
    if not parts or len(served) < len(set(bundle.members) - {bundle.anchor}) or any(one is None for one in parts):
        return None
    summed = [one for one in parts if one is not None]
    return Money(sum(one.income for one in summed), sum(one.running for one in summed), summed[0].fixed)


def money_of_one(row: Mapping[str, Any], costs: Costs | None) -> Money | None:
    """The same for one estate with a service point of its own."""
    if costs is None or any(not known(row[name]) for name in ("fee_yuan_m2", "floor_area_m2", "households")):
        return None
    fixed = costs.per_point + costs.posts_per_point * costs.per_post
    income, running = math.floor(_income(row, costs) + _BINARY), math.ceil(_running(row, costs) - _BINARY)
    return Money(income, running, math.ceil(fixed - _BINARY))


def _income(row: Mapping[str, Any], costs: Costs) -> float:
    """Fees of twelve months, so far as they come in."""
    rate = float(row["fee_rate"]) if known(row["fee_rate"]) else costs.collection_rate
    return float(row["fee_yuan_m2"]) * float(row["floor_area_m2"]) * 12 * rate


def _running(row: Mapping[str, Any], costs: Costs) -> float:
    """Costs that the estate brings: by household, by lift, and its own guard posts."""
    n = float(row["households"])
    lifts = float(row["n_lifts"]) if known(row["n_lifts"]) else 0.0
    return n * costs.per_household + lifts * costs.per_lift + costs.posts_per_estate * costs.per_post
