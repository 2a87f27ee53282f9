"""True blocks, texts and damage made from a map whose blocks are known."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.blocks.cases import named_sides, part_by_place, true_blocks
from geo.blocks.damage import (
    SLIPS,
    UNKNOWN_WORDS,
    Recipe,
    forget_one,
    make_cases,
    misspell,
    misspell_one,
    remove_ways,
    shift,
)
from geo.blocks.scores import overlap
from geo.blocks.writing import FORMS, write
from geo.road_pieces import GEOD
from geo.sides.types import MAIN_SIDES, LineKind, Side
from tests.geo.grid_town import LEVEL, UPRIGHT, grid_ways, square
from tests.strategies import at

NAMES = {
    Side.EAST: ("解放路",),
    Side.SOUTH: ("南京西路",),
    Side.WEST: ("青年路", "中山路"),
    Side.NORTH: ("建设大道",),
}


def _block_at(blocks, i: int, j: int):
    wanted = square(i, j)
    return next(block for block in blocks if overlap(block.outline, wanted) > 0.99)


def test_every_square_of_the_grid_is_a_block_with_its_four_streets():
    blocks = true_blocks(grid_ways(5), ("all",))
    assert len(blocks) == 16
    block = _block_at(blocks, 1, 2)
    assert block.sides == {
        Side.EAST: (UPRIGHT[2],),
        Side.SOUTH: (LEVEL[2],),
        Side.WEST: (UPRIGHT[1],),
        Side.NORTH: (LEVEL[3],),
    }
    assert block.area_m2 == pytest.approx(40_000, rel=0.01)
    assert all(block.outline.contains(shapely.Point(block.point)) for block in blocks)


def test_blocks_of_main_roads_leave_the_small_streets_inside():
    blocks = true_blocks(grid_ways(5), ("main",))
    assert len(blocks) == 4
    assert {round(block.area_m2 / 160_000, 2) for block in blocks} == {1.0}
    assert blocks[0].sides[Side.EAST] == (UPRIGHT[2],)


def test_merged_blocks_name_two_streets_on_a_side_and_share_no_ground():
    names = [f"{name}北段" if k % 2 else name for k, name in enumerate(LEVEL)]
    # Level streets change their name in the middle of the town, so that a wide block has two on a side.
    more = [
        {
            "name": f"{names[j]}东",
            "road_class": "residential",
            "geometry": LineString([at(800, j * 200), at(1600, j * 200)]),
        }
        for j in range(9)
    ]
    ways = grid_ways(9, more=more)
    blocks = true_blocks(ways, ("merged",), seed=3)
    assert all(any(len(names) == 2 for names in block.sides.values()) for block in blocks)
    for one, other in pairwise(sorted(blocks, key=lambda b: b.outline.bounds)):
        assert shapely.intersection(one.outline, other.outline).area < 1e-9


def test_tunnels_bound_no_block():
    tunnel = {
        "name": "隧道",
        "road_class": "primary",
        "tunnel": True,
        "geometry": LineString([at(100, 0), at(100, 800)]),
    }
    assert len(true_blocks(grid_ways(5, more=[tunnel]), ("all",))) == 16


def test_a_block_with_a_nameless_side_or_one_road_on_opposite_sides_is_left_out():
    n = grid_ways(3)
    n.loc[n["name"] == UPRIGHT[0], "name"] = None
    assert len(true_blocks(n, ("all",))) == 2
    n = grid_ways(3)
    n.loc[n["name"] == UPRIGHT[0], "name"] = UPRIGHT[1]
    assert {block.sides[Side.WEST] for block in true_blocks(n, ("all",))} == {(UPRIGHT[1],)}


def test_a_road_that_bends_lies_on_both_sides_and_a_short_one_on_none():
    length = np.array([100.0, 100.0, 100.0, 85.0, 15.0])
    normal = np.array([(1, 0), (0, 1), (-1, 0), (0, -1), (0, -1)], dtype=float)
    middle = normal * 50
    found = named_sides(length, normal, middle, np.array(["环路", "环路", "西路", "南路", "小巷"], dtype=object))
    assert found == {
        Side.EAST: ("环路",),
        Side.SOUTH: ("南路",),
        Side.WEST: ("西路",),
        Side.NORTH: ("环路",),
    }
    assert named_sides(length, normal, middle, np.array(["环路", "", "西路", "南路", "小巷"], dtype=object)) is None


def test_the_halves_of_a_town_share_no_square_of_ground_and_are_all_of_it():
    blocks = true_blocks(grid_ways(9), ("all", "main"))
    one, other = part_by_place(blocks, 4)
    assert {b.tile for b in one}.isdisjoint({b.tile for b in other})
    assert {b.block_id for b in (*one, *other)} == {b.block_id for b in blocks}
    assert one and other


def test_blocks_do_not_depend_on_the_order_of_ways():
    ways = grid_ways(6)
    mixed = ways.sample(frac=1.0, random_state=5)

    def key(blocks):
        return {(b.block_id, b.outline.normalize().wkt, tuple(b.sides.items()), b.point) for b in blocks}

    assert key(true_blocks(ways)) == key(true_blocks(mixed))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_all_sides_that_it_says(form: str):
    for seed in range(20):
        written = write(NAMES, np.random.default_rng(seed), form)
        assert set(written.said) == set(MAIN_SIDES)
        for names in written.said.values():
            assert all(name in written.text for name in names)
        if form == "flipped":
            assert re.search("青年路以东", written.text) and re.search("解放路以西", written.text)
        if FORMS[form][1]:
            assert "中山路" in written.text


def test_a_side_with_two_names_is_only_written_in_forms_that_hold_both():
    for seed in range(60):
        assert "中山路" in write(NAMES, np.random.default_rng(seed)).text


def test_red_lines_and_centre_lines_are_said_when_meant():
    found = {write(NAMES, np.random.default_rng(seed), "marked").line for seed in range(400)}
    assert {LineKind.RED_LINE, LineKind.CENTRE, LineKind.UNSTATED} <= found
    for seed in range(400):
        written = write(NAMES, np.random.default_rng(seed), "marked")
        assert (written.line is LineKind.RED_LINE) == ("红线" in written.text)


def test_a_text_needs_a_name_on_every_side():
    with pytest.raises(ValueError, match="north"):
        write({side: ("路",) for side in MAIN_SIDES if side is not Side.NORTH}, np.random.default_rng(0))


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["西藏南路", "解放路", "中山东一路", "武定西路1398弄", "苏州河"]),
    st.sampled_from(SLIPS),
    st.integers(0, 10**6),
)
def test_a_slip_changes_one_character_and_keeps_the_kind_of_thing(name: str, slip, seed: int):
    wrong = misspell(name, np.random.default_rng(seed), slip)
    assert len(wrong) == len(name) and sum(a != b for a, b in zip(wrong, name, strict=True)) == 1
    assert wrong[-1] == name[-1]


def test_homophones_sound_alike():
    from pypinyin import lazy_pinyin

    for seed in range(30):
        wrong = misspell("解放路", np.random.default_rng(seed), "homophone")
        assert lazy_pinyin(wrong) == lazy_pinyin("解放路")


def test_exactly_one_name_is_misspelt_and_one_side_forgotten():
    rng = np.random.default_rng(2)
    wrong = misspell_one(NAMES, rng)
    assert sum(wrong[side] != NAMES[side] for side in MAIN_SIDES) == 1
    blank, side = forget_one(NAMES, rng)
    assert blank[side][0] in UNKNOWN_WORDS and [s for s in MAIN_SIDES if blank[s] != NAMES[s]] == [side]


def test_removed_ways_are_a_share_of_the_roads_and_the_same_for_a_seed():
    river = {"name": "清河", "kind": "river", "road_class": None, "geometry": LineString([at(-50, 0), at(-50, 800)])}
    ways = grid_ways(9, more=[river])
    left = remove_ways(ways, 0.25, 7)
    assert 0.12 < 1 - len(left) / len(ways) < 0.38
    assert "清河" in set(left["name"])
    assert left.index.equals(remove_ways(ways, 0.25, 7).index)
    assert not left.index.equals(remove_ways(ways, 0.25, 8).index)
    with pytest.raises(ValueError, match="share"):
        remove_ways(ways, 1.0, 1)


@given(st.floats(0, 500), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_a_point_is_moved_by_the_metres_wanted(metres: float, seed: int):
    lon, lat = shift((112.3, 30.2), metres, np.random.default_rng(seed))
    assert GEOD.inv(112.3, 30.2, lon, lat)[2] == pytest.approx(metres, rel=2e-3, abs=0.01)


def test_cases_are_the_same_for_a_seed_and_hold_what_the_recipe_says():
    blocks = true_blocks(grid_ways(6), ("all",))
    recipe = Recipe(wrong_character=True, side_unknown=True, point_m=None, area_share=None)
    cases = make_cases(blocks, recipe, 10, 3)
    assert [c.text for c in cases] == [c.text for c in make_cases(blocks, recipe, 10, 3)]
    assert [c.text for c in cases] != [c.text for c in make_cases(blocks, recipe, 10, 4)]
    assert all(c.point is None and c.area_m2 is None and c.forgotten is not None for c in cases)
    assert len({c.block.block_id for c in make_cases(blocks, Recipe(), len(blocks), 1)}) == len(blocks)
    assert make_cases((), Recipe(), 5, 1) == ()


def test_the_ledgers_area_is_off_by_no_more_than_said():
    blocks = true_blocks(grid_ways(6), ("all",))
    off = [c.area_m2 / c.block.area_m2 - 1 for c in make_cases(blocks, Recipe(area_share=0.2), 60, 3)]
    assert -0.2 <= min(off) < -0.1 and 0.1 < max(off) <= 0.2


def test_part_of_a_block_is_a_quarter_to_two_thirds_with_the_point_in_it():
    blocks = true_blocks(grid_ways(6), ("all",))
    cases = make_cases(blocks, Recipe(part_only=True, area_share=None), 40, 3)
    for case in cases:
        share = case.truth.area / case.block.outline.area
        assert 0.2 < share < 0.7
        assert case.block.outline.buffer(1e-9).contains(case.truth)
        assert case.truth.contains(shapely.Point(case.point))
    assert 8 < sum(case.forgotten is not None for case in cases) < 32


def test_a_net_area_leaves_out_the_roads():
    blocks = true_blocks(grid_ways(6), ("all",))
    case = make_cases(blocks, Recipe(net_area=True, area_share=0.0), 1, 3)[0]
    assert case.area_m2 == pytest.approx(184**2, rel=0.01)


def test_a_map_without_roads_has_no_blocks():
    assert true_blocks(grid_ways(5).iloc[:0]) == ()
