"""What a change of wishes touches: the regions, their parts before and after, and what the old proofs still say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import pandas as pd

from planning.bundles.engine.components import parts
from planning.bundles.engine.graph import Ints, Part, Pool
from planning.bundles.engine.partition import Partition
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.revision.keep import solve_again
from planning.bundles.types import BundlePlan, PartProof
from planning.bundles.wishes.read import Demands, wished

_MOST_REMEMBERED: Final = 32


@dataclass(frozen=True)
class Piece:
    """Regions of one block that the change touches: their pool now, the parts that stay, and those to be solved."""

    pool: Pool
    same: tuple[Part, ...]
    fresh: tuple[Part, ...]
    gone: tuple[Part, ...]
    """Parts as they were under the old wishes and are no more."""


def touched_estates(old: Demands, new: Demands) -> frozenset[str]:
    """Estates of which something else is wanted now."""

    def wanted(demands: Demands) -> set[tuple[object, ...]]:
        return {(wish.kind, frozenset(wish.estates)) for wish in demands.wishes}

    differing = wanted(old) ^ wanted(new)
    estates = {str(estate) for _, named in differing for estate in named}  # type: ignore[attr-defined]
    return frozenset(estates | (old.claimed.keys() ^ new.claimed.keys()))


def pieces_of(prepared: Prepared, old: Demands, new: Demands, touched: frozenset[str]) -> list[Piece]:
    found = []
    for number, regions in sorted(regions_of(prepared, old, new, touched).items()):
        block = prepared.blocks[number]
        rows = block.rows_of(regions)
        pool = wished(block.pool, rows, new)
        before = {part.ids: part for part in parts_of(prepared, number, rows, old)}
        now = parts_of(prepared, number, rows, new, pool)
        same = tuple(part for part in now if before.get(part.ids) == part)
        kept = {part.ids for part in same}
        found.append(
            Piece(
                pool,
                same,
                tuple(part for part in now if part.ids not in kept),
                tuple(part for ids, part in before.items() if ids not in kept),
            )
        )
    return found


def parts_of(
    prepared: Prepared, number: int, rows: Ints, demands: Demands, pool: Pool | None = None
) -> tuple[Part, ...]:
    """Parts of some regions of a block under the wishes; the last ones are remembered, for they come back."""
    ids = prepared.blocks[number].pool.ids
    key = (
        number,
        rows.tobytes(),
        demands.about([ids[row] for row in rows]),
        frozenset(demands.claimed.keys() & set(ids)),
    )
    found = prepared.memory.get(key)
    if found is None:
        if len(prepared.memory) >= _MOST_REMEMBERED:
            prepared.memory.pop(next(iter(prepared.memory)))
        found = tuple(parts(pool or wished(prepared.blocks[number].pool, rows, demands)))
        prepared.memory[key] = found
    return found


def regions_of(prepared: Prepared, old: Demands, new: Demands, touched: frozenset[str]) -> dict[int, set[int]]:
    """Block → regions of the touched estates, and of those that wishes tie to them."""
    regions = prepared.regions_of(touched)
    while True:
        near = {
            block.pool.ids[row]
            for number, wanted in regions.items()
            for block in (prepared.blocks[number],)
            for row in block.rows_of(wanted)
        }
        tied = {estate for one in (*old.together, *new.together) if one & near for estate in one}
        wider = prepared.regions_of(near | tied) if tied - near else regions
        if wider == regions:
            return regions
        regions = wider


# --------------------------------------------------------------------------------------------------------- solving


def solve_piece(
    prepared: Prepared,
    plan: BundlePlan,
    piece: Piece,
    old: Demands,
    new: Demands,
    formed: Sequence[frozenset[str]],
    seed: int,
    deadline: float,
) -> list[Answer]:
    ids = {estate for part in (*piece.gone, *piece.fresh) for estate in part.ids}
    before = [members for members in formed if members & ids]
    known = _old_bound(plan, piece, old, new, ids)
    spare = _spare(prepared, plan, piece, ids)
    answers: list[Answer] = []
    for number, part in enumerate(piece.fresh):
        upper = None
        if known is not None:  # the others cover at least what was found for them, or nothing yet
            upper = known - sum(answer.households for answer in answers)
        own = [members for members in before if members & set(part.ids)]
        left = max(0.0, deadline - monotonic()) / (len(piece.fresh) - number)
        answer = solve_again(part, own, seed=seed, seconds=left, upper=upper, spare=spare)
        spare -= answer.given_up
        answers.append(answer)
    return answers


def _old_bound(plan: BundlePlan, piece: Piece, old: Demands, new: Demands, ids: set[str]) -> int | None:
    """Households that no bundles of the fresh parts exceed, by what was proven of the parts that they came from.

    Wishes that were added only forbid, so they raise nothing; a fixed bundle that keeps the rules takes its households
    out of what is left. ``None`` if estates were freed or a wish was released.
    """
    if not piece.gone or (old.gone - new.gone) & ids:
        return None
    kept = {(wish.kind, frozenset(wish.estates)) for wish in new.wishes}
    ruling = [wish for wish in old.wishes if wish.kind not in ("fix", "leave_out") and ids.intersection(wish.estates)]
    if any((wish.kind, frozenset(wish.estates)) not in kept for wish in ruling):
        return None
    open_ = {one.estates: one.gap + one.given_up for one in plan.open_parts}
    total = 0
    for part in piece.gone:
        own = set(part.ids)
        covered = sum(one.households for one in plan.bundles if not one.by_hand and own.issuperset(one.members))
        total += covered + open_.get(part.ids, 0) - _fixed_inside(part, new)
    return total


def _fixed_inside(part: Part, new: Demands) -> int:
    """Households of the newly fixed bundles that the part's rules allow: the rest of it cannot have them as well."""
    if any(part.grids):
        return 0
    at = {estate: row for row, estate in enumerate(part.ids)}
    partition, found = Partition(part), 0
    for wish in new.fixed:
        if all(estate in at for estate in wish.estates):
            group = partition.group_of(sum(1 << at[estate] for estate in wish.estates))
            found += 0 if group is None else group.households
    return found


def _spare(prepared: Prepared, plan: BundlePlan, piece: Piece, ids: set[str]) -> int:
    """Households that the touched lead units may give up for shorter ways in these parts, in mode ``near``.

    What is covered in the parts is not counted, so that the share holds also when less is covered there.
    """
    if prepared.settings.mode != "near":
        return 0
    units = {None if pd.isna(one) else str(one) for one in prepared.known.loc[sorted(ids), "unit_id"]}
    gone = {part.ids for part in piece.gone}
    proofs = [unit for unit in plan.units if unit.unit_id in units]
    given = sum(one.given_up for one in plan.open_parts if one.estates not in gone and _units_of(one, prepared) & units)
    elsewhere = sum(unit.households for unit in proofs) - sum(
        one.households for one in plan.bundles if one.unit_id in units and ids.intersection(one.members)
    )
    return max(0, int(prepared.settings.near_share * elsewhere) - given) if len(proofs) == 1 else 0


def _units_of(proof: PartProof, prepared: Prepared) -> set[str | None]:
    """Lead units of a part's estates."""
    units = prepared.candidates.frame.loc[list(proof.estates), "unit_id"]
    return {None if pd.isna(one) else str(one) for one in units}
