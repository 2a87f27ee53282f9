"""Names of roads, waters and places brought to forms in which they can be compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

ROAD_ENDINGS: Final = (
    "高架道路", "快速通道", "快速干道", "高速公路", "辅道", "辅路", "高架路", "高架桥", "快速路", "立交桥", "高架", "大道",
    "大街", "公路", "干道", "干线", "胡同", "马路", "隧道", "大桥", "路桥", "路", "街", "道", "巷", "弄", "里", "桥", "线",
)  # fmt: skip
"""Endings that offices and maps write one for another, the longest first."""
WATER_ENDINGS: Final = ("河道", "水系", "江", "河", "溪", "港", "浜", "渠", "湖", "沟", "塘", "涌", "泾")
_RAIL_ENDINGS: Final = ("高速铁路", "客运专线", "铁路线", "铁路", "高铁", "货线")
_PLACE_ENDINGS: Final = ("住宅小区", "小区", "花园小区", "社区", "公寓", "家园", "新村", "苑", "院")
_ENDINGS: Final = sorted((*ROAD_ENDINGS, *WATER_ENDINGS, *_RAIL_ENDINGS, *_PLACE_ENDINGS), key=len, reverse=True)
_DIRECTIONS: Final = "东南西北中"
_NUMERALS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER: Final = re.compile(r"[零〇一二两三四五六七八九十]+")
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_FOREIGN: Final = re.compile(
    r"(?<=[一-鿿])[ ·/-]*[a-zà-ɏ][a-zà-ɏ .,'’-]{2,}$|^[a-zà-ɏ][a-zà-ɏ .,'’-]{2,}[ ·/-]+(?=[一-鿿])"
)
"""A name in Latin letters behind or before the Chinese one: 「人民路 Renmin Road」; not the letters of CBD大道 or G2公路."""
_NO_SIGN: Final = re.compile(r"[^\w一-鿿]+|_+")
_SECTION: Final = re.compile(r"^(.{2,}(?:路|街|道|线))(?:[东南西北中]段|[0-9]+段|段)$")
_PREFIX: Final = re.compile(r"^.{1,7}?(?:省|市|区|县|镇|乡|街道|开发区|新区)(?=.{2,}$)")
_LANE: Final = re.compile(r"^(.{2,}?(?:路|街|道|巷))([0-9]+(?:-[0-9]+)?(?:弄|号|巷|支弄|院)?)$")
_SEPARATORS: Final = re.compile(r"[;；/／|]")
_LONGEST: Final = 60
"""Longer texts are no name; they are cut before any comparison."""


@dataclass(frozen=True, slots=True)
class Form:
    """A name taken apart: 解放东路一段 is base 解放, infix 东, ending 路."""

    whole: str
    """`normal` form without section and prefix."""
    base: str
    infix: str
    ending: str


def split_names(text: str) -> tuple[str, ...]:
    """The names in one field of a map: 「甲路;乙路」 is two."""
    return tuple(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text) if part.strip()))


@lru_cache(maxsize=65536)
def normal(name: str) -> str:
    """A name without signs, blanks and brackets, half width, numerals as digits: 「第 一 大街（东侧）」 → 「第1大街」."""
    text = unicodedata.normalize("NFKC", name[:_LONGEST]).casefold()
    text = _FOREIGN.sub("", text)
    bare = _NO_SIGN.sub("", _BRACKETS.sub("", text)) or _NO_SIGN.sub("", text)
    return _NUMBER.sub(lambda found: _digits(found.group()), bare)


def in_brackets(name: str) -> tuple[str, ...]:
    """`normal` forms of what a map has in brackets behind a name: 「吴江（云河）」 is known as 云河 too."""
    found = _BRACKETS.findall(unicodedata.normalize("NFKC", name[:_LONGEST]).casefold())
    return tuple(plain for part in found if len(plain := normal(part[1:-1])) >= 2)


@lru_cache(maxsize=65536)
def form(name: str) -> Form:
    """A name taken apart for comparison with variants of itself."""
    whole = without_prefix(normal(name))
    section = _SECTION.match(whole)
    if section:
        whole = section.group(1)
    ending = next((e for e in _ENDINGS if _ends(whole, e)), "")
    base = whole[: len(whole) - len(ending)] if ending else whole
    infix = ""
    if ending in ROAD_ENDINGS and len(base) >= 3 and base[-1] in _DIRECTIONS:
        base, infix = base[:-1], base[-1]
    # 「解放路桥」, 「中山路高架」: the road's own ending stands before that of the structure.
    if ending in ("桥", "大桥", "高架", "高架路", "高架桥", "隧道", "立交桥", "辅道", "辅路") and len(base) >= 3:
        inner = form(base)
        if inner.ending in ROAD_ENDINGS:
            base, infix = inner.base, inner.infix
    return Form(whole, base, infix, ending)


def without_prefix(normal_name: str) -> str:
    """A `normal` name without a city's, district's or street's name before it."""
    found = _PREFIX.match(normal_name)
    rest = normal_name[found.end() :] if found else normal_name
    return rest if len(rest) >= 3 or not found else normal_name


def lane(name: str) -> tuple[str, str] | None:
    """Road and number of 「解放路1288弄」, ``None`` for other names."""
    found = _LANE.match(normal(name))
    return (found.group(1), found.group(2)) if found else None


def _ends(name: str, ending: str) -> bool:
    return len(name) > len(ending) and name.endswith(ending)


def _digits(text: str) -> str:
    """Chinese numerals up to 99 as digits; anything else sign by sign."""
    if text.count("十") == 1:
        tens, ones = text.split("十")
        if len(tens) <= 1 and len(ones) <= 1:
            return str((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))
    return "".join("10" if c == "十" else str(_NUMERALS[c]) for c in text)
