"""A set of bundles under construction: which moves the rules permit, and how good the whole is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.tables import Tables

_MOST_KNOWN: Final = 500_000
"""Masks remembered at most: a guard of memory, it changes no answer."""


class Score(NamedTuple):
    """What is wanted, in this order: forced rows, households, estates, (negative) metres to the medoids."""

    forced: int
    households: int
    estates: int
    metres: float

    def beats(self, other: Score) -> bool:
        """Better by more than a millimetre's rounding."""
        if self[:3] != other[:3]:
            return self[:3] > other[:3]
        return self.metres > other.metres + 1e-3


NO_GAIN: Final = Score(0, 0, 0, 0.0)


class Group(NamedTuple):
    """One valid bundle: member mask, medoid row, metres from all members to it, households and estates covered."""

    mask: int
    medoid: int
    metres: float
    households: int
    estates: int
    """Members without the anchor."""


@dataclass
class Partition:
    """Bundles of one part. Groups always keep every rule; rows outside them are free."""

    part: Part
    groups: dict[int, Group] = field(default_factory=dict)
    home: dict[int, int] = field(default_factory=dict)
    """Row → key of its group."""
    _next: int = 0
    _known: dict[int, Group | None] = field(default_factory=dict)
    _tables: Tables | None = None
    _taken: int = 0
    _spared: tuple[int, int, int] = (-1, 0, 0)
    """Of which state the spared rows are known, and which they are."""

    @property
    def tables(self) -> Tables:
        """What is worked out once for the part; shared by copies."""
        if self._tables is None:
            self._tables = Tables(self.part)
        return self._tables

    # ---------------------------------------------------------------------------------------------------- rules

    def group_of(self, mask: int) -> Group | None:
        """The bundle of these members if it keeps every rule but the grids', else ``None``."""
        if mask not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[mask] = self._examine(mask)
        return self._known[mask]

    def _examine(self, mask: int) -> Group | None:
        part = self.part
        if not part.min_members <= mask.bit_count() <= part.max_estates:
            return None
        members = list(bits(mask))
        for measure in part.measures:
            values = measure.values
            if not measure.holds(sum(values[row] for row in members)):
                return None
        anchors = mask & part.anchors
        households = sum(part.weight[row] for row in members)
        if part.anchored and (anchors.bit_count() != 1 or households > part.room[anchors.bit_length() - 1]):
            return None
        if any(part.blocks[row] & ~mask for row in members) or not part.connected(mask):
            return None
        centre = self.medoid(mask)
        if centre is None:
            return None
        return Group(mask, centre[0], centre[1], households, len(members) - anchors.bit_count())

    def medoid(self, mask: int) -> tuple[int, float] | None:
        """The member with the least sum of ways to all others (ties: lower row), or ``None`` if members clash.

        Of the anchors where there are any; with a star of those linked to all others.
        """
        part = self.part
        common = mask & part.anchors if part.anchored else mask
        for row in bits(mask):
            if mask & ~part.fits[row]:
                return None
            if part.star:
                common &= part.links[row]
        members = list(bits(mask))
        best: tuple[int, float] | None = None
        for row in bits(common):
            way = part.distance_m[row]
            metres = sum([way[other] for other in members])
            if best is None or metres < best[1] - 1e-9:
                best = (row, metres)
        return best

    @property
    def taken(self) -> int:
        """Mask of the rows in any group."""
        return self._taken

    @property
    def spared(self) -> int:
        """Mask of the members without which (and those that stay with them) their group would still be a bundle."""
        if self._spared[0] != self._next or self._spared[1] != self._taken:
            found = 0
            for group in self.groups.values():
                for row in bits(group.mask):
                    if self.group_of(group.mask & ~self.part.blocks[row]):
                        found |= self.part.blocks[row]
            self._spared = (self._next, self._taken, found)
        return self._spared[2]

    def divides_grid(self, mask: int, instead_of: int) -> bool:
        """Whether a group of these members would share a grid with a group other than those being replaced."""
        others = self.taken & ~instead_of & ~mask
        return any(self.part.grids[row] & others for row in bits(mask))

    # ---------------------------------------------------------------------------------------------------- moves

    def replace(self, old: tuple[int, ...], new: tuple[Group, ...]) -> None:
        """Put new groups in the place of old ones (keys)."""
        for key in old:
            mask = self.groups.pop(key).mask
            self._taken &= ~mask
            for row in bits(mask):
                del self.home[row]
        for group in new:
            self.groups[self._next] = group
            self._taken |= group.mask
            for row in bits(group.mask):
                self.home[row] = self._next
            self._next += 1

    def gain(self, old: tuple[int, ...], new: tuple[Group, ...]) -> Score:
        """Change of the score if the old groups gave way to the new."""
        forced = households = estates = 0
        metres = 0.0
        wanted = self.part.forced
        for group in new:
            households += group.households
            estates += group.estates
            metres -= group.metres
            forced += (group.mask & wanted).bit_count()
        for key in old:
            group = self.groups[key]
            households -= group.households
            estates -= group.estates
            metres += group.metres
            forced -= (group.mask & wanted).bit_count()
        return Score(forced, households, estates, metres)

    def try_replace(self, old: tuple[int, ...], masks: tuple[int, ...]) -> bool:
        """Do it if every rule is kept and the whole gets better; empty masks fall away."""
        self.tables.work += 1
        new = []
        for mask in masks:
            if mask:
                group = self.group_of(mask)
                if group is None:
                    return False
                new.append(group)
        valid = tuple(new)
        if not self.gain(old, valid).beats(NO_GAIN) or (self.tables.has_grids and self._divides(old, valid)):
            return False
        self.replace(old, valid)
        return True

    def _divides(self, old: tuple[int, ...], new: tuple[Group, ...]) -> bool:
        """Whether the new groups would share a grid with each other or with a group that is not being replaced."""
        outside = self._taken
        for key in old:
            outside &= ~self.groups[key].mask
        for group in new:
            rest = outside
            for other in new:
                rest |= 0 if other is group else other.mask
            if any(self.part.grids[row] & rest for row in bits(group.mask)):
                return True
        return False

    @property
    def score(self) -> Score:
        groups = self.groups.values()
        return Score(
            sum((g.mask & self.part.forced).bit_count() for g in groups),
            sum(g.households for g in groups),
            sum(g.estates for g in groups),
            -sum(g.metres for g in sorted(groups)),
        )

    def masks(self) -> tuple[int, ...]:
        """The groups as masks, by their lowest row."""
        return tuple(sorted((g.mask for g in self.groups.values()), key=lambda mask: mask & -mask))

    def copy(self) -> Partition:
        """The same groups, free to go another way; what is known of masks is shared."""
        return Partition(
            self.part, dict(self.groups), dict(self.home), self._next, self._known, self.tables, self._taken
        )

    def become(self, other: Partition) -> None:
        """Take over the groups of another partition of the same part."""
        self.groups, self.home, self._next = dict(other.groups), dict(other.home), other._next
        self._taken = other._taken

    @classmethod
    def of(cls, part: Part, masks: tuple[int, ...]) -> Partition:
        """A partition of known groups.

        Raises
        ------
        ValueError
            If a group breaks a rule.
        """
        made = cls(part)
        for mask in masks:
            group = made.group_of(mask)
            if group is None or made.taken & mask or made.divides_grid(mask, 0):
                raise ValueError(f"rows {list(bits(mask))} of {part.ids[0]}… are no bundle")
            made.replace((), (group,))
        return made
