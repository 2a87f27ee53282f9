"""Boundaries into the store, out of it, and their history: nothing that was in force is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from data.boundaries.journal import Kind, Record, Step, row_digest, state_of, utc, write_steps
from data.boundaries.precedence import SOURCE_LABELS, WORKED_OUT, Kept, Weighed, weigh
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, ESTATES
from data.store import Change, UnitOfWork
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class PutOutcome:
    """What became of offered boundaries.

    Attributes
    ----------
    kept_better
        ``(estate_id, source in force, source offered)`` where a better source is in force and nobody gave a reason.
    kept_chosen
        The same where a person decided against the offer, or chose another one of equal rank.
    decision_id
        Names the decision in ``BOUNDARY_STEPS``; ``None`` when nothing was done that can be undone.
    notes
        Chinese sentences on what was mended or should be looked at.
    """

    change: Change = field(default_factory=Change)
    kept_better: tuple[Kept, ...] = ()
    kept_chosen: tuple[Kept, ...] = ()
    decision_id: str | None = None
    notes: tuple[str, ...] = ()


def put_boundaries(
    work: UnitOfWork,
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    *,
    by_person: bool = False,
    cause: str,
    now: datetime,
    kind: Kind | None = None,
    reason: str | None = None,
) -> PutOutcome:
    """Put boundaries in force where their source may replace what is there (see `data.boundaries.precedence.weigh`).

    What is replaced goes to the history. A row that says what is in force already (source, confidence, model, outline)
    writes nothing, so ``at`` stays. ``person`` and ``at`` are filled in where the row leaves them open.

    Parameters
    ----------
    rows
        Rows for ``BOUNDARIES``, EPSG:4490, valid outlines.
    by_person
        Whether a person at the screen decided each of them; loads and runs leave it false.
    cause
        Why, for the history, one Chinese phrase.
    now
        The moment, with its time zone.
    kind
        Kind of the decision in the journal; by default ``accept`` for a person, else ``put``.
    reason
        A person's reason to replace better sources; by default each row's own.

    Raises
    ------
    InputError
        If the actor may not write, or an estate lies outside the actor's area.
    ValueError
        If the rows break the schema, an outline is missing, or there is no cause.
    """
    weighed = weigh(work, rows, by_person=by_person, reason=reason)
    return put_weighed(work, weighed, kind=kind or ("accept" if by_person else "put"), cause=cause, now=now)


def put_weighed(work: UnitOfWork, weighed: Weighed, *, kind: Kind = "put", cause: str, now: datetime) -> PutOutcome:
    """The second half of `put_boundaries`, for those who must know before what will go in; no other change between."""
    _need(cause)
    at = utc(now)
    filled = {
        str(row["estate_id"]): {**row, "person": row["person"] or work.actor.person, "at": row["at"] or at}
        for row in weighed.put
    }
    with work.together():
        decision = change_boundaries(work, filled, kind=kind, cause=cause, at=at, stored=weighed.stored)
    n_changed = sum(estate_id in weighed.stored for estate_id in filled)
    change = Change(len(filled) - n_changed, n_changed, weighed.n_unchanged)
    return PutOutcome(change, weighed.kept_better, weighed.kept_chosen, decision)


def withdraw(work: UnitOfWork, estate_id: str, cause: str, now: datetime) -> PutOutcome:
    """Take an estate's boundary out of force; it stays in the history.

    Raises
    ------
    InputError
        If there is none in the actor's area, or the actor may not write.
    ValueError
        If there is no cause.
    """
    _need(cause)
    stored = in_force(work, [estate_id])
    if estate_id not in stored:
        raise InputError("这个小区没有边界可以撤回", "请刷新页面后再看")
    with work.together():
        decision = change_boundaries(work, {estate_id: None}, kind="withdraw", cause=cause, at=utc(now), stored=stored)
    return PutOutcome(Change(changed=1), decision_id=decision)


def history(work: UnitOfWork, estate_id: str) -> pd.DataFrame:
    """``BOUNDARY_HISTORY`` of one estate, newest first."""
    return work.read(BOUNDARY_HISTORY, where={"estate_id": [estate_id]}).sort_index(ascending=False)


def in_force(work: UnitOfWork, estate_ids: Sequence[str]) -> dict[str, Record]:
    """Rows of ``BOUNDARIES`` by estate, of those that have one."""
    return work.rows(BOUNDARIES, {"estate_id": estate_ids})


def marks(work: UnitOfWork, estate_ids: Sequence[str]) -> dict[str, str]:
    """A short text for each estate that changes whenever its boundary does ("" without one).

    Kept with what the screen shows and handed back with a decision (``expected``), it tells whether somebody else has
    been faster.
    """
    rows = in_force(work, estate_ids)
    return {estate_id: row_digest(rows.get(estate_id)) for estate_id in estate_ids}


def refuse_stale(work: UnitOfWork, estate_ids: Sequence[str], expected: Mapping[str, str] | None) -> None:
    """Raise if one of the estates is not the actor's, or its boundary is not the expected one any more."""
    names = work.rows(ESTATES, {"estate_id": estate_ids})
    unknown = [i for i in estate_ids if i not in names]
    if unknown:
        raise InputError(f"小区“{unknown[0]}”不存在，或不在您负责的范围内", "请刷新页面；或请上级、管理员处理")
    if expected is None:
        return
    rows = in_force(work, estate_ids)
    for estate_id in estate_ids:
        row = rows.get(estate_id)
        if estate_id in expected and expected[estate_id] != row_digest(row):
            who = "已被撤回" if row is None else f"已由{row['person'] or '别人'}改为另一个"
            name = names[estate_id]["name"]
            raise InputError(f"“{name}”的边界在您打开页面之后{who}，本次没有改动", "请刷新页面，看过新的边界再决定")


def refuse_kept(outcome: PutOutcome) -> PutOutcome:
    """Raise when a single decision was not taken because a better source is in force."""
    if outcome.kept_better:
        _, stored, offered = outcome.kept_better[0]
        problem = f"现有边界来自{SOURCE_LABELS[stored]}，比{SOURCE_LABELS[offered]}更可靠，没有替换"
        raise InputError(problem, "确需替换时，请写明原因")
    return outcome


def change_boundaries(
    work: UnitOfWork,
    targets: Mapping[str, Record | None],
    *,
    kind: Kind,
    cause: str,
    at: str,
    stored: Mapping[str, Record],
) -> str | None:
    """Put rows in force (``None``: none) without weighing them, with history and journal; the id of the decision.

    The first boundary that a survey or drawing file gives is not journalled: nobody takes it back step by step, and
    there is one for every estate of a city.
    """
    if not targets:
        return None
    versions = set_in_force(work, targets, cause=cause, at=at, stored=stored)
    journalled = [
        i
        for i, row in targets.items()
        if kind != "put" or i in stored or (row is not None and row["source"] in WORKED_OUT)
    ]
    fresh = in_force(work, journalled) if journalled else {}
    steps = [Step(i, kind, state_of(stored.get(i), versions.get(i)), state_of(fresh.get(i))) for i in journalled]
    return write_steps(work, steps, at=at, cause=cause)


def set_in_force(
    work: UnitOfWork, targets: Mapping[str, Record | None], *, cause: str, at: str, stored: Mapping[str, Record]
) -> dict[str, str]:
    """Put rows in force (``None``: none), and what they replace into the history: estate → id of its history row."""
    replaced = [i for i in targets if i in stored]
    number = f"{work.sequence:012d}"
    versions = {estate_id: f"V{number}-{i:06d}" for i, estate_id in enumerate(replaced)}
    if replaced:
        rows: list[dict[str, object]] = [
            {
                **stored[i],
                "version_id": versions[i],
                "replaced_at": at,
                "replaced_by": work.actor.person,
                "cause": cause,
            }
            for i in replaced
        ]
        work.put(BOUNDARY_HISTORY, BOUNDARY_HISTORY.frame(rows))
    fresh: list[dict[str, object]] = [dict(row) for row in targets.values() if row is not None]
    if fresh:
        work.put(BOUNDARIES, BOUNDARIES.frame(fresh), replace_nulls=True)
    gone = [i for i, row in targets.items() if row is None and i in stored]
    if gone:
        work.remove(BOUNDARIES, gone, cause)
    return versions


def _need(cause: str) -> None:
    if not cause.strip():
        raise ValueError("a change of a boundary needs a cause")
