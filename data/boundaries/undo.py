"""Undo and redo: of a person's own decisions one after the other, and of the last change of one estate."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from data.boundaries.gate_rows import gates_by_id, put_gates
from data.boundaries.journal import (
    BY_PERSON,
    LABELS,
    LIVE,
    Record,
    State,
    Step,
    read_steps,
    row_digest,
    set_states,
    utc,
)
from data.boundaries.precedence import last_step
from data.boundaries.put import (
    PutOutcome,
    change_boundaries,
    in_force,
    put_boundaries,
    refuse_kept,
    refuse_stale,
    set_in_force,
)
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY
from data.store import UnitOfWork
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision as a button shows it: what, when, on which estates."""

    decision_id: str
    kind: str
    at: str
    cause: str
    estate_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class Conflict:
    """An estate that was left as it is, because it has been changed since: by whom and when, where that is known."""

    estate_id: str
    person: str | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo did. ``restored``: estates that are as before (or as after) the decision again."""

    decision: Decision
    restored: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()


def next_undo(work: UnitOfWork, since: datetime | None = None, among: Collection[str] | None = None) -> Decision | None:
    """The actor's newest decision that `undo_last` would undo; ``since`` and ``among`` as there."""
    return _decision(_newest(_own(work, ("done",), since, among)))


def next_redo(work: UnitOfWork, since: datetime | None = None, among: Collection[str] | None = None) -> Decision | None:
    """The decision that `redo_last` would do again."""
    return _decision(_oldest(_own(work, ("undone",), since, among)))


def undo_last(
    work: UnitOfWork, now: datetime, since: datetime | None = None, among: Collection[str] | None = None
) -> Undone | None:
    """Undo the actor's newest decision that is not undone yet (Ctrl-Z); a bulk decision as a whole.

    An estate that somebody else (or a load) has changed since stays as it is and is reported; the next undo then goes on
    to the decision before.

    Parameters
    ----------
    since
        Start of the session: older decisions are not touched.
    among
        Ids of the session's own decisions (`PutOutcome.decision_id`), where several sessions work under one name.

    Returns
    -------
    Undone or None
        ``None`` when there is nothing to undo.
    """
    return _turn(work, _newest(_own(work, ("done",), since, among)), now, back=True)


def redo_last(
    work: UnitOfWork, now: datetime, since: datetime | None = None, among: Collection[str] | None = None
) -> Undone | None:
    """Do the decision again that was undone last, unless a new one was made since (Ctrl-Y); see `undo_last`."""
    return _turn(work, _oldest(_own(work, ("undone",), since, among)), now, back=False)


def undo(work: UnitOfWork, estate_id: str, now: datetime) -> Undone:
    """Put the state of an estate's boundary before its last change in force again, whoever made the change.

    That may be no boundary at all. It is a decision of its own: undoing twice comes back to where it began.

    Raises
    ------
    InputError
        If nothing was ever changed, or the estate is not the actor's.
    """
    refuse_stale(work, [estate_id], None)
    stored = in_force(work, [estate_id])
    step = last_step(read_steps(work, estate_id=[estate_id], state=LIVE))
    if step is None or step.after.get("row", "") != row_digest(stored.get(estate_id)):
        raise InputError("这个小区的边界是首次导入的，没有更早的状态", "如需去掉这条边界，请用“撤回”")
    targets = _rows_of(work, {estate_id: step.before})
    at, cause = utc(now), f"退回到“{LABELS[step.kind]}”之前"
    with work.together():
        decision = change_boundaries(work, targets, kind="undo", cause=cause, at=at, stored=stored)
    if decision is None:
        raise ValueError(f"undoing {estate_id} was not journalled")
    return Undone(Decision(decision, "undo", at, cause, (estate_id,)), (estate_id,))


def restore(work: UnitOfWork, version_id: str, reason: str, now: datetime) -> PutOutcome:
    """Put a row of the history in force again; with a reason also in place of a better source.

    Raises
    ------
    InputError
        If there is no such version in the actor's area, or a better source is in force and no reason is given.
    """
    rows = work.rows(BOUNDARY_HISTORY, {"version_id": [version_id]})
    if version_id not in rows:
        raise InputError("没有这个历史边界，或不在您负责的范围内", "请刷新页面后再看")
    row = _as_boundary(rows[version_id])
    cause = f"恢复历史边界：{reason.strip()}" if reason.strip() else "恢复历史边界"
    return refuse_kept(put_boundaries(work, [row], by_person=True, cause=cause, now=now, kind="restore", reason=reason))


def _own(work: UnitOfWork, states: Sequence[str], since: datetime | None, among: Collection[str] | None) -> list[Step]:
    """The actor's own steps in these states, oldest first."""
    steps = read_steps(work, person=[work.actor.person], state=states, kind=BY_PERSON)
    start = "" if since is None else utc(since)
    return [step for step in steps if step.at >= start and (among is None or step.decision_id in among)]


def _newest(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.decision_id == steps[-1].decision_id]


def _oldest(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.decision_id == steps[0].decision_id]


def _decision(steps: Sequence[Step]) -> Decision | None:
    if not steps:
        return None
    first = steps[0]
    estates = tuple(dict.fromkeys(step.estate_id for step in steps))
    return Decision(first.decision_id, first.kind, first.at, first.cause, estates)


def _turn(work: UnitOfWork, steps: Sequence[Step], now: datetime, *, back: bool) -> Undone | None:
    """Bring the boundaries and gates of one decision back to before it, or again to after it."""
    decision = _decision(steps)
    if decision is None:
        return None
    cause = f"{'撤销' if back else '重做'}“{decision.label}”"
    with work.together():
        turned, conflicts = _turn_outlines(work, [s for s in steps if s.gate_id is None], cause, utc(now), back=back)
        gates, more = _turn_gates(work, [s for s in steps if s.gate_id is not None], cause, back=back)
        set_states(work, [(step, "undone" if back else "done") for step in (*turned, *gates)])
        set_states(work, [(step, "settled" if back else "dropped") for step in (*conflicts, *more)])
        left = tuple(_conflict(work, step) for step in (*conflicts, *more))
    restored = tuple(dict.fromkeys(step.estate_id for step in (*turned, *gates)))
    return Undone(decision, restored, left)


def _ends(step: Step, back: bool) -> tuple[State, State]:
    """The state that must be in force now, and the one that shall be."""
    return (step.after, step.before) if back else (step.before, step.after)


def _turn_outlines(
    work: UnitOfWork, steps: Sequence[Step], cause: str, at: str, *, back: bool
) -> tuple[list[Step], list[Step]]:
    """Steps turned, with the versions that keep what they replaced, and steps that cannot be."""
    if not steps:
        return [], []
    stored = in_force(work, [step.estate_id for step in steps])
    wanted: dict[str, Step] = {}
    conflicts: list[Step] = []
    for step in steps:
        now_is, _ = _ends(step, back)
        if row_digest(stored.get(step.estate_id)) == now_is.get("row", ""):
            wanted[step.estate_id] = step
        else:
            conflicts.append(step)
    targets = _rows_of(work, {i: _ends(step, back)[1] for i, step in wanted.items()})
    versions = set_in_force(work, targets, cause=cause, at=at, stored=stored)
    turned = []
    for i, step in wanted.items():
        kept = {**_ends(step, back)[0], "version": versions[i]} if i in versions else {}
        turned.append(replace(step, after=kept) if back else replace(step, before=kept))
    return turned, conflicts


def _turn_gates(work: UnitOfWork, steps: Sequence[Step], cause: str, *, back: bool) -> tuple[list[Step], list[Step]]:
    stored = gates_by_id(work, [step.gate_id for step in steps if step.gate_id is not None]) if steps else {}
    turned, conflicts = [], []
    targets: dict[str, Record | None] = {}
    for step in steps:
        now_is, then = _ends(step, back)
        if step.gate_id is not None and (stored.get(step.gate_id) or {}) == now_is:
            targets[step.gate_id] = then or None
            turned.append(step)
        else:
            conflicts.append(step)
    put_gates(work, targets, cause)
    return turned, conflicts


def _conflict(work: UnitOfWork, step: Step) -> Conflict:
    """Who was faster: the newest step of the same boundary or gate that is not the given one, else its present row."""
    where = {"estate_id": [step.estate_id], "state": LIVE}
    later = [
        other for other in read_steps(work, **where) if other.gate_id == step.gate_id and other.step_id > step.step_id
    ]
    if later:
        return Conflict(step.estate_id, later[-1].person, later[-1].at)
    row = in_force(work, [step.estate_id]).get(step.estate_id) if step.gate_id is None else None
    return Conflict(step.estate_id, None, None) if row is None else Conflict(step.estate_id, row["person"], row["at"])


def _rows_of(work: UnitOfWork, states: Mapping[str, State]) -> dict[str, Record | None]:
    """The rows that states stand for, from the history; ``None`` for no boundary."""
    versions = {i: str(state["version"]) for i, state in states.items() if state}
    rows = work.rows(BOUNDARY_HISTORY, {"version_id": list(versions.values())}) if versions else {}
    return {i: _as_boundary(rows[versions[i]]) if i in versions else None for i in states}


def _as_boundary(row: Record) -> Record:
    return {name: row[name] for name in ("estate_id", *BOUNDARIES.names)}
