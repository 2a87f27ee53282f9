"""The road network on real roads: OpenStreetMap, centre of Shanghai."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from data.geofiles.osm import read_osm
from data.schemas import WAYS
from geo.barrier_lines import Terrain
from geo.barriers import allowed_pairs, nearest_pairs
from geo.crs import Datum, to_storage
from geo.road_near import walking_distances
from geo.road_pieces import GEOD
from geo.roads import RoadNetwork
from planning.travel import SPEEDS_KMH


@pytest.fixture(scope="module")
def ways(shared_data: Path) -> gpd.GeoDataFrame:
    return WAYS.frame(list(read_osm(shared_data / "shanghai" / "shanghai_center.osm.pbf").rows))


@pytest.fixture(scope="module")
def network(ways: gpd.GeoDataFrame) -> RoadNetwork:
    return RoadNetwork.from_ways(ways, SPEEDS_KMH)


@pytest.fixture(scope="module")
def estates(shared_data: Path) -> pd.DataFrame:
    """Estates of both broker tables inside 121.43–121.52 E, 31.20–31.26 N."""
    names = ("estates_lianjia_bd09.csv", "estates_souloula_bd09.csv")
    table = pd.concat([pd.read_csv(shared_data / "shanghai" / name) for name in names], ignore_index=True)
    lon, lat = to_storage(table["lon_bd09"], table["lat_bd09"], Datum.BD09)
    inside = (lon > 121.43) & (lon < 121.52) & (lat > 31.20) & (lat < 31.26)
    return pd.DataFrame({"lon": lon[inside], "lat": lat[inside]})


def test_nearly_all_roads_are_one_network(network: RoadNetwork) -> None:
    """The extract cuts one-way carriageways at its edge: they are reported, the rest hangs together."""
    total = network.graph.length_m.sum() + network.left_out_m
    assert total == pytest.approx(973_000, rel=0.01), "what the data's description says"
    assert 0 < network.left_out_m < 0.08 * total
    assert network.n_left_out > 0
    assert network.ignored == {}


def test_estates_are_near_a_road(network: RoadNetwork, estates: pd.DataFrame) -> None:
    assert len(estates) > 1300
    snaps = network.snap(estates["lon"], estates["lat"])
    assert np.median(snaps.distance_m) < 40
    assert np.quantile(snaps.distance_m, 0.95) < 100


def test_matrix_is_finite_asymmetric_and_no_shorter_than_the_straight_line(
    network: RoadNetwork, estates: pd.DataFrame
) -> None:
    some = estates.iloc[::7]
    lon, lat = some["lon"].to_numpy(), some["lat"].to_numpy()
    result = network.matrix(lon, lat)
    assert (result.travel_s >= 0).all()
    assert np.isfinite(result.distance_m).all()
    assert (result.travel_s != result.travel_s.T).mean() > 0.5
    snaps = network.snap(lon, lat)
    i, j = np.triu_indices(len(lon), 1)
    _, _, straight = GEOD.inv(snaps.lon[i], snaps.lat[i], snaps.lon[j], snaps.lat[j])
    assert (result.distance_m[i, j] >= straight - 1.0).all()
    apart = straight > 100
    assert 1.2 < np.median(result.distance_m[i, j][apart] / straight[apart]) < 1.6, "detours of a city"
    detour = (result.travel_s[:40, :, None] + result.travel_s[None, :, :40]).min(axis=1)
    assert (result.travel_s[:40, :40] <= detour).all()


def test_legs_are_the_matrix_entries_on_named_roads(network: RoadNetwork, estates: pd.DataFrame) -> None:
    some = estates.iloc[::60]
    result = network.matrix(some["lon"], some["lat"])
    legs = network.route(some["lon"], some["lat"])
    assert len(legs) == len(some) - 1
    named = total = 0.0
    for k, leg in enumerate(legs):
        assert leg is not None
        assert (leg.travel_s, leg.distance_m) == (result.travel_s[k, k + 1], result.distance_m[k, k + 1])
        assert GEOD.geometry_length(leg.geometry) == pytest.approx(leg.distance_m, abs=1.0)
        total += leg.distance_m
        named += sum(metres for name, metres in leg.roads if name)
    assert named > 0.9 * total


def test_searching_tile_by_tile_finds_the_same_walks(ways: gpd.GeoDataFrame, estates: pd.DataFrame) -> None:
    walk = RoadNetwork.for_walking(ways)
    assert walk is not None
    snaps = walk.snap(estates["lon"], estates["lat"])
    i, j = np.random.default_rng(1).integers(0, len(snaps), (2, 4000))
    all_walks = walking_distances(walk, snaps, i, j)
    assert np.isfinite(all_walks).all()
    back = walking_distances(walk, snaps, j, i)
    assert back == pytest.approx(all_walks, abs=0.5), "walking there is as far as walking back"
    for limit in (600.0, 2500.0):
        near = walking_distances(walk, snaps, i, j, limit)
        assert np.array_equal(np.isfinite(near), all_walks <= limit)
        assert near[np.isfinite(near)] == pytest.approx(all_walks[all_walks <= limit], abs=0.05)


def test_main_roads_divide_the_estates_and_rivers_do_not_appear(ways: gpd.GeoDataFrame, estates: pd.DataFrame) -> None:
    lon, lat = estates["lon"], estates["lat"]
    free = allowed_pairs(lon, lat, 500, Terrain.from_ways(ways, ()))
    divided = allowed_pairs(lon, lat, 500, Terrain.from_ways(ways, ("river", "railway", "primary")))
    assert np.array_equal(free.i, divided.i)
    assert not (divided.allowed & ~free.allowed).any(), "barriers only ever forbid"
    assert 0.5 * free.allowed.sum() < divided.allowed.sum() < free.allowed.sum()
    assert set(divided.crossed[free.allowed & ~divided.allowed]) == {2}
    near = nearest_pairs(lon, lat, np.arange(len(lon)), 5, 500, Terrain.from_ways(ways, ("primary",)))
    assert len(near) == 5 * len(lon)
    assert np.isfinite(near.distance_m).all()
