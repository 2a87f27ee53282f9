"""Whole 四至 texts with the names a person reads on each side; what no person could tell must stay unread.

sides_texts.txt: the text (⏎ stands for a line break), then indented ``E 甲 + 乙 | S 丙`` by side, ``-`` where no side is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.sides import Side, parse, pieces

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
