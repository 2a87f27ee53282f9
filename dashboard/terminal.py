"""The terminal as an edge: progress bars and messages on stderr, JSON on stdout, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from tqdm import tqdm


def say(text: str) -> None:
    """A message for the person at the terminal (stderr); when nobody reads it any more, the work goes on."""
    if sys.stderr is None:  # closed by whoever started this (``2>&-``)
        return
    with suppress(BrokenPipeError):
        tqdm.write(_encodable(text), file=sys.stderr)


def print_json(body: Mapping[str, Any]) -> None:
    """The one JSON object of a command, on stdout: Chinese as it is where the output can hold it, else escaped.

    A reader that has gone away (``| head``) is no fault of the command.

    Raises
    ------
    OSError
        If stdout cannot take it, e.g. a full disk.
    """
    if sys.stdout is None:  # closed by whoever started this (``>&-``)
        return
    line = json.dumps(body, ensure_ascii=False, allow_nan=False, default=str)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(body, allow_nan=False, default=str)
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError as error:
        # Python flushes stdout once more when it ends, which must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def _encodable(text: str) -> str:
    """The text without what no encoding holds: bytes of odd file names, shown as ``\\udc..``."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class TerminalProgress:
    """A progress bar; ``stopped`` turns true after the first Ctrl-C."""

    def __init__(self, title: str) -> None:
        self.stopped = False
        self._bar = tqdm(
            total=100,
            desc=title,
            file=sys.stderr,
            leave=False,
            disable=sys.stderr is None or not sys.stderr.isatty(),
            bar_format="{desc} {bar} {n:.0f}% {postfix} 已用{elapsed} 约剩{remaining}",
        )

    def update(self, share: float, text: str) -> None:
        """Move the bar to a share (0–1) and say what is being done."""
        self._bar.n = round(100 * min(max(share, 0.0), 1.0), 1)
        self._bar.set_postfix_str(text)

    def close(self) -> None:
        self._bar.close()


@contextmanager
def progress(title: str, *, stoppable: bool = True) -> Iterator[TerminalProgress]:
    """A bar for slow work.

    Parameters
    ----------
    stoppable
        The first Ctrl-C asks the work to stop with what it has, the second breaks it off. Otherwise the first one
        breaks it off (work that is all or nothing).
    """
    bar = TerminalProgress(title)

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        if bar.stopped or not stoppable:
            raise KeyboardInterrupt
        bar.stopped = True
        say("正在停止，保留已完成的部分……（再按一次 Ctrl-C 立即中断）")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield bar
    finally:
        signal.signal(signal.SIGINT, before)
        bar.close()
