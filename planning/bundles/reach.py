"""What an estate could be bundled with at all: its possible company, and the most that such a bundle could hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from planning.bundles.graph import Bools, Measure, Pool, bits, reached

_BUDGET: Final = 3_000
"""Sets examined at most to find the largest bundle round an estate; beyond, an upper limit is told as such."""


class Reach:
    """A pool as bit masks of its rows, made when asked."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._masks: dict[tuple[str, int], int] = {}

    # ------------------------------------------------------------------------------------------------------ relations

    def _line(self, name: str, matrix: Bools, row: int) -> int:
        key = (name, row)
        if key not in self._masks:
            packed = np.packbits(matrix[row], bitorder="little").tobytes()
            self._masks[key] = int.from_bytes(packed, "little")
        return self._masks[key]

    def linked(self, row: int) -> int:
        """Mask of the rows linked with a row; of two rows of an anchored pool one must be an anchor."""
        return self._line("linked", self.pool.linked, row)

    def fits(self, row: int) -> int:
        """Mask of the rows that may share a bundle with a row."""
        everything = (1 << len(self.pool.ids)) - 1
        return everything & ~self._line("apart", self.pool.apart, row)

    def touch(self, row: int) -> int:
        """Mask of the neighbours of a row."""
        assert self.pool.touch is not None
        return self._line("touch", self.pool.touch, row)

    def staying(self, row: int) -> int:
        """Mask of the rows that share a bundle with the row or stay out with it, itself included."""
        number = self.pool.together[row]
        if number < 0:
            return 1 << row
        return sum(1 << int(other) for other in np.flatnonzero(self.pool.together == number))

    def compatible(self, must: int) -> bool:
        """Whether no two of the rows are apart."""
        return all(not must & ~self.fits(row) for row in bits(must))

    def _hanging(self, must: int, inside: int) -> int:
        """The rows of a mask that the rows could be connected with, over others of it."""
        if self.pool.touch is None:
            return inside
        touch = _Lazy(self)
        return reached(touch, must & -must, inside | must)  # type: ignore[arg-type]

    def _rooms(self, must: int) -> Iterable[tuple[int, int]]:
        """Possible medoids of a bundle that holds the rows, as masks, each with all that it could hold then.

        In a chain there is one entry without a medoid.
        """
        inside = ~0
        for row in bits(must):
            inside &= self.fits(row)
        inside &= (1 << len(self.pool.ids)) - 1
        if not self.pool.star:
            rest = self._hanging(must, inside)
            if not must & ~rest:
                yield 0, rest
            return
        centres = inside
        for row in bits(must):
            centres &= self.linked(row)
        for centre in bits(centres):
            rest = self._hanging(must | 1 << centre, self.linked(centre) & inside & self.fits(centre))
            if not (must | 1 << centre) & ~rest:
                yield 1 << centre, rest

    def company(self, must: int) -> tuple[int, bool]:
        """Mask of the rows that could share a set with all of these that keeps everything but the limits of sums.

        Returns
        -------
        tuple
            The mask, and whether it is exact; otherwise some of the rows may not be able to.
        """
        found, exact = 0, True
        budget = [_BUDGET]
        nothing = (0,) * len(self.pool.ids)
        rooms = list(self._rooms(must))
        around = 0
        for _, inside in rooms:
            around |= inside
        for row in bits(around & ~must):
            if found >> row & 1:
                continue
            for centre, inside in rooms:
                start = must | self.staying(row)
                for one in bits(centre):
                    start |= self.staying(one)
                if start & ~inside or not self.compatible(start):
                    continue
                grown = _Growth(self, nothing, inside, budget)
                if grown.best(start, None) is not None:
                    found |= start
                    exact &= grown.exact
                    break
        return found & ~must, exact

    def anchors_for(self, must: int) -> int:
        """Mask of the anchors that could take these rows on, as far as pairs and neighbours tell."""
        anchors = sum(1 << int(row) for row in np.flatnonzero(self.pool.anchors))
        own = anchors & must
        if own:
            anchors = own if own.bit_count() == 1 else 0
        if self.pool.star:
            for row in bits(must):
                anchors &= self.linked(row)
        found = 0
        for anchor in bits(anchors):
            both = must | 1 << anchor
            inside = ~0
            for row in bits(both):
                inside &= self.fits(row)
            if self.pool.star:
                inside &= self.linked(anchor)
            if not both & ~inside and not both & ~self._hanging(both, inside & ((1 << len(self.pool.ids)) - 1)):
                found |= 1 << anchor
        return found

    # ------------------------------------------------------------------------------------------------------------ most

    def most(self, must: int, measure: Measure) -> tuple[int, bool]:
        """Largest sum of a measure over bundles that hold these rows, whatever the limits of sums and the grids.

        Such a bundle has ``min_members`` to ``max_estates`` rows, no two apart, with a medoid or connected as the pool
        asks, and divides no set that is to stay together.

        Returns
        -------
        tuple
            The sum, and whether it is exact; otherwise no bundle has more.
        """
        budget = [_BUDGET]
        best: int | None = None
        exact = True
        for centre, inside in self._rooms(must):
            start = must
            for row in bits(centre):
                start |= self.staying(row)
            if start & ~inside or not self.compatible(start):
                continue
            grown = _Growth(self, measure.values, inside, budget)
            value = grown.best(start, best)
            exact &= grown.exact
            if value is not None and (best is None or value > best):
                best = value
        if best is None:
            own = sum(measure.values[row] for row in bits(must))
            return own, exact
        return best, exact


class _Lazy:
    """Neighbour masks by row, as `reached` wants them."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def __getitem__(self, row: int) -> int:
        return self._reach.touch(row)


class _Growth:
    """Branch and bound over the sets that hold some rows, inside a mask."""

    def __init__(self, reach: Reach, values: tuple[int, ...], inside: int, budget: list[int]) -> None:
        self.reach, self.values, self.inside, self.budget = reach, values, inside, budget
        self.exact = True
        self.found: int | None = None

    def best(self, start: int, floor: int | None) -> int | None:
        """Largest sum found that is more than the floor; without exactness a limit that nothing exceeds."""
        self.found = floor
        self._grow(start, self.inside & ~start)
        return self.found

    def _grow(self, mask: int, free: int) -> None:
        pool = self.reach.pool
        for row in bits(mask):
            free &= self.reach.fits(row)
        slots = pool.max_estates - mask.bit_count()
        total = sum(self.values[row] for row in bits(mask))
        ordered = sorted(bits(free), key=lambda row: (-self.values[row], row))
        need = max(0, pool.min_members - mask.bit_count())
        limit = total + sum(
            self.values[row]
            for number, row in enumerate(ordered[: max(slots, 0)])
            if self.values[row] > 0 or number < need
        )
        if slots < 0 or (self.found is not None and limit <= self.found):
            return
        if self.budget[0] <= 0:
            self.exact = False
            self.found = limit
            return
        self.budget[0] -= 1
        if need == 0 and self._connected(mask) and (self.found is None or total > self.found):
            self.found = total
        chained = pool.touch is not None
        for row in ordered:
            if not free >> row & 1:
                continue
            if chained and not self.reach.touch(row) & mask:
                continue
            if not chained and self.values[row] <= 0 and need == 0:
                break
            block = self.reach.staying(row)
            free &= ~(1 << row)
            if not block & ~(free | 1 << row | mask) and self.reach.compatible(block):
                self._grow(mask | block, free & ~block)

    def _connected(self, mask: int) -> bool:
        return not mask & ~self.reach._hanging(mask, mask)
