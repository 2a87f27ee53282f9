"""Solving a part again so that little changes: the old groups stay where the rules and wishes let them."""

from __future__ import annotations

from collections.abc import Sequence

from planning.bundles.exact import Search
from planning.bundles.graph import Part, bits
from planning.bundles.partition import Partition
from planning.bundles.propose import Answer
from planning.bundles.search import improve


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
    before = Partition(part)
    for members in sorted(old, key=sorted):
        mask = sum(1 << at[estate] for estate in members if estate in at)
        group = before.group_of(mask) if mask else None
        if group is not None and mask.bit_count() == len(members) and not before.divides_grid(mask, 0):
            before.replace((), (group,))
    kept = _with_remnants(before, part, old, at)
    start = kept.copy()
    improve(start)
    most = part.total if upper is None else max(min(upper, part.total), start.score.households)
    if spare and kept.score.forced == start.score.forced and most - kept.score.households <= spare:
        return Answer(part, kept, most, most - kept.score.households)
    if start.score.households == most and not part.forced & ~start.taken:
        return Answer(part, start, most)
    solved = Search().run(part, start, seed=seed, seconds=seconds, upper=upper, keep=before)
    found = Partition.of(part, solved.masks) if solved.forced_in else start
    return Answer(part, found, max(solved.bound, found.score.households))


def _with_remnants(before: Partition, part: Part, old: Sequence[frozenset[str]], at: dict[str, int]) -> Partition:
    """The whole old groups, and of those that lost members what is still a group."""
    kept = before.copy()
    for members in sorted(old, key=sorted):
        rest = sum(1 << at[estate] for estate in members if estate in at)
        group = kept.group_of(rest) if rest and not rest & kept.taken else None
        if group is not None and not kept.divides_grid(rest, 0):
            kept.replace((), (group,))
    return kept


def changed(part: Part, partition: Partition, old: Sequence[frozenset[str]]) -> int:
    """Estates of the part that are not in the company that inherits their old group's place, or newly in or out.

    Each new group inherits at most one old group, the one of which it holds most.
    """
    home = {estate: number for number, members in enumerate(old) for estate in members}
    groups = [tuple(part.ids[row] for row in bits(group.mask)) for group in partition.groups.values()]
    shared: dict[tuple[int, int], int] = {}
    for number, members in enumerate(groups):
        for estate in members:
            if estate in home:
                shared[number, home[estate]] = shared.get((number, home[estate]), 0) + 1
    heir: dict[int, int] = {}
    for new, former in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if new not in heir and former not in heir.values():
            heir[new] = former
    now = {estate: heir.get(number, -1 - number) for number, members in enumerate(groups) for estate in members}
    return sum(now.get(estate) != home.get(estate) for estate in part.ids)
