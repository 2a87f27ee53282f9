"""Former names of roads: some offices still write them, a table and the map know part of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from data.demo.network import Network
from data.demo.words import pairs
from data.demo.workbook import workbook

_SHARE: Final = 0.12
_USED_BY: Final = 0.3
"""Share of the texts whose writer still uses the old names."""
_OLD_WORDS: Final = (
    "红卫", "工农", "卫东", "永红", "东方红", "立新", "跃进", "前卫", "民权", "大庆", "朝阳门", "公园前", "育红", "先锋",
)  # fmt: skip
_SUFFIXES: Final = ("大道", "里弄", "路", "街", "巷")


@dataclass(frozen=True, slots=True)
class Former:
    """A road's old name, the year it went, and who still knows it."""

    name: str
    old: str
    year: int
    in_table: bool
    on_map: bool


def rename(network: Network, rng: np.random.Generator) -> list[Former]:
    """Some of the named roads with what they used to be called; no old name is the name of another road."""
    drivable = {edge.road for edge in network.drivable()}
    names = sorted({road.name for key, road in network.roads.items() if key in drivable and road.name})
    words = _old_words(rng)
    found: list[Former] = []
    used = set(names)
    for at in sorted(rng.permutation(len(names))[: max(3, round(len(names) * _SHARE))]):
        suffix = next((end for end in _SUFFIXES if names[at].endswith(end)), "路")
        old = next(word + suffix for word in words if word + suffix not in used)
        used.add(old)
        draw = rng.random()
        found.append(Former(names[at], old, int(rng.integers(1979, 2013)), bool(draw < 0.75), bool(draw > 0.5)))
    return found


def spoken(former: list[Former], n: int, rng: np.random.Generator) -> list[Mapping[str, str]]:
    """For each of ``n`` texts the names that its writer uses for roads, where they are not the present ones."""
    old = {item.name: item.old for item in former}
    return [old if writes else {} for writes in rng.random(n) < _USED_BY]


def write_former(path: Path, former: list[Former]) -> int:
    """旧路名对照.xlsx: the office's table of old and present names; the number of its rows."""
    rows = [item for item in former if item.in_table]
    with workbook(path) as (book, formats):
        sheet = book.add_worksheet("旧路名对照")
        sheet.merge_range(0, 0, 0, 4, "道路更名对照表", formats["title"])
        for column, (title, width) in enumerate(
            (("序号", 6), ("旧名", 18), ("现名", 18), ("更名年份", 10), ("备注", 16))
        ):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, title, formats["head"])
        for number, item in enumerate(rows, start=1):
            cells = (number, item.old, item.name, item.year, "")
            for column, value in enumerate(cells):
                write = sheet.write_number if isinstance(value, int) else sheet.write_string
                write(number + 1, column, value, formats["body"])
    return len(rows)


def _old_words(rng: np.random.Generator) -> Iterator[str]:
    order = list(_OLD_WORDS)
    rng.shuffle(order)
    yield from order
    yield from pairs(rng)
