"""Rates (收缴率): the scale of plain numbers is decided once per column, by evidence, and said aloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from data.registers.numbers import split_number
from data.registers.problem import Problem
from data.registers.text import Cell, clean, folded, is_null

ScaleName = Literal["share", "percent"]

_TENTHS = re.compile(r"([一二三四五六七八九十]|\d(?:\.\d)?|10)成([一二三四五六七八九半])?")
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九十", start=1)}
_MAJORITY = 0.8
_TOO_HIGH = Problem("超过 100%", "应在 0% 到 100% 之间，请核对")


class Scale(NamedTuple):
    """How plain numbers of a column are read; ``name`` null when the evidence does not decide."""

    name: ScaleName | None
    n_shares: int
    n_percents: int

    def note(self) -> str:
        """What was decided and why (Chinese)."""
        counted = f"0–1 之间的小数 {self.n_shares} 个，1–100 的数 {self.n_percents} 个"
        if self.name is None:
            return f"不带百分号的数无法判断是小数还是百分数（{counted}），这些行已退回"
        word, where = ("小数（0.95 = 95%）", "0–1") if self.name == "share" else ("百分数（95 = 95%）", "1–100")
        unanimous = not (self.n_shares and self.n_percents)
        return f"不带百分号的数按{word}读取（依据：{f'这些数都在 {where} 之间' if unanimous else counted}）"


def column_scale(values: Sequence[Cell]) -> Scale:
    """The scale of a column from its plain numbers; 0 and 1 alone are no evidence.

    A scale holds when at least 80 % of the numbers that tell (strictly between 0 and 1, or from above 1 to 100) agree.
    """
    numbers = [number for number in map(_plain_number, values) if number is not None]
    n_shares = sum(0 < number < 1 for number in numbers)
    n_percents = sum(1 < number <= 100 for number in numbers)
    total = n_shares + n_percents
    name: ScaleName | None = None
    if total and n_shares >= _MAJORITY * total:
        name = "share"
    elif total and n_percents >= _MAJORITY * total:
        name = "percent"
    return Scale(name, n_shares, n_percents)


def has_plain_numbers(values: Sequence[Cell]) -> bool:
    """Whether the column holds numbers without % at all, so that its scale matters."""
    return any(_plain_number(value) is not None for value in values)


def _plain_number(value: Cell) -> float | None:
    reading = split_number(value)
    return reading[0] if isinstance(reading, tuple) and not isinstance(reading, Problem) and reading[1] == "" else None


def read_rate(value: Cell, scale: ScaleName | None) -> float | Problem | None:
    """A share from 0 to 1: "95%", "九成五", "95" and 0.95 by the column's scale; null for null words.

    A number on the other side of 1 than its column is a fault, unless it is above 10: that can only be per cent.
    """
    if isinstance(value, str):
        text = re.sub(r"\s+", "", folded(clean(value)))
        if is_null(clean(value)):
            return None
        tenths = _TENTHS.fullmatch(text)
        if tenths:
            return _bounded(_of_tenths(tenths[1], tenths[2]))
        if text.startswith("百分之"):
            value = text.removeprefix("百分之") + "%"
    reading = split_number(value)
    if reading is None or isinstance(reading, Problem):
        return reading
    number, unit = reading
    if number < 0:
        return Problem("是负数", "应在 0% 到 100% 之间，请核对")
    if unit == "%":
        return _bounded(number / 100)
    if unit == "‰":
        return _bounded(number / 1000)
    if unit:
        return Problem("不是比率", "请写成 95%")
    return _by_scale(number, scale)


def _by_scale(number: float, scale: ScaleName | None) -> float | Problem:
    if number == 0:
        return 0.0
    if number > 100:
        return _TOO_HIGH
    if number > 10:
        return number / 100
    if scale == "share" and number <= 1:
        return number
    if scale == "percent" and number > 1:
        return number / 100
    return Problem(f"分不清是 {number:.4g}% 还是 {number * 100:.4g}%", "请带百分号填写，如 95%")


def _of_tenths(tenths: str, rest: str | None) -> float:
    whole = float(_DIGITS[tenths]) if tenths in _DIGITS else float(tenths)
    tail = 0.5 if rest == "半" else _DIGITS[rest] / 10 if rest else 0.0
    return (whole + tail) / 10


def _bounded(share: float) -> float | Problem:
    return round(share, 10) if share <= 1 else _TOO_HIGH
