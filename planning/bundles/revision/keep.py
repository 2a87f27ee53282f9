"""Solving a part again so that little changes: the old groups stay where the rules and wishes let them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import improve
from planning.bundles.proposal.propose import Answer

_MOST_STARTS: Final = 8
_MOST_MENDED: Final = 3


def solve_again(
    part: Part,
    old: Sequence[frozenset[str]],
    *,
    seed: int,
    seconds: float,
    upper: int | None = None,
    spare: int = 0,
) -> Answer:
    """As many households as possible, with as few estates as possible in other company than before.

    Local search from the old groups comes first. Where its households equal what cannot be exceeded it is the answer;
    else CP-SAT improves it, or proves that there is nothing better, and then looks for the answer that changes least.

    Parameters
    ----------
    part
        Under the new wishes.
    old
        Members of the old bundles, whichever the part's rules now make of them.
    seed, seconds
        Random seed; wall-clock guard.
    upper
        Households that no groups of this part exceed, where that is known from before.
    spare
        Households that may be given up to leave the old groups as they are (mode ``near``).
    """
    at = {estate: row for row, estate in enumerate(part.ids)}
    masks = [sum(1 << at[estate] for estate in members if estate in at) for members in sorted(old, key=sorted)]
    before = _standing(part, masks)
    starts = _starts(before, masks)
    most = part.total if upper is None else min(upper, part.total)
    kept = min(starts, key=lambda one: _worth(one, masks))
    if spare and not part.forced & ~kept.taken and most - kept.score.households <= spare:
        return Answer(part, kept, most, most - kept.score.households)
    for start in starts:
        improve(start)
    best = min(starts, key=lambda one: _worth(one, masks))
    most = max(most, best.score.households)
    if best.score.households == most and not part.forced & ~best.taken:
        return Answer(part, best, most)
    solved = Search().run(part, best, seed=seed, seconds=seconds, upper=upper, keep=before)
    found = Partition.of(part, solved.masks) if solved.forced_in else best
    return Answer(part, found, max(solved.bound, found.score.households))


def _worth(one: Partition, old: Sequence[int]) -> tuple[int, int, int, float]:
    """Small is good: forced rows left out, households not covered, rows that change company, metres."""
    score = one.score
    return -score.forced, -score.households, n_changed(one, old), -score.metres


def _standing(part: Part, masks: Sequence[int]) -> Partition:
    """The old groups that keep the rules still."""
    standing = Partition(part)
    for mask in masks:
        _add(standing, mask)
    return standing


def _add(partition: Partition, mask: int) -> bool:
    """Take a group in if it is one and stands in nobody's way."""
    group = partition.group_of(mask) if mask and not mask & partition.taken else None
    if group is None or partition.divides_grid(mask, 0):
        return False
    partition.replace((), (group,))
    return True


def _starts(before: Partition, masks: Sequence[int]) -> list[Partition]:
    """Ways to mend the groups that no longer keep the rules, each with as many of their rows as can stay."""
    starts = [before.copy()]
    for mask in masks:
        if mask & before.taken or not mask:
            continue
        mended = []
        for start in starts:
            for option in _mended(before, mask):
                more = start.copy()
                if _add(more, option):
                    mended.append(more)
            if len(mended) >= _MOST_STARTS:
                break
        starts = [*mended, *starts][:_MOST_STARTS]
    return starts


def _mended(partition: Partition, mask: int) -> list[int]:
    """Valid groups that differ from the mask by one set of rows that stay together, the largest change in rows last."""
    part = partition.part
    whole = 0
    for row in bits(mask):
        whole |= part.blocks[row]
    options = (
        {whole} | {mask & ~part.blocks[row] for row in bits(mask)} | {whole & ~part.blocks[row] for row in bits(whole)}
    )
    valid = [option for option in options if option and partition.group_of(option) is not None]
    weight = {option: sum(part.weight[row] for row in bits(option)) for option in valid}
    return sorted(valid, key=lambda option: ((option ^ mask).bit_count(), -weight[option], option))[:_MOST_MENDED]


def n_changed(partition: Partition, old: Sequence[int]) -> int:
    """Rows that are not in the group that inherits their old group's place, or newly in or out.

    Each group inherits the place of at most one old group, the one of which it holds most.
    """
    shared = {
        (key, number): (group.mask & mask).bit_count()
        for key, group in partition.groups.items()
        for number, mask in enumerate(old)
        if group.mask & mask
    }
    heir: dict[int, int] = {}
    taken: set[int] = set()
    for key, number in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if key not in heir and number not in taken:
            heir[key] = number
            taken.add(number)
    stay = sum(shared[key, number] for key, number in heir.items())
    were = now = 0
    for mask in old:
        were |= mask
    now = partition.taken
    return (were | now).bit_count() - stay
