"""Travel times between places: assumptions, fallback without roads, and the cache on disk."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from data.schemas import WAYS
from geo.road_cache import MatrixCache
from geo.roads import RoadNetwork
from planning import travel
from planning.travel import ACCESS_KMH, DETOUR, SPEEDS_KMH, STRAIGHT_KMH, network, travel_matrix

LAT_M = 1 / 110_852.4  # degrees of latitude for a metre at 30 N


def _ways(*more: dict[str, object], name: str = "甲路") -> gpd.GeoDataFrame:
    """A residential road of 9.65 km along 30 N."""
    road = {
        "kind": "road",
        "road_class": "residential",
        "name": name,
        "oneway": 0,
        "bridge": False,
        "tunnel": False,
        "geometry": LineString([(112.0 + k / 100, 30.0) for k in range(11)]),
    }
    return WAYS.frame([{"way_id": n, **road, **row} for n, row in enumerate(({}, *more))])


LON = np.array([112.01, 112.05, 112.09])
LAT = np.array([30.0, 30.0 + 500 * LAT_M, 30.0])


def test_the_way_from_gate_to_road_counts_at_both_ends() -> None:
    result = travel_matrix(_ways(), LON, LAT)
    metres = 0.04 * 96_486.3  # a hundredth of a degree of longitude at 30 N is 964.9 m
    drive = metres / (SPEEDS_KMH["residential"] / 3.6)
    walk = 500 / (ACCESS_KMH / 3.6)
    assert not result.straight_line
    assert result.distance_m[0] == pytest.approx([0, metres + 500, 2 * metres], abs=3)
    assert result.travel_s[0] == pytest.approx([0, drive + walk, 2 * drive], abs=4)
    assert result.travel_s[1, 2] == pytest.approx(drive + walk, abs=4)
    assert result.travel_s.dtype == np.int64


def test_two_places_off_the_road_and_side_by_side_meet_directly() -> None:
    lon, lat = np.array([112.05, 112.05, 112.05]), np.array([30.0 + m * LAT_M for m in (500, 600, 500)])
    result = travel_matrix(_ways(), lon, lat)
    assert result.distance_m[0, 1] == pytest.approx(100 * DETOUR, abs=0.3)
    assert result.travel_s[0, 1] == pytest.approx(100 * DETOUR / (ACCESS_KMH / 3.6), abs=1.5)
    assert result.travel_s[0, 2] == result.distance_m[0, 2] == 0, "the same place twice"


def test_without_roads_straight_lines_with_a_detour_are_flagged() -> None:
    for ways in (WAYS.empty(), _ways().assign(kind="river"), _ways().assign(oneway=1)):
        result = travel_matrix(ways, LON, LAT)
        assert result.straight_line
        assert result.distance_m[0, 2] == pytest.approx(0.08 * 96_486.3 * DETOUR, rel=1e-3)
        assert result.travel_s[0, 2] == pytest.approx(result.distance_m[0, 2] / (STRAIGHT_KMH / 3.6), abs=1)
        assert (np.diag(result.travel_s) == 0).all()
    assert travel_matrix(WAYS.empty(), [], []).travel_s.shape == (0, 0)
    assert travel_matrix(_ways(), [], []).travel_s.shape == (0, 0)


def test_the_network_is_made_once_for_the_same_content() -> None:
    assert network(_ways()) is network(_ways())
    assert network(_ways()) is not network(_ways(name="乙路")), "names are shown on routes"
    rivers = _ways({"kind": "river", "road_class": None})
    assert network(_ways()) is network(rivers), "rivers do not matter for driving"
    assert network(WAYS.empty()) is None


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the number of places whenever a matrix is really computed."""
    calls: list[int] = []
    real = RoadNetwork.matrix

    def counted(self: RoadNetwork, lon: np.ndarray, *rest: object) -> object:
        calls.append(len(lon))
        return real(self, lon, *rest)

    monkeypatch.setattr(RoadNetwork, "matrix", counted)
    return calls


def test_the_same_matrix_is_computed_once_and_comes_back_equal(tmp_path: Path, count: list[int]) -> None:
    folder = tmp_path / "not" / "there"
    fresh = travel_matrix(_ways(), LON, LAT, folder)
    again = travel_matrix(_ways(), LON, LAT, folder)
    assert count == [3]
    assert np.array_equal(fresh.travel_s, again.travel_s)
    assert np.array_equal(fresh.distance_m, again.distance_m)
    assert again.travel_s.dtype == np.int64
    assert [p.name.split("-")[0] for p in folder.iterdir()] == ["travel"], "no half-written file beside it"


def test_a_change_of_anything_that_matters_is_computed_anew(
    tmp_path: Path, count: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    travel_matrix(_ways(), LON, LAT, tmp_path)
    travel_matrix(_ways(), LON + 1e-6, LAT, tmp_path)
    travel_matrix(_ways().assign(maxspeed_kmh=10.0), LON, LAT, tmp_path)
    monkeypatch.setattr(travel, "_VERSION", 999)
    travel_matrix(_ways(), LON, LAT, tmp_path)
    assert count == [3, 3, 3, 3]


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "other"])
def test_a_damaged_file_is_replaced(
    tmp_path: Path, count: list[int], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = travel_matrix(_ways(), LON, LAT, tmp_path)
    (path,) = tmp_path.glob("travel-*.npz")
    content = path.read_bytes()
    if damage == "other":
        np.savez(path, travel_s=np.zeros((2, 2)), distance_dm=np.zeros((2, 2)))
    else:
        middle = content.index(fresh.travel_s.astype(np.int32).tobytes())
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"empty": b"", "cut": content[:-40], "text": b"not a matrix", "flipped": flipped}[damage])
    with caplog.at_level(logging.WARNING, "geo.road_cache"):
        again = travel_matrix(_ways(), LON, LAT, tmp_path)
    assert count == [3, 3]
    assert "not usable" in caplog.text
    assert np.array_equal(fresh.travel_s, again.travel_s)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with caplog.at_level(logging.WARNING, "geo.road_cache"):
        assert travel_matrix(_ways(), LON, LAT, blocked / "cache").travel_s[0, 2] > 0
    assert "not stored" in caplog.text


def test_the_folder_stays_small_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = MatrixCache(tmp_path, max_bytes=9000)
    for number, key in enumerate(("a", "b", "c")):
        cache.write(key, np.full((20, 20), number), np.full((20, 20), number / 10))
        os.utime(tmp_path / f"travel-{key}.npz", (1000 + number, 1000 + number))
    assert cache.read("a", 20) is None, "3 × 3.7 kB is too much: the oldest went"
    stored = cache.read("b", 20)
    assert stored is not None
    assert (stored[0][0, 0], stored[1][0, 0]) == (1, 0.1)
    cache.write("d", np.zeros((20, 20)), np.zeros((20, 20)))
    assert cache.read("b", 20) is not None, "used since"
    assert cache.read("c", 20) is None
    MatrixCache(tmp_path, max_bytes=10).write("e", np.zeros((20, 20)), np.zeros((20, 20)))
    assert [p.name for p in tmp_path.iterdir()] == ["travel-e.npz"], "the one just written stays in any case"
