"""Decisions on bundles: each stores a new plan and a step that the audit log shows; undo, redo, and named versions.

Plans of one area and way are a line of documents, the last one in force. A decision is made on a plan that must still be
in force, and on data that must still be as they were; otherwise it is refused, and nothing is ever overwritten. Undoing
puts the plan before the decision in force again (as a new document that says which one it repeats), so it works after a
restart.
"""

from planning.bundle_versions.decide import decide, solved
from planning.bundle_versions.named import Version, compare, make_current, save_version, version, versions
from planning.bundle_versions.steps import Step, current, history, period_of
from planning.bundle_versions.turn import can_redo, can_undo, redo, undo

__all__ = [
    "Step",
    "Version",
    "can_redo",
    "can_undo",
    "compare",
    "current",
    "decide",
    "history",
    "make_current",
    "period_of",
    "redo",
    "save_version",
    "solved",
    "undo",
    "version",
    "versions",
]
