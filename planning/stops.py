"""Where a visit stops: at the estate's gate, never at its middle (停靠点)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.roads import RoadNetwork

GATE, BOUNDARY, POINT = "gate", "boundary", "point"
KIND_TITLES = {GATE: "出入口", BOUNDARY: "边界最近路点", POINT: "小区坐标"}


def stop_points(
    estates: pd.DataFrame, gates: pd.DataFrame, boundaries: gpd.GeoDataFrame, network: RoadNetwork | None
) -> pd.DataFrame:
    """One stop for every estate: the main gate, else the boundary's point nearest to a road, else its own point.

    An estate whose gates are all side gates stops at the one nearest to a road (without roads, the lowest id); of
    several main gates the lowest id counts. Without roads a boundary says nothing about the entrance: the estate's own
    point is taken, and a point inside the boundary if it has none.

    Parameters
    ----------
    estates, gates, boundaries
        Checked ``ESTATES``, ``GATES`` and ``BOUNDARIES`` frames; gates and boundaries of other estates are ignored.

    Returns
    -------
    DataFrame
        Index ``estate_id`` in the order of ``estates``; ``lon``, ``lat`` (EPSG:4490 degrees), ``kind`` (``gate``,
        ``boundary``, ``point``; null without any position), ``distance_to_road_m`` (NaN without roads or position).
    """
    stops = pd.DataFrame(
        {
            "lon": estates["lon"].astype("float64"),
            "lat": estates["lat"].astype("float64"),
            "kind": pd.Series(None, index=estates.index, dtype="str"),
        }
    )
    unlocated = ~(np.isfinite(stops["lon"]) & np.isfinite(stops["lat"]))
    stops.loc[unlocated, ["lon", "lat"]] = np.nan
    stops.loc[~unlocated, "kind"] = POINT
    entrances = _entrances(gates[gates["estate_id"].isin(estates.index)], network)
    shapes = boundaries.geometry[boundaries.index.isin(estates.index.difference(entrances.index))]
    shapes = shapes[shapes.notna() & ~shapes.is_empty]
    if network is not None and len(shapes):
        stops.loc[shapes.index, "lon"], stops.loc[shapes.index, "lat"] = network.approach(shapes.to_numpy())
        stops.loc[shapes.index, "kind"] = BOUNDARY
    elif len(shapes):
        inner = shapes[unlocated[shapes.index].to_numpy()].representative_point()
        stops.loc[inner.index, "lon"], stops.loc[inner.index, "lat"] = inner.x, inner.y
        stops.loc[inner.index, "kind"] = POINT
    stops.loc[entrances.index, ["lon", "lat"]] = entrances[["lon", "lat"]]
    stops.loc[entrances.index, "kind"] = GATE
    stops["distance_to_road_m"] = _distance_to_road(stops, network)
    return stops.rename_axis("estate_id")


def _entrances(gates: pd.DataFrame, network: RoadNetwork | None) -> pd.DataFrame:
    """The gate to stop at, by estate."""
    gates = gates.sort_index()
    far = _distance_to_road(gates, network).fillna(0.0)
    rank = far.where(~gates["main"].astype(bool), -1.0)
    ordered = gates.assign(rank=rank).sort_values("rank", kind="stable")
    return ordered.drop_duplicates("estate_id").set_index("estate_id")


def _distance_to_road(places: pd.DataFrame, network: RoadNetwork | None) -> pd.Series:
    distance = pd.Series(np.nan, index=places.index)
    located = places["lon"].notna() & places["lat"].notna()
    if network is not None and located.any():
        distance[located] = network.snap(places.loc[located, "lon"], places.loc[located, "lat"]).distance_m
    return distance
