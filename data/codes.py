"""Code lists of the registers: canonical codes and their Chinese names (L12–L16).

The city's own wording is mapped to these by its profile; each record keeps both.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SERVICE_FORMS: Final[dict[int, str]] = {
    1: "专业化物业服务",
    2: "社区统管",
    3: "单位代管",
    4: "居民自管",
    5: "无物管",
    6: "其它形态",
}
COMMITTEES: Final[dict[int, str]] = {1: "业主委员会", 2: "物业管理委员会", 3: "未成立"}
PARTIES: Final[dict[int, str]] = {1: "党委", 2: "党总支", 3: "党支部", 4: "党的工作小组", 5: "未成立"}


class UnitKind(StrEnum):
    """Levels of administrative units (行政单元), widest first."""

    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"

    @property
    def label(self) -> str:
        return {"county": "县区", "street": "街道", "community": "社区", "grid": "网格"}[self.value]


class Consent(StrEnum):
    """Owners' will to be bundled (业主意愿); unknown is 待征询, not a refusal."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"yes": "同意", "no": "不同意", "unknown": "待征询"}[self.value]
