"""Coordinate systems: which one is stored, which one is measured in, and the datums that Chinese sources mix.

Stored positions are CGCS2000 geographic (EPSG:4490), ``(lon, lat)`` in degrees. WGS-84 is taken as equal to it: PROJ's
operation between the two is a no-op, and the true difference is centimetres.

GCJ-02 and BD-09 are not in PROJ. The forward formulas here are the commonly known ones (the same as in ``prcoords`` and
``eviltransform``); their absolute error against the official, secret one is unknown. The inverse is exact: it runs the
forward formula and corrects the guess until nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

STORAGE_CRS: Final = "EPSG:4490"

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Krasovsky 1940, the ellipsoid of the GCJ-02 formula.
_A = 6_378_245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
# The formula's own idea of China; outside it positions are left as they are.
_FORMULA_BOX = (72.004, 137.8347, 0.8293, 55.8271)
_TOLERANCE_DEG = 1e-10
_MAX_STEPS = 30

CHINA_BOX: Final = (73.0, 136.0, 3.0, 54.0)
"""West, east, south, north: the range of the stored columns ``lon`` and ``lat``."""


class Datum(StrEnum):
    """Datum of a source's coordinates (坐标系)."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        return {"cgcs2000": "CGCS2000", "wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}[self.value]

    @property
    def shifted(self) -> bool:
        """Whether positions in this datum are hundreds of metres away from the stored ones."""
        return self in (Datum.GCJ02, Datum.BD09)


def to_storage(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> Pair:
    """Positions of a source in EPSG:4490.

    Parameters
    ----------
    lon, lat
        Degrees in ``datum``, same shape; NaN stays NaN.
    datum
        Datum of the source; WGS-84 and CGCS2000 come back unchanged.

    Returns
    -------
    tuple of ndarray
        ``(lon, lat)``; the round trip with `from_storage` is exact to less than 0.1 mm.
    """
    x, y = _arrays(lon, lat)
    if datum is Datum.BD09:
        x, y = _inverse(_gcj_to_bd, x, y)
        return _inverse(_wgs_to_gcj, x, y)
    if datum is Datum.GCJ02:
        return _inverse(_wgs_to_gcj, x, y)
    return x, y


def from_storage(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> Pair:
    """Positions of EPSG:4490 in another datum, e.g. GCJ-02 for a navigation link.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, same shape; NaN stays NaN.
    datum
        Datum wanted.
    """
    x, y = _arrays(lon, lat)
    if datum is Datum.GCJ02:
        return _wgs_to_gcj(x, y)
    if datum is Datum.BD09:
        return _gcj_to_bd(*_wgs_to_gcj(x, y))
    return x, y


def metric_crs(lon: float) -> CRS:
    """CGCS2000 3-degree Gauss-Krüger zone (without zone prefix, EPSG:4534–4554) whose meridian is nearest to ``lon``.

    Lengths and areas are computed in it. Always used with ``(x, y)`` order here (``always_xy``), never northing first.

    Raises
    ------
    ValueError
        If the longitude is not between 73.5 and 136.5 degrees.
    """
    meridian = round(float(lon) / 3.0) * 3 if np.isfinite(lon) else 0
    if not 75 <= meridian <= 135:
        raise ValueError(f"longitude {lon} has no CGCS2000 3-degree zone")
    return CRS.from_epsg(4534 + (meridian - 75) // 3)


def to_metric(lon: ArrayLike, lat: ArrayLike, crs: CRS) -> Pair:
    """EPSG:4490 degrees as ``(x, y)`` metres, x east and y north, in a CRS of `metric_crs`. NaN stays NaN."""
    x, y = _arrays(lon, lat)
    return _nan_safe(_transformer(crs.to_wkt(), True).transform, x, y)


def from_metric(x: ArrayLike, y: ArrayLike, crs: CRS) -> Pair:
    """``(x, y)`` metres of `to_metric` as EPSG:4490 ``(lon, lat)`` degrees. NaN stays NaN."""
    east, north = _arrays(x, y)
    return _nan_safe(_transformer(crs.to_wkt(), False).transform, east, north)


def position_kinds(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.object_]:
    """What is wrong with each position; ``""`` where nothing is.

    ``missing`` (NaN or infinite), ``swapped`` (latitude and longitude changed places; the two ranges of China do not
    overlap, so this is certain), ``projected`` (metres of a plane grid), ``outside`` (not in China).
    """
    x, y = _arrays(lon, lat)
    west, east, south, north = CHINA_BOX
    kinds = np.full(x.shape, "outside", dtype=object)
    kinds[(np.abs(x) > 1000) | (np.abs(y) > 1000)] = "projected"
    kinds[(west <= y) & (y <= east) & (south <= x) & (x <= north)] = "swapped"
    kinds[(west <= x) & (x <= east) & (south <= y) & (y <= north)] = ""
    kinds[~(np.isfinite(x) & np.isfinite(y))] = "missing"
    return kinds


_POSITION_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "missing": ("坐标不是有效数字", "请填写十进制度的经度和纬度"),
    "swapped": ("经度和纬度填反了", "请把经度（73–136）与纬度（3–54）两列对调"),
    "projected": ("坐标是以米为单位的平面坐标，不是经纬度", "请先换算为经纬度，或提供带坐标系说明的矢量文件"),
    "outside": ("坐标不在中国范围内", "请核对经度（73–136）和纬度（3–54），单位为十进制度"),
}


def position_fault(lon: float, lat: float) -> tuple[str, str] | None:
    """Problem and remedy (Chinese) of one position, ``None`` if it lies in China."""
    return describe_position(str(position_kinds([lon], [lat])[0]))


def describe_position(kind: str) -> tuple[str, str] | None:
    """Problem and remedy of a kind that `position_kinds` gave; ``None`` for ``""``."""
    return _POSITION_TEXTS[kind] if kind else None


@lru_cache(maxsize=64)
def _transformer(wkt: str, forward: bool) -> Transformer:
    metric = CRS.from_wkt(wkt)
    ends = (CRS.from_string(STORAGE_CRS), metric) if forward else (metric, CRS.from_string(STORAGE_CRS))
    return Transformer.from_crs(*ends, always_xy=True)


def _nan_safe(transform: Callable[[Floats, Floats], Pair], x: Floats, y: Floats) -> Pair:
    """PROJ answers NaN with inf; keep NaN."""
    a, b = transform(x, y)
    lost = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(lost, np.nan, a), np.where(lost, np.nan, b)


def _arrays(lon: ArrayLike, lat: ArrayLike) -> Pair:
    x = np.array(lon, dtype=np.float64)
    y = np.array(lat, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"lon has shape {x.shape}, lat {y.shape}")
    return x, y


def _covered(x: Floats, y: Floats) -> NDArray[np.bool_]:
    west, east, south, north = _FORMULA_BOX
    return np.asarray((west <= x) & (x <= east) & (south <= y) & (y <= north))


def _wgs_to_gcj(lon: Floats, lat: Floats) -> Pair:
    inside = _covered(lon, lat)
    x, y = np.where(inside, lon - 105.0, 0.0), np.where(inside, lat - 35.0, 0.0)
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (
        wave
        + 20.0 * np.sin(y * np.pi)
        + 40.0 * np.sin(y / 3.0 * np.pi)
        + 160.0 * np.sin(y / 12.0 * np.pi)
        + 320.0 * np.sin(y * np.pi / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (
        wave
        + 20.0 * np.sin(x * np.pi)
        + 40.0 * np.sin(x / 3.0 * np.pi)
        + 150.0 * np.sin(x / 12.0 * np.pi)
        + 300.0 * np.sin(x / 30.0 * np.pi)
    ) * (2.0 / 3.0)
    radians = np.radians(y + 35.0)
    magic = 1.0 - _EE * np.sin(radians) ** 2
    d_lat = north * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = east * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * np.pi)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _gcj_to_bd(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    inside = _covered(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lon),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )


def _inverse(forward: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    """Positions that ``forward`` moves to ``(lon, lat)``: fixed-point steps until all move by less than 1e-10 degrees.

    A shift changes by less than 1 % of a step, so each step gains about two digits; five are usual. Positions at the
    edge of the formula's box, where forward jumps, are left as the last step found them.
    """
    inside = _covered(lon, lat)
    x, y = lon.copy(), lat.copy()
    for _ in range(_MAX_STEPS):
        fx, fy = forward(x, y)
        dx, dy = np.where(inside, lon - fx, 0.0), np.where(inside, lat - fy, 0.0)
        x, y = x + dx, y + dy
        steps = np.abs(np.concatenate([dx.ravel(), dy.ravel()]))
        if not (np.nan_to_num(steps) > _TOLERANCE_DEG).any():
            break
    return x, y
