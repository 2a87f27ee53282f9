"""A plan under other wishes: only what they touch is solved again, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles.assemble import bundles_of, numbered, open_parts, proof_of, unit_proofs
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.partition import Partition
from planning.bundles.leftovers import leftovers, seen_anew
from planning.bundles.plan import alone, notes_of, unexplained
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.revision.difference import Difference, difference
from planning.bundles.revision.region import Piece, pieces_of, solve_piece, touched_estates
from planning.bundles.types import Bundle, BundlePlan, Fallback, Wish
from planning.bundles.wishes.by_hand import fixed_bundle
from planning.bundles.wishes.clash import refuse_impossible
from planning.bundles.wishes.read import Demands, read_wishes
from planning.violations import Violation


@dataclass(frozen=True)
class Revision:
    """A plan under other wishes, still to be accepted.

    ``added``, ``released``: wishes that only the new or only the old plan has; ``broken``: rules that bundles made by
    hand break and for which a reason is still missing; ``n_solved``: estates in the parts that were solved again.
    """

    plan: BundlePlan
    difference: Difference
    added: tuple[Wish, ...]
    released: tuple[Wish, ...]
    broken: tuple[Violation, ...]
    n_solved: int
    seconds: float


def revise(
    prepared: Prepared,
    plan: BundlePlan,
    wishes: Sequence[Wish],
    *,
    seed: int,
    seconds: float = 10.0,
    explain_seconds: float = 0.0,
) -> Revision:
    """Solve the parts again that the added and released wishes touch.

    Bundles of all other parts stay as they are, with their ids and reasons. In the touched ones as many households as
    possible are covered, and of plans that cover as many one that changes few estates is taken. What the old plan proved
    is used: wishes that only forbid cannot raise a bound.

    Parameters
    ----------
    prepared
        As the plan was solved with.
    plan
        Solved with ``prepared``, or revised from such a plan.
    wishes
        All wishes that shall hold.
    seed, seconds
        Random seed and wall-clock guard.
    explain_seconds
        For asking what it would cost to take in the estates that are newly left over; see `explain_again`.

    Raises
    ------
    InputError
        If the rules differ from the plan's, or the wishes are meaningless, contradict each other or the rules (the
        smallest such set is named). The plan is as it was.
    """
    begun = monotonic()
    if plan.settings != prepared.settings:
        raise InputError("规则与方案求解时的不同", "请先按新的规则重新求解，再作人工调整")
    if sum(unit.bound for unit in plan.units) != plan.bound:
        raise InputError("方案是较早的版本算出的，缺少证明", "请先重新求解，再作人工调整")
    old, new = read_wishes(prepared, plan.wishes), read_wishes(prepared, wishes)
    refuse_impossible(prepared, new, (), seed=seed, seconds=seconds)
    touched = touched_estates(old, new)
    pieces = pieces_of(prepared, old, new, touched)
    formed = [frozenset(one.members) for one in plan.bundles if not one.by_hand]
    answers: list[Answer] = []
    for piece in pieces:
        answers += solve_piece(prepared, plan, piece, old, new, formed, seed, begun + seconds)
    refuse_impossible(prepared, new, answers, seed=seed, seconds=begun + seconds - monotonic())
    made = _bundles(prepared, plan, new, pieces, answers)
    bundles, last = numbered(made, plan)
    bundles = _in_place(bundles, plan)
    fallback = _fallback(prepared, plan, new, pieces, answers, bundles, touched, seed, explain_seconds)
    after = _assembled(prepared, plan, new, pieces, answers, bundles, fallback, last, begun)
    return Revision(
        plan=after,
        difference=difference(plan, after),
        added=tuple(wish for wish in wishes if wish not in plan.wishes),
        released=tuple(wish for wish in plan.wishes if wish not in wishes),
        broken=unexplained(prepared, bundles),
        n_solved=sum(len(answer.part.ids) for answer in answers),
        seconds=monotonic() - begun,
    )


# -------------------------------------------------------------------------------------------------- the plan again


def _bundles(
    prepared: Prepared, plan: BundlePlan, new: Demands, pieces: Sequence[Piece], answers: Sequence[Answer]
) -> list[Bundle]:
    """Old bundles outside the parts solved again, new ones inside, and those made by hand."""
    redone = {estate for piece in pieces for part in (*piece.gone, *piece.fresh) for estate in part.ids}
    old = {frozenset(one.members): one for one in plan.bundles}
    found = [one for one in plan.bundles if not one.by_hand and not redone.intersection(one.members)]
    for answer in answers:
        fresh = []
        for key, group in sorted(answer.partition.groups.items()):
            one = old.get(_members(answer, group.mask))
            if one is not None and not one.by_hand and one.medoid == answer.part.ids[group.medoid]:
                found.append(one)
            else:
                fresh.append(key)
        found += bundles_of(answer, prepared, fresh, explain=False)
    for wish in new.fixed:
        one = old.get(frozenset(wish.estates))
        same_hand = one is not None and one.by_hand
        found.append(replace(one, reason=wish.reason.strip()) if one and same_hand else fixed_bundle(prepared, wish))
    return found


def _members(answer: Answer, mask: int) -> frozenset[str]:
    return frozenset(answer.part.ids[row] for row in bits(mask))


def _in_place(bundles: Sequence[Bundle], plan: BundlePlan) -> tuple[Bundle, ...]:
    """Unchanged bundles are the very same values as before."""
    old = {one.bundle_id: one for one in plan.bundles}
    return tuple(old[one.bundle_id] if old.get(one.bundle_id) == one else one for one in bundles)


def _fallback(
    prepared: Prepared,
    plan: BundlePlan,
    new: Demands,
    pieces: Sequence[Piece],
    answers: Sequence[Answer],
    bundles: Sequence[Bundle],
    touched: frozenset[str],
    seed: int,
    seconds: float,
) -> tuple[Fallback, ...]:
    """Reasons as they were where nothing was solved again, new ones where something was."""
    frame = prepared.candidates.frame
    bundled = {member for one in bundles for member in one.members}
    served = {str(estate) for estate in frame.index[~frame["anchor"].to_numpy(dtype=bool)]}
    open_ = (served | prepared.left_out.keys()) - bundled
    redone = {estate for piece in pieces for part in (*piece.gone, *piece.fresh) for estate in part.ids} | touched
    kept = {one.estate_id: one for one in plan.fallback if one.estate_id in open_ and one.estate_id not in redone}
    wanted = open_ - kept.keys()
    beside = [one for one in kept.values() if touched & {other.estate_id for other in one.neighbours}]
    kept |= {one.estate_id: one for one in seen_anew(prepared, new, bundles, beside)} if beside else {}
    fresh: tuple[Fallback, ...] = ()
    if wanted:
        fresh = leftovers(
            prepared,
            new,
            [piece.pool for piece in pieces],
            [*answers, *(_as_it_was(part, bundles) for piece in pieces for part in piece.same)],
            bundles,
            wanted,
            seed=seed,
            seconds=seconds,
            progress=SILENT,
        )
    found = {**kept, **{one.estate_id: one for one in fresh}}
    return tuple(found[estate] for estate in sorted(found))


def _as_it_was(part: Part, bundles: Sequence[Bundle]) -> Answer:
    """A part that was not solved again, with its bundles."""
    at = {estate: row for row, estate in enumerate(part.ids)}
    masks = (sum(1 << at[m] for m in one.members) for one in bundles if not one.by_hand and one.members[0] in at)
    partition = Partition.of(part, tuple(masks))
    return Answer(part, partition, partition.score.households)


def _assembled(
    prepared: Prepared,
    plan: BundlePlan,
    new: Demands,
    pieces: Sequence[Piece],
    answers: Sequence[Answer],
    bundles: tuple[Bundle, ...],
    fallback: tuple[Fallback, ...],
    last: int,
    begun: float,
) -> BundlePlan:
    gone = {part.ids for piece in pieces for part in piece.gone}
    still_open = open_parts(
        [*(one for one in plan.open_parts if one.estates not in gone), *(proof_of(answer) for answer in answers)]
    )
    proofs = unit_proofs(prepared, bundles, still_open)
    covered, given_up = sum(one.households for one in bundles), sum(unit.given_up for unit in proofs)
    bound = sum(unit.bound for unit in proofs)
    return replace(
        plan,
        bundles=bundles,
        alone=alone(prepared, {member for one in bundles for member in one.members}),
        fallback=fallback,
        households_covered=covered,
        bound=bound,
        proven=bound == covered + given_up,
        seconds=monotonic() - begun,
        notes=(*prepared.candidates.notes, *notes_of(prepared, new)),
        units=proofs,
        wishes=new.wishes,
        given_up=given_up,
        open_parts=still_open,
        last_number=last,
    )
