"""Outlines from bad input: a clear outcome for each, in bounded time, without a crash."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.blocks import Gazetteer, Outline, outline, resolve
from geo.sides import parse
from geo.sides.types import BoundaryText, Part, PartKind
from tests.geo.blocks_town import (
    E,
    N,
    S,
    W,
    block_of,
    draw,
    gazetteer,
    grid,
    in_metres,
    iou,
    on_ground,
    place,
    said,
    way,
    ways,
)

COLUMNS = {"青年路": 0.0, "解放路": 300.0}
ROWS = {"人民街": 0.0, "建设大道": 200.0}
SIDES = {E: "解放路", S: "人民街", W: "青年路", N: "建设大道"}
TRUTH = shapely.box(0, 0, 300, 200)
MIDDLE = (150.0, 100.0)


def test_a_gazetteer_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one way or place"):
        Gazetteer.of(ways([]))


def test_a_city_of_places_only_answers_without_a_polygon() -> None:
    town = Gazetteer.of(ways([]), places={"幸福花园": on_ground(shapely.box(0, 0, 100, 100))})
    found = draw(SIDES, town, MIDDLE)
    assert found.candidates == () and found.notes


def test_ways_without_names_or_with_strange_ones_do_no_harm() -> None:
    rows = [
        *grid(COLUMNS, ROWS),
        way(None, [(0, 50), (300, 50)]),
        way("；;  ", [(50, 0), (50, 200)]),
        way("\x00", [(9, 9), (8, 8)]),
    ]
    assert iou(block_of(draw(SIDES, gazetteer(rows), MIDDLE)), TRUTH) > 0.99


def test_every_side_the_same_road() -> None:
    found = draw(dict.fromkeys((E, S, W, N), "解放路"), gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert all(c.evidence.share_min < 0.5 or c.evidence.n_resolved < 4 for c in found.candidates)


def test_hundreds_of_names_on_a_side_are_cut_with_a_note() -> None:
    names = [f"第{k}号大道" for k in range(400)]
    found = draw({**SIDES, N: ["建设大道", *names]}, gazetteer(grid(COLUMNS, ROWS)), MIDDLE)
    assert any("超过 12 个" in note for note in found.notes)
    assert found.best is not None and found.best.evidence.quality_min < 0.2


def test_names_that_may_each_mean_many_roads_stay_bounded() -> None:
    rows = [
        way(f"{c}山路", [(40 * k, -600), (40 * k, 900)])
        for k, c in enumerate("甲丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌")
    ]
    rows += [
        way(f"{c}江街", [(-600, 40 * k), (900, 40 * k)])
        for k, c in enumerate("甲丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌")
    ]
    found = draw({E: "泰山路", W: "华山路", S: "长江街", N: "珠江街"}, gazetteer(rows), MIDDLE)
    assert len(found.candidates) <= 4
    assert all(c.evidence.n_parts_tied > 0 for c in found.candidates)


def test_a_line_of_a_hundred_thousand_points() -> None:
    x = np.linspace(-600, 900, 100_000)
    wavy = np.column_stack([300 + 0.5 * np.sin(x), x])
    rows = [r for r in grid(COLUMNS, ROWS) if r["name"] != "解放路"]
    rows.append({**way("解放路", [(0, 0), (1, 1)]), "geometry": on_ground(shapely.LineString(wavy))})
    found = draw(SIDES, gazetteer(rows), MIDDLE)
    assert iou(block_of(found), TRUTH) > 0.98
    assert found.best is not None and found.best.geometry.is_valid


@pytest.mark.parametrize("point", [(float("nan"), 30.0), (float("inf"), float("inf")), None])
def test_a_point_that_is_no_number_counts_as_none(point: tuple[float, float] | None) -> None:
    town = gazetteer(grid(COLUMNS, ROWS))
    found = outline(resolve(said(SIDES), point, town), area_m2=None, point=point, gazetteer=town)
    assert not found.point_used and iou(block_of(found), TRUTH) > 0.99


@pytest.mark.parametrize("point", [(0.0, 0.0), (-170.0, 80.0), (111.0, -30.0)])
def test_a_point_in_another_country_gives_no_polygon(point: tuple[float, float]) -> None:
    town = gazetteer(grid(COLUMNS, ROWS))
    found = outline(resolve(said(SIDES), point, town), area_m2=None, point=point, gazetteer=town)
    assert found.candidates == () and found.notes


@pytest.mark.parametrize("area", [0.0, -5.0, float("nan"), float("inf"), 1e-9, 1e15])
def test_an_impossible_area_never_hides_the_block(area: float) -> None:
    found = draw(SIDES, gazetteer(grid(COLUMNS, ROWS)), MIDDLE, area_m2=area)
    assert any(iou(shapely.box(0, 0, 300, 200), b) > 0.99 for b in _blocks(found))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "东至",
        "东至东至东至",
        "east to X road",
        "\x00\x07",
        "东至解放路" * 2000,
        "，、。；" * 500,
        "详见附图",
    ],
)
def test_texts_of_all_sorts_have_an_outcome(text: str) -> None:
    town = gazetteer(grid(COLUMNS, ROWS))
    parsed = parse(text)
    found = outline(resolve(parsed, place(*MIDDLE), town), area_m2=None, point=place(*MIDDLE), gazetteer=town)
    assert found.candidates or found.notes


def test_lines_over_each_other_and_of_no_length() -> None:
    rows = [*grid(COLUMNS, ROWS), *grid(COLUMNS, ROWS), way("解放路", [(300, 50), (300, 50.0001)])]
    assert iou(block_of(draw(SIDES, gazetteer(rows), MIDDLE)), TRUTH) > 0.99


def test_a_part_with_an_empty_name() -> None:
    town = gazetteer(grid(COLUMNS, ROWS))
    empty = BoundaryText("", {E: (Part("", PartKind.OTHER, 0, 0),), S: (Part("人民街", PartKind.ROAD, 0, 3),)})
    found = outline(resolve(empty, place(*MIDDLE), town), area_m2=None, point=place(*MIDDLE), gazetteer=town)
    assert found.candidates == () and found.notes


def _blocks(found: Outline) -> list[shapely.Geometry]:
    return [in_metres(c.block) for c in found.candidates]


def test_names_beyond_the_window_are_no_crash() -> None:
    """The named road is 4 km away: found, but nothing round the point can be measured against it."""
    rows = [*grid(COLUMNS, ROWS), way("远方路", [(4300, -500), (4300, 900)])]
    found = draw(dict.fromkeys((E, S, W, N), "远方路"), gazetteer(rows), MIDDLE)
    assert found.best is None and any("离坐标点最近处有 4.1 公里" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [("四至范围详见附图", "见附图"), ("，。；、", "没有读出任何一侧"), ("东至，南至，西至，北至", "没有读出任何一侧")],
)
def test_a_text_without_sides_says_so(text: str, words: str) -> None:
    point = place(*MIDDLE)
    town = gazetteer(grid(COLUMNS, ROWS))
    found = outline(resolve(parse(text), point, town), area_m2=None, point=point, gazetteer=town)
    assert found.candidates == () and any(words in note for note in found.notes)
