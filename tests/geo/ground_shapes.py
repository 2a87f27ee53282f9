"""Shapes in metres round one origin, as the tables hold them: for tests whose areas can be worked out on paper."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from data.schemas import WAYS
from geo.crs import STORAGE_CRS, from_metric, metric_crs

CRS = metric_crs(112.0)
X0, Y0 = 500_000.0, 3_320_000.0
"""Near longitude 111, where the plane's scale is 1: areas are exact to a millionth."""


def ground(shape: BaseGeometry) -> BaseGeometry:
    """A shape in metres round the test's origin as degrees."""
    return shapely.transform(shape, lambda xy: np.column_stack(from_metric(xy[:, 0] + X0, xy[:, 1] + Y0, CRS)))


def local(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy - (X0, Y0))


def make_ways(*rows: Mapping[str, object]) -> gpd.GeoDataFrame:
    plain = {"kind": "road", "road_class": "residential", "oneway": 0, "bridge": False, "tunnel": False}
    return WAYS.frame(
        [plain | {"way_id": n} | {**row, "geometry": ground(row["geometry"])} for n, row in enumerate(rows, start=1)]
    )


def series(shapes: Mapping[str, BaseGeometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries(
        [ground(s) for s in shapes.values()], index=pd.Index(list(shapes), dtype=object), crs=STORAGE_CRS
    )
