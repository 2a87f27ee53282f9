"""What planners asked for (人工要求): kept to the letter; bundles made by hand are the ones that they fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from planning.bundles.rules.facts import Facts
from planning.bundles.types import Wish
from planning.bundles.words import WISH_WORDS
from planning.violations import Violation


def wishes_kept(facts: Facts) -> Iterator[Violation]:
    """Every wish is kept: together, apart, in some bundle, in none, exactly these, no neighbours."""
    home = {member: one.bundle_id for one in facts.plan.bundles for member in one.members}
    for wish in facts.plan.wishes:
        problem = _broken(facts, wish, home)
        if problem:
            yield Violation("wishes_kept", wish.wish_id, f"人工要求“{_words(facts, wish)}”未满足：{problem}")


def _broken(facts: Facts, wish: Wish, home: Mapping[str, str]) -> str:
    homes = [home.get(estate) for estate in wish.estates]
    names = [facts.name(estate) for estate in wish.estates]
    if wish.kind == "together" and len(set(homes)) > 1:
        return "、".join(f"{name}在{where or '捆外'}" for name, where in zip(names, homes, strict=True))
    if wish.kind == "apart":
        shared = [where for where, times in Counter(h for h in homes if h).items() if times > 1]
        return "、".join(f"{where}中有其中两个以上" for where in sorted(shared))
    if wish.kind == "force" and None in homes:
        return "、".join(name for name, where in zip(names, homes, strict=True) if where is None) + "不在任何打捆中"
    if wish.kind == "leave_out" and any(homes):
        return "、".join(f"{name}在{where}" for name, where in zip(names, homes, strict=True) if where)
    if wish.kind == "fix":
        same = any(set(one.members) == set(wish.estates) and one.by_hand for one in facts.plan.bundles)
        return "" if same else "没有恰好由这些小区组成的打捆"
    if wish.kind == "forbid_pair" and homes[0] is not None and homes[0] == homes[1]:
        return _as_neighbours(facts, wish, homes[0])
    return ""


def _as_neighbours(facts: Facts, wish: Wish, bundle_id: str) -> str:
    """In a bundle with a medoid the two may not be medoid and member; a chain is judged by its links."""
    bundle = next(one for one in facts.plan.bundles if one.bundle_id == bundle_id)
    if facts.settings.compact == "chain" or bundle.by_hand or bundle.medoid not in wish.estates:
        return ""
    return f"{facts.name(bundle.medoid)}是{bundle_id}的中心小区，另一个是成员"


def _words(facts: Facts, wish: Wish) -> str:
    return f"{'、'.join(facts.name(estate) for estate in wish.estates)}：{WISH_WORDS[wish.kind]}"


def made_by_hand_was_wished(facts: Facts) -> Iterator[Violation]:
    """A bundle marked as made by hand is one that a planner fixed, with the reason written there."""
    fixed = {frozenset(one.estates): one.reason.strip() for one in facts.plan.wishes if one.kind == "fix"}
    for bundle in facts.plan.bundles:
        members = frozenset(bundle.members)
        if bundle.by_hand and members not in fixed:
            yield Violation("made_by_hand_was_wished", bundle.bundle_id, "标为人工调整，但没有对应的人工要求")
        elif bundle.by_hand and fixed[members] != bundle.reason.strip():
            yield Violation("made_by_hand_was_wished", bundle.bundle_id, "人工调整的理由与人工要求中写的不一致")
        elif not bundle.by_hand and bundle.reason:
            yield Violation("made_by_hand_was_wished", bundle.bundle_id, "写有人工调整的理由，但未标为人工调整")
