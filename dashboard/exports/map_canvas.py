"""A printed map as a canvas in millimetres: lines, areas, numbered marks, names, legend, scale, north, footer.

Made with matplotlib's own figure, never with ``pyplot``: several pages and threads may draw at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Literal

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from dashboard.exports.map_font import map_font

DPI: Final = 180
_PT_MM: Final = 25.4 / 72
_INK: Final = "#000000"
_LEGEND_PT: Final = 7.5
_ROW_MM: Final = 4.6
_LENGTHS_M: Final = (50_000, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10)

Role = Literal["member", "medoid", "anchor", "alone", "fallback", "unit"]
ROLES: Final[tuple[Role, ...]] = ("member", "medoid", "anchor", "alone", "fallback", "unit")


@dataclass(frozen=True)
class Key:
    """One entry of the legend: how it is drawn, and its Chinese words."""

    look: str
    words: str


class Canvas:
    """A map of ``size`` mm that shows the bounds (metres) with a strip for legend and footer below it."""

    def __init__(self, bounds: tuple[float, float, float, float], size: tuple[float, float], n_keys: int) -> None:
        self.width, self.height = size
        self._strip = _ROW_MM * (2 + max(0, n_keys - 1) // 5) + 1
        west, south, east, north = bounds
        self.scale = min(self.width / (east - west), self.height / (north - south))
        self._west = (west + east) / 2 - self.width / 2 / self.scale
        self._south = (south + north) / 2 - self.height / 2 / self.scale
        self._font = map_font()
        high = self.height + self._strip
        self._figure = Figure((self.width / 25.4, high / 25.4), dpi=DPI)
        FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, self._strip / high, 1, self.height / high))
        self._below = self._figure.add_axes((0, 0, 1, self._strip / high))
        for axes, tall in ((self._axes, self.height), (self._below, self._strip)):
            axes.set_xlim(0, self.width)
            axes.set_ylim(0, tall)
            axes.set_axis_off()
        self._taken = [box(self.width - 9, self.height - 12, self.width, self.height), box(0, 0, 38, 8)]

    # --------------------------------------------------------------------------------------------------- geometry

    @property
    def box(self) -> shapely.Polygon:
        """What the map shows, metres."""
        return box(
            self._west, self._south, self._west + self.width / self.scale, self._south + self.height / self.scale
        )

    @property
    def wide_m(self) -> float:
        """Metres from left to right."""
        return self.width / self.scale

    def at(self, points: np.ndarray) -> np.ndarray:
        """Places on the map (mm) of points in metres, shape ``(n, 2)``."""
        return (np.asarray(points, float).reshape(-1, 2) - (self._west, self._south)) * self.scale

    # ---------------------------------------------------------------------------------------------------- drawing

    def lines(self, shapes: Iterable[BaseGeometry], color: str, width_pt: float, dash: Any = "solid") -> None:
        """Lines in metres; empty ones and points are passed over."""
        parts = [p for shape in shapes for p in shapely.get_parts(shape) if "Line" in p.geom_type and not p.is_empty]
        paths = [self.at(shapely.get_coordinates(part)) for part in parts]
        self._axes.add_collection(
            LineCollection(paths, colors=color, linewidths=width_pt, linestyles=[dash], capstyle="butt")
        )

    def areas(self, shapes: Iterable[BaseGeometry], *, face: str, edge: str, width: float, alpha: float = 1.0,
              hatch: str = "") -> None:  # fmt: skip
        """Polygons in metres with their holes."""
        for shape in shapes:
            for part in shapely.get_parts(shape):
                if part.geom_type != "Polygon" or part.is_empty:
                    continue
                rings = [Path(self.at(shapely.get_coordinates(ring)), closed=True)
                         for ring in (part.exterior, *part.interiors)]  # fmt: skip
                path = Path.make_compound_path(*rings)
                self._axes.add_patch(PathPatch(path, facecolor=face, edgecolor="none", alpha=alpha))
                self._axes.add_patch(PathPatch(path, fill=False, edgecolor=edge, linewidth=width, hatch=hatch or None))

    def mark(self, place: np.ndarray, role: Role, text: str, home: np.ndarray, radius: float) -> None:
        """A mark with its number at a place (mm); a thin line leads to its home where it had to give way."""
        if np.hypot(*(place - home)) > 1.2:
            self._axes.plot(*zip(place, home, strict=True), color=_INK, linewidth=0.7, zorder=4)
            self._axes.add_patch(Circle(tuple(home), 0.6, color=_INK, zorder=4))
        half = half_width(text, radius)
        _symbol(self._axes, place, role, half, radius=radius, zorder=5)
        color = "#FFFFFF" if role in ("medoid", "anchor") else _INK
        self._text(self._axes, place, text, 7.5 * radius / RADIUS, color=color, bold=True, zorder=6)
        wide, high = half + 0.3, radius + 0.3
        self._taken.append(box(place[0] - wide, place[1] - high, place[0] + wide, place[1] + high))

    def gate(self, place: np.ndarray) -> None:
        """A small triangle: the gate that walks are measured to."""
        self._axes.add_patch(_triangle(place, 1.1))

    def spot(self, place: np.ndarray, role: Role) -> None:
        """A small mark without a number (mm)."""
        _symbol(self._axes, place, role, 0.9, radius=0.9, zorder=4)

    def label(self, place: np.ndarray, text: str, gap: float) -> None:
        """A name beside a mark, where it covers nothing; else it is left out (the number stands for it)."""
        shown = self._font.shown(text) if self._font.chinese else ""
        shown = shown if len(shown) <= 14 else shown[:13] + "…"
        if not shown:
            return
        size = 7.0
        wide, high = _wide(shown, size), size * _PT_MM * 1.25
        x, y = place
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 0.9), (1, -0.9), (-1, 0.9), (-1, -0.9)):
            middle = (x + dx * (gap + wide / 2 + 0.4), y + dy * (RADIUS + high / 2 + 0.3))
            here = box(middle[0] - wide / 2, middle[1] - high / 2, middle[0] + wide / 2, middle[1] + high / 2)
            if self._is_free(here):
                self._taken.append(here)
                self._text(self._axes, middle, shown, size, halo=True, zorder=6)
                return

    def names(self, longest: Mapping[str, BaseGeometry]) -> None:
        """Remember names of roads and rivers; they are written last, where room is left."""
        self._names = sorted(longest.items(), key=lambda item: (-item[1].length, item[0]))

    _names: Sequence[tuple[str, BaseGeometry]] = ()

    def _write_names(self) -> None:
        for name, part in self._names:
            shown = self._font.shown(name) if self._font.chinese else ""
            wide, high = _wide(shown, 6.5), 6.5 * _PT_MM * 1.25
            if not shown or part.length * self.scale < wide:
                continue
            for share in (0.5, 0.35, 0.65, 0.2, 0.8):
                x, y = self.at(shapely.get_coordinates(part.interpolate(share, normalized=True)))[0]
                here = box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
                if self._is_free(here):
                    self._taken.append(here)
                    self._text(self._axes, (x, y), shown, 6.5, color="#5A5A5A", halo=True, zorder=3)
                    break

    def _is_free(self, here: shapely.Polygon) -> bool:
        west, south, east, north = here.bounds
        inside = west > 0.5 and south > 0.5 and east < self.width - 0.5 and north < self.height - 0.5
        return inside and not any(here.intersects(other) for other in self._taken)

    # ------------------------------------------------------------------------------------------------- finishing

    def png(self, keys: Sequence[Key], footer: str) -> bytes:
        """The finished picture with scale, north, legend (if there is a Chinese font) and footer."""
        self._write_names()
        self._scale_bar()
        self._north()
        frame = Rectangle(
            (0.2, 0.2), self.width - 0.4, self.height - 0.4, fill=False, edgecolor=_INK, linewidth=1.2, zorder=9
        )
        self._axes.add_patch(frame)
        if self._font.chinese:
            self._legend(keys)
            self._text(self._below, (0.5, 2.2), self._font.shown(footer), 7.0, color="#333333", left=True)
        held = BytesIO()
        self._figure.savefig(held, format="png", dpi=DPI, metadata={"Software": None})
        return held.getvalue()

    def _legend(self, keys: Sequence[Key]) -> None:
        wide = self.width / 5
        for number, key in enumerate(keys):
            x, y = number % 5 * wide + 4, self._strip - _ROW_MM * (number // 5 + 0.6)
            _sample(self._below, key.look, x, y)
            self._text(self._below, (x + 5, y), key.words, _LEGEND_PT, left=True)

    def _scale_bar(self) -> None:
        metres = next(m for m in _LENGTHS_M if m * self.scale < 34 or m == 10)
        if self._font.chinese:
            words = f"{metres / 1000:g}公里" if metres >= 1000 else f"{metres}米"
        else:
            words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"
        end = 3 + metres * self.scale
        self._axes.add_patch(Rectangle((1, 1), max(end, 14) + 2, 7, facecolor="#FFFFFF", alpha=0.85, zorder=7))
        self._axes.plot([3, 3, end, end], [4, 2.5, 2.5, 4], color=_INK, linewidth=1.3, zorder=8)
        self._text(self._axes, (3.4, 5.7), words, 7.5, left=True, zorder=8)

    def _north(self) -> None:
        x, y = self.width - 4.5, self.height - 4.2
        self._axes.add_patch(Rectangle((x - 3.6, y - 7), 7.2, 10.4, facecolor="#FFFFFF", alpha=0.85, zorder=7))
        arrow = Polygon(
            [(x, y + 2.6), (x - 1.8, y - 2), (x, y - 1), (x + 1.8, y - 2)], closed=True, color=_INK, zorder=8
        )
        self._axes.add_patch(arrow)
        self._text(self._axes, (x, y - 4.4), "北" if self._font.chinese else "N", 8.0, bold=True, zorder=8)

    def _text(self, axes: Any, place: Any, text: str, size: float, *, color: str = _INK, bold: bool = False,
              left: bool = False, halo: bool = False, zorder: float = 5) -> None:  # fmt: skip
        look: dict[str, Any] = {"bbox": {"facecolor": "#FFFFFF", "alpha": 0.75, "edgecolor": "none", "pad": 0.6}}
        axes.text(
            *place, text, color=color, ha="left" if left else "center", va="center_baseline",
            font=self._font.bold if bold else self._font.regular, size=size, zorder=zorder,
            parse_math=False, clip_on=True, **(look if halo else {}),
        )  # fmt: skip


RADIUS: Final = 2.3
"""Of a numbered mark, mm."""


def half_width(text: str, radius: float = RADIUS) -> float:
    """Half the width of a mark with that number, mm."""
    return radius * (1.0 if len(text) < 3 else 1.0 + 0.33 * (len(text) - 2))


def _wide(text: str, size: float) -> float:
    """About the width of a text, mm."""
    return sum(1.0 if ord(sign) > 0x2E80 else 0.56 for sign in text) * size * _PT_MM + 0.4


def _symbol(axes: Any, place: Any, role: Role, half: float, *, radius: float = RADIUS, zorder: float = 5) -> None:
    x, y = place
    dark = role in ("medoid", "anchor")
    look = {
        "facecolor": _INK if dark else "#FFFFFF",
        "edgecolor": _INK,
        "linewidth": 1.1 if radius == RADIUS else 0.7,
        "zorder": zorder,
    }
    if role == "fallback":
        axes.plot([x - half, x + half], [y - radius, y + radius], color=_INK, linewidth=1.2, zorder=zorder)
        axes.plot([x - half, x + half], [y + radius, y - radius], color=_INK, linewidth=1.2, zorder=zorder)
    elif role in ("anchor", "unit"):
        axes.add_patch(Rectangle((x - half, y - radius), 2 * half, 2 * radius, **look))
    elif role == "alone":
        reach = half + 0.4 * radius
        axes.add_patch(Polygon([(x - reach, y), (x, y + reach), (x + reach, y), (x, y - reach)], closed=True, **look))
    else:
        axes.add_patch(Circle((x, y), max(half, radius), **look))


def _triangle(place: Any, half: float) -> Polygon:
    x, y = place
    corners = [(x - half, y - half), (x, y + half), (x + half, y - half)]
    return Polygon(corners, closed=True, facecolor=_INK, edgecolor="#FFFFFF", linewidth=0.5, zorder=4)


def _sample(axes: Any, look: str, x: float, y: float) -> None:
    role = next((one for one in ROLES if one == look), None)
    if role is not None:
        _symbol(axes, (x, y), role, 1.5, radius=1.5)
        return
    if look == "gate":
        axes.add_patch(_triangle((x, y), 1.1))
        return
    ends = ([x - 3, x + 3], [y, y])
    if look == "hull":
        axes.add_patch(Rectangle((x - 3, y - 1.4), 6, 2.8, facecolor="#EDEDED", edgecolor=_INK, linewidth=1.4))
    elif look == "water":
        axes.add_patch(Rectangle((x - 3, y - 1.4), 6, 2.8, facecolor="#D3DFE8", edgecolor="#9DB2C1", linewidth=0.6))
    elif look == "boundary":
        axes.add_patch(Rectangle((x - 3, y - 1.4), 6, 2.8, facecolor="#FFFFFF", edgecolor="#3C3C3C", linewidth=0.7))
    elif look == "street":
        axes.plot(*ends, color="#7A7A7A", linewidth=0.9, linestyle=(0, (1, 1.5)))
    elif look == "road":
        axes.plot(*ends, color="#C4C4C4", linewidth=3)
    elif look == "railway":
        axes.plot(*ends, color="#6B6B6B", linewidth=2.0)
        axes.plot(*ends, color="#FFFFFF", linewidth=1.2, linestyle=(0, (4, 4)))
    elif look == "barrier":
        axes.plot(*ends, color="#4A4A4A", linewidth=1.3, linestyle=(0, (5, 1.5, 1, 1.5)))
