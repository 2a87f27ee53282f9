"""Which datum fits: where points fall when they are read in each of the datums that Chinese sources mix (D1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from geo.crs import Datum, Floats, from_storage, metric_crs, position_kinds, to_metric, to_storage
from geo.shapes import Shapes, join_units, metric_shapes, middle

_Test: TypeAlias = Callable[[Floats, Floats], tuple[NDArray[np.bool_], NDArray[np.bool_]]]
_ORDER: Final = (Datum.WGS84, Datum.GCJ02, Datum.BD09)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What it takes to call a datum likelier: share of all points gained, p-value of the sign test, share of hits."""

    min_share: float
    p_value: float
    least_hits: float = 0.0


STRONG: Final = Evidence(0.02, 1e-3)
WEAK: Final = Evidence(0.1, 1e-4, 0.75)


@dataclass(frozen=True, slots=True)
class DatumFit:
    """How well each datum puts points where they should be."""

    chosen: Datum
    n_points: int
    inside: dict[Datum, int]
    """Points in any of the polygons, or beside their line."""
    hits: dict[Datum, int]
    """Points in a polygon they should be in."""
    likely: Datum | None
    """A datum that fits far better than the chosen one; ``None`` if none does."""


def datum_fit(
    lon: ArrayLike,
    lat: ArrayLike,
    chosen: Datum,
    polygons: gpd.GeoSeries,
    expected: Sequence[frozenset[str] | None] | None = None,
) -> DatumFit:
    """Count, for each datum, the points that fall in a polygon they should be in.

    A datum is likelier than the chosen one when it moves many more points into their polygons than out of them: a one
    sided sign test over the points where the two differ (p < 0.001), and at least 2 % of all points gained.

    Parameters
    ----------
    lon, lat
        Degrees as the source gives them, shape ``(n,)``.
    chosen
        Datum that the source is said to have.
    polygons
        Units or boundaries, indexed by id, EPSG:4490.
    expected
        For each point the ids that would be right; ``None`` there: any polygon is.
    """

    def test(x: Floats, y: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        found = join_units(x, y, polygons)
        inside = found.notna().to_numpy()
        if expected is None:
            return inside, inside
        pairs = zip(found, expected, strict=True)
        return inside, inside & np.array([wanted is None or unit in wanted for unit, wanted in pairs], dtype=bool)

    return _fit(lon, lat, chosen, test)


def datum_fit_lines(
    lon: ArrayLike,
    lat: ArrayLike,
    chosen: Datum,
    lines: gpd.GeoSeries,
    expected: Sequence[str | None],
    within_m: float = 150.0,
) -> DatumFit:
    """As `datum_fit`, with points that should lie beside a named line, e.g. the road of their address.

    Parameters
    ----------
    lines
        One shape for each name, indexed by name, EPSG:4490.
    expected
        For each point the name of its line; points with ``None`` are left out.
    within_m
        Largest distance from the line that still counts as beside it, metres.
    """
    named = np.array([name is not None and name in lines.index for name in expected], dtype=bool)
    if not named.any():
        return nothing(chosen)
    plane = metric_crs(middle(lines.to_numpy())[0])
    metric = pd.Series(metric_shapes(lines.to_numpy(), plane), index=lines.index)
    wanted = metric.loc[[name for name, known in zip(expected, named, strict=True) if known]].to_numpy()

    def beside(x: Floats, y: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        near = np.asarray(shapely.dwithin(shapely.points(*to_metric(x, y, plane)), wanted, within_m))
        return near, near

    return _fit(np.asarray(lon, dtype=float)[named], np.asarray(lat, dtype=float)[named], chosen, beside)


def datum_fit_pairs(lon: ArrayLike, lat: ArrayLike, shapes: Shapes, chosen: Datum) -> DatumFit:
    """As `datum_fit`, for shapes of doubtful datum that should each hold one point known to be right.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``.
    shapes
        One shape a point, in EPSG:4490 as converted from ``chosen``.
    chosen
        Datum that the shapes are said to have.
    """
    source = np.asarray(shapes, dtype=object)
    if chosen.shifted:
        source = shapely.transform(source, lambda xy: np.column_stack(from_storage(xy[:, 0], xy[:, 1], chosen)))
    shapely.prepare(source)
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    usable = position_kinds(x, y) == ""
    found = {}
    for datum in candidates(chosen):
        # The shape moved from a datum holds the point if the shape as it is holds the point moved into that datum.
        found[datum] = np.asarray(shapely.intersects_xy(source, *from_storage(x, y, datum))) & usable
    counts = {datum: int(hit.sum()) for datum, hit in found.items()}
    return DatumFit(chosen, int(usable.sum()), counts, counts, _likely(found, chosen, int(usable.sum())))


def in_each(shapes: NDArray[np.object_], chosen: Datum) -> list[tuple[Datum, NDArray[np.object_]]]:
    """The shapes as they would be read in each datum."""
    raw = shapes
    if chosen.shifted:
        raw = shapely.transform(shapes, lambda xy: np.column_stack(from_storage(xy[:, 0], xy[:, 1], chosen)))
    moved: list[tuple[Datum, NDArray[np.object_]]] = []
    for datum in candidates(chosen):

        def shift(xy: Floats, to: Datum = datum) -> Floats:
            return np.column_stack(to_storage(xy[:, 0], xy[:, 1], to))

        moved.append((datum, shapely.transform(raw, shift)))
    return moved


def nothing(chosen: Datum) -> DatumFit:
    """The answer where nothing can be compared."""
    none = dict.fromkeys(candidates(chosen), 0)
    return DatumFit(chosen, 0, none, none, None)


def counted(found: dict[Datum, NDArray[np.bool_]], chosen: Datum, n: int, evidence: Evidence | None = None) -> DatumFit:
    """The answer of hits that were found for each datum, shapes ``(n,)``."""
    counts = {datum: int(hit.sum()) for datum, hit in found.items()}
    return DatumFit(chosen, n, counts, counts, _likely(found, chosen, n, evidence))


def _fit(lon: ArrayLike, lat: ArrayLike, chosen: Datum, test: _Test) -> DatumFit:
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    usable = position_kinds(x, y) == ""
    inside: dict[Datum, int] = {}
    found: dict[Datum, NDArray[np.bool_]] = {}
    for datum in candidates(chosen):
        within, right = test(*to_storage(x, y, datum))
        inside[datum], found[datum] = int((within & usable).sum()), right & usable
    counts = {datum: int(hit.sum()) for datum, hit in found.items()}
    return DatumFit(chosen, int(usable.sum()), inside, counts, _likely(found, chosen, int(usable.sum()), STRONG))


def _likely(
    found: dict[Datum, NDArray[np.bool_]], chosen: Datum, n: int, evidence: Evidence | None = None
) -> Datum | None:
    """The datum with the most hits among those that beat the chosen one in a sign test; ``None`` without any."""
    rule = evidence or STRONG
    likely, best = None, int(found[chosen].sum())
    for datum, hit in found.items():
        gained, lost = int((hit & ~found[chosen]).sum()), int((found[chosen] & ~hit).sum())
        if gained - lost < max(rule.min_share * n, 3) or int(hit.sum()) <= max(best, rule.least_hits * n - 1):
            continue
        if binomtest(gained, gained + lost, 0.5, alternative="greater").pvalue < rule.p_value:
            likely, best = datum, int(hit.sum())
    return likely


def candidates(chosen: Datum) -> tuple[Datum, ...]:
    """Datums to compare: the chosen one and those that differ from it."""
    return tuple(chosen if d is Datum.WGS84 and not chosen.shifted else d for d in _ORDER)
