"""What holds for every 四至 text: places in the text, nothing lost, no side flipped in silence, doubts said, JSON."""

from __future__ import annotations

import itertools
import json

import pytest

from geo.sides import MAIN_SIDES, LineKind, PartKind, Side, parse, pieces


def _names(text: str) -> dict[Side, list[str]]:
    return {side: [part.name for part in parts] for side, parts in parse(text).sides.items()}


def _spans(text: str) -> list[str]:
    return [text[part.start : part.end] for parts in parse(text).sides.values() for part in parts]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("东至明德路，西至春晖路", ["明德路", "春晖路"]),
        ("東　至 明德路（含）；西至１２８８弄", ["明德路（含）", "１２８８弄"]),
        ("①东至“锦绣”花园西围墙②南至路", ["锦绣”花园西围墙", "路"]),
        ("东南西北分别为甲乙路、丙丁街、戊己巷、庚辛河", ["甲乙路", "丙丁街", "戊己巷", "庚辛河"]),
        ("春晖路以东、明德路东侧", ["春晖路以东", "明德路东侧"]),
        ("东与锦绣小区相邻，西以铁路为界", ["锦绣小区", "铁路"]),
        ("东至明德路与文昌街交叉口", ["明德路与文昌街交叉口"]),
        ("东至明德\n路，西至春晖路", ["明德\n路", "春晖路"]),
        ("东\u200b至\x00明\u200b德路", ["明\u200b德路"]),
    ],
)
def test_a_span_is_the_place_of_the_part_in_the_original_text(text: str, spans: list[str]) -> None:
    assert _spans(text) == spans


def test_shared_sides_point_to_the_same_words() -> None:
    read = parse("东、北至明德路，南、西至围墙")
    assert read.sides[Side.EAST] == read.sides[Side.NORTH]
    assert [part.name for part in read.sides[Side.SOUTH]] == ["围墙"]


def test_the_order_of_the_sides_is_the_order_of_the_text() -> None:
    assert list(parse("北至甲乙路，西至丙丁路，东至戊己路").sides) == [Side.NORTH, Side.WEST, Side.EAST]


@pytest.mark.parametrize("word", ["以东", "东侧", "东面", "东边", "之东", "东", "以东区域", "以东的地块"])
def test_a_direction_behind_the_name_puts_the_road_on_the_other_side_and_says_so(word: str) -> None:
    read = parse(f"明德路{word}")
    assert _names(f"明德路{word}") == {Side.WEST: ["明德路"]}
    assert read.flipped == {Side.WEST}


@pytest.mark.parametrize("word", ["以东", "东侧", "东边", "以西", "西侧"])
def test_after_a_direction_the_side_of_the_road_does_not_flip(word: str) -> None:
    read = parse(f"东至明德路{word}")
    part = read.sides[Side.EAST][0]
    assert (part.name, part.far_side, read.flipped) == ("明德路", Side.EAST if "东" in word else Side.WEST, frozenset())


@pytest.mark.parametrize("order", list(itertools.permutations("东南西北")))
def test_a_list_follows_its_own_order(order: tuple[str, ...]) -> None:
    names = ["甲子路", "乙丑街", "丙寅巷", "丁卯河"]
    labels = {side.label: side for side in MAIN_SIDES}
    expected = {labels[sign]: [name] for sign, name in zip(order, names, strict=True)}
    assert _names(f"{'、'.join(order)}分别至{'、'.join(names)}") == expected
    assert _names(f"{''.join(order)}依次为{'，'.join(names)}。") == expected


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("东至明德路，西至明德路", "东侧和西侧都是“明德路”"),
        ("南至明德路，北至明德路、文昌街", "北侧和南侧都是“明德路”"),
        ("东至明德路，东至文昌街", "东侧写了2次"),
        ("东至明德路，西至春晖路，北至文昌街", "没有读出南侧"),
        ("东至明德路延长线", "延长线"),
        ("东至明德路北侧", "方向不一致"),
        ("东至明德路，西春晖路，南至文昌街，北至长虹路", "按西侧读"),
        ("东至明德路30米", "没有说明从哪里量起"),
        ("东至明德路文昌街，西至春晖路", "可能是两条路"),
    ],
)
def test_doubts_are_said(text: str, warning: str) -> None:
    assert any(warning in words for words in parse(text).warnings)


def test_a_clear_text_raises_no_doubt() -> None:
    read = parse("东至明德路，南至文昌街，西至春晖路，北至长虹路")
    assert (read.warnings, read.unread, read.attached, read.flipped) == ((), (), False, frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "明德路、文昌街、春晖路、长虹路",
        "东方路，西安路，南京路，北京路",
        "以明德路、文昌街、春晖路、长虹路为界",
        "明德路与文昌街交叉口东北侧",
        "明德路东西两侧",
        "从东至西为明德路至春晖路",
        "沿明德路向南至文昌街，再向西至春晖路",
        "东西长200米，南北宽100米",
        "春晖路以东为明德路",
        "明德路（东侧）、春晖路（西侧）",
        "Bounded by Main Street to the east",
        "東京都千代田区丸の内",
        "東は国道、西は川",
    ],
)
def test_what_states_no_side_gives_none(text: str) -> None:
    read = parse(text)
    assert not read.sides
    assert read.unread


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("东、南至明德路、文昌路；西至春晖路", {Side.WEST: ["春晖路"]}),
        ("东至明德路东南至文昌街西至春晖路", {Side.EAST: ["明德路"], Side.WEST: ["春晖路"]}),
        (
            "东至明德路、南昭阳路、西至春晖路、北至长虹路",
            {Side.EAST: ["明德路"], Side.WEST: ["春晖路"], Side.NORTH: ["长虹路"]},
        ),
        (
            "东至明德路，西土台路，南至文昌路，西至春晖路",
            {Side.EAST: ["明德路"], Side.SOUTH: ["文昌路"], Side.WEST: ["春晖路"]},
        ),
        ("东至详见附图，西至春晖路", {Side.WEST: ["春晖路"]}),
        ("东至无，南至/，西至—，北至春晖路", {Side.NORTH: ["春晖路"]}),
        ("东至明德路或文昌街，西至春晖路", {Side.WEST: ["春晖路"]}),
    ],
)
def test_an_unclear_side_stays_out_and_the_others_are_read(text: str, sides: dict[Side, list[str]]) -> None:
    assert _names(text) == sides


def test_two_parcels_in_one_text_are_not_mixed() -> None:
    text = "一期：东至甲子路，南至乙丑路，西至丙寅路，北至丁卯路；二期：东至戊辰路，南至己巳路，西至甲子路，北至丁卯路"
    read = parse(text)
    assert not read.sides
    assert "不止一个地块" in read.unread[0].reason


def test_parts_carry_what_the_words_say() -> None:
    part = parse("东至规划明德路（不含，原中正路）东侧道路红线以西12.5米").sides[Side.EAST][0]
    assert part.name == "明德路"
    part = parse("西至明德路1288弄（含）").sides[Side.WEST][0]
    assert (part.name, part.number, part.included) == ("明德路", "1288弄", True)
    part = parse("南至淮河北岸").sides[Side.SOUTH][0]
    assert (part.name, part.kind, part.line, part.far_side) == ("淮河", PartKind.WATER, LineKind.EDGE, Side.NORTH)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("东至明德路以东50米", -50.0),
        ("东至明德路以西50米", 50.0),
        ("西至明德路以东50米", 50.0),
        ("西至明德路外扩5米", -5.0),
        ("南至明德路退界十五米", 15.0),
        ("北距明德路1.5公里", 1500.0),
        ("东侧30米为明德路", 30.0),
    ],
)
def test_distances_are_positive_towards_the_estate(text: str, metres: float) -> None:
    (parts,) = parse(text).sides.values()
    assert parts[0].offset_m == metres
    assert parts[0].name == "明德路"


def test_the_result_is_json() -> None:
    read = parse("东至明德路与文昌街交叉口（含），西至小区围墙，其余详见附图，啊啊")
    said = json.loads(json.dumps(read.as_dict(), ensure_ascii=False))
    assert said["sides"]["east"][0]["name"] == "明德路"
    assert said["sides"]["east"][0]["crossing"] == ["文昌街"]
    assert said["attached"] is True
    assert [words["text"] for words in said["unread"]] == ["啊啊"]


def test_pieces_colour_parts_and_unread_words() -> None:
    read = parse("锦绣花园：东至明德路，西、北至春晖路")
    assert [(words, side, bad) for words, side, bad in pieces(read) if side or bad] == [
        ("锦绣花园", None, True),
        ("明德路", Side.EAST, False),
        ("春晖路", Side.WEST, False),
    ]


@pytest.mark.parametrize("way", ["侧", "边", "边线"])
def test_the_side_of_a_road_before_a_comma_of_enumeration_opens_no_second_side(way: str) -> None:
    words = f"东至滨河路西{way}、南至建设路北{way}、西至文昌街东{way}、北至学府巷南{way}"
    parsed = parse(words)
    assert {side.label: [part.name for part in parts] for side, parts in parsed.sides.items()} == {
        "东": ["滨河路"], "南": ["建设路"], "西": ["文昌街"], "北": ["学府巷"],
    }  # fmt: skip
    assert parsed.unread == () and parsed.warnings == ()
