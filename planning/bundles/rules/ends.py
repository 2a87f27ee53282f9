"""Who ends where (L36): every estate that takes part once, and in the list where its facts put it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from planning.bundles.rules.facts import Facts, known
from planning.bundles.rules.size import money_of_one
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Bundle
from planning.coverage_types import CoverageState
from planning.violations import Violation


def every_estate_once(facts: Facts) -> Iterator[Violation]:
    """Each estate that the way is about is in exactly one of bundle, alone, fallback; no estate is in two of them.

    打捆 and 以大带小 are about the uncovered, 划区 about the old whoever serves them, 审计打包 about all.
    """
    plan = facts.plan
    named = Counter(m for one in plan.bundles for m in one.members)
    named.update(one.estate_id for one in plan.alone)
    named.update(one.estate_id for one in plan.fallback)
    wanted = {str(estate) for estate in facts.estates.index if is_meant(facts, str(estate))}
    for estate in sorted(wanted - set(named)):
        problem = "未覆盖" if facts.settings.way in ("service", "anchor") else "属于本方式的范围"
        yield Violation("every_estate_once", estate, f"{problem}，但方案中没有安排")
    for estate in sorted(set(named) - set(facts.rows)):
        yield Violation("every_estate_once", estate, "已不在台账中")
    listed = {one.estate_id for one in plan.alone} | {one.estate_id for one in plan.fallback}
    for estate in sorted((listed & set(facts.rows)) - wanted):
        yield Violation("every_estate_once", estate, _why_not(facts))
    for estate, times in sorted(named.items()):
        if times > 1:
            yield Violation("every_estate_once", estate, f"在方案中出现了{times}次")


def members_take_part(facts: Facts) -> Iterator[Violation]:
    """Every member but an anchor is an estate that the way is about; of a second anchor ``one_anchor`` tells."""
    for bundle in facts.plan.bundles:
        for member, _ in facts.served(bundle):
            if not is_meant(facts, member) and facts.settings.way != "anchor":
                yield Violation("members_take_part", bundle.bundle_id, f"{facts.name(member)}{_why_not(facts)}")


def is_meant(facts: Facts, estate: str) -> bool:
    """Whether the way is about the estate, by its state and the register."""
    if facts.settings.way in ("service", "anchor"):
        return not facts.states[estate].covered
    return facts.settings.way == "audit" or _is_old(facts.row(estate), facts.settings)


def _why_not(facts: Facts) -> str:
    return "不是老旧小区，不应出现在方案中" if facts.settings.way == "regions" else "已覆盖，不应出现在方案中"


def _is_old(row: Mapping[str, Any], settings: BundleSettings) -> bool:
    """Of one of the old types, or built before the year that the settings name."""
    aged = settings.old_before is not None and known(row["year_built"]) and row["year_built"] < settings.old_before
    return bool(aged or (known(row["estate_type"]) and row["estate_type"] in settings.old_types))


def alone_is_large(facts: Facts) -> Iterator[Violation]:
    """What stands alone is large enough for it: as ``large_stands_alone`` says, in audits by income or floor area."""
    for one in facts.plan.alone:
        row = facts.rows.get(one.estate_id)
        if row is None:
            continue
        if facts.settings.way == "audit":
            if not is_much_to_audit(row, facts.settings):
                text = f"{facts.name(one.estate_id)}公共收益和面积都较小，不必单独审计"
                yield Violation("alone_is_large", one.estate_id, text)
        elif not is_large(row, facts.settings):
            yield Violation("alone_is_large", one.estate_id, f"{facts.name(one.estate_id)}规模不足以单独招标")


def large_stands_alone(facts: Facts) -> Iterator[Violation]:
    """No member but an anchor is large enough to be tendered by itself: enough for a service point and not small.

    Enough are the fewest households, an income that carries a service point, or both, as the settings say; what is
    enough and more than a bundle may hold stands alone even if small.
    """
    if facts.settings.way == "audit":
        return
    for bundle in facts.plan.bundles:
        for member, row in facts.served(bundle):
            if is_meant(facts, member) and is_large(row, facts.settings):
                yield Violation("large_stands_alone", bundle.bundle_id, f"{facts.name(member)}规模较大，应单独招标")


def is_large(row: Mapping[str, Any], settings: BundleSettings) -> bool:
    """Whether an estate is to be tendered by itself: see `large_stands_alone`."""
    if not known(row["households"]):
        return False
    many, money = row["households"] >= settings.min_households, money_of_one(row, settings.costs)
    pays = money is not None and money.margin >= 0
    by_money = settings.viability != "households" and settings.way != "anchor"
    if not ((pays and (many or settings.viability == "money")) if by_money else many):
        return False
    area, most = row["floor_area_m2"], settings.max_floor_area_m2
    beyond = row["households"] > settings.max_households or (most is not None and known(area) and area > most)
    few = row["households"] <= settings.small_households
    little = known(area) and area <= settings.small_floor_area_m2
    return bool(beyond or not (few or little))


def members_are_known(facts: Facts) -> Iterator[Violation]:
    """A member has a known state, a number of households and a position; fee and floor area where money decides."""
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            if facts.states.get(member) is CoverageState.UNKNOWN and facts.settings.way in ("service", "anchor"):
                yield _unknown(facts, bundle, member, "情况不明，应先核实")
            if not known(row["households"]):
                yield _unknown(facts, bundle, member, "没有户数")
            if not facts.ground.knows(member):
                yield _unknown(facts, bundle, member, "没有坐标")
            if facts.settings.viability != "households" and member != bundle.anchor:
                missing = [text for column, text in _MONEY if not known(row[column])]
                if missing:
                    yield _unknown(facts, bundle, member, f"没有{'和'.join(missing)}，无法核算收支")


_MONEY = (("fee_yuan_m2", "物业费标准"), ("floor_area_m2", "建筑面积"))


def _unknown(facts: Facts, bundle: Bundle, member: str, problem: str) -> Violation:
    return Violation("members_are_known", bundle.bundle_id, f"{facts.name(member)}{problem}")


def little_to_audit(facts: Facts) -> Iterator[Violation]:
    """Audit bundles (P14): known income up to the limit *and* little floor area; not exempt (P15: none, no objection)."""
    settings = facts.settings
    if settings.way != "audit":
        return
    most, area = settings.max_income_yuan, settings.small_floor_area_m2
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            told = []
            if not known(row["public_income_yuan"]):
                told.append("没有公共收益")
            elif most is not None and row["public_income_yuan"] > most:
                told.append(f"公共收益每年{row['public_income_yuan']:,.0f}元，超过{most:,.0f}元")
            elif is_exempt(row):
                told.append("公共收益为零且业主无异议，可不审计")
            if not known(row["floor_area_m2"]):
                told.append("没有建筑面积")
            elif row["floor_area_m2"] > area:
                told.append(f"建筑面积{row['floor_area_m2']:,.0f}平方米，超过{area:,.0f}平方米")
            for text in told:
                yield Violation("little_to_audit", bundle.bundle_id, f"{facts.name(member)}{text}")


def is_much_to_audit(row: Mapping[str, Any], settings: BundleSettings) -> bool:
    """Whether an estate is to be audited by itself: much income or much floor area."""
    income, area, most = row["public_income_yuan"], row["floor_area_m2"], settings.max_income_yuan
    much = most is not None and known(income) and income > most
    return bool(much or (known(area) and area > settings.small_floor_area_m2))


def is_exempt(row: Mapping[str, Any]) -> bool:
    """Whether there is nothing to audit (P15): no public income, and nobody objects."""
    return bool(row["public_income_yuan"] == 0 and known(row["income_objection"]) and not row["income_objection"])
