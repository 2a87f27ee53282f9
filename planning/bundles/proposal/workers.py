"""Parts solved on all cores: this process and a helper process for every further core.

The search for bundles is Python and holds its lock, so threads do not help. Like `geo.road_worker` the helpers are
started as processes of their own and spoken to through pipes, which runs nothing of the calling program a second time.
A helper that cannot start, or dies, costs time only: what it was asked is done in this process.
"""

from __future__ import annotations

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final

from geo.road_worker import cores
from planning.bundles.proposal.stages import Stop, Task

_log = logging.getLogger(__name__)
_ROOT: Final = Path(__file__).resolve().parent.parent.parent.parent
WORTH_IT: Final = 400
"""With fewer candidates all is done in this process: a helper needs two seconds to start."""
_GRACE_S: Final = 10.0
"""How long a helper that was told to stop may take to give what it has."""


class _Lost(Exception):
    """The helper gave no answer."""


class _Helper:
    """One helper process."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import sys; from planning.bundles.proposal.workers import main; sys.exit(main())"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._lock = threading.Lock()

    def answer(self, task: Task, seconds: float) -> Any:
        """What the task gives.

        Raises
        ------
        _Lost
            If the process has died or could not do it.
        """
        stdout = self._process.stdout
        assert stdout is not None
        try:
            self._send((task, seconds))
            done, value = pickle.load(stdout)
        except (OSError, EOFError, pickle.UnpicklingError, ValueError) as error:
            raise _Lost(f"a bundle process ended with code {self._process.poll()}: {error!r}") from error
        if not done:
            raise _Lost(f"a bundle process failed: {value}")
        return value

    def stop(self) -> None:
        """Have it give what it has."""
        try:
            self._send(None)
        except (OSError, ValueError) as error:  # it has died: whoever waits for its answer learns that
            _log.debug("bundle process is gone: %r", error)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError as error:
                    _log.debug("pipe of a bundle process: %r", error)

    def _send(self, value: object) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with self._lock:
            _send(stdin, value)


class Crew:
    """Does tasks; use it in a ``with`` block, which ends the helper processes.

    Parameters
    ----------
    size
        Candidates in all: few are not worth helpers.
    seconds
        Wall-clock guard of all tasks together.
    """

    def __init__(self, size: int, seconds: float) -> None:
        self.stop = Stop(seconds)
        self._told = False
        self._helpers = _started(cores() - 1) if size >= WORTH_IT and seconds > 0 else []
        self._free: SimpleQueue[_Helper | None] = SimpleQueue()
        for one in (None, *self._helpers):  # None: this process
            self._free.put(one)
        self._threads = ThreadPoolExecutor(1 + len(self._helpers))

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.tell()
        for one in self._helpers:
            one.close()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, task: Task) -> Future[Any]:
        """The task's result to come; tasks begin in the order of submission."""
        return self._threads.submit(self._do, task)

    def tell_to_stop(self) -> None:
        """End all work; every result still comes, as far as it got."""
        if self._told:
            return
        self._told = True
        self.stop.tell()
        for one in self._helpers:
            one.stop()
        guard = threading.Timer(_GRACE_S, self._end_helpers)
        guard.daemon = True
        guard.start()

    def _end_helpers(self) -> None:
        for one in self._helpers:
            one.close()

    def _do(self, task: Task) -> Any:
        helper = self._free.get()
        try:
            if helper is not None and not self.stop.now():
                try:
                    return helper.answer(task, self.stop.left_s())
                except _Lost as error:
                    _log.warning("%s; the work goes on in this process", error)
                    helper = None
            return task.done(self.stop)
        finally:
            self._free.put(helper)


def _started(n: int) -> list[_Helper]:
    found: list[_Helper] = []
    try:
        for _ in range(n):
            found.append(_Helper())
    except OSError as error:
        _log.warning("no helper process for bundles (%r); the work is done in this process", error)
    return found


def _send(pipe: IO[bytes], value: object) -> None:
    pickle.dump(value, pipe, protocol=5)
    pipe.flush()


def main() -> int:
    """Do each task that comes through the pipe until it closes; a message without a task ends the present one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent tells its helpers
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not get between the answers
    tasks: queue.Queue[tuple[Task, Stop] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    while (work := tasks.get()) is not None:
        task, stop = work
        _send(answers, _tried(lambda task=task, stop=stop: task.done(stop)))  # type: ignore[misc]
    return 0


def _tried(work: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, work()
    except Exception as error:  # noqa: BLE001 - said to the parent, which does the work again and raises what it raises
        _log.exception("a bundle task failed")
        return False, repr(error)


def _listen(pipe: IO[bytes], tasks: queue.Queue[tuple[Task, Stop] | None]) -> None:
    told = False
    stop: Stop | None = None
    while True:
        try:
            message = pickle.load(pipe)
        except EOFError:
            if stop is not None:
                stop.tell()
            tasks.put(None)
            return
        if message is None:
            told = True
        else:
            task, seconds = message
            stop = Stop(seconds)
            tasks.put((task, stop))
        if told and stop is not None:
            stop.tell()


if __name__ == "__main__":
    sys.exit(main())
