"""What the benchmarks share: the clock, memory, and how a table is printed with versions and machine."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TypeVar

T = TypeVar("T")
Rows = list[dict[str, object]]
_KB = 2**20 if sys.platform == "darwin" else 2**10
"""Linux counts kilobytes, macOS bytes."""


def timed(work: Callable[[], T]) -> tuple[float, float, T]:
    """Wall seconds, CPU seconds (helpers that have ended included) and the result."""
    wall, cpu = time.perf_counter(), cpu_s()
    result = work()
    return time.perf_counter() - wall, cpu_s() - cpu, result


def cpu_s() -> float:
    """CPU seconds of this process and of its helpers that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def peak_mb() -> int:
    """Peak memory of this process and its largest helper so far."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // _KB


def show(rows: Rows, packages: Sequence[str], note: str = "") -> None:
    """Print the table with a note, versions and the machine's size."""
    width = {name: max(len(name), *(len(str(row.get(name, ""))) for row in rows)) for name in rows[0]}
    print("  ".join(f"{name:>{width[name]}}" for name in width))
    for row in rows:
        print("  ".join(f"{row.get(name, '')!s:>{width[name]}}" for name in width))
    if note:
        print(note)
    libraries = ", ".join(f"{name} {version(name)}" for name in packages)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()}, {libraries}; {os.cpu_count()} cores{load}, {platform.machine()}")
