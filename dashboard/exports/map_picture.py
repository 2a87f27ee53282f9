"""Pictures for the papers: one bundle, one estate, all bundles; readable when copied in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from dashboard import bundle_words as words
from dashboard import theme
from dashboard.exports.map_canvas import RADIUS, Canvas, Key, Role, half_width
from dashboard.exports.map_ground import PictureGround
from dashboard.exports.marks import spread
from geo.crs import to_metric
from geo.hulls import hull
from planning.bundles.types import Bundle, BundlePlan
from planning.city import City

_SIZE: Final = (156.0, 112.0)
_WHOLE_SIZE: Final = (156.0, 150.0)
_MARGIN_M: Final = 60.0
_LEAST_M: Final = 420.0
"""A picture shows at least so many metres."""
_AROUND: Final = 0.12
"""Room round what is shown, as a share of its size."""
_WORDS: Final = {
    "hull": "服务单元范围",
    "boundary": "小区边界",
    "member": "成员（编号见表）",
    "medoid": "中心小区",
    "anchor": "带动小区",
    "gate": "出入口",
    "water": "水面、河流",
    "road": "道路",
    "railway": "铁路",
    "barrier": "不得跨越的阻隔",
    "alone": "单独招标的小区",
    "fallback": "兜底的小区",
    "unit": "服务单元编号",
    "street": "街道（社区）界",
}


class MapMaker:
    """Draws pictures of one city; what they share is prepared once."""

    def __init__(self, city: City, stops: pd.DataFrame, footer: str) -> None:
        """
        Parameters
        ----------
        stops
            Where walks to the estates end (`planning.stops.stop_points`).
        footer
            Source, date and 审图号 of every picture.
        """
        self._city, self._stops, self._footer = city, stops, footer
        lon = pd.to_numeric(city.estates["lon"]).mean()
        self._ground = PictureGround.of(city.ways, 114.0 if pd.isna(lon) else float(lon))

    def bundle(self, bundle: Bundle, numbers: Sequence[str], barriers: Sequence[str], *, chosen: str = "") -> bytes:
        """A bundle with its hull, numbered members, medoid or anchor, gates and barriers.

        Parameters
        ----------
        numbers
            Members in the order of their numbers, from 1 on.
        chosen
            A member that is shown by itself: its name alone is written (consultation of its owners).
        """
        known = [estate for estate in numbers if self._has_place(estate)]
        outline = self._metric(hull(*self._lonlat(known), _MARGIN_M))
        roles: list[Role] = [
            "anchor" if e == bundle.anchor else "medoid" if e == bundle.medoid else "member" for e in known
        ]
        marks = [str(numbers.index(estate) + 1) for estate in known]
        return self._near(known, roles, marks, outline, barriers, named=[chosen] if chosen else known)

    def estate(self, estate: str, barriers: Sequence[str]) -> bytes | None:
        """One estate that is tendered by itself; ``None`` where its position is unknown."""
        if not self._has_place(estate):
            return None
        return self._near([estate], ["alone"], [""], shapely.Polygon(), barriers, named=[estate])

    def whole(self, plan: BundlePlan) -> bytes | None:
        """All bundles with their numbers, and what is left; ``None`` where nothing has a position."""
        outlines = [self._metric(hull(*self._lonlat(bundle.members), _MARGIN_M)) for bundle in plan.bundles]
        alone = self._places([row.estate_id for row in plan.alone])
        left = self._places([row.estate_id for row in plan.fallback])
        drawn = [shape for shape in outlines if not shape.is_empty]
        points = np.vstack([shapely.get_coordinates(drawn), _central(np.vstack([alone, left]))])
        if not len(points):
            return None
        canvas = Canvas(_bounds(points), _WHOLE_SIZE, 10)
        shown = self._ground.draw(canvas, plan.settings.barriers)
        kind = self._city.units["kind"] == plan.settings.lead
        units = self._city.units.geometry[kind & self._city.units.geometry.notna()]
        edges = [self._metric(shape.boundary) for shape in units]
        canvas.lines(edges, "#7A7A7A", 0.9, dash=(0, (1, 1.5)))
        for number, outline in enumerate(outlines):
            color = theme.SERIES[number % len(theme.SERIES)]
            canvas.areas([outline], face=color, edge="#000000", width=1.0, alpha=0.35)
        for place in canvas.at(left):
            canvas.spot(place, "fallback")
        for place in canvas.at(alone):
            canvas.spot(place, "alone")
        labels = [label.removeprefix(words.UNITS[plan.settings.way]) for label in words.labels_of(plan).values()]
        texts = [label for label, shape in zip(labels, outlines, strict=True) if not shape.is_empty]
        homes = canvas.at(np.array([shapely.get_coordinates(shape.centroid)[0] for shape in drawn]))
        self._numbered(canvas, homes, ["unit"] * len(drawn), texts, radius=1.6)
        marks = [*(["hull", "unit"] if drawn else []), *(["alone"] if len(alone) else []),
                 *(["fallback"] if len(left) else []), *(["street"] if edges else []), *shown]  # fmt: skip
        return canvas.png([Key(mark, _WORDS[mark]) for mark in marks], self._footer)

    # --------------------------------------------------------------------------------------------------- innards

    def _near(
        self,
        estates: Sequence[str],
        roles: Sequence[Role],
        marks: Sequence[str],
        outline: BaseGeometry,
        barriers: Sequence[str],
        *,
        named: Sequence[str],
    ) -> bytes:
        bounded = self._city.boundaries.geometry
        shapes = [self._metric(bounded[estate]) for estate in estates if estate in bounded.index]
        places, gates = self._places(estates), self._metric_of(self._stops.loc[list(estates)])
        points = np.vstack([shapely.get_coordinates(outline), shapely.get_coordinates(shapes), places, gates])
        canvas = Canvas(_bounds(points), _SIZE, 9)
        shown = self._ground.draw(canvas, barriers)
        canvas.areas(shapes, face="#FFFFFF", edge="#3C3C3C", width=0.7, alpha=0.55)
        if not outline.is_empty:
            canvas.areas([outline], face=theme.SERIES[1], edge="#000000", width=1.5, alpha=0.16)
        with_gate = (self._stops.loc[list(estates), "kind"] == "gate").to_numpy()
        for place in canvas.at(gates[with_gate]):
            canvas.gate(place)
        ends = self._numbered(canvas, canvas.at(places), roles, marks)
        names = self._city.estates["name"]
        for estate, place, mark in zip(estates, ends, marks, strict=True):
            if estate in named:
                canvas.label(place, str(names[estate]), half_width(mark) + (0.9 if mark == "" else 0))
        used = [role for role in ("medoid", "anchor", "member", "alone") if role in roles]
        keys = [*used, *(["hull"] if not outline.is_empty else []), *(["boundary"] if shapes else []),
                *(["gate"] if with_gate.any() else []), *shown]  # fmt: skip
        return canvas.png([Key(key, _WORDS[key]) for key in keys], self._footer)

    def _numbered(
        self,
        canvas: Canvas,
        homes: np.ndarray,
        roles: Sequence[Role],
        marks: Sequence[str],
        *,
        radius: float = RADIUS,
    ) -> np.ndarray:
        """Draw the marks, moved apart; gives their places."""
        if not len(homes):
            return homes
        halves = np.array([half_width(mark, radius) for mark in marks])
        # The distances of `spread` are meant for units of a tenth of a millimetre.
        size = (canvas.width * 10, canvas.height * 10)
        places = spread(homes * 10, halves * 10, radius * 10, size) / 10
        for place, home, role, mark in zip(places, homes, roles, marks, strict=True):
            canvas.mark(place, role, mark, home, radius)
        return places

    def _has_place(self, estate: str) -> bool:
        lon, lat = self._stops.loc[estate, ["lon", "lat"]]
        return bool(np.isfinite(float(lon)) and np.isfinite(float(lat)))

    def _lonlat(self, estates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        rows = self._stops.loc[list(estates)]
        own = self._city.estates.loc[list(estates)]
        shapes = self._city.boundaries.geometry
        corners = shapely.get_coordinates(shapes[shapes.index.isin(estates)].to_numpy())
        lon = np.concatenate([rows["lon"].to_numpy(float), own["lon"].to_numpy(float), corners[:, 0]])
        lat = np.concatenate([rows["lat"].to_numpy(float), own["lat"].to_numpy(float), corners[:, 1]])
        return lon, lat

    def _places(self, estates: Sequence[str]) -> np.ndarray:
        """Of the estates themselves, metres, shape ``(n, 2)``; of their gates where they have none of their own."""
        ids = [estate for estate in estates if self._has_place(estate)]
        own = self._city.estates.loc[ids, ["lon", "lat"]].astype(float)
        return self._metric_of(own.fillna(self._stops.loc[ids, ["lon", "lat"]]))

    def _metric_of(self, rows: pd.DataFrame) -> np.ndarray:
        lon, lat = rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)
        return np.column_stack(to_metric(lon, lat, self._ground.crs))

    def _metric(self, shape: BaseGeometry) -> BaseGeometry:
        def moved(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(to_metric(xy[:, 0], xy[:, 1], self._ground.crs))

        return shapely.transform(shape, moved)


def _bounds(points: np.ndarray) -> tuple[float, float, float, float]:
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    dx = max((east - west) * (0.5 + _AROUND), _LEAST_M / 2)
    dy = max((north - south) * (0.5 + _AROUND), _LEAST_M / 2)
    x, y = (west + east) / 2, (south + north) / 2
    return x - dx, y - dy, x + dx, y + dy


def _central(points: np.ndarray) -> np.ndarray:
    """The points without those far outside the middle nine tenths: two villages must not make the city a speck."""
    if len(points) < 5:
        return points
    low, high = np.quantile(points, 0.05, axis=0), np.quantile(points, 0.95, axis=0)
    room = 0.5 * (high - low)
    return points[((points >= low - room) & (points <= high + room)).all(axis=1)]
