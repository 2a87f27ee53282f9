"""Bundles that a planner fixed: measured like any other, with the rules that they break told one by one.

What is said here of a broken rule asks the planner for a reason; ``rules`` states the same rules apart, for the check.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.barriers import ALLOWED, BY_BARRIER
from planning.bundles.candidates.money import money_of
from planning.bundles.candidates.pairs import age_apart, fee_apart, type_apart, unit_apart
from planning.bundles.engine.graph import reached
from planning.bundles.prepare import Prepared, Walks
from planning.bundles.reasons.explain_bundle import explain_bundle
from planning.bundles.types import Bundle, FallbackKind, Wish
from planning.violations import Violation

_EPSILON = 1e-9
_RULE_OF: Mapping[FallbackKind, str] = {
    "exempt": "little_to_audit",
    "no_income": "little_to_audit",
}
"""Rule that a fixed estate breaks by being no candidate; of others too little is known."""
_TOLD = ("too_few_households", "too_little_income", "refused")
"""Kinds of estates whose facts are told in any case: too large for any bundle (the sums), owners who refused."""


def fixed_bundle(prepared: Prepared, wish: Wish) -> Bundle:
    """The bundle that a wish of kind ``fix`` asks for; its id is still to be given."""
    members = tuple(sorted(wish.estates))
    rows = prepared.known.loc[list(members)]
    walks = prepared.walks(members)
    anchors = _anchors(prepared, rows)
    centre = _medoid(prepared, walks, anchors)
    served = rows[~anchors] if anchors.sum() == 1 else rows
    asked = prepared.settings.ask_consent
    anchor = members[int(np.flatnonzero(anchors)[0])] if anchors.sum() == 1 else None
    near = (walks.verdict == ALLOWED) & ~walks.no_way
    told = explain_bundle(
        members,
        members[centre],
        rows,
        walks.distance_m,
        _within(walks, near, prepared.settings.radius_m),
        prepared.settings,
        touch=None if prepared.settings.compact == "medoid" else _within(walks, near, prepared.settings.link_m),
        anchor=anchor,
    )
    return Bundle(
        bundle_id="",
        unit_id=_text(rows["unit_id"].iloc[centre]),
        members=members,
        medoid=members[centre],
        households=int(served["households"].sum()),
        floor_area_m2=round(float(served["floor_area_m2"].sum()), 2),
        distances_m=tuple(float(metres) for metres in walks.distance_m[centre]),
        diameter_m=round(float(walks.distance_m.max()), 1),
        binding=told.binding,
        needs_consent=tuple(served.index[served["consent"] == "unknown"]) if asked else (),
        anchor=anchor,
        money=money_of(served, prepared.settings.costs),
        by_hand=True,
        reason=wish.reason.strip(),
        slacks=told.slacks,
        additions=told.additions,
        nearest_other=told.nearest_other,
    )


def broken_rules(prepared: Prepared, bundle: Bundle, others: Sequence[Bundle] = ()) -> tuple[Violation, ...]:
    """The rules that a fixed bundle breaks, as the solver understands them, in the words of a planner.

    Parameters
    ----------
    bundle
        As `fixed_bundle` gives it.
    others
        The other bundles of the plan: a grid must not be divided between them and this one.
    """
    return tuple(
        Violation(rule, bundle.bundle_id, text)
        for told in (_size(prepared, bundle), _place(prepared, bundle), _kind(prepared, bundle, others))
        for rule, text in told
    )


def _size(prepared: Prepared, bundle: Bundle) -> Iterator[tuple[str, str]]:
    settings, n = prepared.settings, bundle.households
    anchored = settings.way == "anchor"
    if not anchored and settings.viability != "money" and n < settings.min_households:
        yield "households_within_limits", f"共{n}户，比下限{settings.min_households}户少{settings.min_households - n}户"
    if not anchored and n > settings.max_households:
        yield "households_within_limits", f"共{n}户，比上限{settings.max_households}户多{n - settings.max_households}户"
    if len(bundle.members) > settings.max_estates:
        yield "number_of_estates", f"共{len(bundle.members)}个小区，上限{settings.max_estates}个"
    area = bundle.floor_area_m2
    if not anchored and settings.min_floor_area_m2 is not None and area < settings.min_floor_area_m2 - 0.005:
        yield "floor_area_within_limits", f"建筑面积{area:,.0f}平方米，下限{settings.min_floor_area_m2:,.0f}平方米"
    if settings.max_floor_area_m2 is not None and area > settings.max_floor_area_m2 + 0.005:
        yield "floor_area_within_limits", f"建筑面积{area:,.0f}平方米，上限{settings.max_floor_area_m2:,.0f}平方米"
    if not anchored and settings.viability != "households":
        if bundle.money is None:
            yield "income_covers_costs", "有小区缺物业费或建筑面积，无法核算收支"
        elif bundle.money.margin < 0:
            yield "income_covers_costs", f"每年收入比成本少{-bundle.money.margin:,}元"
    if anchored and bundle.anchor is not None:
        room = int(prepared.known.at[bundle.anchor, "room"])
        if n > room:
            yield "anchor_has_room", f"带动小区{prepared.names[bundle.anchor]}还可再接{room}户，这里有{n}户"


def _place(prepared: Prepared, bundle: Bundle) -> Iterator[tuple[str, str]]:
    settings, names = prepared.settings, prepared.names
    walks = prepared.walks(bundle.members)
    centre = bundle.members.index(bundle.medoid)
    if bundle.diameter_m > settings.max_diameter_m + _EPSILON:
        text = f"成员间最远{bundle.diameter_m:,.0f}米，上限{settings.max_diameter_m:,.0f}米"
        yield "within_diameter", text
    if settings.compact != "chain":
        for row, member in enumerate(bundle.members):
            pair = f"{names[member]}与中心小区{names[bundle.medoid]}"
            if row == centre:
                continue
            if walks.distance_m[centre, row] > settings.radius_m + _EPSILON or walks.no_way[centre, row]:
                far = "没有相通的路" if walks.no_way[centre, row] else f"相距{walks.distance_m[centre, row]:,.0f}米"
                yield "within_radius", f"{pair}{far}，半径{settings.radius_m:,.0f}米"
            if walks.verdict[centre, row] == BY_BARRIER:
                name = walks.barrier[centre, row]
                yield "no_barrier_between", f"{pair}之间有阻隔{f'（{name}）' if name else ''}"
    if settings.compact != "medoid":
        near = _within(walks, walks.verdict == ALLOWED, settings.link_m)
        masks = tuple(sum(1 << int(k) for k in np.flatnonzero(line)) for line in near)
        everything = (1 << len(masks)) - 1
        cut = everything & ~reached(masks, 1 << centre, everything)
        if cut:
            told = "、".join(names[member] for row, member in enumerate(bundle.members) if cut >> row & 1)
            yield "linked_through_neighbours", f"{told}与其余成员不连片"


def _kind(prepared: Prepared, bundle: Bundle, others: Sequence[Bundle]) -> Iterator[tuple[str, str]]:
    settings, names = prepared.settings, prepared.names
    rows = prepared.known.loc[list(bundle.members)]
    i, j = (np.asarray(side, dtype=np.int64) for side in zip(*combinations(range(len(rows)), 2), strict=True))
    pairs = (
        ("one_lead_unit", "分属不同的牵头单位", unit_apart(rows, i, j)),
        ("fees_close", f"物业费标准相差超过{settings.fee_window_yuan_m2:.2f}元", fee_apart(rows, i, j, settings)),
        ("one_type", "小区类型不同", type_apart(rows, i, j, settings)),
        ("one_age_class", "建成年代不同", age_apart(rows, i, j, settings)),
    )
    for rule, text, broken in pairs:
        if broken.any():
            first = int(np.flatnonzero(broken)[0])
            yield rule, f"{names[rows.index[i[first]]]}与{names[rows.index[j[first]]]}{text}"
    if settings.way == "anchor" and bundle.anchor is None:
        yield "one_anchor", "以大带小要有且只有一个带动小区"
    for member in bundle.members:
        if settings.ask_consent and rows.at[member, "consent"] == "no":
            yield "nobody_refused", f"{names[member]}的业主不同意打捆"
        audit = settings.way == "audit"
        if member in prepared.standing_alone:
            text = "公共收益或面积较大，应单独审计" if audit else "规模较大，应单独招标"
            yield "little_to_audit" if audit else "large_stands_alone", f"{names[member]}{text}"
        elif member in prepared.left_out and prepared.left_out[member].kind not in _TOLD:
            left = prepared.left_out[member]
            yield _RULE_OF.get(left.kind, "members_are_known"), f"{names[member]}：{left.reason}"
    if settings.keep_grids:
        grids = set(rows["grid_id"].dropna())
        for other in others:
            if other.bundle_id != bundle.bundle_id and other.members != bundle.members:
                theirs = set(prepared.known.loc[list(other.members), "grid_id"].dropna())
                if grids & theirs:
                    yield "grids_undivided", f"网格{'、'.join(sorted(grids & theirs))}被拆分"


def _medoid(prepared: Prepared, walks: Walks, anchors: Any) -> int:
    """Of anchors, else of those that are near enough to all others, else of all: the one with the least sum of walks."""
    metres = walks.distance_m
    if anchors.sum() == 1:
        return int(np.flatnonzero(anchors)[0])
    rows = np.arange(len(metres))
    if prepared.settings.compact != "chain":
        near = _within(walks, walks.verdict == ALLOWED, prepared.settings.radius_m)
        star = near.all(axis=1)
        rows = np.flatnonzero(star) if star.any() else rows
    sums = np.round(metres.sum(axis=1), 6)
    return int(min(rows, key=lambda row: (sums[row], row)))


def _within(walks: Walks, near: NDArray[np.bool_], longest_m: float) -> NDArray[np.bool_]:
    found = near & (walks.distance_m <= longest_m + _EPSILON)
    np.fill_diagonal(found, True)
    return np.asarray(found)


def _anchors(prepared: Prepared, rows: pd.DataFrame) -> Any:
    if prepared.settings.way != "anchor":
        return np.zeros(len(rows), dtype=bool)
    return rows["anchor"].fillna(False).to_numpy(dtype=bool)


def _text(value: object) -> str | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
