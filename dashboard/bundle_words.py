"""Words of the bundles' page and papers: limits, costs, choices, wishes, steps; one home for each label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from data.profile_bundles import WAY_NAMES
from planning.bundles.settings import BundleSettings, Compact, Viability, Way
from planning.bundles.types import BundlePlan, WishKind

_NUMBER: Final = re.compile(r"\d+$")

LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "radius_m": ("到中心小区的距离不超过", "米"),
    "neighbour_m": ("连片时相邻小区的距离不超过", "米"),
    "max_diameter_m": ("任意两小区的距离不超过", "米"),
    "min_households": ("最少户数", "户"),
    "max_households": ("最多户数", "户"),
    "max_estates": ("最多小区数", "个"),
    "min_floor_area_m2": ("最小建筑面积", "平方米"),
    "max_floor_area_m2": ("最大建筑面积", "平方米"),
    "small_households": ("规模较小：户数不超过", "户"),
    "small_floor_area_m2": ("规模较小：建筑面积不超过", "平方米"),
    "fee_window_yuan_m2": ("物业费相差不超过", "元/平方米·月"),
    "near_share": ("为缩短距离最多让出的户数", "%"),
    "anchor_min_households": ("带动小区最少户数", "户"),
    "anchor_share": ("带动小区可接收的户数占自身", "%"),
    "anchor_min_stars": ("带动小区的企业最低星级", "星"),
    "max_income_yuan": ("公共收益一年不超过", "元"),
    "old_before": ("老旧小区：建成年份早于", "年"),
}
"""Field of `BundleSettings` → label and unit. Shares are written as per cent."""

COSTS: Final[Mapping[str, tuple[str, str]]] = {
    "per_household": ("每户服务成本", "元/年"),
    "per_lift": ("每部电梯维保", "元/年"),
    "per_post": ("每个岗位用工", "元/年"),
    "posts_per_estate": ("每个小区的岗位", "个"),
    "posts_per_point": ("每个服务点的岗位", "个"),
    "per_point": ("每个服务点的固定支出", "元/年"),
    "collection_rate": ("台账未填时的收缴率", "%"),
}
"""Field of `Costs` → label and unit."""

COMPACT: Final[Mapping[Compact, str]] = {"medoid": "就近：距中心小区", "chain": "连片：相邻相连", "both": "就近且连片"}
VIABILITY: Final[Mapping[Viability, str]] = {"households": "按户数", "money": "按收支", "both": "户数和收支都要够"}
MODES: Final[Mapping[str, str]] = {"exact": "户数优先", "near": "略让户数，缩短距离"}
LEADS: Final[Mapping[str, str]] = {"street": "街道", "community": "社区"}
BARRIERS: Final[Mapping[str, str]] = {
    "river": "河流",
    "railway": "铁路",
    "water": "水面",
    "motorway": "高速公路",
    "trunk": "快速路",
    "primary": "主干路",
    "secondary": "次干路",
    "tertiary": "支路",
}
"""Kind of way or road class → its name."""

WAYS: Final[Mapping[Way, str]] = WAY_NAMES
WAY_HELP: Final[Mapping[Way, str]] = {
    "service": "把未覆盖的小规模小区组成新的服务单元，一并招标",
    "anchor": "由相邻的已有物业的小区带动未覆盖的小规模小区",
    "audit": "把公共收益少、规模小的小区合在一起审计",
    "regions": "把老旧小区合并划分物业管理区域",
}

UNITS: Final[Mapping[Way, str]] = {
    "service": "服务单元",
    "anchor": "服务单元",
    "audit": "审计包",
    "regions": "物业管理区域",
}
"""What a bundle of each way is called."""
ALONE: Final[Mapping[Way, str]] = {
    "service": "单独招标",
    "anchor": "单独招标",
    "audit": "单独审计",
    "regions": "单独划区",
}
LEFT: Final[Mapping[Way, str]] = {"service": "兜底", "anchor": "兜底", "audit": "不打包", "regions": "未划入"}

WISHES: Final[Mapping[WishKind, str]] = {
    "together": "钉住",
    "apart": "分开",
    "force": "必须纳入",
    "leave_out": "不纳入",
    "fix": "固定",
    "forbid_pair": "不可相邻",
}

STEPS: Final[Mapping[str, str]] = {
    **WISHES,
    "move": "移动",
    "out": "移出",
    "merge": "合并",
    "split": "拆分",
    "release": "解除要求",
    "solve": "求解",
    "make_current": "设为现行方案",
}
"""Kind of a decision → its name."""


def place_words(end: str, way: Way) -> str:
    """Where an estate is that is in no bundle (`planning.bundles.revision.difference`)."""
    return {"alone": ALONE[way], "fallback": LEFT[way], "": "不参加"}.get(end, end)


def labels_of(plan: BundlePlan) -> dict[str, str]:
    """Id of each bundle → 服务单元3: the number of its id, so that it keeps its name when others come and go."""
    unit = UNITS[plan.settings.way]
    found = {}
    for place, one in enumerate(plan.bundles, start=1):
        number = _NUMBER.search(one.bundle_id)
        found[one.bundle_id] = f"{unit}{int(number.group()) if number else place}"
    return found


def limit_text(name: str, settings: BundleSettings) -> str:
    """A limit in force with its unit, e.g. 500米; 不限 where there is none."""
    value = getattr(settings, name)
    unit = LIMITS[name][1]
    if value is None:
        return "不限"
    shown = value * 100 if unit == "%" else value
    return f"{shown:,.2f}".rstrip("0").rstrip(".") + unit if unit != "年" else f"{shown:.0f}年"


def barriers_text(kinds: Iterable[str]) -> str:
    """河流、铁路 …; 无 where nothing bars."""
    return "、".join(BARRIERS[kind] for kind in kinds) or "无"
