"""Colours and marks, one meaning each everywhere; each class also has a shape or hatch, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from geo.sides.types import Side
from planning.coverage_types import CoverageState

INK: Final = "#1F2933"
QUIET: Final = "#52606D"
LINE: Final = "#D9E2EC"
GROUND: Final = "#F5F7FA"
ACCENT: Final = "#1F4E79"
WATER: Final = "#C9DDEB"
ROAD: Final = "#D5D9DE"
SERIES: Final = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Bundles (neighbours differ) and routes by team."""


def ink_on(color: str) -> str:
    """Black or white, whichever reads better on a colour ``#RRGGBB`` (relative luminance, WCAG 2.1)."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if (luminance + 0.05) / 0.0632 > 1.05 / (luminance + 0.05) else "#FFFFFF"


Shape = Literal["circle", "square", "diamond", "triangle", "ring"]
Hatch = Literal["", "diagonal", "dots", "cross"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How one class is drawn: fill, shape of its point, hatch of its area."""

    color: str
    shape: Shape
    hatch: Hatch = ""

    def point(self, radius: float = 4) -> dict[str, Any]:
        """Leaflet options of a point."""
        return {
            "radius": radius,
            "shape": self.shape,
            "color": "#FFFFFF" if self.shape != "ring" else self.color,
            "weight": 0.6 if self.shape != "ring" else 2,
            "fillColor": self.color,
            "fillOpacity": 0.95 if self.shape != "ring" else 0.15,
        }

    def area(self) -> dict[str, Any]:
        """Leaflet options of an area."""
        return {
            "color": self.color,
            "weight": 1.5,
            "fillColor": self.color,
            "fillOpacity": 0.55,
            "hatch": self.hatch,
        }


STATES: Final[dict[CoverageState, Mark]] = {
    CoverageState.PROFESSIONAL: Mark("#2F7F79", "circle"),
    CoverageState.OTHER_COVERED: Mark("#8CC5BE", "circle"),
    CoverageState.UNMANAGED: Mark("#C8443F", "square"),
    CoverageState.LOST: Mark("#7A1F1C", "triangle", "diagonal"),
    CoverageState.UNKNOWN: Mark("#9AA5B1", "diamond", "dots"),
}

LAND: Final = "#B8A1C9"
"""Land without a record, always hatched."""

RATE_STEPS: Final = (0.6, 0.75, 0.85, 0.95)
RATE_COLORS: Final = ("#B5483A", "#D98C5F", "#E3CFA4", "#9CC5B4", "#3F8F83")
"""Streets by coverage rate, from under 60 % to 95 % and more; light in the middle so that print in grey still reads."""


def rate_class(share: float | None) -> int:
    """Row of ``RATE_COLORS`` for a rate; ``len(RATE_COLORS)`` where there is none."""
    if share is None:
        return len(RATE_COLORS)
    return sum(share >= step for step in RATE_STEPS)


def rate_labels() -> tuple[str, ...]:
    """Words for each class of ``rate_class``, the last for 无数据."""
    edges = [f"{step:.0%}" for step in RATE_STEPS]
    inner = [f"{low}–{high}" for low, high in pairwise(edges)]
    return (f"低于 {edges[0]}", *inner, f"{edges[-1]} 及以上", "无数据")


@dataclass(frozen=True, slots=True)
class SideMark:
    """How a side of an estate is drawn: colour, and a dash so that it also reads in grey; its letter stands beside it."""

    color: str
    dash: str = ""


SIDES: Final[dict[Side, SideMark]] = {
    Side.EAST: SideMark("#B45309"),
    Side.SOUTH: SideMark("#1D4ED8", "14 5"),
    Side.WEST: SideMark("#86198F", "3 4"),
    Side.NORTH: SideMark("#3F6212", "14 4 3 4"),
    **dict.fromkeys((Side.NORTHEAST, Side.SOUTHEAST, Side.SOUTHWEST, Side.NORTHWEST), SideMark("#475569", "8 8")),
}
"""The four sides of a 四至 text; the oblique ones share a quiet colour."""
