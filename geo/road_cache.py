"""Travel matrices kept on disk by content, in a folder of bounded size."""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1024**3
"""Size of the folder; the matrices that were not used for longest go first."""

_PATTERN = "travel-*.npz"
_log = logging.getLogger(__name__)


class MatrixCache:
    """A folder of matrices. Losing it loses nothing but time, so its faults are logged and never stop the work."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def read(self, key: str, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """Seconds and metres stored under the key; ``None`` if none of shape ``(n, n)`` are, or they are damaged."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as stored:
                travel_s, distance_dm = stored["travel_s"], stored["distance_dm"]
            if travel_s.shape != (n, n) or distance_dm.shape != (n, n):
                raise ValueError(f"shapes {travel_s.shape}, {distance_dm.shape} instead of {(n, n)}")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("stored travel matrix %s is not usable and is computed anew: %s", path.name, error)
            return None
        self._touch(path)
        return travel_s.astype(np.int64), distance_dm / 10.0

    def write(self, key: str, travel_s: NDArray[np.int64], distance_m: NDArray[np.float64]) -> None:
        """Store the matrices (finite, less than 200,000 km; metres to the decimetre), whole or not at all."""
        temporary = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".travel-", suffix=".part", delete=False) as file:
                temporary = Path(file.name)
                np.savez(
                    file,
                    travel_s=travel_s.astype(np.int32),
                    distance_dm=np.rint(distance_m * 10.0).astype(np.int32),
                )
            temporary.replace(self._path(key))
        except OSError as error:
            _log.warning("the travel matrix is not stored: %s", error)
            if temporary is not None:
                temporary.unlink(missing_ok=True)
            return
        self._trim(keep=self._path(key))

    def _path(self, key: str) -> Path:
        return self._folder / f"travel-{key}.npz"

    def _touch(self, path: Path) -> None:
        try:
            os.utime(path)
        except OSError as error:  # a read-only folder can still be read from
            _log.debug("time of %s is not set: %s", path.name, error)

    def _trim(self, keep: Path) -> None:
        """Delete what was not used for longest until the folder is small enough; ``keep`` stays in any case."""
        try:
            files = sorted(
                ((p.stat().st_mtime, p.stat().st_size, p) for p in self._folder.glob(_PATTERN)), reverse=True
            )
            total = 0
            for _, size, path in files:
                total += size
                if total > self._max_bytes and path != keep:
                    path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the folder of travel matrices is not tidied: %s", error)
