"""How much explaining may look at before it tells upper limits instead of exact numbers."""

from __future__ import annotations

from typing import Final

_WORK_OF_ONE: Final = 60_000
"""Rows looked at to find the largest bundle round one estate; beyond, an upper limit is told as such."""
_WORK: Final = 1_000_000
"""Rows looked at for all estates together: some seconds."""


class Work:
    """What may still be looked at, for all pools of a plan together: a guard that does not depend on the machine."""

    def __init__(self, left: int = _WORK) -> None:
        self.left = left

    def share(self) -> Box:
        """The work for one question; what is used of it is taken off here in the end."""
        return Box(self, min(_WORK_OF_ONE, self.left))


class Box:
    """Work for one question."""

    def __init__(self, whole: Work, left: int) -> None:
        self._whole, self._given, self.left = whole, left, left

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self._whole.left -= self._given - self.left
