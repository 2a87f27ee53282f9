"""What local search asks of a part again and again, worked out once: rows with those that stay with them, and orders."""

from __future__ import annotations

from planning.bundles.engine.graph import Part, bits


class Tables:
    """By row, of the row together with the rows of its block: sums, what fits all of them, who can lead all of them.

    ``work`` counts what was tried; it bounds a search without looking at a clock.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.work = 0
        self.weight = [sum(part.weight[one] for one in bits(block)) for block in part.blocks]
        self.size = [block.bit_count() for block in part.blocks]
        self.values = [
            tuple(sum(measure.values[one] for one in bits(block)) for measure in part.measures) for block in part.blocks
        ]
        self.fits = [self._all(part.fits, block) for block in part.blocks]
        self.near = [self._any(part.near, block) for block in part.blocks]
        self.lows = [(k, measure.low) for k, measure in enumerate(part.measures) if measure.low is not None]
        self.highs = [(k, measure.high) for k, measure in enumerate(part.measures) if measure.high is not None]
        self._gains = [
            sum(1 << row for row, value in enumerate(measure.values) if value > 0) for measure in part.measures
        ]
        self.has_grids = any(part.grids)
        self._order: dict[int, tuple[int, ...]] = {}

    def order(self, centre: int) -> tuple[int, ...]:
        """Other rows that a bundle round the centre could hold, nearest first."""
        if centre not in self._order:
            part, way = self.part, self.part.distance_m[centre]
            around = part.links[centre] if part.star or part.anchored else part.fits[centre]
            self._order[centre] = tuple(sorted(bits(around & ~part.blocks[centre]), key=lambda row: (way[row], row)))
        return self._order[centre]

    def short(self, totals: list[int]) -> bool:
        """Whether a lower limit is not reached."""
        return any(totals[k] < low for k, low in self.lows)

    def helps(self, totals: list[int], row: int) -> bool:
        """Whether the row keeps the upper limits and takes nothing from a sum that is short or would be."""
        more = self.values[row]
        for k, high in self.highs:
            if totals[k] + more[k] > high:
                return False
        return all(more[k] >= 0 or totals[k] + more[k] >= low for k, low in self.lows)

    def enough(self, start: int, among: int, centre: int) -> bool:
        """Whether the rows with some others round the centre could reach the lower limits, as far as counting tells."""
        part = self.part
        rows = among & ~start & (part.links[centre] if part.star else part.everything)
        slots = part.max_estates - start.bit_count()
        for k, low in self.lows:
            values = part.measures[k].values
            missing = low - sum([values[row] for row in bits(start)])
            if missing <= 0:
                continue
            if slots <= 0:
                return False
            if sum(sorted([values[row] for row in bits(rows & self._gains[k])])[-slots:]) < missing:
                return False
        return True

    def _all(self, relation: tuple[int, ...], block: int) -> int:
        found = self.part.everything
        for row in bits(block):
            found &= relation[row]
        return found

    def _any(self, relation: tuple[int, ...], block: int) -> int:
        found = 0
        for row in bits(block):
            found |= relation[row]
        return found
