"""The part of a large city's map that the confidence model is fitted on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.blocks import extent
from geo.blocks.extent import to_fit_on
from tests.geo.grid_town import grid_ways
from tests.strategies import at

TOWN = grid_ways(30, upright=[f"纵{k}路" for k in range(30)], level=[f"横{k}街" for k in range(30)])


def test_a_small_map_is_taken_whole() -> None:
    assert len(to_fit_on(TOWN, [], [], 1)) == len(TOWN)


def test_a_large_map_is_cut_to_whole_surroundings_of_estates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "MOST_WAYS", 400)
    spots = [at(600, 600), at(5400, 600), at(600, 5400), at(np.nan, 10)]
    lon, lat = zip(*spots, strict=True)
    found = to_fit_on(TOWN, lon, lat, 1)
    assert 300 <= len(found) <= 400
    assert found.index.equals(to_fit_on(TOWN, lon, lat, 1).index)
    tree = shapely.STRtree(found.geometry.to_numpy())
    near = shapely.STRtree(TOWN.geometry.to_numpy())
    for x, y in spots[:3]:
        circle = shapely.Point(x, y).buffer(0.004)
        assert len(tree.query(circle, "intersects")) == len(near.query(circle, "intersects"))


def test_without_positions_places_on_the_map_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "MOST_WAYS", 400)
    assert 0 < len(to_fit_on(TOWN, [np.nan], [np.nan], 1)) <= 400
    assert 0 < len(to_fit_on(TOWN, [0.0], [0.0], 1)) <= 400
