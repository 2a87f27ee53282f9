"""A plan that is well-formed: numbers that add up, bounds that hold, nothing called proven that is not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from planning.bundles.rules.facts import Facts, known
from planning.bundles.rules.together import lead_unit
from planning.violations import Violation


def well_formed(facts: Facts) -> Iterator[Violation]:
    """The medoid is a member, numbers are unique, members sorted, one distance each."""
    for bundle in facts.plan.bundles:
        if bundle.medoid not in bundle.members or len(bundle.distances_m) != len(bundle.members):
            yield Violation("well_formed", bundle.bundle_id, "中心小区或距离与成员不符")
        if list(bundle.members) != sorted(set(bundle.members)):
            yield Violation("well_formed", bundle.bundle_id, "成员没有按编号排列，或有重复")
    for number, times in sorted(Counter(one.bundle_id for one in facts.plan.bundles).items()):
        if times > 1:
            yield Violation("well_formed", number, "打捆编号重复")


def totals_add_up(facts: Facts) -> Iterator[Violation]:
    """The plan's households are the sum of its bundles', and each lead unit's figures those of its bundles."""
    plan = facts.plan
    covered = sum(one.households for one in plan.bundles)
    if covered != plan.households_covered:
        yield Violation("totals_add_up", "plan", f"各捆合计{covered}户，方案写的是{plan.households_covered}户")
    for unit in plan.units:
        own = [one for one in plan.bundles if one.unit_id == unit.unit_id]
        name = f"牵头单位{unit.unit_id or '（未登记）'}"
        if sum(one.households for one in own) != unit.households or len(own) != unit.n_bundles:
            text = f"{name}的打捆合计{len(own)}个{sum(one.households for one in own)}户"
            yield Violation("totals_add_up", name, f"{text}，方案写的是{unit.n_bundles}个{unit.households}户")
        metres = math.fsum(metre for one in own for metre in one.distances_m)
        if abs(metres - unit.metres) > 1.0 + 0.1 * len(own):
            yield Violation("totals_add_up", name, f"步行合计{metres:,.0f}米，方案写的是{unit.metres:,.0f}米")
    if plan.bundles and not plan.units:
        yield Violation("totals_add_up", "plan", "没有逐个列出牵头单位的覆盖和上限")
    if plan.units:
        if len({unit.unit_id for unit in plan.units}) < len(plan.units):
            yield Violation("totals_add_up", "plan", "同一牵头单位列了两次")
        missing = {one.unit_id for one in plan.bundles} - {unit.unit_id for unit in plan.units}
        for unit_id in sorted(str(one or "（未登记）") for one in missing):
            yield Violation("totals_add_up", "plan", f"牵头单位{unit_id}有打捆，但没有列出")
        for text, whole, parts in (
            ("上限", plan.bound, sum(unit.bound for unit in plan.units)),
            ("为缩短距离让出的户数", plan.given_up, sum(unit.given_up for unit in plan.units)),
        ):
            if whole != parts:
                yield Violation("totals_add_up", "plan", f"各牵头单位{text}合计{parts}户，方案写的是{whole}户")


def bounds_hold(facts: Facts) -> Iterator[Violation]:
    """No bound is below what is covered; proven means equal, with what was given up knowingly; and that is little.

    Only mode ``near`` gives households up, and of a lead unit's at most ``near_share``.
    """
    plan = facts.plan
    reached = plan.households_covered + plan.given_up
    if plan.bound < reached or (plan.proven and plan.bound != reached):
        yield Violation(
            "bounds_hold", "plan", f"上限{plan.bound}户与覆盖{_sum(plan.households_covered, plan.given_up)}不符"
        )
    for unit in plan.units:
        name = f"牵头单位{unit.unit_id or '（未登记）'}"
        if unit.bound < unit.households + unit.given_up:
            text = f"上限{unit.bound}户与覆盖{_sum(unit.households, unit.given_up)}不符"
            yield Violation("bounds_hold", name, text)
    if plan.proven and any(not unit.proven for unit in plan.units):
        yield Violation("bounds_hold", "plan", "写明已证明最优，但有牵头单位尚未证明")


def little_given_up(facts: Facts) -> Iterator[Violation]:
    """Households given up for shorter ways: none in mode ``exact``, at most ``near_share`` of a lead unit's in ``near``.

    A lead unit's are those that could be covered; once planners took bundles apart by hand, those of all its estates.
    """
    plan, share = facts.plan, facts.settings.near_share if facts.settings.mode == "near" else 0.0
    if min((plan.given_up, *(unit.given_up for unit in plan.units))) < 0:
        yield Violation("little_given_up", "plan", "让出的户数为负")
    everybody = _households_by_unit(facts) if plan.wishes else {}
    for unit in plan.units:
        whole = max(unit.households + unit.given_up, everybody.get(unit.unit_id, 0))
        if unit.given_up > share * whole + 1e-9:
            text = f"为缩短距离让出{unit.given_up}户，超过{whole}户的{share:.1%}"
            yield Violation("little_given_up", f"牵头单位{unit.unit_id or '（未登记）'}", text)


def _households_by_unit(facts: Facts) -> Counter[str | None]:
    """Households of all estates of the plan by lead unit."""
    found: Counter[str | None] = Counter()
    for row in facts.rows.values():
        unit = lead_unit(row, facts.settings.lead)
        found[unit[1] or None] += int(row["households"]) if known(row["households"]) else 0
    return found


def _sum(covered: int, given_up: int) -> str:
    return f"{covered}户" + (f"、让出{given_up}户" if given_up else "")
