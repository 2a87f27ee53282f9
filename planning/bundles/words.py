"""Chinese words and sentences of bundles, in one place: what a clerk reads of rules, reasons and wishes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from data.profile import FallbackWay
from data.profile_bundles import FallbackCondition
from planning.bundles.types import FallbackKind, ForbiddenBy, Neighbour, WishKind

FORBIDDEN_WORDS: Final[Mapping[ForbiddenBy, str]] = {
    "unit": "不属于同一牵头单位",
    "consent": "业主不同意打捆",
    "type": "小区类型不同",
    "fee": "物业费标准相差过大",
    "age": "建成年代不同",
    "radius": "超出步行距离",
    "barrier": "中间有阻隔",
    "grid": "会拆分网格",
    "wish": "人工要求不同捆",
    "room": "带动小区余量不足",
}
"""Why a pair may not share a bundle."""

KIND_WORDS: Final[Mapping[FallbackKind, str]] = {
    "no_neighbour": "附近没有可同包的小区",
    "too_few_households": "可及范围内户数不足",
    "too_little_income": "可及范围内收支不平衡",
    "no_room": "附近带动小区余量不足",
    "no_combination": "附近小区凑不成符合条件的一捆",
    "refused": "业主不同意打捆",
    "no_position": "没有坐标",
    "no_households": "没有户数",
    "no_fee": "缺少物业费标准或建筑面积",
    "no_income": "没有公共收益数据",
    "exempt": "公共收益为零且无异议，可不审计",
    "left_over": "可以组合，但会挤出其他小区",
    "left_out": "人工要求不打捆",
    "unknown_state": "情况不明",
}
"""Why an estate is in no bundle, in few words."""

NO_MARKET: Final[frozenset[FallbackKind]] = frozenset(
    {"no_neighbour", "too_few_households", "too_little_income", "no_room", "no_combination"}
)
"""Neither alone nor in a bundle is there enough to tender: no market. Of others only a tender can tell."""

RULE_WORDS: Final[Mapping[str, str]] = {
    "members_take_part": "成员属于本方式的范围",
    "members_are_known": "成员资料齐全",
    "large_stands_alone": "规模大的小区单独招标",
    "little_to_audit": "公共收益和面积较小",
    "nobody_refused": "尊重业主意愿",
    "within_radius": "到中心小区的步行距离",
    "within_diameter": "成员间最大距离",
    "no_barrier_between": "与中心小区之间无阻隔",
    "linked_through_neighbours": "成员连片",
    "one_lead_unit": "同一牵头单位",
    "fees_close": "物业费标准相近",
    "one_type": "小区类型相同",
    "one_age_class": "建成年代相同",
    "grids_undivided": "网格不拆分",
    "households_within_limits": "户数在上下限之间",
    "floor_area_within_limits": "建筑面积在上下限之间",
    "number_of_estates": "小区个数",
    "income_covers_costs": "收入不低于支出",
    "one_anchor": "恰有一个带动小区",
    "anchor_is_managed": "带动小区在管",
    "anchor_is_large": "带动小区达到规模",
    "anchor_is_trusted": "带动小区的企业信用合格",
    "anchor_has_room": "带动小区有余量",
    "every_estate_once": "每个小区恰有一个去向",
    "alone_is_large": "单独招标的小区达到规模",
    "fallback_says_why": "兜底原因属实",
    "unknown_consent_is_listed": "待征询小区如实标明",
    "walks_as_stated": "距离如实标明",
    "figures_are_the_registers": "数字与台账一致",
    "wishes_kept": "满足人工要求",
    "made_by_hand_was_wished": "人工调整有据可查",
    "well_formed": "方案结构完整",
    "totals_add_up": "合计相符",
    "bounds_hold": "覆盖上限属实",
    "little_given_up": "让出户数有限",
}
"""Name of each rule of ``planning.bundles.rules``."""

WISH_WORDS: Final[Mapping[WishKind, str]] = {
    "together": "放在同一服务单元，或都不纳入",
    "apart": "不放在同一服务单元",
    "force": "必须纳入服务单元",
    "leave_out": "不纳入服务单元",
    "fix": "固定为一个服务单元",
    "forbid_pair": "两者不能直接相连",
}
"""What a planner asked of estates, after their names."""


def metres(value: float) -> str:
    """A walk for a sentence."""
    return f"{value:,.0f}米" if math.isfinite(value) else "步行不可达"


def yuan(value: float) -> str:
    """An amount for a sentence."""
    return f"{value:,.0f}元"


def listed(names: list[str], most: int = 5) -> str:
    """Names in a row, the rest counted: 甲、乙、丙等7个小区."""
    if len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等{len(names)}个小区"


def neighbour_words(near: tuple[Neighbour, ...], names: Mapping[str, str], what: str = "小区") -> str:
    """The nearest neighbours and what keeps each away; ``what`` they are."""
    told = []
    for one in near:
        why = FORBIDDEN_WORDS[one.forbidden_by] if one.forbidden_by else "可同捆"
        told.append(f"{names[one.estate_id]}（{metres(one.distance_m)}，{why}）")
    return f"最近的{len(near)}个{what}：{'、'.join(told)}"


def way_words(way: FallbackWay, kind: FallbackKind) -> str:
    """A way of fallback with its condition, and which of the paper's two cases the estate is (D27)."""
    told = [way.condition] if way.condition else []
    if way.conditions:
        case: FallbackCondition = "no_market" if kind in NO_MARKET else "no_bidder"
        later = "" if case == "no_market" else "（须先招标）"
        told.append(f"情形：{way.conditions[case]}{later}")
    return f"{way.name}（{'；'.join(told)}）" if told else way.name
