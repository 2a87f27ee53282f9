"""Going together (服务需求相似、业主意愿): one lead unit, like fees, one type, one age class, whole grids, consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planning.bundles.rules.facts import Facts, known
from planning.violations import Violation

_LEVELS = ("community_id", "street_id", "county_id")


def one_lead_unit(facts: Facts) -> Iterator[Violation]:
    """All members have the same lead unit: the street or community, or where a register has none the next wider."""
    for bundle in facts.plan.bundles:
        leads: dict[tuple[str, str], str] = {}
        for member, row in facts.members(bundle):
            leads.setdefault(lead_unit(row, facts.settings.lead), facts.name(member))
        if len(leads) > 1:
            text = f"{'、'.join(leads.values())}分属{len(leads)}个不同的牵头单位"
            yield Violation("one_lead_unit", bundle.bundle_id, text)
        if leads and (bundle.unit_id or "") not in {unit for _, unit in leads}:
            yield Violation("one_lead_unit", bundle.bundle_id, "写明的牵头单位不是成员的牵头单位")


def lead_unit(row: Mapping[str, Any], lead: str) -> tuple[str, str]:
    """Level and id of the unit that leads for an estate; empty texts where the register has none at all."""
    levels = _LEVELS[0 if lead == "community" else 1 :]
    return next(((level, str(row[level])) for level in levels if known(row[level])), ("", ""))


def fees_close(facts: Facts) -> Iterator[Violation]:
    """Known fees of any two members differ by no more than the window."""
    window = facts.settings.fee_window_yuan_m2
    for bundle in facts.plan.bundles:
        fees = [row["fee_yuan_m2"] for _, row in facts.members(bundle) if known(row["fee_yuan_m2"])]
        if fees and max(fees) - min(fees) > window + 1e-6:
            text = f"物业费标准相差{max(fees) - min(fees):.2f}元，超过{window:.2f}元"
            yield Violation("fees_close", bundle.bundle_id, text)


def one_type(facts: Facts) -> Iterator[Violation]:
    """Known types of the members are the same, where the settings ask for it."""
    if not facts.settings.same_type:
        return
    for bundle in facts.plan.bundles:
        types = {str(row["estate_type"]) for _, row in facts.members(bundle) if known(row["estate_type"])}
        if len(types) > 1:
            yield Violation("one_type", bundle.bundle_id, f"小区类型不同：{'、'.join(sorted(types))}")


def one_age_class(facts: Facts) -> Iterator[Violation]:
    """Known years of building lie in one age class; a break is the first year of a new class."""
    breaks = sorted(facts.settings.age_breaks)
    if not breaks:
        return
    for bundle in facts.plan.bundles:
        years = sorted(int(row["year_built"]) for _, row in facts.members(bundle) if known(row["year_built"]))
        parting = [year for year in breaks if years and years[0] < year <= years[-1]]
        if parting:
            text = f"建成年份{years[0]}年与{years[-1]}年不属于同一年代（以{parting[0]}年划分）"
            yield Violation("one_age_class", bundle.bundle_id, text)


def grids_undivided(facts: Facts) -> Iterator[Violation]:
    """No grid has estates in two bundles, where the settings ask for it (L35 依托网格管理).

    An anchor belongs to its company's project already: where it lies divides nothing.
    """
    if not facts.settings.keep_grids:
        return
    homes: dict[str, set[str]] = {}
    for bundle in facts.plan.bundles:
        for _, row in facts.served(bundle):
            if known(row["grid_id"]):
                homes.setdefault(str(row["grid_id"]), set()).add(bundle.bundle_id)
    by_hand = {one.bundle_id: (one.by_hand, bool(one.reason)) for one in facts.plan.bundles}
    for grid, found in sorted(homes.items()):
        if len(found) > 1:
            divider = max(sorted(found), key=lambda bundle_id: by_hand[bundle_id])
            yield Violation("grids_undivided", divider, f"网格{grid}被拆分到{'、'.join(sorted(found))}")


def nobody_refused(facts: Facts) -> Iterator[Violation]:
    """Owners of no member refused (L35 在充分尊重业主意愿的基础上), where owners are asked at all."""
    if not facts.settings.ask_consent:
        return
    for bundle in facts.plan.bundles:
        for member, row in facts.members(bundle):
            if row["consent"] == "no":
                yield Violation("nobody_refused", bundle.bundle_id, f"{facts.name(member)}的业主不同意打捆")


def unknown_consent_is_listed(facts: Facts) -> Iterator[Violation]:
    """The members listed as 待征询 are those whose owners are to be asked and were not yet."""
    asked = facts.settings.ask_consent
    for bundle in facts.plan.bundles:
        unknown = {member for member, row in facts.served(bundle) if asked and row["consent"] == "unknown"}
        stated = set(bundle.needs_consent) - (set(bundle.members) - {member for member, _ in facts.members(bundle)})
        for member in sorted(unknown ^ stated):
            text = f"{facts.name(member)}的待征询标记与台账不符"
            yield Violation("unknown_consent_is_listed", bundle.bundle_id, text)
