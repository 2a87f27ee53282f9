"""以大带小 (D25): what a managed estate needs to take small ones on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from planning.bundles.rules.facts import Facts, known
from planning.bundles.rules.size import households
from planning.bundles.types import Bundle
from planning.coverage_types import CoverageState
from planning.violations import Violation


def one_anchor(facts: Facts) -> Iterator[Violation]:
    """Each bundle of this way has exactly one anchor, a member and its medoid; bundles of other ways have none."""
    for bundle in facts.plan.bundles:
        if facts.settings.way != "anchor":
            if bundle.anchor is not None:
                yield Violation("one_anchor", bundle.bundle_id, "只有以大带小方案才有带动小区")
            continue
        if bundle.anchor is None:
            yield Violation("one_anchor", bundle.bundle_id, "没有带动小区")
        elif bundle.anchor not in bundle.members or bundle.anchor != bundle.medoid:
            yield Violation("one_anchor", bundle.bundle_id, f"带动小区{facts.name(bundle.anchor)}不是中心小区")
        for member, _ in facts.served(bundle):
            if member in facts.states and facts.states[member].covered:
                text = f"{facts.name(member)}已覆盖，一个打捆只能有一个在管小区作带动小区"
                yield Violation("one_anchor", bundle.bundle_id, text)


def anchor_is_managed(facts: Facts) -> Iterator[Violation]:
    """The anchor is served by a company (专业化物业服务) already: only that can take others on."""
    for bundle, anchor, _ in _anchors(facts):
        if facts.states.get(anchor) is not CoverageState.PROFESSIONAL:
            text = f"带动小区{facts.name(anchor)}不是在管小区（专业化物业服务）"
            yield Violation("anchor_is_managed", bundle.bundle_id, text)


def anchor_is_large(facts: Facts) -> Iterator[Violation]:
    """The anchor has the households that the settings ask for."""
    least = facts.settings.anchor_min_households
    for bundle, anchor, row in _anchors(facts):
        n = int(row["households"]) if known(row["households"]) else 0
        if n < least:
            text = f"带动小区{facts.name(anchor)}有{n}户，少于{least}户"
            yield Violation("anchor_is_large", bundle.bundle_id, text)


def anchor_is_trusted(facts: Facts) -> Iterator[Violation]:
    """The anchor's company is known, not on the black list (D20), and has the stars asked for, where it was graded."""
    for bundle, anchor, row in _anchors(facts):
        if not known(row["company"]) or not row["company"]:
            text = f"带动小区{facts.name(anchor)}没有登记物业服务企业"
            yield Violation("anchor_is_trusted", bundle.bundle_id, text)
        grade = facts.grade_of(row["company"])
        if grade is None:
            continue
        if grade["credit_list"] == "black":
            text = f"带动小区{facts.name(anchor)}的企业{row['company']}在黑榜上"
            yield Violation("anchor_is_trusted", bundle.bundle_id, text)
        elif known(grade["stars"]) and grade["stars"] < facts.settings.anchor_min_stars:
            least = facts.settings.anchor_min_stars
            text = f"带动小区{facts.name(anchor)}的企业{row['company']}为{int(grade['stars'])}星，低于{least}星"
            yield Violation("anchor_is_trusted", bundle.bundle_id, text)


def anchor_has_room(facts: Facts) -> Iterator[Violation]:
    """What the anchor takes on is at most the share of its own households that the settings allow."""
    share = facts.settings.anchor_share
    for bundle, anchor, row in _anchors(facts):
        own = int(row["households"]) if known(row["households"]) else 0
        room, taken = math.floor(share * own + 1e-9), households(facts, bundle)
        if taken > room:
            text = f"带动小区{facts.name(anchor)}可再接{room}户（自有{own}户的{share:.0%}），实际接{taken}户，多{taken - room}户"
            yield Violation("anchor_has_room", bundle.bundle_id, text)


def _anchors(facts: Facts) -> Iterator[tuple[Bundle, str, dict[str, Any]]]:
    """Bundles with an anchor that the register knows."""
    for bundle in facts.plan.bundles:
        if bundle.anchor is not None and bundle.anchor in facts.rows:
            yield bundle, bundle.anchor, facts.rows[bundle.anchor]
