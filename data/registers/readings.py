"""What all value readers share: the type of a reading, its context, and plain text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from data.profile import Profile
from data.registers.problem import Problem
from data.registers.result import Record
from data.registers.text import Cell, clean, is_null, is_overflow, is_scientific

Reading = Callable[[Cell], Record | Problem]


@dataclass(slots=True)
class Context:
    """What readings of a sheet may use besides the cell; ``notes`` collects what a person should know."""

    profile: Profile
    year: int | None = None
    title_factor: float = 1.0
    notes: list[str] = field(default_factory=list)
    split_doubts: list[str] = field(default_factory=list)
    phones_dropped: int = 0


def as_record(name: str, value: object) -> Record | Problem:
    if isinstance(value, Problem):
        return value
    return {} if value is None else {name: value}


def read_text(value: Cell) -> str | Problem | None:
    """The cell's text; null for null words; a problem where Excel has already lost the content."""
    text = clean(value)
    if is_null(text):
        return None
    if is_overflow(text):
        return Problem("是列宽不够时显示的“#”，原内容已丢失", "请填写原来的内容")
    if is_scientific(text) or (isinstance(value, float) and abs(value) >= 10**15):
        return Problem("是科学计数法，末尾数字可能已丢失", "请把单元格设为文本格式，重新填写完整内容")
    return text
