"""What a planner does by hand, as wishes: each move gives all wishes that hold afterwards, short and without doubles.

A move that makes a bundle (move, merge, split, fix) replaces the fixed bundles that it touches; they never pile up.
Nothing is solved here: hand the wishes to `revise.revise`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from geo.errors import InputError
from planning.bundles.types import Bundle, BundlePlan, Wish, WishKind

OUT: Final = "out"
"""Where an estate goes that shall be in no bundle."""
NEW: Final = "new"
"""Where estates go that shall be a bundle of their own."""


@dataclass(frozen=True, slots=True)
class By:
    """Who wants it, when, and why (may be empty)."""

    person: str
    at: datetime
    reason: str = ""


def pin(plan: BundlePlan, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """These in one bundle, or all in none (绑定)."""
    return _with(plan.wishes, "together", estates, by)


def keep_apart(plan: BundlePlan, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """No two of these in one bundle (分开)."""
    return _with(plan.wishes, "apart", estates, by)


def forbid_pair(plan: BundlePlan, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """These two are no neighbours, whatever the map says (禁止相连)."""
    if len(set(estates)) != 2:
        raise InputError("“禁止相连”要选两个小区", f"现在选了{len(set(estates))}个，请重新选择")
    return _with(plan.wishes, "forbid_pair", estates, by)


def force(plan: BundlePlan, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """Each of these in some bundle (必须纳入); they are no longer left out."""
    return _with(_without(plan.wishes, set(estates), ("leave_out",)), "force", estates, by)


def leave_out(plan: BundlePlan, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """These in no bundle (不纳入): no longer forced, and out of the fixed bundles that hold them."""
    return _with(_without(plan.wishes, set(estates), ("force", "fix")), "leave_out", estates, by)


def fix(plan: BundlePlan, bundle_id: str, by: By) -> tuple[Wish, ...]:
    """Keep a bundle as it is (固定). One that is fixed already keeps the reason that it has, unless a new one is given."""
    members = bundle_of(plan, bundle_id).members
    if not by.reason and any(wish.kind == "fix" and set(wish.estates) == set(members) for wish in plan.wishes):
        return plan.wishes
    return _with(_without(plan.wishes, set(members), ("fix", "leave_out")), "fix", members, by)


def move(plan: BundlePlan, estates: Collection[str], to: str, by: By) -> tuple[Wish, ...]:
    """Take estates to another bundle, out of all bundles (`OUT`), or into one of their own (`NEW`).

    The bundle that takes them in is fixed. The one that they leave stays fixed without them if it was, else it is free
    to be made up anew.

    Raises
    ------
    InputError
        If there is no such bundle, or nothing would move.
    """
    going = set(estates)
    if not going:
        raise InputError("没有选择要移动的小区", "请先在地图或表格中选择小区")
    if to == OUT:
        return leave_out(plan, going, by)
    if to == NEW:
        if len(going) < 2:
            raise InputError("新的服务单元至少要有两个小区", "请再选至少一个小区，或把它移到已有的服务单元")
        return _fixed(plan.wishes, going, going, by)
    target = bundle_of(plan, to)
    if going <= set(target.members):
        raise InputError("所选小区已经在这个服务单元里", "请选择另一个服务单元")
    return _fixed(plan.wishes, going | set(target.members), going, by)


def merge(plan: BundlePlan, bundle_ids: Collection[str], by: By) -> tuple[Wish, ...]:
    """Make one fixed bundle of several (合并).

    Where managed estates take others on (以大带小) that of the bundle named first goes on doing so; the others only keep
    the service that they have.

    Raises
    ------
    InputError
        If fewer than two are named, or one does not exist.
    """
    if len(set(bundle_ids)) < 2:
        raise InputError("合并至少要选两个服务单元", "请再选一个服务单元")
    merged = [bundle_of(plan, one) for one in dict.fromkeys(bundle_ids)]
    anchors = [one.anchor for one in merged if one.anchor is not None]
    members = {member for one in merged for member in one.members}
    return _fixed(plan.wishes, members - set(anchors[1:]), set(), by)


def split(plan: BundlePlan, bundle_id: str, part: Collection[str], by: By) -> tuple[Wish, ...]:
    """Part a bundle in two (拆分): both sides are fixed; a side of one estate is no bundle and becomes free.

    Raises
    ------
    InputError
        If the part is nothing, everything, or not of this bundle.
    """
    members = set(bundle_of(plan, bundle_id).members)
    one = set(part)
    if not one or not one < members:
        raise InputError("拆分要选出服务单元里的一部分小区", "请选择其中一部分成员，不能是全部，也不能是别处的小区")
    sides = [side for side in (one, members - one) if len(side) > 1]
    if not sides:
        raise InputError("两个小区的服务单元拆开后就不是服务单元了", "请改用“不纳入”，或把小区移到别的服务单元")
    wishes = _without(plan.wishes, members, ("fix", "leave_out"))
    for side in sides:
        wishes = _with(wishes, "fix", side, by)
    return wishes


def release(plan: BundlePlan, wish_ids: Collection[str]) -> tuple[Wish, ...]:
    """Give up wishes (取消要求).

    Raises
    ------
    InputError
        If one of them does not hold.
    """
    gone = set(wish_ids)
    unknown = gone - {wish.wish_id for wish in plan.wishes}
    if unknown:
        raise InputError(f"没有编号为{'、'.join(sorted(unknown))}的要求", "方案可能已被别人修改，请刷新页面")
    return tuple(wish for wish in plan.wishes if wish.wish_id not in gone)


def give_reason(wishes: Sequence[Wish], wish_ids: Collection[str], reason: str) -> tuple[Wish, ...]:
    """The wishes with a reason for those named that have none."""
    named = set(wish_ids)
    return tuple(
        replace(wish, reason=reason.strip()) if wish.wish_id in named and not wish.reason.strip() else wish
        for wish in wishes
    )


def bundle_of(plan: BundlePlan, bundle_id: str) -> Bundle:
    """The bundle of that id.

    Raises
    ------
    InputError
        If the plan has none.
    """
    for one in plan.bundles:
        if one.bundle_id == bundle_id:
            return one
    raise InputError(f"方案里没有服务单元“{bundle_id}”", "方案可能已被别人修改，请刷新页面")


def _fixed(wishes: Sequence[Wish], members: set[str], going: set[str], by: By) -> tuple[Wish, ...]:
    """A fixed bundle of these. Fixed bundles that it takes all of, or more than the moving ones, make way."""
    kept: list[Wish] = []
    for wish in wishes:
        if wish.kind == "fix" and set(wish.estates) & members:
            rest = set(wish.estates) - members
            if set(wish.estates) & members <= going and len(rest) > 1:
                kept.append(replace(wish, estates=tuple(sorted(rest))))
            continue
        kept.append(wish)
    return _with(_without(kept, members, ("leave_out",)), "fix", members, by)


def _without(wishes: Sequence[Wish], estates: set[str], kinds: Sequence[WishKind]) -> tuple[Wish, ...]:
    """The wishes of these kinds speak of these estates no more; a fixed bundle with fewer than two members falls."""
    kept: list[Wish] = []
    for wish in wishes:
        if wish.kind not in kinds or not estates.intersection(wish.estates):
            kept.append(wish)
            continue
        rest = tuple(one for one in wish.estates if one not in estates)
        if len(rest) >= (2 if wish.kind == "fix" else 1):
            kept.append(replace(wish, estates=rest))
    return tuple(kept)


def _with(wishes: Sequence[Wish], kind: WishKind, estates: Collection[str], by: By) -> tuple[Wish, ...]:
    """One wish more, unless the same is there already; an opposite one on the very same estates makes way."""
    named = tuple(sorted(set(estates)))
    least = 1 if kind in ("force", "leave_out") else 2
    if len(named) < least:
        words = "至少要选两个小区" if least == 2 else "要选至少一个小区"
        raise InputError(f"这项要求{words}", "请先在地图或表格中选择小区")
    if any(wish.kind == kind and wish.estates == named and wish.reason == by.reason for wish in wishes):
        return tuple(wishes)
    same = {"together": "apart", "apart": "together"}.get(kind)
    kept = [wish for wish in wishes if wish.estates != named or wish.kind not in (kind, same)]
    number = 1 + max((int(wish.wish_id[1:]) for wish in wishes if wish.wish_id[1:].isdigit()), default=0)
    return (*kept, Wish(f"W{number:03d}", kind, named, by.reason.strip(), by.person, by.at))
