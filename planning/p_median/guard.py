"""When to end: the clock and the cancel button, asked between pieces of work counted otherwise."""

from __future__ import annotations

import time

from geo.progress import Progress


class Guard:
    """Time left of ``seconds`` from now on; over as well when the progress says stop."""

    def __init__(self, seconds: float, progress: Progress) -> None:
        self._begun = time.monotonic()
        self._end = self._begun + seconds
        self._progress = progress

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def part(self, share: float) -> Guard:
        """The same guard, ending already when this share of the time is used: for a phase that must leave some."""
        guard = Guard(0.0, self._progress)
        guard._end = self._begun + share * (self._end - self._begun)
        return guard

    def over(self) -> bool:
        return self._progress.stopped or self.left <= 0

    def stopped(self) -> bool:
        return self._progress.stopped

    def tell(self, share: float, text: str) -> None:
        self._progress.update(share, text)
