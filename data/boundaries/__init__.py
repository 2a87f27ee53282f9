"""Boundaries and gates of estates in the store: who may replace what, decisions of persons, history, undo.

Everything runs inside a unit of work (``store.begin(actor, write=True)``), so that a decision is kept whole or not at all,
and writers queue up.
"""

from data.boundaries.decide import accept, draw
from data.boundaries.gates import add_gate, estates_with_own_gates, move_gate, remove_gate
from data.boundaries.journal import LABELS
from data.boundaries.outline import checked_outline
from data.boundaries.precedence import SOURCE_LABELS, better, weigh
from data.boundaries.proposals import put_proposals
from data.boundaries.put import PutOutcome, history, marks, put_boundaries, put_weighed, withdraw
from data.boundaries.undo import (
    Conflict,
    Decision,
    Undone,
    next_redo,
    next_undo,
    redo_last,
    restore,
    undo,
    undo_last,
)

__all__ = [
    "LABELS",
    "SOURCE_LABELS",
    "Conflict",
    "Decision",
    "PutOutcome",
    "Undone",
    "accept",
    "add_gate",
    "better",
    "checked_outline",
    "draw",
    "estates_with_own_gates",
    "history",
    "marks",
    "move_gate",
    "next_redo",
    "next_undo",
    "put_boundaries",
    "put_proposals",
    "put_weighed",
    "redo_last",
    "remove_gate",
    "restore",
    "undo",
    "undo_last",
    "weigh",
    "withdraw",
]
