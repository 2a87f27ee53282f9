"""Ways as straight pieces between their points; pieces with a common point meet there.

Bridges and tunnels need no care: where one road passes over another they have no point in common, so there is no
junction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GEOD = Geod(ellps="GRS80")
"""The ellipsoid of CGCS2000; all lengths along roads are measured on it."""

_STEPS_PER_DEGREE = 1e7
"""Points are the same point when they agree to 1e-7 degrees (1 cm), the grid of OpenStreetMap."""


@dataclass(frozen=True)
class Segments:
    """Straight pieces of ways between two neighbouring points.

    ``lon``, ``lat``: the points, degrees. ``a``, ``b``: point numbers of each piece in the way's own direction;
    ``way``: its way; ``seconds``, ``metres``: what it takes; ``forward``, ``backward``: whether a → b, b → a may be.
    """

    lon: Floats
    lat: Floats
    a: Ints
    b: Ints
    way: Ints
    metres: Floats
    seconds: Floats
    forward: Bools
    backward: Bools

    def take(self, rows: NDArray) -> Segments:
        """These pieces only; the points keep their numbers."""
        names = ("a", "b", "way", "metres", "seconds", "forward", "backward")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def road_speeds(ways: gpd.GeoDataFrame, speeds_kmh: Mapping[str, float]) -> tuple[Floats, dict[str, int]]:
    """Speed of each way in km/h, NaN where it is no road or of a class without a speed; and the classes left out.

    The speed is that of the class, or the posted limit where that is lower. A road without a class is taken as
    ``unclassified`` (else as the slowest class).
    """
    blank = speeds_kmh.get("unclassified", min(speeds_kmh.values()))
    is_road = (ways["kind"] == "road").to_numpy()
    classes = ways["road_class"].to_numpy(dtype=object)
    speed = np.array([blank if _null(c) else speeds_kmh.get(c, np.nan) for c in classes], dtype=np.float64)
    limit = ways["maxspeed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    speed = np.fmin(speed, np.where(np.isnan(speed), np.nan, limit))
    left_out = Counter(str(c) for c, s, road in zip(classes, speed, is_road, strict=True) if road and np.isnan(s))
    return np.where(is_road, speed, np.nan), dict(sorted(left_out.items()))


def _null(value: object) -> bool:
    return value is None or value != value


def segments(ways: gpd.GeoDataFrame, speed_kmh: Floats, *, oneway: bool = True) -> Segments:
    """Pieces of the ways that have a speed.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame, EPSG:4490; lines or multi-lines.
    speed_kmh
        Of each row; NaN: not used.
    oneway
        False: every piece may be used both ways (walking).
    """
    rows = np.flatnonzero(np.isfinite(speed_kmh))
    parts, part_row = shapely.get_parts(ways.geometry.to_numpy()[rows], return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, part_row = parts[lines], part_row[lines]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    grid = np.rint(xy * _STEPS_PER_DEGREE).astype(np.int64)
    # One number for both coordinates: |lon| <= 180 and |lat| <= 90 degrees fit 63 bits on this grid.
    key = (grid[:, 0] + 1_800_000_000) * 1_800_000_001 + grid[:, 1] + 900_000_000
    _, index, point = np.unique(key, return_index=True, return_inverse=True)
    lon, lat = xy[index].T
    begins = np.flatnonzero((part[:-1] == part[1:]) & (point[:-1] != point[1:]))
    a, b = point[begins], point[begins + 1]
    way = rows[part_row[part[begins]]]
    _, _, metres = GEOD.inv(lon[a], lat[a], lon[b], lat[b])
    direction = ways["oneway"].to_numpy(dtype=np.int64)[way] if oneway else np.zeros(len(way), dtype=np.int64)
    return _united(
        Segments(
            np.ascontiguousarray(lon),
            np.ascontiguousarray(lat),
            a.astype(np.int64),
            b.astype(np.int64),
            way.astype(np.int64),
            np.asarray(metres, dtype=np.float64),
            metres / (speed_kmh[way] / 3.6),
            direction >= 0,
            direction <= 0,
        )
    )


def _united(pieces: Segments) -> Segments:
    """Pieces drawn more than once (a road in two files, or once for each direction) as one that may do what any may.

    The first keeps its way; the quickest gives the time.
    """
    low, high = np.minimum(pieces.a, pieces.b), np.maximum(pieces.a, pieces.b)
    _, first, same = np.unique(low * len(pieces.lon) + high, return_index=True, return_inverse=True)
    if len(first) == len(low):
        return pieces
    along = pieces.a == pieces.a[first][same]
    forward, backward = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    np.logical_or.at(forward, same, np.where(along, pieces.forward, pieces.backward))
    np.logical_or.at(backward, same, np.where(along, pieces.backward, pieces.forward))
    seconds = np.full(len(first), np.inf)
    np.minimum.at(seconds, same, pieces.seconds)
    order = np.argsort(first)
    united = pieces.take(first[order])
    return replace(united, forward=forward[order], backward=backward[order], seconds=seconds[order])


def largest_part(pieces: Segments) -> tuple[Segments, Segments]:
    """The pieces of the longest part in which everything reaches everything (强连通), and the other pieces.

    Of parts of equal length the one with the first point is taken.
    """
    n = len(pieces.lon)
    start = np.concatenate([pieces.a[pieces.forward], pieces.b[pieces.backward]])
    end = np.concatenate([pieces.b[pieces.forward], pieces.a[pieces.backward]])
    arcs = coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(n, n)).tocsr()
    _, label = connected_components(arcs, connection="strong")
    inside = label[pieces.a] == label[pieces.b]
    length = np.bincount(label[pieces.a[inside]], weights=pieces.metres[inside], minlength=n)
    best = np.flatnonzero(length >= length.max() * (1 - 1e-12))
    first_point = np.flatnonzero(np.isin(label, best))[0]
    kept = inside & (label[pieces.a] == label[first_point])
    return pieces.take(kept), pieces.take(~kept)


def cut_apart(pieces: Segments, barred: Sequence[int] | Ints) -> Segments:
    """Without the pieces of the barred ways, and with no passage at any point that lies on one of them.

    Each remaining piece that ended at such a point ends there alone. What crosses a barred way on a bridge or in a
    tunnel shares no point with it and stays whole.
    """
    is_barred = np.isin(pieces.way, np.asarray(barred, dtype=np.int64))
    touched = np.zeros(len(pieces.lon), dtype=bool)
    touched[pieces.a[is_barred]] = touched[pieces.b[is_barred]] = True
    rest = pieces.take(~is_barred)
    lon, lat = [rest.lon], [rest.lat]
    n = len(rest.lon)
    ends = {}
    for name in ("a", "b"):
        points = getattr(rest, name).copy()
        rows = np.flatnonzero(touched[points])
        lon.append(rest.lon[points[rows]])
        lat.append(rest.lat[points[rows]])
        points[rows] = n + np.arange(len(rows))
        n += len(rows)
        ends[name] = points
    return replace(rest, lon=np.concatenate(lon), lat=np.concatenate(lat), **ends)
