"""From groups of rows to a plan's bundles, their numbers, and what is proven of each lead unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.bundles.candidates.money import money_of
from planning.bundles.engine.graph import bits
from planning.bundles.prepare import Prepared
from planning.bundles.proposal.propose import Answer
from planning.bundles.reasons.explain_bundle import Explained, explain_bundle
from planning.bundles.reasons.slacks import Members, slacks
from planning.bundles.types import Bundle, BundlePlan, PartProof, UnitProof


def proof_of(answer: Answer) -> PartProof:
    """The proof that comes with a part's answer."""
    return PartProof(answer.part.ids, answer.bound - answer.households - answer.given_up, answer.given_up)


def bundles_of(
    answer: Answer, prepared: Prepared, keys: Iterable[int] | None = None, *, explain: bool = True
) -> list[Bundle]:
    """The bundles of a part (or only those of some keys), ids still to be given.

    Parameters
    ----------
    explain
        False: only what binds is told; slacks, additions and alternatives stay empty (they take longer than a solution).
    """
    chosen = sorted(answer.partition.groups if keys is None else keys)
    return [_bundle(answer, key, prepared, explain) for key in chosen]


def _bundle(answer: Answer, key: int, prepared: Prepared, explain: bool) -> Bundle:
    part, group, settings = answer.part, answer.partition.groups[key], prepared.settings
    rows = list(bits(group.mask))
    members = tuple(part.ids[row] for row in rows)
    metres = part.distance_m
    table = prepared.candidates.frame.loc[list(members)]
    anchor = next((part.ids[row] for row in bits(group.mask & part.anchors)), None)
    served = table if anchor is None else table.drop(index=anchor)
    walks = np.asarray([[metres[a][b] for b in rows] for a in rows])
    linked, touch = _among(part.links, rows), None if part.touch is None else _among(part.touch, rows)
    medoid = part.ids[group.medoid]
    if explain:
        told = explain_bundle(
            members,
            medoid,
            prepared.candidates.frame,
            walks,
            linked,
            settings,
            touch=touch,
            anchor=anchor,
            partition=answer.partition,
            key=key,
        )
    else:
        here = Members.of(table, walks, linked, touch, None if anchor is None else members.index(anchor))
        told = Explained(slacks(here, members.index(medoid), settings)[0].text, (), (), "")
    return Bundle(
        bundle_id="",
        unit_id=_unit(table["unit_id"].iloc[0]),
        members=members,
        medoid=medoid,
        households=group.households,
        floor_area_m2=round(float(served["floor_area_m2"].sum()), 2),
        distances_m=tuple(round(metres[group.medoid][row], 1) for row in rows),
        diameter_m=round(float(walks.max()), 1),
        binding=told.binding,
        needs_consent=tuple(served.index[served["consent"] == "unknown"]) if settings.ask_consent else (),
        anchor=anchor,
        money=money_of(served, settings.costs),
        slacks=told.slacks,
        additions=told.additions,
        nearest_other=told.nearest_other,
    )


def _among(relation: Sequence[int], rows: Sequence[int]) -> NDArray[np.bool_]:
    """A relation given as masks, among some rows, as a matrix."""
    return np.asarray([[bool(relation[a] >> b & 1) for b in rows] for a in rows])


def _unit(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


# --------------------------------------------------------------------------------------------------------- numbers


def in_order(bundles: Iterable[Bundle]) -> list[Bundle]:
    """By lead unit, then members."""
    return sorted(bundles, key=lambda one: (one.unit_id or "", one.members))


def numbered(
    bundles: Sequence[Bundle], before: BundlePlan | None = None, *, anew: bool = False
) -> tuple[tuple[Bundle, ...], int]:
    """The bundles with ids, and the highest number ever given in this line of plans.

    A bundle keeps the id of the earlier one with the same members; of the rest each takes the id of the one whose
    members it holds most of (by number of estates), and what remains gets new numbers. So 服务单元3 stays 服务单元3
    while people speak of it, and no number comes back for another bundle; only a plan that was solved ``anew`` fills the
    gaps first, so that its numbers do not run on with every solve.
    """
    old = {} if before is None else {one.bundle_id: set(one.members) for one in before.bundles}
    ordered = in_order(bundles)
    last = 0 if before is None else max([before.last_number, *(number_of(name) for name in old)])
    by_members = {frozenset(members): name for name, members in old.items()}
    names: dict[int, str] = {}
    for place, one in enumerate(ordered):
        same = by_members.get(frozenset(one.members))
        if same is not None:
            names[place] = same
    free = old.keys() - set(names.values())
    homes = {member: name for name in free for member in old[name]}
    shared: dict[tuple[int, str], int] = {}
    for place, one in enumerate(ordered):
        if place not in names:
            for member in one.members:
                if member in homes:
                    pair = place, homes[member]
                    shared[pair] = shared.get(pair, 0) + 1
    for place, name in sorted(shared, key=lambda pair: (-shared[pair], pair[1], pair[0])):
        if place not in names and name in free:
            names[place] = name
            free.discard(name)
    taken = {number_of(name) for name in names.values()}
    fresh = (number for number in count(1 if anew else last + 1) if number not in taken)
    for place in range(len(ordered)):
        if place not in names:
            names[place] = f"B{next(fresh):03d}"
    if anew:
        last = 0
    last = max([last, *(number_of(name) for name in names.values())])
    made = [replace(one, bundle_id=names[place]) for place, one in enumerate(ordered)]
    return tuple(sorted(made, key=lambda one: (one.unit_id or "", number_of(one.bundle_id), one.bundle_id))), last


def number_of(bundle_id: str) -> int:
    """The number in an id such as ``B012``; 0 if it has none."""
    digits = bundle_id[1:]
    return int(digits) if digits.isdigit() else 0


# ---------------------------------------------------------------------------------------------------------- proofs


def open_parts(proofs: Iterable[PartProof]) -> tuple[PartProof, ...]:
    """Those in which something is open, in the order of their estates."""
    return tuple(sorted((one for one in proofs if one.gap or one.given_up), key=lambda one: one.estates))


def unit_proofs(prepared: Prepared, bundles: Sequence[Bundle], proofs: Iterable[PartProof]) -> tuple[UnitProof, ...]:
    """How good the bundles of each lead unit are.

    Bundles count for the unit that they name, what a part leaves open for the unit of its first candidate (a part has
    two only where a grid that must not be divided lies in two).
    """
    gaps: dict[str | None, int] = {}
    given: dict[str | None, int] = {}
    for proof in proofs:
        unit = _unit(prepared.candidates.frame.at[proof.estates[0], "unit_id"])
        gaps[unit] = gaps.get(unit, 0) + proof.gap
        given[unit] = given.get(unit, 0) + proof.given_up
    frame = prepared.candidates.frame
    served = frame[~frame["anchor"].to_numpy(dtype=bool)]
    candidates = {_unit(unit): int(n) for unit, n in served["unit_id"].value_counts(dropna=False).items()}
    found = []
    for unit in sorted(candidates.keys() | {one.unit_id for one in bundles}, key=lambda one: (one is None, one or "")):
        own = [one for one in bundles if one.unit_id == unit]
        covered = sum(one.households for one in own)
        found.append(
            UnitProof(
                unit_id=unit,
                n_candidates=candidates.get(unit, 0),
                n_bundles=len(own),
                households=covered,
                bound=covered + given.get(unit, 0) + gaps.get(unit, 0),
                metres=round(sum(sum(one.distances_m) for one in own), 1),
                given_up=given.get(unit, 0),
            )
        )
    return tuple(found)
