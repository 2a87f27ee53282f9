"""What an estate could be bundled with at all: its possible company, and the most that such a bundle could hold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from planning.bundles.engine.graph import Bools, Measure, Pool, bits, reached
from planning.bundles.reasons.tops import NEVER, Tops
from planning.bundles.reasons.work import Box, Work


class Reach:
    """A pool as bit masks of its rows, made when asked."""

    def __init__(self, pool: Pool, work: Work | None = None) -> None:
        self.pool = pool
        self._work = work or Work()
        self._masks: dict[tuple[str, int], int] = {}
        self._tops: dict[tuple[int, ...], Tops] = {}
        self._plain = pool.star and pool.touch is None and not (pool.together >= 0).any()

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
        if self._plain and must.bit_count() == 1:
            return self._plain_company(must), True
        everybody = self._fitting(must) & ~must
        found, exact = 0, True
        nothing = (0,) * len(self.pool.ids)
        with self._work.share() as box:
            for centre, inside in self._rooms(must):
                box.left -= inside.bit_count()
                core = must
                for one in bits(centre):
                    core |= self.staying(one)
                for row in bits(inside & ~must & ~found):
                    if box.left <= 0:
                        return everybody, False
                    start = core | self.staying(row)
                    if found >> row & 1 or start & ~inside or not self.compatible(start):
                        continue
                    grown = _Growth(self, nothing, inside, box)
                    if grown.best(start, None) is not None:
                        found |= start
                        exact &= grown.exact
                if found & ~must == everybody:
                    break
        return found & ~must, exact

    def _fitting(self, must: int) -> int:
        """Mask of the rows that are apart from none of these."""
        inside = (1 << len(self.pool.ids)) - 1
        for row in bits(must):
            inside &= self.fits(row)
        return inside

    def _plain_company(self, must: int) -> int:
        """Where only a medoid is asked: the row, the medoid, and any third that goes with both."""
        row = must.bit_length() - 1
        near = self.linked(row)
        if self.pool.max_estates == 2:
            return near & ~must
        found, fitting = 0, self.fits(row)
        for centre in bits(near):
            found |= self.linked(centre)
            if not fitting & ~found:
                break
        return found & fitting & ~must

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
        if self._plain and must.bit_count() == 1:
            known = self._plain_most(must.bit_length() - 1, measure)
            if known is not None:
                return known, True
        best: int | None = None
        exact = True
        with self._work.share() as box:
            for centre, inside in self._rooms(must):
                box.left -= inside.bit_count()
                if box.left <= 0:
                    return self._cap(must, measure), False
                start = must
                for row in bits(centre):
                    start |= self.staying(row)
                if start & ~inside or not self.compatible(start):
                    continue
                grown = _Growth(self, measure.values, inside, box)
                value = grown.best(start, best)
                exact &= grown.exact
                if value is not None and (best is None or value > best):
                    best = value
        if best is None:
            return sum(measure.values[row] for row in bits(must)), exact
        return best, exact

    def _cap(self, must: int, measure: Measure) -> int:
        """What no bundle with these rows exceeds: the largest values of all that are apart from none of them."""
        rows = list(bits(self._fitting(must) & ~must))
        values = np.maximum(np.asarray(measure.values, dtype=np.int64)[rows], 0)
        own = sum(measure.values[row] for row in bits(must))
        return own + int(np.sort(values)[::-1][: max(0, self.pool.max_estates - must.bit_count())].sum())

    def _plain_most(self, row: int, measure: Measure) -> int | None:
        """The same where only a medoid is asked, if the largest company by numbers has no two members apart."""
        pool = self.pool
        if measure.values not in self._tops:
            self._tops[measure.values] = Tops(pool, np.asarray(measure.values, dtype=np.int64))
        limits = self._tops[measure.values].limits(row)
        if not (limits > NEVER).any():
            return None
        centre = int(limits.argmax())
        near = pool.linked[centre] & ~pool.apart[row]
        near[[row, centre]] = False
        found = np.flatnonzero(near)
        values = self._tops[measure.values].values[found]
        others = [int(one) for one in found[np.lexsort((found, -values))[: pool.max_estates]]]
        core = {row, centre}
        rest = [one for one in others[: pool.max_estates - len(core)] if measure.values[one] > 0]
        if len(core) == 1 and not rest:
            rest = others[:1]
        chosen = sorted(core | set(rest))
        total = sum(measure.values[one] for one in chosen)
        fits = not pool.apart[np.ix_(chosen, chosen)].any()
        return total if fits and len(chosen) >= pool.min_members and total == limits[centre] else None


class _Lazy:
    """Neighbour masks by row, as `reached` wants them."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def __getitem__(self, row: int) -> int:
        return self._reach.touch(row)


class _Growth:
    """Branch and bound over the sets that hold some rows, inside a mask."""

    def __init__(self, reach: Reach, values: tuple[int, ...], inside: int, box: Box) -> None:
        self.reach, self.values, self.inside, self.box = reach, values, inside, box
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
        self.box.left -= len(ordered) + 1
        if slots < 0 or (self.found is not None and limit <= self.found):
            return
        if self.box.left <= 0:
            self.exact = False
            self.found = limit
            return
        if need == 0 and self._connected(mask) and (self.found is None or total > self.found):
            self.found = total
        chained = pool.touch is not None
        for row in ordered:
            if self.found is not None and limit <= self.found:
                return
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
