"""Outlines from words in small towns whose answer can be drawn on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.blocks import Step
from geo.sides.types import LineKind, Part, PartKind, Side
from tests.geo.blocks_town import E, N, S, W, block_of, draw, gazetteer, grid, in_metres, iou, on_ground, way

COLUMNS = {"青年路": 0.0, "解放路": 300.0, "中山路": 700.0}
ROWS = {"人民街": 0.0, "建设大道": 200.0, "黄河路": 500.0}
SIDES = {E: "解放路", S: "人民街", W: "青年路", N: "建设大道"}
TRUTH = shapely.box(0, 0, 300, 200)
MIDDLE = (150.0, 100.0)


def part(name: str, kind: PartKind = PartKind.ROAD, **more: object) -> Part:
    return Part(name, kind, 0, len(name), **more)  # type: ignore[arg-type]


def test_four_named_roads_of_a_grid_enclose_their_block_exactly() -> None:
    found = draw(SIDES, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert block_of(found).symmetric_difference(TRUTH).area < 1.0
    assert found.best is not None and found.best.step is Step.FACES and found.point_used
    evidence = found.best.evidence
    assert (evidence.n_sides, evidence.n_resolved, evidence.quality_min) == (4, 4, 1.0)
    assert evidence.share_min == 1.0 and evidence.explained == 1.0 and evidence.contrary == 0.0
    assert evidence.bridged_m == 0.0 and evidence.distance_m == 0.0
    assert evidence.inset_m == pytest.approx(100, abs=0.5)


def test_swapped_sides_do_not_give_the_block_as_if_they_were_right() -> None:
    wrong = {E: "青年路", S: "人民街", W: "解放路", N: "建设大道"}
    found = draw(wrong, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert found.best is None or found.best.evidence.share_min < 0.2 or found.best.evidence.n_dropped > 0


def test_contradictory_sides_are_never_explained_in_full() -> None:
    both = {E: "解放路", S: "人民街", W: "解放路", N: "建设大道"}
    found = draw(both, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert all(c.evidence.share_min < 0.5 or c.evidence.n_resolved < 4 for c in found.candidates)


def test_the_nearer_carriageway_ends_the_block() -> None:
    roads = grid({"青年路": 0.0}, ROWS) + grid({"解放路": 300.0}, ROWS) + grid({"解放路": 322.0}, ROWS)
    block = block_of(draw(SIDES, gazetteer(roads), MIDDLE))
    assert iou(block, TRUTH) > 0.99


def test_a_missing_piece_of_one_side_is_bridged_and_counted() -> None:
    roads = [r for r in grid(COLUMNS, ROWS) if not (r["name"] == "解放路" and _spans(r, 0, 200))]
    found = draw(SIDES, gazetteer(roads), MIDDLE)
    assert iou(block_of(found), TRUTH) > 0.98
    assert found.best is not None and found.best.step is not Step.FACES
    assert found.best.evidence.bridged_m == pytest.approx(200, abs=25)


def test_a_road_that_ends_before_the_corner_is_lengthened() -> None:
    roads = [r for r in grid(COLUMNS, ROWS) if r["name"] != "解放路"]
    roads.append(way("解放路", [(300, -600), (300, 120)]))
    found = draw(SIDES, gazetteer(roads), MIDDLE)
    assert iou(block_of(found), TRUTH) > 0.98
    assert found.best is not None and 40 < found.best.evidence.bridged_m < 100


def test_a_curved_side_is_followed() -> None:
    arc = [(300 + 60 * np.sin(np.pi * y / 200), y) for y in np.linspace(0, 200, 21)]
    roads = [*grid({"青年路": 0.0}, ROWS), way("解放路", [(300, -600), *arc, (300, 900)])]
    block = block_of(draw(SIDES, gazetteer(roads), MIDDLE))
    truth = shapely.Polygon([(0, 0), *arc, (0, 200)])
    assert iou(block, truth) > 0.99


def test_two_names_on_a_side_make_an_l_shape() -> None:
    roads = [
        *grid({"青年路": 0.0}, {"人民街": 0.0, "建设大道": 400.0}),
        way("解放路", [(400, -300), (400, 0), (400, 200)]),
        way("育才路", [(400, 200), (200, 200)]),
        way("文化路", [(200, 200), (200, 400), (200, 700)]),
    ]  # fmt: skip
    truth = shapely.Polygon([(0, 0), (400, 0), (400, 200), (200, 200), (200, 400), (0, 400)])
    found = draw(
        {E: ["解放路", "文化路"], S: "人民街", W: "青年路", N: ["建设大道", "育才路"]}, gazetteer(roads), (100, 100)
    )
    assert iou(block_of(found), truth) > 0.99


def test_a_river_ends_the_ground_at_its_bank() -> None:
    river = way("清水河", [(-600, 220), (1200, 220), (1200, 260), (-600, 260)], kind="water")
    roads = [*grid({"青年路": 0.0, "解放路": 300.0}, {"人民街": 0.0}), river]
    sides = {E: "解放路", S: "人民街", W: "青年路", N: part("清水河", PartKind.WATER)}
    found = draw(sides, gazetteer(roads), MIDDLE)
    assert iou(block_of(found), shapely.box(0, 0, 300, 220)) > 0.99
    assert found.best is not None
    assert in_metres(found.best.geometry).bounds[3] == pytest.approx(220, abs=0.6)


def test_a_river_line_under_its_polygon_still_ends_the_ground_at_the_bank() -> None:
    river = way("清水河", [(-600, 220), (1200, 220), (1200, 260), (-600, 260)], kind="water")
    line = way("清水河", [(-600, 240), (0, 240), (300, 240), (1200, 240)], kind="river")
    roads = [*grid({"青年路": 0.0, "解放路": 300.0}, {"人民街": 0.0}), river, line]
    sides = {E: "解放路", S: "人民街", W: "青年路", N: part("清水河", PartKind.WATER)}
    found = draw(sides, gazetteer(roads), MIDDLE)
    assert found.best is not None
    assert in_metres(found.best.geometry).bounds[3] == pytest.approx(220, abs=0.6)


def test_a_railway_side() -> None:
    rail = way("京沪铁路", [(-600, 230), (1200, 230)], kind="railway")
    roads = [*grid({"青年路": 0.0, "解放路": 300.0}, {"人民街": 0.0}), rail]
    sides = {E: "解放路", S: "人民街", W: "青年路", N: part("京沪铁路", PartKind.RAILWAY)}
    assert iou(block_of(draw(sides, gazetteer(roads), MIDDLE)), shapely.box(0, 0, 300, 230)) > 0.99


def test_a_neighbours_outline_is_a_side() -> None:
    roads = grid({"青年路": 0.0, "中山路": 700.0}, {"人民街": 0.0, "建设大道": 200.0})
    other = on_ground(shapely.box(310, 12, 690, 190))
    sides = {E: part("幸福花园", PartKind.PLACE), S: "人民街", W: "青年路", N: "建设大道"}
    found = draw(sides, gazetteer(roads, places={"幸福花园": other}), MIDDLE)
    assert iou(block_of(found), shapely.box(0, 0, 310, 200)) > 0.95
    assert found.best is not None and not in_metres(found.best.block).buffer(-25).intersects(in_metres(other))


def test_a_neighbour_known_by_its_point_only_never_counts_as_a_resolved_side() -> None:
    roads = grid({"青年路": 0.0, "中山路": 700.0}, {"人民街": 0.0, "建设大道": 200.0})
    other = on_ground(shapely.Point(450, 100))
    sides = {E: part("幸福花园", PartKind.PLACE), S: "人民街", W: "青年路", N: "建设大道"}
    found = draw(sides, gazetteer(roads, places={"幸福花园": other}), MIDDLE)
    assert found.candidates and all(c.evidence.n_resolved == 3 for c in found.candidates)
    cut = next(c for c in found.candidates if c.step is Step.CUT)
    assert in_metres(cut.block).bounds[2] == pytest.approx(300, abs=5)


def test_a_wall_without_a_line_is_cut_to_the_ledgers_area() -> None:
    roads = grid({"青年路": 0.0, "中山路": 700.0}, {"人民街": 0.0, "建设大道": 200.0})
    sides = {E: part("围墙", PartKind.WALL), S: "人民街", W: "青年路", N: "建设大道"}
    found = draw(sides, gazetteer(roads), MIDDLE, area_m2=50_000)
    assert iou(block_of(found), shapely.box(0, 0, 250, 200)) > 0.97
    assert found.best is not None and found.best.step is Step.CUT and found.best.evidence.n_resolved == 3


def test_an_unnamed_side_takes_the_road_that_gives_the_ledgers_area() -> None:
    found = draw({**SIDES, E: part("规划路", planned=True)}, gazetteer(grid(COLUMNS, ROWS)), MIDDLE, area_m2=62_000)
    assert iou(block_of(found), TRUTH) > 0.99
    assert found.best is not None and found.best.evidence.n_resolved == 3


def test_a_road_whose_name_changes_within_the_side() -> None:
    roads = [r for r in grid(COLUMNS, ROWS) if r["name"] != "建设大道"]
    roads += [
        way("建设大道", [(-600, 200), (0, 200), (180, 200)]),
        way("胜利路", [(180, 200), (300, 200), (1200, 200)]),
    ]
    found = draw(SIDES, gazetteer(roads), MIDDLE)
    assert iou(block_of(found), TRUTH) > 0.97


def test_a_point_across_the_road_is_said_by_its_distance() -> None:
    found = draw(SIDES, gazetteer(grid(COLUMNS, ROWS)), (340.0, 100.0))
    assert iou(block_of(found), TRUTH) > 0.99
    assert found.best is not None and found.best.evidence.distance_m == pytest.approx(40, abs=0.5)


def test_diagonal_sides() -> None:
    corners = np.array([(0, -250), (250, 0), (0, 250), (-250, 0)], dtype=float)
    names = {Side.SOUTHEAST: "甲路", Side.NORTHEAST: "乙路", Side.NORTHWEST: "丙路", Side.SOUTHWEST: "丁路"}
    roads = [
        way(name, [tuple(corners[k]), tuple(corners[(k + 1) % 4])])
        for k, name in enumerate(["甲路", "乙路", "丙路", "丁路"])
    ]
    found = draw(names, gazetteer(roads), (10, 10))
    assert iou(block_of(found), shapely.Polygon(corners)) > 0.99
    assert found.best is not None and found.best.evidence.n_resolved == 4


def test_without_a_point_four_names_that_meet_once_fix_the_block() -> None:
    found = draw(SIDES, gazetteer(grid(COLUMNS, ROWS)), None)
    assert iou(block_of(found), TRUTH) > 0.99
    assert not found.point_used and found.best is not None and not found.best.evidence.point_used
    assert any("没有坐标点" in note for note in found.notes)


def test_without_a_point_two_places_of_the_same_names_are_both_offered() -> None:
    town = grid(COLUMNS, ROWS, -300, 900)
    twin = [{**r, "geometry": shapely.transform(r["geometry"], lambda xy: xy + np.array([0.05, 0.0]))} for r in town]
    found = draw(SIDES, gazetteer([*town, *twin]), None)
    assert len(found.candidates) >= 2 and found.candidates[0].evidence.n_fits == 2
    assert any("人工选择" in note for note in found.notes)
    near = draw(SIDES, gazetteer([*town, *twin]), MIDDLE)
    assert iou(block_of(near), TRUTH) > 0.99 and near.candidates[0].evidence.n_fits == 1


def test_a_point_ten_kilometres_off_is_reported_not_stretched() -> None:
    found = draw(SIDES, gazetteer(grid(COLUMNS, ROWS)), (10_000.0, 5_000.0))
    assert found.candidates == ()
    assert any("公里" in note and "核对坐标" in note for note in found.notes)


def test_names_that_are_not_on_the_map_give_no_polygon_but_a_reason() -> None:
    found = draw({E: "长安街", S: "朱雀门", W: "玄武道", N: "白虎巷"}, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert found.candidates == () and any("长安街" in note for note in found.notes)


def test_an_empty_text_gives_no_polygon() -> None:
    found = draw({}, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert found.candidates == () and found.notes


def test_candidates_are_distinct_and_ranked() -> None:
    found = draw({**SIDES, E: part("规划路", planned=True)}, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    shapes = [in_metres(c.block) for c in found.candidates]
    assert len(shapes) > 1
    assert all(iou(a, b) < 0.9 for k, a in enumerate(shapes) for b in shapes[:k])
    scores = [c.evidence.score for c in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert found.candidates[0].evidence.margin == pytest.approx(scores[0] - scores[1])


def test_the_order_of_ways_changes_nothing() -> None:
    roads = [r for r in grid(COLUMNS, ROWS) if not (r["name"] == "解放路" and _spans(r, 0, 200))]
    one = draw(SIDES, gazetteer(roads), MIDDLE)
    other = draw(SIDES, gazetteer(roads[::-1]), MIDDLE)
    assert [c.evidence for c in one.candidates] == [c.evidence for c in other.candidates]
    assert all(a.block.equals(b.block) for a, b in zip(one.candidates, other.candidates, strict=True))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    turns=st.integers(0, 3),
    shift=st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000)),
    missing=st.integers(0, 30),
    width=st.integers(120, 420),
)
def test_a_turned_and_moved_town_gives_the_turned_and_moved_block(
    turns: int, shift: tuple[int, int], missing: int, width: int
) -> None:
    """Turning by quarters turns the directions along; whatever way is missing, both towns answer alike."""
    columns = {"青年路": 0.0, "解放路": float(width), "中山路": 700.0}
    roads = grid(columns, ROWS)
    roads.pop(missing % len(roads))
    ring = [E, N, W, S]
    turned_sides = {ring[(ring.index(side) + turns) % 4]: name for side, name in SIDES.items()}

    def move(shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.affinity.translate(shapely.affinity.rotate(shape, 90 * turns, origin=(0, 0)), *shift)

    turned = [{**r, "geometry": on_ground(move(in_metres(r["geometry"])))} for r in roads]
    middle = shapely.Point(width / 2, 100)
    plain = draw(SIDES, gazetteer(roads), (middle.x, middle.y))
    spot = move(middle)
    other = draw(turned_sides, gazetteer(turned), (spot.x, spot.y))
    assert (plain.best is None) == (other.best is None)
    if plain.best is not None and other.best is not None:
        assert iou(move(in_metres(plain.best.block)), in_metres(other.best.block)) > 0.97
        assert plain.best.evidence.share_min == pytest.approx(other.best.evidence.share_min, abs=0.06)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_results_are_valid_simple_polygons_inside_the_surroundings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {name: x + rng.uniform(-40, 40) for name, x in COLUMNS.items()}
    rows = {name: y + rng.uniform(-40, 40) for name, y in ROWS.items()}
    roads = [r for r in grid(columns, rows) if rng.random() > 0.25]
    if not roads:
        return
    names = list(COLUMNS), list(ROWS)
    sides = {
        E: str(rng.choice(names[0])),
        W: str(rng.choice(names[0])),
        S: str(rng.choice(names[1])),
        N: str(rng.choice(names[1])),
    }
    lines = [LineKind.CENTRE, LineKind.RED_LINE, LineKind.UNSTATED]
    said = {side: part(name, line=lines[int(rng.integers(3))]) for side, name in sides.items()}
    found = draw(said, gazetteer(roads), (float(rng.uniform(0, 700)), float(rng.uniform(0, 500))), 30_000.0)
    surroundings = shapely.box(-4000, -4000, 5000, 5000)
    for candidate in found.candidates:
        for shape in (candidate.geometry, candidate.block):
            assert shape.geom_type == "Polygon" and shape.is_valid and not shape.is_empty
            assert surroundings.contains(in_metres(shape))
        assert not in_metres(candidate.geometry).buffer(-1.9).is_empty
        evidence = candidate.evidence
        shares = (
            evidence.share_min,
            evidence.share_mean,
            evidence.explained,
            evidence.contrary,
            evidence.bridged_share,
        )
        assert all(0.0 <= share <= 1.0 for share in shares)
        assert 0 <= evidence.n_resolved <= evidence.n_sides <= 4 and evidence.n_fits >= 1


def _spans(row: dict, low: float, high: float) -> bool:
    bounds = in_metres(row["geometry"]).bounds
    return abs(bounds[1] - low) < 1 and abs(bounds[3] - high) < 1
