"""Slow work beside the page: in a thread of its own, with its progress, stopped by a button; the page stays usable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from geo.errors import InputError
from geo.progress import Progress, Stopped

_LOG = logging.getLogger("wuyetu")
T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work that has begun.

    Parameters
    ----------
    title
        What is being done, Chinese.
    work
        The work itself; it is given the progress to report to and to be stopped by.
    """

    def __init__(self, title: str, work: Callable[[Progress], T]) -> None:
        self.title = title
        self.share = 0.0
        self.text = "正在开始"
        self.stopped = False
        self.dropped = False
        """Stopped, and what came out so far is not wanted either."""
        self.seconds = 0.0
        self._began = monotonic()
        self._result: T | None = None
        self._error: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name=f"job {title}", daemon=True)
        self._thread.start()

    def update(self, share: float, text: str) -> None:
        """Progress, as `geo.progress.Progress` wants it."""
        self.share, self.text = min(max(share, 0.0), 1.0), text

    def stop(self, *, drop: bool = False) -> None:
        """Ask the work to end soon with what it has; with ``drop`` that is thrown away."""
        self.dropped = self.dropped or drop
        self.stopped = True

    @property
    def ended(self) -> bool:
        """It has come to an end, well or not."""
        return self._ended.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self.seconds if self.ended else monotonic() - self._began

    @property
    def failed(self) -> Exception | None:
        """What went wrong: `InputError` for a user, anything else is in the log; ``None`` while nothing has."""
        return self._error

    def result(self) -> T:
        """What came out; waits for it.

        Raises
        ------
        Exception
            What the work raised.
        """
        self._ended.wait()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it has ended."""
        return self._ended.wait(seconds)

    def _run(self, work: Callable[[Progress], T]) -> None:
        try:
            self._result = work(self)
        except (InputError, Stopped) as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 – whoever asks for the result is told; a thread has nobody to raise to
            _LOG.exception("%s failed", self.title)
            self._error = error
        finally:
            self.seconds = monotonic() - self._began
            self._ended.set()
