"""Solver processes over the cores.

Plain subprocesses with pipes rather than ``multiprocessing``: forking after OR-Tools is loaded is unsafe, and spawning
would run the caller's ``__main__`` again – within Streamlit that is the whole page.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import planning
from geo.progress import Progress
from planning.quarter.solver.routing import RoutingTask, solve_routing
from planning.quarter.solver.worker import read_message, write_message

Answer = list[list[int]] | None
_POLL_S = 0.2


class SolverError(RuntimeError):
    """A solver process failed or died; the message says how."""


class Pool:
    """Solves routing tasks, in order given, at once over ``n_processes``; 0 solves in this process."""

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.n_processes:
            self._threads = ThreadPoolExecutor(self.n_processes, thread_name_prefix="quarter-solver")
            for _ in range(self.n_processes):
                process = _start()
                self._processes.append(process)
                self._idle.put(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)
        self._processes.clear()

    def solve(self, tasks: list[RoutingTask], progress: Progress) -> list[Answer] | None:
        """Answers in the order of the tasks; ``None`` when stopped before all were solved."""
        if self._threads is None:
            answers: list[Answer] = []
            for task in tasks:
                if progress.stopped:
                    return None
                answers.append(solve_routing(task))
            return answers
        futures: list[Future[Answer]] = [self._threads.submit(self._ask, task) for task in tasks]
        pending = set(futures)
        while pending:
            _, pending = wait(pending, timeout=_POLL_S)
            if pending and progress.stopped:
                for future in pending:
                    future.cancel()
                for process in self._processes:
                    process.kill()
                return None
        return [future.result() for future in futures]

    def _ask(self, task: RoutingTask) -> Answer:
        process = self._idle.get()
        try:
            assert process.stdin is not None and process.stdout is not None
            write_message(process.stdin, task)  # type: ignore[arg-type]
            answer = read_message(process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError) as error:
            raise SolverError(f"a solver process ended early (exit code {process.poll()})") from error
        finally:
            self._idle.put(process)
        done, value = cast("tuple[bool, Answer]", answer)
        if not done:
            raise SolverError(str(value))
        return value


def _close(stream: object) -> None:
    try:
        stream.close()  # type: ignore[attr-defined]
    except BrokenPipeError:
        return


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(planning.__path__[0]).parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    # -P: the current folder must not hide modules. A session of its own: Ctrl-C reaches only the parent.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "planning.quarter.solver.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
