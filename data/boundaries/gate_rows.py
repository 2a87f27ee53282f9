"""Rows of gates, read and written by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.boundaries.journal import Record
from data.schemas import GATES
from data.store import UnitOfWork


def gates_by_id(work: UnitOfWork, gate_ids: Sequence[str]) -> dict[str, Record]:
    """Rows of ``GATES`` in the actor's area."""
    return work.rows(GATES, {"gate_id": gate_ids})


def gates_of(work: UnitOfWork, estate_id: str) -> dict[str, Record]:
    """Rows of ``GATES`` of one estate."""
    return work.rows(GATES, {"estate_id": [estate_id]})


def put_gates(work: UnitOfWork, targets: Mapping[str, Record | None], cause: str) -> None:
    """Put gates (``None``: take them out)."""
    rows: list[dict[str, object]] = [dict(row) for row in targets.values() if row is not None]
    if rows:
        work.put(GATES, GATES.frame(rows), replace_nulls=True)
    gone = [gate_id for gate_id, row in targets.items() if row is None]
    if gone:
        work.remove(GATES, gone, cause)
