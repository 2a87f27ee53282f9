"""Ctrl-C in the seconds in which the program's libraries are still being read: one sentence instead of a traceback.

Importing this module begins that time, ``ready`` ends it. So the command imports it before everything heavy.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from types import FrameType

INTERRUPTED = "已中断，数据没有改变。"


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Nothing has been opened yet, and cleaning up half-imported libraries is what would fail.
    os.write(2, f"{INTERRUPTED}\n".encode())
    if "--json" in sys.argv:
        body = {"exit": 2, "error": INTERRUPTED, "faults": []}
        os.write(1, (json.dumps(body, ensure_ascii=False) + "\n").encode())
    os._exit(2)


def _watch() -> None:
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def ready() -> None:
    """Ctrl-C is a ``KeyboardInterrupt`` again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_watch()
