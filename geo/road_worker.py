"""A helper process that searches the road graph, and its handle.

``scipy`` holds Python's lock while it searches, so threads do not help. The helpers are started as
``python -m geo.road_worker`` and spoken to through pipes: unlike ``multiprocessing`` this runs nothing of the calling
program a second time, which matters under Streamlit.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

_ROOT = Path(__file__).resolve().parent.parent


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def search(
    weights: csr_array, sources: NDArray[np.int64], targets: NDArray[np.int64], limit: float = np.inf
) -> NDArray[np.float64]:
    """Least weight from each source to each target, shape ``(sources, targets)``; infinite beyond ``limit``."""
    return dijkstra(weights, indices=sources, limit=limit)[:, targets]


class Worker:
    """One helper process with its own copy of the graph.

    Raises
    ------
    OSError
        If the process cannot be started.
    """

    def __init__(self, weights: csr_array, targets: NDArray[np.int64]) -> None:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "geo.road_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._graph = (weights.data, weights.indices, weights.indptr, weights.shape, targets)
        self._told = False

    def search(self, sources: NDArray[np.int64]) -> NDArray[np.float64]:
        """Least weights from the sources to all targets.

        Raises
        ------
        RuntimeError
            If the process has died.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            if not self._told:
                _send(stdin, self._graph)
                self._told = True
            _send(stdin, sources)
            return pickle.load(stdout)
        except (BrokenPipeError, EOFError) as error:
            raise RuntimeError(f"a road search process ended with code {self._process.wait()}") from error

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def _send(pipe: IO[bytes], value: object) -> None:
    pickle.dump(value, pipe, protocol=5)
    pipe.flush()


def main() -> int:
    """Read the graph, then answer each array of sources until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent closes its helpers
    answers, questions = sys.stdout.buffer, sys.stdin.buffer
    data, indices, indptr, shape, targets = pickle.load(questions)
    weights = csr_array((data, indices, indptr), shape=shape)
    while True:
        try:
            sources = pickle.load(questions)
        except EOFError:
            return 0
        _send(answers, search(weights, sources, targets))


if __name__ == "__main__":
    sys.exit(main())
