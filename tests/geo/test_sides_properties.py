"""Random 四至 texts: what is written is read back; nothing is lost; no text raises; time stays bounded."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sides import MAIN_SIDES, BoundaryText, Side, parse, pieces
from geo.sides.filler import is_filler
from geo.sides.normal import LIMIT, normalise


def words(text: str) -> list[str]:
    return text.split()


FIRST = words(
    "解放 青年 人民 建设 中山 南京 西安 东方 北苑 南湖 西藏 北京 东海 西湖 南阳 长江 黄河 学府 "
    "金桂 云山 临江 沿河 和平 同心 至善 靠山 为民 文昌 明德 新城 湖滨"
)
TURN = ["", "", "", "东", "西", "南", "北", "中", "一", "新"]
ROADS = ["路", "街", "大道", "大街", "巷"]
OTHERS = words(
    "幸福花园 金色家园小区 市第三中学 人民医院 护城河 青龙江 京杭运河 宁阳铁路 "
    "城北公园 东湖 南城菜市场 西苑新村 北门小学 东方明珠城 312国道 幸福里"
)
road = st.builds(
    lambda first, turn, end: first + turn + end, st.sampled_from(FIRST), st.sampled_from(TURN), st.sampled_from(ROADS)
)
name = st.one_of(road, road, st.sampled_from(OTHERS))
order = st.permutations(list(MAIN_SIDES))
VERBS = words("至 到 临 邻 靠 接 抵 侧为 侧至 面临 边： ： 侧紧邻 侧： 面为 :  侧毗邻 至： 侧是 边界至 直至")
SEPARATORS = ["，", "、", "；", "。", ",", ";", " ", "\n", "　", "，\n", "； ", "，以及"]
LABELS = ["", "四至：", "四至范围：", "用地四至为", "项目四至范围如下：", "1、", "（四至）", "物业管理区域："]
TAILS = ["", "。", "，", "范围内", "围合区域", "所围区域。", "为界"]


def _names(read: BoundaryText) -> dict[Side, list[str]]:
    return {side: [part.name for part in parts] for side, parts in read.sides.items()}


def _sound(read: BoundaryText) -> None:
    """Every sign is in a part, unread, or a filler; places are right; pieces give the text back."""
    text = read.text
    marks = []
    for parts in read.sides.values():
        assert parts
        for part in parts:
            assert 0 <= part.start < part.end <= len(text)
            assert part.name
            marks.append((part.start, part.end))
    for words in read.unread:
        assert text[words.start : words.end] == words.text != ""
        assert words.reason
        marks.append((words.start, words.end))
    ordered = sorted(set(marks))
    for (_, end), (start, _) in itertools.pairwise(ordered):
        assert end <= start, "places overlap"
    assert "".join(words for words, _, _ in pieces(read)) == text
    assert read.flipped <= set(read.sides)


@given(
    order,
    st.lists(name, min_size=4, max_size=4),
    st.sampled_from(VERBS),
    st.sampled_from(SEPARATORS),
    st.sampled_from(LABELS),
    st.sampled_from(TAILS),
)
@settings(max_examples=150, deadline=None)
def test_random_names_in_random_templates_are_read_back(
    sides: list[Side], names: list[str], verb: str, mark: str, label: str, tail: str
) -> None:
    text = label + mark.join(f"{side.label}{verb}{name}" for side, name in zip(sides, names, strict=True)) + tail
    read = parse(text)
    assert _names(read) == {side: [name] for side, name in zip(sides, names, strict=True)}, text
    assert not read.unread, text
    for side, words in zip(sides, names, strict=True):
        part = read.sides[side][0]
        assert text[part.start : part.end] == words
    _sound(read)


@given(
    order,
    st.lists(road, min_size=4, max_size=4, unique=True),
    st.sampled_from(["至", "临", "到", "邻", "侧为", "侧至"]),
)
@settings(max_examples=150, deadline=None)
def test_without_any_mark_roads_are_read_back_or_left(sides: list[Side], names: list[str], verb: str) -> None:
    text = "".join(f"{side.label}{verb}{name}" for side, name in zip(sides, names, strict=True))
    read = parse(text)
    assert _names(read) == {side: [name] for side, name in zip(sides, names, strict=True)}, text


@given(
    order,
    st.lists(st.lists(road, min_size=1, max_size=3, unique=True), min_size=4, max_size=4),
    st.sampled_from("、/和与及"),
)
@settings(max_examples=150, deadline=None)
def test_several_names_on_a_side_are_read_back(sides: list[Side], groups: list[list[str]], joint: str) -> None:
    text = "；".join(f"{side.label}至{joint.join(group)}" for side, group in zip(sides, groups, strict=True))
    read = parse(text)
    assert _names(read) == dict(zip(sides, groups, strict=True)), text


@given(
    order,
    st.lists(road, min_size=4, max_size=4, unique=True),
    st.sampled_from(["以{}", "{}侧", "之{}", "以{}侧"]),
    st.sampled_from(["，", "、", "；", ""]),
)
@settings(max_examples=150, deadline=None)
def test_statements_with_the_direction_behind_flip(sides: list[Side], names: list[str], form: str, mark: str) -> None:
    text = mark.join(f"{name}{form.format(side.label)}" for side, name in zip(sides, names, strict=True)) + "区域"
    read = parse(text)
    assert _names(read) == {side.opposite: [name] for side, name in zip(sides, names, strict=True)}, text
    assert read.flipped == set(MAIN_SIDES)


@given(
    order,
    st.lists(name, min_size=4, max_size=4),
    st.sampled_from(["分别为", "依次为", "分别至", "分别是"]),
    st.sampled_from(["、", "，", "；"]),
)
@settings(max_examples=120, deadline=None)
def test_lists_are_read_back(sides: list[Side], names: list[str], word: str, mark: str) -> None:
    text = "、".join(side.label for side in sides) + word + mark.join(names)
    assert _names(parse(text)) == {side: [name] for side, name in zip(sides, names, strict=True)}, text


LINES = {
    "": "unstated",
    "道路红线": "red_line",
    "红线": "red_line",
    "中心线": "centre",
    "中线": "centre",
    "围墙": "wall",
    "边线": "edge",
}


@given(
    st.sampled_from(MAIN_SIDES),
    road,
    st.sampled_from(list(LINES)),
    st.sampled_from(["", "（含）", "（不含）"]),
    st.sampled_from(["", "东侧", "西侧", "以南", "以北"]),
)
@settings(max_examples=150, deadline=None)
def test_attributes_are_read_back(side: Side, words: str, line: str, included: str, far: str) -> None:
    read = parse(f"{side.label}至{words}{line if not far else ''}{included}{far}，其他不详")
    part = read.sides[side][0]
    assert part.name == words
    assert part.line.value == (LINES[line] if not far else "unstated")
    assert part.included is {"": None, "（含）": True, "（不含）": False}[included]
    assert (part.far_side.label if part.far_side else "") == far.strip("以侧")
    assert not read.flipped


MIRROR = str.maketrans("东西", "西东")
SYMMETRIC = st.sampled_from(
    [
        "东至{}，西至{}",
        "东侧为{}；西侧为{}",
        "{}以东、{}以西",
        "东、西分别为{}、{}",
        "（东）{}（西）{}",
        "东至{}以西，西至{}以东",
        "{}东侧，{}西侧",
    ]
)
plain = st.builds(lambda a, b: a + b, st.sampled_from(words("解放 青年 人民 明德 文昌 学府")), st.sampled_from(ROADS))


@given(SYMMETRIC, plain, plain)
@settings(max_examples=120, deadline=None)
def test_exchanging_east_and_west_in_the_words_exchanges_the_sides(form: str, one: str, other: str) -> None:
    swap = {Side.EAST: Side.WEST, Side.WEST: Side.EAST}
    text = form.format(one, other)
    assert _names(parse(text.translate(MIRROR))) == {swap[s]: names for s, names in _names(parse(text)).items()}


FRAGMENTS = [
    *words("东 南 西 北 东南 至 临 以东 以西 侧 、 ， ； 。 （ ） "
        "解放路 人民街 河 围墙 红线 分别为 与 相邻 隔 50米 1号楼 # - 见附图 含 不含 规划 的 四至： 东至 西侧为 为界 小区"),
    "\n", " ", "\t", "\x00", "😀", "Main St", "َ", "𠮷",
]  # fmt: skip
SOUP = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join),
    st.text(alphabet="东南西北至、，（）以侧路街和与0123456789米号楼#-", max_size=80),
)


@given(SOUP)
@settings(max_examples=400, deadline=None)
def test_no_text_raises_and_nothing_is_lost(text: str) -> None:
    read = parse(text)
    _sound(read)
    json = read.as_dict()
    assert json["text"] == text
    if not read.sides and not read.attached:
        rest = [sign if sign.isalpha() else "，" for sign in text]
        for words in read.unread:
            rest[words.start : words.end] = "；" * (words.end - words.start)
        plain = normalise("".join(rest)).text
        assert is_filler(plain, 0, len(plain)), "signs that are neither read nor unread"


HOSTILE = [
    ("路", 10_000), ("东至", 5_000), ("东至解放路，", 1_700), ("解放路以东", 2_000), ("(", 10_000),
    ("（东）", 3_300), ("1", 10_000), ("1、", 5_000), ("1#、", 3_300), ("东南西北", 2_500),
    ("四至范围", 2_500), ("附图件", 3_300), (" ", 10_000), ("\x00", 10_000), ("😀", 10_000), ("，", 10_000),
    ("东、", 5_000), ("解放路和", 2_500), ("东隔", 5_000), ("以东为", 3_300), ("位于解放路以东", 1_400),
    ("东解放路、", 2_000), ("按东南西北", 2_000), ("东与解放路", 2_000), ("见附图", 3_300), ("（含）", 3_300),
    ("abc def ", 1_250),
]  # fmt: skip


@pytest.mark.parametrize(
    "text", [*(sign * count for sign, count in HOSTILE), "（" * 5_000 + "）" * 5_000, "东至解放路" + "（含）" * 3_300]
)
def test_ten_thousand_signs_take_bounded_time(text: str) -> None:
    started = time.process_time()
    read = parse(text)
    assert time.process_time() - started < 3.0
    _sound(read)


def test_a_million_signs_are_read_up_to_the_limit_and_the_rest_is_reported() -> None:
    text = "东至解放路，南至人民街；" * 90_000
    started = time.process_time()
    read = parse(text)
    assert time.process_time() - started < 6.0
    assert read.unread[-1].end >= len(text) - 1
    assert f"{LIMIT}" in read.unread[-1].reason


def test_ordinary_texts_are_fast() -> None:
    texts = [f"东至解放路，南至人民街{n}号，西至青年路（不含），北至建设大道道路红线" for n in range(300)]
    started = time.process_time()
    for text in texts:
        parse(text)
    assert time.process_time() - started < 3.0
