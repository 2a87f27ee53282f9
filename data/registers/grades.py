"""Readers of companies' grades as credit platforms print them (信用星级、等级、红黑榜)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from data.registers.mapping import ColumnSpec
from data.registers.problem import Problem
from data.registers.readings import Context, Reading, read_text
from data.registers.result import Record
from data.registers.text import Cell, clean, is_null, squeezed

_NUMERALS: Final = {sign: number for number, sign in enumerate("一二三四五六七八九", start=1)}
_STARRED: Final = re.compile(r"([一二三四五六七八九]|\d{1,2}(?:\.0)?)(?:星级?|颗星)(?:企业|物业服务企业)?")
_SIGNS: Final = re.compile(r"(?:评定为|评为)?([★⭐]+)[☆]*(?:级)?")
_LISTS: Final = {
    "red": ("红榜", "红", "红名单", "红榜企业", "列入红榜", "入红榜", "守信红榜", "诚信红榜"),
    "black": ("黑榜", "黑", "黑名单", "黑榜企业", "列入黑榜", "入黑榜", "失信黑榜", "失信黑名单"),
}
_LIST_OF: Final = {word: name for name, words in _LISTS.items() for word in words}
_NO_LIST: Final = frozenset({"未上榜", "未入榜", "未列入", "不在榜", "均未上榜", "普通", "其他", "白榜"})


def stars_of(text: str) -> int | Problem | None:
    """Stars that a text states (五星, 5星级, ★★★★☆ → 4); null where it states none (AAA, 优秀)."""
    bare = squeezed(text)
    starred, signs = _STARRED.fullmatch(bare), _SIGNS.fullmatch(bare)
    if starred:
        number = _NUMERALS.get(starred[1]) or int(float(starred[1]))
    elif signs:
        number = len(signs[1])
    else:
        return None
    if not 1 <= number <= 5:
        return Problem("信用星级不在一至五星之间", "请核对，写成“五星”这样的样子，没有评定的留空")
    return number


def make_stars(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """A column of stars: a bare number from 1 to 5 is so many stars; other words are kept as they are."""

    def read(value: Cell) -> Record | Problem:
        text = read_text(value)
        if text is None or isinstance(text, Problem):
            return text or {}
        bare = squeezed(text)
        stars = stars_of(f"{bare}星" if re.fullmatch(r"\d{1,2}(\.0)?|[一二三四五六七八九]", bare) else bare)
        if isinstance(stars, Problem):
            return stars
        return {"stars_text": text} if stars is None else {"stars": stars, "stars_text": text}

    return read


def make_grade(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """A column of grades: stars and lists where the words state them; the words themselves always."""

    def read(value: Cell) -> Record | Problem:
        text = read_text(value)
        if text is None or isinstance(text, Problem):
            return text or {}
        stars = stars_of(text)
        if isinstance(stars, Problem):
            return stars
        record: Record = {"grade_text": text}
        if stars is not None:
            record["stars"] = stars
        listed = _LIST_OF.get(squeezed(text))
        if listed is not None:
            record["credit_list"] = listed
        return record

    return read


def make_list(spec: ColumnSpec, title: str, column: Sequence[Cell], context: Context) -> Reading:
    """Red list, black list, or neither."""

    def read(value: Cell) -> Record | Problem:
        text = clean(value)
        bare = squeezed(text)
        if is_null(text) or bare in _NO_LIST:
            return {}
        listed = _LIST_OF.get(bare)
        if listed is None:
            return Problem("看不出是红榜还是黑榜", "请填“红榜”或“黑榜”，没有上榜的留空")
        return {"credit_list": listed}

    return read
