"""Chinese sentences that explain a bundle or a leftover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data.profile import FallbackWay
from planning.bundles.types import BundleSettings, ForbiddenBy, Neighbour

FORBIDDEN_WORDS: Final[Mapping[ForbiddenBy, str]] = {
    "unit": "不属于同一牵头单位",
    "consent": "业主不同意打捆",
    "type": "小区类型不同",
    "fee": "物业费标准相差过大",
    "radius": "超出半径",
    "barrier": "中间有阻隔",
    "grid": "会拆分网格",
}


def binding_rule(
    households: int, n_estates: int, farthest_m: float, diameter_m: float, settings: BundleSettings
) -> str:
    """The limit with the least room in relation to its size, with the room that is left."""
    rooms = [
        (
            (households - settings.min_households) / settings.min_households,
            f"户数下限：{households}户，比下限{settings.min_households}户多{households - settings.min_households}户",
        ),
        (
            (settings.max_households - households) / settings.max_households,
            f"户数上限：{households}户，离上限{settings.max_households}户还有{settings.max_households - households}户",
        ),
        (
            (settings.max_estates - n_estates) / settings.max_estates,
            f"小区数上限：{n_estates}个，上限{settings.max_estates}个",
        ),
        (
            (settings.radius_m - farthest_m) / settings.radius_m,
            f"半径：最远成员距中心小区{farthest_m:,.0f}米，上限{settings.radius_m:,.0f}米",
        ),
        (
            (settings.max_diameter_m - diameter_m) / settings.max_diameter_m,
            f"最大间距：成员间最远{diameter_m:,.0f}米，上限{settings.max_diameter_m:,.0f}米",
        ),
    ]
    return min(rooms, key=lambda room: room[0])[1]


def neighbour_words(near: tuple[Neighbour, ...], names: Mapping[str, str]) -> str:
    """The nearest neighbour and what keeps it away."""
    first = near[0]
    why = FORBIDDEN_WORDS[first.forbidden_by] if first.forbidden_by else "可同包"
    return f"最近的{names[first.estate_id]}相距{first.distance_m:,.0f}米，{why}"


def way_words(way: FallbackWay) -> str:
    """A way of fallback with its condition."""
    return f"{way.name}（{way.condition}）" if way.condition else way.name
