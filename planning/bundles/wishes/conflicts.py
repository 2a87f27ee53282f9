"""Wishes that cannot hold together: by logic alone, or under the rules; and the fewest of them that clash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import Final

from planning.bundles.types import Wish

_MOST_TRIED: Final = 3_000
"""Subsets tried at most to find a smaller clash than the one that dropping wishes one by one ends at."""


def smallest(
    wishes: Sequence[Wish], clash: Callable[[Sequence[Wish]], bool], most_tried: int = _MOST_TRIED
) -> tuple[Wish, ...]:
    """Wishes that clash, of which none can be dropped without the rest being compatible; nothing if they all go together.

    First every wish is dropped that the clash does not need (deletion filter: Chinneck & Dravnieks, *Locating Minimal
    Infeasible Constraint Sets in Linear Programs*, 1991); then, as far as ``most_tried`` subsets reach, all smaller
    subsets are tried, so that what comes back is the smallest.

    Parameters
    ----------
    clash
        Whether wishes cannot hold together; more wishes never clash less.
    """
    if not clash(wishes):
        return ()
    needed = list(wishes)
    for wish in wishes:
        rest = [other for other in needed if other is not wish]
        if clash(rest):
            needed = rest
    tried = 0
    for size in range(1, len(needed)):
        if (tried := tried + comb(len(wishes), size)) > most_tried:
            break
        for some in combinations(wishes, size):
            if clash(some):
                return tuple(some)
    return tuple(needed)


def contradict(wishes: Sequence[Wish]) -> bool:
    """Whether wishes contradict each other whatever the rules are.

    Estates of a fixed bundle, and those to be together, are one company. A company cannot hold two that are to be apart,
    nor more than the fixed bundle that it contains; nobody is both in a bundle and out of all. That a pair of a fixed
    bundle of two are no neighbours is a contradiction too, because no third could bring them together.
    """
    company: dict[str, set[str]] = {}
    for wish in wishes:
        if wish.kind in ("together", "fix"):
            one = set().union(*(company.get(estate, {estate}) for estate in wish.estates))
            company |= dict.fromkeys(one, one)
    fixed = [set(wish.estates) for wish in wishes if wish.kind == "fix"]
    if any(company[next(iter(one))] != one for one in fixed):
        return True
    inside = {estate for one in fixed for estate in one}
    inside |= {estate for wish in wishes if wish.kind == "force" for estate in wish.estates}
    inside |= {estate for one in list(inside) for estate in company.get(one, ())}
    out = {estate for wish in wishes if wish.kind == "leave_out" for estate in wish.estates}
    if inside & out:
        return True
    for wish in wishes:
        named = set(wish.estates)
        if wish.kind == "apart" and any(len(named & company.get(estate, set())) > 1 for estate in named):
            return True
        if wish.kind == "forbid_pair" and named in fixed:
            return True
    return False
