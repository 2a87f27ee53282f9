"""Regions of pysal's spopt, street by street, for comparison: Delaunay neighbours, households as the threshold."""

from __future__ import annotations

import importlib.util
import signal
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from planning.bundles.settings import BundleSettings

Method = Callable[[gpd.GeoDataFrame, Any, BundleSettings], "list[int]"]
_MEAN_HOUSEHOLDS: Final = 900
"""Skater is asked for so many clusters that they would have this size."""
_FLOOR_ESTATES: Final = 4


def installed() -> bool:
    """Whether spopt can be imported; it is no requirement of the project."""
    return importlib.util.find_spec("spopt") is not None


def regions(
    estates: pd.DataFrame, method: Method, seconds: int, settings: BundleSettings
) -> tuple[list[list[str]], int]:
    """Estate ids of each region, and how many streets took longer than ``seconds`` and so have none."""
    from libpysal.weights import KNN, Delaunay, attach_islands

    found: list[list[str]] = []
    late = 0
    for _, street in estates.groupby("street_id", sort=True):
        if len(street) < _FLOOR_ESTATES:
            continue
        places = gpd.points_from_xy(street["lon"], street["lat"], crs="EPSG:4326")
        frame = gpd.GeoDataFrame(
            {"households": street["households"].astype(int), "fee": street["fee_yuan_m2"].astype(float)},
            geometry=places,
        ).to_crs(32649)
        frame = frame.reset_index(drop=True)
        xy = np.column_stack([frame.geometry.x, frame.geometry.y])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            weights = attach_islands(Delaunay(xy, silence_warnings=True), KNN(xy, k=1, silence_warnings=True))
            try:
                labels = _within(seconds, partial(method, frame, weights, settings))
            except _Late:
                late += 1
                continue
        by_label: dict[int, list[str]] = {}
        for estate, label in zip(street.index, labels, strict=True):
            by_label.setdefault(int(label), []).append(str(estate))
        found += by_label.values()
    return found, late


def _max_p(frame: gpd.GeoDataFrame, weights: Any, settings: BundleSettings) -> list[int]:
    from spopt.region import MaxPHeuristic

    np.random.seed(1)  # noqa: NPY002 - what spopt draws from
    model = MaxPHeuristic(frame, weights, ["fee"], "households", settings.min_households, 2)
    model.solve()
    return list(model.labels_)


def _skater(frame: gpd.GeoDataFrame, weights: Any, settings: BundleSettings) -> list[int]:
    from spopt.region import Skater

    clusters = max(1, int(frame["households"].sum()) // _MEAN_HOUSEHOLDS)
    model = Skater(frame, weights, ["fee"], n_clusters=clusters, floor=_FLOOR_ESTATES)
    model.solve()
    return list(model.labels_)


METHODS: Mapping[str, Method] = {"spopt MaxPHeuristic": _max_p, "spopt Skater": _skater}


class _Late(Exception):
    """The time is over."""


def _within(seconds: int, work: Callable[[], list[int]]) -> list[int]:
    """The result, unless it takes longer; without a limit where the system has no alarm clock (Windows)."""
    if not hasattr(signal, "SIGALRM"):
        return work()

    def ring(number: int, frame: FrameType | None) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        return work()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
