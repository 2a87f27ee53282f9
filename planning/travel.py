"""Travel between places: along the roads if there are any, else straight lines with a detour, said aloud.

The one home of travel times. Speeds are assumptions: average speeds of a car in a city by day, with its stops at
lights, not posted limits; no paper gives a figure. Banned turns and the hour of the day are not known and not counted.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import metric_crs, to_metric
from geo.errors import InputError
from geo.progress import SILENT, Progress
from geo.road_cache import MatrixCache
from geo.roads import DETOUR, RoadNetwork

__all__ = ["ACCESS_KMH", "DETOUR", "SPEEDS_KMH", "STRAIGHT_KMH", "Travel", "network", "travel_matrix"]

SPEEDS_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "motorway": 70.0,
        "motorway_link": 40.0,
        "trunk": 45.0,
        "trunk_link": 30.0,
        "primary": 30.0,
        "primary_link": 25.0,
        "secondary": 27.0,
        "secondary_link": 22.0,
        "tertiary": 24.0,
        "tertiary_link": 20.0,
        "unclassified": 20.0,
        "residential": 18.0,
        "road": 18.0,
        "living_street": 10.0,
        "service": 10.0,
    }
)
"""Assumed speed by OpenStreetMap's highway value; other classes (footways, tracks) are not driven on."""

STRAIGHT_KMH: Final = 22.0
"""Assumed speed along the lengthened straight line where there are no roads."""

ACCESS_KMH: Final = 6.0
"""Assumed speed between the road and the gate: at walking pace, whether on foot or along an unmapped lane."""

_VERSION = 1
"""Goes into the key of the stored matrices: raise it whenever the numbers change for the same input."""
_NETWORKS_KEPT = 4

_networks: OrderedDict[str, RoadNetwork | None] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Travel:
    """Travel between n places, ``[i, j]`` from i to j, shape ``(n, n)``, zero diagonal.

    ``travel_s``: whole seconds, rounded up; ``distance_m``: metres of the same trip. Both contain the way between gate
    and road at either end. ``straight_line``: true if there are no roads and these are straight lines × 1.3.
    """

    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    straight_line: bool


def ways_key(ways: gpd.GeoDataFrame) -> str:
    """Fingerprint of everything in the ways that travel depends on."""
    roads = ways[(ways["kind"] == "road").to_numpy()]
    content = hashlib.sha256()
    for column in ("road_class", "oneway", "maxspeed_kmh", "name"):
        content.update("\x1f".join(map(str, roads[column].tolist())).encode())
        content.update(b"\x1e")
    for shape in shapely.to_wkb(roads.geometry.to_numpy()):
        content.update(shape or b"\x1d")
    return content.hexdigest()


def network(ways: gpd.GeoDataFrame) -> RoadNetwork | None:
    """The driving network of the ways, kept in this process by content; ``None`` if nothing can be driven on there and back.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame.
    """
    return _network(ways, ways_key(ways))


def _network(ways: gpd.GeoDataFrame, key: str) -> RoadNetwork | None:
    with _lock:
        if key not in _networks:
            try:
                _networks[key] = RoadNetwork.from_ways(ways, SPEEDS_KMH)
            except InputError:  # said on every page by ``straight_line``, not an end
                _networks[key] = None
            while len(_networks) > _NETWORKS_KEPT:
                _networks.popitem(last=False)
        _networks.move_to_end(key)
        return _networks[key]


def forget_networks() -> None:
    """Drop the networks kept in this process, for memory or to measure."""
    with _lock:
        _networks.clear()


def travel_matrix(
    ways: gpd.GeoDataFrame,
    lon: ArrayLike,
    lat: ArrayLike,
    cache_dir: Path | None = None,
    progress: Progress = SILENT,
) -> Travel:
    """Travel between all places, from the cache on disk if the same was computed before.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame.
    lon, lat
        EPSG:4490 degrees, finite, shape ``(n,)``.
    cache_dir
        Folder of stored matrices (made when missing), or ``None`` to store nothing. A damaged file in it is replaced.

    Raises
    ------
    Stopped
        When the progress says so.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    roads_key = ways_key(ways)
    cache = MatrixCache(cache_dir) if cache_dir is not None else None
    key = _key(roads_key, lon, lat)
    stored = cache.read(key, len(lon)) if cache is not None else None
    if stored is None:
        roads = _network(ways, roads_key)
        if roads is None:
            return _straight(lon, lat)
        stored = _along_roads(roads, lon, lat, progress)
        if cache is not None:
            cache.write(key, *stored)
    return Travel(*stored, straight_line=False)


def _key(roads_key: str, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    settings = (_VERSION, roads_key, sorted(SPEEDS_KMH.items()), ACCESS_KMH, DETOUR, len(lon))
    return hashlib.sha256(repr(settings).encode() + lon.tobytes() + lat.tobytes()).hexdigest()


def _along_roads(
    roads: RoadNetwork, lon: NDArray[np.float64], lat: NDArray[np.float64], progress: Progress
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Gate, road, road, gate. Two places nearer to each other than to their roads are joined directly."""
    result = roads.matrix(lon, lat, progress)
    access_m = roads.snap(lon, lat).distance_m
    access_s = np.ceil(access_m / (ACCESS_KMH / 3.6)).astype(np.int64)
    travel_s, distance_m = result.travel_s, result.distance_m
    x, y = to_metric(lon, lat, metric_crs(float(np.mean(lon)))) if len(lon) else (lon, lat)
    for i in range(len(lon)):
        by_road_m, by_road_s = access_m[i] + distance_m[i] + access_m, access_s[i] + travel_s[i] + access_s
        direct_m = np.hypot(x - x[i], y - y[i]) * DETOUR
        direct_s = np.ceil(direct_m / (ACCESS_KMH / 3.6)).astype(np.int64)
        direct = (direct_m <= access_m[i] + access_m) & (direct_s < by_road_s)
        travel_s[i] = np.where(direct, direct_s, by_road_s)
        distance_m[i] = np.round(np.where(direct, direct_m, by_road_m), 1)
        travel_s[i, i] = distance_m[i, i] = 0
    return travel_s, distance_m


def _straight(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Travel:
    n = len(lon)
    if not n:
        return Travel(np.zeros((0, 0), dtype=np.int64), np.zeros((0, 0)), True)
    x, y = to_metric(lon, lat, metric_crs(float(np.mean(lon))))
    distance_m = np.empty((n, n))
    for i in range(n):
        distance_m[i] = np.round(np.hypot(x - x[i], y - y[i]) * DETOUR, 1)
    return Travel(np.ceil(distance_m / (STRAIGHT_KMH / 3.6)).astype(np.int64), distance_m, True)
