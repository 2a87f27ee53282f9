"""How long work reports what it is doing and learns that it should stop: the one place both sides agree on."""

from __future__ import annotations

from typing import Protocol


class Stopped(Exception):
    """Raised by slow work that was told to stop and has nothing to give yet; nothing was changed."""


class Progress(Protocol):
    """Given to every slow function. ``stopped`` turns true after Ctrl-C or the cancel button."""

    @property
    def stopped(self) -> bool: ...

    def update(self, share: float, text: str) -> None:
        """Say that ``share`` (0–1) of the work is done and what is being done now (Chinese)."""


class Silent:
    """Progress that nobody watches."""

    stopped = False

    def update(self, share: float, text: str) -> None:
        """Do nothing."""


SILENT = Silent()


class Share:
    """A stretch of a longer work's progress: what is 0 to 1 within it is ``begin`` to ``end`` of the whole."""

    def __init__(self, whole: Progress, begin: float, end: float) -> None:
        self._whole, self._begin, self._end = whole, begin, end

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    def update(self, share: float, text: str) -> None:
        """Say it of the whole."""
        self._whole.update(self._begin + (self._end - self._begin) * share, text)
