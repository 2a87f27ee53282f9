"""Which part of a large city's map the confidence model is fitted on, so that the fit takes as long as for a small one."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import metric_crs, to_metric

MOST_WAYS: Final = 8000
"""A map of so many ways is fitted on whole: the centre of a large city has a thousand blocks in them."""
_WINDOWS: Final = 4
_APART_M: Final = 3000.0


def to_fit_on(ways: gpd.GeoDataFrame, lon: ArrayLike, lat: ArrayLike, seed: int) -> gpd.GeoDataFrame:
    """The ways around four estates that are far from each other, about `MOST_WAYS` in all; a smaller map as it is.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame.
    lon, lat
        Positions of the estates, EPSG:4490, NaN where unknown. Without any, places on the ways themselves are taken.
    seed
        Chooses the estates.
    """
    here = ways[ways.geometry.notna() & ~ways.geometry.is_empty]
    if len(here) <= MOST_WAYS:
        return here
    box = shapely.bounds(here.geometry.to_numpy())
    crs = metric_crs(float(np.median(box[:, [0, 2]])))
    middles = np.column_stack(to_metric((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2, crs))
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    spots = np.column_stack(to_metric(x[known], y[known], crs)) if known.any() else middles
    west, south = middles.min(axis=0)
    east, north = middles.max(axis=0)
    inside = (spots[:, 0] >= west) & (spots[:, 0] <= east) & (spots[:, 1] >= south) & (spots[:, 1] <= north)
    rng = np.random.default_rng([seed, 75])
    chosen = _apart(spots[inside] if inside.any() else middles, rng)
    taken = np.zeros(len(here), dtype=bool)
    for spot in chosen:
        metres = np.hypot(*(middles - spot).T)
        taken[np.argsort(metres, kind="stable")[: MOST_WAYS // len(chosen)]] = True
    return here[taken]


def _apart(spots: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """At most four of the places, 3 km or more from each other."""
    kept: list[NDArray[np.float64]] = []
    for k in rng.permutation(len(spots)):
        if all(np.hypot(*(spots[k] - other)) >= _APART_M for other in kept):
            kept.append(spots[k])
        if len(kept) == _WINDOWS:
            break
    return np.array(kept)
