"""Where the ground ends beside a road: distances that can be worked out on paper."""

from __future__ import annotations

import pytest
import shapely

from geo.blocks.gazetteer import HALF_WIDTH_M
from geo.sides.types import LineKind, Part, PartKind, Side
from tests.geo.blocks_town import E, N, S, W, draw, gazetteer, grid, in_metres, way

COLUMNS = {"青年路": 0.0, "解放路": 300.0}
ROWS = {"人民街": 0.0, "建设大道": 200.0}
HALF = HALF_WIDTH_M["residential"]
MIDDLE = (150.0, 100.0)
NAMES = {E: "解放路", S: "人民街", W: "青年路", N: "建设大道"}


def ends_at(east: Part, roads: list[dict] | None = None) -> float:
    """How far east the ground reaches; the other sides name their centre lines."""
    centre = {
        side: Part(name, PartKind.ROAD, 0, 3, line=LineKind.CENTRE)
        for side, name in ((S, "人民街"), (W, "青年路"), (N, "建设大道"))
    }
    found = draw({E: east, **centre}, gazetteer(roads or grid(COLUMNS, ROWS)), MIDDLE)
    assert found.best is not None
    west, south, reach, north = in_metres(found.best.geometry).bounds
    assert (west, south, north) == pytest.approx((0, 0, 200), abs=0.05)
    return float(reach)


def road(**more: object) -> Part:
    return Part("解放路", PartKind.ROAD, 0, 3, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "reach"),
    [
        (road(), 300),
        (road(line=LineKind.RED_LINE), 300 - HALF),
        (road(line=LineKind.WALL), 300 - HALF),
        (road(line=LineKind.EDGE), 300 - HALF),
        (road(line=LineKind.CENTRE), 300),
        (road(included=False), 300 - HALF),
        (road(included=True), 300 + HALF),
        (road(width="full"), 300 + HALF),
        (road(width="half"), 300),
        (road(far_side=Side.WEST), 300 - HALF),
        (road(far_side=Side.EAST), 300 + HALF),
        (road(offset_m=50.0), 250),
        (road(offset_m=-30.0), 330),
    ],
)
def test_words_move_the_edge_by_the_half_width(part: Part, reach: float) -> None:
    assert ends_at(part) == pytest.approx(reach, abs=0.05)


def test_the_half_width_goes_by_class() -> None:
    roads = grid({"青年路": 0.0}, ROWS) + grid({"解放路": 300.0}, ROWS, road_class="primary")
    assert ends_at(road(line=LineKind.RED_LINE), roads) == pytest.approx(300 - HALF_WIDTH_M["primary"], abs=0.05)


@pytest.mark.parametrize(
    ("part", "reach"),
    [
        (road(), 300),
        (road(line=LineKind.RED_LINE), 300 + 11 - HALF_WIDTH_M["primary"]),
        (road(line=LineKind.CENTRE), 311),
        (road(included=True), 311 + HALF_WIDTH_M["primary"]),
    ],
)
def test_a_divided_road_is_measured_from_the_middle_of_its_two_lines(part: Part, reach: float) -> None:
    roads = [*grid({"青年路": 0.0}, ROWS), *grid({"解放路": 300.0}, ROWS, road_class="primary")]
    roads += grid({"解放路": 322.0}, ROWS, road_class="primary")
    assert ends_at(part, roads) == pytest.approx(reach, abs=0.1)


WHOLE = shapely.box(0, 0, 300, 200)
NET = shapely.box(HALF, HALF, 300 - HALF, 200 - HALF)


@pytest.mark.parametrize(
    ("area", "ground"),
    [
        (None, WHOLE),
        (WHOLE.area * 1.2, WHOLE),
        (WHOLE.area * 0.801, WHOLE),
        (WHOLE.area * 0.799, NET),
        (NET.area * 0.8, NET),
    ],
)
def test_names_alone_keep_the_whole_block_unless_the_ledger_means_the_net_ground(area: float | None, ground) -> None:
    roads = gazetteer(grid(COLUMNS, ROWS))
    found = draw({E: "解放路", S: "人民街", W: "青年路", N: "建设大道"}, roads, MIDDLE, area)
    assert found.best is not None
    assert in_metres(found.best.geometry).symmetric_difference(ground).area < 1.0
    assert in_metres(found.best.block).symmetric_difference(shapely.box(0, 0, 300, 200)).area < 1.0


def test_a_road_of_the_ring_without_a_name_in_the_text_is_set_back_too() -> None:
    roads = [r for r in grid(COLUMNS, ROWS) if r["name"] != "建设大道"]
    roads += [
        way("建设大道", [(-600, 200), (0, 200), (150, 200)]),
        way(None, [(150, 200), (300, 200)]),
        way("建设大道", [(300, 200), (900, 200)]),
    ]
    found = draw({E: "解放路", S: "人民街", W: "青年路", N: "建设大道"}, gazetteer(roads), MIDDLE, NET.area * 0.9)
    assert found.best is not None
    assert in_metres(found.best.geometry).bounds[3] == pytest.approx(200 - HALF, abs=0.6)


def test_the_whole_river_is_taken_in_only_where_the_text_says_so() -> None:
    river = way("清水河", [(-600, 220), (1200, 220), (1200, 260), (-600, 260)], kind="water")
    roads = [*grid(COLUMNS, {"人民街": 0.0}), river]
    sides = {E: "解放路", S: "人民街", W: "青年路"}
    for included, reach in ((None, 220), (False, 220)):
        part = Part("清水河", PartKind.WATER, 0, 3, included=included)
        found = draw({**sides, N: part}, gazetteer(roads), MIDDLE)
        assert found.best is not None
        assert in_metres(found.best.geometry).bounds[3] == pytest.approx(reach, abs=0.6)


def test_a_strip_thinner_than_its_set_back_keeps_the_centre_lines_and_says_so() -> None:
    roads = grid({"青年路": 0.0, "解放路": 36.0}, ROWS, road_class="primary")
    sides = {side: Part(name, PartKind.ROAD, 0, 3, line=LineKind.RED_LINE) for side, name in NAMES.items()}
    found = draw(sides, gazetteer(roads), (18.0, 100.0))
    assert found.best is not None
    assert found.best.geometry.equals(found.best.block)
    assert any("退让" in note for note in found.best.notes)
