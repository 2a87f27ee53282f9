"""The most that a bundle round each possible medoid could sum up to, by its largest values alone."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from planning.bundles.engine.graph import Pool

NEVER: Final = np.iinfo(np.int64).min // 2


class Tops:
    """Largest values round every possible medoid, to bound what a bundle that holds some row can sum up to."""

    def __init__(self, pool: Pool, values: NDArray[np.int64]) -> None:
        self._linked, self.values = pool.linked, values
        gain = np.maximum(values, 0)
        n, k = len(values), pool.max_estates
        self._top = np.zeros((n, max(k - 1, 1)), dtype=np.int64)
        self._best = np.full(n, NEVER)
        for centre in range(n):
            near = pool.linked[centre].copy()
            near[centre] = False
            found = np.sort(gain[near])[::-1][: k - 1]
            self._top[centre, : len(found)] = found
            self._best[centre] = values[near].max(initial=NEVER)

        self._all_of, self._but_one = self._top.sum(axis=1), self._top[:, :-1].sum(axis=1)

    def limits(self, row: int) -> NDArray[np.int64]:
        """Most that a bundle with this row round each medoid can hold, if all near it go together."""
        own = self.values[row]
        all_of, but_one = self._all_of, self._but_one
        inside = (own > 0) & (own >= self._top[:, -1])
        found = self.values + np.where(inside, all_of, own + but_one)
        alone = own + (all_of[row] if all_of[row] > 0 else self._best[row])
        found[row] = alone if self._best[row] > NEVER else NEVER
        return np.where(self._linked[row], found, NEVER)
