"""Whole 四至 texts with the names a person reads on each side; what no person could tell must stay unread.

sides_texts.txt: the text (⏎ stands for a line break), then indented ``E 甲 + 乙 | S 丙`` by side, ``-`` where no side is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sides import MAIN_SIDES, Side, parse, pieces

LETTERS = dict(zip(("E", "S", "W", "N", "NE", "SE", "SW", "NW"), Side, strict=True))


def _texts() -> list[tuple[str, dict[Side, list[str]]]]:
    lines = (Path(__file__).parent / "sides_texts.txt").read_text("utf-8").strip("\n").split("\n")
    out = []
    for text, said in zip(lines[::2], lines[1::2], strict=True):
        groups = [group.strip().split(" ", 1) for group in said.split("|") if said.strip() != "-"]
        out.append((text.replace("⏎", "\n"), {LETTERS[letters]: names.split(" + ") for letters, names in groups}))
    return out


@pytest.mark.parametrize(("text", "names"), _texts())
def test_a_text_gives_the_names_a_person_reads(text: str, names: dict[Side, list[str]]) -> None:
    read = parse(text)
    assert {side: [part.name for part in parts] for side, parts in read.sides.items()} == names
    assert "".join(words for words, _, _ in pieces(read)) == text
    if not names and not read.attached:
        assert read.unread


def _words(text: str) -> list[str]:
    return text.split()


NAMES = _words(
    "临江路 至善路 接龙街 邻里路 沿河路 起凤街 靠山屯 以文路 与民路 东门南街 西部大道 东方红大道 中东路 南北高架路 东西大街 "
    "河南中路 西藏中路 南京东路 北京西路 东城路 太阳山路 延安东路 老城墙 护城河 为民巷 望江西路 连云路 北新街 一环路 A2路"
)


@given(
    st.permutations(list(MAIN_SIDES)),
    st.lists(st.sampled_from(NAMES), min_size=4, max_size=4, unique=True),
    st.sampled_from(["{}至{}", "{}侧为{}", "{}：{}", "{}边是{}", "{}以{}为界", "{}侧紧邻{}", "{}抵{}"]),
    st.sampled_from(["，", "；", "。", "\n", "，\n"]),
)
@settings(max_examples=150, deadline=None)
def test_names_with_directions_and_verbs_are_read_back(
    sides: list[Side], names: list[str], form: str, mark: str
) -> None:
    text = mark.join(form.format(side.label, name) for side, name in zip(sides, names, strict=True))
    said = {side: [part.name for part in parts] for side, parts in parse(text).sides.items()}
    assert said == {side: [name] for side, name in zip(sides, names, strict=True)}, text


@given(
    st.permutations(list(MAIN_SIDES)),
    st.lists(st.sampled_from(NAMES), min_size=4, max_size=4, unique=True),
    st.sampled_from(["，", "；", "。", "\n"]),
)
@settings(max_examples=150, deadline=None)
def test_bare_directions_give_the_right_sides_or_none(sides: list[Side], names: list[str], mark: str) -> None:
    text = mark.join(side.label + name for side, name in zip(sides, names, strict=True))
    for side, parts in parse(text).sides.items():
        assert [part.name for part in parts] == [names[sides.index(side)]], text
