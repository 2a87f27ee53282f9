"""The journal of decisions on boundaries and gates: what led from which state to which, so that it can be undone.

A state of a boundary is ``{}`` (there is none) or ``{"row": digest, "outline": digest, "version": id}``: the digest of the
whole row, that of its source and outline, and the row of ``BOUNDARY_HISTORY`` that holds it once it has been replaced. A
state of a gate is ``{}`` or the row itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pandas as pd
import shapely

from data.schemas import BOUNDARIES, BOUNDARY_STEPS
from data.store import UnitOfWork

Record = dict[str, Any]
State = dict[str, Any]
Kind = Literal["put", "accept", "draw", "withdraw", "restore", "undo", "move_gate", "add_gate", "remove_gate"]

LABELS: Final[Mapping[str, str]] = {
    "put": "导入或自动采用",
    "accept": "采用候选边界",
    "draw": "手绘边界",
    "withdraw": "撤回边界",
    "restore": "恢复历史边界",
    "undo": "退回上一个边界",
    "move_gate": "移动出入口",
    "add_gate": "增加出入口",
    "remove_gate": "删除出入口",
}
"""What the screen calls each kind of decision."""
BY_PERSON: Final = ("accept", "draw", "withdraw", "restore", "undo", "move_gate", "add_gate", "remove_gate")
"""Decisions of a person at the screen; ``put`` is what loads and runs do."""
GATE_KINDS: Final = ("move_gate", "add_gate", "remove_gate")
LIVE: Final = ("done", "settled")
"""States of steps that were not undone."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one decision did to one boundary (``gate_id`` is ``None``) or gate."""

    estate_id: str
    kind: str
    before: State
    after: State
    gate_id: str | None = None
    person: str = ""
    at: str = ""
    cause: str = ""
    state: str = "done"
    decision_id: str = ""
    step_id: str = ""


def utc(moment: datetime) -> str:
    """A moment as the tables write it: UTC, ISO 8601, whole seconds.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def row_digest(row: Mapping[str, Any] | None) -> str:
    """A short text that differs whenever two rows of ``BOUNDARIES`` do; "" for no row."""
    if row is None:
        return ""
    cells = [repr(row.get(name)) for name in BOUNDARIES.names if name != "geometry"]
    return _digest("|".join(cells).encode() + _outline(row["geometry"]))


def outline_digest(source: str, geometry: Any) -> str:
    """The same for source and outline alone; start point and turning of a ring do not count."""
    return _digest(source.encode() + _outline(geometry))


def state_of(row: Mapping[str, Any] | None, version: str | None = None) -> State:
    """The state that a row of ``BOUNDARIES`` is, with the history row that keeps it."""
    if row is None:
        return {}
    state = {"row": row_digest(row), "outline": outline_digest(str(row["source"]), row["geometry"])}
    return state if version is None else {**state, "version": version}


def plain_rows(frame: pd.DataFrame) -> dict[str, Record]:
    """Rows of a checked frame as dictionaries by id, the id among them, nulls as ``None``."""
    plain = pd.DataFrame(frame).astype(object)
    plain = plain.where(plain.notna(), None)
    cells = plain.to_dict("records")
    return {
        str(i): {str(frame.index.name): str(i), **{str(k): v for k, v in row.items()}}
        for i, row in zip(plain.index, cells, strict=True)
    }


def read_steps(work: UnitOfWork, **where: Collection[object]) -> list[Step]:
    """Steps in the actor's area that hold one of the values in each named column, oldest first."""
    rows = work.rows(BOUNDARY_STEPS, where)
    return [Step(**row) for row in rows.values()]


def write_steps(work: UnitOfWork, steps: Sequence[Step], *, at: str, cause: str) -> str | None:
    """Add the steps of one new decision of the actor; its id. A person's decision ends what that person could redo."""
    if not steps:
        return None
    person, number = work.actor.person, f"{work.sequence:012d}"
    if any(step.kind in BY_PERSON for step in steps):
        open_ends = read_steps(work, person=[person], state=["undone"])
        set_states(work, [(step, "dropped") for step in open_ends])
    rows: list[dict[str, object]] = [
        {
            "step_id": f"S{number}-{i:06d}",
            "decision_id": f"D{number}",
            "estate_id": step.estate_id,
            "kind": step.kind,
            "person": person,
            "at": at,
            "cause": cause,
            "state": "done",
            "gate_id": step.gate_id,
            "before": step.before,
            "after": step.after,
        }
        for i, step in enumerate(steps)
    ]
    work.put(BOUNDARY_STEPS, BOUNDARY_STEPS.frame(rows))
    return f"D{number}"


def set_states(work: UnitOfWork, changes: Iterable[tuple[Step, str]]) -> None:
    """Give steps another state, and write down their ``before`` and ``after`` as they are here."""
    rows = [(step.step_id, state, step.before, step.after) for step, state in changes]
    if rows:
        frame = pd.DataFrame(rows, columns=["step_id", "state", "before", "after"]).set_index("step_id")
        work.put(BOUNDARY_STEPS, frame, replace_nulls=True)


def _outline(geometry: Any) -> bytes:
    return bytes(shapely.to_wkb(shapely.normalize(shapely.force_2d(geometry)), byte_order=1))


def _digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()[:16]
