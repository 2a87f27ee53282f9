"""Estates without a ledger's area: what else must speak for the whole block before a boundary is accepted."""

from __future__ import annotations

import pytest
import shapely

from data.schemas import LAND
from planning.boundaries.size import land_at, may_fill
from tests.geo.grid_town import square
from tests.strategies import at

BLOCK = square(1, 1)
"""200 m by 200 m: four hectares."""


def _land(*shapes: shapely.Polygon) -> object:
    return LAND.frame([{"land_id": k, "kind": "residential", "geometry": shape} for k, shape in enumerate(shapes)])


def test_nothing_known_of_the_size_leaves_it_to_a_person() -> None:
    assert "无法判断" in str(may_fill(BLOCK, 0.95, None, None, None))


@pytest.mark.parametrize(
    ("floor", "homes", "words"),
    [(30_000.0, None, "容积率只有"), (None, 200.0, "每户用地有 200 平方米"), (30_000.0, 900.0, "容积率只有")],
)
def test_too_few_homes_for_the_block_are_a_doubt(floor: float | None, homes: float | None, words: str) -> None:
    assert words in str(may_fill(BLOCK, 0.95, floor, homes, None))


@pytest.mark.parametrize(("floor", "homes"), [(60_000.0, None), (None, 600.0), (60_000.0, 600.0)])
def test_enough_homes_speak_for_the_block(floor: float | None, homes: float | None) -> None:
    assert may_fill(BLOCK, 0.95, floor, homes, None) is None


def test_residential_land_tells_a_part_from_the_whole() -> None:
    half = shapely.clip_by_rect(BLOCK, *BLOCK.bounds[:3], (BLOCK.bounds[1] + BLOCK.bounds[3]) / 2)
    assert "住宅用地小于这个范围" in str(may_fill(BLOCK, 0.95, 60_000.0, 600.0, half))
    assert may_fill(BLOCK, 0.95, None, None, BLOCK) is None


def test_wide_roads_leave_open_which_line_is_meant() -> None:
    assert "中心线还是红线，两者面积相差 25%" in str(may_fill(BLOCK, 0.75, 60_000.0, 600.0, BLOCK))


def test_the_smallest_land_round_a_point_is_the_estates_own() -> None:
    large = shapely.union_all([BLOCK, square(2, 1)]).envelope
    found = land_at(_land(large, BLOCK), at(300, 300))
    assert found is not None and found.equals(BLOCK)
    assert land_at(_land(large, BLOCK), at(5000, 5000)) is None
    assert land_at(_land(BLOCK), None) is None
