"""How a boundary of a file came about: surveyed, or drawn by hand; read from a column, else from the file's name."""

from __future__ import annotations

import re
from typing import Final

from data.geofiles import columns as c

SOURCE: Final = ("来源", "边界来源", "数据来源", "图形来源", "绘制方式", "采集方式", "采集方法", "获取方式", "source")
CONFIDENCE: Final = ("可信度", "边界可信度", "置信度", "confidence")
SURVEY: Final = "survey"
DRAWN: Final = "drawn"

_WORDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("derived", ("推算", "推断", "自动生成", "缓冲", "derived")),
    ("text", ("四至", "文字", "text")),
    (
        DRAWN,
        (
            "手绘", "手工", "人工", "目测", "示意", "勾绘", "勾画", "勾图", "草图", "描绘", "描图", "目视", "影像", "解译", "估",
            "大致", "drawn", "sketch", "draft", "digiti",
        ),
    ),
    (
        SURVEY,
        (
            "测绘", "实测", "勘测", "测量", "勘界", "竣工", "宗地", "地籍", "不动产", "红线", "规划", "图纸", "cad", "dwg", "dxf",
            "survey", "measured", "cadast",
        ),
    ),
)  # fmt: skip
"""Words and what they mean, the weaker source first: 测绘底图上勾绘 was drawn, whatever lay beneath."""


_MAP_PROGRAMS: Final = re.compile(r"\.km[lz](/|$)")
_MEASURED: Final = (
    "测绘", "实测", "勘测", "测量", "勘界", "竣工", "宗地", "地籍", "不动产", "survey", "measured", "cadast",
)  # fmt: skip
"""Words in a name by which a file of a map program counts as a survey; a 红线 there is as often drawn by hand."""


def source_of_cell(value: object) -> str | None:
    """Source that a cell names; ``None`` if it is empty or says something else (a web map, a department)."""
    plain = (c.text(value) or "").lower()
    return next((source for source, words in _WORDS if any(word in plain for word in words)), None) if plain else None


def source_of_name(*names: str) -> str:
    """Source that the names of a file and a layer tell: drawn by hand if one says so, else a survey or drawing file.

    KML and KMZ are drawn by hand in map programs nearly always: they count as surveys only if a name says so.
    """
    words = dict(_WORDS)[DRAWN]
    plain = " ".join(names).lower()
    certain = [word for word in words if word not in ("人工", "影像", "估", "大致", "digiti")]
    if any(word in plain for word in certain):
        return DRAWN
    by_hand = any(_MAP_PROGRAMS.search(name.lower()) for name in names)
    return DRAWN if by_hand and not any(word in plain for word in _MEASURED) else SURVEY
