"""Names of a text found on the map: the kind of match, its quality, and what is left open."""

from __future__ import annotations

import pytest
import shapely

from geo.blocks import MatchKind, Resolved, ResolvedPart, resolve
from geo.blocks.names import form, normal, split_names
from geo.blocks.similar_names import likeness
from geo.sides.types import Part, PartKind
from tests.geo.blocks_town import E, S, W, gazetteer, on_ground, place, said, way

HERE = place(0, 0)


def look(name: str | Part, names: list[str], point: tuple[float, float] | None = HERE, **more: object) -> ResolvedPart:
    """The name looked up in a town whose roads bear the names, 100 m apart."""
    rows = [way(other, [(-500, 100 * k), (500, 100 * k)]) for k, other in enumerate(names)]
    return resolve(said({E: name}), point, gazetteer(rows, **more)).parts[0]


@pytest.mark.parametrize(
    ("name", "on_map", "kind"),
    [
        ("解放路", "解放路", MatchKind.EXACT),
        ("第一大街", "第1大街", MatchKind.NORMAL),
        ("纬十二路", "纬12路", MatchKind.NORMAL),
        ("解放　路", "解放路", MatchKind.NORMAL),
        ("复兴路隧道", "复兴路隧道 (下层)", MatchKind.NORMAL),
        ("云山市解放路", "解放路", MatchKind.PREFIX),
        ("解放路", "云山区解放路", MatchKind.PREFIX),
        ("人民路东段", "人民路", MatchKind.PREFIX),
        ("解放大道", "解放路", MatchKind.SUFFIX),
        ("内环路", "内环高架路", MatchKind.SUFFIX),
        ("解放路", "解放东路", MatchKind.INFIX),
        ("解放中路", "解放路", MatchKind.INFIX),
        ("解放路1288弄", "解放路", MatchKind.LANE),
        ("解方路", "解放路", MatchKind.SOUND),
        ("城南路", "陈兰路", MatchKind.NEAR_SOUND),
        ("建没大道", "建设大道", MatchKind.EDIT),
    ],
)
def test_kinds_of_match(name: str, on_map: str, kind: MatchKind) -> None:
    found = look(name, [on_map, "朱雀街"])
    assert found.chosen and found.matches[0].name == on_map
    assert found.matches[0].kind is kind
    assert (found.matches[0].quality == 1.0) is (kind is MatchKind.EXACT)


def test_qualities_fall_with_the_kind() -> None:
    names = [("解放路", "解放路"), ("解放大道", "解放路"), ("解放东路", "解放路"), ("建没大道", "建设大道")]
    qualities = [look(name, [on_map]).matches[0].quality for name, on_map in names]
    assert qualities == sorted(qualities, reverse=True) and qualities[-1] < 0.8


def test_a_lane_on_the_map_is_taken_before_its_road() -> None:
    lane = Part("解放路", PartKind.ROAD, 0, 3, number="1288弄")
    on_map = look(lane, ["解放路", "解放路 1288 弄"])
    assert on_map.chosen and on_map.matches[0].name == "解放路 1288 弄"
    without = look(lane, ["解放路"])
    assert (without.matches[0].name, without.matches[0].kind) == ("解放路", MatchKind.LANE)
    assert without.matches[0].quality < 0.8


def test_former_names_come_from_the_table() -> None:
    found = look("中正路", ["解放路", "人民街"], aliases=[("中正路", "解放路")])
    assert found.chosen and (found.matches[0].name, found.matches[0].kind) == ("解放路", MatchKind.FORMER)


def test_equally_likely_names_stay_open_with_the_first_three_offered() -> None:
    found = look("南山路", ["南川路", "南昌路", "香山路"])
    assert not found.chosen and found.tied
    assert {m.name for m in found.matches[:3]} == {"南川路", "南昌路", "香山路"}
    assert "南山路" in found.why


def test_sections_of_one_road_are_all_kept() -> None:
    found = look("解放路", ["解放东路", "解放西路"])
    assert {m.name for m in found.matches} == {"解放东路", "解放西路"} and not found.chosen


def test_an_exact_name_beats_any_likeness() -> None:
    found = look("解放路", ["解方路", "解放路", "解放东路"])
    assert found.chosen and [m.name for m in found.matches] == ["解放路"]


def test_a_name_of_another_side_is_no_misspelling() -> None:
    rows = [way("南码头路", [(-500, 0), (500, 0)]), way("人民街", [(0, -500), (0, 500)])]
    found = resolve(said({W: "南码头路", S: "南码头支路"}), HERE, gazetteer(rows))
    by_name = {part.part.name: part for part in found.parts}
    assert by_name["南码头支路"].matches == () and "南码头支路" in by_name["南码头支路"].why
    assert by_name["南码头路"].chosen


def test_names_that_differ_in_a_number_or_direction_are_hardly_alike() -> None:
    for name, other in (("纬三路", "纬五路"), ("城东路", "城西路"), ("新华支路", "新华路")):
        like = likeness(name, other)
        assert like is None or like[1] < 0.65
    wrong_character = likeness("建没大道", "建设大道")
    assert wrong_character is not None and wrong_character[1] > 0.65


def test_a_name_far_away_is_reported_with_its_distance() -> None:
    rows = [way("解放路", [(9000, 0), (9000, 500)]), way("人民街", [(0, 0), (500, 0)])]
    found = resolve(said({E: "解放路"}), HERE, gazetteer(rows)).parts[0]
    assert found.matches == () and "9.0 公里" in found.why


def test_the_radius_grows_for_a_name_beyond_the_near_circle() -> None:
    rows = [way("解放路", [(3000, 0), (3000, 500)])]
    found: Resolved = resolve(said({E: "解放路"}), HERE, gazetteer(rows))
    assert found.radius_m == 5000 and found.parts[0].matches[0].quality < 1.0
    assert any("1.5 公里以外" in note for note in found.notes)


def test_a_wall_or_open_land_is_not_looked_up() -> None:
    wall = Part("小区围墙", PartKind.WALL, 0, 4)
    found = look(wall, ["小区路"])
    assert found.matches == () and "没有名称" in found.why


def test_places_and_waters_are_found_by_their_kind() -> None:
    rows = [way("幸福路", [(-500, 0), (500, 0)]), way("清水河", [(-500, 100), (500, 100)], kind="river")]
    town = gazetteer(rows, places={"幸福花园": on_ground(shapely.box(0, 0, 50, 50))})
    sides = {E: Part("幸福花园", PartKind.PLACE, 0, 4), W: Part("清水河", PartKind.WATER, 0, 3)}
    found = resolve(said(sides), HERE, town)
    assert [p.matches[0].name for p in found.parts] == ["幸福花园", "清水河"]


def test_hostile_names_are_answered() -> None:
    for name in ("", " ", "\x00\x01", "a" * 10_000, "路" * 500, "🏠🏠", "(((", "%s%n", "ضفة", "１２３４５"):
        found = look(name, ["解放路"])
        assert found.matches == () or found.matches[0].quality <= 1.0


def test_two_names_in_one_field_are_two_features() -> None:
    assert split_names("解放路;中山路；解放路") == ("解放路", "中山路")
    assert look("中山路", ["解放路;中山路"]).matches[0].quality == 1.0


def test_forms_of_names() -> None:
    assert normal("第 二十三 大街（东侧）") == "第23大街"
    taken = form("解放东路桥")
    assert (taken.base, taken.infix) == ("解放", "东")
    assert form("南京西路").base == "南京" and form("东方路").base == "东方"


@pytest.mark.parametrize(
    "on_map",
    ["解放路 Jiefang Road", "解放路Jiefang Lu", "Jiefang Rd 解放路", "解放路 / Jiefang Road", "解放路 (Jiefang Rd.)"],
)
def test_a_map_in_two_languages(on_map: str) -> None:
    assert look("解放路", [on_map, "人民街 Renmin Street"]).matches[0].name == split_names(on_map)[0]


def test_letters_that_belong_to_a_name_stay() -> None:
    assert normal("CBD大道") == "cbd大道" and normal("G2公路") == "g2公路" and normal("A路") == "a路"


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("景沙公租房小区", "盛苑公租房小区", False),
        ("景沙公租房小区", "景少公租房小区", True),
        ("幸福家园", "美丽家园", False),
        ("福临家园", "福林家园", True),
    ],
)
def test_the_word_that_many_places_end_in_makes_no_two_alike(name: str, other: str, alike: bool) -> None:
    assert (likeness(name, other) is not None) is alike
